// SPDX-License-Identifier: GPL-2.0
/*
 * Deposited memory: the only file that gives pages to the hypervisor.
 *
 * Model: the hypervisor has no memory of its own to spend on a partition.  It
 * refuses a call with one of four statuses until the partition that is charged
 * owns enough pages ("deposit"); at the end all are taken back ("withdraw").
 * In between an access to such a page is fatal for this kernel, therefore they
 * are marked offline, which keeps /proc/kcore and dumps away from them.
 *
 * Every page carries its pool in page_private(), and what comes back is checked
 * against it: a page that we never gave is not ours to free.
 *
 * A deposit that stops half way keeps what it has taken: those pages belong to
 * the hypervisor and only the rest is freed.
 */
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "compat.h"
#include "hypercall.h"
#include "trace.h"

#define CONTIGUOUS_ORDER	3

/* Provide for this many processors at most with one deposit. */
#define VP_BATCH_MAX		(HV_DEPOSIT_MAX / HVR_PAGES_VP)

static_assert(1 << CONTIGUOUS_ORDER == HVR_PAGES_CONTIGUOUS);
static_assert(HVR_PAGES_PARTITION <= HV_DEPOSIT_MAX);

/* The pool of this partition itself, of the platform layer and the driver. */
struct hvr_pool *hvr_self_pool;
EXPORT_SYMBOL_GPL(hvr_self_pool);

/**
 * hvr_pool_create() - books for one partition's memory
 * @partition_id: the partition, or HV_PARTITION_ID_SELF; may be set later
 *
 * Return: the pool, or NULL when there is no memory.
 */
struct hvr_pool *hvr_pool_create(u64 partition_id)
{
	struct hvr_pool *pool = kzalloc(sizeof(*pool), GFP_KERNEL_ACCOUNT);

	if (!pool)
		return NULL;
	mutex_init(&pool->lock);
	pool->partition_id = partition_id;
	pool->vp_batch = 1;
	/* Power of two sizes are aligned to their size: no page is crossed. */
	pool->head = kzalloc(roundup_pow_of_two(sizeof(*pool->head)),
			     GFP_KERNEL_ACCOUNT);
	pool->page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!pool->head || !pool->page) {
		hvr_pool_destroy(pool);
		return NULL;
	}
	return pool;
}
EXPORT_SYMBOL_GPL(hvr_pool_create);

/**
 * hvr_pool_destroy() - free the books
 * @pool: an empty pool, or NULL
 */
void hvr_pool_destroy(struct hvr_pool *pool)
{
	if (!pool)
		return;
	free_page((unsigned long)pool->page);
	kfree(pool->head);
	mutex_destroy(&pool->lock);
	kfree(pool);
}
EXPORT_SYMBOL_GPL(hvr_pool_destroy);

/* Of all pools. */
static atomic64_t outstanding;

/**
 * hvr_outstanding() - what the hypervisor has of this kernel's memory
 *
 * Return: number of pages given and not got back, whatever for.
 */
s64 hvr_outstanding(void)
{
	return atomic64_read(&outstanding);
}

/* All that was ever given. */
static u64 given(struct hvr_pool *pool)
{
	return pool->deposited + atomic64_read(&pool->urgent);
}

/**
 * hvr_pool_outstanding() - what the hypervisor still has
 * @pool: the pool
 *
 * Return: number of pages given and not got back.
 */
u64 hvr_pool_outstanding(struct hvr_pool *pool)
{
	u64 n;

	mutex_lock(&pool->lock);
	n = given(pool) - pool->withdrawn;
	mutex_unlock(&pool->lock);
	return n;
}
EXPORT_SYMBOL_GPL(hvr_pool_outstanding);

static void mark_given(struct hvr_pool *pool, struct page *page)
{
	atomic64_inc(&outstanding);
	set_page_private(page, (unsigned long)pool);
	compat_set_offline(page);
}

static void mark_back(struct page *page)
{
	compat_clear_offline(page);
	set_page_private(page, 0);
	atomic64_dec(&outstanding);
}

static bool is_given(struct hvr_pool *pool, struct page *page)
{
	return PageOffline(page) && page_private(page) == (unsigned long)pool;
}

/**
 * hvr_lent_page() - a page that the hypervisor shares with us
 * @pool: the partition that it is about
 * @pfn: what the hypervisor says
 *
 * It must be one that the hypervisor has from us, for that partition or for
 * this one, or one that the kernel has never had.  Anything else is in use by
 * somebody who knows nothing of it.
 *
 * Return: its address, NULL if it cannot be such a page.
 */
