/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Movable guest memory: the blocks of a region, for the files that work on them.
 *
 * Words: a block's number counts from the one that the region begins in.
 */
#ifndef _MSHV_MOVABLE_H
#define _MSHV_MOVABLE_H

#include <linux/minmax.h>

#include "region.h"

static inline u64 movable_block_of(const struct mshv_region *region, u64 gfn)
{
	return gfn / MSHV_BLOCK_PAGES - region->first / MSHV_BLOCK_PAGES;
}

static inline u64 movable_nr_blocks(const struct mshv_region *region)
{
	return movable_block_of(region, region->last) + 1;
}

/* The part of a block that lies in the region. */
static inline u64 movable_block_first(const struct mshv_region *region, u64 block)
{
	u64 gfn = (region->first / MSHV_BLOCK_PAGES + block) * MSHV_BLOCK_PAGES;

	return max(gfn, region->first);
}

static inline u64 movable_block_last(const struct mshv_region *region, u64 block)
{
	u64 gfn = (region->first / MSHV_BLOCK_PAGES + block) * MSHV_BLOCK_PAGES;

	return min(gfn + MSHV_BLOCK_PAGES - 1, region->last);
}

/* region_movable.c */
int mshv_movable_unmap_block(struct mshv_region *region, u64 block);

/* movable_fault.c */
int mshv_movable_fault(struct mshv_region *region, u64 gfn, u8 access,
		       unsigned long *pfns);

#endif
