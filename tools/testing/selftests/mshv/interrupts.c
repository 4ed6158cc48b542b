// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts that a VMM sends, processors that sleep until they come, and more
 * than one processor at a time.
 */
#include <sys/mman.h>

#include <hyperv/hv_msr.h>
#include <hyperv/hv_synic.h>
#include <hyperv/hv_vp.h>

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

#define VECTOR		0x40
#define VECTOR_NMI	2
#define RFLAGS_IF	0x200
#define INTERRUPT_SHADOW 1

TEST_F(interrupts, interrupt_wakes_halt)
{
	__u64 value = 0;

	ASSERT_OK(tvm_start(&self->t, guest_wait_interrupt,
			    sizeof(guest_wait_interrupt)));
	tvm_handle(&self->t, VECTOR);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	ASSERT_EQ(1, value);
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_FIXED, false,
			     false, 0, VECTOR));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(2, value);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(3, value);
}

/* A processor that the VMM has halted takes interrupts by the flags in its register page. */
TEST_F(interrupts, register_page_of_one_that_halts)
{
	struct hv_vp_register_page *page;
	__u64 value = 0;

	ASSERT_OK(tvm_start(&self->t, guest_wait_interrupt,
			    sizeof(guest_wait_interrupt)));
	tvm_handle(&self->t, VECTOR);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	page = vmm_map_page(self->t.vp[0], MSHV_VP_MMAP_OFFSET_REGISTERS);
	ASSERT_NE(NULL, page);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_INTERNAL_ACTIVITY_STATE,
				   HV_ACTIVITY_HALT_SUSPEND));
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_FIXED, false, false, 0,
			     VECTOR));
	page->rflags |= RFLAGS_IF;
	page->dirty = HV_BIT(HV_X64_REGISTER_CLASS_FLAGS);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(2, value);
	EXPECT_EQ(0, munmap(page, VMM_PAGE));
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
	__u64 value, rsp;
	unsigned int i;

	ASSERT_OK(tvm_start(&self->t, other, sizeof(other)));
	tvm_handle(&self->t, VECTOR);
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
	pthread_t thread;
	__u64 value = 0;
	void *slept;

	ASSERT_OK(tvm_start(&self->t, guest_halt, sizeof(guest_halt)));
	tvm_handle(&self->t, VECTOR_NMI);
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

