// SPDX-License-Identifier: GPL-2.0
/*
 * irqfds: a signal on an eventfd becomes an interrupt of the guest.
 *
 * Model: an irqfd is an exclusive waiter of its eventfd.  On a signal it takes
 * the count and asserts what the GSI's route says at that moment; all that
 * happens under the eventfd's lock with interrupts off.  One eventfd belongs to
 * one irqfd, in all partitions together, because a count can be taken once only.
 *
 * A level triggered interrupt has a second eventfd, the resamplefd.  It is
 * signalled when the guest has ended the interrupt, so that whoever drives the
 * line can look at it again.
 *
 * An irqfd ends by DEASSIGN, with its partition, or because the eventfd is
 * closed.  The last is noticed under the eventfd's lock and needs a worker.
 * Whoever sets irqfd->ended first takes it down.
 *
 * The end of an interrupt is told in an interrupt.  There may be any number of
 * resamplers, so only a few are looked at there; when there are more a worker does it.
 *
 * Lock order: events->lock > eventfd's lock.  events->acked_lock is a leaf.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/poll.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <hyperv/hv_interrupt.h>

#include "compat.h"
#include "core.h"
#include "event.h"
#include "trace.h"

/**
 * struct mshv_irqfd - an eventfd that asserts a GSI
 * @partition: whose; it shuts its irqfds down before it goes
 * @gsi: which interrupt
 * @ended: nonzero once somebody is taking it down
 * @eventfd: signalled to assert
 * @resamplefd: signalled when the guest has ended the interrupt, or NULL
 * @node: in the partition's list
 * @resample_node: in the partition's list of resamplers
 * @wait: how we wait for @eventfd
 * @wqh: where we wait
 * @poll: gets us @wqh
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
	poll_table poll;
	u32 last_vector;
	struct work_struct work;
	struct rcu_head rcu;
};

/* Resamplers that are looked at in an interrupt. */
#define RESAMPLERS_AT_ONCE	64

/* Which eventfd is taken; the entry is its irqfd. */
static DEFINE_XARRAY(irqfd_owners);
static struct workqueue_struct *irqfd_wq;

static void assert_route(struct mshv_partition *partition,
			 const struct mshv_route *route)
{
	u32 flags = 0;
	int ret;

	if (route->level)
		flags |= HV_INTERRUPT_CONTROL_LEVEL_TRIGGERED;
	if (route->logical)
		flags |= HV_INTERRUPT_CONTROL_LOGICAL_DEST;
	ret = hvr_assert_interrupt(partition->id, route->type, flags,
				   route->destination, route->vector);
	trace_mshv_inject(partition->id, route->destination, route->vector,
			  ret);
}

static void irqfd_inject(struct mshv_irqfd *irqfd)
{
	struct mshv_route route;

	/* A GSI that nobody has routed yet is not an error. */
	if (!mshv_route_find(irqfd->partition, irqfd->gsi, &route))
		return;
	/* Its end is announced by this vector, whatever the route is then. */
	WRITE_ONCE(irqfd->last_vector, route.vector);
	if (mshv_vectors_post(irqfd->partition, &route)) {
		trace_mshv_inject(irqfd->partition->id, route.destination,
				  route.vector, 0);
		return;
	}
	assert_route(irqfd->partition, &route);
}

static int irqfd_wakeup(wait_queue_entry_t *wait, unsigned int mode, int sync,
			void *key)
{
	struct mshv_irqfd *irqfd = container_of(wait, struct mshv_irqfd, wait);
	__poll_t flags = key_to_poll(key);
	u64 count;
	int taken = 0;

	if (flags & EPOLLIN) {
		eventfd_ctx_do_read(irqfd->eventfd, &count);
		irqfd_inject(irqfd);
		taken = 1;
	}
	if (flags & EPOLLHUP && !atomic_xchg(&irqfd->ended, 1))
		queue_work(irqfd_wq, &irqfd->work);
	return taken;
}

