// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_IOEVENTFD: writes of the guest that become events without an exit.
 */
#include <sys/eventfd.h>

#include "harness.h"

#define HOLE		0x40000ULL
/* As many as one write can hit; a ring holds 63, and there may be four. */
#define ALIKE		512
/* Ports and connections of one partition; all ports are the root's. */
#define MAX_PORTS	131072
#define PER_PARTITION	1024
#define ROUNDS		4

FIXTURE(ioeventfd) {
	struct books before;
	struct tvm t;
	int event;
	bool books;
};

/* Writes three sizes to the hole, then reports that it is done. */
static const __u8 guest_writes[] = {
	0xb8, 0x00, 0x40, 0x8e, 0xd8,		/* mov ds, 0x4000 */
	0xba, 0xf8, 0x03,			/* mov dx, 0x3f8 */
	0xc6, 0x06, 0, 0, 0x11,			/* mov byte [0], 0x11 */
	0xc7, 0x06, 0, 0, 0x22, 0x22,		/* mov word [0], 0x2222 */
	0x66, 0xc7, 0x06, 0, 0, 0x33, 0x33, 0x33, 0x33, /* mov dword [0] */
	0xb0, 0x77, OUT_AL, HLT,
};

#define BYTE_AT		8
#define WORD_AT		13
#define DWORD_AT	19

FIXTURE_SETUP(ioeventfd)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_partition(&self->t));
	ASSERT_OK(tvm_start_with_hole(&self->t, guest_writes,
				      sizeof(guest_writes)));
	self->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_LE(0, self->event);
}

FIXTURE_TEARDOWN(ioeventfd)
{
	if (self->books)
		rv_rules_clear();
	close(self->event);
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static struct mshv_user_ioeventfd args(int event, __u32 len)
{
	return (struct mshv_user_ioeventfd){
		.addr = HOLE, .len = len, .fd = event,
	};
}

static int set(int part, struct mshv_user_ioeventfd a)
{
	return ioctl(part, MSHV_IOEVENTFD, &a) ? -errno : 0;
}

static int unset(int part, struct mshv_user_ioeventfd a)
{
	a.flags |= HV_BIT(MSHV_IOEVENTFD_BIT_DEASSIGN);
	return set(part, a);
}

/* The events so far, waiting for the first one. */
static __u64 events(int event)
{
	__u64 count = 0;

	if (!wait_readable(event) ||
	    read(event, &count, sizeof(count)) != sizeof(count))
		return 0;
	return count;
}

static int stops_at(struct tvm *t, unsigned int offset)
{
	int ret = tvm_run(t, 0);

	if (ret)
		return ret;
	if (t->message.header.message_type == HVMSG_X64_IO_PORT_INTERCEPT)
		return -ENOMSG;
	return tvm_header(t)->rip == TVM_CODE + offset ? 0 : -ERANGE;
}

static int skip_to(struct tvm *t, unsigned int offset)
{
	return vmm_set_register(t->vp[0], 0, HV_X64_REGISTER_RIP,
				TVM_CODE + offset);
}

TEST_F(ioeventfd, any_size)
{
	__u64 value = 0, count = 0;

	ASSERT_EQ(0, set(self->t.part, args(self->event, 0)));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x77, value);
	while (count < 3) {
		__u64 more = events(self->event);

		ASSERT_NE(0, more);
		count += more;
	}
	EXPECT_EQ(3, count);
}

TEST_F(ioeventfd, one_size)
{
	static const unsigned int sizes[] = { 1, 2, 4 };
	static const unsigned int at[] = { BYTE_AT, WORD_AT, DWORD_AT };
	static const unsigned int end = DWORD_AT + 9;
	unsigned int i, j;
	__u64 value = 0;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, set(self->t.part, args(self->event, sizes[i])));
		ASSERT_OK(skip_to(&self->t, 0));
		for (j = 0; j < 3; j++) {
			if (j == i)
				continue;
			EXPECT_EQ(0, stops_at(&self->t, at[j])) {
				TH_LOG("size %u, access %u", sizes[i], j);
			}
			ASSERT_OK(skip_to(&self->t, j < 2 ? at[j + 1] : end));
		}
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		EXPECT_EQ(1, events(self->event));
		ASSERT_EQ(0, unset(self->t.part,
				   args(self->event, sizes[i])));
	}
}

