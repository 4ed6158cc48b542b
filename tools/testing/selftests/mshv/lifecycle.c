// SPDX-License-Identifier: GPL-2.0
/*
 * References, and what happens when their owner dies: fork, descriptors that are
 * passed on, the module's life cycle.
 */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "harness.h"
#include "probe.h"

#define PARTITION_LISTS	1024	/* of rootvisor */

FIXTURE(lifecycle) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(lifecycle)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_open(&self->t));
	close(self->t.dev);
	self->t.dev = -1;
}

FIXTURE_TEARDOWN(lifecycle)
{
	if (self->books)
		rv_rules_clear();
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/* All orders in which the descriptors and the memory can be released. */
TEST_F(lifecycle, every_order_of_closing)
{
	unsigned int order, rest, i, j, what[4];
	__u64 value;

	for (order = 0; order < 24; order++) {
		struct tvm t;

		rest = order;
		for (i = 0; i < 4; i++)
			what[i] = i;
		for (i = 4; i > 1; i--) {
			unsigned int swap = what[rest % i];

			what[rest % i] = what[i - 1];
			what[i - 1] = swap;
			rest /= i;
		}
		ASSERT_OK(tvm_start(&t, guest_count, sizeof(guest_count)));
		ASSERT_OK(tvm_next_out(&t, 0, &value));
		for (j = 0; j < 4; j++) {
			switch (what[j]) {
			case 0:
				close(t.dev);
				break;
			case 1:
				close(t.part);
				break;
			case 2:
				close(t.vp[0]);
				break;
			case 3:
				munmap(t.memory, t.size);
				break;
			}
		}
		if (self->books)
			ASSERT_BOOKS(&self->before);
	}
}

/* Partitions whose ids the hypervisor keeps in one list: the first of them ends first. */
TEST_F(lifecycle, one_of_two_in_a_list_ends)
{
	struct tvm first, second;
	unsigned int i;
	__u64 value;
	int part;

	ASSERT_OK(tvm_start(&first, guest_count, sizeof(guest_count)));
	for (i = 1; i < PARTITION_LISTS; i++) {
		part = vmm_create_v1(first.dev, TVM_FLAGS);
		ASSERT_OK(part);
		close(part);
	}
	ASSERT_OK(tvm_start(&second, guest_count, sizeof(guest_count)));
	tvm_close(&first);
	ASSERT_OK(tvm_next_out(&second, 0, &value));
	tvm_close(&second);
}

TEST_F(lifecycle, child_runs_what_the_parent_made)
{
	int status = -1;
	__u64 value = 0;
	pid_t pid;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	pid = fork();
	if (!pid) {
		if (tvm_next_out(&self->t, 0, &value))
			_exit(1);
		_exit(value == 1 ? 0 : 2);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(2, value);
}

/*
 * The next value arrives if the guest's memory is pinned.  Movable memory
 * disappears with the process, and the guest's next access to it is reported.
 */
static bool goes_on(struct tvm *t, bool pinned, __u64 expected)
{
	__u64 value;

	if (pinned)
		return !tvm_next_out(t, 0, &value) && value == expected;
	return !tvm_run(t, 0) && tvm_is_mem(t);
}

/* In a process of its own: creates a machine, and dies before its child. */
static void die_first(struct tvm *t, bool pinned, int fd)
{
	pid_t pid = getpid();
	__u64 value = 0;
	char byte;

	if (tvm_start(t, guest_count, sizeof(guest_count)) ||
	    tvm_next_out(t, 0, &value))
		_exit(1);
	if (fork())
		_exit(0);
	/* The grandchild, after the child has died. */
	byte = wait_until(getppid() != pid) && goes_on(t, pinned, 1) ? 'y' : 'n';
	_exit(write(fd, &byte, 1) != 1);
}

TEST_F(lifecycle, parent_dies_first)
{
	int status = -1, result[2], before, pinned;
	pid_t pid;
	char byte;

	for (pinned = own_driver(); pinned >= 0; pinned--) {
		byte = 0;
		before = pin_memory(pinned);
		ASSERT_LE(0, before);
		ASSERT_EQ(0, pipe(result));
		pid = fork();
		if (!pid)
			die_first(&self->t, pinned, result[1]);
		close(result[1]);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_EQ(0, status);
		ASSERT_EQ(1, read(result[0], &byte, 1));
		EXPECT_EQ('y', byte) {
			TH_LOG("pinned: %d", pinned);
		}
		/* Until the end of the file: then the grandchild has ended, too. */
		EXPECT_EQ(0, read(result[0], &byte, 1));
		close(result[0]);
		ASSERT_LE(0, pin_memory(before));
	}
}

static int send_fd(int socket, int fd)
{
	char byte = 'f', space[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = space, .msg_controllen = sizeof(space),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(socket, &msg, 0) == 1 ? 0 : -errno;
}

static int receive_fd(int socket)
{
	char byte, space[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = space, .msg_controllen = sizeof(space),
	};
	int fd;

	if (recvmsg(socket, &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

/* A process that only has the VP's descriptor runs it to the end. */
TEST_F(lifecycle, descriptor_is_passed_on)
{
	int sockets[2], status = -1, before, pinned;
	struct tvm other = { .dev = -1, .part = -1, .vp = { -1, -1, -1, -1 } };
	__u64 value;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets))
		SKIP(return, "no sockets");
	close(sockets[0]);
	close(sockets[1]);
	for (pinned = own_driver(); pinned >= 0; pinned--) {
		before = pin_memory(pinned);
		ASSERT_LE(0, before);
		ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
		pid = fork();
		if (!pid) {
			close(sockets[0]);
			other.vp[0] = receive_fd(sockets[1]);
			/* Wait until the sender has closed everything. */
			if (read(sockets[1], &value, 1) != 0)
				_exit(1);
			if (!goes_on(&other, pinned, 0))
				_exit(2);
			_exit(goes_on(&other, pinned, 1) ? 0 : 3);
		}
		close(sockets[1]);
		ASSERT_OK(tvm_start(&self->t, guest_count,
				    sizeof(guest_count)));
		ASSERT_EQ(0, send_fd(sockets[0], self->t.vp[0]));
		tvm_close(&self->t);
		close(sockets[0]);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_EQ(0, status) {
			TH_LOG("pinned: %d", pinned);
		}
		ASSERT_LE(0, pin_memory(before));
	}
}

/* In flight in a socket that is never read: the last reference is dropped there. */
TEST_F(lifecycle, descriptor_dies_in_flight)
{
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets))
		SKIP(return, "no sockets");
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	ASSERT_EQ(0, send_fd(sockets[0], self->t.vp[0]));
	ASSERT_EQ(0, send_fd(sockets[0], self->t.part));
	tvm_close(&self->t);
	close(sockets[0]);
	close(sockets[1]);
}

/* Descriptors have no events: polling says "ready", epoll refuses. */
TEST_F(lifecycle, poll)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct pollfd pfd;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	pfd = (struct pollfd){ .fd = self->t.part, .events = POLLIN };
	EXPECT_EQ(1, poll(&pfd, 1, 0));
	EXPECT_EQ(-1, epoll_ctl(epoll, EPOLL_CTL_ADD, self->t.vp[0], &event));
	EXPECT_EQ(EPERM, errno);
	close(epoll);
}

/* exec closes them all, which ends the guest. */
TEST_F(lifecycle, exec_closes)
{
	int status = -1, null = open("/dev/null", O_WRONLY);
	pid_t pid;

	pid = fork();
	if (!pid) {
		if (tvm_start(&self->t, guest_count, sizeof(guest_count)))
			_exit(1);
		dup2(null, 1);
		dup2(null, 2);
		if (fcntl(self->t.part, F_GETFD) != FD_CLOEXEC ||
		    fcntl(self->t.vp[0], F_GETFD) != FD_CLOEXEC)
			_exit(2);
		execl("/proc/self/exe", "lifecycle", "-l", NULL);
		_exit(3);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	/* The program lists its tests; the guest is gone by then. */
	EXPECT_EQ(KSFT_SKIP, WEXITSTATUS(status));
	close(null);
}

/* The module cannot be unloaded while it is used by any kind of descriptor. */
TEST_F(lifecycle, module_in_use_stays)
{
	int page_of;
	void *page;

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "module to replace");
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	EXPECT_EQ(-EWOULDBLOCK, module_unload());
	close(self->t.dev);
	self->t.dev = -1;
	EXPECT_EQ(-EWOULDBLOCK, module_unload());
	close(self->t.part);
	self->t.part = -1;
	EXPECT_EQ(-EWOULDBLOCK, module_unload());
	page = vmm_map_page(self->t.vp[0],
			    MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE);
	ASSERT_NE(NULL, page);
	page_of = self->t.vp[0];
	self->t.vp[0] = -1;
	close(page_of);
	EXPECT_EQ(-EWOULDBLOCK, module_unload());
	munmap(page, VMM_PAGE);
}

/* Unloaded and loaded several times; the root's own pool is freed, too. */
TEST_F(lifecycle, module_goes_and_comes)
{
	const char *path = getenv("MSHV_KO") ?: "/mshv.ko";
	unsigned int i;
	__u64 value;
	int ret;

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "module to replace");
	if (access(path, R_OK))
		SKIP(return, "no module file %s; MSHV_KO names it", path);
	for (i = 0; i < 5; i++) {
		ret = module_unload();
		if (ret == -EWOULDBLOCK && !i)
			SKIP(return, "the module is used by someone else");
		ASSERT_EQ(0, ret);
		EXPECT_EQ(-1, access(VMM_DEVICE, F_OK));
		if (self->books) {
			ASSERT_EQ(0, rv_books(RV_BOOKS_SELF_IN_USE, 0, &value));
			EXPECT_EQ(self->before.value[RV_BOOKS_SELF_IN_USE],
				  value);
		}
		ASSERT_EQ(0, module_load(path));
		ASSERT_OK(tvm_start(&self->t, guest_count,
				    sizeof(guest_count)));
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		EXPECT_EQ(0, value);
		tvm_close(&self->t);
	}
}

TEST_HARNESS_MAIN
