// SPDX-License-Identifier: GPL-2.0
/*
 * Antagonists: threads that change what other threads use.
 *
 * Model: one thread does what a VMM does and knows the expected result, others work
 * against it.  Rounds are counted, and all randomness comes from one seed,
 * MSHV_SEED in the environment (1); MSHV_HEAVY requests more rounds.
 */
#include <sched.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include "harness.h"
#include "ear.h"
#include "probe.h"

#define GSI	9
#define FEW	40
#define MANY	400

FIXTURE(antagonist) {
	struct books before;
	unsigned int rounds;
	unsigned int seed;
	int pinned;
	bool books;
};

FIXTURE_SETUP(antagonist)
{
	self->books = !rv_open() && !books_read(&self->before);
	self->rounds = getenv("MSHV_HEAVY") ? MANY : FEW;
	self->seed = atoi(getenv("MSHV_SEED") ?: "1");
	self->pinned = pin_memory(true);
}

FIXTURE_TEARDOWN(antagonist)
{
	if (self->pinned >= 0)
		pin_memory(self->pinned);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/* Wait for a short random time. */
static void dawdle(unsigned int *seed)
{
	volatile unsigned int n = rand_r(seed) % 20000;

	while (n)
		n--;
}

struct worker {
	struct tvm *t;
	pthread_t thread;
	__u8 *area;
	int fd;
	unsigned int seed;
	volatile unsigned int done, reads;
	volatile bool stop;
	volatile int result;
};

static int work(struct worker *w, void *(*function)(void *))
{
	return pthread_create(&w->thread, NULL, function, w);
}

static void stop(struct worker *w)
{
	w->stop = true;
	pthread_join(w->thread, NULL);
}

#define FIRST_VECTOR	0x45	/* to VP 0 */
#define SECOND_VECTOR	0x46	/* to VP 1 */

static void *flip_routes(void *opaque)
{
	struct worker *w = opaque;

	for (; !w->stop; w->done++)
		route(w->t->part, GSI, w->done & 1,
		      w->done & 1 ? SECOND_VECTOR : FIRST_VECTOR);
	return NULL;
}

TEST_F(antagonist, pitfall_U2_only_legal_tuples)
{
	struct ear ears[2];
	struct tvm t;
	struct worker flipper = { .t = &t };
	int event = eventfd(0, EFD_CLOEXEC);
	unsigned int i;

	ASSERT_OK(sleeper_start(&t));
	ASSERT_OK(tvm_vp(&t, 1));
	ASSERT_OK(tvm_wake(&t, 1, TVM_CODE));
	for (i = 0; i < 2; i++) {
		ASSERT_OK(ear_open(&ears[i], t.vp[i], i));
		ASSERT_TRUE(ear_wait(&ears[i], EAR_READY, 1));
	}
	ASSERT_OK(route(t.part, GSI, 0, FIRST_VECTOR));
	ASSERT_EQ(0, irqfd(t.part, event, GSI, 0));
	ASSERT_EQ(0, work(&flipper, flip_routes));
	for (i = 0; i < 10 * self->rounds; i++) {
		ASSERT_EQ(0, ring(event));
		dawdle(&self->seed);
	}
	stop(&flipper);
	for (i = 0; i < 2; i++) {
		ASSERT_OK(vmm_assert(t.part, HV_X64_INTERRUPT_TYPE_FIXED,
				     false, false, i, EAR_LAST));
		EXPECT_TRUE(ear_wait(&ears[i], EAR_LAST, 1));
		ear_close(&ears[i]);
		EXPECT_EQ(0, ears[i].result);
	}
	EXPECT_EQ(0, ears[0].heard[SECOND_VECTOR]);
	EXPECT_EQ(0, ears[1].heard[FIRST_VECTOR]);
	EXPECT_LT(0, ears[0].heard[FIRST_VECTOR] +
		     ears[1].heard[SECOND_VECTOR]);
	close(event);
	tvm_close(&t);
}

/* Signals at any moment of a processor that runs, stops, sleeps. */
TEST_F(antagonist, pitfall_19_every_signal_wakes)
{
	int event = eventfd(0, EFD_CLOEXEC);
	unsigned int i;
	struct ear ear;
	struct tvm t;

	ASSERT_OK(sleeper_start(&t));
	ASSERT_OK(ear_open(&ear, t.vp[0], 0));
	ASSERT_TRUE(ear_wait(&ear, EAR_READY, 1));
	ASSERT_OK(route(t.part, GSI, 0, FIRST_VECTOR));
	ASSERT_EQ(0, irqfd(t.part, event, GSI, 0));
	for (i = 1; i <= 5 * self->rounds; i++) {
		ASSERT_EQ(0, ring(event));
		ASSERT_TRUE(ear_wait(&ear, FIRST_VECTOR, i)) {
			TH_LOG("signal %u", i);
		}
		dawdle(&self->seed);
	}
	ear_close(&ear);
	EXPECT_EQ(0, ear.result);
	EXPECT_EQ(5 * self->rounds, ear.heard[FIRST_VECTOR]);
	close(event);
	tvm_close(&t);
}

static void *close_event(void *opaque)
{
	struct worker *w = opaque;

	dawdle(&w->seed);
	close(w->fd);
	return NULL;
}

TEST_F(antagonist, pitfall_A31_close_against_deassign)
{
	unsigned int i;
	struct tvm t;

	ASSERT_OK(sleeper_start(&t));
	ASSERT_OK(route(t.part, GSI, 0, FIRST_VECTOR));
	for (i = 0; i < 2 * self->rounds; i++) {
		struct worker closer = {
			.fd = eventfd(0, EFD_CLOEXEC), .seed = self->seed,
		};
		int ret;

		ASSERT_EQ(0, irqfd(t.part, closer.fd, GSI, 0));
		ASSERT_EQ(0, ring(closer.fd));
		ASSERT_EQ(0, work(&closer, close_event));
		dawdle(&self->seed);
		ret = irqfd(t.part, closer.fd, GSI, DEASSIGN);
		EXPECT_TRUE(!ret || ret == -EBADF);
		/* In every other round the partition is closed at the same time. */
		if (i & 1) {
			tvm_close(&t);
			ASSERT_OK(sleeper_start(&t));
			ASSERT_OK(route(t.part, GSI, 0, FIRST_VECTOR));
		}
		stop(&closer);
	}
	tvm_close(&t);
}

/* Wake a second processor and prepare it for probes. */
static int second_prober(struct tvm *t)
{
	static const __u8 here[] = { 0xba, 0xf8, 0x03, OUT_AL, HLT };
	int ret;

	memcpy(t->memory + 0x5000, here, sizeof(here));
	ret = tvm_vp(t, 1);
	if (ret >= 0)
		ret = tvm_wake(t, 1, 0x5000);
	if (!ret)
		ret = tvm_run(t, 1);
	return ret ? ret : tvm_long_mode(t, 1, TVM_CODE);
}

/* A processor that reads all the time; it may see either of two values. */
static void *read_on(void *opaque)
{
	struct worker *w = opaque;
	struct tvm mine = *w->t;
	int ret = 0;
	__u8 value;

	while (!w->stop && ret >= 0) {
		ret = probe_read(&mine, 1, PROBE_GPA, &value);
		if (!ret && value != 0xa1 && value != 0xb2)
			ret = -ERANGE;
		w->done += !ret;
	}
	w->result = ret;
	return NULL;
}

static void map_and_unmap(struct __test_metadata *_metadata, bool pinned,
			  unsigned int rounds)
{
	__u8 *areas[2] = { probe_area(BLOCK), probe_area(BLOCK) }, value = 0;
	struct tvm t;
	struct worker reader = { .t = &t };
	unsigned int i;

	pin_memory(pinned);
	ASSERT_OK(probe_start(&t));
	ASSERT_OK(second_prober(&t));
	memset(areas[0], 0xa1, BLOCK);
	memset(areas[1], 0xb2, BLOCK);
	ASSERT_EQ(0, work(&reader, read_on));
	for (i = 0; i < rounds; i++) {
		__u8 *area = areas[i & 1];

		ASSERT_OK(vmm_map(t.part, PROBE_GPA, BLOCK, area, MEM_RWX));
		EXPECT_EQ(0, probe_read(&t, 0, PROBE_GPA, &value)) {
			TH_LOG("round %u: %s", i, vmm_error());
		}
		EXPECT_EQ(area[0], value);
		ASSERT_OK(vmm_unmap(t.part, PROBE_GPA, BLOCK, area));
		EXPECT_EQ(PROBE_REFUSED,
			  probe_read(&t, 0, PROBE_GPA, &value));
	}
	stop(&reader);
	EXPECT_LE(0, reader.result) {
		TH_LOG("reader: %d", reader.result);
	}
	tvm_close(&t);
	munmap(areas[0], BLOCK);
	munmap(areas[1], BLOCK);
}

TEST_F(antagonist, pitfall_13_mapper_against_a_running_guest)
{
	map_and_unmap(_metadata, true, self->rounds);
	map_and_unmap(_metadata, false, self->rounds);
}

#define CHANGES	20	/* at least */
#define CHANGES_AT_ONCE	16

static void *change_mappings(void *opaque)
{
	struct worker *w = opaque;
	unsigned int seen;
	__u8 *other;

	for (; !w->stop; w->done++) {
		/* Whose turn it is, is for two schedulers: let the guest get on. */
		seen = w->reads;
		if (w->done % CHANGES_AT_ONCE == CHANGES_AT_ONCE - 1)
			wait_until(w->stop || w->reads != seen);
		other = mmap(NULL, 8 * VMM_PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		mprotect(other + VMM_PAGE, VMM_PAGE, PROT_READ);
		munmap(other, 8 * VMM_PAGE);
		/* Its own page, too, is read from the file again each time. */
		madvise(w->area, BLOCK, MADV_DONTNEED);
		/* A page that is always taken before the guest uses it does not help. */
		dawdle(&w->seed);
	}
	return NULL;
}

TEST_F(antagonist, pitfall_A37_fault_among_changing_mappings)
{
	int fd = memfd_create("backing", MFD_CLOEXEC);
	struct worker changer = { .area = probe_area(BLOCK) };
	__u8 value = 0;
	unsigned int i;
	struct tvm t;

	ASSERT_EQ(0, ftruncate(fd, BLOCK));
	ASSERT_NE(MAP_FAILED, mmap(changer.area, BLOCK, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_FIXED, fd, 0));
	for (i = 0; i < BLOCK / VMM_PAGE; i++)
		changer.area[i * VMM_PAGE] = i;
	pin_memory(false);
	ASSERT_OK(probe_start(&t));
	ASSERT_OK(vmm_map(t.part, PROBE_GPA, BLOCK, changer.area, MEM_RWX));
	ASSERT_EQ(0, work(&changer, change_mappings));
	/* However rarely the other thread is scheduled. */
	for (i = 0; i < 2 * self->rounds || changer.done < CHANGES; i++) {
		unsigned int at = rand_r(&self->seed) % (BLOCK / VMM_PAGE);

		EXPECT_EQ(0, probe_read(&t, 0, PROBE_GPA + at * VMM_PAGE,
					&value)) {
			TH_LOG("%s", vmm_error());
		}
		EXPECT_EQ(at & 0xff, value);
		changer.reads++;
	}
	stop(&changer);
	tvm_close(&t);
	munmap(changer.area, BLOCK);
	close(fd);
}

static void nudged(int signal)
{
	(void)signal;
}

static void *run_busy(void *opaque)
{
	struct worker *w = opaque;

	do {
		w->result = tvm_run(w->t, 0);
	} while (!w->stop && (!w->result || w->result == -EINTR));
	return NULL;
}

/* A guest that computes for ever, and a thread on the same processor. */
TEST_F(antagonist, pitfall_A3_busy_guest_shares)
{
	struct sigaction action = { .sa_handler = nudged };
	cpu_set_t before, one;
	struct tvm t;
	struct worker runner = { .t = &t };
	unsigned int i;

	sigaction(SIGUSR1, &action, NULL);
	sched_getaffinity(0, sizeof(before), &before);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(one), &one));
	ASSERT_OK(tvm_start(&t, guest_spin, sizeof(guest_spin)));
	ASSERT_EQ(0, work(&runner, run_busy));
	/* The test is that this ends. */
	for (i = 0; i < self->rounds; i++) {
		sched_yield();
		dawdle(&self->seed);
	}
	runner.stop = true;
	while (pthread_tryjoin_np(runner.thread, NULL)) {
		pthread_kill(runner.thread, SIGUSR1);
		wait_slice();
	}
	EXPECT_EQ(-EINTR, runner.result);
	sched_setaffinity(0, sizeof(before), &before);
	tvm_close(&t);
}

