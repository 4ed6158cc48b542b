// SPDX-License-Identifier: GPL-2.0
/*
 * The driver's files in debugfs: its own accounting, and the hypervisor's counters
 * of partitions and processors.
 *
 * With "debugfs=off" on the kernel's command line the same program shows that
 * nothing depends on it.
 */
#include <dirent.h>
#include <sys/mount.h>

#include <hyperv/hv_stats.h>

#include "harness.h"

#define DEBUGFS		"/sys/kernel/debug"
#define FOLDER		DEBUGFS "/mshv"

FIXTURE(debugfs) {
	struct books before;
	struct tvm t;
	bool books;
	bool off;
};

static bool debugfs_is_off(void)
{
	char line[4096];
	ssize_t n;
	int fd;

	fd = open("/proc/cmdline", O_RDONLY);
	n = read(fd, line, sizeof(line) - 1);
	close(fd);
	line[n < 0 ? 0 : n] = 0;
	return strstr(line, "debugfs=off");
}

FIXTURE_SETUP(debugfs)
{
	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "such counters");
	self->books = !rv_open() && !books_read(&self->before);
	self->off = debugfs_is_off();
	if (!self->off && mount("none", DEBUGFS, "debugfs", 0, NULL))
		ASSERT_EQ(EBUSY, errno);
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
}

FIXTURE_TEARDOWN(debugfs)
{
	if (self->books)
		rv_rules_clear();
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int run_some(struct tvm *t, unsigned int times)
{
	__u64 value;
	int ret = 0;

	while (!ret && times--)
		ret = tvm_next_out(t, 0, &value);
	return ret;
}

/* A file of the folder of a machine that has run; -errno on failure. */
static int open_file(struct tvm *t, const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), FOLDER "/%llu/%s",
		 (unsigned long long)tvm_id(t), name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The value of one counter, 0 if it is not shown; -errno on failure. */
static long long read_counter(int fd, unsigned int number)
{
	char text[8192], *line;
	unsigned long long value;
	unsigned int n;
	ssize_t len;

	len = pread(fd, text, sizeof(text) - 1, 0);
	if (len < 0)
		return -errno;
	text[len] = 0;
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (sscanf(line, "%u %llu", &n, &value) == 2 && n == number)
			return value;
	return 0;
}

static long long counter(struct tvm *t, const char *file, unsigned int number)
{
	int fd = open_file(t, file);
	long long value;

	if (fd < 0)
		return fd;
	value = read_counter(fd, number);
	close(fd);
	return value;
}

TEST_F(debugfs, counters_move)
{
	long long first;

	if (self->off)
		SKIP(return, "debugfs=off");
	ASSERT_OK(run_some(&self->t, 3));
	EXPECT_EQ(1, counter(&self->t, "partition",
			     HV_PARTITION_VIRTUAL_PROCESSORS));
	EXPECT_EQ((long long)tvm_id(&self->t),
		  counter(&self->t, "partition", HV_PARTITION_PARTITION_ID));
	first = counter(&self->t, "vp0", HV_VP_IO_INSTRUCTIONS_COUNT);
	EXPECT_LE(3, first);
	ASSERT_OK(run_some(&self->t, 5));
	EXPECT_EQ(first + 5, counter(&self->t, "vp0",
				     HV_VP_IO_INSTRUCTIONS_COUNT));
}

/* A file that is not read costs nothing. */
TEST_F(debugfs, mapped_when_opened)
{
	__u64 maps, unmaps;
	struct tvm other;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	if (self->off)
		SKIP(return, "debugfs=off");
	ASSERT_EQ(0, rv_mark());
	ASSERT_OK(tvm_start(&other, guest_count, sizeof(guest_count)));
	ASSERT_OK(run_some(&other, 1));
	ASSERT_EQ(0, rv_count_call(HVCALL_MAP_STATS_PAGE, &maps));
	EXPECT_EQ(0, maps);
	EXPECT_LE(1, counter(&other, "vp0", HV_VP_IO_INSTRUCTIONS_COUNT));
	ASSERT_EQ(0, rv_count_call(HVCALL_MAP_STATS_PAGE, &maps));
	ASSERT_EQ(0, rv_count_call(HVCALL_UNMAP_STATS_PAGE, &unmaps));
	EXPECT_LE(1, maps);
	EXPECT_EQ(1, unmaps);
	tvm_close(&other);
}

/* Whatever happens to the counters, the machine continues. */
TEST_F(debugfs, map_fails)
{
	static const struct {
		__u16 code;
		__u16 status;
		int error;
	} faults[] = {
		{ HVCALL_MAP_STATS_PAGE, HV_STATUS_INVALID_PARAMETER, -EINVAL },
		{ HVCALL_MAP_STATS_PAGE, HV_STATUS_NO_RESOURCES, -EIO },
		{ HVCALL_MAP_STATS_PAGE, HV_STATUS_INSUFFICIENT_MEMORY, 0 },
		{ HVCALL_UNMAP_STATS_PAGE, HV_STATUS_OPERATION_FAILED, -EIO },
	};
	unsigned int i;
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	if (self->off)
		SKIP(return, "debugfs=off");
	ASSERT_OK(run_some(&self->t, 1));
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		long long n;
		__u64 hits;

		ASSERT_EQ(0, rv_fail(faults[i].code, faults[i].status, 0, 1,
				     &rule));
		n = counter(&self->t, "vp0", HV_VP_IO_INSTRUCTIONS_COUNT);
		EXPECT_EQ(true, faults[i].error ? n == faults[i].error :
						  n > 0) {
			TH_LOG("fault %u: %lld", i, n);
		}
		ASSERT_EQ(0, rv_rule_hits(rule, &hits));
		EXPECT_EQ(1, hits);
		ASSERT_OK(run_some(&self->t, 1));
		EXPECT_LE(2, counter(&self->t, "vp0",
				     HV_VP_IO_INSTRUCTIONS_COUNT));
		ASSERT_EQ(0, rv_rules_clear());
	}
	/* A page that is not the hypervisor's. */
	ASSERT_EQ(0, rv_answer_value(HVCALL_MAP_STATS_PAGE, 1, ~0ULL));
	EXPECT_EQ(-EIO, counter(&self->t, "vp0", HV_VP_IO_INSTRUCTIONS_COUNT));
	EXPECT_LE(2, counter(&self->t, "vp0", HV_VP_IO_INSTRUCTIONS_COUNT));
}

/* A late reader finds nothing, which does no harm. */
TEST_F(debugfs, partition_gone)
{
	struct tvm other;
	char path[128];
	int fd;

	if (self->off)
		SKIP(return, "debugfs=off");
	ASSERT_OK(tvm_start(&other, guest_count, sizeof(guest_count)));
	ASSERT_OK(run_some(&other, 1));
	snprintf(path, sizeof(path), FOLDER "/%llu",
		 (unsigned long long)tvm_id(&other));
	EXPECT_EQ(0, access(path, F_OK));
	fd = open_file(&other, "vp0");
	ASSERT_LE(0, fd);
	tvm_close(&other);
	EXPECT_EQ(-1, access(path, F_OK));
	EXPECT_EQ(-EIO, read_counter(fd, HV_VP_IO_INSTRUCTIONS_COUNT));
	close(fd);
}

TEST_F(debugfs, switched_off)
{
	DIR *dir;

	if (!self->off)
		SKIP(return, "needs debugfs=off");
	ASSERT_OK(run_some(&self->t, 3));
	dir = opendir(FOLDER);
	EXPECT_EQ(NULL, dir);
	if (dir)
		closedir(dir);
}

TEST_HARNESS_MAIN
