// SPDX-License-Identifier: GPL-2.0
/*
 * Sizes and offsets of the hypervisor's structures that the driver uses.
 *
 * <hyperv/hv_root.h> stands for different headers, depending on the kernel; with each of
 * them these must be the same.  There is no code.
 */
#include <linux/build_bug.h>
#include <linux/stddef.h>

#include <hyperv/hv_root.h>

static_assert(sizeof(struct hv_input_assert_virtual_interrupt) == 32);
static_assert(offsetof(struct hv_input_assert_virtual_interrupt,
		       control.interrupt_type) == 8);
static_assert(offsetof(struct hv_input_assert_virtual_interrupt, dest_addr) == 16);
static_assert(offsetof(struct hv_input_assert_virtual_interrupt, vector) == 24);
static_assert(offsetof(struct hv_input_assert_virtual_interrupt, target_vtl) == 28);

static_assert(sizeof(struct hv_input_map_gpa_pages) == 24);
static_assert(offsetof(struct hv_input_map_gpa_pages, target_gpa_base) == 8);
static_assert(offsetof(struct hv_input_map_gpa_pages, map_flags) == 16);
static_assert(offsetof(struct hv_input_map_gpa_pages, source_gpa_page_list) == 24);

static_assert(sizeof(struct hv_input_unmap_gpa_pages) == 24);
static_assert(offsetof(struct hv_input_unmap_gpa_pages, target_gpa_base) == 8);
static_assert(offsetof(struct hv_input_unmap_gpa_pages, unmap_flags) == 16);

static_assert(sizeof(struct hv_input_get_gpa_pages_access_state) == 24);
static_assert(offsetof(struct hv_input_get_gpa_pages_access_state, flags) == 8);
static_assert(offsetof(struct hv_input_get_gpa_pages_access_state,
		       hv_gpa_page_number) == 16);

static_assert(sizeof(struct hv_x64_intercept_message_header) == 40);
static_assert(offsetof(struct hv_x64_intercept_message_header,
		       intercept_access_type) == 5);
static_assert(offsetof(struct hv_x64_intercept_message_header, execution_state) == 6);
static_assert(offsetof(struct hv_x64_intercept_message_header, cs_segment) == 8);
static_assert(offsetof(struct hv_x64_intercept_message_header, rip) == 24);
static_assert(offsetof(struct hv_x64_intercept_message_header, rflags) == 32);

static_assert(sizeof(struct hv_x64_memory_intercept_message) == 80);
static_assert(offsetof(struct hv_x64_memory_intercept_message, cache_type) == 40);
static_assert(offsetof(struct hv_x64_memory_intercept_message,
		       instruction_byte_count) == 44);
static_assert(offsetof(struct hv_x64_memory_intercept_message, memory_access_info) == 45);
static_assert(offsetof(struct hv_x64_memory_intercept_message, tpr_priority) == 46);
static_assert(offsetof(struct hv_x64_memory_intercept_message,
		       guest_virtual_address) == 48);
static_assert(offsetof(struct hv_x64_memory_intercept_message,
		       guest_physical_address) == 56);
static_assert(offsetof(struct hv_x64_memory_intercept_message, instruction_bytes) == 64);

static_assert(sizeof(struct hv_x64_io_port_intercept_message) == 128);
static_assert(offsetof(struct hv_x64_io_port_intercept_message, port_number) == 40);
static_assert(offsetof(struct hv_x64_io_port_intercept_message, access_info) == 42);
static_assert(offsetof(struct hv_x64_io_port_intercept_message,
		       instruction_byte_count) == 43);
static_assert(offsetof(struct hv_x64_io_port_intercept_message, rax) == 48);
static_assert(offsetof(struct hv_x64_io_port_intercept_message, instruction_bytes) == 56);
static_assert(offsetof(struct hv_x64_io_port_intercept_message, ds_segment) == 72);
static_assert(offsetof(struct hv_x64_io_port_intercept_message, es_segment) == 88);
static_assert(offsetof(struct hv_x64_io_port_intercept_message, rcx) == 104);
static_assert(offsetof(struct hv_x64_io_port_intercept_message, rsi) == 112);
static_assert(offsetof(struct hv_x64_io_port_intercept_message, rdi) == 120);

