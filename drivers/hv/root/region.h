/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest memory: which host memory backs which guest pages.
 *
 * Model: the guest physical address space of a partition is an ordered tree of
 * regions that do not overlap.  A region is a range of a process's address space;
 * its type decides when its pages are mapped:
 *   pinned	all at once, and they stay;
 *   movable	when the guest touches them, until the kernel reclaims them.
 *
 * Words: a gfn is a guest page number, a "block" the 512 pages that one large
 * mapping of the hypervisor covers.
 *
 * A region is in the tree from before its first page is mapped until after its last
 * one is unmapped, so that an access of the guest always finds its region.  While
 * the memory map is being changed the regions concerned are "in transit", and what
 * needs them waits for partition->mem_lock.
 */
#ifndef _MSHV_REGION_H
#define _MSHV_REGION_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/rwsem.h>
#include <linux/types.h>

#include <hyperv/hv_root.h>

#include "user_region.h"

struct mshv_partition;
struct mshv_parting;
struct mshv_pins;
struct mshv_region;
struct hv_input_map_gpa_pages;

#define MSHV_BLOCK_PAGES	HV_HYP_PAGES_PER_LARGE_PAGE

/**
 * struct mshv_space - the guest physical address space of a partition
 * @lock: protects the tree
 * @regions: regions by gfn
 * @inserted: counts insertions into the tree
 * @taken: counts unmappings, also of pages that were not mapped
 * @tracked: access tracking is on; changed under
 *	partition->mem_lock
 */
struct mshv_space {
	struct rw_semaphore lock; /* see above */
	struct rb_root_cached regions;
	unsigned long inserted;
	atomic_t taken;
	bool tracked;
};

enum mshv_region_state {
	MSHV_REGION_TRANSIT,
	MSHV_REGION_LIVE,
	MSHV_REGION_DEAD,
};

/**
 * struct mshv_region_ops - what a type of region does
 * @map: called once when the region is new, in transit
 * @fault: make a page accessible if the guest may access it, with @pfns, a page of
 *	scratch memory; 1: done, 0: left to the VMM, -EAGAIN: look
 *	the region up again
 * @unmap: unmap the pages from @first to @last
 * @carve: move part of the backing to the new, smaller region @piece
 * @drop: @region was carved but will not be used; undo that
 * @shrink: @region has been removed from the tree and its other parts are in pieces;
 *	free the backing from @first to @last
 * @release: free the backing; nothing of it is mapped any more
 */
struct mshv_region_ops {
	int (*map)(struct mshv_region *region);
	int (*fault)(struct mshv_region *region, u64 gfn, u8 access,
		     unsigned long *pfns);
	int (*unmap)(struct mshv_region *region, u64 first, u64 last);
	int (*carve)(struct mshv_region *region, struct mshv_region *piece);
	void (*drop)(struct mshv_region *region);
	void (*shrink)(struct mshv_region *region, u64 first, u64 last);
	void (*release)(struct mshv_region *region);
};

/**
 * struct mshv_region - guest pages with a common backing
 * @rb: in the tree
 * @first: first gfn
 * @last: last gfn
 * @subtree_last: for the tree
 * @ref: held by the tree and by users of the region
 * @state: changed under partition->mem_lock and the lock of @partition's tree
 * @partition: the partition
 * @ops: type
 * @lock: protects @list and the mappings of a movable region
 * @list: input page for calls about these pages
 * @uaddr: user address of @first
 * @map_flags: rights of the guest
 * @mm: address space of @uaddr, its structure held
 * @gone_accessed: pages that were accessed through a mapping that was removed, see track.c
 * @gone_dirty: pages that were written through a mapping that was removed
 * @pins: pinned: the pages
 * @parting: pinned: watches the pages of the process, or NULL
 * @device: movable: a mapping without pages, of a device
 * @armed: movable: @notifier is in place
 * @notifier: movable: called when the kernel changes the process's pages
 * @mapped: movable: blocks of which something may be mapped
 * @large: movable: of these, the ones that are mapped as a whole
 * @gone_first: movable: first page of what was unmapped last
 * @gone_nr: movable: how many pages, 0 if something has been mapped since
 * @retired: movable: the blocks are those of pieces now, or unmapped
 */
struct mshv_region {
	struct rb_node rb;
	u64 first;
	u64 last;
	u64 subtree_last;
	struct kref ref;
	enum mshv_region_state state;
	struct mshv_partition *partition;
	const struct mshv_region_ops *ops;
	struct mutex lock; /* see above */
	void *list;
	u64 uaddr;
	u32 map_flags;
	struct mm_struct *mm;
	unsigned long *gone_accessed;
	unsigned long *gone_dirty;
	struct mshv_pins *pins;
	struct mshv_parting *parting;
	bool device;
	bool armed;
	struct mmu_interval_notifier notifier;
	unsigned long *mapped;
	unsigned long *large;
	u64 gone_first;
	u64 gone_nr;
	bool retired;
};

