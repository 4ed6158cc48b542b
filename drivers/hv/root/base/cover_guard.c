// SPDX-License-Identifier: GPL-2.0
/*
 * Cover for held pages where the direct map cannot be changed: a guard in front.
 *
 * Model: a module cannot remove pages from the direct map.  There reads beyond a
 * buffer come from load_unaligned_zeropad(), which only goes forward, by less than
 * a word.  So the page in front of a held one is kept back as well, and never read.
 * Code that scans all memory is stopped by the offline mark.
 */
#include "held.h"

const struct hvr_cover hvr_cover = {
	.what = "the page in front of each block is kept back",
	.guards = 1,
};
