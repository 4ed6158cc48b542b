// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_SET_GUEST_MEMORY: what is refused, and what a guest sees.
 */
#include "harness.h"

#define PAGES		16
#define SPARE_GPA	0x40000000ULL	/* far from the guest's own memory */
#define SPARE_PFN	(SPARE_GPA / VMM_PAGE)

FIXTURE(memory) {
	struct books before;
	struct tvm t;
	__u8 *spare;
	bool books;
};

FIXTURE_SETUP(memory)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_partition(&self->t));
	self->spare = mmap(NULL, PAGES * VMM_PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->spare);
}

FIXTURE_TEARDOWN(memory)
{
	tvm_close(&self->t);
	munmap(self->spare, PAGES * VMM_PAGE);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int set(int part, __u64 size, __u64 pfn, const void *memory, __u8 flags)
{
	struct mshv_user_mem_region args = {
		.size = size,
		.guest_pfn = pfn,
		.userspace_addr = (unsigned long)memory,
		.flags = flags,
	};

	return ioctl(part, MSHV_SET_GUEST_MEMORY, &args) ? -errno : 0;
}

/* Nothing is mapped there: something else can be. */
static bool is_free(int part, const void *memory)
{
	return !set(part, VMM_PAGE, SPARE_PFN, memory, MEM_RWX) &&
	       !set(part, VMM_PAGE, SPARE_PFN, memory, MEM_UNMAP);
}

TEST_F(memory, bad_arguments)
{
	int part = self->t.part;
	const __u8 *m = self->spare;
	struct mshv_user_mem_region args = {
		.size = VMM_PAGE,
		.guest_pfn = SPARE_PFN,
		.userspace_addr = (unsigned long)m,
		.flags = MEM_RWX,
	};
	unsigned int i;

	EXPECT_EQ(-EINVAL, set(part, 0, SPARE_PFN, m, MEM_RWX));
	EXPECT_EQ(-EINVAL, set(part, 1, SPARE_PFN, m, MEM_RWX));
	EXPECT_EQ(-EINVAL, set(part, VMM_PAGE + 8, SPARE_PFN, m, MEM_RWX));
	EXPECT_EQ(-EINVAL, set(part, VMM_PAGE, SPARE_PFN, m + 1, MEM_RWX));
	EXPECT_EQ(-EINVAL, set(part, VMM_PAGE, SPARE_PFN, m + 2048, MEM_RWX));
	for (i = MSHV_SET_MEM_BIT_COUNT; i < 8; i++)
		EXPECT_EQ(-EINVAL, set(part, VMM_PAGE, SPARE_PFN, m, 1 << i));
	for (i = 0; i < sizeof(args.rsvd); i++) {
		memset(args.rsvd, 0, sizeof(args.rsvd));
		args.rsvd[i] = 1;
		EXPECT_EQ(-1, ioctl(part, MSHV_SET_GUEST_MEMORY, &args));
		EXPECT_EQ(EINVAL, errno);
	}
	EXPECT_EQ(-1, ioctl(part, MSHV_SET_GUEST_MEMORY, NULL));
	EXPECT_EQ(EFAULT, errno);
	/* None of these may have mapped anything. */
	EXPECT_TRUE(is_free(part, m));
}

TEST_F(memory, bad_addresses)
{
	int part = self->t.part;
	__u8 *hole = mmap(NULL, 2 * VMM_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, hole);
	ASSERT_EQ(0, munmap(hole, 2 * VMM_PAGE));
	EXPECT_GT(0, set(part, VMM_PAGE, SPARE_PFN, hole, MEM_RWX));
	EXPECT_GT(0, set(part, VMM_PAGE, SPARE_PFN, NULL, MEM_RWX));
	EXPECT_EQ(-EINVAL, set(part, VMM_PAGE, SPARE_PFN,
			       (void *)0xffff888000000000UL, MEM_RWX));
	EXPECT_EQ(-EINVAL, set(part, 1ULL << 63, SPARE_PFN, self->spare,
			       MEM_RWX));
	EXPECT_TRUE(is_free(part, self->spare));
}

/* The second half of the range has no memory behind it. */
TEST_F(memory, hole_in_the_middle)
{
	int part = self->t.part;
	int ret;

	ASSERT_EQ(0, munmap(self->spare + 8 * VMM_PAGE, VMM_PAGE));
	ret = set(part, PAGES * VMM_PAGE, SPARE_PFN, self->spare, MEM_RWX);
	if (ret) {
		EXPECT_TRUE(ret == -EINVAL || ret == -EFAULT || ret == -ENOMEM) {
			TH_LOG("ret = %d", ret);
		}
		EXPECT_TRUE(is_free(part, self->spare));
	} else {
		EXPECT_EQ(0, set(part, PAGES * VMM_PAGE, SPARE_PFN,
				 self->spare, MEM_UNMAP));
	}
}

TEST_F(memory, pitfall_U28_guest_address_wraps)
{
	static const __u64 pfns[] = {
		~0ULL, ~0ULL - 1, 1ULL << 63, ~0ULL / VMM_PAGE,
		(1ULL << 52) - 1,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pfns); i++)
		EXPECT_EQ(-EINVAL, set(self->t.part, 2 * VMM_PAGE, pfns[i],
				       self->spare, MEM_RWX)) {
			TH_LOG("pfn %llx", pfns[i]);
		}
}

