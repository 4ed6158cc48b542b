// SPDX-License-Identifier: GPL-2.0
/*
 * A partition's time that is stopped (TIME_FREEZE) or set (REFERENCE_TIME):
 * synthetic timers and the reference TSC page follow.
 *
 * Model: the timers are set from outside and expire into the local APIC's request
 * register, so no guest needs to handle an interrupt.  The page is read by a guest,
 * which alone can see it.  Another machine, whose time is not stopped, shows that
 * time has passed: one of its timers that was set later has expired.
 */
#include <hyperv/hv_msr.h>
#include <hyperv/hv_property.h>
#include <hyperv/hv_register.h>

#include "harness.h"

#define VECTOR		0x51
#define SPAN		10000		/* 1 ms of partition time */
#define LATER		100000000000ULL	/* hours */
#define GAP		1000000		/* many spans */
#define TSC_PAGE	0x4000
#define SVR_ON		0x1ff

/* Reports the page's sequence and the time derived from it, for ever. */
static const __u8 guest_time[] = {
	0xbe, 0x00, 0x40, 0x00, 0x00,	/* mov esi, TSC_PAGE */
	0x8b, 0x06,			/* mov eax, [rsi] */
	0x66, 0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xef,				/* out dx, eax */
	0x0f, 0x31,			/* rdtsc */
	0x48, 0xc1, 0xe2, 0x20,		/* shl rdx, 32 */
	0x48, 0x09, 0xd0,		/* or rax, rdx */
	0x48, 0xf7, 0x66, 0x08,		/* mul qword [rsi + 8] */
	0x48, 0x03, 0x56, 0x10,		/* add rdx, [rsi + 16] */
	0x48, 0x89, 0xd3,		/* mov rbx, rdx */
	0x66, 0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0x89, 0xd8,			/* mov eax, ebx */
	0xef,				/* out dx, eax */
	0x48, 0xc1, 0xeb, 0x20,		/* shr rbx, 32 */
	0x89, 0xd8,			/* mov eax, ebx */
	0xef,				/* out dx, eax */
	0xeb, 0xd5,			/* jmp to "mov eax, [rsi]" */
};

FIXTURE(freeze) {
	struct books before;
	struct tvm t;
	struct tvm other;
	__u8 *buffer;
	bool books;
};

FIXTURE_SETUP(freeze)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start_long(&self->t, guest_time, sizeof(guest_time)));
	ASSERT_OK(tvm_start_long(&self->other, guest_time, sizeof(guest_time)));
	self->buffer = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->buffer);
}

FIXTURE_TEARDOWN(freeze)
{
	munmap(self->buffer, VMM_PAGE);
	tvm_close(&self->other);
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int set_frozen(struct tvm *t, bool on)
{
	return vmm_set_property(t->part, HV_PARTITION_PROPERTY_TIME_FREEZE, on);
}

static int get_time(struct tvm *t, __u64 *now)
{
	return vmm_get_property(t->part, HV_PARTITION_PROPERTY_REFERENCE_TIME,
				now);
}

/* One shot at @due, as an interrupt. */
static int set_timer(struct tvm *t, __u64 due)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_APIC_SPURIOUS, SVR_ON),
		vmm_value(HV_REGISTER_STIMER0_CONFIG, 0),
		vmm_value(HV_REGISTER_STIMER0_COUNT, due),
		vmm_value(HV_REGISTER_STIMER0_CONFIG, HV_STIMER_ENABLE |
			  HV_STIMER_DIRECT |
			  (__u64)VECTOR << HV_STIMER_VECTOR_SHIFT),
	};

	return vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
}

/* 1 if the timer's interrupt has been requested. */
static int has_expired(struct tvm *t, __u8 *buffer)
{
	struct hv_local_interrupt_controller_state *apic = (void *)buffer;
	__u32 size = VMM_PAGE;
	int ret;

	ret = vmm_get_state(t->vp[0], MSHV_VP_STATE_LAPIC, apic, &size);
	if (ret)
		return ret;
	return apic->apic_irr[VECTOR / 32] >> (VECTOR % 32) & 1;
}

/* Has the wait ended?  @ret is the reason. */
static bool is_over(struct tvm *t, __u8 *buffer, int *ret)
{
	*ret = has_expired(t, buffer);
	return *ret;
}

static int wait_for_timer(struct tvm *t, __u8 *buffer)
{
	int ret = 0;

	if (!wait_until(is_over(t, buffer, &ret)))
		return vmm_fail(ETIMEDOUT, "the timer does not expire");
	return ret < 0 ? ret : 0;
}

/* On @other, once: its interrupt stays requested. */
static int let_time_pass(struct tvm *other, __u8 *buffer)
{
	__u64 began = 0, now = 0;
	int ret;

	ret = get_time(other, &began);
	if (!ret)
		ret = set_timer(other, began + GAP);
	if (!ret)
		ret = wait_for_timer(other, buffer);
	if (!ret)
		ret = get_time(other, &now);
	if (!ret && now < began + GAP)
		ret = vmm_fail(EPROTO, "the timer has expired early");
	return ret;
}

