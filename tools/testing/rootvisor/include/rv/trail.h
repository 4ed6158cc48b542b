/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last exits and hypercalls of an LP, for the report of a crash.
 *
 * Written at each of them, by the LP itself: a dozen instructions, most of them moves.
 * What they mean is found out when they are printed.
 */
#ifndef _RV_TRAIL_H
#define _RV_TRAIL_H

#include <rv/base.h>

#define TRAIL_LENGTH	8

/**
 * struct trail_entry - an exit, or a hypercall
 * @where: the guest's RIP; the call's control word
 * @what: the reason; the call's status
 * @number: the hardware's number for the reason
 * @vp: index of the VP
 * @partition: its partition
 */
struct trail_entry {
	u64 where;
	u32 what, number;
	u32 vp, partition;
};

/* @nr: how many there were; the next one is at this number, modulo the length. */
struct trail {
	u32 nr;
	struct trail_entry at[TRAIL_LENGTH];
};

static inline void trail_add(struct trail *trail, struct trail_entry entry)
{
	trail->at[trail->nr++ % TRAIL_LENGTH] = entry;
}

static inline void trail_status(struct trail *trail, u32 status)
{
	trail->at[(trail->nr - 1) % TRAIL_LENGTH].what = status;
}

/* Prints both trails of each LP. */
void trails_print(void);

#endif
