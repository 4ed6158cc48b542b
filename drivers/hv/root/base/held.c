// SPDX-License-Identifier: GPL-2.0
/*
 * Held pages: pages that are set apart for the hypervisor, and what keeps this
 * kernel from touching them.
 *
 * Model: once the hypervisor owns a page, any access to it is a general protection
 * fault.  So a page is held from before it is deposited until it has been
 * withdrawn:
 *
 * - it is marked offline, which hides it from /proc/kcore and dumps.  Readers hold
 *   page_offline_freeze() while they check and read, so marking waits for them;
 *   - the kernel itself reads beyond the end of buffers, up to seven bytes into the
 *     next page.  It is kept from that by the "cover": either held pages are not in
 *     the direct map, or the page in front of each is a "guard".
 *
 * A guard is held like the page that it guards, and never deposited.  The page in
 * front of a held one is another held one, a guard, or not memory.  This is
 * preserved page by page while pages are withdrawn: one in front of a page that the
 * hypervisor still owns becomes its guard, and a guard with nothing behind it is
 * freed.
 *
 * Pages are allocated in as few and as large blocks as possible; below
 * GUARD_ORDER_MIN there is a guard for each page.  If memory is so fragmented that
 * there are no two adjacent pages, single ones are collected ("spare") until some
 * of them are adjacent, or follow pages that are held already.
 *
 * The state of a page is in its struct page: a list entry that points to held_mark,
 * which no real list does, and its owner in page_private().
 *
 * Lock order: held_lock is a leaf.  page_offline_begin() waits for readers, who may
 * be faulting in their buffers.  It is called under no lock that such a fault
 * takes, see hvr_may_deposit().
 */
#include <linux/gfp.h>
#include <linux/hvr.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/timex.h>
#include <asm/pgtable.h>

#include <hyperv/hv_root.h>

#include "compat.h"
#include "deposit_rules.h"
#include "held.h"

/* Smaller blocks are not looked for; each page has a guard of its own instead. */
#define GUARD_ORDER_MIN	4
#define PAIR_ORDER	1
#define CONTIGUOUS_ORDER 3

/* Give up after so many have been collected. */
#define SPARE_MAX	4096

static_assert(1 << CONTIGUOUS_ORDER == HVR_PAGES_CONTIGUOUS);
static_assert((1 << DEPOSIT_ORDER_MAX) > HV_DEPOSIT_MAX);

static DEFINE_RAW_SPINLOCK(held_lock);

/* The list entry of a held page points here; this list is always empty. */
static LIST_HEAD(held_mark);

/* Owners other than a pool. */
static char owner_none, owner_guard;

/* All held pages are in this range. */
static unsigned long held_first = ULONG_MAX, held_last;
static struct hvr_held counters;
static atomic64_t cycles;

static bool held_is(const struct page *page)
{
	/*
	 * If the page is not held, the allocator may write anything here, except
	 * this.
	 */
	return data_race(READ_ONCE(page->lru.next)) == &held_mark;
}

static void *held_owner(const struct page *page)
{
	/* The same: only compared with owners that no other page has. */
	return (void *)data_race(READ_ONCE(page->private));
}

static bool held_is_guard(const struct page *page)
{
	return held_is(page) && held_owner(page) == &owner_guard;
}

/* Does the hypervisor own this page, or may it at any moment? */
static bool held_needs_guard(const struct page *page)
{
	return held_is(page) && held_owner(page) != &owner_guard;
}

/* Some pages are going to be marked. */
static void held_extend_range(const struct page *first, unsigned int nr)
{
	unsigned long pfn = page_to_pfn(first);

	lockdep_assert_held(&held_lock);
	held_first = min(held_first, pfn);
	held_last = max(held_last, pfn + nr - 1);
}

static void held_mark_page(struct page *page, void *owner)
{
	lockdep_assert_held(&held_lock);
	WRITE_ONCE(page->private, (unsigned long)owner);
	WRITE_ONCE(page->lru.next, &held_mark);
}

static void held_mark_guard(struct page *page)
{
	counters.guards++;
	held_mark_page(page, &owner_guard);
}

static void held_unmark_page(struct page *page)
{
	lockdep_assert_held(&held_lock);
	hvr_unmark(page);
}

static void held_unmark_guard(struct page *page)
{
	counters.guards--;
	held_unmark_page(page);
}

