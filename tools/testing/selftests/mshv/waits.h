/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting, without a clock.
 *
 * Model: a test waits for a condition.  It checks it, sleeps for a slice, checks
 * again, and counts the checks.  A root partition whose host has little time for it
 * makes fewer of them in a second, since each has to wait for the host's scheduler,
 * and one that is stopped makes none; so the limit stretches with the machine,
 * unlike one in seconds: the root's clock runs on all the time.
 *
 * That nothing happens is shown by something that is requested later, in the same
 * way, and does happen.
 *
 * Words: a thread "stands" in a system call while it sleeps there.
 */
#ifndef _MSHV_WAITS_H
#define _MSHV_WAITS_H

#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>

#define WAIT_SLICE_MS	1
/* What has not happened after this number of checks does not happen. */
#define WAIT_LOOKS	60000

/* Fewer, where tests are expected to wait in vain. */
static inline unsigned long wait_looks(void)
{
	const char *asked = getenv("MSHV_LOOKS");

	return asked ? strtoul(asked, NULL, 0) : WAIT_LOOKS;
}

static inline void wait_slice(void)
{
	const struct timespec slice = { .tv_nsec = WAIT_SLICE_MS * 1000000 };

	nanosleep(&slice, NULL);
}

/* Sleep until a condition is true; false if it does not become true. */
#define wait_until(condition) ({					\
	unsigned long looks_ = wait_looks();				\
	bool holds_;							\
									\
	while (!(holds_ = (condition)) && looks_--)			\
		wait_slice();						\
	holds_;								\
})

/* The same for a descriptor to become readable. */
static inline bool wait_readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	unsigned long looks = wait_looks();
	int ret;

	do
		ret = poll(&pfd, 1, WAIT_SLICE_MS);
	while (ret != 1 && looks--);
	return ret == 1;
}

bool stands_in(pid_t thread, long call, unsigned long command);
bool stands_in_run(pid_t thread);
bool is_in_guest(pid_t thread);
bool all_stand(pid_t process);

void patience_begin(void);
void patience_end(void);

#endif
