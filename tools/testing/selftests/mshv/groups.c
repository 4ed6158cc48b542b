// SPDX-License-Identifier: GPL-2.0
/*
 * Limits of memory: see groups.h.
 *
 * Model: one group, created for a test and removed after it; a process in it is
 * charged for its allocations.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "groups.h"

#define GROUPS	"/tmp/mshv-groups"
#define POOR	GROUPS "/poor"
#define OFFERED	GROUPS "/cgroup.subtree_control"

/* The controller is not there by itself. */
static bool added;

/**
 * write_file() - write a word to an existing file
 * @path: its name
 * @text: the word
 *
 * Return: 0 or -errno.
 */
int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		ret = -errno;
	close(fd);
	return ret;
}

/**
 * read_number() - read the number in a file
 * @path: its name
 * @value: result; decimal, or hexadecimal behind "0x"
 *
 * Return: 0 or -errno.
 */
int read_number(const char *path, long long *value)
{
	FILE *file = fopen(path, "re");
	int read;

	if (!file)
		return -errno;
	read = fscanf(file, "%lli", value);
	fclose(file);
	return read == 1 ? 0 : -EIO;
}

static int move_to(const char *group)
{
	char path[64], pid[16];

	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	snprintf(pid, sizeof(pid), "%d", getpid());
	return write_file(path, pid);
}

static bool has_memory(void)
{
	FILE *file = fopen(OFFERED, "re");
	char line[256] = "";

	if (!file)
		return false;
	fgets(line, sizeof(line), file);
	fclose(file);
	return strstr(line, "memory");
}

/**
 * group_enter() - enter a new group
 * @max: its limit, as in memory.max
 *
 * Return: 0 or -errno; group_leave() either way.
 */
int group_enter(const char *max)
{
	int ret;

	mkdir(GROUPS, 0700);
	if (mount("none", GROUPS, "cgroup2", 0, NULL) && errno != EBUSY)
		return -errno;
	if (!has_memory()) {
		added = true;
		write_file(OFFERED, "+memory");
	}
	if (mkdir(POOR, 0700) && errno != EEXIST)
		return -errno;
	ret = write_file(POOR "/memory.max", max);
	return ret ? ret : move_to(POOR);
}

/**
 * group_leave() - leave and remove the group
 *
 * Also that of a child, and when there is none.
 */
void group_leave(void)
{
	move_to(GROUPS);
	rmdir(POOR);
	if (added)
		write_file(OFFERED, "-memory");
	umount(GROUPS);
	rmdir(GROUPS);
}

/**
 * group_usage() - read the group's charge
 * @bytes: result
 *
 * Return: 0 or -errno.
 */
int group_usage(__u64 *bytes)
{
	long long value = 0;
	int ret = read_number(POOR "/memory.current", &value);

	*bytes = value;
	return ret;
}
