// SPDX-License-Identifier: GPL-2.0
/*
 * Ports, connections to them, and doorbells.
 *
 * Model: both are slots in pages of the owning partition's pool.  A connection refers to
 * its port by partition and id, and looks it up at each use, so that either can be
 * destroyed first.  A doorbell is a connection that is used by writing to a GPA instead
 * of a hypercall; it puts its port's id into the event ring.
 *
 * Slots of a partition are found by id, doorbells by address, size and value.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_message.h>
#include <hyperv/hv_status.h>
#include <hyperv/hv_synic.h>
#include <rv/call.h>
#include <rv/count.h>
#include <rv/unit.h>
#include "port.h"
#include "slot.h"

#define PRIVILEGE_POST		36
#define PRIVILEGE_SIGNAL	37
#define PRIVILEGE_CREATE_PORT	38
#define PRIVILEGE_CONNECT	39

static u64 id_key(u8 kind, u32 id)
{
	return hash_key(id, kind, 0);
}

struct slot *slot_find(struct partition *p, u8 kind, u32 id)
{
	HASH_FOR_EACH(node, &p->slots_by_id, id_key(kind, id)) {
		struct slot *s = container_of(node, struct slot, by_id);

		if (s->kind == kind && s->id == id)
			return s;
	}
	return NULL;
}

static bool is_doorbell(const struct slot *s)
{
	return s->kind == SLOT_CONNECTION && s->type == HV_PORT_TYPE_DOORBELL;
}

static u16 slot_make(struct partition *p, const struct slot *new)
{
	u16 status = HV_STATUS_SUCCESS;
	struct slot *s;

	if (p->nr_ports == MAX_PORTS)
		return HV_STATUS_NO_RESOURCES;
	s = slab_alloc(p, &p->slots, sizeof(*s));
	if (!s)
		return pool_empty_status(p);
	*s = *new;
	if (!hash_grow(p, &p->slots_by_id)) {
		slab_free(p, &p->slots, s, sizeof(*s));
		return pool_empty_status(p);
	}
	if (is_doorbell(s))
		status = doorbell_add(p, s);
	if (status) {
		hash_shrink(p, &p->slots_by_id);
		slab_free(p, &p->slots, s, sizeof(*s));
		return status;
	}
	hash_add(&p->slots_by_id, &s->by_id, id_key(s->kind, s->id));
	p->nr_ports++;
	book_ports++;
	return HV_STATUS_SUCCESS;
}

static void slot_free(struct partition *p, struct slot *s)
{
	if (is_doorbell(s))
		doorbell_del(p, s);
	doorbell_cancel(s);
	hash_del(&p->slots_by_id, &s->by_id);
	hash_shrink(p, &p->slots_by_id);
	slab_free(p, &p->slots, s, sizeof(*s));
	p->nr_ports--;
	book_ports--;
}

/* Frees all of a child's; none is deferred, since only the root has event rings. */
bool ports_destroy(struct partition *p, u32 pages)
{
	book_ports -= p->nr_ports;
	p->nr_ports = 0;
	hash_destroy(p, &p->slots_by_id);
	hash_destroy(p, &p->doorbells);
	hash_destroy(p, &p->doorbell_pages);
	memset(p->nr_doorbells, 0, sizeof(p->nr_doorbells));
	return slab_destroy(p, &p->slots, pages);
}

/* ---- create and delete ----------------------------------------------------------- */

static u16 fill_port(struct partition *p, struct slot *s,
		     const struct hv_port_info *info)
{
	if (info->padding)
		return HV_STATUS_INVALID_PARAMETER;
	s->type = info->port_type;
	s->sint = info->message_port_info.target_sint;
	s->vp = info->message_port_info.target_vp;
	switch (info->port_type) {
	case HV_PORT_TYPE_MESSAGE:
	case HV_PORT_TYPE_DOORBELL:
		if (info->message_port_info.rsvdz)
			return HV_STATUS_INVALID_PARAMETER;
		break;
	case HV_PORT_TYPE_EVENT:
		s->base_flag = info->event_port_info.base_flag_number;
		s->flag_count = info->event_port_info.flag_count;
		if (info->event_port_info.rsvdz || !s->flag_count ||
		    s->base_flag + s->flag_count > HV_EVENT_FLAGS_COUNT)
			return HV_STATUS_INVALID_PARAMETER;
		break;
	default:
		return HV_STATUS_INVALID_PARAMETER;
	}
	/* SINT 0 is for the hypervisor. */
	if (!s->sint || s->sint >= SYNIC_SINTS)
		return HV_STATUS_INVALID_PARAMETER;
	/* Only the root has event rings. */
	if (s->type == HV_PORT_TYPE_DOORBELL && !p->is_root)
		return HV_STATUS_INVALID_PARAMETER;
	if (s->vp != HV_ANY_VP && !vp_find(p, s->vp))
		return HV_STATUS_INVALID_VP_INDEX;
	return HV_STATUS_SUCCESS;
}

