// SPDX-License-Identifier: GPL-2.0
/*
 * The tree of regions, and what may be put into it.
 */
#include <kunit/test.h>
#include <linux/rbtree.h>

struct mshv_region {
	struct rb_node rb;
	u64 first;
	u64 last;
	u64 subtree_last;
	u64 uaddr;
};

#include "region_tree.h"
#include "user_region.h"

#define NR_REGIONS	16
#define LENGTH		8
/* From the beginning of one to that of the next: with a gap of the same length. */
#define STEP		(2 * LENGTH)

static void fill(struct rb_root_cached *root, struct mshv_region *regions)
{
	unsigned int i, n;

	*root = RB_ROOT_CACHED;
	for (i = 0; i < NR_REGIONS; i++) {
		/* In no order. */
		n = i * 7 % NR_REGIONS;
		regions[n] = (struct mshv_region) {
			.first = n * STEP, .last = n * STEP + LENGTH - 1,
		};
		region_tree_insert(&regions[n], root);
	}
}

static void region_find(struct kunit *test)
{
	struct mshv_region regions[NR_REGIONS];
	struct rb_root_cached root;
	u64 gfn;

	fill(&root, regions);
	for (gfn = 0; gfn < NR_REGIONS * STEP; gfn++)
		KUNIT_EXPECT_PTR_EQ(test, region_tree_find(&root, gfn),
				    gfn % STEP < LENGTH ? &regions[gfn / STEP] :
							  NULL);
	KUNIT_EXPECT_NULL(test, region_tree_find(&root, MSHV_MAX_GFN));
}

static void region_overlap(struct kunit *test)
{
	static const struct {
		u64 first, last;
		int ret;
	} rows[] = {
		{ LENGTH, STEP - 1, 0 },	/* exactly the gap */
		{ LENGTH - 1, LENGTH, -EEXIST },
		{ STEP - 1, STEP, -EEXIST },
		{ 1, 2, -EEXIST },		/* within */
		{ 0, LENGTH - 1, -EEXIST },	/* the same */
		{ 0, MSHV_MAX_GFN, -EEXIST },	/* around all */
		{ NR_REGIONS * STEP, MSHV_MAX_GFN, 0 },
		{ MSHV_MAX_GFN, MSHV_MAX_GFN, 0 },
	};
	struct mshv_region regions[NR_REGIONS], added;
	struct rb_root_cached root;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fill(&root, regions);
		added = (struct mshv_region) {
			.first = rows[i].first, .last = rows[i].last,
		};
		KUNIT_EXPECT_EQ(test, region_tree_add(&root, &added), rows[i].ret);
		KUNIT_EXPECT_EQ(test, region_tree_find(&root, rows[i].last) == &added,
				!rows[i].ret);
	}
}

static void region_each(struct kunit *test)
{
	struct mshv_region regions[NR_REGIONS], *region;
	struct rb_root_cached root;
	u64 first, last;

	fill(&root, regions);
	for (first = 0; first < 3 * STEP; first++) {
		for (last = first; last < 6 * STEP; last++) {
			/* The first that ends behind the beginning. */
			unsigned int next = (first + STEP - LENGTH) / STEP;

			for (region = region_tree_iter_first(&root, first, last);
			     region;
			     region = region_tree_iter_next(region, first, last))
				KUNIT_ASSERT_PTR_EQ(test, region, &regions[next++]);
			KUNIT_EXPECT_GT(test, regions[next].first, last);
		}
	}
}

/* A region that is cut to its ends, to one of them, or taken out. */
static void region_replace(struct kunit *test)
{
	unsigned int ends, n = NR_REGIONS / 2;
	struct mshv_region regions[NR_REGIONS];
	struct mshv_region left, right;
	struct rb_root_cached root;
	u64 first = n * STEP, gfn;

	for (ends = 0; ends < 4; ends++) {
		fill(&root, regions);
		left = (struct mshv_region) { .first = first, .last = first + 1 };
		right = (struct mshv_region) {
			.first = first + LENGTH - 1, .last = first + LENGTH - 1,
		};
		region_tree_replace(&root, &regions[n], ends & 1 ? &left : NULL,
				    ends & 2 ? &right : NULL);
		for (gfn = first; gfn < first + LENGTH; gfn++) {
			struct mshv_region *wanted = NULL;

			if (gfn <= left.last && ends & 1)
				wanted = &left;
			if (gfn >= right.first && ends & 2)
				wanted = &right;
			KUNIT_EXPECT_PTR_EQ(test, region_tree_find(&root, gfn),
					    wanted);
		}
		KUNIT_EXPECT_PTR_EQ(test, region_tree_find(&root, first - STEP),
				    &regions[n - 1]);
		KUNIT_EXPECT_PTR_EQ(test, region_tree_find(&root, first + STEP),
				    &regions[n + 1]);
	}
}