/* What the VMM has put into the register page before INIT and SIPI does not undo them. */
TEST_F(interrupts, register_page_before_sipi)
{
	static const __u8 there[] = { 0xba, 0xf8, 0x03, 0xb0, 0x99, OUT_AL, HLT };
	struct hv_vp_register_page *page;
	__u64 value = 0;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	memcpy(self->t.memory + 0x5000, there, sizeof(there));
	ASSERT_OK(tvm_vp(&self->t, 1));
	page = vmm_map_page(self->t.vp[1], MSHV_VP_MMAP_OFFSET_REGISTERS);
	ASSERT_NE(NULL, page);
	EXPECT_TRUE(page->isvalid);
	page->rip = TVM_CODE;
	page->rbx = 0xb0b0;
	page->dirty = HV_BIT(HV_X64_REGISTER_CLASS_GENERAL) |
		      HV_BIT(HV_X64_REGISTER_CLASS_IP) |
		      HV_BIT(HV_X64_REGISTER_CLASS_SEGMENT);
	ASSERT_OK(tvm_wake(&self->t, 1, 0x5000));
	EXPECT_EQ(0, page->dirty);
	EXPECT_EQ(0, page->rip);
	EXPECT_EQ(0x500, page->cs.selector);
	ASSERT_OK(tvm_next_out(&self->t, 1, &value));
	EXPECT_EQ(0x99, value);
	EXPECT_EQ(0, page->rbx);
	EXPECT_EQ(0, munmap(page, VMM_PAGE));
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

/* ---- ExtINTs ----------------------------------------------------------------------- */

static int extint_status(struct tvm *t, __u32 vector)
{
	struct hv_input_assert_virtual_interrupt in = {
		.control.interrupt_type = HV_X64_INTERRUPT_TYPE_EXTINT, .vector = vector,
	};
	struct vmm_call call = {
		.code = HVCALL_ASSERT_VIRTUAL_INTERRUPT, .in = &in, .in_size = sizeof(in),
	};
	int ret = vmm_hvcall(t->part, &call);

	return call.status ? call.status : ret;
}

static int clear_status(struct tvm *t)
{
	struct hv_input_clear_virtual_interrupt in = { 0 };
	struct vmm_call call = {
		.code = HVCALL_CLEAR_VIRTUAL_INTERRUPT, .in = &in, .in_size = sizeof(in),
	};
	int ret = vmm_hvcall(t->part, &call);

	return call.status ? call.status : ret;
}

/* What the guest has taken is to be cleared before the next one is asserted. */
TEST_F(interrupts, extint_until_it_is_cleared)
{
	static const __u8 code[] = {
		0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
		0xfb, 0x90,			/* sti, nop */
		0xb0, 0x03, OUT_AL,
		0xeb, 0xfb,			/* again */
	};
	__u64 value = 0;

	ASSERT_OK(tvm_start(&self->t, code, sizeof(code)));
	tvm_handle(&self->t, VECTOR);
	EXPECT_EQ(HV_STATUS_NOT_ACKNOWLEDGED, clear_status(&self->t));
	ASSERT_EQ(0, extint_status(&self->t, VECTOR + 1));
	/* The guest has not taken it yet, so another one replaces it. */
	ASSERT_EQ(0, extint_status(&self->t, VECTOR));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(2, value);
	EXPECT_EQ(HV_STATUS_ACKNOWLEDGED, extint_status(&self->t, VECTOR));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(3, value);
	EXPECT_EQ(0, clear_status(&self->t));
	EXPECT_EQ(HV_STATUS_NOT_ACKNOWLEDGED, clear_status(&self->t));
	EXPECT_EQ(0, extint_status(&self->t, VECTOR));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(2, value);
}

/* A pin of the local APIC: what it does is in its LVT, a vector of ~0 withdraws it. */
TEST_F(interrupts, nmi_by_a_pin)
{
	static const __u8 code[] = {
		0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
		0xb0, 0x03, OUT_AL,
		0xeb, 0xfb,			/* again */
	};
	__u64 value = 0;

	ASSERT_OK(tvm_start(&self->t, code, sizeof(code)));
	tvm_handle(&self->t, VECTOR_NMI);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_SPURIOUS, 0x1ff));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_LVT_LINT1,
				   HV_X64_INTERRUPT_TYPE_NMI << 8));
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_LOCALINT1, false, false, 0,
			     HV_INTERRUPT_VECTOR_NONE));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(3, value);
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_LOCALINT1, false, false, 0,
			     0));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(2, value);
}

/* ---- notifications: when the VMM could interrupt ------------------------------------ */

#define IF_CLEAR	0x2
#define IF_SET		0x202

static int notify(struct tvm *t, __u64 what)
{
	return vmm_set_register(t->vp[0], 0, HV_X64_REGISTER_DELIVERABILITY_NOTIFICATIONS, what);
}

static __u64 priority(__u64 class)
{
	return HV_DELIVERABILITY_INTERRUPT | class << HV_DELIVERABILITY_PRIORITY_SHIFT;
}

/* The next message notifies of this @kind, at this place, and once. */
#define EXPECT_NOTIFIED(kind, at)	EXPECT_NOTIFIED_FIRST(kind, at, 0)

/* The VMM waits for the @rest then. */
#define EXPECT_NOTIFIED_FIRST(kind, at, rest) do {					\
	const struct hv_x64_interruption_deliverable_message *m_ =	\
		(const void *)self->t.message.u.bytes;			\
	__u64 left_ = 1;						\
									\
	ASSERT_OK(tvm_run(&self->t, 0));				\
	ASSERT_EQ(HVMSG_X64_INTERRUPTION_DELIVERABLE,			\
		  self->t.message.header.message_type);			\
	EXPECT_EQ(kind, m_->deliverable_type);				\
	EXPECT_EQ(TVM_CODE + (at), m_->header.rip);			\
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0,			\
				   HV_X64_REGISTER_DELIVERABILITY_NOTIFICATIONS, &left_)); \
	EXPECT_EQ(rest, left_);						\
} while (0)

#define EXPECT_OUT(expected) do {					\
	__u64 value_ = 0;						\
									\
	ASSERT_OK(tvm_next_out(&self->t, 0, &value_));			\
	EXPECT_EQ(expected, value_);					\
} while (0)

