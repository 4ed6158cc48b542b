// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a level triggered interrupt: a VMM with its own IO-APIC gets it from
 * RUN_VP, unless there is a resamplefd.
 *
 * Model: the guest's handlers write their vector to the probe port, end the
 * interrupt and return.  The VMM sends interrupts while the guest is at the port,
 * so that its next exit is known.
 */
#include <sys/eventfd.h>

#include <hyperv/hv_intercept.h>

#include "ear.h"
#include "harness.h"
#include "repeat.h"

#define GSI		5
#define LEVEL		0x41
#define OTHER		0x42
#define EDGE		0x43
#define HIGH		0x51		/* of a class above the others' */
#define OUTER		0x6000		/* handlers of their own */
#define INNER		0x6100
#define ROUNDS		200
#define RESAMPLERS	66		/* more than are signalled in an interrupt */
#define REG_EOI		(HV_X64_REGISTER_APIC_MSR_OFFSET + 0x80b)

FIXTURE(eoi) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(eoi)
{
	__u64 value = 0;

	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(sleeper_start(&self->t));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	ASSERT_EQ(EAR_READY, value);
}

FIXTURE_TEARDOWN(eoi)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int send(struct tvm *t, bool level, __u32 vector)
{
	return vmm_assert(t->part, HV_X64_INTERRUPT_TYPE_FIXED, level, false, 0,
			  vector);
}

/* The next exit is the end of this vector. */
#define EXPECT_END(vector) do {						\
	const struct hv_x64_apic_eoi_message *end_ =			\
		(const void *)self->t.message.u.bytes;			\
									\
	patience_begin();						\
	EXPECT_EQ(0, tvm_run(&self->t, 0));				\
	patience_end();							\
	EXPECT_EQ(HVMSG_X64_APIC_EOI,					\
		  self->t.message.header.message_type);			\
	EXPECT_EQ(sizeof(*end_), self->t.message.header.payload_size);	\
	EXPECT_EQ(0, end_->vp_index);					\
	EXPECT_EQ(vector, end_->interrupt_vector);			\
} while (0)

TEST_F(eoi, of_a_level_is_told_once)
{
	ASSERT_OK(send(&self->t, true, LEVEL));
	EXPECT_REPORT(LEVEL);
	ASSERT_OK(send(&self->t, true, OTHER));
	EXPECT_END(LEVEL);
	EXPECT_REPORT(OTHER);
	EXPECT_END(OTHER);
	ASSERT_OK(send(&self->t, false, EDGE));
	EXPECT_REPORT(EDGE);
}

/* One that arrives while the same vector is in service has an end of its own. */
TEST_F(eoi, of_one_that_is_in_service)
{
	ASSERT_OK(send(&self->t, true, LEVEL));
	EXPECT_REPORT(LEVEL);
	ASSERT_OK(send(&self->t, true, LEVEL));
	EXPECT_END(LEVEL);
	EXPECT_REPORT(LEVEL);
	EXPECT_END(LEVEL);
	ASSERT_OK(send(&self->t, false, EDGE));
	EXPECT_REPORT(EDGE);
}

TEST_F(eoi, of_an_edge_is_not)
{
	ASSERT_OK(send(&self->t, false, EDGE));
	EXPECT_REPORT(EDGE);
	/* Level first, now edge: the last one counts. */
	ASSERT_OK(send(&self->t, true, LEVEL));
	EXPECT_REPORT(LEVEL);
	EXPECT_END(LEVEL);
	ASSERT_OK(send(&self->t, false, LEVEL));
	EXPECT_REPORT(LEVEL);
	ASSERT_OK(send(&self->t, false, EDGE));
	EXPECT_REPORT(EDGE);
}

/* Installing the intercept is allowed and changes nothing, nor does removing it. */
TEST_F(eoi, asked_for)
{
	ASSERT_OK(vmm_intercept(self->t.part, HV_INTERCEPT_TYPE_X64_APIC_EOI,
				HV_INTERCEPT_ACCESS_MASK_WRITE, 0));
	ASSERT_OK(send(&self->t, true, LEVEL));
	EXPECT_REPORT(LEVEL);
	EXPECT_END(LEVEL);
	ASSERT_OK(vmm_intercept(self->t.part, HV_INTERCEPT_TYPE_X64_APIC_EOI, 0, 0));
	ASSERT_OK(send(&self->t, true, OTHER));
	EXPECT_REPORT(OTHER);
	EXPECT_END(OTHER);
}

/* Allows interrupts of a higher class, reports its vector, and returns. */
static const __u8 guest_outer[] = {
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xfb,				/* sti */
	0xb0, LEVEL, OUT_AL,
	0xcf,				/* iret */
};

