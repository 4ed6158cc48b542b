/* SPDX-License-Identifier: GPL-2.0 */
/* Overlays, within partition/. */
#ifndef _RV_OVERLAY_H
#define _RV_OVERLAY_H

#include <rv/partition.h>

/* The entry that the overlay of a GPN hides; @slot if there is no overlay. */
u64 *overlay_hidden(struct partition *p, u64 gpn, u64 *slot);

/*
 * Where the mapping of a GPN is kept: in its @slot of the lowest level, or in the overlay
 * that the slot has.
 */
static inline u64 *overlay_entry(struct partition *p, u64 gpn, u64 *slot)
{
	return *slot & NPT_SOFT_HV ? overlay_hidden(p, gpn, slot) : slot;
}

#endif
