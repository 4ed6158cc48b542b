// SPDX-License-Identifier: GPL-2.0
/*
 * ioctls that are blocked in the middle of copying their argument, while the
 * objects that they use are changed or removed.
 *
 * Model: the argument is in a page behind a userfaultfd.  The ioctl runs in a
 * thread and is blocked at the first access to that page; then the other side does
 * its worst, and then the page is supplied.  Whatever the ioctl returns, the kernel
 * is well and the books balance.
 */
#include <linux/userfaultfd.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "harness.h"
#include "ear.h"
#include "probe.h"

FIXTURE(stopped) {
	struct books before;
	struct tvm t;
	int uffd;
	int event;
	__u8 *page;
	__u8 *content;
	bool books;
};

FIXTURE_SETUP(stopped)
{
	struct uffdio_api api = { .api = UFFD_API };

	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(probe_start(&self->t));
	self->event = eventfd(0, EFD_CLOEXEC);
	self->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (self->uffd < 0 || ioctl(self->uffd, UFFDIO_API, &api))
		SKIP(return, "no userfaultfd");
	self->page = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	self->content = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->page);
	ASSERT_NE(MAP_FAILED, self->content);
}

FIXTURE_TEARDOWN(stopped)
{
	close(self->uffd);
	close(self->event);
	munmap(self->page, VMM_PAGE);
	munmap(self->content, VMM_PAGE);
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

struct caller {
	int fd;
	unsigned long cmd;
	void *arg;
	int result;
	pthread_t thread;
};

static void *call(void *opaque)
{
	struct caller *c = opaque;

	c->result = ioctl(c->fd, c->cmd, c->arg) < 0 ? -errno : 0;
	return NULL;
}

/* The page is missing from now on. */
static int watch(int uffd, __u8 *page)
{
	struct uffdio_register r = {
		.range = { (unsigned long)page, VMM_PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	madvise(page, VMM_PAGE, MADV_DONTNEED);
	return ioctl(uffd, UFFDIO_REGISTER, &r) ? -errno : 0;
}

/* Is a thread blocked at the page? */
static bool stands(int uffd)
{
	struct uffd_msg msg;

	return wait_readable(uffd) &&
	       read(uffd, &msg, sizeof(msg)) == sizeof(msg) &&
	       msg.event == UFFD_EVENT_PAGEFAULT;
}

/* Is one, or has the call returned without the page?  Then it fails. */
static bool stands_or_fails(int uffd, struct caller *c)
{
	struct pollfd pfd = { .fd = uffd, .events = POLLIN };

	c->result = 0;
	if (pthread_create(&c->thread, NULL, call, c))
		return false;
	return wait_until(poll(&pfd, 1, 0) == 1 || __atomic_load_n(&c->result, __ATOMIC_ACQUIRE));
}

static void supply(int uffd, __u8 *page, const __u8 *content)
{
	struct uffdio_copy copy = {
		.dst = (unsigned long)page, .src = (unsigned long)content,
		.len = VMM_PAGE,
	};

	ioctl(uffd, UFFDIO_COPY, &copy);
}

/* The ioctl, its argument, and its descriptor. */
enum victim { REGION, ROUTES, IRQFD, IOEVENTFD, HVCALL, BITMAP, RUN, NR_VICTIMS };

static void prepare(struct caller *c, enum victim which, struct tvm *t,
		    int event, __u8 *page, __u8 *content)
{
	static struct mshv_root_hvcall hvcall;
	static struct mshv_gpap_access_bitmap bitmap;

	*c = (struct caller){ .fd = t->part, .arg = page };
	memset(content, 0, VMM_PAGE);
	switch (which) {
	case REGION:
		c->cmd = MSHV_SET_GUEST_MEMORY;
		*(struct mshv_user_mem_region *)content =
			(struct mshv_user_mem_region){
				.size = VMM_PAGE, .guest_pfn = PROBE_PFN,
				.userspace_addr = (unsigned long)content,
				.flags = MEM_RWX,
			};
		break;
	case ROUTES: {
		struct mshv_user_irq_table *table = (void *)content;

		c->cmd = MSHV_SET_MSI_ROUTING;
		table->nr = 2;
		table->entries[0] = (struct mshv_user_irq_entry){
			.gsi = 1, .address_lo = 0xfee00000, .data = 0x41,
		};
		table->entries[1] = table->entries[0];
		table->entries[1].gsi = 2;
		break;
	}
	case IRQFD:
		c->cmd = MSHV_IRQFD;
		*(struct mshv_user_irqfd *)content =
			(struct mshv_user_irqfd){ .fd = event, .gsi = 1 };
		break;
	case IOEVENTFD:
		c->cmd = MSHV_IOEVENTFD;
		*(struct mshv_user_ioeventfd *)content =
			(struct mshv_user_ioeventfd){
				.addr = 0x80000000, .fd = event,
			};
		break;
	case HVCALL:
		/* Its input is blocked, not the structure. */
		c->cmd = MSHV_ROOT_HVCALL;
		hvcall = (struct mshv_root_hvcall){
			.code = HVCALL_GET_PARTITION_PROPERTY,
			.in_sz = 16, .in_ptr = (unsigned long)page,
			.out_sz = 8, .out_ptr = (unsigned long)content,
		};
		c->arg = &hvcall;
		((__u32 *)content)[2] = HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS;
		break;
	case BITMAP:
		c->cmd = MSHV_GET_GPAP_ACCESS_BITMAP;
		bitmap = (struct mshv_gpap_access_bitmap){
			.page_count = 64, .bitmap_ptr = (unsigned long)page,
		};
		c->arg = &bitmap;
		break;
	case RUN:
		c->fd = t->vp[0];
		c->cmd = MSHV_RUN_VP;
		break;
	case NR_VICTIMS:
		break;
	}
}

/* While each of them is blocked, all descriptors are closed. */
TEST_F(stopped, pitfall_A11_argument_copies)
{
	enum victim victim;
	struct caller c;

	for (victim = 0; victim < NR_VICTIMS; victim++) {
		ASSERT_OK(vmm_set_property(self->t.part,
					   HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING,
					   1));
		prepare(&c, victim, &self->t, self->event, self->page,
			self->content);
		ASSERT_EQ(0, watch(self->uffd, self->page));
		ASSERT_EQ(0, pthread_create(&c.thread, NULL, call, &c));
		ASSERT_TRUE(stands(self->uffd)) {
			TH_LOG("victim %u", victim);
		}
		tvm_close(&self->t);
		supply(self->uffd, self->page, self->content);
		ASSERT_EQ(0, pthread_join(c.thread, NULL));
		EXPECT_EQ(0, c.result) {
			TH_LOG("victim %u", victim);
		}
		if (self->books)
			ASSERT_BOOKS(&self->before);
		ASSERT_OK(probe_start(&self->t));
	}
}

/* While it is blocked, others use the same partition; none waits for it. */
TEST_F(stopped, others_go_on)
{
	enum victim victim;
	struct caller c;
	__u8 value;

	for (victim = 0; victim < NR_VICTIMS; victim++) {
		/* These two hold what the others need, by design. */
		if (victim == HVCALL || victim == RUN)
			continue;
		ASSERT_OK(vmm_set_property(self->t.part,
					   HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING,
					   1));
		prepare(&c, victim, &self->t, self->event, self->page,
			self->content);
		ASSERT_EQ(0, watch(self->uffd, self->page));
		ASSERT_EQ(0, pthread_create(&c.thread, NULL, call, &c));
		ASSERT_TRUE(stands(self->uffd));
		EXPECT_EQ(0, probe_read(&self->t, 0, TVM_STACK, &value));
		EXPECT_EQ(0, route(self->t.part, 5, 0, 0x45));
		ASSERT_OK(vmm_map(self->t.part, PROBE_GPA + BLOCK, VMM_PAGE,
				  self->t.memory, MEM_RWX));
		ASSERT_OK(vmm_unmap(self->t.part, PROBE_GPA + BLOCK, VMM_PAGE,
				    self->t.memory));
		supply(self->uffd, self->page, self->content);
		ASSERT_EQ(0, pthread_join(c.thread, NULL));
		EXPECT_EQ(0, c.result);
		tvm_close(&self->t);
		ASSERT_OK(probe_start(&self->t));
	}
}

/* Killed while it is blocked. */
TEST_F(stopped, killed)
{
	enum victim victim;
	struct caller c;
	int status;
	pid_t pid;

	for (victim = 0; victim < NR_VICTIMS; victim++) {
		prepare(&c, victim, &self->t, self->event, self->page,
			self->content);
		pid = fork();
		if (!pid) {
			struct uffdio_api api = { .api = UFFD_API };
			int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);

			/* One of its own: ours knows our page, not its. */
			if (ioctl(uffd, UFFDIO_API, &api) ||
			    watch(uffd, self->page))
				_exit(1);
			call(&c);
			_exit(2);
		}
		EXPECT_TRUE(wait_until(stands_in(pid, SYS_ioctl, c.cmd)));
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status)) {
			TH_LOG("victim %u: status %x", victim, status);
		}
	}
}

