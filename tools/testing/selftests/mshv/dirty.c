// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_GET_GPAP_ACCESS_BITMAP: which pages the guest has touched.
 */
#include <hyperv/hv_msr.h>

#include "harness.h"
#include "probe.h"

#define FIRST_PAGE	0x10
#define PAGES		16

FIXTURE(dirty) {
	struct books before;
	struct tvm t;
	bool books;
};

/* Reads one byte of page 0x12, writes one of page 0x15, reports, again. */
static const __u8 guest_touches[] = {
	0xb8, 0x00, 0x12, 0x8e, 0xd8,	/* mov ds, 0x1200 */
	0xa0, 0x00, 0x00,		/* mov al, [0] */
	0xb8, 0x00, 0x15, 0x8e, 0xd8,	/* mov ds, 0x1500 */
	0xc6, 0x06, 0, 0, 0x5a,		/* mov byte [0], 0x5a */
	0xba, 0xf8, 0x03, OUT_AL,
	0xeb, 0xe8,			/* again */
};

#define READ_BIT	HV_BIT(0x12 - FIRST_PAGE)
#define WRITTEN_BIT	HV_BIT(0x15 - FIRST_PAGE)

static int track(struct tvm *t, bool on)
{
	return vmm_set_property(t->part,
				HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING,
				on);
}

FIXTURE_SETUP(dirty)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start(&self->t, guest_touches, sizeof(guest_touches)));
	ASSERT_OK(track(&self->t, true));
}

FIXTURE_TEARDOWN(dirty)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int bitmap(int part, __u8 type, __u8 op, __u64 base, __u64 count,
		  void *bits)
{
	struct mshv_gpap_access_bitmap args = {
		.access_type = type,
		.access_op = op,
		.page_count = count,
		.gpap_base = base,
		.bitmap_ptr = (unsigned long)bits,
	};

	return ioctl(part, MSHV_GET_GPAP_ACCESS_BITMAP, &args) ? -errno : 0;
}

static int pages(struct tvm *t, __u8 type, __u8 op, __u16 *bits)
{
	*bits = 0xffff;
	return bitmap(t->part, type, op, FIRST_PAGE, PAGES, bits);
}

#define DIRTY		MSHV_GPAP_ACCESS_TYPE_DIRTY
#define ACCESSED	MSHV_GPAP_ACCESS_TYPE_ACCESSED
#define NOOP		MSHV_GPAP_ACCESS_OP_NOOP
#define CLEAR		MSHV_GPAP_ACCESS_OP_CLEAR
#define SET		MSHV_GPAP_ACCESS_OP_SET

/* A round of the guest, so that all its pages are mapped; then all clear. */
static int settle(struct tvm *t)
{
	__u64 value;
	__u16 bits;
	int ret = tvm_next_out(t, 0, &value);

	if (!ret)
		ret = pages(t, DIRTY, CLEAR, &bits);
	return ret ? ret : pages(t, ACCESSED, CLEAR, &bits);
}

