/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Hypervisor ABI: interrupts: of devices into root, and virtual ones into VPs.
 *
 * Model: the hypervisor owns interrupt remapping.  Root asks it to map an interrupt
 * of a device and writes the entry that it returns, uninterpreted, into the device
 * or the IO-APIC.
 */
#ifndef _HYPERV_HV_INTERRUPT_H
#define _HYPERV_HV_INTERRUPT_H

#include <hyperv/hv_types.h>

/* Device id: 64 bits, the type on top. */
#define HV_DEVICE_ID_TYPE_SHIFT			62
#define HV_DEVICE_TYPE_LOGICAL			0ULL
#define HV_DEVICE_TYPE_PCI			1ULL
#define HV_DEVICE_TYPE_IOAPIC			2ULL
#define HV_DEVICE_TYPE_ACPI			3ULL
#define HV_DEVICE_ID_LOGICAL_MASK		0x3fffffffffffffffULL

#define HV_DEVICE_ID_PCI_RID_MASK		0x000000000000ffffULL
#define HV_DEVICE_ID_PCI_SEGMENT_SHIFT		16
#define HV_DEVICE_ID_PCI_SEGMENT_MASK		0x00000000ffff0000ULL
#define HV_DEVICE_ID_PCI_SUBORDINATE_SHIFT	32
#define HV_DEVICE_ID_PCI_SUBORDINATE_MASK	0x000000ff00000000ULL
#define HV_DEVICE_ID_PCI_SECONDARY_SHIFT	40
#define HV_DEVICE_ID_PCI_SECONDARY_MASK		0x0000ff0000000000ULL
#define HV_DEVICE_ID_PCI_PHANTOM_SHIFT		48
#define HV_DEVICE_ID_PCI_PHANTOM_MASK		0x0003000000000000ULL
#define HV_DEVICE_ID_PCI_SOURCE_SHADOW		HV_BIT64(50)
#define HV_DEVICE_ID_PCI_RESERVED		0x3ff8000000000000ULL

#define HV_DEVICE_ID_IOAPIC_ID_MASK		0x00000000000000ffULL
#define HV_DEVICE_ID_IOAPIC_RESERVED		0x3fffffffffffff00ULL

#define HV_DEVICE_ID_ACPI_BASE_MASK		0x00000000ffffffffULL
#define HV_DEVICE_ID_ACPI_COUNT_SHIFT		32
#define HV_DEVICE_ID_ACPI_COUNT_MASK		0x3fffffff00000000ULL

/* What to write into the device. */
#define HV_INTERRUPT_SOURCE_MSI			1
#define HV_INTERRUPT_SOURCE_IOAPIC		2

union hv_msi_entry {
	__u64 as_uint64;
	struct {
		__u32 address;
		__u32 data;
	} __packed;
} __packed;
HV_ABI_SIZE(union hv_msi_entry, 8);

struct hv_interrupt_entry {
	__u32 source;
	__u32 reserved1;
	union {
		union hv_msi_entry msi_entry;
		__u64 ioapic_rte;
	};
} __packed;
HV_ABI_SIZE(struct hv_interrupt_entry, 16);
HV_ABI_OFFSET(struct hv_interrupt_entry, msi_entry, 8);
HV_ABI_OFFSET(struct hv_interrupt_entry, ioapic_rte, 8);

/* MSI address and data words; IO-APIC redirection entry. */
#define HV_MSI_ADDRESS_LOGICAL			HV_BIT(2)
#define HV_MSI_ADDRESS_REDIRECT_HINT		HV_BIT(3)
#define HV_MSI_ADDRESS_DESTINATION_SHIFT	12
#define HV_MSI_ADDRESS_DESTINATION_MASK		0x000ff000U
#define HV_MSI_ADDRESS_BASE			0xfee00000U
#define HV_MSI_ADDRESS_BASE_MASK		0xfff00000U
#define HV_MSI_DATA_VECTOR_MASK			0x000000ffU
#define HV_MSI_DATA_DELIVERY_SHIFT		8
#define HV_MSI_DATA_DELIVERY_MASK		0x00000700U
#define HV_MSI_DATA_ASSERT			HV_BIT(14)
#define HV_MSI_DATA_LEVEL			HV_BIT(15)

