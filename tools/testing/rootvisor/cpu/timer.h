/* SPDX-License-Identifier: GPL-2.0 */
/* Sharing the APIC timer with the root. */
#ifndef _RV_CPU_TIMER_H
#define _RV_CPU_TIMER_H

#include <rv/base.h>

struct lp;
struct vp;

void lp_timers_leave(struct lp *lp);	/* root VP has stopped: move to another LP */
void lp_timer_run(struct lp *lp);	/* run those that are due */
void lp_timer_update(struct lp *lp);	/* program the hardware */
void lp_timer_watch(struct lp *lp);	/* check other LPs that sleep past a deadline */
void lp_timer_late(struct lp *lp);	/* such an LP checks for itself */
bool lp_timer_wants_intr(struct lp *lp);
bool root_timer_write(struct vp *vp, u32 msr, u64 value);
u64 root_timer_read(struct vp *vp, u32 msr);

#endif
