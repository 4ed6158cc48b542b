/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Hypervisor ABI: the guest physical address space of a partition.
 *
 * Model: the parent maps pages of its own GPA space ("source") at GPNs of the child
 * ("target") with separate rights.  Mapping a mapped GPN replaces the mapping.
 */
#ifndef _HYPERV_HV_MEMORY_H
#define _HYPERV_HV_MEMORY_H

#include <hyperv/hv_types.h>

#define HV_MAP_GPA_PERMISSIONS_NONE	0x00000000U
#define HV_MAP_GPA_READABLE		0x00000001U
#define HV_MAP_GPA_WRITABLE		0x00000002U
#define HV_MAP_GPA_KERNEL_EXECUTABLE	0x00000004U
#define HV_MAP_GPA_USER_EXECUTABLE	0x00000008U
#define HV_MAP_GPA_EXECUTABLE		0x0000000cU
#define HV_MAP_GPA_SUPERVISOR_SHADOW_STACK 0x00000010U
#define HV_MAP_GPA_PAGING_WRITABLE	0x00000020U
#define HV_MAP_GPA_VERIFY_PAGING_WRITABLE 0x00000040U
#define HV_MAP_GPA_PERMISSIONS_MASK	0x0000000fU
#define HV_MAP_GPA_ADJUSTABLE		0x00008000U
#define HV_MAP_GPA_NO_ACCESS		0x00010000U
#define HV_MAP_GPA_ZERO_PAGE		0x00020000U
#define HV_MAP_GPA_ONES_PAGE		0x00030000U
#define HV_MAP_GPA_SOURCE_MASK		0x00030000U
#define HV_MAP_GPA_NO_OVERLAY		0x00100000U
#define HV_MAP_GPA_NOT_CACHED		0x00200000U
#define HV_MAP_GPA_CLEAR_ACCESSED	0x01000000U
#define HV_MAP_GPA_SET_ACCESSED		0x02000000U
#define HV_MAP_GPA_CLEAR_DIRTY		0x04000000U
#define HV_MAP_GPA_SET_DIRTY		0x08000000U
#define HV_MAP_GPA_NO_RANGE_ACCESSED	0x10000000U
#define HV_MAP_GPA_LARGE_PAGE		0x80000000U
#define HV_MAP_GPA_DEFINED_MASK		0x9f33807fU

#define HV_UNMAP_GPA_KEEP_PRECOMMITTED	0x00000001U
#define HV_UNMAP_GPA_LARGE_PAGE		0x00000002U

/* HVCALL_MAP_GPA_PAGES, rep over the source pages. */
struct hv_input_map_gpa_pages {
	__u64 target_partition_id;
	__u64 target_gpa_base;		/* a GPN */
	__u32 map_flags;
	__u32 padding;
	__u64 source_gpa_page_list[];
} __packed;
HV_ABI_SIZE(struct hv_input_map_gpa_pages, 24);
HV_ABI_OFFSET(struct hv_input_map_gpa_pages, target_gpa_base, 8);
HV_ABI_OFFSET(struct hv_input_map_gpa_pages, map_flags, 16);
HV_ABI_OFFSET(struct hv_input_map_gpa_pages, source_gpa_page_list, 24);

#define HV_MAP_GPA_MAX_PAGES		((HV_HYP_PAGE_SIZE - 24) / 8)

/* HVCALL_UNMAP_GPA_PAGES, rep without a list. */
struct hv_input_unmap_gpa_pages {
	__u64 target_partition_id;
	__u64 target_gpa_base;		/* a GPN */
	__u32 unmap_flags;
	__u32 padding;
} __packed;
HV_ABI_SIZE(struct hv_input_unmap_gpa_pages, 24);
HV_ABI_OFFSET(struct hv_input_unmap_gpa_pages, target_gpa_base, 8);
HV_ABI_OFFSET(struct hv_input_unmap_gpa_pages, unmap_flags, 16);

/* HVCALL_MAP_SPARSE_GPA_PAGES, rep over pairs. */
struct hv_sparse_gpa_page {
	__u64 target_gpa_page_number;
	__u64 source_gpa_page_number;
} __packed;
HV_ABI_SIZE(struct hv_sparse_gpa_page, 16);

