// SPDX-License-Identifier: GPL-2.0
/*
 * CPUID of children.
 *
 * Model: the processor's own CPUID as far as hv/cpuid.h passes it on, without the
 * features that are disabled for the partition, with its own topology, and the synthetic
 * leaves for the partition's synthetic features.  Results that the root has
 * registered are applied next, as far as hv/cpuid.h passes them on, then bits that depend
 * on the VP's state.
 */
#include <hv/cpuid.h>
#include <hv/xcr0.h>
#include <hyperv/hv_cpuid.h>
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_partition.h>
#include <hyperv/hv_property.h>
#include <hyperv/hv_status.h>
#include <rv/call.h>
#include <rv/unit.h>
#include "../cpu/fpu.h"
#include "child.h"
#include "cpuid.h"
#include "rules.h"
#include "topology.h"

#define BUILD_NUMBER		27744
#define VERSION_MAJOR		10

#define LEAF_EXTENDED		0x80000000
#define L1_ECX_X2APIC		BIT(21)
#define L7_EBX_TSC_ADJUST	BIT(1)
#define L81_EDX_SYSCALL		BIT(11)
#define L81_EDX_NX		BIT(20)
#define L81_EDX_FFXSR		BIT(25)
#define L81_EDX_LONG_MODE	BIT(29)
#define BASIC_EDX		(BIT(9) | BIT(12) | BIT(16))	/* APIC, MTRR, PAT */

enum { EAX, EBX, ECX, EDX };

/* CPUID bits of the banks of disabled features. */
static const struct {
	u8 bank, bit;
	u32 leaf, sub;
	u8 reg, cpuid_bit;
} feature_bits[] = {
	{ 0, 0, 1, 0, ECX, 0 },		{ 0, 1, 0x80000001, 0, ECX, 0 },
	{ 0, 2, 1, 0, ECX, 9 },		{ 0, 3, 1, 0, ECX, 19 },
	{ 0, 4, 1, 0, ECX, 20 },	{ 0, 5, 0x80000001, 0, ECX, 6 },
	{ 0, 6, 0x80000001, 0, ECX, 11 }, { 0, 7, 1, 0, ECX, 23 },
	{ 0, 8, 1, 0, ECX, 13 },	{ 0, 9, 0x80000001, 0, ECX, 4 },
	{ 0, 10, 0x80000001, 0, ECX, 5 }, { 0, 11, 0x80000001, 0, ECX, 7 },
	{ 0, 12, 0x80000001, 0, EDX, 22 }, { 0, 13, 0x80000001, 0, EDX, 31 },
	{ 0, 14, 0x80000001, 0, EDX, 30 }, { 0, 15, 0x80000001, 0, EDX, 26 },
	{ 0, 16, 1, 0, ECX, 25 },	{ 0, 17, 1, 0, ECX, 1 },
	{ 0, 18, 1, 0, ECX, 17 },	{ 0, 19, 0x80000001, 0, ECX, 16 },
	{ 0, 20, 1, 0, ECX, 29 },	{ 0, 21, 1, 0, ECX, 30 },
	{ 0, 22, 7, 0, EBX, 0 },	{ 0, 23, 7, 0, EBX, 7 },
	{ 0, 24, 7, 0, EBX, 9 },	{ 0, 25, 7, 0, EBX, 3 },
	{ 0, 26, 7, 0, EBX, 8 },	{ 0, 29, 1, 0, ECX, 22 },
	{ 0, 32, 7, 0, EBX, 18 },	{ 0, 33, 7, 0, EBX, 19 },
	{ 0, 34, 0x80000001, 0, ECX, 8 }, { 0, 35, 7, 0, EBX, 20 },
	{ 0, 36, 7, 0, EBX, 4 },	{ 0, 37, 7, 0, EBX, 11 },
	{ 0, 38, 0x80000001, 0, EDX, 27 }, { 0, 39, 7, 0, EBX, 23 },
	{ 0, 40, 7, 0, EBX, 24 },	{ 0, 41, 7, 0, EBX, 29 },
	{ 0, 43, 7, 0, EBX, 10 },	{ 0, 44, 0x80000008, 0, EBX, 14 },
	{ 0, 45, 0x80000008, 0, EBX, 15 }, { 0, 46, 0x80000008, 0, EBX, 12 },
	{ 0, 49, 7, 0, EDX, 4 },	{ 0, 57, 7, 0, ECX, 22 },
	{ 0, 58, 7, 0, ECX, 2 },
	{ 1, 1, 0x80000007, 0, EDX, 8 }, { 1, 2, 0x80000008, 0, EBX, 0 },
	{ 1, 3, 0x80000008, 0, EBX, 4 }, { 1, 4, 7, 0, ECX, 16 },
	{ 1, 8, 7, 0, ECX, 7 },		{ 1, 9, 7, 0, EDX, 20 },
	{ 1, 12, 7, 0, ECX, 5 },	{ 1, 13, 7, 0, ECX, 27 },
	{ 1, 14, 7, 0, ECX, 28 },	{ 1, 15, 7, 0, ECX, 25 },
	{ 1, 16, 7, 0, EDX, 14 },	{ 1, 18, 7, 0, EBX, 1 },
	/* Bank 2 here: the XSAVE features. */
	{ 2, 0, 1, 0, ECX, 26 },	{ 2, 1, 0xd, 1, EAX, 0 },
	{ 2, 2, 1, 0, ECX, 28 },	{ 2, 3, 7, 0, EBX, 5 },
	{ 2, 4, 1, 0, ECX, 12 },	{ 2, 5, 7, 0, EBX, 14 },
	{ 2, 6, 7, 0, EBX, 16 },	{ 2, 7, 7, 0, EBX, 17 },
	{ 2, 8, 7, 0, EBX, 28 },	{ 2, 9, 7, 0, EBX, 30 },
	{ 2, 10, 7, 0, EBX, 31 },	{ 2, 11, 0xd, 1, EAX, 1 },
	{ 2, 12, 0xd, 1, EAX, 3 },	{ 2, 13, 0xd, 1, EAX, 2 },
	{ 2, 14, 7, 0, ECX, 12 },	{ 2, 15, 7, 0, EBX, 21 },
	{ 2, 16, 7, 0, ECX, 1 },	{ 2, 17, 7, 0, ECX, 6 },
	{ 2, 18, 7, 0, ECX, 11 },	{ 2, 19, 7, 0, ECX, 8 },
	{ 2, 20, 7, 0, ECX, 9 },	{ 2, 21, 7, 0, ECX, 14 },
	{ 2, 22, 7, 0, ECX, 10 },	{ 2, 23, 7, 1, EAX, 5 },
	{ 2, 24, 7, 0, EDX, 8 },	{ 2, 25, 7, 0, EDX, 23 },
	{ 2, 30, 7, 1, EAX, 4 },	{ 2, 31, 7, 1, EAX, 23 },
	{ 2, 32, 7, 1, EDX, 5 },	{ 2, 33, 7, 1, EDX, 4 },
	{ 2, 34, 7, 1, EDX, 10 },
};

