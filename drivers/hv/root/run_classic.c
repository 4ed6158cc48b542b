// SPDX-License-Identifier: GPL-2.0
/*
 * The hypervisor's own scheduler: a VP runs while it is not suspended.
 *
 * Model: a run clears both suspend registers with one call and sleeps until a
 * message reports an intercept, which is in the VP's message page by then.  To stop
 * the VP, it is suspended explicitly; afterwards the other register shows whether
 * an intercept has occurred meanwhile.
 *
 * Messages may come late or twice, so a message alone proves nothing: the type in
 * the page is set to none before each run, and if it still is, the message is an
 * old one.  A message may also be lost; the sleeper checks the register now and
 * then.
 *
 * If a VP could not be stopped, or its intercept was announced and is not there
 * yet, vp->in_flight is set: the next run only waits.
 */
#include <hyperv/hv_root.h>

#include "compat.h"
#include "core.h"
#include "sched.h"
#include "trace.h"

/* Attempts to stop a VP that must not continue. */
#define STOP_TRIES	4

static u32 classic_message_type(struct mshv_vp *vp)
{
	/* The message is complete when its type is set. */
	return smp_load_acquire(&vp->message->header.message_type);
}

static void classic_prepare(struct mshv_vp *vp)
{
	struct mshv_resume *resume = &vp->run_input.resume;

	resume->head.partition_id = vp->partition->id;
	resume->head.vp_index = vp->index;
	/* An intercept is dismissed before the VP is resumed. */
	resume->elements[0].name = HV_REGISTER_INTERCEPT_SUSPEND;
	resume->elements[1].name = HV_REGISTER_EXPLICIT_SUSPEND;
}

/* Start it.  From here on it is in flight. */
static int classic_resume(struct mshv_vp *vp)
{
	const struct mshv_resume *resume = &vp->run_input.resume;
	unsigned int done = 0;
	int ret;

	/* The processor runs after both: xchg() is a full barrier. */
	WRITE_ONCE(vp->message->header.message_type, HVMSG_NONE);
	xchg(&vp->kicked, 0);
	vp->ran = true;
	vp->in_flight = true;
	vp->halted = false;
	ret = hvr_errno(hvr_list_rest(HVCALL_SET_VP_REGISTERS,
				      ARRAY_SIZE(resume->elements), &done, resume, NULL));
	if (ret)
		vp->in_flight = false;
	return ret;
}

/*
 * Suspend it in any case.  If it continued it would write to memory that has
 * another owner by now, so if it does not stop, its partition is finalized.
 */
static void classic_stop(struct mshv_vp *vp)
{
	static const u32 name = HV_REGISTER_EXPLICIT_SUSPEND;
	static const u64 value = 1;
	int tries, ret;

	for (tries = 0; tries < STOP_TRIES; tries++) {
		ret = mshv_call_set_registers(vp->partition->id, vp->index, 1, &name,
					      &value);
		if (!ret)
			break;
	}
	if (ret)
		mshv_partition_end(vp, ret);
	mshv_vp_kick(vp);
}

/* Has the intercept occurred?  Ask the hypervisor itself. */
static int classic_ask(struct mshv_vp *vp, bool *come)
{
	u64 value;
	int ret;

	ret = mshv_call_get_register(vp->partition->id, vp->index,
				     HV_REGISTER_INTERCEPT_SUSPEND, &value);
	if (!ret && READ_ONCE(vp->partition->broken))
		ret = -EIO;
	*come = !ret && value & 1 && classic_message_type(vp) != HVMSG_NONE;
	return ret;
}

/*
 * It is suspended: has an intercept occurred before that?  Returns 0 if so,
 * otherwise @why, or the reason why this is not known.
 */
static int classic_settle(struct mshv_vp *vp, int why)
{
	u64 suspended;
	int ret;

	ret = mshv_call_get_register(vp->partition->id, vp->index,
				     HV_REGISTER_INTERCEPT_SUSPEND, &suspended);
	if (ret)
		return ret;
	if (READ_ONCE(vp->partition->broken))
		return -EIO;
	if (!(suspended & 1)) {
		vp->in_flight = false;
		return why;
	}
	if (classic_message_type(vp) == HVMSG_NONE)
		return why;
	vp->in_flight = false;
	return 0;
}

/* Stop for other work of this thread.  Returns what classic_settle() does. */
static int classic_suspend(struct mshv_vp *vp, int why)
{
	static const u32 name = HV_REGISTER_EXPLICIT_SUSPEND;
	static const u64 value = 1;
	int ret;

	ret = mshv_call_set_registers(vp->partition->id, vp->index, 1, &name, &value);
	if (ret)
		return ret;
	vp->halted = true;
	return classic_settle(vp, why);
}

static bool classic_arrived(struct mshv_vp *vp)
{
	return READ_ONCE(vp->kicked) && xchg(&vp->kicked, 0) &&
	       classic_message_type(vp) != HVMSG_NONE;
}

static int classic_run(struct mshv_vp *vp)
{
	bool come, overdue;
	int ret;

	if (mshv_run_work_pending(vp)) {
		ret = mshv_run_do_work(vp);
		if (ret)
			return ret;
	}
	if (vp->in_flight && vp->halted) {
		/* Stopped last time, but what it was doing is not known. */
		ret = classic_settle(vp, -EAGAIN);
		if (ret != -EAGAIN)
			return ret;
	}
	if (!vp->in_flight) {
		ret = classic_resume(vp);
		if (ret)
			return ret;
	}

	for (;;) {
		come = false;
		mshv_sleep_begin(vp);
		rcuwait_wait_event(&vp->wait,
				   READ_ONCE(vp->partition->broken) ||
				   (come = classic_arrived(vp)) ||
				   mshv_run_must_leave(vp) ||
				   READ_ONCE(vp->sleep.overdue),
				   TASK_INTERRUPTIBLE);
		overdue = mshv_sleep_end(vp);
		if (!come && overdue) {
			ret = classic_ask(vp, &come);
			if (ret)
				return ret;
		}
		if (READ_ONCE(vp->partition->broken)) {
			/* It may have been resumed after it was stopped. */
			classic_stop(vp);
			return -EIO;
		}
		if (come) {
			vp->in_flight = false;
			return 0;
		}
		ret = mshv_run_do_work(vp);
		if (ret)
			return classic_suspend(vp, ret);
	}
}

/*
 * Finalizing the partition stops its processors.  A message in flight is then
 * ignored.
 */
static int classic_retire(struct mshv_vp *vp)
{
	return 0;
}

const struct mshv_sched mshv_sched_classic = {
	.name = "hypervisor's",
	.type = MSHV_SCHEDULER_HYPERVISOR,
	.prepare = classic_prepare,
	.run = classic_run,
	.stop = classic_stop,
	.retire = classic_retire,
};
