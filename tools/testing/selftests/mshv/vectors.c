// SPDX-License-Identifier: GPL-2.0
/*
 * What arrives in the guest when an eventfd is signalled: the route's interrupt,
 * once, at the right processor, and nothing without a route.
 *
 * Model: see ear.h.  That nothing has arrived is shown by an interrupt of lower
 * priority that is asserted afterwards and arrives alone.
 */
#include <sys/eventfd.h>

#include "harness.h"
#include "ear.h"

#define GSI		5
#define VECTOR		0x45
#define ROUNDS		40

FIXTURE(vectors) {
	struct books before;
	struct tvm t;
	struct ear ear;
	int event;
	unsigned int lasts;
	bool books;
};

FIXTURE_SETUP(vectors)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(sleeper_start(&self->t));
	ASSERT_OK(ear_open(&self->ear, self->t.vp[0], 0));
	ASSERT_TRUE(ear_wait(&self->ear, EAR_READY, 1));
	self->event = eventfd(0, EFD_CLOEXEC);
	ASSERT_LE(0, self->event);
}

FIXTURE_TEARDOWN(vectors)
{
	ear_close(&self->ear);
	EXPECT_EQ(0, self->ear.result);
	EXPECT_EQ(0, self->ear.other);
	close(self->event);
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/* Everything that was in flight has arrived before this. */
#define SETTLE() do {							\
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_FIXED,	\
			     false, false, 0, EAR_LAST));		\
	ASSERT_TRUE(ear_wait(&self->ear, EAR_LAST, ++self->lasts));	\
} while (0)

TEST_F(vectors, pitfall_U1_absent_processor)
{
	static const __u32 absent[] = { 1, 200, 254, 0x100, 0xffff00 };
	unsigned int i;

	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	for (i = 0; i < ARRAY_SIZE(absent); i++) {
		ASSERT_OK(route(self->t.part, GSI, absent[i], VECTOR));
		ASSERT_EQ(0, ring(self->event));
		SETTLE();
	}
	EXPECT_EQ(0, ear_heard(&self->ear, VECTOR));
	ASSERT_OK(route(self->t.part, GSI, 0, VECTOR));
	ASSERT_EQ(0, ring(self->event));
	EXPECT_TRUE(ear_wait(&self->ear, VECTOR, 1));
}

TEST_F(vectors, pitfall_2_exactly_one)
{
	unsigned int i;

	ASSERT_OK(route(self->t.part, GSI, 0, VECTOR));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	for (i = 1; i <= ROUNDS; i++) {
		ASSERT_EQ(0, ring(self->event));
		ASSERT_TRUE(ear_wait(&self->ear, VECTOR, i));
	}
	SETTLE();
	EXPECT_EQ(ROUNDS, ear_heard(&self->ear, VECTOR));
}

TEST_F(vectors, pitfall_2_mode_of_the_route)
{
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	/* The vector of an NMI is ignored. */
	ASSERT_OK(route(self->t.part, GSI, 0, EAR_AS_NMI | VECTOR));
	ASSERT_EQ(0, ring(self->event));
	EXPECT_TRUE(ear_wait(&self->ear, EAR_NMI, 1));
	ASSERT_OK(route(self->t.part, GSI, 0, EAR_LOWEST | VECTOR));
	ASSERT_EQ(0, ring(self->event));
	EXPECT_TRUE(ear_wait(&self->ear, VECTOR, 1));
	/* One bit of the TMR is both for this one and for what comes next. */
	SETTLE();
	ASSERT_OK(route(self->t.part, GSI, 0, EAR_LEVEL | VECTOR));
	ASSERT_EQ(0, ring(self->event));
	EXPECT_TRUE(ear_wait(&self->ear, VECTOR, 2));
	/* A VMM that ignores the end of that one is not blocked. */
	ASSERT_EQ(0, ring(self->event));
	EXPECT_TRUE(ear_wait(&self->ear, VECTOR, 3));
	EXPECT_TRUE(wait_until(__atomic_load_n(&self->ear.ends, __ATOMIC_RELAXED) == 2));
	SETTLE();
	EXPECT_EQ(3, ear_heard(&self->ear, VECTOR));
	EXPECT_EQ(1, ear_heard(&self->ear, EAR_NMI));
}

TEST_F(vectors, pitfall_U3_gsi_0_without_a_route)
{
	const struct mshv_user_irq_entry empty = { .gsi = 0 };
	int other = eventfd(0, EFD_CLOEXEC);
	__u64 calls = 0;

	ASSERT_EQ(0, irqfd(self->t.part, self->event, 0, 0));
	ASSERT_EQ(0, irqfd(self->t.part, other, GSI, 0));
	if (self->books)
		ASSERT_EQ(0, rv_mark());
	/* Without a table, with one that ends before it, with an empty entry. */
	ASSERT_EQ(0, ring(self->event));
	ASSERT_OK(route(self->t.part, 1, 0, VECTOR));
	ASSERT_EQ(0, ring(self->event));
	ASSERT_EQ(0, ring(other));
	ASSERT_OK(vmm_route(self->t.part, &empty, 1));
	ASSERT_EQ(0, ring(self->event));
	if (self->books) {
		ASSERT_EQ(0, rv_count_call(HVCALL_ASSERT_VIRTUAL_INTERRUPT,
					   &calls));
		EXPECT_EQ(0, calls);
	}
	SETTLE();
	EXPECT_EQ(0, ear_heard(&self->ear, VECTOR));
	EXPECT_EQ(0, ear_heard(&self->ear, 0));
	ASSERT_OK(route(self->t.part, 0, 0, VECTOR));
	ASSERT_EQ(0, ring(self->event));
	EXPECT_TRUE(ear_wait(&self->ear, VECTOR, 1));
	close(other);
}

