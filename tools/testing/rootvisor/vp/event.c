// SPDX-License-Identifier: GPL-2.0
/*
 * What a child VP is interrupted by, and the last steps before its entry.
 *
 * Model: sources leave marks; delivery_decide() says which of them goes into the
 * next entry (rv/delivery.h).  While one must wait for the guest (IF, interrupt
 * shadow, task priority) the entry has a window, by which the guest is left at
 * that moment.  The entry's event as a register is PendingInterruption.
 *
 * Two things have no such mark, the end of an IRET that unblocks NMIs and, with IF clear,
 * that of the instruction behind MOV SS.  When an NMI waits for one of these the guest
 * *steps* over the instruction: TF is set for one entry, and the #DB is not the guest's.
 *
 * A guest's own TF has its effect on instructions that are executed for it as well: the
 * trap is the first of all events.  Of an instruction that the VMM has executed nothing is
 * told but its RIP, which is then behind the instruction.
 */
#include <hyperv/hv_message.h>
#include <hyperv/hv_register.h>
#include <hyperv/hv_vp.h>
#include <rv/delivery.h>
#include "exit.h"

#define INSN_MAX		15
#define FIRST_INTERRUPT_VECTOR	32

static bool event_queued(struct vp *vp)
{
	return vp->entry.event.type;
}

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

