/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Exits of virtual processors and their number: the parts of mshvstat.
 *
 * Model: two sources fill one table.  The hypervisor counts all exits of a
 * processor, by kind; the driver shows that in debugfs.  Those that reach the VMM
 * are counted by a histogram on the driver's tracepoint, in a tracing instance of
 * its own.  Either source may be missing.
 *
 * Words: a "row" is one event of one processor; its "total" is the source's
 * count, its "rate" what was added since the last update.
 */
#ifndef _MSHVSTAT_H
#define _MSHVSTAT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct row - one event of one processor
 * @partition: partition id
 * @vp: index
 * @event: what is counted; static, or kept until the end
 * @total: since the source started counting
 * @added: since the previous update
 * @seen: in the last update
 */
struct row {
	unsigned long long partition;
	unsigned int vp;
	const char *event;
	unsigned long long total;
	unsigned long long added;
	bool seen;
};

/**
 * struct table - all rows
 * @rows: in no order
 * @count: used
 * @room: allocated
 * @hint: probable index of the next one
 */
struct table {
	struct row *rows;
	size_t count;
	size_t room;
	size_t hint;
};

/* table.c */
void table_begin(struct table *t);
int table_add(struct table *t, unsigned long long partition, unsigned int vp,
	      const char *event, unsigned long long total);
void table_end(struct table *t);
void table_sort(struct table *t);

/* debugfs.c; -ENOENT if there are no counters */
int debugfs_read(struct table *t);
int debugfs_print(unsigned long long partition);

/* trace.c */
int trace_open(void);
int trace_read(struct table *t);
void trace_close(void);

#endif
