/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers of doorbell ports, and what is behind each.
 *
 * Model: a number is the index of a slot and, above it, how often that slot has been
 * freed; 0 is an empty slot of an event ring, so the first slot is not used.  A doorbell
 * that arrives late does not hit the wrong eventfd: its number is not found any more, and
 * free slots wait in a queue, which is kept long.  One that is reserved is allocated, with
 * nothing behind it.
 *
 * Changes are serialised by the table's lock.  Readers hold RCU: a table that is full is
 * replaced by a larger one.
 */
#ifndef _MSHV_PORT_TABLE_H
#define _MSHV_PORT_TABLE_H

#include <linux/gfp.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

/* Port numbers have 24 bits. */
#define PORT_INDEX_BITS	20
#define PORT_USE_BITS	4

#define PORT_SLOTS_MIN	256
#define PORT_SLOTS_MAX	BIT(PORT_INDEX_BITS)

/* Slots that wait in the queue, if there is memory for more. */
#define PORT_FREE_MIN	64

/**
 * struct port_slot - one that is free, or in use
 * @what: what is behind the number, or NULL
 * @next: the next one that is free
 * @use: how often it has been freed, modulo the bits that there are for it
 */
struct port_slot {
	void *what;
	u32 next;
	u32 use;
};

/**
 * struct port_slots - all of them
 * @rcu: frees them
 * @nr: how many
 * @slot: by index
 */
struct port_slots {
	struct rcu_head rcu;
	u32 nr;
	struct port_slot slot[];
};

/**
 * struct port_table - what is behind the numbers
 * @lock: serialises changes
 * @slots: NULL at first
 * @first: head of the queue of free slots
 * @last: its tail
 * @nr_free: its length
 */
struct port_table {
	struct mutex lock; /* see above */
	struct port_slots __rcu *slots;
	u32 first;
	u32 last;
	u32 nr_free;
};

#define PORT_TABLE_INIT(name)	{ .lock = __MUTEX_INITIALIZER(name.lock) }

static inline struct port_slots *port_table_slots(struct port_table *table)
{
	return rcu_dereference_protected(table->slots,
					 lockdep_is_held(&table->lock));
}

static inline void port_table_enqueue(struct port_table *table,
				      struct port_slots *slots, u32 index)
{
	if (table->nr_free)
		slots->slot[table->last].next = index;
	else
		table->first = index;
	table->last = index;
	table->nr_free++;
}

/* Returns 0 or a negative errno. */
static inline int port_table_grow(struct port_table *table)
{
	struct port_slots *old = port_table_slots(table), *slots;
	u32 nr = old ? 2 * old->nr : PORT_SLOTS_MIN;
	u32 i = old ? old->nr : 1;

	if (nr > PORT_SLOTS_MAX)
		return -ENOSPC;
	slots = kvzalloc(struct_size(slots, slot, nr), GFP_KERNEL_ACCOUNT);
	if (!slots)
		return -ENOMEM;
	slots->nr = nr;
	if (old)
		memcpy(slots->slot, old->slot, old->nr * sizeof(*old->slot));
	for (; i < nr; i++)
		port_table_enqueue(table, slots, i);
	rcu_assign_pointer(table->slots, slots);
	if (old)
		kvfree_rcu(old, rcu);
	return 0;
}

/* Returns 0 or a negative errno. */
static inline int port_table_add(struct port_table *table, void *what, u32 *port_id)
{
	struct port_slot *slot;
	int ret = 0;

	mutex_lock(&table->lock);
	if (table->nr_free < PORT_FREE_MIN)
		ret = port_table_grow(table);
	if (ret && !table->nr_free) {
		mutex_unlock(&table->lock);
		return ret;
	}
	slot = &port_table_slots(table)->slot[table->first];
	*port_id = slot->use << PORT_INDEX_BITS | table->first;
	table->first = slot->next;
	table->nr_free--;
	WRITE_ONCE(slot->what, what);
	mutex_unlock(&table->lock);
	return 0;
}

static inline void port_table_set(struct port_table *table, u32 port_id, void *what)
{
	u32 index = port_id & (PORT_SLOTS_MAX - 1);

	mutex_lock(&table->lock);
	WRITE_ONCE(port_table_slots(table)->slot[index].what, what);
	mutex_unlock(&table->lock);
}

static inline void port_table_reserve(struct port_table *table, u32 port_id)
{
	port_table_set(table, port_id, NULL);
}

static inline void port_table_free(struct port_table *table, u32 port_id)
{
	u32 index = port_id & (PORT_SLOTS_MAX - 1);
	struct port_slots *slots;
	struct port_slot *slot;

	mutex_lock(&table->lock);
	slots = port_table_slots(table);
	slot = &slots->slot[index];
	WRITE_ONCE(slot->what, NULL);
	WRITE_ONCE(slot->use, (slot->use + 1) & (BIT(PORT_USE_BITS) - 1));
	port_table_enqueue(table, slots, index);
	mutex_unlock(&table->lock);
}

/* What is behind any number, or NULL.  Under rcu_read_lock(). */
static inline void *port_table_find(struct port_table *table, u32 port_id)
{
	u32 index = port_id & (PORT_SLOTS_MAX - 1);
	struct port_slots *slots = rcu_dereference(table->slots);
	struct port_slot *slot;

	if (!slots || index >= slots->nr)
		return NULL;
	slot = &slots->slot[index];
	return READ_ONCE(slot->use) == port_id >> PORT_INDEX_BITS ?
	       READ_ONCE(slot->what) : NULL;
}

/* No one uses it any more. */
static inline void port_table_destroy(struct port_table *table)
{
	kvfree(rcu_dereference_protected(table->slots, true));
	RCU_INIT_POINTER(table->slots, NULL);
	table->nr_free = 0;
}

#endif
