// SPDX-License-Identifier: GPL-2.0
/*
 * The guest of probe.h, and the module's switch between pinned and movable memory.
 *
 * Functions return a negative errno on failure, as the library does.
 */
#include <stdio.h>

#include "probe.h"

#define PIN_MEMORY	"/sys/module/mshv/parameters/pin_memory"

#define CODE_READ	0
#define CODE_WRITE	16
#define CODE_CALL	32

static const __u8 guest_probe[48] = {
	[CODE_READ] = 0x8a, 0x03,	/* mov al, [rbx] */
	OUT_AL, HLT,
	[CODE_WRITE] = 0x88, 0x0b,	/* mov [rbx], cl */
	OUT_AL, HLT,
	[CODE_CALL] = 0xff, 0xd3,	/* call rbx */
	OUT_AL, HLT,
};

/**
 * probe_start() - a complete machine for probes
 * @t: the machine
 *
 * Return: 0 or -errno; tvm_close() either way.
 */
int probe_start(struct tvm *t)
{
	return tvm_start_long(t, guest_probe, sizeof(guest_probe));
}

static int probe(struct tvm *t, unsigned int index, unsigned int code,
		 __u64 gpa, __u8 value)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RIP, TVM_CODE + code),
		vmm_value(HV_X64_REGISTER_RSP, TVM_STACK),
		vmm_value(HV_X64_REGISTER_RAX, 0),
		vmm_value(HV_X64_REGISTER_RBX, gpa),
		vmm_value(HV_X64_REGISTER_RCX, value),
		vmm_value(HV_X64_REGISTER_RDX, PROBE_PORT),
	};
	int ret;

	ret = vmm_set_registers(t->vp[index], index, regs, ARRAY_SIZE(regs));
	if (!ret)
		ret = tvm_run(t, index);
	if (ret)
		return ret;
	switch (t->message.header.message_type) {
	case HVMSG_X64_IO_PORT_INTERCEPT:
		return 0;
	case HVMSG_UNMAPPED_GPA:
	case HVMSG_GPA_INTERCEPT:
		return PROBE_REFUSED;
	}
	return vmm_fail(EPROTO, "message %#x",
			t->message.header.message_type);
}

/**
 * probe_read() - make the guest read a byte
 * @t: the machine
 * @index: the processor
 * @gpa: address below 1 GiB
 * @value: result
 *
 * Return: 0, PROBE_REFUSED or -errno.
 */
int probe_read(struct tvm *t, unsigned int index, __u64 gpa, __u8 *value)
{
	int ret = probe(t, index, CODE_READ, gpa, 0);

	if (!ret)
		*value = tvm_io(t)->rax;
	return ret;
}

/**
 * probe_write() - make the guest write a byte
 * @t: the machine
 * @index: the processor
 * @gpa: address below 1 GiB
 * @value: the byte
 *
 * Return: 0, PROBE_REFUSED or -errno.
 */
int probe_write(struct tvm *t, unsigned int index, __u64 gpa, __u8 value)
{
	return probe(t, index, CODE_WRITE, gpa, value);
}

/**
 * probe_call() - make the guest call a function
 * @t: the machine
 * @index: the processor
 * @gpa: address below 1 GiB, of a RET
 *
 * Return: 0, PROBE_REFUSED or -errno.
 */
int probe_call(struct tvm *t, unsigned int index, __u64 gpa)
{
	return probe(t, index, CODE_CALL, gpa, 0);
}

/**
 * pin_memory() - choose the type of new regions
 * @on: pinned; otherwise movable
 *
 * Return: the previous setting, or -errno if there is no such parameter.
 */
int pin_memory(bool on)
{
	int fd = open(PIN_MEMORY, O_RDWR | O_CLOEXEC);
	char old = 0;
	int ret;

	/* A driver that cannot pin memory has movable memory. */
	if (fd < 0)
		return on || own_driver() ? -errno : 0;
	if (read(fd, &old, 1) != 1 || write(fd, on ? "Y" : "N", 1) != 1)
		ret = -errno;
	else
		ret = old == 'Y';
	close(fd);
	return ret;
}

/**
 * probe_area() - allocate memory that is aligned to 2 MiB
 * @size: size; freed with the process, or piece by piece
 *
 * Return: the memory or NULL.
 */
__u8 *probe_area(__u64 size)
{
	__u8 *area, *start;

	area = mmap(NULL, size + BLOCK, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (area == MAP_FAILED)
		return NULL;
	start = (__u8 *)(((unsigned long)area + BLOCK - 1) & ~(BLOCK - 1));
	if (start > area)
		munmap(area, start - area);
	munmap(start + size, area + BLOCK - start);
	return start;
}

/**
 * probe_frame() - page frame number of an address
 * @address: an address of this process
 *
 * Return: the number, 0 if no page is present.
 */
__u64 probe_frame(const __u8 *address)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	__u64 entry = 0;

	if (pread(fd, &entry, sizeof(entry),
		  (unsigned long)address / VMM_PAGE * 8) != sizeof(entry))
		entry = 0;
	close(fd);
	return entry >> 63 ? entry & ((1ULL << 55) - 1) : 0;
}
