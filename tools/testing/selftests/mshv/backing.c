// SPDX-License-Identifier: GPL-2.0
/*
 * What may be behind movable guest memory: only what the guest touches is faulted
 * in, from whatever backs the process's memory.
 *
 * Model: as in movable.c.  The process's page tables are read from
 * /proc/self/pagemap.
 */
#include <linux/falloc.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "driverbook.h"
#include "harness.h"
#include "groups.h"
#include "knobs.h"
#include "probe.h"

#define PAGES		64
#define GIGANTIC	0x40000000ULL
#define GIGANTIC_NR	"/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages"
#define KSM		"/sys/kernel/mm/ksm/"
#define RAMFS		"/tmp/mshv-ramfs"

FIXTURE(backing) {
	struct books before;
	struct tvm t;
	int pinned;
	bool books;
};

FIXTURE_SETUP(backing)
{
	self->books = !rv_open() && !books_read(&self->before);
	self->pinned = pin_memory(false);
	if (self->pinned < 0)
		SKIP(return, "memory cannot be made movable (%d)",
		     self->pinned);
	ASSERT_OK(probe_start(&self->t));
}

FIXTURE_TEARDOWN(backing)
{
	tvm_close(&self->t);
	umount2(RAMFS, MNT_DETACH);
	rmdir(RAMFS);
	knobs_restore();
	if (self->pinned >= 0)
		pin_memory(self->pinned);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static __u64 page(unsigned int number)
{
	return PROBE_GPA + number * VMM_PAGE;
}

static unsigned int present(const __u8 *area, unsigned int nr)
{
	unsigned int i, n = 0;

	for (i = 0; i < nr; i++)
		n += probe_frame(area + i * VMM_PAGE) != 0;
	return n;
}

/* What a balloon has released does not come back with its neighbours. */
TEST_F(backing, only_what_is_touched)
{
	__u8 *area = probe_area(BLOCK), value;

	ASSERT_NE(NULL, area);
	madvise(area, BLOCK, MADV_NOHUGEPAGE);
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, BLOCK, area, MEM_RWX));
	ASSERT_EQ(0, probe_write(&self->t, 0, page(3), 1));
	EXPECT_EQ(1, present(area, PAGES));
	memset(area, 2, PAGES * VMM_PAGE);
	EXPECT_BYTE(2, page(3));
	ASSERT_EQ(0, madvise(area, PAGES * VMM_PAGE, MADV_DONTNEED));
	EXPECT_EQ(0, present(area, PAGES));
	ASSERT_EQ(0, probe_write(&self->t, 0, page(1), 1));
	ASSERT_EQ(0, probe_read(&self->t, 0, page(5), &value));
	EXPECT_EQ(2, present(area, PAGES));
	tvm_close(&self->t);
	munmap(area, BLOCK);
}

/* A page of a file is mapped although the file ends behind it. */
TEST_F(backing, file_that_is_shorter)
{
	int fd = memfd_create("short", MFD_CLOEXEC);
	__u8 *area = probe_area(2 * BLOCK);

	ASSERT_NE(NULL, area);
	ASSERT_EQ(0, ftruncate(fd, VMM_PAGE));
	ASSERT_EQ(area, mmap(area, 8 * VMM_PAGE, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_FIXED, fd, 0));
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, 8 * VMM_PAGE, area,
			  MEM_RWX));
	EXPECT_BYTE(0, page(0));
	EXPECT_REFUSED(page(1));
	EXPECT_EQ(0, probe_write(&self->t, 0, page(0), 7));
	EXPECT_EQ(7, area[0]);
	tvm_close(&self->t);
	munmap(area, 2 * BLOCK);
	close(fd);
}

