// SPDX-License-Identifier: GPL-2.0
/*
 * Registers by name that are MSRs of the guest.
 *
 * Model: most are the MSR itself, with another number and without a check of the guest's
 * privileges; those for which a VMM has other rules have their own functions.
 */
#include <hyperv/hv_cpuid.h>
#include <hyperv/hv_msr.h>
#include <rv/unit.h>
#include "cpuid.h"
#include "hvmsr.h"
#include "regs.h"
#include "vapic_id.h"

#define ONE(name)	HV_X64_REGISTER_##name, HV_X64_REGISTER_##name
#define SYN(name)	HV_REGISTER_##name, HV_REGISTER_##name

static const struct {
	u32 name, msr;
} same[] = {
	{ HV_X64_REGISTER_KERNEL_GS_BASE, MSR_KERNEL_GS_BASE },
	{ HV_X64_REGISTER_PAT, MSR_PAT },
	{ HV_X64_REGISTER_SYSENTER_CS, MSR_SYSENTER_CS },
	{ HV_X64_REGISTER_SYSENTER_EIP, MSR_SYSENTER_EIP },
	{ HV_X64_REGISTER_SYSENTER_ESP, MSR_SYSENTER_ESP },
	{ HV_X64_REGISTER_STAR, MSR_STAR },
	{ HV_X64_REGISTER_LSTAR, MSR_LSTAR },
	{ HV_X64_REGISTER_CSTAR, MSR_CSTAR },
	{ HV_X64_REGISTER_SFMASK, MSR_SFMASK },
	{ HV_X64_REGISTER_MSR_MTRR_CAP, MSR_MTRR_CAP },
	{ HV_X64_REGISTER_MSR_MTRR_DEF_TYPE, MSR_MTRR_DEF_TYPE },
	{ HV_X64_REGISTER_MSR_MTRR_FIX64K00000, MSR_MTRR_FIX64K },
	{ HV_X64_REGISTER_MSR_MTRR_FIX16K80000, MSR_MTRR_FIX16K_80000 },
	{ HV_X64_REGISTER_MSR_MTRR_FIX16KA0000, MSR_MTRR_FIX16K_80000 + 1 },
	{ HV_X64_REGISTER_TSC_AUX, MSR_TSC_AUX },
	{ HV_X64_REGISTER_DEBUG_CTL, 0x1d9 },
	{ HV_X64_REGISTER_SPEC_CTRL, MSR_SPEC_CTRL },
	{ HV_X64_REGISTER_PRED_CMD, MSR_PRED_CMD },
	{ HV_X64_REGISTER_MSR_MC_UPDATE_PATCH_LEVEL, 0x8b },
	{ HV_X64_REGISTER_TSC_ADJUST, MSR_TSC_ADJUST },
	{ HV_X64_REGISTER_MSR_IA32_MISC_ENABLE, MSR_MISC_ENABLE },
};

static u32 msr_of(u32 name)
{
	for (u32 i = 0; i < ARRAY_SIZE(same); i++)
		if (same[i].name == name)
			return same[i].msr;
	if (name >= HV_X64_REGISTER_MSR_MTRR_FIX4KC0000)
		return MSR_MTRR_FIX4K_C0000 +
		       (name - HV_X64_REGISTER_MSR_MTRR_FIX4KC0000);
	return 0;
}

static u16 get_msr(struct vp *vp, u32 name, union hv_register_value *value)
{
	u32 msr = msr_of(name);
	const struct msr_desc *d = msr_find(msr, MSR_CHILD);
	u64 v = 0;

	if (!d || !d->read(vp, msr, &v))
		return HV_STATUS_INVALID_PARAMETER;
	value->reg64 = v;
	return REG_OK;
}

static u16 set_msr(struct vp *vp, u32 name, const union hv_register_value *value)
{
	u32 msr = msr_of(name);
	const struct msr_desc *d = msr_find(msr, MSR_CHILD);

	if (!d || !d->write)
		return HV_STATUS_INVALID_PARAMETER;
	return reg_result(d->write(vp, msr, value->reg64));
}

/* There are names for sixteen variable MTRRs, of which eight exist. */
static u32 mtrr_of(u32 name)
{
	if (name >= HV_X64_REGISTER_MSR_MTRR_PHYS_MASK0)
		return MSR_MTRR_PHYS_BASE0 + 1 +
		       2 * (name - HV_X64_REGISTER_MSR_MTRR_PHYS_MASK0);
	return MSR_MTRR_PHYS_BASE0 +
	       2 * (name - HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0);
}

