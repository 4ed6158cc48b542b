// SPDX-License-Identifier: GPL-2.0
/*
 * Pools: accounting of deposited memory, and the pages of it that the hypervisor
 * shares with this kernel.
 *
 * See <linux/hvr.h> for the term, deposit.c for how pages get into a pool, and
 * withdraw.c for how they come back.
 */
#include <linux/gfp.h>
#include <linux/hvr.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <hyperv/hv_root.h>

#include "compat.h"
#include "held.h"
#include "pool.h"

/* The pool of this partition itself, for platform layer and driver. */
struct hvr_pool *hvr_self_pool;
EXPORT_SYMBOL_NS_GPL(hvr_self_pool, HVR_NS);

/**
 * hvr_pool_create() - accounting for one partition's memory
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
	/*
	 * Sizes that are powers of two are aligned to their size, so no page is
	 * crossed.
	 */
	pool->head = kzalloc(roundup_pow_of_two(sizeof(*pool->head)),
			     GFP_KERNEL_ACCOUNT);
	pool->page = (void *)__get_free_page(GFP_KERNEL_ACCOUNT);
	if (!pool->head || !pool->page) {
		hvr_pool_destroy(pool);
		return NULL;
	}
	return pool;
}
EXPORT_SYMBOL_NS_GPL(hvr_pool_create, HVR_NS);

/**
 * hvr_pool_destroy() - free a pool
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
EXPORT_SYMBOL_NS_GPL(hvr_pool_destroy, HVR_NS);

/* Of all pools. */
static atomic64_t outstanding;

/**
 * hvr_outstanding() - pages of this kernel that the hypervisor owns
 *
 * Return: number of pages deposited and not withdrawn, for any purpose.
 */
s64 hvr_outstanding(void)
{
	return atomic64_read(&outstanding);
}
EXPORT_SYMBOL_NS_GPL(hvr_outstanding, HVR_NS);

/**
 * hvr_count_outstanding() - count deposited or withdrawn pages
 * @pages: how many more are outstanding
 *
 * Context: any.
 */
void hvr_count_outstanding(s64 pages)
{
	atomic64_add(pages, &outstanding);
}

/**
 * hvr_pool_given() - pages deposited so far
 * @pool: the pool
 *
 * Return: number of pages.
 */
u64 hvr_pool_given(struct hvr_pool *pool)
{
	lockdep_assert_held(&pool->lock);
	return pool->deposited + atomic64_read(&pool->urgent);
}

/**
 * hvr_pool_outstanding() - pages that are outstanding
 * @pool: the pool
 *
 * Return: number of pages deposited and not withdrawn.
 */
u64 hvr_pool_outstanding(struct hvr_pool *pool)
{
	u64 n;

	mutex_lock(&pool->lock);
	n = hvr_pool_given(pool) - pool->withdrawn;
	mutex_unlock(&pool->lock);
	return n;
}
EXPORT_SYMBOL_NS_GPL(hvr_pool_outstanding, HVR_NS);

/**
 * hvr_shares() - can this be a page that the hypervisor shares with this kernel?
 * @pool: the partition that it belongs to
 * @pfn: page number from the hypervisor
 *
 * It must have been deposited for that partition or for this one, or never have
 * been owned by the kernel.  Any other page is in use by code that does not know of
 * this.
 *
 * Return: true if so.
 */
bool hvr_shares(const struct hvr_pool *pool, u64 pfn)
{
	struct page *page;

	if (!pfn_valid(pfn))
		return false;
	page = pfn_to_page(pfn);
	return hvr_owns(pool, page) || hvr_owns(hvr_self_pool, page) || PageReserved(page);
}
EXPORT_SYMBOL_NS_GPL(hvr_shares, HVR_NS);

/**
 * hvr_map_shared() - map pages that the hypervisor shares with this kernel
 * @pfns: their numbers; hvr_shares() is true for each
 * @nr: how many, at most %HVR_SHARED_MAX
 *
 * The mapping is a separate one, since this kernel does not access such a page
 * through any other.
 *
 * Context: process context; sleeps.
 * Return: the address of the first, which the others follow, or NULL.
 */
void *hvr_map_shared(const u64 *pfns, unsigned int nr)
{
	struct page *pages[HVR_SHARED_MAX];
	unsigned int i;

	if (WARN_ON_ONCE(nr > HVR_SHARED_MAX))
		return NULL;
	for (i = 0; i < nr; i++)
		pages[i] = pfn_to_page(pfns[i]);
	return vmap(pages, nr, VM_MAP, PAGE_KERNEL);
}
EXPORT_SYMBOL_NS_GPL(hvr_map_shared, HVR_NS);

/**
 * hvr_unmap_shared() - undo hvr_map_shared(), before a page can be withdrawn
 * @address: what it has returned
 *
 * Context: process context; sleeps.
 */
void hvr_unmap_shared(const void *address)
{
	might_sleep();
	vunmap(address);
}
EXPORT_SYMBOL_NS_GPL(hvr_unmap_shared, HVR_NS);
