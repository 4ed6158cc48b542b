// SPDX-License-Identifier: GPL-2.0
/*
 * One wrapper per hypercall that works on partitions, processors and events.
 *
 * Calls that work on lists of guest pages are in map.c.
 */
#include <linux/string.h>

#include <hyperv/hv_root.h>

#include "calls.h"

/* Registers that one internal call sets at most. */
#define REGISTERS_MAX	4

/* A call that is charged to a pool. */
static int call_charged(struct hvr_pool *pool, unsigned int pages, u16 code,
			const void *in, size_t in_size, void *out, size_t out_size)
{
	struct hvr_call call = {
		.code = code,
		.in = in, .in_size = in_size, .out = out, .out_size = out_size,
		.pool = pool, .retry.pages = pages,
	};
	u64 result;
	int ret;

	/* Most need nothing. */
	hvr_may_deposit();
	result = hvr_small(code, 0, in, in_size, out, out_size);
	if (hvr_status(result) == HV_STATUS_SUCCESS)
		return 0;
	if (!hvr_wants_memory(result))
		return hvr_errno(result);
	ret = hvr_deposit_for(pool, &call.retry, result);
	return ret ? ret : hvr_call(&call);
}

/**
 * mshv_call_create_partition() - HVCALL_CREATE_PARTITION
 * @in: what kind of partition; the call is charged to this partition
 * @id: the new partition
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_create_partition(const struct hv_input_create_partition *in, u64 *id)
{
	struct hv_output_create_partition out;
	int ret;

	ret = call_charged(hvr_self_pool, HVR_PAGES_FEW, HVCALL_CREATE_PARTITION,
			   in, sizeof(*in), &out, sizeof(out));
	if (!ret)
		*id = out.partition_id;
	return ret;
}

/**
 * mshv_call_initialize_partition() - HVCALL_INITIALIZE_PARTITION
 * @pool: the partition's pool
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_initialize_partition(struct hvr_pool *pool)
{
	return call_charged(pool, HVR_PAGES_FEW, HVCALL_INITIALIZE_PARTITION,
			    &pool->partition_id, sizeof(pool->partition_id), NULL, 0);
}

/**
 * mshv_call_finalize_partition() - HVCALL_FINALIZE_PARTITION
 * @partition_id: the partition; its processors and maps are gone afterwards
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_finalize_partition(u64 partition_id)
{
	return hvr_errno(hvr_fast8(HVCALL_FINALIZE_PARTITION, partition_id));
}

/**
 * mshv_call_delete_partition() - HVCALL_DELETE_PARTITION
 * @partition_id: the partition; its pool must be empty
 *
 * Return: 0, also if there is no such partition any more, or a negative errno.
 */
int mshv_call_delete_partition(u64 partition_id)
{
	u64 result = hvr_fast8(HVCALL_DELETE_PARTITION, partition_id);

	if (hvr_status(result) == HV_STATUS_INVALID_PARTITION_ID)
		return 0;
	return hvr_errno(result);
}

