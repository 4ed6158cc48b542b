// SPDX-License-Identifier: GPL-2.0
/*
 * Releasing many held pages at once, as they come back from the hypervisor.
 *
 * Model: nearly all that a page costs when it is released by itself is spent on what is
 * the same for its neighbours.  Where there are guards, what becomes of a page depends on
 * those beside it, and each is released by itself, see hvr_release_guarded().
 */
#include <linux/hvr.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pageblock-flags.h>
#include <linux/timex.h>

#include "compat.h"
#include "held.h"

/* Chunks take the pages back that are theirs; returns how many are left in the list. */
static unsigned int release_to_chunks(u64 *pfns, unsigned int nr)
{
	unsigned int i, left = 0;

	if (!hvr_cover.give_back)
		return nr;
	for (i = 0; i < nr; i++) {
		if (!hvr_cover.give_back(pfn_to_page(pfns[i])))
			pfns[left++] = pfns[i];
	}
	return left;
}

static void release_show(const u64 *pfns, unsigned int nr)
{
	cycles_t since = get_cycles();
	unsigned int i;

	if (!hvr_cover.show)
		return;
	for (i = 0; i < nr; i++)
		hvr_cover.show(pfn_to_page(pfns[i]), 1);
	hvr_count_cycles(since);
}

/* How many pages follow each other, up or down?  @first is the lowest. */
static unsigned int release_run(const u64 *pfns, unsigned int nr, u64 *first)
{
	u64 step = nr > 1 && pfns[1] < pfns[0] ? -1 : 1;
	unsigned int n = 1;

	while (n < nr && pfns[n] == pfns[n - 1] + step)
		n++;
	*first = min(pfns[0], pfns[n - 1]);
	return n;
}

static void release_free(const u64 *pfns, unsigned int nr)
{
	unsigned int i, n;
	u64 first;

	/* Nothing depends on what is beside a page then. */
	lockdep_assert(!hvr_cover.guards);
	for (i = 0; i < nr; i++) {
		struct page *page = pfn_to_page(pfns[i]);

		hvr_unmark(page);
		hvr_clear_offline(page);
	}
	for (; nr; nr -= n, pfns += n) {
		n = release_run(pfns, nr, &first);
		hvr_free_run(first, n);
	}
}

/**
 * hvr_release_all() - release held pages
 * @pfns: numbers of pages that the hypervisor does not own; undefined afterwards
 * @nr: how many
 *
 * Context: process context; does not allocate.
 */
void hvr_release_all(u64 *pfns, unsigned int nr)
{
	unsigned int i;

	might_sleep();
	nr = release_to_chunks(pfns, nr);
	release_show(pfns, nr);
	if (!hvr_cover.guards) {
		release_free(pfns, nr);
		return;
	}
	for (i = 0; i < nr; i++)
		hvr_release_guarded(pfn_to_page(pfns[i]));
}

/* Is this memory?  @block is where that was looked for last. */
static bool release_is_memory(u64 pfn, unsigned long *block)
{
	unsigned long first = pageblock_start_pfn(pfn);

	/* It comes and goes in larger pieces. */
	if (first == *block)
		return true;
	if (!pfn_valid(pfn))
		return false;
	*block = first;
	return true;
}

/**
 * hvr_disown() - pages have been withdrawn from a pool
 * @pool: the pool
 * @pfns: any numbers; those of pages that are not the pool's are the last ones
 *	afterwards, and so is one that is there twice
 * @nr: how many
 *
 * Context: any.
 * Return: how many are the pool's.
 */
unsigned int hvr_disown(const struct hvr_pool *pool, u64 *pfns, unsigned int nr)
{
	u64 *at = pfns, *end = pfns + nr;
	unsigned long block = ULONG_MAX;

	while (at < end) {
		/* What is no memory may have no page to look at. */
		if (release_is_memory(*at, &block) && hvr_owns(pool, pfn_to_page(*at))) {
			hvr_set_owner(pfn_to_page(*at), NULL);
			at++;
			continue;
		}
		end--;
		swap(*at, *end);
	}
	return end - pfns;
}
