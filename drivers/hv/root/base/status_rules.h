/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a result word means: an errno, or a request for memory.
 */
#ifndef _HVR_STATUS_RULES_H
#define _HVR_STATUS_RULES_H

#include <linux/hvr.h>
#include <linux/types.h>

#include <hyperv/hv_root.h>
#include <hv/status.h>

static inline int status_errno(u64 result)
{
	if (result != HV_RESULT_NO_HYPERCALL_PAGE)
		result = hvr_status(result);
	return hv_status_errno(result);
}

static inline bool status_wants_memory(u64 result)
{
	switch (hvr_status(result)) {
	case HV_STATUS_INSUFFICIENT_MEMORY:
	case HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY:
	case HV_STATUS_INSUFFICIENT_ROOT_MEMORY:
	case HV_STATUS_INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY:
		return result != HV_RESULT_NO_HYPERCALL_PAGE;
	}
	return false;
}

#endif
