// SPDX-License-Identifier: GPL-2.0
/*
 * What operations must not cost: hypercalls, memory of the kernel, another thread's
 * turn.  Counted, never timed.
 */
#include <sys/eventfd.h>
#include <sys/wait.h>

#include "harness.h"
#include "ear.h"
#include "groups.h"
#include "knobs.h"
#include "probe.h"
#include "tracefs.h"

#define MAX_SLICE	4095	/* the longest list there is */
#define GSI		8
#define VECTOR		0x48

FIXTURE(costs) {
	struct books before;
	struct tvm t;
	int pinned;
};

FIXTURE_SETUP(costs)
{
	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "budget of hypercalls");
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	ASSERT_OK(tvm_open(&self->t));
	self->pinned = pin_memory(true);
	ASSERT_EQ(0, rv_rep_slice(MAX_SLICE));
}

FIXTURE_TEARDOWN(costs)
{
	rv_rules_clear();
	rv_rep_slice(0);
	tvm_close(&self->t);
	group_leave();
	knobs_restore();
	if (self->pinned >= 0)
		pin_memory(self->pinned);
	ASSERT_BOOKS(&self->before);
}

static __u64 calls(__u32 code)
{
	__u64 count = 0;

	rv_count_call(code, &count);
	return count;
}

static int bitmap(int part, __u8 op, __u64 base, __u64 *count, void *bits)
{
	struct mshv_gpap_access_bitmap args = {
		.access_type = MSHV_GPAP_ACCESS_TYPE_DIRTY, .access_op = op,
		.page_count = *count, .gpap_base = base,
		.bitmap_ptr = (unsigned long)bits,
	};
	int ret = ioctl(part, MSHV_GET_GPAP_ACCESS_BITMAP, &args) ? -errno : 0;

	*count = args.page_count;
	return ret;
}

/* The first part has been reported and cleared; the rest is as it was. */
TEST_F(costs, pitfall_4_failure_in_a_later_batch)
{
	static const __u64 size = 40 << 20, pages = size / VMM_PAGE;
	__u8 *area = probe_area(size), bits[40 * 256 / 8];
	__u64 count = pages, done, i;
	__u32 rule;

	ASSERT_OK(tvm_partition(&self->t));
	ASSERT_OK(vmm_set_property(self->t.part,
				   HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING,
				   1));
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, size, area, MEM_RWX));
	ASSERT_EQ(0, bitmap(self->t.part, MSHV_GPAP_ACCESS_OP_SET, PROBE_PFN,
			    &count, bits));
	ASSERT_EQ(0, rv_fail(HVCALL_GET_GPA_PAGES_ACCESS_STATES,
			     HV_STATUS_OPERATION_FAILED, 1, 1, &rule));
	memset(bits, 0, sizeof(bits));
	EXPECT_EQ(-EIO, bitmap(self->t.part, MSHV_GPAP_ACCESS_OP_CLEAR,
			       PROBE_PFN, &count, bits));
	done = count;
	EXPECT_LT(0, done);
	EXPECT_GT(pages, done);
	for (i = 0; i < done && bits[i / 8] & 1 << i % 8; i++)
		;
	EXPECT_EQ(done, i);
	ASSERT_EQ(0, rv_rules_clear());
	count = pages;
	ASSERT_EQ(0, bitmap(self->t.part, MSHV_GPAP_ACCESS_OP_NOOP, PROBE_PFN,
			    &count, bits));
	for (i = 0; i < pages; i++) {
		bool dirty = bits[i / 8] & 1 << i % 8, left = i >= done;

		if (dirty != left)
			break;
	}
	EXPECT_EQ(pages, i);
	tvm_close(&self->t);
	munmap(area, size);
}

