// SPDX-License-Identifier: GPL-2.0
/*
 * Deposited pages: what keeps the root's kernel from accessing them.
 *
 * The kernel reads a little beyond the end of buffers, so the page in front of a
 * deposited one must be another one, a guard, or no memory.  The driver lists what
 * it holds; /proc/kpageflags and rootvisor's books show whether the list is right.
 */
#include <linux/kernel-page-flags.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "harness.h"
#include "driverbook.h"

#define DEBUGFS		"/sys/kernel/debug"
#define HELD		DEBUGFS "/mshv/held"
/* As in the driver. */
#define GUARD_LIVES	6
#define MAX_RUNS	8192
#define SCARCE		"mshv_scarce"
#define SCARCE_FILE	SCARCE ".ko"	/* not every tree has it */
#define KCORE_PAGES	2048
#define KCORE_LIVES	60
#define LINKS		"/tmp/links"
/* More are created until one is in the right place: up to a part of all memory. */
#define LINKS_MORE	2048
#define LINKS_SHARE	3
#define LINK_LENGTH	4095		/* and a zero, a page in all */
/* The kernel reads a name by words of eight bytes. */
#define WORD		8
#define KPF(flag)	(1ULL << KPF_##flag)
/* Flags of a page that is in use. */
#define KPF_USED	(KPF(LRU) | KPF(SLAB) | KPF(BUDDY) | KPF(MMAP) | KPF(ANON) | \
			 KPF(PGTABLE))

struct run {
	char kind[8];
	unsigned long first;
	unsigned long last;
};

static struct run runs[MAX_RUNS];
static unsigned int nr_runs;
/* Otherwise the pages are not in the direct map. */
static bool has_guards;

FIXTURE(held) {
	struct books before;
	struct tvm t;
	int flags;
};

FIXTURE_SETUP(held)
{
	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "guards");
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	mount("none", DEBUGFS, "debugfs", 0, NULL);
	if (access(HELD, R_OK))
		SKIP(return, "held pages are not listed");
	self->flags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->flags);
	ASSERT_EQ(0, books_read(&self->before));
}

FIXTURE_TEARDOWN(held)
{
	rv_rules_clear();
	syscall(SYS_delete_module, SCARCE, O_NONBLOCK);
	tvm_close(&self->t);
	umount2(LINKS, MNT_DETACH);
	rmdir(LINKS);
	if (self->flags >= 0)
		close(self->flags);
	ASSERT_BOOKS(&self->before);
}

static int read_runs(void)
{
	FILE *file = fopen(HELD, "r");
	char cover[80] = "";

	if (!file)
		return -errno;
	if (!fgets(cover, sizeof(cover), file))
		nr_runs = 0;
	has_guards = strstr(cover, "kept back");
	for (nr_runs = 0; nr_runs < MAX_RUNS; nr_runs++) {
		struct run *run = &runs[nr_runs];

		if (fscanf(file, "%7s %lu %lu", run->kind, &run->first,
			   &run->last) != 3)
			break;
	}
	fclose(file);
	return nr_runs < MAX_RUNS ? 0 : -E2BIG;
}

static const char *kind_of(unsigned long pfn)
{
	unsigned int i;

	for (i = 0; i < nr_runs; i++) {
		if (pfn >= runs[i].first && pfn <= runs[i].last)
			return runs[i].kind;
	}
	return "";
}

static __u64 flags_of(int fd, unsigned long pfn)
{
	__u64 flags;

	if (pread(fd, &flags, sizeof(flags), pfn * sizeof(flags)) != sizeof(flags))
		return KPF(NOPAGE);
	return flags;
}

