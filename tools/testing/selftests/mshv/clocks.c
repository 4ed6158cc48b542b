// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's clocks: reference time in the MSR and in the page, the time stamp
 * counters of several processors, also after the guest was saved and restored; and
 * the message of a timer whose slot is taken.
 *
 * Model: nothing here depends on how much time passes.  Counters are compared by
 * reading one of them before and after the other.  A one-shot timer has fired when
 * its own enable bit is clear.
 */
#include <hyperv/hv_msr.h>
#include <hyperv/hv_property.h>
#include <hyperv/hv_register.h>

#include "clocks.h"
#include "harness.h"

#define AHEAD		HV_BIT64(40)	/* of a counter: many minutes */
#define COUNTER_CODE	0x5000
#define MSR_TSC		0x10
#define SINT		2
#define STIMER_NOW	1		/* a time that has passed */
#define MESSAGE_TYPE	1		/* of a VMM's own */
#define NR_CPUS		TVM_MAX_VPS

extern const __u8 code_clocks[], code_clocks_end[];

FIXTURE(clocks) {
	struct books before;
	struct tvm t;
	__u8 *page;
	bool books;
};

FIXTURE_SETUP(clocks)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start_long(&self->t, code_clocks, code_clocks_end - code_clocks));
	self->page = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->page);
}

