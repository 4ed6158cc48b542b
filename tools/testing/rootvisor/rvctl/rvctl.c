// SPDX-License-Identifier: GPL-2.0
/*
 * rvctl: rootvisor's control port from the command line.
 *
 * Model: each run makes one call of the control port (see
 * <rootvisor/control.h>).  A table gives each command its code, the kinds of
 * its arguments and the kind of its result; parsing, the call and printing are
 * the same for all.
 *
 * Words: an argument's "kind" says how it is written on the command line, and
 * whether it is sent as one dword or two.
 *
 * client.c makes the call.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rootvisor/rvctl.h>

#include "log.h"

#define __noreturn	__attribute__((__noreturn__))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Exit statuses; 0 is success. */
#define EXIT_REFUSED	1	/* rootvisor answered with an error */
#define EXIT_USAGE	2
#define EXIT_NO_PORT	3	/* no answer from the port */

#define MAX_KINDS	8

enum kind {
	K_END,
	K_U32,
	K_U64,
	K_CODE,		/* u32, "any": all call codes */
	K_LP,		/* u32, "any": all processors */
	K_PARTITION,	/* u64, "any": all partitions */
	K_COUNT,	/* u32, a name of count_names */
	K_BOOKS,	/* u32, a name of books_names */
	K_SWITCH,	/* u32, "on" or "off" */
	K_PANIC,	/* u32, a name of panic_names */
	K_TEXT,		/* all remaining arguments, as one string */
};

struct command {
	const char *name;
	unsigned int code;
	unsigned char result;		/* dwords */
	unsigned char required;		/* arguments without a default */
	unsigned char kinds[MAX_KINDS];
	uint64_t defaults[MAX_KINDS];
	const char *help;
};

