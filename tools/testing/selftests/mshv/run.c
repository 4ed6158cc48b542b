// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_RUN_VP: tiny guests, and the messages of their exits.
 */
#include <hyperv/hv_intercept.h>

#include "harness.h"

#define REPEATS	20

FIXTURE(run) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(run)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_open(&self->t));
	close(self->t.dev);
	self->t.dev = -1;
}

FIXTURE_TEARDOWN(run)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

TEST_F(run, twenty_byte_guest)
{
	const struct hv_x64_io_port_intercept_message *io = tvm_io(&self->t);
	const struct hv_x64_intercept_message_header *h = tvm_header(&self->t);
	unsigned int i;

	ASSERT_OK(tvm_start(&self->t, guest_say_a, sizeof(guest_say_a)));
	for (i = 1; i <= 3; i++) {
		ASSERT_OK(tvm_run(&self->t, 0));
		ASSERT_EQ(HVMSG_X64_IO_PORT_INTERCEPT,
			  self->t.message.header.message_type);
		EXPECT_EQ(sizeof(*io), self->t.message.header.payload_size);
		EXPECT_EQ(0x3f8, io->port_number);
		EXPECT_EQ('a', io->rax & 0xff);
		EXPECT_EQ(i, io->rcx & 0xffff);
		EXPECT_EQ(1, io->access_info);
		EXPECT_EQ(0, h->vp_index);
		EXPECT_EQ(1, h->instruction_length_cr8 & 0xf);
		EXPECT_EQ(0, h->instruction_length_cr8 >> 4);
		EXPECT_EQ(HV_INTERCEPT_ACCESS_WRITE, h->intercept_access_type);
		EXPECT_EQ(0, h->execution_state &
			  (HV_X64_EXECUTION_CPL_MASK | HV_X64_EXECUTION_CR0_PE |
			   HV_X64_EXECUTION_EFER_LMA));
		EXPECT_EQ(0, h->cs_segment.selector);
		EXPECT_EQ(0, h->cs_segment.base);
		EXPECT_EQ(TVM_CODE + 8, h->rip);
		EXPECT_EQ(2, h->rflags & 2);
		ASSERT_OK(tvm_skip(&self->t, 0));
	}
}

/* An intercept is repeated if the instruction is not skipped. */
TEST_F(run, same_instruction_again)
{
	unsigned int i;

	ASSERT_OK(tvm_start(&self->t, guest_say_a, sizeof(guest_say_a)));
	for (i = 0; i < 3; i++) {
		ASSERT_OK(tvm_run(&self->t, 0));
		EXPECT_EQ(TVM_CODE + 8, tvm_header(&self->t)->rip);
		EXPECT_EQ(1, tvm_io(&self->t)->rcx & 0xffff);
	}
}

TEST_F(run, registers_live_on)
{
	__u64 value = 0, i;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	for (i = 0; i < 50; i++) {
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		ASSERT_EQ(i, value);
	}
}

TEST_F(run, port_widths)
{
	static const __u8 code[] = {
		0xba, 0x34, 0x12,		/* mov dx, 0x1234 */
		0x66, 0xb8, 0x78, 0x56, 0x34, 0x12, /* mov eax, 0x12345678 */
		0xee,				/* out dx, al */
		0xef,				/* out dx, ax */
		0x66, 0xef,			/* out dx, eax */
		0xe6, 0x80,			/* out 0x80, al */
		0xe7, 0x82,			/* out 0x82, ax */
		0x66, 0xe7, 0x84,		/* out 0x84, eax */
		HLT,
	};
	static const struct {
		__u16 port;
		__u8 size, length;
	} list[] = {
		{ 0x1234, 1, 1 }, { 0x1234, 2, 1 }, { 0x1234, 4, 2 },
		{ 0x80, 1, 2 }, { 0x82, 2, 2 }, { 0x84, 4, 3 },
	};
	const struct hv_x64_io_port_intercept_message *io = tvm_io(&self->t);
	unsigned int i;

	ASSERT_OK(tvm_start(&self->t, code, sizeof(code)));
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		ASSERT_OK(tvm_run(&self->t, 0));
		ASSERT_EQ(HVMSG_X64_IO_PORT_INTERCEPT,
			  self->t.message.header.message_type);
		EXPECT_EQ(list[i].port, io->port_number);
		EXPECT_EQ(list[i].size, io->access_info);
		EXPECT_EQ(list[i].length,
			  io->header.instruction_length_cr8 & 0xf);
		EXPECT_EQ(0x12345678, io->rax & 0xffffffff);
		ASSERT_OK(tvm_skip(&self->t, 0));
	}
}

