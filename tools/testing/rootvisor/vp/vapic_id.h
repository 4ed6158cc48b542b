/* SPDX-License-Identifier: GPL-2.0 */
/* Ids of local APICs. */
#ifndef _RV_VP_VAPIC_ID_H
#define _RV_VP_VAPIC_ID_H

#include <rv/base.h>

struct partition;
struct vp;

void vapic_id_init(struct vp *vp);	/* the VP is being created */
void vapic_id_drop(struct vp *vp);	/* it is being destroyed */

/* Gives the local APIC another id; returns an HV_STATUS_*. */
u16 vapic_id_set(struct vp *vp, u64 id);

/* The VP whose local APIC has the id, or NULL. */
struct vp *vapic_by_id(struct partition *p, u64 id);

/* The id as the register APIC_ID of the VP's mode has it. */
u32 vapic_id_register(struct vp *vp);

/* The logical id of an x2APIC. */
u32 vapic_logical_id(struct vp *vp);

#endif
