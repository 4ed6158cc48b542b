/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The driver's accounting, <debugfs>/mshv/books.
 */
#ifndef _MSHV_DRIVERBOOK_H
#define _MSHV_DRIVERBOOK_H

#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#define DRIVERBOOK_DEBUGFS	"/sys/kernel/debug"

/* One of the numbers, or -1 if there is none. */
static inline long long driver_book(const char *name)
{
	char line[64];
	long long value, found = -1;
	FILE *file;

	mount("none", DRIVERBOOK_DEBUGFS, "debugfs", 0, NULL);
	file = fopen(DRIVERBOOK_DEBUGFS "/mshv/books", "r");
	if (!file)
		return found;
	while (fscanf(file, "%63s %lld", line, &value) == 2) {
		if (!strcmp(line, name))
			found = value;
	}
	fclose(file);
	return found;
}

#endif