/* What the VMM writes into RAX is what the guest has read. */
TEST_F(run, port_input)
{
	static const __u8 code[] = {
		0xba, 0x00, 0x05,	/* mov dx, 0x500 */
		0x66, 0x31, 0xc0,	/* xor eax, eax */
		IN_AL,
		0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
		0x04, 0x01,		/* add al, 1 */
		OUT_AL, HLT,
	};
	const struct hv_x64_io_port_intercept_message *io = tvm_io(&self->t);
	__u64 value = 0;

	ASSERT_OK(tvm_start(&self->t, code, sizeof(code)));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_EQ(HVMSG_X64_IO_PORT_INTERCEPT,
		  self->t.message.header.message_type);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_READ, io->header.intercept_access_type);
	EXPECT_EQ(0x500, io->port_number);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_RAX,
				   0x41));
	ASSERT_OK(tvm_skip(&self->t, 0));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x42, value);
}

TEST_F(run, string_output)
{
	static const __u8 code[] = {
		0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
		0xbe, 0x00, 0x20,	/* mov si, 0x2000 */
		0xb9, 0x05, 0x00,	/* mov cx, 5 */
		0xfc,			/* cld */
		0xf3, 0x6e,		/* rep outsb */
		HLT,
	};
	const struct hv_x64_io_port_intercept_message *io = tvm_io(&self->t);

	ASSERT_OK(tvm_start(&self->t, code, sizeof(code)));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_EQ(HVMSG_X64_IO_PORT_INTERCEPT,
		  self->t.message.header.message_type);
	EXPECT_EQ(1 | HV_IO_PORT_ACCESS_STRING | HV_IO_PORT_ACCESS_REP,
		  io->access_info);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_WRITE, io->header.intercept_access_type);
	EXPECT_EQ(5, io->rcx & 0xffff);
	EXPECT_EQ(0x2000, io->rsi & 0xffff);
	EXPECT_EQ(0, io->ds_segment.base);
	EXPECT_EQ(TVM_CODE + 10, io->header.rip);
}

TEST_F(run, string_input)
{
	static const __u8 code[] = {
		0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
		0xb8, 0x00, 0x01,	/* mov ax, 0x100 */
		0x8e, 0xc0,		/* mov es, ax */
		0xbf, 0x00, 0x20,	/* mov di, 0x2000 */
		0x6d,			/* insw */
		HLT,
	};
	const struct hv_x64_io_port_intercept_message *io = tvm_io(&self->t);

	ASSERT_OK(tvm_start(&self->t, code, sizeof(code)));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_EQ(HVMSG_X64_IO_PORT_INTERCEPT,
		  self->t.message.header.message_type);
	EXPECT_EQ(2 | HV_IO_PORT_ACCESS_STRING, io->access_info);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_READ, io->header.intercept_access_type);
	EXPECT_EQ(0x2000, io->rdi & 0xffff);
	EXPECT_EQ(0x1000, io->es_segment.base);
	EXPECT_EQ(0x100, io->es_segment.selector);
}

TEST_F(run, long_mode)
{
	static const __u8 code[] = {
		0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, /* mov rax, ... */
		0x49, 0x89, 0xc7,		/* mov r15, rax */
		0xba, 0xf8, 0x03, 0x00, 0x00,	/* mov edx, 0x3f8 */
		0xef, HLT,			/* out dx, eax */
	};
	const struct hv_x64_intercept_message_header *h = tvm_header(&self->t);
	__u64 value = 0;

	ASSERT_OK(tvm_start_long(&self->t, code, sizeof(code)));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_EQ(HVMSG_X64_IO_PORT_INTERCEPT,
		  self->t.message.header.message_type);
	EXPECT_EQ(0x0807060504030201ULL, tvm_io(&self->t)->rax);
	EXPECT_EQ(HV_X64_EXECUTION_CR0_PE | HV_X64_EXECUTION_EFER_LMA,
		  h->execution_state &
		  (HV_X64_EXECUTION_CPL_MASK | HV_X64_EXECUTION_CR0_PE |
		   HV_X64_EXECUTION_EFER_LMA));
	EXPECT_EQ(0x10, h->cs_segment.selector);
	EXPECT_EQ(HV_X64_SEGMENT_LONG,
		  h->cs_segment.attributes & HV_X64_SEGMENT_LONG);
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_R15,
				   &value));
	EXPECT_EQ(0x0807060504030201ULL, value);
}

