// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings of interrupts, by hypercall.
 *
 * Model: a mapping directs an interrupt of a device to a (VP, vector).  The
 * hypervisor returns its "entry": what the device or the IO-APIC has to send.  One
 * hypercall makes it, another retargets it, a third removes it.
 *
 * This happens where nothing may sleep or be allocated.  If the hypervisor asks for
 * memory, it gets a block from a stock that is filled when interrupts are
 * allocated, and by a worker.
 *
 * The caller serialises the use of a mapping.
 */
#define pr_fmt(fmt) "Hyper-V root: " fmt

#include <linux/bitops.h>
#include <linux/init.h>

#include <hyperv/hv_interrupt.h>

#include "root.h"
#include "root_map.h"

static struct hvr_stock stock;

static int root_map_stock_deposit(void)
{
	return hvr_stock_deposit(&stock);
}

/* The largest inputs: a root VP is in one of the banks. */
struct map_input {
	struct hv_input_map_device_interrupt map;
	u64 bank;
} __packed;

struct retarget_input {
	struct hv_retarget_device_interrupt retarget;
	u64 bank;
} __packed;

/* The variable header of both calls: the mask of banks and one bank. */
#define VP_VARHEAD	2

static void root_map_set_target(struct hv_device_interrupt_target *target, u64 *bank,
				unsigned int cpu, u32 vector)
{
	u32 vp = hvr_vp_index(cpu);

	target->vector = vector;
	target->flags = HV_DEVICE_INTERRUPT_TARGET_PROCESSOR_SET;
	target->vp_set.format = HV_GENERIC_SET_SPARSE_4K;
	target->vp_set.valid_bank_mask = BIT_ULL(vp >> HV_GENERIC_SET_SHIFT);
	*bank = BIT_ULL(vp & HV_GENERIC_SET_MASK);
}

/**
 * hv_root_map_init() - before there is any mapping
 */
void __init hv_root_map_init(void)
{
	hvr_stock_init(&stock);
}

/**
 * hv_root_map_prepare() - before interrupts are allocated
 *
 * Context: may sleep.
 */
void hv_root_map_prepare(void)
{
	hvr_stock_fill(&stock);
}

/**
 * hv_root_map() - make a mapping
 * @mapping: the mapping, unchanged on error
 * @device_id: device id of the hypervisor
 * @level: level-triggered
 * @cpu: processor
 * @vector: vector on it
 *
 * Return: 0 or -errno, which is logged as well.
 */
int hv_root_map(struct root_mapping *mapping, u64 device_id, bool level,
		unsigned int cpu, u32 vector)
{
	struct map_input in = {
		.map = {
			.partition_id = HV_PARTITION_ID_SELF,
			.device_id = device_id,
			.interrupt_descriptor = {
				.interrupt_type = HV_X64_INTERRUPT_TYPE_FIXED,
				.trigger_mode = level ?
						HV_INTERRUPT_TRIGGER_MODE_LEVEL :
						HV_INTERRUPT_TRIGGER_MODE_EDGE,
				.vector_count = 1,
			},
		},
	};
	struct hv_output_map_device_interrupt out;
	struct hvr_call call = {
		.code = HVCALL_MAP_DEVICE_INTERRUPT,
		.varhead = VP_VARHEAD,
		.in = &in, .in_size = sizeof(in),
		.out = &out, .out_size = sizeof(out),
	};
	int ret;

	root_map_set_target(&in.map.interrupt_descriptor.target, &in.bank, cpu, vector);
	ret = hvr_call_atomic(&call, root_map_stock_deposit);
	if (ret) {
		pr_err_ratelimited("mapping an interrupt of device %#llx to processor %u vector %#x failed (%s)\n",
				   device_id, cpu, vector,
				   hvr_status_name(hvr_status(call.result)));
		return ret;
	}
	*mapping = (struct root_mapping) {
		.entry = out.interrupt_entry,
		.cpu = cpu,
		.vector = vector,
	};
	return 0;
}

/**
 * hv_root_retarget() - change a mapping's target; its entry stays as it is
 * @mapping: the mapping, unchanged on error
 * @device_id: device id
 * @cpu: processor
 * @vector: vector on it
 *
 * Not every entry can be retargeted: one may hold the vector itself.
 *
 * Return: 0 or -errno.
 */
int hv_root_retarget(struct root_mapping *mapping, u64 device_id, unsigned int cpu,
		     u32 vector)
{
	struct retarget_input in = {
		.retarget = {
			.partition_id = HV_PARTITION_ID_SELF,
			.device_id = device_id,
			.int_entry = mapping->entry,
		},
	};
	struct hvr_call call = {
		.code = HVCALL_RETARGET_INTERRUPT,
		.varhead = VP_VARHEAD,
		.in = &in, .in_size = sizeof(in),
	};
	int ret;

	root_map_set_target(&in.retarget.int_target, &in.bank, cpu, vector);
	ret = hvr_call_atomic(&call, root_map_stock_deposit);
	if (ret)
		return ret;
	mapping->cpu = cpu;
	mapping->vector = vector;
	return 0;
}

/**
 * hv_root_unmap() - remove a mapping
 * @mapping: the mapping; nothing happens if there is none
 * @device_id: device id
 */
void hv_root_unmap(struct root_mapping *mapping, u64 device_id)
{
	struct hv_input_unmap_device_interrupt in = {
		.partition_id = HV_PARTITION_ID_SELF,
		.device_id = device_id,
		.interrupt_entry = mapping->entry,
	};
	u64 result;

	if (!hv_root_mapped(mapping))
		return;
	result = hvr_small(HVCALL_UNMAP_DEVICE_INTERRUPT, 0, &in, sizeof(in), NULL, 0);
	if (hvr_status(result) != HV_STATUS_SUCCESS)
		pr_err_ratelimited("unmapping an interrupt of device %#llx failed (%s)\n",
				   device_id, hvr_status_name(hvr_status(result)));
	mapping->entry = (struct hv_interrupt_entry){};
}
