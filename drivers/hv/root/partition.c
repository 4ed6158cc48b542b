// SPDX-License-Identifier: GPL-2.0
/*
 * Partitions: creation, the partition's file with the table of its ioctls, and
 * finding one by its id.
 *
 * See core.h for the model; teardown.c has the end.
 */
#include <linux/anon_inodes.h>
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "core.h"
#include "log.h"
#include "stats.h"
#include "trace.h"

/* How long to wait for a processor that has been stopped. */
#define STOP_LOOKS	100
#define STOP_PAUSE_MS	10

/* Partitions by id.  Readers hold RCU. */
static DEFINE_XARRAY(partitions);

/* Flags of user space, and what they are to the hypervisor. */
static const struct {
	u64 user;
	u64 hv;
} creation_flags[] = {
	{ BIT_ULL(MSHV_PT_BIT_LAPIC),
	  HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED },
	{ BIT_ULL(MSHV_PT_BIT_X2APIC),
	  HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE },
	{ BIT_ULL(MSHV_PT_BIT_GPA_SUPER_PAGES),
	  HV_PARTITION_CREATION_FLAG_GPA_SUPER_PAGES_ENABLED },
	{ BIT_ULL(MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES), 0 },
	{ BIT_ULL(MSHV_PT_BIT_NESTED_VIRTUALIZATION),
	  HV_PARTITION_CREATION_FLAG_NESTED_VIRTUALIZATION_CAPABLE },
	{ BIT_ULL(MSHV_PT_BIT_SMT_ENABLED_GUEST),
	  HV_PARTITION_CREATION_FLAG_SMT_ENABLED_GUEST },
};

/**
 * mshv_partition_find() - find a partition by its id
 * @id: partition id
 *
 * Context: under rcu_read_lock(); any.
 * Return: the partition or NULL.
 */
struct mshv_partition *mshv_partition_find(u64 id)
{
	return xa_load(&partitions, id);
}

/**
 * mshv_partition_get() - take a reference
 * @partition: a partition that the caller has a reference on
 */
void mshv_partition_get(struct mshv_partition *partition)
{
	kref_get(&partition->ref);
}

static void partition_last_put(struct kref *ref)
{
	mshv_teardown(container_of(ref, struct mshv_partition, ref));
}

/**
 * mshv_partition_put() - drop a reference
 * @partition: the partition; it is destroyed when this was the last one
 *
 * Context: process context; may sleep long.
 */
void mshv_partition_put(struct mshv_partition *partition)
{
	kref_put(&partition->ref, partition_last_put);
}

/**
 * mshv_partition_unpublish() - make it impossible to find
 * @partition: the partition
 */
void mshv_partition_unpublish(struct mshv_partition *partition)
{
	xa_cmpxchg(&partitions, partition->id, partition, NULL, 0);
}

/**
 * mshv_partition_none() - are there no partitions?
 *
 * Return: true if no partition can be found.
 */
bool mshv_partition_none(void)
{
	return xa_empty(&partitions);
}

/**
 * mshv_partition_kick_all() - wake the thread of every waiting processor
 *
 * Context: any.
 */
void mshv_partition_kick_all(void)
{
	struct mshv_partition *partition;
	unsigned long id, index;
	struct mshv_vp *vp;

	rcu_read_lock();
	xa_for_each(&partitions, id, partition) {
		xa_for_each(&partition->vps, index, vp)
			mshv_vp_kick(vp);
	}
	rcu_read_unlock();
}

/* The next one from @id on, with a reference, or NULL. */
static struct mshv_partition *partition_next(unsigned long *id)
{
	struct mshv_partition *partition;

	rcu_read_lock();
	partition = xa_find(&partitions, id, ULONG_MAX, XA_PRESENT);
	/* One without a reference is being destroyed already. */
	while (partition && !kref_get_unless_zero(&partition->ref))
		partition = xa_find_after(&partitions, id, ULONG_MAX, XA_PRESENT);
	rcu_read_unlock();
	return partition;
}

/**
 * mshv_partition_leave_cpu() - make no doorbell notify that processor any more
 * @cpu: a processor that mshv_port_choose_cpu() does not choose any more
 *
 * Context: process context; sleeps.
 * Return: 0 or a negative errno; some still do then.
 */
int mshv_partition_leave_cpu(unsigned int cpu)
{
	struct mshv_partition *partition;
	unsigned long id;
	int ret = 0;

	for (id = 0; !ret && (partition = partition_next(&id)); id++) {
		ret = mshv_ioeventfd_leave_cpu(partition, cpu);
		mshv_partition_put(partition);
	}
	return ret;
}

