// SPDX-License-Identifier: GPL-2.0
/*
 * Values of XCR0: a table typed from the processor manuals, and the rules, written
 * in another way, for each combination of the bits that have a meaning.
 */
#include <hv/xcr0.h>

#include "tap.h"

#define ALL	0x602ffULL	/* bit 8 has no meaning, nor have 10 to 16 */
#define KNOWN	(ALL & ~0x100ULL)

static const struct {
	__u64 value, offered;
	int valid;
} rows[] = {
	{ 0, KNOWN, 0 },
	{ 1, KNOWN, 1 },
	{ 2, KNOWN, 0 },		/* without x87 */
	{ 3, KNOWN, 1 },
	{ 5, KNOWN, 0 },		/* AVX without SSE */
	{ 7, KNOWN, 1 },
	{ 9, KNOWN, 0 },		/* half of MPX */
	{ 0x11, KNOWN, 0 },		/* the other half */
	{ 0x19, KNOWN, 1 },
	{ 0x1b, KNOWN, 1 },
	{ 0x27, KNOWN, 0 },		/* a third of AVX-512 */
	{ 0x67, KNOWN, 0 },
	{ 0xc7, KNOWN, 0 },
	{ 0xe3, KNOWN, 0 },		/* AVX-512 without AVX */
	{ 0xe5, KNOWN, 0 },
	{ 0xe7, KNOWN, 1 },
	{ 0xff, KNOWN, 1 },
	{ 0x101, ~0ULL, 0 },		/* processor trace is none of XCR0's */
	{ 0x201, KNOWN, 1 },
	{ 0x20001, KNOWN, 0 },		/* half of AMX */
	{ 0x40001, KNOWN, 0 },
	{ 0x60001, KNOWN, 1 },
	{ 0x401, ~0ULL, 0 },
	{ 0x80001, ~0ULL, 0 },
	{ 1 | 1ULL << 62, ~0ULL, 0 },
	{ 1 | 1ULL << 63, ~0ULL, 0 },
	{ 7, 3, 0 },			/* not offered */
	{ 0x19, 0xe7, 0 },
	{ 0xe7, 0x1f, 0 },
	{ 0x201, 0xff, 0 },
	{ 1, 0, 0 },
};

static const struct {
	__u64 present, offer;
} offers[] = {
	{ 0, 0 },
	{ 3, 3 },
	{ 0xf, 7 },			/* half of MPX is none */
	{ 0x67, 7 },
	{ 0xe3, 3 },			/* AVX-512 needs AVX */
	{ 0xff, 0xff },
	{ 0x2ff, 0x2ff },
	{ 0x20003, 3 },
	{ ~0ULL, 0x602ff },
};

static int expected(__u64 v, __u64 offered)
{
	__u64 mpx = v >> 3 & 3, avx512 = v >> 5 & 7, amx = v >> 17 & 3;

	if (!(v & 1) || (v & ~offered) || (v & ~KNOWN))
		return 0;
	if ((v & 4) && !(v & 2))
		return 0;
	if ((mpx && mpx != 3) || (amx && amx != 3) || (avx512 && avx512 != 7))
		return 0;
	return !avx512 || (v & 4);
}

int main(void)
{
	static const __u64 offered[] = { 3, 7, 0x1f, 0xe7, 0x2ff, KNOWN };
	unsigned int i, n;
	__u64 v;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		tap_check(!hv_xcr0_valid(rows[i].value, rows[i].offered) == !rows[i].valid,
			  "%#llx of %#llx", rows[i].value, rows[i].offered);
	tap_group("values from the manuals");

	for (i = 0; i < ARRAY_SIZE(offers); i++)
		tap_check(hv_xcr0_offer(offers[i].present) == offers[i].offer,
			  "%#llx", offers[i].present);
	tap_group("what a processor's features make");

	for (v = 0; v <= ALL; v++)
		for (n = 0; n < ARRAY_SIZE(offered); n++)
			tap_check(!hv_xcr0_valid(v, offered[n]) == !expected(v, offered[n]),
				  "%#llx of %#llx", v, offered[n]);
	tap_group("all combinations");
	return tap_end();
}
