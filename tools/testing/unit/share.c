// SPDX-License-Identifier: GPL-2.0
/*
 * Shares of processors: what is taken over seconds is what the cap and the weights say.
 *
 * Model: one processor whose clock is here, VPs that always want to run, and timers that
 * are late by chance.
 */
#include <stdlib.h>

#include <hyperv/hv_property.h>

#include "../rootvisor/sched/share.c"
#undef ARRAY_SIZE

#include "tap.h"

#define HZ		2000000000ull
#define SLICE		(HZ / 200)

u64 tsc_hz = HZ;

static u64 now;

struct vp {
	struct partition p;
	struct share share;
	u64 runtime;
};

static void make(struct vp *vp, u64 cap, u64 weight)
{
	memset(vp, 0, sizeof(*vp));
	vp->p.cpu_cap = cap;
	vp->p.cpu_weight = weight;
}

static u64 chance(u64 most)
{
	return most ? ((u64)rand() << 16 | rand()) % most : 0;
}

static void charge(struct vp *vp)
{
	share_charge(&vp->share, &vp->p, vp->runtime, now);
}

static void run(struct vp *vp, u64 ticks)
{
	vp->runtime += ticks;
	now += ticks;
	charge(vp);
}

/* The VP has the processor to itself until then; what it runs meanwhile. */
static u64 alone(struct vp *vp, u64 end, u64 late)
{
	u64 before = vp->runtime;

	while (now < end) {
		charge(vp);
		if (share_spent(&vp->share, &vp->p))
			now = share_wait(&vp->share, &vp->p, now) + chance(late);
		else
			run(vp, MIN(share_end(&vp->share, &vp->p, now) - now, SLICE) +
				chance(late));
	}
	return vp->runtime - before;
}

static int is_about(u64 value, u64 wanted)
{
	return value >= wanted * 95 / 100 && value <= wanted * 105 / 100;
}

static void check_caps(void)
{
	static const u64 caps[] = { 0xc000, 0x8000, 0x2000, 0x0a00 };
	static const struct {
		u64 late, seconds;
	} rows[] = { { 0, 1 }, { HZ / 20000, 1 }, { HZ / 100, 60 }, { HZ / 20, 60 } };
	unsigned int i, n;
	struct vp vp;

	for (i = 0; i < ARRAY_SIZE(caps); i++)
		for (n = 0; n < ARRAY_SIZE(rows); n++) {
			u64 wanted = HZ * rows[n].seconds * caps[i] / HV_CPU_CAP_DEFAULT, ran;

			make(&vp, caps[i], 100);
			charge(&vp);
			ran = alone(&vp, now + HZ * rows[n].seconds, rows[n].late);
			tap_check(is_about(ran, wanted), "cap %#llx: %llu of %llu", caps[i],
				  ran, wanted);
		}
	tap_group("a cap, over a second");
}

static void check_waits(void)
{
	struct vp vp;
	u64 ran;

	make(&vp, 0x8000, 100);
	charge(&vp);
	now += 1000 * HZ;
	ran = alone(&vp, now + HZ, 0);
	tap_check(is_about(ran, HZ / 2), "%llu of %llu", ran, HZ / 2);
	tap_group("sleep saves nothing up");

	make(&vp, 0x8000, 100);
	run(&vp, HZ);
	share_wait(&vp.share, &vp.p, now);
	share_give_up(&vp.share);
	now += 1000 * HZ;
	ran = alone(&vp, now + HZ, 0);
	tap_check(is_about(ran, HZ / 2), "%llu of %llu", ran, HZ / 2);
	tap_group("nor does sleep after a wait");

	make(&vp, 0x8000, 100);
	run(&vp, HZ);
	now = share_wait(&vp.share, &vp.p, now) + HZ / 2;
	ran = alone(&vp, now + HZ, 0);
	tap_check(is_about(ran, HZ * 3 / 4), "%llu of %llu", ran, HZ * 3 / 4);
	tap_group("who was woken late makes up for it");

	make(&vp, 0x8000, 100);
	vp.share.credit = -1;
	tap_check(share_end(&vp.share, &vp.p, now) == now, "runs");
	tap_group("no time is left of a debt");

	make(&vp, 0x8000, 100);
	run(&vp, 1000 * HZ);
	tap_check(share_spent(&vp.share, &vp.p), "spent");
	tap_check(share_wait(&vp.share, &vp.p, now) <= now + 5 * HZ, "long");
	tap_group("a debt has a limit");

	make(&vp, 1, 100);
	charge(&vp);
	now += 20 * HZ;
	charge(&vp);
	tap_check(!share_spent(&vp.share, &vp.p), "spent");
	tap_check(share_end(&vp.share, &vp.p, now) >= now + HZ / 4000, "short");
	/* What is saved up is a few turns. */
	run(&vp, MAX_TURNS * HZ / 4000);
	tap_check(share_spent(&vp.share, &vp.p), "not spent");
	tap_check(share_wait(&vp.share, &vp.p, now) < now + 20 * HZ, "long");
	tap_group("the least cap lets it come forward");
}

