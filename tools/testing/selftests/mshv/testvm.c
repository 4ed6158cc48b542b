// SPDX-License-Identifier: GPL-2.0
/*
 * The tests' small virtual machine: see testvm.h.
 *
 * Functions return a negative errno on failure, as the library does.
 */
#include "testvm.h"

const __u8 guest_say_a[20] = {
	0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
	0xb0, 'a',		/* mov al, 'a' */
	0x31, 0xc9,		/* xor cx, cx */
	0x41,			/* inc cx */
	OUT_AL,			/* out dx, al */
	0x89, 0xc8,		/* mov ax, cx */
	0x89, 0xc1,		/* mov cx, ax */
	0xb0, 'a',		/* mov al, 'a' */
	0xeb, 0xf6,		/* jmp to "inc cx" */
	HLT, HLT, HLT,
};

const __u8 guest_count[11] = {
	0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
	0x66, 0x31, 0xc0,	/* xor eax, eax */
	0x66, 0xef,		/* out dx, eax */
	0x40,			/* inc ax */
	0xeb, 0xfb,		/* jmp to "out" */
};

const __u8 guest_spin[2] = { 0xeb, 0xfe };
const __u8 guest_halt[4] = { 0xfa, HLT, 0xeb, 0xfd };

const __u8 guest_read_hole[13] = {
	0xb8, TVM_HOLE >> 4 & 0xff, TVM_HOLE >> 12, 0x8e, 0xd8,	/* mov ds, hole */
	0xa0, 0x00, 0x00,	/* mov al, [0] */
	0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
	OUT_AL, HLT,		/* out dx, al */
};

/**
 * tvm_open() - open the device only
 * @t: the machine
 *
 * Return: 0 or -errno.
 */
int tvm_open(struct tvm *t)
{
	unsigned int i;

	memset(t, 0, sizeof(*t));
	t->part = -1;
	for (i = 0; i < TVM_MAX_VPS; i++)
		t->vp[i] = -1;
	t->dev = vmm_open(VMM_DEVICE);
	return t->dev < 0 ? t->dev : 0;
}

/**
 * tvm_create() - create a machine with a partition that is not initialized
 * @t: the machine
 * @flags: bits of MSHV_PT_BIT_*
 *
 * Return: 0 or -errno.
 */
int tvm_create(struct tvm *t, __u64 flags)
{
	int ret = tvm_open(t);

	if (ret)
		return ret;
	t->part = vmm_create_v1(t->dev, flags);
	return t->part < 0 ? t->part : 0;
}

/**
 * tvm_partition() - create a machine with an active partition
 * @t: the machine
 *
 * Return: 0 or -errno.
 */
int tvm_partition(struct tvm *t)
{
	int ret = tvm_create(t, TVM_FLAGS);

	if (ret)
		return ret;
	ret = vmm_set_property(t->part,
			       HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
			       VMM_SYNTHETIC_FEATURES);
	return ret ? ret : vmm_initialize(t->part);
}

/**
 * tvm_memory() - allocate and map the machine's memory
 * @t: the machine
 *
 * Return: 0 or -errno.
 */
int tvm_memory(struct tvm *t)
{
	t->size = TVM_MEMORY;
	t->memory = mmap(NULL, t->size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t->memory == MAP_FAILED) {
		t->memory = NULL;
		return vmm_fail(errno, "guest memory: %s", strerror(errno));
	}
	return vmm_map(t->part, 0, t->size, t->memory, MEM_RWX);
}

/**
 * tvm_vp() - add a processor
 * @t: the machine
 * @index: its index
 *
 * Return: its descriptor or -errno.
 */
int tvm_vp(struct tvm *t, unsigned int index)
{
	t->vp[index] = vmm_create_vp(t->part, index);
	return t->vp[index];
}

/**
 * tvm_real_mode() - start a processor in real mode, below 64 KiB
 * @t: the machine
 * @index: its index
 * @entry: address
 *
 * Return: 0 or -errno.
 */
int tvm_real_mode(struct tvm *t, unsigned int index, __u64 entry)
{
	const struct hv_register_assoc regs[] = {
		vmm_segment(HV_X64_REGISTER_CS, 0, 0, 0xffff, 0x9b),
		vmm_segment(HV_X64_REGISTER_DS, 0, 0, 0xffff, 0x93),
		vmm_segment(HV_X64_REGISTER_ES, 0, 0, 0xffff, 0x93),
		vmm_segment(HV_X64_REGISTER_SS, 0, 0, 0xffff, 0x93),
		vmm_value(HV_X64_REGISTER_RIP, entry),
		vmm_value(HV_X64_REGISTER_RSP, TVM_STACK),
		vmm_value(HV_X64_REGISTER_RFLAGS, 2),
	};

	return vmm_set_registers(t->vp[index], index, regs,
				 ARRAY_SIZE(regs));
}

