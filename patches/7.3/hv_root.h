/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hypervisor ABI: what a root partition's driver uses beyond <hyperv/hvhdk.h>.
 *
 * Model: names, values and layouts are the hypervisor's.  Statuses and calls are there
 * for their names in the log; the x64 registers are those of a guest's processor that
 * the driver reads or resets.
 */
#ifndef _HYPERV_HV_ROOT_H
#define _HYPERV_HV_ROOT_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

#include <hyperv/hvhdk.h>

#define HV_BIT(n)			BIT(n)
#define HV_BIT64(n)			BIT_ULL(n)

/* Layouts are checked where they stand */
#define HV_ABI_SIZE(type, size)		static_assert(sizeof(type) == (size))
#define HV_ABI_OFFSET(type, field, offset)	static_assert(offsetof(type, field) == (offset))

/* What the hypervisor offers, and the hardware that it uses */
#define HV_DEVICE_DOMAIN_AVAILABLE		BIT(24)
#define HYPERV_CPUID_HARDWARE_FEATURES		0x40000006
#define HV_HW_DMA_PROTECTION			BIT(7)
#define HV_HW_DEVICE_DOMAIN_WIDTH_MASK		0xff

/* Statuses */
#define HV_STATUS_PARTITION_TOO_DEEP		0xc
#define HV_STATUS_ACKNOWLEDGED			0x16
#define HV_STATUS_INVALID_SAVE_RESTORE_STATE	0x17
#define HV_STATUS_INVALID_SYNIC_STATE		0x18
#define HV_STATUS_OBJECT_IN_USE			0x19
#define HV_STATUS_INVALID_PROXIMITY_DOMAIN_INFO	0x1a
#define HV_STATUS_NO_DATA			0x1b
#define HV_STATUS_INACTIVE			0x1c
#define HV_STATUS_FEATURE_UNAVAILABLE		0x1e
#define HV_STATUS_PARTIAL_PACKET		0x1f
#define HV_STATUS_PROCESSOR_CACHE_LINE_FLUSH_SIZE_INCOMPATIBLE 0x30
#define HV_STATUS_INSUFFICIENT_BUFFER		0x33
#define HV_STATUS_INCOMPATIBLE_PROCESSOR	0x37
#define HV_STATUS_INSUFFICIENT_DEVICE_DOMAINS	0x38
#define HV_STATUS_CPUID_FEATURE_VALIDATION_ERROR 0x3c
#define HV_STATUS_CPUID_XSAVE_FEATURE_VALIDATION_ERROR 0x3d
#define HV_STATUS_PROCESSOR_STARTUP_TIMEOUT	0x3e
#define HV_STATUS_SMX_ENABLED			0x3f
#define HV_STATUS_INVALID_VTL_STATE		0x51
#define HV_STATUS_NX_NOT_DETECTED		0x55
#define HV_STATUS_INVALID_DEVICE_ID		0x57
#define HV_STATUS_INVALID_DEVICE_STATE		0x58
#define HV_STATUS_PENDING_PAGE_REQUESTS		0x59
#define HV_STATUS_PAGE_REQUEST_INVALID		0x60
#define HV_STATUS_KEY_ALREADY_EXISTS		0x65
#define HV_STATUS_DEVICE_ALREADY_IN_DOMAIN	0x66
#define HV_STATUS_INVALID_CPU_GROUP_ID		0x6f
#define HV_STATUS_INVALID_CPU_GROUP_STATE	0x70
#define HV_STATUS_NOT_ALLOWED_WITH_NESTED_VIRT_ACTIVE 0x72
#define HV_STATUS_EVENT_BUFFER_ALREADY_FREED	0x74
#define HV_STATUS_UNKNOWN_REGISTER_NAME		0x87
#define HV_RESULT_NO_HYPERCALL_PAGE		0xffffffffffffffffULL

