// SPDX-License-Identifier: GPL-2.0
/*
 * Doorbells: a guest's writes that send a port's id to the event ring.
 *
 * A doorbell that finds its ring full is *owed*: it is put there when the root
 * says that the ring is empty.
 */
#include <hyperv/hv_status.h>
#include "../vp/child.h"
#include "../vp/exit.h"
#include "slot.h"

bool doorbell_possible(struct partition *p, u64 gpa)
{
	struct slot *s;

	if (!p->nr_ports)
		return false;
	for (s = *doorbell_bucket(p, gpa); s; s = s->next_page)
		if ((s->gpa & PAGE_MASK) == (gpa & PAGE_MASK))
			return true;
	return false;
}

static bool matches(const struct slot *s, u64 gpa, u32 size, u64 value)
{
	u64 wanted = s->flags & HV_DOORBELL_FLAG_TRIGGER_SIZE_MASK;
	u64 mask = size == 8 ? ~0ull : BIT_ULL(8 * size) - 1;

	if (s->gpa != gpa)
		return false;
	if (wanted && size != 1u << (wanted - 1))
		return false;
	return (s->flags & HV_DOORBELL_FLAG_TRIGGER_ANY_VALUE) ||
	       !((s->value ^ value) & mask);
}

static bool ring_port(struct partition *owner, struct slot *port)
{
	struct vp *vp = port_vp(owner, port);
	u16 status;

	if (!vp)
		return false;
	status = synic_ring(vp, port->sint, port->id);
	port->owed = status == HV_STATUS_INSUFFICIENT_BUFFERS;
	return true;
}

bool doorbell_ring(struct vp *vp, u64 gpa, u32 size, u64 value)
{
	struct slot *s, *port;
	struct partition *owner;
	bool rung = false;

	for (s = *doorbell_bucket(vp->partition, gpa); s; s = s->next_page) {
		if (!matches(s, gpa, size, value))
			continue;
		owner = partition_find(s->peer);
		port = owner ? slot_find(owner, SLOT_PORT, s->port) : NULL;
		if (port)
			rung |= ring_port(owner, port);
	}
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

void ports_retry(struct vp *vp, u32 sint)
{
	struct partition *p = vp->partition;

	FOR_EACH_SLOT(p, s)
		if (s->kind == SLOT_PORT && s->owed && s->sint == sint &&
		    port_vp(p, s) == vp)
			ring_port(p, s);
}
