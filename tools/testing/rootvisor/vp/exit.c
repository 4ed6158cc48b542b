// SPDX-License-Identifier: GPL-2.0
/*
 * Exits of child VPs.
 *
 * Model: all relevant exits are faults: RIP is at the instruction.  An exit is either
 * handled here, and the VP continues, or reported to the root (vp/report.c), and the VP
 * stops.  Instruction lengths are determined here: the processor under QEMU does not
 * report the next RIP.
 */
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_message.h>
#include <hyperv/hv_property.h>
#include <rv/call.h>
#include <rv/count.h>
#include <rv/doorbell.h>
#include <rv/stats.h>
#include <rv/unit.h>
#include "child.h"
#include "cpuid.h"
#include "cr4.h"
#include "dr7.h"
#include "event.h"
#include "insn.h"
#include "pending.h"
#include "regs_fpu.h"
#include "report.h"
#include "rules.h"
#include "step.h"
#include "vapic_eoi.h"
#include "xapic.h"

#define LEN_CPUID	2
#define LEN_MSR		2
#define LEN_HLT		1
#define LEN_XSETBV	3
#define LEN_INVD	2
#define LEN_MONITOR	3
#define LEN_RDPMC	2
#define TPR_CLASSES	15
#define WITH_ERROR_CODE	(BIT(8) | BIT(10) | BIT(11) | BIT(12) | BIT(VECTOR_GP) |	\
			 BIT(VECTOR_PF) | BIT(VECTOR_AC) | BIT(21))

/* ---- CPUID, MSR ----------------------------------------------------------------- */

static void exit_cpuid(struct vp *vp)
{
	u32 leaf = vp->gpr[GPR_RAX], sub = vp->gpr[GPR_RCX];
	struct cpuid_regs r;

	count(RV_COUNT_CHILD_CPUID);
	child_cpuid(vp, leaf, sub, &r);
	if (intercept_wanted(vp->partition, HV_INTERCEPT_TYPE_X64_CPUID, leaf,
			     HV_INTERCEPT_ACCESS_MASK_EXECUTE) ||
	    intercept_wanted(vp->partition, HV_INTERCEPT_TYPE_X64_GLOBAL_CPUID, 0,
			     HV_INTERCEPT_ACCESS_MASK_EXECUTE)) {
		report_cpuid(vp, &r, LEN_CPUID);
		return;
	}
	vp->gpr[GPR_RAX] = r.eax;
	vp->gpr[GPR_RBX] = r.ebx;
	vp->gpr[GPR_RCX] = r.ecx;
	vp->gpr[GPR_RDX] = r.edx;
	vp_skip(vp, LEN_CPUID);
}

static bool msr_allowed(struct vp *vp, const struct msr_desc *d)
{
	return d->privilege < 0 ||
	       (vp->partition->privileges >> d->privilege & 1);
}

static bool child_rdmsr(struct vp *vp, u32 msr, u64 *value)
{
	const struct msr_desc *d = msr_find(msr, MSR_CHILD);

	return d && msr_allowed(vp, d) && d->read && d->read(vp, msr, value);
}

static bool child_wrmsr(struct vp *vp, u32 msr, u64 value)
{
	const struct msr_desc *d = msr_find(msr, MSR_CHILD);

	return d && msr_allowed(vp, d) && d->write && d->write(vp, msr, value);
}

static bool synthetic(u32 msr)
{
	return msr >> 16 == 0x4000;
}

/* An MSR that is not implemented: does what the VMM has asked for. */
static bool ignore_unknown(struct vp *vp, u32 msr, u32 access)
{
	int action = rules_msr(vp, msr, access);

	if (action >= 0)
		return action;
	if (msr_find(msr, MSR_CHILD) || synthetic(msr))
		return false;
	return vp->partition->msr_action ==
	       HV_UNIMPLEMENTED_MSR_ACTION_IGNORE_WRITE_READ_ZERO;
}

static bool msr_to_root(struct vp *vp, u32 msr, u32 access)
{
	if (intercept_wanted(vp->partition, HV_INTERCEPT_TYPE_X64_MSR_INDEX, msr,
			     access))
		return true;
	return !msr_find(msr, MSR_CHILD) &&
	       intercept_wanted(vp->partition, HV_INTERCEPT_TYPE_X64_MSR, 0,
				access);
}

static void exit_msr(struct vp *vp)
{
	u32 msr = vp->gpr[GPR_RCX];
	bool write = vp->exit.msr.write, done;
	u32 access = write ? HV_INTERCEPT_ACCESS_MASK_WRITE :
			     HV_INTERCEPT_ACCESS_MASK_READ;
	u64 value = (u32)vp->gpr[GPR_RAX] | vp->gpr[GPR_RDX] << 32;

	count(RV_COUNT_CHILD_MSR);
	if (msr_to_root(vp, msr, access)) {
		report_msr(vp, msr, write, LEN_MSR);
		return;
	}
	/* Skip it first: an INIT to itself sets another RIP. */
	vp_skip(vp, LEN_MSR);
	done = write ? child_wrmsr(vp, msr, value) : child_rdmsr(vp, msr, &value);
	if (!done && ignore_unknown(vp, msr, access)) {
		value = 0;
		done = true;
	}
	if (!done) {
		vp->cpu->rip -= LEN_MSR;
		vp->trap = false;
		log_debug("child %llu VP %u: #GP for %s of MSR 0x%x",
			  (unsigned long long)vp->partition->id, vp->index,
			  write ? "write" : "read", msr);
		vp_gp(vp);
		return;
	}
	if (!write) {
		vp->gpr[GPR_RAX] = (u32)value;
		vp->gpr[GPR_RDX] = value >> 32;
	}
}

