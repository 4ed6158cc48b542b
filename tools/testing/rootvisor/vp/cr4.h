/* SPDX-License-Identifier: GPL-2.0 */
/* CR4 of a child VP. */
#ifndef _RV_VP_CR4_H
#define _RV_VP_CR4_H

struct vp;

void exit_cr4_write(struct vp *vp);

#endif
