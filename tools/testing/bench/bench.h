/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mshvbench: counts what the operations of /dev/mshv cost.
 *
 * Model: an operation is executed several times, and counters are read before and
 * after each time; the minimum is reported, because disturbances such as the tick
 * can only add to it.  Where threads are woken, one order of events may be cheaper than
 * the usual one, and the median is reported.  Only /dev/mshv is needed.  On rootvisor
 * with a control port, hypercalls, VM exits and interrupts are counted; where the time
 * stamp counter counts instructions, as in a recorded run, instructions are reported.
 * What is not known is omitted.
 *
 * Words: the "floor" of an operation is the least number of hypercalls that it
 * needs.  A "world" is what an operation works with.
 */
#ifndef _MSHVBENCH_H
#define _MSHVBENCH_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>

#include <rootvisor/control.h>

#include "testvm.h"

/* Hypercalls of one operation, by code; higher codes are counted together. */
#define METER_CODES		0x100

/* Interrupt vector that wakes the sleeping guest. */
#define GUEST_VECTOR		0x40

/* Marks an unknown cost. */
#define UNKNOWN			(-1LL)

/* A whole list in one call: rootvisor's default would split it. */
#define METER_REP_SLICE		4095

/**
 * struct cost - the cost of an operation
 * @calls: hypercalls
 * @exits: VM exits, of the root and of guests
 * @interrupts: interrupts that the hypervisor sent to the root
 * @root_exits: those of the root
 * @instructions: instructions at all levels, from user space to the hypervisor
 * @root: those of the root partition, beyond what a system call that does nothing takes
 * @direct_map: of these, those for taking deposits out of the kernel's direct map, or back
 * @sleeps: how often a thread of the program has slept meanwhile
 * @by_code: hypercalls by code
 */
struct cost {
	long long calls;
	long long exits;
	long long root_exits;
	long long interrupts;
	long long instructions;
	long long root;
	long long direct_map;
	long long sleeps;
	unsigned int by_code[METER_CODES];
};

/**
 * struct world - what operations work with
 * @t: test VM
 * @page: its register page, or NULL
 * @root_sched: root scheduler, not the hypervisor's
 * @n: parameter of the operation
 * @arrived: set by an operation that is over before it returns: when it was, by the time
 *	stamp counter
 * @state: private data of the operation
 */
struct world {
	struct tvm t;
	struct hv_vp_register_page *page;
	bool root_sched;
	unsigned int n;
	__u64 arrived;
	void *state;
};

/**
 * struct operation - a measured operation
 * @group: group in the table
 * @name: description
 * @floor_root: least number of hypercalls, with the root scheduler
 * @floor_classic: likewise, with the hypervisor's
 * @wakes: it wakes a thread, other than by a VP that is run: the median is its cost
 * @deposits: it deposits or withdraws memory
 * @pinned: pin guest memory, which not every driver supports
 * @n: for @world.n
 * @less: also measured with this as @world.n, and only the difference is told
 * @each: of so many things
 * @times: number of executions
 * @setup: called before the first execution
 * @before: called before each execution, not counted
 * @run: the operation
 * @after: called after each execution, not counted
 * @teardown: called at the end, even if @setup has failed
 *
 * Functions return 0 or a negative errno; unused ones are NULL.
 */
struct operation {
	const char *group;
	const char *name;
	long long floor_root;
	long long floor_classic;
	bool wakes;
	bool deposits;
	bool pinned;
	unsigned int n;
	unsigned int less;
	unsigned int each;
	unsigned int times;
	int (*setup)(struct world *w);
	int (*before)(struct world *w);
	int (*run)(struct world *w);
	int (*after)(struct world *w);
	void (*teardown)(struct world *w);
};

/* meter.c */
void meter_init(void);
void meter_exit(void);
void meter_begin(const char *operation);
void meter_start(void);
void meter_end(void);
long long meter_instructions(void);
int meter_operation(const struct operation *op, struct world *w,
		    struct cost *cost);
void meter_each(struct cost *cost, const struct cost *less, unsigned int each);

/* guest.c */
int guest_setup(struct world *w);
void guest_teardown(struct world *w);
int guest_aim(struct world *w, __u64 address);
int guest_next(struct world *w);
int guest_sleeper(struct world *w);
int guest_stamper(struct world *w);
__u64 guest_stamp(const struct world *w);

/* Tables of operations; the last entry has no name. */
extern const struct operation ops_run[];
extern const struct operation ops_vp[];
extern const struct operation ops_event[];
extern const struct operation ops_wake[];
extern const struct operation ops_memory[];
extern const struct operation ops_life[];

/* scale.c */
int scale_run(FILE *json, const char *only, bool root_sched, bool small);

/* held.c */
int held_run(FILE *json);

/* storm.c */
int storm_run(FILE *json, const char *only, bool root_sched, bool small);

/* report.c */
void report_number(long long value);
void report_json(FILE *f, const char *name, long long value);
void report_head(bool root_sched);
void report_operation(FILE *json, const struct operation *op,
		      const struct cost *cost, bool root_sched);

#endif