FIXTURE_TEARDOWN(clocks)
{
	munmap(self->page, VMM_PAGE);
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int set(struct tvm *t, unsigned int vp, __u32 name, __u64 value)
{
	return vmm_set_register(t->vp[vp], vp, name, value);
}

static __u64 get(struct tvm *t, unsigned int vp, __u32 name)
{
	__u64 value = 0;

	vmm_get_register(t->vp[vp], vp, name, &value);
	return value;
}

/* Is the count of VP 1 between two readings of VP 0? */
static bool in_step(struct tvm *t)
{
	__u64 before = get(t, 0, HV_X64_REGISTER_TSC);
	__u64 other = get(t, 1, HV_X64_REGISTER_TSC);
	__u64 after = get(t, 0, HV_X64_REGISTER_TSC);

	return before < other && other < after;
}

/* ---- time stamp counters ------------------------------------------------------------- */

TEST_F(clocks, further_first)
{
	ASSERT_OK(tvm_vp(&self->t, 1));
	ASSERT_OK(set(&self->t, 1, HV_X64_REGISTER_TSC, 0));
	ASSERT_OK(set(&self->t, 0, HV_X64_REGISTER_TSC, AHEAD));
	EXPECT_TRUE(in_step(&self->t));
	EXPECT_LE(AHEAD, get(&self->t, 1, HV_X64_REGISTER_TSC));
}

/* As a VMM that restores a guest does, in either order. */
TEST_F(clocks, about_the_same)
{
	ASSERT_OK(tvm_vp(&self->t, 1));
	ASSERT_OK(set(&self->t, 1, HV_X64_REGISTER_TSC, AHEAD + 1000));
	ASSERT_OK(set(&self->t, 0, HV_X64_REGISTER_TSC, AHEAD));
	EXPECT_TRUE(in_step(&self->t));
	ASSERT_OK(set(&self->t, 0, HV_X64_REGISTER_TSC, 2 * AHEAD));
	ASSERT_OK(set(&self->t, 1, HV_X64_REGISTER_TSC, 2 * AHEAD + 1000));
	EXPECT_TRUE(in_step(&self->t));
}

/* A guest whose counters differ has the same difference afterwards. */
TEST_F(clocks, apart_on_purpose)
{
	ASSERT_OK(tvm_vp(&self->t, 1));
	ASSERT_OK(set(&self->t, 1, HV_X64_REGISTER_TSC, 4 * AHEAD));
	ASSERT_OK(set(&self->t, 0, HV_X64_REGISTER_TSC, AHEAD));
	EXPECT_LE(4 * AHEAD, get(&self->t, 1, HV_X64_REGISTER_TSC));
	EXPECT_GT(2 * AHEAD, get(&self->t, 0, HV_X64_REGISTER_TSC));
}

/* One that has run by its counter continues by it. */
TEST_F(clocks, after_it_has_run)
{
	__u64 before, value;

	memcpy(self->t.memory + COUNTER_CODE, guest_count, sizeof(guest_count));
	ASSERT_OK(tvm_vp(&self->t, 1));
	ASSERT_OK(tvm_wake(&self->t, 1, COUNTER_CODE));
	ASSERT_OK(tvm_next_out(&self->t, 1, &value));
	before = get(&self->t, 1, HV_X64_REGISTER_TSC);
	ASSERT_OK(set(&self->t, 0, HV_X64_REGISTER_TSC, 2 * AHEAD));
	value = get(&self->t, 1, HV_X64_REGISTER_TSC);
	EXPECT_LT(before, value);
	EXPECT_GT(AHEAD, value);
}

/* There need not be a VP 1. */
TEST_F(clocks, with_a_hole)
{
	ASSERT_OK(tvm_vp(&self->t, 2));
	ASSERT_OK(set(&self->t, 0, HV_X64_REGISTER_TSC, AHEAD));
	EXPECT_LE(AHEAD, get(&self->t, 2, HV_X64_REGISTER_TSC));
	EXPECT_GE(get(&self->t, 0, HV_X64_REGISTER_TSC) + AHEAD / 2,
		  get(&self->t, 2, HV_X64_REGISTER_TSC));
}

/*
 * What a guest writes is its own processor's.  It writes EDX:EAX, then reads it by RDMSR
 * into RSI, by RDTSC into RDI.
 */
TEST_F(clocks, written_by_the_guest)
{
	static const __u8 code[] = {
		0x0f, 0x30,			/* wrmsr */
		0x0f, 0x32,			/* rdmsr */
		0x48, 0xc1, 0xe2, 0x20,		/* shl rdx, 32 */
		0x48, 0x09, 0xd0,		/* or rax, rdx */
		0x48, 0x89, 0xc6,		/* mov rsi, rax */
		0x0f, 0x31,			/* rdtsc */
		0x48, 0xc1, 0xe2, 0x20,		/* shl rdx, 32 */
		0x48, 0x09, 0xd0,		/* or rax, rdx */
		0x48, 0x89, 0xc7,		/* mov rdi, rax */
		0xba, 0xf8, 0x03, 0, 0,		/* mov edx, 0x3f8 */
		OUT_AL,
	};
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RCX, MSR_TSC),
		vmm_value(HV_X64_REGISTER_RAX, 0),
		vmm_value(HV_X64_REGISTER_RDX, AHEAD >> 32),
	};
	__u64 adjusted, value;

	ASSERT_OK(tvm_vp(&self->t, 1));
	memcpy(self->t.memory + TVM_CODE, code, sizeof(code));
	ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(regs)));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_LE(AHEAD, get(&self->t, 0, HV_X64_REGISTER_RSI));
	EXPECT_LT(get(&self->t, 0, HV_X64_REGISTER_RSI), get(&self->t, 0, HV_X64_REGISTER_RDI));
	EXPECT_LT(get(&self->t, 0, HV_X64_REGISTER_RDI), get(&self->t, 0, HV_X64_REGISTER_TSC));
	EXPECT_GT(2 * AHEAD, get(&self->t, 0, HV_X64_REGISTER_TSC));
	EXPECT_GT(AHEAD, get(&self->t, 1, HV_X64_REGISTER_TSC));
	/* By how much, the guest can read as well. */
	adjusted = get(&self->t, 0, HV_X64_REGISTER_TSC_ADJUST);
	EXPECT_LT(AHEAD / 2, adjusted);
	EXPECT_GE(AHEAD, adjusted);
}

/* ---- reference time ---------------------------------------------------------------------- */

static void *run_one(void *data)
{
	int vp = *(int *)data;
	struct hv_message message;
	const struct hv_x64_io_port_intercept_message *io = (void *)message.u.bytes;
	int ret = vmm_run(vp, &message);

	if (ret)
		return (void *)(long)ret;
	if (message.header.message_type != HVMSG_X64_IO_PORT_INTERCEPT)
		return (void *)(long)-EPROTO;
	return (void *)(long)(io->rax & 0xff);
}

/*
 * Guests on this number of processors, at the same time; returns the first bad
 * answer.
 */
static long read_times(struct tvm *t, unsigned int count)
{
	pthread_t thread[NR_CPUS];
	long worst = CLOCKS_FORWARDS;
	unsigned int i;
	void *result;

	for (i = 0; i < count; i++)
		if (pthread_create(&thread[i], NULL, run_one, &t->vp[i]))
			return -EAGAIN;
	for (i = 0; i < count; i++) {
		pthread_join(thread[i], &result);
		if ((long)result != CLOCKS_FORWARDS)
			worst = (long)result;
	}
	return worst;
}

