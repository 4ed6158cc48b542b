// SPDX-License-Identifier: GPL-2.0
/*
 * The guest physical address space: the tree of regions, and lookups in it.
 *
 * See region.h for the model, and region_set.c for changes of the tree.  These are
 * serialised by partition->mem_lock; the tree's own lock is only held to look
 * something up or to change the tree.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include <hyperv/hv_root.h>

#include "compat.h"
#include "core.h"
#include "region.h"
#include "region_tree.h"

/**
 * mshv_space_init() - an empty address space
 * @space: the space
 */
void mshv_space_init(struct mshv_space *space)
{
	init_rwsem(&space->lock);
	space->regions = RB_ROOT_CACHED;
}

/**
 * mshv_region_alloc() - a region that is not in the tree
 * @partition: the partition
 *
 * Return: the region, in transit, with a reference, or NULL.
 */
struct mshv_region *mshv_region_alloc(struct mshv_partition *partition)
{
	struct mshv_region *region;

	region = kzalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	if (!region)
		return NULL;
	region->list = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!region->list) {
		kfree(region);
		return NULL;
	}
	kref_init(&region->ref);
	mutex_init(&region->lock);
	region->partition = partition;
	region->state = MSHV_REGION_TRANSIT;
	mmgrab(current->mm);
	region->mm = current->mm;
	return region;
}

static void region_free(struct kref *ref)
{
	struct mshv_region *region =
		container_of(ref, struct mshv_region, ref);

	mmdrop(region->mm);
	mshv_track_free(region);
	free_page((unsigned long)region->list);
	mutex_destroy(&region->lock);
	kfree(region);
}

/**
 * mshv_region_put() - drop a reference
 * @region: the region
 */
void mshv_region_put(struct mshv_region *region)
{
	kref_put(&region->ref, region_free);
}

/**
 * mshv_region_find() - find the region of a page
 * @space: the address space
 * @gfn: the page
 * @state: its state
 *
 * Return: the region, with a reference, or NULL.
 */
struct mshv_region *mshv_region_find(struct mshv_space *space, u64 gfn,
				     enum mshv_region_state *state)
{
	struct mshv_region *region;

	down_read(&space->lock);
	region = region_tree_find(&space->regions, gfn);
	if (region) {
		kref_get(&region->ref);
		*state = region->state;
	}
	up_read(&space->lock);
	return region;
}

static bool region_permits(const struct mshv_region *region, u8 access)
{
	switch (access) {
	case HV_INTERCEPT_ACCESS_READ:
		return true;
	case HV_INTERCEPT_ACCESS_WRITE:
		return region->map_flags & HV_MAP_GPA_WRITABLE;
	case HV_INTERCEPT_ACCESS_EXECUTE:
		return region->map_flags & HV_MAP_GPA_EXECUTABLE;
	}
	return false;
}

/**
 * mshv_space_fault() - handle an access of the guest to a page that is not mapped
 * @partition: the partition
 * @gfn: the page
 * @access: HV_INTERCEPT_ACCESS_*
 * @pfns: a page of scratch memory
 *
 * Context: process context, under vp->lock.
 * Return: 1 if the guest should try again, 0 if this is for the VMM, -ENOENT if no
 * region has the page, which then also is, or another negative errno.
 */