static_assert(sizeof(struct hv_x64_apic_eoi_message) == 8);
static_assert(offsetof(struct hv_x64_apic_eoi_message, interrupt_vector) == 4);

static_assert(sizeof(struct hv_opaque_intercept_message) == 4);

static_assert(sizeof(struct hv_synic_sint_intercept_message) == 4);

static_assert(sizeof(struct hv_async_completion_message_payload) == 24);
static_assert(offsetof(struct hv_async_completion_message_payload, status) == 8);
static_assert(offsetof(struct hv_async_completion_message_payload,
		       completion_count) == 12);
static_assert(offsetof(struct hv_async_completion_message_payload, sub_status) == 16);

static_assert(sizeof(struct hv_vp_signal_bitset_scheduler_message) == 160);
static_assert(offsetof(struct hv_vp_signal_bitset_scheduler_message,
		       overflow_count) == 8);
static_assert(offsetof(struct hv_vp_signal_bitset_scheduler_message, vp_count) == 12);
static_assert(offsetof(struct hv_vp_signal_bitset_scheduler_message, vp_bitset) == 16);

static_assert(sizeof(struct hv_vp_signal_pair_scheduler_message) == 240);
static_assert(offsetof(struct hv_vp_signal_pair_scheduler_message, vp_count) == 4);
static_assert(offsetof(struct hv_vp_signal_pair_scheduler_message, partition_ids) == 8);
static_assert(offsetof(struct hv_vp_signal_pair_scheduler_message, vp_indexes) == 160);
static_assert(offsetof(struct hv_vp_signal_pair_scheduler_message, reserved2) == 236);

static_assert(sizeof(struct hv_input_create_partition) == 56);
static_assert(offsetof(struct hv_input_create_partition, proximity_domain_info) == 8);
static_assert(offsetof(struct hv_input_create_partition, compatibility_version) == 16);
static_assert(offsetof(struct hv_input_create_partition, isolation_properties) == 48);

static_assert(sizeof(struct hv_output_create_partition) == 8);

static_assert(sizeof(struct hv_input_get_partition_property) == 16);
static_assert(offsetof(struct hv_input_get_partition_property, property_code) == 8);

static_assert(sizeof(struct hv_output_get_partition_property) == 8);

static_assert(sizeof(struct hv_input_set_partition_property) == 24);
static_assert(offsetof(struct hv_input_set_partition_property, property_code) == 8);
static_assert(offsetof(struct hv_input_set_partition_property, property_value) == 16);

static_assert(sizeof(struct hv_deposit_memory) == 8);
static_assert(offsetof(struct hv_deposit_memory, gpa_page_list) == 8);

static_assert(sizeof(struct hv_input_withdraw_memory) == 16);
static_assert(offsetof(struct hv_input_withdraw_memory, proximity_domain_info) == 8);

static_assert(sizeof(union hv_register_value) == 16);

static_assert(sizeof(struct hv_register_assoc) == 32);
static_assert(offsetof(struct hv_register_assoc, value) == 16);

static_assert(sizeof(union hv_stats_object_identity) == 16);
static_assert(offsetof(union hv_stats_object_identity, hv.stats_area_type) == 15);
static_assert(offsetof(union hv_stats_object_identity, lp.stats_area_type) == 15);
static_assert(offsetof(union hv_stats_object_identity, partition.stats_area_type) == 15);
static_assert(offsetof(union hv_stats_object_identity, vp.vp_index) == 8);
static_assert(offsetof(union hv_stats_object_identity, vp.flags) == 12);
static_assert(offsetof(union hv_stats_object_identity, vp.stats_area_type) == 15);

static_assert(sizeof(struct hv_input_map_stats_page) == 24);
static_assert(offsetof(struct hv_input_map_stats_page, identity) == 8);

static_assert(sizeof(struct hv_output_map_stats_page) == 8);

static_assert(sizeof(struct hv_input_unmap_stats_page) == 24);
static_assert(offsetof(struct hv_input_unmap_stats_page, identity) == 8);

static_assert(sizeof(struct hv_message) == 256);
static_assert(offsetof(struct hv_message, u.payload) == 16);

static_assert(sizeof(struct hv_message_page) == 4096);

