/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything of a child VP beyond struct vp.
 *
 * Model: a child VP costs its partition 20 pages at creation: descriptor, this struct,
 * processor state, XSAVE area, intercept message, three pages that its guest can lay over its memory
 * and the tables for these, and room for messages that must wait.  It costs more only
 * when the root asks for a register page or a stats page.
 *
 * Words: an event is *pending* while it waits for its turn and *queued* once it
 * is in the VP's entry, which is also what the PendingInterruption register
 * shows.  A VM exit is *stale* when the root has written registers
 * between the exit and its handling on another LP; it is then dropped, the
 * instruction simply executes again.
 */
#ifndef _RV_VP_CHILD_H
#define _RV_VP_CHILD_H

#include <hyperv/hv_partition.h>
#include <rv/base.h>
#include <rv/call.h>
#include <rv/count.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/npt.h>
#include <rv/page.h>
#include <rv/partition.h>
#include <rv/sched.h>
#include <rv/synic.h>
#include <rv/timer.h>
#include <rv/unit.h>
#include <rv/cpu.h>
#include <rv/cpu_state.h>
#include <rv/vp.h>
#include <rv/x86.h>

#define HV_PRIVILEGE_VP_REGISTERS 49	/* bit of the privilege mask */
#define NR_STIMERS		4
#define NR_VAR_MTRRS		8
#define NR_FIXED_MTRRS		11

enum {
	LVT_TIMER, LVT_THERMAL, LVT_PERFMON, LVT_LINT0, LVT_LINT1, LVT_ERROR,
	LVT_CMCI, NR_LVTS,
};

struct vapic {
	u32 id;
	u32 tpr, ldr, dfr, svr;
	u32 esr, esr_pending;
	u64 icr;
	u32 lvt[NR_LVTS];
	u32 initial, divide;
	u64 start;		/* TSC at which the present count began */
	bool parked;		/* periodic, and goes on when the VP runs */
	u32 isr[8], tmr[8], irr[8];
	u32 auto_eoi[8];	/* vectors that never enter the ISR */
	u32 ended[8];		/* level triggered, and the VMM has yet to be told */
	struct timer timer;
};

struct stimer {
	struct vp *vp;
	u64 config, count;
	u64 due;		/* partition time of the next expiry, 0: none */
	bool message_pending;
	bool parked;		/* periodic, and goes on when the VP runs */
	struct timer timer;
};

struct child {
	struct vp *vp;

	/* Why the VP does not run; sched/ looks at these. */
	bool explicit_suspend, intercept_suspend, dispatch_suspend;
	bool wait_sipi;
	bool halted, idle;
	bool broken;		/* triple fault or bad state, until written to */
	bool stalled;		/* by the control port, or the root's crash */
	bool destroyed;

	/* sched/ */
	bool queued;		/* classic: in a run queue */
	bool blocked;		/* root scheduler: root waits for a signal */
	bool preempted;
	struct vp *queue_next;
	u64 dispatch_out;	/* GPA of DispatchVp's output */
	u64 signal_count;	/* VpRootSignalCount */
	struct timer slice;
	u64 dispatches;

	/* Exits and events: vp/exit.c, vp/event.c, vp/step.c */
	bool stale;
	bool nmi_pending, nmi_masked, nmi_unmasking;
	bool stepping, step_tf;	/* one instruction, by TF; the guest's own TF */
	bool stepped;		/* and the exit was the end of it */
	u64 step_rip, step_dr6;
	bool step_task, bad_task;	/* over LTR, which has loaded nothing */
	struct cpu_segment step_tr;
	bool told_step;		/* TF was set at an instruction that the VMM executes */
	u64 told_rip;
	bool extint_pending, extint_acked;
	u8 extint_vector;
	bool event_pending;	/* PendingEvent0, an exception */
	u64 event[2];
	u64 notify;		/* DeliverabilityNotifications */

