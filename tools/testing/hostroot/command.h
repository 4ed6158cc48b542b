/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The command: a process of the user, and the other ends of its descriptors.
 *
 * Model: the descriptors are pipes owned by the user, so that programs can open
 * /dev/stdout; or a terminal, with the command as session leader.
 */
#ifndef HOSTROOT_COMMAND_H
#define HOSTROOT_COMMAND_H

#include <sys/types.h>

#include "settings.h"

/* As in the shell. */
#define STATUS_NOT_EXECUTABLE	126
#define STATUS_NOT_FOUND	127
#define STATUS_SIGNAL		128

struct command {
	pid_t pid;
	/* The other ends of its descriptors; -1 if it is the same as another one. */
	int in;
	int out;
	int err;
	/* The terminal, or -1. */
	int terminal;
};

/* Returns NULL, or why the command could not be started. */
const char *command_start(struct command *c, const struct settings *s);

void command_signal(const struct command *c, int signal);
void command_size(const struct command *c, const struct winsize *size);

#endif