/* The marks that sources have left, and what the guest can take. */
static void collect(struct vp *vp, struct delivery_marks *m)
{
	struct child *child = child_of(vp);

	*m = (struct delivery_marks){
		.queued = event_queued(vp),
		.trap = vp->trap,
		.exception = child->event_pending,
		.nmi = child->nmi_pending,
		.nmi_masked = child->nmi_masked,
		.nmi_unmasking = child->nmi_unmasking,
		.extint = extint_allowed(vp),
		.watched = child->notify & (HV_DELIVERABILITY_INTERRUPT | HV_DELIVERABILITY_NMI),
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

	/* The end of an interrupt is no event, but the VMM is to be told. */
	if (vapic_end_waits(vp))
		return true;
	collect(vp, &marks);
	return delivery_due(&marks);
}

void child_nmi(struct vp *vp)
{
	child_of(vp)->nmi_pending = true;
	sched_wake(vp);
}

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
		/* An exception of any other number fails the entry. */
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

/* ---- single steps ----------------------------------------------------------- */

static void step_begin(struct vp *vp)
{
	struct child *child = child_of(vp);
	struct cpu_state *cpu = vp->cpu;

	if (child->stepping)
		return;
	child->stepping = true;
	child->step_tf = cpu->rflags & RFLAGS_TF;
	child->step_dr6 = cpu->dr6;
	child->step_rip = cpu->rip;
	cpu->rflags |= RFLAGS_TF;
}

/* A processor refuses a null selector, QEMU takes it, and ends when it wants the task. */
static void step_end_task(struct vp *vp)
{
	struct child *child = child_of(vp);

	if (!child->step_task)
		return;
	child->step_task = false;
	vp->leave_on |= LEAVE_ON_LTR;
	if (vp_state(vp)->tr.attrib & HV_X64_SEGMENT_PRESENT)
		return;
	vp->cpu->tr = child->step_tr;
	child->bad_task = true;
}

/* Whatever has made the VP leave its guest, the step is over, and begun anew if need be. */
static void step_end(struct vp *vp)
{
	struct child *child = child_of(vp);
	struct cpu_state *cpu = vp->cpu;
	bool same = cpu->rip == child->step_rip;

	if (child->stepping) {
		child->stepping = false;
		cpu->dr6 = child->step_dr6;
		/* IRET has brought the TF of where it went to. */
		if (!child->step_tf && (same || !child->nmi_unmasking))
			cpu->rflags &= ~(u64)RFLAGS_TF;
	}
	step_end_task(vp);
	if (!child->nmi_unmasking)
		return;
	child->nmi_unmasking = false;
	if (same)
		vp->leave_on |= LEAVE_ON_IRET;
	else
		child->nmi_masked = false;
}

bool event_step(struct vp *vp)
{
	struct child *child = child_of(vp);

	if (!child->stepped)
		return false;
	if (child->bad_task) {
		child->bad_task = false;
		vp->cpu->rip = child->step_rip;
		vp_gp(vp);
		return true;
	}
	/* The guest was stepping too. */
	vp->trap = child->step_tf;
	return true;
}

void event_told(struct vp *vp)
{
	child_of(vp)->told_step = vp->cpu->rflags & RFLAGS_TF;
	child_of(vp)->told_rip = vp->cpu->rip;
}

/* Has the VMM executed what it was told of? */
static void trap_told(struct vp *vp)
{
	struct child *child = child_of(vp);
	u64 length = vp->cpu->rip - child->told_rip;

	if (!child->told_step)
		return;
	child->told_step = false;
	if (length && length <= INSN_MAX && !event_queued(vp) && !child->event_pending)
		vp->trap = true;
}

static bool trap_intercepted(struct vp *vp)
{
	if (!vp->trap || child_of(vp)->stepping ||
	    !exception_wanted(vp->partition, VECTOR_DB))
		return false;
	vp->trap = false;
	vp->cpu->dr6 |= DR6_BS;
	tell_exception(vp, VECTOR_DB);
	return true;
}

void event_stop(struct vp *vp)
{
	child_of(vp)->stepped = false;
	step_end(vp);
}

void event_exit(struct vp *vp)
{
	struct child *child = child_of(vp);

	sync_tpr(vp);
	child->stepped = child->stepping && vp->exit.reason == EXIT_EXCEPTION &&
			 vp->exit.exception.vector == VECTOR_DB;
	step_end(vp);
}

/* ---- entry ------------------------------------------------------------------- */

static bool deliverable(struct vp *vp, u64 notify)
{
	struct child *child = child_of(vp);
	u32 floor = (notify & HV_DELIVERABILITY_PRIORITY_MASK) >>
		    HV_DELIVERABILITY_PRIORITY_SHIFT;

	if ((notify & HV_DELIVERABILITY_NMI) && !child->nmi_masked &&
	    !(vp->cpu->shadow & 1))
		return true;
	if (!(notify & HV_DELIVERABILITY_INTERRUPT) || !(vp->cpu->rflags & RFLAGS_IF) ||
	    (vp->cpu->shadow & 1))
		return false;
	return !floor || floor > vapic_ppr(vp) >> 4;
}

/* The VMM has asked to be told when it could interrupt. */
static bool notify_deliverable(struct vp *vp)
{
	struct hv_x64_interruption_deliverable_message message = {};
	struct child *child = child_of(vp);
	u64 notify = child->notify;
	u64 kinds = HV_DELIVERABILITY_NMI | HV_DELIVERABILITY_INTERRUPT;

	if (!(notify & kinds) || event_queued(vp) || !deliverable(vp, notify))
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

static bool notify_sints(struct vp *vp)
{
	struct hv_x64_synic_sint_deliverable_message message = {};
	struct child *child = child_of(vp);
	u32 wanted = child->notify >> HV_DELIVERABILITY_SINTS_SHIFT;

	for (u32 i = 0; i < SYNIC_SINTS; i++)
		if ((wanted & BIT(i)) && synic_sint_ready(vp, i))
			message.deliverable_sints |= BIT(i);
	if (!message.deliverable_sints)
		return false;
	child->notify &= ~((u64)message.deliverable_sints
			   << HV_DELIVERABILITY_SINTS_SHIFT);
	intercept_send(vp, HVMSG_SYNIC_SINT_DELIVERABLE, &message,
		       sizeof(message), HV_INTERCEPT_ACCESS_READ, 0);
	return true;
}

bool child_check(struct vp *vp)
{
	struct child *child = child_of(vp);

	regpage_load(vp);
	trap_told(vp);
	if (trap_intercepted(vp) || vapic_tell_end(vp))
		return false;
	if (!child->notify)
		return true;
	return !notify_deliverable(vp) && !notify_sints(vp);
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

/* Takes a mark away and puts the event into the entry. */
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
		child->nmi_masked = true;
		vp->leave_on |= LEAVE_ON_IRET;
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

void child_prepare(struct vp *vp)
{
	struct child *child = child_of(vp);
	struct delivery_marks marks;
	struct delivery d;

	child->stale = false;
	child->halted = false;
	child->idle = false;
	/* The host may have gone on without an exit for us to see. */
	sync_tpr(vp);
	vp->cr8 = child->vapic.tpr >> 4;
	collect(vp, &marks);
	d = delivery_decide(&marks);
	take(vp, d.take, marks.vector);
	if (d.step)
		step_begin(vp);
	vp->entry.window = d.window;
	vp->entry.priority = d.priority;
}

/*
 * IRET ends the blocking of NMIs, but it has yet to execute: they stay blocked
 * until the next exit, which comes at once when one waits.
 */
void event_iret(struct vp *vp)
{
	struct child *child = child_of(vp);

	bool waits = child->nmi_pending || (child->notify & HV_DELIVERABILITY_NMI);

	vp->leave_on &= ~LEAVE_ON_IRET;
	if (waits && task_nested(vp) && task_return(vp)) {
		child->nmi_masked = false;
		return;
	}
	child->nmi_unmasking = true;
	child->step_rip = vp->cpu->rip;
	if (waits && !task_nested(vp))
		step_begin(vp);
}

/* Executed by the processor, and looked at afterwards. */
void event_ltr(struct vp *vp)
{
	struct child *child = child_of(vp);

	child->step_task = true;
	child->step_tr = vp_state(vp)->tr;
	vp->leave_on &= ~LEAVE_ON_LTR;
	step_begin(vp);
}
