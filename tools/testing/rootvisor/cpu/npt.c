// SPDX-License-Identifier: GPL-2.0
/*
 * Nested page tables, four levels.  Level 0 entries map 4 KiB.
 *
 * Tables are allocated from the partition that they serve: a child's pool, or the reserve
 * for the root.
 */
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/npt.h>
#include <rv/page.h>
#include <rv/partition.h>

#define LEVELS		4

struct npt_format npt_format;

static u64 level_size(int level)
{
	return 1ull << (9 * level);	/* in 4 KiB pages */
}

static u32 level_index(u64 gpn, int level)
{
	return (gpn >> (9 * level)) & 511;
}

/* Returns an entry for a new table, or 0; @borrowed is 0 or NPT_SOFT_BORROWED. */
static u64 table_alloc(struct partition *p, u64 borrowed)
{
	void *t = p->is_root ? reserve_alloc(1) :
		  borrowed ? pool_alloc_reserved(p) : pool_alloc(p);

	if (!t)
		return 0;
	p->npt_pages++;
	return ptr_pa(t) | npt_rights(MAY_ALL) | borrowed;
}

static void *table_of(u64 entry)
{
	return pa_ptr(entry & NPT_ADDR);
}

/* @entry referred to the table. */
static void table_free(struct partition *p, u64 entry)
{
	void *table = table_of(entry);

	p->npt_pages--;
	if (p->is_root)
		reserve_free(table);
	else if (entry & NPT_SOFT_BORROWED)
		pool_free_reserved(p, table);
	else
		pool_free(p, table);
}

static bool is_leaf(u64 entry, int level)
{
	return !level || npt_large(entry);
}

u64 *npt_leaf(struct partition *p, u64 gpn, int *level)
{
	u64 *table = p->npt;
	int l;

	if (!table || gpn >> 36)
		return NULL;
	UNROLL(4)
	for (l = LEVELS - 1; l >= 0; l--) {
		u64 *slot = &table[level_index(gpn, l)], entry = *slot;

		if (!npt_used(entry))
			return NULL;
		if (is_leaf(entry, l)) {
			*level = l;
			return slot;
		}
		table = table_of(entry);
	}
	return NULL;
}

bool npt_any(struct partition *p, u64 gpn)
{
	u64 *table = p->npt;
	int l;

	if (!table || gpn >> 36)
		return false;
	for (l = LEVELS - 1; l > 1; l--) {
		u64 *slot = &table[level_index(gpn, l)];

		if (!npt_used(*slot))
			return false;
		if (is_leaf(*slot, l))
			return true;
		table = pa_ptr(*slot & NPT_ADDR);
	}
	return npt_used(table[level_index(gpn, 1)]);
}

bool npt_overlay_in(struct partition *p, u64 gpn)
{
	u64 *table = p->npt;
	u32 i;
	int l;

	for (l = LEVELS - 1; table && l; l--) {
		u64 slot = table[level_index(gpn, l)];

		if (!npt_used(slot) || is_leaf(slot, l))
			return false;
		table = table_of(slot);
	}
	for (i = 0; table && i < 512; i++)
		if (table[i] & NPT_SOFT_HV)
			return true;
	return false;
}

/* Splits a large leaf into a table of 512 smaller ones, same rights and bits. */
static bool split(struct partition *p, u64 *slot, int level, u64 borrowed)
{
	u64 fresh = table_alloc(p, borrowed);
	u64 *table = table_of(fresh);
	u64 entry = *slot;
	u64 step = level_size(level - 1) << PAGE_SHIFT;
	u32 i;

	if (!fresh)
		return false;
	if (level == 1)
		entry &= ~NPT_IS_LARGE;
	for (i = 0; i < 512; i++)
		table[i] = entry + i * step;
	*slot = fresh;
	return true;
}

/* Does an entry refer to a table that is not borrowed?  That is what most do. */
static bool is_own_table(u64 entry)
{
	return (entry & (NPT_CAN_READ | NPT_IS_LARGE | NPT_SOFT_BORROWED)) == NPT_CAN_READ;
}

/* Makes a slot refer to a table, if it does not; false: no page. */
static __noinline bool descend(struct partition *p, u64 *slot, int level, u64 borrowed)
{
	if (!npt_used(*slot)) {
		u64 fresh = table_alloc(p, borrowed);

		if (fresh)
			*slot = fresh;
		return fresh;
	}
	if (is_leaf(*slot, level))
		return split(p, slot, level, borrowed);
	if (!borrowed && (*slot & NPT_SOFT_BORROWED)) {
		if (!pool_reserve(p, 1))
			return false;
		*slot &= ~NPT_SOFT_BORROWED;
	}
	return true;
}

