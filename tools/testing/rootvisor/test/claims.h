/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RV_TEST_CLAIMS_H
#define _RV_TEST_CLAIMS_H

#include <rv/base.h>

/* A row of test/claims.list, as returned by the control port's CLAIM. */
struct claim {
	u32 kind, first, last, state, status;
	const char *proof;	/* a test, or a reason */
};

/* NULL after the last row. */
const struct claim *claim_at(u32 n);

#endif
