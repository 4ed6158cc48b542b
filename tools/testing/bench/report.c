// SPDX-License-Identifier: GPL-2.0
/*
 * Prints results as a table and as JSON, a line for each operation.
 */
#include <string.h>

#include "bench.h"
#include "status.h"

/**
 * report_number() - print a number of a table
 * @value: the number, or UNKNOWN
 */
void report_number(long long value)
{
	if (value == UNKNOWN)
		putchar('-');
	else
		printf("%lld", value);
}

static const char *call_name(unsigned int code)
{
	static const char prefix[] = "HVCALL_";
	const char *name = hv_call_name(code);

	return strncmp(name, prefix, strlen(prefix)) ? name : name + strlen(prefix);
}

static void print_codes(const struct cost *c)
{
	const char *separator = "";
	unsigned int i;

	for (i = 0; i < METER_CODES; i++) {
		if (!c->by_code[i])
			continue;
		printf("%s%u %s", separator, c->by_code[i], call_name(i));
		separator = ", ";
	}
}

/**
 * report_json() - print a number as a member of a JSON object
 * @f: the file
 * @name: name of the member
 * @value: the number, or UNKNOWN
 */
void report_json(FILE *f, const char *name, long long value)
{
	fprintf(f, ", \"%s\": ", name);
	if (value == UNKNOWN)
		fputs("null", f);
	else
		fprintf(f, "%lld", value);
}

static void json_operation(FILE *f, const struct operation *op,
			   const struct cost *c, long long floor, bool root_sched)
{
	const char *separator = "";
	unsigned int i;

	fprintf(f, "{\"group\": \"%s\", \"operation\": \"%s\", \"scheduler\": \"%s\"",
		op->group, op->name, root_sched ? "root" : "classic");
	report_json(f, "floor", floor);
	report_json(f, "hypercalls", c->calls);
	report_json(f, "exits", c->exits);
	report_json(f, "interrupts", c->interrupts);
	report_json(f, "instructions", c->instructions);
	report_json(f, "root_instructions", c->root);
	report_json(f, "direct_map", c->direct_map);
	report_json(f, "sleeps", c->sleeps);
	fputs(", \"by_code\": {", f);
	for (i = 0; i < METER_CODES; i++) {
		if (!c->by_code[i])
			continue;
		fprintf(f, "%s\"%s\": %u", separator, call_name(i), c->by_code[i]);
		separator = ", ";
	}
	fputs("}}\n", f);
}

/**
 * report_head() - print the table's head
 * @root_sched: root scheduler, not the hypervisor's
 */
void report_head(bool root_sched)
{
	printf("| | operation, %s scheduler | floor | hypercalls | ",
	       root_sched ? "root" : "hypervisor's");
	puts("VM exits | interrupts | instructions | which hypercalls |");
	puts("|---|---|--:|--:|--:|--:|--:|---|");
}

/**
 * report_operation() - print a line of the table and of the JSON
 * @json: file for JSON, or NULL
 * @op: the operation
 * @cost: its cost
 * @root_sched: root scheduler, not the hypervisor's
 */
void report_operation(FILE *json, const struct operation *op,
		      const struct cost *cost, bool root_sched)
{
	long long floor = root_sched ? op->floor_root : op->floor_classic;

	printf("| %s | %s | %lld | ", op->group, op->name, floor);
	report_number(cost->calls);
	fputs(" | ", stdout);
	report_number(cost->exits);
	fputs(" | ", stdout);
	report_number(cost->interrupts);
	fputs(" | ", stdout);
	report_number(cost->instructions);
	fputs(" | ", stdout);
	print_codes(cost);
	puts(" |");
	if (json)
		json_operation(json, op, cost, floor, root_sched);
}
