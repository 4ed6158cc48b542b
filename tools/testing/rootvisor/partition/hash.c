// SPDX-License-Identifier: GPL-2.0
/*
 * Hash tables that grow by one bucket at a time (linear hashing); see rv/hash.h.
 *
 * With n buckets, and 2^k the least power of two that is not below n, an object is in
 * the bucket given by the low k bits of its key or, if that does not exist yet, by the
 * low k - 1 bits.  So a new bucket gets its objects from just one other.
 */
#include <rv/hash.h>
#include <rv/partition.h>
#include <rv/unit.h>
#include <rv/x86.h>

#define SCATTER		0x2545f4914f6cdd1dull	/* any odd number without a pattern */
#define NR_SECRETS	4

static u64 secrets[NR_SECRETS] = { SCATTER, SCATTER, SCATTER, SCATTER };

static u64 scatter(u64 x, u64 odd)
{
	x *= odd;
	x ^= x >> 32;
	x *= SCATTER;
	return x ^ x >> 29;
}

/* Random: depends on when the machine was switched on. */
static void choose_secrets(void)
{
	u32 i;

	for (i = 0; i < NR_SECRETS; i++)
		secrets[i] = scatter(secrets[i] ^ rdtsc(), secrets[(i + 1) % NR_SECRETS]) | 1;
}

INIT_UNIT(choose_secrets);

u64 hash_key(u64 a, u64 b, u64 c)
{
	u64 x = secrets[0];

	x = scatter(x ^ a, secrets[1]);
	x = scatter(x ^ b, secrets[2]);
	return scatter(x ^ c, secrets[3]);
}

static u32 nr_buckets(const struct hash *h)
{
	return MAX(h->places, (u32)HASH_FIRST);
}

static struct hash_node **bucket(const struct hash *h, u32 n)
{
	if (n < HASH_FIRST)
		return (struct hash_node **)&h->first[n];
	n -= HASH_FIRST;
	return &h->pages[n / HASH_PER_PAGE][n % HASH_PER_PAGE];
}

static struct hash_node **bucket_of(const struct hash *h, u64 key)
{
	u32 n = nr_buckets(h), mask = ~0u >> __builtin_clz(n - 1);
	u32 at = key & mask;

	return bucket(h, at < n ? at : at & (mask >> 1));
}

/* The page for a new bucket, if it is the first one there. */
static bool make_page(struct partition *p, struct hash *h, u32 n)
{
	n -= HASH_FIRST;
	if (n % HASH_PER_PAGE)
		return true;
	if (!n) {
		h->pages = pool_alloc(p);
		if (!h->pages)
			return false;
	}
	h->pages[n / HASH_PER_PAGE] = pool_alloc(p);
	if (h->pages[n / HASH_PER_PAGE])
		return true;
	if (!n) {
		pool_free(p, h->pages);
		h->pages = NULL;
	}
	return false;
}

static void free_page(struct partition *p, struct hash *h, u32 n)
{
	n -= HASH_FIRST;
	if (n % HASH_PER_PAGE)
		return;
	pool_free(p, h->pages[n / HASH_PER_PAGE]);
	if (!n) {
		pool_free(p, h->pages);
		h->pages = NULL;
	}
}

/* Moves the objects of a bucket to where they belong now. */
static void settle(struct hash *h, struct hash_node *node)
{
	while (node) {
		struct hash_node *next = node->next;

		hash_add(h, node, node->key);
		node = next;
	}
}

/* The bucket that is split to make bucket @n, the last one. */
static u32 partner(u32 n)
{
	return n & (~0u >> __builtin_clz(n) >> 1);
}

bool hash_grow(struct partition *p, struct hash *h)
{
	struct hash_node **from, *node;
	u32 n = h->places;

	if (n < HASH_FIRST) {
		h->places++;
		return true;
	}
	if (n == HASH_MAX || !make_page(p, h, n))
		return false;
	from = bucket(h, partner(n));
	node = *from;
	*from = NULL;
	h->places++;
	settle(h, node);
	return true;
}

void hash_shrink(struct partition *p, struct hash *h)
{
	struct hash_node **last, *node;
	u32 n = --h->places;

	if (n < HASH_FIRST)
		return;
	last = bucket(h, n);
	node = *last;
	*last = NULL;
	settle(h, node);
	free_page(p, h, n);
}

void hash_add(struct hash *h, struct hash_node *node, u64 key)
{
	struct hash_node **at = bucket_of(h, key);

	node->key = key;
	node->next = *at;
	*at = node;
}

void hash_del(struct hash *h, struct hash_node *node)
{
	struct hash_node **at;

	for (at = bucket_of(h, node->key); *at != node; at = &(*at)->next)
		;
	*at = node->next;
	node->next = NULL;
}

struct hash_node *hash_find(const struct hash *h, u64 key)
{
	struct hash_node *node = *bucket_of(h, key);

	while (node && node->key != key)
		node = node->next;
	return node;
}

void hash_destroy(struct partition *p, struct hash *h)
{
	u32 n;

	memset(h->first, 0, sizeof(h->first));
	for (n = 0; h->pages && n < HASH_PER_PAGE; n++)
		pool_free(p, h->pages[n]);
	pool_free(p, h->pages);
	h->pages = NULL;
	h->places = 0;
}
