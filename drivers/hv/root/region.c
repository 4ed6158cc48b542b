// SPDX-License-Identifier: GPL-2.0
/*
 * The guest physical address space: regions come, go and are found.
 *
 * See region.h for the model.  Changes are serialised by partition->mem_lock;
 * the tree's own lock is only held to look something up or to change the tree.
 */
#include <linux/highmem.h>
#include <linux/interval_tree_generic.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/overflow.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <hyperv/hv_types.h>

#include "compat.h"
#include "core.h"
#include "region.h"
#include "trace.h"

static bool pin_memory;
module_param(pin_memory, bool, 0644);
MODULE_PARM_DESC(pin_memory, "take all pages of guest memory at once and for good");

#define REGION_START(r)	((r)->first)
#define REGION_LAST(r)	((r)->last)

INTERVAL_TREE_DEFINE(struct mshv_region, rb, u64, subtree_last, REGION_START,
		     REGION_LAST, static __maybe_unused, tree)

/**
 * mshv_space_init() - an empty address space
 * @space: the space
 */
void mshv_space_init(struct mshv_space *space)
{
	init_rwsem(&space->lock);
	space->regions = RB_ROOT_CACHED;
}

static struct mshv_region *region_alloc(struct mshv_partition *partition)
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

static void region_put(struct mshv_region *region)
{
	kref_put(&region->ref, region_free);
}

static struct mshv_region *find_and_get(struct mshv_space *space, u64 gfn,
					enum mshv_region_state *state)
{
	struct mshv_region *region;

	down_read(&space->lock);
	region = tree_iter_first(&space->regions, gfn, gfn);
	if (region) {
		kref_get(&region->ref);
		*state = region->state;
	}
	up_read(&space->lock);
	return region;
}

static bool permits(const struct mshv_region *region, u8 access)
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
 * mshv_space_fault() - the guest has touched a page that it cannot reach
 * @partition: whose guest
 * @gfn: the page
 * @access: HV_INTERCEPT_ACCESS_*
 * @pfns: a page of scratch memory
 *
 * Context: process context, under vp->lock.
 * Return: 1 if the guest should try again, 0 if this is for the VMM, or a
 * negative errno.
 */
