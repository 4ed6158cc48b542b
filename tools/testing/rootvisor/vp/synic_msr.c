// SPDX-License-Identifier: GPL-2.0
/*
 * The registers of a VP's SynIC.
 *
 * Model: the root reads where the hypervisor has put a page and may only enable
 * and disable it; with root_compat=guest it may specify a page of its own RAM,
 * as guests do.  A child's page is an overlay.
 */
#include <hyperv/hv_msr.h>
#include <hyperv/hv_status.h>
#include <rv/options.h>
#include <rv/page.h>
#include <rv/sched.h>
#include <rv/unit.h>
#include "child.h"
#include "hvmsr.h"
#include "synic_msr.h"

#define MSR_FIRST_SINT		HV_X64_MSR_SINT0

static u64 *page_msr(struct vp *vp, u32 msr)
{
	switch (msr) {
	case HV_X64_MSR_SIMP:
		return &vp->synic.simp;
	case HV_X64_MSR_SIEFP:
		return &vp->synic.siefp;
	default:
		return &vp->synic.sirbp;
	}
}

static u8 **page_pointer(struct vp *vp, u32 msr)
{
	switch (msr) {
	case HV_X64_MSR_SIMP:
		return &vp->synic.message_page;
	case HV_X64_MSR_SIEFP:
		return &vp->synic.event_page;
	default:
		return &vp->synic.ring_page;
	}
}

static bool set_root_page(struct vp *vp, u32 msr, u64 value)
{
	u64 *reg = page_msr(vp, msr), base = value & HV_MSR_PAGE_ADDRESS_MASK;
	u8 **pointer = page_pointer(vp, msr);
	u8 *page = pa_ptr(base);

	if (base != (*reg & HV_MSR_PAGE_ADDRESS_MASK)) {
		if (options.strict)
			return false;
		if ((value & HV_MSR_PAGE_ENABLE) && !root_ram(base, PAGE_SIZE))
			return false;
	}
	*reg = value;
	*pointer = value & HV_MSR_PAGE_ENABLE ? page : NULL;
	if (msr == HV_X64_MSR_SIRBP)
		memset(vp->synic.ring_producer, 0,
		       sizeof(vp->synic.ring_producer));
	return true;
}

static bool set_child_page(struct vp *vp, u32 msr, u64 value)
{
	struct child *child = child_of(vp);
	struct overlay *o = msr == HV_X64_MSR_SIMP ? &child->simp : &child->siefp;

	if (msr == HV_X64_MSR_SIRBP || !overlay_move(vp->partition, o, value, true))
		return false;
	*page_pointer(vp, msr) = value & HV_MSR_PAGE_ENABLE ? o->page : NULL;
	*page_msr(vp, msr) = value;
	return true;
}

bool synic_set_page(struct vp *vp, u32 msr, u64 value)
{
	if (value & HV_MSR_PAGE_PRESERVED_MASK)
		return false;
	return vp_is_root(vp) ? set_root_page(vp, msr, value) :
				set_child_page(vp, msr, value);
}

static bool synic_set_sint(struct vp *vp, u32 sint, u64 value)
{
	if (value & ~HV_SYNIC_SINT_DEFINED_MASK)
		return false;
	if (!(value & HV_SYNIC_SINT_MASKED) &&
	    !(value & HV_SYNIC_SINT_POLLING) &&
	    (value & HV_SYNIC_SINT_VECTOR_MASK) < HV_SYNIC_FIRST_VALID_VECTOR)
		return false;
	/* Native delivery has no automatic EOI. */
	if (vp_is_root(vp) && (value & HV_SYNIC_SINT_AUTO_EOI) &&
	    !(value & HV_SYNIC_SINT_MASKED))
		log_info("root VP %u: SINT%u requests automatic EOI, not offered",
			 vp->index, sint);
	vp->synic.sint[sint] = value;
	return true;
}

static bool synic_set_control(struct vp *vp, u64 value)
{
	if (value & ~HV_SYNIC_CONTROL_ENABLE)
		return false;
	vp->synic.scontrol = value;
	if (vp_is_root(vp) && !value)
		sched_root_deaf(vp->lp);
	return true;
}

static bool read_synic(struct vp *vp, u32 msr, u64 *value)
{
	switch (msr) {
	case HV_X64_MSR_SCONTROL:
		*value = vp->synic.scontrol;
		return true;
	case HV_X64_MSR_SVERSION:
		*value = HV_SYNIC_VERSION_1;
		return true;
	case HV_X64_MSR_EOM:
		*value = 0;
		return true;
	case HV_X64_MSR_SIRBP:
		if (!vp_is_root(vp))
			return false;
		break;
	}
	*value = *page_msr(vp, msr);
	return true;
}

static bool write_synic(struct vp *vp, u32 msr, u64 value)
{
	switch (msr) {
	case HV_X64_MSR_SCONTROL:
		return synic_set_control(vp, value);
	case HV_X64_MSR_SVERSION:
		return false;
	case HV_X64_MSR_EOM:
		synic_eom(vp);
		return true;
	}
	return synic_set_page(vp, msr, value);
}

static bool read_sint(struct vp *vp, u32 msr, u64 *value)
{
	*value = vp->synic.sint[msr - MSR_FIRST_SINT];
	return true;
}

static bool write_sint(struct vp *vp, u32 msr, u64 value)
{
	return synic_set_sint(vp, msr - MSR_FIRST_SINT, value);
}

MSR_UNIT(synic, .first = HV_X64_MSR_SCONTROL, .last = HV_X64_MSR_SIRBP,
	 .who = MSR_ROOT | MSR_CHILD, .privilege = 2,
	 .read = read_synic, .write = write_synic);

MSR_UNIT(sints, .first = HV_X64_MSR_SINT0, .last = HV_X64_MSR_SINT15,
	 .who = MSR_ROOT | MSR_CHILD, .privilege = 2,
	 .read = read_sint, .write = write_sint);
