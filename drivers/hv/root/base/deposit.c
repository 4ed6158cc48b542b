// SPDX-License-Identifier: GPL-2.0
/*
 * Deposits: pages for the hypervisor.
 *
 * Model: the hypervisor has no memory of its own to spend on a partition.  It
 * refuses a call with one of four statuses until the partition that is charged owns
 * enough pages ("deposit"); at the end all are withdrawn.  In between an access to
 * such a page is fatal for this kernel: held.c prevents it, from before the deposit
 * until after the withdrawal.
 *
 * call.c repeats a call and comes here by hvr_deposit_for().  Calls on lists of pages
 * have loops of their own: map.c and movable_fault.c; so has the dispatch, run_root.c.
 *
 * Every page has its pool as its owner, from before it is deposited.
 *
 * A deposit that fails halfway keeps what was accepted: those pages belong to the
 * hypervisor and only the rest is freed.  A page that it refuses is set aside, and
 * another one is offered.
 */
#include <linux/gfp.h>
#include <linux/hvr.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include <hyperv/hv_root.h>

#include "compat.h"
#include "deposit_rules.h"
#include "held.h"
#include "pool.h"
#include "trace.h"

/* Refused pages that are set aside in one deposit. */
#define REFUSED_MAX		16

static_assert(HVR_PAGES_PARTITION <= HV_DEPOSIT_MAX);
static_assert(HVR_PAGES_CONTIGUOUS <= REFUSED_MAX);

static atomic64_t refused;

/**
 * hvr_refused() - pages that the hypervisor has refused
 *
 * Return: how often it has refused one.
 */
u64 hvr_refused(void)
{
	return atomic64_read(&refused);
}
EXPORT_SYMBOL_NS_GPL(hvr_refused, HVR_NS);

/**
 * struct deposit - a deposit in progress
 * @in: the call's input, a page
 * @nr: pages in the list of @in
 * @aside: pages that the hypervisor has refused
 * @nr_aside: how many
 */
struct deposit {
	struct hv_deposit_memory *in;
	unsigned int nr;
	u64 aside[REFUSED_MAX];
	unsigned int nr_aside;
};

/* Deposit the pages in the list; what is left in it was not accepted. */
static u64 deposit_list(struct hvr_pool *pool, struct deposit *deposit)
{
	u64 *list = deposit->in->gpa_page_list;
	unsigned int done = 0;
	u64 result;

	mutex_lock(&pool->lock);
	deposit->in->partition_id = pool->partition_id;
	result = hvr_list_rest(HVCALL_DEPOSIT_MEMORY, deposit->nr, &done, deposit->in,
			       NULL);
	pool->deposited += done;
	pool->spare += done;
	hvr_count_outstanding(done);
	trace_mshv_deposit(pool->partition_id, done, hvr_errno(result));
	mutex_unlock(&pool->lock);
	deposit->nr -= done;
	memmove(list, list + done, deposit->nr * sizeof(*list));
	return result;
}

/*
 * The first page in the list was refused.  Freed, it would be the next one that the
 * allocator returns, so it is kept until the deposit is done, and replaced.  Of
 * contiguous pages all are replaced.
 */
static int deposit_replace_refused(struct hvr_pool *pool, struct deposit *deposit,
				   bool contiguous)
{
	unsigned int n = contiguous ? deposit->nr : 1;
	u64 *list = deposit->in->gpa_page_list;

	if (!deposit->nr || deposit->nr_aside + n > REFUSED_MAX)
		return -ENOMEM;
	atomic64_inc(&refused);
	memcpy(deposit->aside + deposit->nr_aside, list, n * sizeof(*list));
	deposit->nr_aside += n;
	deposit->nr -= n;
	memmove(list, list + n, deposit->nr * sizeof(*list));
	n = contiguous ? HVR_PAGES_CONTIGUOUS : 1;
	if (contiguous ? hvr_hold_contiguous(pool, list) :
			 hvr_hold(pool, list + deposit->nr, n))
		return -ENOMEM;
	deposit->nr += n;
	return 0;
}

