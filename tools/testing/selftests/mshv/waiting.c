// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts for a processor that is not being run: they cost no hypercall, wait until
 * it is, and are part of its state all the time.
 *
 * Model: the sleeper of ear.h has stopped to report something, so that its processor is
 * not being run.  What waits for it is in its register page, until a dispatch or a look at
 * the state takes it.  Under the other scheduler the same must arrive, by one hypercall
 * each.
 */
#include <sys/eventfd.h>

#include <hyperv/hv_vp.h>

#include "apics.h"
#include "ear.h"
#include "harness.h"
#include "repeat.h"

#define GSI		5
#define VECTOR		0x45
#define APIC_ID		0x21
#define ROUNDS		100

FIXTURE(waiting) {
	struct books before;
	struct tvm t;
	struct hv_local_interrupt_controller_state *apic;
	const struct hv_vp_register_page *page;
	int event;
	bool free;	/* it costs no hypercall */
};

FIXTURE_SETUP(waiting)
{
	self->event = -1;
	if (rv_open() || books_read(&self->before))
		SKIP(return, NO_ROOTVISOR);
	ASSERT_OK(sleeper_start(&self->t));
	self->event = eventfd(0, EFD_CLOEXEC);
	ASSERT_LE(0, self->event);
	self->free = own_driver() && tvm_root_scheduler(&self->t);
	self->page = vmm_map_page(self->t.vp[0], MSHV_VP_MMAP_OFFSET_REGISTERS);
	ASSERT_NE(NULL, self->page);
	self->apic = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->apic);
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
}

FIXTURE_TEARDOWN(waiting)
{
	if (self->event < 0)
		return;
	rv_rules_clear();
	munmap(self->apic, VMM_PAGE);
	if (self->page)
		munmap((void *)self->page, VMM_PAGE);
	close(self->event);
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

/* All that has been asserted before is reported before this. */
#define EXPECT_NOTHING_MORE() do {					\
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_FIXED,	\
			     false, false, 0, EAR_LAST));		\
	EXPECT_REPORT(EAR_LAST);					\
} while (0)

/* A signal that has to wait, and how many hypercalls it takes. */
#define RING(calls) do {						\
	__u64 asserts_;							\
									\
	ASSERT_EQ(0, rv_mark());					\
	ASSERT_EQ(0, ring(self->event));				\
	ASSERT_EQ(0, rv_count_call(HVCALL_ASSERT_VIRTUAL_INTERRUPT,	\
				   &asserts_));				\
	EXPECT_EQ(calls, asserts_);					\
} while (0)

#define WAITS()		(self->page->interrupt_vectors.vector_count)

/* The guest has switched its local APIC on, and stopped. */
#define READY(destination, data) do {					\
	ASSERT_OK(route(self->t.part, GSI, destination, data));		\
	EXPECT_REPORT(EAR_READY);					\
} while (0)

TEST_F(waiting, no_hypercall)
{
	unsigned int i;

	READY(0, VECTOR);
	for (i = 0; i < 3; i++) {
		RING(!self->free);
		EXPECT_EQ(self->free, WAITS());
		/* A local APIC cannot have it pending twice. */
		RING(!self->free);
		EXPECT_EQ(self->free, WAITS());
		EXPECT_REPORT(VECTOR);
		EXPECT_EQ(0, WAITS());
	}
	EXPECT_NOTHING_MORE();
}

/* The page has room for seven; the rest is asserted. */
TEST_F(waiting, more_than_fit)
{
	int events[EAR_VECTORS];
	unsigned int i;
	__u64 asserts;

	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, DEASSIGN));
	ASSERT_OK(ear_irqfds(self->t.part, events));
	EXPECT_REPORT(EAR_READY);
	ASSERT_EQ(0, rv_mark());
	for (i = 0; i < EAR_VECTORS; i++)
		ASSERT_EQ(0, ring(events[i]));
	ASSERT_EQ(0, rv_count_call(HVCALL_ASSERT_VIRTUAL_INTERRUPT, &asserts));
	EXPECT_EQ(EAR_VECTORS - (self->free ? HV_VP_REGISTER_PAGE_MAX_VECTOR_COUNT : 0),
		  asserts);
	/* By their priority, wherever they have waited. */
	for (i = EAR_VECTORS; i-- > 0;) {
		EXPECT_REPORT(EAR_FIRST + i);
		close(events[i]);
	}
}

