// SPDX-License-Identifier: GPL-2.0
/*
 * The four synthetic timers of a child VP.
 *
 * Model: @due is the partition time of the next expiry.  An expiry raises a vector
 * (direct mode) or sends a message to a SINT; if its slot is in use, a message is
 * pending, at most one, and sent when the slot is free.
 *
 * A periodic timer of a VP that does not run is *parked* after it has fired: further
 * expiries could not be distinguished from one, and would cost the root time.
 */
#include <hyperv/hv_message.h>
#include <hyperv/hv_msr.h>
#include <rv/sched.h>
#include <rv/unit.h>
#include "child.h"
#include "hvmsr.h"
#include "stimer.h"

/* 100 us: with a shorter period the guest would have no time to run. */
#define MIN_PERIOD		1000ull

static u32 sint_of(const struct stimer *t)
{
	return (t->config & HV_STIMER_SINT_MASK) >> HV_STIMER_SINT_SHIFT;
}

static void send_message(struct vp *vp, u32 n)
{
	struct stimer *t = &child_of(vp)->stimer[n];
	struct hv_timer_message_payload payload = {
		.timer_index = n,
		.expiration_time = t->due,
		.delivery_time = partition_time(vp->partition),
	};
	u32 sint = sint_of(t);

	t->message_pending = !synic_claim(vp, sint);
	if (!t->message_pending)
		synic_post(vp, sint, HVMSG_TIMER_EXPIRED, 0, &payload,
			   sizeof(payload));
}

bool stimer_waits(struct vp *vp, u32 sint)
{
	for (u32 n = 0; n < NR_STIMERS; n++) {
		const struct stimer *t = &child_of(vp)->stimer[n];

		if (t->message_pending && sint_of(t) == sint)
			return true;
	}
	return false;
}

static void arm(struct vp *vp, u32 n, struct lp *lp)
{
	struct stimer *t = &child_of(vp)->stimer[n];
	u64 now = partition_time(vp->partition), span;

	child_of(vp)->stimers_used = true;
	/* The time is frozen; when it continues, all timers are armed again. */
	if (vp->partition->time_frozen)
		return;
	t->parked = false;
	span = MAX(ref_span_to_tsc(t->due > now ? t->due - now : 0), 1ull);
	timer_arm(&t->timer, lp, t->due == NEVER ? NEVER : time_after(tsc_now(), span));
}

static void fire(struct timer *timer)
{
	struct stimer *t = container_of(timer, struct stimer, timer);
	struct vp *vp = t->vp;
	u64 now = partition_time(vp->partition);
	u32 n = t - child_of(vp)->stimer;

	if (t->config & HV_STIMER_DIRECT)
		vapic_accept(vp, (t->config & HV_STIMER_VECTOR_MASK) >>
			     HV_STIMER_VECTOR_SHIFT, false);
	else
		send_message(vp, n);
	if (t->config & HV_STIMER_PERIODIC) {
		u64 period = MAX(t->count, MIN_PERIOD);

		t->due = time_next(t->due, period, now);
		t->parked = sched_parked(vp);
		if (!t->parked)
			arm(vp, n, timer->lp);
	} else {
		t->config &= ~HV_STIMER_ENABLE;
	}
}

static void restart(struct vp *vp, u32 n)
{
	struct stimer *t = &child_of(vp)->stimer[n];

	timer_cancel(&t->timer);
	t->parked = false;
	if (!(t->config & HV_STIMER_ENABLE) || !t->count)
		return;
	t->vp = vp;
	t->timer.fn = fire;
	t->due = t->count;
	if (t->config & HV_STIMER_PERIODIC)
		t->due = time_after(partition_time(vp->partition),
				    MAX(t->count, MIN_PERIOD));
	arm(vp, n, vp->lp);
}

