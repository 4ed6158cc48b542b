// SPDX-License-Identifier: GPL-2.0
/*
 * The driver's files in debugfs: its own accounting, and the hypervisor's counters
 * of partitions and processors.
 *
 * With "debugfs=off" on the kernel's command line the same program shows that
 * nothing depends on it.
 */
#include <dirent.h>
#include <pthread.h>
#include <sys/mount.h>

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

static int open_path(const char *object)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), FOLDER "/%s/stats", object);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The partition of a machine that has run, or with @rest something in its folder. */
static const char *object_of(struct tvm *t, const char *rest)
{
	static char path[128];

	snprintf(path, sizeof(path), "partition/%llu%s", (unsigned long long)tvm_id(t),
		 rest);
	return path;
}

/* The value of one counter, 0 if it is not shown; -errno on failure. */
static long long read_counter(int fd, const char *counter)
{
	char text[16384], name[64], *line;
	unsigned long long value;
	ssize_t len;

	len = pread(fd, text, sizeof(text) - 1, 0);
	if (len < 0)
		return -errno;
	text[len] = 0;
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (sscanf(line, "%63[^: ] : %llu", name, &value) == 2 &&
		    !strcmp(name, counter))
			return value;
	return 0;
}

static long long counter(const char *object, const char *name)
{
	int fd = open_path(object);
	long long value;

	if (fd < 0)
		return fd;
	value = read_counter(fd, name);
	close(fd);
	return value;
}

static long long vp_counter(struct tvm *t, const char *name)
{
	return counter(object_of(t, "/vp/0"), name);
}

static unsigned int count_objects(const char *folder)
{
	unsigned int count = 0;
	struct dirent *entry;
	char path[128];
	DIR *dir;

	snprintf(path, sizeof(path), FOLDER "/%s", folder);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		count += entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
	if (dir)
		closedir(dir);
	return count;
}

/* Of all objects in a folder. */
static long long sum(const char *folder, const char *name)
{
	unsigned int i, count = count_objects(folder);
	long long total = 0;
	char object[128];

	for (i = 0; i < count; i++) {
		snprintf(object, sizeof(object), "%s/%u", folder, i);
		total += counter(object, name);
	}
	return total;
}

/* This partition's folder: the one that is not the guest's. */
static bool find_root(struct tvm *t, char *object, size_t size)
{
	DIR *dir = opendir(FOLDER "/partition");
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		found = entry->d_name[0] >= '0' && entry->d_name[0] <= '9' &&
			strtoull(entry->d_name, NULL, 10) != tvm_id(t);
		if (found)
			snprintf(object, size, "partition/%.20s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

TEST_F(debugfs, counters_move)
{
	long long first;

	if (self->off)
		SKIP(return, "debugfs=off");
	ASSERT_OK(run_some(&self->t, 3));
	EXPECT_EQ(1, counter(object_of(&self->t, ""), "VirtualProcessors"));
	EXPECT_EQ((long long)tvm_id(&self->t),
		  counter(object_of(&self->t, ""), "PartitionId"));
	EXPECT_LT(0, counter(object_of(&self->t, ""), "DepositedPages"));
	EXPECT_LT(0, counter(object_of(&self->t, ""), "GpaPages"));
	EXPECT_LT(0, vp_counter(&self->t, "TotalRunTime"));
	first = vp_counter(&self->t, "IoInstructionsCount");
	EXPECT_LE(3, first);
	ASSERT_OK(run_some(&self->t, 5));
	EXPECT_EQ(first + 5, vp_counter(&self->t, "IoInstructionsCount"));
	EXPECT_EQ(0, vp_counter(&self->t, "NoSuchCounter"));
}

/* In each round two CPUID, one RDMSR, and a byte at a hole, before a value. */
static const __u8 guest_kinds[] = {
	0xb8, TVM_HOLE >> 4 & 0xff, TVM_HOLE >> 12, 0x8e, 0xd8,	/* mov ds, hole */
	0x66, 0x31, 0xc0, 0x0f, 0xa2,			/* cpuid of 0 */
	0x66, 0x31, 0xc0, 0x0f, 0xa2,
	0x66, 0xb9, 0x77, 0x02, 0x00, 0x00, 0x0f, 0x32,	/* rdmsr of the PAT */
	0xba, 0xf8, 0x03,				/* mov dx, 0x3f8 */
	0x66, 0xef,					/* out dx, eax */
	0xeb, 0xe7,					/* to the first cpuid */
};

TEST_F(debugfs, exits_by_kind)
{
	static const struct {
		const char *name;
		unsigned int each;	/* round */
	} kinds[] = {
		{ "CpuidInstructionsCount", 2 },
		{ "MsrAccessesCount", 1 },
		{ "IoInstructionsCount", 1 },
		{ "IoInterceptMessages", 1 },
		{ "HltInstructionsCount", 0 },
		{ "HypercallsCount", 0 },
		{ "MemoryInterceptMessages", 0 },
	};
	long long before[ARRAY_SIZE(kinds)], now;
	struct tvm t;
	unsigned int i;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	if (self->off)
		SKIP(return, "debugfs=off");
	ASSERT_OK(tvm_start(&t, guest_kinds, sizeof(guest_kinds)));
	ASSERT_OK(run_some(&t, 2));
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		before[i] = vp_counter(&t, kinds[i].name);
	ASSERT_OK(run_some(&t, 4));
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		now = vp_counter(&t, kinds[i].name);
		EXPECT_EQ(before[i] + 4 * kinds[i].each, now) {
			TH_LOG("%s", kinds[i].name);
		}
	}
	tvm_close(&t);
}

/* Of the hypervisor, and of each object that was there before any guest. */
TEST_F(debugfs, not_of_guests)
{
	char root[64], vp[80];
	long long first, time;
	struct tvm other;

	if (self->off)
		SKIP(return, "debugfs=off");
	ASSERT_OK(run_some(&self->t, 1));
	first = counter("", "Partitions");
	EXPECT_LE(2, first);
	EXPECT_LE(sysconf(_SC_NPROCESSORS_ONLN), counter("", "LogicalProcessors"));
	ASSERT_OK(tvm_start(&other, guest_count, sizeof(guest_count)));
	EXPECT_EQ(first + 1, counter("", "Partitions"));
	tvm_close(&other);

	EXPECT_LE(sysconf(_SC_NPROCESSORS_ONLN), (long)count_objects("lp"));
	time = counter("lp/0", "GlobalTime");
	EXPECT_LT(0, time);
	EXPECT_LT(time, counter("lp/0", "GlobalTime"));
	EXPECT_LT(0, counter("lp/0", "TotalRunTime"));

	ASSERT_TRUE(find_root(&self->t, root, sizeof(root)));
	EXPECT_EQ(strtoll(root + strlen("partition/"), NULL, 10),
		  counter(root, "PartitionId"));
	snprintf(vp, sizeof(vp), "%s/vp", root);
	EXPECT_EQ(count_objects("lp"), count_objects(vp));
	EXPECT_LT(0, sum(vp, "TotalRunTime"));
	/* Reading is itself made of hypercalls, two for each file. */
	first = sum(vp, "HypercallsCount");
	EXPECT_LE(first + 2, sum(vp, "HypercallsCount"));
	/* Each round is one in the guest and one back. */
	first = sum("lp", "ContextSwitches");
	ASSERT_OK(run_some(&self->t, 5));
	EXPECT_LE(first + (self->books ? 10 : 1), sum("lp", "ContextSwitches"));
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
	EXPECT_LE(1, vp_counter(&other, "IoInstructionsCount"));
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
		n = vp_counter(&self->t, "IoInstructionsCount");
		EXPECT_EQ(true, faults[i].error ? n == faults[i].error :
						  n > 0) {
			TH_LOG("fault %u: %lld", i, n);
		}
		ASSERT_EQ(0, rv_rule_hits(rule, &hits));
		EXPECT_EQ(1, hits);
		ASSERT_OK(run_some(&self->t, 1));
		EXPECT_LE(2, vp_counter(&self->t, "IoInstructionsCount"));
		ASSERT_EQ(0, rv_rules_clear());
	}
	/* A page that is not the hypervisor's. */
	ASSERT_EQ(0, rv_answer_value(HVCALL_MAP_STATS_PAGE, 1, ~0ULL));
	EXPECT_EQ(-EIO, vp_counter(&self->t, "IoInstructionsCount"));
	EXPECT_LE(2, vp_counter(&self->t, "IoInstructionsCount"));
}

