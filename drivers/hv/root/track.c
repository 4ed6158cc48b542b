// SPDX-License-Identifier: GPL-2.0
/*
 * Access tracking: remembers what a guest has touched when its pages are unmapped.
 *
 * Model: the hypervisor's accessed and dirty bits are part of a mapping and
 * disappear with it.  A mapping is removed when the kernel reclaims the memory,
 * when a part of a region is unmapped that shares a block with the rest, and when a
 * page is mapped again.  So while tracking is on, each region remembers the pages
 * whose mapping was removed, and they are reported as accessed and, if the guest
 * may write, as written.  Whether they really were could only be queried before,
 * and the guest could write once more after the answer.
 *
 * A page is marked before its mapping is removed and once more afterwards, and a
 * query reads the hypervisor's bits first.  So it either finds the mapping's bits
 * or the mark, and if it clears both in the meantime, the page is marked again.
 *
 * Marks are atomic bits; no lock protects them.  A region's bitmaps are created
 * under partition->mem_lock and stay as long as the region.  A region may be as
 * large as the address space, so they are processed by words, and in pieces.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "core.h"
#include "marks.h"
#include "region.h"

static void track_clear_marks(unsigned long *marks, size_t words)
{
	size_t n;

	for (; words; words -= n, marks += n) {
		n = min_t(size_t, words, MARKS_PIECE_WORDS);
		memset(marks, 0, n * sizeof(*marks));
		cond_resched();
	}
}

/**
 * mshv_track_region() - allocate bitmaps for a region, all clear
 * @region: a region that is complete except for its backing
 *
 * Return: 0 or -ENOMEM.
 */
int mshv_track_region(struct mshv_region *region)
{
	size_t words = BITS_TO_LONGS(mshv_region_pages(region));
	size_t size = words * sizeof(long);

	lockdep_assert_held(&region->partition->mem_lock);
	if (region->gone_accessed) {
		track_clear_marks(region->gone_accessed, words);
		track_clear_marks(region->gone_dirty, words);
		return 0;
	}
	region->gone_dirty = kvzalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!region->gone_dirty)
		return -ENOMEM;
	/* If the one is seen, so is the other. */
	smp_store_release(&region->gone_accessed,
			  kvzalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN));
	if (region->gone_accessed)
		return 0;
	kvfree(region->gone_dirty);
	region->gone_dirty = NULL;
	return -ENOMEM;
}

/**
 * mshv_track_free() - free the bitmaps
 * @region: a region without users
 */
void mshv_track_free(struct mshv_region *region)
{
	kvfree(region->gone_accessed);
	kvfree(region->gone_dirty);
}

static void track_region(struct mshv_region *region, u64 first, u64 last,
			 void *ret)
{
	if (!*(int *)ret)
		*(int *)ret = mshv_track_region(region);
}

/**
 * mshv_track_start() - start access tracking
 * @partition: the partition
 *
 * Context: process context; sleeps.
 * Return: 0 or -ENOMEM.
 */
int mshv_track_start(struct mshv_partition *partition)
{
	struct mshv_space *space = &partition->space;
	int ret = 0;

	mutex_lock(&partition->mem_lock);
	if (!space->tracked) {
		mshv_space_for_each(space, 0, MSHV_MAX_GFN, track_region, &ret);
		if (!ret)
			WRITE_ONCE(space->tracked, true);
	}
	mutex_unlock(&partition->mem_lock);
	return ret;
}

/**
 * mshv_track_stop() - stop access tracking
 * @partition: the partition
 */
void mshv_track_stop(struct mshv_partition *partition)
{
	mutex_lock(&partition->mem_lock);
	WRITE_ONCE(partition->space.tracked, false);
	mutex_unlock(&partition->mem_lock);
}

/**
 * mshv_track_mark_gone() - mark pages whose mappings are or were removed
 * @region: the region
 * @gfn: first page
 * @nr: number of pages
 * @writable: the guest may have written to them
 *
 * To be called before and after.
 *
 * Context: any.
 */
void mshv_track_mark_gone(struct mshv_region *region, u64 gfn, u64 nr, bool writable)
{
	/* Pairs with mshv_track_region(). */
	unsigned long *accessed = smp_load_acquire(&region->gone_accessed);
	u64 bit = gfn - region->first;

	if (!accessed || !READ_ONCE(region->partition->space.tracked))
		return;
	marks_set(accessed, bit, bit + nr);
	if (writable)
		marks_set(region->gone_dirty, bit, bit + nr);
}

/**
 * mshv_track_inherit() - copy the marks of a piece
 * @region: its region
 * @piece: a new region, which has bitmaps if @region has
 *
 * Context: process context; sleeps.
 */
void mshv_track_inherit(struct mshv_region *region, struct mshv_region *piece)
{
	u64 offset = piece->first - region->first, nr = mshv_region_pages(piece);

	if (!region->gone_accessed || !piece->gone_accessed)
		return;
	marks_inherit(piece->gone_accessed, region->gone_accessed, offset, nr);
	marks_inherit(piece->gone_dirty, region->gone_dirty, offset, nr);
}

/* A query, and its result. */
struct track_query {
	u64 gfn;
	u64 flags;
	u8 *states;
};

static void track_ask_region(struct mshv_region *region, u64 first, u64 last,
			     void *opaque)
{
	const struct track_query *q = opaque;
	/* Pairs with mshv_track_region(). */
	unsigned long *accessed = smp_load_acquire(&region->gone_accessed);
	u64 from = first - region->first, to = last - region->first + 1;
	u8 *states = q->states + (first - q->gfn);

	if (!accessed)
		return;
	marks_ask(accessed, from, to, states, HV_GPA_PAGE_ACCESSED,
		  q->flags & HV_GPA_ACCESS_STATE_CLEAR_ACCESSED,
		  q->flags & HV_GPA_ACCESS_STATE_SET_ACCESSED);
	marks_ask(region->gone_dirty, from, to, states, HV_GPA_PAGE_DIRTY,
		  q->flags & HV_GPA_ACCESS_STATE_CLEAR_DIRTY,
		  q->flags & HV_GPA_ACCESS_STATE_SET_DIRTY);
}

/**
 * mshv_track_states() - add the marks to the hypervisor's states
 * @partition: the partition
 * @gfn: first page
 * @nr: how many
 * @flags: flags of the query, HV_GPA_ACCESS_STATE_*
 * @states: the hypervisor's answer, a byte for each page
 *
 * Context: process context; sleeps.
 */
void mshv_track_states(struct mshv_partition *partition, u64 gfn,
		       unsigned int nr, u64 flags, u8 *states)
{
	struct track_query q = { .gfn = gfn, .flags = flags, .states = states };

	if (nr && READ_ONCE(partition->space.tracked))
		mshv_space_for_each(&partition->space, gfn, gfn + nr - 1,
				    track_ask_region, &q);
}
