// SPDX-License-Identifier: GPL-2.0
/*
 * Synthetic MSRs of children that no other file handles.
 *
 * Model: hypercall page, reference TSC page and VP assist page are overlays; all that
 * they need is taken from the partition's pool when its VP is created: a guest may place
 * them anywhere, and cannot be told that memory is short.  The partition's privileges say
 * which MSRs are accessible; the caller has checked them.
 */
#include <hyperv/hv_msr.h>
#include <hyperv/hv_status.h>
#include <rv/unit.h>
#include "child.h"
#include "hvmsr.h"
#include "synic_msr.h"
#include "vapic_eoi.h"
#include "vapic_ipi.h"

#define PAGE_GPN(msr)		((msr) >> HV_MSR_PAGE_ADDRESS_SHIFT)
#define CRASH_CTL		5
#define SEQUENCE_INVALID	0xffffffffu	/* of older interfaces */

bool overlay_move(struct partition *p, struct overlay *o, u64 value, bool writable)
{
	u64 gpn = PAGE_GPN(value);

	if (!(value & HV_MSR_PAGE_ENABLE)) {
		overlay_clear(p, o);
		return true;
	}
	if (gpn >= GPN_LIMIT)
		return false;
	if (!o->is_set || o->gpn != gpn)
		overlay_set(p, o, gpn, writable);
	return true;
}

/* ---- hypercalls --------------------------------------------------------------- */

static bool hypercall_msr_set(struct vp *vp, u64 value)
{
	struct partition *p = vp->partition;

	if (p->hypercall_msr & HV_X64_MSR_HYPERCALL_LOCKED)
		return false;
	if (!p->guest_os_id)
		value &= ~HV_X64_MSR_HYPERCALL_ENABLE;
	if (value & HV_X64_MSR_HYPERCALL_ENABLE)
		cpu_hypercall_code(p->hypercall.page);
	if (!overlay_move(p, &p->hypercall, value, false))
		return false;
	p->hypercall_msr = value;
	return true;
}

static bool guest_os_id_set(struct vp *vp, u64 value)
{
	struct partition *p = vp->partition;

	p->guest_os_id = value;
	if (!value)
		return hypercall_msr_set(vp, p->hypercall_msr &
					 ~HV_X64_MSR_HYPERCALL_ENABLE);
	return true;
}

/* ---- reference time -------------------------------------------------------------- */

/*
 * All VPs of a partition read the same page, so it follows the TSC of the first VP;
 * vp/msr.c keeps the others in sync.
 */
void ref_tsc_update(struct partition *p)
{
	struct ms_hyperv_tsc_page *page = p->ref_tsc.page;
	struct vp *vp = vp_find(p, 0);

	if (vp)
		partition_time_follow(p, vp->cpu->tsc_offset);
	if (!page || !vp || !(p->ref_tsc_msr & HV_MSR_PAGE_ENABLE))
		return;
	WRITE_ONCE(page->tsc_sequence, 0);
	smp_mb();
	page->tsc_scale = ref_scale;
	page->tsc_offset = p->clock_ref;
	smp_mb();
	/* While the partition's time is frozen the MSR must be used. */
	if (p->time_frozen)
		return;
	/*
	 * A restored partition must not find the sequence number that it has seen last:
	 * start with an arbitrary one.
	 */
	if (!p->ref_tsc_sequence)
		p->ref_tsc_sequence = tsc_now();
	p->ref_tsc_sequence++;
	if (p->ref_tsc_sequence == 0 || p->ref_tsc_sequence == SEQUENCE_INVALID)
		p->ref_tsc_sequence = 1;
	WRITE_ONCE(page->tsc_sequence, p->ref_tsc_sequence);
}

static bool ref_tsc_set(struct vp *vp, u64 value)
{
	struct partition *p = vp->partition;

	if (!overlay_move(p, &p->ref_tsc, value, false))
		return false;
	p->ref_tsc_msr = value;
	ref_tsc_update(p);
	return true;
}

/* ---- VP assist -------------------------------------------------------------------- */

static bool vp_assist_set(struct vp *vp, u64 value)
{
	struct child *child = child_of(vp);

	if (value & HV_MSR_PAGE_PRESERVED_MASK)
		return false;
	if (!overlay_move(vp->partition, &child->vp_assist, value, true))
		return false;
	child->vp_assist_msr = value;
	return true;
}

void child_overlays_drop(struct vp *vp)
{
	vp_assist_set(vp, 0);
	synic_set_page(vp, HV_X64_MSR_SIMP, 0);
	synic_set_page(vp, HV_X64_MSR_SIEFP, 0);
}

/*
 * The VMM removes the guest's system: nothing that this has set up may write to the
 * memory of the next one, or interrupt it.
 */
void enlightenments_drop(struct partition *p)
{
	for (u32 i = 0; i < p->max_vp_index; i++) {
		struct vp *vp = vp_find(p, i);

		if (!vp)
			continue;
		child_overlays_drop(vp);
		synic_reset(vp);
		stimer_reset(vp);
	}
	overlay_clear(p, &p->hypercall);
	overlay_clear(p, &p->ref_tsc);
	p->hypercall_msr = 0;
	p->ref_tsc_msr = 0;
	p->guest_os_id = 0;
}

/* ---- the MSRs ----------------------------------------------------------------------- */