/* Calls */
#define HV_HYPERCALL_MAX_REPS			0xfff
#define HVCALL_SWITCH_VIRTUAL_ADDRESS_SPACE	1
#define HVCALL_PARKED_VIRTUAL_PROCESSORS	9
#define HVCALL_INVOKE_HYPERVISOR_DEBUGGER	0xa
#define HVCALL_MODIFY_VTL_PROTECTION_MASK	0xc
#define HVCALL_ENABLE_PARTITION_VTL		0xd
#define HVCALL_DISABLE_PARTITION_VTL		0xe
#define HVCALL_DISABLE_VP_VTL			0x10
#define HVCALL_VTL_CALL				0x11
#define HVCALL_VTL_RETURN			0x12
#define HVCALL_GET_NEXT_CHILD_PARTITION		0x47
#define HVCALL_GET_MEMORY_BALANCE		0x4a
#define HVCALL_READ_GPA				0x53
#define HVCALL_WRITE_GPA			0x54
#define HVCALL_ASSERT_VIRTUAL_INTERRUPT_DEPRECATED 0x55
#define HVCALL_CREATE_PORT_DEPRECATED		0x57
#define HVCALL_CONNECT_PORT_DEPRECATED		0x59
#define HVCALL_GET_PORT_PROPERTY		0x5a
#define HVCALL_SAVE_PARTITION_STATE		0x5e
#define HVCALL_RESTORE_PARTITION_STATE		0x5f
#define HVCALL_INITIALIZE_EVENT_LOG_BUFFER_GROUP 0x60
#define HVCALL_FINALIZE_EVENT_LOG_BUFFER_GROUP	0x61
#define HVCALL_CREATE_EVENT_LOG_BUFFER		0x62
#define HVCALL_DELETE_EVENT_LOG_BUFFER		0x63
#define HVCALL_MAP_EVENT_LOG_BUFFER		0x64
#define HVCALL_UNMAP_EVENT_LOG_BUFFER		0x65
#define HVCALL_SET_EVENT_LOG_GROUP_SOURCES	0x66
#define HVCALL_RELEASE_EVENT_LOG_BUFFER		0x67
#define HVCALL_FLUSH_EVENT_LOG_BUFFER		0x68
#define HVCALL_MAP_SPARSE_GPA_PAGES		0x6e
#define HVCALL_SET_PORT_PROPERTY		0x70
#define HVCALL_OUTPUT_DEBUG_CHARACTER		0x71
#define HVCALL_REMOVE_LOGICAL_PROCESSOR		0x77
#define HVCALL_QUERY_NUMA_DISTANCE		0x78
#define HVCALL_SET_LOGICAL_PROCESSOR_PROPERTY	0x79
#define HVCALL_GET_LOGICAL_PROCESSOR_PROPERTY	0x7a
#define HVCALL_MAP_DEVICE_PAGES			0x80
#define HVCALL_UNMAP_DEVICE_PAGES		0x81
#define HVCALL_ATTACH_DEVICE			0x82
#define HVCALL_DETACH_DEVICE			0x83
#define HVCALL_PREPARE_FOR_SLEEP		0x85
#define HVCALL_PREPARE_FOR_HIBERNATE		0x86
#define HVCALL_GET_LOGICAL_PROCESSOR_REGISTERS	0x88
#define HVCALL_SET_LOGICAL_PROCESSOR_REGISTERS	0x89
#define HVCALL_QUERY_ASSOCIATED_LPS_FOR_MCA	0x8a
#define HVCALL_INJECT_SYNTHETIC_MACHINE_CHECK	0x8c
#define HVCALL_SCRUB_PARTITION			0x8d
#define HVCALL_COLLECT_LIVEDUMP			0x8e
#define HVCALL_DISABLE_HYPERVISOR		0x8f
#define HVCALL_MODIFY_SPARSE_GPA_PAGES		0x90
#define HVCALL_UNREGISTER_INTERCEPT_RESULT	0x92
#define HVCALL_GET_SPA_PAGE_LIST		0x97
#define HVCALL_TRANSLATE_VIRTUAL_ADDRESS_EX	0xac
#define HVCALL_CHECK_FOR_IO_INTERCEPT		0xad
#define HVCALL_CREATE_DEVICE_DOMAIN		0xb1
#define HVCALL_ATTACH_DEVICE_DOMAIN		0xb2
#define HVCALL_MAP_DEVICE_GPA_PAGES		0xb3
#define HVCALL_UNMAP_DEVICE_GPA_PAGES		0xb4
#define HVCALL_DETACH_DEVICE_DOMAIN		0xc4
#define HVCALL_DELETE_DEVICE_DOMAIN		0xc5
#define HVCALL_QUERY_DEVICE_DOMAIN		0xc6
#define HVCALL_MAP_SPARSE_DEVICE_GPA_PAGES	0xc7
#define HVCALL_UNMAP_SPARSE_DEVICE_GPA_PAGES	0xc8
#define HVCALL_INVOKE_TEST_FRAMEWORK		0xcb
#define HVCALL_CONFIGURE_DEVICE_DOMAIN		0xce
#define HVCALL_FLUSH_DEVICE_DOMAIN		0xd0
#define HVCALL_FLUSH_DEVICE_DOMAIN_LIST		0xd1
#define HVCALL_CHECK_SPARSE_GPA_PAGE_VTL_ACCESS	0xd4
#define HVCALL_ACCEPT_GPA_PAGES			0xd9
#define HVCALL_GET_VP_SET_FROM_MDA		0xe5
#define HVCALL_IMPORT_ISOLATED_PAGES		0xef
#define HVCALL_COMPLETE_ISOLATED_IMPORT		0xf1
#define HVCALL_ISSUE_SNP_PSP_GUEST_REQUEST	0xf2
#define HVCALL_LOG_HYPERVISOR_SYSTEM_CONFIG	0xf8
#define HVCALL_RESTORE_PARTITION_TIME		0x103
#define HVCALL_SET_PARTITION_PROPERTY_EX	0x10a
#define HVCALL_INSTALL_INTERCEPT_EX		0x110
#define HVCALL_PIN_GPA_PAGES			0x112
#define HVCALL_UNPIN_GPA_PAGES			0x113
#define HVCALL_MAP_PARTITION_EVENT_LOG_BUFFER	0x116
#define HVCALL_QUERY_SPARSE_GPA_PAGE_HOST_VISIBILITY 0x11c
#define HVCALL_SET_VIRTUAL_INTERRUPT_TARGET	0x11f
#define HVCALL_GET_IOMMU_CAPABILITIES		0x125
#define HVCALL_GET_LOGICAL_DEVICE_PROPERTY	0x127
#define HV_EXT_CALL_GET_BOOT_ZEROED_MEMORY	0x8002

