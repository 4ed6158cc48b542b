// SPDX-License-Identifier: GPL-2.0
/*
 * Device memory in the guest: mappings without pages, as drivers make them.
 *
 * Model: the same as movable memory, with another way to find out what is behind
 * an address: the process's page tables alone say so, since a driver may keep
 * anything it likes in the rest of the mapping.  A driver that revokes its
 * mapping revokes it from the guest as well.
 */
#include <linux/hmm.h>
#include <linux/mm.h>

#include "compat.h"
#include "region.h"

/* One address.  Returns 0, -ENOENT if nothing is there, or another errno. */
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
	ret = compat_follow_pfnmap(vma, address, &pfn, &writable);
	if (ret)
		return -ENOENT;
	/* The driver may want to be asked before it is written. */
	if (write && !writable)
		return vma->vm_flags & VM_WRITE ? -ENOENT : -EFAULT;
	range->hmm_pfns[index] = pfn | HMM_PFN_VALID |
				 (writable ? HMM_PFN_WRITE : 0);
	return 0;
}

/**
 * mshv_mmio_find_pages() - hmm_range_fault() for mappings without pages
 * @range: addresses, and where to put the page numbers
 * @at: index of the address that has to be there
 * @write: it is going to be written
 *
 * Context: under mmap_lock, which may be released in between.
 * Return: 0, -EBUSY to begin again, or another negative errno.
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

	/* Its neighbours, as far as they are there already. */
	for (i = 0; i < nr; i++) {
		if (i != at && mmio_find_page(range, i, false))
			range->hmm_pfns[i] = 0;
	}
	return 0;
}