/* Stop its processors, and unmap the pages that show the state of those that have. */
static void partition_quiesce(struct mshv_partition *partition)
{
	unsigned long index;
	struct mshv_vp *vp;

	WRITE_ONCE(partition->broken, true);
	/* Pairs with threads that run processors: flag, then stop. */
	smp_mb();
	mshv_partition_stop(partition);
	xa_for_each(&partition->vps, index, vp) {
		/* A thread that has not returned still uses its pages. */
		mshv_vp_kick(vp);
		if (!mutex_trylock(&vp->lock))
			continue;
		mshv_vp_unmap_state(vp);
		mutex_unlock(&vp->lock);
	}
}

/**
 * mshv_partition_stop_all() - stop all partitions before another kernel starts
 *
 * Processes still create and destroy partitions.
 *
 * Context: process context; sleeps, for a bounded time.
 */
void mshv_partition_stop_all(void)
{
	struct mshv_partition *partition;
	unsigned int looks, mapped;
	unsigned long id;

	mshv_vp_close_states();
	for (looks = 0; looks < STOP_LOOKS; looks++) {
		for (id = 0; (partition = partition_next(&id)); id++) {
			partition_quiesce(partition);
			mshv_partition_put(partition);
		}
		mapped = mshv_vp_states_mapped();
		if (!mapped)
			return;
		msleep(STOP_PAUSE_MS);
	}
	hvr_warn("%u state pages of processors stay mapped\n", mapped);
}

/**
 * mshv_partition_free() - free the object
 * @partition: unpublished, and not known to the hypervisor
 */
void mshv_partition_free(struct mshv_partition *partition)
{
	struct mshv_vp *vp;
	unsigned long index;

	xa_for_each(&partition->vps, index, vp) {
		xa_erase(&partition->vps, index);
		mshv_vp_free(vp);
	}
	xa_destroy(&partition->vps);
	mshv_events_exit(partition);
	mshv_space_exit(&partition->space);
	mshv_call_pages_free(&partition->call);
	hvr_pool_destroy(partition->pool);
	mutex_destroy(&partition->mem_lock);
	mutex_destroy(&partition->lock);
	kfree_rcu(partition, rcu);
}

static struct mshv_partition *partition_alloc(void)
{
	struct mshv_partition *partition;

	partition = kzalloc(sizeof(*partition), GFP_KERNEL_ACCOUNT);
	if (!partition)
		return NULL;
	kref_init(&partition->ref);
	mutex_init(&partition->lock);
	mutex_init(&partition->mem_lock);
	init_completion(&partition->async.done);
	xa_init(&partition->vps);
	mshv_space_init(&partition->space);
	INIT_DELAYED_WORK(&partition->teardown_work, mshv_teardown_work);
	mshv_events_init(partition);
	partition->pool = hvr_pool_create(HV_PARTITION_ID_INVALID);
	if (!partition->pool) {
		mshv_partition_free(partition);
		return NULL;
	}
	return partition;
}

static long partition_initialize(void *object, void *arg, void __user *uarg)
{
	struct mshv_partition *partition = object;
	int ret;

	if (partition->initialized)
		return 0;

	ret = hvr_deposit(partition->pool, HVR_PAGES_PARTITION);
	if (!ret)
		ret = mshv_call_initialize_partition(partition->pool);
	if (ret) {
		/* Undo the deposit; what cannot be withdrawn stays accounted. */
		hvr_withdraw_all(partition->pool);
		return ret;
	}
	mutex_lock(&partition->pool->lock);
	partition->pool->spare = 0;
	mutex_unlock(&partition->pool->lock);
	partition->initialized = true;
	trace_mshv_partition_initialize(partition->id, 0);
	return 0;
}

static const struct mshv_ioctl partition_ioctls[] = {
	{ MSHV_ROOT_HVCALL, sizeof(struct mshv_root_hvcall), MSHV_IOCTL_LOCK,
	  mshv_passthrough_partition },
	{ MSHV_SET_MSI_ROUTING, sizeof(struct mshv_user_irq_table), 0,
	  mshv_set_msi_routing },
	{ MSHV_SET_GUEST_MEMORY, sizeof(struct mshv_user_mem_region), 0,
	  mshv_set_guest_memory },
	{ MSHV_IRQFD, sizeof(struct mshv_user_irqfd), 0, mshv_irqfd },
	{ MSHV_IOEVENTFD, sizeof(struct mshv_user_ioeventfd), 0,
	  mshv_ioeventfd },
	{ MSHV_GET_GPAP_ACCESS_BITMAP, sizeof(struct mshv_gpap_access_bitmap),
	  0, mshv_get_access_bitmap },
	{ MSHV_INITIALIZE_PARTITION, 0, MSHV_IOCTL_LOCK, partition_initialize },
	{ MSHV_CREATE_VP, sizeof(struct mshv_create_vp), MSHV_IOCTL_LOCK,
	  mshv_vp_create },
};

static long partition_ioctl(struct file *filp, unsigned int cmd,
			    unsigned long arg)
{
	struct mshv_partition *partition = filp->private_data;

	return mshv_dispatch_ioctl(partition_ioctls,
				   ARRAY_SIZE(partition_ioctls), partition,
				   &partition->lock, cmd, arg);
}