/**
 * mshv_call_get_partition_property() - HVCALL_GET_PARTITION_PROPERTY
 * @partition_id: the partition
 * @code: which property
 * @value: its value
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_get_partition_property(u64 partition_id, u32 code, u64 *value)
{
	struct hv_input_get_partition_property in = {
		.partition_id = partition_id,
		.property_code = code,
	};
	struct hv_output_get_partition_property out = { };
	u64 result;

	result = hvr_small(HVCALL_GET_PARTITION_PROPERTY, 0, &in, sizeof(in),
			   &out, sizeof(out));
	*value = out.property_value;
	return hvr_errno(result);
}

/**
 * mshv_call_get_system_property() - HVCALL_GET_SYSTEM_PROPERTY
 * @property: which property
 * @value: its value
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_get_system_property(u32 property, u64 *value)
{
	struct hv_input_get_system_property in = { .property_id = property };
	u64 result;

	*value = 0;
	result = hvr_small(HVCALL_GET_SYSTEM_PROPERTY, 0, &in, sizeof(in),
			   value, sizeof(*value));
	return hvr_errno(result);
}

/**
 * mshv_call_create_vp() - HVCALL_CREATE_VP
 * @pool: the partition's pool
 * @vp_index: index of the new processor
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_create_vp(struct hvr_pool *pool, u32 vp_index)
{
	struct hv_input_create_vp in = {
		.partition_id = pool->partition_id,
		.vp_index = vp_index,
		.subnode_type = HV_SUBNODE_ANY,
	};

	return call_charged(pool, HVR_PAGES_VP, HVCALL_CREATE_VP, &in, sizeof(in),
			    NULL, 0);
}

/**
 * mshv_call_delete_vp() - HVCALL_DELETE_VP
 * @partition_id: the partition
 * @vp_index: the processor
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_delete_vp(u64 partition_id, u32 vp_index)
{
	return hvr_errno(hvr_fast16(HVCALL_DELETE_VP, partition_id, vp_index));
}

/**
 * mshv_call_get_register() - HVCALL_GET_VP_REGISTERS for one register
 * @partition_id: the partition
 * @vp_index: the processor
 * @name: the register
 * @value: its low 64 bits
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_get_register(u64 partition_id, u32 vp_index, u32 name, u64 *value)
{
	struct {
		struct hv_input_get_vp_registers head;
		u32 name;
	} __packed in = {
		.head = { .partition_id = partition_id, .vp_index = vp_index },
		.name = name,
	};
	union hv_register_value out = { };
	u64 result;

	result = hvr_small(HVCALL_GET_VP_REGISTERS, 1, &in, sizeof(in), &out,
			   sizeof(out));
	*value = out.reg64;
	if (hvr_status(result) == HV_STATUS_SUCCESS && hvr_reps(result) < 1)
		return -EIO;
	return hvr_errno(result);
}

/**
 * mshv_call_vp_of_apic() - HVCALL_GET_VP_INDEX_FROM_APIC_ID for one local APIC
 * @partition_id: the partition
 * @apic_id: id of the local APIC
 * @vp_index: the processor that has it
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_vp_of_apic(u64 partition_id, u32 apic_id, u32 *vp_index)
{
	struct {
		struct hv_get_vp_from_apic_id_in head;
		u32 id;
	} __packed in = {
		.head = { .partition_id = partition_id },
		.id = apic_id,
	};
	u64 result;

	result = hvr_small(HVCALL_GET_VP_INDEX_FROM_APIC_ID, 1, &in, sizeof(in),
			   vp_index, sizeof(*vp_index));
	if (hvr_status(result) == HV_STATUS_SUCCESS && hvr_reps(result) < 1)
		return -EIO;
	return hvr_errno(result);
}

/**
 * mshv_call_set_registers() - HVCALL_SET_VP_REGISTERS for a few 64-bit registers
 * @partition_id: the partition
 * @vp_index: the processor
 * @nr: how many
 * @names: the registers, set in this order
 * @values: their values
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_set_registers(u64 partition_id, u32 vp_index, unsigned int nr,
			    const u32 *names, const u64 *values)
{
	struct {
		struct hv_input_set_vp_registers head;
		struct hv_register_assoc elements[REGISTERS_MAX];
	} __packed in = {
		.head = { .partition_id = partition_id, .vp_index = vp_index },
	};
	unsigned int i;
	u64 result;

	if (WARN_ON_ONCE(nr > REGISTERS_MAX))
		return -EINVAL;
	for (i = 0; i < nr; i++) {
		in.elements[i].name = names[i];
		in.elements[i].value.reg64 = values[i];
	}
	result = hvr_small(HVCALL_SET_VP_REGISTERS, nr, &in,
			   sizeof(in.head) + nr * sizeof(in.elements[0]),
			   NULL, 0);
	if (hvr_status(result) == HV_STATUS_SUCCESS && hvr_reps(result) < nr)
		return -EIO;
	return hvr_errno(result);
}

/**
 * mshv_call_map_state_page() - HVCALL_MAP_VP_STATE_PAGE
 * @pool: the partition's pool
 * @vp_index: the processor
 * @type: which page
 * @pfn: where the hypervisor has put it
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_map_state_page(struct hvr_pool *pool, u32 vp_index, u16 type,
			     u64 *pfn)
{
	struct hv_input_map_vp_state_page in = {
		.partition_id = pool->partition_id,
		.vp_index = vp_index,
		.type = type,
	};
	struct hv_output_map_vp_state_page out;
	int ret;

	ret = call_charged(pool, HVR_PAGES_FEW, HVCALL_MAP_VP_STATE_PAGE, &in,
			   sizeof(in), &out, sizeof(out));
	if (!ret)
		*pfn = out.map_location;
	return ret;
}

/**
 * mshv_call_unmap_state_page() - HVCALL_UNMAP_VP_STATE_PAGE
 * @partition_id: the partition
 * @vp_index: the processor
 * @type: which page
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_unmap_state_page(u64 partition_id, u32 vp_index, u16 type)
{
	struct hv_input_unmap_vp_state_page in = {
		.partition_id = partition_id,
		.vp_index = vp_index,
		.type = type,
	};

	return hvr_errno(hvr_small(HVCALL_UNMAP_VP_STATE_PAGE, 0, &in,
				   sizeof(in), NULL, 0));
}

/**
 * mshv_call_assert_interrupt() - HVCALL_ASSERT_VIRTUAL_INTERRUPT
 * @partition_id: the partition
 * @type: delivery mode
 * @flags: HV_INTERRUPT_CONTROL_*
 * @destination: local APIC or set of them
 * @vector: vector
 *
 * Context: any but NMI.
 * Return: 0 or a negative errno.
 */
int mshv_call_assert_interrupt(u64 partition_id, u32 type, u32 flags, u64 destination,
			       u32 vector)
{
	struct hv_input_assert_virtual_interrupt *in;
	unsigned long irqs;

	in = hvr_small_begin(&irqs);
	if (!in)
		return hvr_errno(HV_RESULT_NO_HYPERCALL_PAGE);
	*in = (struct hv_input_assert_virtual_interrupt) {
		.partition_id = partition_id,
		.dest_addr = destination,
		.vector = vector,
	};
	hv_set_interrupt_control(in, type, flags);
	return hvr_errno(hvr_small_end(HVCALL_ASSERT_VIRTUAL_INTERRUPT, in, irqs));
}

