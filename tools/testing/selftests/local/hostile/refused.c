// SPDX-License-Identifier: GPL-2.0
/*
 * A root that makes mistakes: calls that must be refused, and what must be said then.
 *
 * Model: see mistakes.h.  Where it does no harm, the call that is right is made as well, so
 * that the field is what is refused.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_interrupt.h>
#include <hyperv/hv_msr.h>
#include <hyperv/hv_partition.h>
#include <hyperv/hv_property.h>
#include <hyperv/hv_stats.h>
#include <hyperv/hv_status.h>
#include <hyperv/hv_synic.h>
#include <hyperv/hv_system.h>
#include <hyperv/hv_vp.h>

#include "mistakes.h"

#define NO_LP		99
/* Ids that nothing else uses. */
#define PORT		0xabcd00
#define CONNECTION	0xabcd80
#define DOORBELL_SINT	5
#define GUEST_SINT	2
#define DOORBELL_GPA	0xfe000000
/* A PCI device that is not there, and a vector below those of devices. */
#define DEVICE		(HV_DEVICE_TYPE_PCI << HV_DEVICE_ID_TYPE_SHIFT | 0xfff8)
#define IOAPIC_DEVICE	(HV_DEVICE_TYPE_IOAPIC << HV_DEVICE_ID_TYPE_SHIFT | 0xee)
#define VECTOR		0x11
#define X2APIC_ID	0x802

/* --- the machine ----------------------------------------------------------------------- */

/* A processor that the kernel has not added, or NO_LP. */
static u32 spare_lp(struct hostile *h)
{
	struct hv_input_add_logical_processor in = { .apic_id = ~0 };

	for (in.lp_index = 1; in.lp_index < NO_LP; in.lp_index++)
		if (call(h, HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME, &in.lp_index,
			 sizeof(in.lp_index)) == HV_STATUS_INVALID_LP_INDEX)
			break;
	/* With the wrong APIC id it is refused in another way than one that does not exist. */
	if (call(h, HVCALL_ADD_LOGICAL_PROCESSOR, &in, sizeof(in)) == HV_STATUS_INVALID_LP_INDEX)
		return NO_LP;
	expect(h, "APIC id of another", HVCALL_ADD_LOGICAL_PROCESSOR, &in, sizeof(in),
	       HV_STATUS_INVALID_PARAMETER);
	return in.lp_index;
}

static void processors(struct hostile *h)
{
	static const struct mistake mistakes[] = {
		{ "high bits of the processor",
		  FIELD(struct hv_input_create_vp, flags), BIT_ULL(32),
		  HV_STATUS_INVALID_PARAMETER },
		{ "no such processor", FIELD(struct hv_input_create_vp, flags), NO_LP,
		  HV_STATUS_INVALID_PARAMETER },
		{ "index of another processor", FIELD(struct hv_input_create_vp, vp_index), NO_VP,
		  HV_STATUS_INVALID_PARAMETER },
	};
	struct hv_input_add_logical_processor add = { .lp_index = NO_LP };
	struct hv_input_create_vp vp = { .partition_id = SELF };
	u64 apic, index;

	expect(h, "no such processor", HVCALL_ADD_LOGICAL_PROCESSOR, &add, sizeof(add),
	       HV_STATUS_INVALID_LP_INDEX);
	preempt_disable();
	hostile_claim(h, !hostile_read_msr(HV_X64_MSR_VP_INDEX, &index) &&
		      !hostile_read_msr(X2APIC_ID, &apic),
		      "a VP has an index and an APIC id");
	preempt_enable();
	add.lp_index = index;
	add.apic_id = apic;
	expect(h, "a processor that exists", HVCALL_ADD_LOGICAL_PROCESSOR, &add, sizeof(add),
	       HV_STATUS_INVALID_PARAMETER);

	SPOIL_EACH(h, HVCALL_CREATE_VP, &vp, mistakes);
	expect(h, "a VP that exists", HVCALL_CREATE_VP, &vp, sizeof(vp),
	       HV_STATUS_INVALID_VP_INDEX);
	vp.flags = spare_lp(h);
	vp.vp_index = vp.flags;
	expect(h, "a processor that was not added", HVCALL_CREATE_VP, &vp, sizeof(vp),
	       HV_STATUS_INVALID_PARAMETER);
}

#define SLEEP(field)	FIELD(struct hv_input_set_system_property, set_sleep_state_info.field)

