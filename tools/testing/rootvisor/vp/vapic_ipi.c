// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts between a child's VPs, and from outside: destinations.
 *
 * Model: a destination is physical (an APIC id), logical (flat, cluster, or the
 * x2APIC's fixed clusters, by the mode of each target) or a shorthand.  It gets
 * a vector, an NMI, an INIT or a start-up address.
 */
#include "child.h"
#include "event.h"
#include "vapic_id.h"
#include "vapic_ipi.h"

#define ICR_VECTOR(icr)		((u8)(icr))
#define ICR_MODE(icr)		(((u32)(icr) >> 8) & 7)
#define ICR_LOGICAL		BIT(11)
#define ICR_ASSERT		BIT(14)
#define ICR_LEVEL		BIT(15)
#define ICR_SHORTHAND(icr)	(((u32)(icr) >> 18) & 3)

enum { TO_DESTINATION, TO_SELF, TO_ALL, TO_OTHERS };

static bool target_x2apic(struct vp *vp)
{
	return child_of(vp)->apic_base & APIC_BASE_X2APIC;
}

static bool logical_match(struct vp *vp, u32 dest)
{
	struct vapic *apic = &child_of(vp)->vapic;
	u32 ldr = apic->ldr;

	if (target_x2apic(vp))
		return ldr >> 16 == dest >> 16 && (ldr & dest & 0xffff);
	if (apic->dfr >> 28 == 0xf)
		return (ldr >> 24) & dest;
	return ldr >> 28 == (dest >> 4 & 0xf) && (ldr >> 24 & dest & 0xf);
}

static bool is_on(struct vp *vp)
{
	return child_of(vp)->apic_base & APIC_BASE_ENABLE;
}

/* An id that may mean all VPs, and others that have it. */
static bool is_broadcast(u64 dest)
{
	return dest == 0xff || dest == 0xffffffff;
}

static bool is_target(struct vp *vp, bool logical, u64 dest)
{
	if (!is_on(vp))
		return false;
	if (dest == 0xffffffff || (dest == 0xff && !target_x2apic(vp)))
		return true;
	if (logical)
		return logical_match(vp, dest);
	return child_of(vp)->vapic.id == dest;
}

static void deliver(struct vp *vp, u32 mode, u32 vector, bool level)
{
	switch (mode) {
	case APIC_DM_FIXED:
	case APIC_DM_LOWEST:
		vapic_accept(vp, vector, level);
		break;
	case APIC_DM_NMI:
		child_nmi(vp);
		break;
	case APIC_DM_INIT:
		child_init(vp);
		break;
	case APIC_DM_SIPI:
		child_sipi(vp, vector);
		break;
	}
}

bool vapic_send(struct partition *p, struct vp *from, u32 mode, u32 vector,
		bool level, bool logical, u64 dest)
{
	struct vp *best = NULL;
	bool found = false;

	if (!logical && !is_broadcast(dest)) {
		struct vp *vp = vapic_by_id(p, dest);

		if (!vp || !is_on(vp))
			return false;
		deliver(vp, mode, vector, level);
		return true;
	}
	for (u32 i = 0; i < p->max_vp_index; i++) {
		struct vp *vp = vp_find(p, i);

		if (!vp || !is_target(vp, logical, dest))
			continue;
		found = true;
		if (mode != APIC_DM_LOWEST) {
			/* A broadcast INIT does not reset its sender. */
			if (vp != from || mode != APIC_DM_INIT)
				deliver(vp, mode, vector, level);
		} else if (vapic_enabled(vp) &&
			   (!best || vapic_ppr(vp) < vapic_ppr(best))) {
			best = vp;
		}
	}
	if (best)
		deliver(best, mode, vector, level);
	return found;
}

static void send_shorthand(struct vp *from, u32 shorthand, u32 mode, u32 vector)
{
	struct partition *p = from->partition;

	for (u32 i = 0; i < p->max_vp_index; i++) {
		struct vp *vp = vp_find(p, i);

		if (!vp || (shorthand == TO_OTHERS && vp == from))
			continue;
		if (vp != from || mode <= APIC_DM_LOWEST)
			deliver(vp, mode, vector, false);
	}
}

bool vapic_ipi(struct vp *vp, u64 icr)
{
	u32 mode = ICR_MODE(icr), vector = ICR_VECTOR(icr);
	u64 dest = icr >> 32;

	if (!(child_of(vp)->apic_base & APIC_BASE_X2APIC))
		dest = icr >> 56;
	/* The de-assertion of INIT is obsolete. */
	if (mode == APIC_DM_INIT && (icr & ICR_LEVEL) && !(icr & ICR_ASSERT))
		return true;
	if (mode <= APIC_DM_LOWEST && vector < 16)
		return false;
	if (ICR_SHORTHAND(icr) == TO_SELF)
		child_of(vp)->self_ipis++;
	else
		child_of(vp)->ipis++;
	switch (ICR_SHORTHAND(icr)) {
	case TO_SELF:
		if (mode <= APIC_DM_LOWEST)
			vapic_accept(vp, vector, false);
		break;
	case TO_ALL:
	case TO_OTHERS:
		send_shorthand(vp, ICR_SHORTHAND(icr), mode, vector);
		break;
	default:
		vapic_send(vp->partition, vp, mode, vector, false,
			   icr & ICR_LOGICAL, dest);
	}
	return true;
}
