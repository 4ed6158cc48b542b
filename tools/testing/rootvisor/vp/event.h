/* SPDX-License-Identifier: GPL-2.0 */
/* Events of a child VP. */
#ifndef _RV_VP_EVENT_H
#define _RV_VP_EVENT_H

#include <rv/base.h>

struct vp;

/* Could an event be delivered at once?  (It ends a HLT.) */
bool child_has_event(struct vp *vp);
void child_nmi(struct vp *vp);

/* Sends intercepts that are due before an entry; false: do not enter. */
bool child_check(struct vp *vp);

/* After each exit. */
void event_exit(struct vp *vp);

#endif