static u64 disabled_bank(struct partition *p, u32 bank)
{
	return bank < 2 ? p->disabled_features[bank] : p->disabled_xsave;
}

static void mask_features(struct partition *p, u32 leaf, u32 sub, u32 *reg)
{
	for (u32 i = 0; i < ARRAY_SIZE(feature_bits); i++)
		if (feature_bits[i].leaf == leaf && feature_bits[i].sub == sub &&
		    (disabled_bank(p, feature_bits[i].bank) >>
		     feature_bits[i].bit & 1))
			reg[feature_bits[i].reg] &= ~BIT(feature_bits[i].cpuid_bit);
}

/* XSAVE components that the partition may use. */
u64 child_xcr0_mask(struct partition *p)
{
	u64 mask = host_xcr0 & HV_CPUID_XCR0;

	if (p->disabled_xsave & HV_XSAVE_AVX)
		mask &= ~(HV_XCR0_AVX | HV_XCR0_AVX512);
	if (p->disabled_xsave & HV_XSAVE_AVX512F)
		mask &= ~HV_XCR0_AVX512;
	return hv_xcr0_offer(mask);
}

static void processor(const void *context, u32 leaf, u32 sub, u32 *reg)
{
	struct cpuid_regs r = {};

	/* A guest may be shown more leaves than there are. */
	if (leaf <= LEAF_EXTENDED || leaf <= cpuid(LEAF_EXTENDED, 0).eax)
		r = cpuid(leaf, sub);
	memcpy(reg, &r, sizeof(r));
}

static struct hv_cpuid_source source(struct vp *vp)
{
	struct partition *p = vp->partition;

