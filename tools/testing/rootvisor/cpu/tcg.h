/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Defects of QEMU's software emulation (TCG), each with its work-around.
 *
 * Model: a defect has a name, a bit.  Code that works around one asks tcg_has().  The
 * bits are set if the processor is TCG, which it says in CPUID, or as the option tcg=
 * says.  On other processors a work-around costs exits under an outer hypervisor, or
 * meets a defect of another emulator, so none is active there.  All defects were seen
 * with QEMU 10.0; rootvisor.rst has more about some of them.
 *
 * This header is free of the rest of rootvisor, for the unit tests.
 */
#ifndef _RV_CPU_TCG_H
#define _RV_CPU_TCG_H

#include <rv/cpu.h>
#include <rv/options.h>

/*
 * VMRUN adds a virtual interrupt to a processor's word of pending ones without the lock
 * that others hold when they add theirs, which may then be lost (up to 10.1).  After each
 * exit the TPR is written, which makes the APIC re-evaluate; a kick is sent again until
 * it is answered; a processor that sleeps past a deadline is woken by another.  With
 * -icount there is one thread, and none is lost.
 */
#define TCG_LOSES_INTERRUPTS	BIT(0)
/*
 * An external interrupt that VMRUN has injected stays the current exception: when QEMU
 * next stops the guest for a reason of its own, it delivers it again, ignoring IF.  A
 * child's is a virtual one that is delivered; behind any other the LP sends itself an
 * NMI, which ends the guest before its first instruction.
 */
#define TCG_INJECTS_TWICE	BIT(1)
/* Accepts a virtual interrupt whose priority equals CR8: the window is set lower. */
#define TCG_WINDOW_AT_CR8	BIT(2)
/*
 * MOV to CR8 re-evaluates a pending virtual interrupt without the lock that this needs,
 * and QEMU ends: the write exits.
 */
#define TCG_CR8_ENDS		BIT(3)
/*
 * A data breakpoint on the stack of a handler ends QEMU: it also checks them when it
 * pushes the frame, and leaves with a lock held.  They are hidden while the guest runs.
 */
#define TCG_DATA_BREAKPOINTS	BIT(4)
/* CR0 is not restored at the exit of a guest with EFER.LME, but not CR0.PG, CR4.PAE. */
#define TCG_KEEPS_CR0		BIT(5)
/* EXITINTINFO has the type of an exception for interrupts. */
#define TCG_MISTAKES_TYPE	BIT(6)
/* With threads, one processor undoes a VM exit of another; see cpu/undone.c. */
#define TCG_UNDOES_EXITS	BIT(7)
/*
 * LTR takes a null selector, and the next exception ends QEMU: what LTR has done is
 * checked.
 */
#define TCG_TAKES_NULL_TASK	BIT(8)
#define TCG_DEFECTS		(BIT(9) - 1)

extern u32 tcg_defects;		/* those that are worked around */

static inline bool tcg_has(u32 defect)
{
	return tcg_defects & defect;
}

/* Decides by CPUID leaf 0x40000000 and the option tcg=; first thing at boot. */
void tcg_start(void);

/* ---- pure parts ---------------------------------------------------------------- */

struct cpuid_regs;

/* @leaf: CPUID 0x40000000. */
bool tcg_signature(const struct cpuid_regs *leaf);

/* The defects to work around.  @leaf: as above. */
u32 tcg_choose(const struct options *o, const struct cpuid_regs *leaf);

/* The bits in DR7 that enable data breakpoints. */
u64 tcg_data_breakpoints(u64 dr7);

/* Should an interrupt be a virtual one, if the guest can take it now or not? */
bool tcg_virtual(const struct cpu_entry *entry, bool can_take);

/* The type of an event that was interrupted by an exit. */
u8 tcg_event_type(u8 type, u8 vector);

#endif
