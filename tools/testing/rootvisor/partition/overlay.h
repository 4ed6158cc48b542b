/* SPDX-License-Identifier: GPL-2.0 */
/* Overlays, within partition/. */
#ifndef _RV_OVERLAY_H
#define _RV_OVERLAY_H

#include <rv/partition.h>

/*
 * Where the mapping of a GPN is kept: in its @slot of the lowest level, or in the overlay
 * that the slot has.
 */
u64 *overlay_entry(struct partition *p, u64 gpn, u64 *slot);

#endif