	return (struct hv_cpuid_source){
		.processor = processor,
		.xcr0 = p->disabled_xsave & HV_XSAVE_XSAVE ? 0 : child_xcr0_mask(p),
		.xcr0_now = vp->xcr0,
	};
}

/* ---- synthetic features ------------------------------------------------------------ */

static bool has(struct partition *p, u64 feature)
{
	return p->synthetic & feature;
}

static u32 recommendations(struct partition *p)
{
	u32 hints = HV_X64_RELAXED_TIMING_RECOMMENDED |
		    HV_DEPRECATING_AEOI_RECOMMENDED;

	if (has(p, HV_SYNTHETIC_TB_FLUSH_HYPERCALLS))
		hints |= HV_X64_REMOTE_TLB_FLUSH_RECOMMENDED;
	if (has(p, HV_SYNTHETIC_CLUSTER_IPI))
		hints |= HV_X64_CLUSTER_IPI_RECOMMENDED;
	if (has(p, HV_SYNTHETIC_EXTENDED_PROCESSOR_MASKS))
		hints |= HV_X64_EX_PROCESSOR_MASKS_RECOMMENDED;
	return hints;
}

static void features_leaf(struct partition *p, struct cpuid_regs *r)
{
	r->eax = p->privileges;
	r->ebx = p->privileges >> 32;
	if (has(p, HV_SYNTHETIC_ACCESS_FREQUENCY_REGS))
		r->edx |= HV_FEATURE_FREQUENCY_MSRS_AVAILABLE;
	if (has(p, HV_SYNTHETIC_DIRECT_SYNTHETIC_TIMERS))
		r->edx |= HV_STIMER_DIRECT_MODE_AVAILABLE;
	if (has(p, HV_SYNTHETIC_ACCESS_GUEST_IDLE_REG))
		r->edx |= HV_X64_GUEST_IDLE_STATE_AVAILABLE;
	r->edx |= HV_FEATURE_GUEST_CRASH_MSR_AVAILABLE;
}

static void synthetic_leaf(struct vp *vp, u32 leaf, struct cpuid_regs *r)
{
	struct partition *p = vp->partition;

	*r = (struct cpuid_regs){};
	switch (leaf) {
	case HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS:
		r->eax = HYPERV_CPUID_ISOLATION_CONFIG;
		r->ebx = HYPERV_VENDOR_EBX;
		r->ecx = HYPERV_VENDOR_ECX;
		r->edx = HYPERV_VENDOR_EDX;
		break;
	case HYPERV_CPUID_INTERFACE:
		if (has(p, HV_SYNTHETIC_HV1))
			r->eax = HYPERV_INTERFACE_EAX;
		break;
	case HYPERV_CPUID_VERSION:
		r->eax = BUILD_NUMBER;
		r->ebx = VERSION_MAJOR << HYPERV_VERSION_MAJOR_SHIFT;
		break;
	case HYPERV_CPUID_FEATURES:
		features_leaf(p, r);
		break;
	case HYPERV_CPUID_ENLIGHTMENT_INFO:
		r->eax = recommendations(p);
		r->ebx = HV_SPIN_WAIT_NEVER;
		r->ecx = cpuid(0x80000008, 0).eax & HV_IMPLEMENTED_PA_BITS_MASK;
		break;
	case HYPERV_CPUID_IMPLEMENT_LIMITS:
		r->eax = MAX_VPS;
		r->ebx = MAX_VPS;
		break;
	case HYPERV_CPUID_HARDWARE_FEATURES:
		r->eax = HV_HW_SLAT | HV_HW_MSR_BITMAPS;
		break;
	}
}

/* ---- the processor's leaves ------------------------------------------------------------ */

static void leaf_1(struct vp *vp, struct cpuid_regs *r)
{
	struct partition *p = vp->partition;

	if (p->flags & HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE)
		r->ecx |= L1_ECX_X2APIC;
	if (has(p, HV_SYNTHETIC_HYPERVISOR_PRESENT))
		r->ecx |= HYPERV_CPUID_HYPERVISOR_PRESENT_ECX;
	r->edx |= BASIC_EDX;
}

static void arch_leaf(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	struct hv_cpuid_source s = source(vp);

	hv_cpuid_offer(&s, leaf, sub, &r->eax);
	switch (leaf) {
	case 1:
		leaf_1(vp, r);
		break;
	case 7:
		if (sub == 0)
			r->ebx |= L7_EBX_TSC_ADJUST;
		break;
	case 0x80000001:
		r->edx |= BASIC_EDX;
		break;
	}
	topology_show(vp, leaf, sub, r);
}