/* An error in the list, or NULL. */
static const char *judge(int fd, unsigned long *pfn)
{
	unsigned long given = 0, at;
	unsigned int i;

	for (i = 0; i < nr_runs; i++) {
		const struct run *run = &runs[i];
		bool guard = !strcmp(run->kind, "guard");

		if (!guard)
			given += run->last - run->first + 1;
		for (at = run->first; at <= run->last; at++) {
			__u64 flags = flags_of(fd, at);

			*pfn = at;
			if (!(flags & KPF(OFFLINE)))
				return "a held page is not offline";
			if (flags & KPF_USED)
				return "a held page is in use";
			if (guard && strcmp(kind_of(at + 1), "given"))
				return "a guard with nothing behind it";
		}
		*pfn = run->first;
		if (!guard && run->first && has_guards &&
		    !*kind_of(run->first - 1) &&
		    !(flags_of(fd, run->first - 1) & KPF(NOPAGE)))
			return "an ordinary page in front of a deposited one";
	}
	/* The root's kernel has deposited for itself at boot, which is not listed. */
	*pfn = given;
	if (given < books_value(RV_BOOKS_DEPOSITED))
		return "fewer are listed than are deposited";
	return NULL;
}

/* The same, for a list that has not changed meanwhile. */
static const char *look(int fd, unsigned long *pfn)
{
	static struct run before[MAX_RUNS];
	unsigned int nr_before, tries;
	const char *wrong = NULL;

	for (tries = 0; tries < WAIT_LOOKS; tries++) {
		if (read_runs())
			return "the list cannot be read";
		memcpy(before, runs, nr_runs * sizeof(*runs));
		nr_before = nr_runs;
		wrong = judge(fd, pfn);
		if (!wrong)
			return NULL;
		if (!read_runs() && nr_before == nr_runs &&
		    !memcmp(before, runs, nr_runs * sizeof(*runs)))
			return wrong;
	}
	return wrong;
}

#define EXPECT_ALL_WELL() do {						\
	unsigned long pfn_ = 0;						\
	const char *wrong_ = look(self->flags, &pfn_);			\
									\
	EXPECT_EQ(NULL, wrong_) {					\
		TH_LOG("%s (%lu)", wrong_ ? wrong_ : "", pfn_);		\
	}								\
} while (0)

TEST_F(held, pages_in_front)
{
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	EXPECT_ALL_WELL();
	EXPECT_LT(0, nr_runs);
	tvm_close(&self->t);
	EXPECT_ALL_WELL();
}

/* Machines that are created and destroyed in any order leave no gap. */
TEST_F(held, pages_that_come_back)
{
	struct tvm t[GUARD_LIVES];
	unsigned int i, round;

	for (i = 0; i < GUARD_LIVES; i++) {
		ASSERT_OK(tvm_start(&t[i], guest_count, sizeof(guest_count)));
		ASSERT_LE(0, tvm_vp(&t[i], 1));
	}
	for (round = 0; round < 4; round++) {
		for (i = round & 1; i < GUARD_LIVES; i += 2) {
			tvm_close(&t[i]);
			EXPECT_ALL_WELL();
			ASSERT_OK(tvm_start(&t[i], guest_count,
					    sizeof(guest_count)));
			EXPECT_ALL_WELL();
		}
	}
	for (i = 0; i < GUARD_LIVES; i++)
		tvm_close(&t[i]);
	EXPECT_ALL_WELL();
}

/* A part of a withdrawal, in any order: what is left still has its guards. */
TEST_F(held, withdrawn_in_parts)
{
	static const __u32 reps[] = { 1, 3, 10, 40, 70 };
	unsigned int i;
	__u32 rule;

	for (i = 0; i < ARRAY_SIZE(reps); i++) {
		ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
		ASSERT_LE(0, tvm_vp(&self->t, 1));
		/* Retried at once, and then by a worker with a delay. */
		ASSERT_EQ(0, rv_rep_stop(HVCALL_WITHDRAW_MEMORY,
					 HV_STATUS_OPERATION_FAILED, reps[i], 6,
					 &rule));
		tvm_close(&self->t);
		EXPECT_ALL_WELL();
		ASSERT_EQ(0, rv_rules_clear());
		ASSERT_TRUE(wait_until(!books_differ(&self->before)));
	}
}

