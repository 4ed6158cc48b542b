// SPDX-License-Identifier: GPL-2.0
/*
 * Messages from the hypervisor that are malformed, late, duplicated, about
 * partitions that are gone, or of an unknown type: whatever comes, the next valid
 * one is handled.
 *
 * Model: a machine that runs and sleeps needs messages (of intercepts under the
 * classic scheduler, of wake-ups under the root scheduler).  After each bad message
 * such a machine is run on every processor of the root.
 */
#include <sched.h>
#include <sys/syscall.h>

#include "harness.h"

#define MAX_CPUS	64

FIXTURE(messages) {
	struct books before;
	struct tvm t;
};

FIXTURE_SETUP(messages)
{
	__u64 value;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	ASSERT_NE(0, tvm_id(&self->t));
}

FIXTURE_TEARDOWN(messages)
{
	rv_rules_clear();
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

/* Sleeps until an NMI, whose handler reports it. */
static const __u8 guest_sleeper[] = { 0xfa, HLT, 0xeb, 0xfd };
static const __u8 guest_nmi[] = { 0xba, 0xf8, 0x03, 0xb0, 0x02, OUT_AL, 0xcf };

/* Where to report that the guest has been woken, if at all. */
static int woken = -1;

static void *wake(void *opaque)
{
	struct tvm *t = opaque;

	/* The first thread of this process runs it. */
	wait_until(stands_in_run(getpid()));
	vmm_assert(t->part, HV_X64_INTERRUPT_TYPE_NMI, false, false, 0, 0);
	if (woken >= 0 && write(woken, "w", 1) != 1)
		_exit(1);
	return NULL;
}

static int run_and_sleep(void)
{
	const __u32 entry = 0x3000;
	pthread_t thread;
	struct tvm t;
	__u64 value = 0;
	int ret;

	ret = tvm_start(&t, guest_sleeper, sizeof(guest_sleeper));
	if (!ret) {
		memcpy(t.memory + entry, guest_nmi, sizeof(guest_nmi));
		memcpy(t.memory + 2 * 4, &entry, 4);
		ret = -pthread_create(&thread, NULL, wake, &t);
	}
	if (!ret) {
		ret = tvm_next_out(&t, 0, &value);
		if (!ret && value != 2)
			ret = -ERANGE;
		pthread_join(thread, NULL);
	}
	tvm_close(&t);
	return ret;
}

/* Every processor of the root still handles its messages. */
static int all_ears(void)
{
	cpu_set_t before, one;
	int cpu, ret = 0;

	sched_getaffinity(0, sizeof(before), &before);
	for (cpu = 0; cpu < MAX_CPUS && !ret; cpu++) {
		if (!CPU_ISSET(cpu, &before))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		ret = run_and_sleep();
	}
	sched_setaffinity(0, sizeof(before), &before);
	return ret;
}

/* To every processor of the root. */
static int tell_all(__u32 sint, __u32 type, __u64 sender, const void *payload,
		    __u32 size)
{
	int ret = 0;
	__u32 lp;

	for (lp = 0; lp < MAX_CPUS; lp++) {
		ret = rv_message(lp, sint, type, sender, payload, size);
		if (ret)
			break;
	}
	return lp ? 0 : ret;
}

TEST_F(messages, without_any)
{
	EXPECT_EQ(0, all_ears()) {
		TH_LOG("%s", vmm_error());
	}
}

TEST_F(messages, pitfall_A25_intercept_of_no_processor)
{
	static const __u32 indexes[] = {
		1, 255, 256, 1024, 2047, 2048, 0x7fffffff, 0x80000000,
		0xfffffffe, 0xffffffff,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(indexes); i++)
		ASSERT_EQ(0, tell_all(0, HVMSG_OPAQUE_INTERCEPT,
				      tvm_id(&self->t), &indexes[i], 4));
	EXPECT_EQ(0, all_ears());
}

TEST_F(messages, pitfall_U15_partition_that_is_gone)
{
	const __u32 index = 0;
	__u64 id = tvm_id(&self->t);

	tvm_close(&self->t);
	ASSERT_EQ(0, tell_all(0, HVMSG_OPAQUE_INTERCEPT, id, &index, 4));
	ASSERT_EQ(0, tell_all(0, HVMSG_OPAQUE_INTERCEPT, ~0ULL, &index, 4));
	ASSERT_EQ(0, tell_all(0, HVMSG_OPAQUE_INTERCEPT, 0, &index, 4));
	EXPECT_EQ(0, all_ears());
}

TEST_F(messages, pitfall_U15_unknown_type)
{
	static const __u32 types[] = {
		0x80000099, 0x8000ffff, 0x80010099, 0xffffffff, 0x00000001,
		HVMSG_TIMER_EXPIRED, HVMSG_EVENTLOG_BUFFERCOMPLETE,
		HVMSG_UNMAPPED_GPA, HVMSG_X64_IO_PORT_INTERCEPT,
	};
	__u8 payload[240];
	unsigned int i;

	memset(payload, 0xff, sizeof(payload));
	for (i = 0; i < ARRAY_SIZE(types); i++)
		ASSERT_EQ(0, tell_all(0, types[i], tvm_id(&self->t), payload,
				      sizeof(payload)));
	EXPECT_EQ(0, all_ears());
}

TEST_F(messages, empty_payloads)
{
	static const __u32 types[] = {
		HVMSG_OPAQUE_INTERCEPT, HVMSG_SCHEDULER_VP_SIGNAL_BITSET,
		HVMSG_SCHEDULER_VP_SIGNAL_PAIR, HVMSG_ASYNC_CALL_COMPLETION,
		HVMSG_SYNIC_SINT_INTERCEPT, HVMSG_X64_APIC_EOI,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		ASSERT_EQ(0, tell_all(0, types[i], tvm_id(&self->t), "", 0));
	EXPECT_EQ(0, all_ears());
}

/* Of a processor that does not exist, or a vector. */
TEST_F(messages, end_of_no_interrupt)
{
	static const struct {
		__u32 vp, vector;
	} list[] = { { 9, 0x41 }, { ~0U, 0x41 }, { 0, 0x100 }, { 0, ~0U } };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		struct hv_x64_apic_eoi_message m = {
			.vp_index = list[i].vp, .interrupt_vector = list[i].vector,
		};

		ASSERT_EQ(0, tell_all(0, HVMSG_X64_APIC_EOI, tvm_id(&self->t), &m,
				      sizeof(m)));
	}
	EXPECT_EQ(0, all_ears());
}

TEST_F(messages, pitfall_U5_signal_pairs)
{
	struct hv_vp_signal_pair_scheduler_message m;
	static const __u8 counts[] = { 0, 1, 19, 20, 128, 255 };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		memset(&m, 0xff, sizeof(m));
		m.vp_count = counts[i];
		ASSERT_EQ(0, tell_all(0, HVMSG_SCHEDULER_VP_SIGNAL_PAIR, 0, &m,
				      sizeof(m)));
		/* A valid partition, with processors that it does not have. */
		for (j = 0; j < HV_MESSAGE_MAX_PARTITION_VP_PAIR_COUNT; j++) {
			m.partition_ids[j] = tvm_id(&self->t);
			m.vp_indexes[j] = 1U << j;
		}
		ASSERT_EQ(0, tell_all(0, HVMSG_SCHEDULER_VP_SIGNAL_PAIR, 0, &m,
				      sizeof(m)));
	}
	EXPECT_EQ(0, all_ears());
}

