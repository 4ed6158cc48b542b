// SPDX-License-Identifier: GPL-2.0
/*
 * The record of what is mapped in a domain: a page for each page of IOVAs.
 *
 * Model: an xarray of page numbers, indexed by the number of the page of IOVAs.  What
 * decides is that unmapping must never allocate, that any part of what was mapped at once
 * can be unmapped, and that IOVAs are looked up without a lock.  A tree of ranges would be
 * smaller, but has to be split.  This one has 9 bytes for each page, and frees what is
 * empty.
 *
 * Where nothing may sleep pages come one by one, and the hypervisor takes many at once.
 * So they are only recorded, as "pending", and are settled when all are there.
 *
 * The core promises that no page is mapped or unmapped twice at a time.  A record's own lock
 * is for its nodes, which neighbours share.
 */
#include <linux/xarray.h>

#include "record.h"

/**
 * hv_iommu_record_init() - an empty record
 * @record: the record
 */
void hv_iommu_record_init(struct xarray *record)
{
	xa_init_flags(record, XA_FLAGS_LOCK_IRQ);
}

static void *record_entry(u64 pfn, unsigned int page_flags)
{
	return xa_mk_value(pfn << HV_IOMMU_FLAGS_BITS | page_flags);
}

static u64 record_pfn(void *entry)
{
	return xa_to_value(entry) >> HV_IOMMU_FLAGS_BITS;
}

static unsigned int record_flags(void *entry)
{
	return xa_to_value(entry) & HV_IOMMU_FLAGS;
}

/* Store what fits without memory; a page that is there already is an error. */
static int record_store(struct xa_state *xas, u64 pfn, unsigned int nr,
			unsigned int page_flags, unsigned int *done)
{
	void *old;

	for (;;) {
		old = xas_store(xas, record_entry(pfn + *done, page_flags));
		if (xas_error(xas))
			return 0;
		if (old) {
			xas_store(xas, old);
			return -EADDRINUSE;
		}
		if (++*done == nr)
			return 0;
		xas_next(xas);
	}
}

/**
 * hv_iommu_record_add() - record pages
 * @record: the record
 * @index: number of the first page of IOVAs
 * @pfn: what it is mapped to
 * @nr: how many
 * @page_flags: of all of them
 * @gfp: how memory may be allocated
 *
 * Context: any that @gfp allows, but NMI.
 * Return: 0, or a negative errno; nothing has been recorded then.
 */
int hv_iommu_record_add(struct xarray *record, u64 index, u64 pfn, unsigned int nr,
			unsigned int page_flags, gfp_t gfp)
{
	XA_STATE(xas, record, index);
	unsigned int done = 0;
	unsigned long flags;
	int ret;

	do {
		xas_lock_irqsave(&xas, flags);
		/* Who maps for a user's account has the record on it as well. */
		if (gfp & __GFP_ACCOUNT)
			record->xa_flags |= XA_FLAGS_ACCOUNT;
		ret = record_store(&xas, pfn, nr, page_flags, &done);
		xas_unlock_irqrestore(&xas, flags);
	} while (xas_nomem(&xas, gfp));
	if (!ret)
		ret = xas_error(&xas);
	if (ret)
		hv_iommu_record_remove(record, index, done);
	return ret;
}

static void *record_settled(void *entry)
{
	return record_entry(record_pfn(entry), record_flags(entry) & ~HV_IOMMU_PENDING);
}

/*
 * Change what is recorded of pages, or forget it.  It takes no memory, since they are there
 * already.
 */
static void record_change(struct xarray *record, u64 index, unsigned int nr,
			  void *(*changed)(void *entry))
{
	XA_STATE(xas, record, index);
	unsigned long flags;
	void *entry;

	if (!nr)
		return;
	xas_lock_irqsave(&xas, flags);
	xas_for_each(&xas, entry, index + nr - 1)
		xas_store(&xas, changed ? changed(entry) : NULL);
	xas_unlock_irqrestore(&xas, flags);
}

/**
 * hv_iommu_record_remove() - forget pages
 * @record: the record
 * @index: number of the first page of IOVAs
 * @nr: how many
 *
 * Context: any but NMI.
 */
void hv_iommu_record_remove(struct xarray *record, u64 index, unsigned int nr)
{
	record_change(record, index, nr, NULL);
}

/**
 * hv_iommu_record_run() - how many pages from here on are recorded in the same way?
 * @record: the record
 * @index: number of the first page of IOVAs
 * @max: no more than these
 * @page_flags: of all of them
 *
 * Context: any.
 * Return: how many, without a gap.
 */
unsigned int hv_iommu_record_run(struct xarray *record, u64 index, unsigned int max,
				 unsigned int *page_flags)
{
	XA_STATE(xas, record, index);
	unsigned int nr = 0;
	void *entry;

	rcu_read_lock();
	xas_for_each(&xas, entry, index + max - 1) {
		if (xas_retry(&xas, entry))
			continue;
		if (!nr)
			*page_flags = record_flags(entry);
		if (xas.xa_index != index + nr || record_flags(entry) != *page_flags)
			break;
		nr++;
	}
	rcu_read_unlock();
	return nr;
}

/**
 * hv_iommu_record_list() - list pages
 * @record: the record
 * @index: number of the first page of IOVAs
 * @nr: how many, which are recorded
 * @pfns: their numbers
 *
 * Context: any.
 */
void hv_iommu_record_list(struct xarray *record, u64 index, unsigned int nr, u64 *pfns)
{
	XA_STATE(xas, record, index);
	void *entry;

	rcu_read_lock();
	xas_for_each(&xas, entry, index + nr - 1) {
		if (!xas_retry(&xas, entry))
			pfns[xas.xa_index - index] = record_pfn(entry);
	}
	rcu_read_unlock();
}

/**
 * hv_iommu_record_settle() - the hypervisor has been told of pages
 * @record: the record
 * @index: number of the first page of IOVAs
 * @nr: how many
 *
 * Context: any but NMI.
 */
void hv_iommu_record_settle(struct xarray *record, u64 index, unsigned int nr)
{
	record_change(record, index, nr, record_settled);
}

/**
 * hv_iommu_record_find() - look up a page
 * @record: the record
 * @index: number of the page of IOVAs
 * @pfn: what it is mapped to
 *
 * Context: any.
 * Return: false if it is not mapped.
 */
bool hv_iommu_record_find(struct xarray *record, u64 index, u64 *pfn)
{
	void *entry = xa_load(record, index);

	if (!entry)
		return false;
	*pfn = record_pfn(entry);
	return true;
}