static int set_state(struct tvm *t, __u64 at, __u64 rflags, __u64 state)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RIP, TVM_CODE + at),
		vmm_value(HV_X64_REGISTER_RFLAGS, rflags),
		vmm_value(HV_REGISTER_INTERRUPT_STATE, state),
	};

	return vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
}

static const __u64 rflags[] = { IF_CLEAR, IF_SET };

/* The end of a handler of an NMI. */
static const __u8 guest_ends_nmi[] = {
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xb0, 0x01, OUT_AL,
	0x9c, 0x0e, 0x68, 0x0c, 0x10,	/* pushf; push cs; push there */
	0xcf,				/* iret */
	0xb0, 0x02, OUT_AL,		/* there */
	0xb0, 0x03, OUT_AL,
};

#define NMI_ENDED	12	/* there */

/* The next NMI arrives when the last one has ended, also if its handler has set IF. */
TEST_F(interrupts, nmi_when_another_has_ended)
{
	static const __u8 handler[] = {
		0x5b, 0x53,			/* pop bx; push bx */
		0xb0, 0x77, OUT_AL,
		0xcf,				/* iret */
	};
	unsigned int i;
	__u64 from = 0;

	ASSERT_OK(tvm_start(&self->t, guest_ends_nmi, sizeof(guest_ends_nmi)));
	tvm_handle_by(&self->t, VECTOR_NMI, handler, sizeof(handler));
	for (i = 0; i < ARRAY_SIZE(rflags); i++) {
		ASSERT_OK(set_state(&self->t, 0, rflags[i], HV_INTERRUPT_STATE_NMI_MASKED));
		ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_NMI, false, false,
				     0, 0));
		EXPECT_OUT(1);
		EXPECT_OUT(0x77);
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_RBX, &from));
		EXPECT_EQ(TVM_CODE + NMI_ENDED, from & 0xffff);
		EXPECT_OUT(2);
	}
}

/* One that the VMM delivers itself blocks others, too. */
TEST_F(interrupts, nmi_of_the_vmm_blocks_others)
{
	const __u64 event = HV_PENDING_INTERRUPTION_PENDING |
		HV_X64_PENDING_NMI << HV_PENDING_INTERRUPTION_TYPE_SHIFT |
		2 << HV_PENDING_INTERRUPTION_VECTOR_SHIFT;
	__u64 state = 0;
	unsigned int i;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	tvm_handle(&self->t, VECTOR_NMI);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_PENDING_INTERRUPTION, event));
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_NMI, false, false, 0, 0));
	for (i = 0; i < 2; i++) {
		EXPECT_OUT(2);
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_REGISTER_INTERRUPT_STATE,
					   &state));
		EXPECT_EQ(HV_INTERRUPT_STATE_NMI_MASKED, state);
	}
	EXPECT_OUT(0);
}

/* Not in the handler of an NMI, but at its end. */
TEST_F(interrupts, notified_when_an_nmi_has_ended)
{
	unsigned int i;

	ASSERT_OK(tvm_start(&self->t, guest_ends_nmi, sizeof(guest_ends_nmi)));
	for (i = 0; i < ARRAY_SIZE(rflags); i++) {
		ASSERT_OK(set_state(&self->t, 0, rflags[i], HV_INTERRUPT_STATE_NMI_MASKED));
		ASSERT_OK(notify(&self->t, HV_DELIVERABILITY_NMI));
		EXPECT_OUT(1);
		EXPECT_NOTIFIED(HV_X64_PENDING_NMI, NMI_ENDED);
		EXPECT_OUT(2);
	}
	/* An interrupt is not blocked. */
	ASSERT_OK(set_state(&self->t, 0, IF_SET, HV_INTERRUPT_STATE_NMI_MASKED));
	ASSERT_OK(notify(&self->t, HV_DELIVERABILITY_NMI | HV_DELIVERABILITY_INTERRUPT));
	EXPECT_NOTIFIED_FIRST(HV_X64_PENDING_INTERRUPT, 0, HV_DELIVERABILITY_NMI);
	EXPECT_OUT(1);
	EXPECT_NOTIFIED(HV_X64_PENDING_NMI, NMI_ENDED);
	EXPECT_OUT(2);
	/* With NMIs unmasked, at once. */
	ASSERT_OK(notify(&self->t, HV_DELIVERABILITY_NMI));
	EXPECT_NOTIFIED(HV_X64_PENDING_NMI, NMI_ENDED + 3);
}

