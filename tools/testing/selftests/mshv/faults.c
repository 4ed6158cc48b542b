// SPDX-License-Identifier: GPL-2.0
/*
 * The fault sweep, second part: calls that always fail or are cut short, messages
 * that come late, twice or never.
 *
 * books.c has calls that fail once, quarantine.c what remains for good.  The model
 * is the same: under a fault each step of a life may succeed or fail, but not hang;
 * when the fault is over the books are what they were, and the next life is not
 * affected.
 *
 * MSHV_HEAVY adds more kinds of failure to the most different ones.
 */
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include "harness.h"
#include "ear.h"
#include "life.h"
#include "probe.h"

#define ENOUGH		32768	/* pages for a machine, at the very most */
#define GSI		3
#define VECTOR		0x43

FIXTURE(faults) {
	struct books before;
	int pinned;
};

FIXTURE_SETUP(faults)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	self->pinned = pin_memory(true);
}

FIXTURE_TEARDOWN(faults)
{
	rv_rules_clear();
	if (self->pinned >= 0)
		pin_memory(self->pinned);
	ASSERT_BOOKS(&self->before);
}

/* A life with the fault that was set up; nothing is left of it afterwards. */
static void live_with(struct __test_metadata *_metadata,
		      const struct books *before, const char *what,
		      unsigned int code, unsigned int status, bool pinned)
{
	const char *differ;
	__u64 had = 0;
	int ret;

	pin_memory(pinned);
	ret = life(&had);
	EXPECT_NE(-EINTR, ret) {
		TH_LOG("%s %#x status %#x: hangs", what, code, status);
	}
	EXPECT_GT(ENOUGH, had) {
		TH_LOG("%s %#x status %#x: %llu pages", what, code, status,
		       had);
	}
	ASSERT_EQ(0, rv_rules_clear());
	differ = books_differ(before);
	ASSERT_EQ(NULL, differ) {
		TH_LOG("%s %#x status %#x: %s", what, code, status,
		       differ ?: "");
	}
}

/* The whole table with MSHV_HEAVY, otherwise a part of it. */
static unsigned int some(unsigned int most, unsigned int all)
{
	return getenv("MSHV_HEAVY") ? all : most;
}

/* All calls of a life, except those that destroy a partition. */
static const __u16 codes[] = {
	HVCALL_CREATE_PARTITION, HVCALL_INITIALIZE_PARTITION,
	HVCALL_DEPOSIT_MEMORY, HVCALL_SET_PARTITION_PROPERTY,
	HVCALL_GET_PARTITION_PROPERTY, HVCALL_CREATE_VP, HVCALL_DELETE_VP,
	HVCALL_MAP_VP_STATE_PAGE, HVCALL_UNMAP_VP_STATE_PAGE,
	HVCALL_MAP_GPA_PAGES, HVCALL_UNMAP_GPA_PAGES,
	HVCALL_GET_VP_REGISTERS, HVCALL_SET_VP_REGISTERS,
	HVCALL_GET_VP_STATE, HVCALL_SET_VP_STATE,
	HVCALL_ASSERT_VIRTUAL_INTERRUPT, HVCALL_DISPATCH_VP,
	HVCALL_GET_GPA_PAGES_ACCESS_STATES, HVCALL_CREATE_PORT,
	HVCALL_CONNECT_PORT,
};

TEST_F(faults, permanent)
{
	static const __u16 statuses[] = {
		HV_STATUS_OPERATION_FAILED, HV_STATUS_INSUFFICIENT_MEMORY,
		HV_STATUS_INVALID_PARTITION_STATE,
	};
	unsigned int i, j;
	__u32 rule;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		for (j = 0; j < some(2, ARRAY_SIZE(statuses)); j++) {
			ASSERT_EQ(0, rv_fail(codes[i], statuses[j], 0, 0,
					     &rule));
			live_with(_metadata, &self->before, "permanent",
				  codes[i], statuses[j], j & 1);
		}
	}
	EXPECT_EQ(0, life(NULL)) {
		TH_LOG("%s", vmm_error());
	}
}

/*
 * A run that ends and is restarted by the kernel deposits as much as if it were
 * one: no dispatch has succeeded in between.
 */
