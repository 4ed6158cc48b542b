// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_GET_VP_STATE and MSHV_SET_VP_STATE.
 */
#include <stdlib.h>

#include <hyperv/hv_msr.h>
#include <hyperv/hv_register.h>

#include "harness.h"
#include "ear.h"

#define PAGES		4
#define SINT		3
#define IRET		0xcf

FIXTURE(state) {
	struct books before;
	struct tvm t;
	__u8 *buffer;
	bool books;
};

FIXTURE_SETUP(state)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
	self->buffer = mmap(NULL, PAGES * VMM_PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->buffer);
}

FIXTURE_TEARDOWN(state)
{
	munmap(self->buffer, PAGES * VMM_PAGE);
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int get(struct tvm *t, __u8 type, void *buffer, __u32 size)
{
	return vmm_get_state(t->vp[0], type, buffer, &size);
}

static int set(struct tvm *t, __u8 type, void *buffer, __u32 size)
{
	return vmm_set_state(t->vp[0], type, buffer, &size);
}

/* What QEMU does before it runs a processor. */
TEST_F(state, lapic)
{
	struct hv_local_interrupt_controller_state *apic =
		(void *)self->buffer;
	__u64 value;

	ASSERT_OK(get(&self->t, MSHV_VP_STATE_LAPIC, apic, VMM_PAGE));
	EXPECT_EQ(0x10, apic->apic_version & 0xf0);
	apic->apic_lvt_lint0 = (apic->apic_lvt_lint0 & ~0x700U) | 7 << 8;
	apic->apic_lvt_lint1 = (apic->apic_lvt_lint1 & ~0x700U) | 4 << 8;
	ASSERT_OK(set(&self->t, MSHV_VP_STATE_LAPIC, apic, VMM_PAGE));
	memset(apic, 0, VMM_PAGE);
	ASSERT_OK(get(&self->t, MSHV_VP_STATE_LAPIC, apic, VMM_PAGE));
	EXPECT_EQ(7, apic->apic_lvt_lint0 >> 8 & 7);
	EXPECT_EQ(4, apic->apic_lvt_lint1 >> 8 & 7);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
}

/*
 * A request with automatic EOI that was pending while the state was saved and
 * restored still ends by itself: otherwise nothing of its priority would arrive any
 * more.
 */
TEST_F(state, lapic_automatic_end)
{
	struct hv_local_interrupt_controller_state *apic =
		(void *)self->buffer;
	const unsigned int vector = EAR_FIRST + 1;
	unsigned int round;
	__u64 value = 0;
	__u32 handler;
	struct tvm t;

	ASSERT_OK(sleeper_start(&t));
	ASSERT_OK(tvm_next_out(&t, 0, &value));
	ASSERT_EQ(EAR_READY, value);
	/* The handler reports its vector, in six bytes, without an EOI. */
	memcpy(&handler, t.memory + vector * 4, sizeof(handler));
	t.memory[handler + 6] = IRET;
	ASSERT_OK(vmm_set_register(t.vp[0], 0, HV_REGISTER_SINT0 + SINT,
				   vector | HV_SYNIC_SINT_AUTO_EOI));
	for (round = 0; round < 3; round++) {
		ASSERT_OK(get(&t, MSHV_VP_STATE_LAPIC, apic, VMM_PAGE));
		ASSERT_EQ(0, apic->apic_isr[vector / 32]);
		apic->apic_irr[vector / 32] |= HV_BIT(vector % 32);
		ASSERT_OK(set(&t, MSHV_VP_STATE_LAPIC, apic, VMM_PAGE));
		ASSERT_OK(tvm_next_out(&t, 0, &value));
		EXPECT_EQ(vector, value);
	}
	tvm_close(&t);
}

#define NEXT_HANDLER	0x3000

/* Takes interrupts between STI and CLI only, without an exit. */
static const __u8 guest_takes[] = {
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xfb, 0x90, 0x90, 0xfa,		/* sti; nop; nop; cli */
	0xb0, 1, OUT_AL,		/* mov al, 1; out dx, al */
	0xeb, 0xf4,
};

/* One of a lower class is taken as soon as the handler of the first has returned. */
TEST_F(state, lapic_behind_automatic_end)
{
	struct hv_local_interrupt_controller_state *apic =
		(void *)self->buffer;
	const unsigned int first = 0x51, next = 0x41;
	static const __u8 handler[] = { 0xb0, 2, OUT_AL, IRET };
	const __u32 entries[] = { NEXT_HANDLER + sizeof(handler) - 1, NEXT_HANDLER };
	unsigned int round;
	__u64 value = 0;

	memcpy(self->t.memory + TVM_CODE, guest_takes, sizeof(guest_takes));
	memcpy(self->t.memory + NEXT_HANDLER, handler, sizeof(handler));
	memcpy(self->t.memory + first * 4, &entries[0], sizeof(*entries));
	memcpy(self->t.memory + next * 4, &entries[1], sizeof(*entries));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_SINT0 + SINT,
				   first | HV_SYNIC_SINT_AUTO_EOI));
	/* The first time there are exits for pages that the guest touches. */
	for (round = 0; round < 3; round++) {
		ASSERT_OK(get(&self->t, MSHV_VP_STATE_LAPIC, apic, VMM_PAGE));
		memset(apic->apic_isr, 0, sizeof(apic->apic_isr));
		apic->apic_spurious |= HV_BIT(8);
		apic->apic_irr[first / 32] |= HV_BIT(first % 32);
		apic->apic_irr[next / 32] |= HV_BIT(next % 32);
		ASSERT_OK(set(&self->t, MSHV_VP_STATE_LAPIC, apic, VMM_PAGE));
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		EXPECT_EQ(2, value);
		ASSERT_OK(get(&self->t, MSHV_VP_STATE_LAPIC, apic, VMM_PAGE));
		EXPECT_EQ(0, apic->apic_isr[first / 32] & HV_BIT(first % 32));
		EXPECT_EQ(HV_BIT(next % 32), apic->apic_isr[next / 32]);
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		EXPECT_EQ(1, value);
	}
}