/* The first GiB one to one, in large pages. */
static void tvm_tables(struct tvm *t)
{
	__u64 *pml4 = (__u64 *)(t->memory + TVM_TABLES);
	__u64 *pdpt = pml4 + 512, *pd = pdpt + 512;
	__u64 i;

	pml4[0] = (TVM_TABLES + VMM_PAGE) | 7;
	pdpt[0] = (TVM_TABLES + 2 * VMM_PAGE) | 7;
	for (i = 0; i < 512; i++)
		pd[i] = i << 21 | 0x87;
}

/**
 * tvm_long_mode() - start a processor in 64-bit mode without an IDT
 * @t: the machine
 * @index: its index
 * @entry: address
 *
 * Return: 0 or -errno.
 */
int tvm_long_mode(struct tvm *t, unsigned int index, __u64 entry)
{
	const struct hv_register_assoc regs[] = {
		vmm_segment(HV_X64_REGISTER_CS, 0x10, 0, 0xffffffff, 0xa09b),
		vmm_segment(HV_X64_REGISTER_DS, 0x18, 0, 0xffffffff, 0xc093),
		vmm_segment(HV_X64_REGISTER_ES, 0x18, 0, 0xffffffff, 0xc093),
		vmm_segment(HV_X64_REGISTER_SS, 0x18, 0, 0xffffffff, 0xc093),
		vmm_segment(HV_X64_REGISTER_TR, 0x20, 0, 0x67, 0x8b),
		vmm_table(HV_X64_REGISTER_IDTR, 0, 0),
		vmm_value(HV_X64_REGISTER_CR0, 0x80000031),
		vmm_value(HV_X64_REGISTER_CR3, TVM_TABLES),
		vmm_value(HV_X64_REGISTER_CR4, 0x20),
		vmm_value(HV_X64_REGISTER_EFER, 0x500),
		vmm_value(HV_X64_REGISTER_RIP, entry),
		vmm_value(HV_X64_REGISTER_RSP, TVM_STACK),
		vmm_value(HV_X64_REGISTER_RFLAGS, 2),
	};

	tvm_tables(t);
	return vmm_set_registers(t->vp[index], index, regs,
				 ARRAY_SIZE(regs));
}

static int tvm_prepare(struct tvm *t, const void *code, size_t size)
{
	int ret = tvm_partition(t);

	if (!ret)
		ret = tvm_memory(t);
	if (ret)
		return ret;
	memcpy(t->memory + TVM_CODE, code, size);
	ret = tvm_vp(t, 0);
	return ret < 0 ? ret : 0;
}

/**
 * tvm_start() - a complete machine whose VP 0 starts with real-mode code
 * @t: the machine
 * @code: the code
 * @size: its size
 *
 * Return: 0 or -errno; tvm_close() either way.
 */
int tvm_start(struct tvm *t, const void *code, size_t size)
{
	int ret = tvm_prepare(t, code, size);

	return ret ? ret : tvm_real_mode(t, 0, TVM_CODE);
}

/**
 * tvm_start_long() - a complete machine whose VP 0 starts with 64-bit code
 * @t: the machine
 * @code: the code
 * @size: its size
 *
 * Return: 0 or -errno; tvm_close() either way.
 */
int tvm_start_long(struct tvm *t, const void *code, size_t size)
{
	int ret = tvm_prepare(t, code, size);

	return ret ? ret : tvm_long_mode(t, 0, TVM_CODE);
}

/**
 * tvm_start_with_hole() - like tvm_start(), with memory up to 64 KiB only
 * @t: the machine
 * @code: the code
 * @size: its size
 *
 * Beyond, nothing is mapped, unless a test does it.
 *
 * Return: 0 or -errno; tvm_close() either way.
 */
int tvm_start_with_hole(struct tvm *t, const void *code, size_t size)
{
	int ret = t->part < 0 ? tvm_partition(t) : 0;

	if (ret)
		return ret;
	t->size = TVM_MEMORY;
	t->memory = mmap(NULL, t->size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t->memory == MAP_FAILED) {
		t->memory = NULL;
		return vmm_fail(errno, "guest memory: %s", strerror(errno));
	}
	ret = vmm_map(t->part, 0, 0x10000, t->memory, MEM_RWX);
	if (ret)
		return ret;
	memcpy(t->memory + TVM_CODE, code, size);
	ret = tvm_vp(t, 0);
	return ret < 0 ? ret : tvm_real_mode(t, 0, TVM_CODE);
}

/**
 * tvm_handle_by() - let a guest in real mode handle a vector
 * @t: the machine
 * @vector: the vector
 * @code: the handler; there is one for all vectors
 * @size: its size
 */
