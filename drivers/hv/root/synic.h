/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The SynIC: messages and events from the hypervisor.
 *
 * Model: every processor of the root has a page of message slots.  The hypervisor
 * puts a message into the slot of SINT 0 and raises the callback vector; doorbells
 * of guests are queued in the ring of SINT 5, which a message on SINT 0 announces.  Where
 * it remaps DMA for the root, DMA that it blocks is a message on SINT 1.
 *
 * The interrupt handler, synic_isr(), loops while there are messages, acknowledges every
 * one of them, claimed or not, trusts no number in it, and counts unclaimed and malformed
 * ones.
 */
#ifndef _MSHV_SYNIC_H
#define _MSHV_SYNIC_H

#include <linux/compiler.h>
#include <linux/types.h>

#include <hyperv/hv_root.h>

/* SINTs in use; this driver has chosen the second. */
#define SYNIC_SINT_INTERCEPT	0
#define SYNIC_SINT_DOORBELL	5
/* The hypervisor's choice. */
#define SYNIC_SINT_DMA_FAULT	1

/**
 * struct synic_counters - counters of one processor
 * @messages: messages taken
 * @unclaimed: of these, unclaimed or of an unknown type
 * @malformed: of these, too short or with numbers out of range
 * @doorbells: port ids taken from the ring
 * @unknown_ports: of these, without an ioeventfd
 * @rings_full: times the ring had overflowed
 */
struct synic_counters {
	u64 messages;
	u64 unclaimed;
	u64 malformed;
	u64 doorbells;
	u64 unknown_ports;
	u64 rings_full;
};

/* On the processor that the counter is of, with interrupts off; any may read it. */
static inline void synic_count(u64 *counter)
{
	WRITE_ONCE(*counter, *counter + 1);
}

int mshv_synic_init(void);
void mshv_synic_exit(void);
void mshv_synic_sum_counters(struct synic_counters *sum);
u64 mshv_synic_doorbells_on(unsigned int cpu);

/* port.c */

/**
 * struct synic_ring - consumer of the doorbell ring of one processor
 * @ring: the shared part
 * @tail: next slot to read
 */
struct synic_ring {
	struct hv_synic_event_ring *ring;
	unsigned int tail;
};

bool mshv_port_drain_ring(struct synic_ring *ring, struct synic_counters *counters);

struct mshv_ioeventfd;
struct mshv_partition;
int mshv_port_alloc(struct mshv_ioeventfd *ioeventfd, u32 *port_id);
void mshv_port_unpublish(u32 port_id);
void mshv_port_publish(u32 port_id, struct mshv_ioeventfd *ioeventfd);
void mshv_port_free(u32 port_id);
unsigned int mshv_port_choose_cpu(struct mshv_partition *partition);
void mshv_port_cpu_online(unsigned int cpu);
int mshv_port_cpu_offline(unsigned int cpu);
void mshv_port_exit(void);

#endif
