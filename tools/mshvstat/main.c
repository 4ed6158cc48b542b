// SPDX-License-Identifier: GPL-2.0
/*
 * mshvstat: live statistics of the exits of virtual processors.
 *
 * Model: options, then one update after the other until a signal or the requested
 * number of updates.  See stat.h for the sources.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "stat.h"

#define STATUS_ERROR	1
#define STATUS_USAGE	2
#define DEFAULT_ROWS	24
#define HEADING_ROWS	3
#define CLEAR_SCREEN	"\033[H\033[2J"

struct options {
	bool batch;
	bool once;
	bool all;
	bool counters;
	unsigned int interval;
	unsigned int looks;		/* 0: for ever */
	unsigned long long partition;	/* 0: all */
};

static const char usage[] =
"usage: mshvstat [OPTION]...\n"
"Show what virtual processors exit for: counters of the hypervisor, and\n"
"(\"vmm:\") messages to the VMM since mshvstat was started.\n"
"\n"
"  -1, --once            print the counts so far, as with --batch, and exit\n"
"  -b, --batch           lines for programs: partition, VP, event, total, added\n"
"  -i, --interval SEC    seconds between two updates (default: 1)\n"
"  -n, --looks N         exit after N updates\n"
"  -p, --partition ID    only this partition\n"
"  -a, --all             also what has not changed\n"
"  -c, --counters        print all counters of the hypervisor by name, and exit\n"
"      --version         print the version, and exit\n";

static volatile sig_atomic_t stopped;

static void on_signal(int signal)
{
	(void)signal;
	stopped = 1;
}

static int bad(const char *option, const char *text)
{
	fprintf(stderr, "mshvstat: %s %s: a number from 1 is needed\n", option,
		text);
	return STATUS_USAGE;
}

static bool number(const char *text, unsigned long long maximum,
		   unsigned long long *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return !errno && end != text && !*end && *text != '-' && *value >= 1 &&
	       *value <= maximum;
}

static int parse_option(struct options *o, int option, const char *text)
{
	unsigned long long n;

	switch (option) {
	case '1':
		o->once = true;
		o->batch = true;
		o->all = true;
		o->looks = 1;
		return 0;
	case 'b':
		o->batch = true;
		return 0;
	case 'a':
		o->all = true;
		return 0;
	case 'c':
		o->counters = true;
		return 0;
	case 'i':
		if (!number(text, 86400, &n))
			return bad("--interval", text);
		o->interval = n;
		return 0;
	case 'n':
		if (!number(text, 1000000000, &n))
			return bad("--looks", text);
		o->looks = n;
		return 0;
	case 'p':
		if (!number(text, ~0ULL, &n))
			return bad("--partition", text);
		o->partition = n;
		return 0;
	}
	return STATUS_USAGE;	/* getopt has printed the reason */
}

static int parse_options(struct options *o, int argc, char **argv)
{
	static const struct option list[] = {
		{ "once", no_argument, NULL, '1' },
		{ "batch", no_argument, NULL, 'b' },
		{ "all", no_argument, NULL, 'a' },
		{ "counters", no_argument, NULL, 'c' },
		{ "interval", required_argument, NULL, 'i' },
		{ "looks", required_argument, NULL, 'n' },
		{ "partition", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ }
	};
	int option, ret;

	while ((option = getopt_long(argc, argv, "1bcai:n:p:h", list, NULL)) !=
	       -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			exit(0);
		}
		if (option == 'V') {
			puts("mshvstat " VERSION);
			exit(0);
		}
		ret = parse_option(o, option, optarg);
		if (ret)
			return ret;
	}
	if (optind < argc) {
		fprintf(stderr, "mshvstat: %s: options begin with -; see --help\n",
			argv[optind]);
		return STATUS_USAGE;
	}
	return 0;
}

static unsigned int screen_rows(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ||
	    size.ws_row <= HEADING_ROWS)
		return DEFAULT_ROWS;
	return size.ws_row - HEADING_ROWS;
}

static void print_rows(const struct table *t, const struct options *o)
{
	unsigned int left = o->batch ? ~0U : screen_rows();
	size_t i;

	for (i = 0; i < t->count && left; i++) {
		const struct row *r = &t->rows[i];

		if ((o->partition && r->partition != o->partition) ||
		    (!o->all && !r->added))
			continue;
		if (o->batch)
			printf("%llu %u %s %llu %llu\n", r->partition, r->vp,
			       r->event, r->total, r->added);
		else
			printf("%9llu %4u  %-28s %14llu %10llu\n",
			       r->partition, r->vp, r->event, r->total,
			       r->added / o->interval);
		left--;
	}
}

static void print_table(struct table *t, const struct options *o)
{
	table_sort(t);
	if (!o->batch)
		printf(CLEAR_SCREEN "mshvstat, every %u s\n\n%9s %4s  %-28s %14s %10s\n",
		       o->interval, "PARTITION", "VP", "EVENT", "TOTAL", "/s");
	print_rows(t, o);
	/* A separator line between two updates. */
	if (o->batch && !o->once)
		putchar('\n');
	fflush(stdout);
}

/* One of the two sources is enough. */
static int look(struct table *t)
{
	int ret, traced;

	table_begin(t);
	ret = debugfs_read(t);
	traced = trace_read(t);
	table_end(t);
	if (ret == -ENOMEM || traced == -ENOMEM)
		return -ENOMEM;
	return ret && traced ? ret : 0;
}

static int watch(const struct options *o)
{
	const struct timespec pause = { .tv_sec = o->interval };
	struct table t = { 0 };
	unsigned int looks = 0;
	int ret = 0;

	/* The first update is what the others are compared with. */
	if (!o->once)
		ret = look(&t);
	while (!ret && !stopped) {
		if (nanosleep(&pause, NULL))
			break;
		ret = look(&t);
		if (ret)
			break;
		print_table(&t, o);
		if (++looks == o->looks)
			break;
	}
	free(t.rows);
	return ret;
}

static int print_counters(const struct options *o)
{
	int ret = debugfs_print(o->partition);

	if (!ret)
		return 0;
	fprintf(stderr, "mshvstat: %s: debugfs has no counters of mshv (is the module loaded?)\n",
		strerror(-ret));
	return STATUS_ERROR;
}

int main(int argc, char **argv)
{
	struct options o = { .interval = 1 };
	struct sigaction action = { .sa_handler = on_signal };
	int ret = parse_options(&o, argc, argv);

	if (ret)
		return ret;
	if (o.counters)
		return print_counters(&o);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	sigaction(SIGPIPE, &action, NULL);
	ret = trace_open();
	if (ret)
		fprintf(stderr, "mshvstat: messages to the VMM are not counted: tracing: %s\n",
			strerror(-ret));
	ret = watch(&o);
	trace_close();
	if (!ret)
		return 0;
	fprintf(stderr, "mshvstat: %s%s\n", strerror(-ret),
		ret == -ENOMEM ? "" :
		": neither debugfs nor tracefs has files of mshv (is the module loaded?)");
	return STATUS_ERROR;
}
