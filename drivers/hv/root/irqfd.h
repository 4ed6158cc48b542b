/* SPDX-License-Identifier: GPL-2.0 */
/*
 * irqfds, for the files that work on them; see irqfd.c for the model.
 */
#ifndef _MSHV_IRQFD_H
#define _MSHV_IRQFD_H

#include <linux/poll.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "event.h"

/**
 * struct mshv_apic - the local APIC that an irqfd has signalled last
 * @epoch: events.apic_epoch at that time, 0: none yet
 * @id: its id
 * @vp: the processor that it belongs to, or NULL; it stays as long as the irqfd
 */
struct mshv_apic {
	u32 epoch;
	u32 id;
	struct mshv_vp *vp;
};

/**
 * struct mshv_irqfd - an eventfd that asserts a GSI
 * @partition: partition; it shuts its irqfds down before it is freed
 * @gsi: GSI
 * @ended: nonzero once it is being taken down
 * @eventfd: signalled to assert
 * @resamplefd: signalled when the guest has ended the interrupt, or NULL
 * @node: in the partition's list
 * @resample_node: in the partition's list of resamplers
 * @wait: entry in the wait queue of @eventfd
 * @wqh: the wait queue
 * @wait_error: why it does not wait there
 * @poll: finds @wqh
 * @apic: destination; under the eventfd's lock
 * @last_vector: vector that was asserted last
 * @work: takes it down when the eventfd has been closed
 * @rcu: frees it
 */
struct mshv_irqfd {
	struct mshv_partition *partition;
	u32 gsi;
	atomic_t ended;
	struct eventfd_ctx *eventfd;
	struct eventfd_ctx *resamplefd;
	struct list_head node;
	struct list_head resample_node;
	wait_queue_entry_t wait;
	wait_queue_head_t *wqh;
	int wait_error;
	poll_table poll;
	struct mshv_apic apic;
	u32 last_vector;
	struct work_struct work;
	struct rcu_head rcu;
};

/* irqfd.c */
extern struct workqueue_struct *mshv_irqfd_wq;

/* resample.c */
void mshv_resample_init(struct mshv_events *events);
void mshv_resample_close(struct mshv_events *events);

#endif
