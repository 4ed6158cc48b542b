/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device of PCI that VFIO gives to this program.
 *
 * Model: the driver vfio-pci takes the device; a container of type 1 has one group, that
 * of the device.  What is mapped in the container is what the device reaches.  With
 * VFIO_BY=iommufd in the environment it is an iommufd that does so, see vfiofd.c.
 */
#ifndef _VFIODEV_H
#define _VFIODEV_H

#include <stddef.h>

#include <linux/types.h>

/**
 * struct vfiodev - the device
 * @name: in sysfs, 0000:00:02.0
 * @container: its container, or its iommufd
 * @space: address space in the latter
 * @group: its group
 * @device: the device; these three are file descriptors, or -1
 * @registers: of the device, if they are mapped, which keeps it open
 * @bytes: of them
 */
struct vfiodev {
	char name[16];
	int container, group, device;
	__u32 space;
	volatile __u8 *registers;
	size_t bytes;
};

/* NULL, or the reason to skip tests of it: there is no IOMMU driver. */
const char *vfiodev_missing(void);

/* What others use it for does not matter; 0, or a negative errno. */
int vfiodev_bind(const char *name);
int vfiodev_unbind(const char *name);

/* 0 or a negative errno. */
int vfiodev_open(struct vfiodev *v, const char *name);
void vfiodev_close(struct vfiodev *v);
int vfiodev_map(struct vfiodev *v, void *p, __u64 iova, __u64 bytes, __u32 flags);

/* Bytes that were unmapped, or a negative errno. */
long long vfiodev_unmap(struct vfiodev *v, __u64 iova, __u64 bytes);

/* Registers that the device has in its first region, mapped; it may write to memory then. */
volatile __u8 *vfiodev_registers(struct vfiodev *v, size_t bytes);

/* A file that becomes readable when the device is asked for; 0 or a negative errno. */
int vfiodev_asked(struct vfiodev *v, int *eventfd);

/* A counter of the IOMMU driver's, or -1. */
long long vfiodev_counter(const char *name);

#endif
