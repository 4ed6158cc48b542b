// SPDX-License-Identifier: GPL-2.0
/*
 * Exits that reach the VMM, by message: a histogram of the kernel on the driver's
 * tracepoint mshv_exit.
 *
 * Model: a tracing instance of its own, named after this process, so that other
 * users of tracing are not disturbed.  A child process, the keeper, removes it when
 * this process ends, for whatever reason: it reads from a pipe that is never
 * written to.  One that is left all the same is removed by the next mshvstat.
 * Nothing is lost between two updates, and an update costs as much as there are
 * different reasons, not exits.
 *
 * The keeper has the device open: the kernel would allow a module to be unloaded
 * whose tracepoint is still used by a histogram, and warn then.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mshvvm.h"
#include "stat.h"

#define INSTANCES	"/sys/kernel/tracing/instances"
#define EVENT		"events/mshv/mshv_exit"
#define TRIGGER		"hist:keys=partition_id,vp_index,type:size=4096"
#define MAX_EVENTS	64
/*
 * Attempts to remove an instance, 10 ms apart: the process that ends is closing its
 * files.
 */
#define REMOVE_TRIES	500

static char instance[64];
static pid_t keeper;
static int lifeline = -1;

/* Names of events, with a mark that distinguishes them from the hypervisor's. */
static struct {
	unsigned int type;
	char name[40];
} names[MAX_EVENTS];

static const char *event_of(unsigned int type)
{
	size_t i;

	for (i = 0; i < MAX_EVENTS && names[i].name[0]; i++)
		if (names[i].type == type)
			return names[i].name;
	if (i == MAX_EVENTS)
		return "vmm:others";
	names[i].type = type;
	snprintf(names[i].name, sizeof(names[i].name), "vmm:%s",
		 vmm_message_name(type));
	for (char *c = names[i].name; *c; c++)
		if (*c == ' ')
			*c = '-';
	return names[i].name;
}

static void remove_stale(void)
{
	struct dirent *entry;
	char path[320], end;
	DIR *dir;
	int pid;

	dir = opendir(INSTANCES);
	while (dir && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "mshvstat.%d%c", &pid, &end) == 1 &&
		    kill(pid, 0) && errno == ESRCH) {
			snprintf(path, sizeof(path), INSTANCES "/%s",
				 entry->d_name);
			rmdir(path);
		}
	if (dir)
		closedir(dir);
}

static int write_text(const char *file, const char *text)
{
	char path[128];
	int fd, ret = 0;

	snprintf(path, sizeof(path), "%s/" EVENT "/%s", instance, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static void remove_instance(void)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	unsigned int i;

	write_text("trigger", "!" TRIGGER);
	for (i = 0; rmdir(instance) && errno == EBUSY && i < REMOVE_TRIES; i++)
		nanosleep(&pause, NULL);
}

/* Does not return.  Signals to a whole terminal or process name are ignored. */
static void keep(int end)
{
	static const int others[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	size_t i;
	char c;

	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		signal(others[i], SIG_IGN);
	setsid();
	prctl(PR_SET_NAME, "mshv-keeper");
	while (read(end, &c, 1) < 0 && errno == EINTR)
		;
	remove_instance();
	_exit(0);
}

static int start_keeper(void)
{
	int device, ends[2], ret = 0;

	device = open(VMM_DEVICE, O_RDONLY | O_CLOEXEC);
	if (device < 0)
		return -errno;
	if (pipe2(ends, O_CLOEXEC)) {
		ret = -errno;
		close(device);
		return ret;
	}
	keeper = fork();
	if (keeper < 0)
		ret = -errno;
	if (!keeper) {
		close(ends[1]);
		keep(ends[0]);
	}
	close(device);
	close(ends[0]);
	if (ret)
		close(ends[1]);
	else
		lifeline = ends[1];
	return ret;
}

/**
 * trace_open() - start counting
 *
 * Return: 0 or -errno.
 */
int trace_open(void)
{
	int ret;

	remove_stale();
	snprintf(instance, sizeof(instance), INSTANCES "/mshvstat.%d",
		 getpid());
	if (mkdir(instance, 0700)) {
		ret = -errno;
		instance[0] = 0;
		return ret;
	}
	ret = start_keeper();
	if (ret) {
		rmdir(instance);
		instance[0] = 0;
		return ret;
	}
	ret = write_text("trigger", TRIGGER);
	if (ret)
		trace_close();
	return ret;
}

/**
 * trace_close() - stop counting
 */
void trace_close(void)
{
	if (!instance[0])
		return;
	close(lifeline);
	while (waitpid(keeper, NULL, 0) < 0 && errno == EINTR)
		;
	instance[0] = 0;
}

/**
 * trace_read() - read the histogram
 * @t: result
 *
 * Return: 0 or -errno.
 */
int trace_read(struct table *t)
{
	unsigned long long partition, hits;
	unsigned int vp, type;
	char path[128], line[256];
	int ret = 0;
	FILE *f;

	if (!instance[0])
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/" EVENT "/hist", instance);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (!ret && fgets(line, sizeof(line), f))
		if (sscanf(line,
			   "{ partition_id: %llu, vp_index: %u, type: %u } hitcount: %llu",
			   &partition, &vp, &type, &hits) == 4)
			ret = table_add(t, partition, vp, event_of(type), hits);
	fclose(f);
	return ret;
}
