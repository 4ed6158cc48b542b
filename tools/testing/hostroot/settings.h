/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The settings that rootvm --host-root passes on about the command: files in a folder,
 * written by scripts/hostroot.sh.  The elements of lists are terminated by NUL.
 *
 *   command, environment   lists
 *   folder                 working directory
 *   ids                    numbers: the user, the group, more groups
 *   umask                  in octal
 *   limits                 the caller's /proc/PID/limits
 *   terminal               numbers of the descriptors that are a terminal; missing if the
 *                          command has none
 *   no-direct              exists if O_DIRECT is refused
 */
#ifndef HOSTROOT_SETTINGS_H
#define HOSTROOT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/types.h>

#define MAX_GROUPS 1024
#define MAX_LIMITS 4

struct limit {
	int resource;
	struct rlimit value;
};

struct settings {
	char **command;
	char **environment;
	char *folder;
	uid_t uid;
	gid_t gid;
	gid_t groups[MAX_GROUPS];
	size_t group_count;
	mode_t umask;
	struct limit limits[MAX_LIMITS];
	size_t limit_count;
	bool terminal;
	bool terminal_err;
	bool no_direct;
	/* Of the terminal; not in a file, as it may change. */
	struct winsize size;
};

/* Returns NULL, or what is wrong. */
const char *settings_read(struct settings *s, const char *folder);

#endif
