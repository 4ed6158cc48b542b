// SPDX-License-Identifier: GPL-2.0
/*
 * Effects of what rootvisor accepts, if no other program tests them.
 *
 * Model: a guest does something that can be switched on, before that, meanwhile,
 * and after it was switched off; or two partitions with different flags are
 * compared.
 */
#include <hyperv/hv_cpuid.h>
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_msr.h>
#include <hyperv/hv_vp.h>

#include "claims.h"
#include "repeat.h"

#define X2APIC_BIT	HV_BIT(21)

FIXTURE(effects) {
	struct books before;
	struct tvm t;
};

FIXTURE_SETUP(effects)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	ASSERT_OK(claims_start(&self->t, TVM_FLAGS));
}

FIXTURE_TEARDOWN(effects)
{
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

/* ---- intercepts ------------------------------------------------------------ */

/*
 * A write to a port is reported before the intercept is installed, and after its
 * removal.
 */
TEST_F(effects, ports_without_asking)
{
	struct tvm *t = &self->t;
	const __u32 types[] = {
		HV_INTERCEPT_TYPE_X64_IO_PORT, HV_INTERCEPT_TYPE_X64_IO_PORT_RANGE,
	};
	unsigned int i, told = 0;
	__u64 value;

	memcpy(t->memory + TVM_CODE, guest_count, sizeof(guest_count));
	ASSERT_OK(tvm_real_mode(t, 0, TVM_CODE));
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		const __u64 port = PROBE_PORT | (i ? PROBE_PORT << 16 : 0);

		ASSERT_OK(tvm_next_out(t, 0, &value));
		EXPECT_EQ(told++, value);
		EXPECT_EQ(0, intercept_status(t->part, types[i],
					      HV_INTERCEPT_ACCESS_MASK_WRITE, port));
		ASSERT_OK(tvm_next_out(t, 0, &value));
		EXPECT_EQ(told++, value);
		EXPECT_EQ(0, intercept_status(t->part, types[i], 0, port));
	}
	ASSERT_OK(tvm_next_out(t, 0, &value));
	EXPECT_EQ(told, value);
}

/* Leaf 0x40000001, and then the MSR of the VP's index. */
static const __u8 guest_asks[] = {
	0x66, 0xb8, 1, 0, 0, 0x40,	/* mov eax, 0x40000001 */
	0x0f, 0xa2,			/* cpuid */
	0x66, 0xb9, 2, 0, 0, 0x40,	/* mov ecx, HV_X64_MSR_VP_INDEX */
	0x0f, 0x32,			/* rdmsr */
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xb0, 0x01, OUT_AL,
	0xeb, 0xfe,
};

static __u32 next_message(struct tvm *t)
{
	memcpy(t->memory + TVM_CODE, guest_asks, sizeof(guest_asks));
	if (tvm_real_mode(t, 0, TVM_CODE) || tvm_run(t, 0))
		return 0;
	return t->message.header.message_type;
}

TEST_F(effects, cpuid_intercepts)
{
	struct tvm *t = &self->t;
	const __u32 x = HV_INTERCEPT_ACCESS_MASK_EXECUTE;

	EXPECT_EQ(HVMSG_X64_IO_PORT_INTERCEPT, next_message(t));
	EXPECT_EQ(0, intercept_status(t->part, HV_INTERCEPT_TYPE_X64_CPUID, x,
				      0x40000000));
	EXPECT_EQ(HVMSG_X64_IO_PORT_INTERCEPT, next_message(t));
	EXPECT_EQ(0, intercept_status(t->part, HV_INTERCEPT_TYPE_X64_CPUID, x,
				      0x40000001));
	EXPECT_EQ(HVMSG_X64_CPUID_INTERCEPT, next_message(t));
	EXPECT_EQ(0, intercept_status(t->part, HV_INTERCEPT_TYPE_X64_CPUID, 0,
				      0x40000001));
	EXPECT_EQ(HVMSG_X64_IO_PORT_INTERCEPT, next_message(t));
	EXPECT_EQ(0, intercept_status(t->part, HV_INTERCEPT_TYPE_X64_GLOBAL_CPUID, x,
				      0));
	EXPECT_EQ(HVMSG_X64_CPUID_INTERCEPT, next_message(t));
	EXPECT_EQ(0, intercept_status(t->part, HV_INTERCEPT_TYPE_X64_GLOBAL_CPUID, 0,
				      0));
	EXPECT_EQ(HVMSG_X64_IO_PORT_INTERCEPT, next_message(t));
}

