/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Hypervisor ABI: statistics pages.
 *
 * Model: a page belongs to one object and one area; it is an array of 64-bit
 * counters that the hypervisor keeps up to date while it is mapped.
 */
#ifndef _HYPERV_HV_STATS_H
#define _HYPERV_HV_STATS_H

#include <hyperv/hv_types.h>

#define HV_STATS_OBJECT_HYPERVISOR		0x00000001
#define HV_STATS_OBJECT_LOGICAL_PROCESSOR	0x00000002
#define HV_STATS_OBJECT_PARTITION		0x00010001
#define HV_STATS_OBJECT_VP			0x00010002

#define HV_STATS_AREA_SELF			0
#define HV_STATS_AREA_PARENT			1
#define HV_STATS_AREA_INTERNAL			2
#define HV_STATS_AREA_COUNT			3

#define HV_STATS_PAGE_COUNTERS			512

union hv_stats_object_identity {
	struct {
		__u8 reserved[15];
		__u8 stats_area_type;
	} __packed hv;
	struct {
		__u32 lp_index;
		__u8 reserved[11];
		__u8 stats_area_type;
	} __packed lp;
	struct {
		__u64 partition_id;
		__u8 reserved[7];
		__u8 stats_area_type;
	} __packed partition;
	struct {
		__u64 partition_id;
		__u32 vp_index;
		__u16 flags;
		__u8 reserved;
		__u8 stats_area_type;
	} __packed vp;
} __packed;
HV_ABI_SIZE(union hv_stats_object_identity, 16);
HV_ABI_OFFSET(union hv_stats_object_identity, hv.stats_area_type, 15);
HV_ABI_OFFSET(union hv_stats_object_identity, lp.stats_area_type, 15);
HV_ABI_OFFSET(union hv_stats_object_identity, partition.stats_area_type, 15);
HV_ABI_OFFSET(union hv_stats_object_identity, vp.vp_index, 8);
HV_ABI_OFFSET(union hv_stats_object_identity, vp.flags, 12);
HV_ABI_OFFSET(union hv_stats_object_identity, vp.stats_area_type, 15);

/* HVCALL_MAP_STATS_PAGE */
struct hv_input_map_stats_page {
	__u32 type;
	__u32 padding;
	union hv_stats_object_identity identity;
} __packed;
HV_ABI_SIZE(struct hv_input_map_stats_page, 24);
HV_ABI_OFFSET(struct hv_input_map_stats_page, identity, 8);

struct hv_output_map_stats_page {
	__u64 map_location;		/* a PFN */
} __packed;
HV_ABI_SIZE(struct hv_output_map_stats_page, 8);

/* HVCALL_MAP_STATS_PAGE2: the caller provides the page. */
struct hv_input_map_stats_page2 {
	__u32 type;
	__u32 padding;
	union hv_stats_object_identity identity;
	__u64 map_location;
} __packed;
HV_ABI_SIZE(struct hv_input_map_stats_page2, 32);
HV_ABI_OFFSET(struct hv_input_map_stats_page2, identity, 8);
HV_ABI_OFFSET(struct hv_input_map_stats_page2, map_location, 24);

/* HVCALL_UNMAP_STATS_PAGE */
struct hv_input_unmap_stats_page {
	__u32 type;
	__u32 padding;
	union hv_stats_object_identity identity;
} __packed;
HV_ABI_SIZE(struct hv_input_unmap_stats_page, 24);
HV_ABI_OFFSET(struct hv_input_unmap_stats_page, identity, 8);

