/* SPDX-License-Identifier: GPL-2.0 */
/* Counts exits by kind, for statistics pages. */
#ifndef _RV_STATS_H
#define _RV_STATS_H

#include <rv/vp.h>

/* Index into exits[] of struct vp, by reason: vp/stats_fill.c */
extern const u8 stats_classes[];

static inline void stats_exit(struct vp *vp)
{
	vp->exits[stats_classes[vp->exit.reason]]++;
}

#endif
