// SPDX-License-Identifier: GPL-2.0
/*
 * Architectural MSRs of children.
 *
 * Model: the guest accesses those in native_msrs[] natively unless the root has installed
 * an MSR intercept.  The others are kept in struct child or struct cpu_state.  Many of
 * AMD's read as zero and ignore writes, so that a kernel that checks its processor's
 * configuration finds it harmless.
 */
#include <rv/sched.h>
#include <rv/unit.h>
#include "child.h"
#include "cpuid.h"
#include "hvmsr.h"
#include "msr.h"

#define MSR_MC_PATCH_LEVEL	0x0000008b
#define MSR_MCG_CTL		0x0000017b
#define MSR_DEBUGCTL		0x000001d9
#define MSR_MTRR_PHYS_LAST	(MSR_MTRR_PHYS_BASE0 + 2 * NR_VAR_MTRRS - 1)
#define MTRR_CAP		(NR_VAR_MTRRS | BIT(8) | BIT(10))
#define MTRR_DEF_VALID		0xcffull
#define HWCR_TSC_FREQ_SEL	BIT_ULL(24)
#define MISC_ENABLE_FAST_STRING	1ull
#define PHYS_BITS_MAX		52
/* A TSC that is set to within this of VP 0's is made equal to it. */
#define TSC_SYNC_SECONDS	5

static const u32 native_msrs[] = {
	MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP,
	MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_SFMASK,
	MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE, MSR_TSC_AUX,
};

static void native_init(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(native_msrs); i++)
		cpu_ops->msr_exits(MAP_CHILD, native_msrs[i], false, false);
}

INIT_UNIT(native_init);

static bool canonical(u64 va)
{
	return (u64)((s64)(va << 16) >> 16) == va;
}

static bool mtrr_type_valid(u64 type)
{
	return type < 7 && type != 2 && type != 3;
}

bool pat_valid(u64 pat)
{
	for (u32 i = 0; i < 8; i++) {
		u8 type = pat >> (8 * i);

		if (type > 7 || type == 2 || type == 3)
			return false;
	}
	return true;
}

/* ---- what is native --------------------------------------------------------------- */

static u64 *saved_msr(struct vp *vp, u32 msr)
{
	struct cpu_state *v = vp_state(vp);

	switch (msr) {
	case MSR_SYSENTER_CS:
		return &v->sysenter_cs;
	case MSR_SYSENTER_ESP:
		return &v->sysenter_esp;
	case MSR_SYSENTER_EIP:
		return &v->sysenter_eip;
	case MSR_STAR:
		return &v->star;
	case MSR_LSTAR:
		return &v->lstar;
	case MSR_CSTAR:
		return &v->cstar;
	case MSR_SFMASK:
		return &v->sfmask;
	case MSR_FS_BASE:
		return &v->fs.base;
	case MSR_GS_BASE:
		return &v->gs.base;
	case MSR_KERNEL_GS_BASE:
		return &v->kernel_gs_base;
	default:
		return &vp->tsc_aux;
	}
}

static bool read_saved(struct vp *vp, u32 msr, u64 *value)
{
	*value = *saved_msr(vp, msr);
	return true;
}

static bool write_saved(struct vp *vp, u32 msr, u64 value)
{
	switch (msr) {
	case MSR_LSTAR:
	case MSR_CSTAR:
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE:
		if (!canonical(value))
			return false;
		break;
	case MSR_TSC_AUX:
		if (value >> 32)
			return false;
		break;
	}
	*saved_msr(vp, msr) = value;
	return true;
}

#define SAVED_MSRS(name, from, to)					\
	MSR_UNIT(name, .first = from, .last = to, .who = MSR_CHILD,	\
		 .privilege = -1, .read = read_saved, .write = write_saved)

SAVED_MSRS(sysenter, MSR_SYSENTER_CS, MSR_SYSENTER_EIP);
SAVED_MSRS(syscall, MSR_STAR, MSR_SFMASK);
SAVED_MSRS(bases, MSR_FS_BASE, MSR_TSC_AUX);

/* ---- EFER -------------------------------------------------------------------------- */

