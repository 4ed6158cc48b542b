// SPDX-License-Identifier: GPL-2.0
/*
 * Device domains: the hypercalls as the root makes them, and what QEMU's "edu" device reaches.
 *
 * Needs a machine with remapping hardware, and is skipped otherwise.
 */
#include <string.h>

#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_iommu.h>
#include <hyperv/hv_memory.h>
#include <hyperv/hv_status.h>

#include "domaincalls.h"
#include "harness.h"
#include "rvbooks.h"
#include "testvm.h"

#define ROOT		1		/* the root's partition id */
#define NUMBER		77u
#define IOVA		0x123456000ull
#define IMAGE_PAGE	0x10000ull	/* of rootvisor */
#define UNIT_PAGE	0xfed90ull

FIXTURE(domains) {
	struct dmatest t;
	struct books before;
};

FIXTURE_SETUP(domains)
{
	const char *reason;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	reason = domaintest_start(&self->t, NUMBER);
	if (reason)
		SKIP(return, "%s", reason);
}

FIXTURE_TEARDOWN(domains)
{
	EXPECT_EQ(0, domaintest_end(&self->t, NUMBER));
	EXPECT_EQ(0, books_value(RV_BOOKS_DOMAINS));
	EXPECT_EQ(0, books_value(RV_BOOKS_ATTACHMENTS));
	EXPECT_EQ(0, books_value(RV_BOOKS_DEVICE_PAGES));
	EXPECT_EQ(self->before.value[RV_BOOKS_SELF_IN_USE],
		  books_value(RV_BOOKS_SELF_IN_USE));
}

/* The device reaches the page at the IOVA, as long as it is mapped, and nothing else. */
TEST_F(domains, mapped_and_unmapped)
{
	struct dmatest *t = &self->t;

	dmatest_fill(t, PATTERN);
	t->page[0] = 0;
	ASSERT_EQ(HV_STATUS_SUCCESS, domain_attach(t, NUMBER, t->edu.id));
	EXPECT_EQ(NUMBER, domain_of(t));
	dmatest_mark(t);
	edu_store(&t->edu, IOVA, 8);
	EXPECT_TRUE(dmatest_blocked(t, IOVA, 1));

	ASSERT_EQ(HV_STATUS_SUCCESS, domain_map_one(t, NUMBER, IOVA, t->address));
	EXPECT_EQ(1, books_value(RV_BOOKS_DEVICE_PAGES));
	dmatest_mark(t);
	edu_store(&t->edu, IOVA, 8);
	EXPECT_EQ(PATTERN, t->page[0]);
	EXPECT_EQ(0, dmatest_faults(t));

	/* Not by its physical address. */
	t->page[0] = 0;
	edu_store(&t->edu, t->address, 8);
	EXPECT_TRUE(dmatest_blocked(t, t->address, 1));

	EXPECT_EQ(HV_STATUS_SUCCESS, domain_unmap(t, NUMBER, IOVA, 1));
	dmatest_mark(t);
	edu_store(&t->edu, IOVA, 8);
	EXPECT_TRUE(dmatest_blocked(t, IOVA, 1));
	EXPECT_EQ(0, t->page[0]);
}

/* A page that can only be read: the first access of the device is the write. */
TEST_F(domains, read_only)
{
	struct dmatest *t = &self->t;

	dmatest_fill(t, PATTERN);
	t->page[0] = 0;
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  domain_map(t, NUMBER, IOVA, HV_MAP_GPA_READABLE, &t->address, 1, NULL));
	ASSERT_EQ(HV_STATUS_SUCCESS, domain_attach(t, NUMBER, t->edu.id));
	dmatest_mark(t);
	edu_store(&t->edu, IOVA, 8);
	EXPECT_TRUE(dmatest_blocked(t, IOVA, 1));
	EXPECT_EQ(0, t->page[0]);
	t->page[0] = OTHER;
	dmatest_mark(t);
	edu_load(&t->edu, IOVA, 8);
	EXPECT_EQ(0, dmatest_faults(t));
	ASSERT_EQ(HV_STATUS_SUCCESS, domain_detach(t, t->edu.id));
	t->page[0] = 0;
	edu_store(&t->edu, t->address, 8);
	EXPECT_EQ(OTHER, t->page[0]);
}

