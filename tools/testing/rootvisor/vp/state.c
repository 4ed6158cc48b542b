// SPDX-License-Identifier: GPL-2.0
/*
 * VP state in bulk: state pages that the root shares, and GetVpState/SetVpState.
 *
 * Model: state of a page or more is copied to or from pages of the root whose numbers are
 * in the variable header; smaller state is inline.  XSAVE state is exchanged in compacted
 * format, with or without the flag that says so, but stored in standard format:
 * components are moved.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_msr.h>
#include <hyperv/hv_status.h>
#include <hyperv/hv_vp.h>
#include <rv/call.h>
#include <rv/options.h>
#include <rv/page.h>
#include <rv/sched.h>
#include <rv/unit.h>
#include "child.h"
#include "cpuid.h"
#include "regpage.h"
#include "vapic_id.h"
#include "vapic_timer.h"
#include "xsave.h"

/* ---- state pages ------------------------------------------------------------------ */

static u16 map_state_page(struct hv_call *call)
{
	struct hv_input_map_vp_state_page *in = call->in;
	struct hv_output_map_vp_state_page *out = call->out;
	struct child *child;
	struct vp *vp;
	bool *mapped;
	u16 status;
	u8 **page;

	vp = child_target(call, in->partition_id, in->vp_index, &status);
	if (!vp)
		return status;
	/* For a root the hypervisor chooses the address of the page. */
	if ((in->input_vtl & ~HV_INPUT_VTL_USE_TARGET) || in->flags ||
	    in->requested_map_location)
		return HV_STATUS_INVALID_PARAMETER;
	child = child_of(vp);
	switch (in->type) {
	case HV_VP_STATE_PAGE_REGISTERS:
		page = &child->register_page;
		mapped = &child->register_mapped;
		break;
	case HV_VP_STATE_PAGE_INTERCEPT_MESSAGE:
		page = &child->intercept_page;
		mapped = &child->intercept_mapped;
		break;
	case HV_VP_STATE_PAGE_GHCB:
		return HV_STATUS_FEATURE_UNAVAILABLE;
	default:
		return HV_STATUS_INVALID_PARAMETER;
	}
	if (!*page)
		*page = pool_alloc(vp->partition);
	if (!*page)
		return pool_empty_status(vp->partition);
	if (!*mapped && !page_share(vp->partition, *page))
		return pool_empty_status(call->vp->partition);
	if (!*mapped && in->type == HV_VP_STATE_PAGE_REGISTERS)
		memset(*page, 0, PAGE_SIZE);
	*mapped = true;
	if (in->type == HV_VP_STATE_PAGE_REGISTERS && !sched_running(vp))
		regpage_store(vp);
	out->map_location = ptr_pa(*page) >> PAGE_SHIFT;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(map_vp_state_page, .code = HVCALL_MAP_VP_STATE_PAGE,
	  .in = sizeof(struct hv_input_map_vp_state_page),
	  .out = sizeof(struct hv_output_map_vp_state_page), .privilege = -1,
	  .fn = map_state_page);

static u16 unmap_state_page(struct hv_call *call)
{
	struct hv_input_unmap_vp_state_page *in = call->in;
	struct child *child;
	struct vp *vp;
	u16 status;

	vp = child_target(call, in->partition_id, in->vp_index, &status);
	if (!vp)
		return status;
	if ((in->input_vtl & ~HV_INPUT_VTL_USE_TARGET) || in->reserved0)
		return HV_STATUS_INVALID_PARAMETER;
	child = child_of(vp);
	if (in->type == HV_VP_STATE_PAGE_REGISTERS && child->register_mapped) {
		child->register_mapped = false;
		page_unshare(vp->partition, child->register_page);
		pool_free(vp->partition, child->register_page);
		child->register_page = NULL;
		return HV_STATUS_SUCCESS;
	}
	if (in->type == HV_VP_STATE_PAGE_INTERCEPT_MESSAGE &&
	    child->intercept_mapped) {
		child->intercept_mapped = false;
		page_unshare(vp->partition, child->intercept_page);
		return HV_STATUS_SUCCESS;
	}
	return HV_STATUS_INVALID_PARAMETER;
}

HYPERCALL(unmap_vp_state_page, .code = HVCALL_UNMAP_VP_STATE_PAGE,
	  .in = sizeof(struct hv_input_unmap_vp_state_page), .privilege = -1,
	  .fn = unmap_state_page);

/* ---- local APIC --------------------------------------------------------------------- */

static void lapic_get(struct vp *vp, void *page)
{
	struct hv_local_interrupt_controller_state *s = page;
	struct vapic *apic = &child_of(vp)->vapic;
	u64 version = 0;

	vapic_read(vp, X2APIC_VERSION - MSR_X2APIC, &version);
	s->apic_id = vapic_id_register(vp);
	s->apic_version = version;
	s->apic_ldr = apic->ldr;
	s->apic_dfr = apic->dfr;
	s->apic_spurious = apic->svr;
	memcpy(s->apic_isr, apic->isr, sizeof(s->apic_isr));
	memcpy(s->apic_tmr, apic->tmr, sizeof(s->apic_tmr));
	memcpy(s->apic_irr, apic->irr, sizeof(s->apic_irr));
	s->apic_esr = apic->esr;
	s->apic_icr_high = apic->icr >> 32;
	s->apic_icr_low = apic->icr;
	s->apic_lvt_timer = apic->lvt[LVT_TIMER];
	s->apic_lvt_thermal = apic->lvt[LVT_THERMAL];
	s->apic_lvt_perfmon = apic->lvt[LVT_PERFMON];
	s->apic_lvt_lint0 = apic->lvt[LVT_LINT0];
	s->apic_lvt_lint1 = apic->lvt[LVT_LINT1];
	s->apic_lvt_error = apic->lvt[LVT_ERROR];
	s->apic_lvt_cmci = apic->lvt[LVT_CMCI];
	s->apic_error_status = apic->esr_pending;
	s->apic_initial_count = apic->initial;
	s->apic_counter_value = vapic_current_count(vp);
	s->apic_divide_configuration = apic->divide;
	/* Not in the table of fields, but needed to restore. */
	s->apic_remote_read = 0;
}

/* The page does not say which requests have automatic EOI; their SINTs do. */
static void auto_eoi_set(struct vp *vp)
{
	struct vapic *apic = &child_of(vp)->vapic;

	memset(apic->auto_eoi, 0, sizeof(apic->auto_eoi));
	for (u32 i = 0; i < SYNIC_SINTS; i++) {
		u64 sint = vp->synic.sint[i];
		u32 vector = sint & HV_SYNIC_SINT_VECTOR_MASK;

		if ((sint & HV_SYNIC_SINT_AUTO_EOI) &&
		    !(sint & (HV_SYNIC_SINT_MASKED | HV_SYNIC_SINT_POLLING)))
			apic->auto_eoi[vector / 32] |=
				apic->irr[vector / 32] & BIT(vector % 32);
	}
}

static u16 lapic_set(struct vp *vp, const void *page)
{
	const struct hv_local_interrupt_controller_state *s = page;
	struct vapic *apic = &child_of(vp)->vapic;

	/* Either mode's: the VMM may set the mode later. */
	if (s->apic_id != apic->id && s->apic_id != apic->id << 24)
		return HV_STATUS_INVALID_PARAMETER;
	vapic_stop_timers(vp);
	apic->ldr = s->apic_ldr;
	apic->dfr = s->apic_dfr;
	apic->svr = s->apic_spurious & 0x3ff;
	memcpy(apic->isr, s->apic_isr, sizeof(apic->isr));
	memcpy(apic->tmr, s->apic_tmr, sizeof(apic->tmr));
	memcpy(apic->irr, s->apic_irr, sizeof(apic->irr));
	memset(apic->ended, 0, sizeof(apic->ended));
	apic->irr[0] &= 0xffff0000;
	apic->isr[0] &= 0xffff0000;
	apic->esr = s->apic_esr;
	apic->icr = (u64)s->apic_icr_high << 32 | s->apic_icr_low;
	apic->lvt[LVT_TIMER] = s->apic_lvt_timer & 0x300ff;
	apic->lvt[LVT_THERMAL] = s->apic_lvt_thermal;
	apic->lvt[LVT_PERFMON] = s->apic_lvt_perfmon;
	apic->lvt[LVT_LINT0] = s->apic_lvt_lint0;
	apic->lvt[LVT_LINT1] = s->apic_lvt_lint1;
	apic->lvt[LVT_ERROR] = s->apic_lvt_error;
	apic->lvt[LVT_CMCI] = s->apic_lvt_cmci;
	apic->esr_pending = s->apic_error_status;
	apic->divide = s->apic_divide_configuration & 0xb;
	vapic_resume_timer(vp, s->apic_initial_count, s->apic_counter_value);
	auto_eoi_set(vp);
	return HV_STATUS_SUCCESS;
}

/* ---- XSAVE ----------------------------------------------------------------------------- */

/* The offset of component @i: by CPUID if standard, consecutive if compacted. */
static bool component(u32 i, u32 *offset, u32 *size, bool *align)
{
	struct cpuid_regs r = cpuid(0xd, i);

	*size = r.eax;
	*offset = r.ebx;
	*align = r.ecx & 2;
	return r.eax;
}

static void xsave_get(struct vp *vp, u8 *to, u64 wanted)
{
	u64 have = *(u64 *)(vp->xsave + XSAVE_BV);
	u64 mask = child_xcr0_mask(vp->partition) & wanted;
	u32 at = XSAVE_EXTENDED, offset, size;
	bool align;

	memset(to, 0, PAGE_SIZE);
	memcpy(to, vp->xsave, XSAVE_BV);
	*(u64 *)(to + XSAVE_BV) = have & mask;
	*(u64 *)(to + XSAVE_COMP_BV) = mask | XSAVE_COMPACT;
	for (u32 i = 2; i < 63; i++) {
		if (!(mask >> i & 1) || !component(i, &offset, &size, &align))
			continue;
		if (align)
			at = (at + 63) & ~63u;
		if (at + size > PAGE_SIZE)
			return;
		if (have >> i & 1)
			memcpy(to + at, vp->xsave + offset, size);
		at += size;
	}
}

static u16 xsave_set(struct vp *vp, const u8 *from, u64 states)
{
	u64 have = *(const u64 *)(from + XSAVE_BV);
	u64 layout = *(const u64 *)(from + XSAVE_COMP_BV);
	u64 valid = child_xcr0_mask(vp->partition);
	u32 at = XSAVE_EXTENDED, offset, size;
	bool align;

	if (!(layout & XSAVE_COMPACT))
		return HV_STATUS_INVALID_REGISTER_VALUE;
	if (!options.rules_off && ((have & ~valid) || (have & ~layout & ~3ull)))
		return HV_STATUS_INVALID_REGISTER_VALUE;
	if (*(const u32 *)(from + XSAVE_MXCSR) & ~MXCSR_MASK)
		return HV_STATUS_INVALID_REGISTER_VALUE;
	memset(vp->xsave, 0, PAGE_SIZE);
	memcpy(vp->xsave, from, XSAVE_BV - 96);
	*(u64 *)(vp->xsave + XSAVE_BV) = have;
	for (u32 i = 2; i < 63; i++) {
		if (!(layout >> i & 1) || !component(i, &offset, &size, &align))
			continue;
		if (align)
			at = (at + 63) & ~63u;
		if (at + size > PAGE_SIZE || offset + size > PAGE_SIZE)
			return HV_STATUS_INVALID_REGISTER_VALUE;
		if (have >> i & 1)
			memcpy(vp->xsave + offset, from + at, size);
		at += size;
	}
	return HV_STATUS_SUCCESS;
}

/* ---- synthetic timers -------------------------------------------------------------------- */

static void timers_get(struct vp *vp, struct hv_synthetic_timers_state *s)
{
	memset(s, 0, sizeof(*s));
	for (u32 i = 0; i < NR_STIMERS; i++) {
		struct stimer *t = &child_of(vp)->stimer[i];

		s->timers[i].flags = t->message_pending ?
				     HV_STIMER_STATE_UNDELIVERED_MESSAGE : 0;
		s->timers[i].config = t->config;
		s->timers[i].count = t->count;
		s->timers[i].undelivered_exp_time = t->message_pending ? t->due : 0;
	}
}

static void timers_set(struct vp *vp, const struct hv_synthetic_timers_state *s)
{
	for (u32 i = 0; i < NR_STIMERS; i++) {
		stimer_set_config(vp, i, 0);
		stimer_set_count(vp, i, s->timers[i].count);
		stimer_set_config(vp, i, s->timers[i].config);
		if (s->timers[i].flags & HV_STIMER_STATE_UNDELIVERED_MESSAGE) {
			child_of(vp)->stimer[i].message_pending = true;
			child_of(vp)->stimer[i].due = s->timers[i].undelivered_exp_time;
		}
	}
}

/* ---- hypercalls -------------------------------------------------------------------- */

static u8 bounce[PAGE_SIZE] __aligned(64);

/* The page of the root that the variable header names. */
static u16 root_page(struct hv_call *call, void **page)
{
	const u64 *pfns = call_var(call);

	if (call->varhead != 1)
		return HV_STATUS_INVALID_PARAMETER;
	if (pfns[0] >= max_pfn || !root_ram(pfns[0] << PAGE_SHIFT, PAGE_SIZE))
		return HV_STATUS_OPERATION_DENIED;
	*page = pa_ptr(pfns[0] << PAGE_SHIFT);
	return HV_STATUS_SUCCESS;
}

static u16 check_header(struct hv_call *call, struct hv_input_get_vp_state *in,
			struct vp **vp)
{
	u16 status;

	*vp = child_target(call, in->partition_id, in->vp_index, &status);
	if (!*vp)
		return status;
	if ((in->input_vtl & ~HV_INPUT_VTL_USE_TARGET) || in->rsvd0 ||
	    in->rsvd1 || in->state_data.rsvd)
		return HV_STATUS_INVALID_PARAMETER;
	return HV_STATUS_SUCCESS;
}

static u16 get_state(struct hv_call *call)
{
	struct hv_input_get_vp_state *in = call->in;
	struct vp *vp;
	void *page;
	u16 status;

	status = check_header(call, in, &vp);
	if (status)
		return status;
	if (in->state_data.type == HV_GET_SET_VP_STATE_SYNTHETIC_TIMERS) {
		/* The only type with inline output. */
		timers_get(vp, call->out);
		call->out_size = sizeof(struct hv_synthetic_timers_state);
		return HV_STATUS_SUCCESS;
	}
	status = root_page(call, &page);
	if (status)
		return status;
	vp_state(vp);
	switch (in->state_data.type) {
	case HV_GET_SET_VP_STATE_LAPIC_STATE:
		memset(page, 0, PAGE_SIZE);
		lapic_get(vp, page);
		return HV_STATUS_SUCCESS;
	case HV_GET_SET_VP_STATE_XSAVE:
		if (in->state_data.xsave.flags & ~HV_VP_STATE_XSAVE_COMPACTED_FORMAT)
			return HV_STATUS_INVALID_PARAMETER;
		xsave_get(vp, page, in->state_data.xsave.states ?: ~0ull);
		return HV_STATUS_SUCCESS;
	case HV_GET_SET_VP_STATE_SIM_PAGE:
		memcpy(page, child_of(vp)->simp.page, PAGE_SIZE);
		return HV_STATUS_SUCCESS;
	case HV_GET_SET_VP_STATE_SIEF_PAGE:
		memcpy(page, child_of(vp)->siefp.page, PAGE_SIZE);
		return HV_STATUS_SUCCESS;
	}
	return HV_STATUS_INVALID_PARAMETER;
}

HYPERCALL(get_vp_state, .code = HVCALL_GET_VP_STATE, .flags = CALL_VAR,
	  .in = sizeof(struct hv_input_get_vp_state), .privilege = -1,
	  .fn = get_state);

static u16 set_state(struct hv_call *call)
{
	struct hv_input_set_vp_state *in = call->in;
	struct vp *vp;
	void *page;
	u16 status;

	status = check_header(call, call->in, &vp);
	if (status)
		return status;
	if (in->state_data.type == HV_GET_SET_VP_STATE_SYNTHETIC_TIMERS) {
		if (call->varhead * 8 != sizeof(struct hv_synthetic_timers_state))
			return HV_STATUS_INVALID_PARAMETER;
		timers_set(vp, call_var(call));
		return HV_STATUS_SUCCESS;
	}
	status = root_page(call, &page);
	if (status)
		return status;
	/* Read once: the root's other processors may write to it. */
	memcpy(bounce, page, PAGE_SIZE);
	page = bounce;
	child_write(vp);
	switch (in->state_data.type) {
	case HV_GET_SET_VP_STATE_LAPIC_STATE:
		status = lapic_set(vp, page);
		break;
	case HV_GET_SET_VP_STATE_XSAVE:
		if (in->state_data.xsave.flags & ~HV_VP_STATE_XSAVE_COMPACTED_FORMAT)
			return HV_STATUS_INVALID_PARAMETER;
		status = xsave_set(vp, page, in->state_data.xsave.states);
		break;
	case HV_GET_SET_VP_STATE_SIM_PAGE:
		memcpy(child_of(vp)->simp.page, page, PAGE_SIZE);
		break;
	case HV_GET_SET_VP_STATE_SIEF_PAGE:
		memcpy(child_of(vp)->siefp.page, page, PAGE_SIZE);
		break;
	default:
		return HV_STATUS_INVALID_PARAMETER;
	}
	child_of(vp)->broken = false;
	regpage_refresh(vp);
	sched_wake(vp);
	return status;
}

HYPERCALL(set_vp_state, .code = HVCALL_SET_VP_STATE, .flags = CALL_VAR,
	  .in = sizeof(struct hv_input_set_vp_state), .privilege = -1,
	  .fn = set_state);
