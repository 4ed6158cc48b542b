// SPDX-License-Identifier: GPL-2.0
/*
 * Resamplers: reporting the end of a level triggered interrupt.
 *
 * Model: an irqfd may have a second eventfd, the resamplefd.  It is signalled when
 * the guest has ended the interrupt, so that the device model can check its line
 * again.
 *
 * Without one it is for the VMM: run_handle_eoi() returns it from RUN_VP.
 *
 * The end of an interrupt is reported in an interrupt.  There may be any number of
 * resamplers, so only a few are checked there; if there are more, a worker does it.
 *
 * Lock order: events->acked_lock is a leaf.
 */
#include <linux/eventfd.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "core.h"
#include "irqfd.h"
#include "trace.h"

/* Resamplers that are checked in an interrupt. */
#define RESAMPLERS_AT_ONCE	64

/**
 * mshv_irqfd_needs_level() - would this table break a resampler?
 * @partition: the partition, its events locked
 * @routes: the new table
 *
 * Return: true if a level triggered GSI with a resampler would become edge triggered.
 */
bool mshv_irqfd_needs_level(struct mshv_partition *partition,
			    const struct mshv_routes *routes)
{
	struct mshv_irqfd *irqfd;

	list_for_each_entry(irqfd, &partition->events.resamplers,
			    resample_node) {
		const struct mshv_route *route =
			mshv_route_in(routes, irqfd->gsi);

		if (route && !route->level)
			return true;
	}
	return false;
}

/* Is this vector a resampler's interrupt? */
static bool resample_matches(struct mshv_irqfd *irqfd, u32 vector)
{
	struct mshv_route route;

	if (READ_ONCE(irqfd->last_vector) == vector)
		return true;
	return mshv_route_find(irqfd->partition, irqfd->gsi, &route) &&
	       route.vector == vector;
}

/* Signal a resampler if this vector is its interrupt. */
static bool resample_signal(struct mshv_irqfd *irqfd, u32 vector)
{
	if (!resample_matches(irqfd, vector))
		return false;
	compat_eventfd_signal(irqfd->resamplefd);
	return true;
}

static void resample_acked_work(struct work_struct *work)
{
	struct mshv_events *events =
		container_of(work, struct mshv_events, acked_work);
	struct mshv_partition *partition =
		container_of(events, struct mshv_partition, events);
	struct mshv_irqfd *irqfd;
	unsigned int vector;
	bool claimed;

	mutex_lock(&events->lock);
	for_each_set_bit(vector, events->acked, MSHV_NR_VECTORS) {
		clear_bit(vector, events->acked);
		/* Clear, then look: what ends from now on is reported again. */
		smp_mb__after_atomic();
		claimed = false;
		list_for_each_entry(irqfd, &events->resamplers, resample_node) {
			claimed |= resample_signal(irqfd, vector);
			cond_resched();
		}
		trace_mshv_acknowledge(partition->id, vector, claimed);
	}
	mutex_unlock(&events->lock);
}

static bool resample_defer(struct mshv_events *events, u32 vector)
{
	unsigned long flags;
	bool left;

	if (vector >= MSHV_NR_VECTORS)
		return false;
	spin_lock_irqsave(&events->acked_lock, flags);
	left = !events->closed;
	if (left) {
		set_bit(vector, events->acked);
		queue_work(mshv_irqfd_wq, &events->acked_work);
	}
	spin_unlock_irqrestore(&events->acked_lock, flags);
	return left;
}

/**
 * mshv_irq_acknowledged() - handle the end of a level triggered interrupt
 * @partition: the partition
 * @vector: the interrupt's vector, not its GSI
 *
 * Context: interrupt, under rcu_read_lock().
 * Return: false if there is no resampler.
 */
bool mshv_irq_acknowledged(struct mshv_partition *partition, u32 vector)
{
	struct mshv_events *events = &partition->events;
	struct mshv_irqfd *irqfd;
	bool claimed = false;

	if (READ_ONCE(events->nr_resamplers) > RESAMPLERS_AT_ONCE)
		return resample_defer(events, vector);
	list_for_each_entry_rcu(irqfd, &events->resamplers, resample_node)
		claimed |= resample_signal(irqfd, vector);
	trace_mshv_acknowledge(partition->id, vector, claimed);
	return claimed;
}

/**
 * mshv_irq_resampled() - does this interrupt have a resamplefd?
 * @partition: the partition
 * @vector: the interrupt's vector, not its GSI
 *
 * Context: process context; sleeps.
 * Return: false if the end is to be reported to the VMM.
 */
bool mshv_irq_resampled(struct mshv_partition *partition, u32 vector)
{
	struct mshv_events *events = &partition->events;
	struct mshv_irqfd *irqfd;
	bool found = false;

	if (!READ_ONCE(events->nr_resamplers))
		return false;
	mutex_lock(&events->lock);
	list_for_each_entry(irqfd, &events->resamplers, resample_node) {
		found = resample_matches(irqfd, vector);
		if (found)
			break;
		cond_resched();
	}
	mutex_unlock(&events->lock);
	return found;
}

/**
 * mshv_resample_init() - a partition without resamplers
 * @events: its events
 */
void mshv_resample_init(struct mshv_events *events)
{
	INIT_LIST_HEAD(&events->resamplers);
	spin_lock_init(&events->acked_lock);
	INIT_WORK(&events->acked_work, resample_acked_work);
}

/**
 * mshv_resample_close() - no resampler is left, and none can be added
 * @events: the partition's events
 */
void mshv_resample_close(struct mshv_events *events)
{
	spin_lock_irq(&events->acked_lock);
	events->closed = true;
	spin_unlock_irq(&events->acked_lock);
	cancel_work_sync(&events->acked_work);
}
