/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hypervisor's counters of one object.
 */
#ifndef _MSHV_COUNTERS_H
#define _MSHV_COUNTERS_H

#include <hyperv/hv_root.h>

struct hvr_pool;
struct seq_file;

/**
 * struct mshv_counters - an object that has counters
 * @pool: of the partition that the object belongs to
 * @type: HV_STATS_OBJECT_*
 * @identity: which one
 */
struct mshv_counters {
	struct hvr_pool *pool;
	u32 type;
	union hv_stats_object_identity identity;
};

int mshv_counters_show(struct seq_file *m, const struct mshv_counters *c);
void mshv_counters_stop(void);

#endif