TEST_F(effects, one_msr_intercepted)
{
	struct tvm *t = &self->t;
	const __u32 r = HV_INTERCEPT_ACCESS_MASK_READ;

	EXPECT_EQ(0, intercept_status(t->part, HV_INTERCEPT_TYPE_X64_MSR_INDEX, r,
				      HV_X64_MSR_VP_RUNTIME));
	EXPECT_EQ(HVMSG_X64_IO_PORT_INTERCEPT, next_message(t));
	EXPECT_EQ(0, intercept_status(t->part, HV_INTERCEPT_TYPE_X64_MSR_INDEX, r,
				      HV_X64_MSR_VP_INDEX));
	EXPECT_EQ(HVMSG_X64_MSR_INTERCEPT, next_message(t));
	EXPECT_EQ(0, intercept_status(t->part, HV_INTERCEPT_TYPE_X64_MSR_INDEX, 0,
				      HV_X64_MSR_VP_INDEX));
	EXPECT_EQ(HVMSG_X64_IO_PORT_INTERCEPT, next_message(t));
}

/* ---- flags ------------------------------------------------------------ */

TEST_F(effects, x2apic_or_not)
{
	__u32 with[4], without[4];
	struct tvm other;

	ASSERT_OK(claims_start(&other, HV_BIT64(MSHV_PT_BIT_LAPIC)));
	ASSERT_OK(leaf_of(&self->t, 1, 0, with));
	ASSERT_OK(leaf_of(&other, 1, 0, without));
	EXPECT_EQ(X2APIC_BIT, with[2] & X2APIC_BIT);
	EXPECT_EQ(0, without[2] & X2APIC_BIT);
	tvm_close(&other);
}

/* ---- MSRs ------------------------------------------------------------ */

struct waker {
	int part;
	bool slept;
};

/*
 * Under the hypervisor's scheduler the guest may not be asleep yet when this thread
 * sees the other one in RUN_VP, so one NMI may not be enough.
 */
static void wake(void *opaque, unsigned int nr)
{
	struct waker *w = opaque;

	if (stands_in_run(getpid())) {
		w->slept = true;
		vmm_assert(w->part, HV_X64_INTERRUPT_TYPE_NMI, false, false, 0, 0);
	}
	wait_slice();
}

/* A read of the MSR sleeps until an event. */
TEST_F(effects, idle)
{
	static const __u8 handler[] = { 0xcf };	/* iret */
	struct tvm *t = &self->t;
	const __u32 entry = 0x3800;
	struct waker waker = { .part = t->part };
	struct repeater thread;
	__u64 value = 0;

	memcpy(t->memory + TVM_CODE, guest_reads, sizeof(guest_reads));
	memcpy(t->memory + entry, handler, sizeof(handler));
	memcpy(t->memory + 2 * 4, &entry, sizeof(entry));
	ASSERT_OK(tvm_real_mode(t, 0, TVM_CODE));
	ASSERT_OK(vmm_set_register(t->vp[0], 0, HV_X64_REGISTER_RCX,
				   HV_X64_MSR_GUEST_IDLE));
	ASSERT_EQ(0, repeat_begin(&thread, wake, &waker));
	ASSERT_OK(tvm_next_out(t, 0, &value));
	repeat_end(&thread);
	EXPECT_EQ(1, value);
	EXPECT_TRUE(waker.slept);
}

/* ---- the timer of the local APIC -------------------------------------------- */

/*
 * Starts a long count, periodic if the vector says so, and reads it; then counts half as
 * fast, and reads it again.
 */