/* An access through page tables: virtual and physical address differ. */
TEST_F(run, mmio_through_page_tables)
{
	static const __u8 code[] = {
		0x48, 0xbb, 0, 0, 0, 0x40, 0, 0, 0, 0, /* mov rbx, 1 GiB */
		0xc7, 0x43, 0x10, 0x44, 0x33, 0x22, 0x11, /* mov dword [rbx+16] */
		HLT,
	};
	const struct hv_x64_memory_intercept_message *m = tvm_mem(&self->t);
	__u64 *pdpt;

	ASSERT_OK(tvm_start_long(&self->t, code, sizeof(code)));
	/* The second GiB is mapped to 3 GiB, with one page. */
	pdpt = (__u64 *)(self->t.memory + TVM_TABLES + VMM_PAGE);
	pdpt[1] = 0xc0000000ULL | 0x83;
	ASSERT_OK(tvm_run(&self->t, 0));
	EXPECT_TRUE(tvm_is_mem(&self->t));
	EXPECT_EQ(0xc0000010, m->guest_physical_address);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_WRITE, m->header.intercept_access_type);
	EXPECT_EQ(TVM_CODE + 10, m->header.rip);
	if (m->memory_access_info & HV_MEMORY_ACCESS_GVA_VALID)
		EXPECT_EQ(0x40000010, m->guest_virtual_address);
}

#define HOLE		0x10000000	/* beyond the machine's memory, in its tables */
#define BELOW		0x9000		/* memory */
#define UPPER		0x100000000ULL

/* Which operand of a string instruction was meant, in 64-bit code. */
TEST_F(run, mmio_of_strings)
{
	static const struct {
		__u8 code[2];
		__u64 rsi, rdi, gpa;
		__u64 gva;		/* 0 if it is not told */
		__u8 access;
	} rows[] = {
		{ { 0xac }, HOLE + 5, UPPER, HOLE + 5, HOLE + 5, HV_INTERCEPT_ACCESS_READ },
		{ { 0xa4 }, HOLE + 6, BELOW, HOLE + 6, HOLE + 6, HV_INTERCEPT_ACCESS_READ },
		{ { 0xa4 }, BELOW, HOLE + 7, HOLE + 7, HOLE + 7, HV_INTERCEPT_ACCESS_WRITE },
		{ { 0xaa }, UPPER, HOLE + 8, HOLE + 8, HOLE + 8, HV_INTERCEPT_ACCESS_WRITE },
		{ { 0xae }, UPPER, HOLE + 9, HOLE + 9, HOLE + 9, HV_INTERCEPT_ACCESS_READ },
		/* With addresses of 32 bits. */
		{ { 0x67, 0xac }, UPPER | (HOLE + 5), 0, HOLE + 5, HOLE + 5,
		  HV_INTERCEPT_ACCESS_READ },
		/* The second half of a word is not there. */
		{ { 0x66, 0xad }, TVM_MEMORY - 1, 0, TVM_MEMORY, 0, HV_INTERCEPT_ACCESS_READ },
	};
	const struct hv_x64_memory_intercept_message *m = tvm_mem(&self->t);
	unsigned int i;

	ASSERT_OK(tvm_start_long(&self->t, guest_halt, sizeof(guest_halt)));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct hv_register_assoc regs[] = {
			vmm_value(HV_X64_REGISTER_RIP, TVM_CODE),
			vmm_value(HV_X64_REGISTER_RSI, rows[i].rsi),
			vmm_value(HV_X64_REGISTER_RDI, rows[i].rdi),
		};

		memcpy(self->t.memory + TVM_CODE, rows[i].code, sizeof(rows[i].code));
		ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(regs)));
		ASSERT_OK(tvm_run(&self->t, 0));
		EXPECT_EQ(HVMSG_UNMAPPED_GPA, self->t.message.header.message_type);
		EXPECT_EQ(rows[i].gpa, m->guest_physical_address);
		EXPECT_EQ(rows[i].access, m->header.intercept_access_type);
		EXPECT_EQ(rows[i].gva ? HV_MEMORY_ACCESS_GVA_VALID : 0,
			  m->memory_access_info & HV_MEMORY_ACCESS_GVA_VALID);
		EXPECT_EQ(rows[i].gva, m->guest_virtual_address) {
			TH_LOG("row %u", i);
		}
	}
}

