// SPDX-License-Identifier: GPL-2.0
/* Sums of times that a guest chooses: they end at a time that is never reached. */
#include <stdbool.h>

#include <rv/timer.h>
#undef ARRAY_SIZE

#include "tap.h"

int main(void)
{
	static const u64 spans[] = { 1, 1000, 1ULL << 60, 1ULL << 63, NEVER - 1, NEVER };
	static const u64 nows[] = { 1, 12345, 1ULL << 40, 1ULL << 63 };
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(spans); i++)
		for (n = 0; n < ARRAY_SIZE(nows); n++) {
			tap_check(time_after(nows[n], spans[i]) > nows[n], "%#llx + %#llx",
				  (unsigned long long)nows[n], (unsigned long long)spans[i]);
			tap_check(time_next(nows[n] - 1, spans[i], nows[n]) >= nows[n],
				  "after %#llx by %#llx", (unsigned long long)nows[n],
				  (unsigned long long)spans[i]);
		}
	tap_check(time_after(NEVER, 1) == NEVER, "nothing is later than never");
	tap_group("no sum is in the past");

	tap_check(time_next(100, 10, 105) == 110, "the next");
	tap_check(time_next(100, 10, 109) == 110, "just before it");
	tap_check(time_next(100, 10, 135) == 140, "those that were missed are left out");
	tap_check(time_next(100, 10, 95) == 110, "the last is to come still");
	tap_group("periods");
	return tap_end();
}