static const struct command commands[] = {
	{ "log", RV_CMD_LOG, 0, 1, { K_TEXT }, { 0 },
	  "[-f | TEXT...]  print the hypervisor's log (-f: follow it), or add a line" },
	{ "exit", RV_CMD_EXIT, 0, 1, { K_U32 }, { 0 },
	  "STATUS  set the exit status of the machine" },
	{ "mark", RV_CMD_MARK, 0, 0, { K_END }, { 0 },
	  "reset all counters" },
	{ "calls", RV_CMD_COUNT_CALL, 2, 0, { K_CODE }, { RV_ANY_CODE },
	  "[CODE|any]  print the hypercalls since the mark" },
	{ "count", RV_CMD_COUNT, 2, 1, { K_COUNT }, { 0 },
	  "NAME  print the events since the mark" },
	{ "books", RV_CMD_BOOKS, 2, 1, { K_BOOKS, K_PARTITION }, { 0, 0 },
	  "NAME [PARTITION|any]  print what is outstanding" },
	{ "fail", RV_CMD_FAIL, 1, 2,
	  { K_CODE, K_U32, K_U32, K_U32, K_LP, K_PARTITION },
	  { 0, 0, 0, 1, RV_ANY_LP, 0 },
	  "CODE STATUS [SKIP [TIMES [LP [PARTITION]]]]  make hypercalls fail" },
	{ "rep-stop", RV_CMD_REP_STOP, 1, 4,
	  { K_CODE, K_U32, K_U32, K_U32 }, { 0 },
	  "CODE STATUS REPS TIMES  cut rep hypercalls short" },
	{ "hits", RV_CMD_RULE_HITS, 2, 1, { K_U32 }, { 0 },
	  "RULE  print how often a rule has applied" },
	{ "rules-clear", RV_CMD_RULES_CLEAR, 0, 0, { K_END }, { 0 },
	  "remove all rules" },
	{ "message-drop", RV_CMD_MESSAGE_DROP, 0, 2, { K_U32, K_U32 }, { 0 },
	  "TYPE TIMES  drop messages" },
	{ "message-dup", RV_CMD_MESSAGE_DUP, 0, 2, { K_U32, K_U32 }, { 0 },
	  "TYPE TIMES  duplicate messages" },
	{ "message-hold", RV_CMD_MESSAGE_HOLD, 0, 2, { K_U32, K_U32 }, { 0 },
	  "TYPE TIMES  hold messages" },
	{ "message-release", RV_CMD_MESSAGE_RELEASE, 1, 0, { K_END }, { 0 },
	  "send held messages" },
	{ "doorbell", RV_CMD_DOORBELL, 0, 2, { K_U32, K_U32 }, { 0 },
	  "LP PORT  put a port into the doorbell ring" },
	{ "vp-stall", RV_CMD_VP_STALL, 0, 3,
	  { K_U64, K_U32, K_SWITCH }, { 0 },
	  "PARTITION VP on|off  keep a VP from running" },
	{ "memory-status", RV_CMD_MEMORY_STATUS, 0, 1, { K_U32 }, { 0 },
	  "STATUS  set the status for an empty pool (0: default)" },
	{ "rep-slice", RV_CMD_REP_SLICE, 0, 1, { K_U32 }, { 0 },
	  "REPS  set the elements processed at once (0: default)" },
	{ "crash", RV_CMD_CRASH, 0, 0, { K_END }, { 0 },
	  "crash the hypervisor" },
	{ "panic", RV_CMD_PANIC, 0, 1, { K_PANIC }, { 0 },
	  "assertion|exception  let the hypervisor break down, and end the machine" },
	{ "answer", RV_CMD_ANSWER, 0, 3,
	  { K_CODE, K_U32, K_U32, K_SWITCH, K_U64 }, { 0 },
	  "CODE TIMES STATUS [on VALUE]  execute hypercalls, but change the result" },
	{ "late", RV_CMD_LATE, 0, 3, { K_U32, K_U32, K_U32 }, { 0 },
	  "CODE TIMES MICROSECONDS  let hypercalls take long" },
	{ "device-domain", RV_CMD_DEVICE_DOMAIN, 1, 1, { K_U64 }, { 0 },
	  "DEVICE  print the number of a device's domain" },
	{ "dma-faults", RV_CMD_DMA_FAULTS, 2, 1, { K_U64 }, { 0 },
	  "DEVICE  print how much DMA of a device was blocked" },
	{ "interrupts", RV_CMD_DEVICE_INTERRUPTS, 2, 1, { K_U64 }, { 0 },
	  "DEVICE  print the number of interrupts of a device" },
	{ "deposit-write", RV_CMD_DEPOSIT_WRITE, 0, 1, { K_U64 }, { 0 },
	  "VALUE  write it to all deposited pages (0: off)" },
	{ "take", RV_CMD_TAKE, 0, 1, { K_U64 }, { 0 },
	  "NUMBER  take a page from the root, until it is touched" },
	{ "no-access", RV_CMD_NO_ACCESS, 0, 2, { K_U64, K_U64 }, { 0 },
	  "PARTITION NUMBER  map a page of a guest without access" },
	{ "dry", RV_CMD_DRY, 0, 2, { K_U64, K_SWITCH }, { 0 },
	  "PARTITION on|off  make its pool appear empty" },
	{ "host-trap", RV_CMD_HOST_TRAP, 0, 0, { K_END }, { 0 },
	  "single-step an instruction of the hypervisor" },
	{ "page", RV_CMD_PAGE, 2, 1, { K_U64 }, { 0 },
	  "NUMBER  print the owner of a page, and its mappings" },
};

static const char * const count_names[RV_COUNT_NR] = {
	[RV_COUNT_ROOT_EXITS] = "root_exits",
	[RV_COUNT_CHILD_EXITS] = "child_exits",
	[RV_COUNT_CHILD_INTERCEPTS] = "child_intercepts",
	[RV_COUNT_MESSAGES] = "messages",
	[RV_COUNT_MESSAGES_QUEUED] = "messages_queued",
	[RV_COUNT_ROOT_INTERRUPTS] = "root_interrupts",
	[RV_COUNT_EOM] = "eom",
	[RV_COUNT_DOORBELLS] = "doorbells",
	[RV_COUNT_KICKS] = "kicks",
	[RV_COUNT_CHILD_INTERRUPTS] = "child_interrupts",
	[RV_COUNT_DISPATCHES] = "dispatches",
	[RV_COUNT_CHILD_MSR] = "child_msr",
	[RV_COUNT_CHILD_CPUID] = "child_cpuid",
	[RV_COUNT_CHILD_IO] = "child_io",
	[RV_COUNT_CHILD_NPF] = "child_npf",
	[RV_COUNT_CHILD_HLT] = "child_hlt",
	[RV_COUNT_CHILD_HYPERCALL] = "child_hypercall",
	[RV_COUNT_OVERTAKEN] = "overtaken",
	[RV_COUNT_GUEST_LINES] = "guest_lines",
	[RV_COUNT_GUEST_LINES_LEFT_OUT] = "guest_lines_left_out",
	[RV_COUNT_HOST_IGNORED] = "host_ignored",
};

