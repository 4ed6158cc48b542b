/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A child VP, in addition to struct vp.
 *
 * Model: a child VP takes 20 pages from its partition's pool at creation: descriptor,
 * this struct, processor state, XSAVE area, intercept message, three overlays and the
 * tables for these, and queue pages for messages.  It takes more only if the root asks
 * for a register page or a stats page.
 *
 * Words: an event is *pending* while it waits, and *queued* once it is in the VP's
 * entry, which is also what the PendingInterruption register shows.  A VM exit is
 * *stale* if the root has written registers between the exit and its handling on
 * another LP; it is then dropped, and the instruction is executed again.
 */
#ifndef _RV_VP_CHILD_H
#define _RV_VP_CHILD_H

#include <rv/partition.h>
#include <rv/share.h>
#include <rv/vp.h>
#include "msr.h"
#include "stimer.h"
#include "vapic.h"

struct hv_call;

struct child {
	struct vp *vp;

	/* Reasons why the VP does not run, for sched/. */
	bool explicit_suspend, intercept_suspend, dispatch_suspend;
	bool wait_sipi;
	bool halted, idle;
	bool broken;		/* triple fault or bad state; a write ends it */
	bool stalled;		/* by the control port, or the root's crash */
	bool destroyed;

	/* sched/ */
	bool queued;		/* classic: in a run queue */
	bool blocked;		/* root scheduler: root waits for a signal */
	bool preempted;
	struct vp *queue_next;
	u64 dispatch_out;	/* GPA of DispatchVp's output */
	u64 signal_count;	/* VpRootSignalCount */
	struct timer slice;	/* classic: end of a turn, or of a wait */
	u64 dispatches;
	struct share share;

	/* Exits and events: vp/exit.c, vp/event.c, vp/step.c */
	bool stale;
	bool nmi_pending, nmi_masked, nmi_unmasking;
	bool stepping, step_tf;	/* by TF; the guest's own TF */
	bool stepped;		/* the last exit has ended it */
	u64 step_rip, step_dr6;
	bool step_task, bad_task;	/* stepping over LTR; it has loaded no task */
	struct cpu_segment step_tr;
	bool reported_step;		/* TF was set at an instruction reported to the VMM */
	u64 reported_rip;
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
	bool tsc_own;		/* TSC was set, and not near VP 0's */
	u64 tsc_set;		/* the VP's runtime at that time */
	u64 debugctl;
	u64 mtrr_base[NR_VAR_MTRRS], mtrr_mask[NR_VAR_MTRRS];
	u64 mtrr_fixed[NR_FIXED_MTRRS], mtrr_def;
	u64 vp_assist_msr;
	u64 reenlightenment, tsc_emulation;
	u64 npiep;
	struct overlay vp_assist, simp, siefp;

	struct vapic vapic;
	struct stimer stimer[NR_STIMERS];
	bool stimers_used;	/* one has been armed since the reset */

	u64 nr_irqs, nr_calls;

	/* Only for statistics. */
	u64 messages, io_messages, memory_messages;	/* to the VMM */
	u64 ipis, self_ipis;
	u64 moves;		/* to another LP, or to the first one */
	struct lp *ran_on;
};

static_assert(sizeof(struct child) <= 4096, "a child VP's state is one page");

static inline struct child *child_of(struct vp *vp)
{
	return vp->child;
}

/* Sets the state after INIT; after a SIPI. */
void child_init(struct vp *vp);
void child_sipi(struct vp *vp, u8 vector);

/* The state, for reading and writing; an unhandled exit becomes stale. */
struct cpu_state *child_write(struct vp *vp);

/* The child VP that a hypercall names, in a child of the caller; NULL and *status. */
struct vp *child_target(struct hv_call *call, u64 partition, u32 index,
			u16 *status);

/* Control port: stalls a VP, or resumes it.  A crash: stalls all, for good. */
void child_stall(struct vp *vp, bool on);
void child_suspend_all(void);

/* Frees everything of a child VP; the partition is being torn down. */
void child_destroy(struct vp *vp);

/* Frees objects of a partition that belong to no VP. */
void partition_objects_destroy(struct partition *p);

#endif
