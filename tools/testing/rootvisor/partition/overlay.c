// SPDX-License-Identifier: GPL-2.0
/*
 * Overlay pages of a child: SIMP, SIEFP, hypercall page, reference TSC, ...
 *
 * An overlay replaces what is mapped at its GPN; the hidden entry is kept and
 * restored.  Overlays at the same GPN are stacked, the newest on top; the lowest of
 * them is found by the GPN, and is the one that hides the mapping.
 *
 * A guest can place an overlay anywhere, at any time, and cannot be told that memory
 * is short.  Therefore each overlay reserves a place in the table and OVERLAY_TABLES
 * pages of the pool for as long as it exists: rv/npt.h says why that is enough.
 */
#include <rv/hash.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/npt.h>
#include <rv/partition.h>
#include "overlay.h"

static u64 key_of(u64 gpn)
{
	return hash_key(gpn, 0, 0);
}

static struct overlay *lowest(struct partition *p, u64 gpn)
{
	HASH_FOR_EACH(node, &p->overlays, key_of(gpn)) {
		struct overlay *o = container_of(node, struct overlay, by_gpn);

		if (o->gpn == gpn)
			return o;
	}
	return NULL;
}

u64 *overlay_hidden(struct partition *p, u64 gpn, u64 *slot)
{
	struct overlay *o = lowest(p, gpn);

	return o ? &o->hidden : slot;
}

bool overlay_create(struct partition *p, struct overlay *o)
{
	o->page = pool_alloc(p);
	if (!o->page)
		return false;
	if (hash_grow(p, &p->overlays)) {
		if (pool_reserve(p, OVERLAY_TABLES))
			return true;
		hash_shrink(p, &p->overlays);
	}
	pool_free(p, o->page);
	o->page = NULL;
	return false;
}

void overlay_destroy(struct partition *p, struct overlay *o)
{
	if (!o->page)
		return;
	overlay_clear(p, o);
	pool_unreserve(p, OVERLAY_TABLES);
	hash_shrink(p, &p->overlays);
	pool_free(p, o->page);
	o->page = NULL;
}

void overlay_set(struct partition *p, struct overlay *o, u64 gpn, bool writable)
{
	struct overlay *low;
	u64 *slot;

	overlay_clear(p, o);
	slot = npt_slot_overlay(p, gpn);
	low = lowest(p, gpn);
	o->is_set = true;
	o->gpn = gpn;
	o->hidden = *slot;
	o->above = low ?: o;
	o->below = low ? low->below : o;
	o->above->below = o;
	o->below->above = o;
	if (!low)
		hash_add(&p->overlays, &o->by_gpn, key_of(gpn));
	*slot = ptr_pa(o->page) | NPT_SOFT_HV | npt_touched() |
		npt_rights(writable ? MAY_ALL : MAY_READ | MAY_EXECUTE);
	lp_flush(p);
}

void overlay_clear(struct partition *p, struct overlay *o)
{
	struct overlay *low;

	if (!o->is_set)
		return;
	low = lowest(p, o->gpn);
	/* What it hides is hidden by the next one, or restored. */
	if (o->above != low)
		o->above->hidden = o->hidden;
	else
		*npt_slot_overlay(p, o->gpn) = o->hidden;
	if (o == low) {
		hash_del(&p->overlays, &o->by_gpn);
		if (o->above != o)
			hash_add(&p->overlays, &o->above->by_gpn, key_of(o->gpn));
	}
	o->above->below = o->below;
	o->below->above = o->above;
	o->is_set = false;
	/* Before tables are freed: no processor must see it, or walk through them. */
	lp_flush(p);
	npt_tidy(p, o->gpn);
}
