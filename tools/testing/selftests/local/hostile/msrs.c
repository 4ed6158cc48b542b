// SPDX-License-Identifier: GPL-2.0
/*
 * A root that accesses MSRs: those that must be refused, and NMIs, which the hypervisor
 * passes on.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <asm/nmi.h>

#include <hyperv/hv_msr.h>

#include "hostile.h"

#define NO_RAM		BIT_ULL(45)	/* an address behind all memory */
#define PAGE_ENABLED	1
#define HYPERCALL_LOCKED 2
#define VECTOR		0x11		/* below those of devices */
#define LVT_TSC_DEADLINE (2 << 17)
#define MOST_TICKS	0xffffffff
#define X2APIC(register) (0x800 + (register))
#define X2APIC_TPR	X2APIC(0x08)
#define X2APIC_COMMAND	X2APIC(0x30)
#define X2APIC_LVTT	X2APIC(0x32)
#define X2APIC_TMICT	X2APIC(0x38)
#define X2APIC_TMCCT	X2APIC(0x39)
#define X2APIC_TDCR	X2APIC(0x3e)
#define ICR_SMI		(2 << 8)
#define ICR_NMI		(4 << 8)
#define ICR_INIT	(5 << 8)
#define ICR_LOGICAL	BIT_ULL(11)
#define ICR_LEVEL	BIT_ULL(15)
#define ICR_SELF	BIT_ULL(18)
#define ICR_ALL		BIT_ULL(19)
#define ICR_OTHERS	(ICR_SELF | ICR_ALL)
#define NO_CLUSTER	0x0fffffffULL	/* all of its processors */
#define DIVIDE_BY_1	0xb
#define EVERYWHERE	0xffffffffULL
/* The end is never reached, unless it fails. */
#define LOOKS		2000
#define LOOK_MS		1