void partition_time_changed(struct partition *p)
{
	if (p->is_root)
		return;
	ref_tsc_update(p);
	for (u32 i = 0; i < p->max_vp_index; i++) {
		struct vp *vp = vp_find(p, i);

		for (u32 n = 0; vp && n < NR_STIMERS; n++) {
			struct stimer *t = &child_of(vp)->stimer[n];

			timer_cancel(&t->timer);
			if ((t->config & HV_STIMER_ENABLE) && t->count)
				arm(vp, n, vp->lp);
		}
	}
}

static u64 stimer_get_config(struct vp *vp, u32 n)
{
	return child_of(vp)->stimer[n].config;
}

static u64 stimer_get_count(struct vp *vp, u32 n)
{
	return child_of(vp)->stimer[n].count;
}

void stimer_set_config(struct vp *vp, u32 n, u64 value)
{
	struct stimer *t = &child_of(vp)->stimer[n];

	t->message_pending = false;
	t->config = value;
	/* A message timer needs a SINT. */
	if (!(value & HV_STIMER_DIRECT) && !sint_of(t))
		t->config &= ~HV_STIMER_ENABLE;
	restart(vp, n);
}

void stimer_set_count(struct vp *vp, u32 n, u64 value)
{
	struct stimer *t = &child_of(vp)->stimer[n];

	t->message_pending = false;
	t->count = value;
	if (!value)
		t->config &= ~HV_STIMER_ENABLE;
	else if (t->config & HV_STIMER_AUTOENABLE)
		t->config |= HV_STIMER_ENABLE;
	restart(vp, n);
}

void stimer_eom(struct vp *vp)
{
	for (u32 n = 0; n < NR_STIMERS; n++)
		if (child_of(vp)->stimer[n].message_pending)
			send_message(vp, n);
}

void stimer_stop_all(struct vp *vp)
{
	for (u32 n = 0; n < NR_STIMERS; n++) {
		timer_cancel(&child_of(vp)->stimer[n].timer);
		child_of(vp)->stimer[n].parked = false;
	}
}

void stimer_reset(struct vp *vp)
{
	stimer_stop_all(vp);
	child_of(vp)->stimers_used = false;
	memset(child_of(vp)->stimer, 0, sizeof(child_of(vp)->stimer));
}

static __noinline void move_all(struct vp *vp, struct lp *lp)
{
	for (u32 n = 0; n < NR_STIMERS; n++) {
		struct stimer *t = &child_of(vp)->stimer[n];
		struct timer *timer = &t->timer;
		u64 deadline = timer->deadline;

		/* Expiries that were missed meanwhile are merged into the pending one. */
		if (t->parked) {
			t->due = time_next(t->due - MIN(t->due, MAX(t->count, MIN_PERIOD)),
					   MAX(t->count, MIN_PERIOD),
					   partition_time(vp->partition));
			arm(vp, n, lp);
			continue;
		}
		if (!timer_pending(timer) || timer->lp == lp)
			continue;
		timer_cancel(timer);
		timer_arm(timer, lp, deadline);
	}
}

void stimer_move(struct vp *vp, struct lp *lp)
{
	if (child_of(vp)->stimers_used)
		move_all(vp, lp);
}

static bool read_stimer(struct vp *vp, u32 msr, u64 *value)
{
	u32 n = (msr - HV_X64_MSR_STIMER0_CONFIG) / 2;

	*value = msr & 1 ? stimer_get_count(vp, n) : stimer_get_config(vp, n);
	return true;
}

static bool write_stimer(struct vp *vp, u32 msr, u64 value)
{
	u32 n = (msr - HV_X64_MSR_STIMER0_CONFIG) / 2;

	if (msr & 1) {
		stimer_set_count(vp, n, value);
		return true;
	}
	if (value & ~HV_STIMER_DEFINED_MASK)
		return false;
	stimer_set_config(vp, n, value);
	return true;
}

MSR_UNIT(stimer, .first = HV_X64_MSR_STIMER0_CONFIG,
	 .last = HV_X64_MSR_STIMER3_COUNT, .who = MSR_CHILD, .privilege = 3,
	 .read = read_stimer, .write = write_stimer);
