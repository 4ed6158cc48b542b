/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much to deposit, and whether to try again: the arithmetic of deposits.
 */
#ifndef _HVR_DEPOSIT_RULES_H
#define _HVR_DEPOSIT_RULES_H

#include <linux/hvr.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include <hyperv/hv_root.h>

/* The largest block that is allocated. */
#define DEPOSIT_ORDER_MAX	9

/* Provide for this many processors at most with one deposit. */
#define DEPOSIT_VPS_MAX		(HV_DEPOSIT_MAX / HVR_PAGES_VP)

/* The smallest order of a block for @nr pages, with @guards in front of them. */
static inline unsigned int deposit_order(unsigned int nr, unsigned int guards)
{
	return min_t(unsigned int, order_base_2(nr + guards), DEPOSIT_ORDER_MAX);
}

/* Pages to deposit now; an operation that asks again at once needs more each time. */
static inline unsigned int deposit_next(struct hvr_retry *retry)
{
	unsigned int pages = max(retry->pages, 1U);

	if (pages < HVR_PAGES_MORE)
		retry->pages = 2 * pages;
	return pages;
}

/* Processors to deposit for before a partition gets one more. */
static inline unsigned int deposit_vps(struct hvr_pool *pool)
{
	unsigned int vps = pool->vp_batch;

	if (pool->spare >= HVR_PAGES_VP)
		return 0;
	pool->vp_batch = min_t(unsigned int, 2 * vps, DEPOSIT_VPS_MAX);
	return vps;
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
