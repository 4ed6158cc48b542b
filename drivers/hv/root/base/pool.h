/* SPDX-License-Identifier: GPL-2.0 */
/* Within the base layer; <linux/hvr.h> has what its users may call. */
#ifndef _HVR_BASE_POOL_H
#define _HVR_BASE_POOL_H

#include <linux/types.h>

void hvr_count_outstanding(s64 pages);

#endif
