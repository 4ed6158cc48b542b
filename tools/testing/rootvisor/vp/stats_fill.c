// SPDX-License-Identifier: GPL-2.0
/*
 * What statistics pages contain.
 *
 * Model: only what is counted is written; all else is zero, as on a hypervisor that does
 * not keep it.  Nothing is derived from something similar.  A VP's counters of exits are
 * about those to the hypervisor: what the processor does by itself, such as a root's HLT
 * and its interrupts, is not among them.  A VP's run time is what it has spent in the
 * guest up to its last exit, in units of 100 ns like all times.
 */
#include <hyperv/hv_stats.h>
#include <rv/page.h>
#include <rv/stats.h>
#include "child.h"
#include "stats.h"

/* Of an entry that did not take place nothing is counted. */
enum {
	CLASS_OTHER, CLASS_CALL, CLASS_IO, CLASS_HLT, CLASS_CPUID, CLASS_MSR,
	CLASS_NPF, CLASS_INTR, CLASS_VINTR, CLASS_CR, CLASS_DR, CLASS_MWAIT, CLASS_NONE,
};

const u8 stats_classes[NR_EXITS] = {
	[EXIT_KICKED] = CLASS_NONE,
	[EXIT_HYPERCALL] = CLASS_CALL,
	[EXIT_PORT] = CLASS_IO,
	[EXIT_HLT] = CLASS_HLT,
	[EXIT_CPUID] = CLASS_CPUID,
	[EXIT_MSR] = CLASS_MSR,
	[EXIT_MEMORY] = CLASS_NPF,
	[EXIT_INTERRUPT] = CLASS_INTR,
	[EXIT_NMI] = CLASS_INTR,
	[EXIT_WINDOW] = CLASS_VINTR,
	[EXIT_CR4_WRITE] = CLASS_CR,
	[EXIT_CR8_WRITE] = CLASS_CR,
	[EXIT_DR7_READ] = CLASS_DR,
	[EXIT_DR7_WRITE] = CLASS_DR,
	[EXIT_MWAIT] = CLASS_MWAIT,
};

static void fill_child(const struct child *child, u64 *c)
{
	c[HV_VP_IO_INTERCEPT_MESSAGES] = child->io_messages;
	c[HV_VP_MEMORY_INTERCEPT_MESSAGES] = child->memory_messages;
	c[HV_VP_OTHER_MESSAGES] = child->messages - child->io_messages - child->memory_messages;
	if (child->dispatches)
		c[HV_VP_LOGICAL_PROCESSOR_MIGRATIONS] = child->moves - 1;
	c[HV_VP_VIRTUAL_INTERRUPTS] = child->nr_irqs;
	c[HV_VP_APIC_IPIS_SENT] = child->ipis;
	c[HV_VP_APIC_SELF_IPIS_SENT] = child->self_ipis;
	c[HV_VP_LOGICAL_PROCESSOR_DISPATCHES] = child->dispatches;
	WRITE_ONCE(c[HV_VP_ROOT_DISPATCH_THREAD_BLOCKED], child->stats_blocked);
}

void stats_fill_vp(struct vp *vp, u64 *c)
{
	c[HV_VP_TOTAL_RUN_TIME] = tsc_span_to_ref(vp->runtime);
	c[HV_VP_HYPERCALLS_COUNT] = vp->exits[CLASS_CALL];
	c[HV_VP_CONTROL_REGISTER_ACCESSES_COUNT] = vp->exits[CLASS_CR];
	c[HV_VP_IO_INSTRUCTIONS_COUNT] = vp->exits[CLASS_IO];
	c[HV_VP_HLT_INSTRUCTIONS_COUNT] = vp->exits[CLASS_HLT];
	c[HV_VP_MWAIT_INSTRUCTIONS_COUNT] = vp->exits[CLASS_MWAIT];
	c[HV_VP_CPUID_INSTRUCTIONS_COUNT] = vp->exits[CLASS_CPUID];
	c[HV_VP_MSR_ACCESSES_COUNT] = vp->exits[CLASS_MSR];
	c[HV_VP_OTHER_INTERCEPTS_COUNT] = vp->exits[CLASS_OTHER];
	c[HV_VP_EXTERNAL_INTERRUPTS_COUNT] = vp->exits[CLASS_INTR];
	c[HV_VP_PENDING_INTERRUPTS_COUNT] = vp->exits[CLASS_VINTR];
	c[HV_VP_DEBUG_REGISTER_ACCESSES_COUNT] = vp->exits[CLASS_DR];
	c[HV_VP_PAGE_FAULT_INTERCEPTS_COUNT] = vp->exits[CLASS_NPF];
	c[HV_VP_SYNTHETIC_INTERRUPTS] = vp->synic.interrupts;
	if (!vp_is_root(vp))
		fill_child(child_of(vp), c);
}

void stats_fill_partition(struct partition *p, u64 *c)
{
	c[HV_PARTITION_VIRTUAL_PROCESSORS] = p->nr_vps;
	c[HV_PARTITION_DEPOSITED_PAGES] = p->pool.nr_pages;
	c[HV_PARTITION_GPA_PAGES] = p->nr_mapped;
	c[HV_PARTITION_GPA_SPACE_MODIFICATIONS] = p->gpa_changes;
	c[HV_PARTITION_PARTITION_ID] = p->id;
}

void stats_fill_lp(struct lp *lp, u64 *c)
{
	u64 now = tsc_now();
	u64 idle = lp->idle_time;

	if (READ_ONCE(lp->idle) && now > lp->idle_since)
		idle += now - lp->idle_since;
	c[HV_LP_GLOBAL_TIME] = tsc_to_ref(now);
	c[HV_LP_TOTAL_RUN_TIME] = tsc_span_to_ref(now - lp->start_tsc - idle);
	c[HV_LP_CONTEXT_SWITCHES] = lp->switches;
	c[HV_LP_INTER_PROCESSOR_INTERRUPTS_SENT] = lp->ipis_sent;
	c[HV_LP_PROCESSOR_HALTS] = lp->halts;
	if (lp->root)
		c[HV_LP_ROOT_VP_INDEX] = lp->root->index;
	c[HV_LP_GLOBAL_TSC_COUNT] = now;
}

void stats_fill_hypervisor(u64 *c)
{
	u64 pages = page_own();

	for (struct partition *p = partitions; p; p = p->next)
		pages += p->pool.nr_pages;
	c[HV_HYPERVISOR_LOGICAL_PROCESSORS] = nr_lps;
	c[HV_HYPERVISOR_PARTITIONS] = nr_partitions;
	c[HV_HYPERVISOR_TOTAL_PAGES] = pages;
	c[HV_HYPERVISOR_VIRTUAL_PROCESSORS] = nr_vps;
}