static int more_processors(struct tvm *t, unsigned int count)
{
	unsigned int i;
	int ret = 0;

	for (i = 1; !ret && i < count; i++) {
		ret = tvm_vp(t, i);
		ret = ret < 0 ? ret : tvm_wake(t, i, TVM_CODE);
		ret = ret ?: tvm_long_mode(t, i, TVM_CODE);
	}
	return ret;
}

static long never_backwards(struct tvm *t, unsigned int count)
{
	int ret = more_processors(t, count);

	ret = ret ?: set(t, 0, HV_REGISTER_REFERENCE_TSC, CLOCKS_PAGE | 1);
	return ret ?: read_times(t, count);
}

TEST_F(clocks, one_never_backwards)
{
	EXPECT_EQ(CLOCKS_FORWARDS, never_backwards(&self->t, 1));
}

TEST_F(clocks, two_never_backwards)
{
	EXPECT_EQ(CLOCKS_FORWARDS, never_backwards(&self->t, 2));
}

TEST_F(clocks, four_never_backwards)
{
	EXPECT_EQ(CLOCKS_FORWARDS, never_backwards(&self->t, 4));
}

/* ---- saved and restored ------------------------------------------------------------------ */

/* What a VMM saves of a guest's clocks. */
struct saved {
	__u64 reference;
	__u64 page;
	__u64 counter[NR_CPUS];
};

static int save(struct tvm *t, unsigned int count, struct saved *s)
{
	int ret = vmm_set_property(t->part, HV_PARTITION_PROPERTY_TIME_FREEZE, 1);
	unsigned int i;

	ret = ret ?: vmm_get_property(t->part, HV_PARTITION_PROPERTY_REFERENCE_TIME,
				      &s->reference);
	ret = ret ?: vmm_get_register(t->vp[0], 0, HV_REGISTER_REFERENCE_TSC, &s->page);
	for (i = 0; !ret && i < count; i++)
		ret = vmm_get_register(t->vp[i], i, HV_X64_REGISTER_TSC, &s->counter[i]);
	return ret;
}

static int restore(struct tvm *t, unsigned int count, const struct saved *s)
{
	int ret = vmm_set_property(t->part, HV_PARTITION_PROPERTY_TIME_FREEZE, 1);
	unsigned int i;

	ret = ret ?: vmm_set_property(t->part, HV_PARTITION_PROPERTY_REFERENCE_TIME,
				      s->reference);
	ret = ret ?: set(t, 0, HV_REGISTER_REFERENCE_TSC, s->page);
	for (i = 0; !ret && i < count; i++)
		ret = set(t, i, HV_X64_REGISTER_TSC, s->counter[i]);
	return ret ?: vmm_set_property(t->part, HV_PARTITION_PROPERTY_TIME_FREEZE, 0);
}

/* Another partition continues with the guest's memory, which has the latest readings. */
static long across_save(struct tvm *t, unsigned int count)
{
	struct saved saved = { 0 };
	struct tvm other;
	long said = never_backwards(t, count);
	int ret;

	if (said != CLOCKS_FORWARDS)
		return said;
	ret = save(t, count, &saved);
	ret = ret ?: tvm_start_long(&other, code_clocks, code_clocks_end - code_clocks);
	if (ret)
		return ret;
	memcpy(other.memory, t->memory, t->size);
	ret = more_processors(&other, count);
	ret = ret ?: restore(&other, count, &saved);
	said = ret ?: read_times(&other, count);
	if (said == CLOCKS_FORWARDS && get(&other, 0, HV_REGISTER_TIME_REF_COUNT) < saved.reference)
		said = CLOCKS_BACKWARDS;
	tvm_close(&other);
	return said;
}

TEST_F(clocks, one_across_save)
{
	EXPECT_EQ(CLOCKS_FORWARDS, across_save(&self->t, 1));
}

TEST_F(clocks, two_across_save)
{
	EXPECT_EQ(CLOCKS_FORWARDS, across_save(&self->t, 2));
}

TEST_F(clocks, four_across_save)
{
	EXPECT_EQ(CLOCKS_FORWARDS, across_save(&self->t, 4));
}

