// SPDX-License-Identifier: GPL-2.0
/*
 * Accesses to a device's memory: decoding and emulating the guest's instruction.
 *
 * Model: the message has the address; the instruction is decoded and executed on a
 * copy of the registers.  Each operand in memory may be RAM or a device, so each is
 * translated separately.
 */
#include <errno.h>
#include <string.h>

#include "layout.h"
#include "machine.h"

struct mmio {
	struct cpu *cpu;
	const struct hv_x64_memory_intercept_message *message;
};

static __u64 device_read(struct machine *m, __u64 gpa, unsigned int size)
{
	__u64 value = ~0ULL;

	pthread_mutex_lock(&m->lock);
	if (gpa - IOAPIC_BASE < IOAPIC_SIZE)
		value = ioapic_read(&m->ioapic, gpa - IOAPIC_BASE);
	else
		machine_note(m, "read from unclaimed address %#llx", gpa);
	pthread_mutex_unlock(&m->lock);
	return size < 8 ? value & ((1ULL << (8 * size)) - 1) : value;
}

static void device_write(struct machine *m, __u64 gpa, __u64 value)
{
	pthread_mutex_lock(&m->lock);
	if (gpa - IOAPIC_BASE < IOAPIC_SIZE)
		ioapic_write(&m->ioapic, gpa - IOAPIC_BASE, value);
	else
		machine_note(m, "write of %#llx to unclaimed address %#llx",
			     value, gpa);
	pthread_mutex_unlock(&m->lock);
}

/* The message has translated one address already. */
static int bus_translate(struct mmio *o, __u64 linear, bool write, __u64 *gpa)
{
	const struct hv_x64_memory_intercept_message *m = o->message;

	if ((m->memory_access_info & HV_MEMORY_ACCESS_GVA_VALID) &&
	    m->guest_virtual_address / VMM_PAGE == linear / VMM_PAGE) {
		*gpa = m->guest_physical_address / VMM_PAGE * VMM_PAGE +
		       linear % VMM_PAGE;
		return 0;
	}
	return cpu_access(o->cpu, linear, write, gpa);
}

/* Operands that straddle pages are accessed by bytes; devices do not see those. */
static bool straddles(__u64 linear, unsigned int size)
{
	return linear % VMM_PAGE + size > VMM_PAGE;
}

static int bus_read(void *opaque, __u64 linear, unsigned int size,
		    __u64 *value)
{
	struct mmio *o = opaque;
	struct machine *m = o->cpu->machine;
	__u64 gpa, byte;
	unsigned int i;
	void *ram;
	int ret;

	*value = 0;
	if (straddles(linear, size)) {
		for (i = 0; i < size; i++) {
			ret = bus_read(o, linear + i, 1, &byte);
			if (ret)
				return ret;
			*value |= byte << (8 * i);
		}
		return 0;
	}
	ret = bus_translate(o, linear, false, &gpa);
	if (ret)
		return ret;
	ram = machine_ram(m, gpa, size);
	if (ram)
		memcpy(value, ram, size);
	else
		*value = device_read(m, gpa, size);
	return 0;
}

static int bus_write(void *opaque, __u64 linear, unsigned int size,
		     __u64 value)
{
	struct mmio *o = opaque;
	struct machine *m = o->cpu->machine;
	unsigned int i;
	__u64 gpa;
	void *ram;
	int ret;

	if (straddles(linear, size)) {
		for (i = 0; i < size; i++) {
			ret = bus_write(o, linear + i, 1, value >> (8 * i));
			if (ret)
				return ret;
		}
		return 0;
	}
	ret = bus_translate(o, linear, true, &gpa);
	if (ret)
		return ret;
	ram = machine_ram(m, gpa, size);
	if (ram)
		memcpy(ram, &value, size);
	else
		device_write(m, gpa, value);
	return 0;
}

/**
 * mmio_handle() - handle an access to memory that is not RAM
 * @c: the processor, stopped by it
 *
 * Return: 0 or -errno.
 */
int mmio_handle(struct cpu *c)
{
	const struct hv_x64_memory_intercept_message *m =
		(const void *)c->message.u.bytes;
	struct mmio o = { .cpu = c, .message = m };
	const struct hv_insn_bus bus = {
		.read = bus_read,
		.write = bus_write,
		.opaque = &o,
	};
	struct cpu_state state;
	struct hv_insn insn;
	int ret;

	if (m->header.intercept_access_type == HV_INTERCEPT_ACCESS_EXECUTE)
		return vmm_fail(EFAULT, "the guest jumped to %#llx, where there is no memory",
				m->guest_physical_address);
	ret = cpu_load_state(c, &state);
	if (ret)
		return ret;
	ret = cpu_decode(c, &state, m->instruction_bytes,
			 m->instruction_byte_count, &insn);
	if (ret)
		return ret;
	ret = hv_insn_execute(&insn, &state.insn, &bus);
	if (ret == HV_INSN_UNSUPPORTED || ret == HV_INSN_INVALID)
		return vmm_fail(EIO, "the instruction at %#llx cannot access a device (%#llx)",
				m->header.rip, m->guest_physical_address);
	if (ret == GUEST_FAULTED)
		return 0;
	return ret ? ret : cpu_store_state(c, &state);
}
