// SPDX-License-Identifier: GPL-2.0
/*
 * What DMA remapping costs: hypercalls for memory that VFIO maps, and hypercalls and
 * instructions of a read by the kernel's NVMe driver, with and without a domain of its own.
 *
 * Model: a page of 1 GiB is mapped, so that nothing but the interface of the hypervisor sets
 * how many calls it takes.  Reads are of 4 KiB, one at a time, past the cache.  In a recorded
 * machine time is counted in instructions, and that in which nothing runs is taken off.
 *
 * Needs what vfio.c needs, a page of 1 GiB, and an NVMe disk; skipped otherwise.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_iommu.h>
#include <linux/vfio.h>

#include "groups.h"
#include "harness.h"
#include "nvmedisk.h"
#include "rvbooks.h"
#include "testvm.h"
#include "vfiodev.h"

#define GIB		0x40000000ull
#define IOVA		(4 * GIB)
#define GIGANTIC	(30u << MAP_HUGE_SHIFT)
/* 507 pages, and 4,095 pages, in a call. */
#define MAPS		518
#define UNMAPS		65
#define READS		(getenv("VFIO_READS") ? atoi(getenv("VFIO_READS")) : 500)
#define TIMES		10
#define SOME		50			/* the first ones, of which some allocate */
#define READ_BYTES	4096
#define DISK_BYTES	(8ull << 20)
#define NS		1000000000.0

FIXTURE(vfiocost) {
	struct vfiodev v;
	char name[16];
};

FIXTURE_SETUP(vfiocost)
{
	const char *reason;

	self->v = (struct vfiodev){ .container = -1, .group = -1, .device = -1 };
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	reason = nvmedisk_start(self->name);
	if (reason)
		SKIP(return, "%s", reason);
}

FIXTURE_TEARDOWN(vfiocost)
{
	vfiodev_close(&self->v);
}

/* One of the table. */
static void row(const char *what, const char *floor, double count)
{
	ksft_print_msg("| %s | %s | %.0f |\n", what, floor, count);
}

/* --- memory of a program -------------------------------------------------------- */

struct calls {
	__u64 maps, unmaps, deposits;
};

/* Mapped and unmapped; no call is cut short by the hypervisor. */
static int map_all(struct vfiodev *v, void *p, struct calls *calls)
{
	int ret = rv_mark() ?: vfiodev_map(v, p, IOVA, GIB,
					   VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE);

	if (ret || vfiodev_unmap(v, IOVA, GIB) != GIB)
		return -1;
	return rv_count_call(HVCALL_MAP_DEVICE_GPA_PAGES, &calls->maps) ?:
	       rv_count_call(HVCALL_UNMAP_DEVICE_GPA_PAGES, &calls->unmaps) ?:
	       rv_count_call(HVCALL_DEPOSIT_MEMORY, &calls->deposits);
}

/* Calls that ask for memory for tables are made again; the next time it is there. */
TEST_F(vfiocost, gibibyte)
{
	struct calls first, again;
	void *p = mmap(NULL, GIB, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | GIGANTIC, -1, 0);

	if (p == MAP_FAILED)
		SKIP(return, "there is no page of 1 GiB");
	ASSERT_EQ(0, vfiodev_bind(self->name));
	ASSERT_EQ(0, vfiodev_open(&self->v, self->name));
	ASSERT_EQ(0, rv_rep_slice(HV_UNMAP_DEVICE_GPA_MAX_PAGES));
	EXPECT_EQ(0, map_all(&self->v, p, &first));
	EXPECT_EQ(0, map_all(&self->v, p, &again));
	rv_rep_slice(0);
	row("calls that map 1 GiB for a program, the first time", "518", first.maps);
	row("calls that deposit memory for that", "", first.deposits);
	row("calls that map it again", "518", again.maps);
	row("calls that unmap it", "65", again.unmaps);
	EXPECT_GE(MAPS + MAPS / 20, first.maps);
	EXPECT_EQ(MAPS, again.maps);
	EXPECT_EQ(UNMAPS, first.unmaps);
	EXPECT_EQ(UNMAPS, again.unmaps);
	EXPECT_EQ(0, again.deposits);
	vfiodev_close(&self->v);
	EXPECT_EQ(0, vfiodev_unbind(self->name));
	EXPECT_EQ(0, nvmedisk_bind(self->name));
}

