/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Nested page tables: map the GPAs of a partition to SPAs, four levels.
 *
 * Table pages come from the partition's pool (the root's from the reserve).
 * Mappings are 4 KiB or 2 MiB; the root's may be 1 GiB.  NO_ACCESS entries are not
 * present, but marked as mapped (NPT_SOFT_MAPPED).  The caller calls lp_flush() after
 * every change.
 *
 * Tables for overlays.  A table that is allocated for an overlay, or by splitting a
 * large mapping for one, is *borrowed*: a page reserved with the overlay.  An overlay
 * has at most OVERLAY_TABLES tables above it, so that its reserve is sufficient as long
 * as there is a set overlay below each borrowed table.  These rules ensure it:
 *
 *  - a mapping that changes below such a table makes it an ordinary one; another page
 *    of the pool is reserved instead, for which the root can be asked;
 *  - when the last overlay below is cleared, the table is either empty, and freed, or
 *    was split, and becomes one large mapping again.  Its accessed and dirty bits are
 *    those of all small ones together, which may be too many.  An ordinary table is
 *    joined like that only while access tracking is off for its partition.
 */
#ifndef _RV_NPT_H
#define _RV_NPT_H

#include <rv/base.h>

/* Software bits, which all kinds of processor ignore. */
#define NPT_SOFT_HV	BIT_ULL(10)	/* an overlay: present, but not a GPA mapping */
#define NPT_SOFT_MAPPED	BIT_ULL(11)
#define NPT_SOFT_BORROWED	BIT_ULL(52)	/* of a table: a reserved page */
#define NPT_SOFT_MMIO	BIT_ULL(53)	/* not counted in page_maps */
#define NPT_ADDR	0x000ffffffffff000ull

/* Rights of a leaf; without MAY_READ there are none. */
#define MAY_READ	BIT(0)
#define MAY_WRITE	BIT(1)
#define MAY_EXECUTE	BIT(2)
#define MAY_ALL		(MAY_READ | MAY_WRITE | MAY_EXECUTE)

/* Bits that all formats have in the same place, for speed. */
#define NPT_CAN_READ	BIT_ULL(0)	/* in each present entry, leaf or table */
#define NPT_CAN_WRITE	BIT_ULL(1)
#define NPT_IS_LARGE	BIT_ULL(7)	/* a leaf of more than 4 KiB */

/**
 * struct npt_format - what depends on the kind of processor
 * @rights: bits of an entry with these rights, indexed by MAY_*
 * @execute_mask: a leaf is executable if the bits of this mask
 * @execute: have this value
 * @accessed: set by the processor, or on its behalf
 * @dirty: likewise
 */
struct npt_format {
	u64 rights[MAY_ALL + 1];
	u64 execute_mask, execute, accessed, dirty;
};

extern struct npt_format npt_format;

static inline u64 npt_rights(u32 rights)
{
	return npt_format.rights[rights];
}

/* Present: refers to a page or a table; a leaf without access does not. */
static inline bool npt_present(u64 entry)
{
	return entry & NPT_CAN_READ;
}

/* Present, or mapped without access. */
static inline bool npt_used(u64 entry)
{
	return entry & (NPT_CAN_READ | NPT_SOFT_MAPPED);
}

static inline bool npt_writable(u64 entry)
{
	return entry & NPT_CAN_WRITE;
}

static inline bool npt_executable(u64 entry)
{
	return (entry & npt_format.execute_mask) == npt_format.execute;
}

static inline bool npt_large(u64 entry)
{
	return entry & NPT_IS_LARGE;
}

static inline u64 npt_touched(void)
{
	return npt_format.accessed | npt_format.dirty;
}

struct partition;

/* The leaf entry for a GPA: its pointer and level (0: 4K, 1: 2M, 2: 1G). */
u64 *npt_leaf(struct partition *p, u64 gpn, int *level);

#define OVERLAY_TABLES	3

/* The slot for an overlay, with tables from its reserve; never NULL. */
u64 *npt_slot_overlay(struct partition *p, u64 gpn);

/* Is there an overlay in the 2 MiB block of a GPN? */
bool npt_overlay_in(struct partition *p, u64 gpn);

/* Is anything mapped in the 2 MiB block of a GPN? */
bool npt_any(struct partition *p, u64 gpn);

/*
 * The slot for a leaf at @level that is about to change.  Allocates tables, and splits
 * large leaves above it.  NULL if the pool is empty.
 */
u64 *npt_slot(struct partition *p, u64 gpn, int level);

/* Frees the tables below the slot at @level, to map a large page there. */
void npt_free_below(struct partition *p, u64 *slot, int level);

/*
 * Frees the tables above a GPN that have become empty, and joins a table that was split
 * for an overlay and is uniform again into one large leaf.
 */
void npt_tidy(struct partition *p, u64 gpn);

/*
 * Frees all tables, with a callback for each mapped leaf.  False if this is not
 * complete: it stops after about @pages.  The tables must not be in use any more.
 */
bool npt_free(struct partition *p, void (*leaf)(struct partition *p, u64 gpn, u64 entry,
						int level), u64 pages);

/* Is it mapped, possibly without access (then the entry is not present)? */
bool npt_lookup(struct partition *p, u64 gpn, u64 *entry, int *level);

#endif