static void held_set_owner(const u64 *pfns, unsigned int nr, struct hvr_pool *pool)
{
	while (nr--)
		hvr_set_owner(pfn_to_page(*pfns++), pool);
}

/* The page at this distance, or NULL if that is not memory. */
static struct page *held_neighbour(const struct page *page, int distance)
{
	unsigned long pfn = page_to_pfn(page) + distance;

	return pfn_valid(pfn) ? pfn_to_page(pfn) : NULL;
}

/**
 * hvr_take_block() - allocate pages
 * @order: how many
 * @how: how hard to try
 *
 * Not inlined, so that tests can make it fail.
 *
 * Context: process context; sleeps.
 * Return: contiguous single pages, or NULL.
 */
noinline struct page *hvr_take_block(unsigned int order, gfp_t how)
{
	struct page *block;

	block = alloc_pages(GFP_KERNEL | __GFP_NOWARN | how, order);
	if (block && order)
		split_page(block, order);
	return block;
}

/* Hold pages, and guards in front of them. */
static void held_hold(struct page *first, unsigned int nr, unsigned int guards,
		      struct hvr_pool *pool)
{
	struct page *page = first - guards, *end = first + nr;
	void *owner = pool ? (void *)pool : &owner_none;

	/* Readers who have found them online are done when this returns. */
	page_offline_begin();
	raw_spin_lock_irq(&held_lock);
	held_extend_range(page, nr + guards);
	for (; page < first; page++) {
		held_mark_guard(page);
		hvr_set_offline(page);
	}
	for (; page < end; page++) {
		held_mark_page(page, owner);
		hvr_set_offline(page);
	}
	raw_spin_unlock_irq(&held_lock);
	page_offline_end();
}

/**
 * hvr_hold_block() - hold contiguous pages, which the caller then hides
 * @first: the first
 * @nr: how many
 *
 * Context: process context; sleeps.
 */
void hvr_hold_block(struct page *first, unsigned int nr)
{
	held_hold(first, nr, 0, NULL);
}

/**
 * hvr_release_block() - undo hvr_hold_block()
 * @first: the first of the pages, none of which is deposited or hidden
 * @nr: how many
 *
 * Context: process context; does not allocate.
 */
void hvr_release_block(struct page *first, unsigned int nr)
{
	unsigned int i;

	raw_spin_lock_irq(&held_lock);
	for (i = 0; i < nr; i++)
		held_unmark_page(first + i);
	raw_spin_unlock_irq(&held_lock);
	for (i = 0; i < nr; i++)
		hvr_clear_offline(first + i);
}

/* Of a split block hold @nr pages from @at on, with their guard, and free the rest. */
static int held_take_part(struct hvr_pool *pool, struct page *block, unsigned int size,
			  unsigned int at, unsigned int nr)
{
	unsigned long pfn = page_to_pfn(block);
	struct page *first = block + at;
	cycles_t since;
	int ret;

	hvr_free_run(pfn, at - hvr_cover.guards);
	hvr_free_run(pfn + at + nr, size - at - nr);
	held_hold(first, nr, hvr_cover.guards, pool);
	if (!hvr_cover.hide)
		return 0;
	/* Offline first: who reads all memory looks at that alone. */
	since = get_cycles();
	ret = hvr_cover.hide(first, nr);
	hvr_count_cycles(since);
	if (ret) {
		hvr_release_block(first, nr);
		hvr_free_run(pfn + at, nr);
	}
	return ret;
}

/* Hold at most @nr pages of a new block; returns how many, 0 if there is no block. */
static unsigned int held_take_block(struct hvr_pool *pool, unsigned int order,
				    unsigned int nr, u64 *pfns, gfp_t how)
{
	unsigned int guards = hvr_cover.guards;
	struct page *block;

	block = hvr_take_block(order, __GFP_ACCOUNT | how);
	if (!block)
		return 0;
	nr = min(nr, (1U << order) - guards);
	if (held_take_part(pool, block, 1U << order, guards, nr))
		return 0;
	hvr_list_run(pfns, block + guards, nr);
	return nr;
}

static bool held_is_spare(const struct page *page, const struct list_head *spare)
{
	return page && !held_is(page) && held_owner(page) == spare;
}