void *hvr_lent_page(struct hvr_pool *pool, u64 pfn)
{
	struct page *page;

	if (!pfn_valid(pfn))
		return NULL;
	page = pfn_to_page(pfn);
	if (!is_given(pool, page) && !is_given(hvr_self_pool, page) &&
	    !PageReserved(page))
		return NULL;
	return page_address(page);
}
EXPORT_SYMBOL_GPL(hvr_lent_page);

static void free_list(struct list_head *pages)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, pages, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
}

static int alloc_list(struct list_head *pages, unsigned int nr)
{
	while (nr--) {
		struct page *page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_NOWARN);

		if (!page)
			return -ENOMEM;
		list_add_tail(&page->lru, pages);
	}
	return 0;
}

static int alloc_contiguous(struct list_head *pages)
{
	struct page *page;
	int i;

	/* Nothing smaller will do, so rather fail than torment the machine. */
	page = alloc_pages(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_NORETRY,
			   CONTIGUOUS_ORDER);
	if (!page)
		return -ENOMEM;
	split_page(page, CONTIGUOUS_ORDER);
	for (i = 0; i < HVR_PAGES_CONTIGUOUS; i++)
		list_add_tail(&page[i].lru, pages);
	return 0;
}

/* Give what is on the list; what was not taken stays on it. */
static int give(struct hvr_pool *pool, struct list_head *pages)
{
	struct hv_deposit_memory *in = pool->page;
	struct page *page, *next;
	unsigned int nr = 0, done = 0;
	u64 result;

	mutex_lock(&pool->lock);
	in->partition_id = pool->partition_id;
	list_for_each_entry(page, pages, lru)
		in->gpa_page_list[nr++] = page_to_pfn(page);
	result = hvr_list_rest(HVCALL_DEPOSIT_MEMORY, nr, &done, in, NULL);

	pool->deposited += done;
	pool->spare += done;
	trace_mshv_deposit(pool->partition_id, done, hvr_errno(result));
	list_for_each_entry_safe(page, next, pages, lru) {
		if (!done--)
			break;
		list_del(&page->lru);
		mark_given(pool, page);
	}
	mutex_unlock(&pool->lock);
	return hvr_errno(result);
}

/**
 * hvr_deposit() - give pages to the hypervisor
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
		LIST_HEAD(pages);

		ret = alloc_list(&pages, n);
		if (!ret)
			ret = give(pool, &pages);
		free_list(&pages);
		nr -= n;
	}
	return ret;
}
EXPORT_SYMBOL_GPL(hvr_deposit);

/**
 * hvr_deposit_now() - give pages to the hypervisor without sleeping
 * @pool: for whom
 * @pages: pages that follow each other, split, owned by the caller
 * @nr: how many, at most %HVR_PAGES_CONTIGUOUS
 *
 * What the hypervisor does not take is freed.
 *
 * Context: any but NMI.
 * Return: 0 if all were taken, or a negative errno.
 */
int hvr_deposit_now(struct hvr_pool *pool, struct page *pages, unsigned int nr)
{
	struct {
		u64 partition_id;
		u64 pfns[HVR_PAGES_CONTIGUOUS];
	} in = { .partition_id = pool->partition_id };
	unsigned int i, done;
	u64 result;

	if (nr > HVR_PAGES_CONTIGUOUS)
		return -EINVAL;
	for (i = 0; i < nr; i++)
		in.pfns[i] = page_to_pfn(pages + i);
	result = hvr_small(HVCALL_DEPOSIT_MEMORY, nr, &in,
			   sizeof(u64) * (nr + 1), NULL, 0);
	done = result == HV_RESULT_NO_HYPERCALL_PAGE ? 0 : min(hvr_reps(result), nr);
	atomic64_add(done, &pool->urgent);
	for (i = 0; i < nr; i++) {
		if (i < done)
			mark_given(pool, pages + i);
		else
			__free_page(pages + i);
	}
	if (hvr_errno(result))
		return hvr_errno(result);
	return done == nr ? 0 : -ENOMEM;
}

static int deposit_contiguous(struct hvr_pool *pool)
{
	LIST_HEAD(pages);
	int ret;

	ret = alloc_contiguous(&pages);
	if (!ret)
		ret = give(pool, &pages);
	free_list(&pages);
	return ret;
}

/**
 * hvr_deposit_for() - answer a call that asked for memory
 * @pool: the partition that the call is charged to
 * @retry: progress of the operation; zero all but @pages at its beginning
 * @result: what the call returned
 *
 * Context: process context; sleeps.
 * Return: 0 if the call should be repeated, a negative errno to give up with.
 */
