// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions that access a page without memory.
 *
 * Model: the instruction is executed on a copy of the registers; its accesses go
 * through the guest's page tables to the device or to memory.  The copy is used only
 * if all of this succeeds.  A string instruction may stop at any element; its
 * registers then say where.  If an access is not allowed, the guest gets the exception.
 *
 * A repeated one takes as long as the guest chooses, while no other processor gets
 * hv_lock: it stops after MAX_REPEAT_US, and continues when the guest has been entered
 * again.
 */
#include <hv/decode.h>
#include <rv/partition.h>
#include <rv/vp.h>
#include "gva.h"
#include "insn.h"
#include "mmio.h"
#include "report.h"

#define BUS_FAULT	1
#define MAX_REPEAT_US	100

struct bus {
	struct vp *vp;
	const struct mmio_device *device;
	u64 begin;
	struct gva_fault fault;
	bool missing, write;	/* memory at @gpa is not mapped, for this access */
	u64 gpa;
};

static void state_get(struct vp *vp, struct hv_insn_state *state)
{
	struct cpu_state *v = vp_state(vp);

	memcpy(state->gpr, vp->gpr, sizeof(vp->gpr));
	state->rip = v->rip;
	state->rflags = v->rflags;
	state->segment_base[HV_INSN_ES] = v->es.base;
	state->segment_base[HV_INSN_CS] = v->cs.base;
	state->segment_base[HV_INSN_SS] = v->ss.base;
	state->segment_base[HV_INSN_DS] = v->ds.base;
	state->segment_base[HV_INSN_FS] = v->fs.base;
	state->segment_base[HV_INSN_GS] = v->gs.base;
	state->stack_size = v->ss.attrib & 0x400 ? 4 : 2;
	/* The processor ignores these bases in 64-bit mode. */
	if (insn_mode(vp) == HV_INSN_MODE_64)
		for (u32 i = HV_INSN_ES; i <= HV_INSN_DS; i++)
			state->segment_base[i] = 0;
}

/* Notes the page of an operand that the root has not mapped, or has taken away. */
static void find_missing(struct bus *bus, u64 address, u32 size, bool write)
{
	u64 gva[] = { address, address + size - 1 }, gpa;

	for (u32 i = 0; i < ARRAY_SIZE(gva) && !bus->missing; i++) {
		u64 at = i ? gva[i] & PAGE_MASK : gva[i];

		if (!gva_translate(bus->vp, at, write ? GVA_WRITE : GVA_READ, &gpa, &bus->fault))
			return;
		if (gpa_page(bus->vp->partition, gpa >> PAGE_SHIFT, write))
			continue;
		bus->missing = true;
		bus->write = write;
		bus->gpa = gpa;
	}
}

static int bus_read(void *opaque, u64 address, u32 size, u64 *value)
{
	struct bus *bus = opaque;
	u64 gpa;

	*value = 0;
	if (!gva_translate(bus->vp, address, GVA_READ, &gpa, &bus->fault))
		return BUS_FAULT;
	if ((gpa & PAGE_MASK) != bus->device->page) {
		if (gva_read(bus->vp, address, value, size, GVA_READ) == size)
			return 0;
		find_missing(bus, address, size, false);
		return BUS_FAULT;
	}
	if (!bus->device->read ||
	    !bus->device->read(bus->vp, gpa, size, value))
		return BUS_FAULT;
	return 0;
}

/* All of the bytes, or none. */
static int write_memory(struct bus *bus, u64 address, u64 gpa, u32 size, u64 value)
{
	u32 first = MIN((u64)size, PAGE_SIZE - (gpa & ~PAGE_MASK));
	u64 next = 0;

	find_missing(bus, address, size, true);
	if (bus->missing || bus->fault.vector)
		return BUS_FAULT;
	if (first < size && (!gva_to_gpa(bus->vp, address + first, GVA_WRITE, &next) ||
			     (next & PAGE_MASK) == bus->device->page))
		return BUS_FAULT;
	if (!gpa_write(bus->vp->partition, gpa, &value, first) ||
	    !gpa_write(bus->vp->partition, next, (u8 *)&value + first, size - first))
		return BUS_FAULT;
	return 0;
}

