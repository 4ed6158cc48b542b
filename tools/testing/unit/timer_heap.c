// SPDX-License-Identifier: GPL-2.0
/* rootvisor's timers: the earliest is on top, whatever is added and removed. */
#include <stdlib.h>

#include "../rootvisor/cpu/timer_heap.c"
#undef ARRAY_SIZE

#include "tap.h"

#define TIMERS	5000u

static struct timer timers[TIMERS];
static struct timer *heap;
static unsigned int pending;

static void add(unsigned int n, u64 deadline)
{
	timers[n].deadline = deadline;
	timer_heap_add(&heap, &timers[n]);
	pending++;
}

static void del(unsigned int n)
{
	timer_heap_del(&heap, &timers[n]);
	timers[n].deadline = 0;
	pending--;
}

/* Number of timers below one; all of them are later, and the heap leans to the left. */
static unsigned int check_below(const struct timer *t)
{
	if (!t)
		return 0;
	tap_check(!t->left || t->left->deadline >= t->deadline, "left is earlier");
	tap_check(!t->right || t->right->deadline >= t->deadline, "right is earlier");
	tap_check((!t->left || t->left->up == t) && (!t->right || t->right->up == t), "up");
	tap_check(rank(t->left) >= rank(t->right) && t->rank == rank(t->right) + 1, "rank");
	return 1 + check_below(t->left) + check_below(t->right);
}

static void check(const char *name)
{
	unsigned int n, way = 0;
	const struct timer *t;
	u64 least = NEVER;

	for (n = 0; n < TIMERS; n++)
		if (timers[n].deadline && timers[n].deadline < least)
			least = timers[n].deadline;
	tap_check(heap ? heap->deadline == least && !heap->up : !pending, "top");
	tap_check(check_below(heap) == pending, "%u are pending", pending);
	for (t = heap; t; t = t->right)
		way++;
	tap_check(way < 14, "a way of %u", way);
	tap_group(name);
}

static u64 any(void)
{
	return 1 + rand() % 100000;
}

int main(void)
{
	unsigned int n, i;

	for (n = 0; n < TIMERS; n++)
		add(n, n + 1);
	check("one after the other");
	for (n = 0; n < TIMERS; n += 2)
		del(n);
	check("every second one is gone");
	while (heap)
		del(heap - timers);
	check("all have fired");
	for (n = 0; n < TIMERS; n++)
		add(n, TIMERS - n);
	check("each before the last");
	for (n = TIMERS; n--;)
		del(n);
	for (n = 0; n < TIMERS; n++)
		add(n, any());
	for (i = 0; i < 20 * TIMERS; i++) {
		n = rand() % TIMERS;
		if (timers[n].deadline)
			del(n);
		else
			add(n, any());
	}
	check("in any order");
	for (n = 0; n < TIMERS; n++) {
		if (timers[n].deadline)
			del(n);
		add(n, 7);
	}
	check("all at the same time");
	return tap_end();
}
