// SPDX-License-Identifier: GPL-2.0
/*
 * Registers by name in the XSAVE area, and XCR0.
 *
 * Model: the area is in standard format; a component whose bit in XSTATE_BV is
 * clear has its initial values, regardless of what is in memory.
 */
#include <hv/xcr0.h>
#include <rv/options.h>
#include "../cpu/fpu.h"
#include "cpuid.h"
#include "regs.h"
#include "regs_fpu.h"
#include "xsave.h"

#define LEAF_XSAVE	0xd

/* What the VP's own CPUID offers, and the processor supports. */
static u64 offered(struct vp *vp)
{
	struct cpuid_regs r;

	child_cpuid(vp, LEAF_XSAVE, 0, &r);
	return ((u64)r.edx << 32 | r.eax | XFEATURE_X87) & child_xcr0_mask(vp->partition);
}

bool child_set_xcr0(struct vp *vp, u64 value)
{
	if (!options.rules_off && !hv_xcr0_valid(value, offered(vp)))
		return false;
	if (!fpu_takes_xcr0(value))
		return false;
	vp_state(vp);
	vp->xcr0 = value;
	return true;
}

static u64 *xstate_bv(struct vp *vp)
{
	return (u64 *)(vp->xsave + XSAVE_BV);
}

/* Writes a component's initial values to memory. */
static void materialise(struct vp *vp, u64 feature)
{
	if (*xstate_bv(vp) & feature)
		return;
	if (feature == XFEATURE_X87) {
		memset(vp->xsave, 0, XSAVE_MXCSR);
		memset(vp->xsave + XSAVE_ST, 0, XSAVE_XMM - XSAVE_ST);
		*(u16 *)(vp->xsave + XSAVE_FCW) = FCW_INIT;
	} else {
		memset(vp->xsave + XSAVE_XMM, 0, 16 * 16);
	}
	*xstate_bv(vp) |= feature;
}

void xmm_get(struct vp *vp, void *to, u32 bytes)
{
	if (*xstate_bv(vp) & XFEATURE_SSE)
		memcpy(to, vp->xsave + XSAVE_XMM, bytes);
	else
		memset(to, 0, bytes);
}

void xsave_reset(struct vp *vp)
{
	memset(vp->xsave, 0, PAGE_SIZE);
	*(u16 *)(vp->xsave + XSAVE_FCW) = FCW_INIT;
	*(u32 *)(vp->xsave + XSAVE_MXCSR) = MXCSR_INIT;
}

static u16 get_xmm(struct vp *vp, u32 name, union hv_register_value *value)
{
	if (*xstate_bv(vp) & XFEATURE_SSE)
		memcpy(value, vp->xsave + XSAVE_XMM +
		       16 * (name - HV_X64_REGISTER_XMM0), 16);
	return REG_OK;
}

static u16 set_xmm(struct vp *vp, u32 name, const union hv_register_value *value)
{
	materialise(vp, XFEATURE_SSE);
	memcpy(vp->xsave + XSAVE_XMM + 16 * (name - HV_X64_REGISTER_XMM0),
	       value, 16);
	return REG_OK;
}

static u16 get_st(struct vp *vp, u32 name, union hv_register_value *value)
{
	if (*xstate_bv(vp) & XFEATURE_X87)
		memcpy(value, vp->xsave + XSAVE_ST +
		       16 * (name - HV_X64_REGISTER_FP_MMX0), 10);
	return REG_OK;
}

static u16 set_st(struct vp *vp, u32 name, const union hv_register_value *value)
{
	u8 *st = vp->xsave + XSAVE_ST + 16 * (name - HV_X64_REGISTER_FP_MMX0);

	materialise(vp, XFEATURE_X87);
	memset(st, 0, 16);
	memcpy(st, value, 10);
	return REG_OK;
}

/* FCW, FSW, abridged tag, opcode and instruction pointer have the same layout. */
static u16 get_fp_control(struct vp *vp, u32 name, union hv_register_value *value)
{
	if (*xstate_bv(vp) & XFEATURE_X87)
		memcpy(value, vp->xsave, 16);
	else
		value->fp_control_status.fp_control = FCW_INIT;
	return REG_OK;
}

static u16 set_fp_control(struct vp *vp, u32 name, const union hv_register_value *value)
{
	materialise(vp, XFEATURE_X87);
	memcpy(vp->xsave, value, 16);
	vp->xsave[5] = 0;
	return REG_OK;
}

static u16 get_xmm_control(struct vp *vp, u32 name, union hv_register_value *value)
{
	if (*xstate_bv(vp) & XFEATURE_X87)
		value->xmm_control_status.last_fp_rdp =
			*(u64 *)(vp->xsave + XSAVE_RDP);
	value->xmm_control_status.xmm_status_control =
		*(u32 *)(vp->xsave + XSAVE_MXCSR);
	value->xmm_control_status.xmm_status_control_mask = MXCSR_MASK;
	return REG_OK;
}

static u16 set_xmm_control(struct vp *vp, u32 name, const union hv_register_value *value)
{
	u32 mxcsr = value->xmm_control_status.xmm_status_control;

	/* XRSTOR faults on reserved bits. */
	if (mxcsr & ~MXCSR_MASK)
		return REG_BAD;
	if (value->xmm_control_status.last_fp_rdp)
		materialise(vp, XFEATURE_X87);
	if (*xstate_bv(vp) & XFEATURE_X87)
		*(u64 *)(vp->xsave + XSAVE_RDP) =
			value->xmm_control_status.last_fp_rdp;
	*(u32 *)(vp->xsave + XSAVE_MXCSR) = mxcsr;
	return REG_OK;
}

const struct reg fpu_regs[] = {
	{ HV_X64_REGISTER_XMM0, HV_X64_REGISTER_XMM15, 0, get_xmm, set_xmm },
	{ HV_X64_REGISTER_FP_MMX0, HV_X64_REGISTER_FP_MMX7, 0, get_st, set_st },
	{ HV_X64_REGISTER_FP_CONTROL_STATUS, HV_X64_REGISTER_FP_CONTROL_STATUS,
	  0, get_fp_control, set_fp_control },
	{ HV_X64_REGISTER_XMM_CONTROL_STATUS, HV_X64_REGISTER_XMM_CONTROL_STATUS,
	  0, get_xmm_control, set_xmm_control },
};

const u32 nr_fpu_regs = ARRAY_SIZE(fpu_regs);