static_assert(sizeof(struct hv_synic_event_ring) == 256);
static_assert(offsetof(struct hv_synic_event_ring, ring_full) == 1);
static_assert(offsetof(struct hv_synic_event_ring, data) == 4);

static_assert(sizeof(struct hv_synic_event_ring_page) == 4096);

static_assert(sizeof(struct hv_input_create_port) == 56);
static_assert(offsetof(struct hv_input_create_port, port_id) == 8);
static_assert(offsetof(struct hv_input_create_port, port_vtl) == 12);
static_assert(offsetof(struct hv_input_create_port, min_connection_vtl) == 13);
static_assert(offsetof(struct hv_input_create_port, connection_partition_id) == 16);
static_assert(offsetof(struct hv_input_create_port, port_info) == 24);
static_assert(offsetof(struct hv_input_create_port, proximity_domain_info) == 48);

static_assert(sizeof(struct hv_input_connect_port) == 72);
static_assert(offsetof(struct hv_input_connect_port, connection_id) == 8);
static_assert(offsetof(struct hv_input_connect_port, connection_vtl) == 12);
static_assert(offsetof(struct hv_input_connect_port, port_partition_id) == 16);
static_assert(offsetof(struct hv_input_connect_port, port_id) == 24);
static_assert(offsetof(struct hv_input_connect_port, connection_info) == 32);
static_assert(offsetof(struct hv_input_connect_port, proximity_domain_info) == 64);

static_assert(sizeof(struct hv_input_get_system_property) == 16);

static_assert(sizeof(struct hv_input_create_vp) == 40);
static_assert(offsetof(struct hv_input_create_vp, vp_index) == 8);
static_assert(offsetof(struct hv_input_create_vp, subnode_type) == 15);
static_assert(offsetof(struct hv_input_create_vp, subnode_id) == 16);
static_assert(offsetof(struct hv_input_create_vp, proximity_domain_info) == 24);
static_assert(offsetof(struct hv_input_create_vp, flags) == 32);

static_assert(sizeof(struct hv_input_get_vp_registers) == 16);
static_assert(offsetof(struct hv_input_get_vp_registers, vp_index) == 8);
static_assert(offsetof(struct hv_input_get_vp_registers, input_vtl) == 12);
static_assert(offsetof(struct hv_input_get_vp_registers, names) == 16);

static_assert(sizeof(struct hv_input_set_vp_registers) == 16);
static_assert(offsetof(struct hv_input_set_vp_registers, input_vtl) == 12);
static_assert(offsetof(struct hv_input_set_vp_registers, elements) == 16);

static_assert(sizeof(struct hv_input_translate_virtual_address) == 32);
static_assert(offsetof(struct hv_input_translate_virtual_address, vp_index) == 8);
static_assert(offsetof(struct hv_input_translate_virtual_address, control_flags) == 16);
static_assert(offsetof(struct hv_input_translate_virtual_address, gva_page) == 24);

static_assert(sizeof(struct hv_output_translate_virtual_address) == 16);
static_assert(offsetof(struct hv_output_translate_virtual_address, cache_type) == 4);
static_assert(offsetof(struct hv_output_translate_virtual_address, overlay_page) == 5);
static_assert(offsetof(struct hv_output_translate_virtual_address, gpa_page) == 8);

static_assert(sizeof(struct hv_vp_state_data) == 24);
static_assert(offsetof(struct hv_vp_state_data, xsave) == 8);

static_assert(sizeof(struct hv_input_get_vp_state) == 40);
static_assert(offsetof(struct hv_input_get_vp_state, input_vtl) == 12);
static_assert(offsetof(struct hv_input_get_vp_state, state_data) == 16);
static_assert(offsetof(struct hv_input_get_vp_state, state_data.xsave.flags) == 24);
static_assert(offsetof(struct hv_input_get_vp_state, state_data.xsave.states) == 32);
static_assert(offsetof(struct hv_input_get_vp_state, output_data_pfns) == 40);

static_assert(sizeof(struct hv_input_set_vp_state) == 40);
static_assert(offsetof(struct hv_input_set_vp_state, data) == 40);