TEST_F(dirty, written_page)
{
	__u64 value;
	__u16 bits;

	ASSERT_OK(settle(&self->t));
	ASSERT_EQ(0, pages(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(0, bits & WRITTEN_BIT);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	ASSERT_EQ(0, pages(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(WRITTEN_BIT, bits);
	ASSERT_EQ(0, pages(&self->t, ACCESSED, NOOP, &bits));
	EXPECT_EQ(READ_BIT | WRITTEN_BIT, bits);
}

TEST_F(dirty, clear_tells_and_clears)
{
	__u64 value;
	__u16 bits;

	ASSERT_OK(settle(&self->t));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	ASSERT_EQ(0, pages(&self->t, DIRTY, CLEAR, &bits));
	EXPECT_EQ(WRITTEN_BIT, bits);
	ASSERT_EQ(0, pages(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(0, bits);
	/* The page is written again: it is reported again. */
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	ASSERT_EQ(0, pages(&self->t, DIRTY, CLEAR, &bits));
	EXPECT_EQ(WRITTEN_BIT, bits);
}

TEST_F(dirty, pitfall_3_noop_changes_nothing)
{
	__u16 bits;

	ASSERT_OK(settle(&self->t));
	ASSERT_EQ(0, pages(&self->t, DIRTY, NOOP, &bits));
	ASSERT_EQ(0, pages(&self->t, ACCESSED, NOOP, &bits));
	ASSERT_EQ(0, pages(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(0, bits);
	ASSERT_EQ(0, pages(&self->t, ACCESSED, NOOP, &bits));
	EXPECT_EQ(0, bits);
}

TEST_F(dirty, set_marks)
{
	__u16 bits;

	ASSERT_OK(settle(&self->t));
	ASSERT_EQ(0, bitmap(self->t.part, DIRTY, SET, 0x12, 1, &bits));
	ASSERT_EQ(0, pages(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(READ_BIT, bits);
	/* What is dirty has been accessed. */
	ASSERT_EQ(0, pages(&self->t, ACCESSED, NOOP, &bits));
	EXPECT_EQ(READ_BIT, bits);
}

/* Spare bits of the last byte are zero, and not one more byte is written. */
TEST_F(dirty, odd_counts)
{
	__u8 bits[4];

	ASSERT_OK(settle(&self->t));
	memset(bits, 0xff, sizeof(bits));
	ASSERT_EQ(0, bitmap(self->t.part, DIRTY, SET, FIRST_PAGE, 9, bits));
	memset(bits, 0xff, sizeof(bits));
	ASSERT_EQ(0, bitmap(self->t.part, DIRTY, NOOP, FIRST_PAGE, 9, bits));
	EXPECT_EQ(1, bits[1] & ~0ULL);
	EXPECT_EQ(0xff, bits[2]);
}

TEST_F(dirty, pitfall_U24_error_loses_nothing)
{
	__u64 value;
	__u16 bits;

	ASSERT_OK(settle(&self->t));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(-EFAULT, bitmap(self->t.part, DIRTY, CLEAR, FIRST_PAGE,
				  PAGES, NULL));
	ASSERT_EQ(0, pages(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(WRITTEN_BIT, bits);
}

TEST_F(dirty, pitfall_U24_absurd_counts)
{
	static const __u64 counts[] = {
		1ULL << 40, 1ULL << 52, 1ULL << 63, ~0ULL,
	};
	unsigned int i;
	__u16 bits;

	for (i = 0; i < ARRAY_SIZE(counts); i++)
		EXPECT_GT(0, bitmap(self->t.part, DIRTY, NOOP, 0, counts[i],
				    &bits));
	EXPECT_GT(0, bitmap(self->t.part, DIRTY, NOOP, ~0ULL, 2, &bits));
}

TEST_F(dirty, bad_arguments)
{
	struct mshv_gpap_access_bitmap args = {
		.page_count = 1, .gpap_base = FIRST_PAGE,
	};
	unsigned int i;
	__u16 bits;

	EXPECT_EQ(-EINVAL, bitmap(self->t.part, 2, NOOP, 0, 1, &bits));
	EXPECT_EQ(-EINVAL, bitmap(self->t.part, DIRTY, 3, 0, 1, &bits));
	args.bitmap_ptr = (unsigned long)&bits;
	for (i = 0; i < sizeof(args.rsvd); i++) {
		memset(args.rsvd, 0, sizeof(args.rsvd));
		args.rsvd[i] = 1;
		EXPECT_EQ(-1, ioctl(self->t.part, MSHV_GET_GPAP_ACCESS_BITMAP,
				    &args));
		EXPECT_EQ(EINVAL, errno);
	}
	EXPECT_EQ(-1, ioctl(self->t.part, MSHV_GET_GPAP_ACCESS_BITMAP, NULL));
	EXPECT_EQ(EFAULT, errno);
}

/* The number of pages has no place; another error is not hidden by that. */
TEST_F(dirty, nowhere_to_answer)
{
	struct mshv_gpap_access_bitmap *args = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
						    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	__u16 bits = 0xffff;
	__u32 rule;

	ASSERT_NE(MAP_FAILED, args);
	*args = (struct mshv_gpap_access_bitmap) {
		.page_count = PAGES, .gpap_base = FIRST_PAGE,
		.bitmap_ptr = (unsigned long)&bits,
	};
	ASSERT_OK(settle(&self->t));
	ASSERT_EQ(0, mprotect(args, VMM_PAGE, PROT_READ));
	EXPECT_EQ(-1, ioctl(self->t.part, MSHV_GET_GPAP_ACCESS_BITMAP, args));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, bits);
	if (self->books) {
		ASSERT_EQ(0, rv_fail(HVCALL_GET_GPA_PAGES_ACCESS_STATES,
				     HV_STATUS_OPERATION_DENIED, 0, 1, &rule));
		EXPECT_EQ(-1, ioctl(self->t.part, MSHV_GET_GPAP_ACCESS_BITMAP, args));
		EXPECT_EQ(EACCES, errno);
		ASSERT_EQ(0, rv_rules_clear());
	}
	munmap(args, VMM_PAGE);
}

/* A machine whose guest probes, and memory that is partly present. */
static int probe_tracked(struct tvm *t, __u8 *area, __u64 size)
{
	int ret;

	tvm_close(t);
	ret = probe_start(t);
	if (!ret)
		ret = track(t, true);
	return ret ? ret : vmm_map(t->part, PROBE_GPA, size, area, MEM_RWX);
}

static __u64 probe_page(unsigned int number)
{
	return PROBE_GPA + number * VMM_PAGE;
}

/* The kernel has taken a page of the block of which the guest has written page 3. */
static int probe_taken(struct tvm *t, __u8 *area)
{
	int ret = probe_tracked(t, area, BLOCK);

	if (!ret)
		ret = probe_write(t, 0, probe_page(3), 1);
	/* Nor does it merge the block again, which would remove it another time. */
	if (!ret && (madvise(area + 9 * VMM_PAGE, VMM_PAGE, MADV_DONTNEED) ||
		     madvise(area, BLOCK, MADV_NOHUGEPAGE)))
		ret = -errno;
	return ret;
}

/* The first 16 pages where the guest probes. */
static int probed(struct tvm *t, __u8 type, __u8 op, __u16 *bits)
{
	*bits = 0xffff;
	return bitmap(t->part, type, op, PROBE_PFN, PAGES, bits);
}

/* Mapping a page beside others does not lose their state. */
TEST_F(dirty, neighbours_that_come_later)
{
	__u8 *area = probe_area(BLOCK), value;
	unsigned int i;
	__u16 bits;

	madvise(area, BLOCK, MADV_NOHUGEPAGE);
	/* Or all of them came with the first. */
	area[BLOCK - 1] = 1;
	ASSERT_OK(probe_tracked(&self->t, area, BLOCK));
	for (i = 0; i < PAGES; i += 4) {
		ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(i), 1));
		ASSERT_EQ(0, probe_read(&self->t, 0, probe_page(i + 1), &value));
	}
	ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(0x1111, bits);
	ASSERT_EQ(0, probed(&self->t, ACCESSED, NOOP, &bits));
	EXPECT_EQ(0x3333, bits);
	for (i = 2; i < PAGES; i += 4) {
		ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(i), 1));
		ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(i + 1), 1));
	}
	ASSERT_EQ(0, probed(&self->t, DIRTY, CLEAR, &bits));
	EXPECT_EQ(0xdddd, bits);
	ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(0, bits);
	munmap(area, BLOCK);
}

/*
 * What the kernel takes from the guest is reported, once, and all of it.  Of small
 * pages that is just the one that was taken.
 */
TEST_F(dirty, taken_by_the_kernel)
{
	__u8 *area = probe_area(BLOCK);
	unsigned int large;
	__u16 bits;

	for (large = 0; large < 2; large++) {
		madvise(area, BLOCK, large ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
		memset(area, 0, BLOCK);
		ASSERT_OK(probe_taken(&self->t, area));
		/* Not mapped now, or only the others are ... */
		ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
		EXPECT_EQ(HV_BIT(3) | HV_BIT(9), bits & (HV_BIT(3) | HV_BIT(9)));
		if (!large)
			EXPECT_EQ(HV_BIT(3) | HV_BIT(9), bits);
		/* ... and mapped again. */
		ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(4), 1));
		ASSERT_EQ(0, probed(&self->t, ACCESSED, NOOP, &bits));
		EXPECT_EQ(HV_BIT(3) | HV_BIT(4), bits & (HV_BIT(3) | HV_BIT(4)));
		ASSERT_EQ(0, probed(&self->t, DIRTY, CLEAR, &bits));
		EXPECT_EQ(HV_BIT(3) | HV_BIT(4), bits & (HV_BIT(3) | HV_BIT(4)));
		ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
		EXPECT_EQ(0, bits);
		ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(5), 1));
		ASSERT_EQ(0, probed(&self->t, DIRTY, CLEAR, &bits));
		EXPECT_EQ(HV_BIT(5), bits);
		ASSERT_EQ(0, probed(&self->t, ACCESSED, CLEAR, &bits));
		ASSERT_EQ(0, probed(&self->t, ACCESSED, NOOP, &bits));
		EXPECT_EQ(0, bits);
	}
	munmap(area, BLOCK);
}

/* A failure before anything was reported clears no mark. */
TEST_F(dirty, taken_and_not_told)
{
	__u8 *area = probe_area(BLOCK);
	__u16 bits;

	ASSERT_OK(probe_taken(&self->t, area));
	EXPECT_EQ(-EFAULT, bitmap(self->t.part, DIRTY, CLEAR, PROBE_PFN, PAGES,
				  NULL));
	ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(HV_BIT(3), bits & HV_BIT(3));
	munmap(area, BLOCK);
}

/* A page that the guest cannot write is not dirty, however often it is taken. */
TEST_F(dirty, taken_from_who_cannot_write)
{
	__u8 *area = probe_area(BLOCK), value;
	__u16 bits;

	ASSERT_OK(probe_tracked(&self->t, area, BLOCK));
	ASSERT_OK(vmm_unmap(self->t.part, PROBE_GPA, BLOCK, area));
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, BLOCK, area, 0));
	ASSERT_EQ(0, probe_read(&self->t, 0, probe_page(3), &value));
	ASSERT_EQ(0, madvise(area + 9 * VMM_PAGE, VMM_PAGE, MADV_DONTNEED));
	ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(0, bits);
	ASSERT_EQ(0, probed(&self->t, ACCESSED, NOOP, &bits));
	EXPECT_EQ(HV_BIT(3), bits & HV_BIT(3));
	munmap(area, BLOCK);
}

