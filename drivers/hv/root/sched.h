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

#include "core.h"

/**
 * struct mshv_sched - a way to run virtual processors
 * @name: for the log
 * @type: for user space, enum mshv_scheduler
 * @run: run until the processor's message page holds an intercept (0), or until
 *	something else has to be done (negative errno); called under vp->lock
 * @stop: stop the processor of a broken partition, as far as possible; any context
 *	that may sleep
 * @retire: make sure that the processor never runs again, before it is destroyed
 */
struct mshv_sched {
	const char *name;
	int type;
	int (*run)(struct mshv_vp *vp);
	void (*stop)(struct mshv_vp *vp);
	int (*retire)(struct mshv_vp *vp);
};

extern const struct mshv_sched *mshv_sched;
extern const struct mshv_sched mshv_sched_root;
extern const struct mshv_sched mshv_sched_classic;

int mshv_sched_init(void);

/* run.c, for the schedulers */
bool mshv_run_must_leave(struct mshv_vp *vp);
bool mshv_run_work_pending(struct mshv_vp *vp);
int mshv_run_do_work(struct mshv_vp *vp);

#endif