/* A part of a deposit: a refused page is in front of nothing, or a guard. */
TEST_F(held, part_of_a_deposit)
{
	static const __u32 reps[] = { 0, 1, 7, 100 };
	unsigned int i;
	__u32 rule;

	for (i = 0; i < ARRAY_SIZE(reps); i++) {
		ASSERT_EQ(0, rv_rep_stop(HVCALL_DEPOSIT_MEMORY,
					 HV_STATUS_INVALID_PARTITION_STATE, reps[i],
					 1, &rule));
		tvm_start(&self->t, guest_count, sizeof(guest_count));
		EXPECT_ALL_WELL();
		ASSERT_EQ(0, rv_rules_clear());
		tvm_close(&self->t);
		EXPECT_ALL_WELL();
	}
}

/* However many single pages are needed. */
TEST_F(held, memory_in_pieces)
{
	unsigned int i;
	__u32 rule;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	for (i = 0; i < 8; i++) {
		ASSERT_EQ(0, rv_fail(HVCALL_CREATE_VP, i & 1 ?
				     HV_STATUS_INSUFFICIENT_MEMORY :
				     HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY,
				     0, i % 4 + 1, &rule));
		EXPECT_LE(0, tvm_vp(&self->t, 1)) {
			TH_LOG("%s", vmm_error());
		}
		EXPECT_ALL_WELL();
		ASSERT_EQ(0, rv_rules_clear());
		tvm_close(&self->t);
		ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	}
}

/* There are no two adjacent pages, one of which could be the other's guard. */
TEST_F(held, memory_in_single_pages)
{
	struct tvm t[GUARD_LIVES];
	long long before;
	unsigned int i;
	__u64 value;

	if (module_load(SCARCE_FILE))
		SKIP(return, "no module that makes memory scarce");
	before = driver_book("guard_singles");
	for (i = 0; i < GUARD_LIVES; i++) {
		ASSERT_OK(tvm_start(&t[i], guest_count, sizeof(guest_count)));
		ASSERT_OK(tvm_vp(&t[i], 1));
		ASSERT_OK(tvm_next_out(&t[i], 0, &value));
		EXPECT_ALL_WELL();
	}
	if (has_guards)
		EXPECT_LT(before, driver_book("guard_singles"));
	for (i = 0; i < GUARD_LIVES; i += 2)
		tvm_close(&t[i]);
	EXPECT_ALL_WELL();
	ASSERT_EQ(0, syscall(SYS_delete_module, SCARCE, O_NONBLOCK));
	/* The rest of them is used up by blocks that are allocated now. */
	for (i = 0; i < GUARD_LIVES; i += 2)
		ASSERT_OK(tvm_start(&t[i], guest_count, sizeof(guest_count)));
	EXPECT_ALL_WELL();
	for (i = 0; i < GUARD_LIVES; i++)
		tvm_close(&t[i]);
	EXPECT_ALL_WELL();
}

static bool is_given(const struct run *list, unsigned int nr, unsigned long pfn)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (pfn >= list[i].first && pfn <= list[i].last)
			return !strcmp(list[i].kind, "given");
	}
	return false;
}

/* A deposited page that was none before, or 0. */
static unsigned long given_since(const struct run *before, unsigned int nr)
{
	unsigned long pfn;
	unsigned int i;

	for (i = 0; i < nr_runs; i++) {
		if (strcmp(runs[i].kind, "given"))
			continue;
		for (pfn = runs[i].first; pfn <= runs[i].last; pfn++) {
			if (!is_given(before, nr, pfn))
				return pfn;
		}
	}
	return 0;
}

/* What is deposited in another partition is not this one's to be mapped. */
TEST_F(held, page_of_another_partition)
{
	static struct run before[MAX_RUNS];
	unsigned int nr_before;
	unsigned long page;
	struct tvm other;
	__u64 of_root;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	/* What the root needs for itself with two partitions is there after this. */
	ASSERT_OK(tvm_start(&other, guest_count, sizeof(guest_count)));
	ASSERT_OK(tvm_vp(&other, 1));
	tvm_close(&other);
	ASSERT_EQ(0, read_runs());
	memcpy(before, runs, nr_runs * sizeof(*runs));
	nr_before = nr_runs;
	of_root = books_value(RV_BOOKS_DEPOSITED_SELF);
	ASSERT_OK(tvm_start(&other, guest_count, sizeof(guest_count)));
	ASSERT_EQ(0, read_runs());
	page = given_since(before, nr_before);
	/* None of them is the root's own. */
	ASSERT_EQ(of_root, books_value(RV_BOOKS_DEPOSITED_SELF));
	ASSERT_NE(0, page);
	ASSERT_EQ(0, rv_answer_value(HVCALL_MAP_VP_STATE_PAGE, 1, page));
	EXPECT_EQ(-EIO, tvm_vp(&self->t, 1));
	ASSERT_EQ(0, rv_answer_value(HVCALL_MAP_VP_STATE_PAGE, 1, page));
	EXPECT_LE(0, tvm_vp(&other, 1));
	ASSERT_EQ(0, rv_rules_clear());
	tvm_close(&other);
}

