/* SPDX-License-Identifier: GPL-2.0 */
/* Exits of child VPs. */
#ifndef _RV_VP_EXIT_H
#define _RV_VP_EXIT_H

#include <rv/base.h>

struct vp;

/* As the instruction does; false is #GP. */
bool child_rdmsr(struct vp *vp, u32 msr, u64 *value);
bool child_wrmsr(struct vp *vp, u32 msr, u64 value);

#endif
