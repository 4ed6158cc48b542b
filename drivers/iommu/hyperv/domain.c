// SPDX-License-Identifier: GPL-2.0
/*
 * Domains, and what is mapped in them.
 *
 * Model: the record says what is mapped.  Pages enter it before they are mapped and leave
 * it after they have been unmapped, so it never has less than the hypervisor.  If a call
 * does only a part, so does the record, and the core is told which.
 *
 * Who may not sleep maps a request page by page, and says when all are there.  These are
 * recorded, and the hypervisor is told then, in one call.
 *
 * A page that could not be unmapped will be used for something else all the same, since
 * most callers cannot do otherwise.  So the devices of that domain lose it, see "cut off" in
 * iommu.h.
 *
 * Numbers of domains are the lowest that are free.  One that is in use all the same is of
 * a kernel that has crashed: it is left alone, and the next one is taken.
 */
#define pr_fmt(fmt) "Hyper-V IOMMU: " fmt

#include <linux/gfp.h>
#include <linux/idr.h>
#include <linux/slab.h>

#include <hyperv/hv_root.h>

#include "calls.h"
#include "compat.h"
#include "iommu.h"
#include "record.h"

/* Numbers that may be in use, and how often a call is repeated that must not fail. */
#define NUMBERS_MAX	128
#define TRIES		4
/* Above this it is worthwhile to have a page for the call. */
#define LIST_MIN	32

struct hv_iommu_counters hv_iommu_counters;

static LIST_HEAD(domains);
static LIST_HEAD(quarantined);
static DEFINE_IDA(numbers);
static unsigned int iova_width;

/**
 * hv_iommu_domain_init() - before there is any
 * @width: bits of an IOVA
 */
void hv_iommu_domain_init(unsigned int width)
{
	iova_width = width;
}

/* --- life ----------------------------------------------------------------------- */

static bool number_is_taken(u64 result)
{
	switch (hvr_status(result)) {
	case HV_STATUS_INVALID_PARAMETER:
	case HV_STATUS_OBJECT_IN_USE:
	case HV_STATUS_KEY_ALREADY_EXISTS:
		return true;
	}
	return false;
}

/* Make the domain under some number; those that are taken stay so. */
static int domain_create(u32 *number)
{
	u32 taken[NUMBERS_MAX];
	unsigned int nr;
	u64 result = 0;
	int ret = 0;

	for (nr = 0; nr < NUMBERS_MAX; nr++) {
		ret = ida_alloc_min(&numbers, HV_DEVICE_DOMAIN_ID_S2_DEFAULT + 1, GFP_KERNEL);
		if (ret < 0)
			break;
		*number = ret;
		result = hv_iommu_call_create(*number);
		if (hvr_status(result) == HV_STATUS_SUCCESS)
			return 0;
		ret = hvr_errno(result);
		taken[nr] = *number;
		if (!number_is_taken(result)) {
			nr++;
			break;
		}
	}
	pr_err("no device domain can be made (%s)\n", hvr_status_name(hvr_status(result)));
	while (nr)
		ida_free(&numbers, taken[--nr]);
	return ret;
}

/**
 * hv_iommu_domain_alloc() - make a domain
 * @dev: the device that it is for
 *
 * Return: the domain, or an error pointer.
 */
struct iommu_domain *hv_iommu_domain_alloc(struct device *dev)
{
	struct hv_iommu_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	unsigned long flags;
	int ret;

	if (!domain)
		return ERR_PTR(-ENOMEM);
	hv_iommu_call_prepare();
	hv_iommu_record_init(&domain->record);
	ret = domain_create(&domain->number);
	if (ret) {
		kfree(domain);
		return ERR_PTR(ret);
	}
	domain->core.ops = &hv_iommu_paging_ops;
	domain->core.pgsize_bitmap = HV_IOMMU_PAGE_SIZE;
	domain->core.geometry.aperture_end = GENMASK_ULL(iova_width - 1, 0);
	domain->core.geometry.force_aperture = true;
	spin_lock_irqsave(&hv_iommu_lock, flags);
	list_add_tail(&domain->node, &domains);
	hv_iommu_counters.domains++;
	spin_unlock_irqrestore(&hv_iommu_lock, flags);
	return &domain->core;
}

