/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Hypervisor ABI: virtual processors: life cycle, state, and how they are run.
 *
 * Model: a new processor is explicitly suspended.  With the hypervisor's own
 * ("classic") scheduler it runs while neither suspend register is set; with the
 * root scheduler it runs inside HVCALL_DISPATCH_VP.  An intercept suspends it
 * until root clears the intercept suspend register.
 *
 * Words: the register page is a window on the commonly used registers, shared
 * with the VMM; a state page is this page, the intercept message page, or GHCB.
 */
#ifndef _HYPERV_HV_VP_H
#define _HYPERV_HV_VP_H

#include <hyperv/hv_types.h>
#include <hyperv/hv_register.h>

/* HVCALL_CREATE_VP.  Root, for itself: flags hold the LP index. */
struct hv_input_create_vp {
	__u64 partition_id;
	__u32 vp_index;
	__u8 padding[3];
	__u8 subnode_type;
	__u64 subnode_id;
	struct hv_proximity_domain_info proximity_domain_info;
	__u64 flags;
} __packed;
HV_ABI_SIZE(struct hv_input_create_vp, 40);
HV_ABI_OFFSET(struct hv_input_create_vp, vp_index, 8);
HV_ABI_OFFSET(struct hv_input_create_vp, subnode_type, 15);
HV_ABI_OFFSET(struct hv_input_create_vp, subnode_id, 16);
HV_ABI_OFFSET(struct hv_input_create_vp, proximity_domain_info, 24);
HV_ABI_OFFSET(struct hv_input_create_vp, flags, 32);

#define HV_SUBNODE_ANY			0
#define HV_SUBNODE_SOCKET		1
#define HV_SUBNODE_CLUSTER		2
#define HV_SUBNODE_L3			3

/* HVCALL_DELETE_VP, fast. */
struct hv_input_delete_vp {
	__u64 partition_id;
	__u32 vp_index;
	__u8 padding[4];
} __packed;
HV_ABI_SIZE(struct hv_input_delete_vp, 16);
HV_ABI_OFFSET(struct hv_input_delete_vp, vp_index, 8);

/* HVCALL_GET_VP_REGISTERS, rep over names; values out. */
struct hv_input_get_vp_registers {
	__u64 partition_id;
	__u32 vp_index;
	__u8 input_vtl;
	__u8 rsvd_z8;
	__u16 rsvd_z16;
	__u32 names[];
} __packed;
HV_ABI_SIZE(struct hv_input_get_vp_registers, 16);
HV_ABI_OFFSET(struct hv_input_get_vp_registers, vp_index, 8);
HV_ABI_OFFSET(struct hv_input_get_vp_registers, input_vtl, 12);
HV_ABI_OFFSET(struct hv_input_get_vp_registers, names, 16);

/* HVCALL_SET_VP_REGISTERS, rep over names with values. */
struct hv_input_set_vp_registers {
	__u64 partition_id;
	__u32 vp_index;
	__u8 input_vtl;
	__u8 rsvd_z8;
	__u16 rsvd_z16;
	struct hv_register_assoc elements[];
} __packed;
HV_ABI_SIZE(struct hv_input_set_vp_registers, 16);
HV_ABI_OFFSET(struct hv_input_set_vp_registers, input_vtl, 12);
HV_ABI_OFFSET(struct hv_input_set_vp_registers, elements, 16);

#define HV_GET_REGISTERS_MAX_REPS	(HV_HYP_PAGE_SIZE / 16)
#define HV_SET_REGISTERS_MAX_REPS	((HV_HYP_PAGE_SIZE - 16) / 32)

/* HVCALL_TRANSLATE_VIRTUAL_ADDRESS and _EX. */
struct hv_input_translate_virtual_address {
	__u64 partition_id;
	__u32 vp_index;
	__u32 padding;
	__u64 control_flags;
	__u64 gva_page;
} __packed;
HV_ABI_SIZE(struct hv_input_translate_virtual_address, 32);
HV_ABI_OFFSET(struct hv_input_translate_virtual_address, vp_index, 8);
HV_ABI_OFFSET(struct hv_input_translate_virtual_address, control_flags, 16);
HV_ABI_OFFSET(struct hv_input_translate_virtual_address, gva_page, 24);

