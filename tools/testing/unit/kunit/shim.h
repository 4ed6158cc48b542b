/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The little of the kernel that its pure code uses, for a program on this machine.
 *
 * The headers in linux/ all lead here.  Where the kernel has a data structure, this has
 * the simplest one with the same functions: what is tested is the code that uses it.
 */
#ifndef _UNIT_SHIM_H
#define _UNIT_SHIM_H

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/types.h>

#include "array.h"

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;
typedef struct { long counter; } atomic_long_t;
typedef struct { s64 counter; } atomic64_t;

struct mutex { int unused; };
typedef struct { int unused; } raw_spinlock_t;
struct work_struct { int unused; };
struct rcu_head { int unused; };

#define __maybe_unused		__attribute__((unused))
#define __user
#define fallthrough		__attribute__((fallthrough))
#define U32_MAX			UINT32_MAX
#define GFP_KERNEL		0
#define GFP_KERNEL_ACCOUNT	0

/* --- numbers ------------------------------------------------------------------- */

#define BITS_PER_LONG		64
#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK(high, low)	((~0UL << (low)) & (~0UL >> (63 - (high))))
#define FIELD_GET(mask, value)	(((value) & (mask)) >> __builtin_ctzl(mask))
#define IS_ALIGNED(x, a)	(!((x) & ((a) - 1)))
#define array_index_nospec(index, size)	((void)(size), (index))
#define check_add_overflow(a, b, d)	__builtin_add_overflow(a, b, d)

#define min_t(type, a, b)	((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define max_t(type, a, b)	((type)(a) > (type)(b) ? (type)(a) : (type)(b))
#define clamp_t(type, v, lo, hi)	min_t(type, max_t(type, v, lo), hi)
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))

static inline unsigned int ilog2(unsigned long n)
{
	return 8 * sizeof(n) - 1 - __builtin_clzl(n);
}

static inline unsigned int order_base_2(unsigned long n)
{
	unsigned int order = 0;

	while (1UL << order < n)
		order++;
	return order;
}

static inline void *memchr_inv(const void *start, int c, size_t size)
{
	const u8 *p = start;

	for (; size; size--, p++)
		if (*p != (u8)c)
			return (void *)p;
	return NULL;
}

/* --- memory ---------------------------------------------------------------------- */

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))
#define cond_resched()		do { } while (0)
#define might_fault()		do { } while (0)

static inline void atomic_long_or(long mask, atomic_long_t *v)
{
	v->counter |= mask;
}

/* One thread, so nothing has to be locked, and nothing is still being read. */
#define __rcu
#define mutex_init(lock)	((void)(lock))
#define mutex_lock(lock)	((void)(lock))
#define mutex_unlock(lock)	((void)(lock))
#define lockdep_is_held(lock)	((void)(lock), true)
#define rcu_read_lock()		do { } while (0)
#define rcu_read_unlock()	do { } while (0)
#define rcu_dereference(p)	(p)
#define rcu_dereference_protected(p, held)	((void)(held), (p))
#define rcu_assign_pointer(p, v)	((p) = (v))
#define RCU_INIT_POINTER(p, v)	((p) = (v))

#define struct_size(p, member, n)	(sizeof(*(p)) + (n) * sizeof(*(p)->member))
#define kvzalloc(size, gfp)	((void)(gfp), calloc(1, size))
#define kvfree(p)		free(p)
#define kvfree_rcu(p, member)	free(p)

/* --- bitmaps ------------------------------------------------------------------------- */

#define BIT_WORD(n)		((n) / BITS_PER_LONG)
#define BITS_TO_LONGS(n)	(((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits)	unsigned long name[BITS_TO_LONGS(bits)]
#define BITMAP_FIRST_WORD_MASK(start)	(~0UL << ((start) & (BITS_PER_LONG - 1)))
#define BITMAP_LAST_WORD_MASK(nbits)	(~0UL >> (-(nbits) & (BITS_PER_LONG - 1)))

static inline bool test_bit(unsigned long bit, const unsigned long *map)
{
	return map[BIT_WORD(bit)] >> (bit % BITS_PER_LONG) & 1;
}

static inline void clear_bit(unsigned long bit, unsigned long *map)
{
	map[BIT_WORD(bit)] &= ~BIT(bit % BITS_PER_LONG);
}

static inline bool __test_and_set_bit(unsigned long bit, unsigned long *map)
{
	bool old = test_bit(bit, map);

	map[BIT_WORD(bit)] |= BIT(bit % BITS_PER_LONG);
	return old;
}

static inline unsigned long find_next_bit(const unsigned long *map, unsigned long size,
					  unsigned long bit)
{
	while (bit < size && !test_bit(bit, map))
		bit++;
	return bit;
}

#define for_each_set_bit_from(bit, map, size)					\
	for ((bit) = find_next_bit(map, size, bit); (bit) < (size);		\
	     (bit) = find_next_bit(map, size, (bit) + 1))

/* --- trees: a list of nodes in order ---------------------------------------------------- */

struct rb_node {
	struct rb_node *next;
};

struct rb_root_cached {
	struct rb_node *first;
};

#define RB_ROOT_CACHED		(struct rb_root_cached) { }
#define container_of(ptr, type, member)	\
	((type *)((char *)(ptr) - offsetof(type, member)))

#define INTERVAL_TREE_DEFINE(type, node, key, subtree, START, LAST, linkage, prefix)	\
linkage void prefix##_insert(type *item, struct rb_root_cached *root)			\
{											\
	struct rb_node **at = &root->first;						\
											\
	while (*at && START(container_of(*at, type, node)) < START(item))		\
		at = &(*at)->next;							\
	(item)->node.next = *at;							\
	*at = &(item)->node;								\
}											\
											\
linkage void prefix##_remove(type *item, struct rb_root_cached *root)			\
{											\
	struct rb_node **at = &root->first;						\
											\
	while (*at != &(item)->node)							\
		at = &(*at)->next;							\
	*at = (item)->node.next;							\
}											\
											\
static inline type *prefix##_from(struct rb_node *at, key first, key last)		\
{											\
	for (; at; at = at->next) {							\
		type *item = container_of(at, type, node);				\
											\
		if (START(item) <= last && first <= LAST(item))				\
			return item;							\
	}										\
	return NULL;									\
}											\
											\
linkage type *prefix##_iter_first(struct rb_root_cached *root, key first, key last)	\
{											\
	return prefix##_from(root->first, first, last);					\
}											\
											\
linkage type *prefix##_iter_next(type *item, key first, key last)			\
{											\
	return prefix##_from((item)->node.next, first, last);				\
}

#endif