static void check_no_cap(void)
{
	struct vp vp;
	u64 ran;

	make(&vp, HV_CPU_CAP_DEFAULT, 100);
	tap_check(alone(&vp, now + 10 * HZ, 0) >= 10 * HZ, "stopped");
	tap_check(share_end(&vp.share, &vp.p, now) == NEVER, "ends");
	tap_group("no cap, no end");
	/* It is capped from now on, and not for what was. */
	vp.p.cpu_cap = 0x8000;
	ran = alone(&vp, now + HZ, 0);
	tap_check(ran <= HZ / 2 + HZ / 100 && ran >= HZ / 2 - HZ / 100, "%llu", ran);
	tap_group("a cap that comes later");
}

/* Two that share the processor: first who is behind. */
static void both(struct vp *a, struct vp *b, u64 end, u64 late)
{
	while (now < end) {
		bool first = time_before(a->share.virtual_time, b->share.virtual_time);

		run(first ? a : b, SLICE + chance(late));
	}
}

static void check_weights(void)
{
	static const u64 weights[][2] = { { 100, 300 }, { 300, 100 }, { 1, 3 }, { 50, 50 } };
	struct vp a, b;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(weights); i++) {
		make(&a, HV_CPU_CAP_DEFAULT, weights[i][0]);
		make(&b, HV_CPU_CAP_DEFAULT, weights[i][1]);
		/* Virtual times wrap meanwhile. */
		a.share.virtual_time = -(HZ / 10);
		b.share.virtual_time = -(HZ / 10);
		both(&a, &b, now + 2 * HZ, SLICE / 2);
		tap_check(is_about(b.runtime * weights[i][0], a.runtime * weights[i][1]),
			  "%llu and %llu", a.runtime, b.runtime);
	}
	tap_group("weights");

	make(&a, HV_CPU_CAP_DEFAULT, 1);
	make(&b, HV_CPU_CAP_DEFAULT, MAX_CPU_WEIGHT);
	both(&a, &b, now + 200 * HZ, 0);
	tap_check(a.runtime >= SLICE, "%llu", a.runtime);
	tap_group("the least weight is not none");
}

static void check_queues(void)
{
	struct vp vp;

	make(&vp, HV_CPU_CAP_DEFAULT, 100);
	vp.share.virtual_time = 1000;
	share_join(&vp.share, 5000, 5000);
	tap_check(vp.share.virtual_time == 5000, "has saved up");
	share_join(&vp.share, 5000, 5000);
	tap_check(vp.share.virtual_time == 5000, "moved");
	vp.share.virtual_time = 5100;
	share_join(&vp.share, 5000, 900);
	tap_check(vp.share.virtual_time == 1000, "is not as far ahead as it was");
	share_join(&vp.share, 900, -50ull);
	tap_check(vp.share.virtual_time == 50, "is lost when times wrap");
	tap_group("from queue to queue");
}

int main(void)
{
	now = 5 * HZ;
	check_caps();
	check_waits();
	check_no_cap();
	check_weights();
	check_queues();
	return tap_end();
}