/* Ends itself and what it has interrupted, with both MSRs. */
static const __u8 guest_inner[] = {
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xb0, HIGH, OUT_AL,
	0x66, 0x31, 0xc0,		/* xor eax, eax */
	0x66, 0x31, 0xd2,		/* xor edx, edx */
	0x66, 0xb9, 0x0b, 0x08, 0, 0,	/* mov ecx, x2APIC EOI */
	0x0f, 0x30,			/* wrmsr */
	0x66, 0xb9, 0x70, 0, 0, 0x40,	/* mov ecx, HV_X64_MSR_EOI */
	0x0f, 0x30,			/* wrmsr */
	0xcf,				/* iret */
};

/* The same without an EOI. */
static const __u8 guest_silent[] = {
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xb0, HIGH, OUT_AL,
	0xcf,				/* iret */
};

static void handler(struct tvm *t, unsigned int vector, __u32 at,
		    const void *code, size_t size)
{
	memcpy(t->memory + at, code, size);
	memcpy(t->memory + vector * 4, &at, sizeof(at));
}

TEST_F(eoi, by_either_msr)
{
	handler(&self->t, LEVEL, OUTER, guest_outer, sizeof(guest_outer));
	handler(&self->t, HIGH, INNER, guest_inner, sizeof(guest_inner));
	ASSERT_OK(send(&self->t, true, LEVEL));
	EXPECT_REPORT(LEVEL);
	ASSERT_OK(send(&self->t, true, HIGH));
	EXPECT_REPORT(HIGH);
	EXPECT_END(HIGH);
	EXPECT_END(LEVEL);
	ASSERT_OK(send(&self->t, false, EDGE));
	EXPECT_REPORT(EDGE);
}

/* Several are pending at once when the VMM ends them itself, and each is reported. */
TEST_F(eoi, several_at_once)
{
	handler(&self->t, LEVEL, OUTER, guest_outer, sizeof(guest_outer));
	handler(&self->t, HIGH, INNER, guest_silent, sizeof(guest_silent));
	ASSERT_OK(send(&self->t, true, LEVEL));
	EXPECT_REPORT(LEVEL);
	ASSERT_OK(send(&self->t, true, HIGH));
	EXPECT_REPORT(HIGH);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, REG_EOI, 0));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, REG_EOI, 0));
	EXPECT_END(HIGH);
	EXPECT_END(LEVEL);
	ASSERT_OK(send(&self->t, false, EDGE));
	EXPECT_REPORT(EDGE);
}

/* The priority is that of the task or of what is in service, whichever is higher. */
TEST_F(eoi, priority_until_then)
{
	__u64 value = 0;

	handler(&self->t, HIGH, INNER, guest_silent, sizeof(guest_silent));
	ASSERT_OK(send(&self->t, true, HIGH));
	EXPECT_REPORT(HIGH);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_TPR, 0x4e));
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_PPR, &value));
	EXPECT_EQ(HIGH & 0xf0, value);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_TPR, 0x5e));
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_PPR, &value));
	EXPECT_EQ(0x5e, value);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_TPR, 0x4e));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, REG_EOI, 0));
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_PPR, &value));
	EXPECT_EQ(0x4e, value);
}

/* A sleeping processor reports an end that the VMM makes, and sleeps on. */
TEST_F(eoi, while_it_sleeps)
{
	struct ear ear;

	handler(&self->t, HIGH, INNER, guest_silent, sizeof(guest_silent));
	ASSERT_OK(send(&self->t, true, HIGH));
	EXPECT_REPORT(HIGH);
	ASSERT_EQ(0, ear_open(&ear, self->t.vp[0], 0));
	EXPECT_TRUE(wait_until(ear.tid && stands_in_run(ear.tid)));
	ear_close(&ear);
	ASSERT_EQ(0, ear.result);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, REG_EOI, 0));
	EXPECT_END(HIGH);
	ASSERT_OK(send(&self->t, false, EDGE));
	EXPECT_REPORT(EDGE);
}

/* INIT discards ends that have not been reported. */
TEST_F(eoi, forgotten_by_init)
{
	handler(&self->t, HIGH, INNER, guest_silent, sizeof(guest_silent));
	ASSERT_OK(send(&self->t, true, HIGH));
	EXPECT_REPORT(HIGH);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, REG_EOI, 0));
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_INIT, false,
			     false, 0, 0));
	ASSERT_OK(tvm_real_mode(&self->t, 0, TVM_CODE));
	EXPECT_REPORT(EAR_READY);
}

