// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls of a guest that is not in 64-bit mode: a value is in the low halves of two
 * registers, and so is the result.
 *
 * Model: each test runs in protected mode without paging, and in compatibility mode.  The
 * high halves of all registers have something in them that is no part of a call.
 */
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_memory.h>
#include <hyperv/hv_register.h>
#include <hyperv/hv_vp.h>

#include "harness.h"
#include "claims.h"

#define CALLER		0x9000
#define INPUT		0xa000
#define OUTPUT		0xb000
#define OS_ID		0x8100000000000001ULL
#define CODE_32		0xc09b		/* present, 32 bits */
#define CALL_LENGTH	3
#define CONNECTION	9
#define NO_CALL		0x1ff
#define REPS		150		/* more than are done at once */
#define VECTOR		0x45
#define JUNK		0xdeadbeef00000000ULL
#define LOW(value)	(JUNK | (__u32)(value))
#define HIGH(value)	(JUNK | (__u64)(value) >> 32)

/* Reports both halves of the result. */
static const __u8 caller[] = {
	0x0f, 0x01, 0xd9,		/* vmmcall */
	0x89, 0xd3,			/* mov ebx, edx */
	0x66, 0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xef,				/* out dx, eax */
	0x89, 0xd8,			/* mov eax, ebx */
	0xef,
};

FIXTURE(calls32) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_VARIANT(calls32) {
	__u64 cr0, efer;
};

FIXTURE_VARIANT_ADD(calls32, protected) {
	.cr0 = 0x31,
};

FIXTURE_VARIANT_ADD(calls32, compatibility) {
	.cr0 = 0x80000031, .efer = 0x500,
};

FIXTURE_SETUP(calls32)
{
	const struct hv_register_assoc regs[] = {
		vmm_segment(HV_X64_REGISTER_CS, 0x10, 0, 0xffffffff, CODE_32),
		vmm_value(HV_X64_REGISTER_CR0, variant->cr0),
		vmm_value(HV_X64_REGISTER_EFER, variant->efer),
		vmm_value(HV_X64_REGISTER_APIC_SPURIOUS, 0x1ff),
		vmm_value(HV_REGISTER_GUEST_OS_ID, OS_ID),
	};

	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(claims_start(&self->t, TVM_FLAGS));
	memcpy(self->t.memory + CALLER, caller, sizeof(caller));
	ASSERT_OK(tvm_long_mode(&self->t, 0, CALLER));
	ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(regs)));
}

FIXTURE_TEARDOWN(calls32)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int start_call(struct tvm *t, __u64 control, __u64 first, __u64 second)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RIP, CALLER),
		vmm_value(HV_X64_REGISTER_RDX, HIGH(control)),
		vmm_value(HV_X64_REGISTER_RAX, LOW(control)),
		vmm_value(HV_X64_REGISTER_RBX, HIGH(first)),
		vmm_value(HV_X64_REGISTER_RCX, LOW(first)),
		vmm_value(HV_X64_REGISTER_RDI, HIGH(second)),
		vmm_value(HV_X64_REGISTER_RSI, LOW(second)),
		/* Those of a caller in 64-bit mode. */
		vmm_value(HV_X64_REGISTER_R8, JUNK),
	};

	return vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
}

/* The result, as the guest has it, or ~0. */
static __u64 result_of(struct tvm *t)
{
	__u64 low, high;

	if (tvm_next_out(t, 0, &low) || tvm_next_out(t, 0, &high))
		return ~0ULL;
	return (__u32)low | high << 32;
}

static __u64 call(struct tvm *t, __u64 control, __u64 first, __u64 second)
{
	return start_call(t, control, first, second) ? ~0ULL : result_of(t);
}

/* The control word has the start of what is left, in its high half, each time. */
TEST_F(calls32, list_in_memory)
{
	struct {
		struct hv_get_vp_from_apic_id_in fixed;
		__u32 ids[REPS];
	} *in = (void *)(self->t.memory + INPUT);
	const __u32 *out = (void *)(self->t.memory + OUTPUT);
	const __u64 list = HVCALL_GET_VP_INDEX_FROM_APIC_ID | (__u64)REPS << 32;
	const __u64 done = (__u64)REPS << 32;
	unsigned int i;

	ASSERT_LE(0, tvm_vp(&self->t, 1));
	in->fixed.partition_id = HV_PARTITION_ID_SELF;
	for (i = 0; i < REPS; i++)
		in->ids[i] = i % 2;
	memset(self->t.memory + OUTPUT, 0xff, VMM_PAGE);
	EXPECT_EQ(done, call(&self->t, list, INPUT, OUTPUT));
	for (i = 0; i < REPS; i++)
		ASSERT_EQ(i % 2, out[i]);
	ASSERT_EQ(~0U, out[REPS]);
	/* It ends at an id that nothing has, and says where. */
	in->ids[REPS - 10] = 5;
	EXPECT_EQ((__u64)(REPS - 10) << 32 | HV_STATUS_INVALID_PARAMETER,
		  call(&self->t, list, INPUT, OUTPUT));
}

