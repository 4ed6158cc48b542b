/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RV_TICK_H
#define _RV_TICK_H

struct lp;

/* Called when the processor's root VP starts. */
void tick_start(struct lp *lp);

#endif
