// SPDX-License-Identifier: GPL-2.0
/*
 * MSRs of the root: the intercepted native ones, and the synthetic ones other
 * than the SynIC's (TLFS, "Synthetic MSRs").  Unlike a guest, the root finds
 * pages of the hypervisor behind them: it may only enable and disable them,
 * unless root_compat=guest.
 */
#include <hyperv/hv_msr.h>
#include <rv/call.h>
#include <rv/cpu.h>
#include <rv/end.h>
#include <rv/log.h>
#include <rv/options.h>
#include <rv/page.h>
#include <rv/timer.h>
#include <rv/unit.h>
#include <rv/vp.h>
#include "../device/domain.h"
#include "../device/stray.h"
#include "host.h"
#include "ipi.h"
#include "root_msr.h"
#include "timer.h"

#define PAGE_ENABLE	1ull
/* MtrrFixDramEn, MtrrFixDramModEn, MtrrVarDramEn, MtrrTom2En, Tom2ForceMemTypeWB */
#define SYSCFG_MTRR	(0x1full << 18)

const struct msr_desc *msr_find(u32 msr, u8 who)
{
	const struct msr_desc *d;

	for (d = __msrs_start; d < __msrs_end; d++)
		if ((d->who & who) && msr >= d->first && msr <= d->last)
			return d;
	return NULL;
}

static u8 *hypercall_page, *tsc_page;

struct ref_tsc {
	u32 sequence, reserved;
	u64 scale;
	s64 offset;
};

static void ref_tsc_fill(void *page)
{
	struct ref_tsc *t = page;
	u64 now = rdtsc();

	t->scale = ref_scale;
	t->offset = (s64)(tsc_to_ref(now) - tsc_scaled(now));
	barrier();
	t->sequence = 1;
}

static void pages_init(void)
{
	hypercall_page = window_alloc();
	tsc_page = window_alloc();
	root_partition.hypercall_msr = ptr_pa(hypercall_page);
	root_partition.ref_tsc_msr = ptr_pa(tsc_page);
}

INIT_UNIT(pages_init);

/*
 * A page MSR of the root.  With root_compat=strict the page cannot be moved.
 * With root_compat=guest a kernel that takes itself for a guest specifies a
 * page of its own: the content is put there.
 */
bool root_page_msr_write(u64 *msr, u64 value, u8 *page, u8 **at)
{
	u8 *target = pa_ptr(value & PAGE_MASK);

	if (target != page) {
		if (options.strict || !root_ram(ptr_pa(target), PAGE_SIZE))
			return false;
	}
	*at = target;
	*msr = value;
	return true;
}

static bool os_id_read(struct vp *vp, u32 msr, u64 *value)
{
	*value = root_partition.guest_os_id;
	return true;
}

static bool os_id_write(struct vp *vp, u32 msr, u64 value)
{
	root_partition.guest_os_id = value;
	if (!value) {
		root_partition.hypercall_msr &= ~PAGE_ENABLE;
		domain_next_kernel();
	}
	return true;
}

MSR_UNIT(root_os_id, .first = HV_X64_MSR_GUEST_OS_ID, .last = HV_X64_MSR_GUEST_OS_ID,
	 .who = MSR_ROOT, .privilege = 5, .read = os_id_read, .write = os_id_write);

static bool hypercall_read(struct vp *vp, u32 msr, u64 *value)
{
	*value = root_partition.hypercall_msr;
	return true;
}

static bool hypercall_write(struct vp *vp, u32 msr, u64 value)
{
	u8 *at;

	if (value & 2)
		return false;	/* locking is not offered in CPUID */
	if (!root_page_msr_write(&root_partition.hypercall_msr, value, hypercall_page, &at))
		return false;
	if (!root_partition.guest_os_id)
		root_partition.hypercall_msr &= ~PAGE_ENABLE;
	if (root_partition.hypercall_msr & PAGE_ENABLE)
		cpu_hypercall_code(at);
	else
		memset(at, 0, HYPERCALL_CODE_SIZE);
	return true;
}

MSR_UNIT(root_hypercall, .first = HV_X64_MSR_HYPERCALL, .last = HV_X64_MSR_HYPERCALL,
	 .who = MSR_ROOT, .privilege = 5, .read = hypercall_read, .write = hypercall_write);

