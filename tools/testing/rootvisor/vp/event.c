// SPDX-License-Identifier: GPL-2.0
/*
 * Events of a child VP, and the last steps before its entry.
 *
 * Model: sources leave marks; delivery_decide() picks the one for the next entry
 * (rv/delivery.h).  While one has to wait for the guest (IF, interrupt shadow,
 * task priority) the entry has a window, which makes the guest exit as soon as
 * it can take it.  The register for the entry's event is PendingInterruption.
 */
#include <hyperv/hv_register.h>
#include <hyperv/hv_vp.h>
#include <rv/count.h>
#include <rv/delivery.h>
#include <rv/sched.h>
#include "child.h"
#include "event.h"
#include "pending.h"
#include "regpage.h"
#include "step.h"
#include "vapic_eoi.h"

/* The guest may have changed CR8. */
static void sync_tpr(struct vp *vp)
{
	struct vapic *apic = &child_of(vp)->vapic;

	if (vp->cr8 != apic->tpr >> 4)
		apic->tpr = vp->cr8 << 4;
}

static bool extint_allowed(struct vp *vp)
{
	struct child *child = child_of(vp);
	u32 lint0 = child->vapic.lvt[LVT_LINT0];

	if (!child->extint_pending)
		return false;
	if (!vapic_enabled(vp))
		return true;
	return !(lint0 & APIC_LVT_MASKED) && ((lint0 >> 8) & 7) == APIC_DM_EXTINT;
}

/* Collects the marks of all sources, and what the guest can take. */
static void collect(struct vp *vp, struct delivery_marks *m)
{
	struct child *child = child_of(vp);

	*m = (struct delivery_marks){
		.stepping = child->stepping,
		.queued = vp->entry.event.type,
		.trap = vp->trap,
		.exception = child->event_pending,
		.nmi = child->nmi_pending,
		.nmi_masked = child->nmi_masked,
		.nmi_unmasking = child->nmi_unmasking,
		.extint = extint_allowed(vp),
		.watched = pending_watched(vp),
		.floor = pending_floor(child->notify),
		.watched_nmi = child->notify & HV_DELIVERABILITY_NMI,
		.idle = child->idle,
		.interrupts = vp->cpu->rflags & RFLAGS_IF,
		.shadow = vp->cpu->shadow & 1,
		.tpr = child->vapic.tpr >> 4,
		.vector = vapic_highest(vp),
		.behind = NO_VECTOR,
	};
	if (m->vector != NO_VECTOR)
		m->behind = vapic_behind(vp, m->vector);
}

bool child_has_event(struct vp *vp)
{
	struct delivery_marks marks;

	/* No events, but the VMM has to be told. */
	if (vapic_eoi_pending(vp) || pending_slot_free(vp))
		return true;
	collect(vp, &marks);
	return delivery_due(&marks);
}

void child_nmi(struct vp *vp)
{
	child_of(vp)->nmi_pending = true;
	sched_wake(vp);
}

void event_exit(struct vp *vp)
{
	sync_tpr(vp);
	step_exit(vp);
}

bool child_check(struct vp *vp)
{
	regpage_load(vp);
	step_trap(vp);
	return !step_trap_intercepted(vp) && !vapic_report_eoi(vp) && !pending_notify(vp);
}

static void inject_exception(struct vp *vp)
{
	struct child *child = child_of(vp);
	u64 event = child->event[0];
	u32 vector = (event & HV_PENDING_EXCEPTION_VECTOR_MASK) >>
		     HV_PENDING_EXCEPTION_VECTOR_SHIFT;

	child->event_pending = false;
	vp_exception(vp, vector, event & HV_PENDING_EXCEPTION_DELIVER_ERROR,
		     event >> HV_PENDING_EXCEPTION_ERROR_SHIFT);
	if (vector == VECTOR_PF)
		vp->cpu->cr2 = child->event[1];
}

/* Clears a mark and puts the event into the entry. */
static void take(struct vp *vp, enum delivery_take what, int vector)
{
	struct child *child = child_of(vp);

	switch (what) {
	case TAKE_NOTHING:
		break;
	case TAKE_TRAP:
		vp_step_exception(vp);
		break;
	case TAKE_EXCEPTION:
		inject_exception(vp);
		break;
	case TAKE_NMI:
		child->nmi_pending = false;
		vp_event(vp, EVENT_NMI, VECTOR_NMI);
		break;
	case TAKE_EXTINT:
		child->extint_pending = false;
		child->extint_acked = true;
		vp_event(vp, EVENT_INTERRUPT, child->extint_vector);
		break;
	case TAKE_VECTOR:
		vapic_take(vp, vector);
		vp_event(vp, EVENT_INTERRUPT, vector);
		child->nr_irqs++;
		count(RV_COUNT_CHILD_INTERRUPTS);
		break;
	}
}

/* Usually there is none. */
static bool has_marks(struct vp *vp)
{
	const struct child *child = child_of(vp);

	return vp->entry.event.type || vp->trap || child->event_pending ||
	       child->nmi_pending || child->extint_pending || child->notify ||
	       vapic_highest(vp) != NO_VECTOR;
}

static void deliver(struct vp *vp)
{
	struct delivery_marks marks;
	struct delivery d;

	collect(vp, &marks);
	d = delivery_decide(&marks);
	take(vp, d.take, marks.vector);
	/* Also if it is the VMM's. */
	if (vp->entry.event.type == EVENT_NMI) {
		child_of(vp)->nmi_masked = true;
		vp->leave_on |= LEAVE_ON_IRET;
	}
	if (d.step)
		step_begin(vp);
	vp->entry.window = d.window;
	vp->entry.priority = d.priority;
}

void child_prepare(struct vp *vp)
{
	struct child *child = child_of(vp);

	child->stale = false;
	child->halted = false;
	child->idle = false;
	/* The last exit may have been handled without event_exit(). */
	sync_tpr(vp);
	vp->cr8 = child->vapic.tpr >> 4;
	if (has_marks(vp))
		deliver(vp);
	else
		vp->entry.window = WINDOW_NONE;
}
