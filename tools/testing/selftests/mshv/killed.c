// SPDX-License-Identifier: GPL-2.0
/*
 * VMMs that are killed: after each step of their life, at any moment, with busy
 * processors, and while the hypervisor does not answer.
 */
#include <sched.h>
#include <sys/syscall.h>

#include "harness.h"
#include "probe.h"

#define LIFE_STEPS	8
#define SPIN_MAX	20011

FIXTURE(killed) {
	struct books before;
	bool books;
};

FIXTURE_SETUP(killed)
{
	ASSERT_EQ(0, access(VMM_DEVICE, R_OK | W_OK));
	self->books = !rv_open() && !books_read(&self->before);
}

FIXTURE_TEARDOWN(killed)
{
	if (!self->books)
		return;
	rv_rules_clear();
	ASSERT_BOOKS(&self->before);
}

/*
 * One more step of a VMM's life each time; writes to the pipe, with the id of its
 * partition once it is known, then waits.
 */
static void live(unsigned int steps, int fd)
{
	__u64 value, id = 0;
	struct tvm t;

	if (steps > 0 && tvm_open(&t))
		_exit(10);
	if (steps > 1) {
		t.part = vmm_create_v1(t.dev, TVM_FLAGS);
		if (t.part < 0)
			_exit(11);
	}
	if (steps > 2 && vmm_initialize(t.part))
		_exit(12);
	if (steps > 3 && tvm_memory(&t))
		_exit(13);
	if (steps > 4 && tvm_vp(&t, 0) < 0)
		_exit(14);
	if (steps > 5) {
		memcpy(t.memory + TVM_CODE, guest_count, sizeof(guest_count));
		if (tvm_real_mode(&t, 0, TVM_CODE) ||
		    tvm_next_out(&t, 0, &value))
			_exit(15);
		id = tvm_id(&t);
	}
	if (steps > 6)
		memcpy(t.memory + TVM_CODE + 6, guest_spin, sizeof(guest_spin));
	if (write(fd, &id, sizeof(id)) != sizeof(id))
		_exit(16);
	if (steps > 6) {
		/* Busy, or asleep, in the guest. */
		if (steps > 7)
			memcpy(t.memory + TVM_CODE + 6, guest_halt, 4);
		tvm_run(&t, 0);
		_exit(17);
	}
	for (;;)
		pause();
}

TEST_F(killed, after_each_step)
{
	unsigned int steps;
	int status, fds[2];
	__u64 id;
	pid_t pid;

	for (steps = 0; steps <= LIFE_STEPS; steps++) {
		ASSERT_EQ(0, pipe(fds));
		pid = fork();
		if (!pid)
			live(steps, fds[1]);
		close(fds[1]);
		ASSERT_EQ(8, read(fds[0], &id, sizeof(id))) {
			TH_LOG("step %u did not succeed", steps);
		}
		EXPECT_TRUE(wait_until(stands_in(pid, SYS_pause, 0) ||
				       is_in_guest(pid))) {
			TH_LOG("step %u", steps);
		}
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status)) {
			TH_LOG("step %u: status %x", steps, status);
		}
		close(fds[0]);
		if (self->books)
			ASSERT_BOOKS(&self->before);
	}
}

/* Progress of other processes, by processor; in shared memory. */
static volatile unsigned int *progress_page(void)
{
	void *page = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

/* Wait for some progress and then for a random time. */
static bool let_come(volatile unsigned int *progress, unsigned int steps)
{
	volatile unsigned int spin = steps * 7919 % SPIN_MAX;

	if (!wait_until(*progress >= steps))
		return false;
	while (spin)
		spin--;
	return true;
}

/* At any moment: the child creates machines again and again until it is killed. */
TEST_F(killed, at_any_moment)
{
	volatile unsigned int *progress = progress_page();
	unsigned int round;
	int status;
	pid_t pid;

	ASSERT_NE(NULL, progress);
	for (round = 0; round < 20; round++) {
		*progress = 0;
		pid = fork();
		if (!pid) {
			for (;;) {
				struct tvm t;
				__u64 value;

				if (tvm_start(&t, guest_count,
					      sizeof(guest_count)))
					_exit(1);
				++*progress;
				if (tvm_next_out(&t, 0, &value))
					_exit(2);
				++*progress;
				tvm_close(&t);
				++*progress;
			}
		}
		ASSERT_TRUE(let_come(progress, round)) {
			TH_LOG("round %u", round);
		}
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status)) {
			TH_LOG("round %u: %s", round, vmm_error());
		}
	}
	munmap((void *)progress, VMM_PAGE);
}

