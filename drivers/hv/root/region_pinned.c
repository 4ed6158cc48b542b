// SPDX-License-Identifier: GPL-2.0
/*
 * Pinned guest memory: the pages are pinned when the region is created, and stay.
 *
 * Model: runs of contiguous pages are recorded, not pages, so that memory made of
 * large pages needs next to nothing.  A run is one number, 512 of them fill a page,
 * and they are in the order of the region.
 *
 * Pages count against RLIMIT_MEMLOCK of the process that owns them.
 *
 * A part of a region can be unmapped.  The hypervisor cannot split a large mapping
 * without more memory, so the whole block is unmapped, and what remains of it is
 * mapped again when the guest touches it.
 */
#include <linux/capability.h>
#include <linux/hmm.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "core.h"
#include "region.h"

/*
 * Memory is allocated under the lock of a pinned region; that of a movable one is
 * taken to free memory.
 */
static struct lock_class_key pinned_lock_key;

/* A run: page number in the upper bits, number of pages in the lower ones. */
#define RUN_COUNT_BITS	24
#define RUN_COUNT_MAX	((1U << RUN_COUNT_BITS) - 1)

/* Pages to pin at once. */
#define PIN_AT_ONCE	(PAGE_SIZE / sizeof(struct page *))
#define UNPIN_AT_ONCE	4096

struct pin_chunk {
	struct list_head node;
	unsigned int nr;
	u64 runs[];
};

#define CHUNK_RUNS	((PAGE_SIZE - sizeof(struct pin_chunk)) / sizeof(u64))

/**
 * struct mshv_pins - the pages of a region
 * @chunks: runs, in order
 */
struct mshv_pins {
	struct list_head chunks;
};

/* An iterator over the runs in a range of the region. */
struct pin_walk {
	u64 skip;	/* pages until the range */
	u64 left;	/* pages of the range to come */
	struct pin_chunk *chunk;
	unsigned int next;
};

static u64 pins_run_pfn(u64 run)
{
	return run >> RUN_COUNT_BITS;
}

static unsigned int pins_run_count(u64 run)
{
	return run & RUN_COUNT_MAX;
}

static u64 pins_make_run(u64 pfn, unsigned int count)
{
	return pfn << RUN_COUNT_BITS | count;
}

static struct mshv_pins *pins_alloc(void)
{
	struct mshv_pins *pins = kzalloc(sizeof(*pins), GFP_KERNEL_ACCOUNT);

	if (pins)
		INIT_LIST_HEAD(&pins->chunks);
	return pins;
}

static void pins_free(struct mshv_pins *pins)
{
	struct pin_chunk *chunk, *next;

	if (!pins)
		return;
	list_for_each_entry_safe(chunk, next, &pins->chunks, node)
		free_page((unsigned long)chunk);
	kfree(pins);
}

static int pins_append(struct mshv_pins *pins, u64 pfn, u64 count)
{
	struct pin_chunk *chunk = NULL;

	if (!list_empty(&pins->chunks)) {
		u64 *last;

		chunk = list_last_entry(&pins->chunks, struct pin_chunk, node);
		last = &chunk->runs[chunk->nr - 1];
		if (pins_run_pfn(*last) + pins_run_count(*last) == pfn &&
		    pins_run_count(*last) + count <= RUN_COUNT_MAX) {
			*last += count;
			return 0;
		}
	}
	if (!chunk || chunk->nr == CHUNK_RUNS) {
		chunk = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
		if (!chunk)
			return -ENOMEM;
		list_add_tail(&chunk->node, &pins->chunks);
	}
	chunk->runs[chunk->nr++] = pins_make_run(pfn, count);
	return 0;
}

static void pins_walk_begin(struct pin_walk *walk, struct mshv_region *region,
			    u64 first, u64 last)
{
	walk->skip = first - region->first;
	walk->left = last - first + 1;
	walk->chunk = list_first_entry(&region->pins->chunks, struct pin_chunk,
				       node);
	walk->next = 0;
}

static bool pins_walk_next(struct pin_walk *walk, struct mshv_region *region,
			   u64 *pfn, u64 *count)
{
	while (walk->left) {
		u64 run, n;

		if (list_entry_is_head(walk->chunk, &region->pins->chunks, node))
			return false;
		if (walk->next == walk->chunk->nr) {
			walk->chunk = list_next_entry(walk->chunk, node);
			walk->next = 0;
			continue;
		}
		run = walk->chunk->runs[walk->next++];
		n = pins_run_count(run);
		if (walk->skip >= n) {
			walk->skip -= n;
			continue;
		}
		*pfn = pins_run_pfn(run) + walk->skip;
		*count = min(n - walk->skip, walk->left);
		walk->skip = 0;
		walk->left -= *count;
		return true;
	}
	return false;
}

/**
 * mshv_pinned_differ() - count pages that the process has replaced
 * @region: a pinned region
 * @gfn: first page
 * @nr: number of pages
 * @pfns: the process's pages, from hmm_range_fault()
 *
 * Return: the number of pages that are not those of the process any more.
 */