TEST_F(ioeventfd, data_match)
{
	struct mshv_user_ioeventfd a = args(self->event, 2);
	__u64 value = 0;

	a.flags = HV_BIT(MSHV_IOEVENTFD_BIT_DATAMATCH);
	a.datamatch = 0x2223;
	ASSERT_EQ(0, set(self->t.part, a));
	ASSERT_OK(skip_to(&self->t, 0));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_OK(skip_to(&self->t, WORD_AT));
	EXPECT_EQ(0, stops_at(&self->t, WORD_AT));
	ASSERT_EQ(0, unset(self->t.part, a));

	a.datamatch = 0x2222;
	ASSERT_EQ(0, set(self->t.part, a));
	EXPECT_EQ(0, stops_at(&self->t, DWORD_AT));
	EXPECT_EQ(1, events(self->event));
	ASSERT_OK(skip_to(&self->t, DWORD_AT + 9));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
}

TEST_F(ioeventfd, removed)
{
	ASSERT_EQ(0, set(self->t.part, args(self->event, 0)));
	ASSERT_EQ(0, unset(self->t.part, args(self->event, 0)));
	EXPECT_EQ(0, stops_at(&self->t, BYTE_AT));
	EXPECT_EQ(-ENOENT, unset(self->t.part, args(self->event, 0)));
}

/* One that the hypervisor refuses to disconnect still signals. */
TEST_F(ioeventfd, disconnect_fails)
{
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, set(self->t.part, args(self->event, 1)));
	ASSERT_EQ(0, rv_fail(HVCALL_DISCONNECT_PORT, HV_STATUS_OPERATION_FAILED,
			     0, 1, &rule));
	EXPECT_EQ(-EIO, unset(self->t.part, args(self->event, 1)));
	EXPECT_EQ(0, stops_at(&self->t, WORD_AT));
	EXPECT_EQ(1, events(self->event));
	EXPECT_EQ(0, unset(self->t.part, args(self->event, 1)));
	ASSERT_OK(skip_to(&self->t, 0));
	EXPECT_EQ(0, stops_at(&self->t, BYTE_AT));
}

/* What has been disconnected is not disconnected again. */
TEST_F(ioeventfd, delete_fails)
{
	__u64 calls;
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, set(self->t.part, args(self->event, 1)));
	ASSERT_EQ(0, rv_fail(HVCALL_DELETE_PORT, HV_STATUS_OPERATION_FAILED, 0, 1,
			     &rule));
	EXPECT_EQ(-EIO, unset(self->t.part, args(self->event, 1)));
	EXPECT_EQ(0, stops_at(&self->t, BYTE_AT));
	ASSERT_EQ(0, rv_mark());
	EXPECT_EQ(0, unset(self->t.part, args(self->event, 1)));
	ASSERT_EQ(0, rv_count_call(HVCALL_DISCONNECT_PORT, &calls));
	EXPECT_EQ(0, calls);
	EXPECT_EQ(-ENOENT, unset(self->t.part, args(self->event, 1)));
}

/*
 * The connection is refused, and the deletion of its port seems to be: the number is
 * not used again, and another one is taken.
 */
TEST_F(ioeventfd, connect_fails)
{
	static const bool deletion_refused[] = { false, true };
	unsigned int i;
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	for (i = 0; i < ARRAY_SIZE(deletion_refused); i++) {
		ASSERT_EQ(0, rv_fail(HVCALL_CONNECT_PORT, HV_STATUS_ACCESS_DENIED,
				     0, 1, &rule));
		if (deletion_refused[i])
			ASSERT_EQ(0, rv_answer_status(HVCALL_DELETE_PORT, 1,
						      HV_STATUS_OPERATION_FAILED));
		EXPECT_EQ(deletion_refused[i] ? -EIO : -EACCES,
			  set(self->t.part, args(self->event, 1)));
		EXPECT_EQ(-ENOENT, unset(self->t.part, args(self->event, 1)));
		ASSERT_EQ(0, rv_rules_clear());
		ASSERT_EQ(0, set(self->t.part, args(self->event, 1)));
		ASSERT_OK(skip_to(&self->t, 0));
		EXPECT_EQ(0, stops_at(&self->t, WORD_AT));
		EXPECT_EQ(1, events(self->event));
		ASSERT_EQ(0, unset(self->t.part, args(self->event, 1)));
	}
}

