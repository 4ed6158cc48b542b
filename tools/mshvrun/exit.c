// SPDX-License-Identifier: GPL-2.0
/*
 * Handling the exits of a virtual processor.
 *
 * Model: the message says what the guest tried; it is done here, and RIP advanced
 * past the instruction.  Nearly all exits are accesses to a port or to a device's
 * memory.  An exit that the hypervisor should have handled itself, or that leaves
 * no way to continue, ends the machine with a message and the registers.
 *
 * Words: "finish" is to complete the instruction that caused the exit.
 */
#include <stdio.h>
#include <string.h>

#include <hyperv/hv_interrupt.h>

#include "machine.h"

/* RIP wraps according to the processor's mode. */
static __u64 exit_next_rip(const struct hv_x64_intercept_message_header *h,
			   unsigned int length)
{
	__u16 attributes = h->cs_segment.attributes;
	__u64 rip = h->rip + length;

	if ((h->execution_state & HV_X64_EXECUTION_EFER_LMA) &&
	    (attributes & HV_X64_SEGMENT_LONG))
		return rip;
	return (__u32)rip;
}

/**
 * cpu_finish() - complete the instruction that caused the exit
 * @c: the processor
 * @rip: the next RIP
 * @rax: new value of RAX, or NULL
 *
 * Return: 0 or -errno.
 */
int cpu_finish(struct cpu *c, __u64 rip, const __u64 *rax)
{
	struct hv_register_assoc regs[2];
	unsigned int count = 1;

	if (c->page && c->page->isvalid) {
		c->page->rip = rip;
		c->page->dirty |= HV_BIT(HV_X64_REGISTER_CLASS_IP);
		if (rax) {
			c->page->gp_registers[0] = *rax;
			c->page->dirty |= HV_BIT(HV_X64_REGISTER_CLASS_GENERAL);
		}
		return 0;
	}
	regs[0] = vmm_value(HV_X64_REGISTER_RIP, rip);
	if (rax)
		regs[count++] = vmm_value(HV_X64_REGISTER_RAX, *rax);
	return vmm_set_registers(c->fd, c->index, regs, count);
}

/**
 * cpu_inject_page_fault() - inject a page fault into the guest
 * @c: the processor
 * @gva: the address
 * @error: the error code
 *
 * Return: 0 or -errno.
 */
int cpu_inject_page_fault(struct cpu *c, __u64 gva, __u32 error)
{
	const __u64 vector = 14;
	struct hv_register_assoc reg = {
		.name = HV_REGISTER_PENDING_EVENT0,
	};

	reg.value.reg128.low_part =
		HV_PENDING_EVENT_PENDING |
		HV_X64_PENDING_EVENT_EXCEPTION << HV_PENDING_EVENT_TYPE_SHIFT |
		HV_PENDING_EXCEPTION_DELIVER_ERROR |
		vector << HV_PENDING_EXCEPTION_VECTOR_SHIFT |
		(__u64)error << HV_PENDING_EXCEPTION_ERROR_SHIFT;
	reg.value.reg128.high_part = gva;
	return vmm_set_registers(c->fd, c->index, &reg, 1);
}

/* The hypervisor may not know the instruction's length. */
static int exit_port_length(struct cpu *c,
			    const struct hv_x64_io_port_intercept_message *io)
{
	struct cpu_state state;
	struct hv_insn insn;
	unsigned int length = io->header.instruction_length_cr8 &
			      HV_X64_INTERCEPT_LENGTH_MASK;
	int ret;

	if (length)
		return length;
	ret = cpu_load_state(c, &state);
	if (!ret)
		ret = cpu_decode(c, &state, io->instruction_bytes,
				 io->instruction_byte_count, &insn);
	return ret ? ret : insn.length;
}

static __u64 exit_merge(__u64 old, __u32 value, unsigned int size)
{
	switch (size) {
	case 1:
		return (old & ~0xffULL) | (value & 0xff);
	case 2:
		return (old & ~0xffffULL) | (value & 0xffff);
	}
	return value;
}

static int exit_port(struct cpu *c)
{
	const struct hv_x64_io_port_intercept_message *io =
		(const void *)c->message.u.bytes;
	unsigned int size = io->access_info & HV_IO_PORT_ACCESS_SIZE_MASK;
	__u64 rip, rax;
	int length;

	if (io->access_info & HV_IO_PORT_ACCESS_STRING)
		return string_io(c);
	length = exit_port_length(c, io);
	if (length < 0)
		return length;
	rip = exit_next_rip(&io->header, length);
	if (io->header.intercept_access_type == HV_INTERCEPT_ACCESS_WRITE) {
		port_out(c->machine, io->port_number, size, io->rax);
		return cpu_finish(c, rip, NULL);
	}
	rax = exit_merge(io->rax, port_in(c->machine, io->port_number, size),
			 size);
	return cpu_finish(c, rip, &rax);
}

static int exit_eoi(struct cpu *c)
{
	const struct hv_x64_apic_eoi_message *eoi =
		(const void *)c->message.u.bytes;

	pthread_mutex_lock(&c->machine->lock);
	ioapic_eoi(&c->machine->ioapic, eoi->interrupt_vector);
	pthread_mutex_unlock(&c->machine->lock);
	return 0;
}

/* The guest cannot continue: describe what it was doing. */
static int exit_broken(struct cpu *c, const char *what)
{
	char message[512], registers[3072];

	vmm_describe(&c->message, message, sizeof(message));
	if (vmm_dump_registers(c->fd, c->index, registers, sizeof(registers)))
		snprintf(registers, sizeof(registers), "registers: %s",
			 vmm_error());
	machine_end(c->machine, STATUS_FAULT, "processor %u: %s\n%s\n%s",
		    c->index, what, message, registers);
	return 0;
}

static void exit_trace(struct cpu *c)
{
	char text[512];

	if (!c->machine->trace)
		return;
	vmm_describe(&c->message, text, sizeof(text));
	machine_note(c->machine, "%s", text);
}

/**
 * exit_handle() - handle the processor's message
 * @c: the processor, stopped
 *
 * Return: 0 if it may continue (or the machine was ended properly), or -errno.
 */
int exit_handle(struct cpu *c)
{
	exit_trace(c);
	switch (c->message.header.message_type) {
	case HVMSG_X64_IO_PORT_INTERCEPT:
		return exit_port(c);
	case HVMSG_UNMAPPED_GPA:
	case HVMSG_GPA_INTERCEPT:
		return mmio_handle(c);
	case HVMSG_X64_APIC_EOI:
		return exit_eoi(c);
	case HVMSG_UNRECOVERABLE_EXCEPTION:
		return exit_broken(c, "triple fault");
	}
	return exit_broken(c, "an exit that mshvrun does not handle");
}