/* The pages of this file are in memory only, and the kernel does not swap them. */
TEST_F(backing, file_that_cannot_be_swapped)
{
	__u8 *area, byte = 0;
	int fd;

	mkdir(RAMFS, 0700);
	if (mount("none", RAMFS, "ramfs", 0, NULL))
		SKIP(return, "no ramfs");
	fd = open(RAMFS "/memory", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT_EQ(0, ftruncate(fd, 2 * VMM_PAGE));
	area = mmap(NULL, 2 * VMM_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, area);
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, 2 * VMM_PAGE, area, MEM_RWX));
	EXPECT_EQ(0, probe_write(&self->t, 0, page(1), 7));
	EXPECT_EQ(7, area[VMM_PAGE]);
	ASSERT_EQ(1, pread(fd, &byte, 1, VMM_PAGE));
	EXPECT_EQ(7, byte);
	tvm_close(&self->t);
	munmap(area, 2 * VMM_PAGE);
	close(fd);
}

/* Supplies pages on demand, like a guest's memory that is still being migrated. */
struct sender {
	int fd;
	__u8 *area;
	unsigned int sent;
	pthread_t thread;
};

static void *send_pages(void *opaque)
{
	static __u8 content[VMM_PAGE] __attribute__((aligned(VMM_PAGE)));
	struct sender *s = opaque;
	struct uffd_msg message;

	while (read(s->fd, &message, sizeof(message)) == sizeof(message)) {
		__u64 address = message.arg.pagefault.address & ~(VMM_PAGE - 1ULL);
		struct uffdio_copy copy = {
			.dst = address, .src = (unsigned long)content,
			.len = VMM_PAGE,
		};

		content[0] = 0x40 + (address - (unsigned long)s->area) / VMM_PAGE;
		/* The thread that waits for the page reads this as soon as it has it. */
		s->sent++;
		if (ioctl(s->fd, UFFDIO_COPY, &copy))
			break;
	}
	return NULL;
}

TEST_F(backing, memory_that_is_sent_later)
{
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	struct sender s = { .area = probe_area(BLOCK) };

	ASSERT_NE(NULL, s.area);
	madvise(s.area, BLOCK, MADV_NOHUGEPAGE);
	s.fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (s.fd < 0)
		SKIP(return, "no userfaultfd");
	ASSERT_EQ(0, ioctl(s.fd, UFFDIO_API, &api));
	reg.range.start = (unsigned long)s.area;
	reg.range.len = BLOCK;
	ASSERT_EQ(0, ioctl(s.fd, UFFDIO_REGISTER, &reg));
	ASSERT_EQ(0, pthread_create(&s.thread, NULL, send_pages, &s));
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, BLOCK, s.area, MEM_RWX));
	EXPECT_BYTE(0x43, page(3));
	EXPECT_EQ(0, probe_write(&self->t, 0, page(9), 1));
	EXPECT_EQ(1, s.area[9 * VMM_PAGE]);
	EXPECT_BYTE(0x44, page(4));
	/* Once for each, and for no other. */
	EXPECT_EQ(3, s.sent);
	pthread_cancel(s.thread);
	pthread_join(s.thread, NULL);
	close(s.fd);
	tvm_close(&self->t);
	munmap(s.area, BLOCK);
}

/* Equal pages become one, and are two again when the guest writes to one. */
TEST_F(backing, merged)
{
	__u8 *area = probe_area(BLOCK);
	unsigned int i;

	ASSERT_NE(NULL, area);
	if (knob_set(KSM "pages_to_scan", "1000") ||
	    knob_set(KSM "sleep_millisecs", "10") ||
	    knob_set(KSM "run", "1"))
		SKIP(return, "no KSM");
	madvise(area, BLOCK, MADV_NOHUGEPAGE);
	for (i = 0; i < 8; i++)
		memset(area + i * VMM_PAGE, 0x35, VMM_PAGE);
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, BLOCK, area, MEM_RWX));
	EXPECT_BYTE(0x35, page(0));
	EXPECT_BYTE(0x35, page(5));
	ASSERT_EQ(0, madvise(area, BLOCK, MADV_MERGEABLE));
	EXPECT_TRUE(wait_until(probe_frame(area) ==
			       probe_frame(area + 5 * VMM_PAGE)));
	EXPECT_NE(0, probe_frame(area));
	EXPECT_EQ(probe_frame(area), probe_frame(area + 5 * VMM_PAGE));
	/* Reading does not separate them; nor does writing elsewhere. */
	EXPECT_BYTE(0x35, page(0));
	EXPECT_BYTE(0x35, page(5));
	EXPECT_EQ(probe_frame(area), probe_frame(area + 5 * VMM_PAGE));
	EXPECT_EQ(0, probe_write(&self->t, 0, page(0), 0x36));
	EXPECT_BYTE(0x36, page(0));
	EXPECT_BYTE(0x35, page(5));
	EXPECT_EQ(0x36, area[0]);
	EXPECT_EQ(0x35, area[5 * VMM_PAGE]);
	EXPECT_EQ(probe_frame(area + 4 * VMM_PAGE),
		  probe_frame(area + 5 * VMM_PAGE));
	tvm_close(&self->t);
	munmap(area, BLOCK);
}