/* Every kind of message about one partition, until it is stopped. */
static void *post_messages(void *opaque)
{
	struct worker *w = opaque;
	struct hv_vp_signal_pair_scheduler_message pairs = { .vp_count = 2 };
	const __u64 id = tvm_id(w->t);
	cpu_set_t receiver;
	__u32 index = 0, i;
	struct {
		__u32 vp, vector;
	} eoi = { 0, FIRST_VECTOR };

	for (i = 0; i < 2; i++) {
		pairs.partition_ids[i] = id;
		pairs.vp_indexes[i] = i;
	}
	/*
	 * On the processor that gets them, which takes each before the next is sent.  Sent by
	 * another one they may be more than there is room for, if the host runs that instead.
	 */
	CPU_ZERO(&receiver);
	CPU_SET(0, &receiver);
	sched_setaffinity(0, sizeof(receiver), &receiver);
	for (; !w->stop; w->done++) {
		rv_message(0, 0, HVMSG_OPAQUE_INTERCEPT, id, &index, 4);
		rv_message(0, 0, HVMSG_SCHEDULER_VP_SIGNAL_PAIR, 0, &pairs,
			   sizeof(pairs));
		rv_message(0, 0, HVMSG_X64_APIC_EOI, id, &eoi, sizeof(eoi));
		rv_doorbell(0, w->done);
	}
	return NULL;
}

