/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random numbers from a seed, the same on every machine.
 */
#ifndef _MSHV_RNG_H
#define _MSHV_RNG_H

#include <linux/types.h>

struct rng {
	__u64 state;
};

/* splitmix64: any seed will do, neighbouring ones too. */
static inline __u64 rng_next(struct rng *rng)
{
	__u64 z = rng->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* 0 to @below - 1 */
static inline __u64 rng_below(struct rng *rng, __u64 below)
{
	return rng_next(rng) % below;
}

static inline int rng_one_in(struct rng *rng, __u64 n)
{
	return !rng_below(rng, n);
}

#endif
