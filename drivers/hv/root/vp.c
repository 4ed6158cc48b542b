// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual processors: creation, the processor's file with the table of its ioctls,
 * its shared pages.
 *
 * Model: the hypervisor shares two pages of a VP: one with its intercepts, and one
 * with its registers, which not every hypervisor has.  Both are deposited memory,
 * which this kernel may only access through a mapping of its own; they are mapped
 * to user space as bare page numbers, so that nothing can keep using them (pipes,
 * DMA) after the hypervisor has unmapped them.  A third page is the driver's own:
 * there the VMM requests the end of a run.
 *
 * The hypervisor is asked for its two pages when the VP is created.  That may take
 * a deposit, which waits for readers of /proc/kcore; in mmap(), which holds
 * mmap_lock, they would wait for it in turn.
 *
 * Before another kernel starts all of these pages are unmapped.  They are counted
 * for that: one may belong to a VP that is being created or destroyed, which no
 * list has.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "compat.h"
#include "core.h"
#include "log.h"
#include "sched.h"
#include "stats.h"
#include "trace.h"

/**
 * mshv_vp_find() - find a processor by its index
 * @partition: the partition
 * @index: its index, any number
 *
 * Context: under rcu_read_lock(), or with a reference on the partition; any.
 * Return: the processor or NULL.
 */
struct mshv_vp *mshv_vp_find(struct mshv_partition *partition, u32 index)
{
	return xa_load(&partition->vps, index);
}

/**
 * mshv_vp_kick() - wake the run loop of a processor
 * @vp: the processor
 *
 * Context: under rcu_read_lock(); any.
 */
void mshv_vp_kick(struct mshv_vp *vp)
{
	WRITE_ONCE(vp->kicked, 1);
	rcuwait_wake_up(&vp->wait);
}

/* The sum of what partitions count. */
static atomic_t vp_states_mapped;
static bool vp_states_closed;

/**
 * mshv_vp_close_states() - map no state page any more
 *
 * Context: any.
 */
void mshv_vp_close_states(void)
{
	WRITE_ONCE(vp_states_closed, true);
	/* Pairs with vp_map_state(): flag, then count. */
	smp_mb();
}

/**
 * mshv_vp_states_mapped() - count the state pages that are mapped
 *
 * Return: their number, with those that are being mapped.
 */
unsigned int mshv_vp_states_mapped(void)
{
	return atomic_read(&vp_states_mapped);
}

static void vp_count_unmapped(struct mshv_partition *partition)
{
	/* None, if the partition has been finalized. */
	if (atomic_dec_if_positive(&partition->states_mapped) >= 0)
		atomic_dec(&vp_states_mapped);
}

/**
 * mshv_vp_forget_states() - no state page is mapped any more
 * @partition: the partition, which has been finalized
 *
 * The hypervisor may have refused to unmap some before.
 *
 * Context: any.
 */
void mshv_vp_forget_states(struct mshv_partition *partition)
{
	atomic_sub(atomic_xchg(&partition->states_mapped, 0), &vp_states_mapped);
}

static int vp_try_map_state(struct mshv_vp *vp, u16 type, u64 *pfn)
{
	struct mshv_partition *partition = vp->partition;
	int ret;

	ret = mshv_call_map_state_page(partition->pool, vp->index, type, pfn);
	if (ret)
		return ret;
	if (!hvr_shares(partition->pool, *pfn)) {
		hvr_err("state page %u of a processor is not a shared page (%#llx)\n",
			type, *pfn);
		mshv_call_unmap_state_page(partition->id, vp->index, type);
		return -EIO;
	}
	vp->state_pages |= BIT(type);
	return 0;
}

/* Have the hypervisor map a page of the processor's state. */
static int vp_map_state(struct mshv_vp *vp, u16 type, u64 *pfn)
{
	int ret = -ESHUTDOWN;

	atomic_inc(&vp->partition->states_mapped);
	atomic_inc(&vp_states_mapped);
	/* Pairs with mshv_vp_close_states(): count, then flag. */
	smp_mb__after_atomic();
	if (!READ_ONCE(vp_states_closed))
		ret = vp_try_map_state(vp, type, pfn);
	if (ret)
		vp_count_unmapped(vp->partition);
	return ret;
}

static int vp_unmap_state(struct mshv_vp *vp, u16 type)
{
	int ret;

	if (!(vp->state_pages & BIT(type)))
		return 0;
	ret = mshv_call_unmap_state_page(vp->partition->id, vp->index, type);
	if (!ret) {
		vp->state_pages &= ~BIT(type);
		vp_count_unmapped(vp->partition);
	}
	return ret;
}

/**
 * mshv_vp_unmap_state() - unmap the shared pages
 * @vp: a processor whose files are all closed
 *
 * Return: 0, or a negative errno if some are still mapped.
 */
