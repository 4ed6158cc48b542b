// SPDX-License-Identifier: GPL-2.0
/*
 * The GPA space of a child: mapping, unmapping, access state, and the
 * hypervisor's own access to guest memory.
 *
 * A leaf that maps RAM is counted in page_maps() of its source, so that a mapped page
 * cannot be deposited.  NO_ACCESS leaves are mapped but not present.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_memory.h>
#include <hyperv/hv_status.h>
#include <rv/call.h>
#include <rv/npt.h>
#include <rv/page.h>
#include <rv/unit.h>
#include "overlay.h"

#define PRIVILEGE_CREATE	32

static u64 pages_of(int level)
{
	return 1ull << (9 * level);
}

static void leaf_put(struct partition *p, u64 entry, int level)
{
	u64 pfn = (entry & NPT_ADDR) >> PAGE_SHIFT, i;

	if (!(entry & NPT_SOFT_MAPPED))
		return;
	p->nr_mapped -= pages_of(level);
	p->gpa_changes++;
	if (npt_present(entry) && !(entry & NPT_SOFT_MMIO))
		for (i = 0; i < pages_of(level); i++)
			page_map_put(pfn + i);
}

/* Unmaps everything below a slot that becomes one large leaf, or empty. */
static void subtree_put(struct partition *p, u64 *slot, int level)
{
	u64 *table;
	u32 i;

	if (!level || npt_large(*slot) || !npt_present(*slot)) {
		leaf_put(p, *slot, level);
		*slot = 0;
		return;
	}
	table = pa_ptr(*slot & NPT_ADDR);
	for (i = 0; i < 512; i++)
		leaf_put(p, table[i], 0);
	memset(table, 0, PAGE_SIZE);
	npt_free_below(p, slot, level);
}

static u16 check_flags(u32 flags)
{
	u32 source = flags & HV_MAP_GPA_SOURCE_MASK;
	u32 rights = flags & HV_MAP_GPA_PERMISSIONS_MASK;

	if (flags & ~HV_MAP_GPA_DEFINED_MASK)
		return HV_STATUS_INVALID_PARAMETER;
	if (source && source != HV_MAP_GPA_NO_ACCESS)
		return HV_STATUS_FEATURE_UNAVAILABLE;
	if (source && rights)
		return HV_STATUS_INVALID_PARAMETER;
	/* Processors have no pages that are writable or executable but not readable. */
	if (!source && !(rights & HV_MAP_GPA_READABLE))
		return HV_STATUS_INVALID_PARAMETER;
	return HV_STATUS_SUCCESS;
}

static u64 rights_of(u32 flags)
{
	u64 entry = NPT_SOFT_MAPPED;

	if (flags & HV_MAP_GPA_NO_ACCESS)
		return entry;
	entry |= npt_rights(MAY_READ | (flags & HV_MAP_GPA_WRITABLE ? MAY_WRITE : 0) |
			    (flags & HV_MAP_GPA_EXECUTABLE ? MAY_EXECUTE : 0));
	if (flags & HV_MAP_GPA_SET_ACCESSED)
		entry |= npt_format.accessed;
	if (flags & HV_MAP_GPA_SET_DIRTY)
		entry |= npt_touched();
	return entry;
}

/* The source must be all RAM of the root, or all device space. */
static bool source_ok(u64 pfn, u64 pages, bool *mmio)
{
	enum page_state first = page_state(pfn);
	u64 i;

	if (pfn >= GPN_LIMIT || (first != PAGE_ROOT && first != PAGE_NONE))
		return false;
	for (i = 0; i < pages; i++)
		if (page_state(pfn + i) != first || page_maps(pfn + i) == PAGE_MAPS_MAX)
			return false;
	*mmio = first == PAGE_NONE;
	return true;
}

/* Maps a leaf; sets *replaced if a translation may be cached. */
static u16 map_leaf(struct partition *p, u64 gpn, u64 entry, int level, bool *replaced)
{
	u64 pfn = (entry & NPT_ADDR) >> PAGE_SHIFT, i;
	u64 *slot = npt_slot(p, gpn, level);

	if (!slot)
		return pool_empty_status(p);
	if (!level)
		slot = overlay_entry(p, gpn, slot);
	if (*slot) {
		if (npt_present(*slot))
			*replaced = true;
		subtree_put(p, slot, level);
	}
	*slot = entry | (level ? NPT_IS_LARGE : 0);
	p->nr_mapped += pages_of(level);
	p->gpa_changes++;
	if (npt_present(entry) && !(entry & NPT_SOFT_MMIO))
		for (i = 0; i < pages_of(level); i++)
			page_map_get(pfn + i);
	return HV_STATUS_SUCCESS;
}

