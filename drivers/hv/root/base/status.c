// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercall status to errno, by the table in lib/hv/status.c.
 */
#include <linux/hvr.h>

#include <hv/status.h>

#include "compat.h"
#include "status_rules.h"

/**
 * hvr_errno_of() - errno of a result word that is a failure
 * @result: result word of a hypercall
 *
 * Return: a negative errno; -EIO for an unknown status.
 */
int hvr_errno_of(u64 result)
{
	return status_errno(result);
}
EXPORT_SYMBOL_NS_GPL(hvr_errno_of, HVR_NS);

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
 * hvr_failed_for_memory() - does a call that has failed need a deposit?
 * @result: result word of a hypercall
 *
 * Return: true if the call should be repeated after a deposit.
 */
bool hvr_failed_for_memory(u64 result)
{
	return status_wants_memory(result);
}
EXPORT_SYMBOL_NS_GPL(hvr_failed_for_memory, HVR_NS);
