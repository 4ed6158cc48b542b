/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The limit of a test, without a clock.
 *
 * Model: a test may take a number of seconds, see TEST_TIMEOUT_DEFAULT, and what its
 * program adds because a variable asks it for more.  The harness measures them by
 * the clock, which runs on while a root partition whose host has little time for it
 * stands.  So the function by which it waits is replaced, and what counts is the slices
 * that have been slept, as in waits.h.  Included by harness.h, around the harness.
 */
#ifndef _MSHV_LIMIT_H
#define _MSHV_LIMIT_H

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_SLICE_MS		10
#define LIMIT_SLICES		(1000 / LIMIT_SLICE_MS)		/* of a second */

/* Seconds that are added to the limit of each test; set by a constructor. */
static unsigned long limit_more;

static inline unsigned long limit_slices(unsigned long seconds)
{
	return (seconds + limit_more) * LIMIT_SLICES;
}

/* The harness ends a test with alarm(): a process beside it sends the signal. */
static inline unsigned int limit_alarm(unsigned int seconds)
{
	const struct timespec slice = { .tv_nsec = LIMIT_SLICE_MS * 1000000 };
	unsigned long left = limit_slices(seconds);
	static pid_t watcher;
	pid_t harness = getpid();

	if (watcher > 0) {
		kill(watcher, SIGKILL);
		waitpid(watcher, NULL, 0);
	}
	watcher = seconds ? fork() : 0;
	if (!seconds || watcher)
		return 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (left--)
		nanosleep(&slice, NULL);
	kill(harness, SIGALRM);
	_exit(0);
}

/* The harness waits in poll() for the end of a test. */
static inline int limit_poll(struct pollfd *fds, nfds_t nr, int milliseconds)
{
	unsigned long left = limit_slices(milliseconds / 1000);
	int ret;

	do
		ret = poll(fds, nr, LIMIT_SLICE_MS);
	while (!ret && left--);
	return ret;
}

#endif
