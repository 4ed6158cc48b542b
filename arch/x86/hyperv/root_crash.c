// SPDX-License-Identifier: GPL-2.0
/*
 * A crash, of this kernel or of the hypervisor.
 *
 * Model: a kernel that has crashed notifies the hypervisor, which stops all guests.
 * The crash kernel runs in memory that was never deposited.
 *
 * A hypervisor that has crashed marks the crash area, a page that it has named
 * before, and sends an NMI to each processor.  That is a panic: guests do not run
 * any more, and no hypercall is answered.
 */
#define pr_fmt(fmt) "Hyper-V root: " fmt

#include <linux/init.h>
#include <linux/io.h>
#include <linux/nmi.h>
#include <linux/panic_notifier.h>
#include <asm/hv_root.h>
#include <asm/nmi.h>

#include <hyperv/hv_system.h>

#include "root.h"

/* Written by the hypervisor; NULL if it has none. */
static const struct hv_crashdump_area *crash_area __ro_after_init;

static bool root_crash_marked(void)
{
	return crash_area &&
	       (READ_ONCE(crash_area->flags) & HV_CRASHDUMP_AREA_VALID);
}

static int root_crash_nmi(unsigned int type, struct pt_regs *regs)
{
	if (!root_crash_marked())
		return NMI_DONE;
	nmi_panic(regs, "the hypervisor has crashed");
	return NMI_HANDLED;
}

static int __init root_crash_init(void)
{
	struct hv_input_get_system_property in = {
		.property_id = HV_SYSTEM_PROPERTY_CRASHDUMPAREA,
	};
	struct hv_output_get_system_property out;
	const struct hv_crashdump_area *area;
	u64 pfn;

	if (hv_root_type != HV_ROOT_ROOT)
		return 0;
	if (hv_root_call(HVCALL_GET_SYSTEM_PROPERTY, &in, sizeof(in), &out, sizeof(out)))
		return 0;
	pfn = out.as_uint64 & HV_CRASHDUMP_AREA_PFN_MASK;
	if (!pfn)
		return 0;
	area = memremap(pfn << HV_HYP_PAGE_SHIFT, HV_HYP_PAGE_SIZE, MEMREMAP_WB);
	if (!area) {
		pr_warn("a crash of the hypervisor will not be noticed\n");
		return 0;
	}
	crash_area = area;
	return register_nmi_handler(NMI_LOCAL, root_crash_nmi, 0, "hv_root_crash");
}
arch_initcall(root_crash_init);

/* Once: both a panic and the start of the crash kernel come here. */
static void root_crash_notify(void)
{
	static const u32 actions[] = {
		HV_CRASHDUMP_ENTRY, HV_CRASHDUMP_SUSPEND_ALL_VPS
	};
	static bool told;
	size_t i;

	if (told || root_crash_marked())
		return;
	told = true;
	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		struct hv_input_notify_partition_event in = {
			.event = HV_PARTITION_EVENT_ROOT_CRASHDUMP,
			.input = actions[i],
		};

		hvr_small(HVCALL_NOTIFY_PARTITION_EVENT, 0, &in, sizeof(in), NULL, 0);
	}
}

static int root_crash_panic(struct notifier_block *nb, unsigned long event, void *data)
{
	root_crash_notify();
	return NOTIFY_DONE;
}

static struct notifier_block root_panic_block = {
	.notifier_call = root_crash_panic,
};

static int __init root_crash_panic_init(void)
{
	if (hv_root_type != HV_ROOT_ROOT)
		return 0;
	return atomic_notifier_chain_register(&panic_notifier_list, &root_panic_block);
}
early_initcall(root_crash_panic_init);

#ifdef CONFIG_CRASH_DUMP
/**
 * hv_root_crash() - hand the machine over to the crash kernel
 *
 * Context: the only processor that still runs, interrupts off.
 */
void hv_root_crash(void)
{
	root_crash_notify();
	if (!root_crash_marked())
		hv_root_ir_crash();
}
#endif