/* Time continues from where it was when the counter that it is derived from is set. */
TEST_F(clocks, counter_set_in_between)
{
	__u64 before;

	ASSERT_EQ(CLOCKS_FORWARDS, never_backwards(&self->t, 1));
	before = get(&self->t, 0, HV_REGISTER_TIME_REF_COUNT);
	ASSERT_OK(set(&self->t, 0, HV_X64_REGISTER_TSC, AHEAD));
	memset(self->t.memory + CLOCKS_COUNTER, 0, sizeof(__u64));
	EXPECT_LE(before, get(&self->t, 0, HV_REGISTER_TIME_REF_COUNT));
	ASSERT_OK(tvm_long_mode(&self->t, 0, TVM_CODE));
	EXPECT_EQ(CLOCKS_FORWARDS, read_times(&self->t, 1));
}

/* Writes to the port for ever. */
static const __u8 guest_outs[] = { 0x66, 0xba, 0xf8, 0x03, OUT_AL, 0xeb, 0xfd };

/* ---- a timer's message --------------------------------------------------------------------- */

static int set_timer_at(struct tvm *t, unsigned int n, __u64 due)
{
	int ret = set(t, 0, HV_REGISTER_STIMER0_COUNT + 2 * n, due);

	return ret ?: set(t, 0, HV_REGISTER_STIMER0_CONFIG + 2 * n, HV_STIMER_ENABLE |
			  (__u64)SINT << HV_STIMER_SINT_SHIFT);
}

static int set_timer(struct tvm *t, unsigned int n)
{
	return set_timer_at(t, n, STIMER_NOW);
}

static bool has_fired(struct tvm *t, unsigned int n)
{
	return !(get(t, 0, HV_REGISTER_STIMER0_CONFIG + 2 * n) & HV_STIMER_ENABLE);
}

/* The slot, as the guest would see it. */
static const struct hv_message *slot(struct tvm *t, __u8 *page)
{
	const struct hv_message *messages = (void *)page;
	__u32 size = VMM_PAGE;

	if (vmm_get_state(t->vp[0], MSHV_VP_STATE_SIMP, page, &size))
		memset(page, 0xff, VMM_PAGE);
	return &messages[SINT];
}

/* As a guest that has read its message. */
static int empty_slot(struct tvm *t, __u8 *page)
{
	__u32 size = VMM_PAGE;

	memset(page, 0, VMM_PAGE);
	return vmm_set_state(t->vp[0], MSHV_VP_STATE_SIMP, page, &size);
}

static __u32 timer_of(const struct hv_message *message)
{
	const struct hv_timer_message_payload *payload = (void *)message->u.bytes;

	return message->header.message_type == HVMSG_TIMER_EXPIRED ?
	       payload->timer_index : ~0U;
}

static int listen(struct tvm *t)
{
	int ret = set(t, 0, HV_REGISTER_SCONTROL, 1);

	ret = ret ?: set(t, 0, HV_REGISTER_SIMP, 0x6000 | 1);
	return ret ?: set(t, 0, HV_REGISTER_SINT0 + SINT, 0x40 | HV_SYNIC_SINT_POLLING);
}

static __u16 post_status(struct tvm *t)
{
	struct hv_input_post_message_direct in = { .sint_index = SINT };
	struct hv_message *message = (void *)in.message;
	struct vmm_call call = {
		.code = HVCALL_POST_MESSAGE_DIRECT, .in = &in, .in_size = sizeof(in),
	};

	message->header.message_type = MESSAGE_TYPE;
	message->header.payload_size = sizeof(__u64);
	vmm_hvcall(t->part, &call);
	return call.status;
}

static int post(struct tvm *t)
{
	return post_status(t) ? -EIO : 0;
}

