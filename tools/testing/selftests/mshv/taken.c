// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel takes from the process is taken from the guest: all of that, and
 * of small pages nothing else.
 *
 * Model: the hypervisor's books say how many pages are mapped, and its counters which
 * calls an access or a change took.
 */
#include "harness.h"
#include "probe.h"
#include "repeat.h"

#define PAGES_BLOCK	(BLOCK / VMM_PAGE)
#define AREA		(3 * BLOCK)

FIXTURE(taken) {
	struct books before;
	struct tvm t;
	__u8 *area;
	int pinned;
	bool books;
};

FIXTURE_SETUP(taken)
{
	self->pinned = -1;
	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "exact ranges");
	if (rv_open() || books_read(&self->before))
		SKIP(return, NO_ROOTVISOR);
	self->books = true;
	self->pinned = pin_memory(false);
	ASSERT_LE(0, self->pinned);
	self->area = probe_area(AREA);
	ASSERT_NE(NULL, self->area);
	ASSERT_OK(probe_start(&self->t));
}

FIXTURE_TEARDOWN(taken)
{
	if (!self->books)
		return;
	rv_rules_clear();
	tvm_close(&self->t);
	munmap(self->area, AREA);
	pin_memory(self->pinned);
	ASSERT_BOOKS(&self->before);
}

static __u64 page(unsigned int number)
{
	return PROBE_GPA + number * VMM_PAGE;
}

/* The area is the guest's memory from page @first on, present, and accessed once. */
static int give(struct tvm *t, __u8 *area, unsigned int first, int advice)
{
	unsigned int i, last = AREA / VMM_PAGE;
	__u8 byte;
	int ret;

	madvise(area, AREA, advice);
	for (i = 0; i < last; i++)
		area[i * VMM_PAGE] = i % 251;
	ret = vmm_map(t->part, page(first), AREA - first * VMM_PAGE,
		      area + first * VMM_PAGE, MEM_RWX);
	for (i = first; i < last && !ret; i++)
		ret = probe_read(t, 0, page(i), &byte);
	return ret;
}

/* Pages that are not mapped any more after these of the process have been released. */
static __u64 release(__u8 *area, unsigned int first, unsigned int nr)
{
	__u64 before = books_value(RV_BOOKS_MAPPED);

	if (madvise(area + first * VMM_PAGE, nr * VMM_PAGE, MADV_DONTNEED))
		return ~0ULL;
	return before - books_value(RV_BOOKS_MAPPED);
}

/* A page of a block, and the block's other pages are accessed without a fault. */
TEST_F(taken, one_small_page)
{
	__u64 calls;
	__u8 byte;

	ASSERT_OK(give(&self->t, self->area, 0, MADV_NOHUGEPAGE));
	ASSERT_EQ(0, rv_mark());
	EXPECT_EQ(1, release(self->area, 7, 1));
	ASSERT_EQ(0, rv_count_call(HVCALL_UNMAP_GPA_PAGES, &calls));
	EXPECT_EQ(1, calls);
	EXPECT_BYTE(6, page(6));
	EXPECT_BYTE(8, page(8));
	ASSERT_EQ(0, rv_count_call(HVCALL_MAP_GPA_PAGES, &calls));
	EXPECT_EQ(0, calls);
	/* The page itself is a new one. */
	ASSERT_EQ(0, probe_read(&self->t, 0, page(7), &byte));
	EXPECT_EQ(0, byte);
	self->area[7 * VMM_PAGE] = 0x55;
	EXPECT_BYTE(0x55, page(7));
	ASSERT_EQ(0, rv_count_call(HVCALL_MAP_GPA_PAGES, &calls));
	EXPECT_LE(1, calls);
}

/* Merging changes a page in two steps: at the second one there is nothing to unmap. */
TEST_F(taken, same_page_twice)
{
	__u64 calls;

	ASSERT_OK(give(&self->t, self->area, 0, MADV_NOHUGEPAGE));
	EXPECT_EQ(2, release(self->area, 7, 2));
	ASSERT_EQ(0, rv_mark());
	EXPECT_EQ(0, release(self->area, 7, 2));
	EXPECT_EQ(0, release(self->area, 7, 1));
	ASSERT_EQ(0, rv_count_call(HVCALL_UNMAP_GPA_PAGES, &calls));
	EXPECT_EQ(0, calls);
	/* There is, of more pages or of others, and when they have come back. */
	EXPECT_EQ(1, release(self->area, 7, 3));
	EXPECT_EQ(1, release(self->area, 6, 2));
	EXPECT_BYTE(0, page(6));
	EXPECT_EQ(1, release(self->area, 6, 1));
	EXPECT_BYTE(0, page(6));
	self->area[8 * VMM_PAGE] = 0x55;
	EXPECT_BYTE(0x55, page(8));
	EXPECT_EQ(1, release(self->area, 8, 1));
	EXPECT_BYTE(0, page(8));
}

/* What comes back does so with what is close to it, and not the whole block again. */
TEST_F(taken, what_comes_back)
{
	const unsigned int from = 100, nr = 40, around = 16;
	unsigned int i, end = (from | (around - 1)) + 1;
	__u64 before, calls;

	ASSERT_OK(give(&self->t, self->area, 0, MADV_NOHUGEPAGE));
	EXPECT_EQ(nr, release(self->area, from, nr));
	for (i = from; i < from + nr; i++)
		self->area[i * VMM_PAGE] = i % 7;
	before = books_value(RV_BOOKS_MAPPED);
	ASSERT_EQ(0, rv_mark());
	EXPECT_BYTE(from % 7, page(from));
	EXPECT_EQ(end - from, books_value(RV_BOOKS_MAPPED) - before);
	for (i = from; i < end; i++)
		EXPECT_BYTE(i % 7, page(i));
	ASSERT_EQ(0, rv_count_call(HVCALL_MAP_GPA_PAGES, &calls));
	EXPECT_EQ(1, calls);
	for (; i < from + nr; i++)
		EXPECT_BYTE(i % 7, page(i));
	EXPECT_EQ(nr, books_value(RV_BOOKS_MAPPED) - before);
}

