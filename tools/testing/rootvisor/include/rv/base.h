/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every file of rootvisor may use: fixed-width types, the few library
 * functions a compiler expects, and ordering helpers.
 *
 * Model: virtual addresses below 512 GiB equal physical ones, always.  pa_ptr()
 * turns a physical address into a pointer, ptr_pa() a pointer into a physical
 * address.
 */
#ifndef _RV_BASE_H
#define _RV_BASE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdarg.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;

#define PAGE_SHIFT		12
#define PAGE_SIZE		4096ull
#define PAGE_MASK		(~(PAGE_SIZE - 1))
#define LARGE_PAGES		512ull	/* 4 KiB pages in a 2 MiB one */
#define PA_LIMIT		(512ull << 30)	/* what pa_ptr() reaches */

#define BIT(n)			(1u << (n))
#define BIT_ULL(n)		(1ull << (n))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
/* Arguments are evaluated twice. */
#define MIN(a, b)		((a) < (b) ? (a) : (b))
#define MAX(a, b)		((a) > (b) ? (a) : (b))
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define static_assert		_Static_assert
#define __noreturn		__attribute__((noreturn))
#ifndef __packed
#define __packed		__attribute__((__packed__))
#endif
#ifndef __aligned
#define __aligned(n)		__attribute__((aligned(n)))
#endif
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#define __unused		__attribute__((unused))
/* For the rare part of a function: the other part then saves no registers for it. */
#ifndef __noinline
#define __noinline		__attribute__((noinline))
#endif

/* Before a loop with a constant number of iterations, whose index becomes a constant. */
#define UNROLL(n)		_Pragma(UNROLL_TEXT(GCC unroll n))
#define UNROLL_TEXT(x)		#x

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))
#define barrier()		__asm__ __volatile__("" ::: "memory")
#define smp_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strncmp(const char *a, const char *b, size_t n);

static inline void *pa_ptr(u64 pa)
{
	return (void *)pa;
}

static inline u64 ptr_pa(const void *p)
{
	return (u64)p;
}

/* Unaligned reads, for headers and tables. */
static inline u16 get16(const u8 *b, u32 at)
{
	u16 v;

	memcpy(&v, b + at, sizeof(v));
	return v;
}

static inline u32 get32(const u8 *b, u32 at)
{
	u32 v;

	memcpy(&v, b + at, sizeof(v));
	return v;
}

static inline u64 get64(const u8 *b, u32 at)
{
	u64 v;

	memcpy(&v, b + at, sizeof(v));
	return v;
}

static inline u64 mul_div(u64 a, u64 b, u64 c)
{
	u64 lo, hi;

	/* The quotient must fit in 64 bits; callers convert clock units. */
	__asm__("mulq %3\n\tdivq %4" : "=&a"(lo), "=&d"(hi)
		: "0"(a), "rm"(b), "rm"(c) : "cc");
	return lo;
}

static inline u64 mul_hi(u64 a, u64 b)
{
	return (u64)(((__uint128_t)a * b) >> 64);
}

#endif