TEST_F(memory, unmap_must_be_exact)
{
	int part = self->t.part;
	const __u8 *m = self->spare;

	ASSERT_EQ(0, set(part, 4 * VMM_PAGE, SPARE_PFN, m, MEM_RWX));
	EXPECT_EQ(-EINVAL, set(part, 2 * VMM_PAGE, SPARE_PFN - 1, m, MEM_UNMAP));
	EXPECT_EQ(-EINVAL, set(part, 5 * VMM_PAGE, SPARE_PFN, m, MEM_UNMAP));
	EXPECT_EQ(-EINVAL, set(part, 4 * VMM_PAGE, SPARE_PFN, m + VMM_PAGE,
			       MEM_UNMAP));
	/* Other flags do not matter for an unmap. */
	EXPECT_EQ(0, set(part, 4 * VMM_PAGE, SPARE_PFN, m,
			 MEM_UNMAP | MEM_WRITE));
	EXPECT_TRUE(is_free(part, m));
}

/* As a VMM does that does not keep track of it. */
TEST_F(memory, unmap_of_nothing)
{
	int part = self->t.part;
	const __u8 *m = self->spare;

	EXPECT_EQ(0, set(part, 4 * VMM_PAGE, SPARE_PFN, m, MEM_UNMAP));
	ASSERT_EQ(0, set(part, 4 * VMM_PAGE, SPARE_PFN, m, MEM_RWX));
	EXPECT_EQ(0, set(part, VMM_PAGE, SPARE_PFN - 1, m, MEM_UNMAP));
	EXPECT_EQ(0, set(part, VMM_PAGE, SPARE_PFN + 4, m, MEM_UNMAP));
	EXPECT_FALSE(is_free(part, m));
	EXPECT_EQ(0, set(part, 4 * VMM_PAGE, SPARE_PFN, m, MEM_UNMAP));
	EXPECT_EQ(0, set(part, 4 * VMM_PAGE, SPARE_PFN, m, MEM_UNMAP));
}

/* All relative positions of two ranges. */
TEST_F(memory, pitfall_A6_overlaps)
{
	static const struct {
		const char *name;
		unsigned int start, pages;
		bool fits;
	} list[] = {
		{ "before", 0, 3, true },
		{ "meets", 0, 4, true },
		{ "overlaps", 2, 4, false },
		{ "finished by", 2, 6, false },
		{ "contains", 2, 8, false },
		{ "starts", 4, 2, false },
		{ "equals", 4, 4, false },
		{ "started by", 4, 6, false },
		{ "during", 5, 2, false },
		{ "finishes", 6, 2, false },
		{ "overlapped by", 6, 4, false },
		{ "met by", 8, 2, true },
		{ "after", 9, 2, true },
	};
	int part = self->t.part;
	const __u8 *m = self->spare;
	unsigned int i;

	ASSERT_EQ(0, set(part, 4 * VMM_PAGE, SPARE_PFN + 4, m, MEM_RWX));
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		__u64 size = list[i].pages * VMM_PAGE;
		__u64 pfn = SPARE_PFN + list[i].start;

		EXPECT_EQ(list[i].fits ? 0 : -EEXIST,
			  set(part, size, pfn, m, MEM_RWX)) {
			TH_LOG("%s", list[i].name);
		}
		if (list[i].fits)
			EXPECT_EQ(0, set(part, size, pfn, m, MEM_UNMAP));
	}
	EXPECT_EQ(0, set(part, 4 * VMM_PAGE, SPARE_PFN + 4, m, MEM_UNMAP));
}

