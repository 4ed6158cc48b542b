/* SPDX-License-Identifier: GPL-2.0 */
/* Pages of a pool, within partition/ and test/. */
#ifndef _RV_POOL_H
#define _RV_POOL_H

#include <rv/partition.h>

extern u16 pool_status_override;	/* control port: MEMORY_STATUS */

/* The page is PAGE_POOL, and no processor has a translation for it. */
void pool_add(struct partition *p, u64 pfn);
u64 pool_remove(struct partition *p);		/* zeroed; 0: none is free */

#endif
