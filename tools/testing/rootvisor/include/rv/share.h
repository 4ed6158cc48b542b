/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shares of the processors under the classic scheduler: weights and caps.
 *
 * Model: a VP has a *virtual time*, which passes while it runs, the slower the greater
 * the weight of its partition is.  Of the VPs that want an LP, the one that is behind
 * the others is next.  The queue's own virtual time is that of the VP that is furthest
 * behind, and never goes back.  A VP that comes to a queue begins there: who was away has
 * saved nothing up.  One that was only interrupted keeps its time.
 *
 * A VP of a capped partition has *credit*, the time that it may run.  Credit grows at
 * the rate of the cap, and running spends it.  A VP that is *spent* waits until it has
 * the credit of a turn again.  While it does not run, only a few turns are saved up.
 *
 * Timers are late, and on an emulated processor that has to wait for a real one, by many
 * turns.  A VP that has run for too long waits for longer, and one that has waited for
 * too long is given what it could not use: over a second its share is right.
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
	u64 credit_at;		/* TSC at which that was so */
	u64 again;		/* TSC at which its wait should end; 0: it does not wait */
};

/* The VP has run for @runtime in all, TSC ticks. */
void share_charge(struct share *share, const struct partition *p, u64 runtime, u64 now);

/* Must it wait? */
bool share_spent(const struct share *share, const struct partition *p);

/* Begins the wait; its end, TSC. */
u64 share_wait(struct share *share, const struct partition *p, u64 now);

/* The wait is over, and the VP does not want to run. */
static inline void share_give_up(struct share *share)
{
	share->again = 0;
}

/* How long may it run?  TSC, or NEVER. */
u64 share_end(const struct share *share, const struct partition *p, u64 now);

/* Virtual times; they wrap. */
static inline bool time_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

/* The VP, which was away, comes from one queue to another, or to the same. */
void share_join(struct share *share, u64 from, u64 to);

#endif
