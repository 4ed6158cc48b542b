/* SPDX-License-Identifier: GPL-2.0 */
/* The loop of a logical processor, within cpu/. */
#ifndef _RV_CPU_LP_H
#define _RV_CPU_LP_H

#include <rv/base.h>

struct lp;

/* Makes the guest exit before its first instruction when it is entered next. */
void lp_end_guest(struct lp *lp);

#endif
