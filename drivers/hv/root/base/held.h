/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages that are set apart for the hypervisor, and must not be touched.
 *
 * See held.c for the model.
 */
#ifndef _MSHV_HELD_H
#define _MSHV_HELD_H

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/timex.h>
#include <linux/types.h>

struct hvr_pool;

/**
 * struct hvr_cover - keeps this kernel from accessing held pages
 * @what: for the log
 * @guards: pages in front of each block that are kept back, 0 or 1
 * @take: takes held pages that are hidden already, see hvr_chunk_take(), or NULL
 * @give_back: takes such a page back; false if it is no such page
 * @count: how many chunks there are, or NULL
 * @hide: the pages of a block will be deposited; may sleep and allocate
 * @show: they have been withdrawn; may sleep but must not allocate
 *
 * Kbuild chooses between cover_module.c and cover_direct.c.
 */
struct hvr_cover {
	const char *what;
	unsigned int guards;
	int (*take)(u64 *pfns, unsigned int nr, unsigned int run);
	bool (*give_back)(struct page *page);
	unsigned int (*count)(void);
	int (*hide)(struct page *first, unsigned int nr);
	void (*show)(struct page *first, unsigned int nr);
};

extern const struct hvr_cover hvr_cover;

struct page *hvr_take_block(unsigned int order, gfp_t how);
int hvr_hold(struct hvr_pool *pool, u64 *pfns, unsigned int nr);
int hvr_hold_contiguous(struct hvr_pool *pool, u64 *pfns);
void hvr_release_guarded(struct page *page);
void hvr_hold_block(struct page *first, unsigned int nr);
void hvr_release_block(struct page *first, unsigned int nr);
void hvr_set_owner(struct page *page, struct hvr_pool *pool);
bool hvr_owns(const struct hvr_pool *pool, const struct page *page);
void hvr_count_splits(const struct page *page, unsigned int level);
void hvr_count_cycles(cycles_t since);
const char *hvr_held_kind(const struct page *page);
void hvr_held_range(unsigned long *first, unsigned long *last);

/* The numbers of contiguous pages. */
static inline void hvr_list_run(u64 *pfns, const struct page *first, unsigned int nr)
{
	u64 pfn = page_to_pfn(first);

	while (nr--)
		*pfns++ = pfn++;
}

/* A page is held no more.  held.c has a lock for this where there are guards. */
static inline void hvr_unmark(struct page *page)
{
	WRITE_ONCE(page->lru.next, NULL);
	WRITE_ONCE(page->private, 0);
}

/* release.c */
void hvr_release_all(u64 *pfns, unsigned int nr);
unsigned int hvr_disown(const struct hvr_pool *pool, u64 *pfns, unsigned int nr);

#endif
