/* SPDX-License-Identifier: GPL-2.0 */
/* Overlays, within partition/. */
#ifndef _RV_OVERLAY_H
#define _RV_OVERLAY_H

#include <rv/partition.h>

/*
 * Where the mapping of a GPN is kept: the entry hidden by an overlay, or NULL
 * if there is no overlay.
 */
u64 *overlay_hidden(struct partition *p, u64 gpn);

#endif
