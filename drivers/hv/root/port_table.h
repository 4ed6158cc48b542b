/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers of doorbell ports, and what is behind each.
 *
 * Model: a number is 1 to PORT_ID_MAX; 0 is an empty slot of an event ring.  Numbers are
 * allocated cyclically, so that a doorbell that arrives late does not hit the wrong
 * eventfd.  One that is reserved is allocated, with nothing behind it.
 */
#ifndef _MSHV_PORT_TABLE_H
#define _MSHV_PORT_TABLE_H

#include <linux/gfp.h>
#include <linux/types.h>
#include <linux/xarray.h>

/* Port numbers have 24 bits. */
#define PORT_ID_MAX	0xffffff

/**
 * struct port_table - what is behind the numbers
 * @ports: by number
 * @next: where the search for a free one begins
 */
struct port_table {
	struct xarray ports;
	u32 next;
};

#define PORT_TABLE_INIT(name)	{ .ports = XARRAY_INIT(name.ports, XA_FLAGS_ALLOC1) }

/* Returns 0 or a negative errno. */
static inline int port_table_add(struct port_table *table, void *what, u32 *port_id)
{
	int ret = xa_alloc_cyclic(&table->ports, port_id, what,
				  XA_LIMIT(1, PORT_ID_MAX), &table->next,
				  GFP_KERNEL_ACCOUNT);

	/* 1 tells that the numbers begin anew. */
	return ret < 0 ? ret : 0;
}

static inline void port_table_reserve(struct port_table *table, u32 port_id)
{
	/* Storing NULL keeps the entry reserved; it costs no memory. */
	xa_store(&table->ports, port_id, NULL, 0);
}

static inline void port_table_set(struct port_table *table, u32 port_id, void *what)
{
	xa_store(&table->ports, port_id, what, 0);
}

static inline void port_table_free(struct port_table *table, u32 port_id)
{
	xa_erase(&table->ports, port_id);
}

/* What is behind a number, or NULL. */
static inline void *port_table_find(struct port_table *table, u32 port_id)
{
	return xa_load(&table->ports, port_id);
}

#endif