/* Unmap as far as possible what should have gone with the domain. */
static void domain_unmap_rest(struct hv_iommu_domain *domain)
{
	unsigned int nr, done, page_flags;
	unsigned long index = 0;

	while (xa_find(&domain->record, &index, ULONG_MAX, XA_PRESENT)) {
		nr = hv_iommu_record_run(&domain->record, index, HV_UNMAP_DEVICE_GPA_MAX_PAGES,
					 &page_flags);
		hv_iommu_call_unmap(domain->number, index, nr, &done);
		hv_iommu_record_remove(&domain->record, index, nr);
	}
}

static void domain_quarantine(struct hv_iommu_domain *domain, u64 result)
{
	unsigned long flags;

	domain_unmap_rest(domain);
	xa_destroy(&domain->record);
	spin_lock_irqsave(&hv_iommu_lock, flags);
	list_add_tail(&domain->node, &quarantined);
	hv_iommu_counters.quarantined++;
	spin_unlock_irqrestore(&hv_iommu_lock, flags);
	pr_err("device domain %u cannot be deleted (%s), its number will not be used again\n",
	       domain->number, hvr_status_name(hvr_status(result)));
}

static void domain_free(struct iommu_domain *core)
{
	struct hv_iommu_domain *domain = hv_iommu_domain_of(core);
	unsigned int tries = 0;
	unsigned long flags;
	u64 result;

	spin_lock_irqsave(&hv_iommu_lock, flags);
	if (hv_iommu_device_leave(domain))
		pr_err("device domain %u is freed while devices are in it\n", domain->number);
	list_del(&domain->node);
	hv_iommu_counters.domains--;
	spin_unlock_irqrestore(&hv_iommu_lock, flags);
	do {
		result = hv_iommu_call_delete(domain->number);
	} while (hvr_status(result) != HV_STATUS_SUCCESS && ++tries < TRIES);
	if (hvr_status(result) != HV_STATUS_SUCCESS) {
		domain_quarantine(domain, result);
		return;
	}
	ida_free(&numbers, domain->number);
	xa_destroy(&domain->record);
	kfree(domain);
}

static void domain_delete_list(struct list_head *list)
{
	struct hv_iommu_domain *domain;

	list_for_each_entry(domain, list, node)
		hv_iommu_call_delete(domain->number);
}

/**
 * hv_iommu_domain_delete_all() - delete the domains of this kernel, which ends
 *
 * Context: this is the only processor.
 */
void hv_iommu_domain_delete_all(void)
{
	unsigned long flags;

	spin_lock_irqsave(&hv_iommu_lock, flags);
	domain_delete_list(&domains);
	domain_delete_list(&quarantined);
	spin_unlock_irqrestore(&hv_iommu_lock, flags);
}

/* --- pages ---------------------------------------------------------------------- */

static u32 domain_map_flags(unsigned int page_flags)
{
	/* What can only be written to is not known to exist. */
	return HV_MAP_GPA_READABLE |
	       (page_flags & HV_IOMMU_WRITE ? HV_MAP_GPA_WRITABLE : 0);
}

/* Without a page for it, it takes more calls. */
static void *domain_call_page(size_t nr, gfp_t gfp)
{
	return nr > LIST_MIN ? (void *)__get_free_page((gfp & ~__GFP_ACCOUNT) | __GFP_NOWARN) :
			       NULL;
}

