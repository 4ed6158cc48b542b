/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Hypervisor ABI: DMA remapping.
 *
 * Model: the hypervisor owns the remapping hardware.  A *device domain* is an address
 * space of devices: it maps IO virtual addresses to pages of the root.  Root makes
 * domains, whose numbers it chooses, attaches devices to them, and maps pages.  From
 * boot on each device is in the *default* domain, which maps the root's memory one to
 * one.  The *null* domain maps nothing.  Both always exist.
 *
 * Words: an IOVA is in bytes; a list of pages has page numbers.  A *stage 2* domain has
 * its tables in the hypervisor, a *stage 1* domain has tables that its owner writes.
 */
#ifndef _HYPERV_HV_IOMMU_H
#define _HYPERV_HV_IOMMU_H

#include <hyperv/hv_types.h>

/* A domain's id: the type in bits 3:0, the number in bits 63:32, the rest MBZ. */
#define HV_DEVICE_DOMAIN_TYPE_MASK		0x000000000000000fULL
#define HV_DEVICE_DOMAIN_RESERVED		0x00000000fffffff0ULL
#define HV_DEVICE_DOMAIN_ID_SHIFT		32

#define HV_DEVICE_DOMAIN_TYPE_S2		0
#define HV_DEVICE_DOMAIN_TYPE_S1		1
#define HV_DEVICE_DOMAIN_TYPE_SOC		2

/* Numbers of stage 2 domains that are never created. */
#define HV_DEVICE_DOMAIN_ID_S2_DEFAULT		0x00000000U
#define HV_DEVICE_DOMAIN_ID_S2_NULL		0xffffffffU

/* In front of most calls. */
struct hv_input_device_domain {
	__u64 partition_id;		/* HV_PARTITION_ID_SELF */
	__u8 owner_vtl;
	__u8 padding[7];
	__u64 domain_id;
} __packed;
HV_ABI_SIZE(struct hv_input_device_domain, 24);
HV_ABI_OFFSET(struct hv_input_device_domain, owner_vtl, 8);
HV_ABI_OFFSET(struct hv_input_device_domain, domain_id, 16);

/* HVCALL_CREATE_DEVICE_DOMAIN */
struct hv_input_create_device_domain {
	struct hv_input_device_domain device_domain;
	__u32 create_device_domain_flags;
} __packed;
HV_ABI_SIZE(struct hv_input_create_device_domain, 28);
HV_ABI_OFFSET(struct hv_input_create_device_domain, create_device_domain_flags, 24);

#define HV_CREATE_DEVICE_DOMAIN_FORWARD_PROGRESS	HV_BIT(0)	/* root sets it */
#define HV_CREATE_DEVICE_DOMAIN_INHERIT_VTL		HV_BIT(1)

/* HVCALL_DELETE_DEVICE_DOMAIN */
struct hv_input_delete_device_domain {
	struct hv_input_device_domain device_domain;
} __packed;
HV_ABI_SIZE(struct hv_input_delete_device_domain, 24);

/* HVCALL_ATTACH_DEVICE_DOMAIN: takes the device out of the domain that it is in. */
struct hv_input_attach_device_domain {
	struct hv_input_device_domain device_domain;
	__u64 device_id;
} __packed;
HV_ABI_SIZE(struct hv_input_attach_device_domain, 32);
HV_ABI_OFFSET(struct hv_input_attach_device_domain, device_id, 24);

/* HVCALL_DETACH_DEVICE_DOMAIN */
struct hv_input_detach_device_domain {
	__u64 partition_id;
	__u64 device_id;
} __packed;
HV_ABI_SIZE(struct hv_input_detach_device_domain, 16);
HV_ABI_OFFSET(struct hv_input_detach_device_domain, device_id, 8);

/* HVCALL_MAP_DEVICE_GPA_PAGES: a list of page numbers; HV_MAP_GPA_READABLE, _WRITABLE. */
struct hv_input_map_device_gpa_pages {
	struct hv_input_device_domain device_domain;
	__u8 target_vtl;
	__u8 padding[3];
	__u32 map_flags;
	__u64 target_device_va_base;
	__u64 gpa_page_list[];
} __packed;
HV_ABI_SIZE(struct hv_input_map_device_gpa_pages, 40);
HV_ABI_OFFSET(struct hv_input_map_device_gpa_pages, target_vtl, 24);
HV_ABI_OFFSET(struct hv_input_map_device_gpa_pages, map_flags, 28);
HV_ABI_OFFSET(struct hv_input_map_device_gpa_pages, target_device_va_base, 32);
HV_ABI_OFFSET(struct hv_input_map_device_gpa_pages, gpa_page_list, 40);

