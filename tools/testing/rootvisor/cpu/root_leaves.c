// SPDX-License-Identifier: GPL-2.0
/*
 * What the root sees of the processor's CPUID.
 *
 * Model: a list of leaves.  Those that are not in it read as zero: what a leaf that is
 * not known offers may not work in a guest.  Of the leaves in it the root, which owns the
 * machine, sees all but the bits that are listed, except for leaf 0x80000021, where most
 * bits are still undefined: there it sees only those that are listed.
 *
 * Left out is what does not work in a guest, or would take the machine from the hypervisor:
 *   MONITOR (1)		an idle root has to halt
 *   VMX, SMX, SVM, SKINIT, SGX, their leaves
 *   TSC deadline, TSC_ADJUST	the APIC timer is shared; RDTSC has an offset
 *   LA57			nested tables have four levels
 *   WAITPKG, PKS, UINTR, ENQCMD, shadow stacks, branch tracking, LASS, LAM, FRED, APX
 *   XSAVES, XFD, AMX, LWP	state that is not switched
 *   processor trace, architectural LBR, memory encryption (SME, SEV, TME, key locker)
 *   TCE, upper address ignore, automatic IBRS	bits of EFER that are refused
 *   INVLPGB			#UD in a guest
 * Everything that is MSRs and instructions only stays: power management, machine checks,
 * performance counters, cache allocation, speculation control.
 *
 * The unit test tools/testing/unit/root_leaves.c includes this file.
 */
#include "root_leaves.h"

#define LEAF_XSAVE	0xd
#define XSAVES_XFD	(BIT(3) | BIT(4))	/* subleaf 1, EAX */
#define NO_SUB		(~0u)			/* of rows: any subleaf */

/* Bits that are hidden. */
static const struct row {
	u32 first, last;	/* leaves */
	u32 sub;
	struct cpuid_regs hidden;
} rows[] = {
	{ 0x0, 0x0, NO_SUB, {} },
	{ 0x1, 0x1, NO_SUB, { .ecx = BIT(3) | BIT(5) | BIT(6) | BIT(24) } },
	{ 0x2, 0x4, NO_SUB, {} },			/* caches */
	{ 0x5, 0x6, NO_SUB, {} },			/* MWAIT, power */
	{ 0x7, 0x7, 0, {
		.ebx = BIT(1) | BIT(2) | BIT(25),
		.ecx = BIT(5) | BIT(7) | BIT(13) | BIT(16) | BIT(23) | BIT(29) | BIT(30) |
		       BIT(31),
		.edx = BIT(5) | BIT(18) | BIT(19) | BIT(20) | BIT(22) | BIT(24) | BIT(25) } },
	{ 0x7, 0x7, 1, {
		.eax = BIT(6) | BIT(17) | BIT(18) | BIT(21) | BIT(26),
		.edx = BIT(8) | BIT(17) | BIT(18) | BIT(21) } },
	{ 0x7, 0x7, 2, {} },
	{ 0x9, 0xb, NO_SUB, {} },			/* counters, topology */
	{ LEAF_XSAVE, LEAF_XSAVE, NO_SUB, {} },		/* see below */
	{ 0xf, 0x10, NO_SUB, {} },			/* quality of service */
	{ 0x15, 0x16, NO_SUB, {} },			/* clock rates */
	{ 0x1f, 0x1f, NO_SUB, {} },			/* topology */
	{ 0x80000000, 0x80000000, NO_SUB, {} },
	{ 0x80000001, 0x80000001, NO_SUB,
	  { .ecx = BIT(2) | BIT(12) | BIT(15) | BIT(17) } },
	{ 0x80000002, 0x80000007, NO_SUB, {} },		/* name, caches, power */
	{ 0x80000008, 0x80000008, NO_SUB, { .ebx = BIT(3) | BIT(21), .edx = 0xffff } },
	{ 0x80000019, 0x8000001b, NO_SUB, {} },		/* TLBs, units, IBS */
	{ 0x8000001d, 0x8000001e, NO_SUB, {} },		/* caches, topology */
	{ 0x80000020, 0x80000020, NO_SUB, {} },		/* quality of service */
	{ 0x80000021, 0x80000021, NO_SUB, {
		.eax = ~(BIT(0) | BIT(1) | BIT(2) |	/* breakpoints, WRMSR, LFENCE */
			 BIT(3) | BIT(5) | BIT(6) |	/* SMM lock, VERW, null selector */
			 BIT(9) | BIT(10) | BIT(11) |	/* SMM_CTL, fast strings */
			 BIT(13) | BIT(18) |		/* prefetch control, PSFD */
			 BIT(27) | BIT(28) | BIT(29) |	/* SBPB, IBPB_BRTYPE, SRSO_NO */
			 BIT(30) | BIT(31)) } },
	{ 0x80000022, 0x80000022, NO_SUB, {} },		/* counters */
	{ 0x80000026, 0x80000026, NO_SUB, {} },		/* topology */
};

static const struct row *find(u32 leaf, u32 sub)
{
	for (const struct row *row = rows; row < rows + ARRAY_SIZE(rows); row++)
		if (leaf >= row->first && leaf <= row->last &&
		    (row->sub == NO_SUB || row->sub == sub))
			return row;
	return NULL;
}

/* EBX of subleaves 0 and 1 depends on the current XCR0, which is the root's. */
static void limit_xsave(u32 sub, u64 xcr0, struct cpuid_regs *r)
{
	if (sub == 0) {
		r->eax &= (u32)xcr0;
		r->edx &= (u32)(xcr0 >> 32);
	} else if (sub == 1) {
		*r = (struct cpuid_regs){ .eax = r->eax & ~XSAVES_XFD, .ebx = r->ebx };
	} else if (sub > 63 || !(xcr0 >> sub & 1)) {
		*r = (struct cpuid_regs){};
	}
}

void root_leaf_limit(u32 leaf, u32 sub, u64 xcr0, struct cpuid_regs *r)
{
	const struct row *row = find(leaf, sub);

	if (!row) {
		*r = (struct cpuid_regs){};
		return;
	}
	r->eax &= ~row->hidden.eax;
	r->ebx &= ~row->hidden.ebx;
	r->ecx &= ~row->hidden.ecx;
	r->edx &= ~row->hidden.edx;
	if (leaf == LEAF_XSAVE)
		limit_xsave(sub, xcr0, r);
}
