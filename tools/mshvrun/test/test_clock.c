// SPDX-License-Identifier: GPL-2.0
/*
 * The time of day, as Linux reads it.
 */
#include "clock.h"
#include "tap.h"

#define NEW_YEAR	1735689599	/* Tuesday 2024-12-31 23:59:59 */

int main(void)
{
	tap_ok(clock_read(0x00, NEW_YEAR) == 59, "seconds");
	tap_ok(clock_read(0x02, NEW_YEAR) == 59, "minutes");
	tap_ok(clock_read(0x04, NEW_YEAR) == 23, "hours");
	tap_ok(clock_read(0x06, NEW_YEAR) == 3, "Tuesday is the third day");
	tap_ok(clock_read(0x07, NEW_YEAR) == 31, "day");
	tap_ok(clock_read(0x08, NEW_YEAR) == 12, "month");
	tap_ok(clock_read(0x09, NEW_YEAR) == 24, "year of the century");
	tap_ok(clock_read(0x00, NEW_YEAR + 1) == 0 && clock_read(0x08, NEW_YEAR + 1) == 1 &&
	       clock_read(0x09, NEW_YEAR + 1) == 25, "a second later");
	tap_ok(!(clock_read(0x0a, NEW_YEAR) & 0x80), "no update is in progress");
	tap_ok(clock_read(0x0b, NEW_YEAR) == 0x06, "values are binary, of 24 hours");
	tap_ok(clock_read(0x0c, NEW_YEAR) == 0, "no interrupt is pending");
	tap_ok(clock_read(0x0d, NEW_YEAR) == 0x80, "the time is valid");
	tap_ok(clock_read(0x32, NEW_YEAR) == 0, "other registers are 0");
	return tap_end();
}
