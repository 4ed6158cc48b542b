// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping and unmapping guest pages: the calls that work on lists of them.
 *
 * Model: pages to be mapped are gathered in a batch, as many as one call takes.  A
 * batch holds either single pages or blocks.  A block is used when 512 pages are
 * contiguous and aligned on both sides, guest and host.
 *
 * What the kernel takes away is unmapped from region_movable.c.
 *
 * A batch that was cut short knows its progress and can be flushed again.
 */
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "core.h"
#include "region.h"

/**
 * mshv_batch_init() - an empty batch
 * @batch: the batch
 * @region: the region, whose list page it uses
 */
void mshv_batch_init(struct mshv_batch *batch, struct mshv_region *region)
{
	lockdep_assert_held(&region->lock);
	*batch = (struct mshv_batch) {
		.partition = region->partition,
		.in = region->list,
		.flags = region->map_flags,
	};
}

/**
 * mshv_fits_block() - can these pages begin with a large mapping?
 * @partition: the partition
 * @gfn: first guest page
 * @pfn: first host page
 * @nr: number of contiguous pages
 *
 * Return: true if the first 512 of them can be one large mapping.
 */
bool mshv_fits_block(struct mshv_partition *partition, u64 gfn, u64 pfn, u64 nr)
{
	return nr >= MSHV_BLOCK_PAGES && IS_ALIGNED(gfn | pfn, MSHV_BLOCK_PAGES) &&
	       partition->creation_flags &
		       HV_PARTITION_CREATION_FLAG_GPA_SUPER_PAGES_ENABLED;
}

/**
 * mshv_batch_add() - add contiguous pages
 * @batch: the batch
 * @gfn: first guest page; must follow what is in the batch
 * @pfn: first host page
 * @nr: how many, at least one
 *
 * Return: how many were added, 0 if the batch has to be flushed first.
 */
unsigned int mshv_batch_add(struct mshv_batch *batch, u64 gfn, u64 pfn, u64 nr)
{
	bool large = mshv_fits_block(batch->partition, gfn, pfn, nr);

	if (batch->nr == HV_MAP_GPA_MAX_PAGES)
		return 0;
	if (!batch->nr) {
		batch->gfn = gfn;
		batch->large = large;
		batch->done = 0;
	} else if (batch->large != large) {
		return 0;
	}
	batch->in->source_gpa_page_list[batch->nr++] = pfn;
	return large ? MSHV_BLOCK_PAGES : 1;
}

/* The call that maps a batch, from where the last one stopped. */
static struct hvr_call map_batch_call(struct mshv_batch *batch)
{
	batch->in->target_partition_id = batch->partition->id;
	batch->in->target_gpa_base = batch->gfn;
	batch->in->map_flags = batch->flags |
			       (batch->large ? HV_MAP_GPA_LARGE_PAGE : 0);
	batch->in->padding = 0;
	return (struct hvr_call) {
		.code = HVCALL_MAP_GPA_PAGES,
		.reps = batch->nr, .done = batch->done,
		.in = batch->in,
		.pool = batch->partition->pool, .retry.pages = HVR_PAGES_MAP,
	};
}

static void map_batch_ended(struct mshv_batch *batch, const struct hvr_call *call)
{
	batch->done = call->done;
	if (hvr_status(call->result) != HV_STATUS_SUCCESS)
		return;
	batch->nr = 0;
	batch->done = 0;
}

/**
 * mshv_batch_flush() - map what is in the batch
 * @batch: the batch; empty afterwards if all went well
 *
 * Context: any in which region->lock can be held; never allocates.
 * Return: the last result word.
 */
u64 mshv_batch_flush(struct mshv_batch *batch)
{
	struct hvr_call call = map_batch_call(batch);

	hvr_enter(&call);
	map_batch_ended(batch, &call);
	return call.result;
}

/**
 * mshv_batch_flush_deposit() - map what is in the batch, and deposit what it needs
 * @batch: the batch
 *
 * Context: process context; sleeps and allocates.
 * Return: 0 or a negative errno.
 */
int mshv_batch_flush_deposit(struct mshv_batch *batch)
{
	struct hvr_call call = map_batch_call(batch);
	int ret = hvr_call(&call);

	map_batch_ended(batch, &call);
	return ret;
}

static int map_unmap_list(struct mshv_region *region, u64 gfn, u64 nr, bool large,
			  enum mshv_unmap how)
{
	bool killable = how == MSHV_UNMAP_KILLABLE ||
			how == MSHV_UNMAP_DEPOSITS_KILLABLE;
	struct hvr_retry retry = { .pages = HVR_PAGES_FEW };
	struct hv_input_unmap_gpa_pages *in = region->list;
	unsigned int reps, done, idle = 0;
	u64 result;
	int ret;

	if (how >= MSHV_UNMAP_DEPOSITS)
		hvr_may_deposit();
	atomic_inc(&region->partition->space.taken);
	in->target_partition_id = region->partition->id;
	in->unmap_flags = large ? HV_UNMAP_GPA_LARGE_PAGE : 0;
	in->padding = 0;
	while (nr) {
		if (killable && fatal_signal_pending(current))
			return -EINTR;
		/*
		 * The base is advanced instead of the start of the list, as there
		 * is no list: a new call is the same as a continued one.
		 */
		in->target_gpa_base = gfn;
		reps = min_t(u64, nr, HV_HYPERCALL_MAX_REPS);
		result = hvr_list(HVCALL_UNMAP_GPA_PAGES, reps, 0, in, NULL);
		done = min(hvr_reps(result), reps);
		nr -= done;
		gfn += large ? (u64)done * MSHV_BLOCK_PAGES : done;
		if (nr && how != MSHV_UNMAP_ATOMIC)
			cond_resched();
		if (hvr_wants_memory(result) && how >= MSHV_UNMAP_DEPOSITS) {
			ret = hvr_deposit_for(region->partition->pool, &retry,
					      result);
			if (ret)
				return ret;
			continue;
		}
		ret = hvr_errno(result);
		if (!ret && !done && ++idle > HVR_IDLE_MAX)
			ret = -EIO;
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * mshv_unmap_pages() - unmap pages from the guest
 * @region: the region, whose list page it uses
 * @gfn: first page
 * @nr: how many pages, or blocks
 * @large: blocks
 * @how: what may happen meanwhile
 *
 * Return: 0 or a negative errno; some pages may be unmapped then.
 */
int mshv_unmap_pages(struct mshv_region *region, u64 gfn, u64 nr, bool large,
		     enum mshv_unmap how)
{
	bool writable = region->map_flags & HV_MAP_GPA_WRITABLE;
	u64 pages = large ? nr * MSHV_BLOCK_PAGES : nr;
	int ret;

	lockdep_assert_held(&region->lock);
	mshv_track_gone(region, gfn, pages, writable);
	ret = map_unmap_list(region, gfn, nr, large, how);
	mshv_track_gone(region, gfn, pages, writable);
	return ret;
}
