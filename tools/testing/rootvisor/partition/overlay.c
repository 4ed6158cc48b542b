// SPDX-License-Identifier: GPL-2.0
/*
 * Overlay pages of a child: SIMP, SIEFP, hypercall page, reference TSC, ...
 *
 * An overlay takes the place of whatever is mapped at its GPN; the hidden entry
 * is kept and comes back.  Two overlays on one GPN stack, the newest on top.
 * Records live in pool pages, newest record first in the partition's chain.
 */
#include <hyperv/hv_status.h>
#include <rv/lp.h>
#include <rv/npt.h>
#include "overlay.h"

struct record {
	u64 gpn;
	void *page;		/* NULL: free record */
	u64 hidden;
	u64 order;
};

struct overlay {
	struct overlay *next;
	u64 last_order;
	struct record records[(PAGE_SIZE - 16) / sizeof(struct record)];
};

static_assert(sizeof(struct overlay) <= PAGE_SIZE, "one page");

static struct record *free_record(struct partition *p)
{
	struct overlay *o;
	u32 i;

	for (o = p->overlays; o; o = o->next)
		for (i = 0; i < ARRAY_SIZE(o->records); i++)
			if (!o->records[i].page)
				return &o->records[i];
	o = pool_alloc(p);
	if (!o)
		return NULL;
	if (p->overlays)
		o->last_order = p->overlays->last_order;
	o->next = p->overlays;
	p->overlays = o;
	return &o->records[0];
}

/* The record at a GPN next below (above: next above) an order. */
static struct record *neighbour(struct partition *p, u64 gpn, u64 order, bool above)
{
	struct record *best = NULL;
	struct overlay *o;
	u32 i;

	for (o = p->overlays; o; o = o->next)
		for (i = 0; i < ARRAY_SIZE(o->records); i++) {
			struct record *r = &o->records[i];

			if (!r->page || r->gpn != gpn ||
			    (above ? r->order <= order : r->order >= order))
				continue;
			if (!best || (above ? r->order < best->order :
					      r->order > best->order))
				best = r;
		}
	return best;
}

u64 *overlay_hidden(struct partition *p, u64 gpn)
{
	struct record *r;
	u64 *slot;
	int level;

	/* Records are looked through only where the tables say that there is one. */
	slot = p->overlays ? npt_leaf(p, gpn, &level) : NULL;
	if (!slot || !(*slot & NPT_SOFT_HV))
		return NULL;
	/* The lowest overlay hides the mapping itself. */
	r = neighbour(p, gpn, 0, true);
	return r ? &r->hidden : NULL;
}

bool overlay_in(struct partition *p, u64 gpn, u64 pages)
{
	struct overlay *o;
	u32 i;

	for (o = p->overlays; o; o = o->next)
		for (i = 0; i < ARRAY_SIZE(o->records); i++)
			if (o->records[i].page && o->records[i].gpn - gpn < pages)
				return true;
	return false;
}

u16 overlay_set(struct partition *p, u64 gpn, void *page, bool writable)
{
	struct record *r;
	u64 *slot;

	if (gpn >> 36)
		return HV_STATUS_INVALID_PARAMETER;
	r = free_record(p);
	slot = r ? npt_slot(p, gpn, 0) : NULL;
	if (!slot) {
		npt_tidy(p, gpn);
		return HV_STATUS_INSUFFICIENT_MEMORY;
	}
	r->gpn = gpn;
	r->page = page;
	r->hidden = *slot;
	r->order = ++p->overlays->last_order;
	*slot = ptr_pa(page) | NPT_PRESENT | NPT_USER | NPT_SOFT_HV |
		NPT_ACCESSED | NPT_DIRTY | (writable ? NPT_WRITE : 0);
	lp_flush(p);
	return HV_STATUS_SUCCESS;
}

void overlay_clear(struct partition *p, u64 gpn, void *page)
{
	struct overlay *o;
	u32 i;

	for (o = p->overlays; o; o = o->next)
		for (i = 0; i < ARRAY_SIZE(o->records); i++) {
			struct record *r = &o->records[i], *above;
			u64 *slot;

			if (r->page != page || r->gpn != gpn)
				continue;
			above = neighbour(p, gpn, r->order, true);
			slot = above ? &above->hidden : npt_slot(p, gpn, 0);
			if (slot)
				*slot = r->hidden;
			r->page = NULL;
			lp_flush(p);
			npt_tidy(p, gpn);
			return;
		}
}

void overlays_destroy(struct partition *p)
{
	struct overlay *o;
	u32 i;

	while ((o = p->overlays)) {
		for (i = 0; i < ARRAY_SIZE(o->records); i++)
			if (o->records[i].page)
				overlay_clear(p, o->records[i].gpn, o->records[i].page);
		p->overlays = o->next;
		pool_free(p, o);
	}
}
