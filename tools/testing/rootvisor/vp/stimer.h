/* SPDX-License-Identifier: GPL-2.0 */
/* Synthetic timers of a child VP. */
#ifndef _RV_VP_STIMER_H
#define _RV_VP_STIMER_H

#include <rv/base.h>
#include <rv/timer.h>

struct lp;
struct vp;

#define NR_STIMERS		4

struct stimer {
	struct vp *vp;
	u64 config, count;
	u64 due;		/* partition time of the next expiry, 0: none */
	bool message_pending;
	bool parked;		/* periodic, continues when the VP runs */
	struct timer timer;
};

void stimer_reset(struct vp *vp);
void stimer_stop_all(struct vp *vp);
void stimer_move(struct vp *vp, struct lp *lp);
void stimer_set_config(struct vp *vp, u32 n, u64 value);
void stimer_set_count(struct vp *vp, u32 n, u64 value);
void stimer_eom(struct vp *vp);		/* the slot of a SINT is free again */
bool stimer_waits(struct vp *vp, u32 sint); /* for that slot */

#endif
