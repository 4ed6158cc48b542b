/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Storms: the root's kernel takes many pages of a guest, one after the other.
 *
 * Model: an area of guest memory of which everything is mapped.  A storm takes pages from it,
 * and then the guest writes to each of them, in the same order.  The costs of both are told
 * for a page.  The same is done with memory that no guest has, where the process writes: so
 * much of the cost is the kernel's own, whatever the driver does.
 *
 * Words: a "step" leads from a page to the next one to be taken; an odd one leads to every page
 * of the area before it comes back.
 */
#ifndef _MSHVBENCH_STORM_H
#define _MSHVBENCH_STORM_H

#include "bench.h"

#define STORM_BLOCK	(2ULL << 20)
#define STORM_SMALL	16U		/* the small form is so much smaller */

/**
 * struct storm - how pages are taken
 * @name: what is told of it
 * @pages: size of the area
 * @then: what is told of the writes that follow
 * @nr: how often it takes something
 * @step: number of pages from one to the next
 * @size: what is taken each time; 0: everything at once
 * @nr_then: number of writes that follow, if not @nr
 * @step_then: likewise
 * @advice: which pages the area has
 * @times: how often it is measured
 * @reset: called at first, so that the kernel remembers nothing; or NULL
 * @take: takes them all
 */
struct storm {
	const char *name;
	const char *then;
	unsigned int pages;
	unsigned int nr;
	unsigned int step;
	size_t size;
	unsigned int nr_then;
	unsigned int step_then;
	int advice;
	unsigned int times;
	int (*reset)(void);
	int (*take)(struct world *w);
};

/**
 * struct area - what a storm is about
 * @storm: the storm
 * @raw: memory of the process
 * @memory: the part of it that the guest has
 * @pages: size of that
 * @guest: does a guest have it?
 * @small: is this the small form?
 * @nr: number of the next writes
 * @step: their step
 */
struct area {
	const struct storm *storm;
	__u8 *raw;
	__u8 *memory;
	unsigned int pages;
	bool guest;
	bool small;
	unsigned int nr;
	unsigned int step;
};

static inline struct area *area_of(struct world *w)
{
	return w->state;
}

static inline size_t size_of(const struct area *a)
{
	return (size_t)a->pages * VMM_PAGE;
}

static inline unsigned int scaled(unsigned int nr, bool small)
{
	return small ? nr / STORM_SMALL : nr;
}

static inline unsigned int nr_then(const struct storm *s, bool small)
{
	return scaled(s->nr_then ?: s->nr, small);
}

/* storm_area.c */
int storm_setup(struct world *w);
int storm_prepare(struct world *w);
int storm_aim(struct world *w, unsigned int nr, unsigned int step);
int storm_write(struct world *w);

/* storm_kinds.c: the last one has no name. */
extern const struct storm storms[];

#endif
