/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page tables that remapping hardware reads: IOVAs to physical pages, four levels.
 *
 * Model: level 0 maps 4 KiB, 1 and 2 map 2 MiB and 1 GiB.  A large leaf is split when a
 * page below it changes, and a table that is uniform again is joined.  The format is that
 * of VT-d's second level.
 *
 * Hardware that has read an entry may use it until it is flushed, also one that refers to
 * a table.  So iopt_settle() ends every change: it flushes what was in use, and only then
 * are tables freed that are no longer referred to.
 */
#ifndef _RV_IOPT_H
#define _RV_IOPT_H

#include <rv/base.h>

#define IOPT_READ		BIT_ULL(0)
#define IOPT_WRITE		BIT_ULL(1)
#define IOPT_LARGE		BIT_ULL(7)
#define IOPT_RIGHTS		(IOPT_READ | IOPT_WRITE)
#define IOPT_ADDR		0x000ffffffffff000ull

#define IOPT_4K			0
#define IOPT_2M			1
#define IOPT_1G			2
#define IOPT_LEVELS		4

#define IOPT_MAX_UNLINKED	16

struct iopt;

/**
 * struct iopt_ops - what tables are made of, and who reads them
 * @alloc: a zeroed page, or NULL
 * @free: frees it
 * @flush: returns when no translation of these pages, or from a table that was in between,
 *	   is in use
 * @write_back: something that the hardware reads was written
 */
struct iopt_ops {
	void *(*alloc)(struct iopt *t);
	void (*free)(struct iopt *t, void *table);
	void (*flush)(struct iopt *t, u64 first, u64 last);
	void (*write_back)(const void *at, u32 bytes);
};

/**
 * struct iopt - the tables of one address space
 * @ops: see there
 * @largest: level of the largest leaf, IOPT_4K: nothing is joined
 * @top: NULL until something is mapped
 * @nr_tables: pages in use for tables
 * @nr_pages: 4 KiB pages that are mapped
 * @nr_joined: how often a table was joined
 * @stale: something has to be flushed
 * @first: the first page of which an entry has changed that was in use
 * @last: the last
 * @unlinked: tables that are free after the flush
 * @nr_unlinked: how many
 */
struct iopt {
	const struct iopt_ops *ops;
	int largest;
	u64 *top;
	u32 nr_tables;
	u64 nr_pages, nr_joined;
	bool stale;
	u64 first, last;
	void *unlinked[IOPT_MAX_UNLINKED];
	u32 nr_unlinked;
};

enum iopt_result {
	IOPT_DONE,
	IOPT_EXISTS,		/* something is mapped there */
	IOPT_NO_TABLE,		/* no page for a table */
};

/* Makes the top table, which the hardware needs even if it is empty. */
bool iopt_make(struct iopt *t);

/*
 * Maps a page: the entry is its address and IOPT_READ or IOPT_WRITE.  If @old is not NULL,
 * what is mapped there is replaced, and returned (0: nothing was).
 */
enum iopt_result iopt_map(struct iopt *t, u64 at, u64 entry, u64 *old);

/* Maps [first, end) one to one, in leaves as large as possible; nothing is mapped there. */
bool iopt_map_same(struct iopt *t, u64 first, u64 end, u64 rights);

/* Unmaps a page; *old: its entry, 0 if it was not mapped.  False: no page for a table. */
bool iopt_unmap(struct iopt *t, u64 at, u64 *old);

/* The entry for a page, 0 if it is not mapped. */
u64 iopt_lookup(const struct iopt *t, u64 at);

void iopt_settle(struct iopt *t);

/*
 * Frees all tables of an address space that no hardware uses, with a call for each leaf.
 * False: more than about @pages are mapped, call it again.
 */
bool iopt_free(struct iopt *t, void (*leaf)(u64 entry, u64 pages), u64 pages);

#endif
