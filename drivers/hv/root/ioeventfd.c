// SPDX-License-Identifier: GPL-2.0
/*
 * ioeventfds: a write of the guest becomes a signal on an eventfd.
 *
 * Model: one at a guest address is a doorbell of the hypervisor, a port and a
 * connection with the same number.  A matching write does not exit; the number
 * arrives in an event ring, and port.c finds the eventfd by it in one step.
 * ioeventfd_connect() creates a doorbell, and ioeventfd_disconnect() removes it.  One
 * at an I/O port is known to the driver only, see ioport.c.
 *
 * A doorbell names the processor of this partition that is notified, so that not
 * all of them interrupt the same one.  When that processor goes offline, another
 * one is named: the doorbell gets a second number there before the first one is
 * removed.  A write in between may signal twice; for one that was in flight the
 * eventfd is signalled once more.
 *
 * To remove a doorbell, its number is first made to signal nothing, then removed
 * from the hypervisor, and only then free for another doorbell.  A number that the
 * hypervisor does not release stays reserved.
 */
#include <linux/eventfd.h>
#include <linux/hash.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "compat.h"
#include "core.h"
#include "event.h"
#include "doorbell_rules.h"
#include "synic.h"
#include "trace.h"

/**
 * mshv_ioeventfd_signal() - the guest has written
 * @ioeventfd: the ioeventfd
 *
 * Context: any, under rcu_read_lock().
 */
void mshv_ioeventfd_signal(struct mshv_ioeventfd *ioeventfd)
{
	trace_mshv_doorbell(ioeventfd->addr);
	eventfd_signal(ioeventfd->eventfd);
}

static void ioeventfd_free_rcu(struct rcu_head *rcu)
{
	struct mshv_ioeventfd *p =
		container_of(rcu, struct mshv_ioeventfd, rcu);

	eventfd_ctx_put(p->eventfd);
	kfree(p);
}

/* Remove it from the hypervisor.  May be called again after a failure. */
static int ioeventfd_disconnect(struct mshv_partition *partition,
				struct mshv_ioeventfd *p)
{
	int ret;

	if (p->pio)
		return 0;
	mshv_port_unpublish(p->port_id);
	if (p->connected) {
		ret = mshv_call_disconnect_doorbell(partition->id, p->port_id);
		if (ret)
			return ret;
		p->connected = false;
	}
	ret = mshv_call_delete_port(p->port_id);
	if (ret)
		return ret;
	mshv_port_free(p->port_id);
	return 0;
}

/* Those at this address, and a few others. */
static struct hlist_head *ioeventfd_at(struct mshv_events *events, u64 addr)
{
	return &events->ioeventfds_at[hash_64(addr, MSHV_IOEVENTFD_HASH_BITS)];
}

static void ioeventfd_insert(struct mshv_events *events, struct mshv_ioeventfd *p)
{
	list_add_tail(&p->node, &events->ioeventfds);
	hlist_add_head(&p->at_node, ioeventfd_at(events, p->addr));
}

static void ioeventfd_remove(struct mshv_partition *partition, struct mshv_ioeventfd *p)
{
	list_del(&p->node);
	hlist_del(&p->at_node);
	if (p->pio)
		mshv_ioport_remove(partition, p);
	call_rcu(&p->rcu, ioeventfd_free_rcu);
}

/*
 * Create the port and connection, with a new number and @cpu to be notified.  If
 * the hypervisor does not delete the port again, the number stays reserved, and
 * signals no eventfd.
 */
static int ioeventfd_connect(struct mshv_partition *partition, struct mshv_ioeventfd *p,
			     unsigned int cpu, u32 *port_id)
{
	int ret = mshv_port_alloc(p, port_id);

	if (ret)
		return ret;
	ret = mshv_call_create_doorbell(partition->pool, *port_id, p->addr, p->datamatch,
					doorbell_flags(p), hvr_vp_index(cpu));
	if (!ret)
		return 0;
	mshv_port_unpublish(*port_id);
	if (ret == -EBUSY)
		return -EIO;
	mshv_port_free(*port_id);
	return ret;
}

