// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_IRQFD: interrupts from eventfds, and their routes.
 *
 * Model: the guest enables its APIC, reports that, and sleeps; it reports the
 * vector of each interrupt.  Eventfds are written while it is stopped, so that its
 * next report is known.
 */
#include <sys/eventfd.h>
#include <sys/mount.h>

#include "ear.h"
#include "groups.h"
#include "knobs.h"
#include "harness.h"
#include "repeat.h"
#include "tracefs.h"

#define GSI		5

FIXTURE(irqfd) {
	struct books before;
	struct tvm t;
	int event;
	bool books;
};

static int start(struct tvm *t)
{
	__u64 value = 0;
	int ret;

	ret = sleeper_start(t);
	if (!ret)
		ret = tvm_next_out(t, 0, &value);
	if (!ret && value != EAR_READY)
		ret = vmm_fail(EPROTO, "the guest is not ready");
	return ret;
}

FIXTURE_SETUP(irqfd)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(start(&self->t));
	self->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_LE(0, self->event);
}

FIXTURE_TEARDOWN(irqfd)
{
	close(self->event);
	tvm_close(&self->t);
	knobs_restore();
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

TEST_F(irqfd, delivers)
{
	unsigned int i;

	ASSERT_OK(route(self->t.part, GSI, 0, 0x41));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, ring(self->event));
		EXPECT_REPORT(0x41);
	}
}

TEST_F(irqfd, already_signalled)
{
	ASSERT_OK(route(self->t.part, GSI, 0, 0x42));
	ASSERT_EQ(0, ring(self->event));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	EXPECT_REPORT(0x42);
}

TEST_F(irqfd, route_comes_later)
{
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	ASSERT_EQ(0, ring(self->event));
	ASSERT_OK(route(self->t.part, GSI, 0, 0x43));
	ASSERT_EQ(0, ring(self->event));
	EXPECT_REPORT(0x43);
	ASSERT_OK(route(self->t.part, GSI, 0, 0x44));
	ASSERT_EQ(0, ring(self->event));
	EXPECT_REPORT(0x44);
}

/* Nothing is routed: nothing arrives, not even vector 0 at processor 0. */
TEST_F(irqfd, pitfall_U3_gsi0_without_route)
{
	int other = eventfd(0, EFD_CLOEXEC);

	ASSERT_EQ(0, irqfd(self->t.part, self->event, 0, 0));
	ASSERT_EQ(0, ring(self->event));
	ASSERT_OK(route(self->t.part, GSI, 0, 0x41));
	ASSERT_EQ(0, irqfd(self->t.part, other, GSI, 0));
	ASSERT_EQ(0, ring(self->event));
	ASSERT_EQ(0, ring(other));
	EXPECT_REPORT(0x41);
	close(other);
}

TEST_F(irqfd, pitfall_U1_absent_processor)
{
	static const __u32 list[] = { 1, 77, 254 };
	unsigned int i;

	ASSERT_OK(route(self->t.part, GSI, 0, 0x41));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		ASSERT_OK(route(self->t.part, GSI, list[i], 0x42));
		ASSERT_EQ(0, ring(self->event));
	}
	ASSERT_OK(route(self->t.part, GSI, 0, 0x41));
	ASSERT_EQ(0, ring(self->event));
	EXPECT_REPORT(0x41);
}

TEST_F(irqfd, pitfall_A1_one_consumer)
{
	struct tvm other;

	ASSERT_OK(tvm_partition(&other));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	EXPECT_EQ(-EBUSY, irqfd(self->t.part, self->event, GSI, 0));
	EXPECT_EQ(-EBUSY, irqfd(self->t.part, self->event, GSI + 1, 0));
	EXPECT_EQ(-EBUSY, irqfd(other.part, self->event, GSI, 0));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, DEASSIGN));
	EXPECT_EQ(0, irqfd(other.part, self->event, GSI, 0));
	tvm_close(&other);
	/* The other partition is gone, and so is its reference. */
	EXPECT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
}

TEST_F(irqfd, deassign)
{
	int other = eventfd(0, EFD_CLOEXEC);

	ASSERT_OK(route(self->t.part, GSI, 0, 0x41));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	/* Both have to match; if nothing matches it is no error. */
	EXPECT_EQ(0, irqfd(self->t.part, self->event, GSI + 1, DEASSIGN));
	EXPECT_EQ(0, irqfd(self->t.part, other, GSI, DEASSIGN));
	ASSERT_EQ(0, ring(self->event));
	EXPECT_REPORT(0x41);
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, DEASSIGN));
	ASSERT_EQ(0, ring(self->event));
	ASSERT_OK(route(self->t.part, GSI, 0, 0x42));
	ASSERT_EQ(0, irqfd(self->t.part, other, GSI, 0));
	ASSERT_EQ(0, ring(other));
	EXPECT_REPORT(0x42);
	close(other);
}

TEST_F(irqfd, closed_eventfd)
{
	unsigned int i;
	int event;

	ASSERT_OK(route(self->t.part, GSI, 0, 0x41));
	for (i = 0; i < 20; i++) {
		event = eventfd(0, EFD_CLOEXEC);
		ASSERT_EQ(0, irqfd(self->t.part, event, GSI, 0));
		ASSERT_EQ(0, ring(event));
		close(event);
		EXPECT_REPORT(0x41);
	}
}

TEST_F(irqfd, many_on_one_gsi)
{
	int events[8];
	unsigned int i;

	ASSERT_OK(route(self->t.part, GSI, 0, 0x45));
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		events[i] = eventfd(0, EFD_CLOEXEC);
		ASSERT_EQ(0, irqfd(self->t.part, events[i], GSI, 0));
	}
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		ASSERT_EQ(0, ring(events[i]));
		EXPECT_REPORT(0x45);
		close(events[i]);
	}
}

