// SPDX-License-Identifier: GPL-2.0
/*
 * Information about the root that a test runs in: see testroot.h.
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mshvvm.h"
#include "testroot.h"

#define MODULE			"mshv"

/**
 * root_lacks() - find out what all tests need and this root does not have
 *
 * Return: what it is in words, or NULL.
 */
const char *root_lacks(void)
{
	static char text[128];
	int fd;

	if (geteuid())
		return "must be run as root";
	fd = vmm_open(VMM_DEVICE);
	if (fd < 0) {
		snprintf(text, sizeof(text), "%s: %s", VMM_DEVICE, strerror(-fd));
		return text;
	}
	close(fd);
	return NULL;
}

/**
 * own_driver() - is the driver the one that these tests came with?
 *
 * Return: true if it has the query that no other one has.
 */
bool own_driver(void)
{
	static int answer = -1;
	__u32 what = MSHV_EXTENSION_SCHEDULER;
	int fd = answer < 0 ? vmm_open(VMM_DEVICE) : -1;

	if (fd >= 0) {
		answer = ioctl(fd, MSHV_CHECK_EXTENSION, &what) >= 0;
		close(fd);
	}
	return answer > 0;
}

/**
 * kernel_says() - look for a text in the kernel's log
 * @text: part of a line
 *
 * Return: true if it is there.
 */
bool kernel_says(const char *text)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char line[8192];
	bool found = false;
	ssize_t n;

	while (fd >= 0 && !found) {
		n = read(fd, line, sizeof(line) - 1);
		/* EPIPE: records have been overwritten. */
		if (n < 0 && errno != EPIPE)
			break;
		line[n < 0 ? 0 : n] = '\0';
		found = strstr(line, text);
	}
	if (fd >= 0)
		close(fd);
	return found;
}

/**
 * module_unload() - unload the driver, unless it is in use
 *
 * Return: 0 or -errno.
 */
int module_unload(void)
{
	return syscall(SYS_delete_module, MODULE, O_NONBLOCK) ? -errno : 0;
}

/* Opens a file that stands in the same folder as the program. */
static int open_beside(const char *name)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	while (n > 0 && path[n - 1] != '/')
		n--;
	if (n <= 0)
		return -1;
	snprintf(path + n, sizeof(path) - n, "%s", name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/**
 * module_load() - load a module, without parameters
 * @path: its file; a name without a slash stands beside the program
 *
 * Return: 0 or -errno.
 */
int module_load(const char *path)
{
	int fd = strchr(path, '/') ? open(path, O_RDONLY | O_CLOEXEC) : open_beside(path);
	int ret;

	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return ret;
}

/**
 * tvm_is_recorded() - do the root's clocks count instructions?
 *
 * They do in a machine that QEMU runs with -icount, where costs are the same each time.
 * Who runs the tests knows it.
 *
 * Return: whether MSHV_EXACT says so.
 */
bool tvm_is_recorded(void)
{
	return getenv("MSHV_EXACT");
}

/**
 * count_open_fds() - count this process's descriptors
 *
 * Return: their number, without the one that is needed to count.
 */
int count_open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	if (!dir)
		return -errno;
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 3;	/* ".", ".." and the folder itself */
}

/**
 * kcore_offset() - find memory in /proc/kcore
 * @kcore: its descriptor
 * @address: physical address
 *
 * Return: the offset there, or -1.
 */
off_t kcore_offset(int kcore, __u64 address)
{
	Elf64_Ehdr head;
	Elf64_Phdr part;
	unsigned int i;

	if (pread(kcore, &head, sizeof(head), 0) != sizeof(head))
		return -1;
	for (i = 0; i < head.e_phnum; i++) {
		off_t from = head.e_phoff + i * sizeof(part);

		if (pread(kcore, &part, sizeof(part), from) != sizeof(part))
			return -1;
		if (part.p_type == PT_LOAD && part.p_vaddr < KERNEL_IMAGE &&
		    address >= part.p_paddr && address - part.p_paddr < part.p_memsz)
			return part.p_offset + address - part.p_paddr;
	}
	return -1;
}
