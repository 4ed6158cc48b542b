// SPDX-License-Identifier: GPL-2.0
/* Weights and caps: see rv/share.h for the model. */
#include <hyperv/hv_property.h>
#include <rv/partition.h>
#include <rv/share.h>
#include <rv/timer.h>

#define TURNS_PER_SECOND	100	/* of a VP that always wants to run */
/* Minimum length of a turn, for VPs with a small cap. */
#define SHORT_PER_SECOND	4000
/* Turns that can be saved up while a VP waits for its LP: a twentieth of a second. */
#define MAX_TURNS		5
#define TURN_END		8	/* less than this fraction is not worth a turn */
/* Limits: of debt, of lateness that is made up for, and of time charged at once. */
#define MAX_DEBT_SECONDS	4
#define MAX_LATE_SECONDS	4
#define MAX_SECONDS		100

static bool capped(const struct partition *p)
{
	return p->cpu_cap != HV_CPU_CAP_DEFAULT;
}

static s64 earned(const struct partition *p, u64 ticks)
{
	return (s64)(ticks * p->cpu_cap);
}

static s64 cost(u64 ticks)
{
	return (s64)(ticks * HV_CPU_CAP_DEFAULT);
}

static s64 turn(const struct partition *p)
{
	return MAX(earned(p, tsc_hz / TURNS_PER_SECOND), cost(tsc_hz / SHORT_PER_SECOND));
}

static u64 span(u64 from, u64 to, u64 seconds)
{
	/* The clocks of two LPs may differ slightly. */
	return to > from ? MIN(to - from, tsc_hz * seconds) : 0;
}

static s64 most(const struct share *share, const struct partition *p, u64 now)
{
	u64 late = share->again ? span(share->again, now, MAX_LATE_SECONDS) : 0;

	return turn(p) * MAX_TURNS + earned(p, late);
}

static void settle_credit(struct share *share, const struct partition *p, u64 ran, u64 now)
{
	u64 since = span(share->credit_at, now, MAX_SECONDS);
	s64 limit = most(share, p, now);

	ran = MIN(ran, tsc_hz * MAX_SECONDS);
	share->credit += earned(p, ran) - cost(ran);
	if (share->credit < limit)
		share->credit = MIN(share->credit + earned(p, since - MIN(ran, since)), limit);
	share->credit = MAX(share->credit, -earned(p, tsc_hz * MAX_DEBT_SECONDS));
	share->credit_at = now;
	share->again = 0;
}

void share_charge(struct share *share, const struct partition *p, u64 runtime, u64 now)
{
	u64 ran = runtime - share->charged;

	share->charged = runtime;
	share->virtual_time += ran * MAX_CPU_WEIGHT / p->cpu_weight;
	if (capped(p)) {
		settle_credit(share, p, ran, now);
	} else {
		share->credit = 0;
		share->credit_at = now;
	}
}

bool share_spent(const struct share *share, const struct partition *p)
{
	return capped(p) && share->credit < turn(p) / TURN_END;
}

u64 share_wait(struct share *share, const struct partition *p, u64 now)
{
	share->again = time_after(now, (u64)(turn(p) - share->credit) / p->cpu_cap + 1);
	return share->again;
}

u64 share_end(const struct share *share, const struct partition *p, u64 now)
{
	if (!capped(p))
		return NEVER;
	/* The cap may be new, with credit not settled yet. */
	return time_after(now, (u64)MAX(share->credit, 0ll) / HV_CPU_CAP_DEFAULT);
}

void share_join(struct share *share, u64 from, u64 to)
{
	share->virtual_time += to - from;
	if (time_before(share->virtual_time, to))
		share->virtual_time = to;
}