	u8 *intercept_page, *register_page;
	bool intercept_mapped, register_mapped;
	u64 *stats_page[2];	/* area self, area parent */
	u64 stats_blocked;	/* counter 202 */

	/* MSRs */
	u64 apic_base;
	u64 pat, misc_enable, mcg_status, tsc_adjust, spec_ctrl, hwcr, syscfg;
	bool tsc_own;		/* its TSC was set far from VP 0's */
	u64 tsc_set;		/* the VP's runtime when that was */
	u64 debugctl;
	u64 mtrr_base[NR_VAR_MTRRS], mtrr_mask[NR_VAR_MTRRS];
	u64 mtrr_fixed[NR_FIXED_MTRRS], mtrr_def;
	u64 vp_assist_msr;
	u64 reenlightenment, tsc_emulation;
	u64 npiep;
	struct overlay vp_assist, simp, siefp;

	struct vapic vapic;
	struct stimer stimer[NR_STIMERS];

	u64 nr_irqs, nr_calls;
};

static_assert(sizeof(struct child) <= 4096, "a child VP's state is one page");

static inline struct child *child_of(struct vp *vp)
{
	return vp->child;
}

/* ---- sched/ --------------------------------------------------------------- */

bool sched_runnable(struct vp *vp);	/* nothing but an LP is missing */
bool sched_running(struct vp *vp);	/* is lp->child of its LP */
/* Neither runs nor could: what comes at each period would find the last still there. */
bool sched_parked(struct vp *vp);
/* Without one the VMM has an interrupt controller of its own. */
static inline bool partition_has_apic(const struct partition *p)
{
	return p->flags & HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED;
}

/* The VP spins for another that may wait for this LP. */
void sched_yield(struct vp *vp);

/* ---- vp/child.c ------------------------------------------------------------ */

/* Frees everything of a child VP; the partition is being torn down. */
void child_destroy(struct vp *vp);

void partition_objects_destroy(struct partition *p);

/* State after power-up, INIT, and INIT plus SIPI. */
void child_reset(struct vp *vp);
void child_init(struct vp *vp);
void child_sipi(struct vp *vp, u8 vector);

/* The state for reading and writing; an unhandled exit becomes stale. */
struct cpu_state *child_write(struct vp *vp);

extern u64 host_xcr0;

/* The child VP a call names, of a child of the caller's; NULL and *status. */
struct vp *child_target(struct hv_call *call, u64 partition, u32 index,
			u16 *status);

/* ---- vp/event.c ----------------------------------------------------------- */

/* True when an event could be taken at once (ends a HLT). */
bool child_has_event(struct vp *vp);
void child_nmi(struct vp *vp);

/* What may turn into an intercept before entry; false: do not enter. */
bool child_check(struct vp *vp);

/* After each exit. */
void event_exit(struct vp *vp);

/* ---- vp/step.c ------------------------------------------------------------- */

/* The guest leaves after one instruction; it is not to know. */
void step_begin(struct vp *vp);
void step_exit(struct vp *vp);		/* after each exit */
void step_stop(struct vp *vp);		/* the VP leaves its LP */
/* True when the exit was the end of a step that the guest is not to know of. */
bool step_hidden(struct vp *vp);
/* At an IRET that may end the blocking of NMIs; at LTR. */
void step_iret(struct vp *vp);
void step_ltr(struct vp *vp);

/* An instruction at RIP is left to the VMM; it has been executed, if it has. */
void step_told(struct vp *vp);
void step_trap(struct vp *vp);
/* Has the VMM been told of the trap that is due, instead of the guest? */
bool step_trap_intercepted(struct vp *vp);

/* ---- vp/pending.c ----------------------------------------------------------- */

/* The event in the entry, in PendingInterruption's layout. */
u64 pending_get(struct vp *vp);
bool pending_set(struct vp *vp, u64 value);
/* Has the VMM been told that it could interrupt? */
bool pending_notify(struct vp *vp);

