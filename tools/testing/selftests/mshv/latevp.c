// SPDX-License-Identifier: GPL-2.0
/*
 * A processor that is added to a guest that runs, and one that is closed.
 *
 * Model: processor 0 counts in memory, without exits, or sleeps.  Meanwhile another one is
 * created, gets CPUID values and registers, runs, and is closed.  Processor 0 goes on
 * counting after each of these steps; how long one may take is said in the clock of a
 * machine that counts instructions.
 */
#include <time.h>

#include <hyperv/hv_register.h>

#include "harness.h"
#include "waits.h"

#define COUNTER		0x8000
#define SLEEPER		0x1800
#define CODE		0x2000
#define LEAF		0x40001000
#define ANSWER		0x1234abcd
#define LIMIT_NS	10000000
#define NS_PER_S	1000000000LL

static const __u8 guest_counts[] = {
	0x66, 0xff, 0x06, COUNTER & 0xff, COUNTER >> 8,	/* inc dword [COUNTER] */
	0xeb, 0xf9,					/* again */
};

static const __u8 guest_asks[] = {
	0x66, 0xb8, 0x00, 0x10, 0x00, 0x40,	/* mov eax, LEAF */
	0x0f, 0xa2,				/* cpuid */
	0xba, 0xf8, 0x03, 0x66, 0xef,		/* mov dx, 0x3f8; out dx, eax */
};

FIXTURE(latevp) {
	struct books before;
	struct tvm t;
	pthread_t thread;
	bool books, running;
};

static volatile pid_t first;	/* the thread that runs processor 0 */

static void *run_first(void *opaque)
{
	struct tvm *t = opaque;
	struct hv_message message;

	first = gettid();
	vmm_run(t->vp[0], &message);
	return NULL;
}

FIXTURE_SETUP(latevp)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start(&self->t, guest_counts, sizeof(guest_counts)));
	memcpy(self->t.memory + SLEEPER, guest_halt, sizeof(guest_halt));
	memcpy(self->t.memory + CODE, guest_asks, sizeof(guest_asks));
}

FIXTURE_TEARDOWN(latevp)
{
	if (self->running) {
		ioctl(self->t.vp[0], MSHV_KICK_VP);
		pthread_join(self->thread, NULL);
	}
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

#define RUN_FIRST() do {						\
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, run_first, &self->t)); \
	self->running = true;						\
} while (0)

static bool goes_on(struct tvm *t)
{
	const volatile __u32 *counter = (const volatile __u32 *)(t->memory + COUNTER);
	const __u32 now = *counter;

	return wait_until(*counter != now);
}

static int give_cpuid(struct tvm *t, unsigned int vp, __u32 eax)
{
	const struct vmm_cpuid cpuid = {
		.leaf = LEAF, .value = { eax }, .mask = { ~0U, ~0U, ~0U, ~0U },
	};

	return vmm_cpuid(t->vp[vp], vp, &cpuid);
}

static int start_late(struct tvm *t, unsigned int vp)
{
	int ret = tvm_real_mode(t, vp, CODE);

	return ret ?: vmm_set_register(t->vp[vp], vp, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0);
}

TEST_F(latevp, beside_one_that_runs)
{
	struct tvm *t = &self->t;
	unsigned int vp;
	__u64 value;

	RUN_FIRST();
	ASSERT_TRUE(goes_on(t));
	for (vp = 1; vp < 3; vp++) {
		ASSERT_OK(tvm_vp(t, vp));
		EXPECT_TRUE(goes_on(t));
		ASSERT_OK(give_cpuid(t, vp, ANSWER + vp));
		ASSERT_OK(start_late(t, vp));
		EXPECT_TRUE(goes_on(t));
		ASSERT_OK(tvm_next_out(t, vp, &value));
		EXPECT_EQ(ANSWER + vp, value);
		EXPECT_TRUE(goes_on(t));
		ASSERT_EQ(0, close(t->vp[vp]));
		t->vp[vp] = -1;
		EXPECT_TRUE(goes_on(t));
	}
	/* The index stays taken: a VMM keeps the descriptor of one that it may need again. */
	EXPECT_EQ(-EEXIST, vmm_create_vp(t->part, 1));
}

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

#define TAKES_NO_TIME(step) do {					\
	const long long begin_ = now_ns();				\
	long long took_;						\
									\
	ASSERT_OK(step);						\
	took_ = now_ns() - begin_;					\
	TH_LOG("%s: %lld us", #step, took_ / 1000);			\
	EXPECT_GT(LIMIT_NS, took_);					\
} while (0)

/* What others may have to wait for. */
TEST_F(latevp, in_no_time)
{
	struct tvm *t = &self->t;

	if (!tvm_is_recorded())
		SKIP(return, "MSHV_EXACT: how long it takes depends on the host otherwise");
	ASSERT_OK(tvm_real_mode(t, 0, SLEEPER));
	RUN_FIRST();
	ASSERT_TRUE(wait_until(first && stands_in_run(first)));
	TAKES_NO_TIME(tvm_vp(t, 1));
	TAKES_NO_TIME(give_cpuid(t, 1, ANSWER));
	TAKES_NO_TIME(start_late(t, 1));
	TAKES_NO_TIME(close(t->vp[1]));
	t->vp[1] = -1;
}

TEST_HARNESS_MAIN
