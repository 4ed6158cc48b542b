// SPDX-License-Identifier: GPL-2.0
/*
 * Life cycle of a child VP: creation, reset, INIT, SIPI, destruction.
 *
 * Model: all memory of a VP is allocated from its partition's pool before anything
 * becomes visible, so a creation that fails has no effect.  A VP starts explicitly
 * suspended; the first one is the bootstrap processor, the others also wait for a SIPI.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_status.h>
#include <hyperv/hv_vp.h>
#include <rv/call.h>
#include <rv/log.h>
#include <rv/sched.h>
#include <rv/unit.h>
#include "child.h"
#include "cpuid.h"
#include "hvmsr.h"
#include "regpage.h"
#include "regs_fpu.h"
#include "rules.h"
#include "stats.h"
#include "vapic_id.h"
#include "vapic_timer.h"

#define APIC_PAGE	0xfee00000ull
#define HV_PRIVILEGE_VP_REGISTERS 49	/* bit of the privilege mask */
#define PAGES_OF_VP	5
#define CHILD_CPUID_1	1

/* ---- state after power-up ----------------------------------------------------- */

static void state_reset(struct vp *vp)
{
	u64 tsc_offset = vp->cpu->tsc_offset;

	cpu_state_reset(vp);
	vp->cpu->tsc_offset = tsc_offset;
	/* The task that it loads has to be checked, see step_ltr(). */
	vp->leave_on = LEAVE_ON_LTR;
	rules_apply(vp);
}

/* State that INIT resets, too; the FPU and most MSRs keep their values. */
static void core_reset(struct vp *vp)
{
	struct child *child = child_of(vp);
	struct cpuid_regs r;

	state_reset(vp);
	memset(vp->gpr, 0, sizeof(vp->gpr));
	memset(vp->dr, 0, sizeof(vp->dr));
	child_cpuid(vp, CHILD_CPUID_1, 0, &r);
	vp->gpr[GPR_RDX] = r.eax;
	child->halted = false;
	child->idle = false;
	child->broken = false;
	vp->trap = false;
	child->reported_step = false;
	child->stepping = false;
	child->nmi_pending = false;
	child->nmi_masked = false;
	child->nmi_unmasking = false;
	child->extint_pending = false;
	child->extint_acked = false;
	child->event_pending = false;
	child->notify = 0;
}

static void child_reset(struct vp *vp)
{
	struct child *child = child_of(vp);

	core_reset(vp);
	xsave_reset(vp);
	vp->xcr0 = 1;
	vp->xss = 0;
	vp->tsc_aux = 0;
	msr_reset(vp);
	child->apic_base = vp->index ? 0 : APIC_BASE_BSP;
	if (partition_has_apic(vp->partition))
		child->apic_base |= APIC_PAGE | APIC_BASE_ENABLE;
	vp->apic_base = child->apic_base;
	vapic_reset(vp);
	stimer_reset(vp);
	synic_reset(vp);
	child->wait_sipi = vp->index != 0;
}

/* What the VMM has left in the register page is older than what happens to the VP now. */
static void take_page(struct vp *vp)
{
	child_write(vp);
	regpage_load(vp);
}

void child_init(struct vp *vp)
{
	struct child *child = child_of(vp);
	u64 pat = child->pat, cache;

	take_page(vp);
	cache = vp->cpu->cr0 & (CR0_CD | CR0_NW);
	core_reset(vp);
	vp->cpu->cr0 = CR0_ET | cache;
	vp->cpu->g_pat = pat;
	vapic_reset(vp);
	child->wait_sipi = !(child->apic_base & APIC_BASE_BSP);
	regpage_refresh(vp);
	sched_wake(vp);
}

void child_sipi(struct vp *vp, u8 vector)
{
	struct child *child = child_of(vp);

	if (!child->wait_sipi)
		return;
	take_page(vp);
	vp->cpu->cs.selector = vector << 8;
	vp->cpu->cs.base = (u64)vector << 12;
	vp->cpu->rip = 0;
	child->wait_sipi = false;
	regpage_refresh(vp);
	sched_wake(vp);
}

void child_stall(struct vp *vp, bool on)
{
	child_of(vp)->stalled = on;
	if (!on)
		sched_wake(vp);
	else if (sched_running(vp) && vp->lp != this_lp())
		lp_kick(vp->lp, KICK_RESCHED);
}

