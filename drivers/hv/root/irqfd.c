// SPDX-License-Identifier: GPL-2.0
/*
 * irqfds: a signal on an eventfd becomes an interrupt of the guest.
 *
 * Model: an irqfd is an exclusive waiter of its eventfd.  On a signal it takes the
 * count and asserts what the GSI's route says at that moment, all under the
 * eventfd's lock with interrupts off.  One eventfd belongs to one irqfd, across all
 * partitions, because a count can be taken only once; another driver's exclusive waiter
 * is refused likewise, on kernels that say so.
 *
 * A level triggered interrupt has a second eventfd, the resamplefd, see resample.c.
 *
 * An irqfd ends by DEASSIGN, with its partition, or because the eventfd is closed.
 * The last is detected under the eventfd's lock and needs a worker.  Whatever sets
 * irqfd->ended first takes it down.
 *
 * Lock order: events->lock > eventfd's lock.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <hyperv/hv_root.h>

#include "compat.h"
#include "core.h"
#include "irqfd.h"
#include "trace.h"

/* Eventfds in use; the entry is the irqfd. */
static DEFINE_XARRAY(irqfd_owners);
struct workqueue_struct *mshv_irqfd_wq;

static void irqfd_assert_route(struct mshv_partition *partition,
			       const struct mshv_route *route)
{
	u32 flags = 0;
	int ret;

	if (route->level)
		flags |= HV_INTERRUPT_CONTROL_LEVEL_TRIGGERED;
	if (route->logical)
		flags |= HV_INTERRUPT_CONTROL_LOGICAL_DEST;
	ret = mshv_call_assert_interrupt(partition->id, route->type, flags,
					 route->destination, route->vector);
	trace_mshv_inject(partition->id, route->destination, route->vector,
			  ret);
}

static void irqfd_inject(struct mshv_irqfd *irqfd)
{
	const struct mshv_route *route;

	rcu_read_lock();
	route = mshv_route_current(irqfd->partition, irqfd->gsi);
	/* A GSI that has no route yet is not an error. */
	if (!route)
		goto out;
	/* Its end is reported with this vector, whatever the route is by then. */
	WRITE_ONCE(irqfd->last_vector, route->vector);
	if (mshv_vectors_offered &&
	    mshv_vectors_post(irqfd->partition, route, &irqfd->apic))
		trace_mshv_inject(irqfd->partition->id, route->destination,
				  route->vector, 0);
	else
		irqfd_assert_route(irqfd->partition, route);
out:
	rcu_read_unlock();
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
		queue_work(mshv_irqfd_wq, &irqfd->work);
	return taken;
}

static void irqfd_queue_proc(struct file *file, wait_queue_head_t *wqh,
			     poll_table *poll)
{
	struct mshv_irqfd *irqfd = container_of(poll, struct mshv_irqfd, poll);

	irqfd->wqh = wqh;
	irqfd->wait_error = add_wait_queue_priority_exclusive(wqh, &irqfd->wait);
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
 * Another thread takes this one down.  It sets the flag under the lock of the wait
 * queue, and queues the work before it releases that.
 */
static void irqfd_wait_for_closer(struct mshv_irqfd *irqfd)
{
	spin_lock_irq(&irqfd->wqh->lock);
	spin_unlock_irq(&irqfd->wqh->lock);
}

static void irqfd_unlist(struct mshv_irqfd *irqfd)
{
	lockdep_assert_held(&irqfd->partition->events.lock);
	list_del(&irqfd->node);
	if (irqfd->resamplefd) {
		struct mshv_events *events = &irqfd->partition->events;

		list_del_rcu(&irqfd->resample_node);
		WRITE_ONCE(events->nr_resamplers, events->nr_resamplers - 1);
	}
}

/* Called under events->lock after setting irqfd->ended. */
static void irqfd_take_down(struct mshv_irqfd *irqfd)
{
	u64 count;

	irqfd_unlist(irqfd);
	/* Nothing of it runs any more after this. */
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
	mshv_resample_close(events);
	/* A worker may still be about to unlock what is going to be freed. */
	if (events->had_irqfds)
		flush_workqueue(mshv_irqfd_wq);
}

/**
 * mshv_irqfd_events_init() - a partition without irqfds
 * @events: its events
 */
void mshv_irqfd_events_init(struct mshv_events *events)
{
	INIT_LIST_HEAD(&events->irqfds);
	atomic_set(&events->apic_epoch, 1);
	mshv_resample_init(events);
}

/* Take what was signalled before the wait began. */
static void irqfd_catch_up(struct mshv_irqfd *irqfd)
{
	u64 count;

	spin_lock_irq(&irqfd->wqh->lock);
	eventfd_ctx_do_read(irqfd->eventfd, &count);
	/* A later signal has been taken by the waiter already. */
	if (count)
		irqfd_inject(irqfd);
	spin_unlock_irq(&irqfd->wqh->lock);
}

/* With events->lock; owns the references in @irqfd on success. */
static int irqfd_publish(struct mshv_irqfd *irqfd, struct file *file)
{
	struct mshv_events *events = &irqfd->partition->events;
	struct mshv_route route;
	__poll_t state;
	int ret;

	if (irqfd->resamplefd &&
	    (!mshv_route_find(irqfd->partition, irqfd->gsi, &route) ||
	     !route.level))
		return -EINVAL;
	ret = xa_insert(&irqfd_owners, (unsigned long)irqfd->eventfd, irqfd,
			GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret;
	WRITE_ONCE(events->had_irqfds, true);
	list_add_tail(&irqfd->node, &events->irqfds);
	if (irqfd->resamplefd) {
		WRITE_ONCE(events->nr_resamplers, events->nr_resamplers + 1);
		list_add_tail_rcu(&irqfd->resample_node, &events->resamplers);
	}
	/* From here on it can be signalled, or closed, at any moment. */
	state = vfs_poll(file, &irqfd->poll);
	ret = irqfd->wait_error;
	if (ret) {
		/* The signals are another driver's, and this is no waiter. */
		irqfd_unlist(irqfd);
		xa_erase(&irqfd_owners, (unsigned long)irqfd->eventfd);
		synchronize_rcu();
	} else if (state & EPOLLIN) {
		irqfd_catch_up(irqfd);
	}
	return ret;
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
		/* Held until now, so that it could not be closed meanwhile. */
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
	 * An eventfd has one irqfd at most, which the table has.  If it belongs to
	 * this partition, the lock keeps it.
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
		flush_workqueue(mshv_irqfd_wq);
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
	mshv_irqfd_wq = alloc_workqueue("mshv_irqfd", WQ_PERCPU, 0);
	return mshv_irqfd_wq ? 0 : -ENOMEM;
}

/**
 * mshv_irqfd_exit() - undo mshv_irqfd_init()
 */
void mshv_irqfd_exit(void)
{
	destroy_workqueue(mshv_irqfd_wq);
	xa_destroy(&irqfd_owners);
}
