// SPDX-License-Identifier: GPL-2.0
/*
 * The hypervisor's counters of virtual processors, as the driver shows them:
 * <debugfs>/mshv/PARTITION/vpINDEX, lines of "number value".
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <hyperv/hv_stats.h>

#include "stat.h"
#include "util.h"

#define FOLDER		"/sys/kernel/debug/mshv"

static const struct {
	unsigned int number;
	const char *event;
} events[] = {
	{ HV_VP_HYPERCALLS_COUNT, "hypercall" },
	{ HV_VP_PAGE_INVALIDATIONS_COUNT, "page-invalidation" },
	{ HV_VP_CONTROL_REGISTER_ACCESSES_COUNT, "control-register" },
	{ HV_VP_IO_INSTRUCTIONS_COUNT, "io-instruction" },
	{ HV_VP_HLT_INSTRUCTIONS_COUNT, "hlt" },
	{ HV_VP_MWAIT_INSTRUCTIONS_COUNT, "mwait" },
	{ HV_VP_CPUID_INSTRUCTIONS_COUNT, "cpuid" },
	{ HV_VP_MSR_ACCESSES_COUNT, "msr" },
	{ HV_VP_OTHER_INTERCEPTS_COUNT, "other" },
	{ HV_VP_EXTERNAL_INTERRUPTS_COUNT, "external-interrupt" },
	{ HV_VP_PENDING_INTERRUPTS_COUNT, "pending-interrupt" },
	{ HV_VP_EMULATED_INSTRUCTIONS_COUNT, "emulated-instruction" },
	{ HV_VP_DEBUG_REGISTER_ACCESSES_COUNT, "debug-register" },
	{ HV_VP_PAGE_FAULT_INTERCEPTS_COUNT, "page-fault" },
	{ HV_VP_SYNTHETIC_INTERRUPTS, "synthetic-interrupt" },
	{ HV_VP_VIRTUAL_INTERRUPTS, "virtual-interrupt" },
	{ HV_VP_APIC_IPIS_SENT, "ipi-sent" },
	{ HV_VP_APIC_SELF_IPIS_SENT, "self-ipi-sent" },
	{ HV_VP_NESTED_PAGE_FAULT_INTERCEPTS_COUNT, "nested-page-fault" },
	{ HV_VP_LOGICAL_PROCESSOR_DISPATCHES, "dispatch" },
};

static const char *event_of(unsigned int number)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		if (events[i].number == number)
			return events[i].event;
	return NULL;
}

/* A processor that has been destroyed meanwhile is no error. */
static int read_vp(struct table *t, unsigned long long partition,
		   unsigned int vp)
{
	unsigned long long value;
	unsigned int number;
	const char *event;
	char path[128];
	int ret = 0;
	FILE *f;

	snprintf(path, sizeof(path), FOLDER "/%llu/vp%u", partition, vp);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (!ret && fscanf(f, "%u %llu", &number, &value) == 2) {
		event = event_of(number);
		if (event)
			ret = table_add(t, partition, vp, event, value);
	}
	fclose(f);
	return ret;
}

static int read_partition(struct table *t, unsigned long long partition)
{
	struct dirent *entry;
	unsigned int vp;
	char path[128], end;
	int ret = 0;
	DIR *dir;

	snprintf(path, sizeof(path), FOLDER "/%llu", partition);
	dir = opendir(path);
	if (!dir)
		return 0;
	while (!ret && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "vp%u%c", &vp, &end) == 1)
			ret = read_vp(t, partition, vp);
	closedir(dir);
	return ret;
}

/**
 * debugfs_read() - read all counters
 * @t: result
 *
 * Return: 0, or -errno if there are no counters.
 */
int debugfs_read(struct table *t)
{
	unsigned long long partition;
	struct dirent *entry;
	int ret = 0;
	char end;
	DIR *dir;

	dir = opendir(FOLDER);
	if (!dir)
		return -errno;
	while (!ret && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "%llu%c", &partition, &end) == 1)
			ret = read_partition(t, partition);
	closedir(dir);
	return ret;
}
