/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of 256 vectors, in the layout of the local APIC's registers. */
#ifndef _RV_VP_VECTORS_H
#define _RV_VP_VECTORS_H

#include <rv/base.h>

static inline bool bit_test(const u32 *bits, u32 n)
{
	return bits[n / 32] & BIT(n % 32);
}

static inline void bit_set(u32 *bits, u32 n)
{
	bits[n / 32] |= BIT(n % 32);
}

static inline void bit_clear(u32 *bits, u32 n)
{
	bits[n / 32] &= ~BIT(n % 32);
}

/* Most sets are empty most of the time. */
static inline bool bit_any(const u32 *bits)
{
	return bits[0] | bits[1] | bits[2] | bits[3] | bits[4] | bits[5] | bits[6] | bits[7];
}

static inline int bit_highest(const u32 *bits)
{
	for (int i = 7; i >= 0; i--)
		if (bits[i])
			return 32 * i + 31 - __builtin_clz(bits[i]);
	return -1;
}

static inline int bit_highest_below(const u32 *bits, u32 n)
{
	u32 word = bits[n / 32] & (BIT(n % 32) - 1);

	if (word)
		return (n & ~31u) + 31 - __builtin_clz(word);
	for (int i = (int)(n / 32) - 1; i >= 0; i--)
		if (bits[i])
			return 32 * i + 31 - __builtin_clz(bits[i]);
	return -1;
}

#endif