/* What the guest reads from its page: the sequence, and the time. */
static int guest_reads(struct tvm *t, __u64 *sequence, __u64 *now)
{
	__u64 low, high;
	int ret;

	ret = tvm_next_out(t, 0, sequence);
	if (!ret)
		ret = tvm_next_out(t, 0, &low);
	if (!ret)
		ret = tvm_next_out(t, 0, &high);
	*now = ret ? 0 : high << 32 | low;
	return ret;
}

TEST_F(freeze, time_stands_still)
{
	__u64 first, second;

	ASSERT_OK(set_frozen(&self->t, true));
	ASSERT_OK(get_time(&self->t, &first));
	ASSERT_OK(let_time_pass(&self->other, self->buffer));
	ASSERT_OK(get_time(&self->t, &second));
	EXPECT_EQ(first, second);
	ASSERT_OK(set_frozen(&self->t, false));
	EXPECT_TRUE(wait_until(get_time(&self->t, &second) || second > first));
	EXPECT_LT(first, second);
}

/* Started while time is stopped: it starts to run when time does. */
TEST_F(freeze, timer_does_not_expire)
{
	__u64 now, then;

	ASSERT_OK(set_frozen(&self->t, true));
	ASSERT_OK(get_time(&self->t, &now));
	ASSERT_OK(set_timer(&self->t, now + SPAN));
	ASSERT_OK(let_time_pass(&self->other, self->buffer));
	EXPECT_EQ(0, has_expired(&self->t, self->buffer));
	ASSERT_OK(set_frozen(&self->t, false));
	ASSERT_OK(wait_for_timer(&self->t, self->buffer));
	ASSERT_OK(get_time(&self->t, &then));
	EXPECT_LE(now + SPAN, then);
}

/* Started before: it is held, and expires when the time is set forward. */
TEST_F(freeze, timer_is_held)
{
	__u64 now;

	ASSERT_OK(get_time(&self->t, &now));
	ASSERT_OK(set_timer(&self->t, now + LATER));
	ASSERT_OK(set_frozen(&self->t, true));
	ASSERT_OK(vmm_set_property(self->t.part,
				   HV_PARTITION_PROPERTY_REFERENCE_TIME,
				   now + LATER + SPAN));
	ASSERT_OK(let_time_pass(&self->other, self->buffer));
	EXPECT_EQ(0, has_expired(&self->t, self->buffer));
	ASSERT_OK(set_frozen(&self->t, false));
	ASSERT_OK(wait_for_timer(&self->t, self->buffer));
}

/* Time cannot be set while it runs, as the result would be undefined. */
TEST_F(freeze, is_not_set_while_it_runs)
{
	struct hv_input_set_partition_property in = {
		.property_code = HV_PARTITION_PROPERTY_REFERENCE_TIME,
	};
	struct vmm_call call = {
		.code = HVCALL_SET_PARTITION_PROPERTY,
		.in = &in, .in_size = sizeof(in),
	};
	__u64 now, then;

	ASSERT_OK(get_time(&self->t, &now));
	in.property_value = now + LATER;
	EXPECT_NE(0, vmm_hvcall(self->t.part, &call));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE, call.status);
	ASSERT_OK(get_time(&self->t, &then));
	EXPECT_GT(now + LATER, then);
	ASSERT_OK(set_frozen(&self->t, true));
	EXPECT_EQ(0, vmm_hvcall(self->t.part, &call));
	ASSERT_OK(get_time(&self->t, &then));
	EXPECT_EQ(now + LATER, then);
}

/* The page is invalid while time is stopped, and immediately afterwards. */
TEST_F(freeze, reference_tsc_page)
{
	__u64 first, sequence, before, seen, after;

	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_REFERENCE_TSC,
				   TSC_PAGE | HV_MSR_PAGE_ENABLE));
	ASSERT_OK(guest_reads(&self->t, &first, &seen));
	EXPECT_NE(0, first);
	ASSERT_OK(set_frozen(&self->t, true));
	ASSERT_OK(guest_reads(&self->t, &sequence, &seen));
	EXPECT_EQ(0, sequence);
	ASSERT_OK(let_time_pass(&self->other, self->buffer));
	ASSERT_OK(set_frozen(&self->t, false));
	ASSERT_OK(get_time(&self->t, &before));
	ASSERT_OK(guest_reads(&self->t, &sequence, &seen));
	ASSERT_OK(get_time(&self->t, &after));
	EXPECT_NE(0, sequence);
	EXPECT_NE(first, sequence);
	/* Each of the two is rounded down. */
	EXPECT_LE(before, seen + 1);
	EXPECT_LE(seen, after + 1);
}

/* A timer without a count is not due, before or after. */
TEST_F(freeze, timer_without_a_count)
{
	ASSERT_OK(set_timer(&self->t, 0));
	ASSERT_OK(set_frozen(&self->t, true));
	ASSERT_OK(set_frozen(&self->t, false));
	ASSERT_OK(let_time_pass(&self->other, self->buffer));
	EXPECT_EQ(0, has_expired(&self->t, self->buffer));
}

TEST_HARNESS_MAIN
