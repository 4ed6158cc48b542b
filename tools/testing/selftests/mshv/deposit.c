// SPDX-License-Identifier: GPL-2.0
/*
 * Deposits and withdrawals.
 */
#include "harness.h"

FIXTURE(deposit) {
	struct books before;
	struct tvm t;
};

FIXTURE_SETUP(deposit)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
}

FIXTURE_TEARDOWN(deposit)
{
	rv_rules_clear();
	rv_memory_status(0);
	ASSERT_BOOKS(&self->before);
}

/* Pages are deposited at all. */
TEST_F(deposit, pages_are_deposited)
{
	__u64 deposited = 0, in_use = 0;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	ASSERT_EQ(0, rv_books(RV_BOOKS_DEPOSITED, 0, &deposited));
	ASSERT_EQ(0, rv_books(RV_BOOKS_IN_USE, 0, &in_use));
	EXPECT_LT(self->before.value[RV_BOOKS_DEPOSITED], deposited);
	EXPECT_LT(self->before.value[RV_BOOKS_IN_USE], in_use);
	EXPECT_LE(in_use, deposited);
	tvm_close(&self->t);
}

/* The kernel understands every status that means insufficient memory. */
TEST_F(deposit, every_memory_status)
{
	static const __u32 list[] = { 0x0b, 0x73, 0x75, 0x83 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		ASSERT_EQ(0, rv_memory_status(list[i]));
		EXPECT_EQ(0, tvm_life()) {
			TH_LOG("status %#x: %s", list[i], vmm_error());
		}
		ASSERT_EQ(0, rv_memory_status(0));
		ASSERT_BOOKS(&self->before);
	}
}

/* What is deposited for the root itself does not grow from life to life. */
TEST_F(deposit, pitfall_33_root_pool_does_not_grow)
{
	__u64 first = 0, last = 0;
	unsigned int i;

	ASSERT_OK(tvm_life());
	ASSERT_EQ(0, rv_books(RV_BOOKS_DEPOSITED_SELF, 0, &first));
	for (i = 0; i < 10; i++)
		ASSERT_OK(tvm_life());
	ASSERT_EQ(0, rv_books(RV_BOOKS_DEPOSITED_SELF, 0, &last));
	EXPECT_GE(first, last);
}

/* The hypervisor keeps what it accepted before it refused the rest. */
TEST_F(deposit, pitfall_U17_part_of_a_deposit)
{
	static const __u16 statuses[] = {
		HV_STATUS_ACCESS_DENIED, HV_STATUS_OPERATION_DENIED,
		HV_STATUS_INVALID_PARAMETER, HV_STATUS_NO_RESOURCES,
	};
	static const __u32 reps[] = { 0, 1, 7 };
	unsigned int i, j;
	__u32 rule;

	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		for (j = 0; j < ARRAY_SIZE(reps); j++) {
			ASSERT_EQ(0, rv_rep_stop(HVCALL_DEPOSIT_MEMORY,
						 statuses[i], reps[j], 1,
						 &rule));
			tvm_life();
			ASSERT_EQ(0, rv_rules_clear());
			ASSERT_BOOKS(&self->before);
			ASSERT_OK(tvm_life());
		}
	}
}

/*
 * A page that the hypervisor refuses is not offered again, and is no failure: each
 * of these stops at another page of one deposit.
 */
TEST_F(deposit, refused_pages)
{
	static const __u16 statuses[] = {
		HV_STATUS_OBJECT_IN_USE, HV_STATUS_INVALID_PARAMETER,
		HV_STATUS_OPERATION_DENIED,
	};
	static const __u32 reps[] = { 0, 3, 60 };
	unsigned int i, j;
	__u32 rule;
	__u64 hits;

	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		for (j = 0; j < ARRAY_SIZE(reps); j++) {
			ASSERT_EQ(0, rv_rep_stop(HVCALL_DEPOSIT_MEMORY,
						 statuses[i], reps[j], 5, &rule));
			EXPECT_EQ(0, tvm_life()) {
				TH_LOG("status %#x: %s", statuses[i],
				       vmm_error());
			}
			ASSERT_EQ(0, rv_rule_hits(rule, &hits));
			EXPECT_LT(0, hits);
			ASSERT_EQ(0, rv_rules_clear());
			ASSERT_BOOKS(&self->before);
		}
	}
}