static void irqfd_queue_proc(struct file *file, wait_queue_head_t *wqh,
			     poll_table *poll)
{
	struct mshv_irqfd *irqfd = container_of(poll, struct mshv_irqfd, poll);

	irqfd->wqh = wqh;
	add_wait_queue_priority(wqh, &irqfd->wait);
}

static void irqfd_free(struct mshv_irqfd *irqfd)
{
	if (irqfd->resamplefd)
		eventfd_ctx_put(irqfd->resamplefd);
	eventfd_ctx_put(irqfd->eventfd);
	kfree(irqfd);
}

static void irqfd_free_rcu(struct rcu_head *rcu)
{
	irqfd_free(container_of(rcu, struct mshv_irqfd, rcu));
}

/*
 * Somebody else takes this one down.  He says so under the lock of the wait
 * queue, and queues the work before he lets go of it.
 */
static void irqfd_wait_for_closer(struct mshv_irqfd *irqfd)
{
	spin_lock_irq(&irqfd->wqh->lock);
	spin_unlock_irq(&irqfd->wqh->lock);
}

/* Called by the one who has set irqfd->ended, with events->lock. */
static void irqfd_take_down(struct mshv_irqfd *irqfd)
{
	u64 count;

	list_del(&irqfd->node);
	if (irqfd->resamplefd) {
		struct mshv_events *events = &irqfd->partition->events;

		list_del_rcu(&irqfd->resample_node);
		WRITE_ONCE(events->nr_resamplers, events->nr_resamplers - 1);
	}
	/* After this nothing of it is running any more. */
	eventfd_ctx_remove_wait_queue(irqfd->eventfd, &irqfd->wait, &count);
	xa_erase(&irqfd_owners, (unsigned long)irqfd->eventfd);
	call_rcu(&irqfd->rcu, irqfd_free_rcu);
}

static void irqfd_closed(struct work_struct *work)
{
	struct mshv_irqfd *irqfd = container_of(work, struct mshv_irqfd, work);
	struct mutex *lock = &irqfd->partition->events.lock;

	mutex_lock(lock);
	irqfd_take_down(irqfd);
	mutex_unlock(lock);
}

/**
 * mshv_irqfd_shutdown() - remove all of a partition
 * @partition: a partition that is being destroyed
 */
void mshv_irqfd_shutdown(struct mshv_partition *partition)
{
	struct mshv_events *events = &partition->events;
	struct mshv_irqfd *irqfd, *next;

	mutex_lock(&events->lock);
	list_for_each_entry_safe(irqfd, next, &events->irqfds, node) {
		if (!atomic_xchg(&irqfd->ended, 1))
			irqfd_take_down(irqfd);
		else
			irqfd_wait_for_closer(irqfd);
		cond_resched();
	}
	mutex_unlock(&events->lock);
	spin_lock_irq(&events->acked_lock);
	events->closed = true;
	spin_unlock_irq(&events->acked_lock);
	cancel_work_sync(&events->acked_work);
	/* A worker may still be about to unlock what is going to be freed. */
	if (events->had_irqfds)
		flush_workqueue(irqfd_wq);
}

/**
 * mshv_irqfd_needs_level() - would this table break a resampler?
 * @partition: the partition, its events locked
 * @routes: the table that somebody wants
 *
 * Return: true if a level triggered GSI with a resampler would become another.
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

/* Signal a resampler if this vector is its interrupt. */
static bool resample(struct mshv_irqfd *irqfd, u32 vector)
{
	struct mshv_route route;

	if (READ_ONCE(irqfd->last_vector) != vector &&
	    (!mshv_route_find(irqfd->partition, irqfd->gsi, &route) ||
	     route.vector != vector))
		return false;
	compat_eventfd_signal(irqfd->resamplefd);
	return true;
}

