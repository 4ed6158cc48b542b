// SPDX-License-Identifier: GPL-2.0
/*
 * The clock of a partition: its reference time, which can be frozen.
 *
 * Model: the time is tsc_scaled(TSC + @clock_tsc) + @clock_ref.  @clock_tsc is the TSC
 * offset of the partition's first VP, once it has one, so that the clock agrees exactly
 * with what a guest computes from its reference TSC page.  @clock_ref is recomputed
 * whenever @clock_tsc changes, so that the time does not jump.
 */
#include <rv/partition.h>
#include <rv/timer.h>

static u64 running_time(const struct partition *p, u64 tsc)
{
	return tsc_scaled(tsc + p->clock_tsc) + p->clock_ref;
}

/* Starts the clock, with this time at @tsc. */
static void set_at(struct partition *p, u64 tsc, u64 time)
{
	p->clock_ref = time - tsc_scaled(tsc + p->clock_tsc);
}

u64 partition_time_at(struct partition *p, u64 tsc)
{
	return p->time_frozen ? p->time_frozen_at : running_time(p, tsc);
}

u64 partition_time(struct partition *p)
{
	return partition_time_at(p, tsc_now());
}

void partition_time_set(struct partition *p, u64 time)
{
	if (p->time_frozen)
		p->time_frozen_at = time;
	else
		set_at(p, tsc_now(), time);
}

void partition_time_freeze(struct partition *p, bool on)
{
	if (on == p->time_frozen)
		return;
	if (on)
		p->time_frozen_at = partition_time(p);
	else
		set_at(p, tsc_now(), p->time_frozen_at);
	p->time_frozen = on;
}

void partition_time_follow(struct partition *p, u64 tsc_offset)
{
	u64 tsc = tsc_now(), time = running_time(p, tsc);

	if (p->clock_tsc == tsc_offset)
		return;
	p->clock_tsc = tsc_offset;
	set_at(p, tsc, time);
}