/* From the middle of a block to that of another, and what lies between them. */
TEST_F(taken, range_of_small_pages)
{
	const unsigned int from = PAGES_BLOCK - 3, nr = PAGES_BLOCK + 8;
	unsigned int i;
	__u64 calls;

	ASSERT_OK(give(&self->t, self->area, 0, MADV_NOHUGEPAGE));
	EXPECT_EQ(nr, release(self->area, from, nr));
	ASSERT_EQ(0, rv_mark());
	EXPECT_BYTE((from - 1) % 251, page(from - 1));
	EXPECT_BYTE((from + nr) % 251, page(from + nr));
	ASSERT_EQ(0, rv_count_call(HVCALL_MAP_GPA_PAGES, &calls));
	EXPECT_EQ(0, calls);
	for (i = from; i < from + nr; i++)
		EXPECT_BYTE(0, page(i));
	/* All of it again, and the rest. */
	EXPECT_EQ(AREA / VMM_PAGE, release(self->area, 0, AREA / VMM_PAGE));
}

/* The region's first block is only a part of one. */
TEST_F(taken, region_that_begins_in_a_block)
{
	const unsigned int first = PAGES_BLOCK / 2;

	ASSERT_OK(give(&self->t, self->area, first, MADV_NOHUGEPAGE));
	EXPECT_EQ(1, release(self->area, first, 1));
	EXPECT_EQ(0, release(self->area, 0, first));
	EXPECT_EQ(4, release(self->area, first - 4, 9));
	EXPECT_BYTE(0, page(first));
	EXPECT_BYTE((first + 5) % 251, page(first + 5));
}

/* A large mapping would have to be split, which takes memory. */
TEST_F(taken, large_page_as_a_whole)
{
	__u64 before;

	ASSERT_OK(give(&self->t, self->area, 0, MADV_HUGEPAGE));
	before = books_value(RV_BOOKS_MAPPED);
	if (before < AREA / VMM_PAGE || probe_frame(self->area) % PAGES_BLOCK)
		SKIP(return, "no large page");
	ASSERT_EQ(0, rv_dry(tvm_id(&self->t), 1));
	EXPECT_EQ(PAGES_BLOCK, release(self->area, 7, 1));
	/* Large pages as a whole, of two that are cut. */
	EXPECT_EQ(2 * PAGES_BLOCK, release(self->area, 2 * PAGES_BLOCK - 1, 2));
	ASSERT_EQ(0, rv_dry(tvm_id(&self->t), 0));
	EXPECT_BYTE(0, page(7));
	EXPECT_BYTE(8, page(8));
}

/* A call that fails halfway is repeated, for exactly what is left. */
TEST_F(taken, call_that_fails)
{
	__u32 rule;

	ASSERT_OK(give(&self->t, self->area, 0, MADV_NOHUGEPAGE));
	ASSERT_EQ(0, rv_fail(HVCALL_UNMAP_GPA_PAGES, HV_STATUS_OPERATION_FAILED,
			     0, 2, &rule));
	EXPECT_EQ(6, release(self->area, PAGES_BLOCK - 3, 6));
	EXPECT_BYTE(0, page(PAGES_BLOCK - 1));
	EXPECT_BYTE((PAGES_BLOCK + 3) % 251, page(PAGES_BLOCK + 3));
}

static void release_some(void *area, unsigned int nr)
{
	unsigned int at = nr * 37 % (AREA / VMM_PAGE - 4);

	madvise(area + at * VMM_PAGE, (1 + nr % 4) * VMM_PAGE, MADV_DONTNEED);
}

/*
 * While pages are taken all the time, parts of the region are unmapped and come back:
 * pieces take over blocks of which pages are missing, and nothing is left at the end.
 */
TEST_F(taken, while_the_region_is_divided)
{
	struct repeater taker;
	unsigned int i, at;
	__u8 byte;

	ASSERT_OK(give(&self->t, self->area, 0, MADV_NOHUGEPAGE));
	ASSERT_EQ(0, repeat_begin(&taker, release_some, self->area));
	for (i = 0; i < 100; i++) {
		at = i * 13 % (AREA / VMM_PAGE - 1);
		ASSERT_OK(vmm_unmap(self->t.part, page(at), VMM_PAGE,
				    self->area + at * VMM_PAGE));
		EXPECT_REFUSED(page(at));
		EXPECT_EQ(0, probe_read(&self->t, 0, page(at + 1), &byte));
		ASSERT_OK(vmm_map(self->t.part, page(at), VMM_PAGE,
				  self->area + at * VMM_PAGE, MEM_RWX));
		EXPECT_EQ(0, probe_write(&self->t, 0, page(at), i));
	}
	repeat_end(&taker);
	ASSERT_EQ(0, madvise(self->area, AREA, MADV_DONTNEED));
	for (i = 0; i < AREA / VMM_PAGE; i += 7)
		EXPECT_BYTE(0, page(i));
}

TEST_HARNESS_MAIN