#define HV_TRANSLATE_GVA_VALIDATE_READ		0x0001ULL
#define HV_TRANSLATE_GVA_VALIDATE_WRITE		0x0002ULL
#define HV_TRANSLATE_GVA_VALIDATE_EXECUTE	0x0004ULL
#define HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT	0x0008ULL
#define HV_TRANSLATE_GVA_SET_PAGE_TABLE_BITS	0x0010ULL
#define HV_TRANSLATE_GVA_TLB_FLUSH_INHIBIT	0x0020ULL
#define HV_TRANSLATE_GVA_SUPERVISOR_ACCESS	0x0040ULL
#define HV_TRANSLATE_GVA_USER_ACCESS		0x0080ULL
#define HV_TRANSLATE_GVA_ENFORCE_SMAP		0x0100ULL
#define HV_TRANSLATE_GVA_OVERRIDE_SMAP		0x0200ULL
#define HV_TRANSLATE_GVA_SHADOW_STACK		0x0400ULL
#define HV_TRANSLATE_GVA_ACCESS_MASK		0x0007ULL
#define HV_TRANSLATE_GVA_DEFINED_MASK		0x07ffULL
#define HV_TRANSLATE_GVA_INPUT_VTL_SHIFT	56

enum hv_translate_gva_result_code {
	HV_TRANSLATE_GVA_SUCCESS			= 0,
	HV_TRANSLATE_GVA_PAGE_NOT_PRESENT		= 1,
	HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION		= 2,
	HV_TRANSLATE_GVA_INVALID_PAGE_TABLE_FLAGS	= 3,
	HV_TRANSLATE_GVA_GPA_UNMAPPED			= 4,
	HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS		= 5,
	HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS		= 6,
	HV_TRANSLATE_GVA_GPA_ILLEGAL_OVERLAY_ACCESS	= 7,
	HV_TRANSLATE_GVA_INTERCEPT			= 8,
	HV_TRANSLATE_GVA_GPA_UNACCEPTED			= 9,
};

struct hv_output_translate_virtual_address {
	__u32 result_code;
	__u8 cache_type;
	__u8 overlay_page;		/* bit 0 */
	__u16 reserved;
	__u64 gpa_page;
} __packed;
HV_ABI_SIZE(struct hv_output_translate_virtual_address, 16);
HV_ABI_OFFSET(struct hv_output_translate_virtual_address, cache_type, 4);
HV_ABI_OFFSET(struct hv_output_translate_virtual_address, overlay_page, 5);
HV_ABI_OFFSET(struct hv_output_translate_virtual_address, gpa_page, 8);

struct hv_output_translate_virtual_address_ex {
	__u32 result_code;
	__u8 cache_type;
	__u8 overlay_page;
	__u16 reserved;
	__u64 reserved1;
	__u8 event_info[32];
	__u64 gpa_page;
	__u64 reserved2;
} __packed;
HV_ABI_SIZE(struct hv_output_translate_virtual_address_ex, 64);
HV_ABI_OFFSET(struct hv_output_translate_virtual_address_ex, event_info, 16);
HV_ABI_OFFSET(struct hv_output_translate_virtual_address_ex, gpa_page, 48);

/* HVCALL_GET_VP_STATE and HVCALL_SET_VP_STATE. */
#define HV_GET_SET_VP_STATE_TYPE_PFN			HV_BIT(31)
#define HV_GET_SET_VP_STATE_LAPIC_STATE			0x80000000U
#define HV_GET_SET_VP_STATE_XSAVE			0x80000001U
#define HV_GET_SET_VP_STATE_SIM_PAGE			0x80000002U
#define HV_GET_SET_VP_STATE_SIEF_PAGE			0x80000003U
#define HV_GET_SET_VP_STATE_SYNTHETIC_TIMERS		0x00000004U

struct hv_vp_state_data_xsave {
	__u64 flags;
	__u64 states;			/* XFEM */
} __packed;
HV_ABI_SIZE(struct hv_vp_state_data_xsave, 16);

#define HV_VP_STATE_XSAVE_COMPACTED_FORMAT	HV_BIT64(0)

struct hv_vp_state_data {
	__u32 type;
	__u32 rsvd;
	struct hv_vp_state_data_xsave xsave;
} __packed;
HV_ABI_SIZE(struct hv_vp_state_data, 24);
HV_ABI_OFFSET(struct hv_vp_state_data, xsave, 8);

