// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercall status to errno: the only way there, by the shared table.
 */
#include <linux/hvr.h>

#include <hv/status.h>

#include "compat.h"

/**
 * hvr_errno() - what a result word means for Linux
 * @result: result word of a hypercall
 *
 * Return: 0 or a negative errno; -EIO for a status that nobody knows.
 */
int hvr_errno(u64 result)
{
	if (result != HV_RESULT_NO_HYPERCALL_PAGE)
		result = hvr_status(result);
	return hv_status_errno(result);
}
EXPORT_SYMBOL_NS_GPL(hvr_errno, HVR_NS);

/**
 * hvr_status_name() - a status in words
 * @status: status code
 *
 * Return: its name, for messages.
 */
const char *hvr_status_name(u16 status)
{
	return hv_status_name(status);
}
EXPORT_SYMBOL_NS_GPL(hvr_status_name, HVR_NS);

/**
 * hvr_wants_memory() - is a deposit all that is missing?
 * @result: result word of a hypercall
 *
 * Return: true if the call should be repeated after a deposit.
 */
bool hvr_wants_memory(u64 result)
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
EXPORT_SYMBOL_NS_GPL(hvr_wants_memory, HVR_NS);
