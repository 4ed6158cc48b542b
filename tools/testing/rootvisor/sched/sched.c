// SPDX-License-Identifier: GPL-2.0
/*
 * Common part of both schedulers: when a VP can run, and how it is assigned to
 * an LP and removed.
 *
 * Model: lp->child is set only by sched_start() and cleared only by
 * sched_stop().  An event for a VP that is on an LP kicks that LP; any other VP
 * is woken if it has become runnable.
 */
#include <rv/count.h>
#include "../vp/event.h"
#include "../vp/regpage.h"
#include "../vp/stats.h"
#include "../vp/step.h"
#include "../vp/vapic_timer.h"
#include "internal.h"

bool sched_is_root = true;

bool sched_runnable(struct vp *vp)
{
	struct child *child = child_of(vp);

	if (child->explicit_suspend || child->intercept_suspend ||
	    child->dispatch_suspend || child->wait_sipi || child->broken ||
	    child->stalled || child->destroyed || vp->partition->state != PT_ACTIVE)
		return false;
	return !child->halted || child_has_event(vp);
}

bool sched_running(struct vp *vp)
{
	return vp->lp->child == vp;
}

bool sched_parked(struct vp *vp)
{
	return !sched_running(vp) && !sched_runnable(vp);
}

void sched_start(struct lp *lp, struct vp *vp)
{
	struct child *child = child_of(vp);

	vp->lp = lp;
	lp->child = vp;
	lp->stints++;
	child->queued = false;
	child->preempted = false;
	child->dispatches++;
	if (child->ran_on != lp) {
		child->ran_on = lp;
		child->moves++;
	}
	vapic_move_timers(vp, lp);
	stimer_move(vp, lp);
	count(RV_COUNT_DISPATCHES);
}

void sched_stop(struct vp *vp, enum stop_reason why)
{
	struct lp *lp = vp->lp;

	if (lp->child != vp)
		return;
	lp->child = NULL;
	lp->stints++;
	timer_cancel(&child_of(vp)->slice);
	step_stop(vp);
	regpage_store(vp);
	stats_vp_stopped(vp);
	if (sched_is_root)
		root_sched_stopped(vp, lp, why);
	else
		classic_stopped(vp, lp, why);
}

void sched_wake(struct vp *vp)
{
	if (vp_is_root(vp))
		return;
	if (sched_running(vp)) {
		if (vp->lp != this_lp())
			lp_kick(vp->lp, KICK_RESCHED);
		return;
	}
	if (!sched_runnable(vp))
		return;
	if (sched_is_root)
		root_sched_wake(vp);
	else
		classic_wake(vp);
}

/* Ends the slice after the current hypercall has completed. */
void sched_yield(struct vp *vp)
{
	if (sched_running(vp))
		child_of(vp)->preempted = true;
}

static enum stop_reason stop_reason(struct vp *vp)
{
	struct child *child = child_of(vp);

	if (child->explicit_suspend || child->dispatch_suspend ||
	    child->stalled || child->destroyed || vp->partition->state != PT_ACTIVE)
		return STOP_SUSPEND;
	if (child->intercept_suspend)
		return STOP_INTERCEPT;
	return STOP_HALT;
}

void sched_pick(struct lp *lp)
{
	struct vp *vp = lp->child;

	stats_tick(lp);
	/* Intercepts that prevent the entry take precedence over other reasons. */
	if (vp && !sched_runnable(vp))
		sched_stop(vp, stop_reason(vp));
	else if (vp && (lp_root_interrupted(lp) || child_of(vp)->preempted))
		sched_stop(vp, STOP_INTERRUPT);
	if (!sched_is_root && !lp->child)
		classic_pick(lp);
	if (lp->child)
		child_check(lp->child);
}

void sched_remove(struct vp *vp)
{
	if (sched_running(vp))
		sched_stop(vp, STOP_SUSPEND);
	if (!sched_is_root)
		classic_remove(vp);
	timer_cancel(&child_of(vp)->slice);
}
