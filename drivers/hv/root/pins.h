/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lists of pinned pages, for region_pinned.c.
 *
 * Model: runs of contiguous pages are recorded, not pages, so that memory made of
 * large pages needs next to nothing.  A run is one number, about 500 of them fill a
 * page of the kernel's ("chunk"), and they are in the order of the region.
 */
#ifndef _MSHV_PINS_H
#define _MSHV_PINS_H

#include <linux/list.h>
#include <linux/types.h>

struct pin_chunk;

/**
 * struct mshv_pins - the pages of a region
 * @chunks: runs, in order
 */
struct mshv_pins {
	struct list_head chunks;
};

/**
 * struct mshv_pin_walk - a walk over a range of pages
 * @pins: the list
 * @skip: pages until the range
 * @left: pages of the range to come
 * @chunk: current chunk
 * @next: next run in it
 */
struct mshv_pin_walk {
	const struct mshv_pins *pins;
	u64 skip;
	u64 left;
	struct pin_chunk *chunk;
	unsigned int next;
};

struct mshv_pins *mshv_pins_alloc(void);
void mshv_pins_free(struct mshv_pins *pins);
int mshv_pins_append(struct mshv_pins *pins, u64 pfn, u64 count);
u64 mshv_pins_count(const struct mshv_pins *pins);
void mshv_pins_walk(struct mshv_pin_walk *walk, const struct mshv_pins *pins, u64 skip,
		    u64 nr);
bool mshv_pins_next(struct mshv_pin_walk *walk, u64 *pfn, u64 *count);

#endif
