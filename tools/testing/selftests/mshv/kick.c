// SPDX-License-Identifier: GPL-2.0
/*
 * Ending a run without a signal: kicks, the control page, and the query that
 * reports both.
 */
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "harness.h"
#include "probe.h"

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
		SKIP(return, NOT_THIS_DRIVER "kicks");
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
	/* The number that mainline's other driver uses. */
	EXPECT_EQ(0x4004b800, MSHV_CHECK_EXTENSION);
}

/* As the driver's parameter says; backing.c has what that means. */
TEST_F(kick, extension_of_movable_memory)
{
	bool pinned = pin_memory(false);

	EXPECT_EQ(1, query(&self->t, MSHV_EXTENSION_MOVABLE_MEMORY));
	pin_memory(true);
	EXPECT_EQ(0, query(&self->t, MSHV_EXTENSION_MOVABLE_MEMORY));
	pin_memory(pinned);
	EXPECT_EQ(1, query(&self->t, MSHV_EXTENSION_TRANSLATE_GVA));
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

/* Pitfall U29: a kick between the last check and the run is not lost. */
TEST_F(kick, pitfall_U29_before_the_run)
{
	__u64 value = 1;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	ASSERT_EQ(0, ioctl(self->t.vp[0], MSHV_KICK_VP));
	ASSERT_EQ(0, ioctl(self->t.vp[0], MSHV_KICK_VP));
	EXPECT_EQ(-EINTR, tvm_run(&self->t, 0));
	/* It ends one run, however often it was kicked. */
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

/* ---- while a page does not come ------------------------------------------------------ */

#define AWAITED		0x20000		/* a page behind a userfaultfd */

/* Reports the first byte of that page. */
static const __u8 guest_awaits[] = {
	0xb8, 0x00, 0x20, 0x8e, 0xd8,	/* mov ax, AWAITED / 16; mov ds, ax */
	0xa0, 0x00, 0x00,		/* mov al, [0] */
	0xba, 0xf8, 0x03, OUT_AL, HLT,	/* mov dx, 0x3f8; out dx, al */
};

static void on_signal(int signal)
{
}

static int missing(struct tvm *t)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { (unsigned long)t->memory + AWAITED, VMM_PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range) ? -errno : fd;
}

static void *run_it(void *data)
{
	return (void *)(long)tvm_run(data, 0);
}

/* Does the guest wait for its page?  There is an event then. */
static bool awaits(int uffd)
{
	struct uffd_msg event;

	return wait_readable(uffd) && read(uffd, &event, sizeof(event)) == sizeof(event) &&
	       event.event == UFFD_EVENT_PAGEFAULT;
}

TEST_F(kick, page_that_does_not_come)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct uffdio_zeropage page;
	const struct hv_x64_io_port_intercept_message *io = tvm_io(&self->t);
	pthread_t thread;
	void *result;
	int uffd;

	ASSERT_OK(tvm_start(&self->t, guest_awaits, sizeof(guest_awaits)));
	uffd = missing(&self->t);
	if (uffd == -ENOSYS)
		SKIP(return, "this kernel has no userfaultfd");
	ASSERT_LE(0, uffd);
	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));

	ASSERT_EQ(0, pthread_create(&thread, NULL, run_it, &self->t));
	ASSERT_TRUE(awaits(uffd));
	ASSERT_EQ(0, ioctl(self->t.vp[0], MSHV_KICK_VP));
	ASSERT_EQ(0, pthread_join(thread, &result));
	EXPECT_EQ(-EINTR, (long)result);

	ASSERT_EQ(0, pthread_create(&thread, NULL, run_it, &self->t));
	ASSERT_TRUE(awaits(uffd));
	ASSERT_EQ(0, pthread_kill(thread, SIGUSR1));
	ASSERT_EQ(0, pthread_join(thread, &result));
	EXPECT_EQ(-EINTR, (long)result);

	/* Neither is left over: the next run waits until the page is supplied. */
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_it, &self->t));
	ASSERT_TRUE(awaits(uffd));
	page = (struct uffdio_zeropage){
		.range = { (unsigned long)self->t.memory + AWAITED, VMM_PAGE },
	};
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_ZEROPAGE, &page));
	ASSERT_EQ(0, pthread_join(thread, &result));
	EXPECT_EQ(0, (long)result);
	EXPECT_EQ(HVMSG_X64_IO_PORT_INTERCEPT, self->t.message.header.message_type);
	EXPECT_EQ(0, io->rax & 0xff);
	close(uffd);
}

TEST_HARNESS_MAIN
