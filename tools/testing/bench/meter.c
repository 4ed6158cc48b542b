// SPDX-License-Identifier: GPL-2.0
/*
 * Counting: rootvisor's counters, and the time stamp counter if it counts
 * instructions.  See bench.h.
 *
 * Reading the counters costs exits, too.  Their number is measured with an
 * empty operation, and subtracted.
 *
 * The root's share is what rootvisor says that the root partition has run for, on the first
 * processor.  A few instructions of rootvisor's own are in that, around each entry: they are
 * measured with CPUID, which does nothing but exit.  An ioctl that no driver sees is taken
 * off, so that what remains is the work that an operation is for the root.
 *
 * Not every driver takes deposits out of the kernel's direct map.  This one counts what that
 * takes, by the same time stamp counter.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <x86intrin.h>

#include "bench.h"
#include "driverbook.h"

/* Iterations of a loop of two instructions, to find out what the TSC counts. */
#define LOOP_SHORT		1000
#define LOOP_LONG		3000
#define LOOP_TRIES		5
#define NOTHING_TRIES		16

/* The most executions of an operation. */
#define TIMES_MAX		64

/* CPUIDs in a loop of three instructions, to find out what an entry adds. */
#define ENTRIES			64
#define ENTRY_LOOP		3

static bool has_port, has_instructions;
static struct cost nothing;
static long long entry_cost, ioctl_cost;

static __u64 loop(unsigned long rounds)
{
	__u64 best = ~0ULL;
	unsigned int i;

	for (i = 0; i < LOOP_TRIES; i++) {
		unsigned long n = rounds;
		__u64 t = __rdtsc();

		__asm__ __volatile__("1: dec %0; jnz 1b" : "+r"(n) : : "cc");
		t = __rdtsc() - t;
		if (t < best)
			best = t;
	}
	return best;
}

static __u32 ask(__u32 command, const __u32 *arg)
{
	outl(0, RV_PORT_RESET);
	if (arg)
		outl(*arg, RV_PORT_DATA);
	outl(command, RV_PORT_COMMAND);
	return inl(RV_PORT_COMMAND);
}

static long long answer(void)
{
	__u64 low = inl(RV_PORT_DATA);

	return low | (__u64)inl(RV_PORT_DATA) << 32;
}

static long long count_of(__u32 what)
{
	return ask(RV_CMD_COUNT, &what) ? UNKNOWN : answer();
}

static long long calls_of(__u32 code)
{
	return ask(RV_CMD_COUNT_CALL, &code) ? UNKNOWN : answer();
}

static long long root_time(void)
{
	const __u32 lp = 0;

	return ask(RV_CMD_TIMES, &lp) ? UNKNOWN : answer();
}

/* Counters that are changed by reading them come first. */
static void read_counters(struct cost *c)
{
	c->root_exits = count_of(RV_COUNT_ROOT_EXITS);
	c->exits = c->root_exits + count_of(RV_COUNT_CHILD_EXITS);
	c->interrupts = count_of(RV_COUNT_ROOT_INTERRUPTS);
	c->calls = calls_of(RV_ANY_CODE);
}

static void read_codes(struct cost *c)
{
	unsigned int code;
	long long left = c->calls;

	/* Most operations make two or three different calls: stop when all are found. */
	for (code = 0; code < METER_CODES && left > 0; code++) {
		c->by_code[code] = calls_of(code);
		left -= c->by_code[code];
	}
}

/*
 * A profile has breakpoints at the first and the last of these, and is of what is executed
 * after the second (profile_row.py).  The numbers that are reported do not include them.
 */
__attribute__((noinline)) void meter_begin(const char *operation)
{
	__asm__ __volatile__("" : : "r"(operation));
}

__attribute__((noinline)) void meter_start(void)
{
	__asm__ __volatile__("");
}

__attribute__((noinline)) void meter_end(void)
{
	__asm__ __volatile__("");
}

static long long sleeps(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) ? 0 : usage.ru_nvcsw;
}

/* It ended in the guest; what was counted until it returned is too much. */
static void end_earlier(struct cost *c, __u64 started, __u64 arrived)
{
	long long so_far = arrived - started;

	c->instructions = so_far > 0 && so_far < c->instructions ? so_far : UNKNOWN;
	c->exits = UNKNOWN;
	c->root_exits = UNKNOWN;
	c->interrupts = UNKNOWN;
	c->root = UNKNOWN;
}

static int once(const struct operation *op, struct world *w, struct cost *c)
{
	bool deposits = op->deposits && has_instructions;
	long long root = UNKNOWN, direct_map = UNKNOWN;
	__u64 t, started;
	int ret;

	memset(c, 0, sizeof(*c));
	c->sleeps = -sleeps();
	if (deposits)
		direct_map = driver_book("direct_map_cycles");
	if (has_port) {
		ask(RV_CMD_MARK, NULL);
		root = root_time();
	}
	meter_begin(op->name ? op->name : "");
	meter_start();
	started = __rdtsc();
	ret = op->run ? op->run(w) : 0;
	t = __rdtsc() - started;
	meter_end();
	c->root = has_instructions && root != UNKNOWN ? root_time() - root : UNKNOWN;
	c->direct_map = direct_map == UNKNOWN ? 0 : driver_book("direct_map_cycles") - direct_map;
	c->calls = UNKNOWN;
	c->exits = UNKNOWN;
	c->root_exits = UNKNOWN;
	c->interrupts = UNKNOWN;
	c->instructions = has_instructions ? (long long)t : UNKNOWN;
	if (has_port)
		read_counters(c);
	c->sleeps += sleeps();
	if (w && w->arrived)
		end_earlier(c, started, w->arrived);
	return ret;
}

