// SPDX-License-Identifier: GPL-2.0
/*
 * Withdrawing deposited memory.
 *
 * Model: the hypervisor returns any pages of a pool, in any order.  Each is checked
 * for its owner: a page that we have not deposited is not ours to free, and is
 * returned.
 */
#include <linux/hvr.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/sched.h>

#include <hyperv/hv_root.h>

#include "compat.h"
#include "held.h"
#include "pool.h"
#include "trace.h"

/* Pages were withdrawn.  Returns how many are not ours, which are the first then. */
static unsigned int withdraw_pages(struct hvr_pool *pool, u64 *list, unsigned int nr)
{
	unsigned int ours = hvr_disown(pool, list, nr), foreign = nr - ours;

	lockdep_assert_held(&pool->lock);
	hvr_release_all(list, ours);
	hvr_count_outstanding(-(s64)ours);
	pool->withdrawn += ours;
	memmove(list, list + ours, foreign * sizeof(*list));
	return foreign;
}

/*
 * The kernel deposits for itself as well, and those pages are not ours: deposit
 * such pages, now first in the list, again.
 */
static void withdraw_return_foreign(struct hvr_pool *pool, unsigned int nr)
{
	struct hv_deposit_memory *in = pool->page;
	u64 result;

	lockdep_assert_held(&pool->lock);
	memmove(in->gpa_page_list, pool->page,
		min_t(size_t, nr, HV_DEPOSIT_MAX) * sizeof(u64));
	in->partition_id = pool->partition_id;
	result = hvr_list(HVCALL_DEPOSIT_MEMORY,
			  min_t(unsigned int, nr, HV_DEPOSIT_MAX), 0, in, NULL);
	/* There may be no device: this is part of the platform layer, too. */
	if (hvr_reps(result) < nr)
		pr_err_ratelimited("mshv: %u foreign pages were withdrawn and could not be returned (%s)\n",
				   nr - hvr_reps(result), hvr_status_name(hvr_status(result)));
}

/**
 * hvr_withdraw_all() - withdraw what was deposited
 * @pool: the partition; nothing in it may be in use any more
 *
 * Context: process context; does not allocate.
 * Return: 0 if all our pages were withdrawn, otherwise a negative errno; those
 * withdrawn before the error are freed.
 */
int hvr_withdraw_all(struct hvr_pool *pool)
{
	u64 result, *list = pool->page;
	unsigned int nr, want, foreign = 0, idle = 0;
	int ret = 0;

	might_sleep();
	mutex_lock(&pool->lock);
	pool->spare = 0;
	while (pool->withdrawn < hvr_pool_given(pool)) {
		cond_resched();
		/* No more than one call can return. */
		want = min_t(u64, hvr_pool_given(pool) - pool->withdrawn,
			     HV_DEPOSIT_MAX);
		memset(pool->head, 0, sizeof(*pool->head));
		pool->head->partition_id = pool->partition_id;
		result = hvr_list(HVCALL_WITHDRAW_MEMORY, want, 0, pool->head,
				  pool->page);
		nr = min(hvr_reps(result), want);
		foreign = withdraw_pages(pool, list, nr);
		pool->foreign += foreign;
		if (foreign)
			break;
		if (hvr_status(result) == HV_STATUS_NO_RESOURCES) {
			ret = -EBUSY;
			break;
		}
		ret = hvr_errno(result);
		if (!ret && !nr && ++idle > HVR_IDLE_MAX)
			ret = -EIO;
		if (ret)
			break;
	}
	if (foreign) {
		ret = -EBUSY;
		withdraw_return_foreign(pool, foreign);
	}
	if (pool->withdrawn >= hvr_pool_given(pool))
		ret = 0;
	trace_mshv_withdraw(pool->partition_id, pool->withdrawn, ret);
	mutex_unlock(&pool->lock);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(hvr_withdraw_all, HVR_NS);