/* Registers */
#define HV_REGISTER_INTERNAL_ACTIVITY_STATE	4
#define HV_REGISTER_PENDING_INTERRUPTION	0x10002
#define HV_REGISTER_INTERRUPT_STATE		0x10003
#define HV_REGISTER_PENDING_EVENT0		0x10004
#define HV_X64_REGISTER_DELIVERABILITY_NOTIFICATIONS 0x10006
#define HV_X64_REGISTER_RAX			0x20000
#define HV_X64_REGISTER_RDX			0x20002
#define HV_X64_REGISTER_R15			0x2000f
#define HV_X64_REGISTER_RIP			0x20010
#define HV_X64_REGISTER_RFLAGS			0x20011
#define HV_X64_REGISTER_CR0			0x40000
#define HV_X64_REGISTER_CR2			0x40001
#define HV_X64_REGISTER_CR3			0x40002
#define HV_X64_REGISTER_CR4			0x40003
#define HV_X64_REGISTER_CR8			0x40004
#define HV_X64_REGISTER_XFEM			0x40005
#define HV_X64_REGISTER_ES			0x60000
#define HV_X64_REGISTER_CS			0x60001
#define HV_X64_REGISTER_SS			0x60002
#define HV_X64_REGISTER_DS			0x60003
#define HV_X64_REGISTER_FS			0x60004
#define HV_X64_REGISTER_GS			0x60005
#define HV_X64_REGISTER_LDTR			0x60006
#define HV_X64_REGISTER_TR			0x60007
#define HV_X64_REGISTER_IDTR			0x70000
#define HV_X64_REGISTER_GDTR			0x70001
#define HV_X64_REGISTER_EFER			0x80001
#define HV_X64_REGISTER_KERNEL_GS_BASE		0x80002
#define HV_X64_REGISTER_APIC_BASE		0x80003
#define HV_X64_REGISTER_PAT			0x80004
#define HV_X64_REGISTER_SYSENTER_CS		0x80005
#define HV_X64_REGISTER_SYSENTER_EIP		0x80006
#define HV_X64_REGISTER_SYSENTER_ESP		0x80007
#define HV_X64_REGISTER_STAR			0x80008
#define HV_X64_REGISTER_LSTAR			0x80009
#define HV_X64_REGISTER_CSTAR			0x8000a
#define HV_X64_REGISTER_SFMASK			0x8000b
#define HV_X64_REGISTER_INITIAL_APIC_ID		0x8000c
#define HV_X64_REGISTER_TSC_AUX			0x8007b
#define HV_X64_REGISTER_DEBUG_CTL		0x8007d
#define HV_X64_REGISTER_SPEC_CTRL		0x80084
#define HV_X64_REGISTER_XSS			0x8008b
#define HV_X64_REGISTER_TSC_DEADLINE		0x80095
#define HV_X64_REGISTER_TSC_ADJUST		0x80096
#define HV_X64_REGISTER_MSR_IA32_MISC_ENABLE	0x800a0
#define HV_X64_REGISTER_APIC_ID			0x84802
#define HV_ACTIVITY_STARTUP_SUSPEND		1

