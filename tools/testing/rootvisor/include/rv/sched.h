/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which child VP runs on which LP.
 *
 * Model: a child VP is *runnable* when nothing suspends it (ExplicitSuspend,
 * InterceptSuspend, DispatchSuspend, waiting for SIPI, halted without a pending
 * interrupt, stalled by the control port).  lp->child is the one to enter on
 * an LP; NULL means the root VP runs.
 *
 * Root scheduler: DispatchVp puts its VP into lp->child and ends, by
 * sched_stop(), when the VP cannot go on or the root is due.
 * Classic: each LP has a queue; the hypervisor time-slices between the root VP
 * and the queue, the root first when an interrupt is due.
 */
#ifndef _RV_SCHED_H
#define _RV_SCHED_H

#include <rv/base.h>

struct lp;
struct partition;
struct vp;

extern bool sched_is_root;	/* system property 15: 4, else 1 */

enum stop_reason {
	STOP_INTERRUPT,		/* a physical interrupt or the end of a slice */
	STOP_INTERCEPT,		/* message is in the VP's intercept page */
	STOP_HALT,		/* nothing to do until an interrupt */
	STOP_SUSPEND,		/* explicit or dispatch suspend, reset, stalled */
};

/* The child VP on this LP cannot or must not go on now. */
void sched_stop(struct vp *vp, enum stop_reason why);

/* Something made @vp runnable or gave it an interrupt: any LP, any time. */
void sched_wake(struct vp *vp);

bool sched_runnable(struct vp *vp);	/* nothing but an LP is missing */
bool sched_running(struct vp *vp);	/* is lp->child of its LP */
/* Neither runs nor could: what comes at each period would find the last still there. */
bool sched_parked(struct vp *vp);

/* The VP spins for another that may wait for this LP. */
void sched_yield(struct vp *vp);

/* Called in the loop of an LP before it chooses; may set lp->child. */
void sched_pick(struct lp *lp);

/* The root VP of @lp executes HLT (classic) or has left it by an interrupt. */
void sched_root_halt(struct lp *lp);
bool sched_wants_root_halt(struct lp *lp);	/* intercept the root's HLT? */
void sched_root_awake(struct lp *lp);
/* It hears no messages any more: children are better off elsewhere. */
void sched_root_deaf(struct lp *lp);

/* The VMM has set another cap. */
void sched_cap_changed(struct partition *p);

/* VP leaves for good. */
void sched_remove(struct vp *vp);

#endif
