// SPDX-License-Identifier: GPL-2.0
/*
 * What a VMM needs to serve a guest's VMBus: hypercalls of the guest that it executes, and
 * messages and events that it sends.
 *
 * Model: processor 0 makes one hypercall after the other, in 64-bit mode, and reports the
 * result; the test is told of those that its intercepts are for.  Messages and events
 * are for a guest in real mode with a handler.
 */
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_msr.h>
#include <hyperv/hv_synic.h>
#include <hyperv/hv_vp.h>

#include "harness.h"
#include "claims.h"
#include "waits.h"

#define CALLER		0x9000
#define CALL_LENGTH	3
#define OS_ID		0x8100000000000001ULL
#define NO_CALL		0x1ff
#define FAST		HV_BIT64(16)
#define EXECUTE		HV_INTERCEPT_ACCESS_MASK_EXECUTE
#define ANSWER		0x5a

static const __u8 caller[] = {
	0x0f, 0x01, 0xd9,		/* vmmcall */
	0xba, 0xf8, 0x03, 0, 0,		/* mov edx, 0x3f8 */
	0xef,				/* out dx, eax */
};

static const __u32 types[] = {
	HV_INTERCEPT_TYPE_HYPERCALL, HV_INTERCEPT_TYPE_UNKNOWN_SYNIC_CONNECTION,
	HV_INTERCEPT_TYPE_RETARGET_INTERRUPT_WITH_UNKNOWN_DEVICE_ID,
};

FIXTURE(forward) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(forward)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(claims_start(&self->t, TVM_FLAGS));
	memcpy(self->t.memory + CALLER, caller, sizeof(caller));
	ASSERT_OK(tvm_long_mode(&self->t, 0, CALLER));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_GUEST_OS_ID, OS_ID));
}

FIXTURE_TEARDOWN(forward)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/* ---- hypercalls --------------------------------------------------------------------- */

static int start_call(struct tvm *t, __u64 control, __u64 rdx, __u64 r8)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RIP, CALLER),
		vmm_value(HV_X64_REGISTER_RAX, 0x11),
		vmm_value(HV_X64_REGISTER_RBX, 0x22),
		vmm_value(HV_X64_REGISTER_RCX, control),
		vmm_value(HV_X64_REGISTER_RDX, rdx),
		vmm_value(HV_X64_REGISTER_R8, r8),
		vmm_value(HV_X64_REGISTER_RSI, 0x33),
		vmm_value(HV_X64_REGISTER_RDI, 0x44),
	};

	return vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
}

static const struct hv_x64_hypercall_intercept_message *message_of(const struct tvm *t)
{
	return (const void *)t->message.u.bytes;
}

/* The status that the guest gets, -ENOMSG if the VMM is to give it, or another error. */
static int call(struct tvm *t, __u64 control, __u64 rdx, __u64 r8)
{
	int ret = start_call(t, control, rdx, r8);

	ret = ret ?: tvm_run(t, 0);
	if (ret)
		return ret;
	if (t->message.header.message_type == HVMSG_HYPERCALL_INTERCEPT)
		return -ENOMSG;
	if (t->message.header.message_type != HVMSG_X64_IO_PORT_INTERCEPT)
		return -EPROTO;
	return tvm_io(t)->rax & HV_HYPERCALL_RESULT_MASK;
}

static int want(struct tvm *t, __u32 type, bool on)
{
	return intercept_status(t->part, type, on ? EXECUTE : 0, 0);
}

/* The VMM answers, and the guest goes on behind its instruction. */
static int answer(struct tvm *t, __u64 result)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RAX, result),
		vmm_value(HV_X64_REGISTER_RIP, message_of(t)->header.rip + CALL_LENGTH),
	};
	__u64 value = 0;
	int ret = vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));

	ret = ret ?: tvm_next_out(t, 0, &value);
	return ret ?: (int)value;
}

