// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile root: see hostile/hostile.h.
 *
 * Model: an operation loads the module, which makes its calls and fails if a
 * forbidden effect is found.  Without the module nothing is done.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "fuzz.h"

#define MODULE		"mshv_hostile"
#define FILE_NAME	"/selftests/" MODULE ".ko"
#define CALLS		500

static void operation(struct fuzzer *f)
{
	__u64 seed = rng_next(&f->rng) >> 1;
	char arguments[128];
	int fd, ret;

	snprintf(arguments, sizeof(arguments), "seed=%llu calls=%u tell=%u", seed, CALLS,
		 f->world->replay);
	fz_say(f, MODULE " %s", arguments);
	fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
	ret = syscall(SYS_finit_module, fd, arguments, 0) ? -errno : 0;
	close(fd);
	fuzz_after(f, ret);
	fuzz_count(0, CALLS);
	if (ret == -EIO)
		_exit(6);
	if (ret) {
		perror(FILE_NAME);
		_exit(7);
	}
	syscall(SYS_delete_module, MODULE, O_NONBLOCK);
}

static void prepare(struct fuzz_world *world)
{
	fuzz_world_init(world);
	/* The root's own objects have been allocated then. */
	tvm_life();
}

/* And is it for this kernel? */
static bool is_there(void)
{
	int fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
	bool fits;

	if (fd < 0)
		return false;
	fits = !syscall(SYS_finit_module, fd, "calls=0", 0) || errno != ENOEXEC;
	close(fd);
	syscall(SYS_delete_module, MODULE, O_NONBLOCK);
	return fits;
}

const struct fuzz_grammar fuzz_grammar = {
	.is_there = is_there,
	.prepare = prepare,
	.operation = operation,
	.rounds = 4,
	.threads = 1,
	.ops = 10,
	.counts = { "hypercalls" },
};