/* In 16-bit code half of a register is the address. */
TEST_F(run, mmio_of_short_strings)
{
	static const __u8 code[] = {
		0xb8, 0x00, TVM_HOLE >> 12, 0x8e, 0xd8,	/* mov ds, hole */
		0xac,				/* lodsb */
	};

	ASSERT_OK(tvm_start_with_hole(&self->t, code, sizeof(code)));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_RSI, 0xabcd0123));
	ASSERT_OK(tvm_run(&self->t, 0));
	EXPECT_EQ(HVMSG_UNMAPPED_GPA, self->t.message.header.message_type);
	EXPECT_EQ(TVM_HOLE + 0x123, tvm_mem(&self->t)->guest_physical_address);
	EXPECT_EQ(TVM_HOLE + 0x123, tvm_mem(&self->t)->guest_virtual_address);
}

/* As many bytes of an instruction as there are: its page is the last one. */
TEST_F(run, bytes_at_the_end)
{
	static const __u8 code[] = { 0x90, 0x6e };	/* nop; outsb */
	static const __u64 ends[] = { 0x9000, TVM_MEMORY };
	const struct hv_x64_io_port_intercept_message *io = tvm_io(&self->t);
	__u64 *tables, i;

	ASSERT_OK(tvm_start_long(&self->t, guest_halt, sizeof(guest_halt)));
	/* The first two MiB in small pages, without what comes after the first end. */
	tables = (__u64 *)(self->t.memory + TVM_TABLES);
	for (i = 0; i < 512; i++)
		tables[3 * 512 + i] = i == ends[0] / VMM_PAGE ? 0 : i * VMM_PAGE | 7;
	tables[2 * 512] = (TVM_TABLES + 3 * VMM_PAGE) | 7;
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		const struct hv_register_assoc regs[] = {
			vmm_value(HV_X64_REGISTER_RIP, ends[i] - sizeof(code)),
			vmm_value(HV_X64_REGISTER_RDX, PROBE_PORT),
		};

		memcpy(self->t.memory + ends[i] - sizeof(code), code, sizeof(code));
		ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(regs)));
		ASSERT_OK(tvm_run(&self->t, 0));
		ASSERT_EQ(HVMSG_X64_IO_PORT_INTERCEPT, self->t.message.header.message_type);
		EXPECT_EQ(ends[i] - 1, io->header.rip);
		EXPECT_EQ(1, io->instruction_byte_count);
		EXPECT_EQ(code[1], io->instruction_bytes[0]);
	}
}

TEST_F(run, xmm_and_fpu_live_on)
{
	static const __u8 code[] = {
		0x66, 0x0f, 0x76, 0xc0,		/* pcmpeqd xmm0, xmm0 */
		0xd9, 0xe8,			/* fld1 */
		0xba, 0xf8, 0x03, OUT_AL,
		0x66, 0x0f, 0x7e, 0xc0,		/* movd eax, xmm0 */
		0x66, 0xef,			/* out dx, eax */
		0xd9, 0x1e, 0x00, 0x20,		/* fstp dword [0x2000] */
		0x66, 0xa1, 0x00, 0x20,		/* mov eax, [0x2000] */
		0x66, 0xef,			/* out dx, eax */
		HLT,
	};
	double ours = 3.5;
	__u64 value;

	ASSERT_OK(tvm_start(&self->t, code, sizeof(code)));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_CR4,
				   0x600));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	/* Floating point work of this process in between. */
	asm volatile("pxor %%xmm0, %%xmm0; fldpi; fstp %%st(0)" ::: "xmm0");
	ours *= count_open_fds();
	EXPECT_LT(0, ours);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0xffffffff, value);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x3f800000, value);
}

/* No IDT in long mode: the first fault is a triple fault. */
TEST_F(run, triple_fault)
{
	static const __u8 code[] = { 0x0f, 0x0b };	/* ud2 */

	ASSERT_OK(tvm_start_long(&self->t, code, sizeof(code)));
	ASSERT_OK(tvm_run(&self->t, 0));
	EXPECT_EQ(HVMSG_UNRECOVERABLE_EXCEPTION,
		  self->t.message.header.message_type);
	EXPECT_EQ(0, tvm_header(&self->t)->vp_index);
}

