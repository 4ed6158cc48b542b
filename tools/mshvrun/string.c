// SPDX-License-Identifier: GPL-2.0
/*
 * INS and OUTS, with and without REP.
 *
 * Model: elements are moved one by one between the port and guest memory, in
 * portions: a repeated instruction that is not done is executed again, so that
 * interrupts are delivered in between.  Addresses are translated by the hypervisor,
 * with the guest's own rights.
 *
 * Words: the "index" is RSI or RDI.
 */
#include <errno.h>

#include "machine.h"

#define PORTION		256	/* elements per exit */
#define FLAG_DIRECTION	HV_BIT64(10)

struct string_op {
	struct cpu *cpu;
	const struct hv_x64_io_port_intercept_message *io;
	unsigned int size;	/* of an element */
	unsigned int length;	/* of the instruction */
	unsigned int address;	/* bits of the index and count */
	__u64 base;		/* of the segment */
	bool out;
	bool rep;
	bool wide;		/* 64-bit code */
};

static __u64 address_mask(const struct string_op *s)
{
	return s->address == 64 ? ~0ULL : (1ULL << s->address) - 1;
}

/* A narrow register write preserves the rest, except with 32 bits. */
static __u64 narrow(const struct string_op *s, __u64 old, __u64 value)
{
	if (s->address == 16)
		return (old & ~0xffffULL) | (value & 0xffff);
	return value & address_mask(s);
}

static int string_decode(struct string_op *s)
{
	struct cpu_state state;
	struct hv_insn insn;
	int ret;

	ret = cpu_load_state(s->cpu, &state);
	if (ret)
		return ret;
	ret = cpu_decode(s->cpu, &state, s->io->instruction_bytes,
			 s->io->instruction_byte_count, &insn);
	if (ret)
		return ret;
	if (insn.op != HV_INSN_INS && insn.op != HV_INSN_OUTS)
		return vmm_fail(EIO, "no string instruction at %#llx",
				s->io->header.rip);
	s->length = insn.length;
	s->address = insn.address_size * 8;
	s->wide = state.mode == HV_INSN_MODE_64;
	if (s->out)
		s->base = state.insn.segment_base[insn.segment];
	else
		s->base = state.insn.segment_base[HV_INSN_ES];
	/* Flat in 64-bit mode, except FS and GS. */
	if (s->wide && !(s->out && (insn.segment == HV_INSN_FS ||
				    insn.segment == HV_INSN_GS)))
		s->base = 0;
	return 0;
}

/*
 * One element.  Returns 1 if the guest got a page fault instead.  An element may
 * straddle two pages, so it is accessed by bytes.
 */
static int string_element(struct string_op *s, __u64 index)
{
	__u64 linear = s->base + (index & address_mask(s)), gpa;
	__u8 *bytes[4];
	__u32 value = 0;
	unsigned int i;
	int ret;

	for (i = 0; i < s->size; i++) {
		if (i && (linear + i) % VMM_PAGE) {
			bytes[i] = bytes[i - 1] ? bytes[i - 1] + 1 : NULL;
			continue;
		}
		ret = cpu_access(s->cpu, linear + i, !s->out, &gpa);
		if (ret)
			return ret;
		bytes[i] = machine_ram(s->cpu->machine, gpa, 1);
	}
	if (s->out) {
		for (i = 0; i < s->size; i++)
			value |= (bytes[i] ? *bytes[i] : 0xffU) << (8 * i);
		port_out(s->cpu->machine, s->io->port_number, s->size, value);
		return 0;
	}
	value = port_in(s->cpu->machine, s->io->port_number, s->size);
	for (i = 0; i < s->size; i++)
		if (bytes[i])
			*bytes[i] = value >> (8 * i);
	return 0;
}

static int string_store(struct string_op *s, __u64 index, __u64 count,
			bool done)
{
	const struct hv_x64_intercept_message_header *h = &s->io->header;
	__u64 old = s->out ? s->io->rsi : s->io->rdi;
	__u64 rip = h->rip;
	struct hv_register_assoc regs[3];
	unsigned int n = 0;

	if (done)
		rip += s->length;
	if (!s->wide)
		rip = (__u32)rip;
	regs[n++] = vmm_value(HV_X64_REGISTER_RIP, rip);
	regs[n++] = vmm_value(s->out ? HV_X64_REGISTER_RSI :
				       HV_X64_REGISTER_RDI,
			      narrow(s, old, index));
	if (s->rep)
		regs[n++] = vmm_value(HV_X64_REGISTER_RCX,
				      narrow(s, s->io->rcx, count));
	return vmm_set_registers(s->cpu->fd, s->cpu->index, regs, n);
}

/**
 * string_io() - INS or OUTS
 * @c: the processor, stopped by one
 *
 * Return: 0 or -errno.
 */
int string_io(struct cpu *c)
{
	const struct hv_x64_io_port_intercept_message *io =
		(const void *)c->message.u.bytes;
	struct string_op s = {
		.cpu = c,
		.io = io,
		.size = io->access_info & HV_IO_PORT_ACCESS_SIZE_MASK,
		.rep = io->access_info & HV_IO_PORT_ACCESS_REP,
		.out = io->header.intercept_access_type ==
		       HV_INTERCEPT_ACCESS_WRITE,
	};
	__u64 index, count, step;
	unsigned int i;
	int ret;

	ret = string_decode(&s);
	if (ret)
		return ret;
	index = s.out ? io->rsi : io->rdi;
	count = s.rep ? io->rcx & address_mask(&s) : 1;
	step = io->header.rflags & FLAG_DIRECTION ? -(__u64)s.size : s.size;
	for (i = 0; i < PORTION && count; i++) {
		ret = string_element(&s, index);
		if (ret)
			break;
		index += step;
		count--;
	}
	if (ret < 0)
		return ret;
	return string_store(&s, index, count, !count && !ret);
}
