// SPDX-License-Identifier: GPL-2.0
/*
 * CPUID of the root: the processor's, as far as root_leaves.c passes it on, plus the
 * hypervisor's own leaves.
 */
#include <rv/sched.h>
#include <rv/unit.h>
#include <rv/vp.h>
#include "fpu.h"
#include "root.h"
#include "root_cpuid.h"
#include "root_leaves.h"

#define LEAF_VENDOR		0x40000000
#define LEAF_MAX		0x4000000c
#define LEAF_HV_END		0x4000ffff

#define VECTORS_BY_DISPATCH	BIT(9)
#define L1_ECX_OSXSAVE		BIT(27)
#define L1_ECX_HYPERVISOR	BIT(31)

static void hv_vendor(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	r->eax = LEAF_MAX;
	r->ebx = 0x7263694d;	/* "Microsoft Hv" */
	r->ecx = 0x666f736f;
	r->edx = 0x76482074;
}

static void hv_interface(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	r->eax = 0x31237648;	/* "Hv#1" */
}

static void hv_version(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	r->eax = 27744;		/* a build that root drivers know */
	r->ebx = 10u << 16;
}

CPUID_UNIT(vendor, .first = LEAF_VENDOR, .last = LEAF_VENDOR,
	   .who = MSR_ROOT | MSR_CHILD, .fill = hv_vendor);
CPUID_UNIT(interface, .first = LEAF_VENDOR + 1, .last = LEAF_VENDOR + 1,
	   .who = MSR_ROOT | MSR_CHILD, .fill = hv_interface);
CPUID_UNIT(version, .first = LEAF_VENDOR + 2, .last = LEAF_VENDOR + 2,
	   .who = MSR_ROOT | MSR_CHILD, .fill = hv_version);

static void root_features(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	r->eax = ROOT_PRIVILEGES_LOW;
	r->ebx = ROOT_PRIVILEGES_HIGH;
	/* A dispatch applies what is in the register page. */
	r->ecx = sched_is_root ? VECTORS_BY_DISPATCH : 0;
	r->edx |= ROOT_FEATURES_EDX;
}

static void root_hints(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	r->eax = ROOT_HINTS;
	r->ebx = 0xffffffff;	/* never report long spin waits */
	r->ecx = cpuid(0x80000008, 0).eax & 0x7f;
}

static void root_limits(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	r->eax = MAX_VPS;
	r->ebx = MAX_LPS;
}

static void root_hardware(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	r->eax |= BIT(1) | BIT(3);	/* MSR bitmaps, second-level translation */
}

static void root_management(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	r->eax = BIT(0) | BIT(1);	/* add processors, create root VPs */
}

CPUID_UNIT(root_features, .first = LEAF_VENDOR + 3, .last = LEAF_VENDOR + 3,
	   .who = MSR_ROOT, .fill = root_features);
CPUID_UNIT(root_hints, .first = LEAF_VENDOR + 4, .last = LEAF_VENDOR + 4,
	   .who = MSR_ROOT, .fill = root_hints);
CPUID_UNIT(root_limits, .first = LEAF_VENDOR + 5, .last = LEAF_VENDOR + 5,
	   .who = MSR_ROOT, .fill = root_limits);
CPUID_UNIT(root_hardware, .first = LEAF_VENDOR + 6, .last = LEAF_VENDOR + 6,
	   .who = MSR_ROOT, .fill = root_hardware);
CPUID_UNIT(root_management, .first = LEAF_VENDOR + 7, .last = LEAF_VENDOR + 7,
	   .who = MSR_ROOT, .fill = root_management);

static void native(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	*r = cpuid(leaf, sub);
	root_leaf_limit(leaf, sub, host_xcr0, r);
	if (leaf == 1) {
		r->ecx &= ~L1_ECX_OSXSAVE;
		r->ecx |= L1_ECX_HYPERVISOR;
		if (vp->cpu->cr4 & CR4_OSXSAVE)
			r->ecx |= L1_ECX_OSXSAVE;
	}
}

void root_cpuid(struct vp *vp)
{
	u32 leaf = (u32)vp->gpr[GPR_RAX], sub = (u32)vp->gpr[GPR_RCX];
	const struct cpuid_desc *d;
	struct cpuid_regs r = {};

	if (leaf >= LEAF_VENDOR && leaf <= LEAF_HV_END) {
		for (d = __cpuids_start; d < __cpuids_end; d++)
			if ((d->who & MSR_ROOT) && leaf >= d->first && leaf <= d->last)
				d->fill(vp, leaf, sub, &r);
	} else {
		native(vp, leaf, sub, &r);
	}
	vp->gpr[GPR_RAX] = r.eax;
	vp->gpr[GPR_RBX] = r.ebx;
	vp->gpr[GPR_RCX] = r.ecx;
	vp->gpr[GPR_RDX] = r.edx;
	vp_skip(vp, 2);
}
