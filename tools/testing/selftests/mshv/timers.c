// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of a guest's timers beside their interrupts.
 *
 * Model: a synthetic timer interrupts a guest that is busy with CPUID.  Exits of
 * guests that are caused neither by an instruction nor by a page are the
 * hypervisor's own: its timer, and interrupt windows.  rootvisor counts them all.
 */
#include <hyperv/hv_msr.h>
#include <hyperv/hv_register.h>

#include "harness.h"

#define VECTOR		0x51
#define PERIOD		5000	/* half a millisecond of partition time */
#define INTERRUPTS	250
#define HANDLER		0x2000
#define COUNTER		0x3000
#define OWN_EXITS	8	/* of the hypervisor, for each interrupt */

/* CPUID until the counter has reached the number of interrupts; then it reports that. */
static const __u8 guest_busy[] = {
	X2APIC_ON,
	0xfb,				/* sti */
	0x66, 0x31, 0xc0,		/* xor eax, eax */
	0x0f, 0xa2,			/* cpuid */
	0x81, 0x3e, COUNTER & 0xff, COUNTER >> 8,
	INTERRUPTS & 0xff, INTERRUPTS >> 8, /* cmp word [COUNTER], INTERRUPTS */
	0x72, 0xf3,			/* jb to "xor" */
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xb0, 1, OUT_AL,		/* mov al, 1; out dx, al */
	0xeb, 0xeb,			/* jmp to "xor" */
};

static const __u8 guest_handler[] = {
	0xff, 0x06, COUNTER & 0xff, COUNTER >> 8, /* inc word [COUNTER] */
	0x66, 0xb9, 0x0b, 0x08, 0, 0,	/* mov ecx, EOI */
	0x66, 0x31, 0xc0,		/* xor eax, eax */
	0x66, 0x31, 0xd2,		/* xor edx, edx */
	0x0f, 0x30,			/* wrmsr */
	0xcf,				/* iret */
};

FIXTURE(timers) {
	struct books before;
	struct tvm t;
};

FIXTURE_SETUP(timers)
{
	const __u32 entry = HANDLER;
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_REGISTER_STIMER0_COUNT, PERIOD),
		vmm_value(HV_REGISTER_STIMER0_CONFIG, HV_STIMER_ENABLE |
			  HV_STIMER_PERIODIC | HV_STIMER_DIRECT |
			  (__u64)VECTOR << HV_STIMER_VECTOR_SHIFT),
	};

	if (rv_open() || books_read(&self->before))
		SKIP(return, NO_ROOTVISOR);
	ASSERT_OK(tvm_start(&self->t, guest_busy, sizeof(guest_busy)));
	memcpy(self->t.memory + HANDLER, guest_handler, sizeof(guest_handler));
	memcpy(self->t.memory + VECTOR * 4, &entry, sizeof(entry));
	ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(regs)));
}

FIXTURE_TEARDOWN(timers)
{
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

/*
 * The hypervisor's timer expires just before the guest takes an interrupt: it
 * causes an exit before that, and must not do so for ever.
 */
TEST_F(timers, no_exit_without_reason)
{
	static const __u32 reasons[] = {
		RV_COUNT_CHILD_MSR, RV_COUNT_CHILD_CPUID, RV_COUNT_CHILD_IO,
		RV_COUNT_CHILD_NPF, RV_COUNT_CHILD_HLT,
		RV_COUNT_CHILD_HYPERCALL,
	};
	__u64 exits, interrupts, count, value;
	unsigned int i;

	ASSERT_EQ(0, rv_mark());
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	ASSERT_EQ(0, rv_count(RV_COUNT_CHILD_EXITS, &exits));
	ASSERT_EQ(0, rv_count(RV_COUNT_CHILD_INTERRUPTS, &interrupts));
	EXPECT_LE(INTERRUPTS, interrupts);
	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		ASSERT_EQ(0, rv_count(reasons[i], &count));
		exits -= count;
	}
	EXPECT_GE(OWN_EXITS * interrupts, exits) {
		TH_LOG("%llu exits for %llu interrupts", exits, interrupts);
	}
	EXPECT_NE(0, exits);
}

TEST_HARNESS_MAIN