enum hv_stats_hypervisor_counter {
	HV_HYPERVISOR_LOGICAL_PROCESSORS		= 1,
	HV_HYPERVISOR_PARTITIONS			= 2,
	HV_HYPERVISOR_TOTAL_PAGES			= 3,
	HV_HYPERVISOR_VIRTUAL_PROCESSORS		= 4,
	HV_HYPERVISOR_MONITORED_NOTIFICATIONS		= 5,
	HV_HYPERVISOR_MODERN_STANDBY_ENTRIES		= 6,
	HV_HYPERVISOR_PLATFORM_IDLE_TRANSITIONS		= 7,
	HV_HYPERVISOR_STARTUP_COST			= 8,
	HV_HYPERVISOR_IO_SPACE_PAGES			= 10,
	HV_HYPERVISOR_NON_ESSENTIAL_PAGES_FOR_DUMP	= 11,
	HV_HYPERVISOR_SUBSUMED_PAGES			= 12,
};

enum hv_stats_lp_counter {
	HV_LP_GLOBAL_TIME				= 1,
	HV_LP_TOTAL_RUN_TIME				= 2,
	HV_LP_HYPERVISOR_RUN_TIME			= 3,
	HV_LP_HARDWARE_INTERRUPTS			= 4,
	HV_LP_CONTEXT_SWITCHES				= 5,
	HV_LP_INTER_PROCESSOR_INTERRUPTS		= 6,
	HV_LP_SCHEDULER_INTERRUPTS			= 7,
	HV_LP_TIMER_INTERRUPTS				= 8,
	HV_LP_INTER_PROCESSOR_INTERRUPTS_SENT		= 9,
	HV_LP_PROCESSOR_HALTS				= 10,
	HV_LP_MONITOR_TRANSITION_COST			= 11,
	HV_LP_CONTEXT_SWITCH_TIME			= 12,
	HV_LP_C1_TRANSITIONS_COUNT			= 13,
	HV_LP_C1_RUN_TIME				= 14,
	HV_LP_C2_TRANSITIONS_COUNT			= 15,
	HV_LP_C2_RUN_TIME				= 16,
	HV_LP_C3_TRANSITIONS_COUNT			= 17,
	HV_LP_C3_RUN_TIME				= 18,
	HV_LP_ROOT_VP_INDEX				= 19,
	HV_LP_IDLE_SEQUENCE_NUMBER			= 20,
	HV_LP_GLOBAL_TSC_COUNT				= 21,
	HV_LP_ACTIVE_TSC_COUNT				= 22,
	HV_LP_IDLE_ACCUMULATION				= 23,
	HV_LP_PROXIMITY_DOMAIN				= 28,
	HV_LP_POSTED_INTERRUPT_NOTIFICATIONS		= 29,
	HV_LP_BRANCH_PREDICTOR_FLUSHES			= 30,
	HV_LP_RUNNING_PRIORITY				= 50,
	HV_LP_PERFMON_INTERRUPT_COUNT			= 51,
};

enum hv_stats_partition_counter {
	HV_PARTITION_VIRTUAL_PROCESSORS			= 1,
	HV_PARTITION_TLB_SIZE				= 3,
	HV_PARTITION_ADDRESS_SPACES			= 4,
	HV_PARTITION_DEPOSITED_PAGES			= 5,
	HV_PARTITION_GPA_PAGES				= 6,
	HV_PARTITION_GPA_SPACE_MODIFICATIONS		= 7,
	HV_PARTITION_VIRTUAL_TLB_FLUSH_ENTRIES		= 8,
	HV_PARTITION_RECOMMENDED_TLB_SIZE		= 9,
	HV_PARTITION_GPA_PAGES_4K			= 10,
	HV_PARTITION_GPA_PAGES_2M			= 11,
	HV_PARTITION_GPA_PAGES_1G			= 12,
	HV_PARTITION_GPA_PAGES_512G			= 13,
	HV_PARTITION_DEVICE_PAGES_4K			= 14,
	HV_PARTITION_DEVICE_PAGES_2M			= 15,
	HV_PARTITION_DEVICE_PAGES_1G			= 16,
	HV_PARTITION_DEVICE_PAGES_512G			= 17,
	HV_PARTITION_ATTACHED_DEVICES			= 18,
	HV_PARTITION_DEVICE_INTERRUPT_MAPPINGS		= 19,
	HV_PARTITION_IO_TLB_FLUSHES			= 20,
	HV_PARTITION_IO_TLB_FLUSH_COST			= 21,
	HV_PARTITION_DEVICE_INTERRUPT_ERRORS		= 22,
	HV_PARTITION_DEVICE_DMA_ERRORS			= 23,
	HV_PARTITION_DEVICE_INTERRUPT_THROTTLE_EVENTS	= 24,
	HV_PARTITION_SKIPPED_TIMER_TICKS		= 25,
	HV_PARTITION_PARTITION_ID			= 26,
	HV_PARTITION_NESTED_TLB_SIZE			= 27,
	HV_PARTITION_RECOMMENDED_NESTED_TLB_SIZE	= 28,
	HV_PARTITION_NESTED_TLB_FREE_LIST_SIZE		= 29,
	HV_PARTITION_NESTED_TLB_TRIMMED_PAGES		= 30,
	HV_PARTITION_PAGES_SHATTERED			= 31,
	HV_PARTITION_PAGES_RECOMBINED			= 32,
	HV_PARTITION_HWP_REQUEST_VALUE			= 33,
};

