// SPDX-License-Identifier: GPL-2.0
/*
 * The root's address space: an identity map without the hypervisor's pages.
 *
 * At boot the first 4 GiB and all RAM are mapped, in 2 MiB pages if there are no pages of
 * the hypervisor in between.  The first 2 MiB are always small pages: fixed MTRRs give them
 * different types, and a page should have one.  Addresses above (64-bit PCI windows) are
 * mapped when they are first touched.  Deposited pages are unmapped and mapped one by one;
 * the tables for splitting large pages come from the reserve.
 */
#include <rv/log.h>
#include <rv/npt.h>
#include <rv/page.h>
#include <rv/partition.h>
#include <rv/root_map.h>

#define LOW_PAGES	(4ull << (30 - PAGE_SHIFT))
#define MAPPED_PAGES	(512ull << (30 - PAGE_SHIFT))	/* of the host's own map */

static bool reachable(u64 pfn)
{
	enum page_state s = page_state(pfn);

	return s != PAGE_HV && s != PAGE_POOL;
}

static bool all_reachable(u64 pfn)
{
	u32 i;

	for (i = 0; i < LARGE_PAGES; i++)
		if (!reachable(pfn + i))
			return false;
	return true;
}

/* False if there is no page for a table. */
static bool map_block(u64 pfn)
{
	bool large = pfn && all_reachable(pfn);
	u64 *slot = npt_slot(&root_partition, pfn, large);
	u32 i;

	if (slot && large) {
		*slot = pfn << PAGE_SHIFT | npt_rights(MAY_ALL) | NPT_IS_LARGE;
		return true;
	}
	for (i = 0; slot && i < LARGE_PAGES; i++) {
		slot = npt_slot(&root_partition, pfn + i, 0);
		if (slot && reachable(pfn + i))
			*slot = (pfn + i) << PAGE_SHIFT | npt_rights(MAY_ALL);
	}
	return slot;
}

void root_npt_init(void)
{
	u64 pfn;

	if (max_pfn > MAPPED_PAGES)
		panic("memory above 512 GiB: start the machine with less");
	for (pfn = 0; pfn < MAX(LOW_PAGES, max_pfn); pfn += LARGE_PAGES)
		if (!map_block(pfn))
			panic("the reserve is too small for the root's page tables");
}

bool root_map_page(u64 pfn, bool on)
{
	u64 *slot = npt_slot(&root_partition, pfn, 0);

	if (!slot)
		return false;
	*slot = on ? pfn << PAGE_SHIFT | npt_rights(MAY_ALL) : 0;
	return true;
}

bool root_map_other(u64 pfn, const void *page)
{
	u64 *slot = npt_slot(&root_partition, pfn, 0);

	if (!slot)
		return false;
	*slot = ptr_pa(page) | npt_rights(MAY_ALL);
	return true;
}

bool root_map_fault(u64 gpa)
{
	u64 pfn = gpa >> PAGE_SHIFT & ~(LARGE_PAGES - 1);

	if (gpa >> PAGE_SHIFT < MAX(LOW_PAGES, max_pfn) || pfn >= 1ull << 36)
		return false;
	return reachable(gpa >> PAGE_SHIFT) && map_block(pfn);
}