/* Nothing smaller than a block will do for contiguous pages. */
TEST_F(held, no_contiguous_pages)
{
	__u32 rule;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	ASSERT_EQ(0, read_runs());
	if (!has_guards || module_load(SCARCE_FILE))
		SKIP(return, "no module that makes memory scarce, or pages come from elsewhere");
	ASSERT_EQ(0, rv_fail(HVCALL_CREATE_VP, HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY, 0, 1,
			     &rule));
	EXPECT_EQ(-ENOMEM, tvm_vp(&self->t, 1));
	EXPECT_ALL_WELL();
	ASSERT_EQ(0, syscall(SYS_delete_module, SCARCE, O_NONBLOCK));
	ASSERT_EQ(0, rv_fail(HVCALL_CREATE_VP, HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY, 0, 1,
			     &rule));
	EXPECT_LE(0, tvm_vp(&self->t, 1));
	ASSERT_EQ(0, rv_rules_clear());
}

/* Pages leave the direct map without a leaf of it being split. */
TEST_F(held, no_leaf_is_split)
{
	struct tvm t[GUARD_LIVES];
	long long before;
	unsigned int i;

	/* The chunk that the first ones need has been a part of a larger leaf. */
	ASSERT_OK(tvm_start(&t[0], guest_count, sizeof(guest_count)));
	if (!has_guards && !driver_book("chunks") && !access("/sys/module/mshv/initstate", F_OK)) {
		tvm_close(&t[0]);
		SKIP(return, "a module takes pages from the direct map one by one");
	}
	before = driver_book("direct_map_splits");
	for (i = 1; i < GUARD_LIVES; i++) {
		ASSERT_OK(tvm_start(&t[i], guest_count, sizeof(guest_count)));
		ASSERT_OK(tvm_vp(&t[i], 1));
	}
	ASSERT_EQ(0, read_runs());
	if (!has_guards)
		EXPECT_LT(0, driver_book("chunks"));
	EXPECT_EQ(before, driver_book("direct_map_splits"));
	for (i = 0; i < GUARD_LIVES; i++)
		tvm_close(&t[i]);
}

/* What that takes is counted, and where it is not done there is nothing to count. */
TEST_F(held, direct_map_takes_time)
{
	long long before = driver_book("direct_map_cycles");
	struct tvm t;

	ASSERT_LE(0, before);
	ASSERT_OK(tvm_start(&t, guest_count, sizeof(guest_count)));
	ASSERT_OK(tvm_vp(&t, 1));
	ASSERT_EQ(0, read_runs());
	tvm_close(&t);
	if (has_guards)
		EXPECT_EQ(0, driver_book("direct_map_cycles"));
	if (!has_guards && !driver_book("chunks"))
		EXPECT_LT(before, driver_book("direct_map_cycles"));
}

/* Is there a page of a file system in memory in front of a deposited one? */
static bool file_in_front(int fd)
{
	const __u64 all = KPF(SWAPBACKED) | KPF(ANON) | KPF(MMAP);
	unsigned int i;

	for (i = 0; i < nr_runs; i++) {
		if (!strcmp(runs[i].kind, "given") && runs[i].first &&
		    (flags_of(fd, runs[i].first - 1) & all) == KPF(SWAPBACKED))
			return true;
	}
	return false;
}

