// SPDX-License-Identifier: GPL-2.0
/*
 * The one file in which the tracepoints are instantiated.
 */
#include <linux/types.h>

#define CREATE_TRACE_POINTS
#include "trace.h"

/* Where these are part of the kernel, the module uses them all the same. */
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_access_bitmap);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_acknowledge);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_deposit);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_dispatch);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_doorbell);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_exit);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_fault);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_hypercall);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_inject);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_ioctl);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_ioeventfd);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_irqfd);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_memory);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_message);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_partition_create);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_partition_initialize);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_passthrough);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_quarantine);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_routing);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_teardown);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_vp_create);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_vp_reset);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_vp_state);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_withdraw);
