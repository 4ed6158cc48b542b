// SPDX-License-Identifier: GPL-2.0
/*
 * Nested page tables, four levels.  Level 0 entries map 4 KiB.
 *
 * A table page belongs to the partition it serves: pool of a child, reserve for
 * the root, so that freeing a child's tables gives its pages back.
 */
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/npt.h>
#include <rv/page.h>
#include <rv/partition.h>

#define LEVELS		4
#define TABLE_FLAGS	(NPT_PRESENT | NPT_WRITE | NPT_USER)
#define WHOLE		(NPT_PRESENT | NPT_SOFT_MAPPED)

static u64 level_size(int level)
{
	return 1ull << (9 * level);	/* in 4 KiB pages */
}

static u32 level_index(u64 gpn, int level)
{
	return (gpn >> (9 * level)) & 511;
}

static void *table_alloc(struct partition *p)
{
	void *t = p->is_root ? reserve_alloc(1) : pool_alloc(p);

	if (t)
		p->npt_pages++;
	return t;
}

static void table_free(struct partition *p, void *table)
{
	p->npt_pages--;
	if (p->is_root)
		reserve_free(table);
	else
		pool_free(p, table);
}

static bool is_leaf(u64 entry, int level)
{
	return !level || (entry & NPT_LARGE);
}

/* A slot in use: present, or mapped without access. */
static bool is_used(u64 entry)
{
	return entry & (NPT_PRESENT | NPT_SOFT_MAPPED | NPT_SOFT_HV);
}

u64 *npt_leaf(struct partition *p, u64 gpn, int *level)
{
	u64 *table = p->npt;
	int l;

	if (!table || gpn >> 36)
		return NULL;
	for (l = LEVELS - 1; ; l--) {
		u64 *slot = &table[level_index(gpn, l)];

		if (!is_used(*slot))
			return NULL;
		if (is_leaf(*slot, l)) {
			*level = l;
			return slot;
		}
		table = pa_ptr(*slot & NPT_ADDR);
	}
}

bool npt_any(struct partition *p, u64 gpn)
{
	u64 *table = p->npt;
	int l;

	if (!table || gpn >> 36)
		return false;
	for (l = LEVELS - 1; l > 1; l--) {
		u64 *slot = &table[level_index(gpn, l)];

		if (!is_used(*slot))
			return false;
		if (is_leaf(*slot, l))
			return true;
		table = pa_ptr(*slot & NPT_ADDR);
	}
	return is_used(table[level_index(gpn, 1)]);
}

/* Turns a large leaf into a table of 512 smaller ones, same rights and bits. */
static bool split(struct partition *p, u64 *slot, int level)
{
	u64 *table = table_alloc(p);
	u64 entry = *slot;
	u64 step = level_size(level - 1) << PAGE_SHIFT;
	u32 i;

	if (!table)
		return false;
	if (level == 1)
		entry &= ~NPT_LARGE;
	for (i = 0; i < 512; i++)
		table[i] = entry + i * step;
	*slot = ptr_pa(table) | TABLE_FLAGS;
	return true;
}

u64 *npt_slot(struct partition *p, u64 gpn, int level)
{
	u64 *table;
	int l;

	if (gpn >> 36)
		return NULL;
	if (!p->npt) {
		p->npt = table_alloc(p);
		if (!p->npt)
			return NULL;
	}
	table = p->npt;
	for (l = LEVELS - 1; l > level; l--) {
		u64 *slot = &table[level_index(gpn, l)];

		if (!is_used(*slot)) {
			u64 *below = table_alloc(p);

			if (!below)
				return NULL;
			*slot = ptr_pa(below) | TABLE_FLAGS;
		} else if (is_leaf(*slot, l) && !split(p, slot, l)) {
			return NULL;
		}
		table = pa_ptr(*slot & NPT_ADDR);
	}
	return &table[level_index(gpn, level)];
}

static bool is_empty(const u64 *table)
{
	u32 i;

	for (i = 0; i < 512; i++)
		if (is_used(table[i]))
			return false;
	return true;
}

/* Could all of a table of 4 KiB leaves be one leaf of 2 MiB? */
static bool is_whole(const u64 *table)
{
	u32 i;

	if ((table[0] & WHOLE) != WHOLE || (table[0] & NPT_SOFT_HV) ||
	    (table[0] & NPT_ADDR) & ((LARGE_PAGES << PAGE_SHIFT) - 1))
		return false;
	for (i = 1; i < 512; i++)
		if (table[i] != table[0] + (i << PAGE_SHIFT))
			return false;
	return true;
}

void npt_tidy(struct partition *p, u64 gpn)
{
	u64 *slot[LEVELS] = { NULL }, *table = p->npt;
	int l;

	for (l = LEVELS - 1; table && l; l--) {
		slot[l] = &table[level_index(gpn, l)];
		if (!is_used(*slot[l]) || is_leaf(*slot[l], l))
			break;
		table = pa_ptr(*slot[l] & NPT_ADDR);
	}
	/* @slot[l + 1] leads to the lowest table that there is. */
	for (l++; table && l < LEVELS && slot[l]; l++) {
		table = pa_ptr(*slot[l] & NPT_ADDR);
		if (is_empty(table))
			*slot[l] = 0;
		else if (l == 1 && is_whole(table))
			*slot[l] = table[0] | NPT_LARGE;
		else
			return;
		/* Nobody may walk through it any more. */
		lp_flush(p);
		table_free(p, table);
	}
}

typedef void (*leaf_fn)(struct partition *p, u64 gpn, u64 entry, int level);

/* Frees a table and what is below; false: not all of it, @pages have been done. */
static bool free_table(struct partition *p, u64 *table, int level, u64 gpn, leaf_fn leaf,
		       u64 *pages)
{
	u32 i;

	for (i = 0; i < 512; i++) {
		u64 at = gpn + i * level_size(level);

		if (!is_used(table[i]))
			continue;
		if (!*pages)
			return false;
		if (is_leaf(table[i], level)) {
			if (leaf)
				leaf(p, at, table[i], level);
			*pages -= MIN(*pages, level_size(level));
		} else if (!free_table(p, pa_ptr(table[i] & NPT_ADDR), level - 1, at, leaf,
				       pages)) {
			return false;
		}
		table[i] = 0;
	}
	table_free(p, table);
	return true;
}

void npt_free_below(struct partition *p, u64 *slot, int level)
{
	u64 *table, all = ~0ull;

	if (!is_used(*slot) || is_leaf(*slot, level))
		return;
	table = pa_ptr(*slot & NPT_ADDR);
	*slot = 0;
	/* A processor in its guest may be walking through what is freed. */
	lp_flush(p);
	free_table(p, table, level - 1, 0, NULL, &all);
}

bool npt_free(struct partition *p, leaf_fn leaf, u64 pages)
{
	if (p->npt && !free_table(p, p->npt, LEVELS - 1, 0, leaf, &pages))
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
