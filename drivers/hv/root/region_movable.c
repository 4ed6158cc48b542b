// SPDX-License-Identifier: GPL-2.0
/*
 * Movable guest memory: pages are mapped when the guest touches them, and unmapped
 * when the kernel reclaims them.
 *
 * Model: the process's page tables are authoritative.  A fault of the guest looks
 * at the block around the page, faults in only the page itself, and maps it with
 * its neighbours that are present with the same rights.  Once something of a block is
 * mapped, a fault looks at a few pages only.  Whenever the kernel
 * changes an address, a notifier, movable_invalidate(), unmaps it, and the next
 * access faults again.  So swap, migration, merging, copy on write and huge pages
 * work under a running guest.
 *
 * Unmapping never needs memory: of small pages just those that change are unmapped,
 * mapped or not, but a large mapping, which would have to be split, as a whole.
 *
 * Two bits for each block remember whether something of it may be mapped, and
 * whether as one large mapping.  They are set before a call, so that a call that
 * does half of its work is covered.
 *
 * A page that the guest may write is writable in the process too, and marked
 * dirty, because the guest leaves no trace in the process's page tables.
 *
 * The notifier takes region->lock and nothing else, and allocates nothing.  A fault
 * that needs a deposit releases everything first.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "core.h"
#include "movable.h"

/* Attempts to unmap blocks, which must not fail. */
#define UNMAP_TRIES	4

/* Blocks unmapped in one piece: as many large ones as one call takes. */
#define RUN_BLOCKS_MAX	HV_HYPERCALL_MAX_REPS

/* Pages that are to be unmapped, and the blocks that large mappings of them cover. */
struct movable_range {
	u64 first;
	u64 last;
	enum mshv_unmap how;
};

/* The first block that cannot be unmapped with the same call as @block. */
static u64 movable_run_end(const struct mshv_region *region, u64 block, u64 end)
{
	bool large = test_bit(block, region->large);

	if (end == block + 1)
		return end;
	end = min(end, block + RUN_BLOCKS_MAX);
	end = find_next_zero_bit(region->mapped, end, block + 1);
	return large ? find_next_zero_bit(region->large, end, block + 1) :
		       find_next_bit(region->large, end, block + 1);
}

/* Forget the blocks of which nothing is left outside of @from to @to. */
static void movable_forget(struct mshv_region *region, u64 block, u64 end, u64 from,
			   u64 to)
{
	if (movable_block_first(region, block) < from)
		block++;
	if (movable_block_last(region, end - 1) > to)
		end--;
	if (block >= end)
		return;
	bitmap_clear(region->mapped, block, end - block);
	bitmap_clear(region->large, block, end - block);
}

/* Unmap what is in the range of blocks that are all large, or all not. */
static int movable_unmap_run(struct mshv_region *region, u64 block, u64 end,
			     const struct movable_range *range)
{
	u64 from = movable_block_first(region, block);
	u64 to = movable_block_last(region, end - 1);
	bool large = test_bit(block, region->large);
	int ret = 0;

	if (!large) {
		from = max(from, range->first);
		to = min(to, range->last);
	}
	/* When the partition has been finalized nothing is mapped. */
	if (!READ_ONCE(region->partition->finalized))
		ret = mshv_unmap_pages(region, from, large ? end - block : to - from + 1,
				       large, range->how);
	if (ret && !READ_ONCE(region->partition->finalized))
		return ret;
	movable_forget(region, block, end, from, to);
	return 0;
}

/**
 * mshv_movable_unmap_block() - unmap a block
 * @region: the region
 * @block: the block
 *
 * Return: 0 or a negative errno.
 */
int mshv_movable_unmap_block(struct mshv_region *region, u64 block)
{
	const struct movable_range all = {
		.last = U64_MAX, .how = MSHV_UNMAP_SLEEPS,
	};

	lockdep_assert_held(&region->lock);
	return test_bit(block, region->mapped) ?
	       movable_unmap_run(region, block, block + 1, &all) : 0;
}

