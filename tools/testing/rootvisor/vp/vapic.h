/* SPDX-License-Identifier: GPL-2.0 */
/* The local APIC of a child VP; vp/vapic.c has the model. */
#ifndef _RV_VP_VAPIC_H
#define _RV_VP_VAPIC_H

#include <rv/base.h>
#include <rv/timer.h>

struct vp;

enum {
	LVT_TIMER, LVT_THERMAL, LVT_PERFMON, LVT_LINT0, LVT_LINT1, LVT_ERROR,
	LVT_CMCI, NR_LVTS,
};

struct vapic {
	u32 id;
	u32 tpr, ldr, dfr, svr;
	u32 esr, esr_pending;
	u64 icr;
	u32 lvt[NR_LVTS];
	u32 initial, divide;
	u64 start;		/* TSC at which the current count began */
	bool parked;		/* periodic, continues when the VP runs */
	u32 isr[8], tmr[8], irr[8];
	u32 auto_eoi[8];	/* vectors that never enter the ISR */
	u32 ended[8];		/* level-triggered, EOI not yet reported to the VMM */
	struct timer timer;
};

void vapic_reset(struct vp *vp);
void vapic_accept(struct vp *vp, u8 vector, bool level);
void vapic_accept_auto_eoi(struct vp *vp, u8 vector);
int vapic_highest(struct vp *vp);	/* highest request that is not blocked, or -1 */
int vapic_behind(struct vp *vp, int vector);
void vapic_take(struct vp *vp, u8 vector);
void vapic_lint(struct vp *vp, u32 lvt);
bool vapic_enabled(struct vp *vp);	/* by APIC_BASE and SVR */
u32 vapic_ppr(struct vp *vp);
void vapic_set_tpr(struct vp *vp, u32 tpr);
bool vapic_set_base(struct vp *vp, u64 base);

/* Registers by x2APIC number (0x02..0x3f); false is #GP. */
bool vapic_read(struct vp *vp, u32 reg, u64 *value);
bool vapic_write(struct vp *vp, u32 reg, u64 value);

#endif
