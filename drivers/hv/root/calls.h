/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hypercalls that the driver makes about partitions, processors and events, a
 * function for each.  Those that take a pool deposit into it when the hypervisor
 * asks, and mshv_call_create_partition() deposits into the root's: they sleep.  The
 * others never do, and may be made with interrupts off, but not in an NMI.
 */
#ifndef _MSHV_CALLS_H
#define _MSHV_CALLS_H

#include <linux/hvr.h>

#include <hyperv/hv_root.h>

/* partitions */
int mshv_call_create_partition(const struct hv_input_create_partition *in, u64 *id);
int mshv_call_initialize_partition(struct hvr_pool *pool);
int mshv_call_finalize_partition(u64 partition_id);
int mshv_call_delete_partition(u64 partition_id);
int mshv_call_get_partition_property(u64 partition_id, u32 code, u64 *value);
int mshv_call_get_system_property(u32 property, u64 *value);

/* processors */
int mshv_call_create_vp(struct hvr_pool *pool, u32 vp_index);
int mshv_call_delete_vp(u64 partition_id, u32 vp_index);
int mshv_call_get_register(u64 partition_id, u32 vp_index, u32 name, u64 *value);
int mshv_call_set_registers(u64 partition_id, u32 vp_index, unsigned int nr,
			    const u32 *names, const u64 *values);
int mshv_call_vp_of_apic(u64 partition_id, u32 apic_id, u32 *vp_index);
int mshv_call_map_state_page(struct hvr_pool *pool, u32 vp_index, u16 type,
			     u64 *pfn);
int mshv_call_unmap_state_page(u64 partition_id, u32 vp_index, u16 type);

/* interrupts, ports */
int mshv_call_assert_interrupt(u64 partition_id, u32 type, u32 flags, u64 destination,
			       u32 vector);
int mshv_call_create_doorbell(struct hvr_pool *pool, u32 port_id, u64 gpa,
			      u64 datamatch, u64 flags, u32 vp);
int mshv_call_disconnect_doorbell(u64 partition_id, u32 port_id);
int mshv_call_delete_port(u32 port_id);
void mshv_call_notify_ring_empty(u32 sint);

/* statistics */
int mshv_call_map_stats_page(struct hvr_pool *pool, u32 type,
			     const union hv_stats_object_identity *identity,
			     u64 *pfn);
int mshv_call_unmap_stats_page(u32 type,
			       const union hv_stats_object_identity *identity);

#endif