/* A part at a time, which is a call each. */
static int domain_map_now(struct hv_iommu_domain *domain, u64 index, u64 pfn, size_t left,
			  unsigned int page_flags, gfp_t gfp, size_t *mapped)
{
	struct hv_iommu_range range = {
		.number = domain->number,
		.flags = domain_map_flags(page_flags),
		.record = &domain->record,
		.index = index,
		.gfp = gfp,
		.page = domain_call_page(left, gfp),
		.pages = HVR_PAGES_FEW,
	};
	unsigned int done;
	int ret = 0;

	for (; left && !ret; left -= done) {
		done = 0;
		range.nr = min_t(size_t, left, HV_MAP_DEVICE_GPA_MAX_PAGES);
		ret = hv_iommu_record_add(&domain->record, range.index,
					  pfn + *mapped, range.nr, page_flags, gfp);
		if (ret)
			break;
		ret = hv_iommu_call_map(&range, &done);
		hv_iommu_record_remove(&domain->record, range.index + done, range.nr - done);
		range.index += done;
		*mapped += done;
	}
	free_page((unsigned long)range.page);
	return ret;
}

static int domain_map_later(struct hv_iommu_domain *domain, u64 index, u64 pfn, size_t left,
			    unsigned int page_flags, gfp_t gfp, size_t *mapped)
{
	while (left) {
		unsigned int nr = min_t(size_t, left, HV_MAP_DEVICE_GPA_MAX_PAGES);
		int ret = hv_iommu_record_add(&domain->record, index + *mapped, pfn + *mapped, nr,
					      page_flags | HV_IOMMU_PENDING, gfp);

		if (ret)
			return ret;
		atomic_add(nr, &domain->pending);
		*mapped += nr;
		left -= nr;
	}
	return 0;
}

static int domain_map_pages(struct iommu_domain *core, unsigned long iova, phys_addr_t paddr,
			    size_t pgsize, size_t pgcount, int prot, gfp_t gfp,
			    size_t *mapped)
{
	struct hv_iommu_domain *domain = hv_iommu_domain_of(core);
	unsigned int page_flags = prot & IOMMU_WRITE ? HV_IOMMU_WRITE : 0;
	size_t nr = pgcount * (pgsize >> HV_IOMMU_PAGE_SHIFT), done = 0;
	u64 index = iova >> HV_IOMMU_PAGE_SHIFT, pfn = paddr >> HV_IOMMU_PAGE_SHIFT;
	int ret;

	if (!(prot & (IOMMU_READ | IOMMU_WRITE)) || READ_ONCE(domain->cut_off))
		return -EINVAL;
	ret = gfpflags_allow_blocking(gfp) ?
		domain_map_now(domain, index, pfn, nr, page_flags, gfp, &done) :
		domain_map_later(domain, index, pfn, nr, page_flags, gfp, &done);
	*mapped += done << HV_IOMMU_PAGE_SHIFT;
	return ret;
}

static void domain_forget_pending(struct hv_iommu_domain *domain, u64 index, unsigned int nr)
{
	hv_iommu_record_remove(&domain->record, index, nr);
	atomic_sub(nr, &domain->pending);
}

/* Tell the hypervisor of the pages in this range; after an error no others are recorded. */
static int domain_settle(struct hv_iommu_domain *domain, u64 index, size_t left)
{
	struct hv_iommu_range range = {
		.number = domain->number,
		.record = &domain->record,
		.index = index,
		.gfp = GFP_ATOMIC,
		.page = domain_call_page(left, GFP_ATOMIC),
	};
	unsigned int done, page_flags;
	int ret = 0;

	for (; left; left -= range.nr, range.index += range.nr) {
		range.nr = hv_iommu_record_run(&domain->record, range.index,
					       min_t(size_t, left, HV_MAP_DEVICE_GPA_MAX_PAGES),
					       &page_flags);
		if (!range.nr || !(page_flags & HV_IOMMU_PENDING))
			break;
		done = 0;
		range.flags = domain_map_flags(page_flags);
		if (!ret)
			ret = hv_iommu_call_map(&range, &done);
		hv_iommu_record_settle(&domain->record, range.index, done);
		atomic_sub(done, &domain->pending);
		domain_forget_pending(domain, range.index + done, range.nr - done);
	}
	free_page((unsigned long)range.page);
	return ret;
}