TEST_F(faults, permanent_in_pieces)
{
	unsigned int pieces = 0;
	struct tvm t;
	__u64 value;
	__u32 rule;
	int ret;

	ASSERT_OK(tvm_start(&t, guest_count, sizeof(guest_count)));
	if (!tvm_root_scheduler(&t)) {
		tvm_close(&t);
		SKIP(return, "needs the root scheduler");
	}
	do {
		ASSERT_EQ(0, rv_fail(HVCALL_DISPATCH_VP,
				     HV_STATUS_INSUFFICIENT_MEMORY, 0, 10,
				     &rule));
		ASSERT_EQ(0, rv_fail(HVCALL_DISPATCH_VP,
				     HV_STATUS_OPERATION_FAILED, 0, 1, &rule));
		ret = tvm_run(&t, 0);
		ASSERT_EQ(0, rv_rules_clear());
	} while (ret != -ENOMEM && ++pieces < 10);
	EXPECT_EQ(-ENOMEM, ret);
	EXPECT_LT(0, pieces);
	/* Having reported it once, it starts again. */
	EXPECT_EQ(0, tvm_next_out(&t, 0, &value));
	tvm_close(&t);
}

static const __u16 lists[] = {
	HVCALL_DEPOSIT_MEMORY, HVCALL_WITHDRAW_MEMORY, HVCALL_MAP_GPA_PAGES,
	HVCALL_UNMAP_GPA_PAGES, HVCALL_GET_VP_REGISTERS,
	HVCALL_SET_VP_REGISTERS, HVCALL_GET_GPA_PAGES_ACCESS_STATES,
};

TEST_F(faults, cut_short)
{
	static const __u16 statuses[] = {
		HV_STATUS_SUCCESS, HV_STATUS_INSUFFICIENT_MEMORY,
		HV_STATUS_OPERATION_FAILED,
	};
	unsigned int i, j, reps;
	__u32 rule;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		for (j = 0; j < ARRAY_SIZE(statuses); j++) {
			for (reps = 0; reps < some(2, 5); reps++) {
				ASSERT_EQ(0, rv_rep_stop(lists[i], statuses[j],
							 reps, 1, &rule));
				live_with(_metadata, &self->before,
					  "cut short", lists[i], statuses[j],
					  reps & 1);
			}
		}
	}
	EXPECT_EQ(0, life(NULL)) {
		TH_LOG("%s", vmm_error());
	}
}

/* Success, but nothing is ever done. */
TEST_F(faults, no_progress)
{
	unsigned int i;
	__u32 rule;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		if (lists[i] == HVCALL_WITHDRAW_MEMORY)
			continue;
		ASSERT_EQ(0, rv_rep_stop(lists[i], 0, 0, 0, &rule));
		live_with(_metadata, &self->before, "no progress", lists[i], 0,
			  i & 1);
	}
	EXPECT_EQ(0, life(NULL)) {
		TH_LOG("%s", vmm_error());
	}
}

static const __u32 messages[] = {
	HVMSG_OPAQUE_INTERCEPT, HVMSG_SCHEDULER_VP_SIGNAL_PAIR,
	HVMSG_SCHEDULER_VP_SIGNAL_BITSET, HVMSG_X64_APIC_EOI,
	HVMSG_SYNIC_SINT_INTERCEPT, HVMSG_ASYNC_CALL_COMPLETION,
};

/* A late message is no longer true; nothing is lost or done twice because of it. */
TEST_F(faults, late)
{
	__u64 value = 0, expected = 0;
	__u32 released = 0;
	struct tvm t;
	unsigned int i, round;

	ASSERT_OK(tvm_start(&t, guest_count, sizeof(guest_count)));
	for (round = 0; round < 3; round++) {
		for (i = 0; i < ARRAY_SIZE(messages); i++)
			ASSERT_EQ(0, rv_message_hold(messages[i], 2));
		for (i = 0; i < 3; i++, expected++) {
			ASSERT_OK(tvm_next_out(&t, 0, &value));
			ASSERT_EQ(expected, value);
		}
		ASSERT_EQ(0, rv_message_release(&released));
		for (i = 0; i < 3; i++, expected++) {
			ASSERT_OK(tvm_next_out(&t, 0, &value));
			ASSERT_EQ(expected, value);
		}
	}
	/* And to a partition that has been destroyed by then. */
	for (i = 0; i < ARRAY_SIZE(messages); i++)
		ASSERT_EQ(0, rv_message_hold(messages[i], 2));
	ASSERT_OK(tvm_next_out(&t, 0, &value));
	tvm_close(&t);
	ASSERT_EQ(0, rv_message_release(&released));
	EXPECT_EQ(0, life(NULL));
}

