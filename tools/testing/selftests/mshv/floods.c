// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest can do as often as it likes, and its effect on the host.
 */
#include <time.h>

#include "harness.h"

#define WRITES		1000

FIXTURE(floods) {
	struct books before;
	struct tvm t;
};

FIXTURE_SETUP(floods)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
}

FIXTURE_TEARDOWN(floods)
{
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

/* Reports WRITES times that it has crashed. */
static const __u8 guest_crashes[] = {
	0xbd, WRITES & 0xff, WRITES >> 8,	/* mov bp, WRITES */
	0x66, 0xb9, 0x05, 0x01, 0x00, 0x40,	/* mov ecx, crash control */
	0x66, 0x31, 0xc0,			/* xor eax, eax */
	0x66, 0xba, 0x00, 0x00, 0x00, 0x80,	/* mov edx, notify */
	0x0f, 0x30,				/* wrmsr */
	0x4d,					/* dec bp */
	0x75, 0xfb,				/* jnz to "wrmsr" */
	0xba, 0xf8, 0x03,			/* mov dx, 0x3f8 */
	0xb0, 0x77, OUT_AL, HLT,
};

static __u64 milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/* The log gets few lines, however many the guest causes, and the rest is counted. */
TEST_F(floods, lines_in_the_log)
{
	__u64 begin, most, value, written, left_out;

	ASSERT_OK(tvm_start(&self->t, guest_crashes, sizeof(guest_crashes)));
	begin = milliseconds();
	ASSERT_EQ(0, rv_mark());
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x77, value);
	ASSERT_EQ(0, rv_count(RV_COUNT_GUEST_LINES, &written));
	ASSERT_EQ(0, rv_count(RV_COUNT_GUEST_LINES_LEFT_OUT, &left_out));
	/* One more for a partial interval, and as many for clocks that differ. */
	most = RV_GUEST_LINES_AT_ONCE +
	       2 * ((milliseconds() - begin) / RV_GUEST_LINE_MS + 1);
	EXPECT_EQ(WRITES, written + left_out);
	EXPECT_GE(most, written);
}

TEST_HARNESS_MAIN