/* The rest of a block of which a part is unmapped, pinned or not. */
TEST_F(dirty, rest_of_a_region)
{
	__u8 *area = probe_area(2 * BLOCK);
	unsigned int pinned;
	__u16 bits;
	int was;

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "partial unmapping");
	for (pinned = 0; pinned < 2; pinned++) {
		was = pin_memory(pinned);
		ASSERT_LE(0, was);
		ASSERT_OK(probe_tracked(&self->t, area, 2 * BLOCK));
		pin_memory(was);
		ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(1), 1));
		ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(12), 1));
		ASSERT_OK(vmm_unmap(self->t.part, probe_page(5), 3 * VMM_PAGE,
				    area + 5 * VMM_PAGE));
		ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
		EXPECT_EQ(HV_BIT(1) | HV_BIT(12),
			  bits & (HV_BIT(1) | HV_BIT(12)));
		/* Pages that are not mapped are not reported. */
		EXPECT_EQ(0, bits & 0xe0);
		ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(2), 1));
		ASSERT_EQ(0, probed(&self->t, DIRTY, CLEAR, &bits));
		EXPECT_EQ(HV_BIT(1) | HV_BIT(2) | HV_BIT(12),
			  bits & (HV_BIT(1) | HV_BIT(2) | HV_BIT(12)));
		ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
		EXPECT_EQ(0, bits);
	}
	munmap(area, 2 * BLOCK);
}

