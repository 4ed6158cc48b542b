// SPDX-License-Identifier: GPL-2.0
/*
 * The root partition driver: life of the module, and /dev/mshv.
 *
 * Model: the module checks whether this kernel is the root partition and logs what
 * is missing if not.  It then sets up, in this order, what the next step relies on:
 * hypercalls, accounting, the SynIC of every processor, and the device node last,
 * since from then on it can be used.
 *
 * An ioctl is found by its full command number in the table of the object: those of
 * /dev/mshv are here, a partition's in partition.c, a VP's in vp.c.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "core.h"
#include "log.h"
#include "sched.h"
#include "stats.h"
#include "synic.h"
#include "trace.h"

/**
 * struct mshv_device_file - an open /dev/mshv
 * @lock: protects @call
 * @call: pages for passed-through calls
 */
struct mshv_device_file {
	struct mutex lock; /* see above */
	struct mshv_call_pages call;
};

static long ioctl_dispatch(const struct mshv_ioctl *table, unsigned int nr,
			   void *object, struct mutex *lock, unsigned int cmd,
			   unsigned long arg)
{
	u64 copy[MSHV_IOCTL_ARG_MAX / sizeof(u64)] = { };
	void __user *uarg = (void __user *)arg;
	const struct mshv_ioctl *entry;
	long ret;

	for (entry = table; entry < table + nr; entry++) {
		if (entry->cmd == cmd)
			break;
	}
	if (entry == table + nr)
		return -ENOTTY;
	if (entry->size && copy_from_user(copy, uarg, entry->size))
		return -EFAULT;
	if (!(entry->flags & MSHV_IOCTL_LOCK))
		return entry->handler(object, copy, uarg);

	if (mutex_lock_killable(lock))
		return -EINTR;
	ret = entry->handler(object, copy, uarg);
	mutex_unlock(lock);
	return ret;
}

/**
 * mshv_dispatch_ioctl() - find an ioctl in a table and run it
 * @table: what the file offers
 * @nr: number of entries
 * @object: object of the file
 * @lock: mutex for entries that need one
 * @cmd: command
 * @arg: its argument
 *
 * Return: what the handler returns, or -ENOTTY, -EFAULT or -EINTR.
 */
long mshv_dispatch_ioctl(const struct mshv_ioctl *table, unsigned int nr,
			 void *object, struct mutex *lock, unsigned int cmd,
			 unsigned long arg)
{
	long ret = ioctl_dispatch(table, nr, object, lock, cmd, arg);

	trace_mshv_ioctl(cmd, ret);
	return ret;
}

static long device_create_partition(void *object, void *arg, void __user *uarg)
{
	return mshv_partition_create(arg, uarg);
}

static long device_passthrough(void *object, void *arg, void __user *uarg)
{
	struct mshv_device_file *file = object;

	return mshv_passthrough_device(&file->call, arg, uarg);
}

static long device_check_extension(void *object, void *arg, void __user *uarg)
{
	switch (*(u32 *)arg) {
	case MSHV_EXTENSION_MAX_VPS:
		return MSHV_MAX_VPS;
	case MSHV_EXTENSION_SCHEDULER:
		return mshv_sched->type;
	case MSHV_EXTENSION_PARTIAL_UNMAP:
	case MSHV_EXTENSION_WIDE_DESTINATION:
	case MSHV_EXTENSION_CONTROL_PAGE:
	case MSHV_EXTENSION_KICK_VP:
	case MSHV_EXTENSION_EXACT_ACCESS_BITMAP:
	case MSHV_EXTENSION_PORT_EVENTFD:
	case MSHV_EXTENSION_RESET_VP:
	case MSHV_EXTENSION_TRANSLATE_ADDRESS:
	case MSHV_EXTENSION_TRANSLATE_GVA:
		return 1;
	case MSHV_EXTENSION_MOVABLE_MEMORY:
		return mshv_regions_movable();
	}
	return 0;
}