void tvm_handle_by(struct tvm *t, __u8 vector, const void *code, size_t size)
{
	const __u32 entry = TVM_HANDLER;

	memcpy(t->memory + TVM_HANDLER, code, size);
	memcpy(t->memory + vector * sizeof(entry), &entry, sizeof(entry));
}

/**
 * tvm_handle() - the same, by a handler that writes 2 to PROBE_PORT
 * @t: the machine
 * @vector: the vector
 */
void tvm_handle(struct tvm *t, __u8 vector)
{
	static const __u8 code[] = {
		0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
		0xb0, 0x02, OUT_AL, 0xcf,	/* mov al, 2; out; iret */
	};

	tvm_handle_by(t, vector, code, sizeof(code));
}

/**
 * tvm_wake() - send INIT and SIPI to another processor
 * @t: the machine
 * @index: its index, which is its APIC id
 * @entry: where it starts, a page below 1 MiB
 *
 * Return: 0 or -errno.
 */
int tvm_wake(struct tvm *t, unsigned int index, __u64 entry)
{
	int ret;

	ret = vmm_assert(t->part, HV_X64_INTERRUPT_TYPE_INIT, false, false,
			 index, 0);
	if (ret)
		return ret;
	return vmm_assert(t->part, HV_X64_INTERRUPT_TYPE_SIPI, false, false,
			  index, entry / VMM_PAGE);
}

/**
 * tvm_root_scheduler() - is this the root scheduler?
 * @t: the machine
 *
 * Return: true under the root scheduler.
 */
bool tvm_root_scheduler(const struct tvm *t)
{
	int type = ioctl(t->dev, MSHV_CHECK_EXTENSION, &(__u32){ MSHV_EXTENSION_SCHEDULER });

	/* Other drivers only tell the log. */
	return type < 0 ? kernel_says("Hypervisor using root scheduler") :
			  type == MSHV_SCHEDULER_ROOT;
}

/**
 * tvm_run() - run a processor until its next message
 * @t: the machine
 * @index: its index
 *
 * Return: 0 or -errno.
 */
int tvm_run(struct tvm *t, unsigned int index)
{
	return vmm_run(t->vp[index], &t->message);
}

/**
 * tvm_skip() - step over the port access that stopped a processor
 * @t: the machine
 * @index: its index
 *
 * Return: 0 or -errno.
 */
int tvm_skip(struct tvm *t, unsigned int index)
{
	const struct hv_x64_intercept_message_header *h = tvm_header(t);
	unsigned int length = h->instruction_length_cr8 &
			      HV_X64_INTERCEPT_LENGTH_MASK;

	if (!length)
		return vmm_fail(EPROTO, "a port message without the instruction's length");
	return vmm_set_register(t->vp[index], index, HV_X64_REGISTER_RIP,
				h->rip + length);
}

/**
 * tvm_next_out() - run to the next write to the probe port and step over it
 * @t: the machine
 * @index: which processor
 * @value: what was written
 *
 * Return: 0, or -errno: -EINTR after a signal, -EPROTO for another message.
 */
int tvm_next_out(struct tvm *t, unsigned int index, __u64 *value)
{
	const struct hv_x64_io_port_intercept_message *io = tvm_io(t);
	char text[512];
	__u8 size;
	int ret;

	ret = tvm_run(t, index);
	if (ret)
		return ret;
	if (t->message.header.message_type != HVMSG_X64_IO_PORT_INTERCEPT ||
	    io->port_number != PROBE_PORT ||
	    io->header.intercept_access_type != HV_INTERCEPT_ACCESS_WRITE) {
		vmm_describe(&t->message, text, sizeof(text));
		return vmm_fail(EPROTO, "not a write to the probe port: %s",
				text);
	}
	size = io->access_info & HV_IO_PORT_ACCESS_SIZE_MASK;
	*value = io->rax & ((1ULL << (8 * size)) - 1);
	return tvm_skip(t, index);
}

/**
 * tvm_close() - close all that is open
 * @t: the machine
 */
void tvm_close(struct tvm *t)
{
	unsigned int i;

	for (i = 0; i < TVM_MAX_VPS; i++)
		if (t->vp[i] >= 0)
			close(t->vp[i]);
	if (t->part >= 0)
		close(t->part);
	if (t->dev >= 0)
		close(t->dev);
	if (t->memory)
		munmap(t->memory, t->size);
	memset(t, 0xff, sizeof(*t));
	t->memory = NULL;
}

/**
 * tvm_life() - a machine is made, runs once, and is closed
 *
 * Return: 0 or -errno of the first that failed.
 */
int tvm_life(void)
{
	struct tvm t;
	__u64 value;
	int ret;

	ret = tvm_start(&t, guest_count, sizeof(guest_count));
	if (!ret)
		ret = tvm_next_out(&t, 0, &value);
	tvm_close(&t);
	return ret;
}
