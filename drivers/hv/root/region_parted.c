// SPDX-License-Identifier: GPL-2.0
/*
 * Pinned guest memory that its process has replaced or released.
 *
 * Model: the guest keeps its pages whatever happens to those of the process.  The
 * kernel does not ask before it takes a page from a process, so this cannot be
 * refused, but it can be counted.  A notifier records the range of a region in
 * which something was taken.  Soon after, a worker checks which pages there are no
 * longer those of the guest.
 *
 * The delay is deliberate: page tables are the same again after a page could not be
 * migrated, or a large page was split.
 *
 * Words: a page is parted when the process has another one at its address, or none.
 *
 * The notifier takes only @lock.  The worker takes mmap_lock, and must have ended
 * before the region's list of pages is freed.
 */
#include <linux/hmm.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "core.h"
#include "region.h"

#define LOOK_DELAY	(HZ / 10)
/* Pages that are checked in one go. */
#define LOOK_AT_ONCE	(PAGE_SIZE / sizeof(unsigned long))
#define LOOK_TRIES	64

static atomic64_t parted_pages;

/**
 * struct mshv_parting - watches the process of a region
 * @region: the region
 * @notifier: called when pages are taken from the process
 * @work: counts parted pages
 * @lock: protects @from and @to
 * @from: first page of the region to check
 * @to: the page after the last one
 */
struct mshv_parting {
	struct mshv_region *region;
	struct mmu_interval_notifier notifier;
	struct delayed_work work;
	spinlock_t lock; /* see above */
	u64 from;
	u64 to;
};

/**
 * mshv_parted_pages() - number of parted pages found
 *
 * Return: their number; a page counts each time.
 */
u64 mshv_parted_pages(void)
{
	return atomic64_read(&parted_pages);
}

/* ---- checking -------------------------------------------------------------------- */

/* What the process has in a range, at one moment. */
static int parted_snapshot(struct mshv_parting *parting, u64 page, unsigned int nr,
			   unsigned long *pfns)
{
	struct mshv_region *region = parting->region;
	struct hmm_range range = {
		.notifier = &parting->notifier,
		.start = region->uaddr + (page << PAGE_SHIFT),
		.end = region->uaddr + ((page + nr) << PAGE_SHIFT),
		.hmm_pfns = pfns,
	};
	int tries, ret = -EBUSY;

	for (tries = 0; ret == -EBUSY && tries < LOOK_TRIES; tries++) {
		memset(pfns, 0, nr * sizeof(*pfns));
		range.notifier_seq = mmu_interval_read_begin(range.notifier);
		mmap_read_lock(region->mm);
		ret = hmm_range_fault(&range);
		mmap_read_unlock(region->mm);
		if (!ret && mmu_interval_read_retry(range.notifier, range.notifier_seq))
			ret = -EBUSY;
	}
	return ret;
}

static void parted_count(struct mshv_parting *parting, u64 page, u64 to,
			 unsigned long *pfns)
{
	struct mshv_region *region = parting->region;
	unsigned int nr, parted;

	while (page < to) {
		nr = min_t(u64, to - page, LOOK_AT_ONCE);
		/*
		 * If the range changes all the time, it is checked after the next
		 * change.
		 */
		if (parted_snapshot(parting, page, nr, pfns))
			return;
		parted = mshv_pinned_differ(region, region->first + page, nr, pfns);
		atomic64_add(parted, &parted_pages);
		page += nr;
		cond_resched();
	}
}

static void parted_look(struct work_struct *work)
{
	struct mshv_parting *parting =
		container_of(to_delayed_work(work), struct mshv_parting, work);
	unsigned long *pfns;
	u64 from, to;

	spin_lock(&parting->lock);
	from = parting->from;
	to = parting->to;
	parting->from = 0;
	parting->to = 0;
	spin_unlock(&parting->lock);

	/* A process that has ended has released nothing. */
	if (!mmget_not_zero(parting->region->mm))
		return;
	pfns = (void *)__get_free_page(GFP_KERNEL);
	if (pfns)
		parted_count(parting, from, to, pfns);
	free_page((unsigned long)pfns);
	mmput(parting->region->mm);
}

/* ---- recording ------------------------------------------------------------------- */

static bool parted_invalidate(struct mmu_interval_notifier *notifier,
			      const struct mmu_notifier_range *range, unsigned long cur_seq)
{
	struct mshv_parting *parting = container_of(notifier, struct mshv_parting, notifier);
	struct mshv_region *region = parting->region;
	u64 end = region->uaddr + (mshv_region_pages(region) << PAGE_SHIFT);
	u64 from = max_t(u64, range->start, region->uaddr);
	u64 to = min_t(u64, range->end, end);

	spin_lock(&parting->lock);
	mmu_interval_set_seq(notifier, cur_seq);
	if (from < to && (range->event == MMU_NOTIFY_CLEAR || range->event == MMU_NOTIFY_UNMAP)) {
		from = (from - region->uaddr) >> PAGE_SHIFT;
		to = (to - 1 - region->uaddr) >> PAGE_SHIFT;
		parting->from = parting->to ? min(parting->from, from) : from;
		parting->to = max(parting->to, to + 1);
		schedule_delayed_work(&parting->work, LOOK_DELAY);
	}
	spin_unlock(&parting->lock);
	return true;
}

static const struct mmu_interval_notifier_ops notifier_ops = {
	.invalidate = parted_invalidate,
};

/**
 * mshv_parting_begin() - start watching the process of a pinned region
 * @region: the region, whose address space has users
 *
 * Return: 0 or a negative errno.
 */
int mshv_parting_begin(struct mshv_region *region)
{
	struct mshv_parting *parting = kzalloc(sizeof(*parting), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!parting)
		return -ENOMEM;
	parting->region = region;
	spin_lock_init(&parting->lock);
	INIT_DELAYED_WORK(&parting->work, parted_look);
	ret = mmu_interval_notifier_insert(&parting->notifier, region->mm, region->uaddr,
					   mshv_region_pages(region) << PAGE_SHIFT,
					   &notifier_ops);
	if (ret) {
		kfree(parting);
		return ret;
	}
	region->parting = parting;
	return 0;
}

/**
 * mshv_parting_end() - stop watching
 * @region: the region, watched or not
 *
 * Changes that have not been checked are not counted.
 */
void mshv_parting_end(struct mshv_region *region)
{
	struct mshv_parting *parting = region->parting;

	if (!parting)
		return;
	mmu_interval_notifier_remove(&parting->notifier);
	cancel_delayed_work_sync(&parting->work);
	kfree(parting);
	region->parting = NULL;
}
