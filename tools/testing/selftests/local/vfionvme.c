// SPDX-License-Identifier: GPL-2.0
/*
 * A disk in the hands of a program: VFIO, or with VFIO_BY=iommufd that, and a driver for
 * NVMe in this program.  What it writes the kernel's driver reads, and the other way round.
 *
 * Needs a machine with remapping hardware, an NVMe disk that may be overwritten, and the
 * drivers; skipped otherwise.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "dmatest.h"
#include "harness.h"
#include "nvme.h"
#include "nvmedisk.h"
#include "rvbooks.h"
#include "testvm.h"
#include "vfiodev.h"
#include "vfionvme.h"

#define MUCH		(4ul << 20)
#define FILLING		0xa5

FIXTURE(vfionvme) {
	struct dmatest t;
	struct vfiodev v;
	struct nvme n;
	struct books books;
	char name[16];
	__u8 *data;
};

/* In the program's hands, with @data mapped. */
static int take(struct dmatest *t, struct vfiodev *v, struct nvme *n, const char *name, void *data)
{
	int ret = vfionvme_open(v, n, name) ?:
		  vfiodev_map(v, data, VFIONVME_DATA, MUCH, VFIONVME_BOTH);

	dmatest_mark(t);
	return ret;
}

FIXTURE_SETUP(vfionvme)
{
	const char *reason;

	self->v = (struct vfiodev){ .container = -1, .group = -1, .device = -1 };
	self->name[0] = '\0';
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	reason = nvmedisk_start(self->name);
	if (reason)
		SKIP(return, "%s", reason);
	self->data = mmap(NULL, MUCH, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->data);
	snprintf(self->t.edu.name, sizeof(self->t.edu.name), "%.7s", strchr(self->name, ':') + 1);
	ASSERT_EQ(0, vfiodev_bind(self->name));
	ASSERT_EQ(0, books_read(&self->books));
	ASSERT_EQ(0, take(&self->t, &self->v, &self->n, self->name, self->data));
}

FIXTURE_TEARDOWN(vfionvme)
{
	if (!self->name[0])
		return;
	vfiodev_close(&self->v);
	EXPECT_TRUE(dmatest_is_back(&self->books));
	EXPECT_EQ(0, vfiodev_unbind(self->name));
	EXPECT_EQ(0, nvmedisk_bind(self->name));
}

/* One page, two, and lists, many in flight. */
static int transfer(struct nvme *n, bool write, __u64 at, unsigned long bytes)
{
	static const unsigned int pages[] = { 1, 2, 3, 8, 32 };
	unsigned long done, piece;
	unsigned int i = 0;
	int ret = 0;

	for (done = 0; done < bytes && !ret; done += piece) {
		piece = pages[i++ % 5] * NVME_PAGE;
		if (piece > bytes - done)
			piece = bytes - done;
		ret = nvme_begin(n, write, at + done, VFIONVME_DATA + done, piece);
	}
	return nvme_drain(n) ?: ret;
}

TEST_F(vfionvme, is_read_again)
{
	__u64 sum;

	nvmedisk_fill(self->data, MUCH, 1);
	sum = nvmedisk_sum(self->data, MUCH);
	ASSERT_EQ(0, transfer(&self->n, true, 0, MUCH));
	memset(self->data, 0, MUCH);
	ASSERT_EQ(0, transfer(&self->n, false, 0, MUCH));
	EXPECT_EQ(sum, nvmedisk_sum(self->data, MUCH));
	EXPECT_EQ(0, dmatest_faults(&self->t));
}

