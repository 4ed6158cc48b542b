/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of hypercall statuses, and their errnos.
 *
 * Model: tables that are searched.  Used by the kernel driver and by programs;
 * needs no memory and no lock.
 */
#ifndef _LIB_HV_STATUS_H
#define _LIB_HV_STATUS_H

#include <hyperv/hv_root.h>

const char *hv_status_name(__u64 status);
int hv_status_errno(__u64 status);
const char *hv_call_name(__u16 code);

#endif