static bool vp_index_read(struct vp *vp, u32 msr, u64 *value)
{
	*value = vp->index;
	return true;
}

MSR_UNIT(vp_index, .first = HV_X64_MSR_VP_INDEX, .last = HV_X64_MSR_VP_INDEX,
	 .who = MSR_ROOT | MSR_CHILD, .privilege = 6, .read = vp_index_read);

static bool reset_read(struct vp *vp, u32 msr, u64 *value)
{
	*value = 0;
	return true;
}

static bool reset_write(struct vp *vp, u32 msr, u64 value)
{
	if (value & ~1ull)
		return false;
	if (value)
		machine_reset("reset by MSR");
	return true;
}

MSR_UNIT(root_reset, .first = HV_X64_MSR_RESET, .last = HV_X64_MSR_RESET,
	 .who = MSR_ROOT, .privilege = 7, .read = reset_read, .write = reset_write);

static bool runtime_read(struct vp *vp, u32 msr, u64 *value)
{
	*value = tsc_span_to_ref(vp->runtime);
	return true;
}

MSR_UNIT(vp_runtime, .first = HV_X64_MSR_VP_RUNTIME, .last = HV_X64_MSR_VP_RUNTIME,
	 .who = MSR_ROOT | MSR_CHILD, .privilege = 0, .read = runtime_read);

static bool ref_count_read(struct vp *vp, u32 msr, u64 *value)
{
	*value = tsc_to_ref(rdtsc());
	return true;
}

MSR_UNIT(root_ref_count, .first = HV_X64_MSR_TIME_REF_COUNT,
	 .last = HV_X64_MSR_TIME_REF_COUNT, .who = MSR_ROOT, .privilege = 1,
	 .read = ref_count_read);

static bool ref_tsc_read(struct vp *vp, u32 msr, u64 *value)
{
	*value = root_partition.ref_tsc_msr;
	return true;
}

static bool ref_tsc_write(struct vp *vp, u32 msr, u64 value)
{
	u8 *at;

	if (!root_page_msr_write(&root_partition.ref_tsc_msr, value, tsc_page, &at))
		return false;
	if (value & PAGE_ENABLE)
		ref_tsc_fill(at);
	return true;
}

MSR_UNIT(root_ref_tsc, .first = HV_X64_MSR_REFERENCE_TSC,
	 .last = HV_X64_MSR_REFERENCE_TSC, .who = MSR_ROOT, .privilege = 9,
	 .read = ref_tsc_read, .write = ref_tsc_write);

static bool frequency_read(struct vp *vp, u32 msr, u64 *value)
{
	*value = msr == HV_X64_MSR_TSC_FREQUENCY ? tsc_hz : apic_hz;
	return true;
}

MSR_UNIT(root_frequency, .first = HV_X64_MSR_TSC_FREQUENCY,
	 .last = HV_X64_MSR_APIC_FREQUENCY, .who = MSR_ROOT, .privilege = 11,
	 .read = frequency_read);

static bool apic_read(struct vp *vp, u32 msr, u64 *value)
{
	switch (msr) {
	case HV_X64_MSR_ICR:
		*value = rdmsr(X2APIC_ICR);
		return true;
	case HV_X64_MSR_TPR:
		*value = rdmsr(X2APIC_TPR);
		return true;
	}
	return false;
}

static bool apic_write(struct vp *vp, u32 msr, u64 value)
{
	switch (msr) {
	case HV_X64_MSR_EOI:
		return wrmsr_safe(X2APIC_EOI, 0);
	case HV_X64_MSR_ICR:
		return root_icr_write(vp, value);
	case HV_X64_MSR_TPR:
		return wrmsr_safe(X2APIC_TPR, value);
	}
	return false;
}

MSR_UNIT(root_apic, .first = HV_X64_MSR_EOI, .last = HV_X64_MSR_TPR,
	 .who = MSR_ROOT, .privilege = 4, .read = apic_read, .write = apic_write);

static bool assist_read(struct vp *vp, u32 msr, u64 *value)
{
	*value = vp->vp_assist_msr;
	return true;
}