/* All that has been mapped since the last time, where nothing may sleep. */
static int domain_sync_map(struct iommu_domain *core, unsigned long iova, size_t size)
{
	struct hv_iommu_domain *domain = hv_iommu_domain_of(core);

	if (!atomic_read(&domain->pending))
		return 0;
	return domain_settle(domain, iova >> HV_IOMMU_PAGE_SHIFT, size >> HV_IOMMU_PAGE_SHIFT);
}

/* Is what is mapped in it out of reach then? */
static bool domain_cut_off(struct hv_iommu_domain *domain)
{
	unsigned long flags;
	bool all;

	spin_lock_irqsave(&hv_iommu_lock, flags);
	if (!domain->cut_off)
		hv_iommu_counters.cut_off++;
	WRITE_ONCE(domain->cut_off, true);
	all = hv_iommu_device_cut_off(domain);
	spin_unlock_irqrestore(&hv_iommu_lock, flags);
	pr_err_ratelimited("unmapping in device domain %u failed: %s\n", domain->number,
			   all ? "its devices have been cut off" :
				 "its devices can still reach the pages");
	return all;
}

/* Unmap a part without a gap; returns how much is out of reach. */
static unsigned int domain_unmap_part(struct hv_iommu_domain *domain, u64 index,
				      unsigned int nr, unsigned int page_flags)
{
	unsigned int done = 0, tries = 0, n;

	if (page_flags & HV_IOMMU_PENDING) {
		domain_forget_pending(domain, index, nr);
		return nr;
	}
	while (done < nr && tries++ < TRIES) {
		hv_iommu_call_unmap(domain->number, index + done, nr - done, &n);
		done += n;
		if (n)
			tries = 0;
	}
	if (done < nr && domain_cut_off(domain))
		done = nr;
	hv_iommu_record_remove(&domain->record, index, done);
	return done;
}

static size_t domain_unmap_pages(struct iommu_domain *core, unsigned long iova, size_t pgsize,
				 size_t pgcount, struct iommu_iotlb_gather *gather)
{
	struct hv_iommu_domain *domain = hv_iommu_domain_of(core);
	size_t left = pgcount * (pgsize >> HV_IOMMU_PAGE_SHIFT);
	u64 first = iova >> HV_IOMMU_PAGE_SHIFT, index = first;

	while (left) {
		unsigned int nr, done, page_flags;

		nr = hv_iommu_record_run(&domain->record, index,
					 min_t(size_t, left, HV_UNMAP_DEVICE_GPA_MAX_PAGES),
					 &page_flags);
		if (!nr)
			break;
		done = domain_unmap_part(domain, index, nr, page_flags);
		index += done;
		left -= done;
		if (done < nr)
			break;
	}
	return (index - first) << HV_IOMMU_PAGE_SHIFT;
}

static phys_addr_t domain_iova_to_phys(struct iommu_domain *core, dma_addr_t iova)
{
	struct hv_iommu_domain *domain = hv_iommu_domain_of(core);
	u64 pfn;

	if (!hv_iommu_record_find(&domain->record, iova >> HV_IOMMU_PAGE_SHIFT, &pfn))
		return 0;
	return pfn << HV_IOMMU_PAGE_SHIFT | (iova & (HV_IOMMU_PAGE_SIZE - 1));
}

static COMPAT_ATTACH(domain_attach)
{
	return hv_iommu_device_move(dev, domain);
}

/* The hypervisor flushes by itself. */
const struct iommu_domain_ops hv_iommu_paging_ops = {
	.attach_dev	= domain_attach,
	.map_pages	= domain_map_pages,
	.iotlb_sync_map	= domain_sync_map,
	.unmap_pages	= domain_unmap_pages,
	.iova_to_phys	= domain_iova_to_phys,
	.free		= domain_free,
};