static void kick(void *vp, unsigned int nr)
{
	ioctl(*(int *)vp, MSHV_KICK_VP);
	wait_slice();
}

/* A VMM stops its processors at any time, and still gets each end. */
TEST_F(eoi, none_is_lost_when_it_is_stopped)
{
	const struct hv_x64_io_port_intercept_message *io = tvm_io(&self->t);
	unsigned int sent = 0, ends = 0, told = 0, stops = 0;
	struct repeater kicker;
	int ret = 0;

	ASSERT_EQ(0, repeat_begin(&kicker, kick, &self->t.vp[0]));
	patience_begin();
	/* More rounds, until the other thread has had a chance. */
	while (!ret && (ends < ROUNDS || !stops || ends < sent)) {
		/* The next one is sent only after this one's end. */
		if (ends == sent) {
			ASSERT_OK(send(&self->t, true, LEVEL));
			sent++;
		}
		ret = tvm_run(&self->t, 0);
		if (ret == -EINTR) {
			stops++;
			ret = 0;
		} else if (ret) {
			break;
		} else if (self->t.message.header.message_type == HVMSG_X64_APIC_EOI) {
			ends++;
		} else {
			told += (io->rax & 0xff) == LEVEL;
			ret = tvm_skip(&self->t, 0);
		}
	}
	patience_end();
	repeat_end(&kicker);
	EXPECT_EQ(0, ret);
	EXPECT_EQ(sent, ends);
	EXPECT_EQ(sent, told);
	EXPECT_LT(0, stops);
}

/* Both ways at the same time, each for its own vector. */
TEST_F(eoi, beside_a_resampler)
{
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int again = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	__u64 count;

	ASSERT_OK(route(self->t.part, GSI, 0, EAR_LEVEL | LEVEL));
	ASSERT_EQ(0, irqfd_resample(self->t.part, event, again, GSI));
	ASSERT_EQ(0, ring(event));
	EXPECT_REPORT(LEVEL);
	ASSERT_OK(send(&self->t, true, OTHER));
	/* The resampler's does not cause an exit. */
	EXPECT_REPORT(OTHER);
	EXPECT_TRUE(rung(again));
	EXPECT_END(OTHER);
	ASSERT_OK(send(&self->t, false, EDGE));
	EXPECT_REPORT(EDGE);
	EXPECT_EQ(-1, read(again, &count, sizeof(count)));
	/* Without the resampler the VMM gets it again. */
	ASSERT_EQ(0, irqfd(self->t.part, event, GSI, DEASSIGN));
	ASSERT_OK(send(&self->t, true, LEVEL));
	EXPECT_REPORT(LEVEL);
	EXPECT_END(LEVEL);
	close(event);
	close(again);
}

/* The guest is behind its OUT; the VMM ends the interrupt HIGH, which is in service. */
static void end_by_the_vmm(struct __test_metadata *_metadata, struct tvm *t, __u32 name)
{
	__u64 told = 0;

	patience_begin();
	EXPECT_EQ(0, tvm_next_out(t, 0, &told));
	patience_end();
	EXPECT_EQ(HIGH, told);
	EXPECT_EQ(0, vmm_set_register(t->vp[0], 0, name, 0));
}

