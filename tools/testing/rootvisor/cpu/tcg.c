// SPDX-License-Identifier: GPL-2.0
/*
 * Which defects of QEMU's software emulation are worked around; see tcg.h for the model.
 *
 * The unit test tools/testing/unit/tcg.c includes this file.
 */
#include <rv/log.h>
#include <rv/options.h>
#include <rv/x86.h>
#include "tcg.h"

#define LEAF_HYPERVISOR		0x40000000
#define SIGNATURE_EBX		0x54474354	/* "TCGTCGTCGTCG" */
#define SIGNATURE_ECX		0x43544743
#define SIGNATURE_EDX		0x47435447

#define FIRST_INTERRUPT_VECTOR	32
#define NR_BREAKPOINTS		4
/* Bits of breakpoint @i: it is enabled; it is for data. */
#define DR7_ON(i)		(3ull << 2 * (i))
#define DR7_DATA(i)		(1ull << (16 + 4 * (i)))

u32 tcg_defects;

bool tcg_signature(const struct cpuid_regs *leaf)
{
	return leaf->ebx == SIGNATURE_EBX && leaf->ecx == SIGNATURE_ECX &&
	       leaf->edx == SIGNATURE_EDX;
}

u32 tcg_choose(const struct options *o, const struct cpuid_regs *leaf)
{
	if (o->tcg == TCG_SOME)
		return o->tcg_some & TCG_DEFECTS;
	if (o->tcg == TCG_OFF || (o->tcg == TCG_AUTO && !tcg_signature(leaf)))
		return 0;
	return o->icount ? TCG_DEFECTS & ~TCG_LOSES_INTERRUPTS : TCG_DEFECTS;
}

void tcg_start(void)
{
	struct cpuid_regs leaf = cpuid(LEAF_HYPERVISOR, 0);

	tcg_defects = tcg_choose(&options, &leaf);
	log_info("work-arounds for TCG: %s", !tcg_defects ? "off" :
		 options.tcg == TCG_SOME ? "some" : "on");
}

u64 tcg_data_breakpoints(u64 dr7)
{
	u64 bits = 0;

	for (u32 i = 0; i < NR_BREAKPOINTS; i++)
		if (dr7 & DR7_DATA(i))
			bits |= dr7 & DR7_ON(i);
	return bits;
}

bool tcg_virtual(const struct cpu_entry *entry, bool can_take)
{
	return tcg_has(TCG_INJECTS_TWICE) && entry->event.type == EVENT_INTERRUPT &&
	       !entry->window && can_take;
}

u8 tcg_event_type(u8 type, u8 vector)
{
	if (tcg_has(TCG_MISTAKES_TYPE) && type == EVENT_EXCEPTION &&
	    vector >= FIRST_INTERRUPT_VECTOR)
		return EVENT_INTERRUPT;
	return type;
}
