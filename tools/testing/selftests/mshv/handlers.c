// SPDX-License-Identifier: GPL-2.0
#include <hyperv/hv_register.h>

#include "handlers.h"

#define GATE_INTERRUPT	0x8e00
#define CODE_SELECTOR	0x10
#define PUSHED		8		/* RAX, by the handler */

struct gate {
	__u16 offset_low, selector, type, offset_middle;
	__u32 offset_high, reserved;
};

/* For an exception with an error code, the handler removes it from the stack, too. */
static const __u32 with_error = 0x00227d00;

static void make_handler(struct tvm *t, unsigned int vector)
{
	const __u8 code[] = {
		0x50, 0xb0, vector,		/* push rax; mov al, vector */
		0xe6, HANDLER_PORT, 0x58,	/* out port, al; pop rax */
	};
	const __u8 drop[] = { 0x48, 0x83, 0xc4, 0x08 };	/* add rsp, 8 */
	const __u8 iretq[] = { 0x48, 0xcf };
	__u64 at = HANDLER_CODE + vector * HANDLER_STEP;
	struct gate *gate = (void *)(t->memory + HANDLER_IDT + vector * sizeof(*gate));

	*gate = (struct gate){ at, CODE_SELECTOR, GATE_INTERRUPT, at >> 16, 0, 0 };
	memcpy(t->memory + at, code, sizeof(code));
	at += sizeof(code);
	if (with_error & HV_BIT(vector)) {
		memcpy(t->memory + at, drop, sizeof(drop));
		at += sizeof(drop);
	}
	memcpy(t->memory + at, iretq, sizeof(iretq));
}

/**
 * handlers_make() - set up a processor in 64-bit mode with a handler for each exception
 * @t: the machine
 * @index: the processor
 *
 * Return: 0 or -errno.
 */
int handlers_make(struct tvm *t, unsigned int index)
{
	static const __u64 gdt[] = {
		0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00008b0000000067, 0,
	};
	const struct hv_register_assoc tables[] = {
		vmm_table(HV_X64_REGISTER_GDTR, HANDLER_GDT, sizeof(gdt) - 1),
		vmm_table(HV_X64_REGISTER_IDTR, HANDLER_IDT,
			  HANDLER_VECTORS * sizeof(struct gate) - 1),
	};
	unsigned int i;
	int ret = tvm_long_mode(t, index, TVM_CODE);

	memcpy(t->memory + HANDLER_GDT, gdt, sizeof(gdt));
	for (i = 0; i < HANDLER_VECTORS; i++)
		make_handler(t, i);
	return ret ?: vmm_set_registers(t->vp[index], index, tables, ARRAY_SIZE(tables));
}

/**
 * handlers_next() - run to the next write to the handlers' port and step over it
 * @t: the machine
 * @index: the processor
 *
 * Return: the vector of a handler, or HANDLER_STOP, or -errno.
 */
int handlers_next(struct tvm *t, unsigned int index)
{
	const struct hv_x64_io_port_intercept_message *io = tvm_io(t);
	int ret = tvm_run(t, index);

	if (ret)
		return ret;
	if (t->message.header.message_type != HVMSG_X64_IO_PORT_INTERCEPT ||
	    io->port_number != HANDLER_PORT)
		return -EPROTO;
	ret = io->rax & 0xff;
	return tvm_skip(t, index) ?: ret;
}

/**
 * handlers_frame() - the stack of a handler that has just written to its port
 * @t: the machine
 * @index: the processor
 *
 * Only for vectors without an error code.
 *
 * Return: the frame that the processor has pushed.
 */
const struct handler_frame *handlers_frame(struct tvm *t, unsigned int index)
{
	static const struct handler_frame none;
	__u64 rsp;

	if (vmm_get_register(t->vp[index], index, HV_X64_REGISTER_RSP, &rsp) ||
	    rsp > t->size - PUSHED - sizeof(none))
		return &none;
	return (const void *)(t->memory + rsp + PUSHED);
}
