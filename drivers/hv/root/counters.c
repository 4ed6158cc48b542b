// SPDX-License-Identifier: GPL-2.0
/*
 * The hypervisor's counters, as text.
 *
 * Model: an object of the hypervisor has a page of counters, which can be mapped.  It
 * is mapped when it is read, copied, and unmapped, so that it costs nothing
 * otherwise and nothing is left mapped for the next kernel.
 *
 * A counter that the hypervisor does not keep reads as zero, like one of something
 * that has not happened.  Neither is shown.
 *
 * Lock: one page is mapped at a time, since the same one cannot be mapped twice.
 * It is not held while the text is written.
 */
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include <hyperv/hv_root.h>

#include "core.h"
#include "counter_names.h"
#include "counters.h"

static DEFINE_MUTEX(counters_lock);
static bool counters_stopped;

static const struct {
	u32 type;
	unsigned int count;
	const char * const *names;
} objects[] = {
	{ HV_STATS_OBJECT_HYPERVISOR, ARRAY_SIZE(hypervisor_counters), hypervisor_counters },
	{ HV_STATS_OBJECT_LOGICAL_PROCESSOR, ARRAY_SIZE(lp_counters), lp_counters },
	{ HV_STATS_OBJECT_PARTITION, ARRAY_SIZE(partition_counters), partition_counters },
	{ HV_STATS_OBJECT_VP, ARRAY_SIZE(vp_counters), vp_counters },
};

static int counters_copy_page(struct hvr_pool *pool, u64 pfn, u64 *values)
{
	void *page;

	if (!hvr_shares(pool, pfn))
		return -EIO;
	page = hvr_map_shared(&pfn, 1);
	if (!page)
		return -ENOMEM;
	memcpy(values, page, HV_HYP_PAGE_SIZE);
	hvr_unmap_shared(page);
	return 0;
}

static int counters_copy(const struct mshv_counters *c, u64 *values)
{
	u64 pfn;
	int ret, err;

	ret = mshv_call_map_stats_page(c->pool, c->type, &c->identity, &pfn);
	if (ret)
		return ret;
	ret = counters_copy_page(c->pool, pfn, values);
	err = mshv_call_unmap_stats_page(c->type, &c->identity);
	return ret ?: err;
}

static void counters_print(struct seq_file *m, u32 type, const u64 *values)
{
	const char *name;
	unsigned int i, k = 0;

	while (objects[k].type != type)
		k++;
	for (i = 0; i < HV_STATS_PAGE_COUNTERS; i++) {
		if (!values[i])
			continue;
		name = counter_name(objects[k].names, objects[k].count, i);
		if (name)
			seq_printf(m, "%-30s: %llu\n", name, values[i]);
		else
			seq_printf(m, "Counter%-23u: %llu\n", i, values[i]);
	}
}

/**
 * mshv_counters_show() - write the counters of an object
 * @m: where to
 * @c: which object; of one of the four types
 *
 * Context: process context; sleeps.
 * Return: 0 or a negative errno; -ESHUTDOWN before a reboot.
 */
int mshv_counters_show(struct seq_file *m, const struct mshv_counters *c)
{
	u64 *values = kzalloc(HV_HYP_PAGE_SIZE, GFP_KERNEL);
	int ret;

	if (!values)
		return -ENOMEM;
	mutex_lock(&counters_lock);
	ret = counters_stopped ? -ESHUTDOWN : counters_copy(c, values);
	mutex_unlock(&counters_lock);
	if (!ret)
		counters_print(m, c->type, values);
	kfree(values);
	return ret;
}

/**
 * mshv_counters_stop() - map no page of counters any more
 *
 * Context: process context; sleeps until the last one has been unmapped.
 */
void mshv_counters_stop(void)
{
	mutex_lock(&counters_lock);
	counters_stopped = true;
	mutex_unlock(&counters_lock);
}
