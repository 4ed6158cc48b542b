/* SPDX-License-Identifier: GPL-2.0 */
/* What a VMM has registered: intercepts, results of CPUID and of MSRs. */
#ifndef _RV_VP_RULES_H
#define _RV_VP_RULES_H

#include <rv/base.h>

struct cpuid_regs;
struct partition;
struct vp;

/* Does the VMM want this access to an MSR or CPUID leaf, or this exception? */
bool intercept_wanted(struct partition *p, u32 type, u64 param, u32 access);
bool exception_wanted(struct partition *p, u32 vector);
/* A registered MSR result: 0: fault, 1: ignore and read zero, -1: none. */
int rules_msr(struct vp *vp, u32 msr, u32 access);
void rules_apply(struct vp *vp);	/* sets what exits because of them */
void rules_free(struct partition *p);
/* The bits of a leaf that have been registered, by register; false if there are none. */
bool rules_cpuid_mask(struct vp *vp, u32 leaf, u32 sub, u32 *mask);
void rules_cpuid(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *regs);

#endif
