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
void stats_tick(struct lp *lp);
void stats_free(struct partition *p);
u32 stats_class(u32 reason);

#endif
