/* SPDX-License-Identifier: GPL-2.0 */
/* The VMM's interface to a VP's events. */
#ifndef _RV_VP_PENDING_H
#define _RV_VP_PENDING_H

#include <rv/base.h>

struct vp;

/* The event in the entry, in PendingInterruption's layout. */
u64 pending_get(struct vp *vp);
bool pending_set(struct vp *vp, u64 value);
/* Has the VMM been notified that it could interrupt? */
bool pending_notify(struct vp *vp);

#endif
