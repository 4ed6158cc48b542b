/* SPDX-License-Identifier: GPL-2.0 */
/* An NVMe disk that VFIO gives to this program. */
#ifndef _VFIONVME_H
#define _VFIONVME_H

#include <linux/vfio.h>

#include "nvme.h"
#include "vfiodev.h"

/* Where its queues, its lists, and the data are for the device. */
#define VFIONVME_QUEUES	0x200000000ull
#define VFIONVME_LISTS	(VFIONVME_QUEUES + NVME_QUEUES)
#define VFIONVME_DATA	0x300000000ull

#define VFIONVME_BOTH	(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)

/* Ready for use; 0 or a negative errno. */
int vfionvme_open(struct vfiodev *v, struct nvme *n, const char *name);

/* From now on the device does not reach its lists. */
int vfionvme_unmap_lists(struct vfiodev *v);

#endif
