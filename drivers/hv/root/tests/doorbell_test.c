// SPDX-License-Identifier: GPL-2.0
/*
 * Which writes ring a doorbell, and the vectors of a processor that sleeps.
 */
#include <kunit/test.h>

struct mshv_ioeventfd {
	void *eventfd;
	u64 addr;
	u64 datamatch;
	u32 len;
	bool wildcard;
	bool pio;
};

#include "doorbell_rules.h"
#include "vector_list.h"

static void doorbell_sizes(struct kunit *test)
{
	static const struct {
		u32 len;
		u64 flags;
	} rows[] = { { 0, 0 }, { 1, 1 }, { 2, 2 }, { 4, 3 }, { 8, 4 } };
	struct mshv_ioeventfd p = { };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		p.len = rows[i].len;
		p.wildcard = false;
		KUNIT_EXPECT_EQ(test, doorbell_flags(&p), rows[i].flags);
		p.wildcard = true;
		KUNIT_EXPECT_EQ(test, doorbell_flags(&p), rows[i].flags | 0x80000000ULL);
	}
}

/* Two that differ in one thing each. */
static void doorbell_pairs(struct kunit *test)
{
	static char one, two;
	const struct mshv_ioeventfd base = {
		.eventfd = &one, .addr = 0x1000, .datamatch = 7, .len = 4,
	};
	struct mshv_ioeventfd other = base, any = base;

	KUNIT_EXPECT_TRUE(test, doorbell_collide(&base, &other));
	KUNIT_EXPECT_TRUE(test, doorbell_same(&base, &other));

	other.eventfd = &two;
	KUNIT_EXPECT_TRUE(test, doorbell_collide(&base, &other));
	KUNIT_EXPECT_FALSE(test, doorbell_same(&base, &other));

	other = base;
	other.addr++;
	KUNIT_EXPECT_FALSE(test, doorbell_collide(&base, &other));
	KUNIT_EXPECT_FALSE(test, doorbell_same(&base, &other));

	other = base;
	other.len = 8;
	KUNIT_EXPECT_FALSE(test, doorbell_collide(&base, &other));
	KUNIT_EXPECT_FALSE(test, doorbell_same(&base, &other));

	other = base;
	other.pio = true;
	KUNIT_EXPECT_FALSE(test, doorbell_collide(&base, &other));
	KUNIT_EXPECT_FALSE(test, doorbell_same(&base, &other));

	other = base;
	other.datamatch++;
	KUNIT_EXPECT_FALSE(test, doorbell_collide(&base, &other));
	KUNIT_EXPECT_FALSE(test, doorbell_same(&base, &other));

	/* One that is for any value is for this one as well, but is another one. */
	any.wildcard = true;
	KUNIT_EXPECT_TRUE(test, doorbell_collide(&other, &any));
	KUNIT_EXPECT_TRUE(test, doorbell_collide(&any, &other));
	KUNIT_EXPECT_FALSE(test, doorbell_same(&base, &any));
	other = any;
	other.datamatch++;
	KUNIT_EXPECT_TRUE(test, doorbell_same(&other, &any));
}

static void doorbell_port_writes(struct kunit *test)
{
	static const struct {
		struct mshv_ioeventfd p;
		u32 size, value;
		bool matches;
	} rows[] = {
		{ { .len = 1, .datamatch = 0x12 }, 1, 0x12, true },
		{ { .len = 1, .datamatch = 0x12 }, 1, 0x13, false },
		/* Only what is written counts. */
		{ { .len = 1, .datamatch = 0x12 }, 1, 0xffffff12, true },
		{ { .len = 1, .datamatch = 0xff12 }, 1, 0x12, true },
		{ { .len = 2, .datamatch = 0x1234 }, 2, 0xffff1234, true },
		{ { .len = 2, .datamatch = 0x1234 }, 2, 0x1334, false },
		{ { .len = 4, .datamatch = 0x12345678 }, 4, 0x12345678, true },
		{ { .len = 4, .datamatch = 0x12345678 }, 4, 0x92345678, false },
		{ { .len = 1, .wildcard = true }, 1, 0x99, true },
		{ { .len = 1, .wildcard = true }, 2, 0x99, false },
		{ { .len = 4, .datamatch = 1 }, 2, 1, false },
		/* Of any size. */
		{ { .datamatch = 0x12 }, 1, 0x5512, true },
		{ { .datamatch = 0x12 }, 2, 0x5512, false },
		{ { .wildcard = true }, 4, 0x5512, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    doorbell_matches(&rows[i].p, rows[i].size,
						     rows[i].value),
				    rows[i].matches, "row %u", i);
}

/* The list is full after seven; one that is in it takes no other place. */
static void vectors_listed(struct kunit *test)
{
	u64 list = 0, before, wanted = 0;
	unsigned int i;

	for (i = 0; i < 7; i++) {
		KUNIT_EXPECT_TRUE(test, vector_list_add(list, 0x40 + i, &list));
		wanted = (wanted & ~0xffULL) | (i + 1) | (0x40ULL + i) << 8 * (i + 1);
		KUNIT_EXPECT_EQ(test, list, wanted);
		before = list;
		if (i < 6) {
			KUNIT_EXPECT_TRUE(test, vector_list_add(list, 0x40, &list));
			KUNIT_EXPECT_TRUE(test, vector_list_add(list, 0x40 + i, &list));
		}
		KUNIT_EXPECT_EQ(test, list, before);
	}
	KUNIT_EXPECT_FALSE(test, vector_list_add(list, 0x50, &list));
	KUNIT_EXPECT_EQ(test, list, wanted);
	/* User space writes to the page as well; behind the last one there may be anything. */
	KUNIT_EXPECT_TRUE(test, vector_list_add(0x504001, 0x50, &list));
	KUNIT_EXPECT_EQ(test, list, 0x504002ULL);
	KUNIT_EXPECT_FALSE(test, vector_list_add(~0ULL, 0x50, &list));
	KUNIT_EXPECT_EQ(test, list, ~0ULL);
}

static struct kunit_case doorbell_cases[] = {
	KUNIT_CASE(doorbell_sizes),
	KUNIT_CASE(doorbell_pairs),
	KUNIT_CASE(doorbell_port_writes),
	KUNIT_CASE(vectors_listed),
	{ }
};

static struct kunit_suite doorbell_suite = {
	.name = "mshv_doorbell",
	.test_cases = doorbell_cases,
};

kunit_test_suite(doorbell_suite);
