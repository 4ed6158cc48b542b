// SPDX-License-Identifier: GPL-2.0
/*
 * What a device of the root reaches from boot on: memory of the root, and nothing else.
 *
 * Needs a machine with remapping hardware and QEMU's "edu" device; skipped otherwise.
 */
#include <string.h>

#include <hyperv/hv_status.h>

#include "dmatest.h"
#include "harness.h"
#include "testvm.h"

#define IMAGE		0x10000000ull	/* of rootvisor: what the loader has read */
#define UNIT		0xfed90000ull
#define NOWHERE		0x7f00000000ull	/* behind all memory */

FIXTURE(dma) {
	struct dmatest t;
};

FIXTURE_SETUP(dma)
{
	const char *reason;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	reason = dmatest_start(&self->t);
	if (reason)
		SKIP(return, "%s", reason);
}

FIXTURE_TEARDOWN(dma)
{
	dmatest_end(&self->t);
}

/* Does a read bring nothing?  What was in the device's buffer stays. */
static int reads_nothing(struct dmatest *t, __u64 address)
{
	__u64 word;

	dmatest_fill(t, PATTERN);
	dmatest_mark(t);
	edu_load(&t->edu, address, sizeof(word));
	if (!dmatest_blocked(t, address, 0))
		return 0;
	t->page[0] = OTHER;
	edu_store(&t->edu, t->address, sizeof(word));
	return t->page[0] != OTHER;
}

TEST_F(dma, memory_of_the_root)
{
	__u64 address, *page = dmatest_page(&address);

	ASSERT_NE(NULL, page);
	dmatest_fill(&self->t, PATTERN);
	edu_store(&self->t.edu, address, DMA_PAGE);
	EXPECT_EQ(PATTERN, page[0]);
	EXPECT_EQ(PATTERN, page[DMA_WORDS - 1]);
	EXPECT_EQ(0, dmatest_faults(&self->t));
	dmatest_page_free(page);
}

TEST_F(dma, the_hypervisor)
{
	/* If it can be read, it is not to be written to. */
	ASSERT_TRUE(reads_nothing(&self->t, IMAGE));
	dmatest_mark(&self->t);
	edu_store(&self->t.edu, IMAGE, 8);
	EXPECT_TRUE(dmatest_blocked(&self->t, IMAGE, 1));
}

TEST_F(dma, the_remapping_unit)
{
	EXPECT_TRUE(reads_nothing(&self->t, UNIT));
}

TEST_F(dma, behind_all_memory)
{
	EXPECT_TRUE(reads_nothing(&self->t, NOWHERE));
}

/* A page that the device has just written to, so that its translation is cached. */
TEST_F(dma, a_deposited_page)
{
	__u64 address, back = 0, *page = dmatest_page(&address);

	ASSERT_NE(NULL, page);
	dmatest_fill(&self->t, PATTERN);
	edu_store(&self->t.edu, address, 8);
	ASSERT_EQ(PATTERN, page[0]);
	dmatest_mark(&self->t);
	ASSERT_EQ(HV_STATUS_SUCCESS, dmatest_deposit(&self->t, address));
	edu_store(&self->t.edu, address, 8);
	EXPECT_TRUE(dmatest_blocked(&self->t, address, 1));
	EXPECT_EQ(HV_STATUS_SUCCESS, dmatest_withdraw(&self->t, &back));
	ASSERT_EQ(address, back);

	/* It is there again, and was not written to. */
	EXPECT_NE(PATTERN, page[0]);
	dmatest_mark(&self->t);
	edu_store(&self->t.edu, address, 8);
	EXPECT_EQ(PATTERN, page[0]);
	EXPECT_EQ(0, dmatest_faults(&self->t));
	dmatest_page_free(page);
}

/* Its neighbours stay, also when the large page that it was in is split. */
TEST_F(dma, neighbours_of_a_deposited_page)
{
	__u64 address, back, *page = dmatest_page(&address);
	__u64 near, *other = dmatest_page(&near);

	ASSERT_NE(NULL, page);
	ASSERT_NE(NULL, other);
	dmatest_fill(&self->t, PATTERN);
	dmatest_mark(&self->t);
	ASSERT_EQ(HV_STATUS_SUCCESS, dmatest_deposit(&self->t, address));
	edu_store(&self->t.edu, near, 8);
	EXPECT_EQ(PATTERN, other[0]);
	EXPECT_EQ(0, dmatest_faults(&self->t));
	EXPECT_EQ(HV_STATUS_SUCCESS, dmatest_withdraw(&self->t, &back));
	dmatest_page_free(other);
	dmatest_page_free(page);
}

TEST_HARNESS_MAIN
