/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which values XSETBV takes.
 *
 * Model: the bits of XCR0 form groups.  A group is set whole or not at all, and
 * may need another.  A bit that is in no group is reserved, for who does not know
 * what it is cannot know what it needs.
 */
#ifndef _LIB_HV_XCR0_H
#define _LIB_HV_XCR0_H

#include <linux/types.h>

#define HV_XCR0_X87	0x1ULL
#define HV_XCR0_SSE	0x2ULL
#define HV_XCR0_AVX	0x4ULL
#define HV_XCR0_MPX	0x18ULL		/* bound registers, their control */
#define HV_XCR0_AVX512	0xe0ULL		/* masks, upper halves, upper registers */
#define HV_XCR0_PKRU	0x200ULL
#define HV_XCR0_AMX	0x60000ULL	/* tile configuration, tiles */

/* What can be offered of what a processor has: whole groups with all they need. */
__u64 hv_xcr0_offer(__u64 present);

/* Nonzero if the value is one that may be set where @offered is offered. */
int hv_xcr0_valid(__u64 value, __u64 offered);

#endif
