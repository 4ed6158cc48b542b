// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts for a sleeping processor in its register page: they cost no hypercall,
 * and none is lost or duplicated.
 *
 * Model: see ear.h.  A test waits until the processor's thread sleeps in RUN_VP,
 * because only then the page is used; the same interrupts must arrive if it is not,
 * and under the other scheduler, which does not use the page.
 */
#include <sys/eventfd.h>

#include <hyperv/hv_vp.h>

#include "harness.h"
#include "ear.h"

#define GSI		5
#define VECTOR		0x45
#define MSI_LOGICAL	0xfee00004
#define ROUNDS		20
/* The thread also wakes by itself now and then, and may be found awake. */
#define ROUNDS_MAX	(2 * ROUNDS)

FIXTURE(vectorpage) {
	struct books before;
	struct tvm t;
	struct ear ear;
	int event;
	bool books;
	bool listening;
};

FIXTURE_SETUP(vectorpage)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(sleeper_start(&self->t));
	self->event = eventfd(0, EFD_CLOEXEC);
	ASSERT_LE(0, self->event);
}

FIXTURE_TEARDOWN(vectorpage)
{
	if (self->books)
		rv_rules_clear();
	if (self->listening)
		ear_close(&self->ear);
	close(self->event);
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

#define LISTEN() do {							\
	ASSERT_OK(ear_open(&self->ear, self->t.vp[0], 0));		\
	self->listening = true;						\
	ASSERT_TRUE(ear_wait(&self->ear, EAR_READY, 1));		\
} while (0)

/* Its thread sleeps in RUN_VP, and its processor has nothing more to do. */
#define LET_SLEEP()	ASSERT_TRUE(wait_until(stands_in_run(self->ear.tid)))

/* Pitfalls 2 and 19: no hypercall for it, not twice, and not some time later. */
TEST_F(vectorpage, no_hypercall)
{
	unsigned int i, silent = 0;
	__u64 asserts = 0;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	if (!tvm_root_scheduler(&self->t))
		SKIP(return, "needs the root scheduler");
	ASSERT_OK(route(self->t.part, GSI, 0, VECTOR));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	LISTEN();
	for (i = 0; silent < ROUNDS && i < ROUNDS_MAX; silent += !asserts) {
		LET_SLEEP();
		ASSERT_EQ(0, rv_mark());
		ASSERT_EQ(0, ring(self->event));
		ASSERT_TRUE(ear_wait(&self->ear, VECTOR, ++i));
		ASSERT_EQ(0, rv_count_call(HVCALL_ASSERT_VIRTUAL_INTERRUPT,
					   &asserts));
	}
	EXPECT_EQ(ROUNDS, silent);
	EXPECT_EQ(i, ear_heard(&self->ear, VECTOR));
}

/* The page has room for seven. */
TEST_F(vectorpage, more_than_fit)
{
	int events[EAR_VECTORS];
	unsigned int i, round;

	ASSERT_OK(ear_irqfds(self->t.part, events));
	LISTEN();
	for (round = 1; round <= ROUNDS; round++) {
		LET_SLEEP();
		for (i = 0; i < EAR_VECTORS; i++)
			ASSERT_EQ(0, ring(events[i]));
		for (i = 0; i < EAR_VECTORS; i++)
			EXPECT_TRUE(ear_wait(&self->ear, EAR_FIRST + i, round));
	}
	for (i = 0; i < EAR_VECTORS; i++) {
		EXPECT_EQ(ROUNDS, ear_heard(&self->ear, EAR_FIRST + i));
		close(events[i]);
	}
}

/* Each arrives by a hypercall of its own, at every sleep. */
#define EXPECT_HYPERCALLS() do {					\
	unsigned int round_;						\
	__u64 asserts_;							\
									\
	LISTEN();							\
	for (round_ = 1; round_ <= 3; round_++) {			\
		LET_SLEEP();						\
		ASSERT_EQ(0, rv_mark());				\
		ASSERT_EQ(0, ring(self->event));			\
		ASSERT_TRUE(ear_wait(&self->ear, VECTOR, round_));	\
		ASSERT_EQ(0, rv_count_call(HVCALL_ASSERT_VIRTUAL_INTERRUPT, \
					   &asserts_));			\
		EXPECT_EQ(1, asserts_);					\
	}								\
} while (0)

/* The hypervisor does not say which processor has the local APIC. */
TEST_F(vectorpage, local_apic_is_not_told)
{
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_OK(route(self->t.part, GSI, 0, VECTOR));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_INDEX_FROM_APIC_ID,
			     HV_STATUS_OPERATION_FAILED, 0, 1, &rule));
	EXPECT_HYPERCALLS();
}

