// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of pinned pages: see pins.h.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "pins.h"

/* A run: page number in the upper bits, number of pages in the lower ones. */
#define RUN_COUNT_BITS	24
#define RUN_COUNT_MAX	((1U << RUN_COUNT_BITS) - 1)

struct pin_chunk {
	struct list_head node;
	unsigned int nr;
	u64 runs[];
};

#define CHUNK_RUNS	((PAGE_SIZE - sizeof(struct pin_chunk)) / sizeof(u64))

static u64 pins_run_pfn(u64 run)
{
	return run >> RUN_COUNT_BITS;
}

static unsigned int pins_run_count(u64 run)
{
	return run & RUN_COUNT_MAX;
}

static u64 pins_make_run(u64 pfn, unsigned int count)
{
	return pfn << RUN_COUNT_BITS | count;
}

/**
 * mshv_pins_alloc() - an empty list
 *
 * Return: the list, or NULL.
 */
struct mshv_pins *mshv_pins_alloc(void)
{
	struct mshv_pins *pins = kzalloc(sizeof(*pins), GFP_KERNEL_ACCOUNT);

	if (pins)
		INIT_LIST_HEAD(&pins->chunks);
	return pins;
}

/**
 * mshv_pins_free() - free a list, not the pages
 * @pins: the list, or NULL
 */
void mshv_pins_free(struct mshv_pins *pins)
{
	struct pin_chunk *chunk, *next;

	if (!pins)
		return;
	list_for_each_entry_safe(chunk, next, &pins->chunks, node)
		free_page((unsigned long)chunk);
	kfree(pins);
}

/**
 * mshv_pins_append() - add contiguous pages
 * @pins: the list
 * @pfn: the first page
 * @count: how many
 *
 * Return: 0 or -ENOMEM.
 */
int mshv_pins_append(struct mshv_pins *pins, u64 pfn, u64 count)
{
	struct pin_chunk *chunk = NULL;

	if (!list_empty(&pins->chunks)) {
		u64 *last;

		chunk = list_last_entry(&pins->chunks, struct pin_chunk, node);
		last = &chunk->runs[chunk->nr - 1];
		if (pins_run_pfn(*last) + pins_run_count(*last) == pfn &&
		    pins_run_count(*last) + count <= RUN_COUNT_MAX) {
			*last += count;
			return 0;
		}
	}
	if (!chunk || chunk->nr == CHUNK_RUNS) {
		chunk = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
		if (!chunk)
			return -ENOMEM;
		list_add_tail(&chunk->node, &pins->chunks);
	}
	chunk->runs[chunk->nr++] = pins_make_run(pfn, count);
	return 0;
}

/**
 * mshv_pins_count() - number of pages
 * @pins: the list
 *
 * Return: the number.
 */
u64 mshv_pins_count(const struct mshv_pins *pins)
{
	struct pin_chunk *chunk;
	unsigned int i;
	u64 count = 0;

	list_for_each_entry(chunk, &pins->chunks, node) {
		for (i = 0; i < chunk->nr; i++)
			count += pins_run_count(chunk->runs[i]);
	}
	return count;
}

/**
 * mshv_pins_walk() - begin to walk over a range of a list
 * @walk: the walk
 * @pins: the list, not empty
 * @skip: pages in front of the range
 * @nr: pages of the range
 */
void mshv_pins_walk(struct mshv_pin_walk *walk, const struct mshv_pins *pins, u64 skip,
		    u64 nr)
{
	walk->pins = pins;
	walk->skip = skip;
	walk->left = nr;
	walk->chunk = list_first_entry(&pins->chunks, struct pin_chunk, node);
	walk->next = 0;
}

/**
 * mshv_pins_next() - the next contiguous pages of the range
 * @walk: the walk
 * @pfn: the first page
 * @count: how many
 *
 * Return: false at the end.
 */
bool mshv_pins_next(struct mshv_pin_walk *walk, u64 *pfn, u64 *count)
{
	while (walk->left) {
		u64 run, n;

		if (list_entry_is_head(walk->chunk, &walk->pins->chunks, node))
			return false;
		if (walk->next == walk->chunk->nr) {
			walk->chunk = list_next_entry(walk->chunk, node);
			walk->next = 0;
			continue;
		}
		run = walk->chunk->runs[walk->next++];
		n = pins_run_count(run);
		if (walk->skip >= n) {
			walk->skip -= n;
			continue;
		}
		*pfn = pins_run_pfn(run) + walk->skip;
		*count = min(n - walk->skip, walk->left);
		walk->skip = 0;
		walk->left -= *count;
		return true;
	}
	return false;
}
