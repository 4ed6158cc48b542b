// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers to emulate an instruction: the processor's registers, the instruction's
 * bytes, and the addresses of its operands.
 *
 * Model: registers come from the register page if it is valid, which saves the
 * hypercalls.  Bytes come with the message, or from guest memory.
 *
 * Words: "linear" is an address before paging, segment base included.
 */
#include <errno.h>
#include <string.h>

#include "machine.h"

#define PF_PRESENT	0x1
#define PF_WRITE	0x2
#define PF_USER		0x4

/* The registers of struct hv_insn_state, in the order in which they are read. */
#define GPRS		HV_INSN_GPRS
#define AT_RIP		GPRS
#define AT_RFLAGS	(GPRS + 1)
#define AT_SEGMENTS	(GPRS + 2)
#define AT_CR0		(AT_SEGMENTS + HV_INSN_SEGMENTS)
#define AT_EFER		(AT_CR0 + 1)
#define STATE_REGS	(AT_EFER + 1)

static void state_from_page(const struct hv_vp_register_page *page,
			    struct cpu_state *s)
{
	unsigned int i;

	memcpy(s->insn.gpr, page->gp_registers, sizeof(s->insn.gpr));
	s->insn.rip = page->rip;
	s->insn.rflags = page->rflags;
	for (i = 0; i < HV_INSN_SEGMENTS; i++)
		s->insn.segment_base[i] = page->segments[i].base;
	s->insn.stack_size =
		page->ss.attributes & HV_X64_SEGMENT_DEFAULT ? 4 : 2;
	s->mode = hv_insn_mode(page->cr0, page->efer, page->rflags,
			       page->cs.attributes);
}

/**
 * cpu_load_state() - read the registers that an instruction uses
 * @c: the processor, stopped
 * @s: result
 *
 * Return: 0 or -errno.
 */
int cpu_load_state(struct cpu *c, struct cpu_state *s)
{
	struct hv_register_assoc regs[STATE_REGS];
	unsigned int i;
	int ret;

	if (c->page && c->page->isvalid) {
		state_from_page(c->page, s);
		return 0;
	}
	memset(regs, 0, sizeof(regs));
	for (i = 0; i < GPRS; i++)
		regs[i].name = HV_X64_REGISTER_RAX + i;
	regs[AT_RIP].name = HV_X64_REGISTER_RIP;
	regs[AT_RFLAGS].name = HV_X64_REGISTER_RFLAGS;
	for (i = 0; i < HV_INSN_SEGMENTS; i++)
		regs[AT_SEGMENTS + i].name = HV_X64_REGISTER_ES + i;
	regs[AT_CR0].name = HV_X64_REGISTER_CR0;
	regs[AT_EFER].name = HV_X64_REGISTER_EFER;
	ret = vmm_get_registers(c->fd, c->index, regs, STATE_REGS);
	if (ret)
		return ret;
	for (i = 0; i < GPRS; i++)
		s->insn.gpr[i] = regs[i].value.reg64;
	s->insn.rip = regs[AT_RIP].value.reg64;
	s->insn.rflags = regs[AT_RFLAGS].value.reg64;
	for (i = 0; i < HV_INSN_SEGMENTS; i++)
		s->insn.segment_base[i] =
			regs[AT_SEGMENTS + i].value.segment.base;
	i = AT_SEGMENTS + HV_INSN_SS;
	s->insn.stack_size = regs[i].value.segment.attributes &
			     HV_X64_SEGMENT_DEFAULT ? 4 : 2;
	i = AT_SEGMENTS + HV_INSN_CS;
	s->mode = hv_insn_mode(regs[AT_CR0].value.reg64,
			       regs[AT_EFER].value.reg64,
			       regs[AT_RFLAGS].value.reg64,
			       regs[i].value.segment.attributes);
	return 0;
}

/**
 * cpu_store_state() - write the general registers, RIP and RFLAGS back
 * @c: the processor
 * @s: their values
 *
 * Return: 0 or -errno.
 */