static void acked_work(struct work_struct *work)
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
		/* Cleared, then looked: what ends from now on is told again. */
		smp_mb__after_atomic();
		claimed = false;
		list_for_each_entry(irqfd, &events->resamplers, resample_node) {
			claimed |= resample(irqfd, vector);
			cond_resched();
		}
		trace_mshv_acknowledge(partition->id, vector, claimed);
	}
	mutex_unlock(&events->lock);
}

static bool leave_to_worker(struct mshv_events *events, u32 vector)
{
	unsigned long flags;
	bool left;

	if (vector >= MSHV_NR_VECTORS)
		return false;
	spin_lock_irqsave(&events->acked_lock, flags);
	left = !events->closed;
	if (left) {
		set_bit(vector, events->acked);
		queue_work(irqfd_wq, &events->acked_work);
	}
	spin_unlock_irqrestore(&events->acked_lock, flags);
	return left;
}

/**
 * mshv_irq_acknowledged() - a guest has ended a level triggered interrupt
 * @partition: whose guest
 * @vector: the interrupt's vector, not its GSI
 *
 * Context: interrupt, under rcu_read_lock().
 * Return: false if nobody waits for that.
 */
bool mshv_irq_acknowledged(struct mshv_partition *partition, u32 vector)
{
	struct mshv_events *events = &partition->events;
	struct mshv_irqfd *irqfd;
	bool claimed = false;

	if (READ_ONCE(events->nr_resamplers) > RESAMPLERS_AT_ONCE)
		return leave_to_worker(events, vector);
	list_for_each_entry_rcu(irqfd, &events->resamplers, resample_node)
		claimed |= resample(irqfd, vector);
	trace_mshv_acknowledge(partition->id, vector, claimed);
	return claimed;
}

/**
 * mshv_irqfd_events_init() - a partition without irqfds
 * @events: its events
 */
void mshv_irqfd_events_init(struct mshv_events *events)
{
	INIT_LIST_HEAD(&events->irqfds);
	INIT_LIST_HEAD(&events->resamplers);
	spin_lock_init(&events->acked_lock);
	INIT_WORK(&events->acked_work, acked_work);
}

/* Take what was signalled before we began to wait. */
static void irqfd_catch_up(struct mshv_irqfd *irqfd)
{
	u64 count;

	spin_lock_irq(&irqfd->wqh->lock);
	eventfd_ctx_do_read(irqfd->eventfd, &count);
	/* A signal since then has been taken by the waiter already. */
	if (count)
		irqfd_inject(irqfd);
	spin_unlock_irq(&irqfd->wqh->lock);
}

