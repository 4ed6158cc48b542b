/* SPDX-License-Identifier: GPL-2.0 */
/* Stray interrupts; device/stray.c has the model. */
#ifndef _RV_STRAY_H
#define _RV_STRAY_H

#include <rv/base.h>
#include <rv/lp.h>
#include <rv/options.h>
#include "remap.h"

/* Does the host have to take each interrupt of a root VP first? */
static inline bool interrupts_watched(void)
{
	return options.count_interrupts || remap_active();
}

/* A processor sends this vector to processors, or uses it for its timer. */
void interrupt_sent(u8 vector);

/* May the root VP of @lp take this interrupt?  If not, it is counted as blocked. */
bool interrupt_passes(struct lp *lp, u8 vector);

#endif