static void sleep_states(struct hostile *h)
{
	static const struct mistake mistakes[] = {
		{ "a property that is only read",
		  FIELD(struct hv_input_set_system_property, property_id),
		  HV_SYSTEM_PROPERTY_SCHEDULER_TYPE, HV_STATUS_UNKNOWN_PROPERTY },
		{ "state 0", SLEEP(sleep_state), 0, HV_STATUS_INVALID_PARAMETER },
		{ "state 6", SLEEP(sleep_state), HV_SLEEP_STATE_LOCK,
		  HV_STATUS_INVALID_PARAMETER },
		{ "type 8 for PM1a", SLEEP(pm1a_slp_typ), 8, HV_STATUS_INVALID_PARAMETER },
		{ "type 8 for PM1b", SLEEP(pm1b_slp_typ), 8, HV_STATUS_INVALID_PARAMETER },
	};
	static const struct {
		u32 state;
		u16 status;
	} enter[] = {
		{ 0, HV_STATUS_INVALID_PARAMETER },
		{ HV_SLEEP_STATE_LOCK + 1, HV_STATUS_INVALID_PARAMETER },
		{ HV_SLEEP_STATE_S1, HV_STATUS_OPERATION_DENIED },
		{ HV_SLEEP_STATE_S3, HV_STATUS_FEATURE_UNAVAILABLE },
		{ HV_SLEEP_STATE_LOCK, HV_STATUS_SUCCESS },
	};
	struct hv_input_set_system_property in = {
		.property_id = HV_SYSTEM_PROPERTY_SLEEP_STATE,
		.set_sleep_state_info = { .sleep_state = HV_SLEEP_STATE_S3, 7, 7 },
	};
	unsigned int i;

	SPOIL_EACH(h, HVCALL_SET_SYSTEM_PROPERTY, &in, mistakes);
	expect(h, "S3", HVCALL_SET_SYSTEM_PROPERTY, &in, sizeof(in), HV_STATUS_SUCCESS);
	for (i = 0; i < ARRAY_SIZE(enter); i++)
		expect(h, "a sleep state", HVCALL_ENTER_SLEEP_STATE, &enter[i].state,
		       sizeof(enter[i].state), enter[i].status);
	expect(h, "S3 when locked", HVCALL_SET_SYSTEM_PROPERTY, &in, sizeof(in),
	       HV_STATUS_OPERATION_DENIED);
}

static void machine(struct hostile *h)
{
	static const struct {
		struct hv_input_notify_partition_event in;
		u16 status;
	} events[] = {
		{ { HV_PARTITION_DEBUG_DEVICE_AVAILABLE_NOTIFICATION }, HV_STATUS_SUCCESS },
		{ { 99 }, HV_STATUS_INVALID_PARAMETER },
		{ { HV_PARTITION_EVENT_ROOT_CRASHDUMP, 0 }, HV_STATUS_INVALID_PARAMETER },
		{ { HV_PARTITION_EVENT_ROOT_CRASHDUMP, HV_CRASHDUMP_ENTRY + 1 },
		  HV_STATUS_INVALID_PARAMETER },
	};
	struct hv_input_get_system_property get = {
		.property_id = HV_DYNAMIC_PROCESSOR_FEATURE_PROPERTY,
		.argument = HV_X64_DYNAMIC_PROCESSOR_FEATURE_SNP_STATUS,
	};
	struct hv_input_set_partition_property set = {
		.partition_id = SELF,
		.property_code = HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS,
	};
	unsigned int i;

	expect(h, "a feature of processors", HVCALL_GET_SYSTEM_PROPERTY, &get, sizeof(get),
	       HV_STATUS_SUCCESS);
	hostile_claim(h, !*(u64 *)answer(h), "memory is not encrypted");
	for (i = 0; i < ARRAY_SIZE(events); i++)
		expect(h, "an event", HVCALL_NOTIFY_PARTITION_EVENT, &events[i].in,
		       sizeof(events[i].in), events[i].status);
	expect(h, "the root's own privileges", HVCALL_SET_PARTITION_PROPERTY, &set, sizeof(set),
	       HV_STATUS_ACCESS_DENIED);
}

/* --- partitions ------------------------------------------------------------------------ */

