/* SPDX-License-Identifier: GPL-2.0 */
/* Ports and connections. */
#ifndef _RV_PARTITION_PORT_H
#define _RV_PARTITION_PORT_H

#include <rv/base.h>

struct partition;

/* Frees all ports of a partition, @pages at a time; false if there are more. */
bool ports_destroy(struct partition *p, u32 pages);

#endif
