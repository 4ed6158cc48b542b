/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hash tables of objects that others create as many of as they like.
 *
 * Model: a table has a bucket for each *place*, and never less than HASH_FIRST.  Who
 * adds an object makes room for it first, by which one bucket is split into two; that
 * is where a page of the partition's pool may be needed.  A look-up therefore passes
 * about one object, however many there are, and no step of growing takes longer than
 * another.
 *
 * Keys go through hash_key(), which depends on numbers that are chosen at boot: those
 * who choose what is looked up cannot choose what is in one bucket.
 *
 * A table that is all zeroes is empty.
 */
#ifndef _RV_HASH_H
#define _RV_HASH_H

#include <rv/base.h>

#define HASH_FIRST	64	/* buckets that stand in the table itself */
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
	struct hash_node ***pages;	/* a page of pages of buckets, for the rest */
};

/* The key for up to three numbers. */
u64 hash_key(u64 a, u64 b, u64 c);

/* One place more; false: no page in the pool, or HASH_MAX places.  And one less. */
bool hash_grow(struct partition *p, struct hash *h);
void hash_shrink(struct partition *p, struct hash *h);

void hash_add(struct hash *h, struct hash_node *node, u64 key);
void hash_del(struct hash *h, struct hash_node *node);

/* Forgets all objects and frees the pages. */
void hash_destroy(struct partition *p, struct hash *h);

/* The first with this key, or NULL; others have to be looked for with hash_next(). */
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