static u64 *slot_at(struct partition *p, u64 gpn, int level, u64 borrowed)
{
	u64 *table = p->npt;
	int l;

	UNROLL(4)
	for (l = LEVELS - 1; l >= 0; l--) {
		u64 *slot = &table[level_index(gpn, l)];

		if (l == level)
			return slot;
		if (!is_own_table(*slot) && !descend(p, slot, l, borrowed))
			return NULL;
		table = table_of(*slot);
	}
	return NULL;
}

u64 *npt_slot(struct partition *p, u64 gpn, int level)
{
	if (gpn >> 36)
		return NULL;
	if (!p->npt) {
		u64 top = table_alloc(p, 0);

		if (!top)
			return NULL;
		p->npt = table_of(top);
	}
	return slot_at(p, gpn, level, 0);
}

u64 *npt_slot_overlay(struct partition *p, u64 gpn)
{
	return slot_at(p, gpn, 0, NPT_SOFT_BORROWED);
}

static bool is_empty(const u64 *table)
{
	u32 i;

	for (i = 0; i < 512; i++)
		if (npt_used(table[i]))
			return false;
	return true;
}

/* Could a table of 4 KiB leaves be one leaf of 2 MiB, ignoring the bits @but? */
static bool is_whole(const u64 *table, u64 but)
{
	u32 i;

	if (!(table[0] & NPT_SOFT_MAPPED) || (table[0] & NPT_SOFT_HV) ||
	    (table[0] & NPT_ADDR) & ((LARGE_PAGES << PAGE_SHIFT) - 1))
		return false;
	for (i = 1; i < 512; i++)
		if ((table[i] & ~but) != (table[0] & ~but) + (i << PAGE_SHIFT))
			return false;
	return true;
}

/* Must the table stay because its accessed and dirty bits are in use? */
static bool keeps_track(const struct partition *p, u64 entry)
{
	return p->access_tracking && !(entry & NPT_SOFT_BORROWED);
}

static u64 large_leaf(const u64 *table)
{
	u64 entry = table[0] | NPT_IS_LARGE;
	u32 i;

	for (i = 1; i < 512; i++)
		entry |= table[i] & npt_touched();
	return entry;
}

void npt_tidy(struct partition *p, u64 gpn)
{
	u64 *slot[LEVELS] = { NULL }, *table = p->npt, entry;
	int l;

	for (l = LEVELS - 1; table && l; l--) {
		slot[l] = &table[level_index(gpn, l)];
		if (!npt_used(*slot[l]) || is_leaf(*slot[l], l))
			break;
		table = table_of(*slot[l]);
	}
	/* @slot[l + 1] refers to the lowest table that exists. */
	for (l++; table && l < LEVELS && slot[l]; l++) {
		entry = *slot[l];
		table = table_of(entry);
		if (is_empty(table)) {
			*slot[l] = 0;
		} else if (l == 1 && is_whole(table, keeps_track(p, entry) ? 0 : npt_touched())) {
			/* Its processors leave their guests, and set no more bits. */
			lp_flush(p);
			*slot[l] = large_leaf(table);
		} else {
			return;
		}
		/* No processor may walk through it any more. */
		lp_flush(p);
		table_free(p, entry);
	}
}

typedef void (*leaf_fn)(struct partition *p, u64 gpn, u64 entry, int level);

/*
 * Frees the tables below @entry, and the table it refers to; false: not complete, @pages
 * have been processed.
 */
static bool free_table(struct partition *p, u64 entry, int level, u64 gpn, leaf_fn leaf,
		       u64 *pages)
{
	u64 *table = table_of(entry);
	u32 i;

	for (i = 0; i < 512; i++) {
		u64 at = gpn + i * level_size(level);

		if (!npt_used(table[i]))
			continue;
		if (!*pages)
			return false;
		if (is_leaf(table[i], level)) {
			if (leaf)
				leaf(p, at, table[i], level);
			*pages -= MIN(*pages, level_size(level));
		} else if (!free_table(p, table[i], level - 1, at, leaf, pages)) {
			return false;
		}
		table[i] = 0;
	}
	table_free(p, entry);
	return true;
}

void npt_free_below(struct partition *p, u64 *slot, int level)
{
	u64 entry = *slot, all = ~0ull;

	if (!npt_used(entry) || is_leaf(entry, level))
		return;
	*slot = 0;
	/* A processor may be walking through what is freed. */
	lp_flush(p);
	free_table(p, entry, level - 1, 0, NULL, &all);
}

bool npt_free(struct partition *p, leaf_fn leaf, u64 pages)
{
	if (p->npt && !free_table(p, ptr_pa(p->npt), LEVELS - 1, 0, leaf, &pages))
		return false;
	p->npt = NULL;
	return true;
}

bool npt_lookup(struct partition *p, u64 gpn, u64 *entry, int *level)
{
	u64 *slot = npt_leaf(p, gpn, level);

	if (!slot)
		return false;
	*entry = *slot;
	return true;
}
