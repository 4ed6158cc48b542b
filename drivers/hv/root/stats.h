/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The driver's own books in debugfs.
 */
#ifndef _MSHV_STATS_H
#define _MSHV_STATS_H

void mshv_stats_init(void);
void mshv_stats_exit(void);

#endif