static int deposit_pages(struct hvr_pool *pool, unsigned int nr, bool contiguous)
{
	struct deposit deposit = { .in = (void *)__get_free_page(GFP_KERNEL_ACCOUNT) };
	u64 result;
	int ret;

	hvr_may_deposit();
	if (!deposit.in)
		return -ENOMEM;
	ret = contiguous ? hvr_hold_contiguous(pool, deposit.in->gpa_page_list) :
			   hvr_hold(pool, deposit.in->gpa_page_list, nr);
	if (ret)
		goto out;
	deposit.nr = nr;
	do {
		result = deposit_list(pool, &deposit);
		ret = hvr_errno(result);
	} while (deposit_blames_page(result) &&
		 !deposit_replace_refused(pool, &deposit, contiguous));
	hvr_release_all(deposit.in->gpa_page_list, deposit.nr);
	hvr_release_all(deposit.aside, deposit.nr_aside);
out:
	free_page((unsigned long)deposit.in);
	return ret;
}

/**
 * hvr_deposit() - deposit pages
 * @pool: for whom
 * @nr: how many
 *
 * Context: process context; sleeps.
 * Return: 0 or a negative errno.
 */
int hvr_deposit(struct hvr_pool *pool, unsigned int nr)
{
	int ret = 0;

	while (nr && !ret) {
		unsigned int n = min_t(unsigned int, nr, HV_DEPOSIT_MAX);

		ret = deposit_pages(pool, n, false);
		nr -= n;
	}
	return ret;
}
EXPORT_SYMBOL_NS_GPL(hvr_deposit, HVR_NS);

/**
 * hvr_deposit_for() - deposit for a call that asked for memory
 * @pool: the partition that the call is charged to
 * @retry: progress of the operation; zero all but @pages at its beginning
 * @result: what the call returned
 *
 * Context: process context; sleeps.
 * Return: 0 if the call should be repeated, a negative errno to give up with.
 */
int hvr_deposit_for(struct hvr_pool *pool, struct hvr_retry *retry, u64 result)
{
	hvr_may_deposit();
	if (retry->tries++ >= HVR_DEPOSIT_TRIES)
		return -ENOMEM;
	if (fatal_signal_pending(current))
		return -EINTR;

	switch (hvr_status(result)) {
	case HV_STATUS_INSUFFICIENT_ROOT_MEMORY:
		pool = hvr_self_pool;
		fallthrough;
	case HV_STATUS_INSUFFICIENT_MEMORY:
		/* What was counted as spare is not. */
		mutex_lock(&pool->lock);
		pool->spare = 0;
		mutex_unlock(&pool->lock);
		return hvr_deposit(pool, deposit_next(retry));
	case HV_STATUS_INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY:
		return deposit_pages(hvr_self_pool, HVR_PAGES_CONTIGUOUS, true);
	case HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY:
		return deposit_pages(pool, HVR_PAGES_CONTIGUOUS, true);
	}
	return hvr_errno(result);
}
EXPORT_SYMBOL_NS_GPL(hvr_deposit_for, HVR_NS);

/**
 * hvr_reserve_vp() - deposit enough for one more processor
 * @pool: the partition
 *
 * Deposits for a growing number of processors at once: a small machine does not pay
 * for many, and a large one does not need a call for each.
 *
 * Context: process context; sleeps.
 * Return: 0 or a negative errno.
 */
int hvr_reserve_vp(struct hvr_pool *pool)
{
	unsigned int vps;
	int ret;

	hvr_may_deposit();
	mutex_lock(&pool->lock);
	vps = deposit_vps(pool);
	mutex_unlock(&pool->lock);
	ret = hvr_deposit(pool, vps * HVR_PAGES_VP);
	if (ret)
		return ret;
	mutex_lock(&pool->lock);
	pool->vps += vps;
	pool->spare -= HVR_PAGES_VP;
	mutex_unlock(&pool->lock);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(hvr_reserve_vp, HVR_NS);
