/* SPDX-License-Identifier: GPL-2.0 */
/* Synthetic MSRs of children. */
#ifndef _RV_VP_HVMSR_H
#define _RV_VP_HVMSR_H

#include <rv/base.h>

struct overlay;
struct partition;
struct vp;

/* Partition time was set, or a TSC offset has changed. */
void ref_tsc_update(struct partition *p);
/* Moves an overlay as an MSR says; false: invalid GPN, it stays where it was. */
bool overlay_move(struct partition *p, struct overlay *o, u64 value, bool writable);
void child_overlays_drop(struct vp *vp);
void enlightenments_drop(struct partition *p);

#endif
