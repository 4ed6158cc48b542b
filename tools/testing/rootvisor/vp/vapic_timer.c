// SPDX-License-Identifier: GPL-2.0
/*
 * The timer of a child's local APIC: one-shot and periodic.
 *
 * Model: the count runs at the partition's frequency over the divider, and is computed
 * from the TSC when it is read; a hypervisor timer marks its end.
 */
#include <rv/sched.h>
#include "child.h"
#include "vapic_timer.h"

/* With a shorter period the guest would do nothing but handle interrupts. */
#define MIN_PERIOD_HZ		10000ull

static u32 divider(const struct vapic *apic)
{
	u32 code = (apic->divide & 3) | ((apic->divide & 8) >> 1);

	return code == 7 ? 1 : 2u << code;
}

static u64 timer_hz(const struct vapic *apic)
{
	return container_of(apic, struct child, vapic)->vp->partition->apic_hz;
}

static u64 count_to_tsc(const struct vapic *apic, u64 count)
{
	return mul_div(count * divider(apic), tsc_hz, timer_hz(apic));
}

static bool periodic(const struct vapic *apic)
{
	return apic->lvt[LVT_TIMER] & APIC_LVT_PERIODIC;
}

u32 vapic_current_count(struct vp *vp)
{
	struct vapic *apic = &child_of(vp)->vapic;
	u64 passed;

	if (!apic->initial || (!timer_pending(&apic->timer) && !apic->parked))
		return 0;
	passed = mul_div(tsc_now() - apic->start, timer_hz(apic), tsc_hz) /
		 divider(apic);
	if (passed < apic->initial)
		return apic->initial - passed;
	return periodic(apic) ? apic->initial - passed % apic->initial : 0;
}

static void timer_fire(struct timer *timer)
{
	struct child *child = container_of(timer, struct child, vapic.timer);
	struct vapic *apic = &child->vapic;
	u32 lvt = apic->lvt[LVT_TIMER];
	u64 period, now;

	if (!(lvt & APIC_LVT_MASKED))
		vapic_accept(child->vp, lvt, false);
	if (!periodic(apic) || !apic->initial)
		return;
	period = MAX(count_to_tsc(apic, apic->initial), tsc_hz / MIN_PERIOD_HZ);
	now = tsc_now();
	/* Missed ticks are not made up for. */
	apic->start = time_next(apic->start, period, now) - period;
	apic->parked = sched_parked(child->vp);
	if (!apic->parked)
		timer_arm(timer, timer->lp, time_after(apic->start, period));
}

/* Restores a timer: of @initial ticks @left remain. */
void vapic_resume_timer(struct vp *vp, u32 initial, u32 left)
{
	struct vapic *apic = &child_of(vp)->vapic;

	timer_cancel(&apic->timer);
	apic->parked = false;
	apic->initial = initial;
	left = MIN(left, initial);
	if (!left)
		return;
	apic->start = tsc_now() - count_to_tsc(apic, initial - left);
	apic->timer.fn = timer_fire;
	timer_arm(&apic->timer, vp->lp,
		  apic->start + MAX(count_to_tsc(apic, initial), 1ull));
}

void vapic_start_timer(struct vp *vp, u32 initial)
{
	vapic_resume_timer(vp, initial, initial);
}

void vapic_stop_timers(struct vp *vp)
{
	timer_cancel(&child_of(vp)->vapic.timer);
	child_of(vp)->vapic.parked = false;
}

static __noinline void move_timer(struct vapic *apic, struct lp *lp)
{
	struct timer *timer = &apic->timer;
	u64 deadline = timer->deadline, period;

	if (apic->parked) {
		apic->parked = false;
		period = MAX(count_to_tsc(apic, apic->initial), tsc_hz / MIN_PERIOD_HZ);
		deadline = time_next(apic->start, period, tsc_now());
		apic->start = deadline - period;
	}
	timer_arm(timer, lp, deadline);
}

/* The VP will run on @lp: a timer there needs no kick when it fires. */
void vapic_move_timers(struct vp *vp, struct lp *lp)
{
	struct vapic *apic = &child_of(vp)->vapic;

	if (apic->parked || (timer_pending(&apic->timer) && apic->timer.lp != lp))
		move_timer(apic, lp);
}
