// SPDX-License-Identifier: GPL-2.0
/* An NVMe disk that VFIO gives to this program, see vfionvme.h. */
#include <errno.h>
#include <sys/mman.h>

#include "vfionvme.h"

#define REGISTERS	0x2000

int vfionvme_open(struct vfiodev *v, struct nvme *n, const char *name)
{
	__u8 *memory;
	int ret = vfiodev_open(v, name);

	if (ret)
		return ret;
	memory = mmap(NULL, NVME_MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (memory == MAP_FAILED)
		return -errno;
	ret = vfiodev_map(v, memory, VFIONVME_QUEUES, NVME_QUEUES, VFIONVME_BOTH) ?:
	      vfiodev_map(v, memory + NVME_QUEUES, VFIONVME_LISTS, NVME_LISTS,
			  VFIO_DMA_MAP_FLAG_READ);
	if (!ret && !vfiodev_registers(v, REGISTERS))
		ret = -ENODEV;
	return ret ?: nvme_start(n, v->registers, memory, VFIONVME_QUEUES);
}

int vfionvme_unmap_lists(struct vfiodev *v)
{
	return vfiodev_unmap(v, VFIONVME_LISTS, NVME_LISTS) == NVME_LISTS ? 0 : -EIO;
}
