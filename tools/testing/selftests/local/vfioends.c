// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a program that has a device at work by VFIO, or with VFIO_BY=iommufd by that:
 * it is killed in the midst of DMA; or the device is unbound from the driver, and the
 * program closes it on request, or ignores that and is killed.  VFIO_ROUNDS=N repeats it.
 *
 * Each time nothing may be left in the hypervisor's books, the pages that the device wrote
 * to are not written to any more, and the device works for its next user: the kernel's driver
 * for NVMe, or a program again.
 *
 * Needs what vfio.c and vfionvme.c need.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "dmatest.h"
#include "harness.h"
#include "nvmedisk.h"
#include "testvm.h"
#include "vfionvme.h"
#include "vfiowork.h"

#define IOVA		VFIONVME_DATA
#define ROUNDS		(getenv("VFIO_ROUNDS") ? atoi(getenv("VFIO_ROUNDS")) : 4)
#define SPOKEN		20			/* rounds, and a line that it goes on */
#define SECONDS		7200			/* for any number of them */
#define ROOM		0x100000ul
#define ROOT_AT		(4ul << 20)		/* on the disk, beside what programs use */
#define ROOT_BYTES	(256ul << 10)

/* What works, where it writes to, and which round it is. */
struct world {
	struct edu edu;
	struct nvme nvme;
	__u8 *room;
	__u64 seed;
};

static __u8 *shared(size_t bytes)
{
	__u8 *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* --- QEMU's "edu" --------------------------------------------------------------- */

static const char *edu_find(struct world *world, char name[16])
{
	const char *reason = vfiodev_missing();

	if (!reason && edu_open(&world->edu))
		reason = "there is no edu device";
	snprintf(name, 16, "0000:%s", world->edu.name);
	return reason;
}

/* Opening it has reset what it is allowed, so its registers come after that. */
static int edu_take(struct vfiodev *v, const char *name, struct edu *edu, void *memory)
{
	return vfiodev_open(v, name) ?: vfiodev_map(v, memory, IOVA, ROOM, VFIONVME_BOTH) ?:
	       edu_open(edu);
}

static int edu_begin(struct vfiodev *v, const char *name, void *arg)
{
	struct world *world = arg;

	return edu_take(v, name, &world->edu, world->room);
}

static int edu_piece(void *arg)
{
	struct world *world = arg;

	edu_load(&world->edu, IOVA, DMA_PAGE);
	edu_store(&world->edu, IOVA + ROOM / 2, DMA_PAGE);
	return 0;
}

/* A program again: what is stored is what was loaded. */
static int edu_next(struct world *world, const char *name)
{
	__u8 *other = shared(ROOM);
	struct vfiodev v;
	int ret;

	if (!other)
		return -1;
	nvmedisk_fill(other, DMA_PAGE, world->seed);
	ret = vfiodev_bind(name) ?: edu_take(&v, name, &world->edu, other) ?: edu_piece(world);
	ret = ret ?: memcmp(other, other + ROOM / 2, DMA_PAGE);
	vfiodev_close(&v);
	munmap(other, ROOM);
	return vfiodev_unbind(name) ?: ret;
}

/* --- NVMe ----------------------------------------------------------------------- */

static const char *nvme_find(struct world *world, char name[16])
{
	return nvmedisk_start(name);
}

static int nvme_begin_work(struct vfiodev *v, const char *name, void *arg)
{
	struct world *world = arg;

	return vfionvme_open(v, &world->nvme, name) ?:
	       vfiodev_map(v, world->room, IOVA, ROOM, VFIONVME_BOTH);
}

/* One after another of both directions, while those before are in flight. */
static int nvme_piece(void *arg)
{
	struct world *world = arg;
	static __u64 at;

	at = (at + NVME_MOST) % (ROOM / 2);
	return nvme_begin(&world->nvme, true, at, IOVA + at, NVME_MOST) ?:
	       nvme_begin(&world->nvme, false, at, IOVA + ROOM / 2 + at, NVME_MOST) ?:
	       world->nvme.failed ? -1 : 0;
}

/* The kernel's driver, with the sum of what was written. */
static int nvme_next(struct world *world, const char *name)
{
	static __u8 data[ROOT_BYTES] __attribute__((aligned(4096)));
	__u64 sum;
	int ret;

	nvmedisk_fill(data, sizeof(data), world->seed);
	sum = nvmedisk_sum(data, sizeof(data));
	ret = nvmedisk_bind(name) ?: nvmedisk_write(ROOT_AT, data, sizeof(data));
	memset(data, 0, sizeof(data));
	return ret ?: nvmedisk_read(ROOT_AT, data, sizeof(data)) ?:
	       nvmedisk_sum(data, sizeof(data)) == sum ? 0 : -1;
}

/* -------------------------------------------------------------------------------- */

FIXTURE(vfioends) {
	struct world world;
	struct books books;
	struct work work;
	char name[16];
};

FIXTURE_VARIANT(vfioends) {
	const char *(*find)(struct world *world, char name[16]);
	int (*begin)(struct vfiodev *v, const char *name, void *arg);
	int (*piece)(void *arg);
	int (*next)(struct world *world, const char *name);
};

FIXTURE_VARIANT_ADD(vfioends, edu) {
	.find = edu_find,
	.begin = edu_begin,
	.piece = edu_piece,
	.next = edu_next,
};

FIXTURE_VARIANT_ADD(vfioends, nvme) {
	.find = nvme_find,
	.begin = nvme_begin_work,
	.piece = nvme_piece,
	.next = nvme_next,
};

FIXTURE_SETUP(vfioends)
{
	const char *reason;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	reason = variant->find(&self->world, self->name);
	if (reason)
		SKIP(return, "%s", reason);
	self->work = (struct work){ self->name, variant->begin, variant->piece, &self->world };
	self->world.room = shared(ROOM);
	ASSERT_NE(NULL, self->world.room);
}

FIXTURE_TEARDOWN(vfioends)
{
}

/* For a program, which then works. */
static int begin(struct worker *w, const struct work *work, struct books *books, bool listens)
{
	return vfiodev_bind(work->name) ?: books_read(books) ?: worker_start(w, work, listens);
}

/* All is back, memory stays as it is, and the device is of use; NULL, or what is not so. */
static const char *aftermath(struct world *world, const char *name, const struct books *books,
			     int (*next)(struct world *world, const char *name))
{
	__u64 sum;

	if (!wait_until(dmatest_is_back(books)))
		return "something is left in the hypervisor's books";
	nvmedisk_fill(world->room, ROOM, ++world->seed);
	sum = nvmedisk_sum(world->room, ROOM);
	if (next(world, name))
		return "the device does not work";
	if (nvmedisk_sum(world->room, ROOM) != sum)
		return "memory has been written to";
	if (world->seed % SPOKEN == 0)
		ksft_print_msg("%llu rounds\n", world->seed);
	return NULL;
}

#define ASSERT_AFTERMATH() do {						\
	const char *wrong_ = aftermath(&self->world, self->name, &self->books, variant->next); \
									\
	ASSERT_EQ(NULL, wrong_) {					\
		TH_LOG("round %llu: %s", self->world.seed, wrong_ ?: "");	\
	}								\
} while (0)

