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

/* The hypervisor's own bits, which all kinds of processor leave alone. */
#define NPT_SOFT_HV	BIT_ULL(10)	/* an overlay, which is present, not a GPA map */
#define NPT_SOFT_MAPPED	BIT_ULL(11)
#define NPT_SOFT_LOAN	BIT_ULL(52)	/* of a table: a reserved page */
#define NPT_SOFT_MMIO	BIT_ULL(53)	/* not counted in page_maps */
#define NPT_ADDR	0x000ffffffffff000ull

/* Rights of a leaf; without MAY_READ there are none. */
#define MAY_READ	BIT(0)
#define MAY_WRITE	BIT(1)
#define MAY_EXECUTE	BIT(2)
#define MAY_ALL		(MAY_READ | MAY_WRITE | MAY_EXECUTE)

/* Bits that all formats have in the same place: they are looked at for each page. */
#define NPT_CAN_READ	BIT_ULL(0)	/* in each entry that leads on, leaf or table */
#define NPT_CAN_WRITE	BIT_ULL(1)
#define NPT_IS_LARGE	BIT_ULL(7)	/* a leaf of more than 4 KiB */

/**
 * struct npt_format - what differs by the kind of processor
 * @rights: the bits of an entry with these rights, by MAY_*
 * @execute_mask: a leaf is executable if these bits
 * @execute: have these values
 * @accessed: set by the processor, or in its stead
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

/* Leads on to a page or a table; a leaf without access does not. */
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
