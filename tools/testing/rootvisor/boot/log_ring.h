/* SPDX-License-Identifier: GPL-2.0 */
/* The last lines of the log, in memory. */
#ifndef _RV_LOG_RING_H
#define _RV_LOG_RING_H

#include <rv/base.h>

#define LOG_RING_BYTES	(128u << 10)

void log_ring_add(const char *text, u32 len);

/*
 * Copies bytes from position *@at on, or from the oldest line that there is, and returns
 * how many; *@at is then where they were.  Positions count all bytes ever added.
 */
u32 log_ring_read(u64 *at, char *to, u32 size);

#endif
