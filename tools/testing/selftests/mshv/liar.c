// SPDX-License-Identifier: GPL-2.0
/*
 * A hypervisor that misreports what it has done, and a guest whose memory it does
 * not unmap.
 */
#include <stdint.h>

#include "harness.h"
#include "probe.h"

#define XSAVE_PAGES	16	/* as many as there may be */
#define XSAVE_SMALLEST	576

FIXTURE(liar) {
	struct books before;
	struct tvm t;
	int pinned;
};

FIXTURE_SETUP(liar)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	self->pinned = -1;
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
}

FIXTURE_TEARDOWN(liar)
{
	rv_rules_clear();
	if (self->pinned >= 0)
		pin_memory(self->pinned);
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

/*
 * The end of a partition is done but reported as refused, once and always: this is
 * detected, and nothing is quarantined.
 */
TEST_F(liar, end_was_done)
{
	static const struct {
		__u16 code;
		__u32 times;
		__u16 status;
	} lies[] = {
		{ HVCALL_FINALIZE_PARTITION, 1, HV_STATUS_OPERATION_FAILED },
		{ HVCALL_FINALIZE_PARTITION, 0, HV_STATUS_OPERATION_FAILED },
		{ HVCALL_DELETE_PARTITION, 1, HV_STATUS_OPERATION_FAILED },
		{ HVCALL_UNMAP_VP_STATE_PAGE, 1, HV_STATUS_OPERATION_FAILED },
	};
	struct tvm other;
	unsigned int i;
	__u64 value;

	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		struct books before;

		ASSERT_EQ(0, books_read(&before));
		ASSERT_OK(tvm_start(&other, guest_count, sizeof(guest_count)));
		ASSERT_OK(tvm_next_out(&other, 0, &value));
		ASSERT_EQ(0, rv_answer_status(lies[i].code, lies[i].times,
					      lies[i].status));
		tvm_close(&other);
		/* Waits for the books, without the correct answers. */
		ASSERT_BOOKS(&before);
		ASSERT_EQ(0, rv_rules_clear());
	}
}

/* The page frame number of an address. */
static uint64_t frame_of(const void *address)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	if (pread(fd, &entry, sizeof(entry),
		  (uintptr_t)address / VMM_PAGE * sizeof(entry)) < 0)
		entry = 0;
	close(fd);
	return entry & ((1ULL << 55) - 1);
}

/* Calls with a list are answered right: their status would not fit what they have done. */
TEST_F(liar, calls_with_a_list_are_left_alone)
{
	__u64 value = 0;

	ASSERT_EQ(0, rv_answer_status(HVCALL_GET_VP_REGISTERS, 0, HV_STATUS_OPERATION_FAILED));
	EXPECT_EQ(0, vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_RIP, &value));
	EXPECT_EQ(TVM_CODE, value);
}

/* Pages that the hypervisor returns but does not own. */
TEST_F(liar, state_page_is_not_its_own)
{
	uint64_t frames[] = { frame_of(self->t.memory), 1ULL << 45, ~0ULL };
	struct tvm *t = &self->t;
	unsigned int i;
	__u64 value;
	void *page;

	t->memory[0] = 0x5a;
	frames[0] = frame_of(t->memory);
	ASSERT_NE(0, frames[0]);
	for (i = 0; i < ARRAY_SIZE(frames); i++) {
		ASSERT_EQ(0, rv_answer_value(HVCALL_MAP_VP_STATE_PAGE, 1,
					     frames[i]));
		EXPECT_EQ(-EIO, vmm_create_vp(t->part, i + 1));
		/* The message page is correct, the register page is not. */
		ASSERT_EQ(0, rv_answer_status(HVCALL_MAP_VP_STATE_PAGE, 1,
					      HV_STATUS_SUCCESS));
		ASSERT_EQ(0, rv_answer_value(HVCALL_MAP_VP_STATE_PAGE, 1,
					     frames[i]));
		ASSERT_OK(tvm_vp(t, i + 1));
		page = mmap(NULL, VMM_PAGE, PROT_READ, MAP_SHARED, t->vp[i + 1],
			    MSHV_VP_MMAP_OFFSET_REGISTERS * VMM_PAGE);
		EXPECT_EQ(MAP_FAILED, page);
		EXPECT_EQ(EIO, errno);
		ASSERT_EQ(0, rv_rules_clear());
	}
	ASSERT_OK(tvm_next_out(t, 0, &value));
	EXPECT_EQ(0x5a, t->memory[0]);
}

#define FIRMWARE_PAGE	0xf0	/* of the BIOS: the kernel has it reserved */

