// SPDX-License-Identifier: GPL-2.0
/*
 * Do the time stamp counters of the processors agree?
 *
 * Model: everything here assumes one counter: reference time, the reference TSC page and
 * deadlines that move to another processor.  Firmware starts the counters together, and a
 * hypervisor shows a synchronous one; on a machine where that is not so times go
 * backwards, and a line in the log says so.  They are not corrected: TSC_ADJUST does not
 * exist on AMD's processors, and writing a TSC is less exact than what is wrong.
 *
 * The boot processor asks, the other one answers with its counter, and the boot processor
 * compares it with its own before and after.  A difference that is smaller than the
 * time between these is not found.  The best of some rounds counts.
 *
 * The unit test tools/testing/unit/tsc_sync.c includes this file.
 */
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/x86.h>
#include "tsc_sync.h"

#define ROUNDS	8u

static u32 asked, answered;
static u64 answer;

/* After all loads before it. */
static u64 read_counter(void)
{
	__asm__ __volatile__("lfence" ::: "memory");
	return rdtsc();
}

s64 tsc_sync_apart(u64 before, u64 theirs, u64 after)
{
	if (theirs < before)
		return -(s64)(before - theirs);
	return theirs > after ? (s64)(theirs - after) : 0;
}

void tsc_sync_answer(void)
{
	for (u32 round = 1; round <= ROUNDS; round++) {
		while (READ_ONCE(asked) != round)
			cpu_relax();
		answer = read_counter();
		__atomic_store_n(&answered, round, __ATOMIC_RELEASE);
	}
	/* Until the next one may be started. */
	while (READ_ONCE(asked))
		cpu_relax();
	WRITE_ONCE(answered, 0);
}

static s64 ask(u32 round)
{
	u64 before = read_counter();

	__atomic_store_n(&asked, round, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&answered, __ATOMIC_ACQUIRE) != round)
		cpu_relax();
	return tsc_sync_apart(before, answer, read_counter());
}

void tsc_sync_ask(struct lp *lp)
{
	s64 least = 0, most = 0;

	for (u32 round = 1; round <= ROUNDS; round++) {
		s64 apart = ask(round);

		least = MIN(least, apart);
		most = MAX(most, apart);
	}
	WRITE_ONCE(asked, 0);
	while (READ_ONCE(answered))
		cpu_relax();
	if (least || most)
		log_error("the TSC of processor %u is %llu ticks %s: time may go backwards",
			  lp->index, (u64)(least ? -least : most), least ? "behind" : "ahead");
}
