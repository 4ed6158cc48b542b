/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Free places in RAM while the machine starts.
 *
 * Model: free is what the memory map calls RAM, without what has been taken.  A *kept*
 * range is one that the root's kernel wants untouched for a while, although it is RAM:
 * code and data of UEFI's boot services, which firmware uses until the kernel has told it
 * about virtual addresses.  It is used only when there is nothing else.
 */
#ifndef _RV_BOOT_PLACE_H
#define _RV_BOOT_PLACE_H

#include <rv/base.h>

struct place {
	u64 size, align;	/* the latter a power of two */
	u64 from, to;
	bool use_kept;
};

/* From now on [base, base + size) is not free. */
void place_take(u64 base, u64 size);
/* The lowest free one; 0 if there is none.  It is not taken yet. */
u64 place_find(const struct place *p);
/* The same, in kept ranges if necessary, and taken. */
u64 place_get(struct place p);

/* The end of the kept range that [base, end) overlaps; 0: none. */
u64 place_kept_end(u64 base, u64 end);

#endif