TEST_F(clocks, slot_taken)
{
	ASSERT_OK(listen(&self->t));
	ASSERT_OK(set_timer(&self->t, 0));
	ASSERT_TRUE(wait_until(has_fired(&self->t, 0)));
	EXPECT_EQ(0, timer_of(slot(&self->t, self->page)));
	EXPECT_EQ(0, slot(&self->t, self->page)->header.message_flags);

	/* Another two wait, and the guest is notified of each message. */
	ASSERT_OK(set_timer(&self->t, 1));
	ASSERT_TRUE(wait_until(has_fired(&self->t, 1)));
	EXPECT_EQ(0, timer_of(slot(&self->t, self->page)));
	EXPECT_EQ(HV_MESSAGE_FLAG_PENDING, slot(&self->t, self->page)->header.message_flags);
	ASSERT_OK(set_timer(&self->t, 2));
	ASSERT_TRUE(wait_until(has_fired(&self->t, 2)));

	ASSERT_OK(empty_slot(&self->t, self->page));
	ASSERT_OK(set(&self->t, 0, HV_REGISTER_EOM, 0));
	EXPECT_EQ(1, timer_of(slot(&self->t, self->page)));
	EXPECT_EQ(HV_MESSAGE_FLAG_PENDING, slot(&self->t, self->page)->header.message_flags);

	ASSERT_OK(empty_slot(&self->t, self->page));
	ASSERT_OK(set(&self->t, 0, HV_REGISTER_EOM, 0));
	EXPECT_EQ(2, timer_of(slot(&self->t, self->page)));
	EXPECT_EQ(0, slot(&self->t, self->page)->header.message_flags);
}

/*
 * A message from elsewhere in the slot that a timer waits for does not lose the
 * timer's.
 */
TEST_F(clocks, slot_taken_by_another)
{
	ASSERT_OK(listen(&self->t));
	ASSERT_OK(set_timer(&self->t, 0));
	ASSERT_TRUE(wait_until(has_fired(&self->t, 0)));
	ASSERT_OK(set_timer(&self->t, 1));
	ASSERT_TRUE(wait_until(has_fired(&self->t, 1)));
	ASSERT_OK(empty_slot(&self->t, self->page));
	ASSERT_OK(post(&self->t));
	EXPECT_EQ(MESSAGE_TYPE, slot(&self->t, self->page)->header.message_type);
	EXPECT_EQ(HV_MESSAGE_FLAG_PENDING, slot(&self->t, self->page)->header.message_flags);
}

/* A message takes a slot of a SynIC that is on; the VMM is told when it can have it. */
TEST_F(clocks, slot_to_be_had)
{
	const __u64 wanted = 1ULL << (SINT + HV_DELIVERABILITY_SINTS_SHIFT);
	const struct hv_x64_synic_sint_deliverable_message *m =
		(const void *)self->t.message.u.bytes;
	unsigned int round;
	__u64 value;

	memcpy(self->t.memory + TVM_CODE, guest_outs, sizeof(guest_outs));
	ASSERT_OK(tvm_long_mode(&self->t, 0, TVM_CODE));
	ASSERT_OK(set(&self->t, 0, HV_X64_REGISTER_DELIVERABILITY_NOTIFICATIONS, wanted));
	for (round = 0; round < 3; round++) {
		ASSERT_OK(set(&self->t, 0, HV_REGISTER_SCONTROL, round == 1));
		ASSERT_OK(set(&self->t, 0, HV_REGISTER_SIMP, 0x6000 | (round == 2)));
		EXPECT_EQ(HV_STATUS_INVALID_SYNIC_STATE, post_status(&self->t));
		EXPECT_EQ(0, tvm_next_out(&self->t, 0, &value));
	}
	ASSERT_OK(listen(&self->t));
	for (round = 0; round < 2; round++) {
		ASSERT_OK(tvm_run(&self->t, 0));
		EXPECT_EQ(HVMSG_SYNIC_SINT_DELIVERABLE, self->t.message.header.message_type);
		EXPECT_EQ(1 << SINT, m->deliverable_sints);
		EXPECT_EQ(0, post_status(&self->t));
		EXPECT_EQ(HV_STATUS_OBJECT_IN_USE, post_status(&self->t));
		ASSERT_OK(set(&self->t, 0, HV_X64_REGISTER_DELIVERABILITY_NOTIFICATIONS,
			      wanted));
		EXPECT_EQ(0, tvm_next_out(&self->t, 0, &value));
		ASSERT_OK(empty_slot(&self->t, self->page));
	}
}

/* The last possible time never comes. */
TEST_F(clocks, timer_for_ever)
{
	ASSERT_OK(listen(&self->t));
	ASSERT_OK(set_timer_at(&self->t, 0, ~0ULL));
	ASSERT_OK(set_timer(&self->t, 1));
	ASSERT_TRUE(wait_until(has_fired(&self->t, 1)));
	EXPECT_FALSE(has_fired(&self->t, 0));
	EXPECT_EQ(1, timer_of(slot(&self->t, self->page)));
}

TEST_HARNESS_MAIN