/* An interrupt wakes a guest although its message is late, or doubled. */
TEST_F(faults, late_and_doubled_wakes)
{
	int event = eventfd(0, EFD_CLOEXEC);
	int again = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	unsigned int i, round;
	struct ear ear;
	struct tvm t;
	__u64 count = 0;

	ASSERT_OK(sleeper_start(&t));
	ASSERT_OK(ear_open(&ear, t.vp[0], 0));
	ASSERT_TRUE(ear_wait(&ear, EAR_READY, 1));
	ASSERT_OK(route(t.part, GSI, 0, EAR_LEVEL | VECTOR));
	ASSERT_EQ(0, irqfd_resample(t.part, event, again, GSI));
	for (round = 1; round <= 4; round++) {
		for (i = 0; i < ARRAY_SIZE(messages); i++)
			ASSERT_EQ(0, round & 1 ?
				     rv_message_hold(messages[i], 1) :
				     rv_message_dup(messages[i], 1));
		ASSERT_EQ(0, ring(event));
		EXPECT_TRUE(ear_wait(&ear, VECTOR, round));
		ASSERT_EQ(0, rv_message_release(NULL));
		/* Sent late or twice, the end of the interrupt is signalled. */
		EXPECT_TRUE(rung(again));
		while (read(again, &count, sizeof(count)) == sizeof(count))
			;
	}
	ear_close(&ear);
	EXPECT_EQ(0, ear.result);
	EXPECT_EQ(4, ear.heard[VECTOR]);
	tvm_close(&t);
	close(event);
	close(again);
}

TEST_F(faults, twice)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(messages); i++)
		ASSERT_EQ(0, rv_message_dup(messages[i], 20));
	EXPECT_EQ(0, life(NULL)) {
		TH_LOG("%s", vmm_error());
	}
	ASSERT_EQ(0, rv_rules_clear());
}

/* All messages of a kind are lost: slower, but nothing hangs. */
TEST_F(faults, never)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(messages); i++) {
		ASSERT_EQ(0, rv_message_drop(messages[i], 4));
		EXPECT_EQ(0, life(NULL)) {
			TH_LOG("message %#x: %s", messages[i], vmm_error());
		}
		ASSERT_EQ(0, rv_rules_clear());
		ASSERT_BOOKS(&self->before);
	}
}

/* Movable memory: the hypervisor never has enough for a fault, or for an unmap. */
TEST_F(faults, movable_memory_for_ever)
{
	__u8 *area = probe_area(BLOCK), value;
	__u32 rule, deposits;
	unsigned int denied;
	struct tvm t;
	__u64 hits;

	ASSERT_NE(NULL, area);
	pin_memory(false);
	ASSERT_OK(probe_start(&t));
	ASSERT_OK(vmm_map(t.part, PROBE_GPA, BLOCK, area, MEM_RWX));
	ASSERT_EQ(0, probe_read(&t, 0, TVM_STACK, &value));
	ASSERT_EQ(0, rv_fail(HVCALL_MAP_GPA_PAGES, HV_STATUS_INSUFFICIENT_MEMORY, 0, 0,
			     &rule));
	EXPECT_EQ(-ENOMEM, probe_read(&t, 0, PROBE_GPA, &value));
	ASSERT_EQ(0, rv_rules_clear());
	for (denied = 0; denied < 2; denied++) {
		ASSERT_EQ(0, probe_read(&t, 0, PROBE_GPA, &value));
		ASSERT_EQ(0, rv_fail(HVCALL_UNMAP_GPA_PAGES, HV_STATUS_INSUFFICIENT_MEMORY,
				     0, 0, &rule));
		if (denied)
			ASSERT_EQ(0, rv_fail(HVCALL_DEPOSIT_MEMORY,
					     HV_STATUS_INVALID_PARTITION_STATE, 0, 0,
					     &deposits));
		EXPECT_EQ(denied ? -EBADFD : -ENOMEM,
			  vmm_unmap(t.part, PROBE_GPA, BLOCK, area));
		/* Once, or some times and then no more. */
		ASSERT_EQ(0, rv_rule_hits(rule, &hits));
		EXPECT_EQ(denied ? 1 : 4, hits);
		ASSERT_EQ(0, rv_rules_clear());
	}
	EXPECT_GT(self->before.value[RV_BOOKS_DEPOSITED] + ENOUGH,
		  books_value(RV_BOOKS_DEPOSITED));
	ASSERT_EQ(0, probe_read(&t, 0, PROBE_GPA, &value));
	ASSERT_OK(vmm_unmap(t.part, PROBE_GPA, BLOCK, area));
	EXPECT_EQ(PROBE_REFUSED, probe_read(&t, 0, PROBE_GPA, &value));
	tvm_close(&t);
	munmap(area, BLOCK);
}

