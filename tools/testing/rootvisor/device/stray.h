/* SPDX-License-Identifier: GPL-2.0 */
/* Interrupts that nothing explains; device/stray.c has the model. */
#ifndef _RV_STRAY_H
#define _RV_STRAY_H

#include <rv/base.h>
#include <rv/lp.h>

/* Does each interrupt of a root VP have to be taken by the host first? */
bool interrupts_watched(void);

/* A processor sends this one to processors, or has its timer send it. */
void interrupt_sent(u8 vector);

/* The root VP of @lp would take it: may it?  If not, it is counted as blocked. */
bool interrupt_passes(struct lp *lp, u8 vector);

#endif