/* For the VMM: sets all bits; CR0 may already match, or be set later. */
bool child_set_efer(struct vp *vp, u64 value)
{
	if (value & ~(u64)(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE | EFER_FFXSR))
		return false;
	vp->cpu->efer = value;
	vp->flush = true;
	return true;
}

static bool read_efer(struct vp *vp, u32 msr, u64 *value)
{
	*value = vp->cpu->efer;
	return true;
}

static bool write_efer(struct vp *vp, u32 msr, u64 value)
{
	u64 old = vp->cpu->efer;

	if ((value ^ old) & EFER_LME && vp->cpu->cr0 & CR0_PG)
		return false;
	if (value & ~old & ~child_efer_bits(vp))
		return false;
	return child_set_efer(vp, (value & ~(u64)EFER_LMA) | (old & EFER_LMA));
}

MSR_UNIT(child_efer, .first = MSR_EFER, .last = MSR_EFER, .who = MSR_CHILD,
	 .privilege = -1, .read = read_efer, .write = write_efer);

/* ---- time stamp counter ---------------------------------------------------------------- */

/*
 * The VPs of a partition share one reference TSC page, so their counters must agree: a VP
 * that has not run yet and is set to zero, or one that is set to about VP 0's value, gets
 * exactly VP 0's offset.  A VMM writes them one by one, not always VP 0's first, so when
 * VP 0's changes, those of VPs that have not run since follow.
 */
static bool near(u64 offset, u64 other)
{
	u64 distance = MIN(offset - other, other - offset);

	return distance < TSC_SYNC_SECONDS * tsc_hz;
}

static void tsc_follow(struct vp *first)
{
	struct partition *p = first->partition;

	for (u32 i = 1; i < p->max_vp_index; i++) {
		struct vp *vp = vp_find(p, i);

		if (!vp || vp->runtime != child_of(vp)->tsc_set || sched_running(vp))
			continue;
		if (child_of(vp)->tsc_own &&
		    !near(vp->cpu->tsc_offset, first->cpu->tsc_offset))
			continue;
		child_of(vp)->tsc_own = false;
		vp->cpu->tsc_offset = first->cpu->tsc_offset;
	}
}

void child_set_tsc_offset(struct vp *vp, u64 offset)
{
	vp->cpu->tsc_offset = offset;
	child_of(vp)->tsc_own = true;
	child_of(vp)->tsc_set = vp->runtime;
	/* A guest that writes its own TSC means one processor's. */
	if (!vp->index && !sched_running(vp))
		tsc_follow(vp);
	ref_tsc_update(vp->partition);
}

void child_set_tsc(struct vp *vp, u64 value)
{
	struct vp *first = vp_find(vp->partition, 0);
	u64 offset = value - tsc_now();
	bool joins = false;

	if (first && first != vp)
		joins = (!vp->runtime && !value) || near(offset, first->cpu->tsc_offset);
	child_set_tsc_offset(vp, joins ? first->cpu->tsc_offset : offset);
	/* Zero is the initial value, and was not chosen. */
	child_of(vp)->tsc_own = !joins && value;
}

static bool read_tsc(struct vp *vp, u32 msr, u64 *value)
{
	*value = msr == MSR_TSC ? tsc_now() + vp->cpu->tsc_offset :
				  child_of(vp)->tsc_adjust;
	return true;
}

static bool write_tsc(struct vp *vp, u32 msr, u64 value)
{
	struct child *child = child_of(vp);
	u64 delta;

	if (msr == MSR_TSC) {
		delta = vp->cpu->tsc_offset;
		child_set_tsc(vp, value);
		child->tsc_adjust += vp->cpu->tsc_offset - delta;
	} else {
		vp->cpu->tsc_offset += value - child->tsc_adjust;
		child->tsc_adjust = value;
		ref_tsc_update(vp->partition);
	}
	return true;
}

MSR_UNIT(child_tsc, .first = MSR_TSC, .last = MSR_TSC, .who = MSR_CHILD,
	 .privilege = -1, .read = read_tsc, .write = write_tsc);
