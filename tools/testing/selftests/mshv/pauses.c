// SPDX-License-Identifier: GPL-2.0
/*
 * Long work in the driver: it is done in pieces, and only where needed.
 *
 * Model: the kernel's count of context switches shows whether others run meanwhile.
 * A loop that does a little for each page, on the same machine at the same time,
 * shows whether work is only done where needed.
 */
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#include "harness.h"
#include "probe.h"

#define AREA_SIZE	(512ULL << 20)
#define TRACKED_PAGES	(4ULL << 20)
#define UNTRACKED_PAGES	(4ULL << 30)
#define PAGES_OF_BLOCK	(BLOCK / VMM_PAGE)
/* An address at which a region of any size fits into a process. */
#define HUGE_ADDRESS	((void *)0x100000000UL)
/* Disturbances only add to the cost, so it has to be within the bound once. */
#define LOCKDEP		"/proc/lockdep"
#define CHECKED		8
#define MEASURES	30

FIXTURE(pauses) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(pauses)
{
	self->books = !rv_open() && !books_read(&self->before);
}

FIXTURE_TEARDOWN(pauses)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static volatile bool spinning;

static void *spin(void *unused)
{
	while (spinning)
		;
	return NULL;
}

/* How often another thread got this thread's processor. */
static long switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

/* Half a GiB of small pages is unmapped, while another thread keeps running. */
TEST_F(pauses, small_pages_unmapped)
{
	cpu_set_t one, all;
	pthread_t thread;
	__u8 *area, value;
	long before;
	__u64 at;

	ASSERT_OK(probe_start(&self->t));
	area = mmap(NULL, AREA_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	/* The same page of zeroes everywhere, which costs no memory. */
	madvise(area, AREA_SIZE, MADV_NOHUGEPAGE);
	for (at = 0; at < AREA_SIZE; at += VMM_PAGE)
		(void)*(volatile __u8 *)(area + at);
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, AREA_SIZE, area, MEM_RWX));
	for (at = 0; at < AREA_SIZE; at += BLOCK)
		ASSERT_OK(probe_read(&self->t, 0, PROBE_GPA + at, &value));
	if (self->books)
		EXPECT_LE(AREA_SIZE / VMM_PAGE / 2, books_value(RV_BOOKS_MAPPED));

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_getaffinity(0, sizeof(all), &all);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(one), &one));
	spinning = true;
	ASSERT_EQ(0, pthread_create(&thread, NULL, spin, NULL));
	before = switches();
	EXPECT_EQ(0, vmm_unmap(self->t.part, PROBE_GPA, AREA_SIZE, area));
	EXPECT_LT(before + 1, switches());
	spinning = false;
	pthread_join(thread, NULL);
	sched_setaffinity(0, sizeof(all), &all);
	munmap(area, AREA_SIZE);
}

static double cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/*
 * The cost of doing a little for each of @nr things.  A kernel that checks itself does
 * everything several times slower than this program.
 */
static double cost_of_each(__u64 nr)
{
	double begin = cpu_time(), cost;
	static __u64 word;

	while (nr--)
		__atomic_fetch_or(&word, nr, __ATOMIC_SEQ_CST);
	cost = cpu_time() - begin;
	return access(LOCKDEP, F_OK) ? cost : cost * CHECKED;
}

/* The cost of removing one page from a region, or a negative errno. */
static double cost_of_hole(struct tvm *t, __u8 *first)
{
	double begin = cpu_time();
	int ret = vmm_unmap(t->part, PROBE_GPA, VMM_PAGE, first);

	return ret ? ret : cpu_time() - begin;
}