/* How a program ends that has learnt that the kernel is older than 6.2. */
#define DOES_NOT_WAIT	3

/* Killed while one thread waits for a page that it pins, and another for its turn. */
TEST_F(stopped, killed_while_another_waits)
{
	struct mshv_user_mem_region regions[2] = {
		{
			.size = VMM_PAGE, .guest_pfn = PROBE_PFN,
			.userspace_addr = (unsigned long)self->page, .flags = MEM_RWX,
		}, {
			.size = VMM_PAGE, .guest_pfn = PROBE_PFN + 1,
			.userspace_addr = (unsigned long)self->content, .flags = MEM_RWX,
		},
	};
	struct caller callers[2];
	int status, pinned = pin_memory(true);
	unsigned int i;
	pid_t pid;

	if (pinned < 0)
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	for (i = 0; i < 2; i++)
		callers[i] = (struct caller) {
			.fd = self->t.part, .cmd = MSHV_SET_GUEST_MEMORY, .arg = &regions[i],
		};
	pid = fork();
	if (!pid) {
		struct uffdio_api api = { .api = UFFD_API };
		int uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

		if (ioctl(uffd, UFFDIO_API, &api) || watch(uffd, self->page) ||
		    !stands_or_fails(uffd, &callers[0]))
			_exit(1);
		if (callers[0].result == -EFAULT)
			_exit(DOES_NOT_WAIT);
		call(&callers[1]);
		_exit(2);
	}
	status = 0;
	EXPECT_TRUE(wait_until(stands_in(pid, SYS_ioctl, MSHV_SET_GUEST_MEMORY) ||
			       waitpid(pid, &status, WNOHANG) == pid));
	pin_memory(pinned);
	if (WEXITSTATUS(status) == DOES_NOT_WAIT)
		SKIP(return, "this kernel does not wait for a page that it pins");
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status)) {
		TH_LOG("status %x", status);
	}
	/* Neither is there. */
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, vmm_map(self->t.part, PROBE_GPA + i * VMM_PAGE, VMM_PAGE,
				     self->content, MEM_RWX));
}

TEST_HARNESS_MAIN
