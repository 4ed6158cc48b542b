// SPDX-License-Identifier: GPL-2.0
/*
 * A device that iommufd gives to this program.
 *
 * Model: instead of a container there is an address space (IOAS) in an iommufd, and instead
 * of a group the device has a file of its own.  The machine that builds this may have
 * headers older than the interface, so what is used of it stands here.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "vfiofd.h"

#define IOAS_ALLOC	_IO(';', 0x81)
#define IOAS_MAP	_IO(';', 0x85)
#define IOAS_UNMAP	_IO(';', 0x86)
#define BIND		_IO(VFIO_TYPE, VFIO_BASE + 18)
#define ATTACH		_IO(VFIO_TYPE, VFIO_BASE + 19)

#define MAP_FIXED_IOVA	1
#define MAP_WRITEABLE	2
#define MAP_READABLE	4

struct ioas_alloc {
	__u32 size, flags, id;
};

struct ioas_map {
	__u32 size, flags, id, reserved;
	__u64 va, length, iova;
};

struct ioas_unmap {
	__u32 size, id;
	__u64 iova, length;
};

struct bind {
	__u32 size, flags;
	__s32 iommufd;
	__u32 device;
};

struct attach {
	__u32 size, flags, id;
};

static int open_device(const char *name)
{
	char path[300];
	struct dirent *e;
	int fd = -1;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio-dev", name);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/dev/vfio/devices/%s", e->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	if (dir)
		closedir(dir);
	return fd < 0 ? -ENODEV : fd;
}

int vfiofd_open(struct vfiodev *v)
{
	struct ioas_alloc space = { .size = sizeof(space) };
	struct bind bind = { .size = sizeof(bind), .iommufd = v->container };
	struct attach attach = { .size = sizeof(attach) };

	v->device = open_device(v->name);
	if (v->device < 0)
		return v->device;
	if (ioctl(v->device, BIND, &bind) || ioctl(v->container, IOAS_ALLOC, &space))
		return -errno;
	v->space = space.id;
	attach.id = space.id;
	return ioctl(v->device, ATTACH, &attach) ? -errno : 0;
}

int vfiofd_map(struct vfiodev *v, void *p, __u64 iova, __u64 bytes, __u32 flags)
{
	struct ioas_map map = {
		.size = sizeof(map), .id = v->space, .va = (__u64)(unsigned long)p,
		.length = bytes, .iova = iova,
		.flags = MAP_FIXED_IOVA | (flags & VFIO_DMA_MAP_FLAG_READ ? MAP_READABLE : 0) |
			 (flags & VFIO_DMA_MAP_FLAG_WRITE ? MAP_WRITEABLE : 0),
	};

	return ioctl(v->container, IOAS_MAP, &map) ? -errno : 0;
}

long long vfiofd_unmap(struct vfiodev *v, __u64 iova, __u64 bytes)
{
	struct ioas_unmap unmap = {
		.size = sizeof(unmap), .id = v->space, .iova = iova, .length = bytes,
	};

	return ioctl(v->container, IOAS_UNMAP, &unmap) ? -errno : (long long)unmap.length;
}
