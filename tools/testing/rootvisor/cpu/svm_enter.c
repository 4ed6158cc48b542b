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
 * Some of this is complicated because of QEMU (seen with 10.0), see rootvisor.rst,
 * "Interrupts and QEMU":
 *
 * It does not forget an interrupt that VMRUN has injected: when it next stops the guest
 * for a reason of its own, it delivers the interrupt again, ignoring IF.  A VM exit
 * makes it forget.  So a child's interrupt is a virtual one that is delivered; its
 * intercept is off meanwhile, and the EOI, which exits, opens the window again.  A
 * virtual interrupt of the root would stay pending as long as the root's interrupts are
 * native; there, if a child cannot take one now, and if it needs a window behind one (that
 * has automatic EOI), the LP sends itself an NMI, which ends the guest before its first
 * instruction.
 *
 * It accepts a virtual interrupt whose priority equals CR8; processors do not.
 */
#include <rv/lp.h>
#include <rv/options.h>
#include <rv/vp.h>
#include "lp.h"
#include "svm.h"
#include "undone.h"
#include "vmcb.h"

#define FIRST_INTERRUPT_VECTOR	32
#define HIGHEST_PRIORITY	0xfull

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

static void prepare_child(struct vp *vp, struct vmcb *c)
{
	const struct cpu_event *event = &vp->entry.event;
	u64 ctl = window(&vp->entry);

	/*
	 * When CR8 is written, QEMU re-evaluates the virtual interrupt and ends, because
	 * it does not hold the lock that this needs.
	 */
	c->intercept_cr_write = ctl ? VMCB_CR4 | VMCB_CR8 : VMCB_CR4;
	c->intercept1 = SVM_CHILD_EXITS | VMCB_I1_VINTR | optional_exits[vp->leave_on];
	if (event->type == EVENT_INTERRUPT && can_take(vp->cpu) && !ctl) {
		c->event_inj = 0;
		c->intercept1 &= ~VMCB_I1_VINTR;
		ctl = virtual_interrupt(HIGHEST_PRIORITY) | VMCB_INT_IGN_TPR |
		      (u64)event->vector << VMCB_INT_VECTOR_SHIFT;
	} else {
		c->event_inj = event_inj(event);
	}
	c->int_ctl = ctl | VMCB_INT_MASKING | vp->cr8;
	svm_dr7_hide(vp);
}

void svm_prepare(struct vp *vp, bool flush)
{
	struct cpu_state *cpu = vp->cpu;
	struct vmcb *c = vmcb_of(cpu);

	c->tlb_control = flush;
	cpu->rax = vp->gpr[GPR_RAX];
	cpu->rsp = vp->gpr[GPR_RSP];
	cpu->efer |= EFER_SVME;
	if (vp_is_root(vp)) {
		c->intercept1 = SVM_ROOT_EXITS | optional_exits[vp->leave_on];
		c->event_inj = event_inj(&vp->entry.event);
	} else {
		prepare_child(vp, c);
	}
}

/* ---- after --------------------------------------------------------------------- */

static const u8 reasons[] = {
	[VMEXIT_CR4_WRITE] = EXIT_CR4_WRITE,
	[VMEXIT_CR8_WRITE] = EXIT_CR8_WRITE,
	[VMEXIT_DR7_READ] = EXIT_DR7_READ,
	[VMEXIT_DR7_WRITE] = EXIT_DR7_WRITE,
	[VMEXIT_EXCEPTION ... VMEXIT_EXCEPTION + 31] = EXIT_EXCEPTION,
	[VMEXIT_INTR] = EXIT_INTERRUPT,
	[VMEXIT_NMI] = EXIT_NMI,
	[VMEXIT_SMI] = EXIT_SMI,
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

/* QEMU reports interrupts as type "exception". */
static void undelivered(struct cpu_event *event, u64 info)
{
	static const u8 types[] = {
		[VMCB_EVENT_INTR] = EVENT_INTERRUPT, [VMCB_EVENT_NMI] = EVENT_NMI,
		[VMCB_EVENT_EXCEPTION] = EVENT_EXCEPTION, [VMCB_EVENT_SOFT] = EVENT_SOFTWARE,
		[7] = EVENT_NONE,
	};
	u32 type = types[(info & VMCB_EVENT_TYPE_MASK) >> VMCB_EVENT_TYPE_SHIFT];

	event->vector = (u8)info;
	event->type = type == EVENT_EXCEPTION && event->vector >= FIRST_INTERRUPT_VECTOR ?
		      EVENT_INTERRUPT : type;
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
	if (vp->entry.window == WINDOW_PRIORITY && vp->entry.priority <= vp->cr8)
		window_bias = 1;
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
		undone_check(vp->cpu);
		memory_access(e, c);
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
	/* A virtual interrupt without its intercept was to be delivered, and was not. */
	if ((c->int_ctl & VMCB_INT_VIRQ) && !(c->intercept1 & VMCB_I1_VINTR))
		vp->exit.undelivered = vp->entry.event;
}

static void after(struct vp *vp)
{
	struct cpu_state *cpu = vp->cpu;
	struct vmcb *c = vmcb_of(cpu);

	vp->gpr[GPR_RAX] = cpu->rax;
	vp->gpr[GPR_RSP] = cpu->rsp;
	cpu->efer &= ~(u64)EFER_SVME;
	svm_dr7_show(vp);
	vp->exit.undelivered.type = EVENT_NONE;
	if (!vp_is_root(vp))
		after_child(vp, c);
	if (c->exit_int_info & VMCB_EVENT_VALID)
		undelivered(&vp->exit.undelivered, c->exit_int_info);
	describe(vp, c);
}

/*
 * Up to version 10.1 QEMU adds a virtual interrupt to a processor's word of pending ones
 * (at VMRUN) without the lock that other processors hold when they add theirs, which may
 * then be lost.  Their vectors are still in the IRR; writing the TPR makes the APIC
 * re-evaluate.  A lost NMI leaves no such trace: lp_kick() sends it again.
 */
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
		cpu->efer &= ~(u64)EFER_SVME;
		svm_dr7_show(vp);
		vp->exit.reason = EXIT_KICKED;
		return;
	}
	if (vp->entry.event.type == EVENT_INTERRUPT && c->event_inj)
		lp_end_guest(lp);
	tsc = rdtsc();
	vmrun(ptr_pa(cpu), vp->gpr);
	tsc = rdtsc() - tsc;
	vp->runtime += tsc;
	lp->guest_time += tsc;
	after(vp);
	if (!options.icount)
		refresh_apic();
}