/* The variable header holds PFNs, or bytes rounded up to quadwords. */
struct hv_input_get_vp_state {
	__u64 partition_id;
	__u32 vp_index;
	__u8 input_vtl;
	__u8 rsvd0;
	__u16 rsvd1;
	struct hv_vp_state_data state_data;
	__u64 output_data_pfns[];
} __packed;
HV_ABI_SIZE(struct hv_input_get_vp_state, 40);
HV_ABI_OFFSET(struct hv_input_get_vp_state, input_vtl, 12);
HV_ABI_OFFSET(struct hv_input_get_vp_state, state_data, 16);
HV_ABI_OFFSET(struct hv_input_get_vp_state, state_data.xsave.flags, 24);
HV_ABI_OFFSET(struct hv_input_get_vp_state, state_data.xsave.states, 32);
HV_ABI_OFFSET(struct hv_input_get_vp_state, output_data_pfns, 40);

struct hv_input_set_vp_state {
	__u64 partition_id;
	__u32 vp_index;
	__u8 input_vtl;
	__u8 rsvd0;
	__u16 rsvd1;
	struct hv_vp_state_data state_data;
	__u64 data[];
} __packed;
HV_ABI_SIZE(struct hv_input_set_vp_state, 40);
HV_ABI_OFFSET(struct hv_input_set_vp_state, data, 40);

#define HV_VP_STATE_MAX_VARHEAD		((HV_HYP_PAGE_SIZE - 40) / 8)

/* HV_GET_SET_VP_STATE_LAPIC_STATE: the first bytes of a page. */
struct hv_local_interrupt_controller_state {
	__u32 apic_id;
	__u32 apic_version;
	__u32 apic_ldr;
	__u32 apic_dfr;
	__u32 apic_spurious;
	__u32 apic_isr[8];
	__u32 apic_tmr[8];
	__u32 apic_irr[8];
	__u32 apic_esr;
	__u32 apic_icr_high;
	__u32 apic_icr_low;
	__u32 apic_lvt_timer;
	__u32 apic_lvt_thermal;
	__u32 apic_lvt_perfmon;
	__u32 apic_lvt_lint0;
	__u32 apic_lvt_lint1;
	__u32 apic_lvt_error;
	__u32 apic_lvt_cmci;
	__u32 apic_error_status;
	__u32 apic_initial_count;
	__u32 apic_counter_value;
	__u32 apic_divide_configuration;
	__u32 apic_remote_read;
} __packed;
HV_ABI_SIZE(struct hv_local_interrupt_controller_state, 176);
HV_ABI_OFFSET(struct hv_local_interrupt_controller_state, apic_spurious, 16);
HV_ABI_OFFSET(struct hv_local_interrupt_controller_state, apic_isr, 20);
HV_ABI_OFFSET(struct hv_local_interrupt_controller_state, apic_tmr, 52);
HV_ABI_OFFSET(struct hv_local_interrupt_controller_state, apic_irr, 84);
HV_ABI_OFFSET(struct hv_local_interrupt_controller_state, apic_esr, 116);
HV_ABI_OFFSET(struct hv_local_interrupt_controller_state, apic_icr_low, 124);
HV_ABI_OFFSET(struct hv_local_interrupt_controller_state, apic_lvt_timer, 128);
HV_ABI_OFFSET(struct hv_local_interrupt_controller_state, apic_lvt_lint0, 140);
HV_ABI_OFFSET(struct hv_local_interrupt_controller_state, apic_lvt_cmci, 152);
HV_ABI_OFFSET(struct hv_local_interrupt_controller_state, apic_initial_count, 160);
HV_ABI_OFFSET(struct hv_local_interrupt_controller_state, apic_remote_read, 172);

/* HV_GET_SET_VP_STATE_SYNTHETIC_TIMERS */
struct hv_stimer_state {
	__u32 flags;
	__u32 reserved;
	__u64 config;
	__u64 count;
	__u64 adjustment;
	__u64 undelivered_exp_time;
} __packed;
HV_ABI_SIZE(struct hv_stimer_state, 40);
HV_ABI_OFFSET(struct hv_stimer_state, config, 8);
HV_ABI_OFFSET(struct hv_stimer_state, undelivered_exp_time, 32);

#define HV_STIMER_STATE_UNDELIVERED_MESSAGE	HV_BIT(0)

struct hv_synthetic_timers_state {
	struct hv_stimer_state timers[4];
	__u64 reserved[5];
} __packed;
HV_ABI_SIZE(struct hv_synthetic_timers_state, 200);
HV_ABI_OFFSET(struct hv_synthetic_timers_state, reserved, 160);

