// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_SET_GUEST_MEMORY: adding, splitting and removing regions.
 *
 * See region.h for the model.  All of this happens under partition->mem_lock.
 */
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <hyperv/hv_root.h>

#include "core.h"
#include "region.h"
#include "region_tree.h"
#include "trace.h"

static bool pin_memory;
module_param(pin_memory, bool, 0644);
MODULE_PARM_DESC(pin_memory, "pin all pages of guest memory when a region is created");

/**
 * mshv_regions_movable() - is memory that is mapped from now on movable?
 *
 * Return: false if it is pinned.
 */
bool mshv_regions_movable(void)
{
	return !READ_ONCE(pin_memory);
}

/* Choose the type for the memory, all of which must be of one kind. */
static int region_set_choose_type(struct mshv_region *region, u64 size)
{
	struct mm_struct *mm = current->mm;
	bool device = false, any = false;
	struct vm_area_struct *vma;
	u64 uaddr = region->uaddr;
	int ret = -EINVAL;

	mmap_read_lock(mm);
	VMA_ITERATOR(vmi, mm, uaddr);
	vma = vma_lookup(mm, uaddr);
	if (!vma)
		goto out;
	for_each_vma_range(vmi, vma, uaddr + size) {
		bool is_device = vma->vm_flags & (VM_IO | VM_PFNMAP);

		if (any && is_device != device)
			goto out;
		device = is_device;
		any = true;
	}
	region->device = device;
	region->ops = device || mshv_regions_movable() ? &mshv_region_movable :
							 &mshv_region_pinned;
	if (device) {
		region->map_flags |= HV_MAP_GPA_WRITABLE |
				     HV_MAP_GPA_NOT_CACHED;
		region->map_flags &= ~HV_MAP_GPA_EXECUTABLE;
	}
	ret = 0;
out:
	mmap_read_unlock(mm);
	return ret;
}

static int region_set_map(struct mshv_partition *partition,
			  const struct mshv_user_mem_region *user, u64 last)
{
	struct mshv_region *region;
	int ret;

	if (!access_ok(u64_to_user_ptr(user->userspace_addr), user->size))
		return -EINVAL;
	if (READ_ONCE(partition->broken))
		return -EIO;
	region = mshv_region_alloc(partition);
	if (!region)
		return -ENOMEM;
	region->first = user->guest_pfn;
	region->last = last;
	region->uaddr = user->userspace_addr;
	region->map_flags = user_region_map_flags(user->flags);
	ret = region_set_choose_type(region, user->size);
	if (!ret && partition->space.tracked)
		ret = mshv_track_region(region);
	if (!ret)
		ret = mshv_region_insert(region);
	if (ret) {
		mshv_region_put(region);
		return ret;
	}
	ret = region->ops->map(region);
	if (ret == -EUCLEAN) {
		/* Partly mapped, and cannot be undone: it stays, to be unmapped. */
		mshv_region_set_state(region, MSHV_REGION_LIVE);
		return -EIO;
	}
	if (ret) {
		mshv_region_remove(region);
		mshv_region_put(region);
		return ret;
	}
	mshv_region_set_state(region, MSHV_REGION_LIVE);
	return 0;
}

/* Make a region of the part of @region from @first to @last. */
static struct mshv_region *region_set_make_piece(struct mshv_region *region, u64 first,
						 u64 last)
{
	struct mshv_region *piece = mshv_region_alloc(region->partition);
	int ret;

	if (!piece)
		return ERR_PTR(-ENOMEM);
	mmdrop(piece->mm);
	mmgrab(region->mm);
	piece->mm = region->mm;
	piece->ops = region->ops;
	piece->first = first;
	piece->last = last;
	piece->uaddr = region_uaddr(region, first);
	piece->map_flags = region->map_flags;
	ret = region->gone_accessed ? mshv_track_region(piece) : 0;
	if (!ret)
		ret = region->ops->carve(region, piece);
	if (ret) {
		mshv_region_put(piece);
		return ERR_PTR(ret);
	}
	return piece;
}

/* A piece that was never in the tree: its backing still is the region's. */
static void region_set_drop_piece(struct mshv_region *piece)
{
	if (!piece)
		return;
	piece->ops->drop(piece);
	mshv_region_put(piece);
}

static int region_set_unmap_part(struct mshv_region *region, u64 first, u64 last)
{
	struct mshv_region *left = NULL, *right = NULL;
	int ret;

	/* From here on no fault changes it. */
	mshv_region_set_state(region, MSHV_REGION_TRANSIT);
	if (first > region->first) {
		left = region_set_make_piece(region, region->first, first - 1);
		if (IS_ERR(left)) {
			ret = PTR_ERR(left);
			left = NULL;
			goto err;
		}
	}
	if (last < region->last) {
		right = region_set_make_piece(region, last + 1, region->last);
		if (IS_ERR(right)) {
			ret = PTR_ERR(right);
			right = NULL;
			goto err;
		}
	}
	ret = region->ops->unmap(region, first, last);
	if (ret)
		goto err;
	mshv_region_replace(region, left, right);
	region->ops->shrink(region, first, last);
	mshv_region_put(region);
	return 0;

err:
	/* It stays whole, and can be unmapped again. */
	mshv_region_set_state(region, MSHV_REGION_LIVE);
	region_set_drop_piece(left);
	region_set_drop_piece(right);
	return ret;
}

static void region_set_note(struct mshv_region *region, u64 first, u64 last, void *found)
{
	*(bool *)found = true;
}

/* Is some of it part of a region?  mem_lock keeps the answer valid. */
static bool region_set_has_region(struct mshv_space *space, u64 first, u64 last)
{
	bool found = false;

	mshv_space_for_each(space, first, last, region_set_note, &found);
	return found;
}

static int region_set_unmap(struct mshv_partition *partition,
			    const struct mshv_user_mem_region *user, u64 last)
{
	enum mshv_region_state state;
	struct mshv_region *region;
	int ret = -EINVAL;

	region = mshv_region_find(&partition->space, user->guest_pfn, &state);
	/* Some VMMs unmap twice; then there is nothing left to do. */
	if (!region)
		return region_set_has_region(&partition->space,
					     user->guest_pfn, last) ? -EINVAL : 0;
	if (last <= region->last &&
	    user->userspace_addr == region_uaddr(region, user->guest_pfn))
		ret = region_set_unmap_part(region, user->guest_pfn, last);
	mshv_region_put(region);
	return ret;
}

/**
 * mshv_set_guest_memory() - MSHV_SET_GUEST_MEMORY
 * @object: the partition
 * @arg: struct mshv_user_mem_region
 * @uarg: where it came from
 *
 * Return: 0 or a negative errno.
 */
long mshv_set_guest_memory(void *object, void *arg, void __user *uarg)
{
	struct mshv_partition *partition = object;
	const struct mshv_user_mem_region *user = arg;
	u64 last;
	int ret;

	if (user_region_check(user, &last))
		return -EINVAL;
	if (mutex_lock_killable(&partition->mem_lock))
		return -EINTR;
	if (user->flags & BIT(MSHV_SET_MEM_BIT_UNMAP))
		ret = region_set_unmap(partition, user, last);
	else
		ret = region_set_map(partition, user, last);
	mutex_unlock(&partition->mem_lock);
	trace_mshv_memory(partition->id, user->guest_pfn,
			  user->size >> HV_HYP_PAGE_SHIFT, user->userspace_addr,
			  user->flags, ret);
	return ret;
}
