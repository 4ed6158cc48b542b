// SPDX-License-Identifier: GPL-2.0
/*
 * Movable guest memory: whatever happens to the process's pages, guest and VMM see
 * the same, and nothing that is not theirs.
 *
 * Model: the module's parameter makes new regions movable; the guest touches single
 * bytes, and the process changes its memory in between.
 */
#include "harness.h"
#include "groups.h"
#include "knobs.h"
#include "probe.h"
#include "repeat.h"

FIXTURE(movable) {
	struct books before;
	struct tvm t;
	int pinned;
	bool books;
};

FIXTURE_SETUP(movable)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_open(&self->t));
	self->pinned = pin_memory(false);
	if (self->pinned < 0)
		SKIP(return, "memory cannot be made movable (%d)",
		     self->pinned);
	tvm_close(&self->t);
	ASSERT_OK(probe_start(&self->t));
}

FIXTURE_TEARDOWN(movable)
{
	if (self->books)
		rv_rules_clear();
	tvm_close(&self->t);
	group_leave();
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

TEST_F(movable, pitfall_11_hole_in_a_large_page)
{
	__u8 *area = probe_area(BLOCK);
	unsigned int i;
	__u64 before;
	int status;
	pid_t pid;

	ASSERT_NE(NULL, area);
	madvise(area, BLOCK, MADV_HUGEPAGE);
	for (i = 0; i < BLOCK / VMM_PAGE; i++)
		area[i * VMM_PAGE] = i;
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, BLOCK, area, MEM_RWX));
	before = books_value(RV_BOOKS_MAPPED);
	EXPECT_BYTE(7, page(7));
	if (self->books && books_value(RV_BOOKS_MAPPED) - before < BLOCK / VMM_PAGE)
		TH_LOG("no large page, only %llu", books_value(RV_BOOKS_MAPPED) - before);

	/* A hole in it. */
	ASSERT_EQ(0, madvise(area + 7 * VMM_PAGE, VMM_PAGE, MADV_DONTNEED));
	EXPECT_BYTE(0, page(7));
	area[7 * VMM_PAGE] = 0x55;
	EXPECT_BYTE(0x55, page(7));
	EXPECT_BYTE(8, page(8));

	/* A copy of one page, because a child shares the rest. */
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	area[9 * VMM_PAGE] = 0x66;
	EXPECT_BYTE(0x66, page(9));
	EXPECT_EQ(0, probe_write(&self->t, 0, page(10), 0x77));
	EXPECT_EQ(0x77, area[10 * VMM_PAGE]);
	EXPECT_BYTE(11, page(11));
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_BYTE(0x66, page(9));
	EXPECT_BYTE(0x77, page(10));
	munmap(area, BLOCK);
}

/* A child that shares the pages never sees what the guest writes. */
TEST_F(movable, child_keeps_its_copy)
{
	__u8 *area = probe_area(VMM_PAGE);
	int status = -1, fds[2];
	char byte = 0;
	pid_t pid;

	ASSERT_NE(NULL, area);
	ASSERT_EQ(0, pipe(fds));
	area[0] = 1;
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, VMM_PAGE, area, MEM_RWX));
	ASSERT_EQ(0, probe_write(&self->t, 0, PROBE_GPA, 2));
	pid = fork();
	if (!pid) {
		if (read(fds[0], &byte, 1) != 1)
			_exit(1);
		_exit(*(volatile __u8 *)area == 2 ? 0 : 2);
	}
	ASSERT_EQ(0, probe_write(&self->t, 0, PROBE_GPA, 3));
	EXPECT_EQ(3, area[0]);
	ASSERT_EQ(1, write(fds[1], &byte, 1));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	close(fds[0]);
	close(fds[1]);
	munmap(area, VMM_PAGE);
}

/*
 * The fault of a guest has to deposit; what it allocates for that makes the kernel
 * reclaim pages of the same region.
 */
