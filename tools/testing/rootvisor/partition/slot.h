/* SPDX-License-Identifier: GPL-2.0 */
/* Ports, connections and doorbells, within partition/. */
#ifndef _RV_SLOT_H
#define _RV_SLOT_H

#include <hyperv/hv_message.h>
#include <hyperv/hv_synic.h>
#include <rv/partition.h>
#include <rv/vp.h>

enum slot_kind {
	SLOT_PORT = 1,
	SLOT_CONNECTION,
};

struct slot {
	u8 kind;
	u8 type;		/* HV_PORT_TYPE_* */
	bool is_leader;		/* of its page's doorbells: it is in doorbell_pages */
	u32 id;
	u64 peer;		/* partition of the other end */
	u32 port;		/* of a connection: id of its port */
	u32 sint, vp;
	u16 base_flag, flag_count;
	struct hash_node by_id;

	/* Doorbell */
	u64 gpa, value, flags;
	struct hash_node by_write, by_page;
	struct slot *page_next, *page_prev;	/* others in its page, in a ring */

	/* Port of a deferred doorbell */
	struct vp *deferred_by;
	struct slot *deferred_next, *deferred_prev;	/* others, in a ring */
};

struct slot *slot_find(struct partition *p, u8 kind, u32 id);

/* The VP that a port signals: HV_ANY_VP means the first. */
static inline struct vp *port_vp(struct partition *p, const struct slot *port)
{
	return vp_find(p, port->vp == HV_ANY_VP ? 0 : port->vp);
}

/* Adds a doorbell to, or removes it from, those matched with writes; HV_STATUS_*. */
u16 doorbell_add(struct partition *p, struct slot *s);
void doorbell_del(struct partition *p, struct slot *s);

/* The port is being deleted: it is not to be signalled any more. */
void doorbell_cancel(struct slot *port);

#endif