unsigned int mshv_pinned_differ(struct mshv_region *region, u64 gfn, unsigned int nr,
				const unsigned long *pfns)
{
	unsigned int i = 0, differ = 0;
	struct pin_walk walk;
	u64 pfn, count;

	pins_walk_begin(&walk, region, gfn, gfn + nr - 1);
	while (pins_walk_next(&walk, region, &pfn, &count)) {
		for (; count; count--, pfn++, i++) {
			if (!(pfns[i] & HMM_PFN_VALID) || (pfns[i] & ~HMM_PFN_FLAGS) != pfn)
				differ++;
		}
	}
	return differ;
}

/* Charge pages to the process that owns them. */
static int pinned_account(struct mshv_region *region, u64 nr)
{
	u64 limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	u64 now = atomic64_add_return(nr, &region->mm->pinned_vm);

	if (now <= limit || capable(CAP_IPC_LOCK))
		return 0;
	atomic64_sub(nr, &region->mm->pinned_vm);
	return -ENOMEM;
}

static void pinned_unpin(struct mshv_region *region, u64 first, u64 last)
{
	bool dirty = region->map_flags & HV_MAP_GPA_WRITABLE;
	struct pin_walk walk;
	u64 pfn, count, nr = 0;

	pins_walk_begin(&walk, region, first, last);
	while (pins_walk_next(&walk, region, &pfn, &count)) {
		nr += count;
		while (count) {
			u64 n = min_t(u64, count, UNPIN_AT_ONCE);

			unpin_user_page_range_dirty_lock(pfn_to_page(pfn), n,
							 dirty);
			pfn += n;
			count -= n;
			cond_resched();
		}
	}
	atomic64_sub(nr, &region->mm->pinned_vm);
}

static int pinned_pin_some(struct mshv_region *region, u64 uaddr, u64 nr,
			   struct page **pages)
{
	unsigned int flags = FOLL_LONGTERM;
	int i, n, ret = 0;

	if (region->map_flags & HV_MAP_GPA_WRITABLE)
		flags |= FOLL_WRITE;
	n = pin_user_pages_fast(uaddr, min_t(u64, nr, PIN_AT_ONCE), flags,
				pages);
	if (n <= 0)
		return n ? n : -EFAULT;
	for (i = 0; i < n && !ret; i++)
		ret = pins_append(region->pins, page_to_pfn(pages[i]), 1);
	if (ret) {
		/* The page for which there was no room is not in the list either. */
		unpin_user_pages(pages + i - 1, n - i + 1);
		return ret;
	}
	return n;
}

static int pinned_pin_all(struct mshv_region *region)
{
	u64 nr = mshv_region_pages(region), done = 0;
	struct page **pages;
	int ret;

	region->pins = pins_alloc();
	pages = (void *)__get_free_page(GFP_KERNEL_ACCOUNT);
	if (!region->pins || !pages) {
		ret = -ENOMEM;
		goto out;
	}
	ret = pinned_account(region, nr);
	if (ret)
		goto out;
	while (done < nr) {
		ret = fatal_signal_pending(current) ? -EINTR :
		      pinned_pin_some(region, region->uaddr + (done << PAGE_SHIFT),
				      nr - done, pages);
		if (ret < 0)
			break;
		done += ret;
		cond_resched();
	}
	if (ret < 0) {
		u64 pinned = 0;
		struct pin_chunk *chunk;
		unsigned int i;

		/* pinned_unpin() uncharges what it finds; the rest was never pinned. */
		list_for_each_entry(chunk, &region->pins->chunks, node) {
			for (i = 0; i < chunk->nr; i++)
				pinned += pins_run_count(chunk->runs[i]);
		}
		atomic64_sub(nr - pinned, &region->mm->pinned_vm);
		if (pinned)
			pinned_unpin(region, region->first, region->first + pinned - 1);
	} else {
		ret = 0;
	}
out:
	free_page((unsigned long)pages);
	if (ret) {
		pins_free(region->pins);
		region->pins = NULL;
	}
	return ret;
}

/* Map a range, with large mappings where that is possible. */
static int pinned_map_range(struct mshv_region *region, u64 first, u64 last)
{
	struct mshv_batch batch;
	struct pin_walk walk;
	u64 pfn, count, gfn = first;
	unsigned int n;
	int ret;

	mshv_batch_init(&batch, region);
	pins_walk_begin(&walk, region, first, last);
	while (pins_walk_next(&walk, region, &pfn, &count)) {
		while (count) {
			n = mshv_batch_add(&batch, gfn, pfn, count);
			if (!n) {
				ret = mshv_batch_flush_deposit(&batch);
				if (ret)
					return ret;
				cond_resched();
				continue;
			}
			gfn += n;
			pfn += n;
			count -= n;
		}
	}
	return mshv_batch_flush_deposit(&batch);
}

/* The same decisions as in pinned_map_range(), for ranges of one kind. */
static int pinned_unmap_range(struct mshv_region *region, u64 first, u64 last,
			      enum mshv_unmap how)
{
	struct mshv_partition *partition = region->partition;
	u64 pfn, count, gfn = first, begin = first;
	bool large = false, now;
	struct pin_walk walk;
	int ret;

