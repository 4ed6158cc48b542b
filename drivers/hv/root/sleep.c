// SPDX-License-Identifier: GPL-2.0
/*
 * How long a run loop sleeps.
 *
 * Model: a VP's thread sleeps until a message wakes it.  A message can be lost, so now
 * and then the sleeper is woken to look for itself.  Guests sleep many times a second,
 * and a timer for each sleep would cost more than all else that the driver does for it:
 * so there is one that is not stopped at the end of a sleep.  If it finds another sleep
 * than the one that it was started for, it goes on for the rest of that one; if it
 * finds none, the next sleep starts it again.
 */
#include <linux/jiffies.h>
#include <linux/timer.h>

#include "compat.h"
#include "core.h"
#include "sched.h"

/* How long to sleep without looking. */
#define SLEEP_MAX	HZ

static void sleep_check(struct timer_list *timer)
{
	struct mshv_sleep *sleep = container_of(timer, struct mshv_sleep, timer);
	struct mshv_vp *vp = container_of(sleep, struct mshv_vp, sleep);
	unsigned long due;

	/* Pairs with mshv_sleep_begin(): the timer is not pending, then look. */
	smp_mb();
	if (!READ_ONCE(sleep->sleeping))
		return;
	due = READ_ONCE(sleep->since) + SLEEP_MAX;
	if (time_before(jiffies, due)) {
		mod_timer(timer, due);
		return;
	}
	WRITE_ONCE(sleep->overdue, true);
	rcuwait_wake_up(&vp->wait);
}

/**
 * mshv_sleep_init() - a processor whose thread does not sleep
 * @vp: the processor
 */
void mshv_sleep_init(struct mshv_vp *vp)
{
	timer_setup(&vp->sleep.timer, sleep_check, 0);
}

/**
 * mshv_sleep_exit() - stop the timer
 * @vp: a processor that is not run any more
 *
 * Context: process context.
 */
void mshv_sleep_exit(struct mshv_vp *vp)
{
	timer_delete_sync(&vp->sleep.timer);
}

/**
 * mshv_sleep_start_timer() - for mshv_sleep_begin()
 * @vp: the processor
 */
void mshv_sleep_start_timer(struct mshv_vp *vp)
{
	mod_timer(&vp->sleep.timer, jiffies + SLEEP_MAX);
}
