// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of a real PCI device in the guest.
 *
 * Model: MSHV_PCIBAR names a device, as 0000:00:10.0, whose first BAR keeps what is
 * written to it, like the frame buffer of a display adapter that nothing uses.  It is
 * mapped through sysfs, as a VMM without VFIO does, so only the page tables show what
 * is there, and there is no struct page.  No device is taken that was not named: what
 * is in its memory is lost.
 */
#include <stdlib.h>

#include "harness.h"
#include "groups.h"
#include "probe.h"

#define DEVICES		"/sys/bus/pci/devices/"
#define DEVICE_MAX	64
#define AREA		(4 * BLOCK)
#define SPOT		0x123
/* Of a line of "resource", see linux/ioport.h. */
#define IORESOURCE_MEM		0x200
#define IORESOURCE_PREFETCH	0x2000

FIXTURE(pcibar) {
	struct books before;
	struct tvm t;
	const char *device;
	__u8 *bar;
	bool books;
};

static void name_file(char *path, size_t size, const char *device, const char *file)
{
	snprintf(path, size, DEVICES "%s/%s", device, file);
}

/* Does what is written to the first BAR stay there, and is there enough of it? */
static bool is_memory(const char *device)
{
	unsigned long long first, last, flags;
	char path[128];
	FILE *file;
	int n;

	name_file(path, sizeof(path), device, "resource");
	file = fopen(path, "re");
	if (!file)
		return false;
	n = fscanf(file, "%llx %llx %llx", &first, &last, &flags);
	fclose(file);
	return n == 3 && flags & IORESOURCE_MEM && flags & IORESOURCE_PREFETCH &&
	       last - first >= AREA - 1;
}

/* What is wrong with the device that was named; NULL if it can be used. */
static const char *unfit(const char *device)
{
	char path[128];

	if (!device || !*device)
		return "MSHV_PCIBAR names no device whose memory may be written to";
	name_file(path, sizeof(path), device, "resource0");
	if (strlen(device) > DEVICE_MAX || strchr(device, '/') || access(path, F_OK))
		return "MSHV_PCIBAR: no such PCI device with a BAR 0";
	name_file(path, sizeof(path), device, "driver");
	if (!access(path, F_OK))
		return "MSHV_PCIBAR: the device has a driver";
	if (!is_memory(device))
		return "MSHV_PCIBAR: BAR 0 is not prefetchable memory of 8 MiB";
	return NULL;
}

static int enable(const char *device, const char *value)
{
	char path[128];

	name_file(path, sizeof(path), device, "enable");
	return write_file(path, value);
}

static __u8 *map_bar(const char *device)
{
	char path[128];
	__u8 *bar;
	int fd;

	name_file(path, sizeof(path), device, "resource0");
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	bar = mmap(NULL, AREA, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return bar == MAP_FAILED ? NULL : bar;
}

FIXTURE_SETUP(pcibar)
{
	const char *lack;

	self->t.part = -1;
	self->device = getenv("MSHV_PCIBAR");
	lack = unfit(self->device);
	if (lack)
		SKIP(return, "%s", lack);
	if (enable(self->device, "1"))
		SKIP(return, "MSHV_PCIBAR: the device cannot be enabled");
	self->bar = map_bar(self->device);
	if (!self->bar) {
		enable(self->device, "0");
		SKIP(return, "MSHV_PCIBAR: BAR 0 cannot be mapped");
	}
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(probe_start(&self->t));
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, AREA, self->bar, MEM_RWX));
}

FIXTURE_TEARDOWN(pcibar)
{
	if (!self->bar)
		return;
	tvm_close(&self->t);
	munmap(self->bar, AREA);
	enable(self->device, "0");
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

TEST_F(pcibar, both_see_the_same)
{
	__u64 at;

	/* More than one window, and the last byte. */
	for (at = SPOT; at < AREA; at += BLOCK + VMM_PAGE) {
		self->bar[at] = 0x21;
		EXPECT_BYTE(0x21, PROBE_GPA + at);
		EXPECT_EQ(0, probe_write(&self->t, 0, PROBE_GPA + at, 0x22));
		EXPECT_EQ(0x22, self->bar[at]);
	}
	self->bar[AREA - 1] = 0x23;
	EXPECT_BYTE(0x23, PROBE_GPA + AREA - 1);
}

TEST_F(pcibar, is_never_executed)
{
	self->bar[SPOT] = RET;
	EXPECT_BYTE(RET, PROBE_GPA + SPOT);
	EXPECT_EQ(PROBE_REFUSED, probe_call(&self->t, 0, PROBE_GPA + SPOT));
}

/* The mapping is removed under the guest, and comes back. */
TEST_F(pcibar, is_taken_away)
{
	__u8 *bar;

	EXPECT_EQ(0, probe_write(&self->t, 0, PROBE_GPA + SPOT, 0x31));
	ASSERT_EQ(self->bar, mmap(self->bar, AREA, PROT_NONE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	EXPECT_REFUSED(PROBE_GPA + SPOT);
	bar = map_bar(self->device);
	ASSERT_NE(NULL, bar);
	ASSERT_EQ(self->bar, mremap(bar, AREA, AREA,
				    MREMAP_MAYMOVE | MREMAP_FIXED, self->bar));
	EXPECT_BYTE(0x31, PROBE_GPA + SPOT);
}

TEST_HARNESS_MAIN
