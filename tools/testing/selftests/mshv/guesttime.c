// SPDX-License-Identifier: GPL-2.0
/*
 * The time that a guest has used is guest time of its thread, and no grace period of RCU
 * waits for it on a processor whose contexts the kernel tracks.
 */
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "groups.h"
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

/* The first processor whose contexts are tracked, or -1. */
static long long tracked_cpu(void)
{
	long long cpu;

	return read_number("/sys/devices/system/cpu/nohz_full", &cpu) ? -1 : cpu;
}

/* How often other processors have called a function on that one. */
static long cross_calls(int cpu)
{
	FILE *f = fopen("/proc/interrupts", "r");
	char line[4096], *at;
	long count = -1;
	int i;

	while (f && count < 0 && fgets(line, sizeof(line), f)) {
		at = strstr(line, "CAL:");
		for (i = 0, at = at ? at + 4 : NULL; at && i <= cpu; i++)
			count = strtol(at, &at, 10);
	}
	if (f)
		fclose(f);
	return count;
}

#define GRACE_PERIODS	20
#define FOLDER		"/tmp/guesttime"

/* Each waits until no processor can see any more what was mounted. */
static bool pass_unheard(int cpu)
{
	long before = cross_calls(cpu);
	int i;

	for (i = 0; i < GRACE_PERIODS; i++) {
		if (mount("none", FOLDER, "tmpfs", 0, NULL) || umount(FOLDER))
			return false;
	}
	return before >= 0 && cross_calls(cpu) - before < GRACE_PERIODS / 2;
}

TEST(grace_periods)
{
	long long cpu = tracked_cpu();
	pthread_t thread;
	cpu_set_t set;
	struct tvm t;

	if (cpu < 0)
		SKIP(return, "no processor of this kernel is nohz_full");
	ASSERT_OK(tvm_start(&t, guest_spin, sizeof(guest_spin)));
	if (!tvm_root_scheduler(&t))
		SKIP(tvm_close(&t); return, "needs the root scheduler");
	mkdir(FOLDER, 0700);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_once, &t.vp[0]));
	EXPECT_EQ(0, pthread_setaffinity_np(thread, sizeof(set), &set));
	/* Now and then the kernel has something to do there. */
	EXPECT_TRUE(wait_until(guest_time() > 0 && pass_unheard(cpu)));
	ASSERT_EQ(0, ioctl(t.vp[0], MSHV_KICK_VP));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	rmdir(FOLDER);
	tvm_close(&t);
}

TEST_HARNESS_MAIN