static void children(struct hostile *h)
{
	static const u64 self[] = { ROOT, SELF };
	struct hv_input_get_next_child_partition in;
	bool target, witness;
	unsigned int i;
	u16 status;

	for (i = 0; i < ARRAY_SIZE(self); i++) {
		in.parent_id = self[i];
		in.previous_child_id = 0;
		target = false;
		witness = false;
		do {
			status = call(h, HVCALL_GET_NEXT_CHILD_PARTITION, &in, sizeof(in));
			if (status)
				break;
			in.previous_child_id = *(u64 *)answer(h);
			target |= in.previous_child_id == h->target;
			witness |= in.previous_child_id == h->witness;
		} while (in.previous_child_id);
		hostile_claim(h, !status && target && witness,
			      "all children are listed, up to an end");
	}
	in.parent_id = h->target;
	expect(h, "children of a child", HVCALL_GET_NEXT_CHILD_PARTITION, &in, sizeof(in),
	       HV_STATUS_INVALID_PARTITION_ID);
	in.parent_id = SELF;
	in.previous_child_id = NO_PARTITION;
	expect(h, "after none", HVCALL_GET_NEXT_CHILD_PARTITION, &in, sizeof(in),
	       HV_STATUS_INVALID_PARTITION_ID);
	in.previous_child_id = ROOT;
	expect(h, "after the root", HVCALL_GET_NEXT_CHILD_PARTITION, &in, sizeof(in),
	       HV_STATUS_INVALID_PARTITION_ID);
}

static u16 deposit_one(struct hostile *h, u64 partition, u64 pfn)
{
	u64 *input = h->arena + ARENA_INPUT * PAGE_SIZE;

	input[0] = partition;
	input[1] = pfn;
	return hostile_hypercall(HVCALL_DEPOSIT_MEMORY | 1ULL << HV_HYPERCALL_REP_COMP_OFFSET,
				 virt_to_phys(input), 0);
}

static void deposits(struct hostile *h, u64 finalized)
{
	u64 page = virt_to_phys(h->arena) / PAGE_SIZE + ARENA_PAGES - 1;

	compare(h, HVCALL_DEPOSIT_MEMORY, "page 0", deposit_one(h, h->target, 0),
		HV_STATUS_OPERATION_DENIED);
	compare(h, HVCALL_DEPOSIT_MEMORY, "into a finalized partition",
		deposit_one(h, finalized, page), HV_STATUS_INVALID_PARTITION_STATE);
}

/* --- ports ------------------------------------------------------------------------------- */

#define PORT_FIELD(field)	FIELD(struct hv_input_create_port, field)

static void event_ports(struct hostile *h)
{
	static const struct mistake mistakes[] = {
		{ "event port, reserved", PORT_FIELD(port_info.event_port_info.rsvdz), 1,
		  HV_STATUS_INVALID_PARAMETER },
		{ "event port without flags", PORT_FIELD(port_info.event_port_info.flag_count), 0,
		  HV_STATUS_INVALID_PARAMETER },
		{ "event port, too many flags",
		  PORT_FIELD(port_info.event_port_info.flag_count), 2048,
		  HV_STATUS_INVALID_PARAMETER },
	};
	struct hv_input_create_port port = {
		.port_partition_id = h->target,
		.port_id = PORT + 1,
		.connection_partition_id = SELF,
		.port_info = {
			.port_type = HV_PORT_TYPE_EVENT,
			.event_port_info = { GUEST_SINT, HV_ANY_VP, 1, 2 },
		},
	};
	struct hv_input_connect_port connect = {
		.connection_partition_id = SELF,
		.connection_id = CONNECTION + 1,
		.port_partition_id = h->target,
		.port_id = PORT + 1,
		.connection_info.port_type = HV_PORT_TYPE_EVENT,
	};
	struct hv_input_disconnect_port disconnect = { SELF, CONNECTION + 1 };
	struct hv_input_delete_port delete = { h->target, PORT + 1 };

	SPOIL_EACH(h, HVCALL_CREATE_PORT, &port, mistakes);
	expect(h, "event port", HVCALL_CREATE_PORT, &port, sizeof(port), HV_STATUS_SUCCESS);
	expect_paid(h, "event port", HVCALL_CONNECT_PORT, &connect, sizeof(connect));
	expect(h, "events", HVCALL_DISCONNECT_PORT, &disconnect, sizeof(disconnect),
	       HV_STATUS_SUCCESS);
	expect(h, "event port", HVCALL_DELETE_PORT, &delete, sizeof(delete), HV_STATUS_SUCCESS);
}

