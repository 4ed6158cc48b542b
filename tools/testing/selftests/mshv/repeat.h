/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A thread that does the same thing again and again, until it is stopped: for races
 * with what the test does meanwhile.
 */
#ifndef _MSHV_REPEAT_H
#define _MSHV_REPEAT_H

#include <pthread.h>
#include <stdbool.h>

/**
 * struct repeater - such a thread
 * @act: does it; called with @arg and a number that begins with 0
 * @arg: for @act
 * @stop: the thread should end
 * @thread: the thread
 */
struct repeater {
	void (*act)(void *arg, unsigned int nr);
	void *arg;
	volatile bool stop;
	pthread_t thread;
};

int repeat_begin(struct repeater *r, void (*act)(void *arg, unsigned int nr), void *arg);
void repeat_end(struct repeater *r);

#endif
