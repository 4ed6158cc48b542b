// SPDX-License-Identifier: GPL-2.0
/* QEMU's "edu" device, see edu.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <hyperv/hv_interrupt.h>

#include "edu.h"

#define DEVICES		"/sys/bus/pci/devices"
#define EDU_ID		0x11e81234u
#define EDU_BYTES	0x100000
#define PCI_COMMAND	4
#define COMMAND_ON	6		/* memory, bus master */

#define EDU_SOURCE	0x80
#define EDU_TARGET	0x88
#define EDU_COUNT	0x90
#define EDU_COMMAND	0x98
#define EDU_RUN		1ull
#define EDU_TO_MEMORY	2ull
#define EDU_BUFFER	0x40000ull

#define PAGE		4096
#define POLL_US		500

static int open_in(const char *device, const char *file)
{
	char name[512];

	snprintf(name, sizeof(name), DEVICES "/%s/%s", device, file);
	return open(name, O_RDWR | O_SYNC | O_CLOEXEC);
}

static int is_edu(const char *device)
{
	int fd = open_in(device, "config"), found;
	__u32 id = 0;
	__u16 on = COMMAND_ON;

	if (fd < 0)
		return 0;
	found = pread(fd, &id, sizeof(id), 0) == sizeof(id) && id == EDU_ID &&
		pwrite(fd, &on, sizeof(on), PCI_COMMAND) == sizeof(on);
	close(fd);
	return found;
}

static int start(struct edu *edu, const char *device)
{
	int fd = open_in(device, "resource0");
	unsigned int segment, bus, dev, fn;
	void *map;

	if (fd < 0 || sscanf(device, "%x:%x:%x.%x", &segment, &bus, &dev, &fn) != 4)
		return -ENODEV;
	map = mmap(NULL, EDU_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return -errno;
	edu->registers = map;
	edu->id = HV_DEVICE_TYPE_PCI << HV_DEVICE_ID_TYPE_SHIFT |
		  (__u64)segment << HV_DEVICE_ID_PCI_SEGMENT_SHIFT | bus << 8 | dev << 3 | fn;
	snprintf(edu->name, sizeof(edu->name), "%s", strchr(device, ':') + 1);
	return 0;
}

int edu_open(struct edu *edu)
{
	DIR *dir = opendir(DEVICES);
	int ret = -ENODEV;
	struct dirent *e;

	while (ret && dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && is_edu(e->d_name))
			ret = start(edu, e->d_name);
	if (dir)
		closedir(dir);
	return ret;
}

static void put(struct edu *edu, int at, __u64 value)
{
	*(volatile __u64 *)(edu->registers + at) = value;
}

static void copy(struct edu *edu, __u64 from, __u64 to, unsigned int bytes, __u64 direction)
{
	put(edu, EDU_SOURCE, from);
	put(edu, EDU_TARGET, to);
	put(edu, EDU_COUNT, bytes);
	put(edu, EDU_COMMAND, EDU_RUN | direction);
	while (*(volatile __u64 *)(edu->registers + EDU_COMMAND) & EDU_RUN)
		usleep(POLL_US);
}

void edu_load(struct edu *edu, __u64 address, unsigned int bytes)
{
	copy(edu, address, EDU_BUFFER, bytes, 0);
}

void edu_store(struct edu *edu, __u64 address, unsigned int bytes)
{
	copy(edu, EDU_BUFFER, address, bytes, EDU_TO_MEMORY);
}

__u64 edu_physical(const void *p)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	__u64 entry = 0;

	if (fd < 0)
		return 0;
	if (pread(fd, &entry, sizeof(entry), (unsigned long)p / PAGE * 8) != sizeof(entry))
		entry = 0;
	close(fd);
	return (entry & ((1ull << 55) - 1)) * PAGE;
}
