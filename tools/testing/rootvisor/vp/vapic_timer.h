/* SPDX-License-Identifier: GPL-2.0 */
/* The timer of a child's local APIC. */
#ifndef _RV_VP_VAPIC_TIMER_H
#define _RV_VP_VAPIC_TIMER_H

#include <rv/base.h>

struct lp;
struct vp;

u32 vapic_current_count(struct vp *vp);
void vapic_start_timer(struct vp *vp, u32 initial);
void vapic_resume_timer(struct vp *vp, u32 initial, u32 left);
void vapic_stop_timers(struct vp *vp);
void vapic_move_timers(struct vp *vp, struct lp *lp);

#endif
