/* SPDX-License-Identifier: GPL-2.0 */
/* Extended state of a child VP. */
#ifndef _RV_VP_REGS_FPU_H
#define _RV_VP_REGS_FPU_H

#include <rv/base.h>

struct vp;

bool child_set_xcr0(struct vp *vp, u64 value);
void xsave_reset(struct vp *vp);
/* The first XMM registers, of a VP whose state is in memory. */
void xmm_get(struct vp *vp, void *to, u32 bytes);

#endif
