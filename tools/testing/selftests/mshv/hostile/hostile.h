/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hostile root: random hypercalls, made by the root's kernel itself.
 *
 * Model: loading the module makes a number of them, and fails if something has happened
 * that must not: the module has pages that no call names, the *witnesses*, whose contents
 * must stay; the hypervisor may take only pages that it was given, and gives back exactly
 * those; a partition that no call names keeps its memory.  The rest is the hypervisor's own
 * business, which it looks after with poison=on and in its books.
 *
 * A call may do to the root what it likes, for the root is told to do it; those that would
 * are left out by name, see excluded[], and no call is told to write to memory of the kernel.
 *
 * Words: the *arena* is a block of pages that calls name: to be deposited, mapped, written.
 * A page of it is *given* while the hypervisor has it.
 */
#ifndef _MSHV_HOSTILE_H
#define _MSHV_HOSTILE_H

#include <linux/types.h>

#define ARENA_ORDER	7
#define ARENA_PAGES	128
/*
 * The first page is left alone: a read that begins in it may end behind it.  Then come
 * input and output, which are never given.
 */
#define ARENA_INPUT	1
#define ARENA_OUTPUT	2
#define ARENA_FIRST	3

/**
 * struct hostile - what there is to be hostile with
 * @rng: where decisions come from
 * @arena: the block, by address
 * @given: which of its pages the hypervisor has
 * @target: the partition that calls name
 * @witness: the one that none does
 * @hv_first: the first page number of the hypervisor's memory
 * @hv_last: the last
 * @tell: each call before it is made
 * @made: calls
 * @done: of these, what the hypervisor has done
 * @failed: what must not happen has
 */
struct hostile {
	u64 rng;
	void *arena;
	bool given[ARENA_PAGES];
	u64 target, witness;
	u64 hv_first, hv_last;
	bool tell;
	unsigned long made, done;
	bool failed;
};

u64 hostile_hypercall(u64 control, u64 input, u64 output);
void hostile_call(struct hostile *h);
bool hostile_excluded(void);
bool hostile_take_back(struct hostile *h, u64 partition);
u16 hostile_deposit(struct hostile *h, u64 partition, unsigned int nr);

u64 hostile_random(struct hostile *h);

static inline u64 below(struct hostile *h, u64 n)
{
	return hostile_random(h) % n;
}

static inline bool one_in(struct hostile *h, u64 n)
{
	return !below(h, n);
}

#define PICK(h, array)	((array)[below(h, ARRAY_SIZE(array))])

#endif
