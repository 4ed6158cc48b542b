/* SPDX-License-Identifier: GPL-2.0 */
/* The root's own address space. */
#ifndef _RV_ROOT_MAP_H
#define _RV_ROOT_MAP_H

#include <rv/base.h>

/*
 * Lets the root reach one page, or not.  False: no page for a table; only a
 * first split of a large page can need one.  The caller flushes.
 */
bool root_map_page(u64 pfn, bool on);
void root_npt_init(void);
/* An access of the root to a GPA with nothing mapped: MMIO far up, or a fault. */
bool root_map_fault(u64 gpa);

#endif
