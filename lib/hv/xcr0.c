// SPDX-License-Identifier: GPL-2.0
#include "xcr0.h"

/* A group comes after those that it depends on. */
static const struct {
	__u64 bits, needs;
} groups[] = {
	{ HV_XCR0_X87, 0 },
	{ HV_XCR0_SSE, HV_XCR0_X87 },
	{ HV_XCR0_AVX, HV_XCR0_SSE },
	{ HV_XCR0_MPX, HV_XCR0_X87 },
	{ HV_XCR0_AVX512, HV_XCR0_AVX },
	{ HV_XCR0_PKRU, HV_XCR0_X87 },
	{ HV_XCR0_AMX, HV_XCR0_X87 },
	{ 0, 0 },
};

__u64 hv_xcr0_offer(__u64 present)
{
	__u64 offer = 0;
	unsigned int i;

	for (i = 0; groups[i].bits; i++)
		if ((present & groups[i].bits) == groups[i].bits &&
		    (offer & groups[i].needs) == groups[i].needs)
			offer |= groups[i].bits;
	return offer;
}

int hv_xcr0_valid(__u64 value, __u64 offered)
{
	return (value & HV_XCR0_X87) && !(value & ~offered) &&
	       hv_xcr0_offer(value) == value;
}
