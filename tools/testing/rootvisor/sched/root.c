// SPDX-License-Identifier: GPL-2.0
/*
 * The root scheduler: the root decides, by DispatchVp.
 *
 * Model: DispatchVp assigns the VP to the caller's LP and completes when the VP
 * stops there; its output says why.  After "blocked" the root sleeps until a
 * message names the VP: one message each time a blocked VP becomes runnable, sent
 * to the LP of its last dispatch.
 *
 * Words: a *signal* is a VP named in such a message; VpRootSignalCount counts
 * them when they are posted, so that a root can drain them all.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_message.h>
#include <hyperv/hv_status.h>
#include <hyperv/hv_vp.h>
#include <rv/call.h>
#include <rv/unit.h>
#include "../vp/regpage.h"
#include "../vp/stats.h"
#include "internal.h"

static void answer(struct hv_output_dispatch_vp *out, u32 state, u32 event)
{
	out->dispatch_state = state;
	out->dispatch_event = event;
}

static void blocked(struct vp *vp, bool yes)
{
	child_of(vp)->blocked = yes;
	stats_blocked(vp, yes);
}

void root_sched_stopped(struct vp *vp, struct lp *lp, enum stop_reason why)
{
	struct child *child = child_of(vp);
	struct hv_output_dispatch_vp out = {};

	switch (why) {
	case STOP_INTERRUPT:
		answer(&out, HV_VP_DISPATCH_STATE_READY, HV_VP_DISPATCH_EVENT_INVALID);
		break;
	case STOP_INTERCEPT:
		answer(&out, HV_VP_DISPATCH_STATE_READY, HV_VP_DISPATCH_EVENT_INTERCEPT);
		break;
	case STOP_HALT:
		answer(&out, HV_VP_DISPATCH_STATE_BLOCKED, HV_VP_DISPATCH_EVENT_INVALID);
		break;
	case STOP_SUSPEND:
		answer(&out, HV_VP_DISPATCH_STATE_BLOCKED, HV_VP_DISPATCH_EVENT_SUSPEND);
		break;
	}
	blocked(vp, out.dispatch_state == HV_VP_DISPATCH_STATE_BLOCKED);
	hypercall_complete(lp->root, child->dispatch_out, &out, sizeof(out),
			   HV_STATUS_SUCCESS);
	/* The dispatch has completed: wakers need not wait for it any more. */
	if (child->blocked)
		stats_blocked(vp, 0);
}

static void slice_end(struct timer *timer)
{
	struct child *child = container_of(timer, struct child, slice);

	sched_stop(child->vp, STOP_INTERRUPT);
}

static u16 dispatch_vp(struct hv_call *call)
{
	struct hv_input_dispatch_vp *in = call->in;
	struct lp *lp = this_lp();
	struct partition *p;
	struct child *child;
	struct vp *vp;
	u16 status;

	p = partition_target(call->vp, in->partition_id, false, &status);
	if (!p)
		return status;
	if (!sched_is_root)
		return HV_STATUS_OPERATION_DENIED;
	if (in->flags & ~(u32)HV_DISPATCH_VP_FLAG_DEFINED_MASK)
		return HV_STATUS_INVALID_PARAMETER;
	if (p->state != PT_ACTIVE)
		return HV_STATUS_INVALID_PARTITION_STATE;
	vp = vp_find(p, in->vp_index);
	if (!vp)
		return HV_STATUS_INVALID_VP_INDEX;
	child = child_of(vp);
	if (sched_running(vp))
		return HV_STATUS_INVALID_VP_STATE;

	vp->lp = lp;
	if (in->flags & HV_DISPATCH_VP_FLAG_CLEAR_INTERCEPT_SUSPEND)
		child->intercept_suspend = false;
	if (in->flags & HV_DISPATCH_VP_FLAG_SCAN_INTERRUPT_INJECTION) {
		/* The root is running, so it need not be signalled. */
		child->blocked = false;
		regpage_scan(vp);
	}
	regpage_load(vp);

	if (child->explicit_suspend || child->dispatch_suspend || child->stalled) {
		blocked(vp, true);
		answer(call->out, HV_VP_DISPATCH_STATE_BLOCKED, HV_VP_DISPATCH_EVENT_SUSPEND);
	} else if (child->intercept_suspend) {
		/* The root has not read the message yet. */
		blocked(vp, false);
		answer(call->out, HV_VP_DISPATCH_STATE_READY, HV_VP_DISPATCH_EVENT_INTERCEPT);
	} else if (!sched_runnable(vp)) {
		blocked(vp, true);
		answer(call->out, HV_VP_DISPATCH_STATE_BLOCKED, HV_VP_DISPATCH_EVENT_INVALID);
	} else {
		blocked(vp, false);
		child->dispatch_out = call->out_gpa;
		sched_start(lp, vp);
		call->deferred = true;
		if (in->time_slice) {
			child->slice.fn = slice_end;
			timer_arm(&child->slice, lp,
				  time_after(tsc_now(), ref_span_to_tsc(in->time_slice)));
		}
		return HV_STATUS_SUCCESS;
	}
	stats_blocked(vp, 0);
	return HV_STATUS_SUCCESS;
}

HYPERCALL(dispatch_vp, .code = HVCALL_DISPATCH_VP,
	  .in = sizeof(struct hv_input_dispatch_vp),
	  .out = sizeof(struct hv_output_dispatch_vp), .privilege = -1,
	  .fn = dispatch_vp);

/* Adds a VP to the last queued message, if that is a signal, too. */
static bool join_queued(struct vp *root, struct vp *vp)
{
	struct hv_vp_signal_pair_scheduler_message *pair;

	pair = synic_last_queued(root, 0, HVMSG_SCHEDULER_VP_SIGNAL_PAIR);
	if (!pair || pair->vp_count >= HV_MESSAGE_MAX_PARTITION_VP_PAIR_COUNT)
		return false;
	pair->partition_ids[pair->vp_count] = vp->partition->id;
	pair->vp_indexes[pair->vp_count] = vp->index;
	pair->vp_count++;
	return true;
}

void root_sched_wake(struct vp *vp)
{
	struct child *child = child_of(vp);
	struct vp *root = synic_listener(vp->lp);
	struct hv_vp_signal_pair_scheduler_message pair;

	if (!child->blocked || !root)
		return;
	if (!join_queued(root, vp)) {
		memset(&pair, 0, sizeof(pair));
		pair.vp_count = 1;
		pair.partition_ids[0] = vp->partition->id;
		pair.vp_indexes[0] = vp->index;
		/* Not delivered: it stays blocked, and the next event tries again. */
		if (synic_post(root, 0, HVMSG_SCHEDULER_VP_SIGNAL_PAIR,
			       ROOT_PARTITION_ID, &pair, sizeof(pair)))
			return;
	}
	child->blocked = false;
	child->signal_count++;
}
