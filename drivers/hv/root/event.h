/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of a partition: interrupts into the guest, doorbells out of it.
 *
 * Model: a "route" says what a GSI means to the local APICs.  All routes of a
 * partition are in one table, which is replaced as a whole and read under RCU:
 * readers see either the old or the new one.  An irqfd turns a signal on an eventfd
 * into the interrupt of its GSI's route at that moment.  An ioeventfd turns a write
 * of the guest into a signal on an eventfd.
 */
#ifndef _MSHV_EVENT_H
#define _MSHV_EVENT_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "route.h"

struct eventfd_ctx;
struct mshv_apic;
struct mshv_partition;
struct mshv_routes;
struct mshv_vp;

/* I/O ports, and the largest access to one. */
#define MSHV_NR_PORTS		0x10000
#define MSHV_MAX_PORT_ACCESS	4

/* The hash of an ioeventfd's address. */
#define MSHV_IOEVENTFD_HASH_BITS	10

/* Vectors of a local APIC. */
#define MSHV_NR_VECTORS		256

/**
 * enum mshv_end - what is known about the end of a level triggered interrupt
 * @MSHV_END_NONE: nothing, or both reports have come
 * @MSHV_END_RESAMPLED: the message has come, and a resampler was signalled
 * @MSHV_END_VMM: the message has come, and there was no resampler: it is the VMM's
 * @MSHV_END_DEFERRED: the message has come, and the worker looks for resamplers
 * @MSHV_END_STOPPED: the VP has stopped, and the message has not come
 */
enum mshv_end {
	MSHV_END_NONE,
	MSHV_END_RESAMPLED,
	MSHV_END_VMM,
	MSHV_END_DEFERRED,
	MSHV_END_STOPPED,
};

/**
 * struct mshv_ioeventfd - one eventfd at one guest address or I/O port
 * @node: in the partition's list
 * @at_node: among those whose addresses have the same hash
 * @eventfd: what to signal
 * @addr: guest physical address, or port
 * @datamatch: which value, unless @wildcard
 * @len: size of the write, 0 for any
 * @wildcard: any value
 * @pio: @addr is a port
 * @connected: the connection exists
 * @port_id: number of port and connection of a doorbell
 * @cpu: processor of this partition that a doorbell notifies
 * @next: another one at the same I/O port; read under RCU
 * @rcu: frees it
 */
struct mshv_ioeventfd {
	struct list_head node;
	struct hlist_node at_node;
	struct eventfd_ctx *eventfd;
	u64 addr;
	u64 datamatch;
	u32 len;
	bool wildcard;
	bool pio;
	bool connected;
	u32 port_id;
	unsigned int cpu;
	struct mshv_ioeventfd __rcu *next;
	struct rcu_head rcu;
};

/**
 * struct mshv_events - the events of a partition
 * @lock: serialises changes of @routes, @irqfds, @resamplers and ioeventfds
 * @routes: current table, or NULL
 * @irqfds: all irqfds
 * @had_irqfds: there has been one
 * @apic_epoch: changes when ids of local APICs may have changed; never 0 at first
 * @resamplers: resamplers; read under RCU
 * @nr_resamplers: how many
 * @acked_lock: protects @closed, @acked_work from being queued then, and @ends of
 *	the VPs
 * @closed: no resampler is left, and none can be added
 * @acked: vectors of interrupts that have ended, for @acked_work
 * @acked_work: signals resamplers when there are too many for an interrupt
 * @ioeventfds: all ioeventfds
 * @ioeventfds_at: the same by address, NULL until there has been one
 * @ioports: of these, the first at each I/O port; read under RCU
 */
struct mshv_events {
	struct mutex lock; /* see above */
	struct mshv_routes __rcu *routes;
	struct list_head irqfds;
	bool had_irqfds;
	atomic_t apic_epoch;
	struct list_head resamplers;
	unsigned int nr_resamplers;
	spinlock_t acked_lock; /* see above */
	bool closed;
	DECLARE_BITMAP(acked, MSHV_NR_VECTORS);
	struct work_struct acked_work;
	struct list_head ioeventfds;
	struct hlist_head *ioeventfds_at;
	struct xarray ioports;
};

/* routing.c */
void mshv_events_init(struct mshv_partition *partition);
int mshv_events_shutdown(struct mshv_partition *partition);
void mshv_events_exit(struct mshv_partition *partition);
const struct mshv_route *mshv_route_in(const struct mshv_routes *routes,
				       u32 gsi);
const struct mshv_route *mshv_route_current(struct mshv_partition *partition, u32 gsi);
bool mshv_route_find(struct mshv_partition *partition, u32 gsi,
		     struct mshv_route *route);
long mshv_set_msi_routing(void *object, void *arg, void __user *uarg);

/* irqfd.c */
void mshv_irqfd_events_init(struct mshv_events *events);
int mshv_irqfd_init(void);
void mshv_irqfd_exit(void);
void mshv_irqfd_shutdown(struct mshv_partition *partition);
long mshv_irqfd(void *object, void *arg, void __user *uarg);

/* resample.c */
bool mshv_irqfd_needs_level(struct mshv_partition *partition,
			    const struct mshv_routes *routes);
void mshv_irq_acknowledged(struct mshv_partition *partition, u32 index, u32 vector);
bool mshv_irq_resampled(struct mshv_vp *vp, u32 vector);
void mshv_resample_forget(struct mshv_vp *vp);

/* ioeventfd.c */
int mshv_ioeventfd_shutdown(struct mshv_partition *partition);
void mshv_ioeventfd_abandon(struct mshv_partition *partition);
int mshv_ioeventfd_leave_cpu(struct mshv_partition *partition, unsigned int cpu);
void mshv_ioeventfd_signal(struct mshv_ioeventfd *ioeventfd);
long mshv_ioeventfd(void *object, void *arg, void __user *uarg);

/* ioport.c */
int mshv_ioport_add(struct mshv_partition *partition, struct mshv_ioeventfd *p);
void mshv_ioport_remove(struct mshv_partition *partition,
			struct mshv_ioeventfd *p);
int mshv_ioport_write(struct mshv_vp *vp);

#endif