static bool assist_write(struct vp *vp, u32 msr, u64 value)
{
	u8 *at;

	return root_page_msr_write(&vp->vp_assist_msr, value,
				   pa_ptr(vp->vp_assist_msr & PAGE_MASK), &at);
}

MSR_UNIT(root_assist, .first = HV_X64_MSR_VP_ASSIST_PAGE,
	 .last = HV_X64_MSR_VP_ASSIST_PAGE, .who = MSR_ROOT, .privilege = 4,
	 .read = assist_read, .write = assist_write);

/* Root VP 0 is the bootstrap processor, even if another one is (boot/park.c). */
static u64 root_apic_base(const struct vp *vp)
{
	return (rdmsr(MSR_APIC_BASE) & ~(u64)APIC_BASE_BSP) | (vp->index ? 0 : APIC_BASE_BSP);
}

/* Of SYSCFG, the bits about MTRRs and top of memory; others encrypt memory. */
static bool syscfg_write(u64 value)
{
	u64 old;

	return rdmsr_safe(MSR_SYSCFG, &old) && !((value ^ old) & ~SYSCFG_MTRR) &&
	       wrmsr_safe(MSR_SYSCFG, value);
}

static bool native_read(struct vp *vp, u32 msr, u64 *value)
{
	switch (msr) {
	case MSR_EFER:
		*value = vp->cpu->efer;
		return true;
	case MSR_APIC_BASE:
		*value = root_apic_base(vp);
		return true;
	case X2APIC_LVT_TIMER:
	case X2APIC_INITIAL_COUNT:
	case X2APIC_CURRENT_COUNT:
	case X2APIC_DIVIDE:
		*value = root_timer_read(vp, msr);
		return true;
	}
	return false;
}

static bool native_write(struct vp *vp, u32 msr, u64 value)
{
	switch (msr) {
	case MSR_EFER:
		if (value & ~(u64)(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE | EFER_FFXSR))
			return false;
		vp->cpu->efer = (value & ~(u64)EFER_LMA) |
				 (vp->cpu->efer & EFER_LMA);
		vp->flush = true;
		return true;
	case MSR_XSS:
		/* Supervisor state is not switched. */
		return !value;
	case MSR_SYSCFG:
		return syscfg_write(value);
	case X2APIC_SVR:
		return apic_set_spurious(vp->lp, value);
	case MSR_TSC:
		vp->cpu->tsc_offset = value - rdtsc();
		return true;
	case MSR_APIC_BASE:
		/* IPIs depend on x2APIC mode. */
		return value == root_apic_base(vp);
	case X2APIC_ICR:
		return root_icr_write(vp, value);
	case X2APIC_SELF_IPI:
		interrupt_sent((u8)value);
		return wrmsr_safe(X2APIC_SELF_IPI, value);
	case X2APIC_LVT_TIMER:
	case X2APIC_INITIAL_COUNT:
	case X2APIC_DIVIDE:
		return root_timer_write(vp, msr, value);
	}
	return false;
}

static bool allowed(struct vp *vp, const struct msr_desc *d)
{
	return d->privilege < 0 || (vp->partition->privileges >> d->privilege & 1);
}

void root_msr(struct vp *vp)
{
	u32 msr = (u32)vp->gpr[GPR_RCX];
	bool write = vp->exit.msr.write, done;
	const struct msr_desc *d = msr_find(msr, MSR_ROOT);
	u64 value = (u32)vp->gpr[GPR_RAX] | vp->gpr[GPR_RDX] << 32;

	if (d && !allowed(vp, d))
		done = false;
	else if (write)
		done = d ? d->write && d->write(vp, msr, value) :
			   native_write(vp, msr, value);
	else
		done = d ? d->read && d->read(vp, msr, &value) :
			   native_read(vp, msr, &value);
	if (!done) {
		log_debug("root VP %u: #GP for %s of MSR 0x%x, value 0x%llx",
			  vp->index, write ? "write" : "read", msr, value);
		vp_gp(vp);
		return;
	}
	if (!write) {
		vp->gpr[GPR_RAX] = (u32)value;
		vp->gpr[GPR_RDX] = value >> 32;
	}
	vp_skip(vp, 2);
}
