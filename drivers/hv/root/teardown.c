// SPDX-License-Identifier: GPL-2.0
/*
 * Destroying a partition, which cannot fail for the caller.
 *
 * Model: it begins when the last file of the partition or of its VPs is closed.  It is
 * a list of steps, enum mshv_teardown, each of which the hypervisor may refuse and
 * which is then retried: at once, and later by a worker with growing delays.  If a
 * step is always refused, there are two cases.  An optional step is skipped.
 * Otherwise guest memory may still be mapped or deposited pages in use, and the
 * partition is "quarantined": its pages are kept, counted, reported once, and the
 * module stays loaded, because the pages are only known here.
 *
 * The guest's memory is released between FINALIZE, after which no processor can
 * touch it, and WITHDRAW.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "core.h"
#include "log.h"
#include "sched.h"
#include "stats.h"
#include "trace.h"

/* Attempts on the closing thread, and attempts in all. */
#define TEARDOWN_TRIES_AT_ONCE	2U
#define TEARDOWN_TRIES		9U
#define TEARDOWN_PAUSE_MS	10

/* Pages that creation has cost this partition itself and that are not withdrawn. */
#define SELF_PAGES_KEPT		16

struct workqueue_struct *mshv_teardown_wq;

/* They are never freed, but must not look like leaks. */
static LIST_HEAD(quarantined);
static DEFINE_SPINLOCK(quarantined_lock);
static atomic64_t quarantined_pages;
static atomic_t quarantined_partitions;

/**
 * mshv_quarantined_pages() - number of pages in quarantine
 *
 * Return: their number.
 */
u64 mshv_quarantined_pages(void)
{
	return atomic64_read(&quarantined_pages);
}

/**
 * mshv_quarantined_partitions() - number of partitions in quarantine
 *
 * Return: their number.
 */
unsigned int mshv_quarantined_partitions(void)
{
	return atomic_read(&quarantined_partitions);
}

static int teardown_events(struct mshv_partition *partition)
{
	mshv_stats_remove(partition);
	return mshv_events_shutdown(partition);
}

static int teardown_stop_vps(struct mshv_partition *partition)
{
	struct mshv_vp *vp;
	unsigned long index;
	int ret, first = 0;

	xa_for_each(&partition->vps, index, vp) {
		ret = mshv_sched->retire(vp);
		if (ret && !first)
			first = ret;
		cond_resched();
	}
	if (!first)
		mshv_partition_unpublish(partition);
	return first;
}

static int teardown_unmap_state(struct mshv_partition *partition)
{
	struct mshv_vp *vp;
	unsigned long index;
	int ret, first = 0;

	xa_for_each(&partition->vps, index, vp) {
		ret = mshv_vp_unmap_state(vp);
		if (ret && !first)
			first = ret;
		cond_resched();
	}
	return first;
}

static int teardown_withdraw(struct mshv_partition *partition)
{
	return hvr_withdraw_all(partition->pool);
}

/*
 * What the hypervisor refuses may have been done already, with an answer that did
 * not say so.  Processors and page tables of a partition are made of what was
 * deposited for it: if all of that can be withdrawn, they do not exist any more.
 */
static bool teardown_nothing_left(struct mshv_partition *partition)
{
	return partition->teardown_tries && partition->pool->deposited &&
	       !teardown_withdraw(partition);
}

static int teardown_finalize(struct mshv_partition *partition)
{
	int ret;

	/*
	 * A partition whose processors could not be stopped has been finalized
	 * already.
	 */
	if (READ_ONCE(partition->finalized))
		return 0;
	ret = mshv_call_finalize_partition(partition->id);
	/* A failed INITIALIZE may have taken effect all the same. */
	if (ret && partition->initialized && !teardown_nothing_left(partition))
		return ret;
	WRITE_ONCE(partition->finalized, true);
	mshv_vp_forget_states(partition);
	return 0;
}

static int teardown_release_memory(struct mshv_partition *partition)
{
	mshv_space_release(partition);
	return 0;
}

static int teardown_delete(struct mshv_partition *partition)
{
	return mshv_call_delete_partition(partition->id);
}