/* ---- vp/task.c -------------------------------------------------------------- */

/* Does an IRET here switch to another task? */
bool task_nested(struct vp *vp);
/* Executes that; false: nothing has happened. */
bool task_return(struct vp *vp);

/* ---- vp/intercept.c ------------------------------------------------------- */

/* Tells the root: @payload begins with the intercept header, filled here. */
void intercept_send(struct vp *vp, u32 type, void *payload, u32 len, u8 access,
		    u8 insn_len);

void intercept_send_raw(struct vp *vp, u32 type, const void *payload, u32 len);

/* Is an access to MSR / CPUID leaf / exception to be told to the root? */
bool intercept_wanted(struct partition *p, u32 type, u64 param, u32 access);
bool exception_wanted(struct partition *p, u32 vector);
/* A registered MSR result: 0 fault, 1 ignore and read zero, -1 none. */
int rules_msr(struct vp *vp, u32 msr, u32 access);
void rules_apply(struct vp *vp);	/* what exits because of them */
void rules_free(struct partition *p);
void rules_cpuid(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *regs);

struct hv_x64_segment_register;
void segment_get(const struct cpu_segment *seg, struct hv_x64_segment_register *to);
void segment_set(struct cpu_segment *seg, const struct hv_x64_segment_register *from);

bool task_valid(const struct hv_x64_segment_register *tr);

/* ---- vp/vapic.c ------------------------------------------------------------ */

void vapic_reset(struct vp *vp);
void vapic_accept(struct vp *vp, u8 vector, bool level);
void vapic_accept_auto_eoi(struct vp *vp, u8 vector);
int vapic_highest(struct vp *vp);	/* highest request above what is in service, or -1 */
int vapic_behind(struct vp *vp, int vector);
void vapic_take(struct vp *vp, u8 vector);
void vapic_lint(struct vp *vp, u32 lvt);
bool vapic_enabled(struct vp *vp);	/* by APIC_BASE and SVR */
u32 vapic_ppr(struct vp *vp);
void vapic_set_tpr(struct vp *vp, u32 tpr);
bool vapic_set_base(struct vp *vp, u64 base);
bool vapic_ipi(struct vp *vp, u64 icr);
u32 vapic_current_count(struct vp *vp);
void vapic_start_timer(struct vp *vp, u32 initial);
void vapic_resume_timer(struct vp *vp, u32 initial, u32 left);
void vapic_stop_timers(struct vp *vp);
void vapic_move_timers(struct vp *vp, struct lp *lp);

/* Registers by x2APIC number (0x02..0x3f); false is #GP. */
bool vapic_read(struct vp *vp, u32 reg, u64 *value);
bool vapic_write(struct vp *vp, u32 reg, u64 value);

/* Sends to VPs by destination as an MSI does; false when nobody is there. */
bool vapic_send(struct partition *p, struct vp *from, u32 mode, u32 vector,
		bool level, bool logical, u64 dest);

/* vp/vapic_eoi.c: is there an end to tell of?  Stops the VP with one, if so. */
void vapic_eoi(struct vp *vp);
bool vapic_end_waits(struct vp *vp);
bool vapic_tell_end(struct vp *vp);

/* vp/xapic.c: an access to the APIC page; true when handled. */
bool xapic_access(struct vp *vp, u64 gpa);

/* ---- vp/stimer.c, vp/hvmsr.c ------------------------------------------------ */

void stimer_reset(struct vp *vp);
void stimer_stop_all(struct vp *vp);
void stimer_move(struct vp *vp, struct lp *lp);
u64 stimer_get_config(struct vp *vp, u32 n);
u64 stimer_get_count(struct vp *vp, u32 n);
void stimer_set_config(struct vp *vp, u32 n, u64 value);
void stimer_set_count(struct vp *vp, u32 n, u64 value);
void stimer_eom(struct vp *vp);		/* the slot of a SINT is free again */
bool stimer_waits(struct vp *vp, u32 sint); /* for that slot */

