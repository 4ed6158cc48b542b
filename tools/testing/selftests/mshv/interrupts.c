// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts that a VMM sends, processors that sleep until they come, and more
 * than one processor at a time.
 */
#include "harness.h"

FIXTURE(interrupts) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(interrupts)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_open(&self->t));
	close(self->t.dev);
	self->t.dev = -1;
}

FIXTURE_TEARDOWN(interrupts)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/* Enables its APIC, reports that with interrupts off, then waits for one. */
static const __u8 guest_wait_interrupt[] = {
	0xfa,				/* cli */
	X2APIC_ON,
	0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
	0xb0, 0x01, OUT_AL,		/* "ready" */
	0xfb,				/* sti */
	HLT,
	0xb0, 0x03, OUT_AL,		/* "woken" */
	0xfa, HLT,
};

static const __u8 guest_handler[] = {
	0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
	0xb0, 0x02, OUT_AL,		/* "interrupt" */
	0xcf,				/* iret */
};

#define HANDLER		0x3000
#define VECTOR		0x40
#define RFLAGS_IF	0x200
#define INTERRUPT_SHADOW 1

TEST_F(interrupts, interrupt_wakes_halt)
{
	const __u32 entry = HANDLER;
	__u64 value = 0;

	ASSERT_OK(tvm_start(&self->t, guest_wait_interrupt,
			    sizeof(guest_wait_interrupt)));
	memcpy(self->t.memory + HANDLER, guest_handler, sizeof(guest_handler));
	memcpy(self->t.memory + VECTOR * 4, &entry, 4);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	ASSERT_EQ(1, value);
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_FIXED, false,
			     false, 0, VECTOR));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(2, value);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(3, value);
}

/*
 * What a VMM says is pending has been taken already, so that it does not matter whether
 * the guest could take an interrupt now.
 */
TEST_F(interrupts, pending_one_is_delivered)
{
	static const struct {
		__u64 rflags, state;
	} cannot[] = { { 2, 0 }, { 2 | RFLAGS_IF, INTERRUPT_SHADOW }, { 2, INTERRUPT_SHADOW } };
	static const __u8 other[] = { 0xba, 0xf8, 0x03, 0xb0, 0x09, OUT_AL, HLT };
	const __u32 entry = HANDLER;
	__u64 value, rsp;
	unsigned int i;

	ASSERT_OK(tvm_start(&self->t, other, sizeof(other)));
	memcpy(self->t.memory + HANDLER, guest_handler, sizeof(guest_handler));
	memcpy(self->t.memory + VECTOR * 4, &entry, 4);
	for (i = 0; i < ARRAY_SIZE(cannot); i++) {
		const struct hv_register_assoc regs[] = {
			vmm_value(HV_X64_REGISTER_RIP, TVM_CODE),
			vmm_value(HV_X64_REGISTER_RSP, TVM_STACK),
			vmm_value(HV_X64_REGISTER_RFLAGS, cannot[i].rflags),
			vmm_value(HV_REGISTER_INTERRUPT_STATE, cannot[i].state),
			vmm_value(HV_REGISTER_PENDING_INTERRUPTION,
				  HV_PENDING_INTERRUPTION_PENDING | VECTOR << 16),
		};

		ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(regs)));
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		EXPECT_EQ(2, value);
		/* It returns to where the guest was. */
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_RSP, &rsp));
		EXPECT_EQ(TVM_STACK - 6, rsp);
		EXPECT_EQ(TVM_CODE, *(__u16 *)(self->t.memory + TVM_STACK - 6));
	}
}

static void *assert_later(void *opaque)
{
	struct tvm *t = opaque;
	bool sleeps;

	/* The first thread of this process runs it. */
	sleeps = wait_until(stands_in_run(getpid()));
	vmm_assert(t->part, HV_X64_INTERRUPT_TYPE_NMI, false, false, 0, 0);
	return sleeps ? t : NULL;
}

/* From another thread, to a sleeping processor: it must be woken. */
TEST_F(interrupts, nmi_wakes_a_sleeping_processor)
{
	const __u32 entry = HANDLER;
	pthread_t thread;
	__u64 value = 0;
	void *slept;

	ASSERT_OK(tvm_start(&self->t, guest_halt, sizeof(guest_halt)));
	memcpy(self->t.memory + HANDLER, guest_handler, sizeof(guest_handler));
	memcpy(self->t.memory + 2 * 4, &entry, 4);
	ASSERT_EQ(0, pthread_create(&thread, NULL, assert_later, &self->t));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(2, value);
	ASSERT_EQ(0, pthread_join(thread, &slept));
	EXPECT_NE(NULL, slept);
}

/* The second processor sleeps until INIT and SIPI, then starts at the given address. */
TEST_F(interrupts, second_processor_by_sipi)
{
	static const __u8 there[] = { 0xba, 0xf8, 0x03, 0xb0, 0x99, OUT_AL, HLT };
	__u64 value = 0;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	memcpy(self->t.memory + 0x5000, there, sizeof(there));
	ASSERT_OK(tvm_vp(&self->t, 1));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	ASSERT_OK(tvm_wake(&self->t, 1, 0x5000));
	ASSERT_OK(tvm_next_out(&self->t, 1, &value));
	EXPECT_EQ(0x99, value);
	EXPECT_EQ(1, tvm_header(&self->t)->vp_index);
	EXPECT_EQ(0x500, tvm_header(&self->t)->cs_segment.selector);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(1, value);
}

struct runner {
	struct tvm *t;
	unsigned int index;
	unsigned int rounds;
	int result;
};

static void *runner_thread(void *opaque)
{
	struct runner *r = opaque;
	struct tvm mine = *r->t;
	unsigned int i;
	__u64 value;

	for (i = 0; i < r->rounds; i++) {
		r->result = tvm_next_out(&mine, r->index, &value);
		if (!r->result && value != i)
			r->result = -ERANGE;
		if (r->result)
			break;
	}
	return NULL;
}

/* Both count for themselves, at the same time. */
TEST_F(interrupts, two_processors)
{
	struct runner runners[2];
	pthread_t threads[2];
	unsigned int i;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	ASSERT_OK(tvm_vp(&self->t, 1));
	ASSERT_OK(tvm_wake(&self->t, 1, TVM_CODE));
	for (i = 0; i < 2; i++) {
		runners[i] = (struct runner){ &self->t, i, 200, 0 };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, runner_thread,
					    &runners[i]));
	}
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
		EXPECT_EQ(0, runners[i].result);
	}
}

TEST_HARNESS_MAIN
