/* SPDX-License-Identifier: GPL-2.0 */
/* The hypervisor's log: bytes of it have positions. */
#ifndef _RVLOG_H
#define _RVLOG_H

#include <rootvisor/rvctl.h>

/* A piece from *at on, which becomes its position; its length, or a negative errno. */
int rvlog_piece(__u64 *at, char text[RV_LOG_BYTES]);

/* Is there such a line behind this position? */
int rvlog_has(__u64 at, const char *text);

#endif
