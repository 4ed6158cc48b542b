/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RV_TICK_H
#define _RV_TICK_H

struct lp;

/* Called when a root VP starts to live on the processor. */
void tick_start(struct lp *lp);

#endif