TEST_F(movable, pitfall_10_deposit_while_taken_back)
{
	static const __u64 size = 48 << 20, step = 1 << 20;
	/* Deposits count against the group as well, so not too many. */
	static const unsigned int first = 24, every = 4;
	__u8 *area = probe_area(size), value;
	__u64 at, hits, deposits = 0;
	unsigned int i = 0;
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_NE(NULL, area);
	madvise(area, size, MADV_NOHUGEPAGE);
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, size, area, MEM_RWX));
	if (group_enter("24M"))
		SKIP(return, "no control groups");
	for (at = 0; at < size; at += step) {
		memset(area + at, 0x11, step);
		/* Pages that can be reclaimed without swap. */
		madvise(area, at + step, MADV_FREE);
		if (++i < first || i % every)
			continue;
		ASSERT_EQ(0, rv_fail(HVCALL_MAP_GPA_PAGES,
				     HV_STATUS_INSUFFICIENT_MEMORY, 0, 1,
				     &rule));
		ASSERT_EQ(0, probe_read(&self->t, 0, PROBE_GPA + at / 2,
					&value)) {
			TH_LOG("%s", vmm_error());
		}
		EXPECT_TRUE(!value || value == 0x11);
		ASSERT_EQ(0, rv_rule_hits(rule, &hits));
		deposits += hits;
		ASSERT_EQ(0, rv_rules_clear());
	}
	EXPECT_LT(5, deposits);
	tvm_close(&self->t);
	munmap(area, size);
}

static void unmap_and_map(void *area, unsigned int nr)
{
	/* A waiter sees what this leaves, so do not always. */
	if (!(nr % 4))
		munmap(area, BLOCK);
	mmap(area, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
	     -1, 0);
}

TEST_F(movable, pitfall_U19_munmap_races_map)
{
	__u8 *area = probe_area(BLOCK), value;
	struct repeater unmapper;
	unsigned int i = 0;

	ASSERT_NE(NULL, area);
	ASSERT_EQ(0, repeat_begin(&unmapper, unmap_and_map, area));
	while (i < 200) {
		int ret = vmm_map(self->t.part, PROBE_GPA, BLOCK, area, MEM_RWX);

		/* At this moment nothing may be mapped. */
		EXPECT_TRUE(!ret || ret == -EINVAL || ret == -EFAULT) {
			TH_LOG("%s", vmm_error());
		}
		if (ret) {
			/* The other thread has been stopped there. */
			wait_slice();
			continue;
		}
		ret = probe_read(&self->t, 0, page(i++), &value);
		EXPECT_TRUE(ret == PROBE_REFUSED || (!ret && !value));
		EXPECT_EQ(0, vmm_unmap(self->t.part, PROBE_GPA, BLOCK, area));
	}
	repeat_end(&unmapper);
	munmap(area, BLOCK);
}

TEST_F(movable, pitfall_14_more_than_31_bits_of_pages)
{
	const __u64 size = 1ULL << 44, pages = size / VMM_PAGE;
	__u8 *area, *spare = probe_area(VMM_PAGE);

	ASSERT_NE(NULL, spare);
	area = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	area[0] = 0x21;
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, size, area, MEM_RWX));
	EXPECT_BYTE(0x21, PROBE_GPA);
	EXPECT_EQ(-EEXIST, vmm_map(self->t.part,
				   PROBE_GPA + (pages - 1) * VMM_PAGE,
				   VMM_PAGE, spare, MEM_RWX));
	EXPECT_EQ(-EEXIST, vmm_map(self->t.part,
				   PROBE_GPA + (1ULL << 31) * VMM_PAGE,
				   VMM_PAGE, spare, MEM_RWX));
	EXPECT_EQ(0, vmm_map(self->t.part, PROBE_GPA + size, VMM_PAGE, spare,
			     MEM_RWX));
	/* Remove a page, beyond what an int can count. */
	EXPECT_EQ(0, vmm_unmap(self->t.part,
			       PROBE_GPA + (1ULL << 31) * VMM_PAGE, VMM_PAGE,
			       area + (1ULL << 31) * VMM_PAGE));
	EXPECT_EQ(0, vmm_map(self->t.part,
			     PROBE_GPA + (1ULL << 31) * VMM_PAGE, VMM_PAGE,
			     spare, MEM_RWX));
	EXPECT_BYTE(0x21, PROBE_GPA);
	tvm_close(&self->t);
	munmap(area, size);
}

