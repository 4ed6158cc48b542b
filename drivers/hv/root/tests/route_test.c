// SPDX-License-Identifier: GPL-2.0
/*
 * Routes: what an MSI's address and data mean, and which GSIs a table may have.
 */
#include <kunit/test.h>

#include "route.h"

static void route_fields(struct kunit *test)
{
	static const struct {
		u32 lo, hi, data;
		struct mshv_route route;
	} rows[] = {
		/* Nothing, as programs reserve a GSI. */
		{ 0, 0, 0, { } },
		/* The first vector that can be asserted, and the one before it. */
		{ 0xfee00000, 0, 0x10, { .valid = true, .vector = 0x10 } },
		{ 0xfee00000, 0, 0x0f, { .vector = 0x0f } },
		{ 0xfee00000, 0, 0xff, { .valid = true, .vector = 0xff } },
		/* Each bit of the destination, and its neighbours. */
		{ 0xfeeff000, 0, 0x40, { .valid = true, .vector = 0x40,
					 .destination = 0xff } },
		{ 0xfee01000, 0, 0x40, { .valid = true, .vector = 0x40,
					 .destination = 0x01 } },
		{ 0xfee80000, 0, 0x40, { .valid = true, .vector = 0x40,
					 .destination = 0x80 } },
		{ 0xfff00ff8, 0, 0x40, { .valid = true, .vector = 0x40 } },
		{ 0xfee02000, 0x100, 0x40, { .valid = true, .vector = 0x40,
					     .destination = 0x102 } },
		{ 0xfeeff000, 0xffffff00, 0x40, { .valid = true, .vector = 0x40,
						  .destination = 0xffffffff } },
		{ 0xfee00004, 0, 0x40, { .valid = true, .vector = 0x40,
					 .logical = true } },
		{ 0xfee00000, 0, 0x8040, { .valid = true, .vector = 0x40,
					   .level = true } },
		/* The level that is asserted is not looked at. */
		{ 0xfee00000, 0, 0x4040, { .valid = true, .vector = 0x40 } },
		/* By type: a vector is needed, or it is not. */
		{ 0xfee00000, 0, 0x100, { .type = 1 } },
		{ 0xfee00000, 0, 0x140, { .valid = true, .type = 1, .vector = 0x40 } },
		{ 0xfee00000, 0, 0x200, { .valid = true, .type = 2 } },
		{ 0xfee00000, 0, 0x400, { .valid = true, .type = 4 } },
		{ 0xfee00000, 0, 0x700, { .valid = true, .type = 7 } },
		{ 0xfee00000, 0, 0x800, { } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct mshv_route *wanted = &rows[i].route;
		struct mshv_user_irq_entry entry = {
			.address_lo = rows[i].lo, .address_hi = rows[i].hi,
			.data = rows[i].data,
		};
		struct mshv_route route = { };

		KUNIT_ASSERT_EQ_MSG(test, route_parse(&entry, &route), 0, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, route.valid, wanted->valid, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, route.level, wanted->level, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, route.logical, wanted->logical, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, route.type, wanted->type, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, route.vector, wanted->vector, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, route.destination, wanted->destination,
				    "row %u", i);
	}
}

/* Each of the low bits of the upper half is one too many. */
static void route_refused(struct kunit *test)
{
	struct mshv_user_irq_entry entry = { .address_lo = 0xfee00000, .data = 0x40 };
	struct mshv_route route;
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		entry.address_hi = 1U << bit;
		KUNIT_EXPECT_EQ_MSG(test, route_parse(&entry, &route),
				    bit < 8 ? -EINVAL : 0, "bit %u", bit);
	}
}

static void route_gsis(struct kunit *test)
{
	static const struct {
		u32 gsis[4];
		unsigned int nr;
		int ret;
	} rows[] = {
		{ { 0 }, 1, 0 },
		{ { 5 }, 1, 5 },
		{ { 2, 9, 1 }, 3, 9 },
		{ { MSHV_MAX_ROUTES - 1, 0 }, 2, MSHV_MAX_ROUTES - 1 },
		{ { MSHV_MAX_ROUTES }, 1, -EINVAL },
		{ { 1, 2, ~0U, 3 }, 4, -EINVAL },
		{ { 3, 3 }, 2, -EINVAL },
		{ { 7, 0, 1, 7 }, 4, -EINVAL },
		/* What is behind the last one is not looked at. */
		{ { 1, 2, 1 }, 2, 2 },
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		DECLARE_BITMAP(seen, MSHV_MAX_ROUTES) = { };
		struct mshv_user_irq_entry entries[4] = { };

		for (j = 0; j < ARRAY_SIZE(entries); j++)
			entries[j].gsi = rows[i].gsis[j];
		KUNIT_EXPECT_EQ_MSG(test, route_check_gsis(entries, rows[i].nr, seen),
				    rows[i].ret, "row %u", i);
	}
}

static struct kunit_case route_cases[] = {
	KUNIT_CASE(route_fields),
	KUNIT_CASE(route_refused),
	KUNIT_CASE(route_gsis),
	{ }
};

static struct kunit_suite route_suite = {
	.name = "mshv_route",
	.test_cases = route_cases,
};

kunit_test_suite(route_suite);
