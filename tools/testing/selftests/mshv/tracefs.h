/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's tracing, and mshvstat as a program with a tracing instance.
 */
#ifndef _MSHV_TRACEFS_H
#define _MSHV_TRACEFS_H

#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#define TRACING		"/sys/kernel/tracing/"
#define INSTANCES	TRACING "instances"
/* As in the shell. */
#define NOT_FOUND	127

/* Counts until it is killed; its exit status is NOT_FOUND if there is none. */
static inline pid_t start_mshvstat(void)
{
	pid_t pid = fork();

	if (!pid) {
		freopen("/dev/null", "w", stdout);
		execlp("mshvstat", "mshvstat", "-b", NULL);
		_exit(NOT_FOUND);
	}
	return pid;
}

#endif
