/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Test Anything Protocol for programs of one file.
 *
 * Model: each tap_ok() is a line; tap_end() prints the plan and gives the
 * program's exit status.  Rows of a table can be many, so tap_check() counts
 * quietly and tap_group() turns the count into one line.
 */
#ifndef _UNIT_TAP_H
#define _UNIT_TAP_H

#include <stdarg.h>
#include <stdio.h>

#include "array.h"

struct tap {
	unsigned int lines;
	unsigned int failed;
	unsigned int checks;		/* of the present group */
	unsigned int bad_checks;
};

static struct tap tap;

__attribute__((format(printf, 2, 3), unused))
static int tap_ok(int good, const char *format, ...)
{
	va_list ap;

	printf("%sok %u - ", good ? "" : "not ", ++tap.lines);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	/* If the program is killed later, this much is known. */
	fflush(stdout);
	if (!good)
		tap.failed++;
	return good;
}

__attribute__((format(printf, 2, 3), unused))
static int tap_check(int good, const char *format, ...)
{
	va_list ap;

	tap.checks++;
	if (good)
		return 1;
	tap.bad_checks++;
	printf("# ");
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	return 0;
}

__attribute__((unused))
static void tap_group(const char *name)
{
	/* A group without checks proves nothing. */
	tap_ok(tap.checks && !tap.bad_checks, "%s (%u checks)", name,
	       tap.checks);
	tap.checks = 0;
	tap.bad_checks = 0;
}

__attribute__((unused))
static int tap_end(void)
{
	printf("1..%u\n", tap.lines);
	return tap.failed ? 1 : 0;
}

#endif
