// SPDX-License-Identifier: GPL-2.0
/*
 * Chunks: the memory that built-in code gives to the hypervisor.
 *
 * Model: held pages leave the direct map, and a leaf of it that has been split stays
 * split.  If pages came from anywhere, most leaves would be split after an hour of
 * partitions that come and go.  So they come from "chunks": a chunk is the memory of
 * one leaf, and leaves the direct map as a whole, so that the leaf remains.  All pages
 * of a chunk are held, those that are not in use as well.
 *
 * A page is charged to the cgroup of its user while it is in use.  A few chunks of
 * which no page is in use are kept; more are freed.
 *
 * If there is no memory for a chunk, pages are taken one by one, see held.c.
 *
 * Lock order: chunk_lock is a leaf.
 */
#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/memcontrol.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>
#include <asm/pgtable.h>

#include "chunk.h"
#include "compat.h"
#include "held.h"

#define CHUNK_ORDER	(PMD_SHIFT - PAGE_SHIFT)
#define CHUNK_PAGES	PTRS_PER_PTE
static_assert(CHUNK_PAGES == 1 << CHUNK_ORDER);

/* Chunks without a page in use that are kept. */
#define CHUNK_IDLE_MAX	4

/**
 * struct chunk - the memory of a leaf
 * @node: in chunk_list
 * @first: its first page
 * @nr_used: how many of its pages are in use
 * @used: which
 */
struct chunk {
	struct list_head node;
	struct page *first;
	unsigned int nr_used;
	DECLARE_BITMAP(used, CHUNK_PAGES);
};

static DEFINE_RAW_SPINLOCK(chunk_lock);
/* Those at the end are used when those in front are full, and so become idle. */
static LIST_HEAD(chunk_list);
static DEFINE_XARRAY(chunk_by_number);
static unsigned int chunk_nr, chunk_nr_idle;

static unsigned long chunk_number(const struct page *page)
{
	return page_to_pfn(page) >> CHUNK_ORDER;
}

static unsigned long chunk_address(const struct chunk *chunk)
{
	return (unsigned long)page_address(chunk->first);
}

static void chunk_free_pages(struct chunk *chunk)
{
	unsigned int i;

	for (i = 0; i < CHUNK_PAGES; i++)
		__free_page(chunk->first + i);
}

static int chunk_hide(struct chunk *chunk)
{
	cycles_t since = get_cycles();
	int ret = set_memory_np(chunk_address(chunk), CHUNK_PAGES);

	hvr_count_cycles(since);
	return ret;
}

static void chunk_show(struct chunk *chunk)
{
	cycles_t since = get_cycles();

	set_memory_p(chunk_address(chunk), CHUNK_PAGES);
	hvr_count_cycles(since);
}

static bool chunk_create(void)
{
	struct chunk *chunk = kzalloc(sizeof(*chunk), GFP_KERNEL);

	if (!chunk)
		return false;
	chunk->first = hvr_take_block(CHUNK_ORDER, __GFP_NORETRY);
	if (!chunk->first)
		goto free;
	/* Larger leaves are split into leaves of this size. */
	hvr_count_splits(chunk->first, PG_LEVEL_2M);
	if (xa_err(xa_store(&chunk_by_number, chunk_number(chunk->first), chunk,
			    GFP_KERNEL)))
		goto free_pages;
	/* Offline first: who reads all memory looks at that alone. */
	hvr_hold_block(chunk->first, CHUNK_PAGES);
	if (chunk_hide(chunk))
		goto show;
	raw_spin_lock_irq(&chunk_lock);
	list_add_tail(&chunk->node, &chunk_list);
	chunk_nr++;
	chunk_nr_idle++;
	raw_spin_unlock_irq(&chunk_lock);
	return true;

show:
	/* It may have changed some of the pages. */
	chunk_show(chunk);
	hvr_release_block(chunk->first, CHUNK_PAGES);
	xa_erase(&chunk_by_number, chunk_number(chunk->first));
free_pages:
	chunk_free_pages(chunk);
free:
	kfree(chunk);
	return false;
}

