/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What virtual processors stop for, and how often: mshvstat's parts.
 *
 * Model: two sources fill one table.  The hypervisor counts all exits of a
 * processor, by kinds; the driver shows that in debugfs.  What of it comes to
 * the VMM is counted by a histogram on the driver's tracepoint, in a tracing
 * instance of our own.  Either may be missing.
 *
 * Words: a "row" is one event of one processor; its "total" is the source's
 * count, its "rate" what was added since the last look.
 */
#ifndef _MSHVSTAT_H
#define _MSHVSTAT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct row - one event of one processor
 * @partition: the hypervisor's number
 * @vp: index
 * @event: what is counted; static, or kept until the end
 * @total: since the source has begun to count
 * @added: since the look before
 * @seen: by the last look
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
 * @hint: where the next one probably is
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

/* debugfs.c; -ENOENT when there is nothing to look at */
int debugfs_read(struct table *t);

/* trace.c */
int trace_open(void);
int trace_read(struct table *t);
void trace_close(void);

#endif
