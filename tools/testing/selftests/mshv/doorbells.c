// SPDX-License-Identifier: GPL-2.0
/*
 * Which processor of the root is notified of a doorbell, also with CPU hotplug.
 */
#include <stdio.h>
#include <sys/eventfd.h>

#include "harness.h"
#include "driverbook.h"
#include "groups.h"
#include "probe.h"

#define MAX_CPUS	64
/* More than there are processors, so that each is notified of some. */
#define BELLS_PER_CPU	2
#define STEP		16
#define SPARE_PORT	0x5e0
#define ROUNDS		3

FIXTURE(doorbells) {
	struct books before;
	struct tvm t;
	int event[BELLS_PER_CPU * MAX_CPUS];
	unsigned int nr;
	long cpus;
};

static int set_online(unsigned int cpu, bool online)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", cpu);
	return write_file(path, online ? "1" : "0");
}

static long long doorbells_on(unsigned int cpu)
{
	char name[32];

	snprintf(name, sizeof(name), "doorbells_on_%u", cpu);
	return driver_book(name);
}

static int request(struct tvm *t, __u64 addr, int event, __u32 flags)
{
	struct mshv_user_ioeventfd args = {
		.addr = addr, .len = 1, .fd = event, .flags = flags,
	};

	return ioctl(t->part, MSHV_IOEVENTFD, &args) ? -errno : 0;
}

static int add(struct tvm *t, unsigned int bell, int event)
{
	return request(t, PROBE_GPA + STEP * bell, event, 0);
}

static int drop(struct tvm *t, unsigned int bell, int event)
{
	return request(t, PROBE_GPA + STEP * bell, event,
		       HV_BIT(MSHV_IOEVENTFD_BIT_DEASSIGN));
}