TEST_F(movable, pitfall_U22_memory_that_is_gone)
{
	__u8 *area = probe_area(4 * VMM_PAGE), *file;
	int fd = memfd_create("backing", MFD_CLOEXEC);
	unsigned int i;

	ASSERT_NE(NULL, area);
	ASSERT_EQ(0, ftruncate(fd, 2 * VMM_PAGE));
	file = mmap(NULL, 2 * VMM_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0);
	ASSERT_NE(MAP_FAILED, file);
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, 4 * VMM_PAGE, area,
			  MEM_RWX));
	ASSERT_OK(vmm_map(self->t.part, page(4), 2 * VMM_PAGE, file, MEM_RWX));
	for (i = 0; i < 6; i++)
		EXPECT_BYTE(0, page(i));
	/* Its mapping is removed, its rights are removed, its file is truncated. */
	ASSERT_EQ(0, munmap(area, VMM_PAGE));
	ASSERT_EQ(0, mprotect(area + VMM_PAGE, VMM_PAGE, PROT_NONE));
	ASSERT_EQ(0, ftruncate(fd, VMM_PAGE));
	EXPECT_REFUSED(page(0));
	EXPECT_REFUSED(page(1));
	EXPECT_BYTE(0, page(2));
	EXPECT_BYTE(0, page(4));
	EXPECT_REFUSED(page(5));
	/* And mapped again. */
	ASSERT_EQ(area, mmap(area, VMM_PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	ASSERT_EQ(0, mprotect(area + VMM_PAGE, VMM_PAGE, PROT_READ));
	ASSERT_EQ(0, ftruncate(fd, 2 * VMM_PAGE));
	area[0] = 0x31;
	EXPECT_BYTE(0x31, page(0));
	EXPECT_BYTE(0, page(1));
	EXPECT_EQ(PROBE_REFUSED, probe_write(&self->t, 0, page(1), 1));
	EXPECT_BYTE(0, page(5));
	tvm_close(&self->t);
	munmap(area, 4 * VMM_PAGE);
	munmap(file, 2 * VMM_PAGE);
	close(fd);
}

TEST_F(movable, pitfall_42_reading_is_not_writing)
{
	__u8 *area = probe_area(4 * VMM_PAGE);

	ASSERT_NE(NULL, area);
	madvise(area, 4 * VMM_PAGE, MADV_NOHUGEPAGE);
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, 4 * VMM_PAGE, area,
			  MEM_RWX));
	EXPECT_BYTE(0, page(0));
	EXPECT_BYTE(0, page(1));
	/* Both are the shared page of zeroes. */
	EXPECT_NE(0, probe_frame(area));
	EXPECT_EQ(probe_frame(area), probe_frame(area + VMM_PAGE));
	EXPECT_EQ(0, probe_write(&self->t, 0, page(0), 0x41));
	EXPECT_EQ(0x41, area[0]);
	EXPECT_NE(probe_frame(area), probe_frame(area + VMM_PAGE));
	EXPECT_BYTE(0, page(1));
	tvm_close(&self->t);
	munmap(area, 4 * VMM_PAGE);
}

