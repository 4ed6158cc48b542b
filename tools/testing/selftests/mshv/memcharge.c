// SPDX-License-Identifier: GPL-2.0
/*
 * Charges: pinned pages count against RLIMIT_MEMLOCK, deposits and the driver's own
 * objects against the memory control group of the task that caused them.
 */
#include <sys/wait.h>

#include "harness.h"
#include "groups.h"
#include "probe.h"

#define UNPRIVILEGED		65534

FIXTURE(memcharge) {
	struct books before;
	struct tvm t;
	int pinned;
	bool books;
};

FIXTURE_SETUP(memcharge)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_open(&self->t));
	self->pinned = pin_memory(true);
}

FIXTURE_TEARDOWN(memcharge)
{
	tvm_close(&self->t);
	group_leave();
	if (self->pinned >= 0)
		pin_memory(self->pinned);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/* Pages that this process has pinned. */
static long pinned_pages(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[128];
	long kib = -1;

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "VmPin: %ld", &kib);
	if (file)
		fclose(file);
	return kib < 0 ? -1 : kib / 4;
}

TEST_F(memcharge, pitfall_A14_pins_are_dropped)
{
	__u8 *area = probe_area(16 * VMM_PAGE);
	long before = pinned_pages();
	__u32 rule;

	if (self->pinned < 0)
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	ASSERT_LE(0, before);
	ASSERT_OK(tvm_partition(&self->t));
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, 16 * VMM_PAGE, area,
			  MEM_RWX));
	EXPECT_EQ(before + 16, pinned_pages());
	ASSERT_OK(vmm_unmap(self->t.part, PROBE_GPA + 4 * VMM_PAGE,
			    4 * VMM_PAGE, area + 4 * VMM_PAGE));
	EXPECT_EQ(before + 12, pinned_pages());
	ASSERT_OK(vmm_unmap(self->t.part, PROBE_GPA, 4 * VMM_PAGE, area));
	ASSERT_OK(vmm_unmap(self->t.part, PROBE_GPA + 8 * VMM_PAGE,
			    8 * VMM_PAGE, area + 8 * VMM_PAGE));
	EXPECT_EQ(before, pinned_pages());
	/* The tail cannot be pinned: everything is refused, and nothing is kept. */
	ASSERT_EQ(0, mprotect(area + 12 * VMM_PAGE, 2 * VMM_PAGE, PROT_NONE));
	EXPECT_EQ(-EFAULT, vmm_map(self->t.part, PROBE_GPA, 16 * VMM_PAGE, area,
				   MEM_RWX));
	EXPECT_EQ(before, pinned_pages());
	/* Neither can the first page. */
	ASSERT_EQ(0, mprotect(area, VMM_PAGE, PROT_NONE));
	EXPECT_EQ(-EFAULT, vmm_map(self->t.part, PROBE_GPA, 8 * VMM_PAGE, area, MEM_RWX));
	EXPECT_EQ(before, pinned_pages());
	ASSERT_EQ(0, mprotect(area, VMM_PAGE, PROT_READ | PROT_WRITE));
	/* Neither if the hypervisor refuses them. */
	if (self->books) {
		ASSERT_EQ(0, rv_rep_stop(HVCALL_MAP_GPA_PAGES,
					 HV_STATUS_OPERATION_DENIED, 3, 1,
					 &rule));
		EXPECT_EQ(-EACCES, vmm_map(self->t.part, PROBE_GPA,
					   8 * VMM_PAGE, area, MEM_RWX));
		ASSERT_EQ(0, rv_rules_clear());
		EXPECT_EQ(before, pinned_pages());
	}
	/* The end of the partition releases the rest. */
	ASSERT_OK(vmm_map(self->t.part, PROBE_GPA, 8 * VMM_PAGE, area,
			  MEM_RWX));
	EXPECT_EQ(before + 8, pinned_pages());
	tvm_close(&self->t);
	EXPECT_EQ(before, pinned_pages());
	munmap(area, 16 * VMM_PAGE);
}

/* As an unprivileged user who may lock eight pages. */
static int poor_user(int part)
{
	const struct rlimit limit = { 8 * VMM_PAGE, 8 * VMM_PAGE };
	__u8 *area = probe_area(16 * VMM_PAGE);

	if (!area || setrlimit(RLIMIT_MEMLOCK, &limit) || setuid(UNPRIVILEGED))
		return 10;
	if (vmm_map(part, PROBE_GPA, 16 * VMM_PAGE, area, MEM_RWX) != -ENOMEM)
		return 11;
	if (vmm_map(part, PROBE_GPA, 6 * VMM_PAGE, area, MEM_RWX))
		return 12;
	if (vmm_map(part, PROBE_GPA + BLOCK, 4 * VMM_PAGE,
		    area + 8 * VMM_PAGE, MEM_RWX) != -ENOMEM)
		return 13;
	if (vmm_unmap(part, PROBE_GPA, 6 * VMM_PAGE, area))
		return 14;
	if (vmm_map(part, PROBE_GPA + BLOCK, 4 * VMM_PAGE,
		    area + 8 * VMM_PAGE, MEM_RWX))
		return 15;
	return 0;
}

TEST_F(memcharge, pitfall_U26_memlock)
{
	int status = -1;
	pid_t pid;

	if (self->pinned < 0)
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	ASSERT_OK(tvm_partition(&self->t));
	pid = fork();
	if (!pid)
		_exit(poor_user(self->t.part));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
}

#define VPS_MAX		512
#define GROUP_ROUNDS	4

/* In a group that cannot pay for as many processors. */
static int poor_group(const char *max)
{
	struct tvm t;
	int vp = 0;
	unsigned int i;

	if (group_enter(max))
		return 20;
	if (tvm_partition(&t))
		return 21;
	for (i = 0; i < VPS_MAX && vp >= 0; i++)
		vp = vmm_create_vp(t.part, i);
	return vp == -ENOMEM && i > 1 ? 0 : 22;
}

/*
 * A deposit that the group cannot pay for is refused.  What the kernel itself needs may
 * be too much first; then the VMM is killed.
 */
TEST_F(memcharge, group_has_no_more)
{
	static const char * const max[GROUP_ROUNDS] = { "8M", "9M", "10M", "11M" };
	unsigned int i;
	int status = 1;
	pid_t pid;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	if (group_enter("max"))
		SKIP(return, "no control groups");
	group_leave();
	for (i = 0; i < GROUP_ROUNDS && status; i++) {
		pid = fork();
		if (!pid)
			_exit(poor_group(max[i]));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(!status || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) {
			TH_LOG("status %x", status);
		}
		group_leave();
	}
	EXPECT_EQ(0, status);
}

#define VPS	16

TEST_F(memcharge, pitfall_U26_cgroup)
{
	__u64 before = 0, now = 0, deposited = 0;
	int vps[VPS];
	unsigned int i;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	if (group_enter("max") || group_usage(&before))
		SKIP(return, "no control groups");
	ASSERT_OK(tvm_partition(&self->t));
	for (i = 0; i < VPS; i++)
		vps[i] = vmm_create_vp(self->t.part, i);
	ASSERT_EQ(0, group_usage(&now));
	ASSERT_EQ(0, rv_books(RV_BOOKS_DEPOSITED, 0, &deposited));
	EXPECT_LT(VPS, deposited);
	/* Charges come in portions, so they are not exact to the page. */
	EXPECT_LE(before + deposited * VMM_PAGE / 2, now);
	for (i = 0; i < VPS; i++)
		close(vps[i]);
	tvm_close(&self->t);
}

TEST_HARNESS_MAIN
