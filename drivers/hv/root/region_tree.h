/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tree of regions, by guest page.
 *
 * Model: regions are ranges of guest pages that do not overlap.  A region that is cut is
 * replaced by what is left of it in one step.
 *
 * A file that includes this must first define struct mshv_region with at least rb,
 * first, last, subtree_last and uaddr: the driver's has more fields, a test's does not.
 *
 * Locks: the caller's.
 */
#ifndef _MSHV_REGION_TREE_H
#define _MSHV_REGION_TREE_H

#include <linux/errno.h>
#include <linux/interval_tree_generic.h>
#include <linux/types.h>

#include <hyperv/hv_root.h>

#define REGION_START(r)	((r)->first)
#define REGION_LAST(r)	((r)->last)

INTERVAL_TREE_DEFINE(struct mshv_region, rb, u64, subtree_last, REGION_START,
		     REGION_LAST, static __maybe_unused, region_tree)

/* The region that has @gfn, or NULL. */
static inline struct mshv_region *region_tree_find(struct rb_root_cached *root,
						   u64 gfn)
{
	return region_tree_iter_first(root, gfn, gfn);
}

/* Returns -EEXIST if a page of it is taken. */
static inline int region_tree_add(struct rb_root_cached *root,
				  struct mshv_region *region)
{
	if (region_tree_iter_first(root, region->first, region->last))
		return -EEXIST;
	region_tree_insert(region, root);
	return 0;
}

/* Put the pieces where the region was; each of them may be NULL. */
static inline void region_tree_replace(struct rb_root_cached *root,
				       struct mshv_region *region,
				       struct mshv_region *left,
				       struct mshv_region *right)
{
	region_tree_remove(region, root);
	if (left)
		region_tree_insert(left, root);
	if (right)
		region_tree_insert(right, root);
}

/* Where the process has a page of the region. */
static inline u64 region_uaddr(const struct mshv_region *region, u64 gfn)
{
	return region->uaddr + ((gfn - region->first) << HV_HYP_PAGE_SHIFT);
}

#endif