TEST_F(movable, pitfall_U21_read_only_mapping)
{
	int fd = memfd_create("rom", MFD_CLOEXEC);
	__u8 *rom, *private, byte = 0x5a;

	ASSERT_EQ(1, pwrite(fd, &byte, 1, 0));
	ASSERT_EQ(0, ftruncate(fd, VMM_PAGE));
	rom = mmap(NULL, VMM_PAGE, PROT_READ, MAP_SHARED, fd, 0);
	private = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd,
		       0);
	ASSERT_NE(MAP_FAILED, rom);
	ASSERT_OK(vmm_map(self->t.part, page(0), VMM_PAGE, rom, 0));
	ASSERT_OK(vmm_map(self->t.part, page(1), VMM_PAGE, rom, MEM_RWX));
	ASSERT_OK(vmm_map(self->t.part, page(2), VMM_PAGE, private, MEM_RWX));
	EXPECT_BYTE(0x5a, page(0));
	EXPECT_BYTE(0x5a, page(1));
	EXPECT_BYTE(0x5a, page(2));
	EXPECT_EQ(PROBE_REFUSED, probe_write(&self->t, 0, page(0), 1));
	EXPECT_EQ(PROBE_REFUSED, probe_write(&self->t, 0, page(1), 1));
	EXPECT_EQ(0, probe_write(&self->t, 0, page(2), 1));
	EXPECT_EQ(1, private[0]);
	EXPECT_BYTE(0x5a, page(0));
	/* The file is as it was. */
	ASSERT_EQ(1, pread(fd, &byte, 1, 0));
	EXPECT_EQ(0x5a, byte);
	tvm_close(&self->t);
	munmap(rom, VMM_PAGE);
	munmap(private, VMM_PAGE);
	close(fd);
}

TEST_F(movable, pitfall_28_several_mappings)
{
	int fd = memfd_create("second", MFD_CLOEXEC);
	__u8 *area = probe_area(3 * VMM_PAGE);

	ASSERT_NE(NULL, area);
	ASSERT_EQ(0, ftruncate(fd, VMM_PAGE));
	ASSERT_NE(MAP_FAILED, mmap(area + VMM_PAGE, VMM_PAGE,
				   PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_FIXED, fd, 0));
	ASSERT_EQ(0, mprotect(area + 2 * VMM_PAGE, VMM_PAGE, PROT_READ));
	area[0] = 1;
	area[VMM_PAGE] = 2;
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, 3 * VMM_PAGE, area,
			  MEM_RWX));
	EXPECT_BYTE(1, page(0));
	EXPECT_BYTE(2, page(1));
	EXPECT_BYTE(0, page(2));
	EXPECT_EQ(0, probe_write(&self->t, 0, page(0), 3));
	EXPECT_EQ(0, probe_write(&self->t, 0, page(1), 4));
	EXPECT_EQ(PROBE_REFUSED, probe_write(&self->t, 0, page(2), 5));
	EXPECT_EQ(3, area[0]);
	EXPECT_EQ(4, area[VMM_PAGE]);
	ASSERT_EQ(0, munmap(area + VMM_PAGE, VMM_PAGE));
	EXPECT_REFUSED(page(1));
	EXPECT_BYTE(3, page(0));
	tvm_close(&self->t);
	munmap(area, 3 * VMM_PAGE);
	close(fd);
}

TEST_F(movable, pitfall_A15_rights)
{
	__u8 *area = probe_area(2 * VMM_PAGE);
	unsigned int i;

	ASSERT_NE(NULL, area);
	area[0] = RET;
	area[VMM_PAGE] = RET;
	ASSERT_OK(vmm_map(self->t.part, page(0), VMM_PAGE, area, MEM_EXEC));
	ASSERT_OK(vmm_map(self->t.part, page(1), VMM_PAGE, area + VMM_PAGE,
			  MEM_WRITE));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(PROBE_REFUSED,
			  probe_write(&self->t, 0, page(0), 1));
		EXPECT_EQ(HV_INTERCEPT_ACCESS_WRITE,
			  tvm_header(&self->t)->intercept_access_type);
		EXPECT_EQ(0, probe_call(&self->t, 0, page(0)));
		EXPECT_EQ(PROBE_REFUSED, probe_call(&self->t, 0, page(1)));
		EXPECT_EQ(HV_INTERCEPT_ACCESS_EXECUTE,
			  tvm_header(&self->t)->intercept_access_type);
		EXPECT_EQ(0, probe_write(&self->t, 0, page(1), RET));
		EXPECT_BYTE(RET, page(0));
	}
	EXPECT_EQ(RET, area[0]);
	tvm_close(&self->t);
	munmap(area, 2 * VMM_PAGE);
}

