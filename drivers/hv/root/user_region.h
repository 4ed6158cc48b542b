/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What user space may ask for with MSHV_SET_GUEST_MEMORY.
 */
#ifndef _MSHV_USER_REGION_H
#define _MSHV_USER_REGION_H

#include <linux/align.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include <uapi/linux/mshv.h>

#include <hyperv/hv_root.h>

/* Guest physical addresses have 52 bits at most. */
#define MSHV_MAX_GFN		((1ULL << (52 - HV_HYP_PAGE_SHIFT)) - 1)

/* Returns 0 and the last guest page, or -EINVAL. */
static inline int user_region_check(const struct mshv_user_mem_region *user, u64 *last)
{
	if (!user->size || user->flags & ~MSHV_SET_MEM_FLAGS_MASK ||
	    memchr_inv(user->rsvd, 0, sizeof(user->rsvd)) ||
	    !IS_ALIGNED(user->size | user->userspace_addr, HV_HYP_PAGE_SIZE))
		return -EINVAL;
	if (check_add_overflow(user->guest_pfn,
			       (user->size >> HV_HYP_PAGE_SHIFT) - 1, last) ||
	    *last > MSHV_MAX_GFN)
		return -EINVAL;
	return 0;
}

/* The rights of the guest, HV_MAP_GPA_*. */
static inline u32 user_region_map_flags(u8 user)
{
	u32 flags = HV_MAP_GPA_READABLE | HV_MAP_GPA_ADJUSTABLE;

	if (user & BIT(MSHV_SET_MEM_BIT_WRITABLE))
		flags |= HV_MAP_GPA_WRITABLE;
	if (user & BIT(MSHV_SET_MEM_BIT_EXECUTABLE))
		flags |= HV_MAP_GPA_EXECUTABLE;
	return flags;
}

#endif