/* To the kernel's driver, and back. */
TEST_F(vfionvme, changes_hands)
{
	__u64 sum;

	nvmedisk_fill(self->data, MUCH, 2);
	sum = nvmedisk_sum(self->data, MUCH);
	ASSERT_EQ(0, transfer(&self->n, true, MUCH, MUCH));
	vfiodev_close(&self->v);
	ASSERT_EQ(0, vfiodev_unbind(self->name));
	ASSERT_EQ(0, nvmedisk_bind(self->name));
	memset(self->data, 0, MUCH);
	ASSERT_EQ(0, nvmedisk_read(MUCH, self->data, MUCH));
	EXPECT_EQ(sum, nvmedisk_sum(self->data, MUCH));
	nvmedisk_fill(self->data, MUCH, 3);
	sum = nvmedisk_sum(self->data, MUCH);
	ASSERT_EQ(0, nvmedisk_write(2 * MUCH, self->data, MUCH));
	memset(self->data, 0, MUCH);
	ASSERT_EQ(0, vfiodev_bind(self->name));
	ASSERT_EQ(0, take(&self->t, &self->v, &self->n, self->name, self->data));
	ASSERT_EQ(0, transfer(&self->n, false, 2 * MUCH, MUCH));
	EXPECT_EQ(sum, nvmedisk_sum(self->data, MUCH));
	EXPECT_EQ(0, dmatest_faults(&self->t));
}

/* Whether the controller reports it does not matter. */
static void read_page(struct nvme *n)
{
	if (!nvme_begin(n, false, 0, VFIONVME_DATA, NVME_PAGE))
		nvme_drain(n);
}

static bool is_filled(const __u8 *data)
{
	unsigned int i;

	for (i = 0; i < NVME_PAGE; i++)
		if (data[i] != FILLING)
			return false;
	return true;
}

/* In use a moment ago; and the controller goes on when there is memory again. */
TEST_F(vfionvme, data_just_unmapped)
{
	nvmedisk_fill(self->data, MUCH, 4);
	ASSERT_EQ(0, transfer(&self->n, true, 0, MUCH));
	ASSERT_EQ(0, transfer(&self->n, false, 0, MUCH));
	ASSERT_EQ(MUCH, vfiodev_unmap(&self->v, VFIONVME_DATA, MUCH));
	memset(self->data, FILLING, NVME_PAGE);
	dmatest_mark(&self->t);
	read_page(&self->n);
	EXPECT_TRUE(dmatest_reported(&self->t, VFIONVME_DATA, 1));
	EXPECT_TRUE(is_filled(self->data));
	ASSERT_EQ(0, vfiodev_map(&self->v, self->data, VFIONVME_DATA, MUCH, VFIONVME_BOTH));
	ASSERT_EQ(0, transfer(&self->n, false, 0, MUCH));
	EXPECT_FALSE(is_filled(self->data));
}

TEST_F(vfionvme, data_may_not_be_written)
{
	ASSERT_EQ(MUCH, vfiodev_unmap(&self->v, VFIONVME_DATA, MUCH));
	ASSERT_EQ(0, vfiodev_map(&self->v, self->data, VFIONVME_DATA, MUCH,
				 VFIO_DMA_MAP_FLAG_READ));
	memset(self->data, FILLING, NVME_PAGE);
	EXPECT_EQ(0, transfer(&self->n, true, 0, NVME_PAGE));
	dmatest_mark(&self->t);
	/* A translation that it has kept would be refused without a report. */
	ASSERT_EQ(0, nvme_begin(&self->n, false, 0, VFIONVME_DATA + NVME_PAGE, NVME_PAGE));
	nvme_drain(&self->n);
	EXPECT_TRUE(dmatest_reported(&self->t, VFIONVME_DATA + NVME_PAGE, 1));
	EXPECT_TRUE(is_filled(self->data));
}

/* What is not data: the list of the data's pages. */
TEST_F(vfionvme, list_just_unmapped)
{
	ASSERT_EQ(0, transfer(&self->n, true, 0, MUCH));
	ASSERT_EQ(0, vfionvme_unmap_lists(&self->v));
	dmatest_mark(&self->t);
	ASSERT_EQ(0, nvme_begin(&self->n, false, 0, VFIONVME_DATA, 3 * NVME_PAGE));
	EXPECT_NE(0, nvme_drain(&self->n));
	EXPECT_TRUE(dmatest_reported(&self->t, VFIONVME_LISTS, 0));
}

TEST_HARNESS_MAIN