/* HVCALL_TRANSLATE_VIRTUAL_ADDRESS */
#define HV_TRANSLATE_GVA_VALIDATE_READ		1ULL
#define HV_TRANSLATE_GVA_VALIDATE_WRITE		2ULL
#define HV_TRANSLATE_GVA_VALIDATE_EXECUTE	4ULL
#define HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT	8ULL
#define HV_TRANSLATE_GVA_SET_PAGE_TABLE_BITS	0x10ULL
#define HV_TRANSLATE_GVA_SUPERVISOR_ACCESS	0x40ULL
#define HV_TRANSLATE_GVA_USER_ACCESS		0x80ULL
#define HV_TRANSLATE_GVA_ENFORCE_SMAP		0x100ULL
#define HV_TRANSLATE_GVA_OVERRIDE_SMAP		0x200ULL
#define HV_TRANSLATE_GVA_DEFINED_MASK		0x7ffULL
#define HV_TRANSLATE_GVA_SUCCESS		0
#define HV_TRANSLATE_GVA_PAGE_NOT_PRESENT	1
#define HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION	2
#define HV_TRANSLATE_GVA_INVALID_PAGE_TABLE_FLAGS 3
#define HV_TRANSLATE_GVA_GPA_UNMAPPED		4
#define HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS	5
#define HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS	6

struct hv_input_translate_virtual_address {
	u64 partition_id;
	u32 vp_index;
	u32 padding;
	u64 control_flags;
	u64 gva_page;
} __packed;

struct hv_output_translate_virtual_address {
	u32 result_code;
	u8 cache_type;
	u8 overlay_page;	/* bit 0 */
	u16 reserved;
	u64 gpa_page;
} __packed;

/* Memory of guests */
#define HV_MAP_GPA_MAX_PAGES			0x1fd
#define HV_GPA_ACCESS_STATE_CLEAR_ACCESSED	1ULL
#define HV_GPA_ACCESS_STATE_SET_ACCESSED	2ULL
#define HV_GPA_ACCESS_STATE_CLEAR_DIRTY		4ULL
#define HV_GPA_ACCESS_STATE_SET_DIRTY		8ULL
#define HV_GPA_PAGE_ACCESSED			1
#define HV_GPA_PAGE_DIRTY			2
#define HV_HYP_PAGES_PER_LARGE_PAGE		0x200
#define HV_DEPOSIT_MAX				0x1ff

/* State of processors */
#define HV_VP_STATE_XSAVE_COMPACTED_FORMAT	1ULL

/* HV_GET_SET_VP_STATE_LAPIC_STATE: the first bytes of a page */
struct hv_local_interrupt_controller_state {
	u32 apic_id;
	u32 apic_version;
	u32 apic_ldr;
	u32 apic_dfr;
	u32 apic_spurious;
	u32 apic_isr[8];
	u32 apic_tmr[8];
	u32 apic_irr[8];
	u32 apic_esr;
	u32 apic_icr_high;
	u32 apic_icr_low;
	u32 apic_lvt_timer;
	u32 apic_lvt_thermal;
	u32 apic_lvt_perfmon;
	u32 apic_lvt_lint0;
	u32 apic_lvt_lint1;
	u32 apic_lvt_error;
	u32 apic_lvt_cmci;
	u32 apic_error_status;
	u32 apic_initial_count;
	u32 apic_counter_value;
	u32 apic_divide_configuration;
	u32 apic_remote_read;
} __packed;

