// SPDX-License-Identifier: GPL-2.0
/* A device of PCI that VFIO gives to this program, see vfiodev.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "groups.h"
#include "vfiodev.h"
#include "vfiofd.h"

#define PCI		"/sys/bus/pci/"
#define UNSAFE		"/parameters/allow_unsafe_interrupts"
#define PCI_COMMAND	4
#define COMMAND_ON	0x406			/* memory, bus master, no INTx */
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
		write_file(by_iommufd() ? "/sys/module/iommufd" UNSAFE :
			   "/sys/module/vfio_iommu_type1" UNSAFE, "Y");
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
	if (v->registers)
		munmap((void *)v->registers, v->bytes);
	if (v->device >= 0)
		close(v->device);
	if (v->group >= 0)
		close(v->group);
	if (v->container >= 0)
		close(v->container);
	v->device = -1;
	v->group = -1;
	v->container = -1;
	v->registers = NULL;
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

static int region(struct vfiodev *v, unsigned int index, struct vfio_region_info *info)
{
	*info = (struct vfio_region_info){ .argsz = sizeof(*info), .index = index };
	return ioctl(v->device, VFIO_DEVICE_GET_REGION_INFO, info) ? -errno : 0;
}

/* Memory, bus master, and no pin. */
static int switch_on(struct vfiodev *v)
{
	struct vfio_region_info config;
	__u16 command = COMMAND_ON;

	if (region(v, VFIO_PCI_CONFIG_REGION_INDEX, &config) ||
	    pwrite(v->device, &command, sizeof(command), config.offset + PCI_COMMAND) !=
	    sizeof(command))
		return -EIO;
	return 0;
}

volatile __u8 *vfiodev_registers(struct vfiodev *v, size_t bytes)
{
	struct vfio_region_info bar;
	void *p;

	if (region(v, VFIO_PCI_BAR0_REGION_INDEX, &bar) || bar.size < bytes || switch_on(v))
		return NULL;
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, v->device, bar.offset);
	if (p == MAP_FAILED)
		return NULL;
	v->registers = p;
	v->bytes = bytes;
	return p;
}

int vfiodev_asked(struct vfiodev *v, int *fd)
{
	char room[sizeof(struct vfio_irq_set) + sizeof(__s32)];
	struct vfio_irq_set *set = (void *)room;

	*fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (*fd < 0)
		return -errno;
	*set = (struct vfio_irq_set){
		.argsz = sizeof(room), .index = VFIO_PCI_REQ_IRQ_INDEX, .count = 1,
		.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
	};
	memcpy(set->data, fd, sizeof(*fd));
	return ioctl(v->device, VFIO_DEVICE_SET_IRQS, set) ? -errno : 0;
}

long long vfiodev_counter(const char *name)
{
	long long value;
	char path[128];

	snprintf(path, sizeof(path), COUNTERS "%s", name);
	return read_number(path, &value) ? -1 : value;
}

const char *vfiodev_missing(void)
{
	return vfiodev_counter("domains") < 0 ? "the IOMMU driver is not loaded" : NULL;
}
