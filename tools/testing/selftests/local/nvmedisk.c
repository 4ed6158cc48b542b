// SPDX-License-Identifier: GPL-2.0
/* The NVMe disk of the machine, see nvmedisk.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "groups.h"
#include "nvmedisk.h"
#include "rng.h"
#include "vfiodev.h"
#include "waits.h"

#define PCI		"/sys/bus/pci/"
#define DEVICES		PCI "devices"
#define NVME_CLASS	0x010802
#define DISKS		"/dev/nvme*n1"
#define SUM_PRIME	0x100000001b3ull

static int is_nvme(const char *device)
{
	long long class;
	char path[300];

	snprintf(path, sizeof(path), DEVICES "/%s/class", device);
	return !read_number(path, &class) && class == NVME_CLASS;
}

static int look(char name[16])
{
	DIR *dir = opendir(DEVICES);
	int ret = -ENODEV;
	struct dirent *e;

	while (ret && dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && is_nvme(e->d_name)) {
			snprintf(name, 16, "%.15s", e->d_name);
			ret = 0;
		}
	if (dir)
		closedir(dir);
	return ret;
}

static int in_a_group(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), DEVICES "/%s/iommu_group", name);
	return !access(path, F_OK);
}

/* One that had a driver before the IOMMU's was loaded has to come anew. */
static int find(char name[16])
{
	char path[128];
	int ret = look(name);

	if (ret || in_a_group(name))
		return ret;
	snprintf(path, sizeof(path), DEVICES "/%s/remove", name);
	ret = write_file(path, "1") ?: write_file(PCI "rescan", "1");
	return ret ?: wait_until(!look(name) && in_a_group(name)) ? 0 : -ENODEV;
}

const char *nvmedisk_start(char name[16])
{
	const char *reason = vfiodev_missing();

	return reason ?: find(name) ? "there is no NVMe disk" : NULL;
}

/* Its number is that of a controller, of which there may be several. */
int nvmedisk_open(int flags)
{
	glob_t found;
	int fd = -1;

	if (!glob(DISKS, 0, NULL, &found))
		fd = open(found.gl_pathv[0], flags | O_DIRECT | O_CLOEXEC);
	globfree(&found);
	return fd < 0 ? -ENODEV : fd;
}

static int disk_is_there(void)
{
	int fd = nvmedisk_open(O_RDONLY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int nvmedisk_bind(const char *name)
{
	int ret = write_file(PCI "drivers_probe", name);

	return ret ?: wait_until(disk_is_there()) ? 0 : -ENODEV;
}

int nvmedisk_retype(const char *name, const char *type)
{
	char unbind[128], group[128];
	int ret;

	snprintf(unbind, sizeof(unbind), DEVICES "/%s/driver/unbind", name);
	snprintf(group, sizeof(group), DEVICES "/%s/iommu_group/type", name);
	ret = write_file(unbind, name) ?: write_file(group, type);
	return nvmedisk_bind(name) ?: ret;
}

static int transfer(bool write, __u64 at, void *p, size_t bytes)
{
	int fd = nvmedisk_open(write ? O_WRONLY : O_RDONLY);
	ssize_t done;

	if (fd < 0)
		return fd;
	done = write ? pwrite(fd, p, bytes, at) : pread(fd, p, bytes, at);
	close(fd);
	return done == (ssize_t)bytes ? 0 : -EIO;
}

int nvmedisk_read(__u64 at, void *p, size_t bytes)
{
	return transfer(false, at, p, bytes);
}

int nvmedisk_write(__u64 at, const void *p, size_t bytes)
{
	return transfer(true, at, (void *)p, bytes);
}

void nvmedisk_fill(void *p, size_t bytes, __u64 seed)
{
	struct rng rng = { seed };
	__u64 *word = p;
	size_t i;

	for (i = 0; i < bytes / 8; i++)
		word[i] = rng_next(&rng);
}

__u64 nvmedisk_sum(const void *p, size_t bytes)
{
	const __u64 *word = p;
	__u64 sum = 0;
	size_t i;

	for (i = 0; i < bytes / 8; i++)
		sum = (sum ^ word[i]) * SUM_PRIME;
	return sum;
}
