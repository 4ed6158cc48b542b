/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The NVMe disk of the machine: found, and used by the kernel's driver.
 *
 * Model: there is one.  What is written to it depends on a seed and on where it stands, so
 * that a block in a wrong place is a difference too; sums are over what was written and
 * what was read.
 */
#ifndef _NVMEDISK_H
#define _NVMEDISK_H

#include <stddef.h>

#include <linux/types.h>

/* Its name in sysfs; it is in a group of the IOMMU's.  NULL, or the reason to skip the tests. */
const char *nvmedisk_start(char name[16]);

/* Gives it to the kernel's driver, and waits for the disk. */
int nvmedisk_bind(const char *name);

/* Moves it to a domain of another type: "identity" or "DMA". */
int nvmedisk_retype(const char *name, const char *type);

/* The file of the disk, without a cache. */
int nvmedisk_open(int flags);

/* By the kernel's driver, and not by its cache; 0, or a negative errno. */
int nvmedisk_read(__u64 at, void *p, size_t bytes);
int nvmedisk_write(__u64 at, const void *p, size_t bytes);

void nvmedisk_fill(void *p, size_t bytes, __u64 seed);
__u64 nvmedisk_sum(const void *p, size_t bytes);

#endif
