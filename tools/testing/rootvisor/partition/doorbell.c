// SPDX-License-Identifier: GPL-2.0
/*
 * Doorbells: writes of a guest that put a port's id into the event ring, by
 * doorbell_access().
 *
 * Model: a write is looked up by its address, its size and its value.  A doorbell may
 * match any size or any value, so that four look-ups find all doorbells that a write
 * hits, and fewer do where a kind does not exist.  At most MAX_ALIKE doorbells can have
 * all three in common.  One that matches any size compares its whole value with the
 * written one, zero-extended; another one compares as many bytes as its size.
 *
 * Whether an address may have a doorbell is looked up by its page, where one doorbell
 * represents all of the page: the *leader*.
 *
 * A doorbell that finds its ring full is *deferred*: the VP with the ring has a list of
 * ports to put there, in order, when the root reports that the ring is empty.
 */
#include <hyperv/hv_status.h>
#include <rv/doorbell.h>
#include <rv/page.h>
#include <rv/vp.h>
#include "../vp/mmio.h"
#include "slot.h"

#define MAX_ALIKE	512
#define ANY_SIZE	0u
#define SIZE_CODE(size)	(__builtin_ctz(size) + 1u)

static_assert(SIZE_CODE(8) == HV_DOORBELL_FLAG_TRIGGER_SIZE_QWORD, "1, 2, 4, 8 bytes");

static u64 size_mask(u32 code)
{
	return code == ANY_SIZE || code == HV_DOORBELL_FLAG_TRIGGER_SIZE_QWORD ?
		~0ull : BIT_ULL(8u << (code - 1)) - 1;
}

static u64 write_key(u64 gpa, u32 code, bool any, u64 value)
{
	return hash_key(gpa, code | (any ? HV_DOORBELL_FLAG_TRIGGER_ANY_VALUE : 0),
			any ? 0 : value & size_mask(code));
}

static bool matches(const struct slot *s, u64 gpa, u32 code, bool any, u64 value)
{
	return s->gpa == gpa && (s->flags & HV_DOORBELL_FLAG_TRIGGER_SIZE_MASK) == code &&
	       !!(s->flags & HV_DOORBELL_FLAG_TRIGGER_ANY_VALUE) == any &&
	       (any || !((s->value ^ value) & size_mask(code)));
}

static u32 nr_alike(struct partition *p, u64 gpa, u32 code, bool any, u64 value)
{
	u32 n = 0;

	HASH_FOR_EACH(node, &p->doorbells, write_key(gpa, code, any, value))
		n += matches(container_of(node, struct slot, by_write), gpa, code, any, value);
	return n;
}

static u64 page_key(u64 gpa)
{
	return hash_key(gpa >> PAGE_SHIFT, 0, 0);
}

static struct slot *find_leader(struct partition *p, u64 gpa)
{
	HASH_FOR_EACH(node, &p->doorbell_pages, page_key(gpa)) {
		struct slot *s = container_of(node, struct slot, by_page);

		if (s->gpa >> PAGE_SHIFT == gpa >> PAGE_SHIFT)
			return s;
	}
	return NULL;
}

bool doorbell_possible(struct partition *p, u64 gpa)
{
	return p->nr_ports && find_leader(p, gpa);
}

static void lead(struct partition *p, struct slot *s)
{
	s->is_leader = true;
	hash_add(&p->doorbell_pages, &s->by_page, page_key(s->gpa));
}

u16 doorbell_add(struct partition *p, struct slot *s)
{
	u32 code = s->flags & HV_DOORBELL_FLAG_TRIGGER_SIZE_MASK;
	bool any = s->flags & HV_DOORBELL_FLAG_TRIGGER_ANY_VALUE;
	struct slot *leader;

	if (p->nr_doorbells[code == ANY_SIZE][any] >= MAX_ALIKE &&
	    nr_alike(p, s->gpa, code, any, s->value) == MAX_ALIKE)
		return HV_STATUS_NO_RESOURCES;
	if (!hash_grow(p, &p->doorbells))
		return pool_empty_status(p);
	if (!hash_grow(p, &p->doorbell_pages)) {
		hash_shrink(p, &p->doorbells);
		return pool_empty_status(p);
	}
	hash_add(&p->doorbells, &s->by_write, write_key(s->gpa, code, any, s->value));
	p->nr_doorbells[code == ANY_SIZE][any]++;
	leader = find_leader(p, s->gpa);
	s->page_next = leader ?: s;
	s->page_prev = leader ? leader->page_prev : s;
	s->page_next->page_prev = s;
	s->page_prev->page_next = s;
	if (!leader)
		lead(p, s);
	return HV_STATUS_SUCCESS;
}

