// SPDX-License-Identifier: GPL-2.0
/*
 * The time of day: see clock.h.
 */
#include "clock.h"

/* Registers; A has the flag of an update in progress, which is never set. */
#define SECONDS		0x00
#define MINUTES		0x02
#define HOURS		0x04
#define DAY_OF_WEEK	0x06
#define DAY		0x07
#define MONTH		0x08
#define YEAR		0x09
#define STATUS_A	0x0a
#define STATUS_B	0x0b
#define STATUS_D	0x0d

#define A_RUNS		0x26
#define B_BINARY	0x04	/* otherwise, values are in BCD */
#define B_24_HOURS	0x02
#define D_VALID		0x80

/**
 * clock_read() - read a register
 * @index: its number
 * @now: the time
 *
 * Return: the value; 0 for registers that the clock has not.
 */
__u8 clock_read(__u8 index, time_t now)
{
	struct tm t;

	gmtime_r(&now, &t);
	switch (index) {
	case SECONDS:
		return t.tm_sec;
	case MINUTES:
		return t.tm_min;
	case HOURS:
		return t.tm_hour;
	case DAY_OF_WEEK:
		return t.tm_wday + 1;
	case DAY:
		return t.tm_mday;
	case MONTH:
		return t.tm_mon + 1;
	case YEAR:
		return t.tm_year % 100;
	case STATUS_A:
		return A_RUNS;
	case STATUS_B:
		return B_BINARY | B_24_HOURS;
	case STATUS_D:
		return D_VALID;
	}
	return 0;
}