/* After MOV SS or STI, and the instruction that follows. */
TEST_F(interrupts, notified_after_the_shadow)
{
	static const __u8 code[] = {
		0x90, 0x90, 0x90,		/* nop, three times */
		0xfb, 0x90, 0x90,		/* sti, nop, nop */
		0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
		0xb0, 0x01, OUT_AL,
	};
	unsigned int i;

	ASSERT_OK(tvm_start(&self->t, code, sizeof(code)));
	for (i = 0; i < ARRAY_SIZE(rflags); i++) {
		ASSERT_OK(set_state(&self->t, 0, rflags[i], HV_INTERRUPT_STATE_SHADOW));
		ASSERT_OK(notify(&self->t, HV_DELIVERABILITY_NMI));
		EXPECT_NOTIFIED(HV_X64_PENDING_NMI, 1);
	}
	ASSERT_OK(set_state(&self->t, 0, IF_SET, HV_INTERRUPT_STATE_SHADOW));
	ASSERT_OK(notify(&self->t, HV_DELIVERABILITY_INTERRUPT));
	EXPECT_NOTIFIED(HV_X64_PENDING_INTERRUPT, 1);
	/* With interrupts disabled, after STI. */
	ASSERT_OK(set_state(&self->t, 0, IF_CLEAR, 0));
	ASSERT_OK(notify(&self->t, HV_DELIVERABILITY_INTERRUPT));
	EXPECT_NOTIFIED(HV_X64_PENDING_INTERRUPT, 5);
	EXPECT_OUT(1);
}

/* The event that the VMM has put into the entry comes first. */
TEST_F(interrupts, notified_after_the_event_of_the_entry)
{
	const __u64 event = HV_PENDING_INTERRUPTION_PENDING |
		HV_X64_PENDING_INTERRUPT << HV_PENDING_INTERRUPTION_TYPE_SHIFT |
		VECTOR << HV_PENDING_INTERRUPTION_VECTOR_SHIFT;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	tvm_handle(&self->t, VECTOR);
	ASSERT_OK(set_state(&self->t, 0, IF_SET, 0));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_PENDING_INTERRUPTION, event));
	ASSERT_OK(notify(&self->t, HV_DELIVERABILITY_INTERRUPT));
	EXPECT_OUT(2);
	EXPECT_NOTIFIED(HV_X64_PENDING_INTERRUPT, 0);
	EXPECT_OUT(0);
}

/* When an interrupt of this priority could be taken: CR8 is below it. */
TEST_F(interrupts, notified_by_priority)
{
	static const __u8 code[] = {
		0xba, 0xf8, 0x03, 0, 0,		/* mov edx, 0x3f8 */
		0xb8, 0x04, 0, 0, 0,		/* mov eax, 4 */
		0x44, 0x0f, 0x22, 0xc0,		/* mov cr8, rax */
		OUT_AL,
		0xb8, 0x03, 0, 0, 0,		/* mov eax, 3 */
		0x44, 0x0f, 0x22, 0xc0,		/* mov cr8, rax */
		OUT_AL,
		0xb8, 0x02, 0, 0, 0,		/* mov eax, 2 */
		0x44, 0x0f, 0x22, 0xc0,		/* mov cr8, rax */
		OUT_AL,
		0xfa,				/* cli */
		0xb8, 0x01, 0, 0, 0,		/* mov eax, 1 */
		OUT_AL,
		0xfb, 0x90,			/* sti, nop */
		OUT_AL,
	};

	ASSERT_OK(tvm_start_long(&self->t, code, sizeof(code)));
	ASSERT_OK(set_state(&self->t, 0, IF_SET, 0));
	EXPECT_OUT(4);
	ASSERT_OK(notify(&self->t, priority(5)));
	EXPECT_NOTIFIED(HV_X64_PENDING_INTERRUPT, 15);
	ASSERT_OK(notify(&self->t, priority(3)));
	EXPECT_OUT(3);
	EXPECT_NOTIFIED(HV_X64_PENDING_INTERRUPT, 34);
	EXPECT_OUT(2);
	/* CR8 is low enough, but interrupts are disabled. */
	EXPECT_OUT(1);
	ASSERT_OK(notify(&self->t, priority(3)));
	EXPECT_NOTIFIED(HV_X64_PENDING_INTERRUPT, 44);
	EXPECT_OUT(1);
}