TEST_F(ioeventfd, bad_arguments)
{
	static const __u32 lengths[] = { 3, 5, 6, 7, 9, 16, ~0U };
	struct mshv_user_ioeventfd a;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		EXPECT_EQ(-EINVAL, set(self->t.part,
				       args(self->event, lengths[i])));
	for (i = MSHV_IOEVENTFD_BIT_COUNT; i < 32; i++) {
		a = args(self->event, 4);
		a.flags = 1U << i;
		EXPECT_EQ(-EINVAL, set(self->t.part, a));
	}
	a = args(self->event, 8);
	a.addr = ~0ULL - 3;
	EXPECT_EQ(-EINVAL, set(self->t.part, a));
	for (i = 0; i < sizeof(a.rsvd); i++) {
		a = args(self->event, 4);
		a.rsvd[i] = 1;
		EXPECT_EQ(-EINVAL, set(self->t.part, a));
	}
	EXPECT_EQ(-EBADF, set(self->t.part, args(-1, 4)));
	EXPECT_EQ(-EINVAL, set(self->t.part, args(self->t.dev, 4)));
	EXPECT_EQ(-ENOENT, unset(self->t.part, args(self->event, 4)));
	EXPECT_EQ(-1, ioctl(self->t.part, MSHV_IOEVENTFD, NULL));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(ioeventfd, conflicts)
{
	struct mshv_user_ioeventfd one = args(self->event, 4), two;

	one.flags = HV_BIT(MSHV_IOEVENTFD_BIT_DATAMATCH);
	one.datamatch = 1;
	two = one;
	two.datamatch = 2;
	ASSERT_EQ(0, set(self->t.part, one));
	EXPECT_EQ(-EEXIST, set(self->t.part, one));
	EXPECT_EQ(0, set(self->t.part, two));
	EXPECT_EQ(-EEXIST, set(self->t.part, args(self->event, 4)));
	EXPECT_EQ(0, unset(self->t.part, one));
	EXPECT_EQ(0, unset(self->t.part, two));
	EXPECT_EQ(0, set(self->t.part, args(self->event, 4)));
}

/* Added and removed while the guest writes: no event is lost for good. */
TEST_F(ioeventfd, pitfall_U6_storm)
{
	unsigned int i;
	__u64 value;

	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, set(self->t.part, args(self->event, 0)));
		ASSERT_OK(skip_to(&self->t, 0));
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		ASSERT_EQ(0, unset(self->t.part, args(self->event, 0)));
	}
	EXPECT_NE(0, events(self->event));
}

/* One for each of the guest's values that a write of a byte cannot distinguish. */
static struct mshv_user_ioeventfd alike(int event, __u64 nr)
{
	struct mshv_user_ioeventfd a = args(event, 1);

	a.flags = HV_BIT(MSHV_IOEVENTFD_BIT_DATAMATCH);
	a.datamatch = nr << 8 | 0x11;
	return a;
}

