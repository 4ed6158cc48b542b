// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of a real PCI device in the guest.
 *
 * Model: a display adapter whose first BAR is its frame buffer, which keeps what is
 * written to it.  It is mapped through sysfs, as a VMM without VFIO does, so only
 * the page tables show what is there, and there is no struct page.  Needs such a
 * device without a driver; skipped otherwise.
 */
#include <dirent.h>
#include <stdlib.h>

#include "harness.h"
#include "groups.h"
#include "probe.h"

#define DEVICES		"/sys/bus/pci/devices"
#define CLASS_DISPLAY	0x03
#define AREA		(4 * BLOCK)
#define SPOT		0x123

FIXTURE(pcibar) {
	struct books before;
	struct tvm t;
	char device[300];
	__u8 *bar;
	bool books;
};

static bool is_display(const char *device)
{
	char path[400], class[16];
	FILE *f;
	bool yes;

	snprintf(path, sizeof(path), "%s/class", device);
	f = fopen(path, "r");
	if (!f)
		return false;
	yes = fgets(class, sizeof(class), f) &&
	      strtoul(class, NULL, 16) >> 16 == CLASS_DISPLAY;
	fclose(f);
	return yes;
}

static bool find_display(char *device, size_t size)
{
	DIR *dir = opendir(DEVICES);
	const struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(device, size, DEVICES "/%s", entry->d_name);
		found = is_display(device);
	}
	if (dir)
		closedir(dir);
	return found;
}

static int enable(const char *device, const char *value)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/enable", device);
	return write_file(path, value);
}

static __u8 *map_bar(const char *device)
{
	char path[400];
	__u8 *bar;
	int fd;

	snprintf(path, sizeof(path), "%s/resource0", device);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	bar = mmap(NULL, AREA, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return bar == MAP_FAILED ? NULL : bar;
}

FIXTURE_SETUP(pcibar)
{
	self->t.part = -1;
	if (!find_display(self->device, sizeof(self->device)))
		SKIP(return, "no display adapter");
	ASSERT_EQ(0, enable(self->device, "1"));
	self->bar = map_bar(self->device);
	ASSERT_NE(NULL, self->bar);
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