static const struct mshv_ioctl device_ioctls[] = {
	{ MSHV_CREATE_PARTITION, sizeof(struct mshv_create_partition), 0,
	  device_create_partition },
	{ MSHV_CHECK_EXTENSION, sizeof(u32), 0, device_check_extension },
	{ MSHV_ROOT_HVCALL, sizeof(struct mshv_root_hvcall), MSHV_IOCTL_LOCK,
	  device_passthrough },
};

static long device_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct mshv_device_file *file = filp->private_data;

	return mshv_dispatch_ioctl(device_ioctls, ARRAY_SIZE(device_ioctls),
				   file, &file->lock, cmd, arg);
}

static int device_open(struct inode *inode, struct file *filp)
{
	struct mshv_device_file *file;

	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;
	mutex_init(&file->lock);
	filp->private_data = file;
	return 0;
}

static int device_release(struct inode *inode, struct file *filp)
{
	struct mshv_device_file *file = filp->private_data;

	mshv_call_pages_free(&file->call);
	mutex_destroy(&file->lock);
	kfree(file);
	return 0;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice mshv_miscdevice = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mshv",
	.fops = &device_fops,
	.mode = 0600,
};

/**
 * mshv_device() - the device, for messages
 *
 * Return: the device, or NULL while there is none.
 */
struct device *mshv_device(void)
{
	return mshv_miscdevice.this_device;
}

/*
 * Pages that the hypervisor owned for the machine itself before the driver was
 * loaded.
 */
static u64 not_ours;

/**
 * mshv_self_pages() - pages that this partition has been charged for the driver
 *
 * Return: their number, in use or free.
 */
u64 mshv_self_pages(void)
{
	u64 pages = hvr_pool_outstanding(hvr_self_pool);

	return pages > not_ours ? pages - not_ours : 0;
}

static int __init mshv_init(void)
{
	const char *why = hvr_why_not_root();
	int ret;

	if (why) {
		pr_info("mshv: no /dev/mshv: %s\n", why);
		return -ENODEV;
	}

	ret = hvr_init();
	if (ret)
		return ret;
	not_ours = hvr_pool_outstanding(hvr_self_pool);
	ret = mshv_sched_init();
	if (ret)
		goto err_hvr;
	ret = mshv_partition_init();
	if (ret)
		goto err_hvr;
	mshv_stats_init();
	ret = mshv_synic_init();
	if (ret)
		goto err_stats;
	ret = misc_register(&mshv_miscdevice);
	if (ret)
		goto err_synic;

	dev_info(mshv_device(), "running as root partition %#llx, %s scheduler\n",
		 hvr_partition_id(), mshv_sched->name);
	return 0;

err_synic:
	mshv_synic_exit();
err_stats:
	mshv_stats_exit();
	mshv_partition_exit();
err_hvr:
	hvr_exit();
	pr_err("mshv: no /dev/mshv: setting up failed (%d)\n", ret);
	return ret;
}

static void __exit mshv_exit(void)
{
	/*
	 * No file is open and no teardown is pending: each holds the module.  What
	 * is left in flight are interrupts, which mshv_synic_exit() ends, and RCU
	 * callbacks.
	 */
	misc_deregister(&mshv_miscdevice);
	mshv_miscdevice.this_device = NULL;
	mshv_partition_exit();
	mshv_synic_exit();
	mshv_stats_exit();
	rcu_barrier();
	hvr_withdraw_all(hvr_self_pool);
	if (mshv_self_pages())
		pr_warn("mshv: %llu pages stay with the hypervisor\n",
			mshv_self_pages());
	hvr_exit();
}

module_init(mshv_init);
module_exit(mshv_exit);

MODULE_DESCRIPTION("Root partition driver for the Microsoft hypervisor");
MODULE_LICENSE("GPL");
#ifdef MSHV_VERSION
MODULE_VERSION(MSHV_VERSION);
#endif
MODULE_IMPORT_NS(HVR_NS);
