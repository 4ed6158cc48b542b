// SPDX-License-Identifier: GPL-2.0
/*
 * Single steps of a child VP: hidden ones, and the guest's own.
 *
 * Model: two events have no window: the end of an IRET that unblocks NMIs and, with IF
 * clear, the end of the instruction after MOV SS.  If an NMI is pending for one of these,
 * the guest *steps* over the instruction: TF is set for one entry, and the #DB is hidden
 * from the guest.  LTR is stepped over because the task that it loads must be checked.
 *
 * Events that are delivered during a step would push its TF: software interrupts and
 * exceptions are intercepted then, and delivered after it; all others wait for its end.
 *
 * A guest's own TF also applies to instructions that are executed for it: the trap is the
 * first of all events.  If the VMM has executed an instruction, only RIP shows that: it
 * is then after the instruction.
 */
#include <hyperv/hv_register.h>
#include "child.h"
#include "report.h"
#include "rules.h"
#include "step.h"
#include "task.h"

#define INSN_MAX	15
/* What an instruction may raise. */
#define STEP_EXCEPTIONS	(BIT(0) | BIT(VECTOR_DB) | BIT(VECTOR_BP) | BIT(VECTOR_OF) |	\
			 BIT(5) | BIT(VECTOR_UD) | BIT(7) |				\
			 BIT(10) | BIT(11) | BIT(12) | BIT(VECTOR_GP) | BIT(VECTOR_PF) |	\
			 BIT(16) | BIT(VECTOR_AC) | BIT(19) | BIT(21))

void step_begin(struct vp *vp)
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
	cpu->exceptions |= STEP_EXCEPTIONS;
	vp->leave_on |= LEAVE_ON_INT;
}

/*
 * Processors refuse a null selector; QEMU accepts it, and crashes when it uses the task.
 */
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

static __noinline void step_undo(struct vp *vp)
{
	struct child *child = child_of(vp);
	struct cpu_state *cpu = vp->cpu;
	bool same = cpu->rip == child->step_rip;

	if (child->stepping) {
		child->stepping = false;
		rules_apply(vp);
		cpu->dr6 = child->step_dr6;
		/* Not after IRET, which has loaded the TF of its destination. */
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

/* Whatever the exit was, the step is over; it is begun again if necessary. */
static void step_end(struct vp *vp)
{
	struct child *child = child_of(vp);

	if (child->stepping || child->step_task || child->nmi_unmasking)
		step_undo(vp);
}

void step_exit(struct vp *vp)
{
	struct child *child = child_of(vp);

	child->stepped = child->stepping && vp->exit.reason == EXIT_EXCEPTION &&
			 vp->exit.exception.vector == VECTOR_DB;
	step_end(vp);
}

bool step_hidden(struct vp *vp)
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
	/* The guest was stepping, too. */
	vp->trap = child->step_tf;
	return true;
}

void step_reported(struct vp *vp)
{
	child_of(vp)->reported_step = vp->cpu->rflags & RFLAGS_TF;
	child_of(vp)->reported_rip = vp->cpu->rip;
}

/* Has the VMM executed the instruction that was reported? */
void step_trap(struct vp *vp)
{
	struct child *child = child_of(vp);
	u64 length = vp->cpu->rip - child->reported_rip;

	if (!child->reported_step)
		return;
	child->reported_step = false;
	if (length && length <= INSN_MAX && !vp->entry.event.type && !child->event_pending)
		vp->trap = true;
}

bool step_trap_intercepted(struct vp *vp)
{
	if (!vp->trap || child_of(vp)->stepping ||
	    !exception_wanted(vp->partition, VECTOR_DB))
		return false;
	vp->trap = false;
	vp->cpu->dr6 |= DR6_BS;
	report_exception(vp, VECTOR_DB);
	return true;
}

void step_stop(struct vp *vp)
{
	child_of(vp)->stepped = false;
	step_end(vp);
}

/*
 * IRET unblocks NMIs, but has not been executed yet: they stay blocked until the next
 * exit, which follows at once if one is pending.
 */
void step_iret(struct vp *vp)
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

/* The processor executes LTR, and the result is checked afterwards. */
void step_ltr(struct vp *vp)
{
	struct child *child = child_of(vp);

	child->step_task = true;
	child->step_tr = vp_state(vp)->tr;
	vp->leave_on &= ~LEAVE_ON_LTR;
	step_begin(vp);
}