TEST_F(messages, pitfall_U5_signal_bitset)
{
	struct hv_vp_signal_bitset_scheduler_message m;
	static const __u64 masks[] = { 0, 1, 0xffff, 0x10000, ~0ULL, 1ULL << 63 };
	unsigned int i, format;

	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		for (format = 0; format < 3; format++) {
			memset(&m, 0xff, sizeof(m));
			m.partition_id = tvm_id(&self->t);
			m.vp_bitset.format = format;
			m.vp_bitset.valid_bank_mask = masks[i];
			ASSERT_EQ(0, tell_all(0,
					      HVMSG_SCHEDULER_VP_SIGNAL_BITSET,
					      0, &m, sizeof(m)));
		}
	}
	EXPECT_EQ(0, all_ears());
}

TEST_F(messages, pitfall_U31_stray_completion)
{
	struct hv_async_completion_message_payload m = {
		.partition_id = tvm_id(&self->t),
		.completion_count = 1,
	};
	unsigned int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, tell_all(0, HVMSG_ASYNC_CALL_COMPLETION, 0, &m,
				      sizeof(m)));
	m.partition_id = ~0ULL;
	ASSERT_EQ(0, tell_all(0, HVMSG_ASYNC_CALL_COMPLETION, 0, &m,
			      sizeof(m)));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, vmm_set_property(self->t.part,
					      HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
					      i & 1));
	EXPECT_EQ(0, all_ears());
}

