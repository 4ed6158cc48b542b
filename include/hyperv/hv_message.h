/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Hypervisor ABI: types of messages and their payloads.
 *
 * Model: a message has a 16-byte header (struct hv_message_header) and up to
 * 240 bytes of one of these payloads.  Where a VP has an intercept message page
 * its intercepts are written there and root gets the opaque message only.
 */
#ifndef _HYPERV_HV_MESSAGE_H
#define _HYPERV_HV_MESSAGE_H

#include <hyperv/hv_types.h>
#include <hyperv/hv_register.h>
#include <hyperv/hv_synic.h>

enum hv_message_type {
	HVMSG_NONE				= 0x00000000,

	HVMSG_UNMAPPED_GPA			= 0x80000000,
	HVMSG_GPA_INTERCEPT			= 0x80000001,
	HVMSG_UNACCEPTED_GPA			= 0x80000003,
	HVMSG_GPA_ATTRIBUTE_INTERCEPT		= 0x80000004,
	HVMSG_ENABLE_PARTITION_VTL_INTERCEPT	= 0x80000005,
	HVMSG_TIMER_EXPIRED			= 0x80000010,
	HVMSG_INVALID_VP_REGISTER_VALUE		= 0x80000020,
	HVMSG_UNRECOVERABLE_EXCEPTION		= 0x80000021,
	HVMSG_UNSUPPORTED_FEATURE		= 0x80000022,
	HVMSG_TLB_PAGE_SIZE_MISMATCH		= 0x80000023,
	HVMSG_IOMMU_FAULT			= 0x80000024,
	HVMSG_OPAQUE_INTERCEPT			= 0x8000003f,
	HVMSG_EVENTLOG_BUFFERCOMPLETE		= 0x80000040,
	HVMSG_HYPERCALL_INTERCEPT		= 0x80000050,
	HVMSG_SYNIC_EVENT_INTERCEPT		= 0x80000060,
	HVMSG_SYNIC_SINT_INTERCEPT		= 0x80000061,
	HVMSG_SYNIC_SINT_DELIVERABLE		= 0x80000062,
	HVMSG_ASYNC_CALL_COMPLETION		= 0x80000070,
	HVMSG_INSUFFICIENT_MEMORY		= 0x80000071,
	HVMSG_SCHEDULER_VP_SIGNAL_BITSET	= 0x80000100,
	HVMSG_SCHEDULER_VP_SIGNAL_PAIR		= 0x80000101,

	HVMSG_X64_IO_PORT_INTERCEPT		= 0x80010000,
	HVMSG_X64_MSR_INTERCEPT			= 0x80010001,
	HVMSG_X64_CPUID_INTERCEPT		= 0x80010002,
	HVMSG_X64_EXCEPTION_INTERCEPT		= 0x80010003,
	HVMSG_X64_APIC_EOI			= 0x80010004,
	/* 5 and 6 have other names in older sources. */
	HVMSG_X64_IOMMU_PRQ			= 0x80010005,
	HVMSG_REGISTER_INTERCEPT		= 0x80010006,
	HVMSG_X64_HALT				= 0x80010007,
	HVMSG_X64_INTERRUPTION_DELIVERABLE	= 0x80010008,
	HVMSG_X64_SIPI_INTERCEPT		= 0x80010009,
	HVMSG_X64_RDTSC_INTERCEPT		= 0x8001000a,
	HVMSG_X64_APIC_SMI_INTERCEPT		= 0x8001000b,
	HVMSG_X64_APIC_INIT_SIPI_INTERCEPT	= 0x8001000d,
	HVMSG_X64_APIC_WRITE_INTERCEPT		= 0x8001000e,
	HVMSG_X64_PROXY_INTERRUPT_INTERCEPT	= 0x8001000f,
	HVMSG_X64_ISOLATION_CTRL_REG_INTERCEPT	= 0x80010010,
	HVMSG_X64_SNP_GUEST_REQUEST_INTERCEPT	= 0x80010011,
	HVMSG_X64_EXCEPTION_TRAP_INTERCEPT	= 0x80010012,
	HVMSG_X64_SEV_VMGEXIT_INTERCEPT		= 0x80010013,
	HVMSG_X64_MSR_LIST_INTERCEPT		= 0x80010015,
};