int hvr_deposit_for(struct hvr_pool *pool, struct hvr_retry *retry, u64 result)
{
	unsigned int pages;
	int ret;

	if (retry->tries++ >= HVR_DEPOSIT_TRIES)
		return -ENOMEM;
	if (fatal_signal_pending(current))
		return -EINTR;

	pages = max(retry->pages, 1U);
	switch (hvr_status(result)) {
	case HV_STATUS_INSUFFICIENT_ROOT_MEMORY:
		pool = hvr_self_pool;
		fallthrough;
	case HV_STATUS_INSUFFICIENT_MEMORY:
		/* Whatever we thought was spare is not. */
		mutex_lock(&pool->lock);
		pool->spare = 0;
		mutex_unlock(&pool->lock);
		ret = hvr_deposit(pool, pages);
		/* Asked again at once, it needs more than we thought. */
		if (pages < HVR_PAGES_MORE)
			retry->pages = 2 * pages;
		return ret;
	case HV_STATUS_INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY:
		return deposit_contiguous(hvr_self_pool);
	case HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY:
		return deposit_contiguous(pool);
	}
	return hvr_errno(result);
}
EXPORT_SYMBOL_GPL(hvr_deposit_for);

/**
 * hvr_reserve_vp() - have enough memory at hand for one more processor
 * @pool: the partition
 *
 * Deposits for a growing number of processors at once: a small machine does
 * not pay for many, and a large one does not need a call for each.
 *
 * Return: 0 or a negative errno.
 */
int hvr_reserve_vp(struct hvr_pool *pool)
{
	unsigned int batch = 0;

	mutex_lock(&pool->lock);
	if (pool->spare < HVR_PAGES_VP) {
		batch = pool->vp_batch;
		pool->vp_batch = min_t(unsigned int, 2 * batch, VP_BATCH_MAX);
	}
	mutex_unlock(&pool->lock);
	if (batch) {
		int ret = hvr_deposit(pool, batch * HVR_PAGES_VP);

		if (ret)
			return ret;
	}
	mutex_lock(&pool->lock);
	pool->spare -= HVR_PAGES_VP;
	mutex_unlock(&pool->lock);
	return 0;
}
EXPORT_SYMBOL_GPL(hvr_reserve_vp);

/* One page came back.  Returns false if it is not one of ours. */
static bool take_back(struct hvr_pool *pool, u64 pfn)
{
	struct page *page;

	if (!pfn_valid(pfn))
		return false;
	page = pfn_to_page(pfn);
	if (!is_given(pool, page))
		return false;
	mark_back(page);
	__free_page(page);
	pool->withdrawn++;
	return true;
}

/*
 * The kernel deposits to itself as well, and what it gave is not ours to take:
 * put such pages, now first in the list, back where they were.
 */
static void give_back_foreign(struct hvr_pool *pool, unsigned int nr)
{
	struct hv_deposit_memory *in = pool->page;
	u64 result;

	memmove(in->gpa_page_list, pool->page,
		min_t(size_t, nr, HV_DEPOSIT_MAX) * sizeof(u64));
	in->partition_id = pool->partition_id;
	result = hvr_list(HVCALL_DEPOSIT_MEMORY,
			  min_t(unsigned int, nr, HV_DEPOSIT_MAX), 0, 0, in, NULL);
	/* There may be no device: this is part of a platform layer too. */
	if (hvr_reps(result) < nr)
		pr_err_ratelimited("mshv: %u pages of others came back and could not be returned (%s)\n",
				   nr - hvr_reps(result), hvr_status_name(hvr_status(result)));
}

/**
 * hvr_withdraw_all() - take back what we gave
 * @pool: the partition; nothing in it may be in use any more
 *
 * Context: process context; does not allocate.
 * Return: 0 if all our pages came back, otherwise a negative errno; what came
 * back until then is freed.
 */
int hvr_withdraw_all(struct hvr_pool *pool)
{
	u64 result, *list = pool->page;
	unsigned int i, nr, want, foreign = 0, idle = 0;
	int ret = 0;

	mutex_lock(&pool->lock);
	pool->spare = 0;
	while (pool->withdrawn < given(pool)) {
		/* No more than could be given back with one call. */
		want = min_t(u64, given(pool) - pool->withdrawn,
			     HV_DEPOSIT_MAX);
		memset(pool->head, 0, sizeof(*pool->head));
		pool->head->partition_id = pool->partition_id;
		result = hvr_list(HVCALL_WITHDRAW_MEMORY, want, 0, 0,
				  pool->head, pool->page);
		nr = min(hvr_reps(result), want);
		for (i = 0, foreign = 0; i < nr; i++) {
			if (!take_back(pool, list[i]))
				list[foreign++] = list[i];
		}
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
		give_back_foreign(pool, foreign);
	}
	if (pool->withdrawn >= given(pool))
		ret = 0;
	trace_mshv_withdraw(pool->partition_id, pool->withdrawn, ret);
	mutex_unlock(&pool->lock);
	return ret;
}
EXPORT_SYMBOL_GPL(hvr_withdraw_all);
