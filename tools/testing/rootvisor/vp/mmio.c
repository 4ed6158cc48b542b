// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions that access a page without memory.
 *
 * Model: the instruction is executed on a copy of the registers; its accesses go
 * through the guest's page tables to the device or to memory.  The copy is used only
 * if all of this succeeds.  A string instruction may stop at any element; its
 * registers then say where.
 *
 * A repeated one takes as long as the guest chooses, while no other processor gets
 * hv_lock: it stops after MAX_REPEAT_US, and continues when the guest has been entered
 * again.
 */
#include <hv/decode.h>
#include <rv/vp.h>
#include "gva.h"
#include "insn.h"
#include "mmio.h"

#define BUS_FAULT	1
#define MAX_REPEAT_US	100

struct bus {
	struct vp *vp;
	const struct mmio_device *device;
	u32 done;		/* device accesses that have happened */
	u64 begin;
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

static int bus_read(void *opaque, u64 address, u32 size, u64 *value)
{
	struct bus *bus = opaque;
	u64 gpa;

	*value = 0;
	if (!gva_to_gpa(bus->vp, address, GVA_READ, &gpa))
		return BUS_FAULT;
	if ((gpa & PAGE_MASK) != bus->device->page)
		return gva_read(bus->vp, address, value, size, GVA_READ) == size ?
			0 : BUS_FAULT;
	if (!bus->device->read ||
	    !bus->device->read(bus->vp, gpa, size, value))
		return BUS_FAULT;
	bus->done++;
	return 0;
}

static int bus_write(void *opaque, u64 address, u32 size, u64 value)
{
	struct bus *bus = opaque;
	u64 gpa;

	if (!gva_to_gpa(bus->vp, address, GVA_WRITE, &gpa))
		return BUS_FAULT;
	if ((gpa & PAGE_MASK) != bus->device->page) {
		if ((gpa & ~PAGE_MASK) + size > PAGE_SIZE)
			return BUS_FAULT;
		return gpa_write(bus->vp->partition, gpa, &value, size) ?
			0 : BUS_FAULT;
	}
	if (!bus->device->write ||
	    !bus->device->write(bus->vp, gpa, size, value))
		return BUS_FAULT;
	bus->done++;
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
	int answer;

	if (!insn_decode(vp, &insn))
		return false;
	state_get(vp, &state);
	answer = hv_insn_execute(&insn, &state, &functions);
	/* A string instruction that has made progress continues from there. */
	if (answer && !((insn.flags & HV_INSN_STRING) && bus.done))
		return false;
	memcpy(vp->gpr, state.gpr, sizeof(vp->gpr));
	vp->cpu->rflags = state.rflags;
	vp->cpu->rip = state.rip;
	vp_done(vp);
	return true;
}

static bool is_at(struct vp *vp, u64 gva, u64 gpa)
{
	u64 found;

	return gva_to_gpa(vp, gva, 0, &found) &&
	       (found & PAGE_MASK) == (gpa & PAGE_MASK);
}

static u64 truncate(u64 value, u32 size)
{
	return size == 8 ? value : value & (BIT_ULL(8 * size) - 1);
}

bool mmio_operand(struct vp *vp, const u8 *bytes, u32 count, u64 gpa, u64 *gva,
		  bool *write)
{
	struct hv_insn_state state;
	struct hv_insn insn;

	if (hv_insn_decode(&insn, bytes, count, insn_mode(vp)) != HV_INSN_OK)
		return false;
	state_get(vp, &state);
	if (insn.flags & HV_INSN_STRING) {
		*gva = state.segment_base[HV_INSN_ES] +
		       truncate(state.gpr[HV_INSN_RDI], insn.address_size);
		*write = insn.op == HV_INSN_MOVS || insn.op == HV_INSN_STOS ||
			 insn.op == HV_INSN_INS;
		if (is_at(vp, *gva, gpa))
			return true;
		*gva = state.segment_base[insn.segment] +
		       truncate(state.gpr[HV_INSN_RSI], insn.address_size);
		*write = false;
		return is_at(vp, *gva, gpa);
	}
	if (!(insn.flags & HV_INSN_MEMORY))
		return false;
	*gva = hv_insn_address(&insn, &state);
	/* A read-modify-write is reported as a read, which comes first. */
	*write = (insn.flags & HV_INSN_WRITES) && !(insn.flags & HV_INSN_READS);
	return is_at(vp, *gva, gpa);
}
