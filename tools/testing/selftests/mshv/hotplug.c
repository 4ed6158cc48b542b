// SPDX-License-Identifier: GPL-2.0
/*
 * Processors of the root that go offline and come back while guests run on them,
 * sleep on them, and are signalled by them.
 */
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/utsname.h>

#include "harness.h"
#include "ear.h"
#include "groups.h"

#define GSI	7
#define VECTOR	0x44
#define ROUNDS	6
#define BEAT	0x2000
#define BUSY	4
#define NO_PORT	0xabcdef	/* id of no doorbell */

FIXTURE(hotplug) {
	struct books before;
	unsigned int rounds;
	long cpus;
	bool books;
};

static int set_online(unsigned int cpu, bool online)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online",
		 cpu);
	return write_file(path, online ? "1" : "0");
}

/*
 * A kernel older than 6.5 oopses as a root when a processor goes offline that a
 * device interrupt has to leave: the processor's page for hypercalls is freed
 * first.
 */
static bool kernel_moves_interrupts(void)
{
	unsigned int major, minor;
	struct utsname name;

	return !uname(&name) &&
	       sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 5));
}

/* Does a device interrupt a processor other than 0? */
static bool interrupts_elsewhere(void)
{
	DIR *dir = opendir("/proc/irq");
	struct dirent *entry;
	bool found = false;
	unsigned int mask;
	char path[300];
	FILE *file;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/irq/%s/effective_affinity",
			 entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fscanf(file, "%x", &mask) == 1 && mask > 1)
			found = true;
		fclose(file);
	}
	if (dir)
		closedir(dir);
	return found;
}

FIXTURE_SETUP(hotplug)
{
	int ret;

	self->books = !rv_open() && !books_read(&self->before);
	self->rounds = getenv("MSHV_HEAVY") ? 10 * ROUNDS : ROUNDS;
	self->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (self->cpus < 2)
		SKIP(return, "only one processor");
	if (!kernel_moves_interrupts() && interrupts_elsewhere())
		SKIP(return, "this kernel oopses on it (irqaffinity=0 helps)");
	ret = set_online(self->cpus - 1, false);
	if (ret)
		SKIP(return, "processors cannot be taken offline (%d)", ret);
	ASSERT_EQ(0, set_online(self->cpus - 1, true));
}