/* Hold one of the spare pages, if the page in front of it allows that. */
static bool held_take_single(struct hvr_pool *pool, struct page *page,
			     const struct list_head *spare)
{
	struct page *front = held_neighbour(page, -1);
	bool guard = held_is_spare(front, spare), good;

	raw_spin_lock_irq(&held_lock);
	good = guard || !front || held_is(front);
	if (good) {
		list_del(&page->lru);
		held_extend_range(page, 1);
		held_mark_page(page, pool);
	}
	if (guard) {
		list_del(&front->lru);
		held_extend_range(front, 1);
		held_mark_guard(front);
	}
	raw_spin_unlock_irq(&held_lock);
	if (!good)
		return false;
	page_offline_begin();
	hvr_set_offline(page);
	if (guard)
		hvr_set_offline(front);
	page_offline_end();
	return true;
}

/* Without blocks: hold up to @nr single pages, and return how many. */
static unsigned int held_take_singles(struct hvr_pool *pool, unsigned int nr, u64 *pfns)
{
	unsigned int taken, done = 0;
	struct page *page, *next;
	LIST_HEAD(spare);

	for (taken = 0; done < nr && taken < SPARE_MAX; taken++) {
		page = hvr_take_block(0, __GFP_ACCOUNT | __GFP_NORETRY);
		if (!page)
			break;
		list_add(&page->lru, &spare);
		WRITE_ONCE(page->private, (unsigned long)&spare);
		if (held_take_single(pool, page, &spare))
			pfns[done++] = page_to_pfn(page);
		/* Those behind it may have been waiting for it. */
		for (page = held_neighbour(page, 1);
		     done < nr && held_is_spare(page, &spare) &&
		     held_take_single(pool, page, &spare);
		     page = held_neighbour(page, 1))
			pfns[done++] = page_to_pfn(page);
		cond_resched();
	}
	list_for_each_entry_safe(page, next, &spare, lru) {
		WRITE_ONCE(page->private, 0);
		__free_page(page);
	}
	raw_spin_lock_irq(&held_lock);
	counters.singles += done;
	raw_spin_unlock_irq(&held_lock);
	return done;
}

/**
 * hvr_hold() - hold pages that can be deposited
 * @pool: their owner
 * @pfns: where to put their numbers
 * @nr: how many, at most %HV_DEPOSIT_MAX
 *
 * Context: process context; sleeps.
 * Return: 0, or a negative errno; then none is held.
 */
int hvr_hold(struct hvr_pool *pool, u64 *pfns, unsigned int nr)
{
	unsigned int order = DEPOSIT_ORDER_MAX, done = 0, n;
	int ret;

	if (hvr_cover.take) {
		ret = hvr_cover.take(pfns, nr, 1);
		if (ret < 0)
			return ret;
		done = ret;
		held_set_owner(pfns, done, pool);
	}

	while (done < nr) {
		order = min(order, deposit_order(nr - done, hvr_cover.guards));
		/* There are smaller blocks, so do not put pressure on the machine. */
		n = held_take_block(pool, order, nr - done, pfns + done, __GFP_NORETRY);
		if (n) {
			done += n;
			continue;
		}
		if (order > GUARD_ORDER_MIN) {
			order--;
			continue;
		}
		order = hvr_cover.guards ? PAIR_ORDER : 0;
		/*
		 * Memory may just be fragmented, or the cgroup's is used up: fail rather
		 * than invoke the OOM killer.
		 */
		n = held_take_block(pool, order, nr - done, pfns + done,
				    __GFP_RETRY_MAYFAIL);
		if (n) {
			raw_spin_lock_irq(&held_lock);
			counters.pairs++;
			raw_spin_unlock_irq(&held_lock);
		} else if (hvr_cover.guards) {
			n = held_take_singles(pool, nr - done, pfns + done);
		}
		if (!n) {
			hvr_release_all(pfns, done);
			return -ENOMEM;
		}
		done += n;
	}
	return 0;
}

/**
 * hvr_hold_contiguous() - hold %HVR_PAGES_CONTIGUOUS contiguous pages
 * @pool: their owner, or NULL if that is not known yet
 * @pfns: where to put their numbers
 *
 * They are naturally aligned.
 *
 * Context: process context; sleeps.
 * Return: 0 or -ENOMEM.
 */
