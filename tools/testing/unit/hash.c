// SPDX-License-Identifier: GPL-2.0
/*
 * rootvisor's hash tables: a look-up costs the same however many objects there are,
 * and a table has pages only for its objects.
 */
#include <stdlib.h>

#include "../rootvisor/partition/hash.c"
#undef ARRAY_SIZE

#include "tap.h"

#define OBJECTS		20000u
#define LONG_CHAIN	24u	/* practically impossible */

static struct hash table;
static struct hash_node node[OBJECTS];
static unsigned int pages, allowed = ~0u;

void *pool_alloc(struct partition *p)
{
	(void)p;
	if (pages == allowed)
		return NULL;
	pages++;
	return calloc(1, PAGE_SIZE);
}

void pool_free(struct partition *p, void *page)
{
	(void)p;
	if (!page)
		return;
	pages--;
	free(page);
}

static bool add(unsigned int n, u64 key)
{
	if (!hash_grow(NULL, &table))
		return false;
	hash_add(&table, &node[n], key);
	return true;
}

static void del(unsigned int n)
{
	hash_del(&table, &node[n]);
	hash_shrink(NULL, &table);
}

static unsigned int longest_chain(void)
{
	unsigned int longest = 0, n;

	for (n = 0; n < nr_buckets(&table); n++) {
		unsigned int length = 0;
		struct hash_node *at;

		for (at = *bucket(&table, n); at; at = at->next)
			length++;
		if (length > longest)
			longest = length;
	}
	return longest;
}

static const char *const patterns[] = {
	"numbers one after the other", "numbers at large steps",
	"values for one address", "addresses and values",
};

/* In the order in which they are inserted. */
static u64 key_of(unsigned int pattern, unsigned int n)
{
	switch (pattern) {
	case 0:
		return hash_key(n, 0, 0);
	case 1:
		return hash_key((u64)n << 40, 0, 0);
	case 2:
		return hash_key(0x1000, 3, n);
	}
	return hash_key(n / 64, 3, n % 64);
}

static void check_pattern(unsigned int pattern)
{
	unsigned int n, found = 0;

	for (n = 0; n < OBJECTS; n++)
		tap_check(add(n, key_of(pattern, n)), "object %u", n);
	for (n = 0; n < OBJECTS; n++)
		found += hash_find(&table, key_of(pattern, n)) == &node[n];
	tap_check(found == OBJECTS, "found %u", found);
	tap_check(longest_chain() < LONG_CHAIN, "chain of %u", longest_chain());
	tap_check(pages <= OBJECTS / HASH_PER_PAGE + 2, "%u pages", pages);
	/* Every second one, and then the rest in reverse. */
	for (n = 0; n < OBJECTS; n += 2)
		del(n);
	for (n = 0; n < OBJECTS; n++)
		tap_check(!hash_find(&table, key_of(pattern, n)) == !(n % 2),
			  "object %u", n);
	tap_check(pages <= OBJECTS / 2 / HASH_PER_PAGE + 2, "%u pages", pages);
	for (n = OBJECTS - 1; n < OBJECTS; n -= 2)
		del(n);
	tap_check(!pages && !table.places && !longest_chain(), "%u pages are left", pages);
	tap_group(patterns[pattern]);
}

int main(void)
{
	unsigned int pattern, n;

	for (pattern = 0; pattern < ARRAY_SIZE(patterns); pattern++)
		check_pattern(pattern);

	for (allowed = 0; allowed < 4; allowed++) {
		unsigned int before = 0;

		for (n = 0; add(n, hash_key(n, 0, 0)); n++)
			;
		before = table.places;
		tap_check(pages <= allowed && before == n, "%u places for %u", before, n);
		while (n--)
			del(n);
		tap_check(!pages, "%u pages are left", pages);
	}
	tap_group("without memory a table stays as it is");

	allowed = ~0u;
	for (n = 0; n < HASH_MAX; n++)
		tap_check(hash_grow(NULL, &table), "place %u", n);
	tap_check(!hash_grow(NULL, &table), "more than %u places", HASH_MAX);
	while (n--)
		hash_shrink(NULL, &table);
	tap_check(!pages, "%u pages are left", pages);
	tap_group("a table has a greatest size");

	for (n = 0; n < 3; n++)
		add(n, 7);
	for (n = 0; n < 1000; n++)
		add(n + 3, hash_key(n, 0, 0));
	n = 0;
	HASH_FOR_EACH(at, &table, 7)
		n++;
	tap_ok(n == 3, "all of one key are found");
	hash_destroy(NULL, &table);
	tap_ok(!pages && !hash_find(&table, 7), "nothing is left");
	return tap_end();
}
