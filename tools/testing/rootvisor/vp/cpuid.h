/* SPDX-License-Identifier: GPL-2.0 */
/* CPUID of children. */
#ifndef _RV_VP_CPUID_H
#define _RV_VP_CPUID_H

#include <rv/base.h>

struct cpuid_regs;
struct partition;
struct vp;

void child_cpuid(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r);
/* A guest cannot enable what its CPUID does not offer. */
bool child_has_x2apic(struct vp *vp);
u64 child_efer_bits(struct vp *vp);
u64 child_xcr0_mask(struct partition *p);

#endif