static void message_ports(struct hostile *h)
{
	struct hv_input_create_port port = {
		.port_partition_id = h->target,
		.port_id = PORT + 2,
		.connection_partition_id = SELF,
		.port_info = {
			.port_type = HV_PORT_TYPE_MESSAGE,
			.message_port_info = { GUEST_SINT, HV_ANY_VP },
		},
	};
	struct hv_input_connect_port connect = {
		.connection_partition_id = SELF,
		.connection_id = CONNECTION + 2,
		.port_partition_id = h->target,
		.port_id = PORT + 2,
		.connection_info.port_type = HV_PORT_TYPE_MESSAGE,
	};
	static const struct mistake mistakes[] = {
		{ "connection to a message port, reserved",
		  FIELD(struct hv_input_connect_port,
			connection_info.message_connection_info.rsvdz[0]), 1,
		  HV_STATUS_INVALID_PARAMETER },
	};
	static const struct mistake wrong[] = {
		{ "a message port's as a doorbell",
		  FIELD(struct hv_input_disconnect_port, flags), HV_DISCONNECT_PORT_IS_DOORBELL,
		  HV_STATUS_INVALID_CONNECTION_ID },
		{ "undefined flags", FIELD(struct hv_input_disconnect_port, flags), 2,
		  HV_STATUS_INVALID_PARAMETER },
		{ "no such connection",
		  FIELD(struct hv_input_disconnect_port, connection_id), CONNECTION + 9,
		  HV_STATUS_INVALID_CONNECTION_ID },
		{ "no such partition",
		  FIELD(struct hv_input_disconnect_port, connection_partition_id), NO_PARTITION,
		  HV_STATUS_INVALID_PARTITION_ID },
	};
	static const struct mistake no_port[] = {
		{ "no such port", FIELD(struct hv_input_delete_port, port_id), PORT + 9,
		  HV_STATUS_INVALID_PORT_ID },
		{ "reserved", FIELD(struct hv_input_delete_port, reserved), 1,
		  HV_STATUS_INVALID_PARAMETER },
		{ "no such partition", FIELD(struct hv_input_delete_port, port_partition_id),
		  NO_PARTITION, HV_STATUS_INVALID_PARTITION_ID },
	};
	struct hv_input_disconnect_port disconnect = { SELF, CONNECTION + 2 };
	struct hv_input_delete_port delete = { h->target, PORT + 2 };

	expect(h, "message port", HVCALL_CREATE_PORT, &port, sizeof(port), HV_STATUS_SUCCESS);
	SPOIL_EACH(h, HVCALL_CONNECT_PORT, &connect, mistakes);
	expect_paid(h, "message port", HVCALL_CONNECT_PORT, &connect, sizeof(connect));
	SPOIL_EACH(h, HVCALL_DISCONNECT_PORT, &disconnect, wrong);
	expect(h, "messages", HVCALL_DISCONNECT_PORT, &disconnect, sizeof(disconnect),
	       HV_STATUS_SUCCESS);
	SPOIL_EACH(h, HVCALL_DELETE_PORT, &delete, no_port);
	expect(h, "message port", HVCALL_DELETE_PORT, &delete, sizeof(delete),
	       HV_STATUS_SUCCESS);
	port.port_id = 0;
	delete.port_id = 0;
	expect(h, "message port with id 0", HVCALL_CREATE_PORT, &port, sizeof(port),
	       HV_STATUS_SUCCESS);
	expect(h, "message port with id 0", HVCALL_DELETE_PORT, &delete, sizeof(delete),
	       HV_STATUS_SUCCESS);
}