/**
 * mshv_call_create_doorbell() - HVCALL_CREATE_PORT and HVCALL_CONNECT_PORT
 * @pool: the pool of the partition whose writes signal it
 * @port_id: number of the port and of the connection
 * @gpa: guest physical address
 * @datamatch: value that signals it
 * @flags: HV_DOORBELL_FLAG_*
 * @vp: processor of this partition that is notified, or HV_ANY_VP
 *
 * The port belongs to this partition and is charged to it, the connection
 * belongs to the child.
 *
 * Return: 0 or a negative errno; nothing is left then, except if the hypervisor
 * refuses to delete the port, which is -EBUSY.
 */
int mshv_call_create_doorbell(struct hvr_pool *pool, u32 port_id, u64 gpa,
			      u64 datamatch, u64 flags, u32 vp)
{
	struct hv_input_create_port port = {
		.port_partition_id = HV_PARTITION_ID_SELF,
		.port_id = HV_PORT_ID(port_id),
		.connection_partition_id = pool->partition_id,
		.port_info = {
			.port_type = HV_PORT_TYPE_DOORBELL,
			.doorbell_port_info = {
				.target_sint = HV_SYNIC_DOORBELL_SINT_INDEX,
				.target_vp = vp,
			},
		},
	};
	struct hv_input_connect_port connect = {
		.connection_partition_id = pool->partition_id,
		.connection_id = HV_CONNECTION_ID(port_id),
		.port_partition_id = HV_PARTITION_ID_SELF,
		.port_id = HV_PORT_ID(port_id),
		.connection_info = {
			.port_type = HV_PORT_TYPE_DOORBELL,
			.doorbell_connection_info = {
				.gpa = gpa,
				.trigger_value = datamatch,
				.flags = flags,
			},
		},
	};
	int ret;

	ret = call_charged(hvr_self_pool, HVR_PAGES_FEW, HVCALL_CREATE_PORT, &port,
			   sizeof(port), NULL, 0);
	if (ret)
		return ret;
	ret = call_charged(pool, HVR_PAGES_FEW, HVCALL_CONNECT_PORT, &connect,
			   sizeof(connect), NULL, 0);
	if (ret && mshv_call_delete_port(port_id))
		return -EBUSY;
	return ret;
}

/**
 * mshv_call_disconnect_doorbell() - HVCALL_DISCONNECT_PORT
 * @partition_id: the partition whose writes signal it
 * @port_id: number of the connection
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_disconnect_doorbell(u64 partition_id, u32 port_id)
{
	return hvr_errno(hvr_fast16(HVCALL_DISCONNECT_PORT, partition_id,
				    port_id |
				    (u64)HV_DISCONNECT_PORT_IS_DOORBELL << 32));
}

/**
 * mshv_call_delete_port() - HVCALL_DELETE_PORT
 * @port_id: a port of this partition
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_delete_port(u32 port_id)
{
	return hvr_errno(hvr_fast16(HVCALL_DELETE_PORT, HV_PARTITION_ID_SELF,
				    port_id));
}

/**
 * mshv_call_notify_ring_empty() - HVCALL_NOTIFY_PORT_RING_EMPTY
 * @sint: whose ring has room again
 *
 * Context: any.
 */
void mshv_call_notify_ring_empty(u32 sint)
{
	hvr_fast8(HVCALL_NOTIFY_PORT_RING_EMPTY, sint);
}

/**
 * mshv_call_map_stats_page() - HVCALL_MAP_STATS_PAGE
 * @pool: the pool of the partition that the object belongs to
 * @type: kind of object
 * @identity: which object, and which area of it
 * @pfn: where the counters are
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_map_stats_page(struct hvr_pool *pool, u32 type,
			     const union hv_stats_object_identity *identity, u64 *pfn)
{
	struct hv_input_map_stats_page in = {
		.type = type,
		.identity = *identity,
	};
	struct hv_output_map_stats_page out;
	int ret;

	ret = call_charged(pool, HVR_PAGES_FEW, HVCALL_MAP_STATS_PAGE, &in,
			   sizeof(in), &out, sizeof(out));
	if (!ret)
		*pfn = out.map_location;
	return ret;
}

/**
 * mshv_call_unmap_stats_page() - HVCALL_UNMAP_STATS_PAGE
 * @type: kind of object
 * @identity: which object, and which area of it
 *
 * Return: 0 or a negative errno.
 */
int mshv_call_unmap_stats_page(u32 type,
			       const union hv_stats_object_identity *identity)
{
	struct hv_input_unmap_stats_page in = {
		.type = type,
		.identity = *identity,
	};

	return hvr_errno(hvr_small(HVCALL_UNMAP_STATS_PAGE, 0, &in, sizeof(in),
				   NULL, 0));
}
