// SPDX-License-Identifier: GPL-2.0
/*
 * The hypervisor's records of pages: their owner, and how often guests map them.
 */
#include <setjmp.h>
#include <stdlib.h>

#include "harness.h"
#include "probe.h"

#define LIVES		3
#define HYPERVISOR	0x10001000ULL	/* an address in its image */
#define ROOT_PAGE	0x2000000ULL	/* the root has memory there */
#define MAPPINGS	300	/* more than a byte counts */

FIXTURE(pages) {
	struct books before;
	struct tvm t;
	int pinned;
};

FIXTURE_SETUP(pages)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	self->pinned = pin_memory(false);
	ASSERT_LE(0, self->pinned);
	ASSERT_OK(probe_start(&self->t));
}

FIXTURE_TEARDOWN(pages)
{
	rv_rules_clear();
	pin_memory(self->pinned);
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

/* The same page @count times in a row. */
static __u8 *repeated(unsigned int count)
{
	int fd = memfd_create("page", MFD_CLOEXEC);
	unsigned int i;
	__u8 *area;

	if (fd < 0 || ftruncate(fd, VMM_PAGE))
		return NULL;
	area = mmap(NULL, count * VMM_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i < count && area != MAP_FAILED; i++)
		if (mmap(area + i * VMM_PAGE, VMM_PAGE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
			area = MAP_FAILED;
	close(fd);
	return area == MAP_FAILED ? NULL : area;
}

/* A page that a guest maps many times is an ordinary page after the last unmap. */
TEST_F(pages, mapped_many_times)
{
	__u8 *area = repeated(MAPPINGS), byte;
	__u32 of_root, mappings;
	unsigned int i;
	__u64 frame;

	ASSERT_NE(NULL, area);
	area[0] = 0x5a;
	frame = probe_frame(area);
	ASSERT_NE(0, frame);
	for (i = 0; i < MAPPINGS; i++)
		ASSERT_OK(vmm_map(self->t.part, PROBE_GPA + i * VMM_PAGE, VMM_PAGE,
				  area + i * VMM_PAGE, MEM_RWX));
	for (i = 0; i < MAPPINGS; i++) {
		ASSERT_EQ(0, probe_read(&self->t, 0, PROBE_GPA + i * VMM_PAGE, &byte));
		ASSERT_EQ(0x5a, byte);
	}
	ASSERT_EQ(0, rv_page(frame, &of_root, &mappings));
	EXPECT_EQ(1, of_root);
	EXPECT_EQ(MAPPINGS, mappings);
	tvm_close(&self->t);
	ASSERT_EQ(0, rv_page(frame, &of_root, &mappings));
	EXPECT_EQ(1, of_root);
	EXPECT_EQ(0, mappings);
	munmap(area, MAPPINGS * VMM_PAGE);
}

/*
 * A processor of the root writes to pages while another one deposits them.
 * Whatever it writes, the hypervisor keeps its own pages intact and returns those
 * that it got.
 */
TEST_F(pages, written_while_deposited)
{
	static const __u64 values[] = { ~0ULL, HYPERVISOR, ROOT_PAGE, 1 };
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		ASSERT_EQ(0, rv_deposit_write(values[i]));
		for (n = 0; n < LIVES; n++)
			ASSERT_OK(tvm_life());
		ASSERT_EQ(0, rv_deposit_write(0));
		ASSERT_OK(tvm_life());
	}
}

static sigjmp_buf back;
static siginfo_t fault;

static void on_fault(int signal, siginfo_t *info, void *context)
{
	fault = *info;
	siglongjmp(back, signal);
}

/*
 * A program of the root touches a page of the hypervisor: #GP, which has no
 * address.  With a machine check instead (touch=mc) the banks are empty, and the
 * kernel ignores it.
 */
TEST_F(pages, touched)
{
	const struct sigaction action = {
		.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO,
	};
	volatile __u8 *page = probe_area(BLOCK);
	int expected = getenv("MSHV_TOUCH_MC") ? 0 : SIGSEGV, signal;

	ASSERT_NE(NULL, page);
	page[0] = 0x77;
	ASSERT_EQ(0, sigaction(SIGSEGV, &action, NULL));
	page[VMM_PAGE] = 0x77;
	ASSERT_EQ(0, rv_take(probe_frame((__u8 *)page)));
	/* One at a time. */
	EXPECT_EQ(-ENOENT, rv_take(probe_frame((__u8 *)page + VMM_PAGE)));
	signal = sigsetjmp(back, 1);
	if (!signal)
		EXPECT_EQ(0x77, page[0]);
	EXPECT_EQ(expected, signal);
	if (expected) {
		EXPECT_EQ(SI_KERNEL, fault.si_code);
		EXPECT_EQ(NULL, fault.si_addr);
	}
	EXPECT_EQ(0x77, page[0]);
	munmap((void *)page, BLOCK);
}

TEST_HARNESS_MAIN
