/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The scheduler of VPs: this kernel, or the hypervisor.
 *
 * Model: the hypervisor reports at boot which of the two it is.  Under the root
 * scheduler a VP runs inside DISPATCH_VP, on the thread that calls it; under the
 * hypervisor's own it runs when it is not suspended, and the thread waits for a
 * message.  RUN_VP is the same to user space under both.
 */
#ifndef _MSHV_SCHED_H
#define _MSHV_SCHED_H

#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/thread_info.h>
#include <linux/timer.h>

#include "core.h"

/**
 * struct mshv_sched - a way to run virtual processors
 * @name: for the log
 * @type: for user space, enum mshv_scheduler
 * @prepare: make vp->run_input
 * @run: run until the processor's message page holds an intercept (0), or until
 *	something else has to be done (negative errno); called under vp->lock
 * @stop: stop the processor of a broken partition, as far as possible; any context
 *	that may sleep
 * @retire: make sure that the processor never runs again, before it is destroyed
 */
struct mshv_sched {
	const char *name;
	int type;
	void (*prepare)(struct mshv_vp *vp);
	int (*run)(struct mshv_vp *vp);
	void (*stop)(struct mshv_vp *vp);
	int (*retire)(struct mshv_vp *vp);
};

extern const struct mshv_sched *mshv_sched;
extern const struct mshv_sched mshv_sched_root;
extern const struct mshv_sched mshv_sched_classic;

int mshv_sched_init(void);

/* sleep.c, for the schedulers */
void mshv_sleep_init(struct mshv_vp *vp);
void mshv_sleep_exit(struct mshv_vp *vp);
void mshv_sleep_start_timer(struct mshv_vp *vp);

/* The thread of a processor is going to sleep, no longer than until it is overdue. */
static inline void mshv_sleep_begin(struct mshv_vp *vp)
{
	struct mshv_sleep *sleep = &vp->sleep;

	WRITE_ONCE(sleep->overdue, false);
	WRITE_ONCE(sleep->since, jiffies);
	WRITE_ONCE(sleep->sleeping, true);
	/* Pairs with sleep_check(): what is about to fire sees this sleep. */
	smp_mb();
	if (!timer_pending(&sleep->timer))
		mshv_sleep_start_timer(vp);
}

/* It is awake.  Has it slept for so long that it should look for itself? */
static inline bool mshv_sleep_end(struct mshv_vp *vp)
{
	WRITE_ONCE(vp->sleep.sleeping, false);
	return READ_ONCE(vp->sleep.overdue);
}

/* run.c, for the schedulers */
bool mshv_run_has_exit_work(void);
int mshv_run_do_work(struct mshv_vp *vp);

/* Does the VMM want the run to end? */
static inline bool mshv_run_cancelled(struct mshv_vp *vp)
{
	const struct mshv_vp_control *control = READ_ONCE(vp->control);

	return READ_ONCE(vp->cancel) ||
	       (control && READ_ONCE(control->immediate_exit));
}

/* All flags of a thread that make a run end. */
#define MSHV_RUN_ENDS	(_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL | _TIF_NOTIFY_RESUME)

/*
 * TIF_NOTIFY_RESUME alone means little: it is set whenever a thread with an rseq area
 * has been scheduled, and that can wait until the return to user mode.
 */
static inline bool mshv_run_must_exit(void)
{
	return test_thread_flag(TIF_NOTIFY_RESUME) && mshv_run_has_exit_work();
}

/*
 * Must the run end?  If so, mshv_run_do_work() returns an errno.  A call would be a third
 * of what this takes, and it is in front of each entry into a guest.
 */
static __always_inline bool mshv_run_must_leave(struct mshv_vp *vp)
{
	return (read_thread_flags() & MSHV_RUN_ENDS &&
		(signal_pending(current) || mshv_run_must_exit())) ||
	       mshv_run_cancelled(vp);
}

/*
 * Does mshv_run_do_work() have to be called?  The answer stays valid with interrupts
 * off.
 */
static inline bool mshv_run_work_pending(struct mshv_vp *vp)
{
	return need_resched() || mshv_run_must_leave(vp);
}

#endif
