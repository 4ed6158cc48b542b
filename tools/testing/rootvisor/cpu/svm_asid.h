/* SPDX-License-Identifier: GPL-2.0 */
/* Address space identifiers; see svm_asid.c for the model. */
#ifndef _RV_CPU_SVM_ASID_H
#define _RV_CPU_SVM_ASID_H

#include <rv/cpu.h>

/* Of an LP. */
struct asid_space {
	u32 next, end;
	u64 turn;
	bool flush_all;		/* before the next entry */
};

/* Makes the VP's ASID valid on @lp; true: it is another one than before. */
bool asid_choose(struct asid_space *space, struct asid *asid, const void *lp);

#endif
