// SPDX-License-Identifier: GPL-2.0
/*
 * Exceptions and NMIs between a guest and its VMM: what the VMM sends, what it wants to
 * know, and what the guest must not notice of that.
 */
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_register.h>

#include "handlers.h"
#include "harness.h"

#define VECTOR_DB	1
#define VECTOR_NMI	2
#define VECTOR_BP	3
#define VECTOR_UD	6
#define VECTOR_GP	13
#define VECTOR_PF	14
#define HANDLER_OF(vector) (HANDLER_CODE + (vector) * HANDLER_STEP)
#define PAST_OUT	6	/* of a handler: its IRETQ */
#define IST1		0x24	/* in a task's state, which lies at 0 */
#define TSS_SEGMENTS	0x48	/* likewise, of a 32-bit task */
#define SPARE_STACK	0x6000
#define NO_PAGE		0x80000000
#define RFLAGS_TF	0x100
#define RFLAGS_NT	0x4000
#define DR6_BD		0x2000
#define DR7_GD		0x2000
#define DR7_DATA	0x90001	/* on writes of eight bytes */
#define VMM_PORT	0x71	/* of "in", which the VMM executes */
#define ADDRESS		0x123456789000

FIXTURE(events) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(events)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start_long(&self->t, guest_spin, sizeof(guest_spin)));
}

FIXTURE_TEARDOWN(events)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int begin(struct tvm *t, const __u8 *code, size_t size, __u64 rflags)
{
	int ret = handlers_make(t, 0);

	memcpy(t->memory + TVM_CODE, code, size);
	ret = ret ?: vmm_set_register(t->vp[0], 0, HV_X64_REGISTER_DR6, 0xffff0ff0);
	return ret ?: vmm_set_register(t->vp[0], 0, HV_X64_REGISTER_RFLAGS, rflags);
}

static __u64 get(struct tvm *t, __u32 name)
{
	__u64 value;

	return vmm_get_register(t->vp[0], 0, name, &value) ? ~0ULL : value;
}

static int set(struct tvm *t, __u32 name, __u64 value)
{
	return vmm_set_register(t->vp[0], 0, name, value);
}

static int nmi(struct tvm *t)
{
	return vmm_assert(t->part, HV_X64_INTERRUPT_TYPE_NMI, false, false, 0, 0);
}

/* The frame of a handler with an error code. */
static const struct handler_frame *frame_with_error(struct tvm *t)
{
	return (const void *)((const __u64 *)handlers_frame(t, 0) + 1);
}

/* The VMM is told of this exception at this address. */
#define EXPECT_EXCEPTION(vector, at) do {				\
	const struct hv_x64_exception_intercept_message *e_ =		\
		(const void *)self->t.message.u.bytes;			\
									\
	ASSERT_OK(tvm_run(&self->t, 0));				\
	ASSERT_EQ(HVMSG_X64_EXCEPTION_INTERCEPT,			\
		  self->t.message.header.message_type);			\
	EXPECT_EQ(vector, e_->exception_vector);			\
	EXPECT_EQ(at, e_->header.rip);					\
} while (0)

/* ---- what the VMM wants to know ------------------------------------------------- */

static int wants(struct tvm *t, __u64 vector)
{
	return vmm_intercept(t->part, HV_INTERCEPT_TYPE_EXCEPTION,
			     HV_INTERCEPT_ACCESS_MASK_EXECUTE, vector);
}

/* INT3 is reported, and INT is delivered, even to the same vector. */
TEST_F(events, breakpoint_instruction)
{
	static const __u8 code[] = { 0xcd, VECTOR_UD, 0xcd, VECTOR_BP, 0xcc, STOP };

	ASSERT_OK(wants(&self->t, VECTOR_BP));
	ASSERT_OK(begin(&self->t, code, sizeof(code), 2));
	EXPECT_EQ(VECTOR_UD, handlers_next(&self->t, 0));
	EXPECT_EQ(TVM_CODE + 2, handlers_frame(&self->t, 0)->rip);
	EXPECT_EQ(VECTOR_BP, handlers_next(&self->t, 0));
	EXPECT_EQ(TVM_CODE + 4, handlers_frame(&self->t, 0)->rip);
	EXPECT_EXCEPTION(VECTOR_BP, TVM_CODE + 4);
}

