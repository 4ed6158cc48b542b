/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What rootvm --host-root has put down about the command: files in one folder, written
 * by scripts/hostroot.sh.  Lists have a NUL behind each element.
 *
 *   command, environment   lists
 *   folder                 where it runs
 *   ids                    numbers: the user, the group, more groups
 *   umask                  in octal
 *   limits                 the caller's /proc/PID/limits
 *   terminal               numbers of the descriptors that are a terminal; not there
 *                          if the command has none
 *   no-direct              there if O_DIRECT is refused
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
	/* Of the terminal, which is no file's matter: it may change meanwhile. */
	struct winsize size;
};

/* Returns NULL, or what is wrong. */
const char *settings_read(struct settings *s, const char *folder);

#endif
