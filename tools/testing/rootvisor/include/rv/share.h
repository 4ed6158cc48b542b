/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPU shares under the classic scheduler: weights and caps.
 *
 * Model: a VP has a *virtual time*, which advances while it runs, the slower the greater
 * the weight of its partition.  Of the VPs that want an LP, the one with the least
 * virtual time is next.  The queue's own virtual time is that of the VP furthest behind,
 * and never decreases.  A VP that joins a queue starts there at the earliest: being away
 * earns nothing.  One that was only preempted keeps its time.
 *
 * A VP of a capped partition has *credit*, the time that it may run.  Credit grows at the
 * rate of the cap, and running spends it.  A VP without credit is *spent*, and waits
 * until it can pay for a turn again.  While it does not run, it saves up a few turns at
 * most.
 *
 * Timers are late; on an emulated processor that waits for a real one, by many turns.  A
 * VP that has run for too long waits longer, and one that has waited for too long may use
 * the time later: over a second its share is right.
 */
#ifndef _RV_SHARE_H
#define _RV_SHARE_H

#include <rv/base.h>

#define MAX_CPU_WEIGHT		10000ull

struct partition;

struct share {
	u64 charged;		/* the VP's runtime up to here is accounted for */
	u64 virtual_time;
	s64 credit;		/* in ticks of the TSC * HV_CPU_CAP_DEFAULT */
	u64 credit_at;		/* TSC of the last update of @credit */
	u64 again;		/* TSC at which its wait should end; 0: not waiting */
};

/* Charges for the VP's total runtime @runtime, in TSC ticks. */
void share_charge(struct share *share, const struct partition *p, u64 runtime, u64 now);

/* Must it wait? */
bool share_spent(const struct share *share, const struct partition *p);

/* Begins to wait; returns the TSC of the end. */
u64 share_wait(struct share *share, const struct partition *p, u64 now);

/* The wait is over, but the VP does not want to run. */
static inline void share_give_up(struct share *share)
{
	share->again = 0;
}

/* Until when may it run?  A TSC, or NEVER. */
u64 share_end(const struct share *share, const struct partition *p, u64 now);

/* Virtual times; they wrap. */
static inline bool time_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

/* The VP was away, and joins a queue: another one, or the same. */
void share_join(struct share *share, u64 from, u64 to);

#endif