/* --- reads of the kernel's driver ------------------------------------------------- */

/* Of one read. */
struct price {
	double maps, unmaps, exits, instructions;
};

static volatile unsigned long rounds;

static void *count_rounds(void *unused)
{
	const struct sched_param parameter = { 0 };

	if (sched_setscheduler(0, SCHED_IDLE, &parameter))
		return NULL;
	for (;;)
		rounds++;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS + t.tv_nsec;
}

/* Nanoseconds of a round, and of what always runs besides: the least of several times. */
static double round_time(void)
{
	const struct timespec a_while = { .tv_nsec = 100000000 };
	double began, each, least = NS;
	unsigned long counted;
	int i;

	for (i = 0; i < TIMES; i++) {
		counted = rounds;
		began = now();
		nanosleep(&a_while, NULL);
		each = (now() - began) / (rounds - counted);
		if (each < least)
			least = each;
	}
	return least;
}

/* A read, and what else happened; the number of times that it slept. */
static int read_one(int fd, unsigned int nr, double of_a_round, double *instructions)
{
	static __u8 data[READ_BYTES] __attribute__((aligned(READ_BYTES)));
	struct rusage before, after;
	unsigned long counted;
	double began;
	ssize_t done;

	getrusage(RUSAGE_THREAD, &before);
	counted = rounds;
	began = now();
	done = pread(fd, data, READ_BYTES, nr * (__u64)READ_BYTES % DISK_BYTES);
	*instructions = now() - began - (rounds - counted) * of_a_round;
	getrusage(RUSAGE_THREAD, &after);
	return done == READ_BYTES ? after.ru_nvcsw - before.ru_nvcsw : -1;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/*
 * The median of those that slept once.  How many do depends on when the disk answers, and
 * sleeping costs instructions.
 */
static int read_many(int number, double of_a_round, double *median)
{
	int fd = nvmedisk_open(O_RDONLY), i, slept = 0, ret = 0;
	double *each = calloc(number, sizeof(*each));

	for (i = 0; i < number && fd >= 0 && ret >= 0; i++) {
		ret = read_one(fd, i, of_a_round, &each[slept]);
		slept += ret == 1;
	}
	qsort(each, slept, sizeof(each[0]), by_value);
	*median = slept ? each[slept / 2] : 0;
	free(each);
	close(fd);
	return fd < 0 || ret < 0 ? -1 : 0;
}

static int measure(const char *name, const char *type, struct price *price)
{
	int ret = nvmedisk_retype(name, type) ?: read_many(SOME, 0, &price->instructions);
	double of_a_round = round_time();
	__u64 maps, unmaps, exits;

	if (ret || rv_mark())
		return -1;
	ret = read_many(READS, of_a_round, &price->instructions);
	if (ret || rv_count(RV_COUNT_ROOT_EXITS, &exits) ||
	    rv_count_call(HVCALL_MAP_DEVICE_GPA_PAGES, &maps) ||
	    rv_count_call(HVCALL_UNMAP_DEVICE_GPA_PAGES, &unmaps))
		return -1;
	price->maps = (double)maps / READS;
	price->unmaps = (double)unmaps / READS;
	price->exits = (double)exits / READS;
	return 0;
}

TEST_F(vfiocost, reads)
{
	struct price identity, domain;
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, count_rounds, NULL));
	ASSERT_EQ(0, measure(self->name, "identity", &identity));
	ASSERT_EQ(0, measure(self->name, "DMA", &domain));
	row("calls of a read of 4 KiB in the default domain", "0", identity.maps + identity.unmaps);
	row("calls of a read in a domain of its own", "2", domain.maps + domain.unmaps);
	row("VM exits of the former", "", identity.exits);
	row("VM exits of the latter", "", domain.exits);
	row("thousands of instructions of the former", "", identity.instructions / 1000);
	row("thousands of instructions of the latter", "", domain.instructions / 1000);
	EXPECT_EQ(0, identity.maps + identity.unmaps);
	EXPECT_EQ(1, domain.maps);
	EXPECT_EQ(1, domain.unmaps);
}

TEST_HARNESS_MAIN
