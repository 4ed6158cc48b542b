/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of one size, in pages of a partition's pool.
 *
 * Model: pages with room are in one list, full ones in another, so that neither taking
 * an object nor giving it back looks at any but its own page.  A page that is empty
 * goes back to the pool.
 */
#ifndef _RV_SLAB_H
#define _RV_SLAB_H

#include <rv/base.h>

#define SLAB_HEAD	32
#define SLAB_MAX	64	/* objects of a page, at most: bits of a word */

struct partition;
struct slab_page;

struct slab {
	struct slab_page *room, *full;
};

/* How many objects of a size are in a page. */
#define SLAB_PER_PAGE(size)	MIN((PAGE_SIZE - SLAB_HEAD) / (size), (u64)SLAB_MAX)

/* Zeroed; NULL when the pool is empty. */
void *slab_alloc(struct partition *p, struct slab *slab, u32 size);
void slab_free(struct partition *p, struct slab *slab, void *object, u32 size);

/* Frees all objects.  False: there are more than the @pages that have been freed. */
bool slab_destroy(struct partition *p, struct slab *slab, u32 pages);

#endif
