/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Hypervisor ABI: which accesses of a child are intercepted, and results that
 * the hypervisor gives for CPUID and MSRs by itself.
 */
#ifndef _HYPERV_HV_INTERCEPT_H
#define _HYPERV_HV_INTERCEPT_H

#include <hyperv/hv_types.h>

enum hv_intercept_type {
	HV_INTERCEPT_TYPE_X64_IO_PORT			= 0x00,
	HV_INTERCEPT_TYPE_X64_MSR			= 0x01,
	HV_INTERCEPT_TYPE_X64_CPUID			= 0x02,
	HV_INTERCEPT_TYPE_EXCEPTION			= 0x03,
	HV_INTERCEPT_TYPE_RESERVED0			= 0x04,
	HV_INTERCEPT_TYPE_MMIO				= 0x05,
	HV_INTERCEPT_TYPE_X64_GLOBAL_CPUID		= 0x06,
	HV_INTERCEPT_TYPE_X64_APIC_SMI			= 0x07,
	HV_INTERCEPT_TYPE_HYPERCALL			= 0x08,
	HV_INTERCEPT_TYPE_X64_APIC_INIT_SIPI		= 0x09,
	HV_INTERCEPT_TYPE_X64_MC_UPDATE_PATCH_LEVEL_MSR_READ = 0x0a,
	HV_INTERCEPT_TYPE_X64_APIC_WRITE		= 0x0b,
	HV_INTERCEPT_TYPE_X64_MSR_INDEX			= 0x0c,
	HV_INTERCEPT_TYPE_UNKNOWN_SYNIC_CONNECTION	= 0x0d,
	HV_INTERCEPT_TYPE_X64_APIC_EOI			= 0x0e,
	HV_INTERCEPT_TYPE_RETARGET_INTERRUPT_WITH_UNKNOWN_DEVICE_ID = 0x0f,
	HV_INTERCEPT_TYPE_X64_EXCEPTION_TRAP		= 0x10,
	HV_INTERCEPT_TYPE_X64_IO_PORT_RANGE		= 0x11,
	HV_INTERCEPT_TYPE_REGISTER			= 0x12,
	HV_INTERCEPT_TYPE_SYSTEM_RESET			= 0x13,
};

/* HVCALL_INSTALL_INTERCEPT; the parameter depends on the type. */
union hv_intercept_parameters {
	__u64 as_uint64;
	__u16 io_port;
	__u32 cpuid_index;
	__u32 apic_write_mask;
	__u16 exception_vector;
	__u32 msr_index;
	struct {
		__u16 base;
		__u16 end;
	} __packed io_port_range;
} __packed;
HV_ABI_SIZE(union hv_intercept_parameters, 8);

struct hv_input_install_intercept {
	__u64 partition_id;
	__u32 access_type;	/* HV_INTERCEPT_ACCESS_MASK_*, none removes */
	__u32 intercept_type;
	union hv_intercept_parameters intercept_parameter;
} __packed;
HV_ABI_SIZE(struct hv_input_install_intercept, 24);
HV_ABI_OFFSET(struct hv_input_install_intercept, access_type, 8);
HV_ABI_OFFSET(struct hv_input_install_intercept, intercept_type, 12);
HV_ABI_OFFSET(struct hv_input_install_intercept, intercept_parameter, 16);

/* HVCALL_REGISTER_INTERCEPT_RESULT; a set mask bit takes the value's bit. */
struct hv_register_x64_cpuid_result_parameters {
	struct {
		__u32 eax;
		__u32 ecx;
		__u8 subleaf_specific;
		__u8 always_override;
		__u16 padding;
	} __packed input;
	struct {
		__u32 eax;
		__u32 eax_mask;
		__u32 ebx;
		__u32 ebx_mask;
		__u32 ecx;
		__u32 ecx_mask;
		__u32 edx;
		__u32 edx_mask;
	} __packed result;
} __packed;
HV_ABI_SIZE(struct hv_register_x64_cpuid_result_parameters, 44);
HV_ABI_OFFSET(struct hv_register_x64_cpuid_result_parameters, result, 12);

struct hv_register_x64_msr_result_parameters {
	__u32 msr_index;
	__u32 access_type;
	__u32 action;
} __packed;
HV_ABI_SIZE(struct hv_register_x64_msr_result_parameters, 12);

