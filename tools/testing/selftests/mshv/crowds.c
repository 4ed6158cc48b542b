// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest does costs the same, however many objects of the same kind its VMM
 * has created.
 *
 * Model: processor time of a guest's loop with a few of a kind and with many, on a
 * machine whose clock counts instructions.
 */
#include <sys/eventfd.h>
#include <time.h>

#include <hyperv/hv_msr.h>
#include <hyperv/hv_register.h>

#include "harness.h"

#define MEASURES	3	/* the least one is not disturbed by the root's timer */
#define ACCESSES	50
#define AT_MOST		2	/* times as much */
#define DOORBELL	0x20000ff8ULL
#define MANY_DOORBELLS	2000
#define MAX_ALIKE	512
#define MAX_RULES	2048
#define RULED_LEAF	0x40000100
#define MANY_VPS	200
#define LATE		0x4000000000000ULL	/* reference time that is not reached */

FIXTURE(crowds) {
	struct books before;
	struct tvm t;
	int event;
};

FIXTURE_SETUP(crowds)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	if (!tvm_is_recorded())
		SKIP(return, "MSHV_EXACT: costs depend on the host otherwise");
	ASSERT_EQ(0, books_read(&self->before));
	self->event = eventfd(0, EFD_NONBLOCK);
}

FIXTURE_TEARDOWN(crowds)
{
	tvm_close(&self->t);
	close(self->event);
	ASSERT_BOOKS(&self->before);
}

static __u64 cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/*
 * Nanoseconds until the guest, restarted with these registers, reports that it is
 * done; 0 if it does not.
 */
static __u64 cost(struct tvm *t, const struct hv_register_assoc *regs, unsigned int nr)
{
	__u64 least = ~0ULL, begin, out;
	unsigned int i;

	for (i = 0; i < MEASURES; i++) {
		if (vmm_set_registers(t->vp[0], 0, regs, nr))
			return 0;
		begin = cpu_time();
		if (tvm_next_out(t, 0, &out))
			return 0;
		begin = cpu_time() - begin;
		if (begin < least)
			least = begin;
	}
	return least;
}

static const __u8 writer[] = {
	0x89, 0x07, 0xff, 0xc9, 0x75, 0xfa,		/* mov [rdi], eax; dec ecx; jnz */
	0x66, 0xba, 0xf8, 0x03, 0xb0, 'w', OUT_AL,	/* mov dx, 0x3f8; out dx, al */
	HLT,
};

static __u64 cost_of_writes(struct tvm *t)
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

/* A write that hits the first of them, all at one address. */
TEST_F(crowds, doorbells)
{
	__u64 few, many;
	unsigned int i;

	ASSERT_OK(tvm_start_long(&self->t, writer, sizeof(writer)));
	ASSERT_EQ(0, add_doorbell(&self->t, self->event, 0));
	few = cost_of_writes(&self->t);
	for (i = 1; i < MANY_DOORBELLS; i++)
		ASSERT_EQ(0, add_doorbell(&self->t, self->event, i));
	many = cost_of_writes(&self->t);
	EXPECT_LT(0, many);
	EXPECT_GT(few * AT_MOST, many);
}

/* The number of doorbells that one write signals is limited. */
TEST_F(crowds, doorbells_alike)
{
	__u64 i;

	ASSERT_OK(tvm_start_long(&self->t, writer, sizeof(writer)));
	for (i = 0; i < MAX_ALIKE; i++)
		ASSERT_EQ(0, add_doorbell(&self->t, self->event, i << 32));
	EXPECT_GT(0, add_doorbell(&self->t, self->event, i << 32));
	EXPECT_EQ(0, add_doorbell(&self->t, self->event, 1));
}

static const __u8 asker[] = {
	0x89, 0xf0, 0x0f, 0xa2,				/* mov eax, esi; cpuid */
	0xff, 0xcf, 0x75, 0xf8,				/* dec edi; jnz */
	0x66, 0xba, 0xf8, 0x03, 0xb0, 'c', OUT_AL,	/* mov dx, 0x3f8; out dx, al */
	HLT,
};