static const char * const books_names[RV_BOOKS_NR] = {
	[RV_BOOKS_PARTITIONS] = "partitions",
	[RV_BOOKS_DEPOSITED] = "deposited",
	[RV_BOOKS_DEPOSITED_SELF] = "deposited_self",
	[RV_BOOKS_IN_USE] = "in_use",
	[RV_BOOKS_VPS] = "vps",
	[RV_BOOKS_MAPPED] = "mapped",
	[RV_BOOKS_PORTS] = "ports",
	[RV_BOOKS_STATE_PAGES] = "state_pages",
	[RV_BOOKS_FAULTS] = "faults",
	[RV_BOOKS_UNKNOWN_CALLS] = "unknown_calls",
	[RV_BOOKS_OVERFLOWS] = "overflows",
	[RV_BOOKS_CALLS] = "calls",
	[RV_BOOKS_SELF_IN_USE] = "self_in_use",
	[RV_BOOKS_IRTE_FAULTS] = "irte_faults",
	[RV_BOOKS_IRTES] = "irtes",
	[RV_BOOKS_DOMAINS] = "domains",
	[RV_BOOKS_ATTACHMENTS] = "attachments",
	[RV_BOOKS_DEVICE_PAGES] = "device_pages",
	[RV_BOOKS_DMA_FAULTS] = "dma_faults",
};

static const char * const panic_names[RV_PANIC_NR] = {
	[RV_PANIC_ASSERTION] = "assertion",
	[RV_PANIC_EXCEPTION] = "exception",
};

static uint32_t words[RV_MAX_ARGS];
static unsigned int nr_words;

static void print_names(FILE *f, const char *what, const char * const *names,
			unsigned int nr)
{
	fprintf(f, "%s:", what);
	for (unsigned int i = 0; i < nr; i++)
		fprintf(f, " %s", names[i]);
	fputc('\n', f);
}

static void print_help(FILE *f)
{
	fputs("rvctl COMMAND [ARGUMENT...]\n", f);
	fprintf(f, "  %-14s check for a control port\n", "probe");
	for (unsigned int i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(f, "  %-14s %s\n", commands[i].name, commands[i].help);
	print_names(f, "names of count", count_names, RV_COUNT_NR);
	print_names(f, "names of books", books_names, RV_BOOKS_NR);
}

static __noreturn void bad_argument(const char *arg)
{
	fprintf(stderr, "rvctl: bad argument '%s'\n", arg);
	exit(EXIT_USAGE);
}

static void put_word(uint32_t w)
{
	if (nr_words == RV_MAX_ARGS) {
		fputs("rvctl: too long for the control port\n", stderr);
		exit(EXIT_USAGE);
	}
	words[nr_words++] = w;
}

static uint64_t parse_number(const char *arg, uint64_t max)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(arg, &end, 0);
	if (errno || end == arg || *end || *arg == '-' || v > max)
		bad_argument(arg);
	return v;
}

static uint32_t parse_name(const char *arg, const char * const *names,
			   unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		if (!strcmp(arg, names[i]))
			return i;
	bad_argument(arg);
}