/* ---- control -------------------------------------------------------------------- */

static void exit_xsetbv(struct vp *vp)
{
	u64 value = (u32)vp->gpr[GPR_RAX] | vp->gpr[GPR_RDX] << 32;

	/* The processor exits before it checks. */
	if (!(vp->cpu->cr4 & CR4_OSXSAVE)) {
		vp_ud(vp);
		return;
	}
	if (vp->cpu->cpl || (u32)vp->gpr[GPR_RCX] || !child_set_xcr0(vp, value)) {
		vp_gp(vp);
		return;
	}
	vp_skip(vp, LEN_XSETBV);
}

/* Without a local APIC the VMM delivers interrupts, so HLT is reported to it. */
static void exit_hlt(struct vp *vp)
{
	count(RV_COUNT_CHILD_HLT);
	vp_skip(vp, LEN_HLT);
	/* The trap after it ends the halt. */
	if (vp->trap)
		return;
	if (partition_has_apic(vp->partition))
		child_of(vp)->halted = true;
	else
		report_halt(vp);
}

static void exit_cr8_write(struct vp *vp)
{
	u32 gpr, len;
	u64 value;

	if (!special_register(vp, MOV_TO_CR, 8, &gpr, &len)) {
		insn_unknown(vp);
		return;
	}
	value = vp->gpr[gpr];
	if (!vp_is_64bit(vp))
		value = (u32)value;
	if (vp->cpu->cpl || value > TPR_CLASSES) {
		vp_gp(vp);
		return;
	}
	vapic_set_tpr(vp, (u32)value << 4);
	vp_skip(vp, len);
}

/*
 * A software interrupt; exits only while INT3 or INTO is intercepted, or during a step.
 * INT3 and INTO exit as exceptions of a processor, and as interrupts under QEMU.
 * If it is not reported, it is delivered.
 */
static void exit_int(struct vp *vp)
{
	u32 vector, len;
	bool exception;

	if (!software_interrupt(vp, &vector, &len, &exception)) {
		insn_unknown(vp);
		return;
	}
	if (exception && exception_wanted(vp->partition, vector)) {
		report_exception(vp, vector);
		return;
	}
	/*
	 * The RIP that is pushed is that after the instruction.  Delivery clears TF, so
	 * there is no trap.
	 */
	vp->cpu->rip += len;
	vp->cpu->shadow = 0;
	vp->entry.event = (struct cpu_event){ .type = EVENT_SOFTWARE, .vector = vector };
}

static void exit_shutdown(struct vp *vp)
{
	log_guest("child %llu VP %u: triple fault, cs:rip %x:%llx cr3 %llx cr2 %llx",
		  (unsigned long long)vp->partition->id, vp->index,
		  vp->cpu->cs.selector, (unsigned long long)vp->cpu->rip,
		  (unsigned long long)vp->cpu->cr3,
		  (unsigned long long)vp->cpu->cr2);
	vp->entry.event.type = EVENT_NONE;
	report_shutdown(vp);
	child_of(vp)->broken = true;
}

static void exit_invalid(struct vp *vp)
{
	struct cpu_state *v = vp->cpu;

	log_guest("child %llu VP %u: state refused: cr0 %llx cr3 %llx cr4 %llx efer %llx",
		  (unsigned long long)vp->partition->id, vp->index,
		  (unsigned long long)v->cr0, (unsigned long long)v->cr3,
		  (unsigned long long)v->cr4, (unsigned long long)v->efer);
	log_guest("  rip %llx rflags %llx event %llx dr6 %llx dr7 %llx",
		  (unsigned long long)v->rip, (unsigned long long)v->rflags,
		  (unsigned long long)pending_get(vp), (unsigned long long)v->dr6,
		  (unsigned long long)v->dr7);
	report_invalid(vp);
	child_of(vp)->broken = true;
}

void child_refused(struct vp *vp)
{
	log_guest("child %llu VP %u: state refused: xcr0 %llx",
		  (unsigned long long)vp->partition->id, vp->index,
		  (unsigned long long)vp->xcr0);
	report_invalid(vp);
	child_of(vp)->broken = true;
}

/* ---- memory ---------------------------------------------------------------------- */

static bool is_apic_page(struct vp *vp, u64 gpa)
{
	u64 base = child_of(vp)->apic_base;

	return (base & APIC_BASE_ENABLE) && !(base & APIC_BASE_X2APIC) &&
	       (gpa & PAGE_MASK) == (base & 0x000ffffffffff000ull);
}

