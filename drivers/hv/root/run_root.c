// SPDX-License-Identifier: GPL-2.0
/*
 * The root scheduler: a VP runs inside DISPATCH_VP.
 *
 * Model: this thread gives its processor to the guest by a hypercall, which returns
 * when the guest has an intercept, when it blocks, or when an interrupt of the
 * root is due; that is then taken as usual.  A scheduler message announces that a
 * blocked VP can continue.
 *
 * Pending work of this thread is checked with interrupts off, and the call is made
 * so: an interrupt after the check makes the call return at once, because the
 * hypervisor enables interrupts together with the guest.
 *
 * vp->kicked is cleared before a dispatch and set by the message.  A message for a
 * block that has ended already costs one extra dispatch and nothing else.
 */
#include <linux/context_tracking_state.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/vtime.h>

#include "compat.h"
#include "core.h"
#include "sched.h"
#include "trace.h"

/* How long a partition that is destroyed waits for signals in flight, in all. */
#define DRAIN_TIMEOUT	(HZ / 2)

static int root_clear_explicit_suspend(struct mshv_vp *vp)
{
	const u32 name = HV_REGISTER_EXPLICIT_SUSPEND;
	const u64 value = 0;

	return mshv_call_set_registers(vp->partition->id, vp->index, 1, &name,
				       &value);
}

static void root_prepare(struct mshv_vp *vp)
{
	struct hv_input_dispatch_vp *in = &vp->run_input.dispatch;

	in->partition_id = vp->partition->id;
	in->vp_index = vp->index;
}

/*
 * One dispatch.  Returns false if there is work for this thread first.  @flags are those
 * of the call; one may be added.
 */
static bool root_dispatch(struct mshv_vp *vp, u32 *flags, u64 *result)
{
	struct hv_input_dispatch_vp *in = &vp->run_input.dispatch;

	preempt_disable();
	local_irq_disable();
	WRITE_ONCE(vp->cpu, smp_processor_id());
	/* Pairs with mshv_kick(): set vp->cpu, then check. */
	smp_mb();
	/* Nothing else wakes RCU's threads for this processor while a guest is its context. */
	if (context_tracking_enabled())
		rcu_nocb_flush_deferred_wakeup();
	if (mshv_run_work_pending(vp) || READ_ONCE(vp->partition->broken)) {
		WRITE_ONCE(vp->cpu, -1);
		local_irq_enable();
		preempt_enable();
		return false;
	}
	WRITE_ONCE(vp->vector_stage, MSHV_VECTORS_RUNNING);
	/*
	 * Full barrier: what is posted from now on is seen after the call.  Pairs
	 * with vectors_put() as well: stage, then page.
	 */
	xchg(&vp->kicked, 0);
	if (mshv_vectors_waiting(vp))
		*flags |= HV_DISPATCH_VP_FLAG_SCAN_INTERRUPT_INJECTION;
	in->flags = *flags | HV_DISPATCH_VP_FLAG_ENABLE_CALLER_INTERRUPTS;
	vtime_account_guest_enter();
	*result = hvr_block_guest(HVCALL_DISPATCH_VP, in, vp->call.out);
	/*
	 * The interrupt that ended it belongs to the guest's time.  sti takes
	 * effect after the next instruction, hence there is one in between.
	 */
	local_irq_enable();
	WRITE_ONCE(vp->cpu, -1);
	/* None may come while the times are being changed. */
	local_irq_disable();
	vtime_account_guest_exit();
	local_irq_enable();
	preempt_enable();
	return true;
}

/*
 * Sleep until the VP can continue, or there is work for this thread.  A message can
 * be lost, for example with a processor that goes offline; an extra dispatch does
 * no harm.
 */
static void root_wait_for_signal(struct mshv_vp *vp)
{
	/* Until it is dispatched again, which finds what has been posted. */
	WRITE_ONCE(vp->vector_stage, MSHV_VECTORS_ASLEEP);
	mshv_sleep_begin(vp);
	rcuwait_wait_event(&vp->wait,
			   READ_ONCE(vp->kicked) || mshv_run_must_leave(vp) ||
			   READ_ONCE(vp->partition->broken) ||
			   READ_ONCE(vp->sleep.overdue),
			   TASK_INTERRUPTIBLE);
	mshv_sleep_end(vp);
}

