// SPDX-License-Identifier: GPL-2.0
/*
 * DMA remapping for a root partition: what the kernel's IOMMU core sees.
 *
 * See iommu.h for the model.
 *
 * As a module on a stock kernel it comes late: devices that have a driver by then stay in
 * the default domain, as they would without it.  It is never unloaded, since the core
 * keeps it for as long as there are devices.
 *
 * Not offered: PASIDs, page requests, nesting and dirty tracking, for which the
 * hypervisor has no calls, or none that are known; and deferred flushing, since there is
 * no flush.
 */
#define pr_fmt(fmt) "Hyper-V IOMMU: " fmt

#include <linux/init.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sysfs.h>

#include <hyperv/hv_root.h>

#include "calls.h"
#include "compat.h"
#include "iommu.h"

/* If the hypervisor does not say: what all remapping hardware has. */
#define WIDTH_MIN	39
#define WIDTH_MAX	64

/* Interrupts of devices go there, and are never translated. */
#define MSI_BASE	0xfee00000
#define MSI_SIZE	0x00100000

static bool off;
module_param(off, bool, 0444);
MODULE_PARM_DESC(off, "leave all devices in the default domain");

static struct iommu_device hv_iommu;
static bool protected_at_boot;

/* --- operations ----------------------------------------------------------------- */

static COMPAT_ATTACH(hv_iommu_attach_fixed)
{
	return hv_iommu_device_move(dev, domain);
}

static const struct iommu_domain_ops hv_iommu_fixed_ops = {
	.attach_dev	= hv_iommu_attach_fixed,
};

struct iommu_domain hv_iommu_identity = {
	.type	= IOMMU_DOMAIN_IDENTITY,
	.ops	= &hv_iommu_fixed_ops,
};

struct iommu_domain hv_iommu_blocked = {
	.type	= IOMMU_DOMAIN_BLOCKED,
	.ops	= &hv_iommu_fixed_ops,
};

static bool hv_iommu_capable(struct device *dev, enum iommu_cap cap)
{
	switch (cap) {
	case IOMMU_CAP_CACHE_COHERENCY:
		return true;
	case IOMMU_CAP_PRE_BOOT_PROTECTION:
		return protected_at_boot;
	default:
		return false;
	}
}

static struct iommu_device *hv_iommu_probe_device(struct device *dev)
{
	struct hv_iommu_device *device = hv_iommu_device_add(dev);

	if (IS_ERR(device))
		return ERR_CAST(device);
	dev_iommu_priv_set(dev, device);
	return &hv_iommu;
}

static void hv_iommu_release_device(struct device *dev)
{
	hv_iommu_device_remove(dev_iommu_priv_get(dev));
}

static void hv_iommu_get_resv_regions(struct device *dev, struct list_head *head)
{
	struct iommu_resv_region *region;

	region = iommu_alloc_resv_region(MSI_BASE, MSI_SIZE, 0, IOMMU_RESV_MSI, GFP_KERNEL);
	if (region)
		list_add_tail(&region->list, head);
}

static const struct iommu_ops hv_iommu_ops = {
	.capable		= hv_iommu_capable,
	.identity_domain	= &hv_iommu_identity,
	.blocked_domain		= &hv_iommu_blocked,
	.release_domain		= &hv_iommu_blocked,
	.domain_alloc_paging	= hv_iommu_domain_alloc,
	.probe_device		= hv_iommu_probe_device,
	.release_device		= hv_iommu_release_device,
	.device_group		= pci_device_group,
	.get_resv_regions	= hv_iommu_get_resv_regions,
	.default_domain_ops	= &hv_iommu_paging_ops,
	.owner			= THIS_MODULE,
};

/* --- sysfs ---------------------------------------------------------------------- */

static ssize_t hv_iommu_show(char *buf, const u64 *counter)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(*counter));
}

static ssize_t domains_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return hv_iommu_show(buf, &hv_iommu_counters.domains);
}
static DEVICE_ATTR_RO(domains);

static ssize_t quarantined_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return hv_iommu_show(buf, &hv_iommu_counters.quarantined);
}
static DEVICE_ATTR_RO(quarantined);

