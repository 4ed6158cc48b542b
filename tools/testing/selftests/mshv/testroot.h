/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The root that a test runs in: the driver's module, the process's descriptors, and
 * whether clocks count instructions.
 *
 * Functions return a negative errno on failure, as the library does.
 */
#ifndef _MSHV_TESTROOT_H
#define _MSHV_TESTROOT_H

#include <stdbool.h>

int module_unload(void);
int module_load(const char *path);
bool tvm_is_recorded(void);
int count_open_fds(void);

#endif
