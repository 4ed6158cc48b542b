/* SPDX-License-Identifier: GPL-2.0 */
/* What a child VP is interrupted by. */
#ifndef _RV_VP_EVENT_H
#define _RV_VP_EVENT_H

#include <rv/base.h>

struct vp;

/* True when an event could be taken at once (ends a HLT). */
bool child_has_event(struct vp *vp);
void child_nmi(struct vp *vp);

/* What may turn into an intercept before entry; false: do not enter. */
bool child_check(struct vp *vp);

/* After each exit. */
void event_exit(struct vp *vp);

#endif