TEST_F(messages, other_sints)
{
	const __u32 sint = 14;
	unsigned int i;

	ASSERT_EQ(0, tell_all(0, HVMSG_SYNIC_SINT_INTERCEPT, 0, &sint, 4));
	for (i = 0; i < 3; i++)
		tell_all(5, HVMSG_OPAQUE_INTERCEPT, tvm_id(&self->t), &sint, 4);
	EXPECT_EQ(0, all_ears());
}

TEST_F(messages, doorbells_without_owner)
{
	static const __u32 ports[] = { 1, 77, 0xffffff, 0xffffffff };
	unsigned int i, round;
	__u32 lp;

	/* More than a ring holds. */
	for (round = 0; round < 40; round++)
		for (i = 0; i < ARRAY_SIZE(ports); i++)
			for (lp = 0; lp < MAX_CPUS; lp++)
				if (rv_doorbell(lp, ports[i]))
					break;
	EXPECT_EQ(0, all_ears());
}

TEST_F(messages, doubled)
{
	ASSERT_EQ(0, rv_message_dup(HVMSG_OPAQUE_INTERCEPT, 50));
	ASSERT_EQ(0, rv_message_dup(HVMSG_SCHEDULER_VP_SIGNAL_BITSET, 50));
	ASSERT_EQ(0, rv_message_dup(HVMSG_SCHEDULER_VP_SIGNAL_PAIR, 50));
	EXPECT_EQ(0, all_ears());
	EXPECT_EQ(0, all_ears());
	ASSERT_EQ(0, rv_rules_clear());
}

/* A burst of valid and bad ones: the slot is freed each time. */
TEST_F(messages, pitfall_8_burst)
{
	const __u32 index = 0xffff;
	__u64 overflows = 0;
	unsigned int i;

	for (i = 0; i < 200; i++)
		ASSERT_EQ(0, rv_message(0, 0, HVMSG_OPAQUE_INTERCEPT,
					tvm_id(&self->t) + i, &index, 4));
	ASSERT_EQ(0, rv_books(RV_BOOKS_OVERFLOWS, 0, &overflows));
	EXPECT_EQ(self->before.value[RV_BOOKS_OVERFLOWS], overflows);
	EXPECT_EQ(0, all_ears());
}

/* A lost message: the run waits, but a signal or a kill ends it. */
TEST_F(messages, pitfall_21_lost_message_is_killable)
{
	int status, fds[2];
	pid_t pid;
	char byte;

	ASSERT_EQ(0, pipe(fds));
	ASSERT_EQ(0, rv_message_drop(HVMSG_OPAQUE_INTERCEPT, 1));
	ASSERT_EQ(0, rv_message_drop(HVMSG_SCHEDULER_VP_SIGNAL_BITSET, 1));
	ASSERT_EQ(0, rv_message_drop(HVMSG_SCHEDULER_VP_SIGNAL_PAIR, 1));
	pid = fork();
	if (!pid) {
		woken = fds[1];
		run_and_sleep();
		pause();
	}
	ASSERT_EQ(1, read(fds[0], &byte, 1));
	/* Its thread has not got the message, or polls now and then. */
	EXPECT_TRUE(wait_until(stands_in_run(pid) || stands_in(pid, SYS_pause, 0)));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	close(fds[0]);
	close(fds[1]);
	/* Those that found nothing to drop are removed as well. */
	ASSERT_EQ(0, rv_rules_clear());
	EXPECT_EQ(0, all_ears());
}

TEST_HARNESS_MAIN
