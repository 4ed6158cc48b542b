// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers of doorbell ports.
 */
#include <kunit/test.h>

#include "port_table.h"

static char a, b, c;

static void port_init(struct port_table *table, u32 next)
{
	xa_init_flags(&table->ports, XA_FLAGS_ALLOC1);
	table->next = next;
}

static void port_numbers(struct kunit *test)
{
	struct port_table table;
	u32 first, second;

	port_init(&table, 0);
	KUNIT_EXPECT_EQ(test, port_table_add(&table, &a, &first), 0);
	KUNIT_EXPECT_EQ(test, port_table_add(&table, &b, &second), 0);
	/* 0 is an empty slot. */
	KUNIT_EXPECT_EQ(test, first, 1U);
	KUNIT_EXPECT_EQ(test, second, 2U);
	KUNIT_EXPECT_PTR_EQ(test, port_table_find(&table, first), (void *)&a);
	KUNIT_EXPECT_PTR_EQ(test, port_table_find(&table, second), (void *)&b);
	KUNIT_EXPECT_NULL(test, port_table_find(&table, 0));
	KUNIT_EXPECT_NULL(test, port_table_find(&table, 3));
	xa_destroy(&table.ports);
}

/* A number that was freed is not the next one that is handed out. */
static void port_round_robin(struct kunit *test)
{
	struct port_table table;
	u32 first, second;

	port_init(&table, 0);
	KUNIT_EXPECT_EQ(test, port_table_add(&table, &a, &first), 0);
	port_table_free(&table, first);
	KUNIT_EXPECT_NULL(test, port_table_find(&table, first));
	KUNIT_EXPECT_EQ(test, port_table_add(&table, &b, &second), 0);
	KUNIT_EXPECT_EQ(test, second, first + 1);
	xa_destroy(&table.ports);
}

/* Behind the last number comes the first that is free, and that is no failure. */
static void port_wraps(struct kunit *test)
{
	struct port_table table;
	u32 id;

	port_init(&table, 0);
	KUNIT_EXPECT_EQ(test, port_table_add(&table, &a, &id), 0);
	table.next = 0xffffff;
	KUNIT_EXPECT_EQ(test, port_table_add(&table, &b, &id), 0);
	KUNIT_EXPECT_EQ(test, id, 0xffffffU);
	KUNIT_EXPECT_EQ(test, port_table_add(&table, &c, &id), 0);
	KUNIT_EXPECT_EQ(test, id, 2U);
	KUNIT_EXPECT_PTR_EQ(test, port_table_find(&table, 1), (void *)&a);
	KUNIT_EXPECT_PTR_EQ(test, port_table_find(&table, 0xffffff), (void *)&b);
	xa_destroy(&table.ports);
}

/* A reserved number has nothing behind it, and belongs to its owner. */
static void port_reserved(struct kunit *test)
{
	struct port_table table;
	u32 first, id;

	port_init(&table, 0);
	KUNIT_EXPECT_EQ(test, port_table_add(&table, &a, &first), 0);
	port_table_reserve(&table, first);
	KUNIT_EXPECT_NULL(test, port_table_find(&table, first));
	table.next = first;
	KUNIT_EXPECT_EQ(test, port_table_add(&table, &b, &id), 0);
	KUNIT_EXPECT_NE(test, id, first);
	port_table_set(&table, first, &c);
	KUNIT_EXPECT_PTR_EQ(test, port_table_find(&table, first), (void *)&c);
	port_table_free(&table, first);
	table.next = first;
	KUNIT_EXPECT_EQ(test, port_table_add(&table, &a, &id), 0);
	KUNIT_EXPECT_EQ(test, id, first);
	xa_destroy(&table.ports);
}

static struct kunit_case port_cases[] = {
	KUNIT_CASE(port_numbers),
	KUNIT_CASE(port_round_robin),
	KUNIT_CASE(port_wraps),
	KUNIT_CASE(port_reserved),
	{ }
};

static struct kunit_suite port_suite = {
	.name = "mshv_port",
	.test_cases = port_cases,
};

kunit_test_suite(port_suite);