/* It is part of the state when that is read, and then again when it is run. */
TEST_F(waiting, state_is_read)
{
	__u32 size = VMM_PAGE;

	READY(0, VECTOR);
	RING(!self->free);
	ASSERT_OK(vmm_get_state(self->t.vp[0], MSHV_VP_STATE_LAPIC, self->apic, &size));
	EXPECT_EQ(1U << VECTOR % 32, self->apic->apic_irr[VECTOR / 32]);
	EXPECT_EQ(0, WAITS());
	EXPECT_REPORT(VECTOR);
	/* Registers are state as well, whichever file they are read through. */
	RING(!self->free);
	EXPECT_EQ(1, requested(&self->t, VECTOR));
	EXPECT_EQ(0, WAITS());
	EXPECT_REPORT(VECTOR);
	RING(!self->free);
	EXPECT_EQ(0, vmm_set_register(self->t.part, 0, HV_X64_REGISTER_CR2, 0));
	EXPECT_EQ(0, WAITS());
	EXPECT_REPORT(VECTOR);
	EXPECT_NOTHING_MORE();
}

/* It is replaced with the state when that is set. */
TEST_F(waiting, state_is_set)
{
	struct mshv_get_set_vp_state state = {
		.type = MSHV_VP_STATE_LAPIC, .buf_sz = VMM_PAGE,
		.buf_ptr = (unsigned long)self->apic,
	};
	__u32 size = VMM_PAGE;

	READY(0, VECTOR);
	ASSERT_OK(vmm_get_state(self->t.vp[0], MSHV_VP_STATE_LAPIC, self->apic, &size));
	RING(!self->free);
	ASSERT_EQ(0, ioctl(self->t.vp[0], MSHV_SET_VP_STATE, &state));
	EXPECT_EQ(0, WAITS());
	EXPECT_NOTHING_MORE();
	/* The hypervisor is asked for the APIC again, and that is all. */
	RING(!self->free);
	EXPECT_REPORT(VECTOR);
}

TEST_F(waiting, processor_is_reset)
{
	__u32 size = VMM_PAGE;

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "MSHV_RESET_VP");
	READY(0, VECTOR);
	RING(!self->free);
	ASSERT_EQ(0, ioctl(self->t.vp[0], MSHV_RESET_VP));
	EXPECT_EQ(0, WAITS());
	ASSERT_OK(vmm_get_state(self->t.vp[0], MSHV_VP_STATE_LAPIC, self->apic, &size));
	EXPECT_EQ(0, self->apic->apic_irr[VECTOR / 32]);
}

/* To one local APIC it is the same as any other. */
TEST_F(waiting, lowest_priority)
{
	READY(0, EAR_LOWEST | VECTOR);
	RING(!self->free);
	EXPECT_REPORT(VECTOR);
	EXPECT_NOTHING_MORE();
}

/* What may be meant for others is the hypervisor's to say. */
TEST_F(waiting, not_for_one)
{
	struct mshv_user_irq_entry entry = {
		.gsi = GSI, .address_lo = 0xfee00004 | 1 << 12, .data = VECTOR,
	};

	READY(0, EAR_LEVEL | VECTOR);
	RING(1);
	EXPECT_REPORT(VECTOR);
	ASSERT_OK(vmm_route(self->t.part, &entry, 1));
	RING(1);
	EXPECT_EQ(0, WAITS());
}

/* A processor is found by the id of its local APIC, which is not its index. */
TEST_F(waiting, other_apic_id)
{
	struct ear ear;

	ASSERT_OK(apic_set(&self->t, 0, HV_X64_REGISTER_INITIAL_APIC_ID, APIC_ID));
	READY(APIC_ID, VECTOR);
	RING(!self->free);
	EXPECT_REPORT(VECTOR);
	/* It is asserted by that id as well. */
	RING(!self->free);
	EXPECT_EQ(1, requested(&self->t, VECTOR));
	EXPECT_REPORT(VECTOR);
	/* No APIC has the index for an id. */
	ASSERT_OK(route(self->t.part, GSI, 0, VECTOR));
	RING(1);
	EXPECT_EQ(0, requested(&self->t, VECTOR));
	/* While a thread sleeps in RUN_VP. */
	ASSERT_OK(route(self->t.part, GSI, APIC_ID, VECTOR));
	ASSERT_OK(ear_open(&ear, self->t.vp[0], 0));
	EXPECT_TRUE(wait_until(stands_in_run(ear.tid)));
	RING(!self->free);
	EXPECT_TRUE(ear_wait(&ear, VECTOR, 1));
	ear_close(&ear);
	EXPECT_EQ(0, ear.result);
}