static const __u8 guest_divides[] = {
	X2APIC_ON,
	0x66, 0xb9, 0x3e, 0x08, 0, 0,	/* mov ecx, divider */
	0x66, 0xb8, 0x0b, 0, 0, 0,	/* mov eax, by 1 */
	0x0f, 0x30,			/* wrmsr */
	0x66, 0xb9, 0x32, 0x08, 0, 0,	/* mov ecx, timer */
	0x66, 0xb8, 0x40, 0, 1, 0,	/* mov eax, masked, MODE, vector 0x40 */
	0x0f, 0x30,			/* wrmsr */
	0x66, 0xb9, 0x38, 0x08, 0, 0,	/* mov ecx, initial count */
	0x66, 0xb8, 0xff, 0xff, 0xff, 0xff,	/* mov eax, 0xffffffff */
	0x0f, 0x30,			/* wrmsr */
	0xb9, 0xff, 0xff,		/* mov cx, 0xffff */
	0xe2, 0xfe,			/* loop */
	0x66, 0xb9, 0x39, 0x08, 0, 0,	/* mov ecx, current count */
	0x0f, 0x32,			/* rdmsr */
	0x66, 0x89, 0xc3,		/* mov ebx, eax */
	0x66, 0xb9, 0x3e, 0x08, 0, 0,	/* mov ecx, divider */
	0x66, 0x31, 0xc0,		/* xor eax, eax: by 2 */
	0x0f, 0x30,			/* wrmsr */
	0x66, 0xb9, 0x39, 0x08, 0, 0,	/* mov ecx, current count */
	0x0f, 0x32,			/* rdmsr */
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	OUT_AL,
};

#define DIVIDES_MODE	57	/* where the timer's bits 23:16 are */

TEST_F(effects, apic_timer_counts_on_with_another_divider)
{
	static const __u8 modes[] = { 1, 3 };	/* masked, and periodic */
	struct tvm *t = &self->t;
	__u64 before, value;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		memcpy(t->memory + TVM_CODE, guest_divides, sizeof(guest_divides));
		ASSERT_EQ(1, t->memory[TVM_CODE + DIVIDES_MODE]);
		t->memory[TVM_CODE + DIVIDES_MODE] = modes[i];
		ASSERT_OK(tvm_real_mode(t, 0, TVM_CODE));
		ASSERT_OK(tvm_next_out(t, 0, &value));
		ASSERT_OK(vmm_get_register(t->vp[0], 0, HV_X64_REGISTER_RBX, &before));
		EXPECT_NE(0, before);
		EXPECT_LT((__u32)tvm_io(t)->rax, (__u32)before);
	}
}

/* ---- accesses to the page of the local APIC --------------------------------------- */

#define APIC_ID		0xfee00020
#define APIC_TABLE	(TVM_TABLES + 4 * VMM_PAGE)
#define UNTOUCHED	0xc0000
#define GIB		0x40000000ULL
#define LARGE_PAGE	0x200000ULL

/* The APIC id, to a page that has not been touched: it is mapped, as for any access. */
TEST_F(effects, from_the_apic_to_new_memory)
{
	static const __u8 code[] = {
		0xa5,				/* movsd */
		0xba, 0xf8, 0x03, 0, 0,		/* mov edx, 0x3f8 */
		OUT_AL,
	};
	struct tvm *t = &self->t;
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RSI, APIC_ID),
		vmm_value(HV_X64_REGISTER_RDI, UNTOUCHED),
	};
	__u64 *pdpt = (__u64 *)(t->memory + TVM_TABLES + VMM_PAGE);
	__u64 *pd = (__u64 *)(t->memory + APIC_TABLE), value;
	__u32 *at = (__u32 *)(t->memory + UNTOUCHED);

	ASSERT_LE(0, tvm_vp(t, 1));
	memcpy(t->memory + TVM_CODE, code, sizeof(code));
	ASSERT_OK(tvm_long_mode(t, 1, TVM_CODE));
	pdpt[APIC_ID / GIB] = APIC_TABLE | 7;
	pd[APIC_ID % GIB / LARGE_PAGE] = (APIC_ID & ~(LARGE_PAGE - 1)) | 0x87;
	ASSERT_OK(vmm_set_registers(t->vp[1], 1, regs, ARRAY_SIZE(regs)));
	ASSERT_OK(vmm_set_register(t->vp[1], 1, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0));
	ASSERT_OK(tvm_next_out(t, 1, &value));
	EXPECT_EQ(1 << 24, *at);
	ASSERT_OK(vmm_get_register(t->vp[1], 1, HV_X64_REGISTER_RDI, &value));
	EXPECT_EQ(UNTOUCHED + sizeof(*at), value);
}

TEST_HARNESS_MAIN
