// SPDX-License-Identifier: GPL-2.0
/*
 * Movable guest memory: finding and mapping a page that the guest has touched.
 *
 * See region_movable.c for the model.
 */
#include <linux/bitmap.h>
#include <linux/hmm.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "core.h"
#include "movable.h"

/* Attempts at a page that changes all the time. */
#define FAULT_TRIES	64

/* Pages to look at in a block of which something is mapped: as many as the kernel does. */
#define FAULT_AROUND	16U

/*
 * Pages that a fault maps at most: with one call, and so that the next fault in the block
 * need not map some of them again.
 */
#define FAULT_PAGES_MAX	round_down(HV_MAP_GPA_MAX_PAGES, FAULT_AROUND)

/* Are the pages of a whole block contiguous, with the same rights? */
static bool movable_is_large(struct mshv_region *region, u64 first,
			     const unsigned long *pfns, unsigned int nr)
{
	unsigned long base = pfns[0] & (HMM_PFN_VALID | HMM_PFN_WRITE |
					~HMM_PFN_FLAGS);
	unsigned int i;

	if (!mshv_fits_block(region->partition, first, base & ~HMM_PFN_FLAGS,
			     nr))
		return false;
	/* Does one entry of the process's page tables map all of it? */
	if (pfns[0] & HMM_PFN_VALID &&
	    hmm_pfn_to_map_order(pfns[0]) >= ilog2(MSHV_BLOCK_PAGES))
		return true;
	for (i = 0; i < nr; i++) {
		if ((pfns[i] & (HMM_PFN_VALID | HMM_PFN_WRITE |
				~HMM_PFN_FLAGS)) != base + i)
			return false;
	}
	return base & HMM_PFN_VALID;
}

/* The pages around @at that are present with the same rights. */
static void movable_find_run(const unsigned long *pfns, unsigned int nr,
			     unsigned int at, unsigned int *from, unsigned int *to)
{
	const unsigned long mask = HMM_PFN_VALID | HMM_PFN_WRITE;
	unsigned long right = pfns[at] & mask;

	for (*from = at; *from && (pfns[*from - 1] & mask) == right; --*from)
		;
	for (*to = at; *to + 1 < nr && (pfns[*to + 1] & mask) == right; ++*to)
		;
	if (*to - *from >= FAULT_PAGES_MAX) {
		if (at - *from < FAULT_PAGES_MAX)
			*to = *from + FAULT_PAGES_MAX - 1;
		else
			*from = *to - FAULT_PAGES_MAX + 1;
	}
}

static void movable_mark_folio(struct folio *folio)
{
	if (folio_test_dirty(folio))
		return;
	/* All that folio_mark_dirty() does with it, unless it has a place in swap. */
	if (folio_test_anon(folio) && !folio_test_swapcache(folio))
		folio_set_dirty(folio);
	else if (folio_test_anon(folio) || folio_test_swapbacked(folio))
		folio_mark_dirty(folio);
}

/*
 * What the guest writes leaves no trace in the process's page tables, so anonymous
 * memory is marked dirty now.  A file's page is writable only after its file system
 * has agreed, and is dirty since.
 *
 * Those of a @large mapping are contiguous, in few folios.
 */
static void movable_mark_dirty(const unsigned long *pfns, unsigned int nr, bool large)
{
	struct folio *folio, *last = NULL;
	struct page *page;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		page = hmm_pfn_to_page(pfns[i]);
		folio = page_folio(page);
		if (folio == last)
			continue;
		movable_mark_folio(folio);
		last = folio;
		if (large)
			i += folio_nr_pages(folio) - folio_page_idx(folio, page) - 1;
	}
}

/* Put single pages into an empty batch. */
static void movable_fill_batch(struct mshv_batch *batch, u64 gfn,
			       const unsigned long *pfns, unsigned int nr)
{
	u64 *list = batch->in->source_gpa_page_list;
	unsigned int i;

	batch->gfn = gfn;
	batch->nr = nr;
	for (i = 0; i < nr; i++)
		list[i] = pfns[i] & ~HMM_PFN_FLAGS;
}