/* One in service blocks those of the same and of lower priorities until its EOI. */
TEST_F(interrupts, notified_after_the_end_of_another)
{
	static const __u8 handler[] = {
		0xfb,				/* sti */
		0xb0, 0x02, OUT_AL,
		0xb0, 0x03, OUT_AL,
		0x66, 0xb9, 0x0b, 0x08, 0, 0,	/* mov ecx, EOI */
		0x66, 0x31, 0xc0,		/* xor eax, eax */
		0x66, 0x31, 0xd2,		/* xor edx, edx */
		0x0f, 0x30,			/* wrmsr */
		0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
		0xb0, 0x04, OUT_AL,
	};

	ASSERT_OK(tvm_start(&self->t, guest_wait_interrupt, sizeof(guest_wait_interrupt)));
	tvm_handle_by(&self->t, VECTOR, handler, sizeof(handler));
	EXPECT_OUT(1);
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_FIXED, false, false, 0,
			     VECTOR));
	EXPECT_OUT(2);
	ASSERT_OK(notify(&self->t, priority(VECTOR >> 4)));
	EXPECT_OUT(3);
	EXPECT_NOTIFIED(HV_X64_PENDING_INTERRUPT, TVM_HANDLER + 21 - TVM_CODE);
	EXPECT_OUT(4);
}

#define SINT		2
#define SIMP_PAGE	0x6000
#define SLOT		(SIMP_PAGE + SINT * HV_MESSAGE_SIZE)

static int post_status(struct tvm *t)
{
	struct hv_input_post_message_direct in = { .sint_index = SINT };
	struct hv_message *message = (void *)in.message;
	struct vmm_call call = {
		.code = HVCALL_POST_MESSAGE_DIRECT, .in = &in, .in_size = sizeof(in),
	};
	int ret;

	message->header.message_type = 1;
	message->header.payload_size = sizeof(__u64);
	ret = vmm_hvcall(t->part, &call);
	return call.status ? call.status : ret;
}

/* A SINT whose slot is free, or has become free. */
TEST_F(interrupts, notified_of_a_free_slot)
{
	static const __u8 code[] = {
		0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
		0xb0, 0x01, OUT_AL,
		0x66, 0x31, 0xc0,		/* xor eax, eax */
		0x66, 0xa3, SLOT & 0xff, SLOT >> 8,	/* mov [SLOT], eax */
		0x66, 0xb9, 0x84, 0, 0, 0x40,	/* mov ecx, HV_X64_MSR_EOM */
		0x66, 0x31, 0xd2,		/* xor edx, edx */
		0x0f, 0x30,			/* wrmsr */
		0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
		0xb0, 0x02, OUT_AL,
	};
	const __u64 wanted = HV_BIT64(HV_DELIVERABILITY_SINTS_SHIFT + SINT);
	const struct hv_x64_synic_sint_deliverable_message *m =
		(const void *)self->t.message.u.bytes;
	__u64 left = 1;

	ASSERT_OK(tvm_start(&self->t, code, sizeof(code)));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_SINT0 + SINT,
				   HV_SYNIC_SINT_POLLING));
	EXPECT_EQ(HV_STATUS_INVALID_SYNIC_STATE, post_status(&self->t));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_SCONTROL, 1));
	/* Without a page. */
	EXPECT_EQ(HV_STATUS_INVALID_SYNIC_STATE, post_status(&self->t));
	ASSERT_OK(notify(&self->t, wanted));
	EXPECT_OUT(1);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_SIMP, SIMP_PAGE | 1));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_EQ(HVMSG_SYNIC_SINT_DELIVERABLE, self->t.message.header.message_type);
	EXPECT_EQ(HV_BIT(SINT), m->deliverable_sints);
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0,
				   HV_X64_REGISTER_DELIVERABILITY_NOTIFICATIONS, &left));
	EXPECT_EQ(0, left);
	EXPECT_EQ(0, post_status(&self->t));
	EXPECT_EQ(HV_STATUS_OBJECT_IN_USE, post_status(&self->t));
	ASSERT_OK(notify(&self->t, wanted));
	/* The guest reads the message, and says so. */
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_EQ(HVMSG_SYNIC_SINT_DELIVERABLE, self->t.message.header.message_type);
	EXPECT_EQ(HV_BIT(SINT), m->deliverable_sints);
	EXPECT_EQ(TVM_CODE + 24, m->header.rip);
	EXPECT_EQ(0, post_status(&self->t));
	EXPECT_OUT(2);
}

TEST_HARNESS_MAIN