/* A page that was never the kernel's can be the hypervisor's. */
TEST_F(liar, state_page_of_the_firmware)
{
	int fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);
	const __u8 *page, *firmware = MAP_FAILED;
	struct tvm *t = &self->t;

	ASSERT_EQ(0, rv_answer_status(HVCALL_MAP_VP_STATE_PAGE, 1, HV_STATUS_SUCCESS));
	ASSERT_EQ(0, rv_answer_value(HVCALL_MAP_VP_STATE_PAGE, 1, FIRMWARE_PAGE));
	ASSERT_OK(tvm_vp(t, 1));
	page = mmap(NULL, VMM_PAGE, PROT_READ, MAP_SHARED, t->vp[1],
		    MSHV_VP_MMAP_OFFSET_REGISTERS * VMM_PAGE);
	ASSERT_NE(MAP_FAILED, page);
	if (fd >= 0)
		firmware = mmap(NULL, VMM_PAGE, PROT_READ, MAP_SHARED, fd,
				FIRMWARE_PAGE * VMM_PAGE);
	if (firmware != MAP_FAILED) {
		EXPECT_EQ(0, memcmp(page, firmware, VMM_PAGE));
		munmap((void *)firmware, VMM_PAGE);
	}
	munmap((void *)page, VMM_PAGE);
	close(fd);
}

/*
 * The kernel needs a page back that the hypervisor does not unmap: the guest is
 * stopped, and cannot be continued.
 */
TEST_F(liar, memory_not_given_back)
{
	static const __u8 guest[] = {
		0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
		OUT_AL,				/* out dx, al */
		0xff, 0x06, 0x00, 0x90,		/* inc word [0x9000] */
		0xeb, 0xfa,			/* jmp to "inc" */
	};
	struct tvm *t = &self->t;
	struct tvm other;
	__u16 *counter, seen;
	__u64 value, calls;
	unsigned int i;
	__u32 rule;

	self->pinned = pin_memory(false);
	ASSERT_LE(0, self->pinned);
	ASSERT_OK(tvm_start(&other, guest, sizeof(guest)));
	ASSERT_OK(tvm_next_out(&other, 0, &value));
	ASSERT_EQ(0, rv_fail(HVCALL_UNMAP_GPA_PAGES,
			     HV_STATUS_OPERATION_FAILED, 0, 0, &rule));
	ASSERT_EQ(0, madvise(other.memory + 0x8000, VMM_PAGE, MADV_DONTNEED));
	counter = (__u16 *)(other.memory + 0x9000);

	EXPECT_EQ(-EIO, tvm_run(&other, 0));
	ASSERT_EQ(0, rv_mark());
	EXPECT_EQ(-EIO, vmm_set_register(other.vp[0], 0,
					 HV_REGISTER_EXPLICIT_SUSPEND, 0));
	EXPECT_EQ(-EIO, vmm_set_register(other.part, 0,
					 HV_REGISTER_EXPLICIT_SUSPEND, 0));
	EXPECT_EQ(-EIO, vmm_set_register(other.part, 0,
					 HV_REGISTER_INTERCEPT_SUSPEND, 0));
	ASSERT_EQ(0, rv_count_call(HVCALL_SET_VP_REGISTERS, &calls));
	EXPECT_EQ(0, calls);
	/* Its state can be read, and does not change. */
	ASSERT_OK(vmm_get_register(other.part, 0, HV_X64_REGISTER_RIP, &value));
	seen = *(volatile __u16 *)counter;
	for (i = 0; i < 1000; i++)
		ASSERT_OK(vmm_get_register(other.part, 0, HV_X64_REGISTER_RIP,
					   &value));
	EXPECT_EQ(seen, *(volatile __u16 *)counter);
	ASSERT_EQ(0, rv_rules_clear());
	tvm_close(&other);
	/* The other machine is not affected. */
	ASSERT_OK(tvm_next_out(t, 0, &value));
}

static int get_xsave(struct tvm *t, __u32 *size)
{
	static __u8 buffer[XSAVE_PAGES * VMM_PAGE] __attribute__((aligned(VMM_PAGE)));

	return vmm_get_state(t->vp[0], MSHV_VP_STATE_XSAVE, buffer, size);
}