/* Withdrawals that succeed without a page: given up, and tried again later. */
TEST_F(faults, withdrawals_of_nothing)
{
	struct tvm t;
	__u64 value, hits;
	__u32 rule;

	ASSERT_OK(tvm_start(&t, guest_count, sizeof(guest_count)));
	ASSERT_OK(tvm_next_out(&t, 0, &value));
	ASSERT_EQ(0, rv_rep_stop(HVCALL_WITHDRAW_MEMORY, 0, 0, 0, &rule));
	/* This would not return otherwise. */
	tvm_close(&t);
	ASSERT_EQ(0, rv_rule_hits(rule, &hits));
	EXPECT_LT(0, hits);
	ASSERT_EQ(0, rv_rules_clear());
	ASSERT_BOOKS(&self->before);
}

static volatile pid_t runner;

static void *stuck_run(void *opaque)
{
	runner = gettid();
	tvm_run(opaque, 0);
	return NULL;
}

static void *stuck_register(void *opaque)
{
	struct tvm *t = opaque;
	__u64 value;

	/* The other thread has the processor's lock. */
	if (!wait_until(stands_in_run(runner)))
		_exit(4);
	vmm_get_register(t->vp[0], 0, HV_X64_REGISTER_RIP, &value);
	return NULL;
}

static void *stuck_property(void *opaque)
{
	struct tvm *t = opaque;

	vmm_set_property(t->part,
			 HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION, 1);
	return NULL;
}

/* Each of three threads waits for something that never happens. */
static void get_stuck(int fd)
{
	pthread_t threads[4];
	__u64 value = 0, id;
	__u32 rule;
	struct tvm t;

	if (tvm_start(&t, guest_count, sizeof(guest_count)) ||
	    tvm_next_out(&t, 0, &value))
		_exit(1);
	id = tvm_id(&t);
	if (rv_fail(HVCALL_SET_PARTITION_PROPERTY, HV_STATUS_CALL_PENDING, 0, 1,
		    &rule) ||
	    rv_vp_stall(id, 0, 1) ||
	    pthread_create(&threads[0], NULL, stuck_run, &t) ||
	    pthread_create(&threads[1], NULL, stuck_register, &t) ||
	    pthread_create(&threads[2], NULL, stuck_property, &t))
		_exit(2);
	/* One more, for the lock that the third holds. */
	if (!wait_until(rv_rule_hits(rule, &value) || value) ||
	    pthread_create(&threads[3], NULL, stuck_property, &t) ||
	    write(fd, &id, sizeof(id)) != sizeof(id))
		_exit(3);
	pause();
}

TEST_F(faults, never_answers)
{
	int status, fds[2];
	__u64 id;
	pid_t pid;

	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	if (!pid)
		get_stuck(fds[1]);
	close(fds[1]);
	ASSERT_EQ(8, read(fds[0], &id, sizeof(id)));
	EXPECT_TRUE(wait_until(all_stand(pid)));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	patience_begin();
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	patience_end();
	EXPECT_TRUE(WIFSIGNALED(status));
	close(fds[0]);
}