static u16 get_mtrr(struct vp *vp, u32 name, union hv_register_value *value)
{
	u32 msr = mtrr_of(name);
	const struct msr_desc *d = msr_find(msr, MSR_CHILD);
	u64 v;

	if (!d || msr >= MSR_MTRR_PHYS_BASE0 + 2 * NR_VAR_MTRRS ||
	    !d->read(vp, msr, &v))
		return HV_STATUS_INVALID_PARAMETER;
	value->reg64 = v;
	return REG_OK;
}

static u16 set_mtrr(struct vp *vp, u32 name, const union hv_register_value *value)
{
	u32 msr = mtrr_of(name);
	const struct msr_desc *d = msr_find(msr, MSR_CHILD);

	if (!d || msr >= MSR_MTRR_PHYS_BASE0 + 2 * NR_VAR_MTRRS)
		return HV_STATUS_INVALID_PARAMETER;
	return reg_result(d->write(vp, msr, value->reg64));
}

static u16 get_tsc(struct vp *vp, u32 name, union hv_register_value *value)
{
	value->reg64 = name == HV_X64_REGISTER_TSC ?
		tsc_now() + vp->cpu->tsc_offset : vp->cpu->tsc_offset;
	return REG_OK;
}

static u16 set_tsc(struct vp *vp, u32 name, const union hv_register_value *value)
{
	if (name == HV_X64_REGISTER_TSC)
		child_set_tsc(vp, value->reg64);
	else
		child_set_tsc_offset(vp, value->reg64);
	return REG_OK;
}

static u16 get_efer(struct vp *vp, u32 name, union hv_register_value *value)
{
	value->reg64 = vp->cpu->efer;
	return REG_OK;
}

static u16 set_efer(struct vp *vp, u32 name, const union hv_register_value *value)
{
	return reg_result(child_set_efer(vp, value->reg64));
}

static u16 get_apic_base(struct vp *vp, u32 name, union hv_register_value *value)
{
	value->reg64 = child_of(vp)->apic_base;
	return REG_OK;
}

static u16 set_apic_base(struct vp *vp, u32 name, const union hv_register_value *value)
{
	return reg_result(vapic_set_base(vp, value->reg64));
}

static u16 get_apic_id(struct vp *vp, u32 name, union hv_register_value *value)
{
	value->reg64 = child_of(vp)->vapic.id;
	return REG_OK;
}

static u16 set_apic_id(struct vp *vp, u32 name, const union hv_register_value *value)
{
	return vapic_id_set(vp, value->reg64);
}

/* Features that children never have on this processor: fixed at zero. */
static u16 get_zero(struct vp *vp, u32 name, union hv_register_value *value)
{
	return REG_OK;
}

static u16 set_zero(struct vp *vp, u32 name, const union hv_register_value *value)
{
	return reg_result(!value->reg64);
}

/* ---- local APIC -------------------------------------------------------------------- */

static u16 get_apic(struct vp *vp, u32 name, union hv_register_value *value)
{
	u64 v;

	if (!vapic_read(vp, name - HV_X64_REGISTER_APIC_MSR_OFFSET - MSR_X2APIC, &v))
		return HV_STATUS_UNKNOWN_REGISTER_NAME;
	value->reg64 = v;
	return REG_OK;
}

static u16 set_apic(struct vp *vp, u32 name, const union hv_register_value *value)
{
	u32 reg = name - HV_X64_REGISTER_APIC_MSR_OFFSET - MSR_X2APIC;
	u64 v;

	/* What it is already, in either mode: a VMM restores it with the others. */
	if (name == HV_X64_REGISTER_APIC_ID)
		return value->reg64 == vapic_id_register(vp) ? REG_OK :
			HV_STATUS_INVALID_PARAMETER;
	if (vapic_write(vp, reg, value->reg64))
		return REG_OK;
	return vapic_read(vp, reg, &v) ? HV_STATUS_INVALID_PARAMETER :
					 HV_STATUS_UNKNOWN_REGISTER_NAME;
}

