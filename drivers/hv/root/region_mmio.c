// SPDX-License-Identifier: GPL-2.0
/*
 * Device memory in the guest: mappings without pages, as drivers make them.
 *
 * Model: the same as movable memory, with another way to find the page behind an
 * address: in the process's page tables only, since a driver may use the rest of
 * the mapping as it likes.  If a driver revokes its mapping, it is unmapped from
 * the guest as well.
 */
#include <linux/hmm.h>
#include <linux/mm.h>

#include "compat.h"
#include "region.h"

/* One address.  Returns 0, -ENOENT if nothing is mapped, or another errno. */
static int mmio_find_page(struct hmm_range *range, unsigned int index,
			  bool write)
{
	unsigned long address = range->start + index * PAGE_SIZE;
	struct vm_area_struct *vma = vma_lookup(range->notifier->mm, address);
	unsigned long pfn;
	bool writable;
	int ret;

	if (!vma || !(vma->vm_flags & (VM_IO | VM_PFNMAP)))
		return -EFAULT;
	/* With PROT_NONE the page tables still have the page. */
	if (!(vma->vm_flags & VM_READ))
		return -EFAULT;
	ret = mshv_follow_pfnmap(vma, address, &pfn, &writable);
	if (ret)
		return -ENOENT;
	/* The driver may need to be notified before a write. */
	if (write && !writable)
		return vma->vm_flags & VM_WRITE ? -ENOENT : -EFAULT;
	range->hmm_pfns[index] = pfn | HMM_PFN_VALID |
				 (writable ? HMM_PFN_WRITE : 0);
	return 0;
}

/**
 * mshv_mmio_find_pages() - hmm_range_fault() for mappings without pages
 * @range: addresses, and page numbers on return
 * @at: index of the address that must be present
 * @write: for writing
 *
 * Context: under mmap_lock, which may be released in between.
 * Return: 0, -EBUSY to start again, or another negative errno.
 */
int mshv_mmio_find_pages(struct hmm_range *range, unsigned int at, bool write)
{
	unsigned int i, nr = (range->end - range->start) / PAGE_SIZE;
	int ret;

	mmap_assert_locked(range->notifier->mm);
	ret = mmio_find_page(range, at, write);
	if (ret == -ENOENT) {
		ret = mshv_fault_in(range->notifier->mm, range->start + at * PAGE_SIZE,
				    write);
		return ret == -EBUSY || ret == -EINTR ? ret : -EFAULT;
	}
	if (ret)
		return ret;

	/* Its neighbours, if they are present already. */
	for (i = 0; i < nr; i++) {
		if (i != at && mmio_find_page(range, i, false))
			range->hmm_pfns[i] = 0;
	}
	return 0;
}
