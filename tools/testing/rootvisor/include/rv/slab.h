/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of one size, in pages of a partition's pool.
 *
 * Model: pages with room are in one list, full ones in another, so that allocating or
 * freeing an object looks at its own page only.  An empty page is returned to the
 * pool.
 */
#ifndef _RV_SLAB_H
#define _RV_SLAB_H

#include <rv/base.h>

#define SLAB_HEAD	32
#define SLAB_MAX	64	/* maximum number of objects in a page: bits of a word */

struct partition;
struct slab_page;

struct slab {
	struct slab_page *room, *full;
};

/* Number of objects of a size in a page. */
#define SLAB_PER_PAGE(size)	MIN((PAGE_SIZE - SLAB_HEAD) / (size), (u64)SLAB_MAX)

/* Zeroed; NULL when the pool is empty. */
void *slab_alloc(struct partition *p, struct slab *slab, u32 size);
void slab_free(struct partition *p, struct slab *slab, void *object, u32 size);

/* Frees all objects, @pages at a time.  False: there are more. */
bool slab_destroy(struct partition *p, struct slab *slab, u32 pages);

#endif
