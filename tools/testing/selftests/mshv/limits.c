// SPDX-License-Identifier: GPL-2.0
/*
 * How tests wait: waits.h.
 */
#include <sys/syscall.h>

#include "harness.h"

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (!pid)
		for (;;)
			pause();
	return pid;
}

static pid_t spinner(void)
{
	pid_t pid = fork();

	if (!pid)
		for (;;)
			;
	return pid;
}

TEST(who_stands)
{
	pid_t sleeps = sleeper(), spins = spinner();

	EXPECT_TRUE(wait_until(stands_in(sleeps, SYS_pause, 0)));
	EXPECT_TRUE(all_stand(sleeps));
	EXPECT_FALSE(stands_in(sleeps, SYS_ioctl, 0));
	EXPECT_FALSE(stands_in_run(sleeps));
	EXPECT_FALSE(is_in_guest(sleeps));
	EXPECT_FALSE(all_stand(spins));
	EXPECT_FALSE(is_in_guest(spins));
	kill(sleeps, SIGKILL);
	kill(spins, SIGKILL);
	ASSERT_EQ(sleeps, waitpid(sleeps, NULL, 0));
	ASSERT_EQ(spins, waitpid(spins, NULL, 0));
	/* Nothing is known of a thread that does not exist. */
	EXPECT_FALSE(all_stand(spins));
	EXPECT_FALSE(stands_in(spins, SYS_pause, 0));
}

TEST(something_to_read)
{
	int fds[2];

	ASSERT_EQ(0, pipe(fds));
	ASSERT_EQ(1, write(fds[1], "x", 1));
	EXPECT_TRUE(wait_readable(fds[0]));
	close(fds[0]);
	close(fds[1]);
}

/* A thread that hangs is only interrupted if the test expects that it may hang. */
TEST(patience_ends)
{
	unsigned int i;

	for (i = 0; i < 100; i++) {
		patience_begin();
		patience_end();
	}
	patience_begin();
	EXPECT_TRUE(wait_until(true));
	patience_end();
}

TEST_HARNESS_MAIN
