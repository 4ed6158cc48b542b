/* SPDX-License-Identifier: GPL-2.0 */
/* What the root sees of the processor's CPUID; see root_leaves.c for the model. */
#ifndef _RV_CPU_ROOT_LEAVES_H
#define _RV_CPU_ROOT_LEAVES_H

#include <rv/x86.h>

/* Removes from the processor's answer what the root cannot use; @xcr0: what is switched. */
void root_leaf_limit(u32 leaf, u32 sub, u64 xcr0, struct cpuid_regs *r);

#endif
