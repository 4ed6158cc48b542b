/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limits of memory: a control group for this process, and files of one word.
 *
 * Functions return a negative errno on failure, as the library does.
 */
#ifndef _MSHV_GROUPS_H
#define _MSHV_GROUPS_H

#include <linux/types.h>

int write_file(const char *path, const char *text);
int read_number(const char *path, long long *value);
int group_enter(const char *max);
void group_leave(void);
int group_usage(__u64 *bytes);

#endif
