// SPDX-License-Identifier: GPL-2.0
/*
 * Entry and exit with SVM.
 *
 * Model: before each entry the control area is set from the VP's entry and its optional
 * exits; afterwards the exit is described in a struct cpu_exit.  GIF is clear from the
 * last check of the kick word until the exit.
 *
 * An event is injected by EVENTINJ.  A *window* is a virtual interrupt (V_IRQ) that is
 * never delivered, because its intercept (VINTR) comes first.
 *
 * Under QEMU's emulation an interrupt cannot be injected like that, see TCG_INJECTS_TWICE
 * in tcg.h.  A child's is a virtual one that is delivered; its intercept is off meanwhile,
 * and the EOI, which exits, opens the window again.  A virtual interrupt of the root would
 * stay pending as long as the root's interrupts are native; there, if a child cannot take
 * one now, and if it needs a window behind one (that has automatic EOI), the LP sends
 * itself an NMI.
 *
 * A child's CR0.CD is not loaded: the guest would run without caches from its reset until
 * it clears the bit.  It is *hidden*; an access to CR0 exits, and is executed with the real
 * value.
 *
 * The field of clean bits stays 0, the processor reads the whole VMCB at each VMRUN:
 * everything above cpu/ writes to it directly, and what has changed is not recorded.  A bit
 * that is set by mistake would be a guest with old state, on some processors only.
 */
#include <rv/lp.h>
#include <rv/vp.h>
#include "guard.h"
#include "lp.h"
#include "svm.h"
#include "tcg.h"
#include "undone.h"
#include "vmcb.h"

#define HIGHEST_PRIORITY	0xfull
#define CR0_UNCACHED		((u64)(CR0_CD | CR0_NW))

static u32 optional_exits[LEAVE_ON_ALL + 1];
static u32 window_bias;		/* set when a window has opened at CR8's priority */

void svm_enter_start(void)
{
	static const u32 bits[] = {
		VMCB_I1_INTR, VMCB_I1_HLT, VMCB_I1_IRET, VMCB_I1_TR_WRITE, VMCB_I1_INTN,
	};

	for (u32 set = 0; set <= LEAVE_ON_ALL; set++)
		for (u32 i = 0; i < ARRAY_SIZE(bits); i++)
			if (set & BIT(i))
				optional_exits[set] |= bits[i];
	for (u32 set = 0; !tcg_has(TCG_TAKES_NULL_TASK) && set <= LEAVE_ON_ALL; set++)
		optional_exits[set] &= ~VMCB_I1_TR_WRITE;
}

/* ---- before -------------------------------------------------------------------- */

static u64 event_inj(const struct cpu_event *event)
{
	static const u64 types[] = {
		[EVENT_INTERRUPT] = VMCB_EVENT_INTR, [EVENT_NMI] = VMCB_EVENT_NMI,
		[EVENT_EXCEPTION] = VMCB_EVENT_EXCEPTION, [EVENT_SOFTWARE] = VMCB_EVENT_SOFT,
	};

	if (!event->type)
		return 0;
	return event->vector | types[event->type] << VMCB_EVENT_TYPE_SHIFT | VMCB_EVENT_VALID |
	       (event->has_error ? VMCB_EVENT_ERROR | (u64)event->error << 32 : 0);
}

static bool can_take(const struct cpu_state *cpu)
{
	return (cpu->rflags & RFLAGS_IF) && !(cpu->shadow & 1);
}

static u64 virtual_interrupt(u64 priority)
{
	return VMCB_INT_VIRQ | priority << VMCB_INT_PRIO_SHIFT;
}

static u64 window(const struct cpu_entry *entry)
{
	switch (entry->window) {
	case WINDOW_OPEN:
		return virtual_interrupt(HIGHEST_PRIORITY) | VMCB_INT_IGN_TPR;
	case WINDOW_PRIORITY:
		return virtual_interrupt(entry->priority - MIN(window_bias, entry->priority));
	}
	return 0;
}

