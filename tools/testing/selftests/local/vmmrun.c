// SPDX-License-Identifier: GPL-2.0
/*
 * mshvrun as a program that tests start.
 *
 * Model: each guest is wrapped into a bzImage of a few hundred bytes.  The standard
 * streams of mshvrun are pipes to the test.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "vmmrun.h"

#define MAX_ARGS	16
#define SECTOR		512
#define SETUP_SECTORS	1
#define ENTRY		0x200	/* of the 64-bit code, in the kernel proper */

/**
 * vmmrun_file() - create a file
 * @path: its name
 * @data: contents
 * @size: their size
 *
 * Return: 0 or -EIO.
 */
int vmmrun_file(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = fd >= 0 && write(fd, data, size) == (ssize_t)size;

	close(fd);
	return good ? 0 : -EIO;
}

/**
 * make_kernel() - wrap a guest into the file KERNEL
 * @code: the guest
 * @end: its end
 *
 * The header says: 64-bit entry, 2 MiB, relocatable, 64 KiB needed.
 *
 * Return: 0 or -EIO.
 */
int make_kernel(const __u8 *code, const __u8 *end)
{
	static __u8 image[4096];
	const __u32 init_size = 0x10000, alignment = 0x200000;
	const __u64 preferred = 0x200000;

	memset(image, 0, sizeof(image));
	image[0x1f1] = SETUP_SECTORS;
	image[0x1fe] = 0x55;
	image[0x1ff] = 0xaa;
	image[0x200] = 0xeb;
	image[0x201] = 0x66;
	memcpy(image + 0x202, "HdrS\x0f\x02", 6);
	memcpy(image + 0x22c, "\xff\xff\xff\x7f", 4);
	memcpy(image + 0x230, &alignment, 4);
	image[0x234] = 1;
	image[0x236] = 1;
	image[0x239] = 8;
	memcpy(image + 0x258, &preferred, 8);
	memcpy(image + 0x260, &init_size, 4);
	memcpy(image + (SETUP_SECTORS + 1) * SECTOR + ENTRY, code, end - code);
	return vmmrun_file(KERNEL, image, sizeof(image));
}

/**
 * start() - start mshvrun
 * @r: result, to be finished
 * @args: its arguments, terminated by NULL
 */
void start(struct result *r, const char *const *args)
{
	const char *list[MAX_ARGS] = { "mshvrun" };
	int in[2], out[2], err[2];
	unsigned int i;

	for (i = 0; args[i] && i < MAX_ARGS - 2; i++)
		list[i + 1] = args[i];
	memset(r, 0, sizeof(*r));
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) ||
	    pipe2(err, O_CLOEXEC)) {
		r->pid = -1;
		return;
	}
	r->pid = fork();
	if (!r->pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		execvp(getenv("MSHVRUN") ?: "mshvrun", (char **)list);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	r->in = in[1];
	r->out = out[0];
	r->err = err[0];
}

static void drain(int fd, char *text, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while ((n = read(fd, text + used, size - 1 - used)) > 0)
		used += n;
	text[used] = 0;
	close(fd);
}

/**
 * finish() - wait for its end, and read its output until then
 * @r: from start()
 */
void finish(struct result *r)
{
	int status = 0;

	close(r->in);
	drain(r->out, r->text, sizeof(r->text));
	drain(r->err, r->error, sizeof(r->error));
	waitpid(r->pid, &status, 0);
	r->status = WIFEXITED(status) ? WEXITSTATUS(status) :
					-1 - WTERMSIG(status);
}

/**
 * run() - start mshvrun with a guest, and wait for its end
 * @r: result
 * @code: the guest
 * @end: its end
 * @args: arguments, terminated by NULL
 *
 * Return: 0 or -EIO.
 */
int run(struct result *r, const __u8 *code, const __u8 *end,
	const char *const *args)
{
	if (make_kernel(code, end))
		return -EIO;
	start(r, args);
	finish(r);
	return 0;
}
