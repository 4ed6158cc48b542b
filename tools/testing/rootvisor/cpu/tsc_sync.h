/* SPDX-License-Identifier: GPL-2.0 */
/* Do the time stamp counters agree?  See tsc_sync.c for the model. */
#ifndef _RV_CPU_TSC_SYNC_H
#define _RV_CPU_TSC_SYNC_H

#include <rv/base.h>

struct lp;

/* On the boot processor, after @lp has come online; on @lp, first thing then. */
void tsc_sync_ask(struct lp *lp);
void tsc_sync_answer(void);

/* How far @theirs, read between @before and @after, is behind (negative) or ahead. */
s64 tsc_sync_apart(u64 before, u64 theirs, u64 after);

#endif