static u16 create_port(struct hv_call *call)
{
	struct hv_input_create_port *in = call->in;
	struct slot new = { .kind = SLOT_PORT, .id = in->port_id };
	struct partition *p;
	u16 status;

	p = partition_target(call->vp, in->port_partition_id, true, &status);
	if (!p)
		return status;
	if (in->port_vtl || in->min_connection_vtl || in->padding)
		return HV_STATUS_INVALID_PARAMETER;
	if (!partition_target(call->vp, in->connection_partition_id, true, &status))
		return status;
	/* 0 marks an empty entry of a ring, so it cannot be a port's id. */
	if ((in->port_id & ~HV_PORT_ID_MASK) ||
	    (!in->port_id && in->port_info.port_type == HV_PORT_TYPE_DOORBELL) ||
	    slot_find(p, SLOT_PORT, in->port_id))
		return HV_STATUS_INVALID_PORT_ID;
	status = fill_port(p, &new, &in->port_info);
	if (status)
		return status;
	if (p->state != PT_ACTIVE)
		return HV_STATUS_INVALID_PARTITION_STATE;
	new.peer = in->connection_partition_id;
	return slot_make(p, &new);
}

HYPERCALL(create_port, .code = HVCALL_CREATE_PORT,
	  .in = sizeof(struct hv_input_create_port),
	  .privilege = PRIVILEGE_CREATE_PORT, .fn = create_port);

