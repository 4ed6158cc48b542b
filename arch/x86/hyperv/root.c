// SPDX-License-Identifier: GPL-2.0
/*
 * What kind of partition is this, and what does the hypervisor allow it?
 *
 * Model: everything is read from CPUID, once and early.  One message and
 * /sys/hypervisor report what was found and what is missing.  A missing right never
 * stops the boot: the code that needs it detects and reports that.
 */
#define pr_fmt(fmt) "Hyper-V root: " fmt

#include <linux/bitops.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/sysfs.h>
#include <asm/desc.h>
#include <asm/hv_root.h>
#include <asm/processor.h>

#include <hyperv/hv_cpuid.h>

#include "root.h"

#define LIST_MAX	256

enum hv_root_type hv_root_type __ro_after_init;

static u32 features_eax __ro_after_init, features_ebx __ro_after_init;
static u32 features_edx __ro_after_init;
static u32 version_eax __ro_after_init, version_ebx __ro_after_init;

struct root_right {
	const char *name;
	bool high; /* in EBX */
	u32 bit;
};

static const struct root_right root_rights[] __initconst = {
	{ "create-partitions", true, HV_CREATE_PARTITIONS },
	{ "partition-id", true, HV_ACCESS_PARTITION_ID },
	{ "memory-pool", true, HV_ACCESS_MEMORY_POOL },
	{ "create-port", true, HV_CREATE_PORT },
	{ "connect-port", true, HV_CONNECT_PORT },
	{ "stats", true, HV_ACCESS_STATS },
	{ "cpu-management", true, HV_CPU_MANAGEMENT },
	{ "synic", false, HV_MSR_SYNIC_AVAILABLE },
	{ "reference-counter", false, HV_MSR_TIME_REF_COUNT_AVAILABLE },
	{ "reference-tsc", false, HV_MSR_REFERENCE_TSC_AVAILABLE },
	{ "frequencies", false, HV_ACCESS_FREQUENCY_MSRS },
};

static const char *root_type_name(void)
{
	switch (hv_root_type) {
	case HV_ROOT_NONE:
		break;
	case HV_ROOT_GUEST:
		return "guest";
	case HV_ROOT_L1VH:
		return "l1vh";
	case HV_ROOT_ROOT:
		return "root";
	}
	return "none";
}

/* List the names of the rights that are present, or of those that are not. */
static void __init root_list_rights(char *list, bool there)
{
	size_t i, used = 0;

	list[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(root_rights); i++) {
		u32 word = root_rights[i].high ? features_ebx : features_eax;

		if (!!(word & root_rights[i].bit) == there)
			used += scnprintf(list + used, LIST_MAX - used, " %s",
					  root_rights[i].name);
	}
	if (!used)
		strscpy(list, " nothing", LIST_MAX);
}

/*
 * Vectors that the hypervisor uses in a root partition, or refuses.  Exception
 * vectors are never assigned to devices.
 */
static const u8 reserved_vectors[] __initconst = { 0x29, 0x2c, 0x2d, 0x2f, 0xd2 };

static void __init root_reserve_vectors(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reserved_vectors); i++)
		set_bit(reserved_vectors[i], system_vectors);
}

/**
 * hv_root_detect() - find out what kind of partition this is
 *
 * Called when Microsoft's hypervisor has been detected, before any of it is used.
 */
void __init hv_root_detect(void)
{
	char found[LIST_MAX], missing[LIST_MAX];
	u32 unused;

	cpuid(HYPERV_CPUID_FEATURES, &features_eax, &features_ebx, &unused, &features_edx);
	if (cpuid_eax(HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS) >= HYPERV_CPUID_VERSION)
		cpuid(HYPERV_CPUID_VERSION, &version_eax, &version_ebx, &unused,
		      &unused);

	/* A confidential guest must not be made to believe that it is anything else. */
	if (features_ebx & HV_ISOLATION)
		hv_root_type = HV_ROOT_GUEST;
	else if (!(features_ebx & HV_CREATE_PARTITIONS))
		hv_root_type = HV_ROOT_GUEST;
	else if (features_ebx & HV_CPU_MANAGEMENT)
		hv_root_type = HV_ROOT_ROOT;
	else
		hv_root_type = HV_ROOT_L1VH;
	if (hv_root_type == HV_ROOT_GUEST)
		return;

	root_list_rights(found, true);
	root_list_rights(missing, false);
	if (hv_root_type == HV_ROOT_ROOT)
		root_reserve_vectors();
	pr_info("%s partition, found%s; missing%s\n", root_type_name(), found, missing);
}

