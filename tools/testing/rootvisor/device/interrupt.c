// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts of devices into the root: MapDeviceInterrupt and its opposite.
 *
 * Model: a mapping is (device, vector, root VP).  There is no remapping
 * hardware here: the entry that goes back is an ordinary MSI or redirection
 * entry aimed at the VP's processor.  The rules are the real ones all the same:
 * one mapping of a (VP, vector) at a time, none on vectors that belong to the
 * hypervisor's world, and unmapping needs the entry that was given.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_interrupt.h>
#include <hyperv/hv_status.h>
#include <rv/call.h>
#include <rv/log.h>
#include <rv/page.h>
#include "../boot/options.h"

#define PRIVILEGE_CPU		44
#define MAX_MAPPINGS		512
#define FIRST_VECTOR		16
#define MAP_HEADER		72	/* the bank mask counts as variable header */

struct mapping {
	bool used, ioapic;
	u64 device;
	u64 entry;
	u32 vector;
	u32 lp;
};

static struct mapping mappings[MAX_MAPPINGS];
static u64 reserved_vector_uses;

static bool reserved_vector(u32 vector)
{
	return vector == 0x1f || vector == 0x2f || vector == 0xd2;
}

/* The one root VP that the target names: lowest of the set. */
static u16 target_lp(const struct hv_call *call,
		     const struct hv_input_map_device_interrupt *in, struct lp **lp)
{
	const struct hv_device_interrupt_target *t = &in->interrupt_descriptor.target;
	const u64 *banks = (const u64 *)((const u8 *)call->in + MAP_HEADER);
	u64 mask;

	if (t->flags & HV_DEVICE_INTERRUPT_TARGET_PROCESSOR_SET) {
		if (t->vp_set.format || call->varhead < 2 ||
		    banks[0] != 1 || call->varhead != 2)
			return HV_STATUS_INVALID_PARAMETER;
		mask = banks[1];
	} else {
		mask = t->vp_mask;
	}
	if (!mask || __builtin_ctzll(mask) >= (int)nr_lps ||
	    !lps[__builtin_ctzll(mask)]->root)
		return HV_STATUS_INVALID_VP_INDEX;
	*lp = lps[__builtin_ctzll(mask)];
	return HV_STATUS_SUCCESS;
}

static u16 map_interrupt(struct hv_call *call)
{
	const struct hv_input_map_device_interrupt *in = call->in;
	const struct hv_device_interrupt_descriptor *d = &in->interrupt_descriptor;
	struct hv_output_map_device_interrupt *out = call->out;
	u64 type = in->device_id >> HV_DEVICE_ID_TYPE_SHIFT;
	bool ioapic = type == HV_DEVICE_TYPE_IOAPIC;
	struct mapping *m = NULL;
	u32 vector = d->target.vector, i;
	struct lp *lp;
	u16 status;

	if (in->partition_id != call->vp->partition->id &&
	    in->partition_id != HV_PARTITION_ID_SELF)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (type != HV_DEVICE_TYPE_PCI && !ioapic)
		return HV_STATUS_INVALID_DEVICE_ID;
	if (d->interrupt_type != HV_X64_INTERRUPT_TYPE_FIXED || d->vector_count != 1 ||
	    d->trigger_mode > 1 || vector < FIRST_VECTOR || vector > 255 ||
	    (d->trigger_mode && !ioapic))
		return HV_STATUS_INVALID_PARAMETER;
	if (reserved_vector(vector)) {
		reserved_vector_uses++;
		if (options.strict_vectors)
			return HV_STATUS_INVALID_PARAMETER;
	}
	status = target_lp(call, in, &lp);
	if (status)
		return status;
	for (i = 0; i < MAX_MAPPINGS; i++) {
		if (!mappings[i].used) {
			m = m ?: &mappings[i];
			continue;
		}
		if (mappings[i].vector == vector && mappings[i].lp == lp->index)
			return HV_STATUS_INVALID_PARAMETER;
	}
	if (!m)
		return HV_STATUS_NO_RESOURCES;

	*m = (struct mapping){ .used = true, .ioapic = ioapic, .device = in->device_id,
			       .vector = vector, .lp = lp->index };
	if (ioapic) {
		m->entry = vector | (u64)lp->apic_id << HV_IOAPIC_RTE_DESTINATION_SHIFT |
			   (d->trigger_mode ? HV_IOAPIC_RTE_LEVEL : 0);
		out->interrupt_entry.source = HV_INTERRUPT_SOURCE_IOAPIC;
	} else {
		m->entry = HV_MSI_ADDRESS_BASE |
			   lp->apic_id << HV_MSI_ADDRESS_DESTINATION_SHIFT |
			   (u64)vector << 32;
		out->interrupt_entry.source = HV_INTERRUPT_SOURCE_MSI;
	}
	out->interrupt_entry.ioapic_rte = m->entry;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(map_device_interrupt, .code = HVCALL_MAP_DEVICE_INTERRUPT,
	  .flags = CALL_VAR, .in = MAP_HEADER,
	  .out = sizeof(struct hv_output_map_device_interrupt),
	  .privilege = PRIVILEGE_CPU, .fn = map_interrupt);

static u16 unmap_interrupt(struct hv_call *call)
{
	const struct hv_input_unmap_device_interrupt *in = call->in;
	u32 i;

	for (i = 0; i < MAX_MAPPINGS; i++) {
		struct mapping *m = &mappings[i];

		if (!m->used || m->device != in->device_id ||
		    m->entry != in->interrupt_entry.ioapic_rte)
			continue;
		m->used = false;
		return HV_STATUS_SUCCESS;
	}
	return HV_STATUS_INVALID_PARAMETER;
}

HYPERCALL(unmap_device_interrupt, .code = HVCALL_UNMAP_DEVICE_INTERRUPT,
	  .in = sizeof(struct hv_input_unmap_device_interrupt),
	  .privilege = PRIVILEGE_CPU, .fn = unmap_interrupt);

static void books(void)
{
	u32 i, n = 0;

	for (i = 0; i < MAX_MAPPINGS; i++)
		n += mappings[i].used;
	log_info("device interrupts: %u mapped, reserved vectors used %llu times",
		 n, reserved_vector_uses);
}

BOOKS_UNIT(books);