/* The hypercall itself, which a program may make, reports the same. */
TEST_F(dirty, taken_told_by_the_hypercall)
{
	struct hv_input_get_gpa_pages_access_state in = {
		.hv_gpa_page_number = PROBE_PFN,
		.flags = HV_GPA_ACCESS_STATE_CLEAR_DIRTY,
	};
	__u8 *area = probe_area(BLOCK), states[PAGES];
	struct mshv_root_hvcall args = {
		.code = HVCALL_GET_GPA_PAGES_ACCESS_STATES,
		.reps = PAGES, .in_sz = sizeof(in), .out_sz = sizeof(states),
		.in_ptr = (unsigned long)&in,
		.out_ptr = (unsigned long)states,
	};
	__u16 bits;

	ASSERT_OK(probe_taken(&self->t, area));
	ASSERT_EQ(0, ioctl(self->t.part, MSHV_ROOT_HVCALL, &args));
	EXPECT_EQ(HV_GPA_PAGE_DIRTY | HV_GPA_PAGE_ACCESSED, states[3]);
	ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(0, bits);
	munmap(area, BLOCK);
}

TEST_F(dirty, bad_hypercalls)
{
	static const struct {
		__u64 flags;
		__u16 status;
	} wrong[] = {
		{ HV_BIT64(4), HV_STATUS_INVALID_PARAMETER },
		{ HV_GPA_ACCESS_STATE_CLEAR_ACCESSED | HV_GPA_ACCESS_STATE_SET_ACCESSED,
		  HV_STATUS_INVALID_PARAMETER },
		{ HV_GPA_ACCESS_STATE_CLEAR_DIRTY | HV_GPA_ACCESS_STATE_SET_DIRTY,
		  HV_STATUS_INVALID_PARAMETER },
	};
	struct hv_input_get_gpa_pages_access_state in = { .hv_gpa_page_number = FIRST_PAGE };
	struct mshv_root_hvcall args = {
		.code = HVCALL_GET_GPA_PAGES_ACCESS_STATES,
		.in_sz = sizeof(in), .in_ptr = (unsigned long)&in,
	};
	__u8 state = 0xff;
	unsigned int i;
	__u16 bits;

	ASSERT_OK(settle(&self->t));
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		in.flags = wrong[i].flags;
		args.reps = 1;
		args.status = 0;
		args.out_sz = 1;
		args.out_ptr = (unsigned long)&state;
		EXPECT_EQ(-1, ioctl(self->t.part, MSHV_ROOT_HVCALL, &args));
		EXPECT_EQ(EINVAL, errno);
		EXPECT_EQ(wrong[i].status, args.status);
		EXPECT_EQ(0, args.reps);
	}
	ASSERT_EQ(0, pages(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(0, bits);
}

/* A large page has one mark of each kind, and to look at it does not make it many. */
TEST_F(dirty, noop_does_not_split)
{
	__u8 *area = probe_area(BLOCK);
	__u64 before, after;
	__u16 bits;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	madvise(area, BLOCK, MADV_HUGEPAGE);
	memset(area, 0, BLOCK);
	if (probe_frame(area) % (BLOCK / VMM_PAGE))
		SKIP(return, "no large page");
	ASSERT_OK(probe_tracked(&self->t, area, BLOCK));
	ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(3), 1));
	ASSERT_EQ(0, rv_books(RV_BOOKS_IN_USE, tvm_id(&self->t), &before));
	ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(HV_BIT(3), bits & HV_BIT(3));
	ASSERT_EQ(0, rv_books(RV_BOOKS_IN_USE, tvm_id(&self->t), &after));
	EXPECT_EQ(before, after);
	munmap(area, BLOCK);
}

