// SPDX-License-Identifier: GPL-2.0
/*
 * Counters, in <debugfs>/mshv.
 *
 *	books			the driver's own counters
 *	held			pages that are set apart for the hypervisor
 *	<partition>/partition	the hypervisor's counters of a partition,
 *	<partition>/vp<n>	and of a processor
 *
 * Model: a counter page of the hypervisor is mapped when a file is read, and
 * unmapped afterwards, so that it costs nothing otherwise.  A file shows a line
 * "number value" for each counter that is not zero.
 *
 * Nothing depends on debugfs: without it the counters exist, but are not shown.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include <hyperv/hv_root.h>

#include "core.h"
#include "stats.h"
#include "synic.h"

static struct dentry *stats_dir;

/* One reader at a time: a page cannot be mapped twice. */
static DEFINE_MUTEX(stats_lock);
static bool stats_stopped;

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

/* Copy a counter page. */
static int stats_read_counters(struct hvr_pool *pool, u32 type,
			       const union hv_stats_object_identity *identity,
			       u64 *counters)
{
	void *page;
	int ret, err;
	u64 pfn;

	mutex_lock(&stats_lock);
	ret = stats_stopped ? -ESHUTDOWN :
			      mshv_call_map_stats_page(pool, type, identity, &pfn);
	if (!ret) {
		page = hvr_map_shared(pool, pfn);
		if (IS_ERR(page)) {
			ret = PTR_ERR(page);
		} else {
			memcpy(counters, page, HV_HYP_PAGE_SIZE);
			hvr_unmap_shared(page);
		}
		err = mshv_call_unmap_stats_page(type, identity);
		if (!ret)
			ret = err;
	}
	mutex_unlock(&stats_lock);
	return ret;
}

static int stats_show_counters(struct seq_file *m, struct hvr_pool *pool, u32 type,
			       const union hv_stats_object_identity *identity)
{
	u64 *counters = kzalloc(HV_HYP_PAGE_SIZE, GFP_KERNEL);
	unsigned int i;
	int ret;

	if (!counters)
		return -ENOMEM;
	ret = stats_read_counters(pool, type, identity, counters);
	for (i = 0; !ret && i < HV_STATS_PAGE_COUNTERS; i++) {
		if (counters[i])
			seq_printf(m, "%u %llu\n", i, counters[i]);
	}
	kfree(counters);
	return ret;
}

static int stats_partition_show(struct seq_file *m, void *unused)
{
	struct mshv_partition *partition = m->private;
	union hv_stats_object_identity identity = {
		.partition = {
			.partition_id = partition->id,
			.stats_area_type = HV_STATS_AREA_SELF,
		},
	};

	return stats_show_counters(m, partition->pool, HV_STATS_OBJECT_PARTITION,
				   &identity);
}
DEFINE_SHOW_ATTRIBUTE(stats_partition);

static int stats_vp_show(struct seq_file *m, void *unused)
{
	struct mshv_vp *vp = m->private;
	union hv_stats_object_identity identity = {
		.vp = {
			.partition_id = vp->partition->id,
			.vp_index = vp->index,
			.stats_area_type = HV_STATS_AREA_SELF,
		},
	};

	return stats_show_counters(m, vp->partition->pool, HV_STATS_OBJECT_VP,
				   &identity);
}
DEFINE_SHOW_ATTRIBUTE(stats_vp);

/**
 * mshv_stats_partition() - show a partition's counters
 * @partition: a new partition
 */
void mshv_stats_partition(struct mshv_partition *partition)
{
	char name[20];

	snprintf(name, sizeof(name), "%llu", partition->id);
	partition->stats_dir = debugfs_create_dir(name, stats_dir);
	debugfs_create_file("partition", 0400, partition->stats_dir, partition,
			    &stats_partition_fops);
}

/**
 * mshv_stats_vp() - show a processor's counters
 * @vp: a new processor
 */
void mshv_stats_vp(struct mshv_vp *vp)
{
	char name[16];

	snprintf(name, sizeof(name), "vp%u", vp->index);
	debugfs_create_file(name, 0400, vp->partition->stats_dir, vp, &stats_vp_fops);
}

/**
 * mshv_stats_remove() - hide a partition's counters; waits for readers
 * @partition: a partition that is being destroyed
 */
void mshv_stats_remove(struct mshv_partition *partition)
{
	debugfs_remove_recursive(partition->stats_dir);
	partition->stats_dir = NULL;
}

/**
 * mshv_stats_stop() - map no counter page any more
 *
 * Context: process context; sleeps until the last one has been unmapped.
 */
void mshv_stats_stop(void)
{
	mutex_lock(&stats_lock);
	stats_stopped = true;
	mutex_unlock(&stats_lock);
}

/**
 * mshv_stats_init() - create the files of the driver
 */
void mshv_stats_init(void)
{
	stats_dir = debugfs_create_dir("mshv", NULL);
	debugfs_create_file("books", 0400, stats_dir, NULL, &stats_books_fops);
	debugfs_create_file("held", 0400, stats_dir, NULL, &stats_held_fops);
}

/**
 * mshv_stats_exit() - remove the files of the driver
 */
void mshv_stats_exit(void)
{
	debugfs_remove_recursive(stats_dir);
}