/*
 * A link that fills its page and ends in a name of this length, which does not
 * exist: the last word that is read of it contains its end, and crosses the end of
 * the page unless the length is one less than a multiple of eight.
 */
static int make_link(unsigned int nr, unsigned int length)
{
	char target[LINK_LENGTH + 1], name[64];
	unsigned int at;

	for (at = 0; at < LINK_LENGTH - length; at++)
		target[at] = at & 1 ? '/' : '.';
	target[at - 1] = '/';
	memset(target + at, 'x', length);
	target[LINK_LENGTH] = 0;
	snprintf(name, sizeof(name), LINKS "/%u", nr);
	return symlink(target, name) ? -errno : 0;
}

static unsigned int follow_links(unsigned int nr)
{
	unsigned int i, missing = 0;
	char name[64];

	for (i = 0; i < nr; i++) {
		snprintf(name, sizeof(name), LINKS "/%u", i);
		missing += access(name, F_OK) && errno == ENOENT;
	}
	return missing;
}

/* Reads beyond the end of a page without a guard behind it return zeros. */
TEST_F(held, read_beyond_the_end)
{
	long most = sysconf(_SC_PHYS_PAGES) / LINKS_SHARE;
	unsigned int nr = 0, i;
	struct tvm t[GUARD_LIVES];
	bool found = false;

	ASSERT_EQ(0, read_runs());
	if (has_guards)
		SKIP(return, "there are guards");
	mkdir(LINKS, 0700);
	ASSERT_EQ(0, mount("none", LINKS, "tmpfs", 0, "size=90%,nr_inodes=0"));
	for (i = 0; i < GUARD_LIVES; i++)
		ASSERT_OK(tvm_start(&t[i], guest_count, sizeof(guest_count)));
	ASSERT_EQ(0, read_runs());
	while (!found && nr < most) {
		for (i = 0; i < LINKS_MORE; i++, nr++)
			ASSERT_EQ(0, make_link(nr, 2 * WORD + nr % (WORD - 1)));
		found = file_in_front(self->flags);
	}
	/* Pages of a chunk have deposited pages in front of them, all but the first. */
	EXPECT_TRUE(found || driver_book("chunks") > 0) {
		TH_LOG("%u links, and none in front of a deposited page", nr);
	}
	EXPECT_EQ(nr, follow_links(nr));
	for (i = 0; i < GUARD_LIVES; i++)
		tvm_close(&t[i]);
	if (!found)
		SKIP(return, "no link came to be in front of a chunk");
}

static void *live(void *arg)
{
	unsigned int *lives = arg;

	while (*lives && !tvm_life())
		__atomic_sub_fetch(lives, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Readers of all memory do not read deposited pages, or pages about to be. */
TEST_F(held, kcore)
{
	static off_t at[KCORE_PAGES];
	unsigned int nr = 0, i, lives = KCORE_LIVES;
	int kcore = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	unsigned long pfn;
	pthread_t thread;
	char data[64];

	if (kcore < 0)
		SKIP(return, "no /proc/kcore");
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	ASSERT_EQ(0, read_runs());
	for (i = 0; i < nr_runs; i++) {
		for (pfn = runs[i].first; pfn <= runs[i].last && nr < KCORE_PAGES;
		     pfn++) {
			off_t offset = kcore_offset(kcore, pfn * VMM_PAGE);

			if (offset >= 0)
				at[nr++] = offset;
		}
	}
	EXPECT_LT(0, nr);
	/* They are zeroes while they are deposited, */
	for (i = 0; i < nr; i++)
		EXPECT_EQ(sizeof(data), pread(kcore, data, sizeof(data), at[i]));
	tvm_close(&self->t);
	/* also while pages are deposited and withdrawn. */
	ASSERT_EQ(0, pthread_create(&thread, NULL, live, &lives));
	while (__atomic_load_n(&lives, __ATOMIC_SEQ_CST)) {
		for (i = 0; i < nr; i++)
			ASSERT_EQ(sizeof(data),
				  pread(kcore, data, sizeof(data), at[i]));
	}
	pthread_join(thread, NULL);
	close(kcore);
}

TEST_HARNESS_MAIN