int mshv_vp_unmap_state(struct mshv_vp *vp)
{
	int ret;

	/* Whatever the hypervisor answers, they are not used any more. */
	WRITE_ONCE(vp->registers, NULL);
	hvr_unmap_shared(vp->message);
	WRITE_ONCE(vp->message, NULL);

	ret = vp_unmap_state(vp, HV_VP_STATE_PAGE_REGISTERS);
	return ret ? ret : vp_unmap_state(vp, HV_VP_STATE_PAGE_INTERCEPT_MESSAGE);
}

/**
 * mshv_vp_free() - free the object after a grace period
 * @vp: a processor that cannot be found any more
 */
void mshv_vp_free(struct mshv_vp *vp)
{
	mshv_sleep_exit(vp);
	free_page((unsigned long)vp->control);
	mshv_call_pages_free(&vp->call);
	mutex_destroy(&vp->lock);
	kfree_rcu(vp, rcu);
}

static struct mshv_vp *vp_alloc(struct mshv_partition *partition, u32 index)
{
	struct mshv_vp *vp = kzalloc(sizeof(*vp), GFP_KERNEL_ACCOUNT);

	if (!vp)
		return NULL;
	if (mshv_call_pages_alloc(&vp->call)) {
		kfree(vp);
		return NULL;
	}
	vp->partition = partition;
	vp->index = index;
	vp->cpu = -1;
	mutex_init(&vp->lock);
	rcuwait_init(&vp->wait);
	spin_lock_init(&vp->fault_lock);
	mshv_sleep_init(vp);
	mshv_sched->prepare(vp);
	return vp;
}

static long vp_run(struct mshv_vp *vp, void __user *uarg)
{
	long ret = -EINTR;

	if (!mutex_lock_killable(&vp->lock)) {
		ret = mshv_run(vp, uarg);
		mutex_unlock(&vp->lock);
	}
	trace_mshv_ioctl(MSHV_RUN_VP, ret);
	return ret;
}

static const struct mshv_ioctl vp_ioctls[] = {
	{ MSHV_KICK_VP, 0, 0, mshv_kick },
	{ MSHV_RESET_VP, 0, MSHV_IOCTL_LOCK, mshv_reset_vp },
	{ MSHV_ROOT_HVCALL, sizeof(struct mshv_root_hvcall), MSHV_IOCTL_LOCK,
	  mshv_passthrough_vp },
	{ MSHV_GET_VP_STATE, sizeof(struct mshv_get_set_vp_state),
	  MSHV_IOCTL_LOCK, mshv_get_vp_state },
	{ MSHV_SET_VP_STATE, sizeof(struct mshv_get_set_vp_state),
	  MSHV_IOCTL_LOCK, mshv_set_vp_state },
	{ MSHV_TRANSLATE_ADDRESS, sizeof(struct mshv_translate_address),
	  MSHV_IOCTL_LOCK, mshv_translate_address },
	{ MSHV_TRANSLATE_GVA, sizeof(struct mshv_translate_gva),
	  MSHV_IOCTL_LOCK, mshv_translate_gva },
};

static long vp_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct mshv_vp *vp = filp->private_data;

	/* Most calls are this one. */
	if (cmd == MSHV_RUN_VP)
		return vp_run(vp, (void __user *)arg);
	return mshv_dispatch_ioctl(vp_ioctls, ARRAY_SIZE(vp_ioctls), vp,
				   &vp->lock, cmd, arg);
}

static int vp_release(struct inode *inode, struct file *filp)
{
	struct mshv_vp *vp = filp->private_data;

	mshv_partition_put(vp->partition);
	return 0;
}

static vm_fault_t vp_fault(struct vm_fault *vmf)
{
	return vmf_insert_pfn(vmf->vma, vmf->address,
			      (unsigned long)vmf->vma->vm_private_data);
}

static const struct vm_operations_struct vp_vm_ops = {
	.fault = vp_fault,
};

/* The control page, allocated on first use. */
static struct mshv_vp_control *vp_control(struct mshv_vp *vp)
{
	struct mshv_vp_control *control = READ_ONCE(vp->control), *other;

	if (control)
		return control;
	control = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!control)
		return NULL;
	other = cmpxchg(&vp->control, NULL, control);
	if (!other)
		return control;
	free_page((unsigned long)control);
	return other;
}