/* A large page whose marks cannot be cleared one by one keeps them. */
TEST_F(dirty, clear_without_memory)
{
	__u8 *area = probe_area(BLOCK);
	__u16 bits;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	madvise(area, BLOCK, MADV_HUGEPAGE);
	memset(area, 0, BLOCK);
	if (probe_frame(area) % (BLOCK / VMM_PAGE))
		SKIP(return, "no large page");
	ASSERT_OK(probe_tracked(&self->t, area, BLOCK));
	ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(3), 1));
	ASSERT_EQ(0, rv_dry(tvm_id(&self->t), 1));
	EXPECT_EQ(-ENOMEM, probed(&self->t, DIRTY, CLEAR, &bits));
	ASSERT_EQ(0, rv_dry(tvm_id(&self->t), 0));
	ASSERT_EQ(0, probed(&self->t, DIRTY, CLEAR, &bits));
	EXPECT_EQ(HV_BIT(3), bits & HV_BIT(3));
	ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(0, bits);
	munmap(area, BLOCK);
}

/* A page of the hypervisor's on top is not the guest's memory. */
TEST_F(dirty, below_an_overlay)
{
	__u8 *area = probe_area(BLOCK);
	unsigned int page;
	__u16 bits;

	madvise(area, BLOCK, MADV_NOHUGEPAGE);
	area[BLOCK - 1] = 1;
	ASSERT_OK(probe_tracked(&self->t, area, BLOCK));
	ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(3), 1));
	ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(4), 1));
	/* Over a page that is mapped, and over one that is not. */
	for (page = 3; page < 10; page += 4) {
		ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_SIMP,
					   probe_page(page) | HV_MSR_PAGE_ENABLE));
		ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(page) + 8, 1));
		ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
		EXPECT_EQ(HV_BIT(3) | HV_BIT(4), bits);
	}
	ASSERT_EQ(0, probed(&self->t, DIRTY, CLEAR, &bits));
	EXPECT_EQ(HV_BIT(3) | HV_BIT(4), bits);
	ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(0, bits);
	munmap(area, BLOCK);
}

