/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's tracing, and mshvstat as a program with a tracing instance.
 */
#ifndef _MSHV_TRACEFS_H
#define _MSHV_TRACEFS_H

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define TRACING		"/sys/kernel/tracing/"
#define INSTANCES	TRACING "instances"
/* As in the shell. */
#define NOT_FOUND	127

/* The one that stands beside this program, or else the first in PATH. */
static inline void find_mshvstat(void)
{
	char self[PATH_MAX], *path;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n < 0 ? 0 : n] = '\0';
	path = strrchr(self, '/');
	if (!path)
		return;
	*path = '\0';
	if (asprintf(&path, "%s:%s", self, getenv("PATH") ?: "/usr/bin:/bin") < 0)
		return;
	setenv("PATH", path, 1);
	free(path);
}

/* Counts until it is killed; its exit status is NOT_FOUND if there is none. */
static inline pid_t start_mshvstat(void)
{
	pid_t pid = fork();

	if (!pid) {
		find_mshvstat();
		freopen("/dev/null", "w", stdout);
		execlp("mshvstat", "mshvstat", "-b", NULL);
		_exit(NOT_FOUND);
	}
	return pid;
}

#endif