TEST_F(antagonist, pitfall_U7_closed_under_messages)
{
	unsigned int i;
	__u64 value;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	for (i = 0; i < self->rounds; i++) {
		struct tvm t, copy;
		struct worker poster = { .t = &copy };

		ASSERT_OK(tvm_start(&t, guest_count, sizeof(guest_count)));
		ASSERT_OK(tvm_next_out(&t, 0, &value));
		copy = t;
		ASSERT_EQ(0, work(&poster, post_messages));
		dawdle(&self->seed);
		tvm_close(&t);
		dawdle(&self->seed);
		stop(&poster);
	}
}

/*
 * A VMM that never ends by itself: two busy processors, eventfds, doorbells.  It
 * counts its steps where others see them.
 */
static void live_on(volatile unsigned int *steps)
{
	struct ear ear;
	struct tvm t;
	int event;

	for (;; ++*steps) {
		event = eventfd(0, EFD_CLOEXEC);
		if (sleeper_start(&t) || tvm_vp(&t, 1) < 0 ||
		    tvm_wake(&t, 1, TVM_CODE) ||
		    route(t.part, GSI, 0, FIRST_VECTOR) ||
		    irqfd(t.part, event, GSI, 0) ||
		    ear_open(&ear, t.vp[1], 1))
			_exit(1);
		++*steps;
		ring(event);
		if (tvm_run(&t, 0))
			_exit(2);
		++*steps;
		ring(event);
		ear_wait(&ear, EAR_READY, 1);
		++*steps;
		ear_close(&ear);
		close(event);
		tvm_close(&t);
	}
}

#define AT_ONCE		3
#define LIVE_STEPS	8	/* two lives */

TEST_F(antagonist, killer)
{
	volatile unsigned int *steps;
	unsigned int round, i, wanted;
	pid_t pids[AT_ONCE];
	int status;

	steps = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)steps);
	for (round = 0; round < self->rounds / 4; round++) {
		for (i = 0; i < AT_ONCE; i++) {
			steps[i] = 0;
			pids[i] = fork();
			if (!pids[i])
				live_on(&steps[i]);
		}
		for (i = 0; i < AT_ONCE; i++) {
			wanted = rand_r(&self->seed) % LIVE_STEPS;
			EXPECT_TRUE(wait_until(steps[i] >= wanted)) {
				TH_LOG("round %u, step %u", round, wanted);
			}
			dawdle(&self->seed);
			ASSERT_EQ(0, kill(pids[i], SIGKILL));
		}
		for (i = 0; i < AT_ONCE; i++) {
			ASSERT_EQ(pids[i], waitpid(pids[i], &status, 0));
			EXPECT_TRUE(WIFSIGNALED(status)) {
				TH_LOG("round %u: status %x", round, status);
			}
		}
	}
	munmap((void *)steps, VMM_PAGE);
}

TEST_HARNESS_MAIN