TEST_F(movable, pitfall_A16_failed_map_then_munmap)
{
	__u8 *area = probe_area(BLOCK), value;
	__u32 rule;

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_NE(NULL, area);
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, BLOCK, area, MEM_RWX));
	ASSERT_EQ(0, rv_fail(HVCALL_MAP_GPA_PAGES, HV_STATUS_OPERATION_DENIED,
			     0, 1, &rule));
	EXPECT_EQ(-EACCES, probe_read(&self->t, 0, page(1), &value));
	ASSERT_EQ(0, munmap(area, VMM_PAGE));
	/* The same with a region that was never created. */
	pin_memory(true);
	ASSERT_EQ(0, rv_fail(HVCALL_MAP_GPA_PAGES, HV_STATUS_OPERATION_DENIED,
			     0, 1, &rule));
	EXPECT_EQ(-EACCES, vmm_map(self->t.part, PROBE_GPA + BLOCK, VMM_PAGE,
				   area + VMM_PAGE, MEM_RWX));
	pin_memory(false);
	ASSERT_EQ(0, rv_rules_clear());
	EXPECT_REFUSED(page(0));
	EXPECT_BYTE(0, page(1));
	ASSERT_EQ(0, munmap(area, BLOCK));
	EXPECT_REFUSED(page(1));
}

TEST_F(movable, pitfall_U20_block_that_does_not_come_back)
{
	__u8 *area = probe_area(BLOCK), value;
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_NE(NULL, area);
	area[0] = 1;
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, BLOCK, area, MEM_RWX));
	EXPECT_BYTE(1, PROBE_GPA);
	/* Once or twice is not always. */
	ASSERT_EQ(0, rv_fail(HVCALL_UNMAP_GPA_PAGES, HV_STATUS_OPERATION_FAILED,
			     0, 2, &rule));
	ASSERT_EQ(0, madvise(area, VMM_PAGE, MADV_DONTNEED));
	EXPECT_BYTE(0, PROBE_GPA);
	/* This is: the page is given to others, so the guest must never run. */
	ASSERT_EQ(0, rv_fail(HVCALL_UNMAP_GPA_PAGES, HV_STATUS_OPERATION_FAILED,
			     0, 0, &rule));
	ASSERT_EQ(0, madvise(area, VMM_PAGE, MADV_DONTNEED));
	EXPECT_EQ(-EIO, probe_read(&self->t, 0, PROBE_GPA, &value));
	ASSERT_EQ(0, rv_rules_clear());
	EXPECT_EQ(-EIO, probe_read(&self->t, 0, PROBE_GPA, &value));
	munmap(area, BLOCK);
}

/* Large mappings in the middle of a region with other boundaries. */
TEST_F(movable, pitfall_31_alignment)
{
	__u8 *area = probe_area(3 * BLOCK);
	__u64 before, calls = 0;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_NE(NULL, area);
	madvise(area, 3 * BLOCK, MADV_HUGEPAGE);
	memset(area, 0x71, 3 * BLOCK);
	ASSERT_OK(vmm_map(self->t.part, page(1), 3 * BLOCK - 2 * VMM_PAGE,
			  area + VMM_PAGE, MEM_RWX));
	/* Its code and tables are mapped after this. */
	EXPECT_BYTE(0, TVM_STACK);
	before = books_value(RV_BOOKS_MAPPED);
	ASSERT_EQ(0, rv_mark());
	EXPECT_BYTE(0x71, PROBE_GPA + BLOCK + 5 * VMM_PAGE);
	ASSERT_EQ(0, rv_count_call(HVCALL_MAP_GPA_PAGES, &calls));
	EXPECT_EQ(1, calls);
	if (books_value(RV_BOOKS_MAPPED) - before != BLOCK / VMM_PAGE)
		SKIP(return, "no large page");
	/* Large as they are, they may be split. */
	EXPECT_EQ(0, vmm_unmap(self->t.part, PROBE_GPA + BLOCK, VMM_PAGE,
			       area + BLOCK));
	EXPECT_REFUSED(PROBE_GPA + BLOCK);
	EXPECT_BYTE(0x71, PROBE_GPA + BLOCK + VMM_PAGE);
	munmap(area, 3 * BLOCK);
}

