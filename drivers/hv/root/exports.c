// SPDX-License-Identifier: GPL-2.0
/*
 * What the platform layer lends to the module.
 *
 * Only here, because on a stock kernel all of it is part of the module.
 */
#include <linux/export.h>

#include "../../../lib/hv/status.h"
#include "glue.h"
#include "hypercall.h"
#include "trace.h"

EXPORT_SYMBOL_GPL(hv_call_name);
EXPORT_SYMBOL_GPL(hv_status_errno);
EXPORT_SYMBOL_GPL(hv_status_name);

EXPORT_SYMBOL_GPL(glue_callback_vector);
EXPORT_SYMBOL_GPL(glue_clear_handler);
EXPORT_SYMBOL_GPL(glue_hypercall);
EXPORT_SYMBOL_GPL(glue_hypercall_fast16);
EXPORT_SYMBOL_GPL(glue_hypercall_fast8);
EXPORT_SYMBOL_GPL(glue_partition_id);
EXPORT_SYMBOL_GPL(glue_set_handler);
EXPORT_SYMBOL_GPL(glue_why_not_root);

EXPORT_SYMBOL_GPL(hvr_deposit);
EXPORT_SYMBOL_GPL(hvr_deposit_for);
EXPORT_SYMBOL_GPL(hvr_errno);
EXPORT_SYMBOL_GPL(hvr_exit);
EXPORT_SYMBOL_GPL(hvr_fast16);
EXPORT_SYMBOL_GPL(hvr_fast8);
EXPORT_SYMBOL_GPL(hvr_init);
EXPORT_SYMBOL_GPL(hvr_lent_page);
EXPORT_SYMBOL_GPL(hvr_list);
EXPORT_SYMBOL_GPL(hvr_list_rest);
EXPORT_SYMBOL_GPL(hvr_pool_create);
EXPORT_SYMBOL_GPL(hvr_pool_destroy);
EXPORT_SYMBOL_GPL(hvr_pool_outstanding);
EXPORT_SYMBOL_GPL(hvr_reserve_vp);
EXPORT_SYMBOL_GPL(hvr_self_pool);
EXPORT_SYMBOL_GPL(hvr_small);
EXPORT_SYMBOL_GPL(hvr_status_name);
EXPORT_SYMBOL_GPL(hvr_wants_memory);
EXPORT_SYMBOL_GPL(hvr_withdraw_all);

EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_access_bitmap);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_acknowledge);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_deposit);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_dispatch);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_doorbell);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_exit);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_fault);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_hypercall);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_inject);
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
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_vp_state);
EXPORT_TRACEPOINT_SYMBOL_GPL(mshv_withdraw);