/* HVCALL_MAP_VP_STATE_PAGE */
#define HV_VP_STATE_PAGE_REGISTERS		0
#define HV_VP_STATE_PAGE_INTERCEPT_MESSAGE	1
#define HV_VP_STATE_PAGE_GHCB			2
#define HV_VP_STATE_PAGE_COUNT			3

struct hv_input_map_vp_state_page {
	__u64 partition_id;
	__u32 vp_index;
	__u16 type;
	__u8 input_vtl;
	__u8 flags;
	__u64 requested_map_location;	/* a GPN */
} __packed;
HV_ABI_SIZE(struct hv_input_map_vp_state_page, 24);
HV_ABI_OFFSET(struct hv_input_map_vp_state_page, type, 12);
HV_ABI_OFFSET(struct hv_input_map_vp_state_page, input_vtl, 14);
HV_ABI_OFFSET(struct hv_input_map_vp_state_page, flags, 15);
HV_ABI_OFFSET(struct hv_input_map_vp_state_page, requested_map_location, 16);

#define HV_MAP_VP_STATE_PAGE_LOCATION_PROVIDED	0x01

struct hv_output_map_vp_state_page {
	__u64 map_location;		/* a GPN */
} __packed;
HV_ABI_SIZE(struct hv_output_map_vp_state_page, 8);

/* HVCALL_UNMAP_VP_STATE_PAGE */
struct hv_input_unmap_vp_state_page {
	__u64 partition_id;
	__u32 vp_index;
	__u16 type;
	__u8 input_vtl;
	__u8 reserved0;
} __packed;
HV_ABI_SIZE(struct hv_input_unmap_vp_state_page, 16);
HV_ABI_OFFSET(struct hv_input_unmap_vp_state_page, type, 12);
HV_ABI_OFFSET(struct hv_input_unmap_vp_state_page, input_vtl, 14);

/* The page of type HV_VP_STATE_PAGE_REGISTERS. */
#define HV_VP_REGISTER_PAGE_VERSION_1		1
#define HV_VP_REGISTER_PAGE_MAX_VECTOR_COUNT	7

/* Groups that the VMM has changed, and that the next run must load: bits of @dirty. */
#define HV_X64_REGISTER_CLASS_GENERAL		0
#define HV_X64_REGISTER_CLASS_IP		1
#define HV_X64_REGISTER_CLASS_XMM		2
#define HV_X64_REGISTER_CLASS_SEGMENT		3
#define HV_X64_REGISTER_CLASS_FLAGS		4
/* The mask of all of them. */
#define HV_X64_REGISTER_CLASS_DEFINED_MASK	0x1fU

union hv_vp_register_page_interrupt_vectors {
	__u64 as_uint64;
	struct {
		__u8 vector_count;
		__u8 vector[HV_VP_REGISTER_PAGE_MAX_VECTOR_COUNT];
	} __packed;
} __packed;
HV_ABI_SIZE(union hv_vp_register_page_interrupt_vectors, 8);

