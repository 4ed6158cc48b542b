// SPDX-License-Identifier: GPL-2.0
/*
 * The hypervisor's counters, as the driver shows them below <debugfs>/mshv: a file
 * "stats" for each object, with lines "name: value".
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "stat.h"
#include "util.h"

#define FOLDER		"/sys/kernel/debug/mshv"
#define NAME_MAX_LEN	63

static const struct {
	const char *counter;
	const char *event;
} events[] = {
	{ "HypercallsCount", "hypercall" },
	{ "PageInvalidationsCount", "page-invalidation" },
	{ "ControlRegisterAccessesCount", "control-register" },
	{ "IoInstructionsCount", "io-instruction" },
	{ "HltInstructionsCount", "hlt" },
	{ "MwaitInstructionsCount", "mwait" },
	{ "CpuidInstructionsCount", "cpuid" },
	{ "MsrAccessesCount", "msr" },
	{ "OtherInterceptsCount", "other" },
	{ "ExternalInterruptsCount", "external-interrupt" },
	{ "PendingInterruptsCount", "pending-interrupt" },
	{ "EmulatedInstructionsCount", "emulated-instruction" },
	{ "DebugRegisterAccessesCount", "debug-register" },
	{ "PageFaultInterceptsCount", "page-fault" },
	{ "IoInterceptMessages", "io-message" },
	{ "MemoryInterceptMessages", "memory-message" },
	{ "OtherMessages", "other-message" },
	{ "LogicalProcessorMigrations", "migration" },
	{ "SyntheticInterrupts", "synthetic-interrupt" },
	{ "VirtualInterrupts", "virtual-interrupt" },
	{ "ApicIpisSent", "ipi-sent" },
	{ "ApicSelfIpisSent", "self-ipi-sent" },
	{ "NestedPageFaultInterceptsCount", "nested-page-fault" },
	{ "LogicalProcessorDispatches", "dispatch" },
};

static const char *event_of(const char *counter)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		if (!strcmp(events[i].counter, counter))
			return events[i].event;
	return NULL;
}

/* What to do with a counter of @object; an error ends it. */
typedef int (*take_fn)(void *data, const char *object, const char *counter,
		       unsigned long long value);

/* An object that has been destroyed meanwhile is no error. */
static int read_stats(const char *object, take_fn take, void *data)
{
	char path[128], counter[NAME_MAX_LEN + 1];
	unsigned long long value;
	int ret = 0;
	FILE *f;

	snprintf(path, sizeof(path), FOLDER "/%s%sstats", object, *object ? "/" : "");
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (!ret && fscanf(f, " %63[^:\t ] : %llu", counter, &value) == 2)
		ret = take(data, object, counter, value);
	fclose(f);
	return ret;
}

/* Objects are in folders that have numbers for names. */
static int read_each(const char *parent, int (*read)(const char *object, take_fn take,
						     void *data),
		     take_fn take, void *data)
{
	char path[128], object[64], end;
	unsigned long long number;
	struct dirent *entry;
	int ret = 0;
	DIR *dir;

	snprintf(path, sizeof(path), FOLDER "/%s", parent);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (!ret && (entry = readdir(dir))) {
		if (sscanf(entry->d_name, "%llu%c", &number, &end) != 1)
			continue;
		snprintf(object, sizeof(object), "%s/%llu", parent, number);
		ret = read(object, take, data);
	}
	closedir(dir);
	return ret;
}

static int read_vps(const char *partition, take_fn take, void *data)
{
	char vps[64];
	int ret;

	snprintf(vps, sizeof(vps), "%.48s/vp", partition);
	ret = read_each(vps, read_stats, take, data);
	return ret == -ENOENT ? 0 : ret;
}

static int read_partition(const char *partition, take_fn take, void *data)
{
	return read_stats(partition, take, data) ?: read_vps(partition, take, data);
}

static int add_event(void *data, const char *object, const char *counter,
		     unsigned long long value)
{
	const char *event = event_of(counter);
	unsigned long long partition;
	unsigned int vp;

	if (!event || sscanf(object, "partition/%llu/vp/%u", &partition, &vp) != 2)
		return 0;
	return table_add(data, partition, vp, event, value);
}

/**
 * debugfs_read() - read what processors exit for
 * @t: result
 *
 * Return: 0, or -errno if there are no counters.
 */
int debugfs_read(struct table *t)
{
	return read_each("partition", read_vps, add_event, t);
}

struct printing {
	unsigned long long partition;	/* 0: all */
};

static int print_counter(void *data, const char *object, const char *counter,
			 unsigned long long value)
{
	const struct printing *p = data;
	unsigned long long partition;

	if (p->partition && (sscanf(object, "partition/%llu", &partition) != 1 ||
			     partition != p->partition))
		return 0;
	printf("%s %s %llu\n", *object ? object : "hypervisor", counter, value);
	return 0;
}

/**
 * debugfs_print() - print all counters of the hypervisor, by their names
 * @partition: only those of this partition; 0: all
 *
 * Return: 0, or -errno if there are no counters.
 */
int debugfs_print(unsigned long long partition)
{
	struct printing p = { .partition = partition };
	int ret;

	ret = read_stats("", print_counter, &p);
	if (!ret)
		ret = read_each("lp", read_stats, print_counter, &p);
	if (!ret)
		ret = read_each("partition", read_partition, print_counter, &p);
	return ret;
}
