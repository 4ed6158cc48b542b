// SPDX-License-Identifier: GPL-2.0
/*
 * mshvstat, the tool: it reports the exits of a processor, from both of its
 * sources, and leaves nothing behind.
 */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "harness.h"
#include "tracefs.h"

#define DEBUGFS	"/sys/kernel/debug/mshv"
/* mshvstat counts for a second, in which a starved machine may have done nothing. */
#define LOOKS	30

FIXTURE(stat_tool) {
	struct books before;
	struct tvm t;
	pthread_t thread;
	bool books;
};

/* Exits for ever, until its machine is closed or a value cannot be read. */
static void *runner(void *argument)
{
	struct tvm *t = argument;
	__u64 value;

	while (!tvm_next_out(t, 0, &value))
		;
	return NULL;
}

static void on_signal(int signal)
{
}

FIXTURE_SETUP(stat_tool)
{
	const struct sigaction action = { .sa_handler = on_signal };
	__u64 value;

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "tracepoints");
	find_mshvstat();
	if (WEXITSTATUS(system("mshvstat --help >/dev/null 2>&1")) == NOT_FOUND)
		SKIP(return, "no mshvstat");
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	/* It has a message, and so its partition id is known. */
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	sigaction(SIGUSR1, &action, NULL);
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, runner, &self->t));
}

FIXTURE_TEARDOWN(stat_tool)
{
	if (!self->thread)
		return;
	while (pthread_tryjoin_np(self->thread, NULL)) {
		pthread_kill(self->thread, SIGUSR1);
		wait_slice();
	}
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/* The number that mshvstat reports for @event; -1 if it does not. */
static long long count_of(const char *command, __u64 partition,
			  const char *event)
{
	long long total, found = -1;
	unsigned long long id, added;
	char name[64], line[256];
	unsigned int vp;
	FILE *f = popen(command, "re");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%llu %u %63s %lld %llu", &id, &vp, name,
			   &total, &added) == 5 &&
		    id == partition && !vp && !strcmp(name, event))
			found = total;
	if (!f || pclose(f))
		return -2;
	return found;
}

/* Does mshvstat eventually report @event? */
static bool tells(const char *command, __u64 partition, const char *event)
{
	unsigned int looks;

	for (looks = 0; looks < LOOKS; looks++)
		if (count_of(command, partition, event) >= 1)
			return true;
	return false;
}

static unsigned int count_instances(void)
{
	struct dirent *entry;
	unsigned int count = 0;
	DIR *dir = opendir(INSTANCES);

	while (dir && (entry = readdir(dir)))
		count += !strncmp(entry->d_name, "mshvstat.", 9);
	if (dir)
		closedir(dir);
	return count;
}

TEST_F(stat_tool, counts_of_the_hypervisor)
{
	__u64 id = tvm_id(&self->t);

	if (access(DEBUGFS, F_OK))
		SKIP(return, "debugfs=off");
	EXPECT_TRUE(tells("mshvstat -1", id, "io-instruction"));
	EXPECT_EQ(-1, count_of("mshvstat -1", id + 1000, "io-instruction"));
}

TEST_F(stat_tool, messages_to_the_vmm)
{
	__u64 id = tvm_id(&self->t);

	if (access(INSTANCES, F_OK))
		SKIP(return, "no tracefs");
	EXPECT_TRUE(tells("mshvstat -1", id, "vmm:port"));
	EXPECT_TRUE(tells("mshvstat --batch --looks 2", id, "vmm:port"));
	EXPECT_EQ(0, count_instances());
}

TEST_F(stat_tool, only_one_partition)
{
	char command[64];
	__u64 id = tvm_id(&self->t);

	if (access(INSTANCES, F_OK))
		SKIP(return, "no tracefs");
	snprintf(command, sizeof(command), "mshvstat -1 -p %llu",
		 (unsigned long long)id);
	EXPECT_TRUE(tells(command, id, "vmm:port"));
	snprintf(command, sizeof(command), "mshvstat -1 -p %llu",
		 (unsigned long long)id + 1);
	EXPECT_EQ(-1, count_of(command, id, "vmm:port"));
}

/* Two at once count the same; what a killed one leaves is cleaned up. */
TEST_F(stat_tool, others_are_not_disturbed)
{
	__u64 id = tvm_id(&self->t);
	char path[128];
	pid_t pid;

	if (access(INSTANCES, F_OK))
		SKIP(return, "no tracefs");
	pid = start_mshvstat();
	ASSERT_TRUE(wait_until(count_instances()));
	EXPECT_TRUE(tells("mshvstat -1", id, "vmm:port"));
	EXPECT_EQ(1, count_instances());
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ASSERT_TRUE(wait_until(!count_instances()));
	/* An instance that was left in another way is removed by the next one. */
	snprintf(path, sizeof(path), INSTANCES "/mshvstat.%d", pid);
	ASSERT_EQ(0, mkdir(path, 0700));
	EXPECT_TRUE(tells("mshvstat -1", id, "vmm:port"));
	EXPECT_EQ(0, count_instances());
}

TEST_F(stat_tool, bad_usage)
{
	static const char *const list[] = {
		"-i 0", "-i -1", "-i x", "-n 0", "-p 0", "-p 1x", "--frob",
		"stray", "-i",
	};
	char command[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		snprintf(command, sizeof(command), "mshvstat %s >/dev/null 2>&1",
			 list[i]);
		EXPECT_EQ(2, WEXITSTATUS(system(command))) {
			TH_LOG("%s", command);
		}
	}
}

TEST_HARNESS_MAIN