/* An access to guarded debug registers, with a breakpoint that makes reads exit, too. */
TEST_F(events, guarded_dr7)
{
	static const __u8 codes[][8] = {
		{ 0x0f, 0x21, 0xf8, STOP },	/* mov rax, dr7 */
		{ 0x0f, 0x23, 0xf8, STOP },	/* mov dr7, rax */
	};
	static const __u64 dr7 = 0x400 | DR7_GD | DR7_DATA;
	unsigned int i, wanted;

	for (wanted = 0; wanted < 2; wanted++) {
		if (wanted)
			ASSERT_OK(wants(&self->t, VECTOR_DB));
		for (i = 0; i < ARRAY_SIZE(codes); i++) {
			ASSERT_OK(begin(&self->t, codes[i], sizeof(codes[i]), 2));
			ASSERT_OK(set(&self->t, HV_X64_REGISTER_RAX, 0));
			ASSERT_OK(set(&self->t, HV_X64_REGISTER_DR7, dr7));
			if (wanted) {
				EXPECT_EXCEPTION(VECTOR_DB, TVM_CODE);
			} else {
				EXPECT_EQ(VECTOR_DB, handlers_next(&self->t, 0));
				EXPECT_EQ(TVM_CODE, handlers_frame(&self->t, 0)->rip);
			}
			EXPECT_EQ(DR6_BD, get(&self->t, HV_X64_REGISTER_DR6) & DR6_BD);
			/* The handler may use them. */
			EXPECT_EQ(wanted ? dr7 : dr7 & ~DR7_GD,
				  get(&self->t, HV_X64_REGISTER_DR7));
			EXPECT_EQ(0, get(&self->t, HV_X64_REGISTER_RAX) & 0xffff00);
		}
	}
}

/* Counts for ever, with interrupts off and no exits. */
static const __u8 guest_counts[] = { 0x48, 0xff, 0xc3, 0xeb, 0xfb };

/* The VMM waits until it can send an NMI: until the IRET of the one before. */
TEST_F(events, deliverable_nmi)
{
	__u64 at, count;

	ASSERT_OK(begin(&self->t, guest_counts, sizeof(guest_counts), 2));
	ASSERT_OK(nmi(&self->t));
	ASSERT_EQ(VECTOR_NMI, handlers_next(&self->t, 0));
	at = handlers_frame(&self->t, 0)->rip;
	count = get(&self->t, HV_X64_REGISTER_RBX);
	ASSERT_OK(set(&self->t, HV_X64_REGISTER_DELIVERABILITY_NOTIFICATIONS,
		      HV_DELIVERABILITY_NMI));
	ASSERT_OK(tvm_run(&self->t, 0));
	EXPECT_EQ(HVMSG_X64_INTERRUPTION_DELIVERABLE, self->t.message.header.message_type);
	EXPECT_EQ(at, tvm_header(&self->t)->rip);
	EXPECT_EQ(count, get(&self->t, HV_X64_REGISTER_RBX));
	EXPECT_EQ(0, tvm_header(&self->t)->rflags & RFLAGS_TF);
	EXPECT_EQ(0, get(&self->t, HV_X64_REGISTER_DELIVERABILITY_NOTIFICATIONS));
	ASSERT_OK(nmi(&self->t));
	EXPECT_EQ(VECTOR_NMI, handlers_next(&self->t, 0));
	EXPECT_EQ(at, handlers_frame(&self->t, 0)->rip);
}

/* ---- what the VMM sends --------------------------------------------------------- */

static int send_event(struct tvm *t, __u32 vector, bool error, __u64 address)
{
	struct hv_register_assoc reg = { .name = HV_REGISTER_PENDING_EVENT0 };

	reg.value.reg128.low_part = HV_PENDING_EVENT_PENDING |
		(__u64)vector << HV_PENDING_EXCEPTION_VECTOR_SHIFT |
		(error ? HV_PENDING_EXCEPTION_DELIVER_ERROR | 6ULL << 32 : 0);
	reg.value.reg128.high_part = address;
	return vmm_set_registers(t->vp[0], 0, &reg, 1);
}

static int send_interruption(struct tvm *t, __u32 vector)
{
	return set(t, HV_REGISTER_PENDING_INTERRUPTION, HV_PENDING_INTERRUPTION_PENDING |
		   HV_X64_PENDING_EXCEPTION << HV_PENDING_INTERRUPTION_TYPE_SHIFT |
		   (__u64)vector << HV_PENDING_INTERRUPTION_VECTOR_SHIFT);
}