/* In front of every x64 intercept payload. */
struct hv_x64_intercept_message_header {
	__u32 vp_index;
	__u8 instruction_length_cr8;
	__u8 intercept_access_type;
	__u16 execution_state;
	struct hv_x64_segment_register cs_segment;
	__u64 rip;
	__u64 rflags;
} __packed;
HV_ABI_SIZE(struct hv_x64_intercept_message_header, 40);
HV_ABI_OFFSET(struct hv_x64_intercept_message_header, instruction_length_cr8, 4);
HV_ABI_OFFSET(struct hv_x64_intercept_message_header, intercept_access_type, 5);
HV_ABI_OFFSET(struct hv_x64_intercept_message_header, execution_state, 6);
HV_ABI_OFFSET(struct hv_x64_intercept_message_header, cs_segment, 8);
HV_ABI_OFFSET(struct hv_x64_intercept_message_header, rip, 24);
HV_ABI_OFFSET(struct hv_x64_intercept_message_header, rflags, 32);

/* A length of 0 is unknown; RIP is that of the instruction in any case. */
#define HV_X64_INTERCEPT_LENGTH_MASK		0x0f
#define HV_X64_INTERCEPT_CR8_SHIFT		4

/* execution_state */
#define HV_X64_EXECUTION_CPL_MASK		0x0003
#define HV_X64_EXECUTION_CR0_PE			0x0004
#define HV_X64_EXECUTION_CR0_AM			0x0008
#define HV_X64_EXECUTION_EFER_LMA		0x0010
#define HV_X64_EXECUTION_DEBUG_ACTIVE		0x0020
#define HV_X64_EXECUTION_INTERRUPTION_PENDING	0x0040
#define HV_X64_EXECUTION_VTL_SHIFT		7
#define HV_X64_EXECUTION_VTL_MASK		0x0780
#define HV_X64_EXECUTION_ENCLAVE_MODE		0x0800
#define HV_X64_EXECUTION_INTERRUPT_SHADOW	0x1000
#define HV_X64_EXECUTION_VE_ACTIVE		0x2000

/* HVMSG_UNMAPPED_GPA, _GPA_INTERCEPT, _UNACCEPTED_GPA */
struct hv_x64_memory_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u32 cache_type;
	__u8 instruction_byte_count;
	__u8 memory_access_info;
	__u8 tpr_priority;
	__u8 reserved1;
	__u64 guest_virtual_address;
	__u64 guest_physical_address;
	__u8 instruction_bytes[16];
} __packed;
HV_ABI_SIZE(struct hv_x64_memory_intercept_message, 80);
HV_ABI_OFFSET(struct hv_x64_memory_intercept_message, cache_type, 40);
HV_ABI_OFFSET(struct hv_x64_memory_intercept_message, instruction_byte_count, 44);
HV_ABI_OFFSET(struct hv_x64_memory_intercept_message, memory_access_info, 45);
HV_ABI_OFFSET(struct hv_x64_memory_intercept_message, tpr_priority, 46);
HV_ABI_OFFSET(struct hv_x64_memory_intercept_message, guest_virtual_address, 48);
HV_ABI_OFFSET(struct hv_x64_memory_intercept_message, guest_physical_address, 56);
HV_ABI_OFFSET(struct hv_x64_memory_intercept_message, instruction_bytes, 64);

#define HV_MEMORY_ACCESS_GVA_VALID		0x01
#define HV_MEMORY_ACCESS_GVA_GPA_VALID		0x02
#define HV_MEMORY_ACCESS_HYPERCALL_OUTPUT_PENDING 0x04
#define HV_MEMORY_ACCESS_TLB_LOCKED_NO_OVERLAY	0x08