TEST_F_TIMEOUT(vfioends, killed, SECONDS)
{
	struct worker w;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		ASSERT_EQ(0, begin(&w, &self->work, &self->books, false));
		ASSERT_EQ(0, worker_kill(&w));
		ASSERT_TRUE(wait_until(dmatest_is_back(&self->books)));
		ASSERT_EQ(0, vfiodev_unbind(self->name));
		ASSERT_AFTERMATH();
	}
}

/* The program closes the device on request, and ends by itself. */
TEST_F_TIMEOUT(vfioends, unbound, SECONDS)
{
	struct worker w;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		ASSERT_EQ(0, begin(&w, &self->work, &self->books, true));
		ASSERT_EQ(0, vfiodev_unbind(self->name));
		ASSERT_EQ(0, worker_wait(&w));
		ASSERT_AFTERMATH();
	}
}

/* The device stays at work for as long as the program has it. */
TEST_F_TIMEOUT(vfioends, unbound_in_vain, SECONDS)
{
	struct worker w;
	pid_t unbind;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		ASSERT_EQ(0, begin(&w, &self->work, &self->books, false));
		unbind = unbind_begin(self->name);
		ASSERT_TRUE(unbind_waits(unbind));
		ASSERT_TRUE(worker_goes_on(&w));
		ASSERT_FALSE(dmatest_is_back(&self->books));
		ASSERT_EQ(0, worker_kill(&w));
		ASSERT_EQ(0, unbind_end(unbind));
		ASSERT_AFTERMATH();
	}
}

TEST_HARNESS_MAIN
