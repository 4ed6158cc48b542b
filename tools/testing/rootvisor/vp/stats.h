/* SPDX-License-Identifier: GPL-2.0 */
/* Statistics pages. */
#ifndef _RV_VP_STATS_H
#define _RV_VP_STATS_H

#include <rv/base.h>

struct lp;
struct partition;
struct vp;

void stats_vp_stopped(struct vp *vp);
void stats_blocked(struct vp *vp, u64 value);
void stats_vp_free(struct vp *vp);
void stats_update(struct lp *lp);
void stats_free(struct partition *p);

/* vp/stats_fill.c: write an object's counters into its page. */
void stats_fill_vp(struct vp *vp, u64 *c);
void stats_fill_partition(struct partition *p, u64 *c);
void stats_fill_lp(struct lp *lp, u64 *c);
void stats_fill_hypervisor(u64 *c);

extern u32 stats_pages;		/* number of mapped pages of all kinds */

/* In each iteration of an LP's loop. */
static inline void stats_tick(struct lp *lp)
{
	if (stats_pages)
		stats_update(lp);
}

#endif
