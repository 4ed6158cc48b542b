/* SPDX-License-Identifier: GPL-2.0 */
/* What the two schedulers and their common part share. */
#ifndef _RV_SCHED_INTERNAL_H
#define _RV_SCHED_INTERNAL_H

#include <rv/sched.h>
#include "../vp/child.h"

/* The VP has just left lp->child for @why. */
void root_sched_stopped(struct vp *vp, struct lp *lp, enum stop_reason why);
void classic_stopped(struct vp *vp, struct lp *lp, enum stop_reason why);

/* The VP is runnable and on no LP. */
void root_sched_wake(struct vp *vp);
void classic_wake(struct vp *vp);

void classic_pick(struct lp *lp);
void classic_remove(struct vp *vp);

/* Puts a VP on an LP that has none. */
void sched_start(struct lp *lp, struct vp *vp);

#endif
