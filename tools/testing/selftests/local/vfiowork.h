/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A program that has a device at work, and how it ends.
 *
 * Model: a process opens a device and has it read and write memory, a piece of work after
 * another, without end.  It says after each that it goes on.  A process that "listens" gives
 * the device back when the kernel asks for it; one that is "deaf" does not.
 */
#ifndef _VFIOWORK_H
#define _VFIOWORK_H

#include <stdbool.h>
#include <sys/types.h>

#include "vfiodev.h"

/**
 * struct work - what the process does; functions return 0 if all is well
 * @name: of the device, in sysfs
 * @begin: opens the device; @v is what it has opened then
 * @piece: a piece of work
 * @arg: for both
 */
struct work {
	const char *name;
	int (*begin)(struct vfiodev *v, const char *name, void *arg);
	int (*piece)(void *arg);
	void *arg;
};

/**
 * struct worker - the process
 * @pid: of it
 * @goes_on: to be read
 */
struct worker {
	pid_t pid;
	int goes_on;
};

/* Returns when it works. */
int worker_start(struct worker *w, const struct work *work, bool listens);

/* Does it go on from now? */
bool worker_goes_on(struct worker *w);

/* Ends it, in the midst of its work. */
int worker_kill(struct worker *w);

/* Waits for it to end by itself. */
int worker_wait(struct worker *w);

/* The device is taken away from the driver; it does not come back before the program ends. */
pid_t unbind_begin(const char *name);
bool unbind_waits(pid_t pid);
int unbind_end(pid_t pid);

#endif