MSR_UNIT(child_tsc_adjust, .first = MSR_TSC_ADJUST, .last = MSR_TSC_ADJUST,
	 .who = MSR_CHILD, .privilege = -1, .read = read_tsc,
	 .write = write_tsc);

/* ---- memory types ------------------------------------------------------------------------ */

static bool is_mtrr_mask(u32 msr)
{
	return msr & 1;
}

/* The eleven fixed MTRRs have numbers in three groups. */
static int fixed_mtrr(u32 msr)
{
	if (msr == MSR_MTRR_FIX64K)
		return 0;
	if (msr >= MSR_MTRR_FIX16K_80000 && msr <= MSR_MTRR_FIX16K_80000 + 1)
		return 1 + msr - MSR_MTRR_FIX16K_80000;
	if (msr >= MSR_MTRR_FIX4K_C0000 && msr <= MSR_MTRR_FIX4K_C0000 + 7)
		return 3 + msr - MSR_MTRR_FIX4K_C0000;
	return -1;
}

static bool read_mtrr(struct vp *vp, u32 msr, u64 *value)
{
	struct child *child = child_of(vp);
	int fixed = fixed_mtrr(msr);
	u32 n = (msr - MSR_MTRR_PHYS_BASE0) / 2;

	if (msr == MSR_MTRR_CAP)
		*value = MTRR_CAP;
	else if (msr == MSR_MTRR_DEF_TYPE)
		*value = child->mtrr_def;
	else if (fixed >= 0)
		*value = child->mtrr_fixed[fixed];
	else
		*value = is_mtrr_mask(msr) ? child->mtrr_mask[n] :
					     child->mtrr_base[n];
	return true;
}

static bool write_mtrr(struct vp *vp, u32 msr, u64 value)
{
	struct child *child = child_of(vp);
	int fixed = fixed_mtrr(msr);
	u32 n = (msr - MSR_MTRR_PHYS_BASE0) / 2;

	if (msr == MSR_MTRR_CAP)
		return false;
	if (msr == MSR_MTRR_DEF_TYPE) {
		if ((value & ~MTRR_DEF_VALID) || !mtrr_type_valid(value & 0xff))
			return false;
		child->mtrr_def = value;
		return true;
	}
	if (fixed >= 0) {
		for (u32 i = 0; i < 8; i++)
			if (!mtrr_type_valid((u8)(value >> (8 * i))))
				return false;
		child->mtrr_fixed[fixed] = value;
		return true;
	}
	if (value >> PHYS_BITS_MAX)
		return false;
	if (is_mtrr_mask(msr)) {
		if (value & 0x7ff)
			return false;
		child->mtrr_mask[n] = value;
		return true;
	}
	if ((value & 0xf00) || !mtrr_type_valid(value & 0xff))
		return false;
	child->mtrr_base[n] = value;
	return true;
}

#define MTRR_MSRS(name, from, to)					\
	MSR_UNIT(name, .first = from, .last = to, .who = MSR_CHILD,	\
		 .privilege = -1, .read = read_mtrr, .write = write_mtrr)

MTRR_MSRS(mtrr_cap, MSR_MTRR_CAP, MSR_MTRR_CAP);
MTRR_MSRS(mtrr_var, MSR_MTRR_PHYS_BASE0, MSR_MTRR_PHYS_LAST);
MTRR_MSRS(mtrr_64k, MSR_MTRR_FIX64K, MSR_MTRR_FIX64K);
MTRR_MSRS(mtrr_16k, MSR_MTRR_FIX16K_80000, MSR_MTRR_FIX16K_80000 + 1);
MTRR_MSRS(mtrr_4k, MSR_MTRR_FIX4K_C0000, MSR_MTRR_FIX4K_C0000 + 7);
MTRR_MSRS(mtrr_def, MSR_MTRR_DEF_TYPE, MSR_MTRR_DEF_TYPE);

/* ---- plain values ---------------------------------------------------------------------------- */

