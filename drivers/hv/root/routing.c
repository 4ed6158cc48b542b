// SPDX-License-Identifier: GPL-2.0
/*
 * MSI routes: what a GSI means to the local APICs of a partition.
 *
 * Model: a table indexed by GSI, never changed once it is visible.  A change makes
 * a new table and publishes it; writers hold events->lock, readers RCU.  There is
 * no waiting for readers of the old table: an event that is signalled while the
 * ioctl runs may take either route, like an MSI in flight while a device is
 * reprogrammed.
 *
 * See event.h for the terms.
 */
#include <linux/bitmap.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "core.h"
#include "event.h"
#include "route.h"
#include "trace.h"

/**
 * struct mshv_routes - all routes of a partition
 * @rcu: frees it
 * @nr: number of entries, one more than the highest GSI
 * @routes: by GSI
 */
struct mshv_routes {
	struct rcu_head rcu;
	unsigned int nr;
	struct mshv_route routes[];
};

/**
 * mshv_route_in() - the route of a GSI in a table
 * @routes: the table, or NULL
 * @gsi: the GSI
 *
 * Return: the route or NULL.
 */
const struct mshv_route *mshv_route_in(const struct mshv_routes *routes,
				       u32 gsi)
{
	if (!routes || gsi >= routes->nr || !routes->routes[gsi].valid)
		return NULL;
	return &routes->routes[gsi];
}

/**
 * mshv_route_current() - the current route of a GSI
 * @partition: the partition
 * @gsi: the GSI
 *
 * Context: under rcu_read_lock(); any.
 * Return: the route, or NULL if there is nothing to assert.
 */
const struct mshv_route *mshv_route_current(struct mshv_partition *partition, u32 gsi)
{
	return mshv_route_in(rcu_dereference(partition->events.routes), gsi);
}

/**
 * mshv_route_find() - a copy of the current route of a GSI
 * @partition: the partition
 * @gsi: the GSI
 * @route: a copy of the route
 *
 * Context: any.
 * Return: false if there is nothing to assert.
 */
bool mshv_route_find(struct mshv_partition *partition, u32 gsi,
		     struct mshv_route *route)
{
	const struct mshv_route *found;

	rcu_read_lock();
	found = mshv_route_current(partition, gsi);
	if (found)
		*route = *found;
	rcu_read_unlock();
	return found;
}

/* The highest GSI, or a negative errno. */
static int routing_check_gsis(const struct mshv_user_irq_entry *entries,
			      unsigned int nr)
{
	unsigned long *seen = bitmap_zalloc(MSHV_MAX_ROUTES, GFP_KERNEL_ACCOUNT);
	int ret;

	if (!seen)
		return -ENOMEM;
	ret = route_check_gsis(entries, nr, seen);
	bitmap_free(seen);
	return ret;
}

static struct mshv_routes *routing_build_table(const struct mshv_user_irq_entry *entries,
					       unsigned int nr)
{
	struct mshv_routes *routes;
	int i, ret;

	ret = routing_check_gsis(entries, nr);
	if (ret < 0)
		return ERR_PTR(ret);
	routes = kvzalloc(struct_size(routes, routes, ret + 1),
			  GFP_KERNEL_ACCOUNT);
	if (!routes)
		return ERR_PTR(-ENOMEM);
	routes->nr = ret + 1;
	for (i = 0; i < nr; i++) {
		ret = route_parse(&entries[i], &routes->routes[entries[i].gsi]);
		if (ret) {
			kvfree(routes);
			return ERR_PTR(ret);
		}
	}
	return routes;
}

/**
 * mshv_set_msi_routing() - MSHV_SET_MSI_ROUTING
 * @object: the partition
 * @arg: struct mshv_user_irq_table
 * @uarg: its user address; the entries follow there
 *
 * Return: 0 or a negative errno.
 */
long mshv_set_msi_routing(void *object, void *arg, void __user *uarg)
{
	struct mshv_partition *partition = object;
	struct mshv_events *events = &partition->events;
	const struct mshv_user_irq_table *table = arg;
	struct mshv_user_irq_entry *entries;
	struct mshv_routes *routes = NULL;

	if (table->nr > MSHV_MAX_ROUTES || table->rsvd)
		return -EINVAL;
	if (table->nr) {
		entries = vmemdup_user(uarg + sizeof(*table),
				       table->nr * sizeof(*entries));
		if (IS_ERR(entries))
			return PTR_ERR(entries);
		routes = routing_build_table(entries, table->nr);
		kvfree(entries);
		if (IS_ERR(routes))
			return PTR_ERR(routes);
	}

	mutex_lock(&events->lock);
	if (mshv_irqfd_needs_level(partition, routes)) {
		mutex_unlock(&events->lock);
		kvfree(routes);
		return -EINVAL;
	}
	routes = rcu_replace_pointer(events->routes, routes,
				     lockdep_is_held(&events->lock));
	mutex_unlock(&events->lock);
	trace_mshv_routing(partition->id, table->nr);
	if (routes)
		kvfree_rcu(routes, rcu);
	return 0;
}

/**
 * mshv_events_init() - initialise a partition's events
 * @partition: the partition
 */
void mshv_events_init(struct mshv_partition *partition)
{
	struct mshv_events *events = &partition->events;

	mutex_init(&events->lock);
	mshv_irqfd_events_init(events);
	INIT_LIST_HEAD(&events->ioeventfds);
	xa_init(&events->ioports);
}

/**
 * mshv_events_shutdown() - remove all events
 * @partition: a partition that is being destroyed
 *
 * Return: 0, or a negative errno to be called again.
 */
int mshv_events_shutdown(struct mshv_partition *partition)
{
	mshv_irqfd_shutdown(partition);
	return mshv_ioeventfd_shutdown(partition);
}

/**
 * mshv_events_exit() - free what is left
 * @partition: a partition that has been shut down
 */
void mshv_events_exit(struct mshv_partition *partition)
{
	struct mshv_events *events = &partition->events;
	struct mshv_routes *routes = rcu_dereference_raw(events->routes);

	mshv_ioeventfd_abandon(partition);
	xa_destroy(&events->ioports);
	if (routes)
		kvfree_rcu(routes, rcu);
	mutex_destroy(&events->lock);
}