TEST_F(forward, what_the_message_says)
{
	const struct hv_x64_hypercall_intercept_message *m = message_of(&self->t);
	struct hv_register_assoc xmm[6];
	struct tvm *t = &self->t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(xmm); i++) {
		xmm[i] = vmm_value(HV_X64_REGISTER_XMM0 + i, 0x100 + i);
		xmm[i].value.reg128.high_part = 0x200 + i;
	}
	ASSERT_OK(vmm_set_registers(t->vp[0], 0, xmm, ARRAY_SIZE(xmm)));
	ASSERT_EQ(0, want(t, HV_INTERCEPT_TYPE_HYPERCALL, true));
	ASSERT_EQ(-ENOMSG, call(t, NO_CALL | FAST, 0x55, 0x66));
	EXPECT_EQ(sizeof(*m), t->message.header.payload_size);
	EXPECT_EQ(0, m->header.vp_index);
	EXPECT_EQ(CALL_LENGTH, m->header.instruction_length_cr8 & HV_X64_INTERCEPT_LENGTH_MASK);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_EXECUTE, m->header.intercept_access_type);
	EXPECT_EQ(HV_X64_EXECUTION_CR0_PE | HV_X64_EXECUTION_EFER_LMA,
		  m->header.execution_state);
	EXPECT_EQ(CALLER, m->header.rip);
	EXPECT_EQ(0x11, m->rax);
	EXPECT_EQ(0x22, m->rbx);
	EXPECT_EQ(NO_CALL | FAST, m->rcx);
	EXPECT_EQ(0x55, m->rdx);
	EXPECT_EQ(0x66, m->r8);
	EXPECT_EQ(0x33, m->rsi);
	EXPECT_EQ(0x44, m->rdi);
	EXPECT_EQ(0, m->flags);
	for (i = 0; i < ARRAY_SIZE(xmm); i++) {
		EXPECT_EQ(0x100 + i, m->xmm[i].low_part);
		EXPECT_EQ(0x200 + i, m->xmm[i].high_part);
	}
	/* A guest that is not moved on makes it again. */
	ASSERT_OK(tvm_run(t, 0));
	ASSERT_EQ(HVMSG_HYPERCALL_INTERCEPT, t->message.header.message_type);
	EXPECT_EQ(CALLER, m->header.rip);
	EXPECT_EQ(ANSWER, answer(t, ANSWER));
}

/* Those of the hypervisor stay there, and those of the root are not for a guest. */
TEST_F(forward, unknown_calls)
{
	static const struct {
		__u16 code;
		int status;		/* without the intercept */
		bool forwarded;
	} rows[] = {
		{ NO_CALL, HV_STATUS_INVALID_HYPERCALL_CODE, true },
		{ 0xffff, HV_STATUS_INVALID_HYPERCALL_CODE, true },
		{ HVCALL_CREATE_PARTITION, HV_STATUS_INVALID_HYPERCALL_CODE, true },
		{ HVCALL_RETARGET_INTERRUPT, HV_STATUS_INVALID_HYPERCALL_CODE, true },
		{ HVCALL_NOTIFY_LONG_SPIN_WAIT, 0, false },
		{ HVCALL_SIGNAL_EVENT, HV_STATUS_INVALID_CONNECTION_ID, false },
	};
	struct tvm *t = &self->t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].status, call(t, rows[i].code | FAST, 0, 0));
		ASSERT_EQ(0, want(t, HV_INTERCEPT_TYPE_HYPERCALL, true));
		EXPECT_EQ(rows[i].forwarded ? -ENOMSG : rows[i].status,
			  call(t, rows[i].code | FAST, 0, 0)) {
			TH_LOG("call %#x", rows[i].code);
		}
		ASSERT_EQ(0, want(t, HV_INTERCEPT_TYPE_HYPERCALL, false));
		EXPECT_EQ(rows[i].status, call(t, rows[i].code | FAST, 0, 0));
	}
}

/* A guest without an OS id has no hypercalls, known or not. */
TEST_F(forward, not_without_a_system)
{
	struct tvm *t = &self->t;

	ASSERT_EQ(0, want(t, HV_INTERCEPT_TYPE_HYPERCALL, true));
	ASSERT_OK(vmm_set_register(t->vp[0], 0, HV_REGISTER_GUEST_OS_ID, 0));
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED, call(t, NO_CALL | FAST, 0, 0));
}

#define CONNECTION	9
#define INPUT		0xa000

TEST_F(forward, unknown_connections)
{
	struct tvm *t = &self->t;
	struct hv_input_post_message *post = (void *)(t->memory + INPUT);
	const struct hv_x64_hypercall_intercept_message *m = message_of(t);
	unsigned int on;

	for (on = 0; on < 2; on++) {
		const int expected = on ? -ENOMSG : HV_STATUS_INVALID_CONNECTION_ID;

		ASSERT_EQ(0, want(t, HV_INTERCEPT_TYPE_UNKNOWN_SYNIC_CONNECTION, on));
		EXPECT_EQ(expected, call(t, HVCALL_SIGNAL_EVENT | FAST, CONNECTION, 0));
		if (on) {
			EXPECT_EQ(CONNECTION, m->rdx);
			EXPECT_EQ(0, answer(t, 0));
		}
		post->connectionid = CONNECTION;
		post->message_type = 1;
		post->payload_size = 8;
		EXPECT_EQ(expected, call(t, HVCALL_POST_MESSAGE, INPUT, 0));
		if (on)
			EXPECT_EQ(INPUT, m->rdx);
		/* What is no message does not reach the VMM. */
		post->message_type = 0;
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, call(t, HVCALL_POST_MESSAGE, INPUT, 0));
		/* Other calls do not, either. */
		EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE, call(t, NO_CALL | FAST, 0, 0));
	}
}