static void msr_writes(struct hostile *h, u64 page, u64 efer, u64 base)
{
	const struct {
		u32 msr;
		u64 value;
	} refused[] = {
		{ HV_X64_MSR_HYPERCALL, page | HYPERCALL_LOCKED },
		{ HV_X64_MSR_HYPERCALL, NO_RAM | PAGE_ENABLED },
		{ HV_X64_MSR_REFERENCE_TSC, NO_RAM | PAGE_ENABLED },
		{ HV_X64_MSR_VP_INDEX, 0 },
		{ HV_X64_MSR_SVERSION, 1 },
		{ HV_X64_MSR_SIMP, NO_RAM | PAGE_ENABLED },
		{ HV_X64_MSR_RESET, 2 },
		{ MSR_EFER, efer | EFER_SVME },
		{ MSR_IA32_APICBASE, base ^ PAGE_SIZE },
		{ MSR_IA32_TSC_DEADLINE, 1 },
		{ X2APIC_LVTT, LVT_TSC_DEADLINE | VECTOR },
		{ X2APIC_LVTT, BIT_ULL(31) | VECTOR },
		{ X2APIC_TMICT, BIT_ULL(32) },
		{ X2APIC_TDCR, 4 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(refused); i++)
		if (!hostile_write_msr(refused[i].msr, refused[i].value)) {
			pr_emerg("mshv_hostile: MSR 0x%x can be written: 0x%llx\n",
				 refused[i].msr, refused[i].value);
			h->failed = true;
		}
	hostile_claim(h, !hostile_write_msr(MSR_EFER, efer), "EFER can be written as it is");
	hostile_claim(h, !hostile_write_msr(MSR_IA32_APICBASE, base),
		      "the APIC can be left where it is");
}

static void other_names(struct hostile *h)
{
	u64 synthetic, native;

	hostile_claim(h, !hostile_read_msr(HV_X64_MSR_TPR, &synthetic) &&
		      !hostile_read_msr(X2APIC_TPR, &native) && synthetic == native,
		      "the task priority has two names");
	hostile_claim(h, !hostile_read_msr(HV_X64_MSR_ICR, &synthetic) &&
		      !hostile_read_msr(X2APIC_COMMAND, &native) && synthetic == native,
		      "the last command has two names");
}

/* An unused SINT; the hypervisor's log says that this does not work. */
static void automatic_eoi(struct hostile *h)
{
	u64 value = HV_SYNIC_SINT_AUTO_EOI | VECTOR, before, after;

	hostile_claim(h, !hostile_read_msr(HV_X64_MSR_SINT(7), &before) &&
		      !hostile_write_msr(HV_X64_MSR_SINT(7), value) &&
		      !hostile_read_msr(HV_X64_MSR_SINT(7), &after) && after == value &&
		      !hostile_write_msr(HV_X64_MSR_SINT(7), before),
		      "a SINT with automatic EOI is kept");
}

/* The last count is the kernel's again: its timer expires early, and is set again. */
static void timer_ends(struct hostile *h)
{
	u64 divide, left = 1;
	unsigned int looks;

	hostile_claim(h, !hostile_read_msr(X2APIC_TDCR, &divide) &&
		      !hostile_write_msr(X2APIC_TDCR, DIVIDE_BY_1) &&
		      !hostile_write_msr(X2APIC_TMICT, MOST_TICKS) &&
		      !hostile_read_msr(X2APIC_TMCCT, &left) && left,
		      "the timer runs at full speed");
	hostile_claim(h, !hostile_write_msr(X2APIC_TMICT, 0) &&
		      !hostile_read_msr(X2APIC_TMCCT, &left) && !left,
		      "a timer that is stopped has no time left");
	hostile_write_msr(X2APIC_TDCR, divide);
	hostile_write_msr(X2APIC_TMICT, 1);
	for (looks = 0, left = 1; looks < LOOKS && left; looks++)
		hostile_read_msr(X2APIC_TMCCT, &left);
	hostile_claim(h, !left, "a timer that has expired has no time left");
}

static void timer(struct hostile *h)
{
	u64 count, left;

	hostile_claim(h, !hostile_write_msr(X2APIC_TMICT, MOST_TICKS) &&
		      !hostile_read_msr(X2APIC_TMICT, &count) && count == MOST_TICKS,
		      "the timer has the count that was written");
	hostile_claim(h, !hostile_read_msr(X2APIC_TMCCT, &left) && left && left <= MOST_TICKS,
		      "the timer runs");
	timer_ends(h);
}

/* --- NMIs ------------------------------------------------------------------------------- */

static struct cpumask awaited;

static int hear(unsigned int type, struct pt_regs *regs)
{
	return cpumask_test_and_clear_cpu(smp_processor_id(), &awaited) ? NMI_HANDLED : NMI_DONE;
}

static void send_nmi(struct hostile *h, u64 command, const struct cpumask *to, const char *what)
{
	unsigned int looks;

	cpumask_copy(&awaited, to);
	hostile_write_msr(X2APIC_COMMAND, command);
	for (looks = 0; looks < LOOKS && !cpumask_empty(&awaited); looks++)
		msleep(LOOK_MS);
	hostile_claim(h, cpumask_empty(&awaited), what);
	cpumask_clear(&awaited);
}

static u64 logical_id(u32 id)
{
	return (id >> 4) << 16 | 1 << (id & 15);
}

/* To a cluster without processors; what arrives all the same arrives at once. */
static void nmi_to_none(struct hostile *h)
{
	cpumask_copy(&awaited, cpu_online_mask);
	hostile_write_msr(X2APIC_COMMAND, NO_CLUSTER << 32 | ICR_LOGICAL | ICR_NMI);
	msleep(LOOK_MS);
	hostile_claim(h, cpumask_equal(&awaited, cpu_online_mask),
		      "an NMI to another cluster arrives nowhere");
	cpumask_clear(&awaited);
}

static void nmi_to_others(struct hostile *h)
{
	static struct cpumask others;

	migrate_disable();
	cpumask_copy(&others, cpu_online_mask);
	cpumask_clear_cpu(smp_processor_id(), &others);
	send_nmi(h, ICR_OTHERS | ICR_NMI, &others, "an NMI to all others arrives there");
	migrate_enable();
}

static void nmis(struct hostile *h)
{
	unsigned int cpu;

	if (register_nmi_handler(NMI_LOCAL, hear, 0, "mshv_hostile")) {
		hostile_claim(h, false, "there is a handler of NMIs");
		return;
	}
	for_each_online_cpu(cpu) {
		u64 id = cpu_physical_id(cpu);

		send_nmi(h, id << 32 | ICR_NMI, cpumask_of(cpu), "an NMI arrives");
		send_nmi(h, logical_id(id) << 32 | ICR_LOGICAL | ICR_NMI, cpumask_of(cpu),
			 "an NMI to a logical id arrives");
	}
	send_nmi(h, ICR_ALL | ICR_NMI, cpu_online_mask, "an NMI to all arrives everywhere");
	send_nmi(h, EVERYWHERE << 32 | ICR_NMI, cpu_online_mask,
		 "a broadcast NMI arrives everywhere");
	nmi_to_others(h);
	nmi_to_none(h);
	unregister_nmi_handler(NMI_LOCAL, "mshv_hostile");
	hostile_claim(h, !hostile_write_msr(X2APIC_COMMAND, ICR_SELF | ICR_SMI),
		      "an SMI can be sent, and is ignored");
	/* The end of an INIT is none. */
	hostile_claim(h, !hostile_write_msr(X2APIC_COMMAND, ICR_SELF | ICR_INIT | ICR_LEVEL),
		      "an INIT can be taken back");
}

/**
 * hostile_msrs() - access MSRs as a root may, and as it may not
 * @h: state
 */
void hostile_msrs(struct hostile *h)
{
	unsigned long flags;
	u64 page, efer, base, value;

	local_irq_save(flags);
	if (!hostile_read_msr(HV_X64_MSR_HYPERCALL, &page) && !hostile_read_msr(MSR_EFER, &efer) &&
	    !hostile_read_msr(MSR_IA32_APICBASE, &base))
		msr_writes(h, page, efer, base);
	else
		hostile_claim(h, false, "what the root has set can be read");
	hostile_claim(h, hostile_read_msr(HV_X64_MSR_EOI, &value), "an EOI is only written");
	hostile_claim(h, hostile_read_msr(HV_X64_MSR_NPIEP_CONFIG, &value),
		      "what is not offered is not read");
	other_names(h);
	automatic_eoi(h);
	timer(h);
	local_irq_restore(flags);
	nmis(h);
}
