// SPDX-License-Identifier: GPL-2.0
/*
 * The pages of a virtual processor that a VMM can map.
 */
#include "harness.h"

FIXTURE(mmap) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(mmap)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
}

FIXTURE_TEARDOWN(mmap)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static void *map(int fd, unsigned int page, size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    page * VMM_PAGE);
}

TEST_F(mmap, intercept_page_shows_the_message)
{
	const struct hv_message *page =
		map(self->t.vp[0], MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE,
		    VMM_PAGE);

	ASSERT_NE(MAP_FAILED, page);
	ASSERT_OK(tvm_run(&self->t, 0));
	EXPECT_EQ(0, memcmp(page, &self->t.message, 16 + 128));
	ASSERT_EQ(0, munmap((void *)page, VMM_PAGE));
}

/* A hypervisor may have no register page; mmap() returns its errno. */
TEST_F(mmap, no_register_page)
{
	struct tvm *t = &self->t;
	__u64 value;
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, rv_fail(HVCALL_MAP_VP_STATE_PAGE, HV_STATUS_INVALID_PARAMETER,
			     1, 1, &rule));
	ASSERT_OK(tvm_vp(t, 1));
	ASSERT_EQ(0, rv_rules_clear());
	EXPECT_EQ(MAP_FAILED, map(t->vp[1], MSHV_VP_MMAP_OFFSET_REGISTERS, VMM_PAGE));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_OK(tvm_next_out(t, 0, &value));
}

TEST_F(mmap, ghcb_page_is_for_others)
{
	EXPECT_EQ(MAP_FAILED, map(self->t.vp[0], MSHV_VP_MMAP_OFFSET_GHCB,
				  VMM_PAGE));
	EXPECT_EQ(ENODEV, errno);
}

TEST_F(mmap, other_offsets)
{
	static const unsigned int pages[] = { 3, 4, 255, 1 << 20 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		EXPECT_EQ(MAP_FAILED, map(self->t.vp[0], pages[i], VMM_PAGE));
		EXPECT_EQ(EINVAL, errno);
	}
}

/* There is one page; a longer mapping shows it again, and nothing else. */
TEST_F(mmap, length)
{
	__u8 *pages = map(self->t.vp[0], MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE,
			  4 * VMM_PAGE);
	unsigned int i;

	if (pages == MAP_FAILED) {
		EXPECT_EQ(EINVAL, errno);
		return;
	}
	ASSERT_OK(tvm_run(&self->t, 0));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, memcmp(pages + i * VMM_PAGE, &self->t.message,
				    16 + 128));
	munmap(pages, 4 * VMM_PAGE);
}

TEST_F(mmap, not_of_a_partition)
{
	EXPECT_EQ(MAP_FAILED, map(self->t.part, 0, VMM_PAGE));
	EXPECT_EQ(ENODEV, errno);
}

/* The mapping holds a reference: it stays when every descriptor is closed. */
TEST_F(mmap, outlives_the_descriptors)
{
	const struct hv_message *page =
		map(self->t.vp[0], MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE,
		    VMM_PAGE);
	struct hv_message message;

	ASSERT_NE(MAP_FAILED, page);
	ASSERT_OK(tvm_run(&self->t, 0));
	message = self->t.message;
	tvm_close(&self->t);
	EXPECT_EQ(0, memcmp(page, &message, 16 + 128));
	munmap((void *)page, VMM_PAGE);
}

TEST_F(mmap, child_process_inherits)
{
	const struct hv_message *page =
		map(self->t.vp[0], MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE,
		    VMM_PAGE);
	int status = -1;
	pid_t pid;

	ASSERT_NE(MAP_FAILED, page);
	ASSERT_OK(tvm_run(&self->t, 0));
	pid = fork();
	if (!pid)
		_exit(memcmp(page, &self->t.message, 16 + 128) ? 1 : 0);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	munmap((void *)page, VMM_PAGE);
}

/* A mapping must not grow or move over what it does not own. */
TEST_F(mmap, remap)
{
	void *page = map(self->t.vp[0], MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE,
			 VMM_PAGE);
	void *larger;

	ASSERT_NE(MAP_FAILED, page);
	larger = mremap(page, VMM_PAGE, 2 * VMM_PAGE, MREMAP_MAYMOVE);
	if (larger != MAP_FAILED) {
		ASSERT_OK(tvm_run(&self->t, 0));
		EXPECT_EQ(0, memcmp(larger, &self->t.message, 16 + 128));
		munmap(larger, 2 * VMM_PAGE);
	} else {
		munmap(page, VMM_PAGE);
	}
}

TEST_HARNESS_MAIN
