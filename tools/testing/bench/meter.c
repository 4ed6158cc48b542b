// SPDX-License-Identifier: GPL-2.0
/*
 * Counting: rootvisor's counters, and the time stamp counter if it counts
 * instructions.  See bench.h.
 *
 * Reading the counters costs exits, too.  Their number is measured with an
 * empty operation, and subtracted.
 */
#include <errno.h>
#include <string.h>
#include <sys/io.h>
#include <x86intrin.h>

#include "bench.h"

/* Iterations of a loop of two instructions, to find out what the TSC counts. */
#define LOOP_SHORT		1000
#define LOOP_LONG		3000
#define LOOP_TRIES		5
#define NOTHING_TRIES		16

static bool has_port, has_instructions;
static struct cost nothing;

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

/* Counters that are changed by reading them come first. */
static void read_counters(struct cost *c)
{
	long long root = count_of(RV_COUNT_ROOT_EXITS);

	c->exits = root + count_of(RV_COUNT_CHILD_EXITS);
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

static int once(const struct operation *op, struct world *w, struct cost *c)
{
	__u64 t;
	int ret;

	memset(c, 0, sizeof(*c));
	if (has_port)
		ask(RV_CMD_MARK, NULL);
	t = __rdtsc();
	ret = op->run ? op->run(w) : 0;
	t = __rdtsc() - t;
	c->calls = UNKNOWN;
	c->exits = UNKNOWN;
	c->interrupts = UNKNOWN;
	c->instructions = has_instructions ? (long long)t : UNKNOWN;
	if (has_port)
		read_counters(c);
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

static bool cheaper(const struct cost *a, const struct cost *b)
{
	if (a->instructions != b->instructions)
		return a->instructions < b->instructions;
	return a->calls < b->calls;
}

static void take_off(long long *from, long long what)
{
	if (*from != UNKNOWN)
		*from -= what;
}

/**
 * meter_operation() - measure an operation, the minimum of several executions
 * @op: the operation
 * @w: its world, set up
 * @cost: result
 *
 * Return: 0 or the error of the operation.
 */
int meter_operation(const struct operation *op, struct world *w,
		    struct cost *cost)
{
	unsigned int i, times = op->times ? op->times : 1;
	struct cost c;
	int ret = 0;

	for (i = 0; i < times; i++) {
		if (op->before)
			ret = op->before(w);
		if (!ret)
			ret = once(op, w, &c);
		if (!ret && has_port)
			read_codes(&c);
		if (!ret && op->after)
			ret = op->after(w);
		if (ret)
			return ret;
		if (!i || cheaper(&c, cost))
			*cost = c;
	}
	take_off(&cost->exits, nothing.exits);
	take_off(&cost->instructions, nothing.instructions);
	return 0;
}

/**
 * meter_init() - find out what can be counted
 */
void meter_init(void)
{
	const struct operation idle = { .name = "nothing", .times = NOTHING_TRIES };
	struct cost c;

	has_port = !rv_open();
	has_instructions = loop(LOOP_LONG) - loop(LOOP_SHORT) ==
			   2 * (LOOP_LONG - LOOP_SHORT);
	memset(&nothing, 0, sizeof(nothing));
	if (!meter_operation(&idle, NULL, &c))
		nothing = c;
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