static __u64 cost_of_cpuid(struct tvm *t)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RIP, TVM_CODE),
		vmm_value(HV_X64_REGISTER_RSI, RULED_LEAF),
		vmm_value(HV_X64_REGISTER_RDI, ACCESSES),
	};

	return cost(t, regs, ARRAY_SIZE(regs));
}

/* A leaf that the VMM has registered.  The number of rules is limited. */
TEST_F(crowds, rules)
{
	struct vmm_cpuid rule = { .leaf = RULED_LEAF, .mask = { ~0U } };
	__u64 few, many;
	unsigned int i;

	ASSERT_OK(tvm_start_long(&self->t, asker, sizeof(asker)));
	ASSERT_OK(vmm_cpuid(self->t.part, HV_ANY_VP, &rule));
	few = cost_of_cpuid(&self->t);
	for (i = 1; i < MAX_RULES; i++) {
		rule.leaf = RULED_LEAF + i;
		ASSERT_OK(vmm_cpuid(self->t.part, HV_ANY_VP, &rule));
	}
	many = cost_of_cpuid(&self->t);
	EXPECT_LT(0, many);
	EXPECT_GT(few * AT_MOST, many);
	/* Another value for the last one is not a new rule. */
	rule.value[0] = 1;
	EXPECT_LE(0, vmm_cpuid(self->t.part, HV_ANY_VP, &rule));
	rule.leaf++;
	EXPECT_GT(0, vmm_cpuid(self->t.part, HV_ANY_VP, &rule));
}

static const __u8 waker[] = {
	0x89, 0xd9, 0x89, 0xf0, 0x89, 0xea, 0x0f, 0x30,	/* wrmsr EBP:ESI to EBX */
	0xff, 0xcf, 0x75, 0xf4,				/* dec edi; jnz */
	0x66, 0xba, 0xf8, 0x03, 0xb0, 't', OUT_AL,	/* mov dx, 0x3f8; out dx, al */
	HLT,
};

static __u64 cost_of_timers(struct tvm *t)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RIP, TVM_CODE),
		vmm_value(HV_X64_REGISTER_RBX, HV_X64_MSR_STIMER0_COUNT),
		vmm_value(HV_X64_REGISTER_RSI, 0),
		vmm_value(HV_X64_REGISTER_RBP, (LATE << 1) >> 32),
		vmm_value(HV_X64_REGISTER_RDI, ACCESSES),
	};

	return cost(t, regs, ARRAY_SIZE(regs));
}

static int set_timers(int vp, __u32 index)
{
	struct hv_register_assoc regs[8];
	unsigned int i;

	for (i = 0; i < 4; i++) {
		regs[2 * i] = vmm_value(HV_REGISTER_STIMER0_CONFIG + 2 * i,
					HV_STIMER_AUTOENABLE | 2 << HV_STIMER_SINT_SHIFT);
		regs[2 * i + 1] = vmm_value(HV_REGISTER_STIMER0_COUNT + 2 * i, LATE);
	}
	return vmm_set_registers(vp, index, regs, ARRAY_SIZE(regs));
}

/* A timer of one processor, while others have timers that are due earlier. */
TEST_F(crowds, timers)
{
	__u64 few, many;
	unsigned int i;
	int vp[MANY_VPS];

	ASSERT_OK(tvm_start_long(&self->t, waker, sizeof(waker)));
	ASSERT_OK(set_timers(self->t.vp[0], 0));
	few = cost_of_timers(&self->t);
	for (i = 1; i < MANY_VPS; i++) {
		struct mshv_create_vp args = { .vp_index = i };

		vp[i] = ioctl(self->t.part, MSHV_CREATE_VP, &args);
		ASSERT_LE(0, vp[i]);
		ASSERT_OK(set_timers(vp[i], i));
	}
	many = cost_of_timers(&self->t);
	EXPECT_LT(0, many);
	EXPECT_GT(few * AT_MOST, many);
	while (--i)
		close(vp[i]);
}

TEST_HARNESS_MAIN