#define HV_IOAPIC_RTE_VECTOR_MASK		0x00000000000000ffULL
#define HV_IOAPIC_RTE_DELIVERY_SHIFT		8
#define HV_IOAPIC_RTE_DELIVERY_MASK		0x0000000000000700ULL
#define HV_IOAPIC_RTE_LOGICAL			HV_BIT64(11)
#define HV_IOAPIC_RTE_PENDING			HV_BIT64(12)
#define HV_IOAPIC_RTE_ACTIVE_LOW		HV_BIT64(13)
#define HV_IOAPIC_RTE_REMOTE_IRR		HV_BIT64(14)
#define HV_IOAPIC_RTE_LEVEL			HV_BIT64(15)
#define HV_IOAPIC_RTE_MASKED			HV_BIT64(16)
#define HV_IOAPIC_RTE_IR_FORMAT			HV_BIT64(48)
#define HV_IOAPIC_RTE_IR_INDEX_SHIFT		49
#define HV_IOAPIC_RTE_DESTINATION_SHIFT		56
#define HV_IOAPIC_RTE_DESTINATION_MASK		0xff00000000000000ULL

/* Interrupt types: delivery modes of the APIC and a few more. */
enum hv_interrupt_type {
	HV_X64_INTERRUPT_TYPE_FIXED		= 0x0,
	HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY	= 0x1,
	HV_X64_INTERRUPT_TYPE_SMI		= 0x2,
	HV_X64_INTERRUPT_TYPE_REMOTEREAD	= 0x3,
	HV_X64_INTERRUPT_TYPE_NMI		= 0x4,
	HV_X64_INTERRUPT_TYPE_INIT		= 0x5,
	HV_X64_INTERRUPT_TYPE_SIPI		= 0x6,
	HV_X64_INTERRUPT_TYPE_EXTINT		= 0x7,
	HV_X64_INTERRUPT_TYPE_LOCALINT0		= 0x8,
	HV_X64_INTERRUPT_TYPE_LOCALINT1		= 0x9,
	HV_X64_INTERRUPT_TYPE_MAXIMUM		= 0xa,
};

#define HV_INTERRUPT_TRIGGER_MODE_EDGE		0
#define HV_INTERRUPT_TRIGGER_MODE_LEVEL		1

/* HVCALL_MAP_DEVICE_INTERRUPT; variable header: bank mask and banks. */
#define HV_DEVICE_INTERRUPT_TARGET_MULTICAST		0x1
#define HV_DEVICE_INTERRUPT_TARGET_PROCESSOR_SET	0x2
#define HV_DEVICE_INTERRUPT_TARGET_PROXY_REDIRECT	0x4

struct hv_device_interrupt_target {
	__u32 vector;
	__u32 flags;
	union {
		__u64 vp_mask;
		struct hv_vpset vp_set;
	};
} __packed;
HV_ABI_SIZE(struct hv_device_interrupt_target, 24);
HV_ABI_OFFSET(struct hv_device_interrupt_target, flags, 4);
HV_ABI_OFFSET(struct hv_device_interrupt_target, vp_set, 8);

struct hv_device_interrupt_descriptor {
	__u32 interrupt_type;
	__u32 trigger_mode;
	__u32 vector_count;
	__u32 reserved;
	struct hv_device_interrupt_target target;
} __packed;
HV_ABI_SIZE(struct hv_device_interrupt_descriptor, 40);
HV_ABI_OFFSET(struct hv_device_interrupt_descriptor, target, 16);

struct hv_input_map_device_interrupt {
	__u64 partition_id;
	__u64 device_id;
	__u32 flags;
	__u32 base_irt_idx;
	struct hv_interrupt_entry logical_interrupt_entry;
	struct hv_device_interrupt_descriptor interrupt_descriptor;
} __packed;
HV_ABI_SIZE(struct hv_input_map_device_interrupt, 80);
HV_ABI_OFFSET(struct hv_input_map_device_interrupt, device_id, 8);
HV_ABI_OFFSET(struct hv_input_map_device_interrupt, flags, 16);
HV_ABI_OFFSET(struct hv_input_map_device_interrupt, base_irt_idx, 20);
HV_ABI_OFFSET(struct hv_input_map_device_interrupt, logical_interrupt_entry, 24);
HV_ABI_OFFSET(struct hv_input_map_device_interrupt, interrupt_descriptor, 40);
HV_ABI_OFFSET(struct hv_input_map_device_interrupt,
	      interrupt_descriptor.target.vector, 56);
HV_ABI_OFFSET(struct hv_input_map_device_interrupt,
	      interrupt_descriptor.target.vp_set.valid_bank_mask, 72);

struct hv_output_map_device_interrupt {
	struct hv_interrupt_entry interrupt_entry;
	__u64 ext_status_deprecated[5];
} __packed;
HV_ABI_SIZE(struct hv_output_map_device_interrupt, 56);
HV_ABI_OFFSET(struct hv_output_map_device_interrupt, ext_status_deprecated, 16);

