/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A few lines of TAP for host tests: one "ok" line per check.
 */
#ifndef _MSHVRUN_TEST_TAP_H
#define _MSHVRUN_TEST_TAP_H

#include <stdio.h>

static unsigned int tap_run;
static unsigned int tap_failed;

#define tap_ok(condition, ...) do {					\
	int tap_good = !!(condition);					\
									\
	tap_run++;							\
	tap_failed += !tap_good;					\
	printf("%sok %u - ", tap_good ? "" : "not ", tap_run);		\
	printf(__VA_ARGS__);						\
	putchar('\n');							\
	if (!tap_good)							\
		printf("# %s:%d: %s\n", __FILE__, __LINE__, #condition);\
} while (0)

static inline int tap_end(void)
{
	printf("1..%u\n", tap_run);
	return tap_failed ? 1 : 0;
}

#endif