/* The same for what is not a guest's. */
TEST_F(debugfs, map_fails_anywhere)
{
	static const char * const objects[] = { "", "lp/0", "%s", "%s/vp/0" };
	char root[64], object[128];
	unsigned int i;
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	if (self->off)
		SKIP(return, "debugfs=off");
	ASSERT_OK(run_some(&self->t, 1));
	ASSERT_TRUE(find_root(&self->t, root, sizeof(root)));
	for (i = 0; i < ARRAY_SIZE(objects); i++) {
		snprintf(object, sizeof(object), objects[i], root);
		ASSERT_EQ(0, rv_fail(HVCALL_MAP_STATS_PAGE, HV_STATUS_INVALID_PARAMETER, 0, 1,
				     &rule));
		EXPECT_EQ(-EINVAL, counter(object, "NoSuchCounter"));
		EXPECT_EQ(0, counter(object, "NoSuchCounter"));
		ASSERT_EQ(0, rv_rules_clear());
	}
}

/* Reads the counters of one partition after the other, until there is none. */
static void *read_all(void *partition)
{
	char path[64], text[4096];
	__u64 id;
	int fd;

	while ((id = __atomic_load_n((__u64 *)partition, __ATOMIC_RELAXED))) {
		snprintf(path, sizeof(path), "partition/%llu/vp/0", (unsigned long long)id);
		fd = open_path(path);
		if (fd < 0)
			continue;
		while (read(fd, text, sizeof(text)) > 0)
			;
		close(fd);
	}
	return NULL;
}

/* Guests end while their counters are being read. */
TEST_F(debugfs, readers_until_the_end)
{
	pthread_t thread;
	unsigned int i;
	__u64 id = ~0ULL;

	if (self->off)
		SKIP(return, "debugfs=off");
	ASSERT_EQ(0, pthread_create(&thread, NULL, read_all, &id));
	for (i = 0; i < 16; i++) {
		struct tvm other;

		ASSERT_OK(tvm_start(&other, guest_count, sizeof(guest_count)));
		ASSERT_OK(run_some(&other, 1));
		__atomic_store_n(&id, tvm_id(&other), __ATOMIC_RELAXED);
		ASSERT_OK(run_some(&other, 20));
		tvm_close(&other);
	}
	__atomic_store_n(&id, 0, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
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
	snprintf(path, sizeof(path), FOLDER "/partition/%llu",
		 (unsigned long long)tvm_id(&other));
	EXPECT_EQ(0, access(path, F_OK));
	fd = open_path(object_of(&other, "/vp/0"));
	ASSERT_LE(0, fd);
	tvm_close(&other);
	EXPECT_EQ(-1, access(path, F_OK));
	EXPECT_EQ(-EIO, read_counter(fd, "IoInstructionsCount"));
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
