// SPDX-License-Identifier: GPL-2.0
/*
 * Measures storms: see storm.h for the model.
 */
#include <errno.h>
#include <string.h>

#include "storm.h"

/**
 * struct result - of a storm, or of the writes that follow
 * @cost: what it costs
 * @resident: by how many pages the process has grown
 */
struct result {
	struct cost cost;
	long long resident;
};

static long long resident(void)
{
	long long kib = 0;
	char line[128];
	FILE *f = fopen("/proc/self/smaps_rollup", "r");

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Rss: %lld kB", &kib) == 1)
			break;
	fclose(f);
	return kib * 1024 / (long long)VMM_PAGE;
}

static int measure_part(struct world *w, const struct operation *op, struct result *result,
			bool first)
{
	static struct cost cost;
	long long before = resident();
	int ret = meter_operation(op, w, &cost);

	result->resident = resident() - before;
	if (!ret && (first || cost.instructions < result->cost.instructions))
		result->cost = cost;
	return ret;
}

/* The storm, and the writes that follow. */
static int measure_once(struct world *w, struct result results[2], bool first)
{
	struct area *a = area_of(w);
	const struct storm *s = a->storm;
	const struct operation take = { .name = s->name, .run = s->take };
	const struct operation then = { .name = s->then, .run = storm_write };

	return storm_prepare(w) ?: measure_part(w, &take, &results[0], first) ?:
	       storm_aim(w, nr_then(s, a->small), s->step_then ?: s->step) ?:
	       measure_part(w, &then, &results[1], first);
}

static int measure_in(struct world *w, struct result results[2])
{
	unsigned int i, times = area_of(w)->storm->times;
	int ret = storm_setup(w);

	for (i = 0; i < times && !ret; i++)
		ret = measure_once(w, results, !i);
	return ret;
}

static int measure(const struct storm *s, bool guest, bool small,
		   struct result results[2])
{
	struct area a = {
		.storm = s, .pages = scaled(s->pages, small), .guest = guest, .small = small,
		.raw = MAP_FAILED,
	};
	struct world w = { .state = &a };
	int ret;

	memset(&w.t, 0xff, sizeof(w.t));
	w.t.memory = NULL;
	ret = measure_in(&w, results);
	guest_teardown(&w);
	if (a.raw != MAP_FAILED)
		munmap(a.raw, size_of(&a) + STORM_BLOCK);
	if (ret)
		fprintf(stderr, "mshvbench: %s: %s (%s)\n", s->name, strerror(-ret), vmm_error());
	return ret;
}

/* For each, with a digit after the point where that matters. */
static void tell_few(long long value, unsigned int nr)
{
	if (value == UNKNOWN)
		fputs("- | ", stdout);
	else
		printf("%.1f | ", (double)value / nr);
}

static void tell_many(long long value, unsigned int nr)
{
	report_number(value == UNKNOWN ? value : value / (long long)nr);
	fputs(" | ", stdout);
}

static void tell_json(FILE *json, const char *name, unsigned int nr, const struct result *with,
		      const struct result *alone, bool root_sched)
{
	fprintf(json, "{\"group\": \"storm\", \"operation\": \"%s\", \"scheduler\": \"%s\"",
		name, root_sched ? "root" : "classic");
	report_json(json, "times", nr);
	report_json(json, "hypercalls", with->cost.calls);
	report_json(json, "instructions", with->cost.instructions);
	report_json(json, "root_instructions", with->cost.root);
	report_json(json, "alone", alone->cost.instructions);
	report_json(json, "resident", with->resident);
	fputs("}\n", json);
}

static void tell(FILE *json, const char *name, unsigned int nr, const struct result *with,
		 const struct result *alone, bool root_sched)
{
	printf("| %s | %u | ", name, nr);
	tell_few(with->cost.calls, nr);
	tell_many(with->cost.instructions, nr);
	tell_many(with->cost.root, nr);
	tell_many(alone->cost.instructions, nr);
	printf("%.1f |\n", (double)with->resident / nr);
	if (json)
		tell_json(json, name, nr, with, alone, root_sched);
}

/**
 * storm_run() - measure all storms
 * @json: file for JSON, or NULL
 * @only: only storms with this in their name, or NULL
 * @root_sched: root scheduler, not the hypervisor's
 * @small: in the small form, of a sixteenth
 *
 * Return: 0, or 1 if something failed.
 */
int storm_run(FILE *json, const char *only, bool root_sched, bool small)
{
	static struct result with[2], alone[2];
	unsigned int i;
	int ret = 0;

	printf("| storm, %s scheduler | times | hypercalls | instructions | ",
	       root_sched ? "root" : "hypervisor's");
	puts("in the root | without a guest | resident |");
	puts("|---|--:|--:|--:|--:|--:|--:|");
	for (i = 0; storms[i].name; i++) {
		const struct storm *s = &storms[i];

		if (only && !strstr(s->name, only))
			continue;
		if (measure(s, false, small, alone) || measure(s, true, small, with)) {
			ret = 1;
			continue;
		}
		tell(json, s->name, scaled(s->nr, small), &with[0], &alone[0], root_sched);
		tell(json, s->then, nr_then(s, small), &with[1], &alone[1], root_sched);
	}
	return ret;
}
