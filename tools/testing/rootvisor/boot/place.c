// SPDX-License-Identifier: GPL-2.0
/* Free places in RAM while the machine starts, see place.h. */
#include <rv/e820.h>
#include <rv/log.h>
#include "place.h"

#define TAKEN_MAX	16

static struct {
	u64 base, end;
} taken[TAKEN_MAX];
static u32 nr_taken;

void place_take(u64 base, u64 size)
{
	if (!size)
		return;
	if (nr_taken == TAKEN_MAX)
		panic("too many ranges of memory are taken");
	taken[nr_taken].base = base;
	taken[nr_taken++].end = base + size;
}

/* The end of something in the way of [base, end); 0: it is free. */
static u64 in_the_way(const struct place *p, u64 base, u64 end)
{
	u32 i;

	for (i = 0; i < nr_taken; i++)
		if (base < taken[i].end && taken[i].base < end)
			return taken[i].end;
	return p->use_kept ? 0 : place_kept_end(base, end);
}

static u64 align_up(u64 v, u64 align)
{
	return (v + align - 1) & ~(align - 1);
}

u64 place_find(const struct place *p)
{
	u32 i;

	for (i = 0; i < e820_count; i++) {
		u64 end = MIN(e820[i].base + e820[i].size, p->to);
		u64 at = align_up(MAX(e820[i].base, p->from), p->align), next;

		if (e820[i].type != E820_RAM)
			continue;
		while (at + p->size <= end) {
			next = in_the_way(p, at, at + p->size);
			if (!next)
				return at;
			at = align_up(next, p->align);
		}
	}
	return 0;
}

u64 place_get(struct place p)
{
	u64 at;

	p.use_kept = false;
	at = place_find(&p);
	if (!at) {
		p.use_kept = true;
		at = place_find(&p);
	}
	place_take(at, at ? p.size : 0);
	return at;
}
