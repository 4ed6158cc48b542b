/* SPDX-License-Identifier: GPL-2.0 */
/* Sharing the APIC timer with the root. */
#ifndef _RV_CPU_TIMER_H
#define _RV_CPU_TIMER_H

#include <rv/lp.h>

struct vp;

void lp_timers_leave(struct lp *lp);	/* root VP has stopped: move to another LP */
void lp_timer_run(struct lp *lp);	/* run those that are due */
void lp_timer_update(struct lp *lp);	/* program the hardware */
/* Check other LPs that sleep past a deadline; with TCG_LOSES_INTERRUPTS. */
void lp_timer_watch(struct lp *lp);
void lp_timer_late(struct lp *lp);	/* such an LP checks for itself */
bool lp_timer_strays(struct lp *lp);	/* is its interrupt still pending? */
bool root_timer_write(struct vp *vp, u32 msr, u64 value);
u64 root_timer_read(struct vp *vp, u32 msr);

/* Must the root VP leave its guest for physical interrupts? */
static inline bool lp_timer_wants_intr(struct lp *lp)
{
	return lp->timer_owned || (lp->timer_stray && lp_timer_strays(lp));
}

#endif