/* A page of 1 GiB is mapped to the guest as pages of 2 MiB. */
TEST_F(backing, gigantic_page)
{
	__u64 mapped, now;
	__u8 *area;

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	knob_add(GIGANTIC_NR, 1);
	area = mmap(NULL, GIGANTIC, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB |
		    30 << 26 /* MAP_HUGE_1GB */, -1, 0);
	if (area == MAP_FAILED)
		SKIP(return, "no page of 1 GiB to be had");
	area[5] = 0x19;
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, 256 * BLOCK, area, MEM_RWX));
	EXPECT_BYTE(0, TVM_STACK);
	ASSERT_EQ(0, rv_books(RV_BOOKS_MAPPED, 0, &mapped));
	EXPECT_BYTE(0x19, PROBE_GPA + 5);
	EXPECT_EQ(0, probe_write(&self->t, 0, PROBE_GPA + 100 * BLOCK, 0x20));
	EXPECT_EQ(0x20, area[100 * BLOCK]);
	ASSERT_EQ(0, rv_books(RV_BOOKS_MAPPED, 0, &now));
	EXPECT_EQ(2 * BLOCK / VMM_PAGE, now - mapped);
	/* Pinned, all of them at once. */
	ASSERT_OK(vmm_unmap(self->t.part, PROBE_GPA, 256 * BLOCK, area));
	pin_memory(true);
	ASSERT_EQ(0, rv_mark());
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, 256 * BLOCK, area, MEM_RWX));
	pin_memory(false);
	ASSERT_EQ(0, rv_books(RV_BOOKS_MAPPED, 0, &now));
	EXPECT_EQ(256 * BLOCK / VMM_PAGE, now - mapped);
	EXPECT_BYTE(0x20, PROBE_GPA + 100 * BLOCK);
	tvm_close(&self->t);
	munmap(area, GIGANTIC);
}

/* ---- pinned memory that its process releases -------------------------------------- */

static int map_pinned(struct tvm *t, __u8 *area, __u64 size)
{
	int ret;

	memset(area, 1, size);
	pin_memory(true);
	ret = vmm_map(t->part, PROBE_GPA, size, area, MEM_RWX);
	pin_memory(false);
	return ret;
}

/* This many more pages are counted as parted, and no more. */
#define EXPECT_PARTED(nr) do {						\
	EXPECT_TRUE(wait_until(driver_book("pinned_parted") >= before + (nr)));	\
	EXPECT_EQ(before + (nr), driver_book("pinned_parted"));		\
} while (0)

