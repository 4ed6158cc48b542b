// SPDX-License-Identifier: GPL-2.0
/*
 * Events that the root sends to a child: interrupts, messages, event flags, start-up.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_interrupt.h>
#include <hyperv/hv_message.h>
#include <hyperv/hv_status.h>
#include <hyperv/hv_vp.h>
#include <rv/call.h>
#include <rv/sched.h>
#include <rv/unit.h>
#include "child.h"
#include "cpuid.h"
#include "cr4.h"
#include "intercept.h"
#include "regs_basic.h"
#include "vapic_id.h"
#include "vapic_ipi.h"

#define FIRST_VECTOR	16

/* ---- virtual interrupts ---------------------------------------------------------- */

/* The 8259's line, which only the bootstrap processor has. */
static u16 assert_extint(struct partition *p, u64 dest, u32 vector)
{
	struct vp *vp = vp_find(p, 0);
	struct child *child;

	if (dest || !vp)
		return HV_STATUS_INVALID_VP_INDEX;
	child = child_of(vp);
	if (vector == HV_INTERRUPT_VECTOR_NONE) {
		child->extint_pending = false;
		return HV_STATUS_SUCCESS;
	}
	if (vector > 0xff)
		return HV_STATUS_INVALID_PARAMETER;
	if (child->extint_acked)
		return HV_STATUS_ACKNOWLEDGED;
	child->extint_pending = true;
	child->extint_vector = vector;
	sched_wake(vp);
	return HV_STATUS_SUCCESS;
}

static u16 assert_lint(struct partition *p, u64 dest, u32 lvt, u32 vector)
{
	struct vp *vp = vapic_by_id(p, dest);

	if (!vp)
		return HV_STATUS_INVALID_VP_INDEX;
	if (vector != HV_INTERRUPT_VECTOR_NONE)
		vapic_lint(vp, lvt);
	return HV_STATUS_SUCCESS;
}

