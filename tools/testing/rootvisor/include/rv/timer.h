/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Deadlines of the hypervisor and of children, and the root's APIC timer.
 *
 * Model: each LP has a heap of timers in TSC time, since guests have as many as there are
 * VPs, and may arm them with each exit.  While it is empty the physical APIC timer
 * belongs to the root and fires natively.  Otherwise the timer is *owned*: armed with
 * rootvisor's vector for the earliest deadline, the root's included, and every interrupt
 * of the root VP passes through the host; the root's timer interrupt is sent to it as a
 * self IPI when it is due.
 */
#ifndef _RV_TIMER_H
#define _RV_TIMER_H

#include <rv/base.h>

struct lp;

/* A point in time that never comes. */
#define NEVER	(~0ull)

/* Saturates: others choose the times that are added. */
static inline u64 time_after(u64 now, u64 span)
{
	return now + span < now ? NEVER : now + span;
}

/* The next point after @now of those at each @period after @last. */
static inline u64 time_next(u64 last, u64 period, u64 now)
{
	if (last <= now && now - last >= period)
		last = now - (now - last) % period;
	return time_after(last, period);
}

struct timer {
	u64 deadline;			/* TSC; 0: not pending */
	struct lp *lp;
	struct timer *up, *left, *right;	/* cpu/timer_heap.c */
	u32 rank;
	void (*fn)(struct timer *timer);
};

/*
 * (Re)arms on @lp for TSC @deadline (not 0; NEVER: cancel); calls fn there, under
 * hv_lock.
 */
void timer_arm(struct timer *timer, struct lp *lp, u64 deadline);
void timer_cancel(struct timer *timer);

/* A heap with the earliest timer on top; for the owner of the heap only. */
void timer_heap_add(struct timer **heap, struct timer *timer);
void timer_heap_del(struct timer **heap, struct timer *timer);

static inline bool timer_pending(const struct timer *timer)
{
	return timer->deadline != 0;
}

/*
 * Clock units.  Reference time is in 100 ns since rootvisor started.  All clocks of
 * reference time are tsc_scaled() of a TSC plus a constant, which is what a reader of a
 * reference TSC page computes as well: all of them agree to the unit.
 */
extern u64 tsc_hz, apic_hz;
extern u64 ref_scale;			/* 2^64 * 10^7 / tsc_hz */

static inline u64 tsc_scaled(u64 tsc)
{
	return mul_hi(tsc, ref_scale);
}

u64 tsc_now(void);
u64 tsc_to_ref(u64 tsc);		/* a point in time */
u64 tsc_span_to_ref(u64 ticks);		/* a length of time */
u64 ref_span_to_tsc(u64 span);		/* a length of time, not a point in it */

#endif
