// SPDX-License-Identifier: GPL-2.0
/*
 * A device in the hands of a program: VFIO, by the IOMMU driver for root partitions; with
 * VFIO_BY=iommufd by that.
 *
 * Needs a machine with remapping hardware, QEMU's "edu" device, and the drivers; skipped
 * otherwise.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_iommu.h>
#include <hyperv/hv_status.h>
#include <linux/vfio.h>

#include "dmatest.h"
#include "groups.h"
#include "harness.h"
#include "rvbooks.h"
#include "rvlog.h"
#include "testvm.h"
#include "tracefs.h"
#include "vfiodev.h"
#include "waits.h"

#define IOVA		0x100000000ull
#define HUGE		(2ul << 20)
#define MUCH		(64ul << 20)
#define BOTH		(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)
#define LOG_ACTION_READ	3
#define LOG_BYTES	0x100000
#define ALWAYS		1000000
#define SOME		20

FIXTURE(vfio) {
	struct dmatest t;
	struct vfiodev v;
	struct books books;
	char name[16];
	__u64 *page;
};

/* Contiguous as far as can be, so that lists are long. */
static void *memory(size_t bytes)
{
	__u8 *p = mmap(NULL, bytes + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);

	if (p == MAP_FAILED)
		return NULL;
	p += -(unsigned long)p % HUGE;
	madvise(p, bytes, MADV_HUGEPAGE);
	memset(p, 0, bytes);
	return p;
}

/* The device as seen by its registers; opening it has reset what it is allowed. */
static int open_device(struct dmatest *t, struct vfiodev *v, const char *name)
{
	return vfiodev_open(v, name) ?: edu_open(&t->edu);
}

static const char *start(struct dmatest *t, char name[16])
{
	const char *reason = vfiodev_missing();
	__u32 id[2], faults[2];

	memset(t, 0, sizeof(*t));
	t->raw = -1;
	if (reason)
		return reason;
	if (edu_open(&t->edu))
		return "there is no edu device";
	memcpy(id, &t->edu.id, sizeof(id));
	if (rv_call(RV_CMD_DMA_FAULTS, id, 2, faults, 2))
		return "DMA is not remapped";
	snprintf(name, 16, "0000:%s", t->edu.name);
	return vfiodev_bind(name) ? "there is no driver vfio-pci" : NULL;
}

FIXTURE_SETUP(vfio)
{
	const char *reason;

	self->v.device = -1;
	self->v.group = -1;
	self->v.container = -1;
	self->name[0] = '\0';
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	reason = start(&self->t, self->name);
	if (reason)
		SKIP(return, "%s", reason);
	self->page = memory(DMA_PAGE);
	ASSERT_NE(NULL, self->page);
	ASSERT_EQ(0, books_read(&self->books));
	ASSERT_EQ(0, open_device(&self->t, &self->v, self->name));
	dmatest_mark(&self->t);
}

FIXTURE_TEARDOWN(vfio)
{
	rv_rules_clear();
	rv_rep_slice(0);
	vfiodev_close(&self->v);
	if (!self->name[0])
		return;
	EXPECT_TRUE(dmatest_is_back(&self->books));
	EXPECT_EQ(0, vfiodev_unbind(self->name));
}

static int map_page(struct vfiodev *v, __u64 *page, __u64 iova)
{
	return vfiodev_map(v, page, iova, DMA_PAGE, BOTH);
}

/* A pattern from memory into the device and back to memory. */
static int copies(struct dmatest *t, __u64 iova, __u64 *page, __u64 word)
{
	page[0] = word;
	page[DMA_WORDS - 1] = ~word;
	edu_load(&t->edu, iova, DMA_PAGE);
	page[0] = 0;
	page[DMA_WORDS - 1] = 0;
	edu_store(&t->edu, iova, DMA_PAGE);
	return page[0] == word && page[DMA_WORDS - 1] == ~word;
}

