// SPDX-License-Identifier: GPL-2.0
/* The list of held pages in debugfs, see held.c. */
#include <linux/hvr.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/seq_file.h>

#include "compat.h"
#include "held.h"

/**
 * hvr_held_show() - list the held pages
 * @m: the file: first the cover, then a line for each run of pages of one kind
 */
void hvr_held_show(struct seq_file *m)
{
	unsigned long pfn, last, first = 0;
	const char *kind = NULL, *now;

	hvr_held_range(&pfn, &last);
	seq_printf(m, "# %s\n", hvr_cover.what);
	for (; pfn <= last + 1; pfn++) {
		now = pfn_valid(pfn) ? hvr_held_kind(pfn_to_page(pfn)) : NULL;
		if (now != kind) {
			if (kind)
				seq_printf(m, "%s %lu %lu\n", kind, first,
					   pfn - 1);
			kind = now;
			first = pfn;
		}
		cond_resched();
	}
	/* There are more now than when it began. */
	if (kind)
		seq_printf(m, "%s %lu %lu\n", kind, first, last + 1);
}
EXPORT_SYMBOL_NS_GPL(hvr_held_show, HVR_NS);