TEST_F(state, apic_ids)
{
	struct hv_local_interrupt_controller_state *apic =
		(void *)self->buffer;
	__u32 size = VMM_PAGE;

	ASSERT_OK(tvm_vp(&self->t, 3));
	ASSERT_OK(vmm_get_state(self->t.vp[3], MSHV_VP_STATE_LAPIC, apic,
				&size));
	EXPECT_TRUE(apic->apic_id == 3 || apic->apic_id == 3 << 24) {
		TH_LOG("id %x", apic->apic_id);
	}
}

TEST_F(state, xsave)
{
	struct hv_register_assoc xmm = { .name = HV_X64_REGISTER_XMM0 + 2 };
	static const __u64 mark = 0x1122334455667788ULL;

	xmm.value.reg128.low_part = mark;
	ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, &xmm, 1));
	ASSERT_OK(get(&self->t, MSHV_VP_STATE_XSAVE, self->buffer,
		      PAGES * VMM_PAGE));
	/* The compacted format; XMM2 is where FXSAVE has it. */
	EXPECT_EQ(0x80, self->buffer[512 + 15]);
	EXPECT_EQ(0, memcmp(self->buffer + 160 + 2 * 16, &mark, 8));
	xmm.value.reg128.low_part = 0;
	ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, &xmm, 1));
	ASSERT_OK(set(&self->t, MSHV_VP_STATE_XSAVE, self->buffer,
		      PAGES * VMM_PAGE));
	ASSERT_OK(vmm_get_registers(self->t.vp[0], 0, &xmm, 1));
	EXPECT_EQ(mark, xmm.value.reg128.low_part);
}