/* Is there a line about this device with this text in what was read? */
static int has_line(char *log, int n, const char *device, const char *text)
{
	char *line, *save = NULL;

	log[n > 0 ? n : 0] = '\0';
	for (line = strtok_r(log, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strstr(line, device) && strstr(line, text))
			return 1;
	return 0;
}

static int kernel_said(const char *device, const char *text)
{
	static char log[LOG_BYTES];

	return has_line(log, klogctl(LOG_ACTION_READ, log, sizeof(log) - 1), device, text);
}

static int file_says(const char *path, const char *device, const char *text)
{
	static char log[LOG_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC), n = read(fd, log, sizeof(log) - 1);

	close(fd);
	return has_line(log, n, device, text);
}

TEST_F(vfio, read_and_write)
{
	ASSERT_EQ(0, map_page(&self->v, self->page, IOVA));
	EXPECT_TRUE(copies(&self->t, IOVA, self->page, PATTERN));
	EXPECT_EQ(0, dmatest_faults(&self->t));
	EXPECT_EQ(DMA_PAGE, vfiodev_unmap(&self->v, IOVA, DMA_PAGE));
}

TEST_F(vfio, outside)
{
	long long faults = vfiodev_counter("faults");
	char text[64];

	ASSERT_EQ(0, map_page(&self->v, self->page, IOVA));
	edu_store(&self->t.edu, IOVA + 7 * DMA_PAGE, 8);
	EXPECT_TRUE(dmatest_blocked(&self->t, IOVA + 7 * DMA_PAGE, 1));
	snprintf(text, sizeof(text), "DMA blocked: write to %#llx", IOVA + 7 * DMA_PAGE);
	EXPECT_TRUE(wait_until(kernel_said(self->name, text)));
	EXPECT_EQ(faults + 1, vfiodev_counter("faults"));
}

/* By the event that all drivers of this kind have. */
TEST_F(vfio, is_traced)
{
	char text[64];

	mount("none", TRACING, "tracefs", 0, NULL);
	ASSERT_EQ(0, write_file(TRACING "events/iommu/io_page_fault/enable", "1"));
	edu_store(&self->t.edu, IOVA + DMA_PAGE, 8);
	snprintf(text, sizeof(text), "iova=0x%016llx flags=0x0001", IOVA + DMA_PAGE);
	EXPECT_TRUE(wait_until(file_says(TRACING "trace", self->name, text)));
	write_file(TRACING "events/iommu/io_page_fault/enable", "0");
}

TEST_F(vfio, just_unmapped)
{
	ASSERT_EQ(0, map_page(&self->v, self->page, IOVA));
	ASSERT_TRUE(copies(&self->t, IOVA, self->page, PATTERN));
	ASSERT_EQ(DMA_PAGE, vfiodev_unmap(&self->v, IOVA, DMA_PAGE));
	self->page[0] = OTHER;
	edu_store(&self->t.edu, IOVA, 8);
	EXPECT_TRUE(dmatest_blocked(&self->t, IOVA, 1));
	EXPECT_EQ(OTHER, self->page[0]);
}

TEST_F(vfio, may_not_be_written)
{
	ASSERT_EQ(0, vfiodev_map(&self->v, self->page, IOVA, DMA_PAGE, VFIO_DMA_MAP_FLAG_READ));
	self->page[0] = OTHER;
	edu_store(&self->t.edu, IOVA, 8);
	EXPECT_TRUE(dmatest_blocked(&self->t, IOVA, 1));
	EXPECT_EQ(OTHER, self->page[0]);
}

/* At the floor of the ABI: so many pages a call. */
TEST_F(vfio, much)
{
	const __u64 pages = MUCH / DMA_PAGE;
	__u64 maps, unmaps, *p = memory(MUCH);

	ASSERT_NE(NULL, p);
	ASSERT_EQ(0, rv_rep_slice(HV_UNMAP_DEVICE_GPA_MAX_PAGES));
	ASSERT_EQ(0, rv_mark());
	ASSERT_EQ(0, vfiodev_map(&self->v, p, IOVA, MUCH, BOTH));
	ASSERT_EQ(0, rv_count_call(HVCALL_MAP_DEVICE_GPA_PAGES, &maps));
	EXPECT_EQ(self->books.value[RV_BOOKS_DEVICE_PAGES] + pages,
		  books_value(RV_BOOKS_DEVICE_PAGES));
	EXPECT_TRUE(copies(&self->t, IOVA, p, PATTERN));
	EXPECT_TRUE(copies(&self->t, IOVA + MUCH - DMA_PAGE, p + (pages - 1) * DMA_WORDS, OTHER));
	EXPECT_EQ(MUCH, vfiodev_unmap(&self->v, IOVA, MUCH));
	ASSERT_EQ(0, rv_count_call(HVCALL_UNMAP_DEVICE_GPA_PAGES, &unmaps));
	/* VFIO maps what is contiguous, and a call takes a little less than 2 MiB. */
	EXPECT_GE(2 * MUCH / HUGE + SOME, maps);
	EXPECT_GE(MUCH / HUGE + SOME, unmaps);
	TH_LOG("%llu calls map, and %llu unmap, %llu pages", maps, unmaps, pages);
}

/* One call of them all is refused: nothing of it is left. */
TEST_F(vfio, map_is_refused)
{
	__u64 *p = memory(MUCH);

	ASSERT_NE(NULL, p);
	ASSERT_EQ(0, rv_fail(HVCALL_MAP_DEVICE_GPA_PAGES, HV_STATUS_ACCESS_DENIED, 7, 1, NULL));
	EXPECT_GT(0, vfiodev_map(&self->v, p, IOVA, MUCH, BOTH));
	rv_rules_clear();
	EXPECT_EQ(self->books.value[RV_BOOKS_DEVICE_PAGES], books_value(RV_BOOKS_DEVICE_PAGES));
	EXPECT_EQ(0, vfiodev_map(&self->v, p, IOVA, MUCH, BOTH));
	EXPECT_EQ(MUCH, vfiodev_unmap(&self->v, IOVA, MUCH));
}

/* Both stop in the midst of a list: with success, asking for memory, or for good. */
TEST_F(vfio, calls_stop)
{
	static const __u32 statuses[] = { HV_STATUS_SUCCESS, HV_STATUS_INSUFFICIENT_MEMORY,
					  HV_STATUS_ACCESS_DENIED };
	__u64 *p = memory(MUCH);
	long long was = vfiodev_counter("cut_off");
	unsigned int i;
	int ret;

	ASSERT_NE(NULL, p);
	ASSERT_EQ(0, rv_rep_slice(HV_UNMAP_DEVICE_GPA_MAX_PAGES));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, rv_rep_stop(HVCALL_MAP_DEVICE_GPA_PAGES, statuses[i], 100, 5, NULL));
		ret = vfiodev_map(&self->v, p, IOVA, MUCH, BOTH);
		EXPECT_EQ(statuses[i] == HV_STATUS_ACCESS_DENIED, !!ret);
		rv_rules_clear();
		if (!ret) {
			EXPECT_TRUE(copies(&self->t, IOVA + MUCH / 2, p + MUCH / 16, PATTERN));
			ASSERT_EQ(0, rv_rep_stop(HVCALL_UNMAP_DEVICE_GPA_PAGES,
						 HV_STATUS_ACCESS_DENIED, 100, 3, NULL));
			EXPECT_EQ(MUCH, vfiodev_unmap(&self->v, IOVA, MUCH));
			rv_rules_clear();
		}
		EXPECT_EQ(self->books.value[RV_BOOKS_DEVICE_PAGES],
			  books_value(RV_BOOKS_DEVICE_PAGES));
	}
	EXPECT_EQ(was, vfiodev_counter("cut_off"));
}