struct hv_input_map_sparse_gpa_pages {
	__u64 target_partition_id;
	__u32 map_flags;
	__u32 padding;
	struct hv_sparse_gpa_page page_list[];
} __packed;
HV_ABI_SIZE(struct hv_input_map_sparse_gpa_pages, 16);
HV_ABI_OFFSET(struct hv_input_map_sparse_gpa_pages, map_flags, 8);
HV_ABI_OFFSET(struct hv_input_map_sparse_gpa_pages, page_list, 16);

/* HVCALL_MODIFY_SPARSE_GPA_PAGES, rep over GPNs: new rights. */
struct hv_input_modify_sparse_gpa_pages {
	__u64 target_partition_id;
	__u32 map_flags;
	__u32 padding;
	__u64 gpa_page_list[];
} __packed;
HV_ABI_SIZE(struct hv_input_modify_sparse_gpa_pages, 16);
HV_ABI_OFFSET(struct hv_input_modify_sparse_gpa_pages, map_flags, 8);
HV_ABI_OFFSET(struct hv_input_modify_sparse_gpa_pages, gpa_page_list, 16);

/* HVCALL_GET_GPA_PAGES_ACCESS_STATES, rep: one byte out for each page. */
struct hv_input_get_gpa_pages_access_state {
	__u64 partition_id;
	__u64 flags;
	__u64 hv_gpa_page_number;
} __packed;
HV_ABI_SIZE(struct hv_input_get_gpa_pages_access_state, 24);
HV_ABI_OFFSET(struct hv_input_get_gpa_pages_access_state, flags, 8);
HV_ABI_OFFSET(struct hv_input_get_gpa_pages_access_state, hv_gpa_page_number, 16);

#define HV_GPA_ACCESS_STATE_CLEAR_ACCESSED	HV_BIT64(0)
#define HV_GPA_ACCESS_STATE_SET_ACCESSED	HV_BIT64(1)
#define HV_GPA_ACCESS_STATE_CLEAR_DIRTY		HV_BIT64(2)
#define HV_GPA_ACCESS_STATE_SET_DIRTY		HV_BIT64(3)
#define HV_GPA_ACCESS_STATE_FLAGS_MASK		0x000000000000000fULL

#define HV_GPA_PAGE_ACCESSED			0x01
#define HV_GPA_PAGE_DIRTY			0x02

/* HVCALL_READ_GPA and HVCALL_WRITE_GPA: at most 16 bytes inside one page. */
#define HV_READ_WRITE_GPA_MAX_BYTES		16

struct hv_input_read_gpa {
	__u64 partition_id;
	__u32 vp_index;
	__u32 byte_count;
	__u64 base_gpa;
	__u64 control_flags;		/* bits 7:0: HV_CACHE_TYPE_* */
} __packed;
HV_ABI_SIZE(struct hv_input_read_gpa, 32);
HV_ABI_OFFSET(struct hv_input_read_gpa, vp_index, 8);
HV_ABI_OFFSET(struct hv_input_read_gpa, byte_count, 12);
HV_ABI_OFFSET(struct hv_input_read_gpa, base_gpa, 16);
HV_ABI_OFFSET(struct hv_input_read_gpa, control_flags, 24);

struct hv_output_read_gpa {
	__u32 result_code;
	__u32 reserved;
	__u8 data[HV_READ_WRITE_GPA_MAX_BYTES];
} __packed;
HV_ABI_SIZE(struct hv_output_read_gpa, 24);
HV_ABI_OFFSET(struct hv_output_read_gpa, data, 8);

struct hv_input_write_gpa {
	__u64 partition_id;
	__u32 vp_index;
	__u32 byte_count;
	__u64 base_gpa;
	__u64 control_flags;
	__u8 data[HV_READ_WRITE_GPA_MAX_BYTES];
} __packed;
HV_ABI_SIZE(struct hv_input_write_gpa, 48);
HV_ABI_OFFSET(struct hv_input_write_gpa, base_gpa, 16);
HV_ABI_OFFSET(struct hv_input_write_gpa, data, 32);

