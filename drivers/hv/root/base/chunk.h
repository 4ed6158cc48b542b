/* SPDX-License-Identifier: GPL-2.0 */
/* Chunks, see chunk.c. */
#ifndef _MSHV_CHUNK_H
#define _MSHV_CHUNK_H

#include <linux/types.h>

struct page;

int hvr_chunk_take(u64 *pfns, unsigned int nr, unsigned int run);
bool hvr_chunk_release(struct page *page);
unsigned int hvr_chunk_count(void);

#endif