/* The same id is another processor's than it was, or one's that had none. */
TEST_F(waiting, apic_id_is_set)
{
	ASSERT_OK(route(self->t.part, GSI, 1, VECTOR));
	RING(1);
	EXPECT_EQ(0, requested(&self->t, VECTOR));
	ASSERT_OK(tvm_vp(&self->t, 1));
	RING(!self->free);
	EXPECT_EQ(0, WAITS());
	ASSERT_OK(apic_set(&self->t, 1, HV_X64_REGISTER_INITIAL_APIC_ID, APIC_ID));
	ASSERT_OK(apic_set(&self->t, 0, HV_X64_REGISTER_INITIAL_APIC_ID, 1));
	RING(!self->free);
	EXPECT_EQ(self->free, WAITS());
	EXPECT_REPORT(EAR_READY);
}

/* A failure is not remembered for longer than the answer would have been. */
TEST_F(waiting, local_apic_is_not_told)
{
	__u32 rule;

	if (!self->free)
		SKIP(return, "needs the root scheduler");
	READY(0, VECTOR);
	ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_INDEX_FROM_APIC_ID,
			     HV_STATUS_OPERATION_FAILED, 0, 1, &rule));
	RING(1);
	RING(1);
	EXPECT_REPORT(VECTOR);
	ASSERT_OK(tvm_vp(&self->t, 1));
	RING(0);
	EXPECT_REPORT(VECTOR);
}

/* ---- races ------------------------------------------------------------------------------ */

#define RINGERS		4

struct ringer {
	struct ear *ear;
	int event;
	unsigned int vector, lost;
	pthread_t thread;
};

/* Each must be heard before the next one is sent. */
static void *ring_and_wait(void *opaque)
{
	struct ringer *r = opaque;
	unsigned int i;

	for (i = 1; i <= ROUNDS && !r->lost; i++)
		r->lost = ring(r->event) || !ear_wait(r->ear, r->vector, i);
	return NULL;
}

static void look_at_state(void *opaque, unsigned int nr)
{
	struct tvm *t = opaque;
	__u64 value;

	/* Through the partition, whose lock is not the processor's. */
	vmm_get_register(t->part, 0, HV_X64_REGISTER_APIC_IRR0 + nr % 8, &value);
	if (!(nr % 8))
		ioctl(t->vp[0], MSHV_KICK_VP);
}

/*
 * Signals meet a thread that enters, leaves, sleeps, wakes, and is kicked, while
 * another one looks at the state: none is lost, and none comes twice.
 */
TEST_F(waiting, entering_and_leaving)
{
	struct mshv_user_irq_entry entries[RINGERS];
	struct ringer ringers[RINGERS];
	struct repeater looker;
	struct ear ear;
	unsigned int i;

	for (i = 0; i < RINGERS; i++) {
		ringers[i] = (struct ringer){
			.ear = &ear, .event = eventfd(0, EFD_CLOEXEC),
			.vector = VECTOR + i,
		};
		entries[i] = (struct mshv_user_irq_entry){
			.gsi = 10 + i, .address_lo = 0xfee00000, .data = VECTOR + i,
		};
		ASSERT_EQ(0, irqfd(self->t.part, ringers[i].event, 10 + i, 0));
	}
	ASSERT_OK(vmm_route(self->t.part, entries, RINGERS));
	ASSERT_OK(ear_open(&ear, self->t.vp[0], 0));
	ASSERT_TRUE(ear_wait(&ear, EAR_READY, 1));
	ASSERT_EQ(0, repeat_begin(&looker, look_at_state, &self->t));
	for (i = 0; i < RINGERS; i++)
		ASSERT_EQ(0, pthread_create(&ringers[i].thread, NULL, ring_and_wait,
					    &ringers[i]));
	for (i = 0; i < RINGERS; i++) {
		pthread_join(ringers[i].thread, NULL);
		EXPECT_EQ(0, ringers[i].lost);
		EXPECT_EQ(ROUNDS, ear_heard(&ear, ringers[i].vector));
		close(ringers[i].event);
	}
	repeat_end(&looker);
	ear_close(&ear);
	EXPECT_EQ(0, ear.result);
}

static void ring_it(void *event, unsigned int nr)
{
	ring(*(int *)event);
}

/* The register page is unmapped while it is written to: never. */
TEST_F(waiting, partition_ends)
{
	struct repeater ringer;
	unsigned int i;

	/* A mapping would keep the partition. */
	munmap((void *)self->page, VMM_PAGE);
	self->page = NULL;
	ASSERT_EQ(0, repeat_begin(&ringer, ring_it, &self->event));
	for (i = 0; i < 20; i++) {
		ASSERT_OK(route(self->t.part, GSI, 0, VECTOR));
		EXPECT_REPORT(EAR_READY);
		tvm_close(&self->t);
		ASSERT_OK(sleeper_start(&self->t));
		ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	}
	repeat_end(&ringer);
}

TEST_HARNESS_MAIN
