/* SPDX-License-Identifier: GPL-2.0 */
/* Deposits and the root's own address space, within partition/ and test/. */
#ifndef _RV_POOL_H
#define _RV_POOL_H

#include <rv/partition.h>

extern u16 pool_status_override;	/* control port: MEMORY_STATUS */

/* The page is PAGE_POOL and out of every processor's translations. */
void pool_add(struct partition *p, u64 pfn);
u64 pool_remove(struct partition *p);		/* zeroed pfn, 0: none free */

/*
 * Lets the root reach one page, or not.  False: no page for a table; only a
 * first split of a large page can need one.  The caller flushes.
 */
bool root_map_page(u64 pfn, bool on);
void root_npt_init(void);
/* An access of the root to a GPA with nothing mapped: MMIO far up, or a fault. */
bool root_map_fault(u64 gpa);

#endif