static int bus_write(void *opaque, u64 address, u32 size, u64 value)
{
	struct bus *bus = opaque;
	u64 gpa;

	if (!gva_translate(bus->vp, address, GVA_WRITE, &gpa, &bus->fault))
		return BUS_FAULT;
	if ((gpa & PAGE_MASK) != bus->device->page)
		return write_memory(bus, address, gpa, size, value);
	if (!bus->device->write ||
	    !bus->device->write(bus->vp, gpa, size, value))
		return BUS_FAULT;
	return 0;
}

static int bus_go_on(void *opaque)
{
	const struct bus *bus = opaque;

	return tsc_now() - bus->begin < tsc_hz / 1000000 * MAX_REPEAT_US;
}

bool mmio_execute(struct vp *vp, const struct mmio_device *device)
{
	struct hv_insn_state state;
	struct bus bus = { .vp = vp, .device = device, .begin = tsc_now() };
	struct hv_insn_bus functions = {
		.read = bus_read,
		.write = bus_write,
		.go_on = bus_go_on,
		.opaque = &bus,
	};
	struct hv_insn insn;
	bool done, string, moved;

	if (!insn_decode(vp, &insn))
		return false;
	string = insn.flags & HV_INSN_STRING;
	state_get(vp, &state);
	done = !hv_insn_execute(&insn, &state, &functions);
	moved = string && memcmp(vp->gpr, state.gpr, sizeof(vp->gpr));
	if (!done && !bus.missing && !bus.fault.vector && !moved)
		return false;
	/* A string instruction continues from where it was. */
	if (done || string) {
		memcpy(vp->gpr, state.gpr, sizeof(vp->gpr));
		vp->cpu->rflags = state.rflags;
		vp->cpu->rip = state.rip;
	}
	if (!done && bus.fault.vector) {
		if (bus.fault.vector == VECTOR_PF)
			vp->cpu->cr2 = bus.fault.address;
		vp_exception(vp, bus.fault.vector, true, bus.fault.error);
	} else if (bus.missing) {
		/* It is executed again when the memory is there. */
		report_access(vp, bus.gpa, bus.write);
	} else {
		vp_done(vp);
	}
	return true;
}

static bool is_at(struct vp *vp, u64 gva, u64 gpa, u64 mask)
{
	u64 found;

	return gva_to_gpa(vp, gva, 0, &found) && (found & mask) == (gpa & mask);
}

static u64 truncate(u64 value, u32 size)
{
	return size == 8 ? value : value & (BIT_ULL(8 * size) - 1);
}

static bool string_operand(struct vp *vp, const struct hv_insn *insn,
			   const struct hv_insn_state *state, u64 gpa, u64 mask, u64 *gva,
			   bool *write)
{
	u32 op = insn->op;

	if (op == HV_INSN_MOVS || op == HV_INSN_LODS || op == HV_INSN_CMPS ||
	    op == HV_INSN_OUTS) {
		*gva = state->segment_base[insn->segment] +
		       truncate(state->gpr[HV_INSN_RSI], insn->address_size);
		*write = false;
		if (is_at(vp, *gva, gpa, mask))
			return true;
	}
	if (op == HV_INSN_LODS || op == HV_INSN_OUTS)
		return false;
	*gva = state->segment_base[HV_INSN_ES] +
	       truncate(state->gpr[HV_INSN_RDI], insn->address_size);
	*write = op == HV_INSN_MOVS || op == HV_INSN_STOS || op == HV_INSN_INS;
	return is_at(vp, *gva, gpa, mask);
}

bool mmio_operand(struct vp *vp, const u8 *bytes, u32 count, u64 gpa, u64 *gva,
		  bool *write)
{
	struct hv_insn_state state;
	struct hv_insn insn;

	if (hv_insn_decode(&insn, bytes, count, insn_mode(vp)) != HV_INSN_OK)
		return false;
	state_get(vp, &state);
	/* Both operands may be in the page: the address tells, unless it is the second page's. */
	if (insn.flags & HV_INSN_STRING)
		return string_operand(vp, &insn, &state, gpa, ~0ull, gva, write) ||
		       string_operand(vp, &insn, &state, gpa, PAGE_MASK, gva, write);
	if (!(insn.flags & HV_INSN_MEMORY))
		return false;
	*gva = hv_insn_address(&insn, &state);
	/* A read-modify-write is reported as a read, which comes first. */
	*write = (insn.flags & HV_INSN_WRITES) && !(insn.flags & HV_INSN_READS);
	return is_at(vp, *gva, gpa, PAGE_MASK);
}