int hvr_hold_contiguous(struct hvr_pool *pool, u64 *pfns)
{
	unsigned int order = CONTIGUOUS_ORDER + hvr_cover.guards;
	unsigned int at = (1U << order) - HVR_PAGES_CONTIGUOUS;
	struct page *block;
	int ret;

	if (hvr_cover.take) {
		ret = hvr_cover.take(pfns, HVR_PAGES_CONTIGUOUS, HVR_PAGES_CONTIGUOUS);
		if (ret > 0)
			held_set_owner(pfns, ret, pool);
		if (ret)
			return min(ret, 0);
	}
	/* Nothing smaller will do, but rather fail than put pressure on the machine. */
	block = hvr_take_block(order, __GFP_ACCOUNT | __GFP_NORETRY);
	if (!block)
		return -ENOMEM;
	if (held_take_part(pool, block, 1U << order, at, HVR_PAGES_CONTIGUOUS))
		return -ENOMEM;
	hvr_list_run(pfns, block + at, HVR_PAGES_CONTIGUOUS);
	return 0;
}

/**
 * hvr_release_guarded() - release a held page where there are guards
 * @page: one that the hypervisor does not own
 *
 * It is freed, unless the page behind it has not been withdrawn yet.
 *
 * Context: process context; does not allocate.
 */
void hvr_release_guarded(struct page *page)
{
	struct page *behind = held_neighbour(page, 1);
	struct page *front = held_neighbour(page, -1);
	bool kept = false;

	raw_spin_lock_irq(&held_lock);
	if (behind && held_needs_guard(behind)) {
		held_mark_guard(page);
		kept = true;
	} else {
		held_unmark_page(page);
	}
	if (front && held_is_guard(front))
		held_unmark_guard(front);
	else
		front = NULL;
	raw_spin_unlock_irq(&held_lock);
	if (!kept) {
		hvr_clear_offline(page);
		__free_page(page);
	}
	if (front) {
		hvr_clear_offline(front);
		__free_page(front);
	}
}

/**
 * hvr_set_owner() - set the owner of a held page
 * @page: the page
 * @pool: the pool that it is deposited in, or will be; NULL if there is none
 *
 * Context: any.
 */
void hvr_set_owner(struct page *page, struct hvr_pool *pool)
{
	WRITE_ONCE(page->private,
		   pool ? (unsigned long)pool : (unsigned long)&owner_none);
}

/**
 * hvr_owns() - was this page deposited in that pool?
 * @pool: the pool
 * @page: any page
 *
 * Return: true if so.
 */
bool hvr_owns(const struct hvr_pool *pool, const struct page *page)
{
	return held_is(page) && held_owner(page) == pool;
}

/**
 * hvr_count_splits() - count leaves of the direct map that are going to be split
 * @page: a page, which is about to be removed
 * @level: level of the leaf that is removed
 */
void hvr_count_splits(const struct page *page, unsigned int level)
{
	unsigned int now = level;

	if (!lookup_address((unsigned long)page_address(page), &now) || now <= level)
		return;
	raw_spin_lock_irq(&held_lock);
	counters.splits += now - level;
	raw_spin_unlock_irq(&held_lock);
}

/**
 * hvr_count_cycles() - count what it has taken to change the direct map
 * @since: get_cycles() before
 *
 * A time stamp that counts instructions makes these instructions.
 */
void hvr_count_cycles(cycles_t since)
{
	atomic64_add(get_cycles() - since, &cycles);
}

/**
 * hvr_held_counters() - what is held, and what it has cost
 * @held: result
 */
void hvr_held_counters(struct hvr_held *held)
{
	raw_spin_lock_irq(&held_lock);
	*held = counters;
	raw_spin_unlock_irq(&held_lock);
	held->cycles = atomic64_read(&cycles);
	held->chunks = hvr_cover.count ? hvr_cover.count() : 0;
}
EXPORT_SYMBOL_NS_GPL(hvr_held_counters, HVR_NS);

/**
 * hvr_held_kind() - what is this page?
 * @page: any page
 *
 * Return: its kind, or NULL if it is not held.
 */
const char *hvr_held_kind(const struct page *page)
{
	if (!held_is(page))
		return NULL;
	if (held_owner(page) == &owner_guard)
		return "guard";
	return held_owner(page) == &owner_none ? "ready" : "given";
}

/**
 * hvr_held_range() - where are held pages?
 * @first: result, no held page has a lower number
 * @last: result, nor a higher one
 */
void hvr_held_range(unsigned long *first, unsigned long *last)
{
	raw_spin_lock_irq(&held_lock);
	*first = held_first;
	*last = held_last;
	raw_spin_unlock_irq(&held_lock);
}