/* HVMSG_X64_IO_PORT_INTERCEPT */
struct hv_x64_io_port_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u16 port_number;
	__u8 access_info;
	__u8 instruction_byte_count;
	__u32 reserved1;
	__u64 rax;
	__u8 instruction_bytes[16];
	struct hv_x64_segment_register ds_segment;
	struct hv_x64_segment_register es_segment;
	__u64 rcx;
	__u64 rsi;
	__u64 rdi;
} __packed;
HV_ABI_SIZE(struct hv_x64_io_port_intercept_message, 128);
HV_ABI_OFFSET(struct hv_x64_io_port_intercept_message, port_number, 40);
HV_ABI_OFFSET(struct hv_x64_io_port_intercept_message, access_info, 42);
HV_ABI_OFFSET(struct hv_x64_io_port_intercept_message, instruction_byte_count, 43);
HV_ABI_OFFSET(struct hv_x64_io_port_intercept_message, rax, 48);
HV_ABI_OFFSET(struct hv_x64_io_port_intercept_message, instruction_bytes, 56);
HV_ABI_OFFSET(struct hv_x64_io_port_intercept_message, ds_segment, 72);
HV_ABI_OFFSET(struct hv_x64_io_port_intercept_message, es_segment, 88);
HV_ABI_OFFSET(struct hv_x64_io_port_intercept_message, rcx, 104);
HV_ABI_OFFSET(struct hv_x64_io_port_intercept_message, rsi, 112);
HV_ABI_OFFSET(struct hv_x64_io_port_intercept_message, rdi, 120);

#define HV_IO_PORT_ACCESS_SIZE_MASK		0x07
#define HV_IO_PORT_ACCESS_STRING		0x08
#define HV_IO_PORT_ACCESS_REP			0x10

/* HVMSG_X64_MSR_INTERCEPT */
struct hv_x64_msr_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u32 msr_number;
	__u32 reserved;
	__u64 rdx;
	__u64 rax;
} __packed;
HV_ABI_SIZE(struct hv_x64_msr_intercept_message, 64);
HV_ABI_OFFSET(struct hv_x64_msr_intercept_message, msr_number, 40);
HV_ABI_OFFSET(struct hv_x64_msr_intercept_message, rdx, 48);
HV_ABI_OFFSET(struct hv_x64_msr_intercept_message, rax, 56);

/* HVMSG_X64_CPUID_INTERCEPT */
struct hv_x64_cpuid_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u64 rax;
	__u64 rcx;
	__u64 rdx;
	__u64 rbx;
	__u64 default_result_rax;
	__u64 default_result_rcx;
	__u64 default_result_rdx;
	__u64 default_result_rbx;
} __packed;
HV_ABI_SIZE(struct hv_x64_cpuid_intercept_message, 104);
HV_ABI_OFFSET(struct hv_x64_cpuid_intercept_message, rax, 40);
HV_ABI_OFFSET(struct hv_x64_cpuid_intercept_message, rbx, 64);
HV_ABI_OFFSET(struct hv_x64_cpuid_intercept_message, default_result_rax, 72);
HV_ABI_OFFSET(struct hv_x64_cpuid_intercept_message, default_result_rbx, 96);

/* HVMSG_X64_EXCEPTION_INTERCEPT */
struct hv_x64_exception_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u16 exception_vector;
	__u8 exception_info;
	__u8 instruction_byte_count;
	__u32 error_code;
	__u64 exception_parameter;
	__u64 reserved;
	__u8 instruction_bytes[16];
	struct hv_x64_segment_register ds_segment;
	struct hv_x64_segment_register ss_segment;
	__u64 rax;
	__u64 rcx;
	__u64 rdx;
	__u64 rbx;
	__u64 rsp;
	__u64 rbp;
	__u64 rsi;
	__u64 rdi;
	__u64 r8;
	__u64 r9;
	__u64 r10;
	__u64 r11;
	__u64 r12;
	__u64 r13;
	__u64 r14;
	__u64 r15;
} __packed;
HV_ABI_SIZE(struct hv_x64_exception_intercept_message, 240);
HV_ABI_OFFSET(struct hv_x64_exception_intercept_message, exception_vector, 40);
HV_ABI_OFFSET(struct hv_x64_exception_intercept_message, exception_info, 42);
HV_ABI_OFFSET(struct hv_x64_exception_intercept_message, error_code, 44);
HV_ABI_OFFSET(struct hv_x64_exception_intercept_message, exception_parameter, 48);
HV_ABI_OFFSET(struct hv_x64_exception_intercept_message, instruction_bytes, 64);
HV_ABI_OFFSET(struct hv_x64_exception_intercept_message, ds_segment, 80);
HV_ABI_OFFSET(struct hv_x64_exception_intercept_message, ss_segment, 96);
HV_ABI_OFFSET(struct hv_x64_exception_intercept_message, rax, 112);

