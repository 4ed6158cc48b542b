// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics pages.
 *
 * Model: an object has a page for each of two areas, self and parent, both with the same
 * counters.  The page is allocated from the pool of the partition that owns the object
 * (the root's for the hypervisor and its processors), shared with the root while it is
 * mapped, and updated whenever an LP is in the hypervisor.  See stats_fill.c for what
 * is in it.
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

u32 stats_pages;
static u64 *hv_pages[AREAS], *lp_pages[MAX_LPS][AREAS];
static u64 *partition_pages[AREAS], *root_vp_pages[MAX_LPS][AREAS];

static void update_vp(struct vp *vp)
{
	u64 **pages = vp_is_root(vp) ? root_vp_pages[vp->index] :
				       child_of(vp)->stats_page;

	for (u32 i = 0; i < AREAS; i++)
		if (pages[i])
			stats_fill_vp(vp, pages[i]);
}

static u64 *partition_page(struct partition *p, u32 area)
{
	return p->is_root ? partition_pages[area] : pa_ptr(p->stats[area]);
}

static void update_partition(struct partition *p)
{
	for (u32 i = 0; i < AREAS; i++)
		if (partition_page(p, i))
			stats_fill_partition(p, partition_page(p, i));
}

void stats_update(struct lp *lp)
{
	for (u32 i = 0; i < AREAS; i++) {
		if (hv_pages[i])
			stats_fill_hypervisor(hv_pages[i]);
		if (lp_pages[lp->index][i])
			stats_fill_lp(lp, lp_pages[lp->index][i]);
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
