/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Hypervisor ABI: life cycle and properties of a partition, and its memory pool.
 *
 * Model: create -> (early properties) -> initialize -> active -> finalize ->
 * withdraw everything -> delete.  The parent deposits pages into the pool of a
 * partition; the hypervisor takes what it needs for the partition from there
 * and answers HV_STATUS_INSUFFICIENT_MEMORY when the pool is empty.
 *
 * Words: an "early" property can be set between create and initialize only.
 */
#ifndef _HYPERV_HV_PARTITION_H
#define _HYPERV_HV_PARTITION_H

#include <hyperv/hv_types.h>
#include <hyperv/hv_memory.h>
#include <hyperv/hv_property.h>

/* Creation flags. */
#define HV_PARTITION_CREATION_FLAG_SMT_ENABLED_GUEST		HV_BIT64(0)
#define HV_PARTITION_CREATION_FLAG_NESTED_VIRTUALIZATION_CAPABLE HV_BIT64(1)
#define HV_PARTITION_CREATION_FLAG_GPA_SUPER_PAGES_ENABLED	HV_BIT64(4)
#define HV_PARTITION_CREATION_FLAG_EXO_PARTITION		HV_BIT64(8)
#define HV_PARTITION_CREATION_FLAG_VTL1_OVERRIDE		HV_BIT64(9)
#define HV_PARTITION_CREATION_FLAG_VTL2_OVERRIDE		HV_BIT64(10)
#define HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED		HV_BIT64(13)
#define HV_PARTITION_CREATION_FLAG_PMU_ENABLED			HV_BIT64(15)
#define HV_PARTITION_CREATION_FLAG_LBR_ENABLED			HV_BIT64(16)
#define HV_PARTITION_CREATION_FLAG_INTERCEPT_MESSAGE_PAGE_ENABLED HV_BIT64(19)
#define HV_PARTITION_CREATION_FLAG_HYPERCALL_DOORBELL_PAGE_ENABLED HV_BIT64(20)
#define HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE		HV_BIT64(22)
#define HV_PARTITION_CREATION_FLAG_ALL				\
	(HV_PARTITION_CREATION_FLAG_SMT_ENABLED_GUEST |		\
	 HV_PARTITION_CREATION_FLAG_NESTED_VIRTUALIZATION_CAPABLE | \
	 HV_PARTITION_CREATION_FLAG_GPA_SUPER_PAGES_ENABLED |	\
	 HV_PARTITION_CREATION_FLAG_EXO_PARTITION |		\
	 HV_PARTITION_CREATION_FLAG_VTL1_OVERRIDE |		\
	 HV_PARTITION_CREATION_FLAG_VTL2_OVERRIDE |		\
	 HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED |		\
	 HV_PARTITION_CREATION_FLAG_PMU_ENABLED |		\
	 HV_PARTITION_CREATION_FLAG_LBR_ENABLED |		\
	 HV_PARTITION_CREATION_FLAG_INTERCEPT_MESSAGE_PAGE_ENABLED | \
	 HV_PARTITION_CREATION_FLAG_HYPERCALL_DOORBELL_PAGE_ENABLED | \
	 HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE)

/* What Linux sends: the interface of Windows Server 2022. */
#define HV_COMPATIBILITY_21_H2			0x0609

#define HV_PARTITION_PROCESSOR_FEATURES_BANKS	2

/* Isolation properties of a new partition. */
#define HV_PARTITION_ISOLATION_TYPE_MASK	0x000000000000001fULL
#define HV_PARTITION_ISOLATION_HOST_TYPE_SHIFT	5
#define HV_PARTITION_ISOLATION_HOST_TYPE_MASK	0x0000000000000060ULL
#define HV_PARTITION_ISOLATION_BOUNDARY_SHIFT	12
#define HV_PARTITION_ISOLATION_TYPE_NONE	0
#define HV_PARTITION_ISOLATION_TYPE_VBS		1
#define HV_PARTITION_ISOLATION_TYPE_SNP		2
#define HV_PARTITION_ISOLATION_TYPE_TDX		3
#define HV_PARTITION_ISOLATION_TYPE_CCA		4

/* HVCALL_CREATE_PARTITION; a set feature bit hides the feature. */
struct hv_input_create_partition {
	__u64 flags;
	struct hv_proximity_domain_info proximity_domain_info;
	__u32 compatibility_version;
	__u32 padding;
	__u64 disabled_processor_features[HV_PARTITION_PROCESSOR_FEATURES_BANKS];
	__u64 disabled_processor_xsave_features;
	__u64 isolation_properties;
} __packed;
HV_ABI_SIZE(struct hv_input_create_partition, 56);
HV_ABI_OFFSET(struct hv_input_create_partition, proximity_domain_info, 8);
HV_ABI_OFFSET(struct hv_input_create_partition, compatibility_version, 16);
HV_ABI_OFFSET(struct hv_input_create_partition, disabled_processor_features, 24);
HV_ABI_OFFSET(struct hv_input_create_partition, disabled_processor_xsave_features, 40);
HV_ABI_OFFSET(struct hv_input_create_partition, isolation_properties, 48);

struct hv_output_create_partition {
	__u64 partition_id;
} __packed;
HV_ABI_SIZE(struct hv_output_create_partition, 8);

/* HVCALL_INITIALIZE_PARTITION, fast. */
struct hv_input_initialize_partition {
	__u64 partition_id;
} __packed;
HV_ABI_SIZE(struct hv_input_initialize_partition, 8);