/* How often an eventfd was signalled since the last look. */
static __u64 signals(int event)
{
	__u64 count;

	return read(event, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

/* A resampler is signalled by the message, and removed before the VP stops. */
TEST_F(eoi, resampler_removed_in_between)
{
	static const unsigned int numbers[] = { 1, RESAMPLERS };
	int event[RESAMPLERS], again[RESAMPLERS];
	unsigned int i, n;

	handler(&self->t, HIGH, INNER, guest_silent, sizeof(guest_silent));
	ASSERT_OK(route(self->t.part, GSI, 0, EAR_LEVEL | HIGH));
	for (n = 0; n < ARRAY_SIZE(numbers); n++) {
		for (i = 0; i < numbers[n]; i++) {
			event[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
			again[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
			ASSERT_EQ(0, irqfd_resample(self->t.part, event[i], again[i],
						    GSI));
		}
		ASSERT_EQ(0, ring(event[0]));
		end_by_the_vmm(_metadata, &self->t, REG_EOI);
		for (i = 0; i < numbers[n]; i++)
			EXPECT_TRUE(wait_until(signals(again[i])));
		for (i = 0; i < numbers[n]; i++) {
			EXPECT_EQ(0, irqfd(self->t.part, event[i], GSI, DEASSIGN));
			close(event[i]);
			close(again[i]);
		}
		ASSERT_OK(send(&self->t, false, EDGE));
		EXPECT_REPORT(EDGE);
	}
}

/* There was no resampler when the message came: the end is the VMM's. */
TEST_F(eoi, resampler_added_in_between)
{
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int again = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	handler(&self->t, HIGH, INNER, guest_silent, sizeof(guest_silent));
	ASSERT_OK(route(self->t.part, GSI, 0, EAR_LEVEL | HIGH));
	ASSERT_OK(send(&self->t, true, HIGH));
	end_by_the_vmm(_metadata, &self->t, HV_X64_REGISTER_EOI);
	ASSERT_EQ(0, irqfd_resample(self->t.part, event, again, GSI));
	ASSERT_OK(send(&self->t, false, EDGE));
	EXPECT_END(HIGH);
	EXPECT_REPORT(EDGE);
	EXPECT_EQ(0, signals(again));
	close(event);
	close(again);
}

/* A GSI loses its route: the end of its last interrupt is the resampler's, others are not. */
TEST_F(eoi, resampler_without_a_route)
{
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int again = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	ASSERT_OK(route(self->t.part, GSI, 0, EAR_LEVEL | LEVEL));
	ASSERT_EQ(0, irqfd_resample(self->t.part, event, again, GSI));
	ASSERT_EQ(0, ring(event));
	EXPECT_REPORT(LEVEL);
	ASSERT_OK(route(self->t.part, GSI + 1, 0, EAR_LEVEL | OTHER));
	ASSERT_OK(send(&self->t, true, OTHER));
	EXPECT_REPORT(OTHER);
	EXPECT_TRUE(rung(again));
	EXPECT_END(OTHER);
	EXPECT_EQ(0, signals(again));
	close(event);
	close(again);
}

/* More than are looked at in an interrupt: a worker finds that the end is the VMM's. */
TEST_F(eoi, of_none_of_many_resamplers)
{
	int again = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int event[RESAMPLERS];
	unsigned int i;

	ASSERT_OK(tvm_vp(&self->t, 1));
	ASSERT_OK(route(self->t.part, GSI, 0, EAR_LEVEL | LEVEL));
	for (i = 0; i < RESAMPLERS; i++) {
		event[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		ASSERT_EQ(0, irqfd_resample(self->t.part, event[i], again, GSI));
	}
	ASSERT_OK(send(&self->t, true, OTHER));
	EXPECT_REPORT(OTHER);
	EXPECT_END(OTHER);
	EXPECT_EQ(0, signals(again));
	for (i = 0; i < RESAMPLERS; i++)
		close(event[i]);
	close(again);
}

/* The message is lost, or comes after the stop: the resampler is signalled once. */
TEST_F(eoi, without_the_message)
{
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int again = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	__u64 count = 0;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	handler(&self->t, HIGH, INNER, guest_silent, sizeof(guest_silent));
	ASSERT_OK(route(self->t.part, GSI, 0, EAR_LEVEL | HIGH));
	ASSERT_EQ(0, irqfd_resample(self->t.part, event, again, GSI));

	ASSERT_EQ(0, rv_message_drop(HVMSG_X64_APIC_EOI, 1));
	ASSERT_EQ(0, ring(event));
	end_by_the_vmm(_metadata, &self->t, REG_EOI);
	ASSERT_OK(send(&self->t, false, EDGE));
	EXPECT_REPORT(EDGE);
	EXPECT_EQ(1, signals(again));
	/* The next message may be taken for the lost one; its end is not lost. */
	ASSERT_EQ(0, ring(event));
	end_by_the_vmm(_metadata, &self->t, REG_EOI);
	ASSERT_OK(send(&self->t, false, EDGE));
	EXPECT_REPORT(EDGE);
	EXPECT_TRUE(wait_until(count += signals(again)));

	ASSERT_EQ(0, rv_message_hold(HVMSG_X64_APIC_EOI, 1));
	ASSERT_EQ(0, ring(event));
	end_by_the_vmm(_metadata, &self->t, REG_EOI);
	ASSERT_OK(send(&self->t, false, EDGE));
	EXPECT_REPORT(EDGE);
	EXPECT_EQ(2, count += signals(again));
	ASSERT_EQ(0, rv_message_release(NULL));
	/* The late message is read before the next one. */
	ASSERT_EQ(0, ring(event));
	end_by_the_vmm(_metadata, &self->t, REG_EOI);
	ASSERT_OK(send(&self->t, false, EDGE));
	EXPECT_REPORT(EDGE);
	EXPECT_TRUE(wait_until((count += signals(again)) >= 3));
	EXPECT_EQ(3, count);
	close(event);
	close(again);
}

TEST_HARNESS_MAIN
