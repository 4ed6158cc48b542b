/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting, without a clock.
 *
 * Model: a test waits for a condition.  It looks, sleeps for a slice, looks again,
 * and what is counted are the looks.  A root partition whose host has little time
 * for it gets through fewer of them in a second, for each has to be waited for by
 * the host's scheduler, and one that stands still gets through none; so the limit
 * stretches with the machine, which one in seconds does not: the root's clock runs
 * on all the time.
 *
 * That nothing happens is shown by something that is asked for later, by the same
 * way, and does happen.
 *
 * Words: a thread "stands" in a system call while it sleeps there.
 */
#ifndef _MSHV_WAITS_H
#define _MSHV_WAITS_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#define WAIT_SLICE_MS	1
/* What has not happened after so many looks does not happen. */
#define WAIT_LOOKS	60000

static inline void wait_slice(void)
{
	const struct timespec slice = { .tv_nsec = WAIT_SLICE_MS * 1000000 };

	nanosleep(&slice, NULL);
}

/* Sleep until something is so; false if it does not come to be. */
#define wait_until(condition) ({					\
	unsigned int looks_ = 0;					\
	bool holds_;							\
									\
	while (!(holds_ = (condition)) && looks_++ < WAIT_LOOKS)	\
		wait_slice();						\
	holds_;								\
})

/* The same for a descriptor that is to have something to read. */
static inline bool wait_readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	unsigned int looks = 0;
	int ret;

	do
		ret = poll(&pfd, 1, WAIT_SLICE_MS);
	while (ret != 1 && looks++ < WAIT_LOOKS);
	return ret == 1;
}

bool stands_in(pid_t thread, long call, unsigned long command);
bool stands_in_run(pid_t thread);
bool is_in_guest(pid_t thread);
bool all_stand(pid_t process);

void patience_begin(void);
void patience_end(void);

#endif