struct hv_vp_register_page {
	__u16 version;
	__u8 isvalid;
	__u8 rsvdz;
	__u32 dirty;
	union {
		__u64 gp_registers[16];
		struct {
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
	};
	__u64 rip;
	__u64 rflags;
	__u64 reserved;
	struct hv_u128 xmm[6];
	union {
		struct hv_x64_segment_register segments[6];
		struct {
			struct hv_x64_segment_register es;
			struct hv_x64_segment_register cs;
			struct hv_x64_segment_register ss;
			struct hv_x64_segment_register ds;
			struct hv_x64_segment_register fs;
			struct hv_x64_segment_register gs;
		} __packed;
	};
	/* Read only for the VMM from here on, except the vectors. */
	__u64 cr0;
	__u64 cr3;
	__u64 cr4;
	__u64 cr8;
	__u64 efer;
	__u64 dr7;
	__u64 pending_interruption;
	__u64 interrupt_state;
	__u64 instruction_emulation_hints;
	__u64 xfem;
	__u8 reserved1[256];
	/* Written by root, consumed by a dispatch that scans. */
	union hv_vp_register_page_interrupt_vectors interrupt_vectors;
} __packed;
HV_ABI_SIZE(struct hv_vp_register_page, 696);
HV_ABI_OFFSET(struct hv_vp_register_page, isvalid, 2);
HV_ABI_OFFSET(struct hv_vp_register_page, dirty, 4);
HV_ABI_OFFSET(struct hv_vp_register_page, rax, 8);
HV_ABI_OFFSET(struct hv_vp_register_page, rip, 136);
HV_ABI_OFFSET(struct hv_vp_register_page, rflags, 144);
HV_ABI_OFFSET(struct hv_vp_register_page, xmm, 160);
HV_ABI_OFFSET(struct hv_vp_register_page, es, 256);
HV_ABI_OFFSET(struct hv_vp_register_page, cr0, 352);
HV_ABI_OFFSET(struct hv_vp_register_page, efer, 384);
HV_ABI_OFFSET(struct hv_vp_register_page, dr7, 392);
HV_ABI_OFFSET(struct hv_vp_register_page, pending_interruption, 400);
HV_ABI_OFFSET(struct hv_vp_register_page, interrupt_state, 408);
HV_ABI_OFFSET(struct hv_vp_register_page, instruction_emulation_hints, 416);
HV_ABI_OFFSET(struct hv_vp_register_page, xfem, 424);
HV_ABI_OFFSET(struct hv_vp_register_page, interrupt_vectors, 688);

/* HVCALL_DISPATCH_VP */
#define HV_DISPATCH_VP_FLAG_CLEAR_INTERCEPT_SUSPEND	0x01
#define HV_DISPATCH_VP_FLAG_ENABLE_CALLER_INTERRUPTS	0x02
#define HV_DISPATCH_VP_FLAG_SET_CALLER_SPEC_CTRL	0x04
#define HV_DISPATCH_VP_FLAG_SKIP_VP_SPEC_FLUSH		0x08
#define HV_DISPATCH_VP_FLAG_SKIP_CALLER_SPEC_FLUSH	0x10
#define HV_DISPATCH_VP_FLAG_SKIP_CALLER_USER_SPEC_FLUSH	0x20
#define HV_DISPATCH_VP_FLAG_SCAN_INTERRUPT_INJECTION	0x40
#define HV_DISPATCH_VP_FLAG_DEFINED_MASK		0x7f

struct hv_input_dispatch_vp {
	__u64 partition_id;
	__u32 vp_index;
	__u32 flags;
	__u64 time_slice;		/* 100 ns, 0: until an event */
	__u64 spec_ctrl;
} __packed;
HV_ABI_SIZE(struct hv_input_dispatch_vp, 32);
HV_ABI_OFFSET(struct hv_input_dispatch_vp, vp_index, 8);
HV_ABI_OFFSET(struct hv_input_dispatch_vp, flags, 12);
HV_ABI_OFFSET(struct hv_input_dispatch_vp, time_slice, 16);
HV_ABI_OFFSET(struct hv_input_dispatch_vp, spec_ctrl, 24);

#define HV_VP_DISPATCH_STATE_INVALID		0
#define HV_VP_DISPATCH_STATE_BLOCKED		1
#define HV_VP_DISPATCH_STATE_READY		2

#define HV_VP_DISPATCH_EVENT_INVALID		0
#define HV_VP_DISPATCH_EVENT_SUSPEND		1
#define HV_VP_DISPATCH_EVENT_INTERCEPT		2

struct hv_output_dispatch_vp {
	__u32 dispatch_state;
	__u32 dispatch_event;
} __packed;
HV_ABI_SIZE(struct hv_output_dispatch_vp, 8);
HV_ABI_OFFSET(struct hv_output_dispatch_vp, dispatch_event, 4);

/* HVCALL_START_VP */
struct hv_initial_vp_context {
	__u64 rip;
	__u64 rsp;
	__u64 rflags;
	struct hv_x64_segment_register cs;
	struct hv_x64_segment_register ds;
	struct hv_x64_segment_register es;
	struct hv_x64_segment_register fs;
	struct hv_x64_segment_register gs;
	struct hv_x64_segment_register ss;
	struct hv_x64_segment_register tr;
	struct hv_x64_segment_register ldtr;
	struct hv_x64_table_register idtr;
	struct hv_x64_table_register gdtr;
	__u64 efer;
	__u64 cr0;
	__u64 cr3;
	__u64 cr4;
	__u64 msr_cr_pat;
} __packed;
HV_ABI_SIZE(struct hv_initial_vp_context, 224);
HV_ABI_OFFSET(struct hv_initial_vp_context, cs, 24);
HV_ABI_OFFSET(struct hv_initial_vp_context, ss, 104);
HV_ABI_OFFSET(struct hv_initial_vp_context, tr, 120);
HV_ABI_OFFSET(struct hv_initial_vp_context, idtr, 152);
HV_ABI_OFFSET(struct hv_initial_vp_context, gdtr, 168);
HV_ABI_OFFSET(struct hv_initial_vp_context, efer, 184);
HV_ABI_OFFSET(struct hv_initial_vp_context, msr_cr_pat, 216);

struct hv_enable_vp_vtl {
	__u64 partition_id;
	__u32 vp_index;
	__u8 target_vtl;
	__u8 mbz0;
	__u16 mbz1;
	struct hv_initial_vp_context vp_vtl_context;
} __packed;
HV_ABI_SIZE(struct hv_enable_vp_vtl, 240);
HV_ABI_OFFSET(struct hv_enable_vp_vtl, target_vtl, 12);
HV_ABI_OFFSET(struct hv_enable_vp_vtl, vp_vtl_context, 16);

/* HVCALL_START_VP has the same layout as the call that enables a VTL. */
struct hv_input_start_vp {
	__u64 partition_id;
	__u32 vp_index;
	__u8 target_vtl;
	__u8 mbz0;
	__u16 mbz1;
	struct hv_initial_vp_context context;
} __packed;
HV_ABI_SIZE(struct hv_input_start_vp, 240);
HV_ABI_OFFSET(struct hv_input_start_vp, context, 16);

/* HVCALL_GET_VP_INDEX_FROM_APIC_ID, rep over APIC ids; u32 indexes out. */
struct hv_get_vp_from_apic_id_in {
	__u64 partition_id;
	__u8 target_vtl;
	__u8 res[7];
	__u32 apic_ids[];
} __packed;
HV_ABI_SIZE(struct hv_get_vp_from_apic_id_in, 16);
HV_ABI_OFFSET(struct hv_get_vp_from_apic_id_in, target_vtl, 8);
HV_ABI_OFFSET(struct hv_get_vp_from_apic_id_in, apic_ids, 16);

/* HVCALL_GET_VP_SET_FROM_MDA; a struct hv_vpset comes out. */
struct hv_input_get_vp_set_from_mda {
	__u64 target_partid;
	__u64 dest_address;
	__u8 input_vtl;
	__u8 destmode_logical;
	__u8 reserved[6];
} __packed;
HV_ABI_SIZE(struct hv_input_get_vp_set_from_mda, 24);
HV_ABI_OFFSET(struct hv_input_get_vp_set_from_mda, dest_address, 8);
HV_ABI_OFFSET(struct hv_input_get_vp_set_from_mda, destmode_logical, 17);

/* The page named by HV_X64_MSR_VP_ASSIST_PAGE. */
struct hv_vp_assist_page {
	__u32 apic_assist;
	__u32 reserved1;
	__u32 vtl_entry_reason;
	__u32 vtl_reserved;
	__u64 vtl_ret_x64rax;
	__u64 vtl_ret_x64rcx;
	__u32 nested_features;
	__u32 hypercall_controls;
	__u8 enlighten_vmentry;
	__u8 reserved2[7];
	__u64 current_nested_vmcs;
	__u8 synthetic_time_unhalted_timer_expired;
	__u8 reserved3[7];
	__u8 virtualization_fault_information[40];
	__u8 reserved4[8];
	__u8 intercept_message[256];
	__u8 vtl_ret_actions[256];
} __packed;
HV_ABI_SIZE(struct hv_vp_assist_page, 624);
HV_ABI_OFFSET(struct hv_vp_assist_page, vtl_entry_reason, 8);
HV_ABI_OFFSET(struct hv_vp_assist_page, vtl_ret_x64rax, 16);
HV_ABI_OFFSET(struct hv_vp_assist_page, nested_features, 32);
HV_ABI_OFFSET(struct hv_vp_assist_page, enlighten_vmentry, 40);
HV_ABI_OFFSET(struct hv_vp_assist_page, current_nested_vmcs, 48);
HV_ABI_OFFSET(struct hv_vp_assist_page, synthetic_time_unhalted_timer_expired, 56);
HV_ABI_OFFSET(struct hv_vp_assist_page, virtualization_fault_information, 64);
HV_ABI_OFFSET(struct hv_vp_assist_page, intercept_message, 112);
HV_ABI_OFFSET(struct hv_vp_assist_page, vtl_ret_actions, 368);

#define HV_VP_ASSIST_NO_EOI_REQUIRED		HV_BIT(0)

#endif
