/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Hypervisor ABI: the synthetic interrupt controller: pages, ports, connections.
 *
 * Model: each VP has 16 synthetic interrupt sources (SINTs).  For each there is
 * a message slot in the message page (SIMP), 2048 flags in the event flags page
 * (SIEFP) and, for a root partition, a ring of port ids in the event ring page
 * (SIRBP).  A port receives; a connection, perhaps of another partition, sends
 * to a port.
 *
 * Words: a doorbell is a port and a connection such that a child's write to a
 * GPA puts the port's id into root's event ring and causes no intercept.
 */
#ifndef _HYPERV_HV_SYNIC_H
#define _HYPERV_HV_SYNIC_H

#include <hyperv/hv_types.h>

#define HV_SYNIC_SINT_COUNT			16

#define HV_SYNIC_INTERCEPTION_SINT_INDEX	0
#define HV_SYNIC_IOMMU_FAULT_SINT_INDEX		1
#define HV_SYNIC_VMBUS_SINT_INDEX		2
#define HV_SYNIC_HAL_TIMER_SINT_INDEX		3
#define HV_SYNIC_HVL_SHARED_SINT_INDEX		4
#define HV_SYNIC_FIRST_UNUSED_SINT_INDEX	5
#define HV_SYNIC_DOORBELL_SINT_INDEX		HV_SYNIC_FIRST_UNUSED_SINT_INDEX

/* Messages. */
#define HV_MESSAGE_SIZE				256
#define HV_MESSAGE_PAYLOAD_BYTE_COUNT		240
#define HV_MESSAGE_PAYLOAD_QWORD_COUNT		30

struct hv_message_header {
	__u32 message_type;
	__u8 payload_size;
	__u8 message_flags;
	__u8 reserved[2];
	union {
		__u64 sender;		/* a partition id */
		__u32 port;
	};
} __packed;
HV_ABI_SIZE(struct hv_message_header, 16);
HV_ABI_OFFSET(struct hv_message_header, payload_size, 4);
HV_ABI_OFFSET(struct hv_message_header, message_flags, 5);
HV_ABI_OFFSET(struct hv_message_header, sender, 8);

#define HV_MESSAGE_FLAG_PENDING			0x01
#define HV_MESSAGE_TYPE_HYPERVISOR		HV_BIT(31)

struct hv_message {
	struct hv_message_header header;
	union {
		__u64 payload[HV_MESSAGE_PAYLOAD_QWORD_COUNT];
		__u8 bytes[HV_MESSAGE_PAYLOAD_BYTE_COUNT];
	} u;
} __packed;
HV_ABI_SIZE(struct hv_message, 256);
HV_ABI_OFFSET(struct hv_message, u.payload, 16);

struct hv_message_page {
	struct hv_message sint_message[HV_SYNIC_SINT_COUNT];
} __packed;
HV_ABI_SIZE(struct hv_message_page, 4096);

/* Event flags. */
#define HV_EVENT_FLAGS_COUNT			2048

struct hv_synic_event_flags {
	__u64 flags[HV_EVENT_FLAGS_COUNT / 64];
} __packed;
HV_ABI_SIZE(struct hv_synic_event_flags, 256);

struct hv_synic_event_flags_page {
	struct hv_synic_event_flags event_flags[HV_SYNIC_SINT_COUNT];
} __packed;
HV_ABI_SIZE(struct hv_synic_event_flags_page, 4096);

/*
 * Event ring.  An entry of 0 is empty, hence no doorbell port has id 0.  The
 * consumer keeps the tail, the hypervisor the position of the next entry.
 */
#define HV_SYNIC_EVENT_RING_MESSAGE_COUNT	63

struct hv_synic_event_ring {
	__u8 signal_masked;
	__u8 ring_full;
	__u16 reserved_z;
	__u32 data[HV_SYNIC_EVENT_RING_MESSAGE_COUNT];
} __packed __aligned(4);
HV_ABI_SIZE(struct hv_synic_event_ring, 256);
HV_ABI_ALIGN(struct hv_synic_event_ring, 4);
HV_ABI_OFFSET(struct hv_synic_event_ring, ring_full, 1);
HV_ABI_OFFSET(struct hv_synic_event_ring, data, 4);

struct hv_synic_event_ring_page {
	struct hv_synic_event_ring sint_event_ring[HV_SYNIC_SINT_COUNT];
} __packed;
HV_ABI_SIZE(struct hv_synic_event_ring_page, 4096);

