/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much to deposit, and whether to try again: the arithmetic of deposits.
 */
#ifndef _HVR_DEPOSIT_RULES_H
#define _HVR_DEPOSIT_RULES_H

#include <linux/build_bug.h>
#include <linux/hvr.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include <hyperv/hv_root.h>

/* The largest block that is allocated. */
#define DEPOSIT_ORDER_MAX	9

/* Provide for this many processors at most with one deposit: a power of two. */
#define DEPOSIT_VPS_MAX		4
static_assert(DEPOSIT_VPS_MAX * HVR_PAGES_VP <= HV_DEPOSIT_MAX);

/* Smaller blocks are not worth a guard of their own. */
#define DEPOSIT_ORDER_FULL	5

/*
 * The order of a block for @nr pages, with @guards in front of them.  Where each block needs
 * some it is the smallest that has room for all, unless a quarter of a large one would be
 * left.  Otherwise all of it is used, and others follow: what is left is freed page by page.
 */
static inline unsigned int deposit_order(unsigned int nr, unsigned int guards)
{
	unsigned int order = order_base_2(nr + guards);

	if (!guards || (order > DEPOSIT_ORDER_FULL && 4 * (nr + guards) <= 3U << order))
		order = ilog2(nr);
	return min_t(unsigned int, order, DEPOSIT_ORDER_MAX);
}

/* Pages to deposit now; an operation that asks again at once needs more each time. */
static inline unsigned int deposit_next(struct hvr_retry *retry)
{
	unsigned int pages = max(retry->pages, 1U);

	if (pages < HVR_PAGES_MORE)
		retry->pages = 2 * pages;
	return pages;
}

/*
 * Processors to deposit for before a partition gets one more: as many as it has, so that
 * nothing is left over where their number is a power of two, or of large ones a multiple.
 */
static inline unsigned int deposit_vps(const struct hvr_pool *pool)
{
	if (pool->spare >= HVR_PAGES_VP)
		return 0;
	return clamp_t(unsigned int, pool->vps, 1, DEPOSIT_VPS_MAX);
}

/* Does the hypervisor refuse this page, rather than any? */
static inline bool deposit_blames_page(u64 result)
{
	switch (hvr_status(result)) {
	case HV_STATUS_INVALID_PARAMETER:
	case HV_STATUS_ACCESS_DENIED:
	case HV_STATUS_OPERATION_DENIED:
	case HV_STATUS_OBJECT_IN_USE:
		return result != HV_RESULT_NO_HYPERCALL_PAGE;
	}
	return false;
}

#endif