int mshv_space_fault(struct mshv_partition *partition, u64 gfn, u8 access,
		     unsigned long *pfns)
{
	enum mshv_region_state state;
	struct mshv_region *region;
	int ret;

	for (;;) {
		/* What is mapped now could not be unmapped either. */
		if (READ_ONCE(partition->broken))
			return -EIO;
		region = mshv_region_find(&partition->space, gfn, &state);
		if (!region)
			return -ENOENT;
		if (state != MSHV_REGION_LIVE) {
			/* Wait until it has been changed, and look again. */
			mshv_region_put(region);
			if (mutex_lock_interruptible(&partition->mem_lock))
				return -EINTR;
			mutex_unlock(&partition->mem_lock);
			continue;
		}
		ret = 0;
		if (region_permits(region, access))
			ret = region->ops->fault(region, gfn, access, pfns);
		mshv_region_put(region);
		if (ret != -EAGAIN)
			return ret;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
}

/**
 * mshv_space_read() - read guest memory through its owner's address space
 * @partition: the partition
 * @gpa: guest physical address
 * @data: result
 * @size: number of bytes, not crossing a page
 *
 * Context: process context; sleeps.
 * Return: 0 or -EFAULT.
 */
int mshv_space_read(struct mshv_partition *partition, u64 gpa, void *data,
		    size_t size)
{
	u64 gfn = gpa >> HV_HYP_PAGE_SHIFT;
	enum mshv_region_state state;
	struct mshv_region *region;
	struct page *page;
	int ret = -EFAULT;
	u64 uaddr;

	region = mshv_region_find(&partition->space, gfn, &state);
	if (!region)
		return -EFAULT;
	uaddr = region_uaddr(region, gfn);
	if (!region->device && mmget_not_zero(region->mm)) {
		if (mshv_pin_remote(region->mm, uaddr, &page) == 1) {
			memcpy_from_page(data, page, offset_in_page(gpa), size);
			unpin_user_page(page);
			ret = 0;
		}
		mmput(region->mm);
	}
	mshv_region_put(region);
	return ret;
}

/**
 * mshv_space_for_each() - visit the regions of a range
 * @space: the space
 * @first: first page
 * @last: last page
 * @visit: called for each region, with the part of the range that lies in it
 * @arg: for @visit
 *
 * Context: process context; space->lock is held while regions are visited.
 */
void mshv_space_for_each(struct mshv_space *space, u64 first, u64 last,
			 void (*visit)(struct mshv_region *region, u64 first,
				       u64 last, void *arg),
			 void *arg)
{
	struct mshv_region *region;

	down_read(&space->lock);
	for (region = region_tree_iter_first(&space->regions, first, last); region;
	     region = region_tree_iter_next(region, first, last))
		visit(region, max(first, region->first),
		      min(last, region->last), arg);
	up_read(&space->lock);
}

/**
 * mshv_region_set_state() - set a region's state, which faults look at
 * @region: the region
 * @state: its new state
 */
void mshv_region_set_state(struct mshv_region *region, enum mshv_region_state state)
{
	struct mshv_space *space = &region->partition->space;

	down_write(&space->lock);
	WRITE_ONCE(region->state, state);
	up_write(&space->lock);
}

/**
 * mshv_region_insert() - insert a region into the tree, unless it overlaps another
 * @region: the region
 *
 * Return: 0 or -EEXIST.
 */
int mshv_region_insert(struct mshv_region *region)
{
	struct mshv_space *space = &region->partition->space;
	int ret;

	down_write(&space->lock);
	ret = region_tree_add(&space->regions, region);
	WRITE_ONCE(space->inserted, space->inserted + 1);
	up_write(&space->lock);
	return ret;
}

/**
 * mshv_region_remove() - remove a region from the tree
 * @region: the region
 */
void mshv_region_remove(struct mshv_region *region)
{
	struct mshv_space *space = &region->partition->space;

	down_write(&space->lock);
	region_tree_remove(region, &space->regions);
	WRITE_ONCE(region->state, MSHV_REGION_DEAD);
	up_write(&space->lock);
}

/**
 * mshv_region_replace() - replace a region by its pieces
 * @region: the region
 * @left: its first part, or NULL
 * @right: its last part, or NULL
 */
void mshv_region_replace(struct mshv_region *region, struct mshv_region *left,
			 struct mshv_region *right)
{
	struct mshv_space *space = &region->partition->space;

	if (left)
		mshv_track_inherit(region, left);
	if (right)
		mshv_track_inherit(region, right);
	down_write(&space->lock);
	WRITE_ONCE(region->state, MSHV_REGION_DEAD);
	if (left)
		WRITE_ONCE(left->state, MSHV_REGION_LIVE);
	if (right)
		WRITE_ONCE(right->state, MSHV_REGION_LIVE);
	region_tree_replace(&space->regions, region, left, right);
	up_write(&space->lock);
}

/**
 * mshv_space_release() - free all backing
 * @partition: a finalized partition
 */
void mshv_space_release(struct mshv_partition *partition)
{
	struct mshv_region *region;

	mutex_lock(&partition->mem_lock);
	while ((region = region_tree_iter_first(&partition->space.regions, 0,
						MSHV_MAX_GFN))) {
		mshv_region_remove(region);
		region->ops->release(region);
		mshv_region_put(region);
		cond_resched();
	}
	mutex_unlock(&partition->mem_lock);
}

/**
 * mshv_space_exit() - free an address space
 * @space: the space, empty
 */
void mshv_space_exit(struct mshv_space *space)
{
	WARN_ON_ONCE(!RB_EMPTY_ROOT(&space->regions.rb_root));
}
