/* SPDX-License-Identifier: GPL-2.0 */
/* CR4 of a child VP. */
#ifndef _RV_VP_CR4_H
#define _RV_VP_CR4_H

#include <rv/base.h>

struct vp;

/* May the guest set these bits, by its CPUID? */
bool cr4_allowed(struct vp *vp, u64 value);
void exit_cr4_write(struct vp *vp);

#endif
