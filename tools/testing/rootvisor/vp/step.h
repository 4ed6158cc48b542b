/* SPDX-License-Identifier: GPL-2.0 */
/* Single steps of a child VP. */
#ifndef _RV_VP_STEP_H
#define _RV_VP_STEP_H

#include <rv/base.h>

struct vp;

/* Makes the guest exit after one instruction, without its knowledge. */
void step_begin(struct vp *vp);
void step_exit(struct vp *vp);		/* after each exit */
void step_stop(struct vp *vp);		/* the VP is removed from its LP */
/* Was the exit the end of a hidden step? */
bool step_hidden(struct vp *vp);
/* At an IRET that may unblock NMIs; at LTR. */
void step_iret(struct vp *vp);
void step_ltr(struct vp *vp);

/* The instruction at RIP is reported to the VMM; the VMM may have executed it. */
void step_reported(struct vp *vp);
void step_trap(struct vp *vp);
/* Was the pending trap reported to the VMM, instead of being delivered? */
bool step_trap_intercepted(struct vp *vp);

#endif
