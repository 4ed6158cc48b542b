/* SPDX-License-Identifier: GPL-2.0 */
/* The VMM's interface to a VP's events. */
#ifndef _RV_VP_PENDING_H
#define _RV_VP_PENDING_H

#include <rv/base.h>

struct vp;

/* The event in the entry, in PendingInterruption's layout. */
u64 pending_get(struct vp *vp);
bool pending_set(struct vp *vp, u64 value);
/* Does the VMM wait until an interrupt can be taken, and none in service blocks it? */
bool pending_watched(struct vp *vp);
/* The priority in DeliverabilityNotifications, 0: of any. */
u32 pending_floor(u64 notify);
/* Does the VMM wait for the slot of a SINT; is one free that it waits for? */
bool pending_wants_sint(struct vp *vp, u32 sint);
bool pending_slot_free(struct vp *vp);
/* Has the VMM been notified that it could interrupt? */
bool pending_notify(struct vp *vp);

#endif
