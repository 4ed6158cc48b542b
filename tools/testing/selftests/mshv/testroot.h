/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The root that a test runs in: the driver's module, the process's descriptors, the
 * kernel's view of memory, and whether clocks count instructions.
 *
 * Functions return a negative errno on failure, as the library does.
 */
#ifndef _MSHV_TESTROOT_H
#define _MSHV_TESTROOT_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/types.h>

/* In /proc/kcore the kernel's own image is there twice, the second time from here on. */
#define KERNEL_IMAGE	0xffffffff80000000ULL

const char *root_lacks(void);
bool own_driver(void);
bool kernel_says(const char *text);
int module_unload(void);
int module_load(const char *path);
bool tvm_is_recorded(void);
int count_open_fds(void);
off_t kcore_offset(int kcore, __u64 address);

#endif