/* HVCALL_NOTIFY_PORT_RING_EMPTY, fast. */
struct hv_input_notify_port_ring_empty {
	__u32 sint_index;
	__u32 reserved;
} __packed;
HV_ABI_SIZE(struct hv_input_notify_port_ring_empty, 8);

/* Ports and connections; ids have 24 bits. */
#define HV_PORT_ID_MASK				0x00ffffffU
#define HV_CONNECTION_ID_MASK			0x00ffffffU
#define HV_MESSAGE_PORT_BUFFER_COUNT		16

#define HV_PORT_TYPE_MESSAGE			1
#define HV_PORT_TYPE_EVENT			2
#define HV_PORT_TYPE_MONITOR			3
#define HV_PORT_TYPE_DOORBELL			4

struct hv_port_info {
	__u32 port_type;
	__u32 padding;
	union {
		struct {
			__u32 target_sint;
			__u32 target_vp;
			__u64 rsvdz;
		} __packed message_port_info;
		struct {
			__u32 target_sint;
			__u32 target_vp;
			__u16 base_flag_number;
			__u16 flag_count;
			__u32 rsvdz;
		} __packed event_port_info;
		struct {
			__u64 monitor_address;
			__u64 rsvdz;
		} __packed monitor_port_info;
		struct {
			__u32 target_sint;
			__u32 target_vp;
			__u64 rsvdz;
		} __packed doorbell_port_info;
	};
} __packed;
HV_ABI_SIZE(struct hv_port_info, 24);
HV_ABI_OFFSET(struct hv_port_info, message_port_info.target_sint, 8);
HV_ABI_OFFSET(struct hv_port_info, message_port_info.target_vp, 12);
HV_ABI_OFFSET(struct hv_port_info, event_port_info.base_flag_number, 16);
HV_ABI_OFFSET(struct hv_port_info, event_port_info.flag_count, 18);
HV_ABI_OFFSET(struct hv_port_info, monitor_port_info.monitor_address, 8);
HV_ABI_OFFSET(struct hv_port_info, doorbell_port_info.target_vp, 12);

struct hv_connection_info {
	__u32 port_type;
	__u32 padding;
	union {
		struct {
			__u64 rsvdz[3];
		} __packed message_connection_info;
		struct {
			__u64 rsvdz[3];
		} __packed event_connection_info;
		struct {
			__u64 monitor_address;
			__u64 rsvdz[2];
		} __packed monitor_connection_info;
		struct {
			__u64 gpa;
			__u64 trigger_value;
			__u64 flags;
		} __packed doorbell_connection_info;
	};
} __packed;
HV_ABI_SIZE(struct hv_connection_info, 32);
HV_ABI_OFFSET(struct hv_connection_info, monitor_connection_info.monitor_address, 8);
HV_ABI_OFFSET(struct hv_connection_info, doorbell_connection_info.gpa, 8);
HV_ABI_OFFSET(struct hv_connection_info, doorbell_connection_info.trigger_value, 16);
HV_ABI_OFFSET(struct hv_connection_info, doorbell_connection_info.flags, 24);

#define HV_DOORBELL_FLAG_TRIGGER_SIZE_MASK	0x00000007ULL
#define HV_DOORBELL_FLAG_TRIGGER_SIZE_ANY	0x00000000ULL
#define HV_DOORBELL_FLAG_TRIGGER_SIZE_BYTE	0x00000001ULL
#define HV_DOORBELL_FLAG_TRIGGER_SIZE_WORD	0x00000002ULL
#define HV_DOORBELL_FLAG_TRIGGER_SIZE_DWORD	0x00000003ULL
#define HV_DOORBELL_FLAG_TRIGGER_SIZE_QWORD	0x00000004ULL
#define HV_DOORBELL_FLAG_TRIGGER_ANY_VALUE	0x80000000ULL

/* HVCALL_CREATE_PORT */
struct hv_input_create_port {
	__u64 port_partition_id;
	__u32 port_id;
	__u8 port_vtl;
	__u8 min_connection_vtl;
	__u16 padding;
	__u64 connection_partition_id;
	struct hv_port_info port_info;
	struct hv_proximity_domain_info proximity_domain_info;
} __packed;
HV_ABI_SIZE(struct hv_input_create_port, 56);
HV_ABI_OFFSET(struct hv_input_create_port, port_id, 8);
HV_ABI_OFFSET(struct hv_input_create_port, port_vtl, 12);
HV_ABI_OFFSET(struct hv_input_create_port, min_connection_vtl, 13);
HV_ABI_OFFSET(struct hv_input_create_port, connection_partition_id, 16);
HV_ABI_OFFSET(struct hv_input_create_port, port_info, 24);
HV_ABI_OFFSET(struct hv_input_create_port, proximity_domain_info, 48);

