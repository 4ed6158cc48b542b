// SPDX-License-Identifier: GPL-2.0
/*
 * The errno of every hypercall status.
 */
#include "harness.h"

/* Typed from the interface's description; everything else is EIO. */
static const struct {
	__u16 status;
	int err;
} table[] = {
	{ 0x02, EINVAL },	/* invalid hypercall code */
	{ 0x03, EINVAL },	/* invalid hypercall input */
	{ 0x05, EINVAL },	/* invalid parameter */
	{ 0x06, EACCES },	/* access denied */
	{ 0x08, EACCES },	/* operation denied */
	{ 0x09, EINVAL },	/* unknown property */
	{ 0x0a, EINVAL },	/* property value out of range */
	{ 0x0d, EINVAL },	/* invalid partition id */
	{ 0x0e, EINVAL },	/* invalid VP index */
	{ 0x11, EINVAL },	/* invalid port id */
	{ 0x12, EINVAL },	/* invalid connection id */
	{ 0x20, EOPNOTSUPP },	/* processor feature not supported */
	{ 0x41, EINVAL },	/* invalid LP index */
	{ 0x50, EINVAL },	/* invalid register value */
	{ 0x87, EINVAL },	/* unknown register name */
};

/* These make the kernel deposit memory and retry. */
static const __u16 memory[] = { 0x0b, 0x73, 0x75, 0x83 };

#define LAST_STATUS	0x90
#define CALL_PENDING	0x79

FIXTURE(statuses) {
	struct books before;
	struct tvm t;
};

FIXTURE_SETUP(statuses)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
}

FIXTURE_TEARDOWN(statuses)
{
	rv_rules_clear();
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

static int wanted(__u16 status)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].status == status)
			return -table[i].err;
	return -EIO;
}

static bool is_memory(__u16 status)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(memory); i++)
		if (memory[i] == status)
			return true;
	return false;
}

static int attempt(struct tvm *t, __u16 *status, __u16 *reps)
{
	struct {
		__u64 partition;
		__u32 index, vtl;
		__u32 name;
	} in = { .name = HV_X64_REGISTER_RIP };
	__u64 out[2];
	struct vmm_call call = {
		.code = HVCALL_GET_VP_REGISTERS,
		.reps = 1,
		.in = &in, .in_size = 20,
		.out = out, .out_size = sizeof(out),
	};
	int ret = vmm_hvcall(t->vp[0], &call);

	*status = call.status;
	*reps = call.reps;
	return ret;
}

TEST_F(statuses, pitfall_A36_every_status)
{
	__u16 status, seen, reps;
	__u32 rule;

	for (status = 1; status <= LAST_STATUS; status++) {
		if (is_memory(status) || status == CALL_PENDING)
			continue;
		ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_REGISTERS, status, 0, 1,
				     &rule));
		EXPECT_EQ(wanted(status), attempt(&self->t, &seen, &reps)) {
			TH_LOG("status %#x", status);
		}
		EXPECT_EQ(status, seen);
		EXPECT_EQ(0, reps);
		ASSERT_EQ(0, rv_rules_clear());
		EXPECT_EQ(0, attempt(&self->t, &seen, &reps));
	}
}

TEST_F(statuses, memory_statuses_are_dealt_with)
{
	__u16 seen, reps;
	__u64 hits = 0;
	unsigned int i;
	__u32 rule;

	for (i = 0; i < ARRAY_SIZE(memory); i++) {
		ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_REGISTERS, memory[i], 0, 3,
				     &rule));
		EXPECT_EQ(0, attempt(&self->t, &seen, &reps)) {
			TH_LOG("status %#x", memory[i]);
		}
		EXPECT_EQ(1, reps);
		ASSERT_EQ(0, rv_rule_hits(rule, &hits));
		EXPECT_EQ(3, hits);
		ASSERT_EQ(0, rv_rules_clear());
	}
}

/* A hypervisor that never has enough must not get deposits for ever. */
TEST_F(statuses, pitfall_27_memory_for_ever)
{
	__u16 seen, reps;
	unsigned int i;
	__u32 rule;

	for (i = 0; i < ARRAY_SIZE(memory); i++) {
		ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_REGISTERS, memory[i], 0, 0,
				     &rule));
		EXPECT_EQ(-ENOMEM, attempt(&self->t, &seen, &reps)) {
			TH_LOG("status %#x", memory[i]);
		}
		EXPECT_EQ(memory[i], seen);
		ASSERT_EQ(0, rv_rules_clear());
		EXPECT_EQ(0, attempt(&self->t, &seen, &reps));
	}
}

/* "Pending" is not a valid answer to a synchronous call. */
TEST_F(statuses, unexpected_pending)
{
	__u16 seen, reps;
	__u32 rule;
	int ret;

	ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_REGISTERS, CALL_PENDING, 0, 1,
			     &rule));
	ret = attempt(&self->t, &seen, &reps);
	EXPECT_TRUE(ret == -EBADFD || ret == -EIO) {
		TH_LOG("ret = %d", ret);
	}
	EXPECT_EQ(CALL_PENDING, seen);
}

TEST_HARNESS_MAIN