/* The same memory at two guest addresses, like microvm's BIOS. */
TEST_F(memory, alias)
{
	static const __u8 code[] = {
		0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
		0xb8, 0x00, 0x40,	/* mov ax, 0x4000 */
		0x8e, 0xd8,		/* mov ds, ax */
		0xc6, 0x06, 0x00, 0x00, 0x5a, /* mov byte [0], 0x5a */
		0xb8, 0x00, 0x50,	/* mov ax, 0x5000 */
		0x8e, 0xd8,
		0xa0, 0x00, 0x00,	/* mov al, [0] */
		OUT_AL, HLT,
	};
	__u64 value = 0;

	self->t.memory = mmap(NULL, TVM_MEMORY, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->t.memory);
	self->t.size = TVM_MEMORY;
	ASSERT_EQ(0, set(self->t.part, 0x10000, 0, self->t.memory, MEM_RWX));
	ASSERT_EQ(0, set(self->t.part, VMM_PAGE, 0x40, self->spare, MEM_RWX));
	ASSERT_EQ(0, set(self->t.part, VMM_PAGE, 0x50, self->spare, MEM_RWX));
	memcpy(self->t.memory + TVM_CODE, code, sizeof(code));
	ASSERT_OK(tvm_vp(&self->t, 0));
	ASSERT_OK(tvm_real_mode(&self->t, 0, TVM_CODE));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x5a, value);
	EXPECT_EQ(0x5a, self->spare[0]);
}

/* What SeaBIOS does all the time: the map changes while the guest waits. */
TEST_F(memory, remap_while_stopped)
{
	static const __u8 code[] = {
		0xb8, 0x00, 0x40, 0x8e, 0xd8,
		0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
		0xa0, 0x00, 0x00,	/* mov al, [0] */
		OUT_AL,
		0xeb, 0xfa,		/* again */
	};
	__u64 value;
	unsigned int i;

	ASSERT_OK(tvm_start_with_hole(&self->t, code, sizeof(code)));
	for (i = 0; i < PAGES; i++)
		self->spare[i * VMM_PAGE] = 0x10 + i;
	for (i = 0; i < PAGES; i++) {
		const __u8 *page = self->spare + i * VMM_PAGE;

		ASSERT_EQ(0, set(self->t.part, VMM_PAGE, 0x40, page, MEM_RWX));
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		EXPECT_EQ(0x10 + i, value);
		ASSERT_EQ(0, set(self->t.part, VMM_PAGE, 0x40, page,
				 MEM_UNMAP));
		ASSERT_OK(tvm_run(&self->t, 0));
		EXPECT_TRUE(tvm_is_mem(&self->t));
	}
}

/* Memory that was unmapped is not seen by the guest any more. */
TEST_F(memory, unmap_takes_effect)
{
	ASSERT_OK(tvm_start_with_hole(&self->t, guest_read_hole,
				      sizeof(guest_read_hole)));
	ASSERT_EQ(0, set(self->t.part, PAGES * VMM_PAGE, 0x38, self->spare,
			 MEM_RWX));
	ASSERT_EQ(0, set(self->t.part, PAGES * VMM_PAGE, 0x38, self->spare,
			 MEM_UNMAP));
	ASSERT_OK(tvm_run(&self->t, 0));
	EXPECT_TRUE(tvm_is_mem(&self->t));
}

