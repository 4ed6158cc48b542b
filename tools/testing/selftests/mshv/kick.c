// SPDX-License-Identifier: GPL-2.0
/*
 * Ending a run without a signal: kicks, the control page, and the query that
 * tells of both.
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include "harness.h"

FIXTURE(kick) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(kick)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_open(&self->t));
	if (ioctl(self->t.dev, MSHV_CHECK_EXTENSION,
		  &(__u32){ MSHV_EXTENSION_KICK_VP }) <= 0)
		SKIP(return, "this driver has no kicks");
}

FIXTURE_TEARDOWN(kick)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/* Another process that kicks once, when the guest runs or sleeps. */
static pid_t kick_later(struct tvm *t, unsigned int index)
{
	pid_t runner = getpid(), pid = fork();
	bool there;

	if (pid)
		return pid;
	there = wait_until(is_in_guest(runner));
	_exit(ioctl(t->vp[index], MSHV_KICK_VP) || !there);
}

static int finished(pid_t pid)
{
	int status = -1;

	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static int query(struct tvm *t, __u32 extension)
{
	return ioctl(t->dev, MSHV_CHECK_EXTENSION, &extension);
}

TEST_F(kick, extensions)
{
	EXPECT_EQ(1024, query(&self->t, MSHV_EXTENSION_MAX_VPS));
	EXPECT_LE(MSHV_SCHEDULER_ROOT,
		  query(&self->t, MSHV_EXTENSION_SCHEDULER));
	EXPECT_LT(0, query(&self->t, MSHV_EXTENSION_CONTROL_PAGE));
	EXPECT_EQ(0, query(&self->t, 0));
	EXPECT_EQ(0, query(&self->t, ~0U));
	EXPECT_EQ(-1, ioctl(self->t.dev, MSHV_CHECK_EXTENSION, NULL));
	EXPECT_EQ(EFAULT, errno);
	/* The number that mainline's other driver has for it. */
	EXPECT_EQ(0x4004b800, MSHV_CHECK_EXTENSION);
}

TEST_F(kick, busy_guest)
{
	pid_t pid;

	ASSERT_OK(tvm_start(&self->t, guest_spin, sizeof(guest_spin)));
	pid = kick_later(&self->t, 0);
	EXPECT_EQ(-EINTR, tvm_run(&self->t, 0));
	EXPECT_EQ(0, finished(pid));
}

TEST_F(kick, sleeping_guest)
{
	pid_t pid;

	ASSERT_OK(tvm_start(&self->t, guest_halt, sizeof(guest_halt)));
	pid = kick_later(&self->t, 0);
	EXPECT_EQ(-EINTR, tvm_run(&self->t, 0));
	EXPECT_EQ(0, finished(pid));
}

/* Pitfall U29: what comes between the last look and the run is not lost. */
TEST_F(kick, pitfall_U29_before_the_run)
{
	__u64 value = 1;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	ASSERT_EQ(0, ioctl(self->t.vp[0], MSHV_KICK_VP));
	ASSERT_EQ(0, ioctl(self->t.vp[0], MSHV_KICK_VP));
	EXPECT_EQ(-EINTR, tvm_run(&self->t, 0));
	/* One run is ended by it, however often it was kicked. */
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0, value);
}

TEST_F(kick, control_page)
{
	struct mshv_vp_control *control;
	__u64 value = 1;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	control = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		       self->t.vp[0], MSHV_VP_MMAP_OFFSET_CONTROL * VMM_PAGE);
	ASSERT_NE(MAP_FAILED, control);
	EXPECT_EQ(0, control->immediate_exit);
	control->immediate_exit = 1;
	EXPECT_EQ(-EINTR, tvm_run(&self->t, 0));
	EXPECT_EQ(-EINTR, tvm_run(&self->t, 0));
	control->immediate_exit = 0;
	EXPECT_EQ(0, tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0, value);
	munmap(control, VMM_PAGE);
}

TEST_HARNESS_MAIN
