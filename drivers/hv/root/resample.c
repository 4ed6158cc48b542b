// SPDX-License-Identifier: GPL-2.0
/*
 * Resamplers: reporting the end of a level triggered interrupt.
 *
 * Model: an irqfd may have a second eventfd, the resamplefd.  It is signalled when
 * the guest has ended the interrupt, so that the device model can check its line
 * again.
 *
 * If the interrupt's GSI has no resampler, the end is reported to the VMM:
 * run_handle_eoi() returns it from RUN_VP.
 *
 * The hypervisor reports an end twice, by a message, in an interrupt, and by a stop of
 * the VP, in either order; a message may be lost.  Resamplers are added and removed
 * meanwhile.  The first of the two decides whether the end is theirs or the VMM's, and
 * leaves enum mshv_end, a byte for each vector of the VP, for the second.
 *
 * There may be any number of resamplers, so only a few are signalled in an interrupt; if
 * there are more, a worker does it.
 *
 * Lock order: events->lock > events->acked_lock > the eventfd's lock.
 */
#include <linux/eventfd.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/string.h>
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
	eventfd_signal(irqfd->resamplefd);
	return true;
}

/* Signal all resamplers of this interrupt. */
static bool resample_signal_all(struct mshv_events *events, u32 vector)
{
	struct mshv_irqfd *irqfd;
	bool claimed = false;

	lockdep_assert_held(&events->lock);
	list_for_each_entry(irqfd, &events->resamplers, resample_node) {
		claimed |= resample_signal(irqfd, vector);
		cond_resched();
	}
	return claimed;
}

/* Record the worker's decision for the stops that follow. */
static void resample_decide(struct mshv_partition *partition, u32 vector, bool claimed)
{
	struct mshv_events *events = &partition->events;
	unsigned long index;
	struct mshv_vp *vp;

	rcu_read_lock();
	xa_for_each(&partition->vps, index, vp) {
		spin_lock_irq(&events->acked_lock);
		if (vp->ends[vector] == MSHV_END_DEFERRED)
			vp->ends[vector] = claimed ? MSHV_END_RESAMPLED :
						     MSHV_END_VMM;
		spin_unlock_irq(&events->acked_lock);
	}
	rcu_read_unlock();
}

/* Do what acknowledgements in interrupts have deferred. */
static void resample_deferred(struct mshv_partition *partition)
{
	struct mshv_events *events = &partition->events;
	unsigned int vector;
	bool claimed;

	lockdep_assert_held(&events->lock);
	for_each_set_bit(vector, events->acked, MSHV_NR_VECTORS) {
		clear_bit(vector, events->acked);
		/* Clear, then look: what ends from now on is reported again. */
		smp_mb__after_atomic();
		claimed = resample_signal_all(events, vector);
		resample_decide(partition, vector, claimed);
		trace_mshv_acknowledge(partition->id, vector, claimed);
	}
}

static void resample_acked_work(struct work_struct *work)
{
	struct mshv_events *events =
		container_of(work, struct mshv_events, acked_work);

	mutex_lock(&events->lock);
	resample_deferred(container_of(events, struct mshv_partition, events));
	mutex_unlock(&events->lock);
}

static enum mshv_end resample_acknowledge(struct mshv_events *events, u32 vector)
{
	struct mshv_irqfd *irqfd;
	bool claimed = false;

	lockdep_assert_held(&events->acked_lock);
	if (READ_ONCE(events->nr_resamplers) > RESAMPLERS_AT_ONCE) {
		if (events->closed)
			return MSHV_END_VMM;
		set_bit(vector, events->acked);
		queue_work(mshv_irqfd_wq, &events->acked_work);
		return MSHV_END_DEFERRED;
	}
	list_for_each_entry_rcu(irqfd, &events->resamplers, resample_node)
		claimed |= resample_signal(irqfd, vector);
	return claimed ? MSHV_END_RESAMPLED : MSHV_END_VMM;
}

/**
 * mshv_irq_acknowledged() - handle a message about the end of a level triggered interrupt
 * @partition: the partition
 * @index: the index of the VP
 * @vector: the interrupt's vector, not its GSI
 *
 * Context: interrupt, under rcu_read_lock().
 */
void mshv_irq_acknowledged(struct mshv_partition *partition, u32 index, u32 vector)
{
	struct mshv_events *events = &partition->events;
	struct mshv_vp *vp = mshv_vp_find(partition, index);
	unsigned long flags;
	enum mshv_end end;

	if (!vp || vector >= MSHV_NR_VECTORS)
		return;
	spin_lock_irqsave(&events->acked_lock, flags);
	if (vp->ends[vector] == MSHV_END_STOPPED)
		end = MSHV_END_NONE;
	else
		end = resample_acknowledge(events, vector);
	vp->ends[vector] = end;
	spin_unlock_irqrestore(&events->acked_lock, flags);
	if (end == MSHV_END_RESAMPLED || end == MSHV_END_VMM)
		trace_mshv_acknowledge(partition->id, vector,
				       end == MSHV_END_RESAMPLED);
}

/* What the message has decided, or that the stop is to decide. */
static enum mshv_end resample_take_decision(struct mshv_vp *vp, u32 vector)
{
	struct mshv_events *events = &vp->partition->events;
	enum mshv_end end;

	spin_lock_irq(&events->acked_lock);
	end = vp->ends[vector];
	switch (end) {
	case MSHV_END_RESAMPLED:
	case MSHV_END_VMM:
		vp->ends[vector] = MSHV_END_NONE;
		break;
	case MSHV_END_DEFERRED:
		break;
	default:
		vp->ends[vector] = MSHV_END_STOPPED;
		end = MSHV_END_STOPPED;
	}
	spin_unlock_irq(&events->acked_lock);
	return end;
}

/**
 * mshv_irq_resampled() - handle a stop at the end of a level triggered interrupt
 * @vp: the VP
 * @vector: the interrupt's vector, not its GSI
 *
 * Context: process context; sleeps.
 * Return: true if there is a resampler; false if the end is for the VMM.
 */
bool mshv_irq_resampled(struct mshv_vp *vp, u32 vector)
{
	struct mshv_partition *partition = vp->partition;
	struct mshv_events *events = &partition->events;
	enum mshv_end end;
	bool claimed = false;

	if (vector >= MSHV_NR_VECTORS)
		return false;
	end = resample_take_decision(vp, vector);
	while (end == MSHV_END_DEFERRED) {
		mutex_lock(&events->lock);
		resample_deferred(partition);
		mutex_unlock(&events->lock);
		end = resample_take_decision(vp, vector);
	}
	if (end != MSHV_END_STOPPED)
		return end == MSHV_END_RESAMPLED;
	if (READ_ONCE(events->nr_resamplers)) {
		mutex_lock(&events->lock);
		claimed = resample_signal_all(events, vector);
		mutex_unlock(&events->lock);
	}
	trace_mshv_acknowledge(partition->id, vector, claimed);
	return claimed;
}

/**
 * mshv_resample_forget() - no report about the end of an interrupt is awaited
 * @vp: a VP that is reset
 *
 * Context: process context.
 */
void mshv_resample_forget(struct mshv_vp *vp)
{
	spin_lock_irq(&vp->partition->events.acked_lock);
	memset(vp->ends, MSHV_END_NONE, sizeof(vp->ends));
	spin_unlock_irq(&vp->partition->events.acked_lock);
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