/* HVCALL_UNMAP_DEVICE_INTERRUPT: exactly the entry that was returned. */
struct hv_input_unmap_device_interrupt {
	__u64 partition_id;
	__u64 device_id;
	struct hv_interrupt_entry interrupt_entry;
	__u32 flags;
} __packed;
HV_ABI_SIZE(struct hv_input_unmap_device_interrupt, 36);
HV_ABI_OFFSET(struct hv_input_unmap_device_interrupt, interrupt_entry, 16);
HV_ABI_OFFSET(struct hv_input_unmap_device_interrupt, flags, 32);

/* HVCALL_RETARGET_INTERRUPT */
struct hv_retarget_device_interrupt {
	__u64 partition_id;
	__u64 device_id;
	struct hv_interrupt_entry int_entry;
	__u64 reserved2;
	struct hv_device_interrupt_target int_target;
} __packed;
HV_ABI_SIZE(struct hv_retarget_device_interrupt, 64);
HV_ABI_OFFSET(struct hv_retarget_device_interrupt, int_entry, 16);
HV_ABI_OFFSET(struct hv_retarget_device_interrupt, reserved2, 32);
HV_ABI_OFFSET(struct hv_retarget_device_interrupt, int_target.vector, 40);
HV_ABI_OFFSET(struct hv_retarget_device_interrupt, int_target.vp_mask, 48);

/* HVCALL_ASSERT_VIRTUAL_INTERRUPT */
struct hv_input_assert_virtual_interrupt {
	__u64 partition_id;
	struct {
		__u32 interrupt_type;
		__u32 flags;
	} __packed control;
	__u64 dest_addr;
	__u32 vector;
	__u8 target_vtl;
	__u8 rsvd_z0;
	__u16 rsvd_z1;
} __packed;
HV_ABI_SIZE(struct hv_input_assert_virtual_interrupt, 32);
HV_ABI_OFFSET(struct hv_input_assert_virtual_interrupt, control.interrupt_type, 8);
HV_ABI_OFFSET(struct hv_input_assert_virtual_interrupt, control.flags, 12);
HV_ABI_OFFSET(struct hv_input_assert_virtual_interrupt, dest_addr, 16);
HV_ABI_OFFSET(struct hv_input_assert_virtual_interrupt, vector, 24);
HV_ABI_OFFSET(struct hv_input_assert_virtual_interrupt, target_vtl, 28);

#define HV_INTERRUPT_CONTROL_LEVEL_TRIGGERED	HV_BIT(0)
#define HV_INTERRUPT_CONTROL_LOGICAL_DEST	HV_BIT(1)
#define HV_INTERRUPT_CONTROL_DEFINED_MASK	0x3U

/* HVCALL_CLEAR_VIRTUAL_INTERRUPT, fast. */
struct hv_input_clear_virtual_interrupt {
	__u64 partition_id;
} __packed;
HV_ABI_SIZE(struct hv_input_clear_virtual_interrupt, 8);

/* HVCALL_SET_VIRTUAL_INTERRUPT_TARGET */
struct hv_input_set_virtual_interrupt_target {
	__u64 partition_id;
	__u32 interrupt_id;
	__u32 vp_index;
	__u8 target_vtl;
} __packed;
HV_ABI_SIZE(struct hv_input_set_virtual_interrupt_target, 17);
HV_ABI_OFFSET(struct hv_input_set_virtual_interrupt_target, vp_index, 12);

/* HVCALL_SEND_IPI, fast. */
struct hv_send_ipi {
	__u32 vector;
	__u8 target_vtl;
	__u8 reserved[3];
	__u64 cpu_mask;
} __packed;
HV_ABI_SIZE(struct hv_send_ipi, 16);
HV_ABI_OFFSET(struct hv_send_ipi, target_vtl, 4);
HV_ABI_OFFSET(struct hv_send_ipi, cpu_mask, 8);

/* HVCALL_SEND_IPI_EX; variable header: banks. */
struct hv_send_ipi_ex {
	__u32 vector;
	__u32 reserved;
	struct hv_vpset vp_set;
} __packed;
HV_ABI_SIZE(struct hv_send_ipi_ex, 24);
HV_ABI_OFFSET(struct hv_send_ipi_ex, vp_set, 8);

#define HV_IPI_LOW_VECTOR			0x10
#define HV_IPI_HIGH_VECTOR			0xff

#endif
