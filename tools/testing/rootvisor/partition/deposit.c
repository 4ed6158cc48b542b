// SPDX-License-Identifier: GPL-2.0
/*
 * Deposits into a partition's pool, and withdrawals from it.
 *
 * Model: a page is unmapped from the root and its devices before it is added to a pool,
 * and mapped again after it has been removed.  See pool.c for what a pool is.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_partition.h>
#include <hyperv/hv_status.h>
#include <rv/call.h>
#include <rv/inject.h>
#include <rv/lp.h>
#include <rv/page.h>
#include <rv/root_map.h>
#include <rv/unit.h>
#include "../device/dma.h"
#include "pool.h"

#define PRIVILEGE_POOL		34

/* False: no page for a table, which only the split of a large page can need. */
static bool take(u64 pfn)
{
	if (!root_map_page(pfn, false))
		return false;
	if (dma_page_take(pfn))
		return true;
	root_map_page(pfn, true);
	return false;
}

/* Only where all of a block's pages were taken does this need a table. */
static void give(u64 pfn)
{
	root_map_page(pfn, true);
	if (!dma_page_give(pfn))
		log_error("page 0x%llx is lost for devices: the reserve is exhausted", pfn);
}

static void settle(struct hv_call *call)
{
	lp_flush(call->vp->partition);
	dma_settle();
}

static u16 deposit(struct hv_call *call)
{
	const struct hv_deposit_memory *in = call->in;
	const u64 *list = call_list(call);
	u16 status = HV_STATUS_SUCCESS, i;
	struct partition *p = partition_target(call->vp, in->partition_id, true, &status);

	if (!p)
		return status;
	if (p->state == PT_FINALIZED)
		return HV_STATUS_INVALID_PARTITION_STATE;
	/* Unmap all of them first: until then a processor or a device may write to them. */
	for (; rep_more(call); call->done++) {
		u64 pfn = list[call->done];

		if (!pfn || page_state(pfn) != PAGE_ROOT) {
			status = HV_STATUS_OPERATION_DENIED;
			break;
		}
		if (page_maps(pfn)) {
			status = HV_STATUS_OBJECT_IN_USE;
			break;
		}
		if (!take(pfn)) {
			status = HV_STATUS_INSUFFICIENT_ROOT_MEMORY;
			break;
		}
		page_set_state(pfn, PAGE_POOL);
		inject_page_write(pfn);
	}
	settle(call);
	for (i = call->start; i < call->done; i++)
		pool_add(p, list[i]);
	return status;
}

HYPERCALL(deposit_memory, .code = HVCALL_DEPOSIT_MEMORY, .flags = CALL_REP,
	  .in = sizeof(struct hv_deposit_memory), .rep_in = 8,
	  .privilege = PRIVILEGE_POOL, .fn = deposit);

static u16 withdraw(struct hv_call *call)
{
	const struct hv_input_withdraw_memory *in = call->in;
	struct hv_output_withdraw_memory *out = call->out;
	u16 status = HV_STATUS_SUCCESS;
	struct partition *p = partition_target(call->vp, in->partition_id, true, &status);

	if (!p)
		return status;
	for (; rep_more(call); call->done++) {
		u64 pfn = pool_remove(p);

		if (!pfn) {
			status = HV_STATUS_NO_RESOURCES;
			break;
		}
		page_set_state(pfn, PAGE_ROOT);
		give(pfn);
		out->gpa_page_list[call->done] = pfn;
	}
	settle(call);
	return status;
}

HYPERCALL(withdraw_memory, .code = HVCALL_WITHDRAW_MEMORY, .flags = CALL_REP,
	  .in = sizeof(struct hv_input_withdraw_memory), .rep_out = 8,
	  .privilege = PRIVILEGE_POOL, .fn = withdraw);

static u16 balance(struct hv_call *call)
{
	const struct hv_input_get_memory_balance *in = call->in;
	struct hv_output_get_memory_balance *out = call->out;
	u16 status = HV_STATUS_SUCCESS;
	struct partition *p = partition_target(call->vp, in->partition_id, true, &status);

	if (!p)
		return status;
	out->pages_available = p->pool.nr_free - p->pool.nr_reserved;
	out->pages_in_use = p->pool.nr_pages - out->pages_available;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(get_memory_balance, .code = HVCALL_GET_MEMORY_BALANCE,
	  .in = sizeof(struct hv_input_get_memory_balance),
	  .out = sizeof(struct hv_output_get_memory_balance),
	  .privilege = PRIVILEGE_POOL, .fn = balance);
