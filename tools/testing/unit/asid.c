// SPDX-License-Identifier: GPL-2.0
/* Which address space identifiers rootvisor gives to VPs, and what it has to flush. */
#include <string.h>

#include "../rootvisor/cpu/svm_asid.c"
#undef ARRAY_SIZE

#include "tap.h"

#define LPS	3
#define VPS	12
#define STEPS	20000

static struct asid_space spaces[LPS];
static struct asid vps[VPS];
/* What the TLB of an LP has: whose, by ASID, and how new it is; moves of each VP. */
static struct {
	int vp;
	u32 moves;
} tlb[LPS][64];
static u32 moves[VPS];

static u32 step(u32 *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static void enter(u32 lp, u32 vp, u32 end)
{
	bool fresh = asid_choose(&spaces[lp], &vps[vp], &spaces[lp]);
	u32 n = vps[vp].number;

	if (spaces[lp].flush_all) {
		memset(tlb[lp], 0xff, sizeof(tlb[lp]));
		spaces[lp].flush_all = false;
	}
	moves[vp] += fresh;
	tap_check(n && n < end, "ASID %u of %u", n, end);
	tap_check(tlb[lp][n].vp < 0 || (tlb[lp][n].vp == (int)vp &&
					tlb[lp][n].moves == moves[vp]),
		  "LP %u, VP %u, ASID %u is VP %d's", lp, vp, n, tlb[lp][n].vp);
	tlb[lp][n].vp = (int)vp;
	tlb[lp][n].moves = moves[vp];
}

static void check_all(u32 end)
{
	u32 seed = end;

	memset(spaces, 0, sizeof(spaces));
	memset(vps, 0, sizeof(vps));
	/* What was in the TLB before is not ours. */
	memset(tlb, 0, sizeof(tlb));
	for (u32 lp = 0; lp < LPS; lp++)
		spaces[lp].end = end;
	for (u32 i = 0; i < STEPS; i++) {
		u32 vp = step(&seed) % VPS;

		/* The first ones are roots, which do not move. */
		enter(vp < LPS ? vp : step(&seed) % LPS, vp, end);
	}
}

static void check_kept(void)
{
	struct asid_space space = { .end = 16 };
	struct asid root = { 0 }, child = { 0 };

	tap_check(asid_choose(&space, &root, &space) && space.flush_all, "the first");
	space.flush_all = false;
	tap_check(asid_choose(&space, &child, &space) && !space.flush_all, "the second");
	tap_check(root.number != child.number, "they differ");
	for (u32 i = 0; i < 3; i++) {
		tap_check(!asid_choose(&space, &root, &space), "kept");
		tap_check(!asid_choose(&space, &child, &space), "kept");
	}
	tap_check(!space.flush_all, "without a flush");
	tap_group("VPs that take turns keep theirs");
}

int main(void)
{
	static const u32 ends[] = { 2, 3, 8, 16, 64 };

	for (u32 i = 0; i < ARRAY_SIZE(ends); i++)
		check_all(ends[i]);
	tap_group("no VP finds translations of another, or of its own past");
	check_kept();
	return tap_end();
}