#define HV_EXCEPTION_ERROR_CODE_VALID		0x01
#define HV_EXCEPTION_SOFTWARE			0x02

/* HVMSG_HYPERCALL_INTERCEPT */
struct hv_x64_hypercall_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u64 rax;
	__u64 rbx;
	__u64 rcx;
	__u64 rdx;
	__u64 r8;
	__u64 rsi;
	__u64 rdi;
	struct hv_u128 xmm[6];
	__u32 flags;
} __packed;
HV_ABI_SIZE(struct hv_x64_hypercall_intercept_message, 196);
HV_ABI_OFFSET(struct hv_x64_hypercall_intercept_message, rax, 40);
HV_ABI_OFFSET(struct hv_x64_hypercall_intercept_message, rdi, 88);
HV_ABI_OFFSET(struct hv_x64_hypercall_intercept_message, xmm, 96);
HV_ABI_OFFSET(struct hv_x64_hypercall_intercept_message, flags, 192);

#define HV_HYPERCALL_INTERCEPT_ISOLATED		HV_BIT(0)

/* HVMSG_INVALID_VP_REGISTER_VALUE */
struct hv_x64_invalid_vp_register_message {
	__u32 vp_index;
	__u32 reserved;
} __packed;
HV_ABI_SIZE(struct hv_x64_invalid_vp_register_message, 8);

/* HVMSG_UNRECOVERABLE_EXCEPTION */
struct hv_x64_unrecoverable_exception_message {
	struct hv_x64_intercept_message_header header;
} __packed;
HV_ABI_SIZE(struct hv_x64_unrecoverable_exception_message, 40);

/* HVMSG_X64_HALT */
struct hv_x64_halt_message {
	struct hv_x64_intercept_message_header header;
} __packed;
HV_ABI_SIZE(struct hv_x64_halt_message, 40);

/* HVMSG_UNSUPPORTED_FEATURE */
struct hv_x64_unsupported_feature_message {
	__u32 vp_index;
	__u32 feature_code;
	__u64 feature_parameter;
} __packed;
HV_ABI_SIZE(struct hv_x64_unsupported_feature_message, 16);
HV_ABI_OFFSET(struct hv_x64_unsupported_feature_message, feature_parameter, 8);

/* HVMSG_X64_INTERRUPTION_DELIVERABLE */
struct hv_x64_interruption_deliverable_message {
	struct hv_x64_intercept_message_header header;
	__u32 deliverable_type;		/* HV_X64_PENDING_* */
	__u32 rsvd;
} __packed;
HV_ABI_SIZE(struct hv_x64_interruption_deliverable_message, 48);
HV_ABI_OFFSET(struct hv_x64_interruption_deliverable_message, deliverable_type, 40);

/* HVMSG_X64_SIPI_INTERCEPT */
struct hv_x64_sipi_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u32 target_vp_index;
	__u32 interrupt_vector;
} __packed;
HV_ABI_SIZE(struct hv_x64_sipi_intercept_message, 48);
HV_ABI_OFFSET(struct hv_x64_sipi_intercept_message, target_vp_index, 40);
HV_ABI_OFFSET(struct hv_x64_sipi_intercept_message, interrupt_vector, 44);

