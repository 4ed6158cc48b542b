/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the two schedulers and their common part. */
#ifndef _RV_SCHED_INTERNAL_H
#define _RV_SCHED_INTERNAL_H

#include <rv/sched.h>
#include "../vp/child.h"

/* The VP has just been removed from lp->child because of @why. */
void root_sched_stopped(struct vp *vp, struct lp *lp, enum stop_reason why);
void classic_stopped(struct vp *vp, struct lp *lp, enum stop_reason why);

/* The VP is runnable and on no LP. */
void root_sched_wake(struct vp *vp);
void classic_wake(struct vp *vp);

void classic_pick(struct lp *lp);
void classic_remove(struct vp *vp);

/* Assigns a VP to an LP that has none. */
void sched_start(struct lp *lp, struct vp *vp);

#endif
