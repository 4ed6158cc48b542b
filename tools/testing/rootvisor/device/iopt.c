// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables that remapping hardware reads, see iopt.h.
 *
 * The unit test tools/testing/unit/iopt.c includes this file.
 */
#include "iopt.h"

#define ENTRIES		512u

static u64 level_pages(int level)
{
	return 1ull << (9 * level);
}

static u32 level_index(u64 at, int level)
{
	return (at >> (9 * level)) & (ENTRIES - 1);
}

static bool is_leaf(u64 entry, int level)
{
	return !level || (entry & IOPT_LARGE);
}

static u64 *table_of(u64 entry)
{
	return pa_ptr(entry & IOPT_ADDR);
}

/* The hardware reads an entry as a whole. */
static void set(struct iopt *t, u64 *slot, u64 entry)
{
	WRITE_ONCE(*slot, entry);
	t->ops->write_back(slot, sizeof(*slot));
}

static u64 *table_alloc(struct iopt *t)
{
	u64 *table = t->ops->alloc(t);

	if (!table)
		return NULL;
	t->nr_tables++;
	t->ops->write_back(table, PAGE_SIZE);
	return table;
}

static void table_free(struct iopt *t, u64 *table)
{
	t->nr_tables--;
	t->ops->free(t, table);
}

static void touched(struct iopt *t, u64 first, u64 last)
{
	t->first = t->stale ? MIN(t->first, first) : first;
	t->last = t->stale ? MAX(t->last, last) : last;
	t->stale = true;
}

void iopt_settle(struct iopt *t)
{
	u32 i;

	if (t->stale)
		t->ops->flush(t, t->first, t->last);
	t->stale = false;
	for (i = 0; i < t->nr_unlinked; i++)
		table_free(t, t->unlinked[i]);
	t->nr_unlinked = 0;
}

/* The slot that referred to @table has changed; it covers @at. */
static void unlink(struct iopt *t, u64 *table, u64 at, int level)
{
	u64 first = at & ~(level_pages(level) - 1);

	touched(t, first, first + level_pages(level) - 1);
	t->unlinked[t->nr_unlinked++] = table;
	if (t->nr_unlinked == IOPT_MAX_UNLINKED)
		iopt_settle(t);
}

bool iopt_make(struct iopt *t)
{
	if (!t->top)
		t->top = table_alloc(t);
	return t->top;
}

/*
 * Makes a slot refer to a table: a new one, or one of smaller leaves that are together the
 * leaf that was there.  The same is translated, so this needs no flush.
 */
static bool descend(struct iopt *t, u64 *slot, int level)
{
	u64 *table = table_alloc(t), entry = *slot, i;

	if (!table)
		return false;
	if (level == IOPT_2M)
		entry &= ~IOPT_LARGE;
	for (i = 0; *slot && i < ENTRIES; i++)
		table[i] = entry + (i * level_pages(level - 1) << PAGE_SHIFT);
	t->ops->write_back(table, PAGE_SIZE);
	set(t, slot, ptr_pa(table) | IOPT_RIGHTS);
	return true;
}

static u64 *slot_at(struct iopt *t, u64 at, int level)
{
	u64 *table, *slot;
	int l;

	if (!iopt_make(t))
		return NULL;
	for (table = t->top, l = IOPT_LEVELS - 1; ; l--) {
		slot = &table[level_index(at, l)];
		if (l == level)
			return slot;
		if ((!*slot || is_leaf(*slot, l)) && !descend(t, slot, l))
			return NULL;
		table = table_of(*slot);
	}
}

/* The slots on the way to @at; returns the level of the lowest one. */
static int way(const struct iopt *t, u64 at, u64 *slots[IOPT_LEVELS])
{
	u64 *table = t->top;
	int l;

	for (l = IOPT_LEVELS - 1; ; l--) {
		slots[l] = &table[level_index(at, l)];
		if (!*slots[l] || is_leaf(*slots[l], l))
			return l;
		table = table_of(*slots[l]);
	}
}

u64 iopt_lookup(const struct iopt *t, u64 at)
{
	u64 *slots[IOPT_LEVELS], entry, below;
	int l;

	if (!t->top)
		return 0;
	l = way(t, at, slots);
	entry = *slots[l];
	below = at & (level_pages(l) - 1);
	return entry ? (entry & ~IOPT_LARGE) + (below << PAGE_SHIFT) : 0;
}

