// SPDX-License-Identifier: GPL-2.0
/*
 * A thread that repeats an operation: see repeat.h.
 */
#include "repeat.h"

static void *repeat(void *opaque)
{
	struct repeater *r = opaque;
	unsigned int nr;

	for (nr = 0; !r->stop; nr++)
		r->act(r->arg, nr);
	return NULL;
}

/**
 * repeat_begin() - start a thread
 * @r: result
 * @act: what it does each time
 * @arg: for @act
 *
 * Return: 0 or -errno.
 */
int repeat_begin(struct repeater *r, void (*act)(void *arg, unsigned int nr), void *arg)
{
	*r = (struct repeater){ .act = act, .arg = arg };
	return -pthread_create(&r->thread, NULL, repeat, r);
}

/**
 * repeat_end() - stop the thread, after what it is doing, and wait for its end
 * @r: from repeat_begin()
 */
void repeat_end(struct repeater *r)
{
	r->stop = true;
	pthread_join(r->thread, NULL);
}