/* Of contiguous pages all are replaced, as often as there is room to set them aside. */
TEST_F(deposit, refused_contiguous_pages)
{
	static const struct {
		__u32 accepted, times;
		int ret;
	} cases[] = {
		{ 0, 1, 0 }, { 0, 2, 0 }, { 0, 3, -EIO },
		{ 3, 1, 0 }, { 3, 3, 0 }, { 3, 4, -EIO },
	};
	__u64 value, before, hits;
	unsigned int i;
	__u32 rule, ask;

	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		before = books_value(RV_BOOKS_DEPOSITED);
		ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_REGISTERS,
				     HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY, 0, 1, &ask));
		ASSERT_EQ(0, rv_rep_stop(HVCALL_DEPOSIT_MEMORY, HV_STATUS_OBJECT_IN_USE,
					 cases[i].accepted, cases[i].times, &rule));
		EXPECT_EQ(cases[i].ret, vmm_get_register(self->t.vp[0], 0,
							 HV_X64_REGISTER_RIP, &value)) {
			TH_LOG("%u of 8 accepted %u times: %s", cases[i].accepted,
			       cases[i].times, vmm_error());
		}
		ASSERT_EQ(0, rv_rule_hits(rule, &hits));
		EXPECT_EQ(cases[i].times, hits);
		ASSERT_EQ(0, rv_rules_clear());
		if (!cases[i].ret)
			before += 8;
		EXPECT_EQ(before + cases[i].times * cases[i].accepted,
			  books_value(RV_BOOKS_DEPOSITED));
	}
	tvm_close(&self->t);
}

/* If it refuses all, that has an end. */
TEST_F(deposit, all_pages_refused)
{
	__u64 calls;
	__u32 rule;

	ASSERT_EQ(0, rv_mark());
	ASSERT_EQ(0, rv_rep_stop(HVCALL_DEPOSIT_MEMORY, HV_STATUS_OBJECT_IN_USE, 0,
				 0, &rule));
	EXPECT_NE(0, tvm_life());
	ASSERT_EQ(0, rv_count_call(HVCALL_DEPOSIT_MEMORY, &calls));
	EXPECT_LE(2, calls);
	EXPECT_GE(40, calls);
	ASSERT_EQ(0, rv_rules_clear());
	ASSERT_OK(tvm_life());
}

/* Correct short completions: the caller continues where the call stopped. */
TEST_F(deposit, continued_deposits_and_withdrawals)
{
	static const __u32 slices[] = { 1, 3, 64 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(slices); i++) {
		ASSERT_EQ(0, rv_rep_slice(slices[i]));
		EXPECT_EQ(0, tvm_life()) {
			TH_LOG("slice %u: %s", slices[i], vmm_error());
		}
		ASSERT_EQ(0, rv_rep_slice(0));
		ASSERT_BOOKS(&self->before);
	}
}

TEST_F(deposit, short_success)
{
	static const __u16 codes[] = {
		HVCALL_DEPOSIT_MEMORY, HVCALL_WITHDRAW_MEMORY,
		HVCALL_MAP_GPA_PAGES, HVCALL_UNMAP_GPA_PAGES,
		HVCALL_SET_VP_REGISTERS,
	};
	unsigned int i;
	__u32 rule;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		ASSERT_EQ(0, rv_rep_stop(codes[i], 0, 1, 1, &rule));
		EXPECT_EQ(0, tvm_life()) {
			TH_LOG("%#x: %s", codes[i], vmm_error());
		}
		ASSERT_EQ(0, rv_rules_clear());
		ASSERT_BOOKS(&self->before);
	}
}

/* An initialize that fails withdraws everything, and can be repeated. */
TEST_F(deposit, initialize_again_after_failure)
{
	__u64 deposited = 0;
	__u32 rule;
	int ret;

	ASSERT_OK(tvm_open(&self->t));
	self->t.part = vmm_create_v1(self->t.dev, TVM_FLAGS);
	ASSERT_OK(self->t.part);
	ASSERT_EQ(0, rv_fail(HVCALL_INITIALIZE_PARTITION,
			     HV_STATUS_NO_RESOURCES, 0, 1, &rule));
	EXPECT_EQ(-1, ioctl(self->t.part, MSHV_INITIALIZE_PARTITION));
	EXPECT_EQ(EIO, errno);
	ASSERT_EQ(0, rv_books(RV_BOOKS_DEPOSITED, 0, &deposited));
	EXPECT_EQ(self->before.value[RV_BOOKS_DEPOSITED], deposited);
	ret = ioctl(self->t.part, MSHV_INITIALIZE_PARTITION);
	EXPECT_EQ(0, ret);
	tvm_close(&self->t);
}

/* Withdrawn pages are the kernel's again: use a lot of memory and check it. */
TEST_F(deposit, withdrawn_pages_are_usable)
{
	const size_t size = 64 << 20;
	unsigned int i;
	__u8 *area;

	for (i = 0; i < 3; i++)
		ASSERT_OK(tvm_life());
	area = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	memset(area, 0xee, size);
	munmap(area, size);
	/* An access to a page that is still deposited would be in the books. */
	ASSERT_BOOKS(&self->before);
}

TEST_HARNESS_MAIN