/* Bits that depend on the guest's state. */
static void dynamic(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	if (leaf == 1) {
		r->ecx &= ~BIT(27);
		if (vp->cpu->cr4 & CR4_OSXSAVE)
			r->ecx |= BIT(27);
		if (!(vp->partition->flags & HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE))
			r->ecx &= ~L1_ECX_X2APIC;
		if (!(child_of(vp)->apic_base & APIC_BASE_ENABLE))
			r->edx &= ~BIT(9);
	} else if (leaf == 7 && sub == 0) {
		r->ecx &= ~BIT(4);	/* OSPKE */
		if (vp->cpu->cr4 & CR4_PKE)
			r->ecx |= BIT(4);
	}
}

static void no_rules(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	bool present = has(vp->partition, HV_SYNTHETIC_HYPERVISOR_PRESENT);

	if (leaf >> 16 == 0x4000) {
		if (present)
			synthetic_leaf(vp, leaf, r);
		else
			*r = (struct cpuid_regs){};
		return;
	}
	arch_leaf(vp, leaf, sub, r);
	mask_features(vp->partition, leaf, sub, &r->eax);
}

void child_cpuid(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	struct hv_cpuid_source s = source(vp);

	no_rules(vp, leaf, sub, r);
	topology_yield(vp, leaf, sub, r);
	rules_cpuid(vp, leaf, sub, r);
	/* A VMM's own leaves are not checked. */
	if (leaf >> 16 != 0x4000)
		hv_cpuid_limit(&s, leaf, sub, &r->eax);
	topology_limit(vp, leaf, r);
	dynamic(vp, leaf, sub, r);
}

bool child_has_x2apic(struct vp *vp)
{
	struct cpuid_regs r;

	child_cpuid(vp, 1, 0, &r);
	return r.ecx & L1_ECX_X2APIC;
}

u64 child_efer_bits(struct vp *vp)
{
	struct cpuid_regs r;
	u64 bits = 0;

	child_cpuid(vp, 0x80000001, 0, &r);
	if (r.edx & L81_EDX_SYSCALL)
		bits |= EFER_SCE;
	if (r.edx & L81_EDX_LONG_MODE)
		bits |= EFER_LME | EFER_LMA;
	if (r.edx & L81_EDX_NX)
		bits |= EFER_NXE;
	if (r.edx & L81_EDX_FFXSR)
		bits |= EFER_FFXSR;
	return bits;
}

static u16 get_cpuid_values(struct hv_call *call)
{
	struct hv_input_get_vp_cpuid_values *in = call->in;
	const struct hv_cpuid_leaf_info *list = call_list(call);
	union hv_output_get_vp_cpuid_values *out = call->out;
	struct cpuid_regs r;
	struct vp *vp;
	u16 status;

	vp = child_target(call, in->partition_id, in->vp_index, &status);
	if (!vp)
		return status;
	if ((in->flags & ~3u) || in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	vp_state(vp);
	for (; rep_more(call); call->done++) {
		const struct hv_cpuid_leaf_info *leaf = &list[call->done];
		u64 xcr0 = vp->xcr0;

		if (!(in->flags & HV_GET_VP_CPUID_USE_VP_XFEM_XSS))
			vp->xcr0 = leaf->xfem;
		if (in->flags & HV_GET_VP_CPUID_APPLY_REGISTERED_VALUES)
			child_cpuid(vp, leaf->eax, leaf->ecx, &r);
		else
			no_rules(vp, leaf->eax, leaf->ecx, &r);
		vp->xcr0 = xcr0;
		out[call->done].eax = r.eax;
		out[call->done].ebx = r.ebx;
		out[call->done].ecx = r.ecx;
		out[call->done].edx = r.edx;
	}
	return HV_STATUS_SUCCESS;
}

HYPERCALL(get_vp_cpuid_values, .code = HVCALL_GET_VP_CPUID_VALUES,
	  .flags = CALL_REP, .in = sizeof(struct hv_input_get_vp_cpuid_values),
	  .rep_in = sizeof(struct hv_cpuid_leaf_info),
	  .rep_out = sizeof(union hv_output_get_vp_cpuid_values),
	  .privilege = -1, .fn = get_cpuid_values);
