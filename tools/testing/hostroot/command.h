/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The command: a process of the user's, and what its descriptors lead to.
 *
 * Model: the descriptors are pipes that belong to the user, so that programs may open
 * /dev/stdout; or a terminal, of which the command is the session's leader.
 */
#ifndef HOSTROOT_COMMAND_H
#define HOSTROOT_COMMAND_H

#include <sys/types.h>

#include "settings.h"

/* As the shell has them. */
#define STATUS_NOT_EXECUTABLE	126
#define STATUS_NOT_FOUND	127
#define STATUS_SIGNAL		128

struct command {
	pid_t pid;
	/* Our ends of its descriptors; -1 for one that is the same as another. */
	int in;
	int out;
	int err;
	/* The terminal, or -1. */
	int terminal;
};

/* Returns NULL, or why there is no command. */
const char *command_start(struct command *c, const struct settings *s);

void command_signal(const struct command *c, int signal);
void command_size(const struct command *c, const struct winsize *size);

#endif
