// SPDX-License-Identifier: GPL-2.0
/*
 * Tables that remapping hardware reads.
 *
 * Model: the hardware here reads a table at any moment.  A page that is freed while it could
 * still be read, because nothing was flushed since an entry referred to it, is found out: it
 * is filled with a pattern, and "hardware" that remembers an entry compares.
 */
#include <stdlib.h>

#include "../rootvisor/device/iopt.c"
#undef ARRAY_SIZE

#include "tap.h"

#define MIB_PAGES	256ull
#define GIB_PAGES	(1024 * MIB_PAGES)
#define RAM		(3 * GIB_PAGES + 700)

static u32 allocated, budget = ~0u, flushes;
static u64 flushed_first, flushed_last;
static bool referred_when_freed;
static struct iopt *under_test;

static void *alloc(struct iopt *t)
{
	void *page;

	(void)t;
	if (!budget)
		return NULL;
	budget--;
	allocated++;
	page = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	return memset(page, 0, PAGE_SIZE);
}

static bool refers(const u64 *table, int level, const void *to)
{
	u32 i;

	for (i = 0; i < ENTRIES; i++) {
		if (!table[i] || is_leaf(table[i], level))
			continue;
		if (table_of(table[i]) == to || refers(table_of(table[i]), level - 1, to))
			return true;
	}
	return false;
}

static void release(struct iopt *t, void *table)
{
	if (t->stale || (t->top && t->top != table && t == under_test &&
			 refers(t->top, IOPT_LEVELS - 1, table)))
		referred_when_freed = true;
	allocated--;
	free(table);
}

static void flush(struct iopt *t, u64 first, u64 last)
{
	(void)t;
	flushes++;
	flushed_first = first;
	flushed_last = last;
}

static void write_back(const void *at, u32 bytes)
{
	(void)at;
	(void)bytes;
}

static const struct iopt_ops ops = { alloc, release, flush, write_back };

static struct iopt start(int largest)
{
	allocated = 0;
	flushes = 0;
	budget = ~0u;
	referred_when_freed = false;
	return (struct iopt){ .ops = &ops, .largest = largest };
}

static u64 leaves, leaf_pages;

static void leaf(u64 entry, u64 pages)
{
	(void)entry;
	leaves++;
	leaf_pages += pages;
}

static void end(struct iopt *t)
{
	under_test = NULL;
	iopt_settle(t);
	leaves = 0;
	leaf_pages = 0;
	iopt_free(t, leaf, ~0ull);
}

static u64 same(u64 pfn)
{
	return pfn << PAGE_SHIFT | IOPT_RIGHTS;
}

/* All of [first, end) is mapped one to one, or nothing of it is. */
static bool all(const struct iopt *t, u64 first, u64 last, bool mapped)
{
	u64 at;

	for (at = first; at < last; at++)
		if (iopt_lookup(t, at) != (mapped ? same(at) : 0))
			return false;
	return true;
}

static void test_same(void)
{
	struct iopt t = start(IOPT_1G);

	tap_ok(iopt_map_same(&t, 0, RAM, IOPT_RIGHTS), "3 GiB and 700 pages, one to one");
	tap_ok(t.nr_tables == 4, "one table of each level (%u)", t.nr_tables);
	tap_ok(t.nr_pages == RAM && all(&t, 0, RAM, true) && !iopt_lookup(&t, RAM),
	       "each page is mapped, and none behind");
	end(&t);
	tap_ok(!allocated && leaf_pages == RAM && leaves == 3 + 1 + 700 - 512,
	       "all is freed, leaf by leaf");

	t = start(IOPT_2M);
	iopt_map_same(&t, 0, GIB_PAGES, IOPT_RIGHTS);
	tap_ok(t.nr_tables == 3 && all(&t, 0, GIB_PAGES, true), "without 1 GiB pages");
	end(&t);
	t = start(IOPT_4K);
	iopt_map_same(&t, 5, 2000, IOPT_RIGHTS);
	tap_ok(t.nr_tables == 3 + 4 && all(&t, 5, 2000, true), "with nothing but small ones");
	end(&t);
	t = start(IOPT_1G);
	budget = 2;
	tap_ok(!iopt_map_same(&t, 0, RAM, IOPT_RIGHTS), "no page for a table");
	end(&t);
}

/* A page leaves, and comes back. */
static void test_split_join(void)
{
	struct iopt t = start(IOPT_1G);
	u64 old, at = GIB_PAGES + 5 * 512 + 77;

	iopt_map_same(&t, 0, RAM, IOPT_RIGHTS);
	under_test = &t;
	tap_ok(iopt_unmap(&t, at, &old) && old == same(at), "a page of 1 GiB is taken");
	tap_ok(t.nr_tables == 6 && t.stale && !flushes, "two levels are split");
	iopt_settle(&t);
	tap_ok(flushes == 1 && flushed_first == at && flushed_last == at, "it is flushed");
	tap_ok(!iopt_lookup(&t, at) && all(&t, at - 600, at, true) &&
	       all(&t, at + 1, at + 600, true) && t.nr_pages == RAM - 1, "its neighbours stay");
	tap_ok(iopt_map(&t, at, same(at), NULL) == IOPT_DONE && t.nr_joined == 2,
	       "it comes back, and both are joined");
	tap_ok(t.nr_tables == 6, "no table is free before the flush");
	iopt_settle(&t);
	tap_ok(t.nr_tables == 4 && flushed_first <= GIB_PAGES &&
	       flushed_last >= 2 * GIB_PAGES - 1 && !referred_when_freed && all(&t, 0, RAM, true),
	       "what the tables were read for is flushed");
	under_test = NULL;
	end(&t);
	tap_ok(!allocated, "none is lost");
}

