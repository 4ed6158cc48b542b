// SPDX-License-Identifier: GPL-2.0
/*
 * The time that a guest has used is guest time of its thread.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "harness.h"

#define GUEST_TIME_FIELD	43	/* of /proc/PID/stat, counted from 1 */

static void *run_once(void *data)
{
	struct hv_message message;

	return (void *)(long)vmm_run(*(int *)data, &message);
}

/* Clock ticks that any of the threads has been a guest; -1 if not available. */
static long guest_time(void)
{
	char path[64], text[1024], *field;
	struct dirent *entry;
	long ticks = -1;
	unsigned int i;
	ssize_t n;
	DIR *dir;
	int fd;

	dir = opendir("/proc/self/task");
	while (dir && (entry = readdir(dir))) {
		if (atoi(entry->d_name) <= 0 ||
		    atoi(entry->d_name) == syscall(SYS_gettid))
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%d/stat",
			 atoi(entry->d_name));
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
		if (fd >= 0)
			close(fd);
		text[n < 0 ? 0 : n] = 0;
		field = strrchr(text, ')');
		for (i = 2; field && i < GUEST_TIME_FIELD; i++)
			field = strchr(field + 1, ' ');
		if (field)
			ticks = atol(field);
	}
	if (dir)
		closedir(dir);
	return ticks;
}

TEST(spinning_guest)
{
	pthread_t thread;
	void *result;
	struct tvm t;

	ASSERT_OK(tvm_start(&t, guest_spin, sizeof(guest_spin)));
	if (!tvm_root_scheduler(&t))
		SKIP(tvm_close(&t); return, "needs the root scheduler");
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_once, &t.vp[0]));
	EXPECT_TRUE(wait_until(guest_time() > 0));
	ASSERT_EQ(0, ioctl(t.vp[0], MSHV_KICK_VP));
	ASSERT_EQ(0, pthread_join(thread, &result));
	EXPECT_EQ(-EINTR, (long)result);
	tvm_close(&t);
}

TEST_HARNESS_MAIN
