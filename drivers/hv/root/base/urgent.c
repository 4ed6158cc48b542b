// SPDX-License-Identifier: GPL-2.0
/*
 * Calls that may need a deposit where nothing may sleep.
 *
 * Model: interrupts of devices are mapped with interrupts off.  Before that, where it may
 * sleep, the caller fills a stock of blocks, and deposits from it.
 */
#include <linux/hvr.h>
#include <linux/mm.h>

#include <hyperv/hv_root.h>

#include "call.h"
#include "compat.h"
#include "held.h"
#include "pool.h"

/**
 * hvr_stock_get() - allocate a block for hvr_deposit_now()
 * @block: the block
 *
 * Context: process context; sleeps.
 * Return: 0 or -ENOMEM.
 */
int hvr_stock_get(struct hvr_stock_block *block)
{
	u64 pfns[HVR_PAGES_CONTIGUOUS];
	int ret;

	hvr_may_deposit();
	ret = hvr_hold_contiguous(NULL, pfns);
	if (ret)
		return ret;
	block->first = pfn_to_page(pfns[0]);
	block->nr = HVR_PAGES_CONTIGUOUS;
	return 0;
}

/**
 * hvr_stock_put() - free a block
 * @block: the block, or what is left of it
 *
 * Context: process context; sleeps.
 */
void hvr_stock_put(struct hvr_stock_block *block)
{
	u64 pfns[HVR_PAGES_CONTIGUOUS];

	hvr_list_run(pfns, block->first, block->nr);
	hvr_release_all(pfns, block->nr);
	block->nr = 0;
}

/**
 * hvr_deposit_now() - deposit pages without sleeping
 * @pool: for whom
 * @block: from hvr_stock_get(); what is not accepted is left in it
 *
 * Context: any but NMI.
 * Return: 0 if all were accepted, or a negative errno.
 */
int hvr_deposit_now(struct hvr_pool *pool, struct hvr_stock_block *block)
{
	struct {
		u64 partition_id;
		u64 pfns[HVR_PAGES_CONTIGUOUS];
	} in = { .partition_id = pool->partition_id };
	unsigned int i, done;
	u64 result;

	for (i = 0; i < block->nr; i++) {
		in.pfns[i] = page_to_pfn(block->first + i);
		hvr_set_owner(block->first + i, pool);
	}
	result = hvr_small(HVCALL_DEPOSIT_MEMORY, block->nr, &in,
			   sizeof(u64) * (block->nr + 1), NULL, 0);
	done = result == HV_RESULT_NO_HYPERCALL_PAGE ? 0 :
						       min(hvr_reps(result), block->nr);
	for (i = done; i < block->nr; i++)
		hvr_set_owner(block->first + i, NULL);
	hvr_count_outstanding(done);
	atomic64_add(done, &pool->urgent);
	block->first += done;
	block->nr -= done;
	if (hvr_errno(result))
		return hvr_errno(result);
	return block->nr ? -ENOMEM : 0;
}

/**
 * hvr_call_atomic() - make a call, and deposit from a stock
 * @call: the call; its @pool is ignored
 * @more: deposits from the stock; 0, or a negative errno when it is empty
 *
 * Context: any but NMI, if @more may be called there.
 * Return: 0 when all is done, or a negative errno.
 */
int hvr_call_atomic(struct hvr_call *call, int (*more)(void))
{
	int ret;

	for (;;) {
		ret = hvr_call_attempt(call);
		if (ret)
			return ret;
		if (!hvr_wants_memory(call->result))
			break;
		if (call->retry.tries++ >= HVR_DEPOSIT_TRIES || more())
			break;
	}
	ret = hvr_errno(call->result);
	return !ret && call->done < call->reps ? -EIO : ret;
}
EXPORT_SYMBOL_NS_GPL(hvr_call_atomic, HVR_NS);
