/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Owners of physical pages, and rootvisor's own pages.
 *
 * Model: a state and a count of mappings for each 4 KiB of RAM.
 *
 *   PAGE_HV       rootvisor's image and reserve, and its part of the device space; the
 *                 root cannot access it, and it cannot be mapped
 *   PAGE_WINDOW   accessed by the root through an MSR; e820-reserved, mapped
 *   PAGE_ROOT     ordinary RAM of the root; may be mapped into children
 *   PAGE_POOL     deposited: free in a pool, or in use
 *   PAGE_SHARED   deposited, and mapped in the root (VP state, stats)
 *
 * Lists of free pages are linked outside of the pages, which may still be written to
 * by a device of their former owner.
 *
 * The *reserve* is memory set aside at boot for what no pool pays for: nested tables
 * of the root, per-LP pages.
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

/* Makes device space rootvisor's own.  The caller unmaps it. */
void page_own_device(u64 base, u64 size);

void page_set_state(u64 pfn, enum page_state state);

/*
 * Mappings into children.  The count is exact: a page that no child maps can be
 * deposited.  At the maximum the page cannot be mapped again.
 */
#define PAGE_MAPS_MAX	0xffffffffu
u32 page_maps(u64 pfn);
void page_map_get(u64 pfn);
void page_map_put(u64 pfn);

/* List linkage, for pages that are PAGE_POOL or PAGE_HV; 0 ends the list. */
u64 page_next(u64 pfn);
void page_set_next(u64 pfn, u64 next);

/*
 * With poison=on: fills a page that must not be accessed any more; panics if it was
 * written to.
 */
void page_poison(u64 pfn);
void page_check_poison(u64 pfn);

/* Is a page, or [pa, pa + len), ordinary RAM that the root may read and write? */
bool root_ram_page(u64 pfn);
bool root_ram(u64 pa, u64 len);

void *reserve_alloc(u32 pages);		/* zeroed; NULL when exhausted */
void reserve_free(void *page);		/* single pages only */
u64 reserve_left(void);
u64 page_own(void);			/* pages of the image and of the reserve */

/* A zeroed page the root may map (MSR pages); never freed. */
void *window_alloc(void);

extern u64 max_pfn;

/* At boot, once the memory map is final. */
void page_init(u64 image, u64 image_end, u64 reserve, u64 reserve_size);

#endif