/* Partition time has jumped, or a TSC offset has changed. */
void ref_tsc_update(struct partition *p);
/* Moves an overlay to where an MSR says; false: no such place, it stays where it was. */
bool overlay_move(struct partition *p, struct overlay *o, u64 value, bool writable);
bool vp_assist_set(struct vp *vp, u64 value);
bool hypercall_msr_set(struct vp *vp, u64 value);
bool guest_os_id_set(struct vp *vp, u64 value);
bool ref_tsc_set(struct vp *vp, u64 value);
void child_overlays_drop(struct vp *vp);
void enlightenments_drop(struct partition *p);

/* ---- vp/synic.c -------------------------------------------------------------- */

bool synic_set_page(struct vp *vp, u32 msr, u64 value);
bool synic_set_sint(struct vp *vp, u32 sint, u64 value);
bool synic_set_control(struct vp *vp, u64 value);
void synic_free(struct vp *vp);
bool synic_sint_ready(struct vp *vp, u32 sint);
/* The slot is free for a message; if not, the guest is told that one waits. */
bool synic_claim(struct vp *vp, u32 sint);

/* ---- vp/msr.c ----------------------------------------------------------------- */

bool child_rdmsr(struct vp *vp, u32 msr, u64 *value);
bool child_wrmsr(struct vp *vp, u32 msr, u64 value);
void msr_reset(struct vp *vp);
bool child_set_xcr0(struct vp *vp, u64 value);
void xsave_reset(struct vp *vp);
void child_set_tsc(struct vp *vp, u64 value);
void child_set_tsc_offset(struct vp *vp, u64 offset);
bool child_set_efer(struct vp *vp, u64 value);
bool mtrr_type_valid(u64 type);
bool pat_valid(u64 pat);
bool canonical(u64 va);

/* ---- vp/cpuid.c ---------------------------------------------------------------- */

void child_cpuid(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r);
/* What a guest is not told of it cannot switch on. */
bool child_has_x2apic(struct vp *vp);
u64 child_efer_bits(struct vp *vp);
u64 child_xcr0_mask(struct partition *p);

/* ---- vp/regpage.c ---------------------------------------------------------------- */

void regpage_load(struct vp *vp);	/* what the VMM has marked dirty */
void regpage_store(struct vp *vp);	/* after the VP has stopped */
bool regpage_scan(struct vp *vp);	/* pending vectors at offset 688 */

/* ---- vp/gva.c ----------------------------------------------------------------------- */

#define GVA_READ	BIT(0)
#define GVA_WRITE	BIT(1)
#define GVA_FETCH	BIT(2)
#define GVA_MARK	BIT(3)	/* accessed and dirty bits are set */

/* Translate for the VP's present mode; false when it would fault. */
bool gva_to_gpa(struct vp *vp, u64 gva, u32 access, u64 *gpa);
u32 gva_read(struct vp *vp, u64 gva, void *to, u32 len, u32 access);
/* Instruction bytes at CS:RIP; how many could be read (at most 15). */
u32 insn_fetch(struct vp *vp, u8 *bytes);

/* ---- vp/stats.c ---------------------------------------------------------------------- */

void stats_vp_stopped(struct vp *vp);
void stats_blocked(struct vp *vp, u64 value);
void stats_vp_free(struct vp *vp);
void stats_tick(struct lp *lp);
void stats_free(struct partition *p);
u32 stats_class(u32 reason);

/* ---- partition/doorbell.c -------------------------------------------------------------- */

bool doorbell_possible(struct partition *p, u64 gpa);
/* Rings the doorbells that a write matches; false when there is none. */
bool doorbell_ring(struct vp *vp, u64 gpa, u32 size, u64 value);
void ports_retry(struct vp *vp, u32 sint);

#endif