/* Where a comment says so, the number after a count is its time. */
enum hv_stats_vp_counter {
	HV_VP_TOTAL_RUN_TIME				= 1,
	HV_VP_HYPERVISOR_RUN_TIME			= 2,
	HV_VP_REMOTE_NODE_RUN_TIME			= 3,
	HV_VP_NORMALIZED_RUN_TIME			= 4,
	HV_VP_IDEAL_CPU					= 5,
	HV_VP_HYPERCALLS_COUNT				= 7,
	HV_VP_HYPERCALLS_TIME				= 8,
	/* Pairs of count and time up to 34. */
	HV_VP_PAGE_INVALIDATIONS_COUNT			= 9,
	HV_VP_CONTROL_REGISTER_ACCESSES_COUNT		= 11,
	HV_VP_IO_INSTRUCTIONS_COUNT			= 13,
	HV_VP_HLT_INSTRUCTIONS_COUNT			= 15,
	HV_VP_MWAIT_INSTRUCTIONS_COUNT			= 17,
	HV_VP_CPUID_INSTRUCTIONS_COUNT			= 19,
	HV_VP_MSR_ACCESSES_COUNT			= 21,
	HV_VP_OTHER_INTERCEPTS_COUNT			= 23,
	HV_VP_EXTERNAL_INTERRUPTS_COUNT			= 25,
	HV_VP_PENDING_INTERRUPTS_COUNT			= 27,
	HV_VP_EMULATED_INSTRUCTIONS_COUNT		= 29,
	HV_VP_DEBUG_REGISTER_ACCESSES_COUNT		= 31,
	HV_VP_PAGE_FAULT_INTERCEPTS_COUNT		= 33,
	HV_VP_IO_INTERCEPT_MESSAGES			= 40,
	HV_VP_MEMORY_INTERCEPT_MESSAGES			= 41,
	HV_VP_OTHER_MESSAGES				= 43,
	HV_VP_LOGICAL_PROCESSOR_MIGRATIONS		= 45,
	HV_VP_SYNTHETIC_INTERRUPTS			= 58,
	HV_VP_VIRTUAL_INTERRUPTS			= 59,
	HV_VP_APIC_IPIS_SENT				= 60,
	HV_VP_APIC_SELF_IPIS_SENT			= 61,
	HV_VP_HARDWARE_INTERRUPTS_COUNT			= 70,
	HV_VP_NESTED_PAGE_FAULT_INTERCEPTS_COUNT	= 71,
	HV_VP_NESTED_PAGE_FAULT_INTERCEPTS_TIME		= 72,
	HV_VP_LOGICAL_PROCESSOR_DISPATCHES		= 74,
	HV_VP_CPU_WAIT_TIME				= 75,
	HV_VP_PRIORITY					= 175,
	/* 1 until the dispatch that saw the VP block has returned. */
	HV_VP_ROOT_DISPATCH_THREAD_BLOCKED		= 202,
};

#endif