TEST_F(backing, pinned_given_away)
{
	__u8 *area = probe_area(BLOCK);
	long long before = driver_book("pinned_parted");

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	if (driver_book("messages") < 0)
		SKIP(return, "no debugfs");
	ASSERT_NE(NULL, area);
	madvise(area, BLOCK, MADV_NOHUGEPAGE);
	ASSERT_OK(map_pinned(&self->t, area, BLOCK));
	ASSERT_EQ(0, madvise(area + 4 * VMM_PAGE, 3 * VMM_PAGE, MADV_DONTNEED));
	EXPECT_PARTED(3);
	/* A new page is not the guest's, which keeps the old one. */
	area[4 * VMM_PAGE] = 2;
	EXPECT_BYTE(1, page(4));
	/* Other rights, and back: the pages are the same. */
	ASSERT_EQ(0, mprotect(area, VMM_PAGE, PROT_READ));
	ASSERT_EQ(0, mprotect(area, VMM_PAGE, PROT_READ | PROT_WRITE));
	/* What is left of a region is watched, too; a piece that was unmapped is not. */
	ASSERT_OK(vmm_unmap(self->t.part, page(0), 256 * VMM_PAGE, area));
	ASSERT_EQ(0, madvise(area, VMM_PAGE, MADV_DONTNEED));
	ASSERT_EQ(0, munmap(area + 300 * VMM_PAGE, 5 * VMM_PAGE));
	EXPECT_PARTED(3 + 5);
	tvm_close(&self->t);
	munmap(area, BLOCK);
}

/* Another page takes its place: there is one at its address at any moment. */
TEST_F(backing, pinned_replaced)
{
	__u8 *area = probe_area(BLOCK), *other = probe_area(VMM_PAGE);
	long long before = driver_book("pinned_parted");

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	if (driver_book("messages") < 0)
		SKIP(return, "no debugfs");
	ASSERT_NE(NULL, area);
	ASSERT_NE(NULL, other);
	madvise(area, BLOCK, MADV_NOHUGEPAGE);
	other[0] = 3;
	ASSERT_OK(map_pinned(&self->t, area, BLOCK));
	ASSERT_EQ(area + 10 * VMM_PAGE,
		  mremap(other, VMM_PAGE, VMM_PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			 area + 10 * VMM_PAGE));
	EXPECT_PARTED(1);
	EXPECT_EQ(3, area[10 * VMM_PAGE]);
	EXPECT_BYTE(1, page(10));
	tvm_close(&self->t);
	munmap(area, BLOCK);
}

/*
 * A large page that is split is still the same, except for the small one that was
 * removed.
 */
TEST_F(backing, pinned_large_page_split)
{
	__u8 *area = probe_area(BLOCK);
	long long before = driver_book("pinned_parted");

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	if (driver_book("messages") < 0)
		SKIP(return, "no debugfs");
	ASSERT_NE(NULL, area);
	ASSERT_OK(map_pinned(&self->t, area, BLOCK));
	ASSERT_EQ(0, madvise(area + 7 * VMM_PAGE, VMM_PAGE, MADV_DONTNEED));
	EXPECT_PARTED(1);
	tvm_close(&self->t);
	munmap(area, BLOCK);
}

TEST_F(backing, pinned_hole_punched)
{
	int fd = memfd_create("holes", MFD_CLOEXEC);
	__u8 *area = probe_area(BLOCK);
	long long before = driver_book("pinned_parted");

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	if (driver_book("messages") < 0)
		SKIP(return, "no debugfs");
	ASSERT_NE(NULL, area);
	ASSERT_EQ(0, ftruncate(fd, PAGES * VMM_PAGE));
	ASSERT_EQ(area, mmap(area, PAGES * VMM_PAGE, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_FIXED, fd, 0));
	ASSERT_OK(map_pinned(&self->t, area, PAGES * VMM_PAGE));
	ASSERT_EQ(0, fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			       9 * VMM_PAGE, 2 * VMM_PAGE));
	EXPECT_PARTED(2);
	tvm_close(&self->t);
	munmap(area, BLOCK);
	close(fd);
}

/* ---- pinned memory of which a part is a large page -------------------------------- */

static bool is_large(const __u8 *block)
{
	__u64 first = probe_frame(block);

	return first && !(first * VMM_PAGE % BLOCK) &&
	       probe_frame(block + BLOCK - VMM_PAGE) == first + BLOCK / VMM_PAGE - 1;
}

