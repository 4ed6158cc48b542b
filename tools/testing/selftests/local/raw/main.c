// SPDX-License-Identifier: GPL-2.0
/*
 * For tests: hypercalls of the root as a program makes them.
 *
 * Model: one call at a time, with two pages of the module's.  The program can do anything
 * to the kernel that the hypervisor lets the root do.
 */
#include <linux/capability.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#include "raw.h"

static DEFINE_MUTEX(lock);
static void *input, *output;

/* As the hypercall page does; RCX, RDX and R8 are the call's. */
static u64 hypercall(u64 control)
{
	register u64 r8 asm("r8") = virt_to_phys(output);
	u64 in = virt_to_phys(input), result;

	asm volatile("vmmcall"
		     : "=a"(result), "+c"(control), "+d"(in), "+r"(r8)
		     : : "memory", "cc", "r9", "r10", "r11");
	return result;
}

static long raw_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct raw_call __user *call = (void __user *)arg;
	long ret = 0;
	u64 control;

	if (cmd != RAW_CALL)
		return -ENOTTY;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	mutex_lock(&lock);
	memset(output, 0, RAW_PAGE);
	if (get_user(control, &call->control) || copy_from_user(input, call->in, RAW_PAGE) ||
	    put_user(hypercall(control), &call->result) ||
	    copy_to_user(call->out, output, RAW_PAGE))
		ret = -EFAULT;
	mutex_unlock(&lock);
	return ret;
}

static const struct file_operations raw_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = raw_ioctl,
};

static struct miscdevice raw_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mshv_raw",
	.fops = &raw_fops,
	.mode = 0600,
};

static int __init raw_init(void)
{
	int ret = -ENOMEM;

	input = (void *)get_zeroed_page(GFP_KERNEL);
	output = (void *)get_zeroed_page(GFP_KERNEL);
	if (input && output)
		ret = misc_register(&raw_device);
	if (ret) {
		free_page((unsigned long)input);
		free_page((unsigned long)output);
	}
	return ret;
}
module_init(raw_init);

static void __exit raw_exit(void)
{
	misc_deregister(&raw_device);
	free_page((unsigned long)input);
	free_page((unsigned long)output);
}
module_exit(raw_exit);

MODULE_DESCRIPTION("Test of rootvisor: hypercalls from a program");
MODULE_LICENSE("GPL");
