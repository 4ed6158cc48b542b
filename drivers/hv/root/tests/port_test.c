// SPDX-License-Identifier: GPL-2.0
/* Numbers of doorbell ports. */
#include <kunit/test.h>

#include "port_table.h"

static char a, b;

static void port_init(struct port_table *table)
{
	memset(table, 0, sizeof(*table));
	mutex_init(&table->lock);
}

static void *port_find(struct port_table *table, u32 port_id)
{
	void *what;

	rcu_read_lock();
	what = port_table_find(table, port_id);
	rcu_read_unlock();
	return what;
}

static void port_numbers(struct kunit *test)
{
	struct port_table table;
	u32 first, second;

	port_init(&table);
	KUNIT_EXPECT_NULL(test, port_find(&table, 1));
	KUNIT_EXPECT_EQ(test, port_table_add(&table, &a, &first), 0);
	KUNIT_EXPECT_EQ(test, port_table_add(&table, &b, &second), 0);
	/* 0 is an empty slot. */
	KUNIT_EXPECT_EQ(test, first, 1U);
	KUNIT_EXPECT_EQ(test, second, 2U);
	KUNIT_EXPECT_PTR_EQ(test, port_find(&table, first), (void *)&a);
	KUNIT_EXPECT_PTR_EQ(test, port_find(&table, second), (void *)&b);
	KUNIT_EXPECT_NULL(test, port_find(&table, 0));
	KUNIT_EXPECT_NULL(test, port_find(&table, PORT_SLOTS_MIN));
	KUNIT_EXPECT_NULL(test, port_find(&table, ~0U));
	port_table_destroy(&table);
}

/* A number that was freed does not come again for long, and is not found. */
static void port_late(struct kunit *test)
{
	const u32 mask = PORT_SLOTS_MAX - 1;
	struct port_table table;
	u32 first, id, slots = 0;

	port_init(&table);
	KUNIT_EXPECT_EQ(test, port_table_add(&table, &a, &first), 0);
	port_table_free(&table, first);
	do {
		KUNIT_EXPECT_NULL(test, port_find(&table, first));
		KUNIT_EXPECT_EQ(test, port_table_add(&table, &b, &id), 0);
		KUNIT_EXPECT_PTR_EQ(test, port_find(&table, id), (void *)&b);
		port_table_free(&table, id);
		slots++;
	} while ((id & mask) != (first & mask));
	KUNIT_EXPECT_NE(test, id, first);
	KUNIT_EXPECT_GE(test, slots, (u32)PORT_FREE_MIN);
	KUNIT_EXPECT_LE(test, id, 0xffffffU);
	port_table_destroy(&table);
}

/* They have 24 bits, however often a slot is used. */
static void port_wraps(struct kunit *test)
{
	struct port_table table;
	u32 i, id, highest = 0;

	port_init(&table);
	for (i = 0; i < (PORT_SLOTS_MIN << PORT_USE_BITS); i++) {
		KUNIT_EXPECT_EQ(test, port_table_add(&table, &a, &id), 0);
		KUNIT_EXPECT_NE(test, id, 0U);
		highest = max(highest, id);
		port_table_free(&table, id);
	}
	KUNIT_EXPECT_LE(test, highest, 0xffffffU);
	KUNIT_EXPECT_GE(test, highest, 0xf00000U);
	port_table_destroy(&table);
}

/* What is there stays where it is when the table grows. */
static void port_grows(struct kunit *test)
{
	const u32 nr = 3 * PORT_SLOTS_MIN;
	struct port_table table;
	u32 *ids = kunit_kcalloc(test, nr, sizeof(*ids), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, ids);
	port_init(&table);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, port_table_add(&table, &ids[i], &ids[i]), 0);
		KUNIT_EXPECT_GE(test, table.nr_free, (u32)PORT_FREE_MIN - 1);
	}
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_PTR_EQ(test, port_find(&table, ids[i]), (void *)&ids[i]);
	for (i = 0; i < nr; i++)
		port_table_free(&table, ids[i]);
	KUNIT_EXPECT_NULL(test, port_find(&table, ids[nr - 1]));
	port_table_destroy(&table);
}

/* A reserved number has nothing behind it, and belongs to its owner. */
static void port_reserved(struct kunit *test)
{
	struct port_table table;
	u32 first, id, i;

	port_init(&table);
	KUNIT_EXPECT_EQ(test, port_table_add(&table, &a, &first), 0);
	port_table_reserve(&table, first);
	KUNIT_EXPECT_NULL(test, port_find(&table, first));
	for (i = 0; i < 2 * PORT_SLOTS_MIN; i++) {
		KUNIT_EXPECT_EQ(test, port_table_add(&table, &b, &id), 0);
		KUNIT_EXPECT_NE(test, id, first);
		port_table_free(&table, id);
	}
	port_table_set(&table, first, &a);
	KUNIT_EXPECT_PTR_EQ(test, port_find(&table, first), (void *)&a);
	port_table_free(&table, first);
	KUNIT_EXPECT_NULL(test, port_find(&table, first));
	port_table_destroy(&table);
}

static struct kunit_case port_cases[] = {
	KUNIT_CASE(port_numbers),
	KUNIT_CASE(port_late),
	KUNIT_CASE(port_wraps),
	KUNIT_CASE(port_grows),
	KUNIT_CASE(port_reserved),
	{ }
};

static struct kunit_suite port_suite = {
	.name = "mshv_port",
	.test_cases = port_cases,
};

kunit_test_suite(port_suite);