static_assert(sizeof(struct hv_local_interrupt_controller_state) == 176);
static_assert(offsetof(struct hv_local_interrupt_controller_state, apic_spurious) == 16);
static_assert(offsetof(struct hv_local_interrupt_controller_state, apic_isr) == 20);
static_assert(offsetof(struct hv_local_interrupt_controller_state, apic_tmr) == 52);
static_assert(offsetof(struct hv_local_interrupt_controller_state, apic_irr) == 84);
static_assert(offsetof(struct hv_local_interrupt_controller_state, apic_esr) == 116);
static_assert(offsetof(struct hv_local_interrupt_controller_state, apic_icr_low) == 124);
static_assert(offsetof(struct hv_local_interrupt_controller_state,
		       apic_lvt_timer) == 128);
static_assert(offsetof(struct hv_local_interrupt_controller_state,
		       apic_lvt_lint0) == 140);
static_assert(offsetof(struct hv_local_interrupt_controller_state, apic_lvt_cmci) == 152);
static_assert(offsetof(struct hv_local_interrupt_controller_state,
		       apic_initial_count) == 160);
static_assert(offsetof(struct hv_local_interrupt_controller_state,
		       apic_remote_read) == 172);

static_assert(sizeof(struct hv_synthetic_timers_state) == 200);
static_assert(offsetof(struct hv_synthetic_timers_state, reserved) == 160);

static_assert(sizeof(struct hv_input_map_vp_state_page) == 24);
static_assert(offsetof(struct hv_input_map_vp_state_page, type) == 12);
static_assert(offsetof(struct hv_input_map_vp_state_page, input_vtl) == 14);
static_assert(offsetof(struct hv_input_map_vp_state_page, flags) == 15);
static_assert(offsetof(struct hv_input_map_vp_state_page, requested_map_location) == 16);

static_assert(sizeof(struct hv_output_map_vp_state_page) == 8);

static_assert(sizeof(struct hv_input_unmap_vp_state_page) == 16);
static_assert(offsetof(struct hv_input_unmap_vp_state_page, type) == 12);
static_assert(offsetof(struct hv_input_unmap_vp_state_page, input_vtl) == 14);

static_assert(sizeof(union hv_vp_register_page_interrupt_vectors) == 8);

static_assert(sizeof(struct hv_vp_register_page) == 696);
static_assert(offsetof(struct hv_vp_register_page, isvalid) == 2);
static_assert(offsetof(struct hv_vp_register_page, dirty) == 4);
static_assert(offsetof(struct hv_vp_register_page, rax) == 8);
static_assert(offsetof(struct hv_vp_register_page, rip) == 136);
static_assert(offsetof(struct hv_vp_register_page, rflags) == 144);
static_assert(offsetof(struct hv_vp_register_page, es) == 256);
static_assert(offsetof(struct hv_vp_register_page, cr0) == 352);
static_assert(offsetof(struct hv_vp_register_page, efer) == 384);
static_assert(offsetof(struct hv_vp_register_page, dr7) == 392);
static_assert(offsetof(struct hv_vp_register_page, pending_interruption) == 400);
static_assert(offsetof(struct hv_vp_register_page, interrupt_state) == 408);
static_assert(offsetof(struct hv_vp_register_page, instruction_emulation_hints) == 416);
static_assert(offsetof(struct hv_vp_register_page, xfem) == 424);
static_assert(offsetof(struct hv_vp_register_page, interrupt_vectors) == 688);

static_assert(sizeof(struct hv_input_dispatch_vp) == 32);
static_assert(offsetof(struct hv_input_dispatch_vp, vp_index) == 8);
static_assert(offsetof(struct hv_input_dispatch_vp, flags) == 12);
static_assert(offsetof(struct hv_input_dispatch_vp, time_slice) == 16);
static_assert(offsetof(struct hv_input_dispatch_vp, spec_ctrl) == 24);

static_assert(sizeof(struct hv_output_dispatch_vp) == 8);
static_assert(offsetof(struct hv_output_dispatch_vp, dispatch_event) == 4);

static_assert(sizeof(struct hv_get_vp_from_apic_id_in) == 16);
static_assert(offsetof(struct hv_get_vp_from_apic_id_in, target_vtl) == 8);
static_assert(offsetof(struct hv_get_vp_from_apic_id_in, apic_ids) == 16);
