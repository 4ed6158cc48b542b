/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mshvbench: what the operations of /dev/mshv cost, as counts.
 *
 * Model: an operation is done a number of times, each time between two looks at
 * the counters; what is told is the cheapest time, because what disturbs an
 * operation, such as the tick, only ever adds to it.  Nothing but /dev/mshv is
 * needed.  Where a rootvisor is below and its control port answers, hypercalls,
 * VM exits and interrupts are counted by it; where the time stamp counter counts
 * instructions, as it does in a recorded run, instructions are told.  What cannot
 * be known is left out.
 *
 * Words: the "floor" of an operation is the least number of hypercalls with which
 * it can be done.  A "world" is what an operation has to work with.
 */
#ifndef _MSHVBENCH_H
#define _MSHVBENCH_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>

#include <rootvisor/control.h>

#include "testvm.h"

/* Hypercalls of one operation, by code; higher codes are not told apart. */
#define METER_CODES		0x100

/* What the sleeping guest is woken by. */
#define GUEST_VECTOR		0x40

/* What stands for "not known" in a cost. */
#define UNKNOWN			(-1LL)

/* A whole list in one call, however long; what rootvisor cuts is its choice. */
#define METER_REP_SLICE		4095

/**
 * struct cost - what one operation has cost
 * @calls: hypercalls
 * @exits: VM exits, of the root and of guests
 * @interrupts: interrupts that the hypervisor sent to the root
 * @instructions: instructions of all, from user space down to the hypervisor
 * @by_code: hypercalls by code
 */
struct cost {
	long long calls;
	long long exits;
	long long interrupts;
	long long instructions;
	unsigned int by_code[METER_CODES];
};

/**
 * struct world - what operations work with
 * @t: a machine
 * @page: its register page, or NULL
 * @root_sched: the root schedules
 * @n: whatever the operation counts by
 * @state: the operation's own
 */
struct world {
	struct tvm t;
	struct hv_vp_register_page *page;
	bool root_sched;
	unsigned int n;
	void *state;
};

/**
 * struct operation - something that costs
 * @group: the part of the list it belongs to
 * @name: what it is
 * @floor_root: hypercalls it needs at least, the root scheduling
 * @floor_classic: likewise, the hypervisor scheduling
 * @pinned: guest memory is to be pinned, which not every driver can be told
 * @n: for @world.n
 * @times: how often to do it
 * @setup: before the first time
 * @before: before each time, not counted
 * @run: the operation
 * @after: after each time, not counted
 * @teardown: after the last time, also when @setup has failed
 *
 * Functions return 0 or a negative errno; those that do nothing are NULL.
 */
struct operation {
	const char *group;
	const char *name;
	long long floor_root;
	long long floor_classic;
	bool pinned;
	unsigned int n;
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
long long meter_instructions(void);
int meter_operation(const struct operation *op, struct world *w,
		    struct cost *cost);

/* guest.c */
int guest_setup(struct world *w);
void guest_teardown(struct world *w);
int guest_aim(struct world *w, __u64 address);
int guest_next(struct world *w);
int guest_sleeper(struct world *w);

/* Tables of operations, each ends with one without a name. */
extern const struct operation ops_run[];
extern const struct operation ops_event[];
extern const struct operation ops_memory[];
extern const struct operation ops_life[];

/* scale.c */
int scale_run(FILE *json, bool root_sched);

/* held.c */
int held_run(FILE *json);

/* report.c */
void report_head(bool root_sched);
void report_operation(FILE *json, const struct operation *op,
		      const struct cost *cost, bool root_sched);

#endif