/**
 * hv_root_remaps_dma() - does the hypervisor remap DMA for this partition?
 *
 * Then the remapping hardware is its own, also if the firmware's tables show it.
 *
 * Return: true if it does.
 */
bool hv_root_remaps_dma(void)
{
	return hv_root_type == HV_ROOT_ROOT && features_edx & HV_DEVICE_DOMAIN_AVAILABLE;
}

/**
 * hv_root_init() - set up the hypercalls of this layer
 *
 * Called when the kernel has its hypercall page.
 *
 * Return: 0 or a negative errno; all calls of this layer fail then.
 */
int __init hv_root_init(void)
{
	int ret;

	if (hv_root_type != HV_ROOT_ROOT && hv_root_type != HV_ROOT_L1VH)
		return 0;
	ret = hvr_init();
	if (ret)
		pr_err("no memory for hypercalls\n");
	return ret;
}

/**
 * hv_root_call() - a hypercall that may ask for memory
 * @code: call code
 * @in: input block
 * @in_size: its size
 * @out: where to put the output, or NULL
 * @out_size: its size
 *
 * Context: process context; sleeps.
 * Return: 0 or a negative errno.
 */
int hv_root_call(u16 code, const void *in, size_t in_size, void *out,
		 size_t out_size)
{
	struct hvr_call call = {
		.code = code,
		.in = in, .in_size = in_size, .out = out, .out_size = out_size,
		.pool = hvr_self_pool, .retry.pages = HVR_PAGES_FEW,
	};

	return hvr_self_pool ? hvr_call(&call) : -ENODEV;
}

/* --- /sys/hypervisor ------------------------------------------------------- */

static ssize_t type_show(struct kobject *obj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "hyperv\n");
}

static ssize_t partition_show(struct kobject *obj, struct kobj_attribute *attr,
			      char *buf)
{
	return sysfs_emit(buf, "%s\n", root_type_name());
}

static ssize_t privileges_show(struct kobject *obj, struct kobj_attribute *attr,
			       char *buf)
{
	return sysfs_emit(buf, "%#018llx\n",
			  HV_PRIVILEGE(features_eax, features_ebx));
}

static struct kobj_attribute type_attr = __ATTR_RO(type);
static struct kobj_attribute partition_attr = __ATTR_RO(partition);
static struct kobj_attribute privileges_attr = __ATTR_RO(privileges);

static struct attribute *root_attrs[] = {
	&type_attr.attr,
	&partition_attr.attr,
	&privileges_attr.attr,
	NULL
};

static const struct attribute_group root_group = {
	.attrs = root_attrs,
};

/* As with Xen, the version is <major>.<minor><extra>. */

static ssize_t major_show(struct kobject *obj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", version_ebx >> HYPERV_VERSION_MAJOR_SHIFT);
}

static ssize_t minor_show(struct kobject *obj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", version_ebx & HYPERV_VERSION_MINOR_MASK);
}

static ssize_t extra_show(struct kobject *obj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, ".%u\n", version_eax);
}

static struct kobj_attribute major_attr = __ATTR_RO(major);
static struct kobj_attribute minor_attr = __ATTR_RO(minor);
static struct kobj_attribute extra_attr = __ATTR_RO(extra);

static struct attribute *version_attrs[] = {
	&major_attr.attr,
	&minor_attr.attr,
	&extra_attr.attr,
	NULL
};

static const struct attribute_group version_group = {
	.name = "version",
	.attrs = version_attrs,
};

static const struct attribute_group *root_groups[] = {
	&root_group,
	&version_group,
	NULL
};

static int __init root_sysfs_init(void)
{
	if (hv_root_type == HV_ROOT_NONE)
		return 0;
	return sysfs_create_groups(hypervisor_kobj, root_groups);
}
device_initcall(root_sysfs_init);
