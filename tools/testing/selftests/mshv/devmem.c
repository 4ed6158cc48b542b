// SPDX-License-Identifier: GPL-2.0
/*
 * Device space that the hypervisor uses itself cannot be mapped to a guest.
 *
 * Needs /dev/mem and a kernel that allows access to all device space
 * (iomem=relaxed); skipped otherwise.
 */
#include <stdlib.h>

#include "harness.h"
#include "probe.h"

#define HPET		0xfed00000UL
#define REMAPPING	0xfed90000UL
#define APIC		0xfee00000UL

FIXTURE(devmem) {
	struct books before;
	struct tvm t;
	int fd;
	bool books;
};

FIXTURE_SETUP(devmem)
{
	self->books = !rv_open() && !books_read(&self->before);
	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_OK(probe_start(&self->t));
	self->fd = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(devmem)
{
	close(self->fd);
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/*
 * 0, or the result of the guest's access, PROBE_REFUSED wherever the hypervisor's
 * refusal has surfaced.  -ENXIO: the kernel does not allow it.
 */
static int guest_reads(struct tvm *t, int fd, unsigned long address)
{
	void *area = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, address);
	__u8 byte;
	int ret;

	if (area == MAP_FAILED)
		return -ENXIO;
	ret = vmm_map(t->part, PROBE_GPA, VMM_PAGE, area, MEM_RWX);
	if (!ret) {
		ret = probe_read(t, 0, PROBE_GPA, &byte);
		vmm_unmap(t->part, PROBE_GPA, VMM_PAGE, area);
	}
	munmap(area, VMM_PAGE);
	return ret == -EACCES ? PROBE_REFUSED : ret;
}

TEST_F(devmem, of_the_hypervisor)
{
	unsigned long page;

	if (guest_reads(&self->t, self->fd, HPET))
		SKIP(return, "this kernel does not allow access to devices (iomem=relaxed)");
	for (page = APIC; page < APIC + 4 * VMM_PAGE; page += VMM_PAGE) {
		EXPECT_EQ(PROBE_REFUSED, guest_reads(&self->t, self->fd, page)) {
			TH_LOG("page %#lx", page);
		}
	}
	if (getenv("MSHV_INTREMAP"))
		EXPECT_EQ(PROBE_REFUSED, guest_reads(&self->t, self->fd, REMAPPING));
	EXPECT_EQ(0, guest_reads(&self->t, self->fd, HPET));
}

TEST_HARNESS_MAIN