/* Devices */
#define HV_DEVICE_ID_TYPE_SHIFT			62
#define HV_SYSTEM_PROPERTY_IOMMU_ROOT_FAULT_REPORTING_READY 32

/* Messages */
#define HVMSG_IOMMU_FAULT			0x80000024

struct hv_x64_io_port_intercept_message {
	struct hv_x64_intercept_message_header header;
	u16 port_number;
	u8 access_info;
	u8 instruction_byte_count;
	u32 reserved1;
	u64 rax;
	u8 instruction_bytes[16];
	struct hv_x64_segment_register ds_segment;
	struct hv_x64_segment_register es_segment;
	u64 rcx;
	u64 rsi;
	u64 rdi;
} __packed;

struct hv_synic_sint_intercept_message {
	u32 sint_index;
} __packed;

#define HV_MSR_PAGE_ENABLE			1ULL
#define HV_MSR_PAGE_ADDRESS_MASK		0xfffffffffffff000ULL
#define HV_SYNIC_SINT_AS_INTERCEPT		0x80000ULL
#define HV_X64_INTERCEPT_LENGTH_MASK		0xf
#define HV_IO_PORT_ACCESS_SIZE_MASK		7
#define HV_IO_PORT_ACCESS_STRING		8
#define HV_IO_PORT_ACCESS_REP			0x10
#define HV_SCHEDULER_SIGNAL_MAX_BANKS		0x10
#define HV_INTERRUPT_CONTROL_LEVEL_TRIGGERED	1
#define HV_INTERRUPT_CONTROL_LOGICAL_DEST	2
#define HV_MESSAGE_FLAG_PENDING			1
#define HV_DISCONNECT_PORT_IS_DOORBELL		1
#define HV_STATS_PAGE_COUNTERS			0x200

#define HV_X64_MSR_SINT(n)		(HV_X64_MSR_SINT0 + (n))

/* Structures that have a name of their own there, or other names of fields */
#define hv_input_create_vp		hv_create_vp

#define HV_PORT_ID(id)			((union hv_port_id){ .asu32 = (id) })
#define HV_CONNECTION_ID(id)		((union hv_connection_id){ .asu32 = (id) })

static inline const u8 *hv_message_flags(const struct hv_message *message)
{
	return &message->header.message_flags.asu8;
}

/* Length of the instruction that was intercepted, and the guest's CR8 */
static inline const u8 *
hv_intercept_length_cr8(const struct hv_x64_intercept_message_header *header)
{
	/* It is two bitfields there. */
	return &header->intercept_access_type - 1;
}

static inline void hv_disable_features(struct hv_input_create_partition *in,
				       unsigned int bank, u64 features)
{
	struct hv_partition_creation_properties *properties =
		&in->partition_creation_properties;

	properties->disabled_processor_features.as_uint64[bank] = features;
}

static inline void hv_disable_xsave_features(struct hv_input_create_partition *in,
					     u64 features)
{
	struct hv_partition_creation_properties *properties =
		&in->partition_creation_properties;

	properties->disabled_processor_xsave_features.as_uint64 = features;
}

static inline u64
hv_access_state_flags(const struct hv_input_get_gpa_pages_access_state *in)
{
	return in->flags.as_uint64;
}

static inline void
hv_set_access_state_flags(struct hv_input_get_gpa_pages_access_state *in, u64 flags)
{
	in->flags.as_uint64 = flags;
}

static inline void hv_set_xsave_states(struct hv_vp_state_data *data, u64 states)
{
	data->xsave.states.as_uint64 = states;
}

/* A set of VPs as words, which are aligned: format, mask of banks, banks */
static inline const u64 *
hv_signal_bitset(const struct hv_vp_signal_bitset_scheduler_message *message)
{
	return message->vp_bitset.bitset_buffer;
}

static inline void
hv_set_interrupt_control(struct hv_input_assert_virtual_interrupt *in, u32 type,
			 u32 flags)
{
	in->control.as_uint64 = type | (u64)flags << 32;
}

#endif
