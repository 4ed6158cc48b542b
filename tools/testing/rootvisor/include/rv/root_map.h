/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The root's own address space.  What of it is mapped into children is in
 * partition/gpa.c, and counted in rv/page.h.
 */
#ifndef _RV_ROOT_MAP_H
#define _RV_ROOT_MAP_H

#include <rv/base.h>

/*
 * Maps or unmaps a page in the root.  False: no page for a table, which only the
 * first split of a large page can need.  The caller flushes.
 */
bool root_map_page(u64 pfn, bool on);
/* Instead of a page of devices the root gets a page of the reserve. */
bool root_map_other(u64 pfn, const void *page);
void root_npt_init(void);
/* An access of the root to an unmapped GPA: MMIO high up, or a fault. */
bool root_map_fault(u64 gpa);

#endif
