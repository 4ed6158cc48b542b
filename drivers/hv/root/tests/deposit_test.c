// SPDX-License-Identifier: GPL-2.0
/*
 * How much is deposited, and for whom.
 */
#include <kunit/test.h>

#include "base/deposit_rules.h"

static void deposit_orders(struct kunit *test)
{
	unsigned int nr, order;

	for (nr = 1; nr <= HV_DEPOSIT_MAX; nr++) {
		/* With a guard little is left or all is used, without one all. */
		order = deposit_order(nr, 1);
		KUNIT_EXPECT_LT(test, (order > 5 ? 3U : 2U) << order >> 2, nr + 1);
		KUNIT_EXPECT_GT(test, 2U << order, nr);
		order = deposit_order(nr, 0);
		KUNIT_EXPECT_LE(test, 1U << order, nr);
		KUNIT_EXPECT_GT(test, 1U << (order + 1), nr);
	}
	/* Four processors; larger ones than the next are not looked for. */
	KUNIT_EXPECT_EQ(test, deposit_order(360, 1), 8U);
	KUNIT_EXPECT_EQ(test, deposit_order(512, 0), 9U);
	KUNIT_EXPECT_EQ(test, deposit_order(512, 1), 9U);
	KUNIT_EXPECT_EQ(test, deposit_order(100000, 1), 9U);
}

static void deposit_grows(struct kunit *test)
{
	static const unsigned int wanted[] = { 1, 2, 4, 8, 16, 32, 64, 64, 64 };
	struct hvr_retry retry = { };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wanted); i++)
		KUNIT_EXPECT_EQ(test, deposit_next(&retry), wanted[i]);
	/* What begins beyond that stays where it is. */
	retry.pages = HVR_PAGES_MAP;
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, deposit_next(&retry), 256U);
	retry.pages = 63;
	KUNIT_EXPECT_EQ(test, deposit_next(&retry), 63U);
	KUNIT_EXPECT_EQ(test, deposit_next(&retry), 126U);
	KUNIT_EXPECT_EQ(test, deposit_next(&retry), 126U);
}

/* A partition that gets one processor after the other. */
static void deposit_processors(struct kunit *test)
{
	static const unsigned int wanted[] = { 1, 1, 2, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4 };
	struct hvr_pool pool = { };
	unsigned int i, vps;

	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		vps = deposit_vps(&pool);
		KUNIT_EXPECT_EQ_MSG(test, vps, wanted[i], "processor %u", i);
		pool.vps += vps;
		pool.spare += (long)vps * HVR_PAGES_VP - HVR_PAGES_VP;
	}
	pool.spare = HVR_PAGES_VP - 1;
	KUNIT_EXPECT_EQ(test, deposit_vps(&pool), 4U);
	pool.spare = HVR_PAGES_VP;
	KUNIT_EXPECT_EQ(test, deposit_vps(&pool), 0U);
	/* More was taken than was known. */
	pool.spare = -1;
	KUNIT_EXPECT_EQ(test, deposit_vps(&pool), 4U);
}

/* By number: 5, 6, 8 and 19 are about a page. */
static void deposit_blame(struct kunit *test)
{
	unsigned int status;

	for (status = 0; status < 0x10000; status++) {
		bool page = status == 0x05 || status == 0x06 || status == 0x08 ||
			    status == 0x19;

		KUNIT_ASSERT_EQ(test, deposit_blames_page(status), page);
		/* However many were taken. */
		KUNIT_ASSERT_EQ(test, deposit_blames_page(status | 3ULL << 32), page);
	}
	KUNIT_EXPECT_FALSE(test, deposit_blames_page(~0ULL));
}

static struct kunit_case deposit_cases[] = {
	KUNIT_CASE(deposit_orders),
	KUNIT_CASE(deposit_grows),
	KUNIT_CASE(deposit_processors),
	KUNIT_CASE(deposit_blame),
	{ }
};

static struct kunit_suite deposit_suite = {
	.name = "mshv_deposit",
	.test_cases = deposit_cases,
};

kunit_test_suite(deposit_suite);