FIXTURE_SETUP(doorbells)
{
	unsigned int i;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	self->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (self->cpus < 2 || self->cpus > MAX_CPUS)
		SKIP(return, "only one processor");
	if (doorbells_on(0) < 0)
		SKIP(return, "doorbells are not counted");
	ASSERT_OK(probe_start(&self->t));
	self->nr = BELLS_PER_CPU * self->cpus;
	for (i = 0; i < self->nr; i++) {
		self->event[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		ASSERT_LE(0, self->event[i]);
		ASSERT_EQ(0, add(&self->t, i, self->event[i]));
	}
}

FIXTURE_TEARDOWN(doorbells)
{
	unsigned int i;
	long cpu;

	rv_rules_clear();
	for (cpu = 1; cpu < self->cpus; cpu++)
		set_online(cpu, true);
	for (i = 0; i < self->nr; i++)
		close(self->event[i]);
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

/* Each is hit once more, and signalled. */
static int ring_all(FIXTURE_DATA(doorbells) *self)
{
	unsigned int i;
	__u64 count;

	for (i = 0; i < self->nr; i++) {
		/* What an offline processor has left is ignored. */
		if (read(self->event[i], &count, sizeof(count)) < 0 && errno != EAGAIN)
			return -errno;
		if (probe_write(&self->t, 0, PROBE_GPA + STEP * i, i))
			return -EIO;
		if (!wait_readable(self->event[i]))
			return -ETIMEDOUT;
	}
	return 0;
}

TEST_F(doorbells, spread)
{
	long long before[MAX_CPUS];
	long cpu;

	for (cpu = 0; cpu < self->cpus; cpu++)
		before[cpu] = doorbells_on(cpu);
	ASSERT_EQ(0, ring_all(self));
	for (cpu = 0; cpu < self->cpus; cpu++) {
		EXPECT_EQ(before[cpu] + BELLS_PER_CPU, doorbells_on(cpu)) {
			TH_LOG("processor %ld", cpu);
		}
	}
}

/* Another processor is notified while the first one is offline. */
TEST_F(doorbells, processor_goes)
{
	unsigned int round;
	long cpu;

	if (set_online(self->cpus - 1, false))
		SKIP(return, "processors cannot be taken offline");
	ASSERT_EQ(0, set_online(self->cpus - 1, true));
	for (round = 0; round < ROUNDS; round++) {
		for (cpu = 1; cpu < self->cpus; cpu++) {
			ASSERT_EQ(0, set_online(cpu, false));
			EXPECT_EQ(0, ring_all(self));
		}
		for (cpu = 1; cpu < self->cpus; cpu++)
			ASSERT_EQ(0, set_online(cpu, true));
		EXPECT_EQ(0, ring_all(self));
	}
}

/* Doorbells that are half removed, of each processor, and I/O ports stay as they are. */
TEST_F(doorbells, others_do_not_move)
{
	unsigned int first = self->nr, last = self->nr + self->cpus, i;
	long cpu;
	__u32 rule;

	if (set_online(self->cpus - 1, false))
		SKIP(return, "processors cannot be taken offline");
	ASSERT_EQ(0, set_online(self->cpus - 1, true));
	ASSERT_EQ(0, request(&self->t, SPARE_PORT, self->event[0],
			     HV_BIT(MSHV_IOEVENTFD_BIT_PIO)));
	for (i = first; i < last; i++)
		ASSERT_EQ(0, add(&self->t, i, self->event[0]));
	ASSERT_EQ(0, rv_fail(HVCALL_DELETE_PORT, HV_STATUS_OPERATION_FAILED, 0,
			     self->cpus, &rule));
	for (i = first; i < last; i++)
		EXPECT_EQ(-EIO, drop(&self->t, i, self->event[0]));
	for (cpu = 1; cpu < self->cpus; cpu++)
		EXPECT_EQ(0, set_online(cpu, false));
	EXPECT_EQ(0, ring_all(self));
	for (i = first; i < last; i++)
		EXPECT_EQ(0, drop(&self->t, i, self->event[0]));
}

static void *write_all(void *arg)
{
	FIXTURE_DATA(doorbells) *self = arg;
	unsigned int i, round;

	for (round = 0; round < 4 * ROUNDS; round++) {
		for (i = 0; i < self->nr; i++) {
			if (probe_write(&self->t, 0, PROBE_GPA + STEP * i, i))
				return arg;
		}
	}
	return NULL;
}

/* A guest that writes meanwhile does not stop, and its writes are signalled. */
TEST_F(doorbells, guest_writes_meanwhile)
{
	pthread_t thread;
	unsigned int i;
	void *failed;
	long cpu;

	if (set_online(self->cpus - 1, false))
		SKIP(return, "processors cannot be taken offline");
	ASSERT_EQ(0, pthread_create(&thread, NULL, write_all, self));
	for (cpu = 1; cpu < self->cpus - 1; cpu++)
		EXPECT_EQ(0, set_online(cpu, false));
	for (cpu = 1; cpu < self->cpus; cpu++)
		EXPECT_EQ(0, set_online(cpu, true));
	ASSERT_EQ(0, pthread_join(thread, &failed));
	EXPECT_EQ(NULL, failed);
	for (i = 0; i < self->nr; i++)
		EXPECT_TRUE(wait_readable(self->event[i]));
}

/* If the hypervisor refuses, the processor stays, and is notified. */
TEST_F(doorbells, move_is_refused)
{
	static const __u16 codes[] = {
		HVCALL_CREATE_PORT, HVCALL_CONNECT_PORT, HVCALL_DISCONNECT_PORT,
	};
	unsigned int i;
	__u64 hits;
	__u32 rule;
	int ret;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		ASSERT_EQ(0, rv_fail(codes[i], HV_STATUS_OPERATION_FAILED, 0, 1,
				     &rule));
		ret = set_online(self->cpus - 1, false);
		ASSERT_EQ(0, rv_rule_hits(rule, &hits));
		if (ret && !hits)
			SKIP(return, "processors cannot be taken offline");
		EXPECT_NE(0, ret);
		EXPECT_EQ(1, hits);
		ASSERT_EQ(0, rv_rules_clear());
		EXPECT_EQ(0, ring_all(self));
	}
	/* The port that is not needed any more is deleted, and seems not to be. */
	ASSERT_EQ(0, rv_answer_status(HVCALL_DELETE_PORT, 1, HV_STATUS_OPERATION_FAILED));
	EXPECT_NE(0, set_online(self->cpus - 1, false));
	EXPECT_EQ(0, ring_all(self));
	EXPECT_EQ(0, set_online(self->cpus - 1, false));
	EXPECT_EQ(0, ring_all(self));
}

TEST_HARNESS_MAIN
