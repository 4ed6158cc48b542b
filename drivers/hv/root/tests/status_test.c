// SPDX-License-Identifier: GPL-2.0
/*
 * What result words mean.
 */
#include <kunit/test.h>

#include "copies.h"

#include <hv/status.c>

#include "base/status_rules.h"

/* Requests for memory, as numbers. */
static bool asks(unsigned int status)
{
	return status == 0x0b || status == 0x73 || status == 0x75 || status == 0x83;
}

static void status_memory(struct kunit *test)
{
	unsigned int status;

	for (status = 0; status < 0x10000; status++) {
		KUNIT_ASSERT_EQ(test, status_wants_memory(status), asks(status));
		KUNIT_ASSERT_EQ(test, status_wants_memory(status | 0xfffULL << 32),
				asks(status));
		KUNIT_ASSERT_EQ(test, status_errno(status) == -ENOMEM, asks(status));
	}
	KUNIT_EXPECT_FALSE(test, status_wants_memory(~0ULL));
}

static void status_errnos(struct kunit *test)
{
	static const struct {
		u64 result;
		int error;
	} rows[] = {
		{ 0, 0 },
		{ 7ULL << 32, 0 },		/* elements that were done */
		{ 0x02, -EINVAL },
		{ 0x05 | 1ULL << 32, -EINVAL },
		{ 0x06, -EACCES },
		{ 0x07, -EBADFD },
		{ 0x0d, -EINVAL },
		{ 0x20, -EOPNOTSUPP },
		{ 0x79, -EIO },
		{ 0x87, -EINVAL },
		{ 0x8000, -EIO },		/* none that is known */
		{ ~0ULL, -EOPNOTSUPP },		/* no hypercall page */
		{ ~0ULL - 1, -EIO },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, status_errno(rows[i].result), rows[i].error,
				    "row %u", i);
}

/* No status is in the table twice, and each has a name and an errno. */
static void status_table(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(hv_status_table); i++) {
		const struct hv_status_entry *e = &hv_status_table[i];

		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, e->code, hv_status_table[j].code);
		KUNIT_EXPECT_STREQ(test, hv_status_name(e->code), e->name);
		KUNIT_EXPECT_EQ(test, hv_status_errno(e->code), -(int)e->error);
		KUNIT_EXPECT_EQ(test, !e->code, !e->error);
	}
	KUNIT_EXPECT_STREQ(test, hv_status_name(0x7fff), "unknown status");
	KUNIT_EXPECT_STREQ(test, hv_call_name(0x40), "HVCALL_CREATE_PARTITION");
	KUNIT_EXPECT_STREQ(test, hv_call_name(0x7fff), "unknown call");
}

static struct kunit_case status_cases[] = {
	KUNIT_CASE(status_memory),
	KUNIT_CASE(status_errnos),
	KUNIT_CASE(status_table),
	{ }
};

static struct kunit_suite status_suite = {
	.name = "mshv_status",
	.test_cases = status_cases,
};

kunit_test_suite(status_suite);