static u16 delete_port(struct hv_call *call)
{
	struct hv_input_delete_port *in = call->in;
	struct partition *p;
	struct slot *s;
	u16 status;

	p = partition_target(call->vp, in->port_partition_id, true, &status);
	if (!p)
		return status;
	if (in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	s = slot_find(p, SLOT_PORT, in->port_id);
	if (!s)
		return HV_STATUS_INVALID_PORT_ID;
	slot_free(p, s);
	return HV_STATUS_SUCCESS;
}

HYPERCALL(delete_port, .code = HVCALL_DELETE_PORT,
	  .in = sizeof(struct hv_input_delete_port),
	  .privilege = PRIVILEGE_CREATE_PORT, .fn = delete_port);

static u16 fill_connection(struct slot *s, const struct hv_connection_info *info)
{
	u64 size = info->doorbell_connection_info.flags &
		   HV_DOORBELL_FLAG_TRIGGER_SIZE_MASK;

	if (info->padding)
		return HV_STATUS_INVALID_PARAMETER;
	s->type = info->port_type;
	switch (info->port_type) {
	case HV_PORT_TYPE_MESSAGE:
	case HV_PORT_TYPE_EVENT:
		return info->message_connection_info.rsvdz[0] ?
			HV_STATUS_INVALID_PARAMETER : HV_STATUS_SUCCESS;
	case HV_PORT_TYPE_DOORBELL:
		s->gpa = info->doorbell_connection_info.gpa;
		s->value = info->doorbell_connection_info.trigger_value;
		s->flags = info->doorbell_connection_info.flags;
		if ((s->flags & ~(HV_DOORBELL_FLAG_TRIGGER_SIZE_MASK |
				  HV_DOORBELL_FLAG_TRIGGER_ANY_VALUE)) ||
		    size > HV_DOORBELL_FLAG_TRIGGER_SIZE_QWORD)
			return HV_STATUS_INVALID_PARAMETER;
		return HV_STATUS_SUCCESS;
	}
	return HV_STATUS_INVALID_PARAMETER;
}

static u16 connect_port(struct hv_call *call)
{
	struct hv_input_connect_port *in = call->in;
	struct slot new = { .kind = SLOT_CONNECTION, .id = in->connection_id };
	struct partition *p, *owner;
	struct slot *port;
	u16 status;

	p = partition_target(call->vp, in->connection_partition_id, true, &status);
	if (!p)
		return status;
	owner = partition_target(call->vp, in->port_partition_id, true, &status);
	if (!owner)
		return status;
	if (in->connection_vtl || in->rsvdz0 || in->rsvdz1 || in->reserved2)
		return HV_STATUS_INVALID_PARAMETER;
	if ((in->connection_id & ~HV_CONNECTION_ID_MASK) ||
	    slot_find(p, SLOT_CONNECTION, in->connection_id))
		return HV_STATUS_INVALID_CONNECTION_ID;
	port = slot_find(owner, SLOT_PORT, in->port_id);
	if (!port)
		return HV_STATUS_INVALID_PORT_ID;
	status = fill_connection(&new, &in->connection_info);
	if (status)
		return status;
	if (new.type != port->type ||
	    (port->peer != p->id && !(port->peer == HV_PARTITION_ID_SELF &&
				      p == call->vp->partition)))
		return HV_STATUS_INVALID_PARAMETER;
	if (p->state != PT_ACTIVE)
		return HV_STATUS_INVALID_PARTITION_STATE;
	new.peer = owner->id;
	new.port = in->port_id;
	return slot_make(p, &new);
}

HYPERCALL(connect_port, .code = HVCALL_CONNECT_PORT,
	  .in = sizeof(struct hv_input_connect_port),
	  .privilege = PRIVILEGE_CONNECT, .fn = connect_port);

static u16 disconnect_port(struct hv_call *call)
{
	struct hv_input_disconnect_port *in = call->in;
	bool doorbell = in->flags & HV_DISCONNECT_PORT_IS_DOORBELL;
	struct partition *p;
	struct slot *s;
	u16 status;

	p = partition_target(call->vp, in->connection_partition_id, true, &status);
	if (!p)
		return status;
	if (in->flags & ~HV_DISCONNECT_PORT_IS_DOORBELL)
		return HV_STATUS_INVALID_PARAMETER;
	s = slot_find(p, SLOT_CONNECTION, in->connection_id);
	if (!s || doorbell != (s->type == HV_PORT_TYPE_DOORBELL))
		return HV_STATUS_INVALID_CONNECTION_ID;
	slot_free(p, s);
	return HV_STATUS_SUCCESS;
}

HYPERCALL(disconnect_port, .code = HVCALL_DISCONNECT_PORT,
	  .in = sizeof(struct hv_input_disconnect_port),
	  .privilege = PRIVILEGE_CONNECT, .fn = disconnect_port);

/* ---- use ----------------------------------------------------------------------------- */

/*
 * The port of a connection of the caller, and its VP; no port if the connection is one of
 * the VMM's.
 */
static u16 resolve(struct hv_call *call, u32 id, u8 type, struct slot **port,
		   struct vp **vp)
{
	struct slot *s = slot_find(call->vp->partition, SLOT_CONNECTION, id);
	struct partition *owner;

	*port = NULL;
	*vp = NULL;
	if (!s && hypercall_forward(call, HV_INTERCEPT_TYPE_UNKNOWN_SYNIC_CONNECTION))
		return HV_STATUS_SUCCESS;
	if ((id & ~HV_CONNECTION_ID_MASK) || !s || s->type != type)
		return HV_STATUS_INVALID_CONNECTION_ID;
	owner = partition_find(s->peer);
	*port = owner ? slot_find(owner, SLOT_PORT, s->port) : NULL;
	if (!*port)
		return HV_STATUS_INVALID_PORT_ID;
	*vp = port_vp(owner, *port);
	return *vp ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_VP_INDEX;
}

static u16 post_message(struct hv_call *call)
{
	struct hv_input_post_message *in = call->in;
	struct slot *port;
	struct vp *vp;
	u16 status;

	if (in->reserved || !in->message_type ||
	    (in->message_type & HV_MESSAGE_TYPE_HYPERVISOR) ||
	    in->payload_size > HV_MESSAGE_PAYLOAD_BYTE_COUNT)
		return HV_STATUS_INVALID_PARAMETER;
	status = resolve(call, in->connectionid, HV_PORT_TYPE_MESSAGE, &port, &vp);
	if (status || !port)
		return status;
	return synic_post(vp, port->sint, in->message_type, port->id,
			  in->payload, in->payload_size);
}

HYPERCALL(post_message, .code = HVCALL_POST_MESSAGE, .flags = CALL_CHILD,
	  .in = sizeof(struct hv_input_post_message),
	  .privilege = PRIVILEGE_POST, .fn = post_message);

static u16 signal_event(struct hv_call *call)
{
	struct hv_input_signal_event *in = call->in;
	struct slot *port;
	struct vp *vp;
	bool newly;
	u16 status;

	if (in->rsvdz)
		return HV_STATUS_INVALID_PARAMETER;
	status = resolve(call, in->connectionid, HV_PORT_TYPE_EVENT, &port, &vp);
	if (status || !port)
		return status;
	if (in->flag_number >= port->flag_count)
		return HV_STATUS_INVALID_PARAMETER;
	return synic_signal(vp, port->sint, port->base_flag + in->flag_number,
			    &newly);
}

HYPERCALL(signal_event, .code = HVCALL_SIGNAL_EVENT, .flags = CALL_CHILD,
	  .in = sizeof(struct hv_input_signal_event),
	  .privilege = PRIVILEGE_SIGNAL, .fn = signal_event);

static u16 ring_empty(struct hv_call *call)
{
	struct hv_input_notify_port_ring_empty *in = call->in;

	if (in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	return synic_ring_empty(call->vp, in->sint_index);
}

HYPERCALL(notify_port_ring_empty, .code = HVCALL_NOTIFY_PORT_RING_EMPTY,
	  .in = sizeof(struct hv_input_notify_port_ring_empty),
	  .privilege = -1, .fn = ring_empty);