/* A fault among many regions costs the same as in one, and each region is found. */
TEST_F(costs, pitfall_29_many_regions)
{
	static const unsigned int counts[] = { 1, 32, 1024 };
	__u64 first = 0, found;
	__u8 *area = probe_area(VMM_PAGE), value;
	unsigned int i, n = 0;

	pin_memory(false);
	area[0] = 0x29;
	ASSERT_OK(probe_start(&self->t));
	ASSERT_OK(probe_read(&self->t, 0, TVM_STACK, &value));
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		/* Every other page, so that they cannot be one. */
		for (; n < counts[i]; n++)
			ASSERT_OK(vmm_map(self->t.part,
					  PROBE_GPA + 2 * n * VMM_PAGE,
					  VMM_PAGE, area, MEM_RWX));
		ASSERT_EQ(0, rv_mark());
		ASSERT_OK(probe_read(&self->t, 0,
				     PROBE_GPA + 2 * (n - 1) * VMM_PAGE,
				     &value));
		EXPECT_EQ(0x29, value);
		found = calls(HVCALL_MAP_GPA_PAGES);
		if (!i)
			first = found;
		EXPECT_EQ(first, found);
		EXPECT_EQ(PROBE_REFUSED,
			  probe_read(&self->t, 0,
				     PROBE_GPA + (2 * n - 1) * VMM_PAGE,
				     &value));
	}
	tvm_close(&self->t);
	munmap(area, VMM_PAGE);
}

#define HUGE_REGION	(64ULL << 30)
#define ENOUGH		0x100000	/* bytes of the kernel for it */

TEST_F(costs, pitfall_30_memory_of_a_region)
{
	__u64 before = 0, now = 0;
	__u8 *area;

	area = mmap(NULL, HUGE_REGION, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	pin_memory(false);
	ASSERT_OK(tvm_partition(&self->t));
	if (group_enter("max") || group_usage(&before))
		SKIP(return, "no control groups");
	ASSERT_EQ(0, rv_mark());
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, HUGE_REGION, area, MEM_RWX));
	ASSERT_EQ(0, group_usage(&now));
	EXPECT_GE(before + ENOUGH, now);
	/* The hypervisor has nothing to do either. */
	EXPECT_EQ(0, calls(HVCALL_MAP_GPA_PAGES));
	EXPECT_EQ(0, calls(HVCALL_DEPOSIT_MEMORY));
	tvm_close(&self->t);
	munmap(area, HUGE_REGION);
}

/* What one partition has cost the root is there for the next one. */
TEST_F(costs, next_partition)
{
	ASSERT_OK(tvm_partition(&self->t));
	tvm_close(&self->t);
	ASSERT_OK(tvm_open(&self->t));
	ASSERT_EQ(0, rv_mark());
	self->t.part = vmm_create_v1(self->t.dev, 0);
	ASSERT_LE(0, self->t.part);
	EXPECT_EQ(1, calls(HVCALL_CREATE_PARTITION));
	EXPECT_EQ(0, calls(HVCALL_DEPOSIT_MEMORY));
	close(self->t.part);
	self->t.part = -1;
	/* Nothing has been deposited for it, and nothing of the root's comes back. */
	EXPECT_EQ(0, calls(HVCALL_WITHDRAW_MEMORY));
}

/* What many have cost does, but not before they have gone. */
TEST_F(costs, many_partitions)
{
	int parts[24];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		parts[i] = vmm_create_v1(self->t.dev, 0);
		ASSERT_LE(0, parts[i]);
	}
	ASSERT_EQ(0, rv_mark());
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		EXPECT_EQ(0, calls(HVCALL_WITHDRAW_MEMORY));
		close(parts[i]);
	}
	EXPECT_LE(1, calls(HVCALL_WITHDRAW_MEMORY));
}

TEST_F(costs, pitfall_31_map_costs_nothing)
{
	__u8 *area = probe_area(BLOCK), value;

	pin_memory(false);
	madvise(area, BLOCK, MADV_NOHUGEPAGE);
	memset(area, 1, BLOCK);
	ASSERT_OK(probe_start(&self->t));
	ASSERT_OK(probe_read(&self->t, 0, TVM_STACK, &value));
	ASSERT_EQ(0, rv_mark());
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, BLOCK, area, MEM_RWX));
	EXPECT_EQ(0, calls(HVCALL_MAP_GPA_PAGES));
	/* A window of what is present already takes one call. */
	ASSERT_OK(probe_read(&self->t, 0, PROBE_GPA, &value));
	ASSERT_OK(probe_read(&self->t, 0, PROBE_GPA + 300 * VMM_PAGE, &value));
	EXPECT_EQ(1, calls(HVCALL_MAP_GPA_PAGES));
	tvm_close(&self->t);
	munmap(area, BLOCK);
}

