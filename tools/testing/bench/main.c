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

static void print_help(void)
{
	puts("usage: mshvbench [OPTION]...\n"
	     "Count what the operations of /dev/mshv cost.\n"
	     "  --scale      with different numbers of objects; status 1 if a cost grows\n"
	     "               with them\n"
	     "  --held       count the memory deposited, in place of operations\n"
	     "  --json FILE  write JSON as well, an object in each line\n"
	     "  --only TEXT  only operations with this in their name\n"
	     "  --classic    the hypervisor schedules (default: ask the driver)");
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

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "scale", no_argument, NULL, 's' },
		{ "held", no_argument, NULL, 'm' },
		{ "json", required_argument, NULL, 'j' },
		{ "only", required_argument, NULL, 'o' },
		{ "classic", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const struct rlimit files = { MAX_FILES, MAX_FILES };
	bool scale = false, held = false, classic = false, root_sched, pinned;
	const char *only = NULL;
	FILE *json = NULL;
	int c, ret;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 's':
			scale = true;
			break;
		case 'm':
			held = true;
			break;
		case 'c':
			classic = true;
			break;
		case 'o':
			only = optarg;
			break;
		case 'j':
			json = fopen(optarg, "w");
			if (!json) {
				fprintf(stderr, "mshvbench: %s: %s\n", optarg,
					strerror(errno));
				return 2;
			}
			break;
		case 'h':
			print_help();
			return 0;
		default:
			return 2;
		}
	}
	setrlimit(RLIMIT_NOFILE, &files);
	root_sched = !classic && root_schedules();
	meter_init();
	pinned = memory_is_pinned();
	pin_memory(false);
	if (held)
		ret = held_run(json);
	else if (scale)
		ret = scale_run(json, root_sched);
	else
		ret = measure_all(only, root_sched, json);
	meter_exit();
	pin_memory(pinned);
	if (json)
		fclose(json);
	return ret;
}
