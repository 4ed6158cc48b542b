/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The driver's accounting and the hypervisor's counters in debugfs.
 */
#ifndef _MSHV_STATS_H
#define _MSHV_STATS_H

struct mshv_partition;
struct mshv_vp;

void mshv_stats_partition(struct mshv_partition *partition);
void mshv_stats_vp(struct mshv_vp *vp);
void mshv_stats_remove(struct mshv_partition *partition);
void mshv_stats_cpu(unsigned int cpu);
void mshv_stats_init(void);
void mshv_stats_exit(void);

#endif
