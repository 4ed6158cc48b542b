// SPDX-License-Identifier: GPL-2.0
/*
 * When a root partition's kernel may start another one.
 *
 * Model: deposited pages stay with the hypervisor across a kexec, and the next kernel
 * would take them for memory.  So kexec is refused until all have been withdrawn.
 * Those for the DMA of devices are withdrawn at the very end, when devices are quiet.
 * A kernel that has crashed cannot choose, see root_crash.c.
 */
#define pr_fmt(fmt) "Hyper-V root: " fmt

#include <linux/init.h>
#include <linux/kexec.h>
#include <asm/hv_root.h>

#include "root.h"

/* Deposits for the machine itself, before there could be guests. */
static s64 machine_pages;

static int __init root_kexec_init(void)
{
	machine_pages = hvr_outstanding();
	return 0;
}
late_initcall(root_kexec_init);

/* Of these, the ones for processors, before there were devices. */
static s64 processor_pages;

static int __init root_kexec_processors_init(void)
{
	processor_pages = hvr_outstanding();
	return 0;
}
arch_initcall(root_kexec_processors_init);

/* Pages of this partition that come back when its devices are given up. */
static s64 root_kexec_device_pages(void)
{
	if (!IS_ENABLED(CONFIG_HYPERV_ROOT_IOMMU) || !hv_root_remaps_dma() || !hvr_self_pool)
		return 0;
	return max_t(s64, hvr_pool_outstanding(hvr_self_pool) - processor_pages, 0);
}

/**
 * arch_kexec_permitted() - may this kernel start another one?
 *
 * Context: kernel_kexec(), under its lock, when there is another one.
 *
 * Return: 0 or a negative errno.
 */
int arch_kexec_permitted(void)
{
	s64 pages;

	/* The hypervisor may have asked for more than it uses. */
	if (hvr_self_pool && hvr_outstanding())
		(void)hvr_withdraw_all(hvr_self_pool);
	pages = hvr_outstanding() - root_kexec_device_pages();
	if (!pages)
		return 0;
	if (pages > machine_pages)
		pr_err("no kexec: the hypervisor has %lld pages of this kernel; end all guests and unload mshv\n",
		       pages);
	else
		pr_err("no kexec: the hypervisor has %lld pages of this kernel for processors and interrupts, and keeps them\n",
		       pages);
	return -EBUSY;
}
