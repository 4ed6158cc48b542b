// SPDX-License-Identifier: GPL-2.0
/*
 * Timers of a VP that does not run use none of the root's time.
 *
 * Exits of the root are counted while it sleeps.  A slow machine has fewer.
 */
#include <hyperv/hv_msr.h>

#include "harness.h"

#define SLEEP_US	500000
#define QUIET		2000	/* exits; a timer that is not parked makes thousands */
#define SHORT		1000	/* 100 us */
#define SINT		2
#define CONFIG		(HV_STIMER_ENABLE | HV_STIMER_PERIODIC | \
			 SINT << HV_STIMER_SINT_SHIFT)

FIXTURE(parked) {
	struct books before;
	struct tvm t;
};

/*
 * Writes EBX:ESI to the count of the first timer, ECX to its configuration; reports
 * that.
 */
static const __u8 guest[] = {
	0x89, 0xc8, 0x31, 0xd2,				/* mov eax, ecx; xor edx, edx */
	0xb9, 0xb0, 0x00, 0x00, 0x40, 0x0f, 0x30,	/* wrmsr STIMER0_CONFIG */
	0x89, 0xf0, 0x89, 0xda,				/* mov eax, esi; mov edx, ebx */
	0xb9, 0xb1, 0x00, 0x00, 0x40, 0x0f, 0x30,	/* wrmsr STIMER0_COUNT */
	0x66, 0xba, 0xf8, 0x03, 0xb0, 't', OUT_AL,	/* mov dx, 0x3f8; out dx, al */
	HLT,
};

FIXTURE_SETUP(parked)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	ASSERT_OK(tvm_start_long(&self->t, guest, sizeof(guest)));
}

FIXTURE_TEARDOWN(parked)
{
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

static int set_timer(struct tvm *t, __u64 count)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RIP, TVM_CODE),
		vmm_value(HV_X64_REGISTER_RCX, CONFIG),
		vmm_value(HV_X64_REGISTER_RSI, (__u32)count),
		vmm_value(HV_X64_REGISTER_RBX, count >> 32),
	};
	__u64 out;
	int ret = vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));

	return ret ?: tvm_next_out(t, 0, &out);
}

static __u64 exits_asleep(void)
{
	__u64 exits = ~0ULL;

	rv_mark();
	usleep(SLEEP_US);
	rv_count(RV_COUNT_ROOT_EXITS, &exits);
	return exits;
}

/* It continues when the VP does: set_timer() runs it. */
TEST_F(parked, stopped)
{
	ASSERT_OK(set_timer(&self->t, SHORT));
	EXPECT_GE(QUIET, exits_asleep());
	ASSERT_OK(set_timer(&self->t, SHORT));
	EXPECT_GE(QUIET, exits_asleep());
}

TEST_HARNESS_MAIN
