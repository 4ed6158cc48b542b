// SPDX-License-Identifier: GPL-2.0
/*
 * Names of the hypervisor's counters: one for each number, and of the right number.
 */
#include <kunit/test.h>

#include "counter_names.h"

struct names_table {
	const char * const *names;
	unsigned int count;
};

static const struct names_table tables[] = {
	{ hypervisor_counters, ARRAY_SIZE(hypervisor_counters) },
	{ lp_counters, ARRAY_SIZE(lp_counters) },
	{ partition_counters, ARRAY_SIZE(partition_counters) },
	{ vp_counters, ARRAY_SIZE(vp_counters) },
};

/* Programs read lines of "name: value". */
static bool readable(const char *name)
{
	if (strlen(name) > 60)
		return false;
	for (; *name; name++)
		if (!(*name >= 'a' && *name <= 'z') && !(*name >= 'A' && *name <= 'Z') &&
		    !(*name >= '0' && *name <= '9'))
			return false;
	return true;
}

static void names_unique(struct kunit *test)
{
	const struct names_table *t;
	unsigned int k, i, j;

	for (k = 0; k < ARRAY_SIZE(tables); k++) {
		t = &tables[k];
		for (i = 0; i < t->count; i++) {
			if (!t->names[i])
				continue;
			KUNIT_EXPECT_TRUE(test, readable(t->names[i]));
			for (j = 0; j < i; j++)
				KUNIT_EXPECT_TRUE(test, !t->names[j] ||
						  strcmp(t->names[i], t->names[j]));
		}
		/* Entry 0 of a page is no counter. */
		KUNIT_EXPECT_TRUE(test, !counter_name(t->names, t->count, 0));
		KUNIT_EXPECT_TRUE(test, counter_name(t->names, t->count, t->count - 1));
		KUNIT_EXPECT_TRUE(test, !counter_name(t->names, t->count, t->count));
		KUNIT_EXPECT_TRUE(test, !counter_name(t->names, t->count, 511));
	}
}

static bool is(unsigned int table, unsigned int number, const char *name)
{
	const char *found = counter_name(tables[table].names, tables[table].count, number);

	return found && !strcmp(found, name);
}

/* The first and last of each group that the documentation lists together. */
static void names_numbers(struct kunit *test)
{
	static const struct {
		unsigned int table;
		unsigned int number;
		const char *name;
	} rows[] = {
		{ 0, 1, "LogicalProcessors" }, { 0, 2, "Partitions" },
		{ 0, 4, "VirtualProcessors" }, { 0, 8, "HypervisorStartupCost" },
		{ 0, 10, "IoSpacePages" }, { 0, 12, "SubsumedPages" },
		{ 1, 1, "GlobalTime" }, { 1, 5, "ContextSwitches" },
		{ 1, 10, "ProcessorHalts" }, { 1, 13, "C1TransitionsCount" },
		{ 1, 18, "C3RunTime" }, { 1, 19, "RootVpIndex" },
		{ 1, 21, "GlobalTscCount" }, { 1, 28, "ProximityDomainId" },
		{ 1, 30, "BranchPredictorFlushes" }, { 1, 50, "RunningPriority" },
		{ 1, 51, "PerfmonInterruptCount" },
		{ 2, 1, "VirtualProcessors" }, { 2, 5, "DepositedPages" },
		{ 2, 10, "GpaPages4K" }, { 2, 13, "GpaPages512G" },
		{ 2, 18, "AttachedDevices" }, { 2, 26, "PartitionId" },
		{ 2, 31, "PagesShattered" }, { 2, 33, "HwpRequestValue" },
		{ 3, 1, "TotalRunTime" }, { 3, 5, "IdealCpu" },
		{ 3, 7, "HypercallsCount" }, { 3, 8, "HypercallsTime" },
		{ 3, 9, "PageInvalidationsCount" }, { 3, 15, "HltInstructionsCount" },
		{ 3, 19, "CpuidInstructionsCount" }, { 3, 33, "PageFaultInterceptsCount" },
		{ 3, 34, "PageFaultInterceptsTime" }, { 3, 39, "ApicMmioAccesses" },
		{ 3, 43, "OtherMessages" }, { 3, 57, "PageTableWriteIntercepts" },
		{ 3, 58, "SyntheticInterrupts" }, { 3, 59, "VirtualInterrupts" },
		{ 3, 60, "ApicIpisSent" }, { 3, 70, "HardwareInterrupts" },
		{ 3, 71, "NestedPageFaultInterceptsCount" },
		{ 3, 74, "LogicalProcessorDispatches" }, { 3, 75, "WaitingForCpuTime" },
		{ 3, 84, "HypercallsForwardedCount" },
		{ 3, 111, "PageFaultInterceptsForwardingTime" },
		{ 3, 112, "VmclearEmulationCount" },
		{ 3, 146, "PostedInterruptNotifications" },
		{ 3, 175, "Priority" }, { 3, 202, "RootDispatchThreadBlocked" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_TRUE(test, is(rows[i].table, rows[i].number, rows[i].name));
}

static struct kunit_case names_cases[] = {
	KUNIT_CASE(names_unique),
	KUNIT_CASE(names_numbers),
	{ }
};

static struct kunit_suite names_suite = {
	.name = "mshv_names",
	.test_cases = names_cases,
};

kunit_test_suite(names_suite);