/* From @from on, where a used entry is most likely found. */
static bool is_empty(const u64 *table, u32 from)
{
	u32 i;

	for (i = 0; i < ENTRIES; i++)
		if (table[(from + i) % ENTRIES])
			return false;
	return true;
}

/* Could a table of leaves at @level be one leaf? */
static bool is_whole(const u64 *table, int level, u32 from)
{
	u64 step = level_pages(level) << PAGE_SHIFT, i, n;

	if (!table[0] || !is_leaf(table[0], level) ||
	    (table[0] & IOPT_ADDR) & (step * ENTRIES - 1))
		return false;
	for (i = 0; i < ENTRIES; i++) {
		n = (from + i) % ENTRIES;
		if (table[n] != table[0] + n * step)
			return false;
	}
	return true;
}

/* Unlinks the tables above @at that are empty, or are joined. */
static void tidy(struct iopt *t, u64 at)
{
	u64 *slots[IOPT_LEVELS], *table;
	int l = way(t, at, slots);

	while (++l < IOPT_LEVELS) {
		u32 next = level_index(at, l - 1) + 1;

		table = table_of(*slots[l]);
		if (is_empty(table, next)) {
			set(t, slots[l], 0);
		} else if (l <= t->largest && is_whole(table, l - 1, next)) {
			set(t, slots[l], table[0] | IOPT_LARGE);
			t->nr_joined++;
		} else {
			return;
		}
		unlink(t, table, at, l);
	}
}

enum iopt_result iopt_map(struct iopt *t, u64 at, u64 entry, u64 *old)
{
	u64 *slot;

	if (!old && iopt_lookup(t, at))
		return IOPT_EXISTS;
	slot = slot_at(t, at, IOPT_4K);
	if (!slot)
		return IOPT_NO_TABLE;
	if (old)
		*old = *slot;
	if (*slot)
		touched(t, at, at);
	else
		t->nr_pages++;
	set(t, slot, entry);
	if (t->largest)
		tidy(t, at);
	return IOPT_DONE;
}

/* The level of the largest leaf that begins at @at and ends before @end. */
static int largest_at(const struct iopt *t, u64 at, u64 end)
{
	int level = t->largest;

	while (level && ((at & (level_pages(level) - 1)) || at + level_pages(level) > end))
		level--;
	return level;
}

bool iopt_map_same(struct iopt *t, u64 first, u64 end, u64 rights)
{
	while (first < end) {
		int level = largest_at(t, first, end);
		u64 *slot = slot_at(t, first, level);

		if (!slot)
			return false;
		set(t, slot, first << PAGE_SHIFT | rights | (level ? IOPT_LARGE : 0));
		t->nr_pages += level_pages(level);
		first += level_pages(level);
	}
	return true;
}

bool iopt_unmap(struct iopt *t, u64 at, u64 *old)
{
	u64 *slot;

	*old = iopt_lookup(t, at);
	if (!*old)
		return true;
	slot = slot_at(t, at, IOPT_4K);
	if (!slot)
		return false;
	set(t, slot, 0);
	t->nr_pages--;
	touched(t, at, at);
	tidy(t, at);
	return true;
}

/* Frees the table that @slot refers to, and those below; false: not complete. */
static bool free_below(struct iopt *t, u64 *table, int level,
		       void (*leaf)(u64 entry, u64 pages), u64 *pages)
{
	u32 i;

	for (i = 0; i < ENTRIES; i++) {
		u64 entry = table[i];

		if (!entry)
			continue;
		if (!*pages)
			return false;
		if (is_leaf(entry, level)) {
			leaf(entry & ~IOPT_LARGE, level_pages(level));
			t->nr_pages -= level_pages(level);
			*pages -= MIN(*pages, level_pages(level));
		} else if (!free_below(t, table_of(entry), level - 1, leaf, pages)) {
			return false;
		}
		table[i] = 0;
	}
	table_free(t, table);
	return true;
}

bool iopt_free(struct iopt *t, void (*leaf)(u64 entry, u64 pages), u64 pages)
{
	if (t->top && !free_below(t, t->top, IOPT_LEVELS - 1, leaf, &pages))
		return false;
	t->top = NULL;
	return true;
}