/* Moved and back: what the unit had cached of a domain is gone. */
TEST_F(domains, another_domain)
{
	struct dmatest *t = &self->t;

	dmatest_fill(t, PATTERN);
	edu_store(&t->edu, t->address, 8);
	ASSERT_EQ(HV_STATUS_SUCCESS, domain_attach(t, HV_DEVICE_DOMAIN_ID_S2_NULL, t->edu.id));
	EXPECT_EQ(HV_DEVICE_DOMAIN_ID_S2_NULL, domain_of(t));
	EXPECT_EQ(1, books_value(RV_BOOKS_ATTACHMENTS));
	t->page[0] = 0;
	dmatest_mark(t);
	edu_store(&t->edu, t->address, 8);
	EXPECT_TRUE(dmatest_blocked(t, t->address, 1));
	EXPECT_EQ(0, t->page[0]);
	EXPECT_EQ(HV_STATUS_DEVICE_ALREADY_IN_DOMAIN,
		  domain_attach(t, HV_DEVICE_DOMAIN_ID_S2_NULL, t->edu.id));
	ASSERT_EQ(HV_STATUS_SUCCESS, domain_attach(t, NUMBER, t->edu.id));
	EXPECT_EQ(HV_STATUS_OBJECT_IN_USE, domain_delete(t, NUMBER));
	ASSERT_EQ(HV_STATUS_SUCCESS, domain_detach(t, t->edu.id));
	EXPECT_EQ(HV_DEVICE_DOMAIN_ID_S2_DEFAULT, domain_of(t));
	dmatest_mark(t);
	edu_store(&t->edu, t->address, 8);
	EXPECT_EQ(PATTERN, t->page[0]);
	EXPECT_EQ(0, dmatest_faults(t));
}

/* What would be an escape. */
TEST_F(domains, foreign_pages)
{
	struct dmatest *t = &self->t;
	__u64 address, back, *page = dmatest_page(&address);

	ASSERT_NE(NULL, page);
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED,
		  domain_map_one(t, NUMBER, IOVA, IMAGE_PAGE * DMA_PAGE));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED, domain_map_one(t, NUMBER, IOVA, UNIT_PAGE * DMA_PAGE));
	ASSERT_EQ(HV_STATUS_SUCCESS, dmatest_deposit(t, address));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED, domain_map_one(t, NUMBER, IOVA, address));
	EXPECT_EQ(HV_STATUS_SUCCESS, dmatest_withdraw(t, &back));
	ASSERT_EQ(address, back);
	ASSERT_EQ(HV_STATUS_SUCCESS, domain_map_one(t, NUMBER, IOVA, address));
	/* Nor is it deposited while it is mapped. */
	EXPECT_EQ(HV_STATUS_OBJECT_IN_USE, dmatest_deposit(t, address));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, domain_map_one(t, NUMBER, IOVA, t->address));
	EXPECT_EQ(HV_STATUS_SUCCESS, domain_unmap(t, NUMBER, IOVA, 1));
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED,
		  domain_map_one(t, HV_DEVICE_DOMAIN_ID_S2_DEFAULT, IOVA, address));
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED,
		  domain_unmap(t, HV_DEVICE_DOMAIN_ID_S2_NULL, IOVA, 1));
	dmatest_page_free(page);
}

/* As many as fit into a call, with memory that is asked for, and as many as can be unmapped. */
TEST_F(domains, many_pages)
{
	static __u64 list[HV_MAP_DEVICE_GPA_MAX_PAGES];
	struct dmatest *t = &self->t;
	unsigned int i, done, mapped = 0;

	for (i = 0; i < HV_MAP_DEVICE_GPA_MAX_PAGES; i++)
		list[i] = t->address;
	rv_dry(ROOT, 1);
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY,
		  domain_map(t, NUMBER, IOVA, HV_MAP_GPA_READABLE, list, 1, &done));
	EXPECT_EQ(0, done);
	rv_dry(ROOT, 0);
	while (mapped < HV_UNMAP_DEVICE_GPA_MAX_PAGES) {
		unsigned int n = HV_UNMAP_DEVICE_GPA_MAX_PAGES - mapped;

		if (n > HV_MAP_DEVICE_GPA_MAX_PAGES)
			n = HV_MAP_DEVICE_GPA_MAX_PAGES;
		ASSERT_EQ(HV_STATUS_SUCCESS,
			  domain_map(t, NUMBER, IOVA + mapped * DMA_PAGE, HV_MAP_GPA_READABLE,
				     list, n, &done));
		EXPECT_EQ(n, done);
		mapped += done;
	}
	EXPECT_EQ(mapped, books_value(RV_BOOKS_DEVICE_PAGES));
	EXPECT_EQ(HV_STATUS_SUCCESS, domain_unmap(t, NUMBER, IOVA, mapped));
	EXPECT_EQ(0, books_value(RV_BOOKS_DEVICE_PAGES));
	/* What is left is freed with the domain. */
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  domain_map(t, NUMBER, 0, HV_MAP_GPA_READABLE, list, 507, &done));
}

TEST_HARNESS_MAIN