/* Switched off it costs nothing, and switched on again it starts anew. */
TEST_F(dirty, tracking_comes_and_goes)
{
	__u8 *area = probe_area(BLOCK);
	__u16 bits;

	ASSERT_OK(probe_tracked(&self->t, area, BLOCK));
	ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(3), 1));
	ASSERT_EQ(0, madvise(area, VMM_PAGE, MADV_DONTNEED));
	/* If khugepaged merged the block, a write would mark all of it. */
	ASSERT_EQ(0, madvise(area, BLOCK, MADV_NOHUGEPAGE));
	ASSERT_OK(track(&self->t, false));
	ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(4), 1));
	ASSERT_EQ(0, madvise(area + 4 * VMM_PAGE, VMM_PAGE, MADV_DONTNEED));
	ASSERT_OK(track(&self->t, true));
	ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
	/* The page that stays mapped may be told again, what was taken is not. */
	EXPECT_EQ(0, bits & ~HV_BIT(3));
	ASSERT_EQ(0, probe_write(&self->t, 0, probe_page(5), 1));
	ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(HV_BIT(5), bits & ~HV_BIT(3));
	/* Switched on once more it does not. */
	ASSERT_EQ(0, madvise(area + 5 * VMM_PAGE, VMM_PAGE, MADV_DONTNEED));
	ASSERT_OK(track(&self->t, true));
	ASSERT_EQ(0, probed(&self->t, DIRTY, NOOP, &bits));
	EXPECT_EQ(HV_BIT(5), bits & HV_BIT(5));
	munmap(area, BLOCK);
}

TEST_HARNESS_MAIN