static int set_action(int part, __u64 value)
{
	return vmm_set_property(part,
				HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
				value);
}

static int complete(__u64 id, __u32 status)
{
	const struct hv_async_completion_message_payload m = {
		.partition_id = id, .status = status, .completion_count = 1,
	};

	return rv_message(0, 0, HVMSG_ASYNC_CALL_COMPLETION, 0, &m, sizeof(m));
}

TEST_F(faults, pitfall_U31_completion_never_comes)
{
	int status, ret;
	struct tvm t;
	__u64 value;
	__u32 rule;
	pid_t pid;

	ASSERT_OK(tvm_start(&t, guest_count, sizeof(guest_count)));
	ASSERT_OK(tvm_next_out(&t, 0, &value));
	ASSERT_EQ(0, rv_fail(HVCALL_SET_PARTITION_PROPERTY,
			     HV_STATUS_CALL_PENDING, 0, 1, &rule));
	pid = fork();
	if (!pid)
		_exit(!set_action(t.part, 1));
	value = 0;
	EXPECT_TRUE(wait_until(rv_rule_hits(rule, &value) || value));
	ASSERT_EQ(1, value);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	/* It is abandoned; until it completes there can be no other. */
	EXPECT_EQ(-EPERM, set_action(t.part, 1));
	EXPECT_EQ(0, tvm_next_out(&t, 0, &value));
	ASSERT_EQ(0, complete(tvm_id(&t), HV_STATUS_SUCCESS));
	EXPECT_TRUE(wait_until((ret = set_action(t.part, 1)) != -EPERM));
	EXPECT_EQ(0, ret);
	tvm_close(&t);
}

static void *action(void *data)
{
	return (void *)(long)set_action(((struct tvm *)data)->part, 1);
}

/* The message says how a call has ended, and lets the next one begin. */
TEST_F(faults, completion_comes)
{
	static const struct {
		__u32 status;
		int error;
	} list[] = {
		{ HV_STATUS_SUCCESS, 0 }, { HV_STATUS_OPERATION_DENIED, -EACCES },
	};
	pthread_t thread;
	unsigned int i;
	struct tvm t;
	void *result;
	__u64 value;
	__u32 rule;

	ASSERT_OK(tvm_start(&t, guest_count, sizeof(guest_count)));
	ASSERT_OK(tvm_next_out(&t, 0, &value));
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		ASSERT_EQ(0, rv_fail(HVCALL_SET_PARTITION_PROPERTY,
				     HV_STATUS_CALL_PENDING, 0, 1, &rule));
		ASSERT_EQ(0, pthread_create(&thread, NULL, action, &t));
		EXPECT_TRUE(wait_until(!rv_rule_hits(rule, &value) && value));
		ASSERT_EQ(0, complete(tvm_id(&t), list[i].status));
		ASSERT_EQ(0, pthread_join(thread, &result));
		EXPECT_EQ(list[i].error, (long)result);
		EXPECT_EQ(0, set_action(t.part, 0));
		ASSERT_EQ(0, rv_rules_clear());
	}
	tvm_close(&t);
}

/* Its thread waits ten seconds; what comes later is only the end of the call. */
TEST_F(faults, completion_comes_too_late)
{
	struct tvm t;
	__u64 value;
	__u32 rule;
	int ret;

	ASSERT_OK(tvm_start(&t, guest_count, sizeof(guest_count)));
	ASSERT_OK(tvm_next_out(&t, 0, &value));
	ASSERT_EQ(0, rv_fail(HVCALL_SET_PARTITION_PROPERTY,
			     HV_STATUS_CALL_PENDING, 0, 1, &rule));
	EXPECT_EQ(-ETIMEDOUT, set_action(t.part, 1));
	EXPECT_EQ(-EPERM, set_action(t.part, 1));
	ASSERT_EQ(0, complete(tvm_id(&t), HV_STATUS_SUCCESS));
	EXPECT_TRUE(wait_until((ret = set_action(t.part, 1)) != -EPERM));
	EXPECT_EQ(0, ret);
	tvm_close(&t);
}

#define FLAG	0x2000		/* what the next guest waits for */

