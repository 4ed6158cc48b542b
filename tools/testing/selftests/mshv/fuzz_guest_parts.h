/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two parts of the guest of fuzz_guest.c share: see fuzz_guest.h.
 * Everything is addressed relative to RIP.
 */
#ifndef _MSHV_FUZZ_GUEST_PARTS_H
#define _MSHV_FUZZ_GUEST_PARTS_H

#pragma GCC visibility push(hidden)

#include <hyperv/hv_types.h>

#include "fuzz_guest.h"
#include "rng.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define ONE_IN(n)	rng_one_in(&rng, n)
#define BELOW(n)	rng_below(&rng, n)
#define PICK(array)	((array)[BELOW(ARRAY_SIZE(array))])

#define PAGE		4096ULL

/* State of a step: decisions, address of its code, and index of this processor. */
extern struct rng rng;
extern __u8 *at;
extern __u64 base;

__u64 odd_number(void);
__u64 pointer(void);
void write_number(__u64 bytes, unsigned int nr);
void write_bytes(__u64 bytes, unsigned int nr);
void write_part(void);
void spare_emulator(__u8 *from);

void fg_main(struct fg *fg);
/* In the assembler file. */
void fg_run(struct fg *fg, __u64 code);
void fg_back(void);
void fg_handlers(void);
void start(void);

#endif
