// SPDX-License-Identifier: GPL-2.0
/*
 * The table of counters: see stat.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stat.h"

#define FIRST_ROOM	256

/**
 * table_begin() - start an update
 * @t: the table
 */
void table_begin(struct table *t)
{
	size_t i;

	t->hint = 0;
	for (i = 0; i < t->count; i++)
		t->rows[i].seen = false;
}

static bool row_is(const struct row *r, unsigned long long partition,
		   unsigned int vp, const char *event)
{
	return r->partition == partition && r->vp == vp &&
	       !strcmp(r->event, event);
}

/* Sources keep their order, so the row is usually the next one. */
static struct row *table_find(struct table *t, unsigned long long partition,
			      unsigned int vp, const char *event)
{
	size_t i, at;

	for (i = 0; i < t->count; i++) {
		at = (t->hint + i) % t->count;
		if (row_is(&t->rows[at], partition, vp, event)) {
			t->hint = at + 1;
			return &t->rows[at];
		}
	}
	return NULL;
}

/**
 * table_add() - add a source's count
 * @t: the table
 * @partition: partition id
 * @vp: processor
 * @event: event
 * @total: count so far
 *
 * Return: 0 or -ENOMEM.
 */
int table_add(struct table *t, unsigned long long partition, unsigned int vp,
	      const char *event, unsigned long long total)
{
	struct row *r = table_find(t, partition, vp, event);

	if (!r) {
		if (t->count == t->room) {
			size_t room = t->room ? 2 * t->room : FIRST_ROOM;

			r = realloc(t->rows, room * sizeof(*r));
			if (!r)
				return -ENOMEM;
			t->rows = r;
			t->room = room;
		}
		r = &t->rows[t->count++];
		*r = (struct row) {
			.partition = partition,
			.vp = vp,
			.event = event,
		};
	}
	/* A partition id can be reused. */
	r->added = total < r->total ? total : total - r->total;
	r->total = total;
	r->seen = true;
	return 0;
}

/**
 * table_end() - finish an update: remove rows that were not seen
 * @t: the table
 */
void table_end(struct table *t)
{
	size_t i, kept = 0;

	for (i = 0; i < t->count; i++)
		if (t->rows[i].seen)
			t->rows[kept++] = t->rows[i];
	t->count = kept;
}

static int compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->partition != y->partition)
		return x->partition < y->partition ? -1 : 1;
	if (x->vp != y->vp)
		return x->vp < y->vp ? -1 : 1;
	if (x->added != y->added)
		return x->added > y->added ? -1 : 1;
	if (x->total != y->total)
		return x->total > y->total ? -1 : 1;
	return strcmp(x->event, y->event);
}

/**
 * table_sort() - sort by partition, processor, and count
 * @t: the table
 */
void table_sort(struct table *t)
{
	qsort(t->rows, t->count, sizeof(*t->rows), compare);
}