/* The size of a processor's state is wrong; it is asked for again then. */
TEST_F(liar, size_of_state)
{
	static const __u64 sizes[] = {
		0, (XSAVE_PAGES * VMM_PAGE) + 1, 1 << 20, 1ULL << 32 | VMM_PAGE, ~0ULL,
	};
	struct tvm *t = &self->t;
	unsigned int i;
	__u32 size;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		/* The answer about the features is true. */
		ASSERT_EQ(0, rv_answer_status(HVCALL_GET_PARTITION_PROPERTY, 1,
					      HV_STATUS_SUCCESS));
		ASSERT_EQ(0, rv_answer_value(HVCALL_GET_PARTITION_PROPERTY, 1,
					     sizes[i]));
		size = XSAVE_PAGES * VMM_PAGE;
		EXPECT_EQ(-EIO, get_xsave(t, &size)) {
			TH_LOG("size %#llx", sizes[i]);
		}
		ASSERT_EQ(0, rv_rules_clear());
	}
	/* More than the buffer: the size is reported. */
	ASSERT_EQ(0, rv_answer_status(HVCALL_GET_PARTITION_PROPERTY, 1,
				      HV_STATUS_SUCCESS));
	ASSERT_EQ(0, rv_answer_value(HVCALL_GET_PARTITION_PROPERTY, 1,
				     2 * VMM_PAGE));
	size = VMM_PAGE;
	EXPECT_EQ(-EINVAL, get_xsave(t, &size));
	EXPECT_EQ(2 * VMM_PAGE, size);
}

/* Nor is it remembered if the hypervisor does not tell it. */
TEST_F(liar, size_of_state_is_not_told)
{
	unsigned int skip;
	__u32 size, rule;

	for (skip = 0; skip < 2; skip++) {
		ASSERT_EQ(0, rv_fail(HVCALL_GET_PARTITION_PROPERTY,
				     HV_STATUS_ACCESS_DENIED, skip, 1, &rule));
		size = XSAVE_PAGES * VMM_PAGE;
		EXPECT_EQ(-EACCES, get_xsave(&self->t, &size));
		ASSERT_EQ(0, rv_rules_clear());
	}
	size = XSAVE_PAGES * VMM_PAGE;
	EXPECT_EQ(0, get_xsave(&self->t, &size));
	EXPECT_LE(XSAVE_SMALLEST, size);
}

/* A state of a dispatch that does not exist ends the run, and the next one works. */
TEST_F(liar, unknown_dispatch_state)
{
	__u64 value;

	if (!tvm_root_scheduler(&self->t))
		SKIP(return, "needs the root scheduler");
	ASSERT_EQ(0, rv_answer_value(HVCALL_DISPATCH_VP, 1, 99));
	EXPECT_EQ(-EIO, tvm_run(&self->t, 0));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0, value);
}

#define END_ROUNDS	20

/* Has the kernel logged since then that a guest's memory could not be unmapped? */
static bool complained(int log)
{
	char line[1024];
	bool found = false;
	ssize_t n;

	while ((n = read(log, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		line[n > 0 ? n : 0] = '\0';
		if (strstr(line, "could not be unmapped"))
			found = true;
	}
	return found;
}

/*
 * The kernel needs pages back when the hypervisor has destroyed the guest's memory
 * map already, and the driver does not know yet.
 */
TEST_F(liar, memory_wanted_at_the_end)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	unsigned int i;
	__u64 calls = 0;

	ASSERT_LE(0, log);
	ASSERT_EQ(0, lseek(log, 0, SEEK_END));
	self->pinned = pin_memory(false);
	ASSERT_LE(0, self->pinned);
	/* The driver retries after a while, and may be faster than the test. */
	for (i = 0; i < END_ROUNDS && !calls; i++) {
		struct books before;
		struct tvm other;
		__u64 value;
		__u32 rule;

		ASSERT_EQ(0, books_read(&before));
		ASSERT_OK(tvm_start(&other, guest_count, sizeof(guest_count)));
		ASSERT_OK(tvm_next_out(&other, 0, &value));
		ASSERT_EQ(0, rv_answer_status(HVCALL_FINALIZE_PARTITION, 0,
					      HV_STATUS_OPERATION_FAILED));
		ASSERT_EQ(0, rv_fail(HVCALL_WITHDRAW_MEMORY,
				     HV_STATUS_OPERATION_FAILED, 0, 4, &rule));
		close(other.vp[0]);
		other.vp[0] = -1;
		close(other.part);
		other.part = -1;
		ASSERT_EQ(0, rv_mark());
		ASSERT_EQ(0, madvise(other.memory, other.size, MADV_DONTNEED));
		ASSERT_EQ(0, rv_count_call(HVCALL_UNMAP_GPA_PAGES, &calls));
		tvm_close(&other);
		ASSERT_BOOKS(&before);
		ASSERT_EQ(0, rv_rules_clear());
	}
	EXPECT_NE(0, calls);
	EXPECT_FALSE(complained(log));
	close(log);
}

TEST_HARNESS_MAIN
