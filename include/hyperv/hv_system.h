/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Hypervisor ABI: logical processors and the machine as a whole.
 *
 * Words: a logical processor (LP) is a hardware thread that the hypervisor
 * runs; root adds those that firmware did not start.
 */
#ifndef _HYPERV_HV_SYSTEM_H
#define _HYPERV_HV_SYSTEM_H

#include <hyperv/hv_types.h>

/* HVCALL_ADD_LOGICAL_PROCESSOR: in order of index, from 1. */
struct hv_input_add_logical_processor {
	__u32 lp_index;
	__u32 apic_id;
	struct hv_proximity_domain_info proximity_domain_info;
} __packed;
HV_ABI_SIZE(struct hv_input_add_logical_processor, 16);
HV_ABI_OFFSET(struct hv_input_add_logical_processor, apic_id, 4);
HV_ABI_OFFSET(struct hv_input_add_logical_processor, proximity_domain_info, 8);

struct hv_lp_startup_status {
	__u64 hv_status;
	__u64 substatus1;
	__u64 substatus2;
	__u64 substatus3;
	__u64 substatus4;
	__u64 substatus5;
	__u64 substatus6;
} __packed;
HV_ABI_SIZE(struct hv_lp_startup_status, 56);

struct hv_output_add_logical_processor {
	struct hv_lp_startup_status startup_status;
} __packed;
HV_ABI_SIZE(struct hv_output_add_logical_processor, 56);

/* HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME */
struct hv_input_get_logical_processor_run_time {
	__u32 lp_index;
} __packed;
HV_ABI_SIZE(struct hv_input_get_logical_processor_run_time, 4);

struct hv_output_get_logical_processor_run_time {
	__u64 global_time;
	__u64 local_run_time;
	__u64 rsvdz0;
	__u64 hypervisor_time;
} __packed;
HV_ABI_SIZE(struct hv_output_get_logical_processor_run_time, 32);
HV_ABI_OFFSET(struct hv_output_get_logical_processor_run_time, local_run_time, 8);
HV_ABI_OFFSET(struct hv_output_get_logical_processor_run_time, hypervisor_time, 24);

/* System properties. */
enum hv_system_property {
	HV_SYSTEM_PROPERTY_SLEEP_STATE			= 3,
	HV_SYSTEM_PROPERTY_IOMMU_INIT_STATUS		= 5,
	HV_SYSTEM_PROPERTY_SCHEDULER_TYPE		= 15,
	HV_DYNAMIC_PROCESSOR_FEATURE_PROPERTY		= 21,
	HV_SYSTEM_PROPERTY_DIAGOSTICS_LOG_BUFFERS	= 28,
	HV_SYSTEM_PROPERTY_IOMMU_ROOT_FAULT_REPORTING_READY = 32,
	HV_SYSTEM_PROPERTY_CRASHDUMPAREA		= 47,
	HV_SYSTEM_PROPERTY_DEVIRT_TRAMPOLINE_PA		= 52,
};

#define HV_SCHEDULER_TYPE_LP			1
#define HV_SCHEDULER_TYPE_LP_SMT		2
#define HV_SCHEDULER_TYPE_CORE_SMT		3
#define HV_SCHEDULER_TYPE_ROOT			4

#define HV_X64_DYNAMIC_PROCESSOR_FEATURE_MAX_ENCRYPTED_PARTITIONS 13
#define HV_X64_DYNAMIC_PROCESSOR_FEATURE_SNP_STATUS 16

/* HV_SYSTEM_PROPERTY_CRASHDUMPAREA: where, and how many pages more. */
#define HV_CRASHDUMP_AREA_PFN_MASK		0x000000ffffffffffULL
#define HV_CRASHDUMP_AREA_EXTRA_PAGES_SHIFT	40

/* First bytes of the crash dump area. */
struct hv_crashdump_area {
	__u32 version;
	__u32 flags;
} __packed;
HV_ABI_SIZE(struct hv_crashdump_area, 8);

#define HV_CRASHDUMP_AREA_VALID			HV_BIT(0)

/* HVCALL_GET_SYSTEM_PROPERTY */
struct hv_input_get_system_property {
	__u32 property_id;
	__u32 reserved;
	__u64 argument;
} __packed;
HV_ABI_SIZE(struct hv_input_get_system_property, 16);
HV_ABI_OFFSET(struct hv_input_get_system_property, argument, 8);

struct hv_output_get_system_property {
	union {
		__u64 as_uint64;
		__u32 scheduler_type;
		struct {
			__u32 buffer_count;
			__u32 buffer_size_in_pages;
		} __packed diag_log;
	};
} __packed;
HV_ABI_SIZE(struct hv_output_get_system_property, 8);

/* HVCALL_SET_SYSTEM_PROPERTY */
#define HV_SET_SYSTEM_PROPERTY_VALUE_SIZE	64

struct hv_input_set_system_property {
	__u32 property_id;
	__u32 reserved;
	union {
		struct {
			__u32 sleep_state;
			__u8 pm1a_slp_typ;
			__u8 pm1b_slp_typ;
		} __packed set_sleep_state_info;
		__u8 value[HV_SET_SYSTEM_PROPERTY_VALUE_SIZE];
	};
} __packed;
HV_ABI_SIZE(struct hv_input_set_system_property, 72);
HV_ABI_OFFSET(struct hv_input_set_system_property, set_sleep_state_info.sleep_state, 8);
HV_ABI_OFFSET(struct hv_input_set_system_property, set_sleep_state_info.pm1a_slp_typ, 12);
HV_ABI_OFFSET(struct hv_input_set_system_property, set_sleep_state_info.pm1b_slp_typ, 13);

/* HVCALL_ENTER_SLEEP_STATE */
struct hv_input_enter_sleep_state {
	__u32 sleep_state;
} __packed;
HV_ABI_SIZE(struct hv_input_enter_sleep_state, 4);

#define HV_SLEEP_STATE_S1			1
#define HV_SLEEP_STATE_S2			2
#define HV_SLEEP_STATE_S3			3
#define HV_SLEEP_STATE_S4			4
#define HV_SLEEP_STATE_S5			5
#define HV_SLEEP_STATE_LOCK			6	/* no more changes */

/* HVCALL_NOTIFY_PARTITION_EVENT */
struct hv_input_notify_partition_event {
	__u32 event;
	__u32 input;
} __packed;
HV_ABI_SIZE(struct hv_input_notify_partition_event, 8);
HV_ABI_OFFSET(struct hv_input_notify_partition_event, input, 4);

#define HV_PARTITION_DEBUG_DEVICE_AVAILABLE_NOTIFICATION	1
#define HV_PARTITION_EVENT_ROOT_CRASHDUMP			2
#define HV_PARTITION_ACPI_REENABLED_NOTIFICATION		3
#define HV_PARTITION_ALL_LOGICAL_PROCESSORS_STARTED		4
#define HV_PARTITION_COMMIT_LP_INDICES				5

#define HV_CRASHDUMP_SUSPEND_ALL_VPS		1
#define HV_CRASHDUMP_PREPARE_FOR_STATE_SAVE	2
#define HV_CRASHDUMP_STATE_SAVED		3
#define HV_CRASHDUMP_ENTRY			4

/* HVCALL_DISABLE_HYP_EX */
struct hv_input_disable_hyp_ex {
	__u64 rip;
	__u64 arg;
} __packed;
HV_ABI_SIZE(struct hv_input_disable_hyp_ex, 16);
HV_ABI_OFFSET(struct hv_input_disable_hyp_ex, arg, 8);

#endif
