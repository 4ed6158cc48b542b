/* SPDX-License-Identifier: GPL-2.0 */
/* Architectural MSRs of children. */
#ifndef _RV_VP_MSR_H
#define _RV_VP_MSR_H

#include <rv/base.h>

struct vp;

#define NR_VAR_MTRRS		8
#define NR_FIXED_MTRRS		11

void msr_reset(struct vp *vp);
void child_set_tsc(struct vp *vp, u64 value);
void child_set_tsc_offset(struct vp *vp, u64 offset);
bool child_set_efer(struct vp *vp, u64 value);
bool pat_valid(u64 pat);

#endif