static void region_address(struct kunit *test)
{
	struct mshv_region region = {
		.first = 0x100, .last = MSHV_MAX_GFN, .uaddr = 0x7f0000001000,
	};

	KUNIT_EXPECT_EQ(test, region_uaddr(&region, 0x100), 0x7f0000001000ULL);
	KUNIT_EXPECT_EQ(test, region_uaddr(&region, 0x103), 0x7f0000004000ULL);
	/* Beyond 4 GiB. */
	KUNIT_EXPECT_EQ(test, region_uaddr(&region, 0x200100), 0x7f0200001000ULL);
}

static void region_user(struct kunit *test)
{
	static const struct {
		struct mshv_user_mem_region user;
		int ret;
		u64 last;
	} rows[] = {
		{ { .size = 0x1000 }, 0, 0 },
		{ { .size = 0x3000, .guest_pfn = 5, .userspace_addr = 0x1000 }, 0, 7 },
		{ { .size = 0x1000, .guest_pfn = MSHV_MAX_GFN }, 0, MSHV_MAX_GFN },
		{ { .size = 0x2000, .guest_pfn = MSHV_MAX_GFN }, -EINVAL },
		{ { .size = 0x1000, .guest_pfn = MSHV_MAX_GFN + 1 }, -EINVAL },
		{ { .size = 0x2000, .guest_pfn = ~0ULL }, -EINVAL },
		{ { .size = 1ULL << 52, .guest_pfn = 0 }, 0, MSHV_MAX_GFN },
		{ { .size = 1ULL << 52, .guest_pfn = 1 }, -EINVAL },
		{ { .size = ~0xfffULL, .guest_pfn = ~0ULL - 5 }, -EINVAL },
		{ { .size = 0 }, -EINVAL },
		{ { .size = 0x1001 }, -EINVAL },
		{ { .size = 0x1000, .userspace_addr = 0x800 }, -EINVAL },
		{ { .size = 0x1000, .flags = MSHV_SET_MEM_FLAGS_MASK }, 0, 0 },
		{ { .size = 0x1000, .flags = MSHV_SET_MEM_FLAGS_MASK + 1 }, -EINVAL },
		{ { .size = 0x1000, .rsvd = { 0, 0, 0, 0, 0, 0, 1 } }, -EINVAL },
		{ { .size = 0x1000, .rsvd = { 1 } }, -EINVAL },
	};
	unsigned int i;
	u64 last;
	int ret;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		last = ~0ULL;
		ret = user_region_check(&rows[i].user, &last);
		KUNIT_EXPECT_EQ_MSG(test, ret, rows[i].ret, "row %u", i);
		if (!ret)
			KUNIT_EXPECT_EQ_MSG(test, last, rows[i].last, "row %u", i);
	}
}

/* By the numbers of the two interfaces. */
static void region_rights(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, user_region_map_flags(0), 0x8001U);
	KUNIT_EXPECT_EQ(test, user_region_map_flags(1), 0x8003U);
	KUNIT_EXPECT_EQ(test, user_region_map_flags(2), 0x800dU);
	KUNIT_EXPECT_EQ(test, user_region_map_flags(3), 0x800fU);
	KUNIT_EXPECT_EQ(test, user_region_map_flags(4), 0x8001U);
}

static struct kunit_case region_cases[] = {
	KUNIT_CASE(region_find),
	KUNIT_CASE(region_overlap),
	KUNIT_CASE(region_each),
	KUNIT_CASE(region_replace),
	KUNIT_CASE(region_address),
	KUNIT_CASE(region_user),
	KUNIT_CASE(region_rights),
	{ }
};

static struct kunit_suite region_suite = {
	.name = "mshv_region",
	.test_cases = region_cases,
};

kunit_test_suite(region_suite);

MODULE_DESCRIPTION("Tests of mshv's pure code");
MODULE_LICENSE("GPL");
