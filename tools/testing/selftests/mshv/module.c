// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading while the hypervisor sends messages and programs use it.
 */
#include <glob.h>
#include <sys/wait.h>

#include "harness.h"
#include "tracefs.h"

#define ROUNDS	8
/* Attempts to unload it while it is used, before the user is killed. */
#define TRIES	200

#define MSHVSTAT_HAS	INSTANCES "/mshvstat.*/events/mshv/mshv_exit/trigger"

FIXTURE(module) {
	struct books before;
	const char *path;
};

FIXTURE_SETUP(module)
{
	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "module to replace");
	self->path = getenv("MSHV_KO") ?: "/mshv.ko";
	if (access(self->path, R_OK))
		SKIP(return, "no module file %s; MSHV_KO names it",
		     self->path);
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	ASSERT_OK(tvm_life());
}

FIXTURE_TEARDOWN(module)
{
	rv_rules_clear();
	/* Whatever has happened, the following tests need it. */
	if (access(VMM_DEVICE, F_OK))
		module_load(self->path);
	ASSERT_BOOKS(&self->before);
}

/* Sends a message to a kernel that may or may not be listening. */
static void speak(void)
{
	const __u32 index = 0;

	for (;;) {
		rv_message(0, 0, HVMSG_OPAQUE_INTERCEPT, 2, &index, 4);
		rv_message(0, 0, 0x80000099, 2, &index, 4);
		rv_doorbell(0, 1);
	}
}

/* Opens the node as soon as it appears, and uses it at once. */
static void use(void)
{
	for (;;)
		tvm_life();
}

/* Does an mshvstat count with the driver's tracepoint? */
static bool tracing(void)
{
	char line[32] = "#";
	glob_t found;
	FILE *f = NULL;

	if (!glob(MSHVSTAT_HAS, 0, NULL, &found))
		f = fopen(found.gl_pathv[0], "re");
	globfree(&found);
	if (f) {
		fgets(line, sizeof(line), f);
		fclose(f);
	}
	return !strncmp(line, "hist:", 5);
}

TEST_F(module, pitfall_23_comes_and_goes_under_messages)
{
	unsigned int round, tries;
	pid_t speaker, user;
	int status, ret = 0;

	speaker = fork();
	if (!speaker)
		speak();
	user = fork();
	if (!user)
		use();
	for (round = 0; round < ROUNDS && !ret; round++) {
		/* It is in use more often than not. */
		for (tries = 0; tries < TRIES; tries++) {
			ret = module_unload();
			if (ret != -EWOULDBLOCK)
				break;
			wait_slice();
		}
		if (ret == -EWOULDBLOCK) {
			/* Then the user has to release it. */
			kill(user, SIGKILL);
			waitpid(user, &status, 0);
			user = 0;
			wait_until((ret = module_unload()) != -EWOULDBLOCK);
		}
		EXPECT_EQ(0, ret);
		ret = module_load(self->path);
		EXPECT_EQ(0, ret);
		if (!user) {
			user = fork();
			if (!user)
				use();
		}
	}
	kill(user, SIGKILL);
	kill(speaker, SIGKILL);
	ASSERT_EQ(user, waitpid(user, &status, 0));
	ASSERT_EQ(speaker, waitpid(speaker, &status, 0));
	EXPECT_EQ(0, tvm_life());
}

/* A first hypercall is refused: the module is not loaded, and nothing is left over. */
TEST_F(module, pitfall_A22_load_fails_half_way)
{
	static const __u16 statuses[] = {
		HV_STATUS_OPERATION_FAILED, HV_STATUS_ACCESS_DENIED,
		HV_STATUS_INSUFFICIENT_MEMORY,
	};
	unsigned int i;
	__u64 hits = 0;
	__u32 rule;

	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		ASSERT_EQ(0, module_unload());
		ASSERT_EQ(0, rv_fail(HVCALL_GET_SYSTEM_PROPERTY, statuses[i], 0,
				     0, &rule));
		EXPECT_GT(0, module_load(self->path));
		ASSERT_EQ(0, rv_rule_hits(rule, &hits));
		EXPECT_NE(0, hits);
		EXPECT_EQ(-1, access(VMM_DEVICE, F_OK));
		ASSERT_EQ(0, rv_rules_clear());
		ASSERT_EQ(0, module_load(self->path));
		EXPECT_EQ(0, tvm_life());
	}
}

/* The kernel warns about a module that is unloaded while its tracepoints are used. */
TEST_F(module, stays_while_it_is_looked_at)
{
	pid_t pid;
	int ret;

	if (access(INSTANCES, F_OK))
		SKIP(return, "no tracefs");
	pid = start_mshvstat();
	wait_until(tracing() || waitpid(pid, NULL, WNOHANG));
	if (!tracing())
		SKIP(return, "no mshvstat");
	EXPECT_EQ(-EWOULDBLOCK, module_unload());
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	wait_until((ret = module_unload()) != -EWOULDBLOCK);
	EXPECT_EQ(0, ret);
	EXPECT_FALSE(tracing());
	EXPECT_EQ(0, module_load(self->path));
}

TEST_HARNESS_MAIN
