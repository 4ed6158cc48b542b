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

/* Two words, which the compiler reads at once. */
static inline u64 bit_pair(const u32 *bits, u32 pair)
{
	return bits[2 * pair] | (u64)bits[2 * pair + 1] << 32;
}

/* Most sets are empty most of the time. */
static inline bool bit_any(const u32 *bits)
{
	return bit_pair(bits, 0) | bit_pair(bits, 1) | bit_pair(bits, 2) | bit_pair(bits, 3);
}

static inline int bit_highest(const u32 *bits)
{
	UNROLL(4)
	for (int i = 3; i >= 0; i--)
		if (bit_pair(bits, i))
			return 64 * i + 63 - __builtin_clzll(bit_pair(bits, i));
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
