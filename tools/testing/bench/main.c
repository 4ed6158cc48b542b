// SPDX-License-Identifier: GPL-2.0
/*
 * mshvbench: see bench.h for the model.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

/* Only some drivers have this switch for how guest memory is held. */
#define PIN_MEMORY	"/sys/module/mshv/parameters/pin_memory"

/* Enough for the largest number of objects. */
#define MAX_FILES	32768

static const struct operation * const tables[] = {
	ops_run, ops_vp, ops_event, ops_wake, ops_memory, ops_life,
};

/* Does not return. */
static void print_help(void)
{
	puts("usage: mshvbench [OPTION]...\n"
	     "Count what the operations of /dev/mshv cost.\n"
	     "  --scale      with different numbers of objects; status 1 if a cost grows\n"
	     "               with them\n"
	     "  --held       count the memory deposited, in place of operations\n"
	     "  --storm      many pages taken from a guest, in place of operations\n"
	     "  --small      with --scale and --storm: fewer of what takes long\n"
	     "  --json FILE  write JSON as well, an object in each line\n"
	     "  --only TEXT  only operations, kinds of objects or storms with this in their name\n"
	     "  --classic    the hypervisor schedules (default: ask the driver)");
	exit(0);
}

static bool pin_memory(bool on)
{
	FILE *f = fopen(PIN_MEMORY, "w");

	if (!f)
		return false;
	fputs(on ? "Y" : "N", f);
	return !fclose(f);
}

static bool memory_is_pinned(void)
{
	FILE *f = fopen(PIN_MEMORY, "r");
	bool pinned = f && fgetc(f) == 'Y';

	if (f)
		fclose(f);
	return pinned;
}

/* What is left is of one thing that an operation does several times, and of nothing else. */
static int measure_less(const struct operation *op, struct world *w, struct cost *cost)
{
	struct cost less;
	int ret;

	w->n = op->less;
	ret = meter_operation(op, w, &less);
	if (!ret)
		meter_each(cost, &less, op->each);
	return ret;
}

static int measure(const struct operation *op, bool root_sched, FILE *json)
{
	struct world w = { .root_sched = root_sched, .n = op->n };
	struct cost cost;
	int ret;

	if (!pin_memory(op->pinned) && op->pinned)
		return 0;
	memset(&w.t, 0xff, sizeof(w.t));
	w.t.memory = NULL;
	ret = op->setup ? op->setup(&w) : 0;
	if (!ret)
		ret = meter_operation(op, &w, &cost);
	if (!ret && op->less)
		ret = measure_less(op, &w, &cost);
	if (op->teardown)
		op->teardown(&w);
	if (ret) {
		fprintf(stderr, "mshvbench: %s: %s (%s)\n", op->name,
			strerror(-ret), vmm_error());
		return ret;
	}
	report_operation(json, op, &cost, root_sched);
	return 0;
}

static int measure_all(const char *only, bool root_sched, FILE *json)
{
	const struct operation *op;
	unsigned int i;
	int ret = 0;

	report_head(root_sched);
	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		for (op = tables[i]; op->name; op++) {
			if (only && !strstr(op->name, only))
				continue;
			if (measure(op, root_sched, json))
				ret = 1;
		}
	}
	return ret;
}

static bool root_schedules(void)
{
	struct tvm t = { .dev = vmm_open(VMM_DEVICE) };
	bool root;

	if (t.dev < 0) {
		fprintf(stderr, "mshvbench: %s\n", vmm_error());
		exit(1);
	}
	root = tvm_root_scheduler(&t);
	close(t.dev);
	return root;
}

/**
 * struct request - what the command line asks for
 * @run: what is measured
 * @only: a part of the names of operations, or NULL
 * @json: file for JSON, or NULL
 * @classic: the hypervisor's scheduler, whatever the driver says
 * @small: the small form
 */
struct request {
	enum { OPERATIONS, SCALE, HELD, STORM } run;
	const char *only;
	FILE *json;
	bool classic;
	bool small;
};

static int open_json(struct request *request, const char *path)
{
	request->json = fopen(path, "w");
	if (request->json)
		return 0;
	fprintf(stderr, "mshvbench: %s: %s\n", path, strerror(errno));
	return -1;
}

/* Does not return if there is nothing to be done. */
static void parse(struct request *request, int argc, char **argv)
{
	static const struct option options[] = {
		{ "scale", no_argument, NULL, 's' },
		{ "held", no_argument, NULL, 'm' },
		{ "storm", no_argument, NULL, 't' },
		{ "small", no_argument, NULL, 'f' },
		{ "json", required_argument, NULL, 'j' },
		{ "only", required_argument, NULL, 'o' },
		{ "classic", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 's')
			request->run = SCALE;
		else if (c == 'm')
			request->run = HELD;
		else if (c == 't')
			request->run = STORM;
		else if (c == 'f')
			request->small = true;
		else if (c == 'c')
			request->classic = true;
		else if (c == 'o')
			request->only = optarg;
		else if (c == 'h')
			print_help();
		else if (c != 'j' || open_json(request, optarg))
			exit(2);
	}
}

static int execute(const struct request *request, bool root_sched)
{
	switch (request->run) {
	case HELD:
		return held_run(request->json);
	case SCALE:
		return scale_run(request->json, request->only, root_sched, request->small);
	case STORM:
		return storm_run(request->json, request->only, root_sched, request->small);
	default:
		return measure_all(request->only, root_sched, request->json);
	}
}

int main(int argc, char **argv)
{
	const struct rlimit files = { MAX_FILES, MAX_FILES };
	struct request request = { 0 };
	bool root_sched, pinned;
	int ret;

	parse(&request, argc, argv);
	setrlimit(RLIMIT_NOFILE, &files);
	root_sched = !request.classic && root_schedules();
	meter_init();
	pinned = memory_is_pinned();
	pin_memory(false);
	ret = execute(&request, root_sched);
	meter_exit();
	pin_memory(pinned);
	if (request.json)
		fclose(request.json);
	return ret;
}
