/* SPDX-License-Identifier: GPL-2.0 */
/* DR7 of a child VP. */
#ifndef _RV_VP_DR7_H
#define _RV_VP_DR7_H

struct vp;

void exit_dr7_read(struct vp *vp);
void exit_dr7_write(struct vp *vp);

#endif