/* Map what has been found. */
static u64 movable_map_found(struct mshv_region *region, u64 first,
			     const unsigned long *pfns, unsigned int nr,
			     unsigned int at)
{
	u64 block = movable_block_of(region, first);
	unsigned int from = 0, to = nr - 1;
	bool large, writable, anew;
	struct mshv_batch batch;
	u64 result;
	int ret;

	lockdep_assert_held(&region->lock);
	writable = pfns[at] & HMM_PFN_WRITE &&
		   region->map_flags & HV_MAP_GPA_WRITABLE;
	large = movable_is_large(region, first, pfns, nr);
	/* The hypervisor would have to split it, which takes memory. */
	if (!large && test_bit(block, region->large)) {
		ret = mshv_movable_unmap_block(region, block);
		if (ret)
			return HV_STATUS_OPERATION_FAILED;
	}
	/* A page that is mapped again loses its accessed and dirty state. */
	anew = test_bit(block, region->mapped) &&
	       READ_ONCE(region->partition->space.tracked);
	if (!large && anew) {
		from = at;
		to = at;
	} else if (!large) {
		movable_find_run(pfns, nr, at, &from, &to);
	}
	if (writable && !region->device)
		movable_mark_dirty(pfns + from, to - from + 1, large);

	mshv_batch_init(&batch, region);
	if (!writable)
		batch.flags &= ~HV_MAP_GPA_WRITABLE;
	region->gone_nr = 0;
	__set_bit(block, region->mapped);
	if (large) {
		__set_bit(block, region->large);
		mshv_batch_add(&batch, first, pfns[0] & ~HMM_PFN_FLAGS, nr);
	} else {
		movable_fill_batch(&batch, first + from, pfns + from, to - from + 1);
	}
	if (anew)
		mshv_track_gone(region, first + from, to - from + 1, writable);
	result = mshv_batch_flush(&batch);
	if (anew)
		mshv_track_gone(region, first + from, to - from + 1, writable);
	return result;
}

/**
 * struct movable_window - the pages that a fault looks at
 * @gfn: the page that was touched
 * @first: the first page
 * @nr: how many
 * @part: something of their block is mapped already
 */
struct movable_window {
	u64 gfn;
	u64 first;
	unsigned int nr;
	bool part;
};

static void movable_aim(const struct mshv_region *region, const struct movable_window *w,
			struct hmm_range *range)
{
	range->start = region->uaddr + ((w->first - region->first) << PAGE_SHIFT);
	range->end = range->start + ((unsigned long)w->nr << PAGE_SHIFT);
}

/* What is present; -EBUSY if the page that was touched is not, or not for writing. */
static int movable_look(const struct movable_window *w, struct hmm_range *range, bool write)
{
	unsigned long wanted = HMM_PFN_VALID | (write ? HMM_PFN_WRITE : 0);
	int ret = hmm_range_fault(range);

	if (!ret && (range->hmm_pfns[w->gfn - w->first] & wanted) != wanted)
		ret = -EBUSY;
	return ret;
}

/* Is this page not there, as far as that is known at once? */
static bool movable_is_absent(const struct mshv_region *region, unsigned long address,
			      bool write)
{
	struct page *page;

	if (current->mm != region->mm)
		return false;
	if (!get_user_page_fast_only(address, write ? FOLL_WRITE : 0, &page))
		return true;
	put_page(page);
	return false;
}

/*
 * Find what is present already, and the page that was touched in any case.
 * hmm_range_fault() is not asked to fault in that one, because it would do so with all
 * that follow: swapped pages would come in, merged ones be copied, and what a balloon has
 * released would be back.
 *
 * In a block that is mapped in part, what is beside a page that had to be faulted in is
 * absent as well, or mapped.  But if it was present, so may others be that are not mapped,
 * as when the VMM has written to all of them.
 */
static int movable_find_memory(const struct mshv_region *region, struct movable_window *w,
			       struct hmm_range *range, bool write)
{
	unsigned long address = range->start + ((w->gfn - w->first) << PAGE_SHIFT);
	int ret = -EBUSY;

	if (w->part && movable_is_absent(region, address, write)) {
		w->first = w->gfn;
		w->nr = 1;
		movable_aim(region, w, range);
	} else {
		ret = movable_look(w, range, write);
	}
	if (ret == -EBUSY)
		ret = mshv_fault_in(region->mm, address, write);
	return ret == -EBUSY ? movable_look(w, range, write) : ret;
}

