// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest does costs the same, however many things its VMM has made that it might
 * have meant.
 *
 * Model: processor time of a guest's loop with a few of a kind and with many, on the
 * same machine.  What disturbs only ever adds, so the least of some measures is taken.
 */
#include <sys/eventfd.h>
#include <time.h>

#include "harness.h"

#define MEASURES	20
#define ACCESSES	50
#define AT_MOST		2	/* times as much */
#define DOORBELL	0x20000ff8ULL
#define MANY_DOORBELLS	6000

FIXTURE(crowds) {
	struct books before;
	struct tvm t;
	int event;
};

FIXTURE_SETUP(crowds)
{
	if (rv_open())
		SKIP(return, "no rootvisor below");
	ASSERT_EQ(0, books_read(&self->before));
	self->event = eventfd(0, EFD_NONBLOCK);
}

FIXTURE_TEARDOWN(crowds)
{
	tvm_close(&self->t);
	close(self->event);
	ASSERT_BOOKS(&self->before);
}

static double cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* What it takes until the guest, which begins anew with these registers, has said so. */
static double cost(struct tvm *t, const struct hv_register_assoc *regs, unsigned int nr)
{
	double least = 1e9;
	unsigned int i;

	for (i = 0; i < MEASURES; i++) {
		double begin;
		__u64 out;

		if (vmm_set_registers(t->vp[0], 0, regs, nr))
			return -1;
		begin = cpu_time();
		if (tvm_next_out(t, 0, &out))
			return -1;
		begin = cpu_time() - begin;
		if (begin < least)
			least = begin;
	}
	return least;
}

#define EXPECT_NO_DEARER(few, many) do {				\
	EXPECT_LT(0, few);						\
	EXPECT_LT(many, (few) * AT_MOST) {				\
		TH_LOG("%g s, and %g s with many", few, many);		\
	}								\
} while (0)

static const __u8 writer[] = {
	0x89, 0x07, 0xff, 0xc9, 0x75, 0xfa,		/* mov [rdi], eax; dec ecx; jnz */
	0x66, 0xba, 0xf8, 0x03, 0xb0, 'w', OUT_AL,	/* mov dx, 0x3f8; out dx, al */
	HLT,
};

static double cost_of_writes(struct tvm *t)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RIP, TVM_CODE),
		vmm_value(HV_X64_REGISTER_RAX, 0),
		vmm_value(HV_X64_REGISTER_RCX, ACCESSES),
		vmm_value(HV_X64_REGISTER_RDI, DOORBELL),
	};

	return cost(t, regs, ARRAY_SIZE(regs));
}

static int add_doorbell(struct tvm *t, int event, __u64 value)
{
	struct mshv_user_ioeventfd doorbell = {
		.addr = DOORBELL, .len = 4, .fd = event, .datamatch = value,
		.flags = HV_BIT(MSHV_IOEVENTFD_BIT_DATAMATCH),
	};

	return ioctl(t->part, MSHV_IOEVENTFD, &doorbell) ? -errno : 0;
}

/* A write that rings the first of them, all at one address. */
TEST_F(crowds, doorbells)
{
	double few, many;
	unsigned int i;

	ASSERT_OK(tvm_start_long(&self->t, writer, sizeof(writer)));
	ASSERT_EQ(0, add_doorbell(&self->t, self->event, 0));
	few = cost_of_writes(&self->t);
	for (i = 1; i < MANY_DOORBELLS; i++)
		ASSERT_EQ(0, add_doorbell(&self->t, self->event, i));
	many = cost_of_writes(&self->t);
	EXPECT_NO_DEARER(few, many);
}

TEST_HARNESS_MAIN