const struct reg msr_regs[] = {
	{ ONE(TSC), 0, get_tsc, set_tsc },
	{ ONE(EFER), 0, get_efer, set_efer },
	{ ONE(KERNEL_GS_BASE), 0, get_msr, set_msr },
	{ ONE(APIC_BASE), 0, get_apic_base, set_apic_base },
	{ HV_X64_REGISTER_PAT, HV_X64_REGISTER_SFMASK, 0, get_msr, set_msr },
	{ ONE(INITIAL_APIC_ID), 0, get_apic_id, set_apic_id },
	{ ONE(MSR_MTRR_CAP), REG_READ_ONLY, get_msr, NULL },
	{ ONE(MSR_MTRR_DEF_TYPE), 0, get_msr, set_msr },
	{ HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0, HV_X64_REGISTER_MSR_MTRR_PHYS_BASEF,
	  0, get_mtrr, set_mtrr },
	{ HV_X64_REGISTER_MSR_MTRR_PHYS_MASK0, HV_X64_REGISTER_MSR_MTRR_PHYS_MASKF,
	  0, get_mtrr, set_mtrr },
	{ HV_X64_REGISTER_MSR_MTRR_FIX64K00000, HV_X64_REGISTER_MSR_MTRR_FIX4KF8000,
	  0, get_msr, set_msr },
	{ ONE(TSC_AUX), 0, get_msr, set_msr },
	{ ONE(BNDCFGS), 0, get_zero, set_zero },
	{ ONE(DEBUG_CTL), 0, get_msr, set_msr },
	{ HV_X64_REGISTER_SPEC_CTRL, HV_X64_REGISTER_PRED_CMD, 0, get_msr, set_msr },
	{ ONE(VIRT_SPEC_CTRL), 0, get_zero, set_zero },
	{ ONE(TSC_VIRTUAL_OFFSET), 0, get_tsc, set_tsc },
	{ ONE(TSX_CTRL), 0, get_zero, set_zero },
	{ ONE(MSR_MC_UPDATE_PATCH_LEVEL), REG_READ_ONLY, get_msr, NULL },
	{ HV_X64_REGISTER_XSS, HV_X64_REGISTER_TSC_DEADLINE, 0, get_zero, set_zero },
	{ ONE(TSC_ADJUST), 0, get_msr, set_msr },
	{ HV_X64_REGISTER_PASID, HV_X64_REGISTER_XFD_ERR, 0, get_zero, set_zero },
	{ ONE(MSR_IA32_MISC_ENABLE), 0, get_msr, set_msr },
	{ HV_X64_REGISTER_APIC_ID, HV_X64_REGISTER_APIC_SELF_IPI, 0, get_apic,
	  set_apic },
};

const u32 nr_msr_regs = ARRAY_SIZE(msr_regs);

/* ---- synthetic ------------------------------------------------------------------------ */

static u32 synthetic_msr(u32 name)
{
	switch (name) {
	case HV_X64_REGISTER_HYPERCALL:
		return HV_X64_MSR_HYPERCALL;
	case HV_REGISTER_GUEST_OS_ID:
		return HV_X64_MSR_GUEST_OS_ID;
	case HV_REGISTER_VP_RUNTIME:
		return HV_X64_MSR_VP_RUNTIME;
	case HV_REGISTER_VP_INDEX:
		return HV_X64_MSR_VP_INDEX;
	case HV_REGISTER_TIME_REF_COUNT:
		return HV_X64_MSR_TIME_REF_COUNT;
	case HV_REGISTER_VP_ASSIST_PAGE:
		return HV_X64_MSR_VP_ASSIST_PAGE;
	case HV_REGISTER_REFERENCE_TSC:
		return HV_X64_MSR_REFERENCE_TSC;
	case HV_REGISTER_PROCESSOR_CLOCK_FREQUENCY:
		return HV_X64_MSR_TSC_FREQUENCY;
	case HV_REGISTER_INTERRUPT_CLOCK_FREQUENCY:
		return HV_X64_MSR_APIC_FREQUENCY;
	case HV_X64_REGISTER_EOI ... HV_X64_REGISTER_TPR:
		return HV_X64_MSR_EOI + name - HV_X64_REGISTER_EOI;
	case HV_REGISTER_SCONTROL ... HV_REGISTER_SIRBP:
		return HV_X64_MSR_SCONTROL + name - HV_REGISTER_SCONTROL;
	case HV_REGISTER_SINT0 ... HV_REGISTER_SINT15:
		return HV_X64_MSR_SINT0 + name - HV_REGISTER_SINT0;
	case HV_REGISTER_STIMER0_CONFIG ... HV_REGISTER_STIMER3_COUNT:
		return HV_X64_MSR_STIMER0_CONFIG + name - HV_REGISTER_STIMER0_CONFIG;
	default:
		return HV_X64_MSR_CRASH_P0 + name - HV_REGISTER_GUEST_CRASH_P0;
	}
}

static u16 get_synthetic(struct vp *vp, u32 name, union hv_register_value *value)
{
	u32 msr = synthetic_msr(name);
	const struct msr_desc *d = msr_find(msr, MSR_CHILD);
	u64 v = 0;

	if (!d || !d->read || !d->read(vp, msr, &v))
		return HV_STATUS_INVALID_PARAMETER;
	value->reg64 = v;
	return REG_OK;
}