int cpu_store_state(struct cpu *c, const struct cpu_state *s)
{
	struct hv_register_assoc regs[AT_RFLAGS + 1];
	unsigned int i;

	if (c->page && c->page->isvalid) {
		memcpy(c->page->gp_registers, s->insn.gpr,
		       sizeof(s->insn.gpr));
		c->page->rip = s->insn.rip;
		c->page->rflags = s->insn.rflags;
		c->page->dirty |= HV_BIT(HV_X64_REGISTER_CLASS_GENERAL) |
				  HV_BIT(HV_X64_REGISTER_CLASS_IP) |
				  HV_BIT(HV_X64_REGISTER_CLASS_FLAGS);
		return 0;
	}
	for (i = 0; i < GPRS; i++)
		regs[i] = vmm_value(HV_X64_REGISTER_RAX + i, s->insn.gpr[i]);
	regs[AT_RIP] = vmm_value(HV_X64_REGISTER_RIP, s->insn.rip);
	regs[AT_RFLAGS] = vmm_value(HV_X64_REGISTER_RFLAGS, s->insn.rflags);
	return vmm_set_registers(c->fd, c->index, regs, AT_RFLAGS + 1);
}

/**
 * cpu_access() - translate the address of an operand
 * @c: the processor
 * @linear: linear address
 * @write: it is to be written
 * @gpa: result
 *
 * Return: 0; 1 if the guest got a page fault instead; or -errno.
 */
int cpu_access(struct cpu *c, __u64 linear, bool write, __u64 *gpa)
{
	const struct hv_x64_intercept_message_header *h =
		(const void *)c->message.u.bytes;
	__u32 result, error = write ? PF_WRITE : 0;
	int ret;

	ret = vmm_translate(c->fd, c->index, linear,
			    write ? HV_TRANSLATE_GVA_VALIDATE_WRITE :
				    HV_TRANSLATE_GVA_VALIDATE_READ,
			    gpa, &result);
	if (ret)
		return ret;
	switch (result) {
	case HV_TRANSLATE_GVA_SUCCESS:
	case HV_TRANSLATE_GVA_GPA_UNMAPPED:
	case HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS:
	case HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS:
		return 0;	/* not RAM, but an address */
	case HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION:
		error |= PF_PRESENT;
		break;
	}
	if (h->execution_state & HV_X64_EXECUTION_CPL_MASK)
		error |= PF_USER;
	ret = cpu_inject_page_fault(c, linear, error);
	return ret ? ret : GUEST_FAULTED;
}

/* Read the bytes of an instruction; returns how many could be read. */
static int cpu_fetch(struct cpu *c, __u64 linear, __u8 *bytes,
		     unsigned int size)
{
	unsigned int done = 0;

	while (done < size) {
		__u64 gpa = 0;
		__u32 result;
		unsigned int part = VMM_PAGE - (linear + done) % VMM_PAGE;
		void *from;

		if (part > size - done)
			part = size - done;
		if (vmm_translate(c->fd, c->index, linear + done,
				  HV_TRANSLATE_GVA_VALIDATE_EXECUTE, &gpa,
				  &result) ||
		    result != HV_TRANSLATE_GVA_SUCCESS)
			break;
		from = machine_ram(c->machine, gpa, part);
		if (!from)
			break;
		memcpy(bytes + done, from, part);
		done += part;
	}
	return done;
}

/**
 * cpu_decode() - decode the instruction that stopped a processor
 * @c: the processor
 * @s: its registers
 * @given: bytes that came with the message
 * @given_count: how many, 0 for none
 * @insn: result
 *
 * Return: 0 or -errno.
 */
int cpu_decode(struct cpu *c, const struct cpu_state *s, const __u8 *given,
	       unsigned int given_count, struct hv_insn *insn)
{
	__u64 linear = s->insn.rip;
	__u8 bytes[16];
	int count, ret = HV_INSN_TRUNCATED;

	if (given_count && given_count <= sizeof(bytes))
		ret = hv_insn_decode(insn, given, given_count, s->mode);
	if (ret == HV_INSN_TRUNCATED) {
		if (s->mode != HV_INSN_MODE_64)
			linear = (__u32)(linear +
					 s->insn.segment_base[HV_INSN_CS]);
		count = cpu_fetch(c, linear, bytes, sizeof(bytes));
		ret = hv_insn_decode(insn, bytes, count, s->mode);
	}
	if (ret == HV_INSN_OK)
		return 0;
	return vmm_fail(EIO, "the instruction at %#llx cannot be %s",
			s->insn.rip,
			ret == HV_INSN_TRUNCATED ? "fetched" : "decoded");
}