static u16 map_one(struct partition *p, u64 gpn, u64 source, u32 flags, bool *replaced)
{
	bool large = flags & HV_MAP_GPA_LARGE_PAGE, mmio = false;
	u64 pages = large ? LARGE_PAGES : 1, entry = rights_of(flags), i;
	u16 status;

	if (gpn > GPN_LIMIT - pages)
		return HV_STATUS_INVALID_PARAMETER;
	if (npt_present(entry)) {
		if (large && (source & (LARGE_PAGES - 1)))
			return HV_STATUS_INVALID_PARAMETER;
		if (!source_ok(source, pages, &mmio))
			return HV_STATUS_OPERATION_DENIED;
		entry |= source << PAGE_SHIFT | (mmio ? NPT_SOFT_MMIO : 0);
	}
	if (!large || !npt_overlay_in(p, gpn))
		return map_leaf(p, gpn, entry, large, replaced);
	/* There is an overlay in the block: use small pages. */
	for (i = 0; i < pages; i++) {
		u64 step = npt_present(entry) ? i << PAGE_SHIFT : 0;

		status = map_leaf(p, gpn + i, entry + step, 0, replaced);
		if (status)
			return status;
	}
	return HV_STATUS_SUCCESS;
}

u16 gpa_map_no_access(struct partition *p, u64 gpn)
{
	bool replaced = false;
	u16 status = map_one(p, gpn, 0, HV_MAP_GPA_NO_ACCESS, &replaced);

	if (replaced)
		lp_flush(p);
	return status;
}

static u16 map_pages(struct hv_call *call)
{
	const struct hv_input_map_gpa_pages *in = call->in;
	const u64 *list = call_list(call);
	u16 status = HV_STATUS_SUCCESS;
	struct partition *p = partition_target(call->vp, in->target_partition_id, false,
					       &status);
	u64 step = in->map_flags & HV_MAP_GPA_LARGE_PAGE ? LARGE_PAGES : 1;
	bool replaced = false;

	if (!p)
		return status;
	if (p->state != PT_ACTIVE)
		return HV_STATUS_INVALID_PARTITION_STATE;
	status = check_flags(in->map_flags);
	if (status)
		return status;
	if (in->target_gpa_base & (step - 1) || in->target_gpa_base >= GPN_LIMIT)
		return HV_STATUS_INVALID_PARAMETER;
	for (; rep_more(call); call->done++) {
		status = map_one(p, in->target_gpa_base + call->done * step,
				 list[call->done], in->map_flags, &replaced);
		if (status)
			break;
	}
	if (replaced)
		lp_flush(p);
	return status;
}

HYPERCALL(map_gpa_pages, .code = HVCALL_MAP_GPA_PAGES, .flags = CALL_REP,
	  .in = sizeof(struct hv_input_map_gpa_pages), .rep_in = 8,
	  .privilege = PRIVILEGE_CREATE, .fn = map_pages);

static u16 map_sparse(struct hv_call *call)
{
	const struct hv_input_map_sparse_gpa_pages *in = call->in;
	const struct hv_sparse_gpa_page *list = call_list(call);
	u16 status = HV_STATUS_SUCCESS;
	struct partition *p = partition_target(call->vp, in->target_partition_id, false,
					       &status);
	bool replaced = false;

	if (!p)
		return status;
	if (p->state != PT_ACTIVE)
		return HV_STATUS_INVALID_PARTITION_STATE;
	status = check_flags(in->map_flags);
	for (; !status && rep_more(call); call->done++) {
		const struct hv_sparse_gpa_page *e = &list[call->done];

		if ((in->map_flags & HV_MAP_GPA_LARGE_PAGE) &&
		    (e->target_gpa_page_number & (LARGE_PAGES - 1)))
			status = HV_STATUS_INVALID_PARAMETER;
		else
			status = map_one(p, e->target_gpa_page_number,
					 e->source_gpa_page_number, in->map_flags,
					 &replaced);
		if (status)
			break;
	}
	if (replaced)
		lp_flush(p);
	return status;
}