static const __u8 guest_waits[] = {
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xa0, FLAG & 0xff, FLAG >> 8,	/* mov al, [FLAG] */
	0x84, 0xc0,			/* test al, al */
	0x74, 0xf9,			/* jz to "mov al" */
	OUT_AL, HLT,			/* out dx, al */
};

/* Another process that makes a call fail and then kicks the first VP, if it runs. */
static pid_t fail_and_kick(struct tvm *t, __u16 code)
{
	pid_t runner = getpid(), pid = fork();
	__u32 rule;

	if (pid)
		return pid;
	_exit(!wait_until(is_in_guest(runner)) ||
	      rv_fail(code, HV_STATUS_OPERATION_FAILED, 0, 1, &rule) ||
	      ioctl(t->vp[0], MSHV_KICK_VP));
}

/* A VP that could not be stopped, or asked whether it has, runs on, and so does the next run. */
TEST_F(faults, run_goes_on)
{
	static const struct {
		__u16 code;
		bool kick;
	} list[] = {
		/* Asked after a second, in case a message has been lost. */
		{ HVCALL_GET_VP_REGISTERS, false },
		{ HVCALL_GET_VP_REGISTERS, true },
		{ HVCALL_SET_VP_REGISTERS, true },
	};
	__u64 value = 0;
	int status = 0;
	unsigned int i;
	struct tvm t;
	__u32 rule;
	pid_t pid;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		ASSERT_OK(tvm_start(&t, guest_waits, sizeof(guest_waits)));
		if (tvm_root_scheduler(&t)) {
			tvm_close(&t);
			SKIP(return, "needs the hypervisor's scheduler");
		}
		if (list[i].kick) {
			pid = fail_and_kick(&t, list[i].code);
			EXPECT_EQ(-EIO, tvm_run(&t, 0));
			ASSERT_EQ(pid, waitpid(pid, &status, 0));
			EXPECT_EQ(0, status);
			/* The kick has not ended a run yet. */
			patience_begin();
			EXPECT_EQ(-EINTR, tvm_run(&t, 0));
			patience_end();
		} else {
			ASSERT_EQ(0, rv_fail(list[i].code,
					     HV_STATUS_OPERATION_FAILED, 0, 1,
					     &rule));
			EXPECT_EQ(-EIO, tvm_run(&t, 0));
		}
		t.memory[FLAG] = 0x5a;
		patience_begin();
		EXPECT_EQ(0, tvm_next_out(&t, 0, &value));
		patience_end();
		EXPECT_EQ(0x5a, value);
		ASSERT_EQ(0, rv_rules_clear());
		tvm_close(&t);
	}
}

/* The status says who is charged, and how much at a time. */
TEST_F(faults, pitfall_A17_who_is_charged)
{
	static const struct {
		__u16 status;
		bool self;
		unsigned int unit;
	} list[] = {
		{ HV_STATUS_INSUFFICIENT_MEMORY, false, 1 },
		{ HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY, false, 8 },
		{ HV_STATUS_INSUFFICIENT_ROOT_MEMORY, true, 1 },
		{ HV_STATUS_INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY, true, 8 },
	};
	__u64 child, own, value;
	unsigned int i;
	struct tvm t;
	__u32 rule;

	ASSERT_OK(tvm_start(&t, guest_count, sizeof(guest_count)));
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		child = books_value(RV_BOOKS_DEPOSITED);
		own = books_value(RV_BOOKS_DEPOSITED_SELF);
		ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_REGISTERS, list[i].status, 0,
				     3, &rule));
		EXPECT_EQ(0, vmm_get_register(t.vp[0], 0, HV_X64_REGISTER_RIP,
					      &value));
		ASSERT_EQ(0, rv_rules_clear());
		child = books_value(RV_BOOKS_DEPOSITED) - child;
		own = books_value(RV_BOOKS_DEPOSITED_SELF) - own;
		EXPECT_EQ(0, list[i].self ? child : own);
		EXPECT_LE(3 * list[i].unit, child + own);
		EXPECT_EQ(0, (child + own) % list[i].unit);
	}
	tvm_close(&t);
}

TEST_HARNESS_MAIN