TEST_F(calls32, addresses_above_4_gib)
{
	const __u64 list = HVCALL_GET_VP_INDEX_FROM_APIC_ID | HV_BIT64(32);

	EXPECT_EQ(HV_STATUS_INVALID_ALIGNMENT,
		  call(&self->t, list, HV_BIT64(60) | INPUT, OUTPUT));
	EXPECT_EQ(HV_STATUS_INVALID_ALIGNMENT,
		  call(&self->t, list, INPUT, HV_BIT64(60) | OUTPUT));
}

static bool requested(struct tvm *t, __u8 vector)
{
	static __u8 page[VMM_PAGE] __attribute__((aligned(VMM_PAGE)));
	const struct hv_local_interrupt_controller_state *apic = (void *)page;

	__u32 size = sizeof(page);

	if (vmm_get_state(t->vp[0], MSHV_VP_STATE_LAPIC, page, &size))
		return false;
	return apic->apic_irr[vector / 32] >> vector % 32 & 1;
}

/* Each of the four halves counts. */
TEST_F(calls32, fast)
{
	const __u64 ipi = HVCALL_SEND_IPI | HV_HYPERCALL_FAST_BIT;

	EXPECT_EQ(0, call(&self->t, ipi, VECTOR, HV_BIT64(32)));
	EXPECT_FALSE(requested(&self->t, VECTOR));
	/* To another trust level. */
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, call(&self->t, ipi, HV_BIT64(32) | VECTOR, 1));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, call(&self->t, ipi, 1, 1));
	EXPECT_FALSE(requested(&self->t, VECTOR));
	EXPECT_EQ(0, call(&self->t, ipi, VECTOR, 1));
	EXPECT_TRUE(requested(&self->t, VECTOR));
	/* A reserved bit of the control word. */
	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_INPUT,
		  call(&self->t, ipi | HV_BIT64(63), VECTOR, 1));
}

TEST_F(calls32, messages_and_events)
{
	struct hv_input_post_message *post = (void *)(self->t.memory + INPUT);
	struct tvm *t = &self->t;

	EXPECT_EQ(HV_STATUS_INVALID_CONNECTION_ID,
		  call(t, HVCALL_SIGNAL_EVENT | HV_HYPERCALL_FAST_BIT, CONNECTION, 0));
	post->connectionid = CONNECTION;
	post->message_type = 1;
	post->payload_size = 8;
	EXPECT_EQ(HV_STATUS_INVALID_CONNECTION_ID, call(t, HVCALL_POST_MESSAGE, INPUT, 0));
	post->message_type = 0;
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, call(t, HVCALL_POST_MESSAGE, INPUT, 0));
}

/* The message has the registers as they are; the mode says which of them matter. */
TEST_F(calls32, executed_by_the_vmm)
{
	const struct hv_x64_hypercall_intercept_message *m =
		(const void *)self->t.message.u.bytes;
	const __u64 control = NO_CALL | HV_HYPERCALL_FAST_BIT | HV_BIT64(32);
	const __u64 first = HV_BIT64(33) | 0x55, second = HV_BIT64(34) | 0x66;
	struct tvm *t = &self->t;

	ASSERT_EQ(0, intercept_status(t->part, HV_INTERCEPT_TYPE_HYPERCALL,
				      HV_INTERCEPT_ACCESS_MASK_EXECUTE, 0));
	ASSERT_OK(start_call(t, control, first, second));
	ASSERT_OK(tvm_run(t, 0));
	ASSERT_EQ(HVMSG_HYPERCALL_INTERCEPT, t->message.header.message_type);
	EXPECT_EQ(CALLER, m->header.rip);
	EXPECT_EQ(CODE_32, m->header.cs_segment.attributes);
	EXPECT_EQ(control, m->rdx << 32 | (__u32)m->rax);
	EXPECT_EQ(first, m->rbx << 32 | (__u32)m->rcx);
	EXPECT_EQ(second, m->rdi << 32 | (__u32)m->rsi);
	ASSERT_OK(vmm_set_register(t->vp[0], 0, HV_X64_REGISTER_RAX, 0x77));
	ASSERT_OK(vmm_set_register(t->vp[0], 0, HV_X64_REGISTER_RDX, 0x88));
	ASSERT_OK(vmm_set_register(t->vp[0], 0, HV_X64_REGISTER_RIP, CALLER + CALL_LENGTH));
	EXPECT_EQ(0x8800000077, result_of(t));
}

TEST_F(calls32, not_without_a_system)
{
	struct tvm *t = &self->t;

	ASSERT_OK(vmm_set_register(t->vp[0], 0, HV_REGISTER_GUEST_OS_ID, 0));
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED, call(t, NO_CALL, 0, 0));
}

TEST_HARNESS_MAIN