/* Unmap what is mapped from @block on; moves @block to where it failed. */
static int movable_unmap_range(struct mshv_region *region, u64 *block,
			       const struct movable_range *range)
{
	u64 next, end = movable_block_of(region, range->last) + 1;
	int ret;

	for (; *block < end; *block = next) {
		if (!test_bit(*block, region->mapped))
			*block = find_next_bit(region->mapped, end, *block);
		if (*block >= end)
			break;
		next = movable_run_end(region, *block, end);
		ret = movable_unmap_run(region, *block, next, range);
		if (ret)
			return ret;
	}
	return 0;
}

/* Are these a few pages of a block that has others? */
static bool movable_is_part(struct mshv_region *region, u64 block,
			    const struct movable_range *range)
{
	u64 first = movable_block_first(region, block);
	u64 last = movable_block_last(region, block);

	return range->last <= last && (range->first > first || range->last < last) &&
	       test_bit(block, region->mapped) && !test_bit(block, region->large) &&
	       !READ_ONCE(region->partition->finalized);
}

/*
 * Unmap such pages.  Some changes are made in two steps, of the same pages: merging protects
 * a page, and later replaces it.
 */
static int movable_take_part(struct mshv_region *region, const struct movable_range *range)
{
	u64 nr = range->last - range->first + 1;
	int ret;

	if (region->gone_first == range->first && region->gone_nr >= nr)
		return 0;
	ret = mshv_unmap_pages(region, range->first, nr, false, range->how);
	if (!ret) {
		region->gone_first = range->first;
		region->gone_nr = nr;
	}
	return ret;
}

/* The kernel takes pages: a call that fails is repeated. */
static int movable_take(struct mshv_region *region, const struct movable_range *range)
{
	u64 failed, block = movable_block_of(region, range->first);
	int tries = 0, ret;

	do {
		failed = block;
		/* Most often it is a page. */
		if (movable_is_part(region, block, range))
			ret = movable_take_part(region, range);
		else
			ret = movable_unmap_range(region, &block, range);
		/* Each run gets as many attempts. */
		tries = block == failed ? tries + 1 : 1;
	} while (ret && tries < UNMAP_TRIES);
	return ret;
}

static bool movable_block_within(const struct mshv_region *region, u64 block,
				 const struct mshv_region *piece)
{
	return movable_block_first(region, block) >= piece->first &&
	       movable_block_last(region, block) <= piece->last;
}

static bool movable_invalidate(struct mmu_interval_notifier *notifier,
			       const struct mmu_notifier_range *range,
			       unsigned long cur_seq)
{
	struct mshv_region *region =
		container_of(notifier, struct mshv_region, notifier);
	u64 end = region->uaddr + (mshv_region_pages(region) << PAGE_SHIFT);
	u64 from = max_t(u64, range->start, region->uaddr);
	u64 to = min_t(u64, range->end, end);
	struct movable_range taken = {
		.first = region->first + ((from - region->uaddr) >> PAGE_SHIFT),
		.last = region->first + ((to - 1 - region->uaddr) >> PAGE_SHIFT),
		.how = mmu_notifier_range_blockable(range) ? MSHV_UNMAP_SLEEPS :
							     MSHV_UNMAP_ATOMIC,
	};
	int ret = 0;

	if (mmu_notifier_range_blockable(range))
		mutex_lock(&region->lock);
	else if (!mutex_trylock(&region->lock))
		return false;
	mmu_interval_set_seq(notifier, cur_seq);
	/* Even if nothing was mapped yet: a fault may be about to. */
	atomic_inc(&region->partition->space.taken);
	/* What pieces have taken over is none of its business any more. */
	if (from < to && !region->retired)
		ret = movable_take(region, &taken);
	mutex_unlock(&region->lock);
	if (!ret)
		return true;
	/* Without blocking it may fail, and the caller will try something else. */
	if (!mmu_notifier_range_blockable(range))
		return false;
	mshv_partition_break(region->partition, ret);
	return true;
}

static const struct mmu_interval_notifier_ops notifier_ops = {
	.invalidate = movable_invalidate,
};

