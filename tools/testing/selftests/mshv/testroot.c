// SPDX-License-Identifier: GPL-2.0
/*
 * Information about the root that a test runs in: see testroot.h.
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "testroot.h"

#define MODULE			"mshv"

/**
 * module_unload() - unload the driver, unless it is in use
 *
 * Return: 0 or -errno.
 */
int module_unload(void)
{
	return syscall(SYS_delete_module, MODULE, O_NONBLOCK) ? -errno : 0;
}

/**
 * module_load() - load the driver
 * @path: its file
 *
 * Return: 0 or -errno.
 */
int module_load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return ret;
}

/**
 * tvm_is_recorded() - do the root's clocks count instructions?
 *
 * They do in a machine of "rootvm --record", where costs are the same each time.
 *
 * Return: whether they do.
 */
bool tvm_is_recorded(void)
{
	FILE *info = fopen("/proc/cpuinfo", "r");
	char line[256];
	bool is = false;

	while (info && fgets(line, sizeof(line), info))
		is |= strstr(line, "cpu MHz") && strstr(line, ": 1000.000");
	if (info)
		fclose(info);
	return is;
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
