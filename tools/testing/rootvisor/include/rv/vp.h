/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtual processors, of the root and of children.
 *
 * General registers are in @gpr in the order of the register names (RAX RCX RDX RBX RSP
 * RBP RSI RDI R8..R15), including RAX and RSP: entry and exit copy these two to and from
 * the state page.  State in that page that is not switched at each entry (FS GS TR LDTR
 * KERNEL_GS_BASE STAR.. SYSENTER..) is current only after vp_unload(); call vp_state()
 * before accessing it.
 */
#ifndef _RV_VP_H
#define _RV_VP_H

#include <rootvisor/control.h>
#include <rv/base.h>
#include <rv/cpu.h>
#include <rv/cpu_state.h>
#include <rv/lp.h>
#include <rv/partition.h>
#include <rv/x86.h>
#include <rv/synic.h>

enum {
	GPR_RAX, GPR_RCX, GPR_RDX, GPR_RBX, GPR_RSP, GPR_RBP, GPR_RSI, GPR_RDI,
	GPR_R8, GPR_R9, GPR_R10, GPR_R11, GPR_R12, GPR_R13, GPR_R14, GPR_R15,
	NR_GPRS,
};

struct child;

struct vp {
	struct partition *partition;
	u32 index;
	struct lp *lp;		/* runs here, will, or ran here last; root: always */
	struct lp *holder;	/* the LP that it is loaded on, or NULL */
	struct cpu_state *cpu;
	struct cpu_entry entry;	/* for the next entry */
	struct cpu_exit exit;	/* how the last one ended */
	u32 leave_on;		/* optional exits, LEAVE_ON_* */
	u8 cr8;			/* a child's, while it does not run */
	u64 dr7_hidden;		/* not loaded for the guest, see cpu/svm_debug.c */
	bool dr_loaded;		/* DR0 to DR3 are; see there */
	bool dr_ready;		/* nothing to prepare, unless a breakpoint is enabled */
	u64 cr0_hidden;		/* likewise, see cpu/svm_enter.c */
	bool cr0_shown;		/* the guest is about to access it */
	struct asid asid;
	u64 flushes;		/* of its partition, when it was loaded */
	u64 gpr[NR_GPRS];
	u8 *xsave;		/* one page, standard format */
	u64 xcr0, xss;
	u64 dr[4];
	u64 tsc_aux;
	u64 apic_base;
	bool flush;		/* TLB flush at the next entry */
	bool trap;		/* single step: #DB is pending */

	/* SynIC, of root and child VPs: vp/synic.c */
	struct synic synic;

	/* root only */
	bool started;		/* has had its SIPI */
	bool wait_sipi;
	u32 sipi_vector;
	u32 nmi_pending;
	bool nmi_masked;
	u64 lvt_timer, timer_count, timer_divide;	/* as the root wrote them */
	u64 root_deadline;	/* TSC, 0: none */
	u64 vp_assist_msr;
	u32 ctl_args[RV_MAX_ARGS], ctl_nr_args;	/* control port queues */
	u32 ctl_results[RV_MAX_RESULTS], ctl_nr_results, ctl_next_result, ctl_error;

	/* child only: vp/child.h */
	struct child *child;

	u64 exits[16];		/* statistics */
	u64 runtime;		/* TSC ticks in the guest */
};

static_assert(sizeof(struct vp) <= 4096, "a VP's descriptor is one page");

static inline bool vp_is_root(const struct vp *vp)
{
	return vp->partition->is_root;
}

/* Sets the state after power-up, the same for every VP. */
void cpu_state_reset(struct vp *vp);

static inline bool vp_is_64bit(struct vp *vp)
{
	return (vp->cpu->efer & EFER_LMA) && (vp->cpu->cs.attrib & CS_LONG);
}

/* Step over an instruction: RIP += len, end the interrupt shadow, apply TF. */
void vp_skip(struct vp *vp, u32 len);
void vp_done(struct vp *vp);	/* the same, with RIP already advanced */

/* Put an event into the next entry; an exception. */
void vp_event(struct vp *vp, enum cpu_event_type type, u8 vector);
void vp_exception(struct vp *vp, u8 vector, bool has_error, u32 error);
/* The #DB that ends a single step. */
void vp_step_exception(struct vp *vp);
void vp_gp(struct vp *vp);
void vp_ud(struct vp *vp);

/* Handles an exit of a child, under hv_lock on the LP where it occurred. */
void child_exit(struct vp *vp);

/* The processor has refused the VP's state: report it to the VMM. */
void child_refused(struct vp *vp);

/* Last steps before the entry: chooses the event to deliver. */
void child_prepare(struct vp *vp);

#endif