TEST_F(vectors, pitfall_9_resample_by_vector)
{
	/* The GSI of one is the other's vector. */
	const __u32 gsis[] = { GSI, VECTOR };
	const struct mshv_user_irq_entry entries[] = {
		{ .gsi = GSI, .address_lo = 0xfee00000,
		  .data = EAR_LEVEL | VECTOR },
		{ .gsi = VECTOR, .address_lo = 0xfee00000,
		  .data = EAR_LEVEL | (VECTOR + 1) },
	};
	int events[2], again[2];
	unsigned int i, round;
	__u64 count;

	ASSERT_OK(vmm_route(self->t.part, entries, 2));
	for (i = 0; i < 2; i++) {
		events[i] = eventfd(0, EFD_CLOEXEC);
		again[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		ASSERT_EQ(0, irqfd_resample(self->t.part, events[i], again[i],
					    gsis[i]));
	}
	for (round = 1; round <= 5; round++) {
		for (i = 0; i < 2; i++) {
			ASSERT_EQ(0, ring(events[i]));
			EXPECT_TRUE(ear_wait(&self->ear, VECTOR + i, round));
			EXPECT_TRUE(rung(again[i]));
			EXPECT_EQ(-1, read(again[!i], &count, sizeof(count)));
		}
	}
	for (i = 0; i < 2; i++) {
		close(events[i]);
		close(again[i]);
	}
}

/* Interrupts end while the resampler is removed. */
TEST_F(vectors, pitfall_A8_eoi_storm)
{
	int again = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	unsigned int i;

	ASSERT_OK(route(self->t.part, GSI, 0, EAR_LEVEL | VECTOR));
	for (i = 1; i <= ROUNDS; i++) {
		ASSERT_EQ(0, irqfd_resample(self->t.part, self->event, again,
					    GSI));
		ASSERT_EQ(0, ring(self->event));
		/* Reported is not yet ended. */
		ASSERT_TRUE(ear_wait(&self->ear, VECTOR, i));
		ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, DEASSIGN));
	}
	ASSERT_EQ(0, irqfd_resample(self->t.part, self->event, again, GSI));
	while (read(again, &(__u64){ 0 }, 8) == 8)
		;
	ASSERT_EQ(0, ring(self->event));
	EXPECT_TRUE(ear_wait(&self->ear, VECTOR, i));
	EXPECT_TRUE(rung(again));
	close(again);
}

/*
 * The id of a new eventfd, which is closed again, or -1.  The kernel assigns the
 * lowest free id, and an id is free when nothing refers to the eventfd any more,
 * neither a file nor a context.
 */
static int free_eventfd_id(void)
{
	int event = eventfd(0, EFD_CLOEXEC), id = -1;
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", event);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file) &&
	       sscanf(line, "eventfd-id: %d", &id) != 1)
		;
	if (file)
		fclose(file);
	close(event);
	return id;
}

#define MANY	64

/* However an assignment fails, the file is closed when its owner closes it. */
TEST_F(vectors, pitfall_A2_eventfd_is_released)
{
	unsigned int i;
	int before;

	ASSERT_OK(route(self->t.part, GSI, 0, VECTOR));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	before = free_eventfd_id();
	ASSERT_LE(0, before);
	for (i = 0; i < MANY; i++) {
		int event = eventfd(0, EFD_CLOEXEC);

		EXPECT_EQ(-EINVAL, irqfd(self->t.part, event, 4096, 0));
		EXPECT_EQ(-EINVAL, irqfd_resample(self->t.part, event, event,
						  GSI));
		EXPECT_EQ(-EBADF, irqfd_resample(self->t.part, event, -1, GSI));
		EXPECT_EQ(0, irqfd(self->t.part, event, GSI, 0));
		EXPECT_EQ(-EBUSY, irqfd(self->t.part, event, GSI + 1, 0));
		EXPECT_EQ(0, irqfd(self->t.part, event, GSI, DEASSIGN));
		close(event);
	}
	/* They are freed after a while, by RCU. */
	EXPECT_TRUE(wait_until(free_eventfd_id() <= before));
}

/* An index above 255, whose low byte is another processor's. */
TEST_F(vectors, pitfall_U32_wide_destination)
{
	const unsigned int wide = 0x100;
	struct tvm far = self->t;
	struct ear ear;

	far.vp[0] = vmm_create_vp(self->t.part, wide);
	ASSERT_LE(0, far.vp[0]) {
		TH_LOG("%s", vmm_error());
	}
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_INIT, false,
			     false, wide, 0));
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_SIPI, false,
			     false, wide, TVM_CODE / VMM_PAGE));
	ASSERT_OK(ear_open(&ear, far.vp[0], wide));
	EXPECT_TRUE(ear_wait(&ear, EAR_READY, 1));
	ASSERT_OK(route(self->t.part, GSI, wide, VECTOR));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	ASSERT_EQ(0, ring(self->event));
	EXPECT_TRUE(ear_wait(&ear, VECTOR, 1));
	ear_close(&ear);
	EXPECT_EQ(0, ear.result);
	SETTLE();
	EXPECT_EQ(0, ear_heard(&self->ear, VECTOR));
	close(far.vp[0]);
}

TEST_HARNESS_MAIN
