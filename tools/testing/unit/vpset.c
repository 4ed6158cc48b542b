// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of processors, compared with a plain array, in memory of exactly the
 * required size.
 */
#include <stdlib.h>
#include <string.h>

#include <hv/vpset.h>

#include "tap.h"

#define MAX_VP	4096

static __u32 seed = 12345;

static __u32 random_next(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

static void check_random_set(unsigned int max_banks, unsigned int members)
{
	struct hv_vpset *set = malloc(HV_VPSET_BYTES(max_banks));
	unsigned char want[MAX_VP] = { 0 };
	unsigned int banks = 0, count = 0, i, vp;
	__u64 mask = 0;
	int added;

	hv_vpset_init(set);
	tap_check(!hv_vpset_count(set, MAX_VP), "an empty set has members");
	for (i = 0; i < members; i++) {
		vp = random_next() % MAX_VP;
		added = hv_vpset_add(set, max_banks, vp);
		if (!(mask >> (vp / 64) & 1)) {
			tap_check(added == (banks < max_banks),
				  "bank %u of %u", banks, max_banks);
			if (added) {
				mask |= 1ULL << (vp / 64);
				banks++;
			}
		} else {
			tap_check(added, "%u into a bank that exists", vp);
		}
		if (added && !want[vp]) {
			want[vp] = 1;
			count++;
		}
	}

	tap_check(hv_vpset_banks(set) == banks, "number of banks");
	tap_check(set->valid_bank_mask == mask, "bank mask");
	tap_check(hv_vpset_count(set, MAX_VP) == count, "number of members");
	for (vp = 0; vp < MAX_VP; vp++)
		tap_check(hv_vpset_contains(set, vp) == want[vp], "%u", vp);
	hv_vpset_for_each(vp, set, MAX_VP)
		tap_check(want[vp]-- == 1, "%u comes twice", vp);
	for (vp = 0; vp < MAX_VP; vp++)
		tap_check(!want[vp], "%u was not visited", vp);

	tap_check(hv_vpset_check(set, HV_VPSET_BYTES(banks)), "fits");
	if (banks)
		tap_check(!hv_vpset_check(set, HV_VPSET_BYTES(banks) - 1),
			  "does not fit");
	free(set);
}

static void check_limits(void)
{
	struct hv_vpset *set = malloc(HV_VPSET_BYTES(2));

	hv_vpset_init(set);
	tap_check(!hv_vpset_add(set, 2, 4096), "index beyond all banks");
	tap_check(!hv_vpset_add(set, 2, 0xffffffff), "index of any VP");
	tap_check(hv_vpset_add(set, 2, 4095), "last index");
	tap_check(hv_vpset_add(set, 2, 63), "an earlier bank");
	tap_check(set->bank_contents[0] == 1ULL << 63 &&
		  set->bank_contents[1] == 1ULL << 63, "banks are in order");
	tap_check(!hv_vpset_add(set, 2, 64), "a third bank");
	tap_check(hv_vpset_next(set, 0, 4096) == 63, "first");
	tap_check(hv_vpset_next(set, 64, 4096) == 4095, "second");
	tap_check(hv_vpset_next(set, 64, 4095) == HV_VPSET_END, "limit");
	tap_check(hv_vpset_next(set, 4096, 5000) == HV_VPSET_END, "end");
	tap_check(!hv_vpset_contains(set, 0xffffffff), "no such index");
	tap_check(!hv_vpset_contains(set, 4096), "first index of no bank");
	tap_check(hv_vpset_next(set, 63, 63) == HV_VPSET_END, "empty range");
	free(set);
	tap_group("limits");
}

static void check_formats(void)
{
	struct hv_vpset *set = malloc(sizeof(*set));

	set->format = HV_GENERIC_SET_ALL;
	set->valid_bank_mask = ~0ULL;
	tap_check(hv_vpset_check(set, sizeof(*set)), "all");
	tap_check(!hv_vpset_check(set, sizeof(*set) - 1), "cut short");
	tap_check(!hv_vpset_banks(set), "no banks");
	tap_check(hv_vpset_count(set, 5) == 5, "count");
	tap_check(hv_vpset_contains(set, 2047), "member");
	tap_check(hv_vpset_next(set, 4, 5) == 4, "last");
	tap_check(hv_vpset_next(set, 5, 5) == HV_VPSET_END, "end");
	tap_check(!hv_vpset_add(set, 0, 1), "nothing to add to");
	set->format = 2;
	tap_check(!hv_vpset_check(set, 4096), "unknown format");
	set->format = 1ULL << 32;
	tap_check(!hv_vpset_check(set, 4096), "format in the upper half");
	set->format = HV_GENERIC_SET_SPARSE_4K;
	tap_check(!hv_vpset_check(set, HV_VPSET_BYTES(63)), "63 of 64 banks");
	free(set);
	tap_group("formats");
}

int main(void)
{
	static const unsigned int banks[] = { 0, 1, 2, 7, 63, 64 };
	unsigned int i, members;

	for (i = 0; i < ARRAY_SIZE(banks); i++)
		for (members = 0; members < 300; members += 37)
			check_random_set(banks[i], members);
	tap_group("random sets");
	check_limits();
	check_formats();
	return tap_end();
}
