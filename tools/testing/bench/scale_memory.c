// SPDX-License-Identifier: GPL-2.0
/*
 * How much memory the root has less because of an object.
 *
 * Model: before and after many of a kind are made, the kernel is asked for what is free.  Pages
 * that wait in a processor's lists are free, too.  What the hypervisor has been given is told
 * apart; the rest is the driver's, and the kernel's for what it asks of it.
 */
#include <string.h>
#include <unistd.h>

#include "scale.h"
#include <rootvisor/rvctl.h>

#define PAGE		((long long)VMM_PAGE)

/* What waits for a grace period is freed meanwhile. */
#define SETTLE		200000

static long long read_sum(const char *path, const char *format)
{
	long long value, sum = 0;
	char line[256];
	FILE *f = fopen(path, "r");

	if (!f)
		return UNKNOWN;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, format, &value) == 1)
			sum += value;
	fclose(f);
	return sum;
}

/**
 * scale_look() - how much memory there is
 * @m: result
 */
void scale_look(struct memory *m)
{
	long long kib, pages;
	__u64 given = 0, self = 0;

	usleep(SETTLE);
	kib = read_sum("/proc/meminfo", "MemFree: %lld kB");
	pages = read_sum("/proc/zoneinfo", " count: %lld");
	m->free = kib == UNKNOWN || pages == UNKNOWN ? UNKNOWN : kib * 1024 + pages * PAGE;
	m->given = rv_books(RV_BOOKS_DEPOSITED, 0, &given) ||
		   rv_books(RV_BOOKS_DEPOSITED_SELF, 0, &self) ? UNKNOWN :
		   (long long)(given + self) * PAGE;
}

static void tell(FILE *json, const struct crowd *c, bool root_sched)
{
	long long given = UNKNOWN, used = UNKNOWN;

	if (c->after.given != UNKNOWN && c->after.free != UNKNOWN) {
		given = c->after.given - c->before.given;
		used = c->before.free - c->after.free - given;
		/* Noise, where nothing is needed. */
		used = used > 0 ? used / c->n : 0;
		given /= PAGE;
	}
	printf("| %s | %u | ", c->kind->object, c->n);
	report_number(given);
	fputs(" | ", stdout);
	report_number(used);
	puts(" |");
	if (!json)
		return;
	fprintf(json, "{\"object\": \"%s\", \"scheduler\": \"%s\", \"n\": %u", c->kind->object,
		root_sched ? "root" : "classic", c->n);
	report_json(json, "given", given);
	report_json(json, "bytes_each", used);
	fputs("}\n", json);
}

/**
 * scale_tell_memory() - print the table
 * @json: file for JSON, or NULL
 * @crowds: a crowd of each kind; the last one has none
 * @root_sched: root scheduler, not the hypervisor's
 */
void scale_tell_memory(FILE *json, const struct crowd *crowds, bool root_sched)
{
	puts("| memory of the root for | number | pages given, all | bytes, each |");
	puts("|---|--:|--:|--:|");
	for (; crowds->kind; crowds++)
		tell(json, crowds, root_sched);
}