static const struct {
	const char *name;
	int (*run)(struct mshv_partition *partition);
	bool optional;
} steps[MSHV_TEARDOWN_DONE] = {
	[MSHV_TEARDOWN_EVENTS] = { "shut down", teardown_events, true },
	[MSHV_TEARDOWN_STOP] = { "stop", teardown_stop_vps, true },
	[MSHV_TEARDOWN_UNMAP_STATE] = { "unmap", teardown_unmap_state, true },
	[MSHV_TEARDOWN_FINALIZE] = { "finalize", teardown_finalize },
	[MSHV_TEARDOWN_RELEASE_MEMORY] = { "release", teardown_release_memory },
	[MSHV_TEARDOWN_WITHDRAW] = { "withdraw", teardown_withdraw },
	[MSHV_TEARDOWN_DELETE] = { "delete", teardown_delete },
};

/* Continue until a step is refused or all are done. */
static int teardown_advance(struct mshv_partition *partition)
{
	while (partition->teardown < MSHV_TEARDOWN_DONE) {
		int ret = steps[partition->teardown].run(partition);

		trace_mshv_teardown(partition->id, partition->teardown, ret);
		if (ret && steps[partition->teardown].optional &&
		    partition->teardown_tries >= TEARDOWN_TRIES_AT_ONCE)
			ret = 0;
		if (ret)
			return ret;
		WRITE_ONCE(partition->teardown, partition->teardown + 1);
		partition->teardown_tries = 0;
	}
	return 0;
}

static void teardown_finish(struct mshv_partition *partition)
{
	mshv_partition_unpublish(partition);
	mshv_partition_free(partition);
	/*
	 * What creation has cost this partition itself is free again, and the next one
	 * needs it.  The last partition withdraws what many have left.
	 */
	if (mshv_partition_none() && mshv_self_pages() > SELF_PAGES_KEPT)
		hvr_withdraw_all(hvr_self_pool);
}

static void teardown_quarantine(struct mshv_partition *partition, int err)
{
	u64 pages = hvr_pool_outstanding(partition->pool);

	mshv_partition_unpublish(partition);
	spin_lock(&quarantined_lock);
	list_add_tail(&partition->quarantine_node, &quarantined);
	spin_unlock(&quarantined_lock);
	atomic64_add(pages, &quarantined_pages);
	atomic_inc(&quarantined_partitions);
	trace_mshv_quarantine(partition->id, pages);
	hvr_err("partition %#llx could not be destroyed (%s: %d): %llu pages are quarantined\n",
		partition->id, steps[partition->teardown].name, err, pages);
	/* The reference on the module stays with the partition. */
}

static void teardown_try_later(struct mshv_partition *partition)
{
	unsigned int shift = max(partition->teardown_tries,
				 TEARDOWN_TRIES_AT_ONCE) -
			     TEARDOWN_TRIES_AT_ONCE;

	queue_delayed_work(mshv_teardown_wq, &partition->teardown_work,
			   msecs_to_jiffies(TEARDOWN_PAUSE_MS << shift));
}

/**
 * mshv_teardown_work() - retry to destroy a partition
 * @work: its teardown work
 */
void mshv_teardown_work(struct work_struct *work)
{
	struct mshv_partition *partition =
		container_of(work, struct mshv_partition, teardown_work.work);
	int ret = teardown_advance(partition);

	if (ret) {
		if (++partition->teardown_tries < TEARDOWN_TRIES)
			teardown_try_later(partition);
		else
			teardown_quarantine(partition, ret);
		return;
	}
	teardown_finish(partition);
	/* Unloading waits for the work queue, hence for the end of this. */
	module_put(THIS_MODULE);
}

/**
 * mshv_teardown() - destroy a partition without references
 * @partition: the partition
 *
 * Context: process context; sleeps.
 */
void mshv_teardown(struct mshv_partition *partition)
{
	int ret;

	do {
		ret = teardown_advance(partition);
		if (!ret) {
			teardown_finish(partition);
			return;
		}
	} while (++partition->teardown_tries < TEARDOWN_TRIES_AT_ONCE);

	__module_get(THIS_MODULE);
	teardown_try_later(partition);
}
