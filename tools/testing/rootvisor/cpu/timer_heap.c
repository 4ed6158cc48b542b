// SPDX-License-Identifier: GPL-2.0
/*
 * Timers in the order of their deadlines: a leftist heap.
 *
 * No timer is later than those below it, and the path down to the right is never
 * longer than any other: at most the logarithm of their number.  Its length is the
 * *rank*.  Two heaps are merged along their right paths; all else is based on that.
 */
#include <rv/timer.h>

static u32 rank(const struct timer *t)
{
	return t ? t->rank : 0;
}

/* Makes the right path the shorter one; true if the rank has changed. */
static bool lean(struct timer *t)
{
	u32 old = t->rank;

	if (rank(t->left) < rank(t->right)) {
		struct timer *left = t->left;

		t->left = t->right;
		t->right = left;
	}
	t->rank = rank(t->right) + 1;
	return t->rank != old;
}

static struct timer *merge(struct timer *a, struct timer *b)
{
	if (!a || !b)
		return a ?: b;
	if (b->deadline < a->deadline) {
		struct timer *t = a;

		a = b;
		b = t;
	}
	a->right = merge(a->right, b);
	a->right->up = a;
	lean(a);
	return a;
}

void timer_heap_add(struct timer **heap, struct timer *timer)
{
	timer->left = NULL;
	timer->right = NULL;
	timer->rank = 1;
	*heap = merge(*heap, timer);
	(*heap)->up = NULL;
}

void timer_heap_del(struct timer **heap, struct timer *timer)
{
	struct timer *rest = merge(timer->left, timer->right), *up = timer->up;

	if (rest)
		rest->up = up;
	if (!up)
		*heap = rest;
	else if (up->left == timer)
		up->left = rest;
	else
		up->right = rest;
	while (up && lean(up))
		up = up->up;
}