static u64 *plain(struct child *child, u32 msr)
{
	switch (msr) {
	case MSR_PAT:
		return &child->pat;
	case MSR_MISC_ENABLE:
		return &child->misc_enable;
	case MSR_MCG_STATUS:
		return &child->mcg_status;
	case MSR_SPEC_CTRL:
		return &child->spec_ctrl;
	case MSR_HWCR:
		return &child->hwcr;
	case MSR_SYSCFG:
		return &child->syscfg;
	default:
		return &child->debugctl;
	}
}

static bool read_plain(struct vp *vp, u32 msr, u64 *value)
{
	*value = *plain(child_of(vp), msr);
	return true;
}

static bool write_plain(struct vp *vp, u32 msr, u64 value)
{
	if (msr == MSR_PAT) {
		if (!pat_valid(value))
			return false;
		vp->cpu->g_pat = value;
		vp->flush = true;
	}
	*plain(child_of(vp), msr) = value;
	return true;
}

#define PLAIN_MSR(name, number)						\
	MSR_UNIT(name, .first = number, .last = number, .who = MSR_CHILD, \
		 .privilege = -1, .read = read_plain, .write = write_plain)

PLAIN_MSR(child_pat, MSR_PAT);
PLAIN_MSR(child_misc_enable, MSR_MISC_ENABLE);
PLAIN_MSR(child_mcg_status, MSR_MCG_STATUS);
PLAIN_MSR(child_spec_ctrl, MSR_SPEC_CTRL);
PLAIN_MSR(child_hwcr, MSR_HWCR);
PLAIN_MSR(child_syscfg, MSR_SYSCFG);
PLAIN_MSR(child_debugctl, MSR_DEBUGCTL);

void msr_reset(struct vp *vp)
{
	struct child *child = child_of(vp);

	child->pat = vp->cpu->g_pat;
	child->misc_enable = MISC_ENABLE_FAST_STRING;
	child->hwcr = HWCR_TSC_FREQ_SEL;
	child->mtrr_def = 0;
	child->tsc_adjust = 0;
}

/* ---- known, without effect --------------------------------------------------------- */

static bool read_zero(struct vp *vp, u32 msr, u64 *value)
{
	*value = 0;
	return true;
}

static bool write_nothing(struct vp *vp, u32 msr, u64 value)
{
	return true;
}

#define QUIET_MSRS(name, from, to)					\
	MSR_UNIT(name, .first = from, .last = to, .who = MSR_CHILD,	\
		 .privilege = -1, .read = read_zero, .write = write_nothing)

QUIET_MSRS(quiet_pred_cmd, MSR_PRED_CMD, MSR_PRED_CMD);
QUIET_MSRS(quiet_patch, MSR_MC_PATCH_LEVEL, MSR_MC_PATCH_LEVEL);
QUIET_MSRS(quiet_mcg_cap, MSR_MCG_CAP, MSR_MCG_CAP);
QUIET_MSRS(quiet_mcg_ctl, MSR_MCG_CTL, MSR_MCG_CTL);
QUIET_MSRS(quiet_lbr, 0x000001db, 0x000001de);
QUIET_MSRS(quiet_mc, 0x00000400, 0x0000047f);
QUIET_MSRS(quiet_k7_perf, 0xc0010000, 0xc0010007);
QUIET_MSRS(quiet_top_mem, 0xc001001a, 0xc001001d);
QUIET_MSRS(quiet_nb_cfg, 0xc001001f, 0xc001001f);
QUIET_MSRS(quiet_patch_loader, 0xc0010020, 0xc0010020);
QUIET_MSRS(quiet_int_pending, 0xc0010055, 0xc0010058);
QUIET_MSRS(quiet_pstates, 0xc0010061, 0xc001006b);
QUIET_MSRS(quiet_cofvid, 0xc0010071, 0xc0010071);
QUIET_MSRS(quiet_smm, 0xc0010111, 0xc0010113);
QUIET_MSRS(quiet_osvw, 0xc0010140, 0xc0010141);
QUIET_MSRS(quiet_perf, 0xc0010200, 0xc001020b);
QUIET_MSRS(quiet_ls_cfg, 0xc0011020, 0xc0011023);
QUIET_MSRS(quiet_de_cfg, 0xc0011029, 0xc001102c);