/*
 * A part that begins and ends in the middle of blocks: one call for each of the two,
 * and one for what is between them.
 */
TEST_F(movable, cut_blocks_that_are_not_unmapped)
{
	const __u64 half = BLOCK / 2, from = 3 * half;
	__u8 *area = probe_area(4 * BLOCK);
	unsigned int skip, i;
	__u64 hits;
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_NE(NULL, area);
	for (i = 0; i < 8; i++)
		area[i * half] = 0x10 + i;
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, 4 * BLOCK, area, MEM_RWX));
	for (skip = 0; skip < 3; skip++) {
		for (i = 0; i < 8; i++)
			EXPECT_BYTE(0x10 + i, PROBE_GPA + i * half);
		ASSERT_EQ(0, rv_fail(HVCALL_UNMAP_GPA_PAGES, HV_STATUS_OPERATION_DENIED,
				     skip, 1, &rule));
		EXPECT_EQ(-EACCES, vmm_unmap(self->t.part, PROBE_GPA + from, 2 * BLOCK,
					     area + from));
		ASSERT_EQ(0, rv_rule_hits(rule, &hits));
		EXPECT_EQ(1, hits);
		ASSERT_EQ(0, rv_rules_clear());
	}
	/* It stays whole, and is watched as before. */
	ASSERT_EQ(0, madvise(area + 7 * half, VMM_PAGE, MADV_DONTNEED));
	area[7 * half] = 0x27;
	EXPECT_BYTE(0x27, PROBE_GPA + 7 * half);
	ASSERT_OK(vmm_unmap(self->t.part, PROBE_GPA + from, 2 * BLOCK, area + from));
	for (i = 0; i < 3; i++)
		EXPECT_BYTE(0x10 + i, PROBE_GPA + i * half);
	for (; i < 7; i++)
		EXPECT_REFUSED(PROBE_GPA + i * half);
	EXPECT_BYTE(0x27, PROBE_GPA + 7 * half);
	munmap(area, 4 * BLOCK);
}

#define HUGEPAGES	"/proc/sys/vm/nr_hugepages"
#define HUGEPAGES_MORE	4

TEST_F(movable, pitfall_A23_reserved_large_pages)
{
	__u8 *area;

	if (knob_add(HUGEPAGES, HUGEPAGES_MORE))
		SKIP(return, "no reserved large pages");
	area = mmap(NULL, 2 * BLOCK, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (area == MAP_FAILED)
		SKIP(return, "no reserved large pages");
	area[VMM_PAGE] = 0x81;
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, 2 * BLOCK, area, MEM_RWX));
	EXPECT_BYTE(0x81, page(1));
	EXPECT_EQ(0, probe_write(&self->t, 0, PROBE_GPA + BLOCK, 0x82));
	EXPECT_EQ(0x82, area[BLOCK]);
	/* At another offset in the guest than here. */
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA + 2 * BLOCK + VMM_PAGE,
			  2 * BLOCK, area, MEM_RWX));
	EXPECT_BYTE(0x81, PROBE_GPA + 2 * BLOCK + 2 * VMM_PAGE);
	tvm_close(&self->t);
	munmap(area, 2 * BLOCK);
}

TEST_HARNESS_MAIN
