/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Valid values of XCR0.
 *
 * Model: the bits of XCR0 form groups.  A group is set as a whole or not at all,
 * and may depend on another.  A bit that is in no group is reserved, as its
 * dependencies are not known.
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

/*
 * What can be offered of a processor's bits: whole groups with all that they depend
 * on.
 */
__u64 hv_xcr0_offer(__u64 present);

/* Nonzero if the value may be set when @offered is offered. */
int hv_xcr0_valid(__u64 value, __u64 offered);

#endif