static ssize_t cut_off_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return hv_iommu_show(buf, &hv_iommu_counters.cut_off);
}
static DEVICE_ATTR_RO(cut_off);

static ssize_t faults_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return hv_iommu_show(buf, &hv_iommu_counters.faults);
}
static DEVICE_ATTR_RO(faults);

static struct attribute *hv_iommu_attrs[] = {
	&dev_attr_domains.attr,
	&dev_attr_quarantined.attr,
	&dev_attr_cut_off.attr,
	&dev_attr_faults.attr,
	NULL
};

static const struct attribute_group hv_iommu_group = {
	.name = "hv-iommu",
	.attrs = hv_iommu_attrs,
};

static const struct attribute_group *hv_iommu_groups[] = {
	&hv_iommu_group,
	NULL
};

/* --- beginning and end ------------------------------------------------------------ */

/* The next kernel finds the devices where this one has found them. */
static void hv_iommu_end(COMPAT_END_ARGS)
{
	hv_iommu_device_return_all();
	hv_iommu_domain_delete_all();
	/* Nor must the hypervisor keep what was used for tables. */
	hvr_withdraw_all(hvr_self_pool);
	if (hvr_outstanding())
		pr_err("the hypervisor keeps %lld pages of this kernel\n", hvr_outstanding());
}

COMPAT_AT_END(hv_iommu_syscore, hv_iommu_end);

static bool hv_iommu_is_offered(void)
{
	return cpuid_edx(HYPERV_CPUID_FEATURES) & HV_DEVICE_DOMAIN_AVAILABLE;
}

static unsigned int hv_iommu_width(void)
{
	unsigned int width = hv_iommu_call_width();

	if (!width)
		width = cpuid_ebx(HYPERV_CPUID_HARDWARE_FEATURES) &
			HV_HW_DEVICE_DOMAIN_WIDTH_MASK;
	return width ? min_t(unsigned int, width, WIDTH_MAX) : WIDTH_MIN;
}

static int __init hv_iommu_start(void)
{
	unsigned int width = hv_iommu_width();
	int ret;

	hv_iommu_identity.owner = &hv_iommu_ops;
	hv_iommu_blocked.owner = &hv_iommu_ops;
	protected_at_boot = cpuid_eax(HYPERV_CPUID_HARDWARE_FEATURES) & HV_HW_DMA_PROTECTION;
	hv_iommu_domain_init(width);
	hv_iommu_call_init();
	ret = iommu_device_sysfs_add(&hv_iommu, NULL, hv_iommu_groups, "hv-iommu");
	if (ret)
		return ret;
	ret = iommu_device_register(&hv_iommu, &hv_iommu_ops, NULL);
	if (ret) {
		iommu_device_sysfs_remove(&hv_iommu);
		return ret;
	}
	hv_iommu_register_end(&hv_iommu_syscore);
	hv_iommu_fault_init();
	pr_info("devices have domains of their own, addresses of %u bits\n", width);
	return 0;
}

static int __init hv_iommu_init(void)
{
	int ret;

	if (hvr_why_not_root())
		return -ENODEV;
	if (!hv_iommu_is_offered()) {
		pr_info("no DMA remapping: the hypervisor does not offer device domains\n");
		return -ENODEV;
	}
	if (off)
		return -ENODEV;
	ret = hvr_init();
	if (ret)
		return ret;
	ret = hv_iommu_start();
	if (ret) {
		pr_err("devices stay in the default domain (%d)\n", ret);
		hvr_exit();
	}
	return ret;
}

#ifndef MODULE
/* What keeps devices from reaching each other is set up when they are found. */
static int __init hv_iommu_isolate(void)
{
	if (hv_iommu_is_offered() && !off)
		pci_request_acs();
	return 0;
}
arch_initcall(hv_iommu_isolate);
#endif

/* After buses have been scanned, and before their devices get drivers. */
rootfs_initcall(hv_iommu_init);

MODULE_DESCRIPTION("DMA remapping for a root partition of Microsoft's hypervisor");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(HVR_NS);
