// SPDX-License-Identifier: GPL-2.0
/*
 * The host side of a processor: gates, its local APIC.
 *
 * The host handles interrupts only at defined points: IF is set only around
 * VMRUN (where intercepts decide), in host_take_interrupt() and in host_idle().
 * NMIs can arrive whenever GIF is set; the gate only records what they are for.
 *
 * Two exceptions are ignored, and counted.  #SX is an INIT from the chipset (VM_CR.R_INIT).
 * #DB: the host sets no breakpoint and does not single-step, so it can only be a guest's,
 * whose processor has not discarded it at the exit.  Bochs 3.0 keeps a guest's single step
 * over an instruction that exits.  Another one would follow each instruction while TF is
 * set.
 */
#include <rv/count.h>
#include <rv/cpu.h>
#include <rv/crash.h>
#include <rv/end.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/x86.h>
#include "host.h"
#include "mcheck.h"
#include "tcg.h"
#include "undone.h"

struct gate {
	u16 offset_low;
	u16 selector;
	u8 ist;
	u8 type;
	u16 offset_mid;
	u32 offset_high;
	u32 zero;
} __packed;

struct fixup {
	u64 fault, resume;
};

#define GATE_SIZE	16
#define GATE_INTERRUPT	0x8e
#define HOST_CS		0x08
#define SVR_ENABLED	0x1ff

/* Values of taken_vector that are not vectors. */
#define NONE_YET	(-1)	/* an interrupt is expected */
#define NOT_NOW		(-2)

extern u8 host_gates[];
extern const struct fixup __fixups_start[], __fixups_end[];
void host_gate(struct host_regs *frame);

static struct gate idt[256] __aligned(16);

void host_idt_build(void)
{
	u32 i;

	for (i = 0; i < 256; i++) {
		u64 at = ptr_pa(host_gates) + i * GATE_SIZE;

		idt[i] = (struct gate){
			.offset_low = (u16)at,
			.offset_mid = (u16)(at >> 16),
			.offset_high = (u32)(at >> 32),
			.selector = HOST_CS,
			.type = GATE_INTERRUPT,
		};
	}
}

static bool fix_up(struct host_regs *frame)
{
	const struct fixup *f;

	for (f = __fixups_start; f < __fixups_end; f++)
		if (f->fault == frame->rip) {
			frame->rip = f->resume;
			return true;
		}
	return false;
}

static void __noreturn unexpected(const struct host_regs *frame)
{
	if (tcg_has(TCG_UNDOES_EXITS))
		undone_interrupt(frame->vector, frame->rip);
	panic("interrupt 0x%llx at rip 0x%llx", frame->vector, frame->rip);
}

/*
 * One at a time: the next one stays pending in the APIC.  KVM in QEMU's emulation delivers
 * an interrupt twice that it injects, the second time although IF is clear (rootvisor.rst,
 * "Under KVM").
 */
static void take(struct lp *lp, struct host_regs *frame)
{
	bool twice = !(frame->rflags & RFLAGS_IF) && !tcg_has(TCG_UNDOES_EXITS);

	frame->rflags &= ~(u64)RFLAGS_IF;
	/* A spurious interrupt needs no EOI. */
	if (twice || frame->vector == lp->spurious_vector)
		return;
	if (lp->taken_vector != NONE_YET)
		unexpected(frame);
	lp->taken_vector = (int)frame->vector;
}

void host_gate(struct host_regs *frame)
{
	struct lp *lp = this_lp();

	if (frame->vector == VECTOR_NMI) {
		while (READ_ONCE(machine_stopped))
			__asm__ __volatile__("cli; hlt");
		if (!__atomic_exchange_n(&lp->nmi_flight, 0, __ATOMIC_SEQ_CST) &&
		    !__atomic_exchange_n(&lp->nmi_spare, 0, __ATOMIC_SEQ_CST))
			__atomic_fetch_add(&lp->root_nmi, 1, __ATOMIC_SEQ_CST);
		return;
	}
	if (frame->vector >= 32) {
		take(lp, frame);
		return;
	}
	if (frame->vector == VECTOR_DB || frame->vector == VECTOR_SX) {
		frame->rflags &= ~(u64)RFLAGS_TF;
		count(RV_COUNT_HOST_IGNORED);
		return;
	}
	if (frame->vector == VECTOR_GP && fix_up(frame))
		return;
	if (frame->vector == VECTOR_MC) {
		mcheck_in_host(lp, frame);
		return;
	}
	crash_regs = frame;
	panic("exception %llu on LP %u, error 0x%llx, rip 0x%llx, cr2 0x%llx, rsp 0x%llx",
	      frame->vector, lp->index, frame->error, frame->rip, READ_CR(2),
	      frame->rsp);
}

