/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions of the kernel, in the form in which this layer uses them.
 */
#ifndef _HVR_BASE_COMPAT_H
#define _HVR_BASE_COMPAT_H

#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/set_memory.h>
#include <linux/version.h>

/* Only the files compat.h look at the version. */
#define COMPAT_BEFORE(major, minor)	\
	(KERNEL_VERSION(major, minor, 0) > LINUX_VERSION_CODE)

/* The namespace of what is exported to users of <linux/hvr.h>. */
#if COMPAT_BEFORE(6, 13)
#define HVR_NS	HVR
#else
#define HVR_NS	"HVR"
#endif

/*
 * Hide a page that the hypervisor owns from /proc/kcore and dumps.  It is a single one,
 * so nothing has to be looked for at the head of a larger one.
 */
static inline void hvr_set_offline(struct page *page)
{
#if COMPAT_BEFORE(6, 11)
	page->page_type &= ~PG_offline;
#else
	__folio_set_offline((struct folio *)page);
#endif
}

static inline void hvr_clear_offline(struct page *page)
{
#if COMPAT_BEFORE(6, 11)
	page->page_type |= PG_offline;
#else
	__folio_clear_offline((struct folio *)page);
#endif
}

/*
 * Free contiguous single pages.  Some kernels do it by blocks, for a quarter of the cost.
 * Their numbers follow each other, but their struct pages need not.
 */
static inline void hvr_free_run(unsigned long pfn, unsigned int nr)
{
#if !COMPAT_BEFORE(7, 3)
#ifdef CONFIG_CONTIG_ALLOC
	if (nr)
		free_contig_range(pfn, nr);
	return;
#endif
#endif
	while (nr--)
		__free_page(pfn_to_page(pfn++));
}

/*
 * Remove contiguous pages from the direct map, or put them back.  Built-in code
 * only.
 */
static inline int hvr_set_direct_map(struct page *first, unsigned int nr, bool valid)
{
#if COMPAT_BEFORE(6, 13)
	unsigned int i;
	int ret = 0;

	for (i = 0; i < nr && !ret; i++)
		ret = valid ? set_direct_map_default_noflush(first + i) :
			      set_direct_map_invalid_noflush(first + i);
	return ret;
#else
	return set_direct_map_valid_noflush(first, nr, valid);
#endif
}

/* Does a module remove pages from the direct map? */
#define COMPAT_MODULE_HIDES	(!COMPAT_BEFORE(6, 14))

static inline int hvr_hide_page(struct page *page)
{
#if COMPAT_BEFORE(6, 14)
	return -EOPNOTSUPP;
#else
	return set_mce_nospec(page_to_pfn(page));
#endif
}

static inline void hvr_show_page(struct page *page)
{
#if !COMPAT_BEFORE(6, 14)
	clear_mce_nospec(page_to_pfn(page));
#endif
}

/*
 * What follows is for glue*.c, which includes <asm/mshyperv.h>.
 *
 * Is this kernel a root partition, and if not, might it have been one?
 */
#if COMPAT_BEFORE(6, 15)
#define compat_hv_root()	hv_root_partition
#define COMPAT_CAN_BE_ROOT	true
#else
#define compat_hv_root()	hv_root_partition()
#define COMPAT_CAN_BE_ROOT	\
	(IS_ENABLED(CONFIG_MSHV_ROOT) || IS_ENABLED(CONFIG_HYPERV_PARENT))
#endif

/* The slot for a handler of the callback vector that a root partition has free. */
#if COMPAT_BEFORE(6, 15)
#define compat_set_handler(handler)	hv_setup_vmbus_handler(handler)
#define compat_clear_handler()		hv_remove_vmbus_handler()
#else
#define compat_set_handler(handler)	hv_setup_mshv_handler(handler)
#define compat_clear_handler()		hv_setup_mshv_handler(NULL)
#endif

/* Does this kernel run on another Hyper-V's root partition? */
#if COMPAT_BEFORE(6, 3)
#define compat_hv_nested()	false
#else
#define compat_hv_nested()	hv_nested
#endif

#endif