/* A small page in front of a large one: two calls, and each may fail. */
TEST_F(backing, pinned_small_in_front_of_large)
{
	__u8 *area = probe_area(2 * BLOCK), *small = area + BLOCK - VMM_PAGE;
	const __u64 gpa = PROBE_GPA + BLOCK - VMM_PAGE, size = BLOCK + VMM_PAGE;
	__u64 mapped, calls;
	unsigned int skip;
	__u32 rule;

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_NE(NULL, area);
	madvise(area, 2 * BLOCK, MADV_HUGEPAGE);
	memset(area, 0x21, 2 * BLOCK);
	small[0] = 0x22;
	area[BLOCK] = 0x23;
	if (!is_large(area + BLOCK))
		SKIP(return, "no large page");
	/* Its code and tables are mapped before. */
	EXPECT_BYTE(0, TVM_STACK);
	mapped = books_value(RV_BOOKS_MAPPED);
	pin_memory(true);
	for (skip = 0; skip < 2; skip++) {
		ASSERT_EQ(0, rv_fail(HVCALL_MAP_GPA_PAGES, HV_STATUS_OPERATION_DENIED,
				     skip, 1, &rule));
		EXPECT_EQ(-EACCES, vmm_map(self->t.part, gpa, size, small, MEM_RWX));
		ASSERT_EQ(0, rv_rules_clear());
		EXPECT_EQ(mapped, books_value(RV_BOOKS_MAPPED));
	}
	ASSERT_EQ(0, rv_mark());
	ASSERT_OK(vmm_map(self->t.part, gpa, size, small, MEM_RWX));
	pin_memory(false);
	ASSERT_EQ(0, rv_count_call(HVCALL_MAP_GPA_PAGES, &calls));
	EXPECT_EQ(2, calls);
	EXPECT_EQ(mapped + size / VMM_PAGE, books_value(RV_BOOKS_MAPPED));
	for (skip = 0; skip < 2; skip++) {
		EXPECT_BYTE(0x22, gpa);
		EXPECT_BYTE(0x23, gpa + VMM_PAGE);
		ASSERT_EQ(0, rv_fail(HVCALL_UNMAP_GPA_PAGES, HV_STATUS_OPERATION_DENIED,
				     skip, 1, &rule));
		EXPECT_EQ(-EACCES, vmm_unmap(self->t.part, gpa, size, small));
		ASSERT_EQ(0, rv_rules_clear());
	}
	/* Nothing is missing. */
	EXPECT_BYTE(0x22, gpa);
	EXPECT_BYTE(0x23, gpa + VMM_PAGE);
	ASSERT_OK(vmm_unmap(self->t.part, gpa, size, small));
	EXPECT_EQ(mapped, books_value(RV_BOOKS_MAPPED));
	EXPECT_REFUSED(gpa);
	EXPECT_REFUSED(gpa + VMM_PAGE);
	munmap(area, 2 * BLOCK);
}

/* What remains of a block is mapped when the guest touches it, or fails then. */
TEST_F(backing, pinned_rest_of_a_block)
{
	__u8 *area = probe_area(BLOCK), value;
	__u32 rule;

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_NE(NULL, area);
	madvise(area, BLOCK, MADV_HUGEPAGE);
	ASSERT_OK(map_pinned(&self->t, area, BLOCK));
	EXPECT_BYTE(1, page(3));
	ASSERT_OK(vmm_unmap(self->t.part, page(5), VMM_PAGE, area + 5 * VMM_PAGE));
	ASSERT_EQ(0, rv_fail(HVCALL_MAP_GPA_PAGES, HV_STATUS_OPERATION_DENIED, 0, 1, &rule));
	EXPECT_EQ(-EACCES, probe_read(&self->t, 0, page(3), &value));
	ASSERT_EQ(0, rv_rules_clear());
	EXPECT_BYTE(1, page(3));
	EXPECT_BYTE(1, page(6));
	EXPECT_REFUSED(page(5));
	munmap(area, BLOCK);
}

/* ---- memory of a process that has ended ------------------------------------------- */

