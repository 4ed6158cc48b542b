// SPDX-License-Identifier: GPL-2.0
/*
 * rvctl log: the hypervisor's log, which it keeps in memory.
 *
 * Model: the log is read piece by piece, from the oldest line on.  To follow it, the
 * position behind the last piece is asked for again; the hypervisor does not tell when
 * there is something new.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <rootvisor/rvctl.h>

#include "log.h"

#define HEAD_WORDS	3
#define POLL_NS		200000000L

static void print_lost(__u64 wanted, __u64 at)
{
	fprintf(stderr, "rvctl: %llu bytes of the log are gone\n",
		(unsigned long long)(at - wanted));
}

/* Prints a piece; *@at is then the position behind it.  The bytes, or a negative errno. */
static int print_piece(__u64 *at, int first)
{
	const __u32 args[] = { *at, *at >> 32 };
	__u32 words[RV_MAX_RESULTS];
	__u64 from;
	int ret;

	ret = rv_call(RV_CMD_LOG_READ, args, 2, words, RV_MAX_RESULTS);
	if (ret)
		return ret;
	from = words[0] | (__u64)words[1] << 32;
	if (from != *at && !first)
		print_lost(*at, from);
	if (words[2] > RV_LOG_BYTES)
		return -EPROTO;
	fwrite(words + HEAD_WORDS, 1, words[2], stdout);
	*at = from + words[2];
	return words[2];
}

int log_print(int follow)
{
	const struct timespec pause = { .tv_nsec = POLL_NS };
	__u64 at = 0;
	int n, first = 1;

	for (;;) {
		n = print_piece(&at, first);
		if (n < 0 || (!n && !follow))
			break;
		first = 0;
		if (n)
			continue;
		if (fflush(stdout))
			break;
		nanosleep(&pause, NULL);
	}
	return n < 0 ? n : fflush(stdout) ? -errno : 0;
}
