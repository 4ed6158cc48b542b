/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sets of virtual processors as hypercalls pass them.
 *
 * Model: a set is a bank mask and, packed, one 64-bit bank for each bit of the
 * mask.  A set from a guest must pass hv_vpset_check() first; the other functions
 * rely on it and never access more than it has checked.
 */
#ifndef _LIB_HV_VPSET_H
#define _LIB_HV_VPSET_H

#include <hyperv/hv_types.h>

#define HV_VPSET_END		0xffffffffU

/* Size in bytes of a set with this number of banks. */
#define HV_VPSET_BYTES(banks)	(sizeof(struct hv_vpset) + 8UL * (banks))

int hv_vpset_check(const struct hv_vpset *set, unsigned long bytes);
unsigned int hv_vpset_banks(const struct hv_vpset *set);
int hv_vpset_contains(const struct hv_vpset *set, __u32 vp);
__u32 hv_vpset_next(const struct hv_vpset *set, __u32 from, __u32 limit);
unsigned int hv_vpset_count(const struct hv_vpset *set, __u32 limit);

void hv_vpset_init(struct hv_vpset *set);
int hv_vpset_add(struct hv_vpset *set, unsigned int max_banks, __u32 vp);

/* Each @vp of @set that is below @limit, ascending. */
#define hv_vpset_for_each(vp, set, limit)				\
	for ((vp) = hv_vpset_next(set, 0, limit);			\
	     (vp) != HV_VPSET_END;					\
	     (vp) = hv_vpset_next(set, (vp) + 1, limit))

#endif
