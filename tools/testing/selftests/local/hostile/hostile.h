/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hostile root: random hypercalls, made by the root's kernel itself.
 *
 * Model: loading the module makes a number of them, and fails if something
 * forbidden has happened: the module has pages that no call names, the *witnesses*,
 * whose contents must stay; the hypervisor may only use pages that were deposited,
 * and returns exactly those; a partition that no call names keeps its memory.
 * Everything else is checked by the hypervisor itself, with poison=on and in its
 * books.
 *
 * A call may do anything to the root that it is told to; calls that would end the
 * test are excluded by name, see excluded[], and no call is told to write to memory
 * of the kernel.
 *
 * Words: the *arena* is a block of pages that calls name: to be deposited, mapped, written.
 * A page of it is *given* while it is deposited.
 */
#ifndef _MSHV_HOSTILE_H
#define _MSHV_HOSTILE_H

#include <linux/types.h>
#include <asm/msr.h>

#define ARENA_ORDER	7
#define ARENA_PAGES	128
/*
 * The first page is not used: a read that begins in it may end behind it.  Then
 * come input and output, which are never deposited.
 */
#define ARENA_INPUT	1
#define ARENA_OUTPUT	2
#define ARENA_FIRST	3

/**
 * struct hostile - state of the test
 * @rng: source of decisions
 * @arena: the block, by address
 * @given: which of its pages are deposited
 * @target: the partition that calls name
 * @witness: the partition that no call names
 * @hv_first: the first page number of the hypervisor's memory
 * @hv_last: the last
 * @tell: print each call before it is made
 * @made: number of calls
 * @done: of these, calls that succeeded
 * @failed: something forbidden has happened
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
void hostile_refused(struct hostile *h, u64 finalized);
void hostile_msrs(struct hostile *h);
void hostile_claim(struct hostile *h, bool is_so, const char *what);
void hostile_give_to_self(void);
bool hostile_take_back(struct hostile *h, u64 partition);
u16 hostile_deposit(struct hostile *h, u64 partition, unsigned int nr);

/* Where device domains are offered: random calls; does one map a page of the arena? */
bool hostile_has_domains(void);
void hostile_domains(struct hostile *h);
bool hostile_is_mapped(unsigned int page);

u64 hostile_random(struct hostile *h);
/* A page number: of the arena, of the hypervisor, or of no memory; never the kernel's. */
u64 hostile_pfn(struct hostile *h);

/* Return 0, or an error if the hypervisor refuses. */
static inline int hostile_write_msr(u32 msr, u64 value)
{
	return wrmsr_safe(msr, value & 0xffffffff, value >> 32);
}

static inline int hostile_read_msr(u32 msr, u64 *value)
{
	u32 low = 0, high = 0;
	int ret = rdmsr_safe(msr, &low, &high);

	*value = low | (u64)high << 32;
	return ret;
}

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