struct second {
	struct tvm *t;
	volatile unsigned int *progress;
};

/* The two threads of a VMM, both processors in the guest, and then nothing. */
static void *run_second(void *opaque)
{
	const struct second *s = opaque;
	struct tvm mine = *s->t;
	__u64 value;

	while (!tvm_next_out(&mine, 1, &value))
		++s->progress[1];
	return NULL;
}

TEST_F(killed, pitfall_U7_with_two_busy_processors)
{
	volatile unsigned int *progress = progress_page();
	unsigned int round;
	int status;
	pid_t pid;

	ASSERT_NE(NULL, progress);
	for (round = 0; round < 5; round++) {
		progress[0] = 0;
		progress[1] = 0;
		pid = fork();
		if (!pid) {
			pthread_t thread;
			struct tvm t;
			struct second second = { &t, progress };
			__u64 value;

			if (tvm_start(&t, guest_count, sizeof(guest_count)) ||
			    tvm_vp(&t, 1) < 0 || tvm_wake(&t, 1, TVM_CODE) ||
			    pthread_create(&thread, NULL, run_second, &second))
				_exit(1);
			while (!tvm_next_out(&t, 0, &value))
				++progress[0];
			_exit(2);
		}
		ASSERT_TRUE(let_come(&progress[0], 1 + 10 * round));
		ASSERT_TRUE(let_come(&progress[1], 1 + 10 * round));
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status));
		if (self->books)
			ASSERT_BOOKS(&self->before);
	}
	munmap((void *)progress, VMM_PAGE);
}

static void *run_again_later(void *opaque)
{
	struct tvm *t = opaque;
	bool sleeps;

	/* The first thread of this process runs it. */
	sleeps = wait_until(stands_in_run(getpid()));
	return rv_vp_stall(tvm_id(t), 0, 0) || !sleeps ? NULL : t;
}

/* A processor that the hypervisor runs again: it goes on where it was. */
TEST_F(killed, silent_hypervisor_that_speaks_again)
{
	pthread_t thread;
	void *slept;
	struct tvm t;
	__u64 value = 0;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_OK(tvm_start(&t, guest_count, sizeof(guest_count)));
	ASSERT_OK(tvm_next_out(&t, 0, &value));
	ASSERT_EQ(0, rv_vp_stall(tvm_id(&t), 0, 1));
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_again_later, &t));
	ASSERT_OK(tvm_next_out(&t, 0, &value));
	EXPECT_EQ(1, value);
	ASSERT_EQ(0, pthread_join(thread, &slept));
	EXPECT_NE(NULL, slept);
	tvm_close(&t);
}

/* A processor that the hypervisor does not run any more: still killable. */
TEST_F(killed, pitfall_21_silent_hypervisor_is_killable)
{
	int status, fds[2];
	__u64 id = 0;
	pid_t pid;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, pipe(fds));
	pid = fork();
	if (!pid)
		live(7, fds[1]);
	close(fds[1]);
	ASSERT_EQ(8, read(fds[0], &id, sizeof(id)));
	ASSERT_EQ(0, rv_vp_stall(id, 0, 1));
	EXPECT_TRUE(wait_until(stands_in_run(pid)));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	close(fds[0]);
}

#define TOUCHED		(8 * BLOCK)

/* A VMM whose guest has touched movable memory; then it waits. */
static void live_touching(int fd)
{
	__u8 *area = probe_area(TOUCHED);
	struct tvm t;
	__u64 at;

	if (!area || probe_start(&t) ||
	    vmm_map(t.part, PROBE_GPA, TOUCHED, area, MEM_RWX))
		_exit(20);
	for (at = 0; at < TOUCHED; at += BLOCK) {
		if (probe_write(&t, 0, PROBE_GPA + at, 1))
			_exit(21);
	}
	if (write(fd, &at, 1) != 1)
		_exit(22);
	for (;;)
		pause();
}

/* The other process does not run while this one has the processor. */
static int first_come(bool first)
{
	const struct sched_param param = { .sched_priority = first };

	return sched_setscheduler(0, first ? SCHED_FIFO : SCHED_OTHER, &param) ? -errno : 0;
}

/*
 * The memory of a process that has been killed is taken before it ends, by a caller
 * that cannot wait.  Memory that the hypervisor does not unmap is not taken.
 */