static uint64_t parse(enum kind kind, const char *arg)
{
	switch (kind) {
	case K_CODE:
	case K_LP:
		if (!strcmp(arg, "any"))
			return UINT32_MAX;
		return parse_number(arg, UINT32_MAX);
	case K_PARTITION:
		if (!strcmp(arg, "any"))
			return 0;
		return parse_number(arg, UINT64_MAX);
	case K_U64:
		return parse_number(arg, UINT64_MAX);
	case K_COUNT:
		return parse_name(arg, count_names, RV_COUNT_NR);
	case K_BOOKS:
		return parse_name(arg, books_names, RV_BOOKS_NR);
	case K_PANIC:
		return parse_name(arg, panic_names, RV_PANIC_NR);
	case K_SWITCH:
		if (!strcmp(arg, "on") || !strcmp(arg, "off"))
			return arg[1] == 'n';
		bad_argument(arg);
	default:
		return parse_number(arg, UINT32_MAX);
	}
}

static void put_text(int argc, char **argv)
{
	char text[RV_MAX_ARGS * 4] = "";
	size_t len = 0;
	uint32_t w;

	for (int i = 0; i < argc; i++) {
		int n = snprintf(text + len, sizeof(text) - len, "%s%s",
				 i ? " " : "", argv[i]);

		len += n;
		/* One dword of the queue is the length. */
		if (len > sizeof(text) - sizeof(w)) {
			fputs("rvctl: the text is too long\n", stderr);
			exit(EXIT_USAGE);
		}
	}
	put_word(len);
	for (size_t i = 0; i < len; i += sizeof(w)) {
		memcpy(&w, text + i, sizeof(w));
		put_word(w);
	}
}

static void put_arguments(const struct command *c, int argc, char **argv)
{
	int i;

	if (argc < c->required) {
		fprintf(stderr, "rvctl: usage: rvctl %s %s\n", c->name, c->help);
		exit(EXIT_USAGE);
	}
	for (i = 0; i < MAX_KINDS && c->kinds[i] != K_END; i++) {
		enum kind kind = c->kinds[i];
		uint64_t v;

		if (kind == K_TEXT) {
			put_text(argc, argv);
			return;
		}
		v = i < argc ? parse(kind, argv[i]) : c->defaults[i];
		put_word(v);
		if (kind == K_U64 || kind == K_PARTITION)
			put_word(v >> 32);
	}
	if (argc > i)
		bad_argument(argv[i]);
}

static const char *error_text(int error)
{
	switch (error) {
	case -EOPNOTSUPP:
		return "no such command";
	case -EINVAL:
		return "bad argument";
	case -ENOSPC:
		return "no free slot";
	case -ENOENT:
		return "no such partition, VP, LP or rule";
	default:
		return strerror(-error);
	}
}

/* Prints why a call has failed, and returns the exit status for it. */
static int status_of(const char *name, int error)
{
	switch (error) {
	case 0:
		return 0;
	case -ENODEV:
		fputs("rvctl: no control port: not on rootvisor, or with control=off\n",
		      stderr);
		return EXIT_NO_PORT;
	case -EPERM:
	case -EACCES:
		fprintf(stderr, "rvctl: cannot use I/O ports: %s\n", strerror(-error));
		return EXIT_NO_PORT;
	}
	fprintf(stderr, "rvctl: %s: %s\n", name, error_text(error));
	return EXIT_REFUSED;
}

static int call(const struct command *c)
{
	uint32_t results[2] = { 0 };
	int error = rv_call(c->code, words, nr_words, results, c->result);

	if (!error && c->result)
		printf("%llu\n", (unsigned long long)results[1] << 32 | results[0]);
	return status_of(c->name, error);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_help(stdout);
		return 0;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("rvctl " VERSION);
		return 0;
	}
	if (!strcmp(argv[1], "probe"))
		return status_of("probe", rv_open());
	if (!strcmp(argv[1], "log") && argc == 2)
		return status_of("log", log_print(0));
	if (!strcmp(argv[1], "log") && argc == 3 && !strcmp(argv[2], "-f"))
		return status_of("log", log_print(1));
	for (unsigned int i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		put_arguments(&commands[i], argc - 2, argv + 2);
		return call(&commands[i]);
	}
	fprintf(stderr, "rvctl: unknown command '%s'\n", argv[1]);
	return EXIT_USAGE;
}
