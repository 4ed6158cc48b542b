// SPDX-License-Identifier: GPL-2.0
/*
 * A guest whose every instruction is executed by the hypervisor: how long the
 * hypervisor takes at once, and when another processor gets its turn.
 *
 * Model: the guest fills the page of its local APIC, which its page tables have at
 * all addresses of a GiB, with one string instruction.
 */
#include <sched.h>
#include <stdio.h>
#include <time.h>

#include "harness.h"

#define STRING		0x40000000ULL
#define DIRECTORY	0x60000
#define TABLE		0x61000
#define APIC_ENTRY	0xfee00007ULL
#define ELEMENTS	10000
#define MEASURES	5
/* What the hypervisor takes at once at most, including exit and entry. */
#define MAX_EXIT_NS	200000
#define MANY		2000
#define MAX_PASSED	256	/* a processor that was put aside */

FIXTURE(fair) {
	struct books before;
	struct tvm t;
	pthread_t thread;
};

static const __u8 guest[] = {
	0xf3, 0x48, 0xab,				/* rep stosq */
	0x66, 0xba, 0xf8, 0x03, 0xb0, 's', OUT_AL,	/* mov dx, 0x3f8; out dx, al */
	HLT,
};

FIXTURE_SETUP(fair)
{
	__u64 *pdpt, *directory, *table;
	unsigned int i;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	ASSERT_OK(tvm_start_long(&self->t, guest, sizeof(guest)));
	pdpt = (__u64 *)(self->t.memory + TVM_TABLES + VMM_PAGE);
	directory = (__u64 *)(self->t.memory + DIRECTORY);
	table = (__u64 *)(self->t.memory + TABLE);
	pdpt[1] = DIRECTORY | 7;
	for (i = 0; i < 512; i++) {
		directory[i] = TABLE | 7;
		table[i] = APIC_ENTRY;
	}
}

FIXTURE_TEARDOWN(fair)
{
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

static int begin(struct tvm *t, __u64 elements)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RIP, TVM_CODE),
		vmm_value(HV_X64_REGISTER_RAX, 0),
		vmm_value(HV_X64_REGISTER_RCX, elements),
		vmm_value(HV_X64_REGISTER_RDI, STRING),
	};

	return vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
}

static __u64 counted(unsigned int what)
{
	__u64 value = 0;

	rv_count(what, &value);
	return value;
}

static __u64 cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* However long the string is. */
TEST_F(fair, exit_by_exit)
{
	__u64 time, exits, out, least = ~0ULL;
	unsigned int i;

	if (!tvm_is_recorded())
		SKIP(return, "MSHV_EXACT: how long it takes depends on the host otherwise");
	for (i = 0; i < MEASURES; i++) {
		ASSERT_OK(begin(&self->t, ELEMENTS));
		rv_mark();
		time = cpu_time();
		ASSERT_OK(tvm_next_out(&self->t, 0, &out));
		time = cpu_time() - time;
		exits = counted(RV_COUNT_CHILD_NPF);
		ASSERT_LT(1, exits);
		if (time / exits < least)
			least = time / exits;
	}
	EXPECT_GT(MAX_EXIT_NS, least);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static bool stop;

static void *run(void *opaque)
{
	struct tvm *t = opaque;

	pin(1);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED) && !begin(t, 1 << 27))
		tvm_run(t, 0);
	return NULL;
}

/* If each processor has a thread, the first one, with APIC id 0, is parked. */
static bool has_threads(void)
{
	FILE *info = fopen("/proc/cpuinfo", "r");
	bool has = info;
	char line[256];

	while (info && fgets(line, sizeof(line), info))
		has &= strncmp(line, "apicid", 6) || !strstr(line, ": 0\n");
	if (info)
		fclose(info);
	return has;
}

/*
 * No other processor has two turns while one waits.  With threads a processor that
 * the host has preempted may be passed, but not for ever.
 */
TEST_F(fair, turns)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (cpus < 2)
		SKIP(return, "needs two processors");
	pin(0);
	stop = false;
	rv_mark();
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, run, &self->t));
	/* Each query causes some exits of this processor. */
	EXPECT_TRUE(wait_until(counted(RV_COUNT_CHILD_NPF) > MANY &&
			       counted(RV_COUNT_ROOT_EXITS) > MANY));
	EXPECT_GE(cpus - 1 + (has_threads() ? MAX_PASSED : 0),
		  counted(RV_COUNT_OVERTAKEN));
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	ioctl(self->t.vp[0], MSHV_KICK_VP);
	pthread_join(self->thread, NULL);
}

TEST_HARNESS_MAIN
