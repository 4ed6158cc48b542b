// SPDX-License-Identifier: GPL-2.0
/*
 * Doorbell ports: from a number in an event ring to its eventfd.
 *
 * Model: a port has a number that is unique in this partition.  The hypervisor puts
 * the numbers of ports that guests have hit into a ring of 63 slots per processor;
 * 0 means an empty slot.  They are taken in order from the tail on.  While the ring
 * is drained, further signals are switched off; they are switched on again before
 * the last look.
 *
 * A port names the processor that is notified, round-robin.
 */
#include <linux/cpumask.h>

#include <hv/ring.h>

#include "core.h"
#include "event.h"
#include "port_table.h"
#include "synic.h"

/* Slots taken at once; the hypervisor could refill the ring for ever. */
#define PORT_BUDGET	(4 * HV_SYNIC_EVENT_RING_MESSAGE_COUNT)

static struct port_table port_table = PORT_TABLE_INIT(port_table);

/* Processors that can be notified, and the one that was chosen last. */
static cpumask_t port_cpus;
static int port_last_cpu = -1;

/**
 * mshv_port_alloc() - allocate a number for a doorbell
 * @ioeventfd: its ioeventfd
 * @port_id: the number
 *
 * Return: 0 or a negative errno.
 */
int mshv_port_alloc(struct mshv_ioeventfd *ioeventfd, u32 *port_id)
{
	return port_table_add(&port_table, ioeventfd, port_id);
}

/**
 * mshv_port_unpublish() - stop signalling, but keep the number
 * @port_id: the number
 */
void mshv_port_unpublish(u32 port_id)
{
	port_table_reserve(&port_table, port_id);
}

/**
 * mshv_port_publish() - signal again
 * @port_id: the number
 * @ioeventfd: its ioeventfd
 */
void mshv_port_publish(u32 port_id, struct mshv_ioeventfd *ioeventfd)
{
	port_table_set(&port_table, port_id, ioeventfd);
}

/**
 * mshv_port_free() - free the number
 * @port_id: the number; the hypervisor must not know it any more
 */
void mshv_port_free(u32 port_id)
{
	port_table_free(&port_table, port_id);
}

/**
 * mshv_port_choose_cpu() - choose the processor that a doorbell notifies
 * @partition: whose doorbell
 *
 * One that is about to go offline is not chosen; it then looks through all
 * partitions' doorbells, under the lock of their events.
 *
 * Context: @partition->events.lock is held.
 * Return: a processor.
 */
unsigned int mshv_port_choose_cpu(struct mshv_partition *partition)
{
	unsigned int cpu;

	lockdep_assert_held(&partition->events.lock);
	cpu = cpumask_next(READ_ONCE(port_last_cpu), &port_cpus);
	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first(&port_cpus);
	/* All are about to go offline, and so is the caller. */
	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first(cpu_online_mask);
	WRITE_ONCE(port_last_cpu, cpu);
	return cpu;
}

/**
 * mshv_port_cpu_online() - a processor can be notified of doorbells
 * @cpu: the processor
 */
void mshv_port_cpu_online(unsigned int cpu)
{
	cpumask_set_cpu(cpu, &port_cpus);
}

/**
 * mshv_port_cpu_offline() - no doorbell is to notify that processor any more
 * @cpu: the processor
 *
 * Context: process context; sleeps.
 * Return: 0 or a negative errno; it has to stay online then.
 */
int mshv_port_cpu_offline(unsigned int cpu)
{
	int ret;

	cpumask_clear_cpu(cpu, &port_cpus);
	ret = mshv_partition_leave_cpu(cpu);
	if (ret)
		cpumask_set_cpu(cpu, &port_cpus);
	return ret;
}

/**
 * mshv_port_exit() - free the table
 */
void mshv_port_exit(void)
{
	port_table_destroy(&port_table);
}

/* Signal one port; the slot is free already. */
static void port_signal(u32 port_id, struct synic_counters *counters)
{
	struct mshv_ioeventfd *ioeventfd = port_table_find(&port_table, port_id);

	synic_count(&counters->doorbells);
	if (ioeventfd)
		mshv_ioeventfd_signal(ioeventfd);
	else
		synic_count(&counters->unknown_ports);
}

/**
 * mshv_port_drain_ring() - signal all doorbells of a ring
 * @r: the ring
 * @counters: its counters
 *
 * Context: under rcu_read_lock() with interrupts off, on the ring's processor.
 * Return: true if the budget is used up; no signal will come for the rest, so the
 * caller must ensure that this is called again.
 */
bool mshv_port_drain_ring(struct synic_ring *r, struct synic_counters *counters)
{
	unsigned int budget = PORT_BUDGET;
	u32 port_id;

	r->tail = hv_ring_find(r->ring, r->tail);
	do {
		WRITE_ONCE(r->ring->signal_masked, 1);
		while (budget) {
			port_id = hv_ring_take(r->ring, &r->tail);
			if (port_id) {
				budget--;
				port_signal(port_id, counters);
				continue;
			}
			if (!READ_ONCE(r->ring->ring_full))
				break;
			/*
			 * More is pending in the hypervisor, which refills the ring
			 * on request.
			 */
			synic_count(&counters->rings_full);
			budget--;
			WRITE_ONCE(r->ring->ring_full, 0);
			mshv_call_notify_ring_empty(SYNIC_SINT_DOORBELL);
		}
		if (!budget)
			return true;
		WRITE_ONCE(r->ring->signal_masked, 0);
		/*
		 * A number that is added after this barrier signals again; one that
		 * was added before it is seen by the next look.
		 */
		mb();
	} while (READ_ONCE(r->ring->data[r->tail]));
	return false;
}
