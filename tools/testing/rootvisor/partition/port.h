/* SPDX-License-Identifier: GPL-2.0 */
/* Ports and connections. */
#ifndef _RV_PARTITION_PORT_H
#define _RV_PARTITION_PORT_H

#include <rv/base.h>

struct partition;

/* All of a partition; false: more than the @pages that have been freed. */
bool ports_destroy(struct partition *p, u32 pages);

#endif