HYPERCALL(map_sparse_gpa_pages, .code = HVCALL_MAP_SPARSE_GPA_PAGES, .flags = CALL_REP,
	  .in = sizeof(struct hv_input_map_sparse_gpa_pages),
	  .rep_in = sizeof(struct hv_sparse_gpa_page),
	  .privilege = PRIVILEGE_CREATE, .fn = map_sparse);

/* Unmaps a block with an overlay in it.  The tables stay, for the overlay only. */
static void unmap_around_overlay(struct partition *p, u64 gpn)
{
	u32 i;

	for (i = 0; i < LARGE_PAGES; i++) {
		int level;
		u64 *slot = npt_leaf(p, gpn + i, &level);

		if (slot)
			subtree_put(p, overlay_entry(p, gpn + i, slot), 0);
	}
}

/* Unmaps a whole block, including its tables: needs no memory. */
static u16 unmap_block(struct partition *p, u64 gpn)
{
	u64 *slot;

	if (npt_overlay_in(p, gpn)) {
		unmap_around_overlay(p, gpn);
		return HV_STATUS_SUCCESS;
	}
	if (!npt_any(p, gpn))
		return HV_STATUS_SUCCESS;
	slot = npt_slot(p, gpn, 1);
	if (!slot)
		return pool_empty_status(p);
	subtree_put(p, slot, 1);
	return HV_STATUS_SUCCESS;
}

/* Unmapping a page that is not mapped is not an error. */
static u16 unmap_one(struct partition *p, u64 gpn, bool large)
{
	u64 *slot;
	int level;

	if (large)
		return unmap_block(p, gpn);
	slot = npt_leaf(p, gpn, &level);
	if (!slot || !*overlay_entry(p, gpn, slot))
		return HV_STATUS_SUCCESS;
	slot = npt_slot(p, gpn, 0);
	if (!slot)
		return pool_empty_status(p);
	subtree_put(p, overlay_entry(p, gpn, slot), 0);
	return HV_STATUS_SUCCESS;
}

static u16 unmap_pages(struct hv_call *call)
{
	const struct hv_input_unmap_gpa_pages *in = call->in;
	u16 status = HV_STATUS_SUCCESS;
	struct partition *p = partition_target(call->vp, in->target_partition_id, false,
					       &status);
	bool large = in->unmap_flags & HV_UNMAP_GPA_LARGE_PAGE;
	u64 step = large ? LARGE_PAGES : 1;

	if (!p)
		return status;
	if (p->state != PT_ACTIVE)
		return HV_STATUS_INVALID_PARTITION_STATE;
	if ((in->unmap_flags & ~(HV_UNMAP_GPA_LARGE_PAGE | HV_UNMAP_GPA_KEEP_PRECOMMITTED)) ||
	    (in->target_gpa_base & (step - 1)) ||
	    in->target_gpa_base + call->reps * step > GPN_LIMIT)
		return HV_STATUS_INVALID_PARAMETER;
	for (; rep_more(call); call->done++) {
		u64 gpn = in->target_gpa_base + call->done * step;

		status = unmap_one(p, gpn, large);
		if (status)
			break;
		/* At the end of each block, and at the end of what this entry unmaps. */
		if (!((gpn + step) & (LARGE_PAGES - 1)) || call->done + 1 == call->limit)
			npt_tidy(p, gpn);
	}
	lp_flush(p);
	return status;
}

HYPERCALL(unmap_gpa_pages, .code = HVCALL_UNMAP_GPA_PAGES, .flags = CALL_REP,
	  .in = sizeof(struct hv_input_unmap_gpa_pages),
	  .privilege = PRIVILEGE_CREATE, .fn = unmap_pages);

/* The entry with accessed and dirty bits of a GPN, even below an overlay. */
static u64 *state_slot(struct partition *p, u64 gpn)
{
	int level;
	u64 *slot = npt_leaf(p, gpn, &level);

	return slot ? overlay_entry(p, gpn, slot) : NULL;
}

/* Entry bits for some of the call's flags. */
static u64 state_bits(u32 flags, u32 accessed, u32 dirty)
{
	return (flags & accessed ? npt_format.accessed : 0) |
	       (flags & dirty ? npt_format.dirty : 0);
}

