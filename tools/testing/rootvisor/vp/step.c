// SPDX-License-Identifier: GPL-2.0
/*
 * Single steps of a child VP: those that are made for it, and its own.
 *
 * Model: two moments have no window, the end of an IRET that unblocks NMIs and, with IF
 * clear, that of the instruction behind MOV SS.  When an NMI waits for one of these the
 * guest *steps* over the instruction: TF is set for one entry, and the #DB is not the
 * guest's.  LTR is stepped over because what it has loaded must be looked at.
 *
 * What is delivered during a step would push its TF: software interrupts and exceptions
 * are intercepted then, and delivered after it; all else waits for its end.
 *
 * A guest's own TF has its effect on instructions that are executed for it as well: the
 * trap is the first of all events.  Of an instruction that the VMM has executed nothing is
 * told but its RIP, which is then behind the instruction.
 */
#include <hyperv/hv_register.h>
#include "child.h"
#include "rules.h"
#include "step.h"
#include "task.h"
#include "tell.h"

#define INSN_MAX	15
/* What an instruction may raise; INT3 and INTO are software interrupts, see exit_int(). */
#define STEP_EXCEPTIONS	(BIT(0) | BIT(VECTOR_DB) | BIT(5) | BIT(VECTOR_UD) | BIT(7) |	\
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
		rules_apply(vp);
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
	/* The guest was stepping too. */
	vp->trap = child->step_tf;
	return true;
}

void step_told(struct vp *vp)
{
	child_of(vp)->told_step = vp->cpu->rflags & RFLAGS_TF;
	child_of(vp)->told_rip = vp->cpu->rip;
}

/* Has the VMM executed what it was told of? */
void step_trap(struct vp *vp)
{
	struct child *child = child_of(vp);
	u64 length = vp->cpu->rip - child->told_rip;

	if (!child->told_step)
		return;
	child->told_step = false;
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
	tell_exception(vp, VECTOR_DB);
	return true;
}

void step_stop(struct vp *vp)
{
	child_of(vp)->stepped = false;
	step_end(vp);
}

/*
 * IRET ends the blocking of NMIs, but it has yet to execute: they stay blocked
 * until the next exit, which comes at once when one waits.
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

/* Executed by the processor, and looked at afterwards. */
void step_ltr(struct vp *vp)
{
	struct child *child = child_of(vp);

	child->step_task = true;
	child->step_tr = vp_state(vp)->tr;
	vp->leave_on &= ~LEAVE_ON_LTR;
	step_begin(vp);
}