static void test_split_fails(void)
{
	struct iopt t = start(IOPT_1G);
	u64 old;

	iopt_map_same(&t, 0, RAM, IOPT_RIGHTS);
	budget = 1;
	tap_ok(!iopt_unmap(&t, 1000, &old) && all(&t, 0, RAM, true),
	       "no page for the second split: nothing is taken");
	budget = 1;
	tap_ok(iopt_unmap(&t, 1000, &old) && !iopt_lookup(&t, 1000), "with one more it is");
	end(&t);
}

static void test_not_uniform(void)
{
	struct iopt t = start(IOPT_1G);
	u64 old;

	iopt_map_same(&t, 0, GIB_PAGES, IOPT_RIGHTS);
	iopt_unmap(&t, 512, &old);
	iopt_unmap(&t, 1023, &old);
	iopt_map(&t, 512, same(512), NULL);
	tap_ok(!t.nr_joined, "with a hole nothing is joined");
	iopt_map(&t, 1023, 1023ull << PAGE_SHIFT | IOPT_READ, NULL);
	tap_ok(!t.nr_joined, "nor with other rights");
	iopt_map(&t, 1023, same(1022), &old);
	tap_ok(!t.nr_joined && old == (1023ull << PAGE_SHIFT | IOPT_READ),
	       "nor with another page");
	iopt_map(&t, 1023, same(1023), &old);
	tap_ok(t.nr_joined == 2, "only what was there before");
	end(&t);

	t = start(IOPT_4K);
	for (u64 i = 0; i < 512; i++)
		iopt_map(&t, i, same(i), NULL);
	tap_ok(!t.nr_joined && t.nr_tables == 4, "a domain of small pages joins nothing");
	end(&t);
	t = start(IOPT_1G);
	for (u64 i = 0; i < 512; i++)
		iopt_map(&t, i, same(i + 1), NULL);
	tap_ok(!t.nr_joined, "nor is a block that is not aligned");
	end(&t);
}

static void test_domain(void)
{
	struct iopt t = start(IOPT_4K);
	u64 high = (1ull << 36) - 1, old;

	tap_ok(iopt_make(&t) && iopt_make(&t) && allocated == 1, "a top table, once");
	tap_ok(!iopt_lookup(&t, 0) && iopt_unmap(&t, 0, &old) && !old && !t.stale,
	       "unmapping a hole flushes nothing");
	tap_ok(iopt_map(&t, high, same(7), NULL) == IOPT_DONE && iopt_lookup(&t, high) == same(7),
	       "the last page");
	tap_ok(iopt_map(&t, high, same(8), NULL) == IOPT_EXISTS && iopt_lookup(&t, high) == same(7),
	       "is not mapped twice");
	tap_ok(iopt_map(&t, high, same(8), &old) == IOPT_DONE && old == same(7) && t.stale &&
	       t.nr_pages == 1, "unless it is replaced, which has to be flushed");
	iopt_settle(&t);
	iopt_unmap(&t, high, &old);
	tap_ok(t.nr_tables == 4, "its tables are kept until the flush");
	under_test = &t;
	iopt_settle(&t);
	tap_ok(t.nr_tables == 1 && !referred_when_freed && flushes == 2, "and then freed");
	budget = 2;
	tap_ok(iopt_map(&t, 0, same(0), NULL) == IOPT_NO_TABLE && !t.nr_pages,
	       "no page for a table");
	budget = 1;
	tap_ok(iopt_map(&t, 0, same(0), NULL) == IOPT_DONE, "the others are used when it is there");
	under_test = NULL;
	end(&t);
	tap_ok(!allocated, "none is lost");
}

/* More tables are unlinked at once than there is room for. */
static void test_many(void)
{
	struct iopt t = start(IOPT_4K);
	u64 i, old, wrong = 0;

	for (i = 0; i < 100; i++)
		iopt_map(&t, i * 512, same(i), NULL);
	under_test = &t;
	for (i = 0; i < 100; i++) {
		iopt_unmap(&t, i * 512, &old);
		wrong += old != same(i);
	}
	iopt_settle(&t);
	tap_ok(!wrong && flushes >= 100 / IOPT_MAX_UNLINKED && t.nr_tables == 1 &&
	       !referred_when_freed, "a hundred tables");
	under_test = NULL;
	end(&t);
}

static void test_free(void)
{
	struct iopt t = start(IOPT_4K);
	u32 calls = 1;

	for (u64 i = 0; i < 5000; i++)
		iopt_map(&t, i, same(i), NULL);
	leaf_pages = 0;
	while (!iopt_free(&t, leaf, 1000))
		calls++;
	tap_ok(calls == 5 && leaf_pages == 5000 && !allocated && !t.nr_pages && !t.top,
	       "freed in pieces (%u)", calls);
}

int main(void)
{
	test_same();
	test_split_join();
	test_split_fails();
	test_not_uniform();
	test_domain();
	test_many();
	test_free();
	return tap_end();
}
