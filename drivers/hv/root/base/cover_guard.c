// SPDX-License-Identifier: GPL-2.0
/*
 * Cover for held pages where the direct map cannot be changed: a guard in front.
 *
 * Model: a module can take no page out of the direct map.  What reads beyond its
 * buffer there is load_unaligned_zeropad(), and it only goes forward, by less than
 * a word.  So it is the page in front of a held one that nobody may have; it is
 * kept back, and nobody ever reads it either.  What scans all of memory is kept
 * away by the offline mark.
 */
#include "held.h"

const struct hvr_cover hvr_cover = {
	.what = "the page in front of each block is kept back",
	.guards = 1,
};
