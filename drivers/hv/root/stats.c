// SPDX-License-Identifier: GPL-2.0
/*
 * What the driver has counted, in <debugfs>/mshv.
 *
 * Nothing depends on debugfs: without it the counters are there, unseen.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "core.h"
#include "stats.h"
#include "synic.h"

static struct dentry *stats_dir;

static int books_show(struct seq_file *m, void *unused)
{
	struct synic_counters c;

	synic_sum_counters(&c);
	seq_printf(m, "self_deposited %llu\n",
		   hvr_pool_outstanding(hvr_self_pool));
	seq_printf(m, "quarantined_pages %llu\n", mshv_quarantined_pages());
	seq_printf(m, "quarantined_partitions %u\n",
		   mshv_quarantined_partitions());
	seq_printf(m, "messages %llu\n", c.messages);
	seq_printf(m, "messages_unclaimed %llu\n", c.unclaimed);
	seq_printf(m, "messages_malformed %llu\n", c.malformed);
	seq_printf(m, "doorbells %llu\n", c.doorbells);
	seq_printf(m, "doorbells_unknown %llu\n", c.unknown_ports);
	seq_printf(m, "rings_full %llu\n", c.rings_full);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(books);

/**
 * mshv_stats_init() - show the books
 */
void mshv_stats_init(void)
{
	stats_dir = debugfs_create_dir("mshv", NULL);
	debugfs_create_file("books", 0400, stats_dir, NULL, &books_fops);
}

/**
 * mshv_stats_exit() - hide them
 */
void mshv_stats_exit(void)
{
	debugfs_remove_recursive(stats_dir);
}