TEST_F(costs, pitfall_32_unmap_in_few_calls)
{
	static const __u64 size = 8 << 20;
	__u8 *area = probe_area(size);

	madvise(area, size, MADV_NOHUGEPAGE);
	ASSERT_OK(tvm_partition(&self->t));
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, size, area, MEM_RWX));
	ASSERT_EQ(0, rv_mark());
	ASSERT_OK(vmm_unmap(self->t.part, PROBE_GPA, size, area));
	EXPECT_EQ(1, calls(HVCALL_UNMAP_GPA_PAGES));
	/* At the end of the partition everything is unmapped at once. */
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, size, area, MEM_RWX));
	ASSERT_EQ(0, rv_mark());
	tvm_close(&self->t);
	EXPECT_EQ(0, calls(HVCALL_UNMAP_GPA_PAGES));
	munmap(area, size);
}

/* Everything else can be done while a processor runs for ever. */
TEST_F(costs, pitfall_34_partition_while_a_processor_runs)
{
	__u8 *area = probe_area(VMM_PAGE);
	struct ear ear;
	__u64 value;

	ASSERT_OK(tvm_start(&self->t, guest_spin, sizeof(guest_spin)));
	ASSERT_OK(ear_open(&ear, self->t.vp[0], 0));
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, VMM_PAGE, area, MEM_RWX));
	ASSERT_OK(vmm_unmap(self->t.part, PROBE_GPA, VMM_PAGE, area));
	ASSERT_OK(route(self->t.part, GSI, 0, VECTOR));
	ASSERT_OK(tvm_vp(&self->t, 1));
	ASSERT_OK(vmm_get_register(self->t.vp[1], 1, HV_X64_REGISTER_RIP,
				   &value));
	ASSERT_OK(vmm_set_property(self->t.part,
				   HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
				   1));
	ear_close(&ear);
	EXPECT_EQ(0, ear.result);
	munmap(area, VMM_PAGE);
}

TEST_F(costs, pitfall_35_one_call_is_one_call)
{
	__u64 value = 0;
	unsigned int i;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	ASSERT_EQ(0, rv_mark());
	for (i = 0; i < 20; i++) {
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0,
					   HV_X64_REGISTER_RIP, &value));
		ASSERT_OK(vmm_get_property(self->t.part,
					   HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS,
					   &value));
	}
	EXPECT_EQ(20, calls(HVCALL_GET_VP_REGISTERS));
	EXPECT_EQ(20, calls(HVCALL_GET_PARTITION_PROPERTY));
}

#define IRQFDS	200

TEST_F(costs, pitfall_37_one_signal_is_one_call)
{
	int events[IRQFDS];
	unsigned int i;

	ASSERT_OK(sleeper_start(&self->t));
	ASSERT_OK(route(self->t.part, GSI, 0, VECTOR));
	ASSERT_EQ(0, rv_mark());
	for (i = 0; i < IRQFDS; i++) {
		events[i] = eventfd(0, EFD_CLOEXEC);
		ASSERT_EQ(0, irqfd(self->t.part, events[i], GSI, 0));
	}
	ASSERT_OK(route(self->t.part, GSI, 0, VECTOR + 1));
	/* None of that needs the hypervisor. */
	EXPECT_EQ(0, calls(HVCALL_ASSERT_VIRTUAL_INTERRUPT));
	ASSERT_EQ(0, ring(events[IRQFDS / 2]));
	EXPECT_GE(1, calls(HVCALL_ASSERT_VIRTUAL_INTERRUPT));
	for (i = 0; i < IRQFDS; i++)
		close(events[i]);
}

TEST_F(costs, pitfall_38_one_doorbell_is_no_call)
{
	struct mshv_user_ioeventfd args = {
		.addr = PROBE_GPA, .len = 1,
		.fd = eventfd(0, EFD_CLOEXEC),
	};
	unsigned int i;

	ASSERT_OK(probe_start(&self->t));
	/* The first one has to deposit. */
	ASSERT_EQ(0, ioctl(self->t.part, MSHV_IOEVENTFD, &args));
	args.flags = HV_BIT(MSHV_IOEVENTFD_BIT_DEASSIGN);
	ASSERT_EQ(0, ioctl(self->t.part, MSHV_IOEVENTFD, &args));
	args.flags = 0;
	ASSERT_EQ(0, rv_mark());
	ASSERT_EQ(0, ioctl(self->t.part, MSHV_IOEVENTFD, &args));
	EXPECT_EQ(1, calls(HVCALL_CREATE_PORT));
	EXPECT_EQ(1, calls(HVCALL_CONNECT_PORT));
	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, probe_write(&self->t, 0, PROBE_GPA, i));
	EXPECT_TRUE(rung(args.fd));
	EXPECT_EQ(0, calls(HVCALL_NOTIFY_PORT_RING_EMPTY));
	args.flags = HV_BIT(MSHV_IOEVENTFD_BIT_DEASSIGN);
	ASSERT_EQ(0, ioctl(self->t.part, MSHV_IOEVENTFD, &args));
	EXPECT_EQ(1, calls(HVCALL_DISCONNECT_PORT));
	EXPECT_EQ(1, calls(HVCALL_DELETE_PORT));
	close(args.fd);
}