/* The guest takes it for its own, and gets the address of a page fault. */
TEST_F(events, exception)
{
	ASSERT_OK(begin(&self->t, guest_spin, sizeof(guest_spin), 2));
	ASSERT_OK(set(&self->t, HV_X64_REGISTER_CR2, 0));
	ASSERT_OK(send_event(&self->t, VECTOR_UD, false, ADDRESS));
	EXPECT_EQ(VECTOR_UD, handlers_next(&self->t, 0));
	EXPECT_EQ(TVM_CODE, handlers_frame(&self->t, 0)->rip);
	EXPECT_EQ(0, get(&self->t, HV_X64_REGISTER_CR2));
	ASSERT_OK(begin(&self->t, guest_spin, sizeof(guest_spin), 2));
	ASSERT_OK(send_event(&self->t, VECTOR_PF, true, ADDRESS));
	EXPECT_EQ(VECTOR_PF, handlers_next(&self->t, 0));
	EXPECT_EQ(TVM_CODE, frame_with_error(&self->t)->rip);
	EXPECT_EQ(6, handlers_frame(&self->t, 0)->rip);		/* the error code */
	EXPECT_EQ(ADDRESS, get(&self->t, HV_X64_REGISTER_CR2));
}

/* An instruction that the VMM has executed with an exception does not trap. */
TEST_F(events, exception_instead_of_a_trap)
{
	static const __u8 code[] = { 0xe4, VMM_PORT, 0x90, STOP };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		ASSERT_OK(begin(&self->t, code, sizeof(code), 2 | RFLAGS_TF));
		ASSERT_OK(tvm_run(&self->t, 0));
		ASSERT_EQ(HVMSG_X64_IO_PORT_INTERCEPT, self->t.message.header.message_type);
		ASSERT_OK(tvm_skip(&self->t, 0));
		if (i)
			ASSERT_OK(i == 1 ? send_event(&self->t, VECTOR_UD, false, 0) :
				  send_interruption(&self->t, VECTOR_UD));
		EXPECT_EQ(i ? VECTOR_UD : VECTOR_DB, handlers_next(&self->t, 0));
		EXPECT_EQ(TVM_CODE + 2, handlers_frame(&self->t, 0)->rip);
		/* Then the next one is stepped. */
		EXPECT_EQ(VECTOR_DB, handlers_next(&self->t, 0));
		EXPECT_EQ(TVM_CODE + 3, handlers_frame(&self->t, 0)->rip);
	}
}

/* ---- instructions that fault, or trap, where something else waits --------------------- */

static void stack_of_its_own(struct tvm *t, unsigned int vector)
{
	*(__u64 *)(t->memory + IST1) = SPARE_STACK;
	t->memory[HANDLER_IDT + vector * 16 + 4] = 1;
}

/* An NMI waits for the end of another one's handler, which is at its IRETQ. */
static int nmi_at_iret(struct tvm *t)
{
	int ret = begin(t, guest_spin, sizeof(guest_spin), 2);

	ret = ret ?: nmi(t);
	ret = ret ?: handlers_next(t, 0);
	if (ret != VECTOR_NMI)
		return ret < 0 ? ret : -EPROTO;
	ret = set(t, HV_X64_REGISTER_RIP, HANDLER_OF(VECTOR_NMI) + PAST_OUT);
	ret = ret ?: set(t, HV_X64_REGISTER_RSP, (uintptr_t)handlers_frame(t, 0) -
			 (uintptr_t)t->memory);
	return ret ?: nmi(t);
}

TEST_F(events, iret_without_a_stack)
{
	ASSERT_OK(nmi_at_iret(&self->t));
	stack_of_its_own(&self->t, VECTOR_PF);
	ASSERT_OK(set(&self->t, HV_X64_REGISTER_RSP, NO_PAGE));
	EXPECT_EQ(VECTOR_PF, handlers_next(&self->t, 0));
	EXPECT_EQ(NO_PAGE, get(&self->t, HV_X64_REGISTER_CR2));
	EXPECT_EQ(HANDLER_OF(VECTOR_NMI) + PAST_OUT, frame_with_error(&self->t)->rip);
	EXPECT_EQ(0, frame_with_error(&self->t)->rflags & RFLAGS_TF);
}