/* HVCALL_DELETE_PORT, fast. */
struct hv_input_delete_port {
	__u64 port_partition_id;
	__u32 port_id;
	__u32 reserved;
} __packed;
HV_ABI_SIZE(struct hv_input_delete_port, 16);
HV_ABI_OFFSET(struct hv_input_delete_port, port_id, 8);

/* HVCALL_CONNECT_PORT */
struct hv_input_connect_port {
	__u64 connection_partition_id;
	__u32 connection_id;
	__u8 connection_vtl;
	__u8 rsvdz0;
	__u16 rsvdz1;
	__u64 port_partition_id;
	__u32 port_id;
	__u32 reserved2;
	struct hv_connection_info connection_info;
	struct hv_proximity_domain_info proximity_domain_info;
} __packed;
HV_ABI_SIZE(struct hv_input_connect_port, 72);
HV_ABI_OFFSET(struct hv_input_connect_port, connection_id, 8);
HV_ABI_OFFSET(struct hv_input_connect_port, connection_vtl, 12);
HV_ABI_OFFSET(struct hv_input_connect_port, port_partition_id, 16);
HV_ABI_OFFSET(struct hv_input_connect_port, port_id, 24);
HV_ABI_OFFSET(struct hv_input_connect_port, connection_info, 32);
HV_ABI_OFFSET(struct hv_input_connect_port, proximity_domain_info, 64);

/* HVCALL_DISCONNECT_PORT, fast. */
struct hv_input_disconnect_port {
	__u64 connection_partition_id;
	__u32 connection_id;
	__u32 flags;
} __packed;
HV_ABI_SIZE(struct hv_input_disconnect_port, 16);
HV_ABI_OFFSET(struct hv_input_disconnect_port, connection_id, 8);
HV_ABI_OFFSET(struct hv_input_disconnect_port, flags, 12);

#define HV_DISCONNECT_PORT_IS_DOORBELL		HV_BIT(0)

/* HVCALL_POST_MESSAGE */
struct hv_input_post_message {
	__u32 connectionid;
	__u32 reserved;
	__u32 message_type;
	__u32 payload_size;
	__u64 payload[HV_MESSAGE_PAYLOAD_QWORD_COUNT];
} __packed;
HV_ABI_SIZE(struct hv_input_post_message, 256);
HV_ABI_OFFSET(struct hv_input_post_message, message_type, 8);
HV_ABI_OFFSET(struct hv_input_post_message, payload_size, 12);
HV_ABI_OFFSET(struct hv_input_post_message, payload, 16);

/* HVCALL_SIGNAL_EVENT, fast. */
struct hv_input_signal_event {
	__u32 connectionid;
	__u16 flag_number;
	__u16 rsvdz;
} __packed;
HV_ABI_SIZE(struct hv_input_signal_event, 8);
HV_ABI_OFFSET(struct hv_input_signal_event, flag_number, 4);

/* HVCALL_SIGNAL_EVENT_DIRECT */
struct hv_input_signal_event_direct {
	__u64 target_partition;
	__u32 target_vp;
	__u8 target_vtl;
	__u8 target_sint;
	__u16 flag_number;
} __packed;
HV_ABI_SIZE(struct hv_input_signal_event_direct, 16);
HV_ABI_OFFSET(struct hv_input_signal_event_direct, target_vp, 8);
HV_ABI_OFFSET(struct hv_input_signal_event_direct, target_sint, 13);
HV_ABI_OFFSET(struct hv_input_signal_event_direct, flag_number, 14);

struct hv_output_signal_event_direct {
	__u8 newly_signaled;
	__u8 reserved[7];
} __packed;
HV_ABI_SIZE(struct hv_output_signal_event_direct, 8);

/* HVCALL_POST_MESSAGE_DIRECT */
struct hv_input_post_message_direct {
	__u64 partition_id;
	__u32 vp_index;
	__u8 vtl;
	__u8 padding0[3];
	__u8 sint_index;
	__u8 padding1[3];
	__u8 message[HV_MESSAGE_SIZE];
	__u32 padding2;
} __packed;
HV_ABI_SIZE(struct hv_input_post_message_direct, 280);
HV_ABI_OFFSET(struct hv_input_post_message_direct, vtl, 12);
HV_ABI_OFFSET(struct hv_input_post_message_direct, sint_index, 16);
HV_ABI_OFFSET(struct hv_input_post_message_direct, message, 20);
HV_ABI_OFFSET(struct hv_input_post_message_direct, padding2, 276);

#endif