/* HVMSG_REGISTER_INTERCEPT */
struct hv_x64_register_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u8 flags;
	__u8 rsvd8;
	__u16 rsvd16;
	__u32 register_name;
	union hv_register_value value;
} __packed;
HV_ABI_SIZE(struct hv_x64_register_intercept_message, 64);
HV_ABI_OFFSET(struct hv_x64_register_intercept_message, flags, 40);
HV_ABI_OFFSET(struct hv_x64_register_intercept_message, register_name, 44);
HV_ABI_OFFSET(struct hv_x64_register_intercept_message, value, 48);

#define HV_REGISTER_INTERCEPT_MEMORY_OPERATION	0x01

/* HVMSG_X64_SEV_VMGEXIT_INTERCEPT */
struct hv_x64_vmgexit_intercept_message {
	struct hv_x64_intercept_message_header header;
	__u64 ghcb_msr;
	__u64 flags;
	__u32 ghcb_usage;
	__u32 rsvd1;
	__u16 ghcb_protocol_version;
	__u16 rsvd2[3];
	__u64 sw_exit_code;
	__u64 sw_exit_info1;
	__u64 sw_exit_info2;
	__u64 sw_scratch;
} __packed;
HV_ABI_SIZE(struct hv_x64_vmgexit_intercept_message, 104);
HV_ABI_OFFSET(struct hv_x64_vmgexit_intercept_message, flags, 48);
HV_ABI_OFFSET(struct hv_x64_vmgexit_intercept_message, ghcb_usage, 56);
HV_ABI_OFFSET(struct hv_x64_vmgexit_intercept_message, ghcb_protocol_version, 64);
HV_ABI_OFFSET(struct hv_x64_vmgexit_intercept_message, sw_exit_code, 72);
HV_ABI_OFFSET(struct hv_x64_vmgexit_intercept_message, sw_scratch, 96);

/* HVMSG_X64_APIC_EOI, for level triggered interrupts. */
struct hv_x64_apic_eoi_message {
	__u32 vp_index;
	__u32 interrupt_vector;
} __packed;
HV_ABI_SIZE(struct hv_x64_apic_eoi_message, 8);
HV_ABI_OFFSET(struct hv_x64_apic_eoi_message, interrupt_vector, 4);

/* HVMSG_OPAQUE_INTERCEPT: see the VP's intercept message page. */
struct hv_opaque_intercept_message {
	__u32 vp_index;
} __packed;
HV_ABI_SIZE(struct hv_opaque_intercept_message, 4);

/* HVMSG_SYNIC_SINT_INTERCEPT */
struct hv_synic_sint_intercept_message {
	__u32 sint_index;
} __packed;
HV_ABI_SIZE(struct hv_synic_sint_intercept_message, 4);

/* HVMSG_SYNIC_SINT_DELIVERABLE */
struct hv_x64_synic_sint_deliverable_message {
	struct hv_x64_intercept_message_header header;
	__u16 deliverable_sints;
	__u16 rsvd[3];
} __packed;
HV_ABI_SIZE(struct hv_x64_synic_sint_deliverable_message, 48);
HV_ABI_OFFSET(struct hv_x64_synic_sint_deliverable_message, deliverable_sints, 40);

/* HVMSG_TIMER_EXPIRED */
struct hv_timer_message_payload {
	__u32 timer_index;
	__u32 reserved;
	__u64 expiration_time;
	__u64 delivery_time;
} __packed;
HV_ABI_SIZE(struct hv_timer_message_payload, 24);
HV_ABI_OFFSET(struct hv_timer_message_payload, expiration_time, 8);
HV_ABI_OFFSET(struct hv_timer_message_payload, delivery_time, 16);

/* HVMSG_EVENTLOG_BUFFERCOMPLETE */
struct hv_eventlog_message_payload {
	__u32 buffer_type;
	__u32 buffer_index;
} __packed;
HV_ABI_SIZE(struct hv_eventlog_message_payload, 8);

