/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mshvrun as a program that tests start: see vmmrun.c.
 */
#ifndef _MSHV_VMMRUN_H
#define _MSHV_VMMRUN_H

#include <sys/types.h>

#include "testvm.h"

#define KERNEL		"/tmp/mshvrun-test-kernel"

/* A guest from one of the *_guests.S. */
#define GUEST(name)							\
	extern const __u8 code_##name[], code_##name##_end[]

/**
 * struct result - the result of a run of mshvrun
 * @pid: while it runs
 * @in: its stdin
 * @out: its stdout
 * @err: its stderr
 * @status: exit status, or -1 - signal
 * @text: what it wrote to stdout
 * @error: what it wrote to stderr
 */
struct result {
	pid_t pid;
	int in;
	int out;
	int err;
	int status;
	char text[4096];
	char error[8192];
};

int vmmrun_file(const char *path, const void *data, size_t size);
int make_kernel(const __u8 *code, const __u8 *end);
void start(struct result *r, const char *const *args);
void finish(struct result *r);
int run(struct result *r, const __u8 *code, const __u8 *end,
	const char *const *args);

#endif