/* It says that it has told it, and has not. */
TEST_F(vectorpage, local_apic_is_left_out)
{
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_OK(route(self->t.part, GSI, 0, VECTOR));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	ASSERT_EQ(0, rv_rep_stop(HVCALL_GET_VP_INDEX_FROM_APIC_ID, HV_STATUS_SUCCESS,
				 0, 0, &rule));
	EXPECT_HYPERCALLS();
}

/* A processor whose register page the hypervisor does not map. */
TEST_F(vectorpage, without_the_page)
{
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	tvm_close(&self->t);
	ASSERT_EQ(0, rv_fail(HVCALL_MAP_VP_STATE_PAGE, HV_STATUS_OPERATION_FAILED, 1,
			     1, &rule));
	ASSERT_OK(sleeper_start(&self->t));
	ASSERT_EQ(NULL, vmm_map_page(self->t.vp[0], MSHV_VP_MMAP_OFFSET_REGISTERS));
	ASSERT_OK(route(self->t.part, GSI, 0, VECTOR));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	EXPECT_HYPERCALLS();
}

/* The page has interrupts for one local APIC, not for a set of them. */
TEST_F(vectorpage, logical_destination)
{
	/* The first processor of the first cluster. */
	const struct mshv_user_irq_entry entry = {
		.gsi = GSI, .address_lo = MSI_LOGICAL | 1 << 12, .data = VECTOR,
	};

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_OK(vmm_route(self->t.part, &entry, 1));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	EXPECT_HYPERCALLS();
}

static volatile pid_t runner;

static void *run_once(void *data)
{
	struct hv_message message;

	runner = gettid();
	return (void *)(long)vmm_run(*(int *)data, &message);
}

/* A run that ends before its dispatch leaves the interrupt in the local APIC. */
TEST_F(vectorpage, run_ends_instead)
{
	const struct hv_local_interrupt_controller_state *apic;
	__u32 size = VMM_PAGE, rule;
	pthread_t thread;
	void *result;
	__u64 value;
	__u8 *page;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	if (!tvm_root_scheduler(&self->t))
		SKIP(return, "needs the root scheduler");
	page = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	apic = (const void *)page;
	ASSERT_OK(route(self->t.part, GSI, 0, VECTOR));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(EAR_READY, value);
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_once, &self->t.vp[0]));
	ASSERT_TRUE(wait_until(stands_in_run(runner)));
	ASSERT_EQ(0, rv_fail(HVCALL_DISPATCH_VP, HV_STATUS_OPERATION_FAILED, 0,
			     1, &rule));
	ASSERT_EQ(0, ring(self->event));
	ASSERT_EQ(0, pthread_join(thread, &result));
	EXPECT_EQ(-EIO, (long)result);
	ASSERT_OK(vmm_get_state(self->t.vp[0], MSHV_VP_STATE_LAPIC, page,
				&size));
	EXPECT_EQ(1U << VECTOR % 32, apic->apic_irr[VECTOR / 32]);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(VECTOR, value);
	munmap(page, VMM_PAGE);
}

/* After a local APIC has been set its id is queried again. */
TEST_F(vectorpage, local_apic_is_set)
{
	__u32 size = VMM_PAGE;
	struct mshv_get_set_vp_state state = {
		.type = MSHV_VP_STATE_LAPIC, .buf_sz = VMM_PAGE,
	};
	unsigned int i;
	__u8 *page;

	page = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	state.buf_ptr = (unsigned long)page;
	ASSERT_OK(route(self->t.part, GSI, 0, VECTOR));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	for (i = 0; i < 3; i++) {
		ASSERT_OK(ear_open(&self->ear, self->t.vp[0], 0));
		self->listening = true;
		/* It reports ready only once, and sleeps since. */
		if (!i)
			ASSERT_TRUE(ear_wait(&self->ear, EAR_READY, 1));
		LET_SLEEP();
		ASSERT_EQ(0, ring(self->event));
		ASSERT_TRUE(ear_wait(&self->ear, VECTOR, 1));
		/* Its handler has returned. */
		LET_SLEEP();
		ear_close(&self->ear);
		self->listening = false;
		ASSERT_OK(vmm_get_state(self->t.vp[0], MSHV_VP_STATE_LAPIC,
					page, &size));
		ASSERT_EQ(0, ioctl(self->t.vp[0], MSHV_SET_VP_STATE, &state));
	}
	munmap(page, VMM_PAGE);
}

TEST_HARNESS_MAIN