FIXTURE_TEARDOWN(hotplug)
{
	long cpu;

	for (cpu = 1; cpu < self->cpus; cpu++)
		set_online(cpu, true);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

struct counter {
	struct tvm t;
	pthread_t thread;
	volatile unsigned int told;
	volatile bool stop;
	int result;
};

/* A guest that counts: its numbers must have no gap. */
static void *count(void *opaque)
{
	struct counter *c = opaque;
	unsigned int i;
	__u64 value;

	for (i = 0; !c->stop && !c->result; i++) {
		c->result = tvm_next_out(&c->t, 0, &value);
		if (!c->result && value != (i & 0xffff))
			c->result = -ERANGE;
		c->told = i;
	}
	return NULL;
}

TEST_F(hotplug, processor_goes_and_comes)
{
	int event = eventfd(0, EFD_CLOEXEC);
	struct counter counter = { 0 };
	unsigned int round, heard = 0;
	struct ear ear;
	struct tvm t;
	long cpu;

	ASSERT_OK(sleeper_start(&t));
	ASSERT_OK(ear_open(&ear, t.vp[0], 0));
	ASSERT_TRUE(ear_wait(&ear, EAR_READY, 1));
	ASSERT_OK(route(t.part, GSI, 0, VECTOR));
	ASSERT_EQ(0, irqfd(t.part, event, GSI, 0));
	ASSERT_OK(tvm_start(&counter.t, guest_count, sizeof(guest_count)));
	ASSERT_EQ(0, pthread_create(&counter.thread, NULL, count, &counter));
	for (round = 0; round < self->rounds; round++) {
		cpu = 1 + round % (self->cpus - 1);
		ASSERT_EQ(0, ring(event));
		ASSERT_EQ(0, set_online(cpu, false));
		EXPECT_TRUE(ear_wait(&ear, VECTOR, ++heard));
		/* A guest that starts now, on the remaining processors. */
		ASSERT_EQ(0, ring(event));
		EXPECT_TRUE(ear_wait(&ear, VECTOR, ++heard));
		ASSERT_EQ(0, ring(event));
		ASSERT_EQ(0, set_online(cpu, true));
		EXPECT_TRUE(ear_wait(&ear, VECTOR, ++heard));
	}
	EXPECT_TRUE(wait_until(counter.told > 0));
	counter.stop = true;
	ASSERT_EQ(0, pthread_join(counter.thread, NULL));
	EXPECT_EQ(0, counter.result);
	ear_close(&ear);
	EXPECT_EQ(0, ear.result);
	EXPECT_EQ(heard, ear.heard[VECTOR]);
	close(event);
	tvm_close(&counter.t);
	tvm_close(&t);
}

/* On a processor that has been offline, messages and doorbells arrive as before. */
TEST_F(hotplug, new_machines_on_it)
{
	cpu_set_t before, one;
	unsigned int round;
	__u64 value;

	sched_getaffinity(0, sizeof(before), &before);
	for (round = 0; round < self->rounds / 2; round++) {
		long cpu = 1 + round % (self->cpus - 1);
		struct tvm t;

		ASSERT_OK(tvm_start(&t, guest_count, sizeof(guest_count)));
		ASSERT_OK(tvm_next_out(&t, 0, &value));
		ASSERT_EQ(0, set_online(cpu, false));
		ASSERT_OK(tvm_next_out(&t, 0, &value));
		ASSERT_EQ(0, set_online(cpu, true));
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		ASSERT_EQ(0, sched_setaffinity(0, sizeof(one), &one));
		ASSERT_OK(tvm_next_out(&t, 0, &value));
		EXPECT_EQ(2, value);
		tvm_close(&t);
		sched_setaffinity(0, sizeof(before), &before);
	}
}

/* What it writes at BEAT, it counts; it never exits. */
static const __u8 guest_beats[] = {
	0x31, 0xc0, 0x8e, 0xd8,			/* xor ax, ax; mov ds, ax */
	0x66, 0xff, 0x06, BEAT & 0xff, BEAT >> 8,	/* inc dword [BEAT] */
	0xeb, 0xf9,				/* and again */
};

static __u32 beats(const struct counter *c)
{
	return __atomic_load_n((__u32 *)(c->t.memory + BEAT), __ATOMIC_RELAXED);
}

static void *beat(void *opaque)
{
	struct counter *c = opaque;

	c->result = tvm_run(&c->t, 0);
	return NULL;
}

/* Guests that never exit have to be moved from a processor that goes offline. */
TEST_F(hotplug, busy_guests_move)
{
	struct counter guests[BUSY] = { 0 };
	unsigned int round, i;
	__u32 before;
	long cpu;

	for (i = 0; i < BUSY; i++) {
		ASSERT_OK(tvm_start(&guests[i].t, guest_beats, sizeof(guest_beats)));
		ASSERT_EQ(0, pthread_create(&guests[i].thread, NULL, beat, &guests[i]));
		ASSERT_TRUE(wait_until(beats(&guests[i])));
	}
	for (round = 0; round < self->rounds / 2; round++) {
		cpu = 1 + round % (self->cpus - 1);
		ASSERT_EQ(0, set_online(cpu, false));
		for (i = 0; i < BUSY; i++) {
			before = beats(&guests[i]);
			EXPECT_TRUE(wait_until(beats(&guests[i]) != before));
		}
		ASSERT_EQ(0, set_online(cpu, true));
	}
	for (i = 0; i < BUSY; i++) {
		ASSERT_EQ(0, ioctl(guests[i].t.vp[0], MSHV_KICK_VP));
		ASSERT_EQ(0, pthread_join(guests[i].thread, NULL));
		EXPECT_EQ(-EINTR, guests[i].result);
		tvm_close(&guests[i].t);
	}
}

/* The hypervisor has nowhere to put one. */
TEST_F(hotplug, no_doorbell_for_one_that_is_offline)
{
	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, set_online(self->cpus - 1, false));
	EXPECT_EQ(-ENOSPC, rv_doorbell(self->cpus - 1, NO_PORT));
	EXPECT_EQ(0, rv_doorbell(0, NO_PORT));
	ASSERT_EQ(0, set_online(self->cpus - 1, true));
	EXPECT_EQ(0, rv_doorbell(self->cpus - 1, NO_PORT));
}

TEST_HARNESS_MAIN