static int movable_arm(struct mshv_region *region)
{
	unsigned int size = BITS_TO_LONGS(movable_nr_blocks(region)) * sizeof(long);
	int ret;

	region->mapped = kvzalloc(size, GFP_KERNEL_ACCOUNT);
	region->large = kvzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!region->mapped || !region->large)
		return -ENOMEM;
	ret = mmu_interval_notifier_insert(&region->notifier, region->mm,
					   region->uaddr,
					   mshv_region_pages(region) << PAGE_SHIFT,
					   &notifier_ops);
	if (!ret)
		region->armed = true;
	return ret;
}

static void movable_disarm(struct mshv_region *region)
{
	if (region->armed)
		mmu_interval_notifier_remove(&region->notifier);
	region->armed = false;
	kvfree(region->mapped);
	kvfree(region->large);
	region->mapped = NULL;
	region->large = NULL;
}

static int movable_map(struct mshv_region *region)
{
	int ret = movable_arm(region);

	if (ret)
		movable_disarm(region);
	return ret;
}

static int movable_unmap_pages(struct mshv_region *region, u64 first, u64 last)
{
	const struct movable_range range = {
		.first = first, .last = last, .how = MSHV_UNMAP_KILLABLE,
	};
	u64 block = movable_block_of(region, first);
	int ret;

	mutex_lock(&region->lock);
	ret = movable_unmap_range(region, &block, &range);
	/* Nothing can fail from here on: the rest belongs to the pieces. */
	region->retired = !ret;
	mutex_unlock(&region->lock);
	return ret;
}

static int movable_unmap(struct mshv_region *region, u64 first, u64 last)
{
	int tries, ret = 0, err;

	hvr_may_deposit();
	for (tries = 0; tries < UNMAP_TRIES; tries++) {
		ret = movable_unmap_pages(region, first, last);
		if (ret != -ENOMEM)
			break;
		/* It should not need memory; deposit all the same. */
		err = hvr_deposit(region->partition->pool, HVR_PAGES_FEW);
		if (err)
			return err;
	}
	return ret;
}

/* @piece takes over the state of the blocks from @from to @last. */
static void movable_copy_blocks(struct mshv_region *region, struct mshv_region *piece,
				u64 from, u64 last)
{
	u64 block = from;

	for (; (block = find_next_bit(region->mapped, last + 1, block)) <= last;
	     block++) {
		__set_bit(block - from, piece->mapped);
		if (test_bit(block, region->large))
			__set_bit(block - from, piece->large);
	}
}

static int movable_carve(struct mshv_region *region, struct mshv_region *piece)
{
	u64 from, last;
	int ret = -EFAULT;

	if (!mmget_not_zero(region->mm))
		return ret;
	piece->device = region->device;
	ret = movable_arm(piece);
	mmput(region->mm);
	if (ret) {
		movable_disarm(piece);
		return ret;
	}
	/*
	 * The region is in transit: no fault adds to it any more.  A block that is
	 * cut must not be unmapped as a whole later, so it is unmapped now; only
	 * the first and the last can be cut.
	 */
	mutex_lock(&region->lock);
	from = movable_block_of(region, piece->first);
	last = movable_block_of(region, piece->last);
	if (!movable_block_within(region, from, piece))
		ret = mshv_movable_unmap_block(region, from);
	if (!ret && !movable_block_within(region, last, piece))
		ret = mshv_movable_unmap_block(region, last);
	if (!ret) {
		/* Its notifier is in place, and may be called at any moment. */
		mutex_lock_nested(&piece->lock, SINGLE_DEPTH_NESTING);
		movable_copy_blocks(region, piece, from, last);
		mutex_unlock(&piece->lock);
	}
	mutex_unlock(&region->lock);
	if (ret)
		movable_disarm(piece);
	return ret;
}

static void movable_shrink(struct mshv_region *region, u64 first, u64 last)
{
	movable_disarm(region);
}

const struct mshv_region_ops mshv_region_movable = {
	.map = movable_map,
	.fault = mshv_movable_fault,
	.unmap = movable_unmap,
	.carve = movable_carve,
	.drop = movable_disarm,
	.shrink = movable_shrink,
	.release = movable_disarm,
};