TEST_F(forward, unknown_devices)
{
	struct tvm *t = &self->t;
	const __u32 type = HV_INTERCEPT_TYPE_RETARGET_INTERRUPT_WITH_UNKNOWN_DEVICE_ID;

	ASSERT_EQ(0, want(t, type, true));
	EXPECT_EQ(-ENOMSG, call(t, HVCALL_RETARGET_INTERRUPT, INPUT, 0));
	EXPECT_EQ(ANSWER, answer(t, ANSWER));
	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE, call(t, NO_CALL | FAST, 0, 0));
	ASSERT_EQ(0, want(t, type, false));
	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE, call(t, HVCALL_RETARGET_INTERRUPT, INPUT, 0));
}

TEST_F(forward, refused)
{
	int part = self->t.part;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
			  intercept_status(part, types[i], EXECUTE, 1));
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
			  intercept_status(part, types[i], HV_INTERCEPT_ACCESS_MASK_READ, 0));
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
			  intercept_status(part, types[i], HV_INTERCEPT_ACCESS_MASK_WRITE, 0));
	}
}

/* Without the feature a guest may neither post nor signal. */
TEST_F(forward, without_the_privilege)
{
	struct tvm t;

	ASSERT_OK(tvm_start_long(&t, caller, sizeof(caller)));
	memcpy(t.memory + CALLER, caller, sizeof(caller));
	ASSERT_OK(vmm_set_register(t.vp[0], 0, HV_REGISTER_GUEST_OS_ID, OS_ID));
	ASSERT_EQ(0, want(&t, HV_INTERCEPT_TYPE_UNKNOWN_SYNIC_CONNECTION, true));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED, call(&t, HVCALL_SIGNAL_EVENT | FAST, CONNECTION, 0));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED, call(&t, HVCALL_POST_MESSAGE, INPUT, 0));
	tvm_close(&t);
}

/* ---- messages and events ----------------------------------------------------------- */

#define SINT		2
#define VECTOR		0x40
#define MESSAGES	0x6000
#define EVENTS		0x7000
#define SLOT		(MESSAGES + SINT * HV_MESSAGE_SIZE)
#define FLAG		9
#define FLAGS		(EVENTS + SINT * (HV_EVENT_FLAGS_COUNT / 8) + FLAG / 8)
#define LOW(n)		((n) & 0xff)
#define HIGH(n)		((n) >> 8)

static const __u8 guest_sleeps[] = {
	0xba, 0xf8, 0x03, 0xb0, 0x01, OUT_AL,
	0xfb, HLT, 0xeb, 0xfd,		/* sti; hlt, again */
};

/* Empties the slot, and says so only if it is asked to; reports the payload. */
static const __u8 guest_takes[] = {
	0xa0, LOW(SLOT + 16), HIGH(SLOT + 16),		/* mov al, [payload] */
	0x88, 0xc3,			/* mov bl, al */
	0x66, 0x31, 0xc0,		/* xor eax, eax */
	0x66, 0xa3, LOW(SLOT), HIGH(SLOT),		/* mov [SLOT], eax */
	0xa0, LOW(SLOT + 5), HIGH(SLOT + 5),		/* mov al, [flags] */
	0xa8, 0x01, 0x74, 0x0e,		/* test al, 1; jz over the next */
	0x66, 0xb9, 0x84, 0, 0, 0x40,	/* mov ecx, HV_X64_MSR_EOM */
	0x66, 0x31, 0xc0, 0x66, 0x31, 0xd2,
	0x0f, 0x30,			/* wrmsr */
	0x66, 0xb9, 0x70, 0, 0, 0x40,	/* mov ecx, HV_X64_MSR_EOI */
	0x66, 0x31, 0xc0, 0x66, 0x31, 0xd2,
	0x0f, 0x30,
	0xba, 0xf8, 0x03, 0x88, 0xd8, OUT_AL,	/* mov al, bl; out */
	0xcf,
};

/* Reports the flags of its event. */
static const __u8 guest_sees[] = {
	0xba, 0xf8, 0x03, 0xa0, LOW(FLAGS), HIGH(FLAGS), OUT_AL, 0xcf,
};

static int start_synic(struct tvm *t, const void *handler, size_t size)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_APIC_SPURIOUS, 0x1ff),
		vmm_value(HV_REGISTER_SCONTROL, 1),
		vmm_value(HV_REGISTER_SIMP, MESSAGES | 1),
		vmm_value(HV_REGISTER_SIEFP, EVENTS | 1),
		vmm_value(HV_REGISTER_SINT0 + SINT, VECTOR),
	};
	__u64 value = 0;
	int ret = tvm_start(t, guest_sleeps, sizeof(guest_sleeps));

	if (ret)
		return ret;
	tvm_handle_by(t, VECTOR, handler, size);
	ret = vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
	ret = ret ?: tvm_next_out(t, 0, &value);
	return ret ?: value == 1 ? 0 : -EPROTO;
}

