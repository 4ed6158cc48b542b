// SPDX-License-Identifier: GPL-2.0
/*
 * Pools: the only memory for a child partition's objects.  deposit.c has the hypercalls
 * that fill and empty them.
 *
 * A page is not written to while a processor of the root can still access it, and the
 * list of free pages is kept outside of them.  The pool of the root (SELF) is filled by
 * deposits, too, and pays for what the root's own hypercalls allocate; pool_alloc() for
 * the root partition never uses the reserve.
 *
 * Some of the free pages may be *reserved*: only pool_alloc_reserved() takes them, and
 * they cannot be withdrawn.
 */
#include <hyperv/hv_status.h>
#include <rv/count.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/npt.h>
#include <rv/page.h>
#include <rv/partition.h>
#include <rv/root_map.h>
#include "pool.h"

u16 pool_status_override;

static void push(struct partition *p, u64 pfn)
{
	rv_assert_locked();
	page_poison(pfn);
	page_set_next(pfn, p->pool.free);
	p->pool.free = pfn;
	p->pool.nr_free++;
}

static void *pop(struct partition *p)
{
	u64 pfn = p->pool.free;

	rv_assert_locked();
	if (!pfn)
		return NULL;
	page_check_poison(pfn);
	p->pool.free = page_next(pfn);
	p->pool.nr_free--;
	page_set_next(pfn, 0);
	return pa_ptr(pfn << PAGE_SHIFT);
}

void pool_add(struct partition *p, u64 pfn)
{
	push(p, pfn);
	p->pool.nr_pages++;
}

u64 pool_remove(struct partition *p)
{
	void *page = pool_alloc(p);

	if (!page)
		return 0;
	p->pool.nr_pages--;
	return ptr_pa(page) >> PAGE_SHIFT;
}

void *pool_alloc_dirty(struct partition *p)
{
	if (p->pool.is_dry || p->pool.nr_free <= p->pool.nr_reserved)
		return NULL;
	return pop(p);
}

static void *cleared(void *page)
{
	return page ? memset(page, 0, PAGE_SIZE) : NULL;
}

void *pool_alloc(struct partition *p)
{
	return cleared(pool_alloc_dirty(p));
}

void pool_free(struct partition *p, void *page)
{
	if (page)
		push(p, ptr_pa(page) >> PAGE_SHIFT);
}

bool pool_reserve(struct partition *p, u32 pages)
{
	if (p->pool.is_dry || p->pool.nr_free < p->pool.nr_reserved + pages)
		return false;
	p->pool.nr_reserved += pages;
	return true;
}

void pool_unreserve(struct partition *p, u32 pages)
{
	if (p->pool.nr_reserved < pages)
		panic("partition %llu: %u of its %u reserved pages are missing", p->id,
		      pages - p->pool.nr_reserved, pages);
	p->pool.nr_reserved -= pages;
}

void *pool_alloc_reserved(struct partition *p)
{
	pool_unreserve(p, 1);
	return cleared(pop(p));
}

void pool_free_reserved(struct partition *p, void *page)
{
	pool_free(p, page);
	p->pool.nr_reserved++;
}

u16 pool_empty_status(struct partition *p)
{
	return pool_status_override ?: HV_STATUS_INSUFFICIENT_MEMORY;
}

static bool unshare_later, unshare_pending;

bool page_share(struct partition *p, void *page)
{
	u64 pfn = ptr_pa(page) >> PAGE_SHIFT;

	if (!root_map_page(pfn, true))
		return false;
	page_set_state(pfn, PAGE_SHARED);
	book_state_pages++;
	return true;
}

void page_unshare(struct partition *p, void *page)
{
	u64 pfn = ptr_pa(page) >> PAGE_SHIFT;

	page_set_state(pfn, PAGE_POOL);
	root_map_page(pfn, false);
	if (unshare_later)
		unshare_pending = true;
	else
		lp_flush(&root_partition);
	book_state_pages--;
}

void page_unshare_begin(void)
{
	unshare_later = true;
}

void page_unshare_end(void)
{
	unshare_later = false;
	if (unshare_pending)
		lp_flush(&root_partition);
	unshare_pending = false;
}