/* Of a doorbell port that exists. */
static void bad_ports(struct hostile *h, const struct hv_input_create_port *good, u64 finalized)
{
	static const struct mistake mistakes[] = {
		{ "port, padding", PORT_FIELD(port_info.padding), 1,
		  HV_STATUS_INVALID_PARAMETER },
		{ "port, reserved", PORT_FIELD(port_info.doorbell_port_info.rsvdz), 1,
		  HV_STATUS_INVALID_PARAMETER },
		{ "VTL of the port", PORT_FIELD(port_vtl), 1, HV_STATUS_INVALID_PARAMETER },
		{ "VTL of the connection", PORT_FIELD(min_connection_vtl), 1,
		  HV_STATUS_INVALID_PARAMETER },
		{ "padding", PORT_FIELD(padding), 1, HV_STATUS_INVALID_PARAMETER },
		{ "type 9", PORT_FIELD(port_info.port_type), 9, HV_STATUS_INVALID_PARAMETER },
		{ "SINT 0", PORT_FIELD(port_info.doorbell_port_info.target_sint), 0,
		  HV_STATUS_INVALID_PARAMETER },
		{ "SINT 16", PORT_FIELD(port_info.doorbell_port_info.target_sint), 16,
		  HV_STATUS_INVALID_PARAMETER },
		{ "no such VP", PORT_FIELD(port_info.doorbell_port_info.target_vp), NO_VP,
		  HV_STATUS_INVALID_VP_INDEX },
		{ "no such partition", PORT_FIELD(port_partition_id), NO_PARTITION,
		  HV_STATUS_INVALID_PARTITION_ID },
		{ "no such partition to connect", PORT_FIELD(connection_partition_id),
		  NO_PARTITION, HV_STATUS_INVALID_PARTITION_ID },
		{ "id of 25 bits", PORT_FIELD(port_id), HV_PORT_ID_MASK + 1,
		  HV_STATUS_INVALID_PORT_ID },
		{ "doorbell with id 0", PORT_FIELD(port_id), 0, HV_STATUS_INVALID_PORT_ID },
		{ "id in use", PORT_FIELD(port_id), PORT, HV_STATUS_INVALID_PORT_ID },
	};
	struct hv_input_create_port in = *good;

	in.port_id = PORT + 3;
	SPOIL_EACH(h, HVCALL_CREATE_PORT, &in, mistakes);
	in.port_partition_id = h->target;
	expect(h, "doorbell of a child", HVCALL_CREATE_PORT, &in, sizeof(in),
	       HV_STATUS_INVALID_PARAMETER);
	in.port_partition_id = finalized;
	in.port_info.port_type = HV_PORT_TYPE_MESSAGE;
	expect(h, "port of a finalized partition", HVCALL_CREATE_PORT, &in, sizeof(in),
	       HV_STATUS_INVALID_PARTITION_STATE);
}

#define CONNECT_FIELD(field)	FIELD(struct hv_input_connect_port, field)
#define DOORBELL(field)		CONNECT_FIELD(connection_info.doorbell_connection_info.field)

static void bad_connections(struct hostile *h, const struct hv_input_connect_port *good)
{
	static const struct mistake mistakes[] = {
		{ "connection, padding", CONNECT_FIELD(connection_info.padding), 1,
		  HV_STATUS_INVALID_PARAMETER },
		{ "connection of type 9", CONNECT_FIELD(connection_info.port_type), 9,
		  HV_STATUS_INVALID_PARAMETER },
		{ "connection of another type", CONNECT_FIELD(connection_info.port_type),
		  HV_PORT_TYPE_EVENT, HV_STATUS_INVALID_PARAMETER },
		{ "undefined flags", DOORBELL(flags), BIT_ULL(32), HV_STATUS_INVALID_PARAMETER },
		{ "size 5", DOORBELL(flags), HV_DOORBELL_FLAG_TRIGGER_SIZE_QWORD + 1,
		  HV_STATUS_INVALID_PARAMETER },
		{ "VTL of the connection", CONNECT_FIELD(connection_vtl), 1,
		  HV_STATUS_INVALID_PARAMETER },
		{ "reserved byte", CONNECT_FIELD(rsvdz0), 1, HV_STATUS_INVALID_PARAMETER },
		{ "reserved word", CONNECT_FIELD(rsvdz1), 1, HV_STATUS_INVALID_PARAMETER },
		{ "reserved dword", CONNECT_FIELD(reserved2), 1, HV_STATUS_INVALID_PARAMETER },
		{ "no such partition", CONNECT_FIELD(connection_partition_id), NO_PARTITION,
		  HV_STATUS_INVALID_PARTITION_ID },
		{ "no such partition with the port", CONNECT_FIELD(port_partition_id),
		  NO_PARTITION, HV_STATUS_INVALID_PARTITION_ID },
		{ "connection id of 25 bits", CONNECT_FIELD(connection_id),
		  HV_CONNECTION_ID_MASK + 1, HV_STATUS_INVALID_CONNECTION_ID },
		{ "connection id in use", CONNECT_FIELD(connection_id), CONNECTION,
		  HV_STATUS_INVALID_CONNECTION_ID },
		{ "no such port", CONNECT_FIELD(port_id), PORT + 9, HV_STATUS_INVALID_PORT_ID },
	};
	struct hv_input_connect_port in = *good;

	in.connection_id = CONNECTION + 3;
	SPOIL_EACH(h, HVCALL_CONNECT_PORT, &in, mistakes);
	in.connection_partition_id = SELF;
	expect(h, "another peer than the port's", HVCALL_CONNECT_PORT, &in, sizeof(in),
	       HV_STATUS_INVALID_PARAMETER);
	in.connection_partition_id = h->target;
	memset(&in.connection_info, 0, sizeof(in.connection_info));
	in.connection_info.port_type = HV_PORT_TYPE_MESSAGE;
	expect(h, "another type than the port's", HVCALL_CONNECT_PORT, &in, sizeof(in),
	       HV_STATUS_INVALID_PARAMETER);
}