static u16 access_states(struct hv_call *call)
{
	const struct hv_input_get_gpa_pages_access_state *in = call->in;
	u16 status = HV_STATUS_SUCCESS;
	struct partition *p = partition_target(call->vp, in->partition_id, false, &status);
	u64 clear = state_bits(in->flags, HV_GPA_ACCESS_STATE_CLEAR_ACCESSED,
			       HV_GPA_ACCESS_STATE_CLEAR_DIRTY);
	u64 set = state_bits(in->flags, HV_GPA_ACCESS_STATE_SET_ACCESSED,
			     HV_GPA_ACCESS_STATE_SET_DIRTY);
	u8 *out = call->out;
	bool changed = false;

	if (!p)
		return status;
	if (p->state != PT_ACTIVE || !p->access_tracking)
		return HV_STATUS_INVALID_PARTITION_STATE;
	if ((in->flags & ~HV_GPA_ACCESS_STATE_FLAGS_MASK) ||
	    ((in->flags & HV_GPA_ACCESS_STATE_CLEAR_ACCESSED) &&
	     (in->flags & HV_GPA_ACCESS_STATE_SET_ACCESSED)) ||
	    ((in->flags & HV_GPA_ACCESS_STATE_CLEAR_DIRTY) &&
	     (in->flags & HV_GPA_ACCESS_STATE_SET_DIRTY)))
		return HV_STATUS_INVALID_PARAMETER;
	for (; rep_more(call); call->done++) {
		u64 gpn = in->hv_gpa_page_number + call->done;
		u64 *slot = gpn < GPN_LIMIT ? state_slot(p, gpn) : NULL, old;

		/* Unmapped pages have been neither read nor written. */
		if (!slot || !(*slot & NPT_SOFT_MAPPED))
			continue;
		if (npt_large(*slot) && in->flags) {
			slot = npt_slot(p, gpn, 0);
			if (!slot) {
				status = pool_empty_status(p);
				break;
			}
		}
		old = *slot;
		out[call->done] = (old & npt_format.accessed ? HV_GPA_PAGE_ACCESSED : 0) |
				  (old & npt_format.dirty ? HV_GPA_PAGE_DIRTY : 0);
		*slot = (old & ~clear) | set;
		changed |= *slot != old;
	}
	if (changed)
		lp_flush(p);
	return status;
}

HYPERCALL(get_gpa_pages_access_state, .code = HVCALL_GET_GPA_PAGES_ACCESS_STATES,
	  .flags = CALL_REP, .in = sizeof(struct hv_input_get_gpa_pages_access_state),
	  .rep_out = 1, .privilege = PRIVILEGE_CREATE, .fn = access_states);

void *gpa_page(struct partition *p, u64 gpn, bool write)
{
	u64 *slot;
	int level;

	if (p->is_root)
		return root_ram(gpn << PAGE_SHIFT, PAGE_SIZE) ? pa_ptr(gpn << PAGE_SHIFT) : NULL;
	slot = npt_leaf(p, gpn, &level);
	if (!slot || !npt_present(*slot) || (*slot & NPT_SOFT_MMIO) ||
	    (write && !npt_writable(*slot)))
		return NULL;
	*slot |= npt_format.accessed | (write ? npt_format.dirty : 0);
	return pa_ptr((*slot & NPT_ADDR) + ((gpn & (pages_of(level) - 1)) << PAGE_SHIFT));
}

static bool gpa_copy(struct partition *p, u64 gpa, u8 *to, const u8 *from, u32 len)
{
	while (len) {
		u32 n = MIN(len, (u32)(PAGE_SIZE - (gpa & ~PAGE_MASK)));
		u8 *page = gpa_page(p, gpa >> PAGE_SHIFT, !to);

		if (!page)
			return false;
		page += gpa & ~PAGE_MASK;
		if (to) {
			memcpy(to, page, n);
			to += n;
		} else {
			memcpy(page, from, n);
			from += n;
		}
		gpa += n;
		len -= n;
	}
	return true;
}

bool gpa_read(struct partition *p, u64 gpa, void *to, u32 len)
{
	return gpa_copy(p, gpa, to, NULL, len);
}

bool gpa_write(struct partition *p, u64 gpa, const void *from, u32 len)
{
	return gpa_copy(p, gpa, NULL, from, len);
}