/* The mapping may have changed since the fault. */
static bool map_allows(struct vp *vp, u64 gpa, u32 wanted)
{
	u64 entry;
	int level;

	if (!npt_lookup(vp->partition, gpa >> PAGE_SHIFT, &entry, &level))
		return false;
	if (!npt_present(entry))
		return false;
	if (wanted == MAY_WRITE)
		return npt_writable(entry);
	return wanted == MAY_READ || npt_executable(entry);
}

static void exit_memory(struct vp *vp)
{
	u64 gpa = vp->exit.memory.gpa;

	count(RV_COUNT_CHILD_NPF);
	if (map_allows(vp, gpa, vp->exit.memory.wanted)) {
		vp->flush = true;
		return;
	}
	if (is_apic_page(vp, gpa) && xapic_access(vp, gpa))
		return;
	if (doorbell_possible(vp->partition, gpa) && doorbell_access(vp, gpa))
		return;
	report_memory(vp);
}

/* ---- all ------------------------------------------------------------------------- */

/*
 * Exceptions that the VMM has not asked for go to the guest; if one has interrupted a
 * delivery, it will be raised again.
 */
static void exit_exception(struct vp *vp)
{
	u32 vector = vp->exit.exception.vector;

	/* A guest raises none: it is the machine's, and the root's (cpu/mcheck.c). */
	if (vector == VECTOR_MC) {
		vp->lp->root_mc = true;
		return;
	}
	if (exception_wanted(vp->partition, vector)) {
		report_exception(vp, vector);
		return;
	}
	if (vp->entry.event.type)
		return;
	if (vector == VECTOR_BP || vector == VECTOR_OF) {
		exit_int(vp);
		return;
	}
	if (vector == VECTOR_DB)
		vp->cpu->dr7 &= ~(u64)DR7_GD;
	if (vector == VECTOR_PF)
		vp->cpu->cr2 = vp->exit.exception.address;
	vp_exception(vp, vector, WITH_ERROR_CODE & BIT(vector), vp->exit.exception.error);
}

static void exit_unknown(struct vp *vp)
{
	log_guest("child %llu VP %u: unknown exit 0x%x at rip 0x%llx",
		  (unsigned long long)vp->partition->id, vp->index, vp->exit.number,
		  (unsigned long long)vp->cpu->rip);
	report_unsupported(vp);
	child_of(vp)->broken = true;
}

static void handle(struct vp *vp)
{
	switch (vp->exit.reason) {
	case EXIT_INTERRUPT:
	case EXIT_NMI:
	case EXIT_SMI:
	case EXIT_INIT:
	case EXIT_AGAIN:
	case EXIT_WINDOW:
	case EXIT_PAUSE:
		/* The loop checks for events before it enters again. */
		break;
	case EXIT_EXCEPTION:
		exit_exception(vp);
		break;
	case EXIT_IRET:
		step_iret(vp);
		break;
	case EXIT_LTR:
		step_ltr(vp);
		break;
	case EXIT_CPUID:
		exit_cpuid(vp);
		break;
	case EXIT_MSR:
		exit_msr(vp);
		break;
	case EXIT_PORT:
		count(RV_COUNT_CHILD_IO);
		report_io(vp);
		break;
	case EXIT_MEMORY:
		exit_memory(vp);
		break;
	case EXIT_HLT:
		exit_hlt(vp);
		break;
	case EXIT_HYPERCALL:
		count(RV_COUNT_CHILD_HYPERCALL);
		child_of(vp)->nr_calls++;
		hypercall_enter(vp);
		break;
	case EXIT_XSETBV:
		exit_xsetbv(vp);
		break;
	case EXIT_CR4_WRITE:
		exit_cr4_write(vp);
		break;
	case EXIT_DR7_READ:
		exit_dr7_read(vp);
		break;
	case EXIT_DR7_WRITE:
		exit_dr7_write(vp);
		break;
	case EXIT_CR8_WRITE:
		exit_cr8_write(vp);
		break;
	case EXIT_INT:
		exit_int(vp);
		break;
	case EXIT_CACHE:
		vp_skip(vp, LEN_INVD);
		break;
	case EXIT_TRIPLE_FAULT:
		exit_shutdown(vp);
		break;
	case EXIT_RDPMC:
		vp_gp(vp);
		break;
	case EXIT_MWAIT:
	case EXIT_VIRTUALIZATION:
		vp_ud(vp);
		break;
	case EXIT_REFUSED:
		exit_invalid(vp);
		break;
	default:
		exit_unknown(vp);
	}
}

void child_exit(struct vp *vp)
{
	struct child *child = child_of(vp);

	event_exit(vp);
	stats_exit(vp);
	if (child->stale) {
		child->stale = false;
		return;
	}
	if (!step_hidden(vp))
		handle(vp);
	/* Now, so that a VP that stops for another reason has no unreported EOI. */
	vapic_report_eoi(vp);
}
