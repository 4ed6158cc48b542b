/* SPDX-License-Identifier: GPL-2.0 */
/* Ports, connections and doorbells, within partition/. */
#ifndef _RV_SLOT_H
#define _RV_SLOT_H

#include <hyperv/hv_synic.h>
#include <rv/partition.h>
#include <rv/vp.h>

enum slot_kind {
	SLOT_FREE,
	SLOT_PORT,
	SLOT_CONNECTION,
};

struct slot {
	u8 kind;
	u8 type;		/* HV_PORT_TYPE_* */
	bool owed;
	u32 id;
	u64 peer;		/* partition of the other end */
	u32 port;		/* connection: id of its port */
	u32 sint, vp;
	u16 base_flag, flag_count;
	u64 gpa, value, flags;	/* doorbell */
	struct slot *next_id;	/* in slots_by_id */
	struct slot *next_page;	/* in doorbells */
};

#define SLOTS		((4096 - 16) / sizeof(struct slot))

/* A page of slots. */
struct port {
	struct port *next;
	u32 used;
	struct slot slot[SLOTS];
};

static_assert(sizeof(struct port) <= 4096, "");

#define FOR_EACH_SLOT(p, s)						\
	for (struct port *page = (p)->ports; page; page = page->next)	\
		for (struct slot *s = page->slot; s < page->slot + SLOTS; s++)

struct slot *slot_find(struct partition *p, u8 kind, u32 id);

/* Doorbells tend to lie in pages, and at large steps. */
static inline struct slot **doorbell_bucket(struct partition *p, u64 gpa)
{
	u64 page = gpa >> PAGE_SHIFT;

	return &p->doorbells[(page ^ page >> 9) % PORT_BUCKETS];
}

/* Which VP a port's news go to: any means the first. */
static inline struct vp *port_vp(struct partition *p, const struct slot *port)
{
	return vp_find(p, port->vp == HV_ANY_VP ? 0 : port->vp);
}

#endif