	pins_walk_begin(&walk, region, first, last);
	while (pins_walk_next(&walk, region, &pfn, &count)) {
		while (count) {
			u64 n;

			now = mshv_fits_block(partition, gfn, pfn, count);
			if (now != large) {
				ret = mshv_unmap_pages(region, begin,
						       large ? (gfn - begin) /
							       MSHV_BLOCK_PAGES :
							       gfn - begin,
						       large, how);
				if (ret)
					return ret;
				begin = gfn;
				large = now;
			}
			if (now) {
				n = MSHV_BLOCK_PAGES;
			} else {
				/* Up to where a block could begin. */
				n = MSHV_BLOCK_PAGES - gfn % MSHV_BLOCK_PAGES;
				n = min(n, count);
			}
			gfn += n;
			pfn += n;
			count -= n;
		}
	}
	return mshv_unmap_pages(region, begin,
				large ? (gfn - begin) / MSHV_BLOCK_PAGES :
					gfn - begin,
				large, how);
}

/* Widen a range to whole blocks, as far as the region goes. */
static void pinned_widen(struct mshv_region *region, u64 *first, u64 *last)
{
	*first = max(region->first, round_down(*first, MSHV_BLOCK_PAGES));
	*last = min(region->last, *last | (MSHV_BLOCK_PAGES - 1));
}

static int pinned_map(struct mshv_region *region)
{
	int ret;

	lockdep_set_class(&region->lock, &pinned_lock_key);
	ret = pinned_pin_all(region);
	if (ret)
		return ret;
	ret = mshv_parting_begin(region);
	if (ret)
		goto out;
	mutex_lock(&region->lock);
	ret = pinned_map_range(region, region->first, region->last);
	if (ret) {
		/* What was mapped before the failure must not stay. */
		int err = pinned_unmap_range(region, region->first, region->last,
					     MSHV_UNMAP_DEPOSITS);

		/* Pages that the guest may still reach are not unpinned. */
		if (err) {
			mutex_unlock(&region->lock);
			return -EUCLEAN;
		}
	}
	mutex_unlock(&region->lock);
out:
	if (ret) {
		mshv_parting_end(region);
		pinned_unpin(region, region->first, region->last);
		pins_free(region->pins);
		region->pins = NULL;
	}
	return ret;
}

static int pinned_fault(struct mshv_region *region, u64 gfn, u8 access,
			unsigned long *pfns)
{
	bool writable = region->map_flags & HV_MAP_GPA_WRITABLE;
	u64 first = gfn, last = gfn;
	int ret;

	/*
	 * Everything is mapped, so the page was not yet when the guest touched it,
	 * or it is what remained of a block.
	 */
	pinned_widen(region, &first, &last);
	mutex_lock(&region->lock);
	if (READ_ONCE(region->state) != MSHV_REGION_LIVE) {
		ret = -EAGAIN;
	} else {
		mshv_track_gone(region, first, last - first + 1, writable);
		ret = pinned_map_range(region, first, last);
		mshv_track_gone(region, first, last - first + 1, writable);
	}
	mutex_unlock(&region->lock);
	return ret ? ret : 1;
}

static int pinned_unmap(struct mshv_region *region, u64 first, u64 last)
{
	int ret;

	pinned_widen(region, &first, &last);
	mutex_lock(&region->lock);
	ret = pinned_unmap_range(region, first, last,
				 MSHV_UNMAP_DEPOSITS_KILLABLE);
	mutex_unlock(&region->lock);
	return ret;
}

static int pinned_carve(struct mshv_region *region, struct mshv_region *piece)
{
	struct pin_walk walk;
	u64 pfn, count;
	int ret;

	lockdep_set_class(&piece->lock, &pinned_lock_key);
	piece->pins = pins_alloc();
	if (!piece->pins)
		return -ENOMEM;
	pins_walk_begin(&walk, region, piece->first, piece->last);
	while (pins_walk_next(&walk, region, &pfn, &count)) {
		ret = pins_append(piece->pins, pfn, count);
		if (ret) {
			pins_free(piece->pins);
			piece->pins = NULL;
			return ret;
		}
	}
	/* If the process is about to end, there is nothing to watch. */
	if (!mmget_not_zero(region->mm))
		return 0;
	ret = mshv_parting_begin(piece);
	mmput(region->mm);
	if (ret) {
		pins_free(piece->pins);
		piece->pins = NULL;
	}
	return ret;
}

static void pinned_drop(struct mshv_region *region)
{
	mshv_parting_end(region);
	pins_free(region->pins);
	region->pins = NULL;
}

static void pinned_shrink(struct mshv_region *region, u64 first, u64 last)
{
	mshv_parting_end(region);
	pinned_unpin(region, first, last);
	pinned_drop(region);
}

static void pinned_release(struct mshv_region *region)
{
	if (region->pins)
		pinned_shrink(region, region->first, region->last);
}

const struct mshv_region_ops mshv_region_pinned = {
	.map = pinned_map,
	.fault = pinned_fault,
	.unmap = pinned_unmap,
	.carve = pinned_carve,
	.drop = pinned_drop,
	.shrink = pinned_shrink,
	.release = pinned_release,
};
