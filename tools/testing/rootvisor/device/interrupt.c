// SPDX-License-Identifier: GPL-2.0
/*
 * Device interrupts of the root: MapDeviceInterrupt, UnmapDeviceInterrupt and
 * RetargetDeviceInterrupt.
 *
 * Model: a mapping is (device, vector, root VP).  With remapping hardware it has an
 * entry there, and the root gets the entry's number, in the format in which a device
 * or an IO-APIC sends it.  Without, the root gets an ordinary MSI or redirection
 * entry for the VP's processor, and nothing is enforced.  The rules are the same: one
 * mapping of a (VP, vector) at a time, no vectors that belong to the hypervisor, and
 * unmapping requires the entry that was returned.
 *
 * The messages of a device are consecutive: the first has the data 0, the next one 1,
 * and so on, as required for several MSIs of a device without MSI-X.
 *
 * With remapping hardware, or "interrupts=count", each interrupt that a root VP takes
 * is counted for the device that its vector is, or was last, mapped to there.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_interrupt.h>
#include <hyperv/hv_status.h>
#include <rv/call.h>
#include <rv/log.h>
#include <rv/options.h>
#include <rv/unit.h>
#include "interrupt.h"
#include "remap.h"
#include "stray.h"

#define PRIVILEGE_CPU		44
#define MAX_MAPPINGS		512
#define MAX_DEVICES		64
#define FIRST_VECTOR		16
#define VECTORS			256

/* The bank mask counts as variable header. */
#define MAP_HEADER		72
#define RETARGET_HEADER		56

/* Remappable format: the entry's number instead of destination and vector. */
#define MSI_REMAPPABLE		BIT(4)
#define MSI_SUBHANDLE		BIT(3)	/* the data is added to the handle */
#define MSI_HANDLE_SHIFT	5
#define MSI_HANDLE_MASK		0x7fffu
#define MSI_HANDLE_15_SHIFT	2
#define RTE_INDEX_15_SHIFT	11

struct mapping {
	bool used, ioapic;
	int irte;		/* REMAP_NONE without the hardware */
	u64 device;
	u64 entry;
	u32 vector;
	u32 lp;
};

static struct mapping mappings[MAX_MAPPINGS];
static u64 reserved_vector_uses, moves;

/* Devices that have or had a mapping; index 0 is unused. */
static struct {
	u64 id;
	u64 taken;
} devices[MAX_DEVICES + 1];

static u8 device_at[MAX_LPS][VECTORS];

/* Not mapped any more, but one interrupt may be pending in the APIC. */
static bool last_due[MAX_LPS][VECTORS];

static bool reserved_vector(u32 vector)
{
	return vector == 0x1f || vector == 0x2f || vector == 0xd2;
}