#define VPS	16

TEST_F(costs, pitfall_40_nothing_for_statistics)
{
	unsigned int i;
	int fds[VPS];

	ASSERT_OK(tvm_partition(&self->t));
	ASSERT_EQ(0, rv_mark());
	for (i = 0; i < VPS; i++)
		fds[i] = vmm_create_vp(self->t.part, i);
	for (i = 0; i < VPS; i++)
		close(fds[i]);
	tvm_close(&self->t);
	EXPECT_EQ(0, calls(HVCALL_MAP_STATS_PAGE));
	EXPECT_EQ(0, calls(HVCALL_UNMAP_STATS_PAGE));
	/* The message and the register page. */
	EXPECT_EQ(2 * VPS, calls(HVCALL_MAP_VP_STATE_PAGE));
	EXPECT_EQ(2 * VPS, calls(HVCALL_UNMAP_VP_STATE_PAGE));
}

TEST_F(costs, pitfall_40_sizes_are_remembered)
{
	static __u8 buffer[4 * VMM_PAGE] __attribute__((aligned(VMM_PAGE)));
	unsigned int i;
	__u32 size;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	for (i = 0; i < 4; i++) {
		if (i == 1)
			ASSERT_EQ(0, rv_mark());
		size = sizeof(buffer);
		ASSERT_OK(vmm_get_state(self->t.vp[0], MSHV_VP_STATE_XSAVE,
					buffer, &size));
	}
	EXPECT_EQ(0, calls(HVCALL_GET_PARTITION_PROPERTY));
	EXPECT_EQ(3, calls(HVCALL_GET_VP_STATE));
}

/* Ticks that a process has spent in guests. */
static long guest_ticks(void)
{
	char text[1024], *word;
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC), i;
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	text[n < 0 ? 0 : n] = 0;
	/* After the name, which may be anything, comes the third one. */
	word = strrchr(text, ')');
	word = word ? strtok(word + 1, " ") : NULL;
	for (i = 3; word && i < 43; i++)
		word = strtok(NULL, " ");
	return word ? atol(word) : -1;
}

TEST_F(costs, pitfall_41_guest_time)
{
	struct ear ear;

	if (!tvm_root_scheduler(&self->t))
		SKIP(return, "needs the root scheduler");
	tvm_close(&self->t);
	ASSERT_EQ(0, guest_ticks());
	ASSERT_OK(tvm_start(&self->t, guest_spin, sizeof(guest_spin)));
	ASSERT_OK(ear_open(&ear, self->t.vp[0], 0));
	/* However long it takes: some of it is the guest's. */
	EXPECT_TRUE(wait_until(guest_ticks() > 0));
	ear_close(&ear);
}

#define FAULTS	TRACING "events/mshv/mshv_fault/enable"

TEST_F(costs, pitfall_A37b_trace_of_an_execute_access)
{
	__u8 *area = probe_area(VMM_PAGE), value;
	static char text[65536];
	bool found = false;
	FILE *file;

	if (knob_set(FAULTS, "1"))
		SKIP(return, "no tracing");
	pin_memory(false);
	area[0] = RET;
	ASSERT_OK(probe_start(&self->t));
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, VMM_PAGE, area, MEM_RWX));
	write_file(TRACING "trace", "\n");
	EXPECT_EQ(0, probe_call(&self->t, 0, PROBE_GPA));
	EXPECT_EQ(0, probe_read(&self->t, 0, PROBE_GPA, &value));
	write_file(FAULTS, "0");
	file = fopen(TRACING "trace", "r");
	ASSERT_NE(NULL, file);
	while (fgets(text, sizeof(text), file))
		if (strstr(text, "gfn 0x10000 execute"))
			found = true;
	fclose(file);
	EXPECT_TRUE(found);
	write_file(TRACING "trace", "\n");
	tvm_close(&self->t);
	munmap(area, VMM_PAGE);
}

TEST_HARNESS_MAIN