/*
 * Look at the process's page tables; only the page that was touched is faulted in.  Every
 * element of range->hmm_pfns that is in the window afterwards is written.
 */
static int movable_find_pages(struct mshv_region *region, struct movable_window *w,
			      struct hmm_range *range, bool write)
{
	const struct movable_window all = *w;
	struct mm_struct *mm = region->mm;
	int tries, ret = -EBUSY;

	/* The second time it is present, unless it has been taken again. */
	for (tries = 0; tries < 2 && ret == -EBUSY; tries++) {
		*w = all;
		movable_aim(region, w, range);
		range->notifier_seq = mmu_interval_read_begin(range->notifier);
		mmap_read_lock(mm);
		if (region->device)
			ret = mshv_mmio_find_pages(range, w->gfn - w->first, write);
		else
			ret = movable_find_memory(region, w, range, write);
		mmap_read_unlock(mm);
	}
	return ret;
}

/*
 * The pages to look at.  What was present when the first page of a block was touched is
 * mapped since: what is missing is new, or has been taken.
 */
static int movable_choose_window(struct mshv_region *region, struct movable_window *w)
{
	u64 block = movable_block_of(region, w->gfn);
	u64 last = movable_block_last(region, block);
	int ret = -EAGAIN;

	w->first = movable_block_first(region, block);
	mutex_lock(&region->lock);
	if (READ_ONCE(region->state) == MSHV_REGION_LIVE) {
		ret = 0;
		w->part = test_bit(block, region->mapped) && !test_bit(block, region->large);
		if (w->part) {
			w->first = max(w->first, round_down(w->gfn, FAULT_AROUND));
			last = min(last, w->gfn | (FAULT_AROUND - 1));
		}
	}
	mutex_unlock(&region->lock);
	w->nr = last - w->first + 1;
	return ret;
}

/**
 * mshv_movable_fault() - see struct mshv_region_ops
 * @region: the region
 * @gfn: the page that was touched
 * @access: HV_INTERCEPT_ACCESS_*
 * @pfns: a page of scratch memory
 *
 * Return: 1: done, 0: this is for the VMM, or a negative errno.
 */
int mshv_movable_fault(struct mshv_region *region, u64 gfn, u8 access,
		       unsigned long *pfns)
{
	struct hvr_retry retry = { .pages = HVR_PAGES_MAP };
	struct hmm_range range = {
		.notifier = &region->notifier,
		.hmm_pfns = pfns,
	};
	struct movable_window window = { .gfn = gfn };
	unsigned int tries;
	u64 result;
	int ret;

	hvr_may_deposit();
	/* The process has ended, and its memory with it. */
	if (!mmget_not_zero(region->mm))
		return 0;

	for (tries = 0; tries < FAULT_TRIES; tries++) {
		/* Each run gets one attempt, or signals could starve it. */
		ret = -EINTR;
		if (fatal_signal_pending(current) ||
		    (tries && signal_pending(current)))
			goto out;
		ret = movable_choose_window(region, &window);
		if (ret)
			goto out;
		ret = movable_find_pages(region, &window, &range,
					 access == HV_INTERCEPT_ACCESS_WRITE);
		if (ret == -EBUSY)
			continue;
		if (ret)
			goto out;

		mutex_lock(&region->lock);
		ret = -EAGAIN;
		if (READ_ONCE(region->state) != MSHV_REGION_LIVE) {
			mutex_unlock(&region->lock);
			goto out;
		}
		if (mmu_interval_read_retry(range.notifier,
					    range.notifier_seq)) {
			mutex_unlock(&region->lock);
			continue;
		}
		result = movable_map_found(region, window.first, pfns, window.nr,
					   gfn - window.first);
		mutex_unlock(&region->lock);

		if (!hvr_wants_memory(result)) {
			ret = hvr_errno(result);
			if (!ret)
				ret = 1;
			goto out;
		}
		ret = hvr_deposit_for(region->partition->pool, &retry, result);
		if (ret)
			goto out;
	}
	/* Let the guest run, and handle signals, before the next attempt. */
	ret = 1;
out:
	mmput(region->mm);
	/*
	 * Memory that the process itself could not access, or whose content is
	 * lost, is left to the VMM.
	 */
	return ret == -EFAULT || ret == -EHWPOISON ? 0 : ret;
}