/* A large region, with only its first page present. */
static int map_huge(struct tvm *t, __u64 pages, __u8 **first)
{
	*first = mmap(HUGE_ADDRESS, VMM_PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (*first == MAP_FAILED)
		return -errno;
	return vmm_map(t->part, PROBE_GPA, pages * VMM_PAGE, *first, MEM_RWX);
}

/* Marks of pages that a guest has touched are copied by words. */
TEST_F(pauses, marks_are_inherited)
{
	struct mshv_gpap_access_bitmap all = {
		.access_type = MSHV_GPAP_ACCESS_TYPE_DIRTY,
		.access_op = MSHV_GPAP_ACCESS_OP_SET,
		.page_count = TRACKED_PAGES,
		.gpap_base = PROBE_PFN,
	};
	double cost = 0, bound = 0;
	unsigned int i;
	__u8 *first;
	void *bits;

	bits = mmap(NULL, TRACKED_PAGES / 8, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, bits);
	all.bitmap_ptr = (unsigned long)bits;
	for (i = 0; i < MEASURES; i++) {
		ASSERT_OK(tvm_partition(&self->t));
		ASSERT_OK(map_huge(&self->t, TRACKED_PAGES, &first));
		ASSERT_OK(vmm_set_property(self->t.part,
					   HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING,
					   1));
		ASSERT_EQ(0, ioctl(self->t.part, MSHV_GET_GPAP_ACCESS_BITMAP, &all));
		cost = cost_of_hole(&self->t, first);
		EXPECT_LE(0, cost);
		bound = cost_of_each(TRACKED_PAGES);
		tvm_close(&self->t);
		if (cost < bound)
			break;
	}
	EXPECT_LT(cost, bound) {
		TH_LOG("%g s, and %g s", cost, bound);
	}
	munmap(bits, TRACKED_PAGES / 8);
}

/* Unmapped blocks are not visited. */
TEST_F(pauses, unmapped_blocks)
{
	double cost = 0, bound = 0;
	unsigned int i;
	__u8 *first;

	for (i = 0; i < MEASURES; i++) {
		ASSERT_OK(tvm_partition(&self->t));
		ASSERT_OK(map_huge(&self->t, UNTRACKED_PAGES, &first));
		cost = cost_of_hole(&self->t, first);
		EXPECT_LE(0, cost);
		bound = cost_of_each(UNTRACKED_PAGES / PAGES_OF_BLOCK);
		tvm_close(&self->t);
		if (cost < bound)
			break;
	}
	EXPECT_LT(cost, bound) {
		TH_LOG("%g s, and %g s", cost, bound);
	}
}

#define SOME_PAGES	1000
#define HOLE		333
#define HOLE_PAGES	8

static bool is_marked(unsigned int page)
{
	return page % 7 == 0 || page % 64 == 63;
}

/* However the words of a piece are aligned to those of its region. */
TEST_F(pauses, marks_are_the_same_ones)
{
	struct mshv_gpap_access_bitmap ask = {
		.access_type = MSHV_GPAP_ACCESS_TYPE_DIRTY,
	};
	__u8 bits[SOME_PAGES / 8 + 1] = { };
	unsigned int page;
	__u8 *first;

	ask.bitmap_ptr = (unsigned long)bits;
	ASSERT_OK(tvm_partition(&self->t));
	ASSERT_OK(map_huge(&self->t, SOME_PAGES, &first));
	ASSERT_OK(vmm_set_property(self->t.part,
				   HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING,
				   1));
	ask.access_op = MSHV_GPAP_ACCESS_OP_SET;
	ask.page_count = 1;
	for (page = 0; page < SOME_PAGES; page++) {
		ask.gpap_base = PROBE_PFN + page;
		if (is_marked(page))
			ASSERT_EQ(0, ioctl(self->t.part,
					   MSHV_GET_GPAP_ACCESS_BITMAP, &ask));
	}
	ASSERT_OK(vmm_unmap(self->t.part, PROBE_GPA + HOLE * VMM_PAGE,
			    HOLE_PAGES * VMM_PAGE, first + HOLE * VMM_PAGE));
	ask.access_op = MSHV_GPAP_ACCESS_OP_NOOP;
	for (page = 0; page < SOME_PAGES; page++) {
		if (page >= HOLE && page < HOLE + HOLE_PAGES)
			continue;
		ask.gpap_base = PROBE_PFN + page;
		ASSERT_EQ(0, ioctl(self->t.part, MSHV_GET_GPAP_ACCESS_BITMAP, &ask));
		EXPECT_EQ(is_marked(page), bits[0] & 1) {
			TH_LOG("page %u", page);
		}
	}
}

TEST_HARNESS_MAIN