/* Doorbells for which there is no room in the ring wait for it. */
TEST_F(ioeventfd, more_than_a_ring_holds)
{
	static int event[ALIKE];
	unsigned int i;

	for (i = 0; i < ALIKE; i++) {
		event[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		ASSERT_LE(0, event[i]);
		ASSERT_EQ(0, set(self->t.part, alike(event[i], i)));
	}
	/* One write rings no more than these. */
	EXPECT_EQ(-EIO, set(self->t.part, alike(self->event, ALIKE)));
	EXPECT_EQ(0, stops_at(&self->t, WORD_AT));
	for (i = 0; i < ALIKE; i++)
		ASSERT_EQ(1, events(event[i]));
	for (i = 0; i < ALIKE; i++)
		close(event[i]);
}

static bool enough;

static void *write_on(void *arg)
{
	struct tvm *t = arg;

	while (!__atomic_load_n(&enough, __ATOMIC_SEQ_CST)) {
		if (stops_at(t, WORD_AT) || skip_to(t, 0))
			return arg;
	}
	return NULL;
}

/* Some of them are removed while they wait. */
TEST_F(ioeventfd, waiting_ones_go)
{
	unsigned int i, round;
	pthread_t thread;
	void *failed;

	enough = false;
	for (i = 0; i < ALIKE; i++)
		ASSERT_EQ(0, set(self->t.part, alike(self->event, i)));
	ASSERT_EQ(0, pthread_create(&thread, NULL, write_on, &self->t));
	for (round = 0; round < ROUNDS; round++) {
		for (i = 1; i < ALIKE; i++)
			EXPECT_EQ(0, unset(self->t.part, alike(self->event, i)));
		for (i = 1; i < ALIKE; i++)
			EXPECT_EQ(0, set(self->t.part, alike(self->event, i)));
	}
	__atomic_store_n(&enough, true, __ATOMIC_SEQ_CST);
	ASSERT_EQ(0, pthread_join(thread, &failed));
	EXPECT_EQ(NULL, failed);
	EXPECT_NE(0, events(self->event));
	EXPECT_EQ(0, stops_at(&self->t, WORD_AT));
	EXPECT_NE(0, events(self->event));
}

/* The number of ports is limited, and one that is removed makes room for another. */
TEST_F(ioeventfd, last_port)
{
	static struct tvm t[MAX_PORTS / PER_PARTITION];
	struct mshv_user_ioeventfd a = args(self->event, 1);
	unsigned int i;

	if (!getenv("MSHV_HEAVY"))
		SKIP(return, "takes long; set MSHV_HEAVY");
	for (i = 0; i < MAX_PORTS; i++) {
		struct tvm *owner = &t[i / PER_PARTITION];

		if (i % PER_PARTITION == 0)
			ASSERT_OK(tvm_partition(owner));
		a.addr = HOLE + 16 * (i % PER_PARTITION);
		ASSERT_EQ(0, set(owner->part, a)) {
			TH_LOG("port %u", i);
		}
	}
	EXPECT_GT(0, set(self->t.part, args(self->event, 1)));
	EXPECT_EQ(0, unset(t[0].part, args(self->event, 1)));
	EXPECT_EQ(0, set(self->t.part, args(self->event, 1)));
	EXPECT_GT(0, set(t[0].part, args(self->event, 1)));
	for (i = 0; i < ARRAY_SIZE(t); i++)
		tvm_close(&t[i]);
}

TEST_F(ioeventfd, left_behind)
{
	__u64 hits = 1;
	unsigned int i;
	__u32 rule;

	for (i = 0; i < 32; i++) {
		struct mshv_user_ioeventfd a = args(self->event, 4);

		a.addr += 16 * i;
		ASSERT_EQ(0, set(self->t.part, a));
	}
	/* The end of the partition removes them all, also one that is refused once. */
	if (self->books)
		ASSERT_EQ(0, rv_fail(HVCALL_DELETE_PORT, HV_STATUS_OPERATION_FAILED,
				     0, 1, &rule));
	tvm_close(&self->t);
	if (self->books)
		ASSERT_EQ(0, rv_rule_hits(rule, &hits));
	EXPECT_EQ(1, hits);
}

/* A doorbell is written to, and not read. */
TEST_F(ioeventfd, read_and_written)
{
	static const __u8 code[] = {
		0xb8, 0x00, 0x40, 0x8e, 0xd8,		/* mov ds, 0x4000 */
		0x80, 0x06, 0, 0, 0x11,			/* add byte [0], 0x11 */
	};

	ASSERT_EQ(0, set(self->t.part, args(self->event, 1)));
	memcpy(self->t.memory + TVM_CODE, code, sizeof(code));
	EXPECT_EQ(0, stops_at(&self->t, 5));
	EXPECT_EQ(HVMSG_UNMAPPED_GPA, self->t.message.header.message_type);
	EXPECT_EQ(HOLE, tvm_mem(&self->t)->guest_physical_address);
	EXPECT_EQ(-1, read(self->event, &(__u64){ 0 }, sizeof(__u64)));
}

/* Bytes beside the doorbell are the VMM's, in the middle of the instruction. */
TEST_F(ioeventfd, string_beyond)
{
	static const __u8 code[] = {
		0xb8, 0x00, 0x40, 0x8e, 0xc0,		/* mov es, 0x4000 */
		0x31, 0xff, 0xb9, 0x03, 0x00,		/* xor di, di; mov cx, 3 */
		0xfc, 0xf3, 0xaa,			/* cld; rep stosb */
	};
	__u64 value;

	ASSERT_EQ(0, set(self->t.part, args(self->event, 1)));
	memcpy(self->t.memory + TVM_CODE, code, sizeof(code));
	EXPECT_EQ(0, stops_at(&self->t, 11));
	EXPECT_EQ(HVMSG_UNMAPPED_GPA, self->t.message.header.message_type);
	EXPECT_EQ(HOLE + 1, tvm_mem(&self->t)->guest_physical_address);
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_RCX, &value));
	EXPECT_EQ(2, value & 0xffff);
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_RDI, &value));
	EXPECT_EQ(1, value & 0xffff);
	EXPECT_EQ(1, events(self->event));
}

TEST_HARNESS_MAIN
