/* SPDX-License-Identifier: GPL-2.0 */
/* Single steps of a child VP. */
#ifndef _RV_VP_STEP_H
#define _RV_VP_STEP_H

#include <rv/base.h>

struct vp;

/* The guest leaves after one instruction; it is not to know. */
void step_begin(struct vp *vp);
void step_exit(struct vp *vp);		/* after each exit */
void step_stop(struct vp *vp);		/* the VP leaves its LP */
/* True when the exit was the end of a step that the guest is not to know of. */
bool step_hidden(struct vp *vp);
/* At an IRET that may end the blocking of NMIs; at LTR. */
void step_iret(struct vp *vp);
void step_ltr(struct vp *vp);

/* An instruction at RIP is left to the VMM; it has been executed, if it has. */
void step_told(struct vp *vp);
void step_trap(struct vp *vp);
/* Has the VMM been told of the trap that is due, instead of the guest? */
bool step_trap_intercepted(struct vp *vp);

#endif