static u16 assert_interrupt(struct hv_call *call)
{
	struct hv_input_assert_virtual_interrupt *in = call->in;
	u32 type = in->control.interrupt_type, flags = in->control.flags;
	bool level = flags & HV_INTERRUPT_CONTROL_LEVEL_TRIGGERED;
	bool logical = flags & HV_INTERRUPT_CONTROL_LOGICAL_DEST;
	struct partition *p;
	u16 status;

	p = partition_target(call->vp, in->partition_id, false, &status);
	if (!p)
		return status;
	if ((flags & ~HV_INTERRUPT_CONTROL_DEFINED_MASK) || in->rsvd_z0 ||
	    in->rsvd_z1 || (in->target_vtl & ~HV_INPUT_VTL_USE_TARGET))
		return HV_STATUS_INVALID_PARAMETER;
	if (p->state != PT_ACTIVE)
		return HV_STATUS_INVALID_PARTITION_STATE;
	switch (type) {
	case HV_X64_INTERRUPT_TYPE_FIXED:
	case HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY:
		if (in->vector == HV_INTERRUPT_VECTOR_NONE)
			return HV_STATUS_SUCCESS;
		if (in->vector < FIRST_VECTOR || in->vector > 0xff)
			return HV_STATUS_INVALID_PARAMETER;
		break;
	case HV_X64_INTERRUPT_TYPE_SIPI:
		if (in->vector > 0xff)
			return HV_STATUS_INVALID_PARAMETER;
		break;
	case HV_X64_INTERRUPT_TYPE_NMI:
	case HV_X64_INTERRUPT_TYPE_INIT:
	case HV_X64_INTERRUPT_TYPE_SMI:
		break;
	case HV_X64_INTERRUPT_TYPE_EXTINT:
		return assert_extint(p, in->dest_addr, in->vector);
	case HV_X64_INTERRUPT_TYPE_LOCALINT0:
		return assert_lint(p, in->dest_addr, LVT_LINT0, in->vector);
	case HV_X64_INTERRUPT_TYPE_LOCALINT1:
		return assert_lint(p, in->dest_addr, LVT_LINT1, in->vector);
	default:
		return HV_STATUS_INVALID_PARAMETER;
	}
	if (!vapic_send(p, NULL, type, in->vector, level, logical, in->dest_addr))
		return HV_STATUS_INVALID_VP_INDEX;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(assert_virtual_interrupt, .code = HVCALL_ASSERT_VIRTUAL_INTERRUPT,
	  .in = sizeof(struct hv_input_assert_virtual_interrupt),
	  .privilege = -1, .fn = assert_interrupt);

static u16 clear_interrupt(struct hv_call *call)
{
	struct hv_input_clear_virtual_interrupt *in = call->in;
	struct partition *p;
	struct vp *vp;
	u16 status;

	p = partition_target(call->vp, in->partition_id, false, &status);
	if (!p)
		return status;
	vp = vp_find(p, 0);
	if (!vp || !child_of(vp)->extint_acked)
		return HV_STATUS_NOT_ACKNOWLEDGED;
	child_of(vp)->extint_acked = false;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(clear_virtual_interrupt, .code = HVCALL_CLEAR_VIRTUAL_INTERRUPT,
	  .in = sizeof(struct hv_input_clear_virtual_interrupt),
	  .privilege = -1, .fn = clear_interrupt);

/* ---- SynIC, directly ----------------------------------------------------------------- */

static u16 signal_direct(struct hv_call *call)
{
	struct hv_input_signal_event_direct *in = call->in;
	struct hv_output_signal_event_direct *out = call->out;
	bool newly = false;
	struct vp *vp;
	u16 status;

	vp = child_target(call, in->target_partition, in->target_vp, &status);
	if (!vp)
		return status;
	if ((in->target_vtl & ~HV_INPUT_VTL_USE_TARGET) ||
	    in->target_sint >= SYNIC_SINTS ||
	    in->flag_number >= HV_EVENT_FLAGS_COUNT)
		return HV_STATUS_INVALID_PARAMETER;
	status = synic_signal(vp, in->target_sint, in->flag_number, &newly);
	out->newly_signaled = newly;
	return status;
}

HYPERCALL(signal_event_direct, .code = HVCALL_SIGNAL_EVENT_DIRECT,
	  .in = sizeof(struct hv_input_signal_event_direct),
	  .out = sizeof(struct hv_output_signal_event_direct),
	  .privilege = -1, .fn = signal_direct);

static u16 post_direct(struct hv_call *call)
{
	struct hv_input_post_message_direct *in = call->in;
	struct hv_message message;
	struct vp *vp;
	u16 status;

	vp = child_target(call, in->partition_id, in->vp_index, &status);
	if (!vp)
		return status;
	memcpy(&message, in->message, sizeof(message));
	if ((in->vtl & ~HV_INPUT_VTL_USE_TARGET) ||
	    in->sint_index >= SYNIC_SINTS || in->padding2 ||
	    message.header.message_type == HVMSG_NONE ||
	    message.header.payload_size > HV_MESSAGE_PAYLOAD_BYTE_COUNT)
		return HV_STATUS_INVALID_PARAMETER;
	if (!(vp->synic.scontrol & 1) || !vp->synic.message_page)
		return HV_STATUS_INVALID_SYNIC_STATE;
	if (!synic_sint_ready(vp, in->sint_index))
		return HV_STATUS_OBJECT_IN_USE;
	return synic_post(vp, in->sint_index, message.header.message_type,
			  message.header.sender, message.u.bytes,
			  message.header.payload_size);
}

HYPERCALL(post_message_direct, .code = HVCALL_POST_MESSAGE_DIRECT,
	  .in = sizeof(struct hv_input_post_message_direct), .privilege = -1,
	  .fn = post_direct);

/* ---- start ------------------------------------------------------------------------------ */

static void load_context(struct vp *vp, const struct hv_initial_vp_context *c)
{
	struct cpu_state *v = vp->cpu;

	v->rip = c->rip;
	vp->gpr[GPR_RSP] = c->rsp;
	v->rflags = (c->rflags & 0x3f7fd7) | RFLAGS_FIXED;
	segment_set(&v->cs, &c->cs);
	segment_set(&v->ds, &c->ds);
	segment_set(&v->es, &c->es);
	segment_set(&v->fs, &c->fs);
	segment_set(&v->gs, &c->gs);
	segment_set(&v->ss, &c->ss);
	segment_set(&v->tr, &c->tr);
	segment_set(&v->ldtr, &c->ldtr);
	v->idtr.base = c->idtr.base;
	v->idtr.limit = c->idtr.limit;
	v->gdtr.base = c->gdtr.base;
	v->gdtr.limit = c->gdtr.limit;
	v->cr0 = c->cr0 | CR0_ET;
	v->cr3 = c->cr3;
	v->cr4 = c->cr4;
	v->cpl = (v->ss.attrib >> 5) & 3;
}

/* As MOV and WRMSR, by which the guest could have set these itself. */
static bool context_valid(struct vp *vp, const struct hv_initial_vp_context *c)
{
	return pat_valid(c->msr_cr_pat) && task_valid(&c->tr) && cr0_valid(c->cr0) &&
	       cr4_allowed(vp, c->cr4) && !(c->efer & ~child_efer_bits(vp));
}

static u16 start_vp(struct hv_call *call)
{
	struct hv_input_start_vp *in = call->in;
	struct child *child;
	struct partition *p;
	struct vp *vp;
	u16 status;

	p = partition_target(call->vp, in->partition_id,
			     !vp_is_root(call->vp), &status);
	if (!p)
		return status;
	/* A guest needs the privilege to start its own VPs. */
	if (p == call->vp->partition && !(p->privileges >> 53 & 1))
		return HV_STATUS_ACCESS_DENIED;
	vp = vp_find(p, in->vp_index);
	if (!vp)
		return HV_STATUS_INVALID_VP_INDEX;
	if ((in->target_vtl & ~HV_INPUT_VTL_USE_TARGET) || in->mbz0 || in->mbz1)
		return HV_STATUS_INVALID_PARAMETER;
	child = child_of(vp);
	if (!child->wait_sipi)
		return HV_STATUS_INVALID_VP_STATE;
	child_write(vp);
	if (!context_valid(vp, &in->context) || !child_set_efer(vp, in->context.efer))
		return HV_STATUS_INVALID_REGISTER_VALUE;
	load_context(vp, &in->context);
	child->pat = in->context.msr_cr_pat;
	vp->cpu->g_pat = child->pat;
	child->wait_sipi = false;
	child->broken = false;
	sched_wake(vp);
	return HV_STATUS_SUCCESS;
}

HYPERCALL(start_vp, .code = HVCALL_START_VP, .flags = CALL_CHILD,
	  .in = sizeof(struct hv_input_start_vp), .privilege = -1,
	  .fn = start_vp);

static u16 index_from_apic_id(struct hv_call *call)
{
	struct hv_get_vp_from_apic_id_in *in = call->in;
	const u32 *ids = call_list(call);
	u32 *out = call->out;
	struct partition *p;
	u16 status;

	p = partition_target(call->vp, in->partition_id,
			     !vp_is_root(call->vp), &status);
	if (!p)
		return status;
	if (in->target_vtl & ~HV_INPUT_VTL_USE_TARGET)
		return HV_STATUS_INVALID_PARAMETER;
	for (; rep_more(call); call->done++) {
		struct vp *vp = vapic_by_id(p, ids[call->done]);

		if (!vp)
			return HV_STATUS_INVALID_PARAMETER;
		out[call->done] = vp->index;
	}
	return HV_STATUS_SUCCESS;
}

HYPERCALL(get_vp_index_from_apic_id, .code = HVCALL_GET_VP_INDEX_FROM_APIC_ID,
	  .flags = CALL_REP | CALL_CHILD,
	  .in = sizeof(struct hv_get_vp_from_apic_id_in), .rep_in = sizeof(u32),
	  .rep_out = sizeof(u32), .privilege = -1, .fn = index_from_apic_id);