static void hide_cr0(struct vp *vp, struct vmcb *c)
{
	vp->cr0_hidden = vp->cr0_shown ? 0 : vp->cpu->cr0 & CR0_UNCACHED;
	c->intercept_cr_read = 0;
	if (!vp->cr0_hidden)
		return;
	vp->cpu->cr0 &= ~vp->cr0_hidden;
	c->intercept_cr_read = VMCB_CR0;
	c->intercept_cr_write |= VMCB_CR0;
}

static void prepare_child(struct vp *vp, struct vmcb *c)
{
	const struct cpu_event *event = &vp->entry.event;
	u64 ctl = window(&vp->entry);

	c->intercept_cr_write = VMCB_CR4;
	if (ctl && tcg_has(TCG_CR8_ENDS))
		c->intercept_cr_write |= VMCB_CR8;
	c->intercept1 = SVM_CHILD_EXITS | VMCB_I1_VINTR | optional_exits[vp->leave_on];
	if (tcg_virtual(&vp->entry, can_take(vp->cpu))) {
		c->event_inj = 0;
		c->intercept1 &= ~VMCB_I1_VINTR;
		ctl = virtual_interrupt(HIGHEST_PRIORITY) | VMCB_INT_IGN_TPR |
		      (u64)event->vector << VMCB_INT_VECTOR_SHIFT;
	} else {
		c->event_inj = event_inj(event);
	}
	c->int_ctl = ctl | VMCB_INT_MASKING | vp->cr8;
	hide_cr0(vp, c);
}

void svm_prepare(struct vp *vp, bool flush)
{
	struct cpu_state *cpu = vp->cpu;
	struct vmcb *c = vmcb_of(cpu);

	c->tlb_control = flush ? svm_tlb_control(vp->holder) : 0;
	cpu->rax = vp->gpr[GPR_RAX];
	cpu->rsp = vp->gpr[GPR_RSP];
	cpu->efer |= EFER_SVME;
	if (vp_is_root(vp)) {
		c->intercept1 = SVM_ROOT_EXITS | optional_exits[vp->leave_on];
		c->event_inj = event_inj(&vp->entry.event);
	} else {
		prepare_child(vp, c);
	}
	/* Processors that have the field return from INT n, INT3 and INTO to it. */
	c->next_rip = cpu->rip;
	if (!vp->dr_ready || (cpu->dr7 & DR7_ENABLED))
		svm_debug_prepare(vp);
}

/* ---- after --------------------------------------------------------------------- */

static const u8 reasons[] = {
	[VMEXIT_CR0_READ] = EXIT_AGAIN,
	[VMEXIT_CR0_WRITE] = EXIT_AGAIN,
	[VMEXIT_CR4_WRITE] = EXIT_CR4_WRITE,
	[VMEXIT_CR8_WRITE] = EXIT_CR8_WRITE,
	[VMEXIT_DR0_READ ... VMEXIT_DR0_READ + 3] = EXIT_AGAIN,
	[VMEXIT_DR0_WRITE ... VMEXIT_DR0_WRITE + 3] = EXIT_AGAIN,
	[VMEXIT_DR5_WRITE] = EXIT_AGAIN,
	[VMEXIT_DR7_READ] = EXIT_DR7_READ,
	[VMEXIT_DR7_WRITE] = EXIT_DR7_WRITE,
	[VMEXIT_EXCEPTION ... VMEXIT_EXCEPTION + 31] = EXIT_EXCEPTION,
	[VMEXIT_INTR] = EXIT_INTERRUPT,
	[VMEXIT_NMI] = EXIT_NMI,
	[VMEXIT_SMI] = EXIT_SMI,
	[VMEXIT_INIT] = EXIT_INIT,
	[VMEXIT_VINTR] = EXIT_WINDOW,
	[VMEXIT_TR_WRITE] = EXIT_LTR,
	[VMEXIT_RDPMC] = EXIT_RDPMC,
	[VMEXIT_CPUID] = EXIT_CPUID,
	[VMEXIT_IRET] = EXIT_IRET,
	[VMEXIT_SWINT] = EXIT_INT,
	[VMEXIT_INVD] = EXIT_CACHE,
	[VMEXIT_PAUSE] = EXIT_PAUSE,
	[VMEXIT_HLT] = EXIT_HLT,
	[VMEXIT_INVLPGA] = EXIT_VIRTUALIZATION,
	[VMEXIT_IOIO] = EXIT_PORT,
	[VMEXIT_MSR] = EXIT_MSR,
	[VMEXIT_SHUTDOWN] = EXIT_TRIPLE_FAULT,
	[VMEXIT_VMRUN] = EXIT_VIRTUALIZATION,
	[VMEXIT_VMMCALL] = EXIT_HYPERCALL,
	[VMEXIT_VMLOAD] = EXIT_VIRTUALIZATION,
	[VMEXIT_VMSAVE] = EXIT_VIRTUALIZATION,
	[VMEXIT_STGI] = EXIT_VIRTUALIZATION,
	[VMEXIT_CLGI] = EXIT_VIRTUALIZATION,
	[VMEXIT_SKINIT] = EXIT_VIRTUALIZATION,
	[VMEXIT_WBINVD] = EXIT_CACHE,
	[VMEXIT_MONITOR] = EXIT_MWAIT,
	[VMEXIT_MWAIT] = EXIT_MWAIT,
	[VMEXIT_MWAIT_ARMED] = EXIT_MWAIT,
	[VMEXIT_XSETBV] = EXIT_XSETBV,
};