/* There are no nested tasks in 64-bit mode, whatever a 32-bit task's state would say. */
TEST_F(events, iret_of_a_nested_task)
{
	static const __u32 segments[] = { 0x18, 0x10, 0x18, 0x18, 0x18, 0x18 };

	ASSERT_OK(nmi_at_iret(&self->t));
	*(__u16 *)self->t.memory = 0x20;		/* the link: to itself */
	memcpy(self->t.memory + TSS_SEGMENTS, segments, sizeof(segments));
	self->t.memory[HANDLER_OF(VECTOR_NMI) + PAST_OUT] = 0xcf;	/* of 32 bits */
	ASSERT_OK(set(&self->t, HV_X64_REGISTER_RFLAGS, 2 | RFLAGS_NT));
	EXPECT_EQ(VECTOR_GP, handlers_next(&self->t, 0));
	EXPECT_EQ(HANDLER_OF(VECTOR_NMI) + PAST_OUT, frame_with_error(&self->t)->rip);
	EXPECT_EQ(2 | RFLAGS_NT, frame_with_error(&self->t)->rflags & (RFLAGS_NT | RFLAGS_TF | 2));
}

/* The IRETQ is stepped by the guest as well: the trap comes first. */
TEST_F(events, iret_with_a_trap)
{
	const __u64 handler = HANDLER_OF(VECTOR_DB);

	ASSERT_OK(nmi_at_iret(&self->t));
	ASSERT_OK(set(&self->t, HV_X64_REGISTER_RFLAGS, 2 | RFLAGS_TF));
	EXPECT_EQ(VECTOR_DB, handlers_next(&self->t, 0));
	EXPECT_EQ(TVM_CODE, handlers_frame(&self->t, 0)->rip);
	EXPECT_EQ(0, handlers_frame(&self->t, 0)->rflags & RFLAGS_TF);
	EXPECT_EQ(VECTOR_NMI, handlers_next(&self->t, 0));
	EXPECT_LE(handler, handlers_frame(&self->t, 0)->rip);
	EXPECT_GT(handler + HANDLER_STEP, handlers_frame(&self->t, 0)->rip);
}

TEST_F(events, task_with_a_trap)
{
	static const __u8 code[] = { 0x0f, 0x00, 0xd8, 0x90, STOP };	/* ltr ax */

	ASSERT_OK(begin(&self->t, code, sizeof(code), 2 | RFLAGS_TF));
	ASSERT_OK(set(&self->t, HV_X64_REGISTER_RAX, 0x20));
	*(__u64 *)(self->t.memory + HANDLER_GDT + 0x20) = 0x0000890000000067;
	EXPECT_EQ(VECTOR_DB, handlers_next(&self->t, 0));
	EXPECT_EQ(TVM_CODE + 3, handlers_frame(&self->t, 0)->rip);
	EXPECT_EQ(RFLAGS_TF, handlers_frame(&self->t, 0)->rflags & RFLAGS_TF);
	EXPECT_EQ(VECTOR_DB, handlers_next(&self->t, 0));
	EXPECT_EQ(TVM_CODE + 4, handlers_frame(&self->t, 0)->rip);
}

/* Performance counters are not offered. */
TEST_F(events, rdpmc)
{
	static const __u8 code[] = { 0x0f, 0x33, STOP };

	ASSERT_OK(begin(&self->t, code, sizeof(code), 2));
	EXPECT_EQ(VECTOR_GP, handlers_next(&self->t, 0));
	EXPECT_EQ(TVM_CODE, frame_with_error(&self->t)->rip);
}

#define CR4_PAE		0x20
#define CR4_SMEP	0x100000

/* A user's access is reported like a kernel's, with an instruction on a user's page. */
TEST_F(events, memory_of_a_user)
{
	static const __u8 code[] = { 0x8a, 0x03 };	/* mov al, [rbx] */
	const struct hv_register_assoc regs[] = {
		vmm_segment(HV_X64_REGISTER_CS, 0x13, 0, 0xffffffff, 0xa0fb),
		vmm_segment(HV_X64_REGISTER_SS, 0x1b, 0, 0xffffffff, 0xc0f3),
		vmm_value(HV_X64_REGISTER_CR4, CR4_PAE | CR4_SMEP),
		vmm_value(HV_X64_REGISTER_RBX, 0x10000123),
	};
	const struct hv_x64_memory_intercept_message *m = tvm_mem(&self->t);

	ASSERT_OK(begin(&self->t, code, sizeof(code), 2));
	ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(regs)));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_EQ(HVMSG_UNMAPPED_GPA, self->t.message.header.message_type);
	EXPECT_EQ(3, m->header.execution_state & HV_X64_EXECUTION_CPL_MASK);
	EXPECT_EQ(0x10000123, m->guest_physical_address);
	EXPECT_EQ(0x10000123, m->guest_virtual_address);
	EXPECT_LE(sizeof(code), m->instruction_byte_count);
	EXPECT_EQ(0, memcmp(code, m->instruction_bytes, sizeof(code)));
}

TEST_HARNESS_MAIN
