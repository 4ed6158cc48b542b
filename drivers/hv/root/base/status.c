// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercall status to errno, by the table in lib/hv/status.c.
 */
#include <linux/hvr.h>

#include <hv/status.h>

#include "compat.h"
#include "status_rules.h"

/**
 * hvr_errno() - errno of a result word
 * @result: result word of a hypercall
 *
 * Return: 0 or a negative errno; -EIO for an unknown status.
 */
int hvr_errno(u64 result)
{
	return status_errno(result);
}
EXPORT_SYMBOL_NS_GPL(hvr_errno, HVR_NS);

/**
 * hvr_status_name() - name of a status
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
 * hvr_wants_memory() - does the call need a deposit?
 * @result: result word of a hypercall
 *
 * Return: true if the call should be repeated after a deposit.
 */
bool hvr_wants_memory(u64 result)
{
	return status_wants_memory(result);
}
EXPORT_SYMBOL_NS_GPL(hvr_wants_memory, HVR_NS);