TEST_F(state, synic_pages_and_timers)
{
	struct hv_synthetic_timers_state *timers = (void *)self->buffer;

	ASSERT_OK(get(&self->t, MSHV_VP_STATE_SIMP, self->buffer, VMM_PAGE));
	ASSERT_OK(get(&self->t, MSHV_VP_STATE_SIEFP, self->buffer, VMM_PAGE));
	ASSERT_OK(get(&self->t, MSHV_VP_STATE_SYNTHETIC_TIMERS, timers,
		      VMM_PAGE));
	EXPECT_EQ(0, timers->timers[0].config & 1);
	ASSERT_OK(set(&self->t, MSHV_VP_STATE_SYNTHETIC_TIMERS, timers,
		      VMM_PAGE));
}

TEST_F(state, sizes_are_told)
{
	__u32 size = VMM_PAGE;

	ASSERT_OK(vmm_get_state(self->t.vp[0], MSHV_VP_STATE_SYNTHETIC_TIMERS,
				self->buffer, &size));
	EXPECT_EQ(200, size);
	size = VMM_PAGE;
	ASSERT_OK(vmm_get_state(self->t.vp[0], MSHV_VP_STATE_LAPIC,
				self->buffer, &size));
	EXPECT_EQ(VMM_PAGE, size);
}

TEST_F(state, bad_arguments)
{
	static const __u32 sizes[] = { 0, 1, 100, 4095, 4097, 6000 };
	struct mshv_get_set_vp_state args = {
		.buf_sz = VMM_PAGE,
		.buf_ptr = (unsigned long)self->buffer,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT_EQ(-EINVAL, get(&self->t, MSHV_VP_STATE_LAPIC,
				       self->buffer, sizes[i]));
		EXPECT_EQ(-EINVAL, set(&self->t, MSHV_VP_STATE_LAPIC,
				       self->buffer, sizes[i]));
	}
	EXPECT_EQ(-EINVAL, get(&self->t, MSHV_VP_STATE_LAPIC,
			       self->buffer + 8, VMM_PAGE));
	for (i = MSHV_VP_STATE_COUNT; i < 256; i += 25)
		EXPECT_EQ(-EINVAL, get(&self->t, i, self->buffer, VMM_PAGE));
	for (i = 0; i < sizeof(args.rsvd); i++) {
		memset(args.rsvd, 0, sizeof(args.rsvd));
		args.rsvd[i] = 1;
		EXPECT_EQ(-1, ioctl(self->t.vp[0], MSHV_GET_VP_STATE, &args));
		EXPECT_EQ(EINVAL, errno);
	}
	EXPECT_EQ(-EFAULT, get(&self->t, MSHV_VP_STATE_LAPIC,
			       (void *)0xffff888000000000UL, VMM_PAGE));
	EXPECT_EQ(-EFAULT, get(&self->t, MSHV_VP_STATE_LAPIC, NULL, VMM_PAGE));
	EXPECT_EQ(-1, ioctl(self->t.vp[0], MSHV_GET_VP_STATE, NULL));
	EXPECT_EQ(EFAULT, errno);
}

/* Absurd sizes: an error, or no more than there is; never a warning. */
TEST_F(state, pitfall_U25_absurd_sizes)
{
	static const __u32 sizes[] = { 0x10000000, 0x80000000, 0xfffff000 };
	unsigned int i;
	__u32 size;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size = sizes[i];
		if (!vmm_get_state(self->t.vp[0], MSHV_VP_STATE_LAPIC,
				   self->buffer, &size))
			EXPECT_EQ(VMM_PAGE, size);
		EXPECT_GT(0, set(&self->t, MSHV_VP_STATE_XSAVE, self->buffer,
				 sizes[i]));
	}
}

/* A buffer that is only read need not be writable. */
TEST_F(state, pitfall_U25_set_from_read_only)
{
	ASSERT_OK(get(&self->t, MSHV_VP_STATE_LAPIC, self->buffer, VMM_PAGE));
	ASSERT_EQ(0, mprotect(self->buffer, VMM_PAGE, PROT_READ));
	EXPECT_EQ(0, set(&self->t, MSHV_VP_STATE_LAPIC, self->buffer,
			 VMM_PAGE));
	EXPECT_EQ(-EFAULT, get(&self->t, MSHV_VP_STATE_LAPIC, self->buffer,
			       VMM_PAGE));
}

TEST_HARNESS_MAIN
