// SPDX-License-Identifier: GPL-2.0
/*
 * Pinned guest memory: the pages are pinned when the region is created, and stay.
 *
 * Model: pins.c has the list of pages.  They count against RLIMIT_MEMLOCK of the
 * process that owns them.
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
#include "pins.h"
#include "region.h"

/*
 * Memory is allocated under the lock of a pinned region; that of a movable one is
 * taken to free memory.
 */
static struct lock_class_key pinned_lock_key;

/* Pages to pin at once. */
#define PIN_AT_ONCE	(PAGE_SIZE / sizeof(struct page *))
#define UNPIN_AT_ONCE	4096

/* Walk over the pages from @first to @last. */
static void pinned_walk(struct mshv_pin_walk *walk, struct mshv_region *region,
			u64 first, u64 last)
{
	mshv_pins_walk(walk, region->pins, first - region->first, last - first + 1);
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
	struct mshv_pin_walk walk;
	u64 pfn, count;

	pinned_walk(&walk, region, gfn, gfn + nr - 1);
	while (mshv_pins_next(&walk, &pfn, &count)) {
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
	struct mshv_pin_walk walk;
	u64 pfn, count, nr = 0;

	pinned_walk(&walk, region, first, last);
	while (mshv_pins_next(&walk, &pfn, &count)) {
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
		ret = mshv_pins_append(region->pins, page_to_pfn(pages[i]), 1);
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

	region->pins = mshv_pins_alloc();
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
		u64 pinned = mshv_pins_count(region->pins);

		/* pinned_unpin() uncharges what it finds; the rest was never pinned. */
		atomic64_sub(nr - pinned, &region->mm->pinned_vm);
		if (pinned)
			pinned_unpin(region, region->first, region->first + pinned - 1);
	} else {
		ret = 0;
	}
out:
	free_page((unsigned long)pages);
	if (ret) {
		mshv_pins_free(region->pins);
		region->pins = NULL;
	}
	return ret;
}

/* Map a range, with large mappings where that is possible. */
static int pinned_map_range(struct mshv_region *region, u64 first, u64 last)
{
	struct mshv_batch batch;
	struct mshv_pin_walk walk;
	u64 pfn, count, gfn = first;
	unsigned int n;
	int ret;

	mshv_batch_init(&batch, region);
	pinned_walk(&walk, region, first, last);
	while (mshv_pins_next(&walk, &pfn, &count)) {
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
	struct mshv_pin_walk walk;
	int ret;

	pinned_walk(&walk, region, first, last);
	while (mshv_pins_next(&walk, &pfn, &count)) {
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
		mshv_pins_free(region->pins);
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
	struct mshv_pin_walk walk;
	u64 pfn, count;
	int ret;

	lockdep_set_class(&piece->lock, &pinned_lock_key);
	piece->pins = mshv_pins_alloc();
	if (!piece->pins)
		return -ENOMEM;
	pinned_walk(&walk, region, piece->first, piece->last);
	while (mshv_pins_next(&walk, &pfn, &count)) {
		ret = mshv_pins_append(piece->pins, pfn, count);
		if (ret) {
			mshv_pins_free(piece->pins);
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
		mshv_pins_free(piece->pins);
		piece->pins = NULL;
	}
	return ret;
}

static void pinned_drop(struct mshv_region *region)
{
	mshv_parting_end(region);
	mshv_pins_free(region->pins);
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