static inline u64 mshv_region_pages(const struct mshv_region *region)
{
	return region->last - region->first + 1;
}

/* region.c */
struct mshv_region *mshv_region_alloc(struct mshv_partition *partition);
void mshv_region_put(struct mshv_region *region);
struct mshv_region *mshv_region_find(struct mshv_space *space, u64 gfn,
				     enum mshv_region_state *state);
void mshv_region_set_state(struct mshv_region *region, enum mshv_region_state state);
int mshv_region_insert(struct mshv_region *region);
void mshv_region_remove(struct mshv_region *region);
void mshv_region_replace(struct mshv_region *region, struct mshv_region *left,
			 struct mshv_region *right);
void mshv_space_init(struct mshv_space *space);
void mshv_space_exit(struct mshv_space *space);
void mshv_space_release(struct mshv_partition *partition);
int mshv_space_fault(struct mshv_partition *partition, u64 gfn, u8 access,
		     unsigned long *pfns);
int mshv_space_read(struct mshv_partition *partition, u64 gpa, void *data,
		    size_t size);
void mshv_space_for_each(struct mshv_space *space, u64 first, u64 last,
			 void (*visit)(struct mshv_region *region, u64 first,
				       u64 last, void *arg),
			 void *arg);

/* region_set.c */
bool mshv_regions_movable(void);
long mshv_set_guest_memory(void *object, void *arg, void __user *uarg);

/* track.c */
int mshv_track_start(struct mshv_partition *partition);
void mshv_track_stop(struct mshv_partition *partition);
int mshv_track_region(struct mshv_region *region);
void mshv_track_free(struct mshv_region *region);
void mshv_track_mark_gone(struct mshv_region *region, u64 gfn, u64 nr, bool writable);
void mshv_track_inherit(struct mshv_region *region, struct mshv_region *piece);
void mshv_track_states(struct mshv_partition *partition, u64 gfn,
		       unsigned int nr, u64 flags, u8 *states);

/* Mark pages whose mappings are or were removed, if that is noted at all. */
static inline void mshv_track_gone(struct mshv_region *region, u64 gfn, u64 nr,
				   bool writable)
{
	if (READ_ONCE(region->gone_accessed))
		mshv_track_mark_gone(region, gfn, nr, writable);
}

/* region_movable.c */
extern const struct mshv_region_ops mshv_region_movable;

/* fault.c */
int mshv_fault_in(struct mm_struct *mm, unsigned long address, bool write);

/* region_mmio.c */
struct hmm_range;
int mshv_mmio_find_pages(struct hmm_range *range, unsigned int at,
			 bool write);

/* region_pinned.c */
extern const struct mshv_region_ops mshv_region_pinned;
unsigned int mshv_pinned_differ(struct mshv_region *region, u64 gfn, unsigned int nr,
				const unsigned long *pfns);

/* region_parted.c */
int mshv_parting_begin(struct mshv_region *region);
void mshv_parting_end(struct mshv_region *region);
u64 mshv_parted_pages(void);

/* map.c */

/**
 * struct mshv_batch - guest pages that are to be mapped with one call
 * @partition: the partition
 * @in: the call's input
 * @flags: rights
 * @gfn: first page
 * @nr: elements in the list
 * @done: of these, mapped already
 * @large: an element is a block
 */
struct mshv_batch {
	struct mshv_partition *partition;
	struct hv_input_map_gpa_pages *in;
	u32 flags;
	u64 gfn;
	unsigned int nr;
	unsigned int done;
	bool large;
};

/**
 * enum mshv_unmap - what may happen while pages are unmapped
 * @MSHV_UNMAP_ATOMIC: nothing; the caller is freeing memory and must not sleep
 * @MSHV_UNMAP_SLEEPS: may reschedule
 * @MSHV_UNMAP_KILLABLE: and a fatal signal may end it halfway
 * @MSHV_UNMAP_DEPOSITS: may reschedule and deposit; no
 *	notifier takes region->lock
 * @MSHV_UNMAP_DEPOSITS_KILLABLE: all of that
 */
enum mshv_unmap {
	MSHV_UNMAP_ATOMIC,
	MSHV_UNMAP_SLEEPS,
	MSHV_UNMAP_KILLABLE,
	MSHV_UNMAP_DEPOSITS,
	MSHV_UNMAP_DEPOSITS_KILLABLE,
};

void mshv_batch_init(struct mshv_batch *batch, struct mshv_region *region);
bool mshv_fits_block(struct mshv_partition *partition, u64 gfn, u64 pfn,
		     u64 nr);
unsigned int mshv_batch_add(struct mshv_batch *batch, u64 gfn, u64 pfn, u64 nr);
u64 mshv_batch_flush(struct mshv_batch *batch);
int mshv_batch_flush_deposit(struct mshv_batch *batch);
int mshv_unmap_pages(struct mshv_region *region, u64 gfn, u64 nr, bool large,
		     enum mshv_unmap how);

#endif