TEST_F(irqfd, bad_arguments)
{
	unsigned int bit;
	int fds;

	fds = count_open_fds();
	for (bit = MSHV_IRQFD_BIT_COUNT; bit < 32; bit++)
		EXPECT_EQ(-EINVAL, irqfd(self->t.part, self->event, GSI,
					 1U << bit));
	EXPECT_EQ(-EBADF, irqfd(self->t.part, -1, GSI, 0));
	EXPECT_EQ(-EBADF, irqfd(self->t.part, 9999, GSI, 0));
	EXPECT_EQ(-EINVAL, irqfd(self->t.part, self->t.dev, GSI, 0));
	EXPECT_EQ(-EINVAL, irqfd(self->t.part, self->event, 4096, 0));
	EXPECT_EQ(-EINVAL, irqfd(self->t.part, self->event, ~0U, 0));
	EXPECT_EQ(-1, ioctl(self->t.part, MSHV_IRQFD, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(fds, count_open_fds());
	/* None of these keeps the eventfd. */
	EXPECT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
}

TEST_F(irqfd, pitfall_A30_resample_needs_a_level)
{
	int again = eventfd(0, EFD_CLOEXEC);

	ASSERT_OK(route(self->t.part, GSI, 0, 0x41));
	EXPECT_EQ(-EINVAL, irqfd_resample(self->t.part, self->event, again, GSI));
	ASSERT_OK(route(self->t.part, GSI, 0, EAR_LEVEL | 0x41));
	EXPECT_EQ(-EBADF, irqfd_resample(self->t.part, self->event, -1, GSI));
	EXPECT_EQ(0, irqfd_resample(self->t.part, self->event, again, GSI));
	/* Pitfall U4: it must remain one. */
	EXPECT_EQ(-EINVAL, route(self->t.part, GSI, 0, 0x41));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, DEASSIGN));
	EXPECT_EQ(0, route(self->t.part, GSI, 0, 0x41));
	close(again);
}

/* More than are checked in an interrupt. */
#define MANY		300
#define RING_SIZE	65536

/* Behind the number of the processor: the third flag tells of interrupts. */
#define FLAG_OF_INTERRUPTS	2

/* What the trace says about the end of interrupts: how often, and how often in one. */
static void count_acknowledged(unsigned int *all, unsigned int *in_interrupt)
{
	static char text[RING_SIZE];
	int fd = open(TRACING "trace", O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	char *line;
	ssize_t n;

	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	close(fd);
	text[len] = 0;
	*all = 0;
	*in_interrupt = 0;
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		const char *flags = strchr(line, ']');

		if (line[0] == '#' || !flags || !strstr(line, "mshv_acknowledge"))
			continue;
		flags += 2;
		++*all;
		*in_interrupt += !!strchr("hHsZ", flags[FLAG_OF_INTERRUPTS]);
	}
}

/* However many resamplers there are, they are not signalled in an interrupt. */
TEST_F(irqfd, many_resamplers)
{
	int again = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), events[MANY];
	unsigned int i, all, in_interrupt;
	__u64 count = 0;

	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "such tracepoints");
	ASSERT_OK(route(self->t.part, GSI, 0, EAR_LEVEL | 0x41));
	for (i = 0; i < MANY; i++) {
		events[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		ASSERT_EQ(0, irqfd_resample(self->t.part, events[i], again, GSI));
	}
	mount("none", "/sys/kernel/tracing", "tracefs", 0, NULL);
	write_file(TRACING "trace", "\n");
	knob_set(TRACING "events/mshv/mshv_acknowledge/enable", "1");
	ASSERT_EQ(0, ring(events[0]));
	EXPECT_REPORT(0x41);
	/* The guest ends it, and sleeps; another one shows that it continues. */
	ASSERT_OK(route(self->t.part, GSI, 0, EAR_LEVEL | 0x42));
	ASSERT_EQ(0, ring(events[1]));
	EXPECT_REPORT(0x42);
	EXPECT_TRUE(wait_until(read(again, &count, sizeof(count)) == sizeof(count)));
	EXPECT_LE(1, count);
	EXPECT_TRUE(wait_until((count_acknowledged(&all, &in_interrupt), all)));
	EXPECT_EQ(0, in_interrupt);
	for (i = 0; i < MANY; i++)
		close(events[i]);
	close(again);
}

/* Two routes: vector 0x41 to processor 0, or 0x42 to the absent one. */
static void flip(void *part, unsigned int nr)
{
	route(*(int *)part, GSI, nr & 1, nr & 1 ? 0x42 : 0x41);
}

TEST_F(irqfd, pitfall_U2_torn_routes)
{
	struct repeater flipper;
	unsigned int i;
	__u64 told;

	ASSERT_OK(route(self->t.part, GSI, 0, 0x41));
	ASSERT_EQ(0, irqfd(self->t.part, self->event, GSI, 0));
	ASSERT_EQ(0, repeat_begin(&flipper, flip, &self->t.part));
	for (i = 0; i < 200; i++) {
		ring(self->event);
		if (i % 10)
			continue;
		/* A valid route arrives; a mixture would be 0x42. */
		ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_FIXED,
				     false, false, 0, 0x47));
		do {
			told = 0;
			patience_begin();
			EXPECT_EQ(0, tvm_next_out(&self->t, 0, &told));
			patience_end();
			EXPECT_TRUE(told == 0x41 || told == 0x47) {
				TH_LOG("vector %llx", told);
			}
		} while (told == 0x41);
	}
	repeat_end(&flipper);
}

TEST_HARNESS_MAIN