struct hv_output_write_gpa {
	__u32 result_code;
	__u32 reserved;
} __packed;
HV_ABI_SIZE(struct hv_output_write_gpa, 8);

#define HV_ACCESS_GPA_SUCCESS			0
#define HV_ACCESS_GPA_UNMAPPED			1
#define HV_ACCESS_GPA_READ_INTERCEPT		2
#define HV_ACCESS_GPA_WRITE_INTERCEPT		3
#define HV_ACCESS_GPA_ILLEGAL_OVERLAY		4

/* Host access to, and visibility of, pages of encrypted guests: rep. */
struct hv_input_modify_sparse_spa_page_host_access {
	__u32 host_access;		/* bits 1:0 */
	__u32 flags;
	__u64 partition_id;
	__u64 spa_page_list[];
} __packed;
HV_ABI_SIZE(struct hv_input_modify_sparse_spa_page_host_access, 16);
HV_ABI_OFFSET(struct hv_input_modify_sparse_spa_page_host_access, flags, 4);
HV_ABI_OFFSET(struct hv_input_modify_sparse_spa_page_host_access, partition_id, 8);
HV_ABI_OFFSET(struct hv_input_modify_sparse_spa_page_host_access, spa_page_list, 16);

#define HV_MODIFY_SPA_PAGE_HOST_ACCESS_MAKE_EXCLUSIVE	0x1
#define HV_MODIFY_SPA_PAGE_HOST_ACCESS_MAKE_SHARED	0x2
#define HV_MODIFY_SPA_PAGE_HOST_ACCESS_LARGE_PAGE	0x4
#define HV_MODIFY_SPA_PAGE_HOST_ACCESS_HUGE_PAGE	0x8

struct hv_gpa_range_for_visibility {
	__u64 partition_id;
	__u32 host_visibility;		/* bits 1:0, VMBUS_PAGE_* order */
	__u32 reserved;
	__u64 gpa_page_list[];
} __packed;
HV_ABI_SIZE(struct hv_gpa_range_for_visibility, 16);
HV_ABI_OFFSET(struct hv_gpa_range_for_visibility, host_visibility, 8);

#define HV_PAGE_NOT_VISIBLE		0
#define HV_PAGE_VISIBLE_READ_ONLY	1
#define HV_PAGE_VISIBLE_READ_WRITE	3

/* The flush calls, simple and with a set of processors. */
struct hv_tlb_flush {
	__u64 address_space;
	__u64 flags;
	__u64 processor_mask;
	__u64 gva_list[];
} __packed;
HV_ABI_SIZE(struct hv_tlb_flush, 24);
HV_ABI_OFFSET(struct hv_tlb_flush, gva_list, 24);

struct hv_tlb_flush_ex {
	__u64 address_space;
	__u64 flags;
	struct hv_vpset hv_vp_set;	/* the GVA list follows its banks */
} __packed;
HV_ABI_SIZE(struct hv_tlb_flush_ex, 32);
HV_ABI_OFFSET(struct hv_tlb_flush_ex, hv_vp_set, 16);

#define HV_FLUSH_ALL_PROCESSORS			HV_BIT64(0)
#define HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES	HV_BIT64(1)
#define HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY	HV_BIT64(2)
#define HV_FLUSH_USE_EXTENDED_RANGE_FORMAT	HV_BIT64(3)

/* A list element: page number, and in bits 11:0 how many pages more. */
#define HV_FLUSH_RANGE_ADDITIONAL_MASK		0x0000000000000fffULL

/* HVCALL_FLUSH_GUEST_PHYSICAL_ADDRESS_SPACE and _LIST. */
struct hv_guest_mapping_flush {
	__u64 address_space;
	__u64 flags;
} __packed;
HV_ABI_SIZE(struct hv_guest_mapping_flush, 16);

struct hv_guest_mapping_flush_list {
	__u64 address_space;
	__u64 flags;
	__u64 gpa_list[];
} __packed;
HV_ABI_SIZE(struct hv_guest_mapping_flush_list, 16);

#endif
