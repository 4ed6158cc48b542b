// SPDX-License-Identifier: GPL-2.0
#include "direct.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* System calls of 32-bit programs. */
#define I386_OPEN	5
#define I386_FCNTL	55
#define I386_FCNTL64	221
#define I386_OPENAT	295

#define LOAD(field)		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
					 offsetof(struct seccomp_data, field))
/* How many instructions to skip if the value matches @k, and if it does not. */
#define IF_EQUAL(k, yes, no)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, yes, no)
#define IF_SET(k, yes, no)	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, k, yes, no)
#define ANSWER(what)		BPF_STMT(BPF_RET | BPF_K, what)

#define BEGIN_LENGTH	4
#define CALLS_LENGTH	17

/* System call numbers, which differ between 64-bit and 32-bit programs. */
struct calls {
	unsigned int open;
	unsigned int openat;
	unsigned int fcntl;
	unsigned int fcntl64;
};

static const struct calls calls_64 = { SYS_open, SYS_openat, SYS_fcntl, SYS_fcntl };
static const struct calls calls_32 = { I386_OPEN, I386_OPENAT, I386_FCNTL, I386_FCNTL64 };

static void add_begin(struct sock_filter *to)
{
	const struct sock_filter begin[BEGIN_LENGTH] = {
		LOAD(arch),
		IF_EQUAL(AUDIT_ARCH_X86_64, 2, 0),
		IF_EQUAL(AUDIT_ARCH_I386, 1 + CALLS_LENGTH, 0),
		ANSWER(SECCOMP_RET_ALLOW),
	};

	memcpy(to, begin, sizeof(begin));
}

/* openat2() has its flags in memory; without it, programs take openat(). */
static void add_calls(struct sock_filter *to, const struct calls *c)
{
	const struct sock_filter calls[CALLS_LENGTH] = {
		LOAD(nr),
		IF_EQUAL(c->open, 4, 0),
		IF_EQUAL(c->openat, 5, 0),
		IF_EQUAL(c->fcntl, 6, 0),
		IF_EQUAL(c->fcntl64, 5, 0),
		IF_EQUAL(SYS_openat2, 10, 9),
		/* open */
		LOAD(args[1]),
		IF_SET(O_DIRECT, 6, 7),
		/* openat */
		LOAD(args[2]),
		IF_SET(O_DIRECT, 4, 5),
		/* fcntl */
		LOAD(args[1]),
		IF_EQUAL(F_SETFL, 0, 3),
		LOAD(args[2]),
		IF_SET(O_DIRECT, 0, 1),
		ANSWER(SECCOMP_RET_ERRNO | EINVAL),
		ANSWER(SECCOMP_RET_ALLOW),
		ANSWER(SECCOMP_RET_ERRNO | ENOSYS),
	};

	memcpy(to, calls, sizeof(calls));
}

bool refuse_direct_access(void)
{
	struct sock_filter filter[BEGIN_LENGTH + 2 * CALLS_LENGTH];
	struct sock_fprog program = {
		.len = sizeof(filter) / sizeof(*filter),
		.filter = filter,
	};

	add_begin(filter);
	add_calls(filter + BEGIN_LENGTH, &calls_64);
	add_calls(filter + BEGIN_LENGTH + CALLS_LENGTH, &calls_32);
	return !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
