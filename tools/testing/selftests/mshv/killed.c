// SPDX-License-Identifier: GPL-2.0
/*
 * VMMs that are killed: after each step of their life, at any moment, with busy
 * processors, and while the hypervisor does not answer.
 */
#include <sys/syscall.h>

#include "harness.h"

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

/* A processor that the hypervisor does not run any more: still killable. */
TEST_F(killed, pitfall_21_silent_hypervisor_is_killable)
{
	int status, fds[2];
	__u64 id = 0;
	pid_t pid;

	if (rv_open())
		SKIP(return, "no rootvisor below");
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

TEST_HARNESS_MAIN
