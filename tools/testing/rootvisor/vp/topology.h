/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets, cores and threads in the CPUID of children. */
#ifndef _RV_VP_TOPOLOGY_H
#define _RV_VP_TOPOLOGY_H

#include <rv/base.h>

struct cpuid_regs;
struct vp;

/* Puts the partition's topology into a leaf of the processor. */
void topology_show(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r);

/* Removes what the VMM gives itself, before its values are applied. */
void topology_yield(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r);

/* Removes what it must not show, afterwards. */
void topology_limit(struct vp *vp, u32 leaf, struct cpuid_regs *r);

#endif