static u16 set_synthetic(struct vp *vp, u32 name, const union hv_register_value *value)
{
	u32 msr = synthetic_msr(name);
	const struct msr_desc *d = msr_find(msr, MSR_CHILD);

	if (!d || !d->write)
		return HV_STATUS_INVALID_PARAMETER;
	return reg_result(d->write(vp, msr, value->reg64));
}

/*
 * Without an id, all that the guest's system has set up is removed.  A system that has
 * never set its id may use all of that, so writing zero over zero changes nothing.
 */
static u16 set_os_id(struct vp *vp, u32 name, const union hv_register_value *value)
{
	if (!value->reg64 && vp->partition->guest_os_id) {
		enlightenments_drop(vp->partition);
		return REG_OK;
	}
	return set_synthetic(vp, name, value);
}

/* CPUID leaves as registers. */
static u16 get_leaf(struct vp *vp, u32 name, union hv_register_value *value)
{
	struct cpuid_regs r;
	u32 leaf = HYPERV_CPUID_FEATURES + name -
		   HV_REGISTER_PRIVILEGES_AND_FEATURES_INFO;

	if (name == HV_REGISTER_HYPERVISOR_VERSION)
		leaf = HYPERV_CPUID_VERSION;
	child_cpuid(vp, leaf, 0, &r);
	value->reg128.low_part = r.eax | (u64)r.ebx << 32;
	value->reg128.high_part = r.ecx | (u64)r.edx << 32;
	return REG_OK;
}

static u16 get_signal_count(struct vp *vp, u32 name, union hv_register_value *value)
{
	value->reg64 = child_of(vp)->signal_count;
	return REG_OK;
}

static u16 get_reg_page(struct vp *vp, u32 name, union hv_register_value *value)
{
	struct child *child = child_of(vp);

	if (child->register_mapped)
		value->reg64 = ptr_pa(child->register_page) | HV_MSR_PAGE_ENABLE;
	return REG_OK;
}

const struct reg synthetic_regs[] = {
	{ SYN(HYPERVISOR_VERSION), REG_READ_ONLY, get_leaf, NULL },
	{ HV_REGISTER_PRIVILEGES_AND_FEATURES_INFO,
	  HV_REGISTER_NESTED_VIRT_FEATURES_INFO, REG_READ_ONLY, get_leaf, NULL },
	{ HV_REGISTER_GUEST_CRASH_P0, HV_REGISTER_GUEST_CRASH_CTL, 0,
	  get_synthetic, set_synthetic },
	{ HV_REGISTER_PROCESSOR_CLOCK_FREQUENCY,
	  HV_REGISTER_INTERRUPT_CLOCK_FREQUENCY, REG_READ_ONLY, get_synthetic,
	  NULL },
	{ SYN(VP_RUNTIME), REG_READ_ONLY, get_synthetic, NULL },
	{ ONE(HYPERCALL), 0, get_synthetic, set_synthetic },
	{ SYN(GUEST_OS_ID), 0, get_synthetic, set_os_id },
	{ HV_REGISTER_VP_INDEX, HV_REGISTER_TIME_REF_COUNT, REG_READ_ONLY,
	  get_synthetic, NULL },
	{ ONE(EOI), 0, get_zero, set_synthetic },
	{ HV_X64_REGISTER_ICR, HV_X64_REGISTER_TPR, 0, get_synthetic,
	  set_synthetic },
	{ SYN(VP_ASSIST_PAGE), 0, get_synthetic, set_synthetic },
	{ SYN(VP_ROOT_SIGNAL_COUNT), REG_READ_ONLY, get_signal_count, NULL },
	{ SYN(REFERENCE_TSC), 0, get_synthetic, set_synthetic },
	{ ONE(REG_PAGE), REG_READ_ONLY, get_reg_page, NULL },
	{ HV_REGISTER_SINT0, HV_REGISTER_SINT15, 0, get_synthetic, set_synthetic },
	{ SYN(SCONTROL), 0, get_synthetic, set_synthetic },
	{ SYN(SVERSION), REG_READ_ONLY, get_synthetic, NULL },
	{ HV_REGISTER_SIEFP, HV_REGISTER_EOM, 0, get_synthetic, set_synthetic },
	{ HV_REGISTER_STIMER0_CONFIG, HV_REGISTER_STIMER3_COUNT, 0,
	  get_synthetic, set_synthetic },
};

const u32 nr_synthetic_regs = ARRAY_SIZE(synthetic_regs);