static void ports(struct hostile *h, u64 finalized)
{
	struct hv_input_create_port port = {
		.port_partition_id = SELF,
		.port_id = PORT,
		.connection_partition_id = h->target,
		.port_info = {
			.port_type = HV_PORT_TYPE_DOORBELL,
			.doorbell_port_info = { DOORBELL_SINT, HV_ANY_VP },
		},
	};
	struct hv_input_connect_port connect = {
		.connection_partition_id = h->target,
		.connection_id = CONNECTION,
		.port_partition_id = SELF,
		.port_id = PORT,
		.connection_info = {
			.port_type = HV_PORT_TYPE_DOORBELL,
			.doorbell_connection_info = {
				DOORBELL_GPA, 0, HV_DOORBELL_FLAG_TRIGGER_SIZE_QWORD
			},
		},
	};
	static const struct mistake ring[] = {
		{ "reserved", FIELD(struct hv_input_notify_port_ring_empty, reserved), 1,
		  HV_STATUS_INVALID_PARAMETER },
		{ "SINT 16", FIELD(struct hv_input_notify_port_ring_empty, sint_index), 16,
		  HV_STATUS_INVALID_PARAMETER },
	};
	struct hv_input_notify_port_ring_empty empty = { DOORBELL_SINT };
	struct hv_input_disconnect_port disconnect = {
		h->target, CONNECTION, HV_DISCONNECT_PORT_IS_DOORBELL
	};
	struct hv_input_delete_port delete = { SELF, PORT };

	expect_paid(h, "doorbell port", HVCALL_CREATE_PORT, &port, sizeof(port));
	bad_ports(h, &port, finalized);
	expect(h, "doorbell", HVCALL_CONNECT_PORT, &connect, sizeof(connect), HV_STATUS_SUCCESS);
	bad_connections(h, &connect);
	expect(h, "doorbell", HVCALL_DISCONNECT_PORT, &disconnect, sizeof(disconnect),
	       HV_STATUS_SUCCESS);
	expect(h, "doorbell port", HVCALL_DELETE_PORT, &delete, sizeof(delete),
	       HV_STATUS_SUCCESS);
	SPOIL_EACH(h, HVCALL_NOTIFY_PORT_RING_EMPTY, &empty, ring);
	event_ports(h);
	message_ports(h);
}

/* --- device interrupts --------------------------------------------------------------- */

struct map_interrupt {
	struct hv_input_map_device_interrupt in;
	u64 bank;
} __packed;

#define MAP_FIELD(field)	FIELD(struct map_interrupt, in.field)
#define DESCRIPTOR(field)	MAP_FIELD(interrupt_descriptor.field)

static void bad_interrupts(struct hostile *h, const struct map_interrupt *good)
{
	static const struct mistake mistakes[] = {
		{ "for a child", MAP_FIELD(partition_id), 2, HV_STATUS_INVALID_PARTITION_ID },
		{ "a logical device", MAP_FIELD(device_id), 0xfff8, HV_STATUS_INVALID_DEVICE_ID },
		{ "an NMI", DESCRIPTOR(interrupt_type), HV_X64_INTERRUPT_TYPE_NMI,
		  HV_STATUS_INVALID_PARAMETER },
		{ "two vectors", DESCRIPTOR(vector_count), 2, HV_STATUS_INVALID_PARAMETER },
		{ "trigger mode 2", DESCRIPTOR(trigger_mode), 2, HV_STATUS_INVALID_PARAMETER },
		{ "an MSI by level", DESCRIPTOR(trigger_mode), HV_INTERRUPT_TRIGGER_MODE_LEVEL,
		  HV_STATUS_INVALID_PARAMETER },
		{ "vector 15", DESCRIPTOR(target.vector), 15, HV_STATUS_INVALID_PARAMETER },
		{ "vector 256", DESCRIPTOR(target.vector), 256, HV_STATUS_INVALID_PARAMETER },
		{ "no VP", DESCRIPTOR(target.vp_mask), 0, HV_STATUS_INVALID_VP_INDEX },
		{ "VP 63", DESCRIPTOR(target.vp_mask), BIT_ULL(63), HV_STATUS_INVALID_VP_INDEX },
	};

	SPOIL_EACH(h, HVCALL_MAP_DEVICE_INTERRUPT, good, mistakes);
}