int host_take_interrupt(void)
{
	struct lp *lp = this_lp();
	int vector;

	lp->taken_vector = NONE_YET;
	__asm__ __volatile__("sti; nop; nop; cli" ::: "memory");
	vector = lp->taken_vector;
	lp->taken_vector = NOT_NOW;
	return vector;
}

void host_idle(struct lp *lp)
{
	lp->taken_vector = NONE_YET;
	__asm__ __volatile__("sti; hlt; cli" ::: "memory");
	if (lp->taken_vector >= 0)
		wrmsr(X2APIC_EOI, 0);
	lp->taken_vector = NOT_NOW;
}

void apic_send(u32 apic_id, u32 low)
{
	wrmsr(X2APIC_ICR, (u64)apic_id << 32 | low);
}

u32 apic_irr_top(void)
{
	return (u32)rdmsr(X2APIC_IRR + 7);
}

bool apic_irr(u8 vector)
{
	return rdmsr(X2APIC_IRR + vector / 32) & BIT(vector % 32);
}

bool apic_in_service(void)
{
	u64 priority = rdmsr(X2APIC_PPR) & 0xf0;

	return priority > (rdmsr(X2APIC_TPR) & 0xf0) || priority >= (HOST_TIMER_VECTOR & 0xf0);
}

static_assert(HOST_TIMER_VECTOR / 32 == HOST_WAKE_VECTOR / 32, "bits of the same word");

static int if_deliverable(int vector)
{
	return (vector & 0xf0) > (int)(rdmsr32(X2APIC_PPR) & 0xf0) ? vector : -1;
}

int apic_pending_vector(void)
{
	const u32 own = BIT(HOST_TIMER_VECTOR % 32) | BIT(HOST_WAKE_VECTOR % 32);
	int i;

	UNROLL(8)
	for (i = 7; i >= 0; i--) {
		u32 bits = rdmsr32(X2APIC_IRR + (u32)i) & ~(i == HOST_TIMER_VECTOR / 32 ? own : 0);

		if (bits)
			return if_deliverable(i * 32 + 31 - __builtin_clz(bits));
	}
	return -1;
}

/* The spurious vector is kept: reading it at each interrupt can cost an exit. */
bool apic_set_spurious(struct lp *lp, u64 value)
{
	if (!wrmsr_safe(X2APIC_SVR, value))
		return false;
	lp->spurious_vector = (u8)value;
	return true;
}

/* As after INIT, but enabled: interrupts must be able to wake the host. */
void apic_reset(void)
{
	static const u16 lvts[] = { X2APIC_LVT_TIMER, 0x833, 0x834, X2APIC_LVT_LINT0,
				    X2APIC_LVT_LINT1, X2APIC_LVT_ERROR };
	u32 i;

	wrmsr(X2APIC_TPR, 0);
	wrmsr(X2APIC_INITIAL_COUNT, 0);
	for (i = 0; i < ARRAY_SIZE(lvts); i++)
		wrmsr_safe(lvts[i], APIC_LVT_MASKED);
	apic_set_spurious(this_lp(), SVR_ENABLED);
}

void host_cpu_init(struct lp *lp)
{
	struct {
		u16 limit;
		u64 base;
	} __packed idtr = { sizeof(idt) - 1, ptr_pa(idt) };

	__asm__ __volatile__("lidt %0" :: "m"(idtr));
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
	WRITE_CR(4, READ_CR(4) | CR4_OSXSAVE);
	mcheck_init();
	cpu_ops->cpu_init(lp);
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE);
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_X2APIC);
	apic_set_spurious(lp, SVR_ENABLED);
	wrmsr(X2APIC_LVT_TIMER, APIC_LVT_MASKED);
	lp->apic_id = (u32)rdmsr(X2APIC_ID);
	lp->taken_vector = NOT_NOW;
	WRITE_ONCE(lp->online, true);
}