/* HVMSG_GPA_ATTRIBUTE_INTERCEPT */
#define HV_GPA_ATTRIBUTE_MAX_RANGES		29

struct hv_gpa_attribute_intercept_message {
	__u32 vp_index;
	__u32 info;
	__u64 ranges[HV_GPA_ATTRIBUTE_MAX_RANGES];
} __packed;
HV_ABI_SIZE(struct hv_gpa_attribute_intercept_message, 240);
HV_ABI_OFFSET(struct hv_gpa_attribute_intercept_message, info, 4);
HV_ABI_OFFSET(struct hv_gpa_attribute_intercept_message, ranges, 8);

#define HV_GPA_ATTRIBUTE_RANGE_COUNT_MASK	0x0000001f
#define HV_GPA_ATTRIBUTE_ADJUST			0x00000020
#define HV_GPA_ATTRIBUTE_VISIBILITY_MASK	0x000000c0
#define HV_GPA_ATTRIBUTE_MEMORY_TYPE_MASK	0x00003f00

/* HVMSG_ASYNC_CALL_COMPLETION */
struct hv_async_completion_message_payload {
	__u64 partition_id;
	__u32 status;
	__u32 completion_count;
	__u64 sub_status;
} __packed;
HV_ABI_SIZE(struct hv_async_completion_message_payload, 24);
HV_ABI_OFFSET(struct hv_async_completion_message_payload, status, 8);
HV_ABI_OFFSET(struct hv_async_completion_message_payload, completion_count, 12);
HV_ABI_OFFSET(struct hv_async_completion_message_payload, sub_status, 16);

/* HVMSG_SCHEDULER_VP_SIGNAL_BITSET: the set is a struct hv_vpset. */
#define HV_SCHEDULER_SIGNAL_MAX_BANKS		16

struct hv_vp_signal_bitset_scheduler_message {
	__u64 partition_id;
	__u32 overflow_count;
	__u16 vp_count;
	__u16 reserved;
	struct {
		__u64 format;
		__u64 valid_bank_mask;
		__u64 bank_contents[HV_SCHEDULER_SIGNAL_MAX_BANKS];
	} __packed vp_bitset;
} __packed __aligned(8);
HV_ABI_SIZE(struct hv_vp_signal_bitset_scheduler_message, 160);
HV_ABI_ALIGN(struct hv_vp_signal_bitset_scheduler_message, 8);
HV_ABI_OFFSET(struct hv_vp_signal_bitset_scheduler_message, overflow_count, 8);
HV_ABI_OFFSET(struct hv_vp_signal_bitset_scheduler_message, vp_count, 12);
HV_ABI_OFFSET(struct hv_vp_signal_bitset_scheduler_message, vp_bitset, 16);
HV_ABI_OFFSET(struct hv_vp_signal_bitset_scheduler_message, vp_bitset.bank_contents, 32);

/* HVMSG_SCHEDULER_VP_SIGNAL_PAIR: each pair is one signal. */
#define HV_MESSAGE_MAX_PARTITION_VP_PAIR_COUNT	19

struct hv_vp_signal_pair_scheduler_message {
	__u32 overflow_count;
	__u8 vp_count;
	__u8 reserved1[3];
	__u64 partition_ids[HV_MESSAGE_MAX_PARTITION_VP_PAIR_COUNT];
	__u32 vp_indexes[HV_MESSAGE_MAX_PARTITION_VP_PAIR_COUNT];
	__u8 reserved2[4];
} __packed;
HV_ABI_SIZE(struct hv_vp_signal_pair_scheduler_message, 240);
HV_ABI_OFFSET(struct hv_vp_signal_pair_scheduler_message, vp_count, 4);
HV_ABI_OFFSET(struct hv_vp_signal_pair_scheduler_message, partition_ids, 8);
HV_ABI_OFFSET(struct hv_vp_signal_pair_scheduler_message, vp_indexes, 160);
HV_ABI_OFFSET(struct hv_vp_signal_pair_scheduler_message, reserved2, 236);

#endif
