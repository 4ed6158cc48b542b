// SPDX-License-Identifier: GPL-2.0
/*
 * Counters, in <debugfs>/mshv.
 *
 *	books				the driver's own counters
 *	held				pages that are set apart for the hypervisor
 *	stats				the hypervisor's counters of itself,
 *	lp/<n>/stats			of a logical processor,
 *	partition/<id>/stats		of a partition, this one included,
 *	partition/<id>/vp/<n>/stats	and of a virtual processor
 *
 * Model: a file exists as long as its object.  When one is removed debugfs waits for
 * who reads from it, and a file that is still open cannot be read any more.
 *
 * Nothing depends on debugfs: without it the counters exist, but are not shown.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include <hyperv/hv_root.h>

#include "core.h"
#include "counters.h"
#include "stats.h"
#include "synic.h"

static struct dentry *stats_dir, *stats_lps, *stats_partitions, *stats_root_vps;
static struct cpumask stats_cpus;

static int stats_books_show(struct seq_file *m, void *unused)
{
	struct synic_counters c;
	struct hvr_held held;
	unsigned int cpu;

	mshv_synic_sum_counters(&c);
	hvr_held_counters(&held);
	seq_printf(m, "self_deposited %llu\n",
		   hvr_pool_outstanding(hvr_self_pool));
	seq_printf(m, "refused_pages %llu\n", hvr_refused());
	seq_printf(m, "guards %llu\n", held.guards);
	seq_printf(m, "guard_pairs %llu\n", held.pairs);
	seq_printf(m, "guard_singles %llu\n", held.singles);
	seq_printf(m, "direct_map_splits %llu\n", held.splits);
	seq_printf(m, "direct_map_cycles %llu\n", held.cycles);
	seq_printf(m, "chunks %llu\n", held.chunks);
	seq_printf(m, "quarantined_pages %llu\n", mshv_quarantined_pages());
	seq_printf(m, "quarantined_partitions %u\n",
		   mshv_quarantined_partitions());
	seq_printf(m, "pinned_parted %llu\n", mshv_parted_pages());
	seq_printf(m, "messages %llu\n", c.messages);
	seq_printf(m, "messages_unclaimed %llu\n", c.unclaimed);
	seq_printf(m, "messages_malformed %llu\n", c.malformed);
	seq_printf(m, "doorbells %llu\n", c.doorbells);
	seq_printf(m, "doorbells_unknown %llu\n", c.unknown_ports);
	seq_printf(m, "rings_full %llu\n", c.rings_full);
	for_each_possible_cpu(cpu)
		seq_printf(m, "doorbells_on_%u %llu\n", cpu,
			   mshv_synic_doorbells_on(cpu));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats_books);

static int stats_held_show(struct seq_file *m, void *unused)
{
	hvr_held_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats_held);

static int stats_hypervisor_show(struct seq_file *m, void *unused)
{
	const struct mshv_counters c = {
		.pool = hvr_self_pool,
		.type = HV_STATS_OBJECT_HYPERVISOR,
	};

	return mshv_counters_show(m, &c);
}
DEFINE_SHOW_ATTRIBUTE(stats_hypervisor);

static int stats_lp_show(struct seq_file *m, void *unused)
{
	const struct mshv_counters c = {
		.pool = hvr_self_pool,
		.type = HV_STATS_OBJECT_LOGICAL_PROCESSOR,
		.identity.lp.lp_index = (unsigned long)m->private,
	};

	return mshv_counters_show(m, &c);
}
DEFINE_SHOW_ATTRIBUTE(stats_lp);

static int stats_show_partition(struct seq_file *m, struct hvr_pool *pool, u64 id)
{
	const struct mshv_counters c = {
		.pool = pool,
		.type = HV_STATS_OBJECT_PARTITION,
		.identity.partition.partition_id = id,
	};

	return mshv_counters_show(m, &c);
}

static int stats_show_vp(struct seq_file *m, struct hvr_pool *pool, u64 id, u32 index)
{
	const struct mshv_counters c = {
		.pool = pool,
		.type = HV_STATS_OBJECT_VP,
		.identity.vp = { .partition_id = id, .vp_index = index },
	};

	return mshv_counters_show(m, &c);
}

static int stats_root_show(struct seq_file *m, void *unused)
{
	return stats_show_partition(m, hvr_self_pool, hvr_partition_id());
}
DEFINE_SHOW_ATTRIBUTE(stats_root);

static int stats_root_vp_show(struct seq_file *m, void *unused)
{
	return stats_show_vp(m, hvr_self_pool, hvr_partition_id(),
			     (unsigned long)m->private);
}
DEFINE_SHOW_ATTRIBUTE(stats_root_vp);

static int stats_partition_show(struct seq_file *m, void *unused)
{
	struct mshv_partition *partition = m->private;

	return stats_show_partition(m, partition->pool, partition->id);
}
DEFINE_SHOW_ATTRIBUTE(stats_partition);

static int stats_vp_show(struct seq_file *m, void *unused)
{
	struct mshv_vp *vp = m->private;

	return stats_show_vp(m, vp->partition->pool, vp->partition->id, vp->index);
}
DEFINE_SHOW_ATTRIBUTE(stats_vp);

/* A folder with a number for its name, and the counters in it. */
static struct dentry *stats_object(struct dentry *parent, u64 number, void *data,
				   const struct file_operations *fops)
{
	struct dentry *dir;
	char name[24];

	snprintf(name, sizeof(name), "%llu", number);
	dir = debugfs_create_dir(name, parent);
	debugfs_create_file("stats", 0400, dir, data, fops);
	return dir;
}