/* Pages that cannot be unmapped are out of reach, and the next domain works. */
TEST_F(vfio, unmap_is_refused)
{
	long long was = vfiodev_counter("cut_off");
	__u64 at;

	ASSERT_EQ(0, map_page(&self->v, self->page, IOVA));
	ASSERT_TRUE(copies(&self->t, IOVA, self->page, PATTERN));
	/* It stays in its place. */
	at = edu_physical(self->page);
	ASSERT_NE(0, at);
	ASSERT_EQ(0, rv_fail(HVCALL_UNMAP_DEVICE_GPA_PAGES, HV_STATUS_ACCESS_DENIED, 0, ALWAYS,
			     NULL));
	EXPECT_EQ(DMA_PAGE, vfiodev_unmap(&self->v, IOVA, DMA_PAGE));
	self->page[0] = OTHER;
	edu_store(&self->t.edu, IOVA, 8);
	EXPECT_TRUE(dmatest_blocked(&self->t, IOVA, 1));
	EXPECT_EQ(OTHER, self->page[0]);
	/* Nor as the kernel's own memory. */
	dmatest_mark(&self->t);
	edu_store(&self->t.edu, at, 8);
	EXPECT_TRUE(dmatest_blocked(&self->t, at, 1));
	EXPECT_EQ(OTHER, self->page[0]);
	EXPECT_GT(0, map_page(&self->v, self->page, IOVA));
	EXPECT_EQ(was + 1, vfiodev_counter("cut_off"));
	rv_rules_clear();
	vfiodev_close(&self->v);
	ASSERT_EQ(0, open_device(&self->t, &self->v, self->name));
	ASSERT_EQ(0, map_page(&self->v, self->page, IOVA));
	EXPECT_TRUE(copies(&self->t, IOVA, self->page, PATTERN));
}

/* A domain cannot be made, or the device not be moved: nothing is left. */
TEST_F(vfio, no_domain)
{
	static const __u32 codes[] = { HVCALL_CREATE_DEVICE_DOMAIN, HVCALL_ATTACH_DEVICE_DOMAIN };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		vfiodev_close(&self->v);
		ASSERT_EQ(0, rv_fail(codes[i], HV_STATUS_INSUFFICIENT_DEVICE_DOMAINS, i, 1, NULL));
		EXPECT_GT(0, open_device(&self->t, &self->v, self->name));
		rv_rules_clear();
		ASSERT_EQ(0, open_device(&self->t, &self->v, self->name));
		ASSERT_EQ(0, map_page(&self->v, self->page, IOVA));
		EXPECT_TRUE(copies(&self->t, IOVA, self->page, PATTERN));
	}
}

/* Its numbers may be in use by a kernel that has crashed. */
TEST_F(vfio, number_in_use)
{
	vfiodev_close(&self->v);
	ASSERT_EQ(0, rv_fail(HVCALL_CREATE_DEVICE_DOMAIN, HV_STATUS_OBJECT_IN_USE, 0, 3, NULL));
	ASSERT_EQ(0, open_device(&self->t, &self->v, self->name));
	ASSERT_EQ(0, map_page(&self->v, self->page, IOVA));
	EXPECT_TRUE(copies(&self->t, IOVA, self->page, PATTERN));
}

/* What is not memory, and IOVAs where an interrupt would be. */
TEST_F(vfio, reserved)
{
	char path[128];

	EXPECT_GT(0, map_page(&self->v, self->page, 0xfee00000));
	EXPECT_GT(0, map_page(&self->v, self->page, 1ull << 48));
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group/reserved_regions",
		 self->name);
	EXPECT_TRUE(file_says(path, "0x00000000fee00000 0x00000000feefffff", "msi"));
}

TEST_HARNESS_MAIN
