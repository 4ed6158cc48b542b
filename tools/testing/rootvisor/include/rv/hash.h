/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hash tables for objects whose number guests and VMMs control.
 *
 * Model: a table has a bucket for each *place*, at least HASH_FIRST.  hash_grow()
 * makes room before an object is added, by splitting one bucket in two; this may take
 * a page of the partition's pool.  So a look-up examines about one object, however
 * many there are, and each step of growth takes the same time.
 *
 * Keys are made by hash_key() from random numbers chosen at boot, so that collisions
 * cannot be provoked.
 *
 * A table that is all zeroes is empty.
 */
#ifndef _RV_HASH_H
#define _RV_HASH_H

#include <rv/base.h>

#define HASH_FIRST	64	/* buckets in the table itself */
#define HASH_PER_PAGE	512
#define HASH_MAX	(HASH_FIRST + HASH_PER_PAGE * HASH_PER_PAGE)

struct partition;

struct hash_node {
	struct hash_node *next;
	u64 key;
};

struct hash {
	u32 places;
	struct hash_node *first[HASH_FIRST];
	struct hash_node ***pages;	/* page of pointers to pages of further buckets */
};

/* A key made of up to three numbers. */
u64 hash_key(u64 a, u64 b, u64 c);

/* Adds a place; false: no page in the pool, or HASH_MAX places.  Removes one. */
bool hash_grow(struct partition *p, struct hash *h);
void hash_shrink(struct partition *p, struct hash *h);

void hash_add(struct hash *h, struct hash_node *node, u64 key);
void hash_del(struct hash *h, struct hash_node *node);

/* Forgets all objects and frees the pages. */
void hash_destroy(struct partition *p, struct hash *h);

/* The first object with this key, or NULL; hash_next() finds the others. */
struct hash_node *hash_find(const struct hash *h, u64 key);

static inline struct hash_node *hash_next(const struct hash_node *node)
{
	u64 key = node->key;

	for (node = node->next; node && node->key != key; node = node->next)
		;
	return (struct hash_node *)node;
}

#define HASH_FOR_EACH(node, h, key)					\
	for (struct hash_node *node = hash_find(h, key); node; node = hash_next(node))

#endif