static int partition_release(struct inode *inode, struct file *filp)
{
	mshv_partition_put(filp->private_data);
	return 0;
}

static const struct file_operations partition_fops = {
	.owner = THIS_MODULE,
	.release = partition_release,
	.unlocked_ioctl = partition_ioctl,
	.llseek = noop_llseek,
};

/* Read either form of the argument, and convert it for the hypervisor. */
static int partition_read_arg(const struct mshv_create_partition *arg,
			      void __user *uarg,
			      struct hv_input_create_partition *in)
{
	struct mshv_create_partition_v2 v2;
	u64 unknown = arg->pt_flags;
	int i;

	memset(in, 0, sizeof(*in));
	in->compatibility_version = HV_COMPATIBILITY_21_H2;
	in->flags = HV_PARTITION_CREATION_FLAG_EXO_PARTITION |
		    HV_PARTITION_CREATION_FLAG_INTERCEPT_MESSAGE_PAGE_ENABLED;
	for (i = 0; i < ARRAY_SIZE(creation_flags); i++) {
		if (arg->pt_flags & creation_flags[i].user)
			in->flags |= creation_flags[i].hv;
		unknown &= ~creation_flags[i].user;
	}
	if (unknown || arg->pt_isolation != MSHV_PT_ISOLATION_NONE)
		return -EINVAL;
	if (!(arg->pt_flags & BIT_ULL(MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES)))
		return 0;

	/* The first part has been read and is not read again. */
	if (copy_from_user((void *)&v2 + sizeof(*arg), uarg + sizeof(*arg),
			   sizeof(v2) - sizeof(*arg)))
		return -EFAULT;
	if (v2.pt_num_cpu_fbanks != MSHV_NUM_CPU_FEATURES_BANKS ||
	    memchr_inv(v2.pt_rsvd, 0, sizeof(v2.pt_rsvd)) ||
	    memchr_inv(v2.pt_rsvd1, 0, sizeof(v2.pt_rsvd1)))
		return -EINVAL;
	for (i = 0; i < MSHV_NUM_CPU_FEATURES_BANKS; i++)
		hv_disable_features(in, i, v2.pt_cpu_fbanks[i]);
	hv_disable_xsave_features(in, v2.pt_disabled_xsave);
	return 0;
}

/**
 * mshv_partition_create() - MSHV_CREATE_PARTITION
 * @arg: first part of the argument
 * @uarg: where it came from
 *
 * Return: a file descriptor or a negative errno.
 */
long mshv_partition_create(const struct mshv_create_partition *arg,
			   void __user *uarg)
{
	struct hv_input_create_partition in;
	struct mshv_partition *partition;
	struct file *file;
	int fd, ret;

	ret = partition_read_arg(arg, uarg, &in);
	if (ret)
		return ret;
	partition = partition_alloc();
	if (!partition)
		return -ENOMEM;
	partition->creation_flags = in.flags;

	ret = get_unused_fd_flags(O_CLOEXEC);
	if (ret < 0)
		goto err_free;
	fd = ret;
	ret = mshv_call_create_partition(&in, &partition->id);
	if (ret)
		goto err_fd;
	partition->pool->partition_id = partition->id;
	/* From here on the teardown can undo everything. */
	ret = xa_insert(&partitions, partition->id, partition,
			GFP_KERNEL_ACCOUNT);
	if (ret == -EBUSY) {
		/* An id that is returned twice is that of another partition. */
		hvr_err("the hypervisor returned partition id %#llx twice\n",
			partition->id);
		ret = -EIO;
		goto err_fd;
	}
	if (ret)
		goto err_put;
	file = anon_inode_getfile("mshv_partition", &partition_fops, partition,
				  O_RDWR);
	if (IS_ERR(file)) {
		ret = PTR_ERR(file);
		goto err_put;
	}
	trace_mshv_partition_create(partition->id, in.flags);
	mshv_stats_partition(partition);
	fd_install(fd, file);
	return fd;

err_put:
	put_unused_fd(fd);
	mshv_partition_put(partition);
	return ret;
err_fd:
	put_unused_fd(fd);
err_free:
	mshv_partition_free(partition);
	return ret;
}

/**
 * mshv_partition_init() - set up what all partitions share
 *
 * Return: 0 or a negative errno.
 */
int mshv_partition_init(void)
{
	int ret;

	mshv_teardown_wq = alloc_workqueue("mshv_teardown", WQ_UNBOUND, 0);
	if (!mshv_teardown_wq)
		return -ENOMEM;
	ret = mshv_irqfd_init();
	if (ret)
		destroy_workqueue(mshv_teardown_wq);
	return ret;
}

/**
 * mshv_partition_exit() - undo mshv_partition_init(); waits for teardowns
 */
void mshv_partition_exit(void)
{
	destroy_workqueue(mshv_teardown_wq);
	mshv_irqfd_exit();
}
