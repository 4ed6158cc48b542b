// SPDX-License-Identifier: GPL-2.0
/*
 * CR4 of a guest.
 *
 * Model: a bit may be set if the guest's CPUID offers its feature; all others are
 * reserved.  QEMU accepts reserved bits in MOV, and refuses them, with all of the VP's
 * state, at the next VMRUN.  So each MOV is intercepted, and executed here.
 */
#include "child.h"
#include "cpuid.h"
#include "cr4.h"
#include "insn.h"

#define LEAF_BASIC	1
#define LEAF_EXTENDED	7
#define PCID_MASK	0xfffull

enum { LEAF_1_ECX, LEAF_1_EDX, LEAF_7_EBX, LEAF_7_ECX, NR_SOURCES };

static const struct {
	u8 source, bit;
	u32 cr4;
} features[] = {
	{ LEAF_1_EDX, 1, CR4_VME | CR4_PVI },
	{ LEAF_1_EDX, 2, CR4_DE },
	{ LEAF_1_EDX, 3, CR4_PSE },
	{ LEAF_1_EDX, 4, CR4_TSD },
	{ LEAF_1_EDX, 6, CR4_PAE },
	{ LEAF_1_EDX, 7, CR4_MCE },
	{ LEAF_1_EDX, 13, CR4_PGE },
	{ LEAF_1_EDX, 24, CR4_OSFXSR },
	{ LEAF_1_EDX, 25, CR4_OSXMMEXCPT },
	{ LEAF_1_ECX, 17, CR4_PCIDE },
	{ LEAF_1_ECX, 26, CR4_OSXSAVE },
	{ LEAF_7_EBX, 0, CR4_FSGSBASE },
	{ LEAF_7_EBX, 7, CR4_SMEP },
	{ LEAF_7_EBX, 20, CR4_SMAP },
	{ LEAF_7_ECX, 2, CR4_UMIP },
	{ LEAF_7_ECX, 3, CR4_PKE },
	{ LEAF_7_ECX, 16, CR4_LA57 },
};

bool cr4_allowed(struct vp *vp, u64 value)
{
	u32 sources[NR_SOURCES];
	struct cpuid_regs r;
	u64 bits = CR4_PCE;

	child_cpuid(vp, LEAF_BASIC, 0, &r);
	sources[LEAF_1_ECX] = r.ecx;
	sources[LEAF_1_EDX] = r.edx;
	child_cpuid(vp, LEAF_EXTENDED, 0, &r);
	sources[LEAF_7_EBX] = r.ebx;
	sources[LEAF_7_ECX] = r.ecx;
	for (u32 i = 0; i < ARRAY_SIZE(features); i++)
		if (sources[features[i].source] >> features[i].bit & 1)
			bits |= features[i].cr4;
	return !(value & ~bits);
}

static bool valid(struct vp *vp, u64 value)
{
	struct cpu_state *v = vp->cpu;
	bool is_long = v->efer & EFER_LMA;
	u64 changed = v->cr4 ^ value;

	if (!cr4_allowed(vp, value))
		return false;
	if (is_long && (!(value & CR4_PAE) || (changed & CR4_LA57)))
		return false;
	if (changed & value & CR4_PCIDE)
		return is_long && !(v->cr3 & PCID_MASK);
	return true;
}

void exit_cr4_write(struct vp *vp)
{
	u32 gpr, len;
	u64 value;

	if (!special_register(vp, MOV_TO_CR, 4, &gpr, &len)) {
		insn_unknown(vp);
		return;
	}
	value = vp->gpr[gpr];
	if (!vp_is_64bit(vp))
		value = (u32)value;
	if (vp->cpu->cpl || !valid(vp, value)) {
		vp_gp(vp);
		return;
	}
	vp->cpu->cr4 = value;
	vp->flush = true;
	vp_skip(vp, len);
}