static void bad_sets(struct hostile *h, const struct map_interrupt *good)
{
	static const struct {
		const char *what;
		u64 format, mask, bank;
		u16 varhead, status;
	} sets[] = {
		{ "the set of all", HV_GENERIC_SET_ALL, 1, 1, 2, HV_STATUS_INVALID_PARAMETER },
		{ "a set without banks", HV_GENERIC_SET_SPARSE_4K, 0, 0, 1,
		  HV_STATUS_INVALID_PARAMETER },
		{ "a set with two banks", HV_GENERIC_SET_SPARSE_4K, 1, 1, 3,
		  HV_STATUS_INVALID_PARAMETER },
		{ "a set with another bank", HV_GENERIC_SET_SPARSE_4K, 2, 1, 2,
		  HV_STATUS_INVALID_PARAMETER },
		{ "an empty set", HV_GENERIC_SET_SPARSE_4K, 1, 0, 2, HV_STATUS_INVALID_VP_INDEX },
	};
	struct hv_device_interrupt_target *target;
	struct map_interrupt in = *good;
	unsigned int i;

	target = &in.in.interrupt_descriptor.target;
	target->flags = HV_DEVICE_INTERRUPT_TARGET_PROCESSOR_SET;
	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		target->vp_set.format = sets[i].format;
		target->vp_set.valid_bank_mask = sets[i].mask;
		in.bank = sets[i].bank;
		compare(h, HVCALL_MAP_DEVICE_INTERRUPT, sets[i].what,
			call(h, HVCALL_MAP_DEVICE_INTERRUPT | VARHEAD(sets[i].varhead), &in,
			     sizeof(in)), sets[i].status);
	}
}

static void bad_unmaps(struct hostile *h, const struct hv_input_unmap_device_interrupt *good)
{
	static const struct mistake mistakes[] = {
		{ "of a child", FIELD(struct hv_input_unmap_device_interrupt, partition_id), 2,
		  HV_STATUS_INVALID_PARAMETER },
		{ "another device", FIELD(struct hv_input_unmap_device_interrupt, device_id),
		  DEVICE + 1, HV_STATUS_INVALID_PARAMETER },
		{ "another entry",
		  FIELD(struct hv_input_unmap_device_interrupt, interrupt_entry.msi_entry), 0,
		  HV_STATUS_INVALID_PARAMETER },
	};

	SPOIL_EACH(h, HVCALL_UNMAP_DEVICE_INTERRUPT, good, mistakes);
}

static void device_interrupts(struct hostile *h, u64 device, u32 source)
{
	struct map_interrupt map = {
		.in = {
			.partition_id = SELF,
			.device_id = device,
			.interrupt_descriptor = {
				.vector_count = 1,
				.target = { .vector = VECTOR, .vp_mask = 1 },
			},
		},
	};
	struct hv_input_unmap_device_interrupt unmap = {
		.partition_id = SELF,
		.device_id = device,
	};
	struct hv_output_map_device_interrupt *out = answer(h);

	if (source == HV_INTERRUPT_SOURCE_MSI) {
		bad_interrupts(h, &map);
		bad_sets(h, &map);
	}
	expect(h, "an interrupt", HVCALL_MAP_DEVICE_INTERRUPT, &map, sizeof(map),
	       HV_STATUS_SUCCESS);
	hostile_claim(h, out->interrupt_entry.source == source,
		      "the entry is for this kind of device");
	unmap.interrupt_entry = out->interrupt_entry;
	expect(h, "a vector in use", HVCALL_MAP_DEVICE_INTERRUPT, &map, sizeof(map),
	       HV_STATUS_INVALID_PARAMETER);
	if (source == HV_INTERRUPT_SOURCE_MSI)
		bad_unmaps(h, &unmap);
	expect(h, "an interrupt", HVCALL_UNMAP_DEVICE_INTERRUPT, &unmap, sizeof(unmap),
	       HV_STATUS_SUCCESS);
	expect(h, "what is not mapped", HVCALL_UNMAP_DEVICE_INTERRUPT, &unmap, sizeof(unmap),
	       HV_STATUS_INVALID_PARAMETER);
}

