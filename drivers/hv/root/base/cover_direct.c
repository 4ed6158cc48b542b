// SPDX-License-Identifier: GPL-2.0
/*
 * Cover for held pages, if built into the kernel: they leave the direct map.
 *
 * Model: an access to a page that the hypervisor owns is a general protection fault
 * without an address, and the kernel's fixup for reads beyond a buffer cannot tell
 * what it was about.  A page that is not in the direct map causes an ordinary page
 * fault instead, which that fixup handles.
 *
 * Pages are taken from chunks, for which no leaf of the direct map is split.  Where
 * there are none, a page is removed by itself, and the leaf stays split: each is counted.
 */
#include <linux/mm.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>

#include "chunk.h"
#include "compat.h"
#include "held.h"

static void cover_show(struct page *first, unsigned int nr)
{
	/* What was not present is in no TLB. */
	hvr_set_direct_map(first, nr, true);
}

static int cover_hide(struct page *first, unsigned int nr)
{
	unsigned long address = (unsigned long)page_address(first);
	unsigned int i;
	int ret = 0;

	for (i = 0; i < nr && !ret; i++) {
		hvr_count_splits(first + i, PG_LEVEL_4K);
		ret = hvr_set_direct_map(first + i, 1, false);
	}
	if (ret)
		cover_show(first, i - 1);
	flush_tlb_kernel_range(address, address + nr * PAGE_SIZE);
	return ret;
}

const struct hvr_cover hvr_cover = {
	.what = "pages leave the direct map",
	.take = hvr_chunk_take,
	.give_back = hvr_chunk_release,
	.count = hvr_chunk_count,
	.hide = cover_hide,
	.show = cover_show,
};