/**
 * mshv_stats_partition() - show a partition's counters
 * @partition: a new partition
 */
void mshv_stats_partition(struct mshv_partition *partition)
{
	partition->stats_dir = stats_object(stats_partitions, partition->id, partition,
					    &stats_partition_fops);
	partition->stats_vps = debugfs_create_dir("vp", partition->stats_dir);
}

/**
 * mshv_stats_vp() - show a processor's counters
 * @vp: a new processor
 */
void mshv_stats_vp(struct mshv_vp *vp)
{
	stats_object(vp->partition->stats_vps, vp->index, vp, &stats_vp_fops);
}

/**
 * mshv_stats_remove() - hide a partition's counters; waits for readers
 * @partition: a partition that is being destroyed
 */
void mshv_stats_remove(struct mshv_partition *partition)
{
	debugfs_remove_recursive(partition->stats_dir);
	partition->stats_dir = NULL;
	partition->stats_vps = NULL;
}

/**
 * mshv_stats_cpu() - show the counters of one of this partition's processors
 * @cpu: a processor that is online, for the first time or again
 *
 * It keeps them when it goes offline.  A root's virtual processor has the index of the
 * logical processor on which it always runs.
 */
void mshv_stats_cpu(unsigned int cpu)
{
	u32 index = hvr_vp_index(cpu);
	void *data = (void *)(unsigned long)index;

	if (cpumask_test_and_set_cpu(cpu, &stats_cpus))
		return;
	stats_object(stats_lps, index, data, &stats_lp_fops);
	stats_object(stats_root_vps, index, data, &stats_root_vp_fops);
}

/**
 * mshv_stats_init() - create the files of the driver
 */
void mshv_stats_init(void)
{
	struct dentry *root;

	stats_dir = debugfs_create_dir("mshv", NULL);
	debugfs_create_file("books", 0400, stats_dir, NULL, &stats_books_fops);
	debugfs_create_file("held", 0400, stats_dir, NULL, &stats_held_fops);
	debugfs_create_file("stats", 0400, stats_dir, NULL, &stats_hypervisor_fops);
	stats_lps = debugfs_create_dir("lp", stats_dir);
	stats_partitions = debugfs_create_dir("partition", stats_dir);
	root = stats_object(stats_partitions, hvr_partition_id(), NULL, &stats_root_fops);
	stats_root_vps = debugfs_create_dir("vp", root);
}

/**
 * mshv_stats_exit() - remove the files of the driver
 */
void mshv_stats_exit(void)
{
	debugfs_remove_recursive(stats_dir);
}
