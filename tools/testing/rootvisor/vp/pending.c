// SPDX-License-Identifier: GPL-2.0
/*
 * The VMM's interface to a VP's events: the register PendingInterruption is the event
 * that the VP is entered with next (vp->entry), which the VMM reads and sets; by
 * DeliverabilityNotifications it asks to be notified when it could interrupt.
 *
 * Which event goes first is decided in cpu/delivery.c.
 */
#include <hyperv/hv_message.h>
#include <hyperv/hv_register.h>
#include <hyperv/hv_vp.h>
#include "child.h"
#include "intercept.h"
#include "pending.h"

#define FIRST_INTERRUPT_VECTOR	32

/* ---- PendingInterruption --------------------------------------------------- */

u64 pending_get(struct vp *vp)
{
	static const u8 types[] = {
		[EVENT_INTERRUPT] = HV_X64_PENDING_INTERRUPT,
		[EVENT_NMI] = HV_X64_PENDING_NMI,
		[EVENT_EXCEPTION] = HV_X64_PENDING_EXCEPTION,
		[EVENT_SOFTWARE] = HV_X64_PENDING_SOFTWARE_INTERRUPT,
	};
	const struct cpu_event *event = &vp->entry.event;
	u64 value;

	if (!event->type)
		return 0;
	value = HV_PENDING_INTERRUPTION_PENDING |
		(u64)types[event->type] << HV_PENDING_INTERRUPTION_TYPE_SHIFT |
		(u64)event->vector << HV_PENDING_INTERRUPTION_VECTOR_SHIFT;
	if (event->has_error)
		value |= HV_PENDING_INTERRUPTION_DELIVER_ERROR |
			 (u64)event->error << HV_PENDING_INTERRUPTION_ERROR_SHIFT;
	return value;
}

bool pending_set(struct vp *vp, u64 value)
{
	u64 vector = (value & HV_PENDING_INTERRUPTION_VECTOR_MASK) >>
		     HV_PENDING_INTERRUPTION_VECTOR_SHIFT;
	u64 type = (value & HV_PENDING_INTERRUPTION_TYPE_MASK) >>
		   HV_PENDING_INTERRUPTION_TYPE_SHIFT;
	struct cpu_event event = {
		.vector = vector,
		.has_error = value & HV_PENDING_INTERRUPTION_DELIVER_ERROR,
		.error = value >> HV_PENDING_INTERRUPTION_ERROR_SHIFT,
	};

	if (!(value & HV_PENDING_INTERRUPTION_PENDING)) {
		vp->entry.event.type = EVENT_NONE;
		return true;
	}
	if (vector > 0xff)
		return false;
	switch (type) {
	case HV_X64_PENDING_INTERRUPT:
		event.type = EVENT_INTERRUPT;
		break;
	case HV_X64_PENDING_NMI:
		event.type = EVENT_NMI;
		break;
	case HV_X64_PENDING_EXCEPTION:
	case HV_X64_PENDING_PRIVILEGED_SOFTWARE_EXCEPTION:
	case HV_X64_PENDING_SOFTWARE_EXCEPTION:
		/* With an exception of any other number the entry would fail. */
		if (vector >= FIRST_INTERRUPT_VECTOR || vector == VECTOR_NMI)
			return false;
		event.type = EVENT_EXCEPTION;
		break;
	case HV_X64_PENDING_SOFTWARE_INTERRUPT:
		event.type = EVENT_SOFTWARE;
		break;
	default:
		return false;
	}
	vp->entry.event = event;
	return true;
}

/* ---- DeliverabilityNotifications ---------------------------------------------- */

u32 pending_floor(u64 notify)
{
	return (notify & HV_DELIVERABILITY_PRIORITY_MASK) >> HV_DELIVERABILITY_PRIORITY_SHIFT;
}

bool pending_watched(struct vp *vp)
{
	struct child *child = child_of(vp);
	u32 floor = pending_floor(child->notify);

	/* If it is the ISR that blocks it: an EOI exits anyway. */
	return (child->notify & HV_DELIVERABILITY_INTERRUPT) &&
	       (!floor || floor > vapic_ppr(vp) >> 4 || floor <= child->vapic.tpr >> 4);
}

static bool deliverable(struct vp *vp, u64 notify)
{
	struct child *child = child_of(vp);
	u32 floor = pending_floor(notify);

	if ((notify & HV_DELIVERABILITY_NMI) && !child->nmi_masked &&
	    !(vp->cpu->shadow & 1))
		return true;
	if (!(notify & HV_DELIVERABILITY_INTERRUPT) || !(vp->cpu->rflags & RFLAGS_IF) ||
	    (vp->cpu->shadow & 1))
		return false;
	return !floor || floor > vapic_ppr(vp) >> 4;
}

/* Notifies the VMM if it could interrupt, and has asked for that. */
static __noinline bool notify_deliverable(struct vp *vp)
{
	struct hv_x64_interruption_deliverable_message message = {};
	struct child *child = child_of(vp);
	u64 notify = child->notify;
	u64 kinds = HV_DELIVERABILITY_NMI | HV_DELIVERABILITY_INTERRUPT;

	if (!(notify & kinds) || vp->entry.event.type || !deliverable(vp, notify))
		return false;
	if ((notify & HV_DELIVERABILITY_NMI) && !child->nmi_masked) {
		message.deliverable_type = HV_X64_PENDING_NMI;
		child->notify &= ~HV_DELIVERABILITY_NMI;
	} else {
		message.deliverable_type = HV_X64_PENDING_INTERRUPT;
		child->notify &= ~(HV_DELIVERABILITY_INTERRUPT |
				   HV_DELIVERABILITY_PRIORITY_MASK);
	}
	intercept_send(vp, HVMSG_X64_INTERRUPTION_DELIVERABLE, &message,
		       sizeof(message), HV_INTERCEPT_ACCESS_READ, 0);
	return true;
}

bool pending_wants_sint(struct vp *vp, u32 sint)
{
	return child_of(vp)->notify >> (HV_DELIVERABILITY_SINTS_SHIFT + sint) & 1;
}

bool pending_slot_free(struct vp *vp)
{
	if (!(child_of(vp)->notify & HV_DELIVERABILITY_SINTS_MASK))
		return false;
	for (u32 i = 0; i < SYNIC_SINTS; i++)
		if (pending_wants_sint(vp, i) && synic_sint_ready(vp, i))
			return true;
	return false;
}

/* A slot that is in use is marked, so that the guest reports when it is free. */
static __noinline bool notify_sints(struct vp *vp)
{
	struct hv_x64_synic_sint_deliverable_message message = {};
	struct child *child = child_of(vp);

	for (u32 i = 0; i < SYNIC_SINTS; i++)
		if (pending_wants_sint(vp, i) && synic_claim(vp, i))
			message.deliverable_sints |= BIT(i);
	if (!message.deliverable_sints)
		return false;
	child->notify &= ~((u64)message.deliverable_sints
			   << HV_DELIVERABILITY_SINTS_SHIFT);
	intercept_send(vp, HVMSG_SYNIC_SINT_DELIVERABLE, &message,
		       sizeof(message), HV_INTERCEPT_ACCESS_READ, 0);
	return true;
}

bool pending_notify(struct vp *vp)
{
	return child_of(vp)->notify && (notify_deliverable(vp) || notify_sints(vp));
}