#define HV_MSR_RESULT_ACTION_FAULT			0
#define HV_MSR_RESULT_ACTION_IGNORE_WRITE_READ_ZERO	1

union hv_register_intercept_result_parameters {
	struct hv_register_x64_cpuid_result_parameters cpuid;
	struct hv_register_x64_msr_result_parameters msr;
} __packed;
HV_ABI_SIZE(union hv_register_intercept_result_parameters, 44);

struct hv_input_register_intercept_result {
	__u64 partition_id;
	__u32 vp_index;		/* HV_ANY_VP: all of them */
	__u32 intercept_type;
	union hv_register_intercept_result_parameters parameters;
} __packed;
HV_ABI_SIZE(struct hv_input_register_intercept_result, 60);
HV_ABI_OFFSET(struct hv_input_register_intercept_result, vp_index, 8);
HV_ABI_OFFSET(struct hv_input_register_intercept_result, intercept_type, 12);
HV_ABI_OFFSET(struct hv_input_register_intercept_result, parameters, 16);
HV_ABI_OFFSET(struct hv_input_register_intercept_result,
	      parameters.cpuid.input.subleaf_specific, 24);
HV_ABI_OFFSET(struct hv_input_register_intercept_result,
	      parameters.cpuid.result.eax, 28);

/* HVCALL_UNREGISTER_INTERCEPT_RESULT */
union hv_unregister_intercept_result_parameters {
	struct {
		__u32 eax;
		__u32 ecx;
		__u8 subleaf_specific;
		__u8 padding[3];
	} __packed cpuid;
	struct {
		__u32 msr_index;
		__u32 access_type;
	} __packed msr;
} __packed;
HV_ABI_SIZE(union hv_unregister_intercept_result_parameters, 12);

struct hv_input_unregister_intercept_result {
	__u64 partition_id;
	__u32 vp_index;
	__u32 intercept_type;
	union hv_unregister_intercept_result_parameters parameters;
} __packed;
HV_ABI_SIZE(struct hv_input_unregister_intercept_result, 28);
HV_ABI_OFFSET(struct hv_input_unregister_intercept_result, parameters, 16);

/* HVCALL_GET_VP_CPUID_VALUES, rep over leaves. */
struct hv_cpuid_leaf_info {
	__u32 eax;
	__u32 ecx;
	__u64 xfem;
	__u64 xss;
} __packed;
HV_ABI_SIZE(struct hv_cpuid_leaf_info, 24);
HV_ABI_OFFSET(struct hv_cpuid_leaf_info, xfem, 8);

struct hv_input_get_vp_cpuid_values {
	__u64 partition_id;
	__u32 vp_index;
	__u32 flags;
	__u64 reserved;
	struct hv_cpuid_leaf_info cpuid_leaf_info[];
} __packed;
HV_ABI_SIZE(struct hv_input_get_vp_cpuid_values, 24);
HV_ABI_OFFSET(struct hv_input_get_vp_cpuid_values, flags, 12);
HV_ABI_OFFSET(struct hv_input_get_vp_cpuid_values, cpuid_leaf_info, 24);

#define HV_GET_VP_CPUID_USE_VP_XFEM_XSS			HV_BIT(0)
#define HV_GET_VP_CPUID_APPLY_REGISTERED_VALUES		HV_BIT(1)

union hv_output_get_vp_cpuid_values {
	__u32 as_uint32[4];
	struct {
		__u32 eax;
		__u32 ebx;
		__u32 ecx;
		__u32 edx;
	} __packed;
} __packed;
HV_ABI_SIZE(union hv_output_get_vp_cpuid_values, 16);

/* HVCALL_CHECK_FOR_IO_INTERCEPT */
struct hv_input_check_for_io_intercept {
	__u64 partition_id;
	__u32 vp_index;
	__u8 input_vtl;
	__u8 reserved;
	__u16 port;
	__u8 size;
	__u8 is_write;
} __packed;
HV_ABI_SIZE(struct hv_input_check_for_io_intercept, 18);
HV_ABI_OFFSET(struct hv_input_check_for_io_intercept, port, 14);
HV_ABI_OFFSET(struct hv_input_check_for_io_intercept, is_write, 17);

struct hv_output_check_for_io_intercept {
	__u8 intercept;
} __packed;
HV_ABI_SIZE(struct hv_output_check_for_io_intercept, 1);

#endif
