// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls that a guest makes: IPIs, TLB flushes, spinning.
 */
#include <hv/vpset.h>
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_interrupt.h>
#include <hyperv/hv_memory.h>
#include <hyperv/hv_status.h>
#include <rv/call.h>
#include <rv/sched.h>
#include <rv/unit.h>
#include "child.h"

/* ---- interrupts between VPs ---------------------------------------------------------- */

static bool ipi_vector_ok(u32 vector)
{
	return vector >= HV_IPI_LOW_VECTOR && vector <= HV_IPI_HIGH_VECTOR;
}

static u16 send_ipi(struct hv_call *call)
{
	struct hv_send_ipi *in = call->in;
	struct partition *p = call->vp->partition;
	struct vp *vp;

	if (vp_is_root(call->vp))
		return HV_STATUS_ACCESS_DENIED;
	if (!ipi_vector_ok(in->vector) || in->target_vtl)
		return HV_STATUS_INVALID_PARAMETER;
	for (u32 i = 0; i < 64; i++) {
		if (!(in->cpu_mask >> i & 1))
			continue;
		vp = vp_find(p, i);
		if (vp)
			vapic_accept(vp, in->vector, false);
	}
	return HV_STATUS_SUCCESS;
}

HYPERCALL(send_ipi, .code = HVCALL_SEND_IPI, .flags = CALL_CHILD,
	  .in = sizeof(struct hv_send_ipi), .privilege = -1, .fn = send_ipi);

/* The fixed header ends with that of the set; its banks are the variable header. */
static bool in_set(const struct hv_vpset *set, u32 index)
{
	return hv_vpset_contains(set, index);
}

static u16 send_ipi_ex(struct hv_call *call)
{
	struct hv_send_ipi_ex *in = call->in;
	struct partition *p = call->vp->partition;

	if (vp_is_root(call->vp))
		return HV_STATUS_ACCESS_DENIED;
	if (!ipi_vector_ok(in->vector) || in->reserved ||
	    !hv_vpset_check(&in->vp_set, HV_VPSET_BYTES(call->varhead)))
		return HV_STATUS_INVALID_PARAMETER;
	for (u32 i = 0; i < p->max_vp_index; i++) {
		struct vp *vp = vp_find(p, i);

		if (vp && in_set(&in->vp_set, i))
			vapic_accept(vp, in->vector, false);
	}
	return HV_STATUS_SUCCESS;
}

HYPERCALL(send_ipi_ex, .code = HVCALL_SEND_IPI_EX,
	  .flags = CALL_CHILD | CALL_VAR, .in = sizeof(struct hv_send_ipi_ex),
	  .privilege = -1, .fn = send_ipi_ex);

/* ---- TLB flushes -------------------------------------------------------------------------- */

/*
 * A VP that is in its guest must leave it before the caller continues; the next entry
 * flushes.  Others are flushed when they are entered.
 */
static void flush_vp(struct vp *vp)
{
	vp->flush = true;
	if (sched_running(vp) && vp->lp != this_lp())
		vp_unload(vp);
}

static void flush_mask(struct partition *p, u64 mask, bool all)
{
	for (u32 i = 0; i < p->max_vp_index; i++) {
		struct vp *vp = vp_find(p, i);

		if (vp && (all || (i < 64 && mask >> i & 1)))
			flush_vp(vp);
	}
}

static u16 flush_space(struct hv_call *call)
{
	struct hv_tlb_flush *in = call->in;

	if (vp_is_root(call->vp))
		return HV_STATUS_ACCESS_DENIED;
	flush_mask(call->vp->partition, in->processor_mask,
		   in->flags & HV_FLUSH_ALL_PROCESSORS);
	call->done = call->reps;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(flush_virtual_address_space,
	  .code = HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE, .flags = CALL_CHILD,
	  .in = sizeof(struct hv_tlb_flush), .privilege = -1, .fn = flush_space);

HYPERCALL(flush_virtual_address_list,
	  .code = HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST,
	  .flags = CALL_CHILD | CALL_REP, .in = sizeof(struct hv_tlb_flush),
	  .rep_in = sizeof(u64), .privilege = -1, .fn = flush_space);

static u16 flush_space_ex(struct hv_call *call)
{
	struct hv_tlb_flush_ex *in = call->in;
	struct partition *p = call->vp->partition;

	if (vp_is_root(call->vp))
		return HV_STATUS_ACCESS_DENIED;
	if (!hv_vpset_check(&in->hv_vp_set, HV_VPSET_BYTES(call->varhead)))
		return HV_STATUS_INVALID_PARAMETER;
	for (u32 i = 0; i < p->max_vp_index; i++) {
		struct vp *vp = vp_find(p, i);

		if (vp && ((in->flags & HV_FLUSH_ALL_PROCESSORS) ||
			   in_set(&in->hv_vp_set, i)))
			flush_vp(vp);
	}
	call->done = call->reps;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(flush_virtual_address_space_ex,
	  .code = HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX,
	  .flags = CALL_CHILD | CALL_VAR, .in = sizeof(struct hv_tlb_flush_ex),
	  .privilege = -1, .fn = flush_space_ex);

HYPERCALL(flush_virtual_address_list_ex,
	  .code = HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX,
	  .flags = CALL_CHILD | CALL_VAR | CALL_REP,
	  .in = sizeof(struct hv_tlb_flush_ex), .rep_in = sizeof(u64),
	  .privilege = -1, .fn = flush_space_ex);

/* ---- spinning ---------------------------------------------------------------- */

static u16 long_spin(struct hv_call *call)
{
	/* Yield: another VP may hold what the caller waits for. */
	if (!vp_is_root(call->vp) && !sched_is_root)
		sched_yield(call->vp);
	return HV_STATUS_SUCCESS;
}

HYPERCALL(notify_long_spin_wait, .code = HVCALL_NOTIFY_LONG_SPIN_WAIT,
	  .flags = CALL_CHILD, .in = sizeof(u64), .privilege = -1,
	  .fn = long_spin);
