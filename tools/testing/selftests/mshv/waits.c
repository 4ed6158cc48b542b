// SPDX-License-Identifier: GPL-2.0
/*
 * State of other threads, and interrupting those that hang: see waits.h.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/mshv.h>

#include "testroot.h"
#include "waits.h"

#define GUEST_TIME_FIELD	43	/* of /proc/PID/stat, counted from 1 */
#define SYSTEM_TIME_FIELD	15

/* Ticks that no other system call of these tests takes. */
#define LONG_IN_KERNEL		5

/* A slice of patience, and the number of slices. */
#define PATIENCE_SLICE_NS	10000000
#define PATIENCE_SLICES		3000

static bool read_proc(pid_t thread, const char *file, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", thread, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = 0;
	return n > 0;
}

/**
 * stands_in() - does a thread sleep in a system call?
 * @thread: the thread, or a process for its first one
 * @call: number of the call
 * @command: its second argument, 0 for any
 *
 * Return: true if so.
 */
bool stands_in(pid_t thread, long call, unsigned long command)
{
	unsigned long fd, second;
	char text[512];
	long number;

	/* For a thread that runs, or could, this only says so. */
	return read_proc(thread, "syscall", text, sizeof(text)) &&
	       sscanf(text, "%ld %lx %lx", &number, &fd, &second) == 3 &&
	       number == call && (!command || command == second);
}

/**
 * stands_in_run() - does a thread sleep in RUN_VP?
 * @thread: the thread, or a process for its first one
 *
 * Return: true if so.  Under the hypervisor's scheduler it also sleeps there while
 * its guest runs.
 */
bool stands_in_run(pid_t thread)
{
	return stands_in(thread, SYS_ioctl, MSHV_RUN_VP);
}

/* In ticks of USER_HZ. */
static long time_of(pid_t thread, unsigned int wanted)
{
	char text[1024], *field;
	unsigned int i;

	if (!read_proc(thread, "stat", text, sizeof(text)))
		return 0;
	/* After the name, which may be anything, comes the third one. */
	field = strrchr(text, ')');
	for (i = 2; field && i < wanted; i++)
		field = strchr(field + 1, ' ');
	return field ? atol(field) : 0;
}

/* Another driver may let a guest's time pass for the kernel's. */
static long guest_time(pid_t thread)
{
	if (own_driver())
		return time_of(thread, GUEST_TIME_FIELD);
	return time_of(thread, SYSTEM_TIME_FIELD) / LONG_IN_KERNEL;
}

/**
 * is_in_guest() - has a thread been a guest, or does it sleep in RUN_VP?
 * @thread: the thread, or a process for all of it
 *
 * Return: true if so.  A guest that runs for ever still runs then.
 */
bool is_in_guest(pid_t thread)
{
	return stands_in_run(thread) || guest_time(thread) > 0;
}

/* Not between two checks: it waits for another thread. */
static bool stands(pid_t thread)
{
	char text[512];
	long number;

	return read_proc(thread, "syscall", text, sizeof(text)) &&
	       sscanf(text, "%ld", &number) == 1 && number >= 0 &&
	       number != SYS_nanosleep && number != SYS_clock_nanosleep;
}

/**
 * all_stand() - do all threads of a process sleep in system calls?
 * @process: the process
 *
 * Return: true if so.
 */
bool all_stand(pid_t process)
{
	char path[64];
	struct dirent *entry;
	unsigned int nr = 0;
	bool all = true;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", process);
	dir = opendir(path);
	while (dir && all && (entry = readdir(dir))) {
		if (atoi(entry->d_name) <= 0)
			continue;
		nr++;
		all = stands(atoi(entry->d_name));
	}
	if (dir)
		closedir(dir);
	return all && nr;
}

/* ---- patience -------------------------------------------------------------- */

#define CALM	(-1)	/* no thread is watched */

static pthread_once_t patience_once = PTHREAD_ONCE_INIT;
static pthread_t impatient;
static int patience_left = CALM;	/* slices */

static void interrupted(int signal)
{
	(void)signal;
}

static void *watch(void *unused)
{
	const struct timespec slice = { .tv_nsec = PATIENCE_SLICE_NS };

	int left;

	(void)unused;
	for (;;) {
		nanosleep(&slice, NULL);
		left = __atomic_load_n(&patience_left, __ATOMIC_ACQUIRE);
		/* If the other side has changed it, that value counts. */
		if (left > 0)
			__atomic_compare_exchange_n(&patience_left, &left,
						    left - 1, false,
						    __ATOMIC_ACQ_REL,
						    __ATOMIC_RELAXED);
		else if (!left)
			pthread_kill(impatient, SIGALRM);
	}
	return NULL;
}

static void start_watch(void)
{
	struct sigaction action = { .sa_handler = interrupted };
	pthread_t thread;

	sigaction(SIGALRM, &action, NULL);
	if (pthread_create(&thread, NULL, watch, NULL))
		abort();
}

/**
 * patience_begin() - interrupt this thread if it hangs
 *
 * A run that nothing ends shows as -EINTR then.  patience_end() ends it.  One
 * thread of a process can be watched, and none of a process that was forked from
 * one that has watched.
 */
void patience_begin(void)
{
	pthread_once(&patience_once, start_watch);
	impatient = pthread_self();
	__atomic_store_n(&patience_left, PATIENCE_SLICES, __ATOMIC_RELEASE);
}

/**
 * patience_end() - stop interrupting
 */
void patience_end(void)
{
	__atomic_store_n(&patience_left, CALM, __ATOMIC_RELEASE);
}