/**
 * meter_instructions() - instructions of all so far
 *
 * Return: their number, or UNKNOWN.
 */
long long meter_instructions(void)
{
	return has_instructions ? (long long)__rdtsc() : UNKNOWN;
}

static int by_cost(const void *one, const void *other)
{
	const struct cost *a = one, *b = other;

	if (a->instructions != b->instructions)
		return a->instructions < b->instructions ? -1 : 1;
	if (a->calls != b->calls)
		return a->calls < b->calls ? -1 : 1;
	/* An exit may come between the readings: it would be taken off for nothing. */
	return (a->root_exits > b->root_exits) - (a->root_exits < b->root_exits);
}

static void take_off(long long *from, long long what)
{
	if (*from != UNKNOWN)
		*from -= what;
}

static void take_off_all(struct cost *c)
{
	take_off(&c->exits, nothing.exits);
	take_off(&c->root_exits, nothing.root_exits);
	take_off(&c->instructions, nothing.instructions);
	take_off(&c->root, nothing.root + ioctl_cost);
	if (c->root_exits != UNKNOWN)
		take_off(&c->root, c->root_exits * entry_cost);
}

/**
 * meter_operation() - measure several executions of an operation
 * @op: the operation; the cheapest counts, or the one in the middle if it wakes a thread
 * @w: its world, set up
 * @cost: result
 *
 * Return: 0 or the error of the operation.
 */
int meter_operation(const struct operation *op, struct world *w,
		    struct cost *cost)
{
	static struct cost costs[TIMES_MAX];
	unsigned int i, times = op->times ? op->times : 1;
	int ret = times <= TIMES_MAX ? 0 : -E2BIG;

	for (i = 0; i < times && !ret; i++) {
		if (op->before)
			ret = op->before(w);
		if (!ret)
			ret = once(op, w, &costs[i]);
		if (!ret && has_port)
			read_codes(&costs[i]);
		if (!ret && op->after)
			ret = op->after(w);
	}
	if (ret)
		return ret;
	qsort(costs, times, sizeof(*costs), by_cost);
	*cost = costs[op->wakes ? times / 2 : 0];
	take_off_all(cost);
	return 0;
}

static void take_off_each(long long *from, long long less, unsigned int each)
{
	if (*from != UNKNOWN)
		*from = (*from - less) / each;
}

/**
 * meter_each() - what one of several things costs
 * @cost: cost of all of them, and of what is done besides; result
 * @less: cost of @each fewer
 * @each: how many
 */
void meter_each(struct cost *cost, const struct cost *less, unsigned int each)
{
	unsigned int code;

	take_off_each(&cost->calls, less->calls, each);
	take_off_each(&cost->exits, less->exits, each);
	take_off_each(&cost->root_exits, less->root_exits, each);
	take_off_each(&cost->interrupts, less->interrupts, each);
	take_off_each(&cost->instructions, less->instructions, each);
	take_off_each(&cost->root, less->root, each);
	for (code = 0; code < METER_CODES; code++)
		cost->by_code[code] = (cost->by_code[code] - less->by_code[code]) / each;
}

static int no_work(struct world *w)
{
	return ioctl(0, FIOCLEX) ? -errno : 0;
}

static int only_exits(struct world *w)
{
	unsigned int i;

	for (i = 0; i < w->n; i++) {
		unsigned int a = 0, b, c = 0, d;

		__asm__ __volatile__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	}
	return 0;
}

/* What an operation without work costs, which the others are measured with. */
static void meter_calibrate(void)
{
	const struct operation idle = { .name = "nothing", .times = NOTHING_TRIES };
	const struct operation call = { .run = no_work, .times = NOTHING_TRIES };
	const struct operation exits = { .run = only_exits, .times = NOTHING_TRIES };
	struct world few = { .n = ENTRIES }, many = { .n = 2 * ENTRIES };
	struct cost c, more;

	if (!meter_operation(&idle, NULL, &c))
		nothing = c;
	if (meter_operation(&exits, &few, &c) || meter_operation(&exits, &many, &more))
		return;
	entry_cost = (more.root - c.root) / ENTRIES - ENTRY_LOOP;
	if (!meter_operation(&call, NULL, &c))
		ioctl_cost = c.root;
}

/**
 * meter_init() - find out what can be counted
 */
void meter_init(void)
{
	has_port = !rv_open();
	has_instructions = loop(LOOP_LONG) - loop(LOOP_SHORT) ==
			   2 * (LOOP_LONG - LOOP_SHORT);
	meter_calibrate();
	if (has_port)
		rv_rep_slice(METER_REP_SLICE);
}

/**
 * meter_exit() - restore the hypervisor's settings
 */
void meter_exit(void)
{
	if (has_port)
		rv_rep_slice(0);
}
