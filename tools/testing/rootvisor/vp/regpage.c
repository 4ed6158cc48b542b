// SPDX-License-Identifier: GPL-2.0
/*
 * The register page: the registers that a VMM uses most, without a hypercall.
 *
 * Model: filled whenever the VP stops, and when the VMM sets registers by hypercall, but
 * for groups that it has marked dirty; valid until the VP runs again.  Groups that
 * are dirty are loaded before the VP continues.  The root may
 * add vectors at its end, which a dispatch with the scan flag requests.
 */
#include <hyperv/hv_register.h>
#include <hyperv/hv_vp.h>
#include <rv/sched.h>
#include "child.h"
#include "intercept.h"
#include "pending.h"
#include "regpage.h"
#include "regs_fpu.h"

#define XSAVE_XMM	160
#define XSAVE_BV	512
#define FEATURE_SSE	2ull

static struct hv_vp_register_page *page_of(struct vp *vp)
{
	struct child *child = child_of(vp);

	return child->register_mapped ? (void *)child->register_page : NULL;
}

/* ES, CS, SS, DS, FS and GS are next to each other, here and in the page. */
static struct cpu_segment *segment(struct cpu_state *v, u32 n)
{
	return (struct cpu_segment *)((u8 *)v + offsetof(struct cpu_state, es)) + n;
}

static_assert(offsetof(struct cpu_state, gs) ==
	      offsetof(struct cpu_state, es) + 5 * sizeof(struct cpu_segment), "");

/* All but the groups in @dirty. */
static inline void store(struct vp *vp, struct hv_vp_register_page *page, u32 dirty)
{
	struct cpu_state *v = vp_state(vp);

	page->version = HV_VP_REGISTER_PAGE_VERSION_1;
	page->rsvdz = 0;
	if (!(dirty & HV_BIT(HV_X64_REGISTER_CLASS_GENERAL)))
		memcpy(page->gp_registers, vp->gpr, sizeof(vp->gpr));
	if (!(dirty & HV_BIT(HV_X64_REGISTER_CLASS_IP)))
		page->rip = v->rip;
	if (!(dirty & HV_BIT(HV_X64_REGISTER_CLASS_FLAGS)))
		page->rflags = v->rflags;
	if (!(dirty & HV_BIT(HV_X64_REGISTER_CLASS_XMM)))
		xmm_get(vp, page->xmm, sizeof(page->xmm));
	if (!(dirty & HV_BIT(HV_X64_REGISTER_CLASS_SEGMENT))) {
		UNROLL(6)
		for (u32 i = 0; i < ARRAY_SIZE(page->segments); i++)
			segment_get(segment(v, i), &page->segments[i]);
	}
	page->cr0 = v->cr0;
	page->cr3 = v->cr3;
	page->cr4 = v->cr4;
	page->cr8 = child_of(vp)->vapic.tpr >> 4;
	page->efer = v->efer;
	page->dr7 = v->dr7;
	page->pending_interruption = pending_get(vp);
	page->interrupt_state = (v->shadow & 1 ? HV_INTERRUPT_STATE_SHADOW : 0) |
		(child_of(vp)->nmi_masked ? HV_INTERRUPT_STATE_NMI_MASKED : 0);
	page->instruction_emulation_hints = 0;
	page->xfem = vp->xcr0;
	WRITE_ONCE(page->isvalid, 1);
}

void regpage_store(struct vp *vp)
{
	struct hv_vp_register_page *page = page_of(vp);

	if (!page)
		return;
	page->dirty = 0;
	store(vp, page, 0);
}

void regpage_refresh(struct vp *vp)
{
	struct hv_vp_register_page *page = page_of(vp);

	if (page && !sched_running(vp))
		store(vp, page, READ_ONCE(page->dirty));
}

static __noinline void load_classes(struct vp *vp, struct hv_vp_register_page *page, u32 dirty)
{
	struct hv_x64_segment_register copy;
	struct cpu_state *v;

	page->dirty = 0;
	v = vp_state(vp);
	child_of(vp)->broken = false;
	if (dirty & HV_BIT(HV_X64_REGISTER_CLASS_GENERAL))
		memcpy(vp->gpr, page->gp_registers, sizeof(vp->gpr));
	if (dirty & HV_BIT(HV_X64_REGISTER_CLASS_IP))
		v->rip = READ_ONCE(page->rip);
	if (dirty & HV_BIT(HV_X64_REGISTER_CLASS_FLAGS))
		v->rflags = (READ_ONCE(page->rflags) & 0x3f7fd5) | RFLAGS_FIXED;
	if (dirty & HV_BIT(HV_X64_REGISTER_CLASS_XMM)) {
		memcpy(vp->xsave + XSAVE_XMM, page->xmm, sizeof(page->xmm));
		*(u64 *)(vp->xsave + XSAVE_BV) |= FEATURE_SSE;
	}
	if (dirty & HV_BIT(HV_X64_REGISTER_CLASS_SEGMENT)) {
		for (u32 i = 0; i < ARRAY_SIZE(page->segments); i++) {
			copy = page->segments[i];
			segment_set(segment(v, i), &copy);
		}
		v->cpl = (v->ss.attrib >> 5) & 3;
	}
}

void regpage_load(struct vp *vp)
{
	struct hv_vp_register_page *page = page_of(vp);
	u32 dirty;

	if (!page)
		return;
	dirty = READ_ONCE(page->dirty) & HV_X64_REGISTER_CLASS_DEFINED_MASK;
	if (dirty)
		load_classes(vp, page, dirty);
}

bool regpage_scan(struct vp *vp)
{
	struct hv_vp_register_page *page = page_of(vp);
	union hv_vp_register_page_interrupt_vectors vectors;

	if (!page)
		return false;
	/* The root may add vectors from other processors at any time. */
	vectors.as_uint64 = __atomic_exchange_n(&page->interrupt_vectors.as_uint64,
						0, __ATOMIC_SEQ_CST);
	for (u32 i = 0; i < MIN(vectors.vector_count,
				HV_VP_REGISTER_PAGE_MAX_VECTOR_COUNT); i++)
		vapic_accept(vp, vectors.vector[i], false);
	return vectors.vector_count;
}
