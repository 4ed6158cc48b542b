// SPDX-License-Identifier: GPL-2.0
/*
 * Partitions without a local APIC: the VMM is notified when the guest halts, since
 * nothing else could wake it.
 */
#include "claims.h"

#define APIC_BASE_DEFAULT	0xfee00900
#define MSR_APIC_BASE		0x1b
#define CPUID_1_EDX_APIC	HV_BIT(9)

FIXTURE(noapic) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(noapic)
{
	struct tvm *t = &self->t;

	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_open(t));
	t->part = vmm_create_v1(t->dev, 0);
	ASSERT_OK(t->part);
	ASSERT_OK(vmm_set_property(t->part,
				   HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES, 0));
	ASSERT_OK(vmm_initialize(t->part));
	ASSERT_OK(tvm_memory(t));
	ASSERT_OK(tvm_vp(t, 0));
}

FIXTURE_TEARDOWN(noapic)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int start(struct tvm *t, const void *code, size_t size)
{
	memcpy(t->memory + TVM_CODE, code, size);
	return tvm_real_mode(t, 0, TVM_CODE);
}

/* Halts twice, and reports in between. */
static const __u8 guest_halts[] = {
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	HLT,
	0xb0, 0x01, OUT_AL,
	0xfb,				/* sti */
	HLT,
	0xb0, 0x02, OUT_AL,
	0xeb, 0xfe,
};

#define EXPECT_HALT(at) do {						\
	patience_begin();						\
	EXPECT_EQ(0, tvm_run(&self->t, 0));				\
	patience_end();							\
	EXPECT_EQ(HVMSG_X64_HALT, self->t.message.header.message_type);	\
	EXPECT_EQ(TVM_CODE + (at), tvm_header(&self->t)->rip);		\
	EXPECT_EQ(0, tvm_header(&self->t)->vp_index);			\
} while (0)

TEST_F(noapic, a_halt_is_told)
{
	__u64 value = 0;

	ASSERT_OK(start(&self->t, guest_halts, sizeof(guest_halts)));
	EXPECT_HALT(4);
	EXPECT_EQ(0, tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(1, value);
	EXPECT_HALT(9);
	EXPECT_EQ(0, tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(2, value);
}

/* The VMM's own interrupt controller sends one while the guest halts. */
TEST_F(noapic, an_interrupt_of_the_vmm)
{
	static const __u8 handler[] = {
		0xba, 0xf8, 0x03, 0xb0, 0x77, OUT_AL, 0xcf,
	};
	const __u64 pending = HV_PENDING_INTERRUPTION_PENDING |
		HV_X64_PENDING_INTERRUPT << HV_PENDING_INTERRUPTION_TYPE_SHIFT |
		0x40 << HV_PENDING_INTERRUPTION_VECTOR_SHIFT;
	const __u32 entry = 0x3000;
	__u64 value = 0;

	ASSERT_OK(start(&self->t, guest_halts, sizeof(guest_halts)));
	memcpy(self->t.memory + entry, handler, sizeof(handler));
	memcpy(self->t.memory + 0x40 * 4, &entry, 4);
	EXPECT_HALT(4);
	EXPECT_EQ(0, tvm_next_out(&self->t, 0, &value));
	EXPECT_HALT(9);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0,
				   HV_REGISTER_PENDING_INTERRUPTION, pending));
	EXPECT_EQ(0, tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x77, value);
	EXPECT_EQ(0, tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(2, value);
}

/* CPUID's bit, and whether APIC_BASE can be switched on: 1 by #GP's handler. */
static const __u8 guest_looks[] = {
	0x66, 0xb8, 1, 0, 0, 0,		/* mov eax, 1 */
	0x0f, 0xa2,			/* cpuid */
	0x66, 0x89, 0xd0,		/* mov eax, edx */
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0x66, 0xef,			/* out dx, eax */
	0x66, 0xb9, MSR_APIC_BASE, 0, 0, 0,	/* mov ecx, APIC_BASE */
	0x66, 0xb8, 0x00, 0x09, 0xe0, 0xfe,	/* mov eax, default */
	0x66, 0x31, 0xd2,		/* xor edx, edx */
	0x0f, 0x30,			/* wrmsr */
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xb0, 0x02, OUT_AL,
	0xeb, 0xfe,
};

/* Without synthetic features there is no hypervisor either. */
TEST_F(noapic, no_hypervisor_in_cpuid)
{
	static const __u32 none[4];
	__u32 leaf, regs[4];

	for (leaf = 0x40000000; leaf <= 0x40000006; leaf++) {
		ASSERT_OK(leaf_of(&self->t, leaf, 0, regs));
		EXPECT_EQ(0, memcmp(regs, none, sizeof(regs))) {
			TH_LOG("leaf %#x", leaf);
		}
	}
	ASSERT_OK(leaf_of(&self->t, 1, 0, regs));
	EXPECT_EQ(0, regs[2] & HV_BIT(31));
}

TEST_F(noapic, has_none)
{
	static const __u8 handler[] = {
		0xba, 0xf8, 0x03, 0xb0, 0x01, OUT_AL, 0xeb, 0xfe,
	};
	const __u32 entry = 0x3000;
	__u64 value = 0;

	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_BASE,
				   &value));
	EXPECT_EQ(0, value & 0x800);
	EXPECT_EQ(0, vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_BASE, 0));
	EXPECT_EQ(-EINVAL, vmm_set_register(self->t.vp[0], 0,
					    HV_X64_REGISTER_APIC_BASE,
					    APIC_BASE_DEFAULT));
	EXPECT_NE(0, vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_FIXED, false,
				false, 0, 0x40));
	ASSERT_OK(start(&self->t, guest_looks, sizeof(guest_looks)));
	memcpy(self->t.memory + entry, handler, sizeof(handler));
	memcpy(self->t.memory + 13 * 4, &entry, 4);
	EXPECT_EQ(0, tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0, value & CPUID_1_EDX_APIC);
	EXPECT_EQ(0, tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(1, value);
}

TEST_HARNESS_MAIN
