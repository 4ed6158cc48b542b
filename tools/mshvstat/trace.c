// SPDX-License-Identifier: GPL-2.0
/*
 * What comes to the VMM, by message: a histogram that the kernel keeps for the
 * driver's tracepoint mshv_exit.
 *
 * Model: a tracing instance of our own, named after our process, so that others
 * who trace are not disturbed; it goes with us.  One that somebody had to leave
 * behind is removed by the next.  Nothing is lost between two looks, and a look
 * costs what there are different reasons, not what there were exits.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mshvvm.h"
#include "stat.h"

#define INSTANCES	"/sys/kernel/tracing/instances"
#define EVENT		"events/mshv/mshv_exit"
#define TRIGGER		"hist:keys=partition_id,vp_index,type:size=4096"
#define MAX_EVENTS	64

static char instance[64];

/* Names of events, with a mark that tells them from the hypervisor's. */
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

/**
 * trace_open() - begin to count
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
	ret = write_text("trigger", TRIGGER);
	if (ret)
		trace_close();
	return ret;
}

/**
 * trace_close() - count no longer
 */
void trace_close(void)
{
	if (!instance[0])
		return;
	/* While it stands the instance is in use. */
	write_text("trigger", "!" TRIGGER);
	rmdir(instance);
	instance[0] = 0;
}

/**
 * trace_read() - look at the histogram
 * @t: where to
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