static enum cpu_exit_reason reason_of(u32 code)
{
	if (code < ARRAY_SIZE(reasons))
		return reasons[code];
	return code == VMEXIT_NPF ? EXIT_MEMORY :
	       code == VMEXIT_INVALID ? EXIT_REFUSED : EXIT_UNKNOWN;
}

static void undelivered(struct cpu_event *event, u64 info)
{
	static const u8 types[] = {
		[VMCB_EVENT_INTR] = EVENT_INTERRUPT, [VMCB_EVENT_NMI] = EVENT_NMI,
		[VMCB_EVENT_EXCEPTION] = EVENT_EXCEPTION, [VMCB_EVENT_SOFT] = EVENT_SOFTWARE,
		[7] = EVENT_NONE,
	};
	u8 type = types[(info & VMCB_EVENT_TYPE_MASK) >> VMCB_EVENT_TYPE_SHIFT];

	event->vector = (u8)info;
	event->type = tcg_event_type(type, event->vector);
	event->has_error = event->type == EVENT_EXCEPTION && (info & VMCB_EVENT_ERROR);
	event->error = info >> 32;
}

static void port_access(struct cpu_exit *e, const struct vmcb *c, u64 rip)
{
	u32 info = c->exit_info1;

	e->port.number = IOIO_PORT(info);
	e->port.size = IOIO_SIZE(info);
	/* QEMU reports the next RIP without wrapping it in 16-bit code. */
	e->port.length = (c->exit_info2 - rip) & 0xf;
	e->port.in = info & IOIO_IN;
	e->port.string = info & IOIO_STRING;
	e->port.rep = info & IOIO_REP;
}

static void memory_access(struct cpu_exit *e, const struct vmcb *c)
{
	u64 error = c->exit_info1;

	e->memory.gpa = c->exit_info2;
	e->memory.wanted = error & NPF_FETCH ? MAY_EXECUTE :
			   error & NPF_WRITE ? MAY_WRITE : MAY_READ;
	e->memory.present = error & NPF_PRESENT;
	e->memory.walk = error & NPF_TABLE;
}

static void window_opened(struct vp *vp)
{
	if (tcg_has(TCG_WINDOW_AT_CR8) && vp->entry.window == WINDOW_PRIORITY &&
	    vp->entry.priority <= vp->cr8)
		window_bias = 1;
}

/* The guest has not executed the access, and is to do so now. */
static void access_again(struct vp *vp)
{
	vp->exit.reason = EXIT_AGAIN;
	if (vp->exit.number < VMEXIT_DR0_READ)
		vp->cr0_shown = true;
	else
		svm_debug_touched(vp);
}

