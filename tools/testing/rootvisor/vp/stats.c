// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics pages.
 *
 * Model: an object has a page for each of two areas, self and parent, both with the same
 * counters.  The page is allocated from the pool of the partition that owns the object
 * (the root's for the hypervisor and its processors), shared with the root while it is
 * mapped, and updated whenever an LP is in the hypervisor.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_stats.h>
#include <hyperv/hv_status.h>
#include <rv/call.h>
#include <rv/page.h>
#include <rv/unit.h>
#include "child.h"
#include "stats.h"

#define AREAS			2	/* self, parent; there is no internal one */
#define PRIVILEGE_STATS		40

/* Kinds of exits that are counted separately; index into struct vp's exits[]. */
enum {
	CLASS_OTHER, CLASS_CALL, CLASS_IO, CLASS_HLT, CLASS_CPUID, CLASS_MSR,
	CLASS_NPF, CLASS_INTR, CLASS_VINTR, CLASS_CR, CLASS_DR,
};

u32 stats_class(u32 reason)
{
	static const u8 classes[NR_EXITS] = {
		[EXIT_HYPERCALL] = CLASS_CALL,
		[EXIT_PORT] = CLASS_IO,
		[EXIT_HLT] = CLASS_HLT,
		[EXIT_CPUID] = CLASS_CPUID,
		[EXIT_MSR] = CLASS_MSR,
		[EXIT_MEMORY] = CLASS_NPF,
		[EXIT_INTERRUPT] = CLASS_INTR,
		[EXIT_NMI] = CLASS_INTR,
		[EXIT_WINDOW] = CLASS_VINTR,
		[EXIT_CR4_WRITE] = CLASS_CR,
		[EXIT_CR8_WRITE] = CLASS_CR,
	};

	return classes[reason];
}

u32 stats_pages;
static u64 *hv_pages[AREAS], *lp_pages[MAX_LPS][AREAS];
static u64 *partition_pages[AREAS], *root_vp_pages[MAX_LPS][AREAS];

/* ---- contents ------------------------------------------------------------------- */

static void fill_vp(struct vp *vp, u64 *c)
{
	struct child *child = vp->child;

	c[HV_VP_TOTAL_RUN_TIME] = tsc_span_to_ref(vp->runtime);
	c[HV_VP_HYPERCALLS_COUNT] = vp->exits[CLASS_CALL];
	c[HV_VP_CONTROL_REGISTER_ACCESSES_COUNT] = vp->exits[CLASS_CR];
	c[HV_VP_IO_INSTRUCTIONS_COUNT] = vp->exits[CLASS_IO];
	c[HV_VP_HLT_INSTRUCTIONS_COUNT] = vp->exits[CLASS_HLT];
	c[HV_VP_CPUID_INSTRUCTIONS_COUNT] = vp->exits[CLASS_CPUID];
	c[HV_VP_MSR_ACCESSES_COUNT] = vp->exits[CLASS_MSR];
	c[HV_VP_OTHER_INTERCEPTS_COUNT] = vp->exits[CLASS_OTHER];
	c[HV_VP_EXTERNAL_INTERRUPTS_COUNT] = vp->exits[CLASS_INTR];
	c[HV_VP_PENDING_INTERRUPTS_COUNT] = vp->exits[CLASS_VINTR];
	c[HV_VP_DEBUG_REGISTER_ACCESSES_COUNT] = vp->exits[CLASS_DR];
	c[HV_VP_PAGE_FAULT_INTERCEPTS_COUNT] = vp->exits[CLASS_NPF];
	if (!child)
		return;
	c[HV_VP_VIRTUAL_INTERRUPTS] = child->nr_irqs;
	c[HV_VP_LOGICAL_PROCESSOR_DISPATCHES] = child->dispatches;
	WRITE_ONCE(c[HV_VP_ROOT_DISPATCH_THREAD_BLOCKED], child->stats_blocked);
}

static void fill_partition(struct partition *p, u64 *c)
{
	c[HV_PARTITION_VIRTUAL_PROCESSORS] = p->nr_vps;
	c[HV_PARTITION_ADDRESS_SPACES] = p->nr_vps;
	c[HV_PARTITION_DEPOSITED_PAGES] = p->pool.nr_pages;
	c[HV_PARTITION_GPA_PAGES] = p->nr_mapped;
	c[HV_PARTITION_PARTITION_ID] = p->id;
}

static void fill_lp(struct lp *lp, u64 *c)
{
	u64 now = tsc_now();

	c[HV_LP_GLOBAL_TIME] = tsc_to_ref(now);
	c[HV_LP_TOTAL_RUN_TIME] = tsc_span_to_ref(now - lp->start_tsc);
	c[HV_LP_ROOT_VP_INDEX] = lp->root ? lp->root->index : 0;
	c[HV_LP_GLOBAL_TSC_COUNT] = now;
}

static void fill_hypervisor(u64 *c)
{
	c[HV_HYPERVISOR_LOGICAL_PROCESSORS] = nr_lps;
	c[HV_HYPERVISOR_PARTITIONS] = nr_partitions;
	c[HV_HYPERVISOR_TOTAL_PAGES] = max_pfn;
	c[HV_HYPERVISOR_VIRTUAL_PROCESSORS] = nr_vps;
}

static void update_vp(struct vp *vp)
{
	u64 **pages = vp_is_root(vp) ? root_vp_pages[vp->index] :
				       child_of(vp)->stats_page;

	for (u32 i = 0; i < AREAS; i++)
		if (pages[i])
			fill_vp(vp, pages[i]);
}

static u64 *partition_page(struct partition *p, u32 area)
{
	return p->is_root ? partition_pages[area] : pa_ptr(p->stats[area]);
}

static void update_partition(struct partition *p)
{
	for (u32 i = 0; i < AREAS; i++)
		if (partition_page(p, i))
			fill_partition(p, partition_page(p, i));
}

void stats_update(struct lp *lp)
{
	for (u32 i = 0; i < AREAS; i++) {
		if (hv_pages[i])
			fill_hypervisor(hv_pages[i]);
		if (lp_pages[lp->index][i])
			fill_lp(lp, lp_pages[lp->index][i]);
	}
	if (lp->root)
		update_vp(lp->root);
	if (lp->child) {
		update_vp(lp->child);
		update_partition(lp->child->partition);
	}
	update_partition(&root_partition);
}

void stats_vp_stopped(struct vp *vp)
{
	if (!stats_pages)
		return;
	update_vp(vp);
	update_partition(vp->partition);
}

void stats_blocked(struct vp *vp, u64 value)
{
	struct child *child = child_of(vp);

	child->stats_blocked = value;
	for (u32 i = 0; i < AREAS; i++)
		if (child->stats_page[i])
			WRITE_ONCE(child->stats_page[i][HV_VP_ROOT_DISPATCH_THREAD_BLOCKED],
				   value);
}

/* ---- mapping ----------------------------------------------------------------------- */

/* Where the page of an object is kept, and from whose pool it is. */
static u16 find_object(struct hv_call *call, u32 type,
		       const union hv_stats_object_identity *id, u64 ***slot,
		       struct partition **owner)
{
	u32 area = id->hv.stats_area_type;
	struct partition *p;
	struct vp *vp;
	u16 status;

	if (area >= AREAS)
		return HV_STATUS_INVALID_PARAMETER;
	*owner = &root_partition;
	switch (type) {
	case HV_STATS_OBJECT_HYPERVISOR:
		*slot = &hv_pages[area];
		return HV_STATUS_SUCCESS;
	case HV_STATS_OBJECT_LOGICAL_PROCESSOR:
		if (id->lp.lp_index >= nr_lps)
			return HV_STATUS_INVALID_LP_INDEX;
		*slot = &lp_pages[id->lp.lp_index][area];
		return HV_STATUS_SUCCESS;
	case HV_STATS_OBJECT_PARTITION:
	case HV_STATS_OBJECT_VP:
		break;
	default:
		return HV_STATUS_INVALID_PARAMETER;
	}
	p = partition_target(call->vp, id->partition.partition_id, true, &status);
	if (!p)
		return status;
	*owner = p;
	if (type == HV_STATS_OBJECT_PARTITION) {
		*slot = p->is_root ? &partition_pages[area] :
				     (u64 **)&p->stats[area];
		return HV_STATUS_SUCCESS;
	}
	if (id->vp.flags)
		return HV_STATUS_INVALID_PARAMETER;
	vp = vp_find(p, id->vp.vp_index);
	if (!vp)
		return HV_STATUS_INVALID_VP_INDEX;
	*slot = p->is_root ? &root_vp_pages[vp->index][area] :
			     &child_of(vp)->stats_page[area];
	return HV_STATUS_SUCCESS;
}

static void refresh(struct hv_call *call, u32 type,
		    const union hv_stats_object_identity *id)
{
	struct partition *p;
	u16 status;

	if (type == HV_STATS_OBJECT_LOGICAL_PROCESSOR) {
		stats_tick(lps[id->lp.lp_index]);
		return;
	}
	stats_tick(this_lp());
	if (type == HV_STATS_OBJECT_HYPERVISOR)
		return;
	p = partition_target(call->vp, id->partition.partition_id, true, &status);
	if (type == HV_STATS_OBJECT_VP)
		update_vp(vp_find(p, id->vp.vp_index));
	else
		update_partition(p);
}

static u16 map_stats(struct hv_call *call)
{
	struct hv_input_map_stats_page *in = call->in;
	struct hv_output_map_stats_page *out = call->out;
	struct partition *owner;
	u64 **slot, *page;
	u16 status;

	status = find_object(call, in->type, &in->identity, &slot, &owner);
	if (status)
		return status;
	if (owner->state != PT_ACTIVE)
		return HV_STATUS_INVALID_PARTITION_STATE;
	if (!*slot) {
		page = pool_alloc(owner);
		if (!page)
			return pool_empty_status(owner);
		if (!page_share(owner, page)) {
			pool_free(owner, page);
			return HV_STATUS_INSUFFICIENT_ROOT_MEMORY;
		}
		*slot = page;
		stats_pages++;
		refresh(call, in->type, &in->identity);
	}
	out->map_location = ptr_pa(*slot) >> PAGE_SHIFT;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(map_stats_page, .code = HVCALL_MAP_STATS_PAGE,
	  .in = sizeof(struct hv_input_map_stats_page),
	  .out = sizeof(struct hv_output_map_stats_page),
	  .privilege = PRIVILEGE_STATS, .fn = map_stats);

/* For a root the hypervisor chooses the page: only layered hosts supply one. */
static u16 map_stats2(struct hv_call *call)
{
	return HV_STATUS_FEATURE_UNAVAILABLE;
}

HYPERCALL(map_stats_page2, .code = HVCALL_MAP_STATS_PAGE2,
	  .in = sizeof(struct hv_input_map_stats_page2),
	  .privilege = PRIVILEGE_STATS, .fn = map_stats2);

static void drop(struct partition *owner, u64 **slot)
{
	u64 *page = *slot;

	if (!page)
		return;
	*slot = NULL;
	stats_pages--;
	page_unshare(owner, page);
	pool_free(owner, page);
}

static u16 unmap_stats(struct hv_call *call)
{
	struct hv_input_unmap_stats_page *in = call->in;
	struct partition *owner;
	u64 **slot;
	u16 status;

	status = find_object(call, in->type, &in->identity, &slot, &owner);
	if (status)
		return status;
	if (!*slot)
		return HV_STATUS_INVALID_PARAMETER;
	drop(owner, slot);
	return HV_STATUS_SUCCESS;
}

HYPERCALL(unmap_stats_page, .code = HVCALL_UNMAP_STATS_PAGE,
	  .in = sizeof(struct hv_input_unmap_stats_page),
	  .privilege = PRIVILEGE_STATS, .fn = unmap_stats);

void stats_vp_free(struct vp *vp)
{
	for (u32 i = 0; i < AREAS; i++)
		drop(vp->partition, &child_of(vp)->stats_page[i]);
}

void stats_free(struct partition *p)
{
	for (u32 i = 0; i < AREAS; i++)
		drop(p, (u64 **)&p->stats[i]);
}