/* Returns 0 to try again, or a negative errno. */
static int root_dispatch_failed(struct mshv_vp *vp, u64 result)
{
	int ret;

	if (!hvr_wants_memory(result))
		return hvr_errno(result);
	ret = hvr_deposit_for(vp->partition->pool, &vp->retry, result);
	if (ret)
		vp->retry = (struct hvr_retry){};
	return ret;
}

static int root_dispatch_until_stopped(struct mshv_vp *vp)
{
	struct hv_output_dispatch_vp *out = vp->call.out;
	u32 flags, state, event;
	u64 result;
	int ret;

	vp->ran = true;

	hvr_may_deposit();
	for (;;) {
		flags = vp->resume ?
			HV_DISPATCH_VP_FLAG_CLEAR_INTERCEPT_SUSPEND : 0;
		if (!root_dispatch(vp, &flags, &result)) {
			if (READ_ONCE(vp->partition->broken))
				return -EIO;
			ret = mshv_run_do_work(vp);
			if (ret)
				return ret;
			continue;
		}
		if (hvr_status(result) != HV_STATUS_SUCCESS) {
			ret = root_dispatch_failed(vp, result);
			if (ret)
				return ret;
			continue;
		}
		vp->retry = (struct hvr_retry){};
		vp->resume = false;

		state = READ_ONCE(out->dispatch_state);
		event = READ_ONCE(out->dispatch_event);
		trace_mshv_dispatch(vp->partition->id, vp->index, flags, state,
				    event);
		if (event == HV_VP_DISPATCH_EVENT_INTERCEPT) {
			vp->resume = true;
			return 0;
		}
		if (event == HV_VP_DISPATCH_EVENT_SUSPEND) {
			/* A new VP, or one that has been suspended explicitly. */
			ret = root_clear_explicit_suspend(vp);
			if (ret)
				return ret;
		}
		/* Why it is awake is looked at before the next dispatch. */
		if (state == HV_VP_DISPATCH_STATE_BLOCKED)
			root_wait_for_signal(vp);
		else if (state != HV_VP_DISPATCH_STATE_READY)
			return -EIO;
	}
}

static int root_run(struct mshv_vp *vp)
{
	int ret = root_dispatch_until_stopped(vp);

	WRITE_ONCE(vp->vector_stage, MSHV_VECTORS_PARKED);
	return ret;
}

/* It runs only when it is dispatched, which the caller prevents. */
static void root_stop(struct mshv_vp *vp)
{
}

/*
 * A VP that does not exist any more must not be signalled: make sure that it is
 * never dispatched again, and wait for the signals that were sent until then.
 */
static int root_retire(struct mshv_vp *vp)
{
	const u32 name = HV_REGISTER_DISPATCH_SUSPEND;
	const u64 value = 1;
	u64 id = vp->partition->id;
	u64 sent;
	int ret;

	if (!vp->ran && !atomic64_read(&vp->signals))
		return 0;
	ret = mshv_call_set_registers(id, vp->index, 1, &name, &value);
	if (ret)
		return ret;
	ret = mshv_call_get_register(id, vp->index, HV_REGISTER_VP_ROOT_SIGNAL_COUNT,
				     &sent);
	if (ret)
		return ret;

	/* Messages can be lost, and late ones are ignored, which is harmless. */
	if (!vp->partition->drain_deadline)
		vp->partition->drain_deadline = jiffies + DRAIN_TIMEOUT;
	while (atomic64_read(&vp->signals) < sent &&
	       time_before(jiffies, vp->partition->drain_deadline))
		rcuwait_wait_event_timeout(&vp->wait,
					   atomic64_read(&vp->signals) >= sent,
					   TASK_IDLE, DRAIN_TIMEOUT / 10);
	return 0;
}

const struct mshv_sched mshv_sched_root = {
	.name = "root",
	.type = MSHV_SCHEDULER_ROOT,
	.prepare = root_prepare,
	.run = root_run,
	.stop = root_stop,
	.retire = root_retire,
};
