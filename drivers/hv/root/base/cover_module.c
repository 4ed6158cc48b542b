// SPDX-License-Identifier: GPL-2.0
/*
 * Cover for held pages in a module: they leave the direct map, or have a guard in front.
 *
 * Model: kernels that modules handle memory errors on let them remove single pages from
 * the direct map.  That is what becomes of held pages there.  The leaf that a page is in
 * stays split; each split is counted.
 *
 * Older kernels let no module change the direct map.  There reads beyond a buffer come
 * from load_unaligned_zeropad(), which only goes forward, by less than a word.  So the
 * page in front of a held one is kept back as well, and never read.  Code that scans all
 * memory is stopped by the offline mark.
 */
#include <linux/mm.h>
#include <asm/pgtable.h>

#include "compat.h"
#include "held.h"

static void cover_show(struct page *first, unsigned int nr)
{
	while (nr--)
		hvr_show_page(first++);
}

static int cover_hide(struct page *first, unsigned int nr)
{
	unsigned int i;
	int ret;

	for (i = 0; i < nr; i++) {
		hvr_count_splits(first + i, PG_LEVEL_4K);
		ret = hvr_hide_page(first + i);
		if (ret) {
			cover_show(first, i);
			return ret;
		}
	}
	return 0;
}

const struct hvr_cover hvr_cover = {
	.what = COMPAT_MODULE_HIDES ? "pages leave the direct map" :
		"the page in front of each block is kept back",
	.guards = COMPAT_MODULE_HIDES ? 0 : 1,
	.hide = COMPAT_MODULE_HIDES ? cover_hide : NULL,
	.show = COMPAT_MODULE_HIDES ? cover_show : NULL,
};
