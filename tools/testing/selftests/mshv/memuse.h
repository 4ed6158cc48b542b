/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's own memory use, to check whether it grows.
 *
 * Model: everything that can be freed is, and then the objects of each slab cache
 * are counted, and the pages that are neither free nor data of a program or a file.
 * The first count is exact except for one slab of each processor, all of whose
 * objects count; the second has what did not come from a cache.
 *
 * Functions return a negative errno on failure, as the library does.
 */
#ifndef _MSHV_MEMUSE_H
#define _MSHV_MEMUSE_H

#define MEMUSE_CACHES	400
#define MEMUSE_NAME	32

/**
 * struct memuse - what the kernel uses
 * @kib: pages, in KiB
 * @nr: number of caches
 * @cache: name and objects of each, and how many make a slab
 */
struct memuse {
	long kib;
	unsigned int nr;
	struct {
		char name[MEMUSE_NAME];
		long objects;
		long slab;
	} cache[MEMUSE_CACHES];
};

int memuse_open(void);
int memuse_read(struct memuse *use);
const char *memuse_grown(const struct memuse *before, const struct memuse *now,
			 long objects, long kib);

#endif
