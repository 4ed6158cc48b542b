// SPDX-License-Identifier: GPL-2.0
/* The hypervisor's log, see rvlog.h. */
#include <string.h>

#include "rvlog.h"

#define HEAD_WORDS	3
#define PIECES		8

int rvlog_piece(__u64 *at, char text[RV_LOG_BYTES])
{
	const __u32 args[] = { *at, *at >> 32 };
	__u32 words[RV_MAX_RESULTS];
	int ret = rv_call(RV_CMD_LOG_READ, args, 2, words, RV_MAX_RESULTS);

	if (ret)
		return ret;
	*at = words[0] | (__u64)words[1] << 32;
	memcpy(text, words + HEAD_WORDS, RV_LOG_BYTES);
	return words[2];
}

int rvlog_has(__u64 at, const char *text)
{
	char all[PIECES * RV_LOG_BYTES + 1] = "";
	size_t used = 0;
	int n;

	while (used + RV_LOG_BYTES < sizeof(all)) {
		n = rvlog_piece(&at, all + used);
		if (n <= 0)
			break;
		used += n;
		at += n;
		all[used] = 0;
	}
	return !!strstr(all, text);
}