static int post(struct tvm *t, __u8 payload)
{
	struct hv_input_post_message_direct in = { .sint_index = SINT };
	struct hv_message *message = (void *)in.message;
	struct vmm_call call = {
		.code = HVCALL_POST_MESSAGE_DIRECT, .in = &in, .in_size = sizeof(in),
	};
	int ret;

	message->header.message_type = 1;
	message->header.payload_size = 1;
	message->u.bytes[0] = payload;
	ret = vmm_hvcall(t->part, &call);
	return call.status ? call.status : ret;
}

/* By the partition's descriptor, so that it does not wait for the processor. */
static int wait_for_slot(struct tvm *t)
{
	return vmm_set_register(t->part, 0, HV_X64_REGISTER_DELIVERABILITY_NOTIFICATIONS,
				HV_BIT64(HV_DELIVERABILITY_SINTS_SHIFT + SINT));
}

#define EXPECT_SLOT(t) do {						\
	const struct hv_x64_synic_sint_deliverable_message *m_ =	\
		(const void *)(t)->message.u.bytes;			\
									\
	EXPECT_EQ(HVMSG_SYNIC_SINT_DELIVERABLE, (t)->message.header.message_type); \
	EXPECT_EQ(HV_BIT(SINT), m_->deliverable_sints);			\
} while (0)

TEST_F(forward, messages_to_a_guest)
{
	struct tvm t;
	__u64 value = 0;

	ASSERT_OK(start_synic(&t, guest_takes, sizeof(guest_takes)));
	ASSERT_EQ(0, post(&t, 0x21));
	EXPECT_EQ(HV_STATUS_OBJECT_IN_USE, post(&t, 0x22));
	ASSERT_OK(wait_for_slot(&t));
	/* The guest is asked to say when the slot is empty, and does before it reports. */
	ASSERT_OK(tvm_run(&t, 0));
	EXPECT_SLOT(&t);
	ASSERT_EQ(0, post(&t, 0x23));
	ASSERT_OK(tvm_next_out(&t, 0, &value));
	EXPECT_EQ(0x21, value);
	ASSERT_OK(tvm_next_out(&t, 0, &value));
	EXPECT_EQ(0x23, value);
	/* The VMM waits no more: the guest is not asked. */
	ASSERT_EQ(0, post(&t, 0x24));
	ASSERT_OK(tvm_next_out(&t, 0, &value));
	EXPECT_EQ(0x24, value);
	ASSERT_OK(wait_for_slot(&t));
	ASSERT_OK(tvm_run(&t, 0));
	EXPECT_SLOT(&t);
	tvm_close(&t);
}

struct asker {
	struct tvm *t;
	int result;
};

static void *ask(void *opaque)
{
	struct asker *a = opaque;

	wait_until(stands_in_run(getpid()));
	a->result = wait_for_slot(a->t);
	return NULL;
}

/* A guest that sleeps has an empty slot already: its VMM is told at once. */
TEST_F(forward, slot_of_a_guest_that_sleeps)
{
	struct asker asker;
	pthread_t thread;
	struct tvm t;

	ASSERT_OK(start_synic(&t, guest_takes, sizeof(guest_takes)));
	asker.t = &t;
	ASSERT_EQ(0, pthread_create(&thread, NULL, ask, &asker));
	ASSERT_OK(tvm_run(&t, 0));
	EXPECT_SLOT(&t);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, asker.result);
	tvm_close(&t);
}

static int signal_event(struct tvm *t, __u8 *newly)
{
	struct hv_input_signal_event_direct in = {
		.target_sint = SINT, .flag_number = FLAG,
	};
	struct hv_output_signal_event_direct out = { 0 };
	struct vmm_call call = {
		.code = HVCALL_SIGNAL_EVENT_DIRECT, .in = &in, .in_size = sizeof(in),
		.out = &out, .out_size = sizeof(out),
	};
	int ret = vmm_hvcall(t->part, &call);

	*newly = out.newly_signaled;
	return ret;
}

TEST_F(forward, events_to_a_guest)
{
	__u8 newly = 0;
	__u64 value = 0;
	struct tvm t;

	ASSERT_OK(start_synic(&t, guest_sees, sizeof(guest_sees)));
	ASSERT_OK(signal_event(&t, &newly));
	EXPECT_EQ(1, newly);
	ASSERT_OK(signal_event(&t, &newly));
	EXPECT_EQ(0, newly);
	ASSERT_OK(tvm_next_out(&t, 0, &value));
	EXPECT_EQ(1U << FLAG % 8, value);
	tvm_close(&t);
}

TEST_HARNESS_MAIN
