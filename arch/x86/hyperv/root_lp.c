// SPDX-License-Identifier: GPL-2.0
/*
 * The processors of a root partition.
 *
 * Model: the hypervisor starts a root partition with one processor.  The root adds
 * all others as LPs, reports that this is all, and then creates a VP for each, which
 * the kernel starts as it starts any processor.  All this is done by
 * hv_root_start_processors(), which hv_smp_prepare_cpus() calls.
 *
 * The first LP is the boot processor.  The others have indexes in the order of their
 * APIC ids, so that the threads of a core are neighbours; the hypervisor relies on
 * that for scheduling.  No index can be skipped, so when one LP is refused, those
 * after it are not added.  The kernel runs with fewer then.  A processor that was refused
 * stays present, since ACPI would make it so again when it enumerates processors, but
 * cannot be brought up, neither at boot nor later.
 *
 * After a kexec the LPs and VPs exist already, and are not touched.  Those that do not
 * exist were refused before.
 */
#define pr_fmt(fmt) "Hyper-V root: " fmt

#include <linux/acpi.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <asm/hv_root.h>
#include <asm/numa.h>
#include <asm/smp.h>

#include <hyperv/hv_system.h>
#include <hyperv/hv_vp.h>

#include "root.h"

static unsigned int lp_cpus[NR_CPUS] __initdata; /* by LP index */
static unsigned int nr_lps __initdata;

/* Processors that the hypervisor does not run. */
static struct cpumask refused_cpus;

static int root_lp_veto(unsigned int cpu)
{
	return cpumask_test_cpu(cpu, &refused_cpus) ? -ENODEV : 0;
}

static int __init root_lp_cmp_apic_id(const void *a, const void *b)
{
	u32 x = cpu_physical_id(*(const unsigned int *)a);
	u32 y = cpu_physical_id(*(const unsigned int *)b);

	return x < y ? -1 : x > y;
}

/* The boot processor is the first LP, whatever its APIC id. */
static void __init root_lp_order(void)
{
	unsigned int cpu;

	nr_lps = 0;
	lp_cpus[nr_lps++] = 0;
	for_each_present_cpu(cpu) {
		if (cpu > 0)
			lp_cpus[nr_lps++] = cpu;
	}
	sort(lp_cpus + 1, nr_lps - 1, sizeof(lp_cpus[0]), root_lp_cmp_apic_id, NULL);
}

static struct hv_proximity_domain_info __init root_lp_proximity(unsigned int cpu)
{
	struct hv_proximity_domain_info info = {};
	int node = numa_cpu_node(cpu);

	if (node != NUMA_NO_NODE) {
		info.domain_id = node_to_pxm(node);
		info.flags = HV_PROXIMITY_INFO_VALID | HV_PROXIMITY_DOMAIN_PREFERRED;
	}
	return info;
}

static bool __init root_lp_exists(u32 index)
{
	struct hv_input_get_logical_processor_run_time in = { .lp_index = index };
	struct hv_output_get_logical_processor_run_time out;

	return !hv_root_call(HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME, &in,
			     sizeof(in), &out, sizeof(out));
}

static int __init root_lp_add(u32 index)
{
	unsigned int cpu = lp_cpus[index];
	struct hv_input_add_logical_processor in = {
		.lp_index = index,
		.apic_id = cpu_physical_id(cpu),
		.proximity_domain_info = root_lp_proximity(cpu),
	};
	struct hv_output_add_logical_processor out;

	return hv_root_call(HVCALL_ADD_LOGICAL_PROCESSOR, &in, sizeof(in), &out,
			    sizeof(out));
}

static int __init root_lp_create_vp(u32 index)
{
	struct hv_input_create_vp in = {
		.partition_id = HV_PARTITION_ID_SELF,
		.vp_index = index,
		.subnode_type = HV_SUBNODE_ANY,
		.proximity_domain_info = root_lp_proximity(lp_cpus[index]),
		.flags = index,
	};

	return hv_root_call(HVCALL_CREATE_VP, &in, sizeof(in), NULL, 0);
}

static void __init root_lp_do_without(u32 index, const char *what, int err)
{
	pr_err("%s for processor %u (APIC id %u) failed (%d), continuing without it\n",
	       what, lp_cpus[index], cpu_physical_id(lp_cpus[index]), err);
	if (cpumask_empty(&refused_cpus) &&
	    cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "x86/hyperv:refused",
				      root_lp_veto, NULL) < 0)
		pr_err("it must not be started\n");
	cpumask_set_cpu(lp_cpus[index], &refused_cpus);
}

/* Those of the kernel before, if there are any. */
static bool __init root_lp_find(void)
{
	u32 index, found;

	for (found = 1; found < nr_lps && root_lp_exists(found); found++)
		;
	if (found == 1)
		return false;
	pr_info("%u processors exist already\n", found);
	for (index = found; index < nr_lps; index++)
		root_lp_do_without(index, "finding the logical processor", -ENODEV);
	return true;
}

/* Returns how many LPs there are. */
static u32 __init root_lp_add_all(void)
{
	u32 index, dropped;
	int ret;

	for (index = 1; index < nr_lps; index++) {
		ret = root_lp_add(index);
		if (!ret)
			continue;
		for (dropped = index; dropped < nr_lps; dropped++)
			root_lp_do_without(dropped, "adding a logical processor", ret);
		break;
	}
	return index;
}

static void __init root_lp_all_added(void)
{
	struct hv_input_notify_partition_event in = {
		.event = HV_PARTITION_ALL_LOGICAL_PROCESSORS_STARTED,
	};
	int ret = hv_root_call(HVCALL_NOTIFY_PARTITION_EVENT, &in, sizeof(in),
			       NULL, 0);

	if (ret)
		pr_warn("notifying the hypervisor that all processors are added failed (%d)\n",
			ret);
}

/**
 * hv_root_start_processors() - make the present processors startable
 *
 * Called before the first of them is started.  After an error there are fewer.
 */
void __init hv_root_start_processors(void)
{
	u32 index, added;
	int ret;

	root_lp_order();
	if (nr_lps == 1)
		return;
	if (root_lp_find())
		return;
	added = root_lp_add_all();
	root_lp_all_added();
	for (index = 1; index < added; index++) {
		ret = root_lp_create_vp(index);
		if (ret)
			root_lp_do_without(index, "making a virtual processor", ret);
	}
}
