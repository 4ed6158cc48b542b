/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who owns which physical page, and where rootvisor's own pages come from.
 *
 * Model: a state and a count of mappings for each 4 KiB of RAM.
 *
 *   PAGE_HV       rootvisor's image and reserve, and what of the device space is its
 *                 own; the root cannot see it, and nobody gets it
 *   PAGE_WINDOW   handed to the root through an MSR; e820-reserved, mapped
 *   PAGE_ROOT     ordinary RAM of the root; may be mapped into children
 *   PAGE_POOL     deposited and free in a pool, or used for what pools are for
 *   PAGE_SHARED   deposited, and mapped back to the root (VP state, stats)
 *
 * Lists of free pages are linked outside of the pages, whose content was somebody
 * else's a moment ago and may still be written to by a device.
 *
 * The *reserve* is memory kept at boot for what is charged to nobody: nested
 * tables of the root, per-LP pages.
 */
#ifndef _RV_PAGE_H
#define _RV_PAGE_H

#include <rv/base.h>

enum page_state {
	PAGE_NONE,		/* no RAM here */
	PAGE_HV,
	PAGE_WINDOW,
	PAGE_ROOT,
	PAGE_POOL,
	PAGE_SHARED,
};

enum page_state page_state(u64 pfn);

/* Device space that is rootvisor's from now on.  Who may have mapped it unmaps it. */
void page_own_device(u64 base, u64 size);

void page_set_state(u64 pfn, enum page_state state);

/*
 * Mappings into children.  The count is exact: a page that no child maps any more can
 * be deposited.  One that has reached the maximum cannot be mapped once more.
 */
#define PAGE_MAPS_MAX	0xffffffffu
u32 page_maps(u64 pfn);
void page_map_get(u64 pfn);
void page_map_put(u64 pfn);

/* The next of a list, for a page that is PAGE_POOL or PAGE_HV; 0 ends the list. */
u64 page_next(u64 pfn);
void page_set_next(u64 pfn, u64 next);

/*
 * With the option poison=on: fills a page that nobody may touch any more, and panics
 * if somebody has.
 */
void page_poison(u64 pfn);
void page_check_poison(u64 pfn);

/* True for ordinary RAM that the root may read and write at [pa, pa + len). */
bool root_ram(u64 pa, u64 len);

void *reserve_alloc(u32 pages);		/* zeroed; NULL when exhausted */
void reserve_free(void *page);		/* single pages only */
u64 reserve_left(void);

/* A zeroed page the root may map (MSR pages); never freed. */
void *window_alloc(void);

extern u64 max_pfn;

/* At boot, once the memory map is final. */
void page_init(u64 image, u64 image_end, u64 reserve, u64 reserve_size);

#endif
