// SPDX-License-Identifier: GPL-2.0
/*
 * A first VMM: a guest of one processor in real mode that reads characters from a port,
 * writes each to it as a capital, and halts.  See Documentation/virt/hyperv/vmm.rst.
 */
#include <err.h>
#include <fcntl.h>
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_message.h>
#include <hyperv/hv_vp.h>
#include <linux/mshv.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

/* The guest's memory, with its program at address 0. */
static _Alignas(4096) unsigned char memory[0x10000] = {
	0xba, 0xf8, 0x03,	/*    mov dx, 0x3f8 */
	0xec,			/* 1: in al, dx */
	0x24, 0xdf,		/*    and al, 0xdf */
	0x74, 0x03,		/*    jz 2f */
	0xee,			/*    out dx, al */
	0xeb, 0xf8,		/*    jmp 1b */
	0xf4,			/* 2: hlt */
};

static void set_registers(int vp, const struct hv_register_assoc *regs, int count)
{
	const size_t head = sizeof(struct hv_input_set_vp_registers);
	char in[256] = { 0 };	/* vp_index is 0, and so is all else in the head */
	struct mshv_root_hvcall call = {
		.code = HVCALL_SET_VP_REGISTERS, .reps = count, .in_ptr = (__u64)in,
		.in_sz = head + count * sizeof(*regs),
	};

	memcpy(in + head, regs, count * sizeof(*regs));
	if (ioctl(vp, MSHV_ROOT_HVCALL, &call))
		err(1, "set registers (status %#x)", call.status);
}

/* Does what IN or OUT does, and moves RIP behind it. */
static void access_port(int vp, const struct hv_x64_io_port_intercept_message *m)
{
	static const char *text = "hello\n";
	const int length = m->header.instruction_length_cr8 & HV_X64_INTERCEPT_LENGTH_MASK;
	struct hv_register_assoc regs[] = {
		{ .name = HV_X64_REGISTER_RAX, .value.reg64 = m->rax },
		{ .name = HV_X64_REGISTER_RIP, .value.reg64 = m->header.rip + length },
	};

	if (m->header.intercept_access_type == HV_INTERCEPT_ACCESS_WRITE)
		putchar((int)m->rax & 0xff);
	else
		regs[0].value.reg8 = *text ? *text++ : 0;
	set_registers(vp, regs, 2);
}

int main(void)
{
	struct mshv_create_partition bare = { 0 };	/* no local APIC: HLT is told */
	struct mshv_create_vp vp_0 = { 0 };
	struct mshv_user_mem_region region = {
		.size = sizeof(memory), .userspace_addr = (__u64)memory,
		.flags = 1 << MSHV_SET_MEM_BIT_WRITABLE | 1 << MSHV_SET_MEM_BIT_EXECUTABLE,
	};
	const struct hv_register_assoc start[] = {
		{ .name = HV_X64_REGISTER_CS, .value.segment = { 0, 0xffff, 0, 0x9b } },
		{ .name = HV_X64_REGISTER_RIP, .value.reg64 = 0 },
	};
	struct mshv_run_vp run;
	const struct hv_message *message = (const void *)run.msg_buf;
	int dev = open("/dev/mshv", O_RDWR | O_CLOEXEC), vp;
	int part = ioctl(dev, MSHV_CREATE_PARTITION, &bare);

	if (part < 0 || ioctl(part, MSHV_INITIALIZE_PARTITION) ||
	    ioctl(part, MSHV_SET_GUEST_MEMORY, &region))
		err(1, "create a partition");
	vp = ioctl(part, MSHV_CREATE_VP, &vp_0);
	if (vp < 0)
		err(1, "create a processor");
	set_registers(vp, start, 2);
	while (!ioctl(vp, MSHV_RUN_VP, &run)) {
		if (message->header.message_type == HVMSG_X64_HALT)
			return 0;
		if (message->header.message_type != HVMSG_X64_IO_PORT_INTERCEPT)
			errx(1, "message %#x", message->header.message_type);
		access_port(vp, (const void *)message->u.bytes);
	}
	err(1, "run");
}
