// SPDX-License-Identifier: GPL-2.0
/* A device of PCI that VFIO gives to this program, see vfiodev.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "groups.h"
#include "vfiodev.h"
#include "vfiofd.h"

#define PCI		"/sys/bus/pci/"
#define UNSAFE		"/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"
#define COUNTERS	"/sys/class/iommu/hv-iommu/hv-iommu/"

static int by_iommufd(void)
{
	const char *by = getenv("VFIO_BY");

	return by && !strcmp(by, "iommufd");
}

static int device_write(const char *name, const char *file, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), PCI "devices/%s/%s", name, file);
	return write_file(path, text);
}

int vfiodev_bind(const char *name)
{
	/* Where the kernel does not know that interrupts are remapped. */
	if (getenv("VFIO_UNSAFE"))
		write_file(UNSAFE, "Y");
	device_write(name, "driver/unbind", name);
	return device_write(name, "driver_override", "vfio-pci") ?:
	       write_file(PCI "drivers_probe", name);
}

int vfiodev_unbind(const char *name)
{
	int ret = device_write(name, "driver/unbind", name);

	device_write(name, "driver_override", "\n");
	return ret;
}

static int open_group(const char *name)
{
	char path[128], target[128], *number;
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), PCI "devices/%s/iommu_group", name);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return -errno;
	target[length] = '\0';
	number = strrchr(target, '/');
	snprintf(path, sizeof(path), "/dev/vfio%s", number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int set_up(struct vfiodev *v)
{
	v->group = open_group(v->name);
	if (v->group < 0)
		return v->group;
	if (ioctl(v->group, VFIO_GROUP_SET_CONTAINER, &v->container) ||
	    ioctl(v->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return -errno;
	v->device = ioctl(v->group, VFIO_GROUP_GET_DEVICE_FD, v->name);
	return v->device < 0 ? -errno : 0;
}

int vfiodev_open(struct vfiodev *v, const char *name)
{
	const char *file = by_iommufd() ? "/dev/iommu" : "/dev/vfio/vfio";
	int ret;

	*v = (struct vfiodev){ .container = open(file, O_RDWR | O_CLOEXEC), .group = -1,
			       .device = -1 };
	if (v->container < 0)
		return -errno;
	snprintf(v->name, sizeof(v->name), "%s", name);
	ret = by_iommufd() ? vfiofd_open(v) : set_up(v);
	if (ret)
		vfiodev_close(v);
	return ret;
}

void vfiodev_close(struct vfiodev *v)
{
	if (v->device >= 0)
		close(v->device);
	if (v->group >= 0)
		close(v->group);
	if (v->container >= 0)
		close(v->container);
	v->device = -1;
	v->group = -1;
	v->container = -1;
}

int vfiodev_map(struct vfiodev *v, void *p, __u64 iova, __u64 bytes, __u32 flags)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map), .flags = flags, .vaddr = (__u64)(unsigned long)p,
		.iova = iova, .size = bytes,
	};

	if (by_iommufd())
		return vfiofd_map(v, p, iova, bytes, flags);
	return ioctl(v->container, VFIO_IOMMU_MAP_DMA, &map) ? -errno : 0;
}

long long vfiodev_unmap(struct vfiodev *v, __u64 iova, __u64 bytes)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap), .iova = iova, .size = bytes,
	};

	if (by_iommufd())
		return vfiofd_unmap(v, iova, bytes);
	return ioctl(v->container, VFIO_IOMMU_UNMAP_DMA, &unmap) ? -errno : (long long)unmap.size;
}

long long vfiodev_counter(const char *name)
{
	char path[128];
	long long value = -1;
	FILE *f;

	snprintf(path, sizeof(path), COUNTERS "%s", name);
	f = fopen(path, "re");
	if (!f)
		return -1;
	if (fscanf(f, "%lld", &value) != 1)
		value = -1;
	fclose(f);
	return value;
}