/* The root VP that the target specifies: the lowest one of the set. */
static u16 target_lp(const struct hv_call *call, u32 header,
		     const struct hv_device_interrupt_target *t, struct lp **lp)
{
	const u64 *banks = (const u64 *)((const u8 *)call->in + header);
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

static u16 check_vector(u32 vector)
{
	if (vector < FIRST_VECTOR || vector >= VECTORS)
		return HV_STATUS_INVALID_PARAMETER;
	if (reserved_vector(vector)) {
		reserved_vector_uses++;
		if (options.strict_vectors)
			return HV_STATUS_INVALID_PARAMETER;
	}
	return HV_STATUS_SUCCESS;
}

/* Does a mapping other than @but use this vector of this processor? */
static bool is_taken(u32 vector, u32 lp, const struct mapping *but)
{
	u32 i;

	for (i = 0; i < MAX_MAPPINGS; i++)
		if (mappings[i].used && &mappings[i] != but &&
		    mappings[i].vector == vector && mappings[i].lp == lp)
			return true;
	return false;
}

static struct mapping *free_mapping(void)
{
	u32 i;

	for (i = 0; i < MAX_MAPPINGS; i++)
		if (!mappings[i].used)
			return &mappings[i];
	return NULL;
}

static struct mapping *find(u64 partition, const struct hv_call *call, u64 device,
			    const struct hv_interrupt_entry *entry)
{
	u32 i;

	if (partition != call->vp->partition->id && partition != HV_PARTITION_ID_SELF)
		return NULL;
	for (i = 0; i < MAX_MAPPINGS; i++)
		if (mappings[i].used && mappings[i].device == device &&
		    mappings[i].entry == entry->ioapic_rte)
			return &mappings[i];
	return NULL;
}

static u32 device_number(u64 id)
{
	u32 i;

	for (i = 1; i <= MAX_DEVICES && devices[i].id != id; i++)
		if (!devices[i].id) {
			devices[i].id = id;
			break;
		}
	return i <= MAX_DEVICES ? i : 0;
}

/* One more interrupt may arrive where the mapping pointed to. */
static void leave(const struct mapping *m)
{
	last_due[m->lp][m->vector] = true;
}

/* Points the mapping at this vector of this processor. */
static void lead(struct mapping *m, u32 vector, const struct lp *lp, bool level)
{
	m->vector = vector;
	m->lp = lp->index;
	device_at[lp->index][vector] = (u8)device_number(m->device);
	last_due[lp->index][vector] = false;
	if (m->irte != REMAP_NONE)
		remap_set(m->irte, m->device, (u8)vector, lp->apic_id, level);
}

static u64 plain_entry(bool ioapic, u32 vector, const struct lp *lp)
{
	if (ioapic)
		return vector | (u64)lp->apic_id << HV_IOAPIC_RTE_DESTINATION_SHIFT;
	return HV_MSI_ADDRESS_BASE | lp->apic_id << HV_MSI_ADDRESS_DESTINATION_SHIFT |
	       (u64)vector << 32;
}

static u64 remapped_entry(bool ioapic, u32 vector, u32 irte)
{
	u32 handle = irte - irte % REMAP_REGION;

	/* The IO-APIC compares the vector with that of the EOI. */
	if (ioapic)
		return vector | HV_IOAPIC_RTE_IR_FORMAT |
		       (irte >> 15) << RTE_INDEX_15_SHIFT |
		       (u64)(irte & MSI_HANDLE_MASK) << HV_IOAPIC_RTE_IR_INDEX_SHIFT;
	return HV_MSI_ADDRESS_BASE | MSI_REMAPPABLE | MSI_SUBHANDLE |
	       (handle & MSI_HANDLE_MASK) << MSI_HANDLE_SHIFT |
	       (handle >> 15) << MSI_HANDLE_15_SHIFT |
	       (u64)(irte % REMAP_REGION) << 32;
}

static u16 map_interrupt(struct hv_call *call)
{
	const struct hv_input_map_device_interrupt *in = call->in;
	const struct hv_device_interrupt_descriptor *d = &in->interrupt_descriptor;
	struct hv_output_map_device_interrupt *out = call->out;
	u64 type = in->device_id >> HV_DEVICE_ID_TYPE_SHIFT;
	bool ioapic = type == HV_DEVICE_TYPE_IOAPIC;
	u32 vector = d->target.vector;
	struct mapping *m;
	struct lp *lp;
	u16 status;

	if (in->partition_id != call->vp->partition->id &&
	    in->partition_id != HV_PARTITION_ID_SELF)
		return HV_STATUS_INVALID_PARTITION_ID;
	if ((type != HV_DEVICE_TYPE_PCI && !ioapic) ||
	    (remap_active() && !remap_knows(in->device_id)))
		return HV_STATUS_INVALID_DEVICE_ID;
	if (d->interrupt_type != HV_X64_INTERRUPT_TYPE_FIXED || d->vector_count != 1 ||
	    d->trigger_mode > 1 || (d->trigger_mode && !ioapic))
		return HV_STATUS_INVALID_PARAMETER;
	status = check_vector(vector) ?: target_lp(call, MAP_HEADER, &d->target, &lp);
	if (status)
		return status;
	if (is_taken(vector, lp->index, NULL))
		return HV_STATUS_INVALID_PARAMETER;
	m = free_mapping();
	if (!m)
		return HV_STATUS_NO_RESOURCES;

	*m = (struct mapping){ .ioapic = ioapic, .device = in->device_id,
			       .irte = REMAP_NONE };
	if (remap_active()) {
		m->irte = remap_alloc(m->device);
		if (m->irte == REMAP_NONE)
			return HV_STATUS_NO_RESOURCES;
		m->entry = remapped_entry(ioapic, vector, (u32)m->irte);
	} else {
		m->entry = plain_entry(ioapic, vector, lp);
	}
	if (d->trigger_mode)
		m->entry |= HV_IOAPIC_RTE_LEVEL;
	m->used = true;
	lead(m, vector, lp, d->trigger_mode);
	out->interrupt_entry.source = ioapic ? HV_INTERRUPT_SOURCE_IOAPIC :
					       HV_INTERRUPT_SOURCE_MSI;
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
	struct mapping *m = find(in->partition_id, call, in->device_id,
				 &in->interrupt_entry);

	if (!m)
		return HV_STATUS_INVALID_PARAMETER;
	if (m->irte != REMAP_NONE)
		remap_free(m->irte);
	leave(m);
	m->used = false;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(unmap_device_interrupt, .code = HVCALL_UNMAP_DEVICE_INTERRUPT,
	  .in = sizeof(struct hv_input_unmap_device_interrupt),
	  .privilege = PRIVILEGE_CPU, .fn = unmap_interrupt);

/*
 * Changes the target of a mapping, but not its entry.  This needs remapping hardware,
 * and is not possible for an IO-APIC, whose entry contains the vector.
 */
static u16 retarget_interrupt(struct hv_call *call)
{
	const struct hv_retarget_device_interrupt *in = call->in;
	struct mapping *m = find(in->partition_id, call, in->device_id, &in->int_entry);
	u32 vector = in->int_target.vector;
	struct lp *lp;
	u16 status;

	if (!m)
		return HV_STATUS_INVALID_PARAMETER;
	if (m->irte == REMAP_NONE || m->ioapic)
		return HV_STATUS_OPERATION_DENIED;
	status = check_vector(vector) ?:
		 target_lp(call, RETARGET_HEADER, &in->int_target, &lp);
	if (status)
		return status;
	if (is_taken(vector, lp->index, m))
		return HV_STATUS_INVALID_PARAMETER;
	leave(m);
	lead(m, vector, lp, false);
	moves++;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(retarget_interrupt, .code = HVCALL_RETARGET_INTERRUPT,
	  .flags = CALL_VAR, .in = RETARGET_HEADER,
	  .privilege = PRIVILEGE_CPU, .fn = retarget_interrupt);

bool device_interrupt_taken(struct lp *lp, u8 vector)
{
	bool *last = &last_due[lp->index][vector];
	bool mapped = is_taken(vector, lp->index, NULL) || *last;

	*last = false;
	if (mapped)
		devices[device_at[lp->index][vector]].taken++;
	return mapped;
}

bool device_interrupts(u64 device, u64 *taken)
{
	u32 i;

	if (!interrupts_watched() || !device)
		return false;
	for (i = 1; i <= MAX_DEVICES; i++)
		if (devices[i].id == device) {
			*taken = devices[i].taken;
			return true;
		}
	return false;
}

static void books(void)
{
	u32 i, n = 0;

	for (i = 0; i < MAX_MAPPINGS; i++)
		n += mappings[i].used;
	log_info("device interrupts: %u mapped, %llu retargeted, reserved vectors used %llu times",
		 n, moves, reserved_vector_uses);
	for (i = 1; interrupts_watched() && i <= MAX_DEVICES && devices[i].id; i++)
		log_info("device 0x%llx: %llu interrupts taken", devices[i].id,
			 devices[i].taken);
}

BOOKS_UNIT(books);
