/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Nested page tables: GPA to SPA of one partition, four levels.
 *
 * Table pages come from the partition's pool (the root's from the reserve).
 * A mapping is 4 KiB or 2 MiB; the root's may be 1 GiB.  NO_ACCESS entries are
 * not present but remember that they are mapped (NPT_SOFT_MAPPED).
 * Every change is followed by lp_flush() by the caller.
 *
 * Tables for overlays.  A table that is made for an overlay, or by splitting a large
 * mapping for one, is on *loan*: a page that was reserved with the overlay.  Each
 * overlay has OVERLAY_TABLES tables above it, no more, so that its reserve is enough as
 * long as there is a set overlay below each table on loan.  That is kept so:
 *
 *  - a mapping that changes below such a table makes it an ordinary one; another page
 *    of the pool is reserved instead, for which a root can be asked;
 *  - when the last overlay below goes, the table is empty and is freed, or it is what
 *    was split, and one large mapping again.  Accessed and dirty bits of the small ones
 *    become those of the large one, which may say more than was touched.  An ordinary
 *    table is joined like that only while its partition is not asked for these bits.
 */
#ifndef _RV_NPT_H
#define _RV_NPT_H

#include <rv/base.h>

#define NPT_PRESENT	BIT_ULL(0)
#define NPT_WRITE	BIT_ULL(1)
#define NPT_USER	BIT_ULL(2)	/* always set: nested walks are user ones */
#define NPT_ACCESSED	BIT_ULL(5)
#define NPT_DIRTY	BIT_ULL(6)
#define NPT_LARGE	BIT_ULL(7)
#define NPT_SOFT_MAPPED	BIT_ULL(9)
#define NPT_SOFT_MMIO	BIT_ULL(10)	/* not counted in page_maps */
#define NPT_SOFT_HV	BIT_ULL(11)	/* overlay or lent page, not a GPA map */
#define NPT_SOFT_LOAN	BIT_ULL(52)	/* of a table: a reserved page */
#define NPT_NX		BIT_ULL(63)
#define NPT_ADDR	0x000ffffffffff000ull

struct partition;

/* The leaf entry for a GPA: its pointer and level (0: 4K, 1: 2M, 2: 1G). */
u64 *npt_leaf(struct partition *p, u64 gpn, int *level);

#define OVERLAY_TABLES	3

/* The slot for an overlay, with tables made of what is reserved for it; never NULL. */
u64 *npt_slot_overlay(struct partition *p, u64 gpn);

/* Is there an overlay in the 2 MiB block of a GPN? */
bool npt_overlay_in(struct partition *p, u64 gpn);

/* Whether anything is mapped in the 2 MiB block of a GPN. */
bool npt_any(struct partition *p, u64 gpn);

/*
 * The slot for a leaf at @level that is about to change, with tables made (and large
 * leaves above split) on the way.  NULL when the pool is empty.
 */
u64 *npt_slot(struct partition *p, u64 gpn, int level);

/* Drops a whole table subtree below the slot at @level (for large maps). */
void npt_free_below(struct partition *p, u64 *slot, int level);

/*
 * Frees the tables above a GPN that have become empty, and makes one large leaf of a
 * table that was split for a page and is whole again.
 */
void npt_tidy(struct partition *p, u64 gpn);

/*
 * Frees all tables, with a callback for each mapped leaf.  False when that was not all:
 * about @pages have been done.  Nobody may walk the tables any more.
 */
bool npt_free(struct partition *p, void (*leaf)(struct partition *p, u64 gpn, u64 entry,
						int level), u64 pages);

/* Is it mapped, be it without access (the entry is not present then)? */
bool npt_lookup(struct partition *p, u64 gpn, u64 *entry, int *level);

#endif
