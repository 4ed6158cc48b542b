// SPDX-License-Identifier: GPL-2.0
/*
 * Partitions that are destroyed while their processors run: these have not been
 * stopped, and the hypervisor must not touch them again on the processors that they
 * were removed from.
 *
 * Long operations are done in parts, between which the root gets its processors back.
 *
 * Only the hypervisor's own scheduler runs a processor without a thread in RUN_VP.
 * Freed memory holds a pattern if the hypervisor has poison=on.
 */
#include <stdlib.h>

#include "harness.h"
#include "probe.h"

#define LIVES		40
#define PROCESSORS	3	/* beside the one that has the memory mapped */
#define SPIN		0x2000
#define COUNTER		0x3000
#define ENOUGH		1000
#define BLOCKS		96
#define SLICE_PAGES	16384	/* the hypervisor's */

static const __u8 guest[] = {
	0xa0, 0x00, 0x20, 0xa2, 0x00, 0x30,	/* mov al, [SPIN]; mov [COUNTER], al */
	0xba, 0xf8, 0x03, OUT_AL, HLT,		/* mov dx, 0x3f8; out dx, al */
};

static const __u8 spin[] = {
	0xf0, 0xff, 0x06, 0x00, 0x30,		/* lock inc word [COUNTER] */
	0xeb, 0xf9,				/* jmp back */
};

FIXTURE(ending) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(ending)
{
	self->books = !rv_open() && !books_read(&self->before);
	self->t.part = -1;
	self->t.dev = -1;
}

FIXTURE_TEARDOWN(ending)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/* Once resumed, a processor runs by itself: no thread waits for its messages. */
static int let_run(struct tvm *t)
{
	unsigned int i;
	int ret = tvm_run(t, 0);

	for (i = 1; !ret && i <= PROCESSORS; i++) {
		ret = tvm_vp(t, i);
		ret = ret < 0 ? ret : tvm_wake(t, i, SPIN);
		ret = ret ?: vmm_set_register(t->vp[i], i, HV_REGISTER_EXPLICIT_SUSPEND, 0);
	}
	return ret;
}

TEST_F(ending, running)
{
	const char *lives = getenv("ENDING_LIVES");
	unsigned int i, n = lives ? atoi(lives) : LIVES;
	volatile __u16 *counter;

	for (i = 0; i < n; i++) {
		ASSERT_OK(tvm_start(&self->t, guest, sizeof(guest)));
		if (tvm_root_scheduler(&self->t))
			SKIP(return, "the root runs processors only while it waits");
		memcpy(self->t.memory + SPIN, spin, sizeof(spin));
		counter = (__u16 *)(self->t.memory + COUNTER);
		ASSERT_OK(let_run(&self->t));
		ASSERT_TRUE(wait_until(*counter > ENOUGH));
		tvm_close(&self->t);
	}
}

/* The same pages many times in a row. */
static __u8 *repeated(__u64 size, unsigned int count)
{
	int fd = memfd_create("pages", MFD_CLOEXEC);
	unsigned int i;
	__u8 *area;

	if (fd < 0 || ftruncate(fd, size))
		return NULL;
	area = mmap(NULL, count * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i < count && area != MAP_FAILED; i++)
		if (mmap(area + i * size, size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
			area = MAP_FAILED;
	close(fd);
	return area == MAP_FAILED ? NULL : area;
}

/* The root's processors can run while much is freed. */
TEST_F(ending, in_slices)
{
	__u64 mapped = 0, calls = 0, left = 1;
	__u8 *area;
	int pinned;

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	pinned = pin_memory(true);
	ASSERT_LE(0, pinned);
	area = repeated(BLOCK, BLOCKS);
	ASSERT_NE(NULL, area);
	ASSERT_OK(tvm_start(&self->t, guest, sizeof(guest)));
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, BLOCKS * BLOCK, area, MEM_RWX));
	pin_memory(pinned);
	ASSERT_EQ(0, rv_books(RV_BOOKS_MAPPED, 0, &mapped));
	ASSERT_LE(BLOCKS * BLOCK / VMM_PAGE, mapped);
	ASSERT_EQ(0, rv_mark());
	tvm_close(&self->t);
	ASSERT_TRUE(wait_until(!rv_books(RV_BOOKS_PARTITIONS, 0, &left) && !left));
	ASSERT_EQ(0, rv_count_call(HVCALL_FINALIZE_PARTITION, &calls));
	EXPECT_LE(BLOCKS * BLOCK / VMM_PAGE / SLICE_PAGES, calls);
	munmap(area, BLOCKS * BLOCK);
}

TEST_HARNESS_MAIN