/* After a crash of the root or the hypervisor: memory to be saved must not change. */
void child_suspend_all(void)
{
	struct partition *p;
	u32 i, n = 0;

	for (p = partitions; p; p = p->next) {
		for (i = 0; !p->is_root && i < p->max_vp_index; i++) {
			struct vp *vp = vp_find(p, i);

			if (!vp)
				continue;
			child_stall(vp, true);
			vp_unload(vp);
			n++;
		}
	}
	log_info("%u virtual processors of guests suspended", n);
}

struct cpu_state *child_write(struct vp *vp)
{
	struct cpu_state *cpu = vp_state(vp);

	if (sched_running(vp) && vp->lp != this_lp())
		child_of(vp)->stale = true;
	return cpu;
}

struct vp *child_target(struct hv_call *call, u64 partition, u32 index,
			u16 *status)
{
	bool self = !vp_is_root(call->vp);
	struct partition *p = partition_target(call->vp, partition, self, status);
	struct vp *vp;

	if (!p)
		return NULL;
	/* A guest needs the privilege to access registers of its own VPs. */
	if (p == call->vp->partition &&
	    !(p->privileges & BIT_ULL(HV_PRIVILEGE_VP_REGISTERS))) {
		*status = HV_STATUS_ACCESS_DENIED;
		return NULL;
	}
	if (p == call->vp->partition && index == HV_VP_INDEX_SELF)
		return call->vp;
	/* A partition that is being destroyed has no VPs any more. */
	vp = p->state == PT_ACTIVE ? vp_find(p, index) : NULL;
	if (!vp)
		*status = HV_STATUS_INVALID_VP_INDEX;
	return vp;
}

/* ---- creation -------------------------------------------------------------------- */

static bool partition_pages(struct partition *p)
{
	return (p->hypercall.page || overlay_create(p, &p->hypercall)) &&
	       (p->ref_tsc.page || overlay_create(p, &p->ref_tsc));
}

static void free_overlays(struct vp *vp)
{
	struct child *child = vp->child;

	overlay_destroy(vp->partition, &child->vp_assist);
	overlay_destroy(vp->partition, &child->siefp);
	overlay_destroy(vp->partition, &child->simp);
}

/* Reserves all that the VP's guest can make the hypervisor need. */
static bool reserve_for_guest(struct vp *vp)
{
	struct partition *p = vp->partition;
	struct child *child = vp->child;

	if (overlay_create(p, &child->simp) && overlay_create(p, &child->siefp) &&
	    overlay_create(p, &child->vp_assist) && pool_reserve(p, SYNIC_CHILD_PAGES))
		return true;
	free_overlays(vp);
	return false;
}

static void vp_free_pages(struct vp *vp)
{
	struct partition *p = vp->partition;
	struct child *child = vp->child;

	pool_free(p, child->intercept_page);
	pool_free(p, vp->xsave);
	pool_free(p, vp->cpu);
	pool_free(p, child);
	pool_free(p, vp);
}

static void vp_free(struct vp *vp)
{
	pool_unreserve(vp->partition, SYNIC_CHILD_PAGES);
	free_overlays(vp);
	vp_free_pages(vp);
}

static struct vp *vp_alloc(struct partition *p)
{
	void *page[PAGES_OF_VP];
	struct child *child;
	struct vp *vp;

	for (u32 i = 0; i < PAGES_OF_VP; i++) {
		page[i] = pool_alloc(p);
		if (page[i])
			continue;
		while (i--)
			pool_free(p, page[i]);
		return NULL;
	}
	vp = page[0];
	child = page[1];
	vp->partition = p;
	vp->child = child;
	vp->cpu = page[2];
	vp->xsave = page[3];
	child->vp = vp;
	child->intercept_page = page[4];
	if (reserve_for_guest(vp))
		return vp;
	vp_free_pages(vp);
	return NULL;
}

/* Distributes new VPs over the LPs that run their root VP, round-robin. */
static struct lp *first_lp(struct partition *p, u32 index)
{
	u32 nr = 0, n;

	for (u32 i = 0; i < nr_lps; i++)
		nr += lps[i] && lps[i]->root && lps[i]->root->started;
	n = nr ? (index + p->id) % nr : 0;
	for (u32 i = 0; i < nr_lps; i++)
		if (lps[i] && lps[i]->root && lps[i]->root->started && !n--)
			return lps[i];
	return this_lp();
}

static u16 dir_slot(struct partition *p, u32 index, struct vp ***slot)
{
	struct vp ***dir = &p->vp_dir[index / VPS_PER_DIR];

	if (!*dir)
		*dir = pool_alloc(p);
	if (!*dir)
		return pool_empty_status(p);
	*slot = &(*dir)[index % VPS_PER_DIR];
	return HV_STATUS_SUCCESS;
}

