// SPDX-License-Identifier: GPL-2.0
/*
 * Ids of local APICs.
 *
 * Model: an id is the VP's index until the VMM chooses another one, which it can do until
 * the VP runs: sockets whose number of processors is no power of two leave gaps between
 * ids.  A VMM chooses them one after the other, so two VPs may have the same one for a
 * while; which of them is found by it is not defined.
 *
 * While all ids of a partition are indexes a VP is found by its index; otherwise it may
 * have to be searched for.
 */
#include <hyperv/hv_status.h>
#include "child.h"
#include "vapic_id.h"

#define ID_OF_ALL	0xffffffffull	/* a broadcast */

static bool is_index(struct vp *vp)
{
	return child_of(vp)->vapic.id == vp->index;
}

static bool is_x2apic(struct vp *vp)
{
	return child_of(vp)->apic_base & APIC_BASE_X2APIC;
}

void vapic_id_init(struct vp *vp)
{
	child_of(vp)->vapic.id = vp->index;
}

void vapic_id_drop(struct vp *vp)
{
	vp->partition->nr_apic_ids -= !is_index(vp);
}

u32 vapic_logical_id(struct vp *vp)
{
	u32 id = child_of(vp)->vapic.id;

	return (id >> 4) << 16 | BIT(id & 15);
}

u32 vapic_id_register(struct vp *vp)
{
	u32 id = child_of(vp)->vapic.id;

	return is_x2apic(vp) ? id : id << 24;
}

u16 vapic_id_set(struct vp *vp, u64 id)
{
	struct vapic *apic = &child_of(vp)->vapic;

	if (id == apic->id)
		return HV_STATUS_SUCCESS;
	if (id >= ID_OF_ALL)
		return HV_STATUS_INVALID_REGISTER_VALUE;
	/* The guest may know its id already. */
	if (vp->runtime)
		return HV_STATUS_INVALID_VP_STATE;
	vp->partition->nr_apic_ids -= !is_index(vp);
	apic->id = id;
	vp->partition->nr_apic_ids += !is_index(vp);
	if (is_x2apic(vp))
		apic->ldr = vapic_logical_id(vp);
	return HV_STATUS_SUCCESS;
}

struct vp *vapic_by_id(struct partition *p, u64 id)
{
	struct vp *vp = id < MAX_VPS ? vp_find(p, id) : NULL;

	if (vp && is_index(vp))
		return vp;
	for (u32 i = 0; p->nr_apic_ids && i < p->max_vp_index; i++) {
		vp = vp_find(p, i);
		if (vp && child_of(vp)->vapic.id == id)
			return vp;
	}
	return NULL;
}