void doorbell_del(struct partition *p, struct slot *s)
{
	u32 code = s->flags & HV_DOORBELL_FLAG_TRIGGER_SIZE_MASK;
	bool any = s->flags & HV_DOORBELL_FLAG_TRIGGER_ANY_VALUE;

	p->nr_doorbells[code == ANY_SIZE][any]--;
	hash_del(&p->doorbells, &s->by_write);
	s->page_next->page_prev = s->page_prev;
	s->page_prev->page_next = s->page_next;
	if (s->is_leader) {
		hash_del(&p->doorbell_pages, &s->by_page);
		if (s->page_next != s)
			lead(p, s->page_next);
	}
	hash_shrink(p, &p->doorbell_pages);
	hash_shrink(p, &p->doorbells);
}

/* ---- full rings -------------------------------------------------------------------- */

static void doorbell_defer(struct vp *vp, struct slot *port)
{
	struct slot **list = &vp->synic.deferred[port->sint];

	port->deferred_by = vp;
	port->deferred_next = *list ?: port;
	port->deferred_prev = *list ? (*list)->deferred_prev : port;
	port->deferred_next->deferred_prev = port;
	port->deferred_prev->deferred_next = port;
	if (!*list)
		*list = port;
}

void doorbell_cancel(struct slot *port)
{
	struct slot **list;

	if (!port->deferred_by)
		return;
	list = &port->deferred_by->synic.deferred[port->sint];
	port->deferred_next->deferred_prev = port->deferred_prev;
	port->deferred_prev->deferred_next = port->deferred_next;
	if (*list == port)
		*list = port->deferred_next == port ? NULL : port->deferred_next;
	port->deferred_by = NULL;
}

void ports_retry(struct vp *vp, u32 sint)
{
	struct slot *port;

	while ((port = vp->synic.deferred[sint])) {
		/* The ring is full, or its SINT is masked. */
		if (synic_ring(vp, sint, port->id))
			return;
		doorbell_cancel(port);
	}
}

/* ---- writes ------------------------------------------------------------------------------ */

static bool ring(const struct slot *s)
{
	struct partition *owner = partition_find(s->peer);
	struct slot *port = owner ? slot_find(owner, SLOT_PORT, s->port) : NULL;
	struct vp *vp = port ? port_vp(owner, port) : NULL;

	if (!vp)
		return false;
	if (synic_ring(vp, port->sint, port->id) != HV_STATUS_INSUFFICIENT_BUFFERS)
		doorbell_cancel(port);
	else if (!port->deferred_by)
		doorbell_defer(vp, port);
	return true;
}

static bool ring_all(struct partition *p, u64 gpa, u32 code, bool any, u64 value)
{
	bool rung = false;

	if (!p->nr_doorbells[code == ANY_SIZE][any])
		return false;
	HASH_FOR_EACH(node, &p->doorbells, write_key(gpa, code, any, value)) {
		const struct slot *s = container_of(node, struct slot, by_write);

		if (matches(s, gpa, code, any, value))
			rung |= ring(s);
	}
	return rung;
}

static bool doorbell_ring(struct vp *vp, u64 gpa, u32 size, u64 value)
{
	const u32 codes[] = { ANY_SIZE, SIZE_CODE(size) };
	bool rung = false;
	u32 i;

	value &= size_mask(SIZE_CODE(size));
	for (i = 0; i < 2 * ARRAY_SIZE(codes); i++)
		rung |= ring_all(vp->partition, gpa, codes[i / 2], i % 2, value);
	return rung;
}

bool doorbell_access(struct vp *vp, u64 gpa)
{
	struct mmio_device device = {
		.page = gpa & PAGE_MASK,
		.write = doorbell_ring,
	};

	return mmio_execute(vp, &device);
}