/* HVCALL_FINALIZE_PARTITION, fast. */
struct hv_input_finalize_partition {
	__u64 partition_id;
} __packed;
HV_ABI_SIZE(struct hv_input_finalize_partition, 8);

/* HVCALL_DELETE_PARTITION, fast. */
struct hv_input_delete_partition {
	__u64 partition_id;
} __packed;
HV_ABI_SIZE(struct hv_input_delete_partition, 8);

/* HVCALL_GET_PARTITION_PROPERTY */
struct hv_input_get_partition_property {
	__u64 partition_id;
	__u32 property_code;
	__u32 padding;
} __packed;
HV_ABI_SIZE(struct hv_input_get_partition_property, 16);
HV_ABI_OFFSET(struct hv_input_get_partition_property, property_code, 8);

struct hv_output_get_partition_property {
	__u64 property_value;
} __packed;
HV_ABI_SIZE(struct hv_output_get_partition_property, 8);

/* HVCALL_SET_PARTITION_PROPERTY; may answer HV_STATUS_CALL_PENDING. */
struct hv_input_set_partition_property {
	__u64 partition_id;
	__u32 property_code;
	__u32 padding;
	__u64 property_value;
} __packed;
HV_ABI_SIZE(struct hv_input_set_partition_property, 24);
HV_ABI_OFFSET(struct hv_input_set_partition_property, property_code, 8);
HV_ABI_OFFSET(struct hv_input_set_partition_property, property_value, 16);

/* HVCALL_GET_PARTITION_PROPERTY_EX; the output is the bare property. */
struct hv_input_get_partition_property_ex {
	__u64 partition_id;
	__u32 property_code;
	__u32 padding;
	union {
		__u64 arg;
		__u32 arg32;
	};
} __packed;
HV_ABI_SIZE(struct hv_input_get_partition_property_ex, 24);
HV_ABI_OFFSET(struct hv_input_get_partition_property_ex, property_code, 8);
HV_ABI_OFFSET(struct hv_input_get_partition_property_ex, arg, 16);

#define HV_PARTITION_PROPERTY_EX_MAX_OUTPUT	4072

/* HVCALL_SET_PARTITION_PROPERTY_EX; the value is the variable header. */
struct hv_input_set_partition_property_ex {
	__u64 partition_id;
	__u32 property_code;
	__u32 padding;
	__u32 arg;
	__u32 padding2;
	__u64 property_value[];
} __packed;
HV_ABI_SIZE(struct hv_input_set_partition_property_ex, 24);
HV_ABI_OFFSET(struct hv_input_set_partition_property_ex, property_code, 8);
HV_ABI_OFFSET(struct hv_input_set_partition_property_ex, arg, 16);
HV_ABI_OFFSET(struct hv_input_set_partition_property_ex, property_value, 24);

/* HVCALL_GET_PARTITION_ID has no input. */
struct hv_output_get_partition_id {
	__u64 partition_id;
} __packed;
HV_ABI_SIZE(struct hv_output_get_partition_id, 8);

/* HVCALL_GET_NEXT_CHILD_PARTITION; previous is 0 to begin. */
struct hv_input_get_next_child_partition {
	__u64 parent_id;
	__u64 previous_child_id;
} __packed;
HV_ABI_SIZE(struct hv_input_get_next_child_partition, 16);
HV_ABI_OFFSET(struct hv_input_get_next_child_partition, previous_child_id, 8);

struct hv_output_get_next_child_partition {
	__u64 next_child_id;
} __packed;
HV_ABI_SIZE(struct hv_output_get_next_child_partition, 8);

/* HVCALL_DEPOSIT_MEMORY, rep over the list. */
struct hv_deposit_memory {
	__u64 partition_id;
	__u64 gpa_page_list[];
} __packed;
HV_ABI_SIZE(struct hv_deposit_memory, 8);
HV_ABI_OFFSET(struct hv_deposit_memory, gpa_page_list, 8);

#define HV_DEPOSIT_MAX		((HV_HYP_PAGE_SIZE - 8) / 8)

/* HVCALL_WITHDRAW_MEMORY, rep over the output. */
struct hv_input_withdraw_memory {
	__u64 partition_id;
	struct hv_proximity_domain_info proximity_domain_info;
} __packed;
HV_ABI_SIZE(struct hv_input_withdraw_memory, 16);
HV_ABI_OFFSET(struct hv_input_withdraw_memory, proximity_domain_info, 8);

struct hv_output_withdraw_memory {
	__u64 gpa_page_list[HV_HYP_PAGE_SIZE / 8];
} __packed;
HV_ABI_SIZE(struct hv_output_withdraw_memory, 4096);

#define HV_WITHDRAW_MAX		(HV_HYP_PAGE_SIZE / 8)

/* HVCALL_GET_MEMORY_BALANCE */
struct hv_input_get_memory_balance {
	__u64 partition_id;
	struct hv_proximity_domain_info proximity_domain_info;
} __packed;
HV_ABI_SIZE(struct hv_input_get_memory_balance, 16);

struct hv_output_get_memory_balance {
	__u64 pages_available;
	__u64 pages_in_use;
} __packed;
HV_ABI_SIZE(struct hv_output_get_memory_balance, 16);
HV_ABI_OFFSET(struct hv_output_get_memory_balance, pages_in_use, 8);

#endif