/* Sets *@keep if it has taken over the reference on the eventfd. */
static int ioeventfd_assign(struct mshv_partition *partition,
			    const struct mshv_ioeventfd *wanted, bool *keep)
{
	struct mshv_events *events = &partition->events;
	struct mshv_ioeventfd *p;
	int ret;

	if (!events->ioeventfds_at)
		events->ioeventfds_at = kvcalloc(BIT(MSHV_IOEVENTFD_HASH_BITS),
						 sizeof(struct hlist_head),
						 GFP_KERNEL_ACCOUNT);
	if (!events->ioeventfds_at)
		return -ENOMEM;
	hlist_for_each_entry(p, ioeventfd_at(events, wanted->addr), at_node) {
		if (doorbell_collide(p, wanted))
			return -EEXIST;
	}
	p = kmemdup(wanted, sizeof(*p), GFP_KERNEL_ACCOUNT);
	if (!p)
		return -ENOMEM;
	if (p->pio) {
		ret = mshv_ioport_add(partition, p);
		if (ret) {
			kfree(p);
			return ret;
		}
		*keep = true;
		ioeventfd_insert(events, p);
		return 0;
	}
	*keep = true;
	p->cpu = mshv_port_choose_cpu(partition);
	ret = ioeventfd_connect(partition, p, p->cpu, &p->port_id);
	if (ret) {
		/* A doorbell of that number may still be using it. */
		call_rcu(&p->rcu, ioeventfd_free_rcu);
		return ret;
	}
	p->connected = true;
	ioeventfd_insert(events, p);
	return 0;
}

static int ioeventfd_deassign(struct mshv_partition *partition,
			      const struct mshv_ioeventfd *wanted)
{
	struct mshv_events *events = &partition->events;
	struct mshv_ioeventfd *p;
	int ret;

	if (!events->ioeventfds_at)
		return -ENOENT;
	hlist_for_each_entry(p, ioeventfd_at(events, wanted->addr), at_node) {
		if (!doorbell_same(p, wanted))
			continue;
		ret = ioeventfd_disconnect(partition, p);
		if (!ret)
			ioeventfd_remove(partition, p);
		else if (p->connected)
			/* Guests still write to it. */
			mshv_port_publish(p->port_id, p);
		return ret;
	}
	return -ENOENT;
}

/**
 * mshv_ioeventfd_shutdown() - remove all of a partition
 * @partition: a partition that is being destroyed
 *
 * Return: 0, or a negative errno if some are left.
 */
int mshv_ioeventfd_shutdown(struct mshv_partition *partition)
{
	struct mshv_ioeventfd *p, *next;
	int ret, first = 0;

	mutex_lock(&partition->events.lock);
	list_for_each_entry_safe(p, next, &partition->events.ioeventfds, node) {
		ret = ioeventfd_disconnect(partition, p);
		if (!ret)
			ioeventfd_remove(partition, p);
		else if (!first)
			first = ret;
		cond_resched();
	}
	mutex_unlock(&partition->events.lock);
	return first;
}

/* Notify another processor. */
static int ioeventfd_move(struct mshv_partition *partition, struct mshv_ioeventfd *p)
{
	unsigned int cpu = mshv_port_choose_cpu(partition);
	u32 old = p->port_id, port_id;
	int ret;

	ret = ioeventfd_connect(partition, p, cpu, &port_id);
	if (ret)
		return ret;
	ret = mshv_call_disconnect_doorbell(partition->id, old);
	if (ret) {
		/* It stays as it was. */
		mshv_port_unpublish(port_id);
		if (!mshv_call_disconnect_doorbell(partition->id, port_id) &&
		    !mshv_call_delete_port(port_id))
			mshv_port_free(port_id);
		return ret;
	}
	p->port_id = port_id;
	p->cpu = cpu;
	mshv_port_unpublish(old);
	/* The old number may be in a ring, and means nothing any more. */
	rcu_read_lock();
	mshv_ioeventfd_signal(p);
	rcu_read_unlock();
	ret = mshv_call_delete_port(old);
	if (!ret)
		mshv_port_free(old);
	return ret;
}