static void on_signal(int signal)
{
	(void)signal;
}

/* Another process, which sends a signal to this one when it sleeps in RUN_VP. */
static pid_t signal_later(int signal)
{
	pid_t runner = getpid(), pid = fork();
	bool sleeps;

	if (pid)
		return pid;
	sleeps = wait_until(stands_in_run(runner));
	_exit(kill(runner, signal) || !sleeps);
}

/* A VP after a triple fault sleeps until it is written to; signals still end the run. */
TEST_F(run, after_a_triple_fault)
{
	static const __u8 code[] = { 0x0f, 0x0b };
	struct sigaction action = { .sa_handler = on_signal };
	int status = -1;
	__u64 value = 1;
	pid_t pid;

	sigaction(SIGUSR1, &action, NULL);
	ASSERT_OK(tvm_start_long(&self->t, code, sizeof(code)));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_EQ(HVMSG_UNRECOVERABLE_EXCEPTION,
		  self->t.message.header.message_type);
	pid = signal_later(SIGUSR1);
	EXPECT_EQ(-EINTR, tvm_run(&self->t, 0));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	memcpy(self->t.memory + TVM_CODE, (const __u8[]){
	       0xba, 0xf8, 0x03, 0, 0, 0x31, 0xc0, 0xef, HLT }, 9);
	ASSERT_OK(tvm_long_mode(&self->t, 0, TVM_CODE));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0, value);
}

TEST_F(run, bad_pointer)
{
	__u64 value = 1;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	EXPECT_EQ(-1, ioctl(self->t.vp[0], MSHV_RUN_VP, NULL));
	EXPECT_EQ(EFAULT, errno);
	/* The processor is not affected. */
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0, value);
}

/*
 * The VMM can write to the message.  If the access in it is none that memory could
 * permit, it is for the VMM, although there is memory by then.
 */
TEST_F(run, unknown_access)
{
	struct hv_x64_intercept_message_header *h;
	struct hv_message *page;
	__u64 value;

	ASSERT_OK(tvm_start_with_hole(&self->t, guest_read_hole, sizeof(guest_read_hole)));
	page = vmm_map_page(self->t.vp[0], MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE);
	ASSERT_NE(NULL, page);
	h = (void *)page->u.bytes;
	/* It has stopped at the hole, but has not said so. */
	EXPECT_EQ(-1, ioctl(self->t.vp[0], MSHV_RUN_VP, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_READ, h->intercept_access_type);
	self->t.memory[TVM_HOLE] = 0x47;
	ASSERT_OK(vmm_map(self->t.part, TVM_HOLE, VMM_PAGE, self->t.memory + TVM_HOLE,
			  MEM_RWX));
	h->intercept_access_type = 3;
	ASSERT_OK(tvm_run(&self->t, 0));
	EXPECT_TRUE(tvm_is_mem(&self->t));
	EXPECT_EQ(3, tvm_header(&self->t)->intercept_access_type);
	/* The guest repeats its access, which is one after all. */
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x47, value);
	munmap(page, VMM_PAGE);
}

/* An access that could not be reported is looked at again, however often. */
TEST_F(run, access_that_is_repeated)
{
	struct tvm *t = &self->t;
	__u64 value = 1;
	unsigned int n;

	ASSERT_OK(tvm_start_with_hole(t, guest_read_hole, sizeof(guest_read_hole)));
	for (n = 0; n < REPEATS; n++) {
		EXPECT_EQ(-1, ioctl(t->vp[0], MSHV_RUN_VP, NULL));
		EXPECT_EQ(EFAULT, errno);
	}
	ASSERT_OK(vmm_map(t->part, TVM_HOLE, VMM_PAGE, t->memory + TVM_HOLE, MEM_RWX));
	t->memory[TVM_HOLE] = 0x5a;
	ASSERT_OK(tvm_next_out(t, 0, &value));
	EXPECT_EQ(0x5a, value);
}

TEST_F(run, without_memory)
{
	ASSERT_OK(tvm_partition(&self->t));
	ASSERT_OK(tvm_vp(&self->t, 0));
	ASSERT_OK(tvm_run(&self->t, 0));
	EXPECT_TRUE(tvm_is_mem(&self->t));
	EXPECT_EQ(0xfffffff0, tvm_mem(&self->t)->guest_physical_address);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_EXECUTE,
		  tvm_header(&self->t)->intercept_access_type);
}

TEST_HARNESS_MAIN