static u16 create_child_vp(struct partition *p, u32 index)
{
	struct child *child;
	struct vp **slot = NULL, *vp;
	u16 status;

	if (index >= MAX_VPS)
		return HV_STATUS_INVALID_VP_INDEX;
	if (vp_find(p, index))
		return HV_STATUS_INVALID_VP_INDEX;
	status = dir_slot(p, index, &slot);
	if (status)
		return status;
	if (!partition_pages(p))
		return pool_empty_status(p);
	vp = vp_alloc(p);
	if (!vp)
		return pool_empty_status(p);
	child = child_of(vp);
	vp->index = index;
	vp->lp = sched_is_root ? this_lp() : first_lp(p, index);
	child->explicit_suspend = true;
	child->blocked = true;
	vapic_id_init(vp);
	vp->cpu->tsc_offset = -tsc_now();
	child_reset(vp);
	child_set_tsc(vp, 0);
	*slot = vp;
	p->nr_vps++;
	nr_vps++;
	p->max_vp_index = MAX(p->max_vp_index, index + 1);
	return HV_STATUS_SUCCESS;
}

static u16 create_vp(struct hv_call *call)
{
	struct hv_input_create_vp *in = call->in;
	struct partition *p;
	u16 status;

	p = partition_target(call->vp, in->partition_id, true, &status);
	if (!p)
		return status;
	if (p == call->vp->partition) {
		if (!p->is_root)
			return HV_STATUS_ACCESS_DENIED;
		return root_create_vp(call);
	}
	if (in->flags || in->padding[0] || in->padding[1] || in->padding[2] ||
	    in->subnode_type > HV_SUBNODE_L3)
		return HV_STATUS_INVALID_PARAMETER;
	if (p->state != PT_ACTIVE)
		return HV_STATUS_INVALID_PARTITION_STATE;
	return create_child_vp(p, in->vp_index);
}

HYPERCALL(create_vp, .code = HVCALL_CREATE_VP,
	  .in = sizeof(struct hv_input_create_vp), .privilege = -1,
	  .fn = create_vp);

/* ---- destruction ------------------------------------------------------------------- */

static void unmap_state_pages(struct vp *vp)
{
	struct child *child = child_of(vp);
	struct partition *p = vp->partition;

	if (child->intercept_mapped)
		page_unshare(p, child->intercept_page);
	if (child->register_mapped)
		page_unshare(p, child->register_page);
	if (child->register_page)
		pool_free(p, child->register_page);
	child->intercept_mapped = false;
	child->register_mapped = false;
	child->register_page = NULL;
}

void child_destroy(struct vp *vp)
{
	struct partition *p = vp->partition;
	struct child *child = child_of(vp);

	child_write(vp);
	child->destroyed = true;
	sched_remove(vp);
	vapic_stop_timers(vp);
	vapic_id_drop(vp);
	stimer_stop_all(vp);
	child_overlays_drop(vp);
	synic_free(vp);
	unmap_state_pages(vp);
	stats_vp_free(vp);
	p->vp_dir[vp->index / VPS_PER_DIR][vp->index % VPS_PER_DIR] = NULL;
	p->nr_vps--;
	nr_vps--;
	vp_free(vp);
}

static u16 delete_vp(struct hv_call *call)
{
	struct hv_input_delete_vp *in = call->in;
	struct vp *vp;
	u16 status;

	vp = child_target(call, in->partition_id, in->vp_index, &status);
	if (!vp)
		return status;
	/* Under both schedulers it must have been suspended. */
	if (!child_of(vp)->explicit_suspend && !child_of(vp)->dispatch_suspend)
		return HV_STATUS_INVALID_VP_STATE;
	child_destroy(vp);
	return HV_STATUS_SUCCESS;
}

HYPERCALL(delete_vp, .code = HVCALL_DELETE_VP,
	  .in = sizeof(struct hv_input_delete_vp), .privilege = -1,
	  .fn = delete_vp);

/* Frees objects of a partition in this folder that belong to no VP. */
void partition_objects_destroy(struct partition *p)
{
	overlay_destroy(p, &p->hypercall);
	overlay_destroy(p, &p->ref_tsc);
	p->hypercall_msr = 0;
	p->ref_tsc_msr = 0;
	hash_destroy(p, &p->overlays);
	rules_free(p);
	stats_free(p);
}