static bool read_page_msr(struct vp *vp, u32 msr, u64 *value)
{
	switch (msr) {
	case HV_X64_MSR_GUEST_OS_ID:
		*value = vp->partition->guest_os_id;
		break;
	case HV_X64_MSR_HYPERCALL:
		*value = vp->partition->hypercall_msr;
		break;
	case HV_X64_MSR_REFERENCE_TSC:
		*value = vp->partition->ref_tsc_msr;
		break;
	case HV_X64_MSR_VP_ASSIST_PAGE:
		*value = child_of(vp)->vp_assist_msr;
		break;
	default:
		return false;
	}
	return true;
}

static bool write_page_msr(struct vp *vp, u32 msr, u64 value)
{
	switch (msr) {
	case HV_X64_MSR_GUEST_OS_ID:
		return guest_os_id_set(vp, value);
	case HV_X64_MSR_HYPERCALL:
		return hypercall_msr_set(vp, value);
	case HV_X64_MSR_REFERENCE_TSC:
		return ref_tsc_set(vp, value);
	case HV_X64_MSR_VP_ASSIST_PAGE:
		return vp_assist_set(vp, value);
	}
	return false;
}

#define PAGE_MSR(name, number, bit)					\
	MSR_UNIT(name, .first = number, .last = number,			\
		 .who = MSR_CHILD, .privilege = bit,			\
		 .read = read_page_msr, .write = write_page_msr)

PAGE_MSR(child_os_id, HV_X64_MSR_GUEST_OS_ID, 5);
PAGE_MSR(child_hypercall, HV_X64_MSR_HYPERCALL, 5);
PAGE_MSR(child_ref_tsc, HV_X64_MSR_REFERENCE_TSC, 9);
PAGE_MSR(child_assist, HV_X64_MSR_VP_ASSIST_PAGE, 4);

static bool read_value(struct vp *vp, u32 msr, u64 *value)
{
	switch (msr) {
	case HV_X64_MSR_TIME_REF_COUNT:
		*value = partition_time(vp->partition);
		break;
	case HV_X64_MSR_TSC_FREQUENCY:
		*value = tsc_hz;
		break;
	case HV_X64_MSR_APIC_FREQUENCY:
		*value = vp->partition->apic_hz;
		break;
	case HV_X64_MSR_GUEST_IDLE:
		/* Like HLT, but an interrupt ends it even with IF clear. */
		child_of(vp)->halted = !vp->trap;
		child_of(vp)->idle = !vp->trap;
		*value = 0;
		break;
	default:
		return false;
	}
	return true;
}

#define READ_MSR(name, number, bit)					\
	MSR_UNIT(name, .first = number, .last = number,			\
		 .who = MSR_CHILD, .privilege = bit, .read = read_value)

READ_MSR(child_ref_count, HV_X64_MSR_TIME_REF_COUNT, 1);
READ_MSR(child_tsc_freq, HV_X64_MSR_TSC_FREQUENCY, 11);
READ_MSR(child_apic_freq, HV_X64_MSR_APIC_FREQUENCY, 11);
READ_MSR(child_guest_idle, HV_X64_MSR_GUEST_IDLE, 10);

/* ---- local APIC by synthetic MSRs ------------------------------------------------------ */

static bool read_apic(struct vp *vp, u32 msr, u64 *value)
{
	struct vapic *apic = &child_of(vp)->vapic;

	if (msr == HV_X64_MSR_EOI)
		return false;
	*value = msr == HV_X64_MSR_ICR ? apic->icr : apic->tpr;
	return true;
}

static bool write_apic(struct vp *vp, u32 msr, u64 value)
{
	switch (msr) {
	case HV_X64_MSR_EOI:
		vapic_eoi(vp);
		return true;
	case HV_X64_MSR_ICR:
		child_of(vp)->vapic.icr = value & ~BIT_ULL(12);
		vapic_ipi(vp, value);
		return true;
	default:
		if (value > 0xff)
			return false;
		vapic_set_tpr(vp, value);
		return true;
	}
}

MSR_UNIT(child_apic, .first = HV_X64_MSR_EOI, .last = HV_X64_MSR_TPR,
	 .who = MSR_CHILD, .privilege = 4,
	 .read = read_apic, .write = write_apic);

/* ---- crash report ------------------------------------------------------------------------ */

static bool read_crash(struct vp *vp, u32 msr, u64 *value)
{
	u32 n = msr - HV_X64_MSR_CRASH_P0;

	*value = n == CRASH_CTL ? HV_CRASH_CTL_CRASH_NOTIFY :
				  vp->partition->crash[n];
	return true;
}

static bool write_crash(struct vp *vp, u32 msr, u64 value)
{
	u32 n = msr - HV_X64_MSR_CRASH_P0;
	u64 *crash = vp->partition->crash;

	crash[n] = value;
	if (n == CRASH_CTL && (value & HV_CRASH_CTL_CRASH_NOTIFY))
		log_guest("partition %llu: guest crash %llx %llx %llx %llx %llx",
			  (unsigned long long)vp->partition->id,
			  (unsigned long long)crash[0],
			  (unsigned long long)crash[1],
			  (unsigned long long)crash[2],
			  (unsigned long long)crash[3],
			  (unsigned long long)crash[4]);
	return true;
}

MSR_UNIT(crash, .first = HV_X64_MSR_CRASH_P0,
	 .last = HV_X64_MSR_CRASH_CTL, .who = MSR_ROOT | MSR_CHILD, .privilege = -1,
	 .read = read_crash, .write = write_crash);