/* A child maps what it has there, releases some of it, and ends. */
static int map_in_child(struct tvm *t, __u8 *area, __u64 size, bool pinned, __u64 release)
{
	int status = -1, ret;
	pid_t pid = fork();

	if (!pid) {
		memset(area, 1, size);
		pin_memory(pinned);
		ret = vmm_map(t->part, PROBE_GPA, size, area, MEM_RWX);
		pin_memory(false);
		if (release && madvise(area, release, MADV_DONTNEED))
			ret = -errno;
		_exit(ret ? 1 : 0);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return status ? -EIO : 0;
}

/* It was not theirs alone: the guest keeps what is pinned. */
TEST_F(backing, pinned_by_a_process_that_has_ended)
{
	__u8 *area = probe_area(BLOCK);

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	ASSERT_NE(NULL, area);
	ASSERT_OK(map_in_child(&self->t, area, 8 * VMM_PAGE, true, 0));
	EXPECT_BYTE(1, page(3));
	ASSERT_OK(vmm_unmap(self->t.part, page(3), 2 * VMM_PAGE, area + 3 * VMM_PAGE));
	EXPECT_BYTE(1, page(2));
	EXPECT_REFUSED(page(3));
	EXPECT_REFUSED(page(4));
	EXPECT_BYTE(1, page(5));
	ASSERT_OK(vmm_unmap(self->t.part, page(0), 3 * VMM_PAGE, area));
	EXPECT_REFUSED(page(2));
	EXPECT_BYTE(1, page(5));
	munmap(area, BLOCK);
}

/* The rest cannot be watched without a process, so there is only all or nothing. */
TEST_F(backing, movable_of_a_process_that_has_ended)
{
	__u8 *area = probe_area(BLOCK);

	ASSERT_NE(NULL, area);
	ASSERT_OK(map_in_child(&self->t, area, 8 * VMM_PAGE, false, 0));
	EXPECT_REFUSED(page(3));
	EXPECT_EQ(-EFAULT, vmm_unmap(self->t.part, page(3), 2 * VMM_PAGE,
				     area + 3 * VMM_PAGE));
	EXPECT_EQ(-EEXIST, vmm_map(self->t.part, page(3), VMM_PAGE, area, MEM_RWX));
	ASSERT_OK(vmm_unmap(self->t.part, page(0), 8 * VMM_PAGE, area));
	ASSERT_OK(vmm_map(self->t.part, page(3), VMM_PAGE, area, MEM_RWX));
	EXPECT_BYTE(0, page(3));
	munmap(area, BLOCK);
}

#define END_ROUNDS	20

/*
 * A process that has ended has released nothing.  It has to end before the driver
 * looks, so one of some must.
 */
TEST_F(backing, pinned_released_before_the_end)
{
	__u8 *area = probe_area(BLOCK), *ours = probe_area(BLOCK);
	long long before = 0, now = 0;
	unsigned int round;

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	if (driver_book("messages") < 0)
		SKIP(return, "no debugfs");
	ASSERT_NE(NULL, area);
	ASSERT_NE(NULL, ours);
	madvise(ours, BLOCK, MADV_NOHUGEPAGE);
	memset(ours, 1, BLOCK);
	pin_memory(true);
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA + BLOCK, BLOCK, ours, MEM_RWX));
	pin_memory(false);
	for (round = 0; round < END_ROUNDS; round++) {
		before = driver_book("pinned_parted");
		ASSERT_OK(map_in_child(&self->t, area, 8 * VMM_PAGE, true, VMM_PAGE));
		/* Looked at after that, in the same way. */
		ASSERT_EQ(0, madvise(ours + 2 * round * VMM_PAGE, 2 * VMM_PAGE,
				     MADV_DONTNEED));
		EXPECT_TRUE(wait_until((now = driver_book("pinned_parted")) >= before + 2));
		ASSERT_OK(vmm_unmap(self->t.part, PROBE_GPA, 8 * VMM_PAGE, area));
		if (now == before + 2)
			break;
	}
	EXPECT_EQ(before + 2, now);
	munmap(area, BLOCK);
	munmap(ours, BLOCK);
}

TEST_HARNESS_MAIN