/* Mapped, then unmapped from our own address space: it stays the guest's. */
TEST_F(memory, ours_unmapped_first)
{
	__u8 *page = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int ret;

	ASSERT_NE(MAP_FAILED, page);
	page[0] = 0x3c;
	ASSERT_OK(tvm_start_with_hole(&self->t, guest_read_hole,
				      sizeof(guest_read_hole)));
	ASSERT_EQ(0, set(self->t.part, VMM_PAGE, 0x40, page, MEM_RWX));
	ASSERT_EQ(0, munmap(page, VMM_PAGE));
	/*
	 * Whether the guest still sees the page depends on whether it was pinned;
	 * the kernel must neither crash nor use a page with another owner.
	 */
	ret = tvm_run(&self->t, 0);
	EXPECT_TRUE(ret == 0 || ret == -EFAULT) {
		TH_LOG("ret = %d", ret);
	}
	if (!ret && self->t.message.header.message_type ==
		    HVMSG_X64_IO_PORT_INTERCEPT)
		EXPECT_EQ(0x3c, tvm_io(&self->t)->rax & 0xff);
	EXPECT_EQ(0, set(self->t.part, VMM_PAGE, 0x40, page, MEM_UNMAP));
}

/* Large enough for 2 MiB pages, and not aligned like them. */
TEST_F(memory, pitfall_A23_sizes_and_alignments)
{
	static const struct {
		__u64 size, gpa_offset, our_offset;
	} list[] = {
		{ 0x400000, 0, 0 },
		{ 0x401000, 0, 0 },
		{ 0x3ff000, 0x1000, 0x1000 },
		{ 0x400000, 0x1000, 0 },
		{ 0x400000, 0, 0x1000 },
		{ 0x200000, 0, 0 },
	};
	const __u64 space = 0xa00000;
	unsigned long start;
	unsigned int i;
	__u8 *area;

	area = mmap(NULL, space, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	madvise(area, space, MADV_HUGEPAGE);
	start = ((unsigned long)area + 0x1fffff) & ~0x1fffffUL;
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		const void *m = (void *)(start + list[i].our_offset);
		__u64 pfn = SPARE_PFN + list[i].gpa_offset / VMM_PAGE;

		EXPECT_EQ(0, set(self->t.part, list[i].size, pfn, m, MEM_RWX));
		EXPECT_EQ(0, set(self->t.part, list[i].size, pfn, m,
				 MEM_UNMAP));
	}
	munmap(area, space);
}

/* Each page of a large region is where it should be. */
TEST_F(memory, every_page_is_its_own)
{
	/*
	 * 64-bit: rbx = 4 MiB up to 8 MiB; compares the first dword of each page
	 * with the page's number, reports the first wrong one.
	 */
	static const __u8 code[] = {
		0xba, 0xf8, 0x03, 0x00, 0x00,	/* mov edx, 0x3f8 */
		0xbb, 0x00, 0x00, 0x40, 0x00,	/* mov ebx, 0x400000 */
		0x31, 0xc0,			/* xor eax, eax */
		0x39, 0x03,			/* cmp [rbx], eax */
		0x75, 0x10,			/* jne out */
		0x48, 0x81, 0xc3, 0x00, 0x10, 0x00, 0x00, /* add rbx, 4096 */
		0xff, 0xc0,			/* inc eax */
		0x3d, 0x00, 0x04, 0x00, 0x00,	/* cmp eax, 1024 */
		0x75, 0xec,			/* jne to cmp */
		/* out: */
		0xef, HLT,			/* out dx, eax */
	};
	const __u64 size = 0x400000;
	__u64 value = 0, i;
	__u8 *area;

	area = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	for (i = 0; i < size / VMM_PAGE; i++)
		memcpy(area + i * VMM_PAGE, &i, 4);
	ASSERT_OK(tvm_memory(&self->t));
	memcpy(self->t.memory + TVM_CODE, code, sizeof(code));
	ASSERT_OK(vmm_map(self->t.part, 0x400000, size, area, MEM_RWX));
	ASSERT_OK(tvm_vp(&self->t, 0));
	ASSERT_OK(tvm_long_mode(&self->t, 0, TVM_CODE));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(size / VMM_PAGE, value);
	munmap(area, size);
}

TEST_HARNESS_MAIN
