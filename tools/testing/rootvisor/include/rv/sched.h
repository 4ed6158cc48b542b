/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scheduling of child VPs.
 *
 * Model: a child VP is *runnable* if nothing suspends it (ExplicitSuspend,
 * InterceptSuspend, DispatchSuspend, waiting for SIPI, halted without a pending
 * interrupt, stalled by the control port).  lp->child is the one to enter on an LP; if
 * it is NULL, the root VP runs.
 *
 * Root scheduler: DispatchVp sets lp->child, and completes with sched_stop() when the
 * VP cannot continue or the root has to run.
 * Classic: each LP has a queue; the hypervisor time-slices between the root VP and the
 * queue, with the root first if it has an interrupt.
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

/* The child VP on this LP cannot or must not continue. */
void sched_stop(struct vp *vp, enum stop_reason why);

/* @vp has become runnable or has an interrupt; from any LP, at any time. */
void sched_wake(struct vp *vp);

bool sched_runnable(struct vp *vp);	/* can run, given an LP */
bool sched_running(struct vp *vp);	/* is lp->child of its LP */
/*
 * Neither running nor runnable: a periodic event would find the last one still pending.
 */
bool sched_parked(struct vp *vp);

/* The VP spins for another one, which may be waiting for this LP. */
void sched_yield(struct vp *vp);

/* Called in an LP's loop before it chooses a VP; may set lp->child. */
void sched_pick(struct lp *lp);

/* The root VP of @lp executes HLT (classic), or an interrupt has woken it. */
void sched_root_halt(struct lp *lp);
bool classic_wants_root_halt(struct lp *lp);
/* Intercept HLT of the root? */
static inline bool sched_wants_root_halt(struct lp *lp)
{
	return !sched_is_root && classic_wants_root_halt(lp);
}

void sched_root_awake(struct lp *lp);
/* The root VP does not receive messages any more: move children elsewhere. */
void sched_root_deaf(struct lp *lp);

/* The VMM has changed the cap. */
void sched_cap_changed(struct partition *p);

/* The VP is being destroyed. */
void sched_remove(struct vp *vp);

#endif