#define HV_MAP_DEVICE_GPA_MAX_PAGES						\
	((HV_HYP_PAGE_SIZE - sizeof(struct hv_input_map_device_gpa_pages)) / sizeof(__u64))

/* HVCALL_UNMAP_DEVICE_GPA_PAGES: as many pages as elements, and no list. */
struct hv_input_unmap_device_gpa_pages {
	struct hv_input_device_domain device_domain;
	__u64 target_device_va_base;
} __packed;
HV_ABI_SIZE(struct hv_input_unmap_device_gpa_pages, 32);
HV_ABI_OFFSET(struct hv_input_unmap_device_gpa_pages, target_device_va_base, 24);

#define HV_UNMAP_DEVICE_GPA_MAX_PAGES		4095

/* HVCALL_GET_IOMMU_CAPABILITIES */
struct hv_input_get_iommu_capabilities {
	__u64 partition_id;
	__u64 reserved;
} __packed;
HV_ABI_SIZE(struct hv_input_get_iommu_capabilities, 16);
HV_ABI_OFFSET(struct hv_input_get_iommu_capabilities, reserved, 8);

struct hv_output_get_iommu_capabilities {
	__u32 size;
	__u16 reserved;
	__u8 max_iova_width;		/* bits */
	__u8 max_pasid_width;
	__u64 iommu_cap;
	__u64 pgsize_bitmap;
} __packed;
HV_ABI_SIZE(struct hv_output_get_iommu_capabilities, 24);
HV_ABI_OFFSET(struct hv_output_get_iommu_capabilities, max_iova_width, 6);
HV_ABI_OFFSET(struct hv_output_get_iommu_capabilities, max_pasid_width, 7);
HV_ABI_OFFSET(struct hv_output_get_iommu_capabilities, iommu_cap, 8);
HV_ABI_OFFSET(struct hv_output_get_iommu_capabilities, pgsize_bitmap, 16);

#define HV_IOMMU_CAP_PRESENT			HV_BIT64(0)
#define HV_IOMMU_CAP_S2				HV_BIT64(1)
#define HV_IOMMU_CAP_S1				HV_BIT64(2)
#define HV_IOMMU_CAP_S1_5LVL			HV_BIT64(3)
#define HV_IOMMU_CAP_PASID			HV_BIT64(4)
#define HV_IOMMU_CAP_ATS			HV_BIT64(5)
#define HV_IOMMU_CAP_PRI			HV_BIT64(6)

/* A logical id of the root for a device: its segment and requester id. */
#define HV_LOGICAL_DEVICE_SEGMENT_SHIFT		16
#define HV_LOGICAL_DEVICE_RID_MASK		0x000000000000ffffULL

/* HVMSG_IOMMU_FAULT, on SINT HV_SYNIC_IOMMU_FAULT_SINT_INDEX of a root VP. */
struct hv_iommu_fault_message {
	__u32 type;
	__u8 access_type;		/* HV_INTERCEPT_ACCESS_READ or _WRITE */
	__u8 reserved1[3];
	__u32 flags;
	__u32 reserved2;
	__u64 logical_device_id;
	__u64 address;
} __packed;
HV_ABI_SIZE(struct hv_iommu_fault_message, 32);
HV_ABI_OFFSET(struct hv_iommu_fault_message, access_type, 4);
HV_ABI_OFFSET(struct hv_iommu_fault_message, flags, 8);
HV_ABI_OFFSET(struct hv_iommu_fault_message, logical_device_id, 16);
HV_ABI_OFFSET(struct hv_iommu_fault_message, address, 24);

#define HV_IOMMU_FAULT_TRANSLATION		0	/* the domain does not map it */
#define HV_IOMMU_FAULT_BLOCKED			1	/* the device is in no domain */
#define HV_IOMMU_FAULT_INTERRUPT		2

#define HV_IOMMU_FAULT_ADDRESS_VALID		HV_BIT(0)
#define HV_IOMMU_FAULT_DEVICE_VALID		HV_BIT(1)

/* HV_SYSTEM_PROPERTY_IOMMU_INIT_STATUS, the first eight bytes. */
struct hv_iommu_init_status {
	__u8 hardware_present;
	__u8 enabled;
	__u8 reserved[6];
} __packed;
HV_ABI_SIZE(struct hv_iommu_init_status, 8);
HV_ABI_OFFSET(struct hv_iommu_init_status, enabled, 1);

#endif