static int vp_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct mshv_vp *vp = filp->private_data;
	struct mshv_vp_control *control;
	unsigned long pfn;

	/* A private copy of a page that the hypervisor writes makes no sense. */
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;

	switch (vma->vm_pgoff) {
	case MSHV_VP_MMAP_OFFSET_REGISTERS:
		if (!READ_ONCE(vp->registers))
			return vp->registers_error ?: -EIO;
		pfn = vp->registers_pfn;
		break;
	case MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE:
		if (!READ_ONCE(vp->message))
			return -EIO;
		pfn = vp->message_pfn;
		break;
	case MSHV_VP_MMAP_OFFSET_CONTROL:
		control = vp_control(vp);
		if (!control)
			return -ENOMEM;
		pfn = virt_to_phys(control) >> PAGE_SHIFT;
		break;
	case MSHV_VP_MMAP_OFFSET_GHCB:
		/* For encrypted partitions, which cannot be created. */
		return -ENODEV;
	default:
		return -EINVAL;
	}

	/* All pages of the mapping are the same page. */
	vma->vm_private_data = (void *)pfn;
	vma->vm_ops = &vp_vm_ops;
	vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	return 0;
}

static const struct file_operations vp_fops = {
	.owner = THIS_MODULE,
	.release = vp_release,
	.unlocked_ioctl = vp_ioctl,
	.mmap = vp_mmap,
	.llseek = noop_llseek,
};

static void vp_destroy_in_hypervisor(struct mshv_vp *vp)
{
	mshv_vp_unmap_state(vp);
	/* If this fails, the end of the partition will do it. */
	mshv_call_delete_vp(vp->partition->id, vp->index);
}

/* Its shared pages, in one mapping: each costs as much as the other. */
static int vp_map_pages(struct mshv_vp *vp)
{
	u64 pfns[HVR_SHARED_MAX];
	void *address;
	int ret;

	ret = vp_map_state(vp, HV_VP_STATE_PAGE_INTERCEPT_MESSAGE, &pfns[0]);
	if (ret)
		return ret;
	ret = vp_map_state(vp, HV_VP_STATE_PAGE_REGISTERS, &pfns[1]);
	/* It may exist the next time. */
	if (ret == -ENOMEM || ret == -EINTR || ret == -ESHUTDOWN)
		return ret;
	vp->registers_error = ret;
	address = hvr_map_shared(pfns, ret ? 1 : 2);
	if (!address)
		return -ENOMEM;
	vp->message = address;
	vp->message_pfn = pfns[0];
	if (!ret) {
		vp->registers = address + PAGE_SIZE;
		vp->registers_pfn = pfns[1];
	}
	return 0;
}

/* Create the hypervisor's part of a VP. */
static int vp_create_in_hypervisor(struct mshv_vp *vp)
{
	struct mshv_partition *partition = vp->partition;
	int ret;

	ret = hvr_reserve_vp(partition->pool);
	if (ret)
		return ret;
	ret = mshv_call_create_vp(partition->pool, vp->index);
	if (ret)
		return ret;
	ret = vp_map_pages(vp);
	if (ret)
		vp_destroy_in_hypervisor(vp);
	return ret;
}

/**
 * mshv_vp_create() - MSHV_CREATE_VP
 * @object: the partition
 * @arg: struct mshv_create_vp
 * @uarg: where it came from
 *
 * Return: a file descriptor or a negative errno; -ESHUTDOWN before a reboot.
 */
long mshv_vp_create(void *object, void *arg, void __user *uarg)
{
	struct mshv_partition *partition = object;
	struct mshv_create_vp *create = arg;
	struct mshv_vp *vp;
	struct file *file;
	int fd, ret;

	if (create->vp_index >= MSHV_MAX_VPS)
		return -EINVAL;
	if (mshv_vp_find(partition, create->vp_index))
		return -EEXIST;

	vp = vp_alloc(partition, create->vp_index);
	if (!vp)
		return -ENOMEM;
	ret = get_unused_fd_flags(O_CLOEXEC);
	if (ret < 0)
		goto err_free;
	fd = ret;
	/* Publishing must not fail. */
	ret = xa_reserve(&partition->vps, vp->index, GFP_KERNEL_ACCOUNT);
	if (ret)
		goto err_fd;
	ret = vp_create_in_hypervisor(vp);
	if (ret)
		goto err_reserved;

	mshv_partition_get(partition);
	file = anon_inode_getfile("mshv_vp", &vp_fops, vp, O_RDWR);
	if (IS_ERR(file)) {
		ret = PTR_ERR(file);
		goto err_created;
	}
	trace_mshv_vp_create(partition->id, vp->index);
	mshv_stats_vp(vp);
	xa_store(&partition->vps, vp->index, vp, GFP_KERNEL);
	mshv_vectors_forget(partition);
	fd_install(fd, file);
	return fd;

err_created:
	/* Not the last reference: the file of this ioctl has one. */
	mshv_partition_put(partition);
	vp_destroy_in_hypervisor(vp);
err_reserved:
	xa_release(&partition->vps, vp->index);
err_fd:
	put_unused_fd(fd);
err_free:
	mshv_vp_free(vp);
	return ret;
}