static void describe(struct vp *vp, const struct vmcb *c)
{
	struct cpu_exit *e = &vp->exit;

	e->number = c->exit_code;
	e->reason = reason_of(e->number);
	switch (e->reason) {
	case EXIT_PORT:
		port_access(e, c, vp->cpu->rip);
		break;
	case EXIT_MEMORY:
		if (tcg_has(TCG_UNDOES_EXITS))
			undone_check(vp->cpu);
		memory_access(e, c);
		break;
	case EXIT_DR7_WRITE:
		if (!tcg_has(TCG_DATA_BREAKPOINTS) || vp_is_root(vp))
			access_again(vp);
		break;
	case EXIT_AGAIN:
		access_again(vp);
		break;
	case EXIT_MSR:
		e->msr.write = c->exit_info1 & 1;
		break;
	case EXIT_EXCEPTION:
		e->exception.vector = e->number - VMEXIT_EXCEPTION;
		e->exception.error = c->exit_info1;
		e->exception.address = c->exit_info2;
		break;
	case EXIT_WINDOW:
		window_opened(vp);
		break;
	}
}

static void after_child(struct vp *vp, const struct vmcb *c)
{
	vp->cr8 = c->int_ctl & 0xf;
	vp->cr0_shown = false;
	/* A virtual interrupt without its intercept was to be delivered, and was not. */
	if ((c->int_ctl & VMCB_INT_VIRQ) && !(c->intercept1 & VMCB_I1_VINTR))
		vp->exit.undelivered = vp->entry.event;
}

/* What only the processor was to see. */
static void show(struct vp *vp)
{
	vp->cpu->efer &= ~(u64)EFER_SVME;
	if (!(vp->cr0_hidden | vp->dr7_hidden))
		return;
	vp->cpu->cr0 |= vp->cr0_hidden;
	vp->cpu->dr7 |= vp->dr7_hidden;
	vp->cr0_hidden = 0;
	vp->dr7_hidden = 0;
}

static void after(struct vp *vp)
{
	struct cpu_state *cpu = vp->cpu;
	struct vmcb *c = vmcb_of(cpu);

	vp->gpr[GPR_RAX] = cpu->rax;
	vp->gpr[GPR_RSP] = cpu->rsp;
	show(vp);
	vp->exit.undelivered.type = EVENT_NONE;
	if (!vp_is_root(vp))
		after_child(vp, c);
	if (c->exit_int_info & VMCB_EVENT_VALID)
		undelivered(&vp->exit.undelivered, c->exit_int_info);
	describe(vp, c);
}

/* See TCG_LOSES_INTERRUPTS.  Vectors that were lost are still in the IRR. */
static void refresh_apic(void)
{
	u64 tpr;

	if (rdmsr_safe(X2APIC_TPR, &tpr))
		wrmsr_safe(X2APIC_TPR, tpr);
}

void svm_run(struct vp *vp)
{
	struct cpu_state *cpu = vp->cpu;
	struct vmcb *c = vmcb_of(cpu);
	struct lp *lp = vp->holder;
	u64 tsc;

	__asm__ __volatile__("clgi" ::: "memory");
	if (READ_ONCE(lp->kick)) {
		__asm__ __volatile__("stgi" ::: "memory");
		show(vp);
		vp->exit.reason = EXIT_KICKED;
		return;
	}
	if (vp->entry.event.type == EVENT_INTERRUPT && c->event_inj &&
	    tcg_has(TCG_INJECTS_TWICE))
		lp_end_guest(lp);
	if (!vp_is_root(vp))
		guard_enter();
	tsc = rdtsc();
	vmrun(ptr_pa(cpu), vp->gpr);
	tsc = rdtsc() - tsc;
	vp->runtime += tsc;
	lp->guest_time += tsc;
	if (c->tlb_control)
		svm_tlb_flushed(lp);
	after(vp);
	if (tcg_has(TCG_LOSES_INTERRUPTS))
		refresh_apic();
}