int mshv_space_fault(struct mshv_partition *partition, u64 gfn, u8 access,
		     unsigned long *pfns)
{
	enum mshv_region_state state;
	struct mshv_region *region;
	int ret;

	for (;;) {
		/* What is mapped now could not be taken back either. */
		if (READ_ONCE(partition->broken))
			return -EIO;
		region = find_and_get(&partition->space, gfn, &state);
		if (!region)
			return 0;
		if (state != MSHV_REGION_LIVE) {
			/* Wait for who is changing it, and look again. */
			region_put(region);
			if (mutex_lock_interruptible(&partition->mem_lock))
				return -EINTR;
			mutex_unlock(&partition->mem_lock);
			continue;
		}
		ret = 0;
		if (permits(region, access))
			ret = region->ops->fault(region, gfn, access, pfns);
		region_put(region);
		if (ret != -EAGAIN)
			return ret;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
}

/**
 * mshv_space_read() - read guest memory through its owner's address space
 * @partition: whose guest
 * @gpa: guest physical address
 * @data: where to put it
 * @size: how much, not crossing a page
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

	region = find_and_get(&partition->space, gfn, &state);
	if (!region)
		return -EFAULT;
	uaddr = region->uaddr + ((gfn - region->first) << HV_HYP_PAGE_SHIFT);
	if (!region->device && mmget_not_zero(region->mm)) {
		if (compat_pin_remote(region->mm, uaddr, &page) == 1) {
			memcpy_from_page(data, page, offset_in_page(gpa), size);
			unpin_user_page(page);
			ret = 0;
		}
		mmput(region->mm);
	}
	region_put(region);
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
	for (region = tree_iter_first(&space->regions, first, last); region;
	     region = tree_iter_next(region, first, last))
		visit(region, max(first, region->first),
		      min(last, region->last), arg);
	up_read(&space->lock);
}

static void set_state(struct mshv_region *region, enum mshv_region_state state)
{
	struct mshv_space *space = &region->partition->space;

	down_write(&space->lock);
	WRITE_ONCE(region->state, state);
	up_write(&space->lock);
}

/* Into the tree, unless something is there already. */
static int insert(struct mshv_region *region)
{
	struct mshv_space *space = &region->partition->space;
	int ret = 0;

	down_write(&space->lock);
	if (tree_iter_first(&space->regions, region->first, region->last))
		ret = -EEXIST;
	else
		tree_insert(region, &space->regions);
	up_write(&space->lock);
	return ret;
}

/* Out of the tree; a fault that has found it will look again. */
static void remove(struct mshv_region *region)
{
	struct mshv_space *space = &region->partition->space;

	down_write(&space->lock);
	tree_remove(region, &space->regions);
	WRITE_ONCE(region->state, MSHV_REGION_DEAD);
	up_write(&space->lock);
}

/* What kind of memory is this?  All of it must be of one kind. */
static int choose_type(struct mshv_region *region, u64 size)
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
	region->ops = pin_memory && !device ? &mshv_region_pinned :
					      &mshv_region_movable;
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

static u32 map_flags(u8 user)
{
	u32 flags = HV_MAP_GPA_READABLE | HV_MAP_GPA_ADJUSTABLE;

	if (user & BIT(MSHV_SET_MEM_BIT_WRITABLE))
		flags |= HV_MAP_GPA_WRITABLE;
	if (user & BIT(MSHV_SET_MEM_BIT_EXECUTABLE))
		flags |= HV_MAP_GPA_EXECUTABLE;
	return flags;
}

static int map_region(struct mshv_partition *partition,
		      const struct mshv_user_mem_region *user, u64 last)
{
	struct mshv_region *region;
	int ret;

	if (!access_ok(u64_to_user_ptr(user->userspace_addr), user->size))
		return -EINVAL;
	if (READ_ONCE(partition->broken))
		return -EIO;
	region = region_alloc(partition);
	if (!region)
		return -ENOMEM;
	region->first = user->guest_pfn;
	region->last = last;
	region->uaddr = user->userspace_addr;
	region->map_flags = map_flags(user->flags);
	ret = choose_type(region, user->size);
	if (!ret && partition->space.tracked)
		ret = mshv_track_region(region);
	if (!ret)
		ret = insert(region);
	if (ret) {
		region_put(region);
		return ret;
	}
	ret = region->ops->map(region);
	if (ret == -EUCLEAN) {
		/* Half mapped and not to be undone: it stays, to be unmapped. */
		set_state(region, MSHV_REGION_LIVE);
		return -EIO;
	}
	if (ret) {
		remove(region);
		region_put(region);
		return ret;
	}
	set_state(region, MSHV_REGION_LIVE);
	return 0;
}

/* A region for the part of @region from @first to @last. */
static struct mshv_region *make_piece(struct mshv_region *region, u64 first,
				      u64 last)
{
	struct mshv_region *piece = region_alloc(region->partition);
	int ret;

	if (!piece)
		return ERR_PTR(-ENOMEM);
	mmdrop(piece->mm);
	mmgrab(region->mm);
	piece->mm = region->mm;
	piece->ops = region->ops;
	piece->first = first;
	piece->last = last;
	piece->uaddr = region->uaddr +
		       ((first - region->first) << HV_HYP_PAGE_SHIFT);
	piece->map_flags = region->map_flags;
	ret = region->gone_accessed ? mshv_track_region(piece) : 0;
	if (!ret)
		ret = region->ops->carve(region, piece);
	if (ret) {
		region_put(piece);
		return ERR_PTR(ret);
	}
	return piece;
}

/* A piece that was never in the tree: its backing still is the region's. */
static void drop_piece(struct mshv_region *piece)
{
	if (!piece)
		return;
	piece->ops->drop(piece);
	region_put(piece);
}

/* Put the pieces where the region was. */
static void replace(struct mshv_region *region, struct mshv_region *left,
		    struct mshv_region *right)
{
	struct mshv_space *space = &region->partition->space;

	if (left)
		mshv_track_inherit(region, left);
	if (right)
		mshv_track_inherit(region, right);
	down_write(&space->lock);
	tree_remove(region, &space->regions);
	WRITE_ONCE(region->state, MSHV_REGION_DEAD);
	if (left) {
		WRITE_ONCE(left->state, MSHV_REGION_LIVE);
		tree_insert(left, &space->regions);
	}
	if (right) {
		WRITE_ONCE(right->state, MSHV_REGION_LIVE);
		tree_insert(right, &space->regions);
	}
	up_write(&space->lock);
}

static int unmap_part(struct mshv_region *region, u64 first, u64 last)
{
	struct mshv_region *left = NULL, *right = NULL;
	int ret;

	/* From here on no fault changes it. */
	set_state(region, MSHV_REGION_TRANSIT);
	if (first > region->first) {
		left = make_piece(region, region->first, first - 1);
		if (IS_ERR(left)) {
			ret = PTR_ERR(left);
			left = NULL;
			goto err;
		}
	}
	if (last < region->last) {
		right = make_piece(region, last + 1, region->last);
		if (IS_ERR(right)) {
			ret = PTR_ERR(right);
			right = NULL;
			goto err;
		}
	}
	ret = region->ops->unmap(region, first, last);
	if (ret)
		goto err;
	replace(region, left, right);
	region->ops->shrink(region, first, last);
	region_put(region);
	return 0;

err:
	/* It stays whole, and can be unmapped again. */
	set_state(region, MSHV_REGION_LIVE);
	drop_piece(left);
	drop_piece(right);
	return ret;
}

static int unmap_region(struct mshv_partition *partition,
			const struct mshv_user_mem_region *user, u64 last)
{
	enum mshv_region_state state;
	struct mshv_region *region;
	u64 offset;
	int ret = -EINVAL;

	region = find_and_get(&partition->space, user->guest_pfn, &state);
	if (!region)
		return -ENOENT;
	offset = (user->guest_pfn - region->first) << HV_HYP_PAGE_SHIFT;
	if (last <= region->last &&
	    user->userspace_addr == region->uaddr + offset)
		ret = unmap_part(region, user->guest_pfn, last);
	region_put(region);
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

	if (!user->size || user->flags & ~MSHV_SET_MEM_FLAGS_MASK ||
	    memchr_inv(user->rsvd, 0, sizeof(user->rsvd)) ||
	    !IS_ALIGNED(user->size | user->userspace_addr, HV_HYP_PAGE_SIZE))
		return -EINVAL;
	if (check_add_overflow(user->guest_pfn,
			       (user->size >> HV_HYP_PAGE_SHIFT) - 1, &last) ||
	    last > MSHV_MAX_GFN)
		return -EINVAL;

	if (mutex_lock_killable(&partition->mem_lock))
		return -EINTR;
	if (user->flags & BIT(MSHV_SET_MEM_BIT_UNMAP))
		ret = unmap_region(partition, user, last);
	else
		ret = map_region(partition, user, last);
	mutex_unlock(&partition->mem_lock);
	trace_mshv_memory(partition->id, user->guest_pfn,
			  user->size >> HV_HYP_PAGE_SHIFT, user->userspace_addr,
			  user->flags, ret);
	return ret;
}

/**
 * mshv_space_release() - free all backing
 * @partition: a partition whose guest is gone
 */
void mshv_space_release(struct mshv_partition *partition)
{
	struct mshv_region *region;

	mutex_lock(&partition->mem_lock);
	while ((region = tree_iter_first(&partition->space.regions, 0,
					 MSHV_MAX_GFN))) {
		remove(region);
		region->ops->release(region);
		region_put(region);
		cond_resched();
	}
	mutex_unlock(&partition->mem_lock);
}

/**
 * mshv_space_exit() - the end of an address space
 * @space: the space, empty
 */
void mshv_space_exit(struct mshv_space *space)
{
	WARN_ON_ONCE(!RB_EMPTY_ROOT(&space->regions.rb_root));
}