/**
 * mshv_ioeventfd_leave_cpu() - make no doorbell notify that processor any more
 * @partition: the partition
 * @cpu: a processor that mshv_port_choose_cpu() does not choose any more
 *
 * Context: process context; sleeps.
 * Return: 0 or a negative errno; some still do then.
 */
int mshv_ioeventfd_leave_cpu(struct mshv_partition *partition, unsigned int cpu)
{
	struct mshv_ioeventfd *p;
	int ret = 0;

	mutex_lock(&partition->events.lock);
	list_for_each_entry(p, &partition->events.ioeventfds, node) {
		if (p->pio || !p->connected || p->cpu != cpu)
			continue;
		ret = ioeventfd_move(partition, p);
		if (ret)
			break;
		cond_resched();
	}
	mutex_unlock(&partition->events.lock);
	return ret;
}

/**
 * mshv_ioeventfd_abandon() - free those that the hypervisor did not release
 * @partition: a partition that is being freed
 *
 * Their numbers stay reserved.
 */
void mshv_ioeventfd_abandon(struct mshv_partition *partition)
{
	struct mshv_ioeventfd *p, *next;

	list_for_each_entry_safe(p, next, &partition->events.ioeventfds, node)
		ioeventfd_remove(partition, p);
	kvfree(partition->events.ioeventfds_at);
}

/**
 * mshv_ioeventfd() - MSHV_IOEVENTFD
 * @object: the partition
 * @arg: struct mshv_user_ioeventfd
 * @uarg: where it came from
 *
 * Return: 0 or a negative errno.
 */
long mshv_ioeventfd(void *object, void *arg, void __user *uarg)
{
	struct mshv_partition *partition = object;
	const struct mshv_user_ioeventfd *user = arg;
	struct mshv_ioeventfd wanted = { };
	bool remove_it = user->flags & BIT(MSHV_IOEVENTFD_BIT_DEASSIGN);
	bool keep = false;
	u64 end;
	int ret;

	if (user->flags & ~MSHV_IOEVENTFD_FLAGS_MASK ||
	    memchr_inv(user->rsvd, 0, sizeof(user->rsvd)))
		return -EINVAL;
	if (user->len > 8 || (user->len && !is_power_of_2(user->len)) ||
	    check_add_overflow(user->addr, (u64)user->len, &end))
		return -EINVAL;
	wanted.pio = user->flags & BIT(MSHV_IOEVENTFD_BIT_PIO);
	if (wanted.pio && (user->len > MSHV_MAX_PORT_ACCESS ||
			   user->addr >= MSHV_NR_PORTS || end > MSHV_NR_PORTS))
		return -EINVAL;

	wanted.addr = user->addr;
	wanted.len = user->len;
	wanted.wildcard = !(user->flags & BIT(MSHV_IOEVENTFD_BIT_DATAMATCH));
	wanted.datamatch = wanted.wildcard ? 0 : user->datamatch;
	wanted.eventfd = eventfd_ctx_fdget(user->fd);
	if (IS_ERR(wanted.eventfd))
		return PTR_ERR(wanted.eventfd);

	mutex_lock(&partition->events.lock);
	if (remove_it)
		ret = ioeventfd_deassign(partition, &wanted);
	else
		ret = ioeventfd_assign(partition, &wanted, &keep);
	mutex_unlock(&partition->events.lock);
	if (!keep)
		eventfd_ctx_put(wanted.eventfd);
	trace_mshv_ioeventfd(partition->id, user->addr, user->len, remove_it,
			     ret);
	return ret;
}