/* With events->lock; owns the references in @irqfd on success. */
static int irqfd_publish(struct mshv_irqfd *irqfd, struct file *file)
{
	struct mshv_events *events = &irqfd->partition->events;
	struct mshv_route route;
	int ret;

	if (irqfd->resamplefd &&
	    (!mshv_route_find(irqfd->partition, irqfd->gsi, &route) ||
	     !route.level))
		return -EINVAL;
	ret = xa_insert(&irqfd_owners, (unsigned long)irqfd->eventfd, irqfd,
			GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret;
	events->had_irqfds = true;
	list_add_tail(&irqfd->node, &events->irqfds);
	if (irqfd->resamplefd) {
		WRITE_ONCE(events->nr_resamplers, events->nr_resamplers + 1);
		list_add_tail_rcu(&irqfd->resample_node, &events->resamplers);
	}
	/* From here on it can be signalled, or closed, at any moment. */
	if (vfs_poll(file, &irqfd->poll) & EPOLLIN)
		irqfd_catch_up(irqfd);
	return 0;
}

static int irqfd_assign(struct mshv_partition *partition,
			const struct mshv_user_irqfd *user)
{
	struct mshv_irqfd *irqfd;
	struct file *file;
	int ret;

	irqfd = kzalloc(sizeof(*irqfd), GFP_KERNEL_ACCOUNT);
	if (!irqfd)
		return -ENOMEM;
	irqfd->partition = partition;
	irqfd->gsi = user->gsi;
	INIT_WORK(&irqfd->work, irqfd_closed);
	init_waitqueue_func_entry(&irqfd->wait, irqfd_wakeup);
	init_poll_funcptr(&irqfd->poll, irqfd_queue_proc);

	file = eventfd_fget(user->fd);
	if (IS_ERR(file)) {
		ret = PTR_ERR(file);
		goto err_free;
	}
	irqfd->eventfd = eventfd_ctx_fileget(file);
	if (IS_ERR(irqfd->eventfd)) {
		ret = PTR_ERR(irqfd->eventfd);
		goto err_file;
	}
	if (user->flags & BIT(MSHV_IRQFD_BIT_RESAMPLE)) {
		irqfd->resamplefd = eventfd_ctx_fdget(user->resamplefd);
		if (IS_ERR(irqfd->resamplefd)) {
			ret = PTR_ERR(irqfd->resamplefd);
			goto err_eventfd;
		}
	}

	mutex_lock(&partition->events.lock);
	ret = irqfd_publish(irqfd, file);
	mutex_unlock(&partition->events.lock);
	if (!ret) {
		/* Ours until now, so that it could not be closed under us. */
		fput(file);
		return 0;
	}

	if (irqfd->resamplefd)
		eventfd_ctx_put(irqfd->resamplefd);
err_eventfd:
	eventfd_ctx_put(irqfd->eventfd);
err_file:
	fput(file);
err_free:
	kfree(irqfd);
	return ret;
}

static int irqfd_deassign(struct mshv_partition *partition,
			  const struct mshv_user_irqfd *user)
{
	struct mshv_events *events = &partition->events;
	struct eventfd_ctx *eventfd = eventfd_ctx_fdget(user->fd);
	struct mshv_irqfd *irqfd;
	bool closing = false;
	bool found;

	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);

	mutex_lock(&events->lock);
	/*
	 * An eventfd has one irqfd at most, and the table knows it.  Once it
	 * has turned out to be of this partition, the lock keeps it.
	 */
	rcu_read_lock();
	irqfd = xa_load(&irqfd_owners, (unsigned long)eventfd);
	found = irqfd && irqfd->partition == partition &&
		irqfd->gsi == user->gsi;
	rcu_read_unlock();
	if (found) {
		if (!atomic_xchg(&irqfd->ended, 1)) {
			irqfd_take_down(irqfd);
		} else {
			irqfd_wait_for_closer(irqfd);
			closing = true;
		}
	}
	mutex_unlock(&events->lock);
	eventfd_ctx_put(eventfd);
	if (closing)
		flush_workqueue(irqfd_wq);
	return 0;
}

/**
 * mshv_irqfd() - MSHV_IRQFD
 * @object: the partition
 * @arg: struct mshv_user_irqfd
 * @uarg: where it came from
 *
 * Return: 0 or a negative errno.
 */
long mshv_irqfd(void *object, void *arg, void __user *uarg)
{
	struct mshv_partition *partition = object;
	const struct mshv_user_irqfd *user = arg;
	int ret;

	if (user->flags & ~MSHV_IRQFD_FLAGS_MASK ||
	    user->gsi >= MSHV_MAX_ROUTES)
		return -EINVAL;
	if (user->flags & BIT(MSHV_IRQFD_BIT_DEASSIGN))
		ret = irqfd_deassign(partition, user);
	else
		ret = irqfd_assign(partition, user);
	trace_mshv_irqfd(partition->id, user->gsi, user->flags, ret);
	return ret;
}

/**
 * mshv_irqfd_init() - set up what all irqfds share
 *
 * Return: 0 or -ENOMEM.
 */
int mshv_irqfd_init(void)
{
	irqfd_wq = alloc_workqueue("mshv_irqfd", 0, 0);
	return irqfd_wq ? 0 : -ENOMEM;
}

/**
 * mshv_irqfd_exit() - undo mshv_irqfd_init()
 */
void mshv_irqfd_exit(void)
{
	destroy_workqueue(irqfd_wq);
	xa_destroy(&irqfd_owners);
}