/* --- statistics -------------------------------------------------------------------------- */

static void stats_page(struct hostile *h, struct hv_input_map_stats_page *in, const char *what,
		       unsigned int counter, u64 least, u64 most)
{
	struct hv_output_map_stats_page *out = answer(h);
	struct page *page;
	u64 *counters;

	if (!expect_paid(h, what, HVCALL_MAP_STATS_PAGE, in, sizeof(*in)))
		return;
	page = pfn_to_page(out->map_location);
	/* It may not be in the direct map any more. */
	counters = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	hostile_claim(h, counters && counters[counter] >= least && counters[counter] <= most, what);
	vunmap(counters);
	expect(h, what, HVCALL_UNMAP_STATS_PAGE, in, sizeof(*in), HV_STATUS_SUCCESS);
	expect(h, what, HVCALL_UNMAP_STATS_PAGE, in, sizeof(*in), HV_STATUS_INVALID_PARAMETER);
}

#define STATS(field)	FIELD(struct hv_input_map_stats_page, field)

static void stats(struct hostile *h, u64 finalized)
{
	static const struct mistake mistakes[] = {
		{ "type 9", STATS(type), 9, HV_STATUS_INVALID_PARAMETER },
		{ "area 2", STATS(identity.vp.stats_area_type), 2, HV_STATUS_INVALID_PARAMETER },
		{ "no such partition", STATS(identity.vp.partition_id), NO_PARTITION,
		  HV_STATUS_INVALID_PARTITION_ID },
		{ "no such VP", STATS(identity.vp.vp_index), NO_VP, HV_STATUS_INVALID_VP_INDEX },
		{ "flags", STATS(identity.vp.flags), 1, HV_STATUS_INVALID_PARAMETER },
	};
	struct hv_input_map_stats_page in = {
		.type = HV_STATS_OBJECT_VP,
		.identity.vp.partition_id = SELF,
	};

	SPOIL_EACH(h, HVCALL_MAP_STATS_PAGE, &in, mistakes);
	stats_page(h, &in, "the root's VP has run", HV_VP_TOTAL_RUN_TIME, 1, ~0ULL);
	in.type = HV_STATS_OBJECT_PARTITION;
	stats_page(h, &in, "the root's partition has its id", HV_PARTITION_PARTITION_ID, ROOT,
		   ROOT);
	in.identity.partition.partition_id = finalized;
	expect(h, "of a finalized partition", HVCALL_MAP_STATS_PAGE, &in, sizeof(in),
	       HV_STATUS_INVALID_PARTITION_STATE);
	memset(&in.identity, 0, sizeof(in.identity));
	in.type = HV_STATS_OBJECT_HYPERVISOR;
	stats_page(h, &in, "the root and three children exist", HV_HYPERVISOR_PARTITIONS, 4,
		   ~0ULL);
	in.type = HV_STATS_OBJECT_LOGICAL_PROCESSOR;
	stats_page(h, &in, "the processor has a TSC", HV_LP_GLOBAL_TSC_COUNT, 1, ~0ULL);
	in.identity.lp.lp_index = NO_LP;
	expect(h, "no such processor", HVCALL_MAP_STATS_PAGE, &in, sizeof(in),
	       HV_STATUS_INVALID_LP_INDEX);
}

/**
 * hostile_refused() - make calls that must be refused
 * @h: state; the target is active
 * @finalized: a partition that is finalized
 *
 * It locks the sleep states, so once is all.
 */
void hostile_refused(struct hostile *h, u64 finalized)
{
	processors(h);
	machine(h);
	children(h);
	deposits(h, finalized);
	hostile_refused_memory(h, finalized);
	hostile_refused_vps(h);
	ports(h, finalized);
	device_interrupts(h, DEVICE, HV_INTERRUPT_SOURCE_MSI);
	device_interrupts(h, IOAPIC_DEVICE, HV_INTERRUPT_SOURCE_IOAPIC);
	stats(h, finalized);
	hostile_msrs(h);
	sleep_states(h);
}