TEST_F(killed, memory_is_taken_before_the_end)
{
	__u64 mapped, now;
	unsigned int denied;
	int status, ret, pidfd, fds[2], pinned;
	cpu_set_t cpus;
	__u32 rule;
	pid_t pid;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	pinned = pin_memory(false);
	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(cpus), &cpus));
	for (denied = 0; denied < 2; denied++) {
		ASSERT_EQ(0, pipe(fds));
		pid = fork();
		if (!pid)
			live_touching(fds[1]);
		close(fds[1]);
		ASSERT_EQ(1, read(fds[0], &status, 1));
		close(fds[0]);
		pidfd = syscall(SYS_pidfd_open, pid, 0);
		ASSERT_LE(0, pidfd);
		mapped = books_value(RV_BOOKS_MAPPED);
		if (denied)
			ASSERT_EQ(0, rv_fail(HVCALL_UNMAP_GPA_PAGES,
					     HV_STATUS_OPERATION_FAILED, 0, 0, &rule));
		ASSERT_EQ(0, first_come(true));
		kill(pid, SIGKILL);
		ret = syscall(SYS_process_mrelease, pidfd, 0) ? -errno : 0;
		now = books_value(RV_BOOKS_MAPPED);
		rv_rules_clear();
		first_come(false);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status));
		close(pidfd);
		if (denied) {
			EXPECT_EQ(-EAGAIN, ret);
			EXPECT_EQ(mapped, now);
		} else {
			EXPECT_EQ(0, ret);
			EXPECT_LE(now + TOUCHED / BLOCK, mapped);
		}
		ASSERT_BOOKS(&self->before);
	}
	if (pinned >= 0)
		pin_memory(pinned);
}

/* In the middle of a call about very many pages; it would take seconds. */
TEST_F(killed, while_pages_are_listed)
{
	const __u64 pages = 1ULL << 26, size = pages / 8;
	volatile __u8 *bits = mmap(NULL, size, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct mshv_gpap_access_bitmap args = {
		.page_count = pages, .bitmap_ptr = (unsigned long)bits,
	};
	int status;
	pid_t pid;

	ASSERT_NE(MAP_FAILED, bits);
	memset((void *)bits, 0xff, size);
	pid = fork();
	if (!pid) {
		struct tvm t;

		if (tvm_start(&t, guest_count, sizeof(guest_count)) ||
		    vmm_set_property(t.part, HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING, 1))
			_exit(1);
		/* All of it is there, or the signal is noticed where it is not. */
		memset((void *)bits, 0xff, size);
		ioctl(t.part, MSHV_GET_GPAP_ACCESS_BITMAP, &args);
		_exit(2);
	}
	EXPECT_TRUE(wait_until(bits[0] != 0xff));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status)) {
		TH_LOG("status %x", status);
	}
	EXPECT_EQ(0xff, bits[size - 1]);
	munmap((void *)bits, size);
}

#define UNMAPPED	(32ULL << 20)

/* One page a call. */
TEST_F(killed, while_pages_are_unmapped)
{
	__u8 *area = probe_area(UNMAPPED);
	int status, fds[2], pinned;
	__u64 hits = 0;
	__u32 rule;
	pid_t pid;

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_NE(NULL, area);
	madvise(area, UNMAPPED, MADV_NOHUGEPAGE);
	ASSERT_EQ(0, pipe(fds));
	ASSERT_EQ(0, rv_rep_stop(HVCALL_UNMAP_GPA_PAGES, 0, 1, 0, &rule));
	pinned = pin_memory(true);
	pid = fork();
	if (!pid) {
		struct tvm t;

		if (probe_start(&t) ||
		    vmm_map(t.part, PROBE_GPA, UNMAPPED, area, MEM_RWX) ||
		    write(fds[1], &rule, 1) != 1)
			_exit(1);
		vmm_unmap(t.part, PROBE_GPA, UNMAPPED, area);
		_exit(2);
	}
	close(fds[1]);
	EXPECT_EQ(1, read(fds[0], &status, 1));
	if (pinned >= 0)
		pin_memory(pinned);
	EXPECT_TRUE(wait_until(rv_rule_hits(rule, &hits) || hits));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status)) {
		TH_LOG("status %x", status);
	}
	ASSERT_EQ(0, rv_rule_hits(rule, &hits));
	/* The last page does not count: nothing is left to be stopped. */
	EXPECT_GT(UNMAPPED / VMM_PAGE - 1, hits);
	close(fds[0]);
	munmap(area, UNMAPPED);
}

TEST_HARNESS_MAIN