/* It is in no list any more. */
static void chunk_destroy(struct chunk *chunk)
{
	xa_erase(&chunk_by_number, chunk_number(chunk->first));
	chunk_show(chunk);
	hvr_release_block(chunk->first, CHUNK_PAGES);
	chunk_free_pages(chunk);
	kfree(chunk);
}

static void chunk_use(struct chunk *chunk, unsigned int at, unsigned int nr, u64 *pfns)
{
	lockdep_assert_held(&chunk_lock);
	if (!chunk->nr_used)
		chunk_nr_idle--;
	bitmap_set(chunk->used, at, nr);
	chunk->nr_used += nr;
	hvr_list_run(pfns, chunk->first + at, nr);
}

/* Up to @nr pages, @run of them contiguous and aligned; returns how many. */
static unsigned int chunk_search(u64 *pfns, unsigned int nr, unsigned int run)
{
	unsigned int done = 0, at;
	struct chunk *chunk;

	raw_spin_lock_irq(&chunk_lock);
	list_for_each_entry(chunk, &chunk_list, node) {
		at = 0;
		while (done < nr) {
			at = bitmap_find_next_zero_area(chunk->used, CHUNK_PAGES,
							at, run, run - 1);
			if (at >= CHUNK_PAGES)
				break;
			chunk_use(chunk, at, run, pfns + done);
			done += run;
		}
	}
	raw_spin_unlock_irq(&chunk_lock);
	return done;
}

/* The page is not in use any more; returns its chunk if that is to be destroyed. */
static struct chunk *chunk_put(struct chunk *chunk, struct page *page)
{
	struct chunk *surplus = NULL;

	raw_spin_lock_irq(&chunk_lock);
	__clear_bit(page - chunk->first, chunk->used);
	if (!--chunk->nr_used) {
		if (chunk_nr_idle < CHUNK_IDLE_MAX) {
			chunk_nr_idle++;
		} else {
			surplus = chunk;
			list_del(&chunk->node);
			chunk_nr--;
		}
	}
	raw_spin_unlock_irq(&chunk_lock);
	return surplus;
}

/**
 * hvr_chunk_release() - release a page that is not deposited any more
 * @page: a held page
 *
 * Context: process context; sleeps, but does not allocate.
 * Return: false if it is of no chunk.
 */
bool hvr_chunk_release(struct page *page)
{
	struct chunk *chunk = xa_load(&chunk_by_number, chunk_number(page));

	/* This one is in use, and keeps its chunk. */
	if (!chunk)
		return false;
	memcg_kmem_uncharge_page(page, 0);
	hvr_set_owner(page, NULL);
	chunk = chunk_put(chunk, page);
	if (chunk)
		chunk_destroy(chunk);
	return true;
}

static int chunk_charge(const u64 *pfns, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		/* One that has no memory left is told so, and is not killed. */
		if (memcg_kmem_charge_page(pfn_to_page(pfns[i]),
					   GFP_KERNEL | __GFP_RETRY_MAYFAIL, 0))
			break;
	}
	if (i == nr)
		return 0;
	/* Those without a charge have no cgroup, and nothing is uncharged. */
	for (i = 0; i < nr; i++)
		hvr_chunk_release(pfn_to_page(pfns[i]));
	return -ENOMEM;
}

/**
 * hvr_chunk_take() - take pages of chunks
 * @pfns: where to put their numbers
 * @nr: how many
 * @run: of these, how many shall be contiguous and naturally aligned; divides @nr
 *
 * Context: process context; sleeps.
 * Return: how many, less than @nr if there is no memory for chunks, or -ENOMEM if
 *	the cgroup has used up its memory.
 */
int hvr_chunk_take(u64 *pfns, unsigned int nr, unsigned int run)
{
	unsigned int done = 0, n;
	int ret;

	do {
		n = chunk_search(pfns + done, nr - done, run);
		ret = chunk_charge(pfns + done, n);
		if (ret)
			break;
		done += n;
	} while (done < nr && chunk_create());
	while (ret && done)
		hvr_chunk_release(pfn_to_page(pfns[--done]));
	return ret ? ret : done;
}

/**
 * hvr_chunk_count() - how many chunks are there?
 *
 * Return: their number.
 */
unsigned int hvr_chunk_count(void)
{
	return READ_ONCE(chunk_nr);
}
