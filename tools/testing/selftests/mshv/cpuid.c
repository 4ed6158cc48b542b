// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's CPUID, and that hidden features cannot be enabled.
 */
#include <hyperv/hv_register.h>

#include "handlers.h"
#include "harness.h"

#define EXTENDED	0x80000000U
#define VECTOR_UD	6
#define VECTOR_GP	13
#define MSR_APIC_BASE	0x1b
#define MSR_EFER	0xc0000080
#define X2APIC		0xfee00d00	/* on, as an x2APIC, of the first processor */
#define NX_AND_LONG	0xd00

static const __u8 guest_cpuid[] = { 0x0f, 0xa2, STOP };
static const __u8 guest_wrmsr[] = { 0x0f, 0x30, STOP };
static const __u8 guest_xsetbv[] = { 0x0f, 0x01, 0xd1, STOP };

FIXTURE(cpuid) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(cpuid)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start_long(&self->t, guest_cpuid, sizeof(guest_cpuid)));
}

FIXTURE_TEARDOWN(cpuid)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/* A leaf as the guest sees it; the last two instructions clobber AL only. */
static int leaf_of(struct tvm *t, __u32 leaf, __u32 sub, __u32 *ebx, __u32 *ecx, __u32 *edx)
{
	struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RBX, 0),
		vmm_value(HV_X64_REGISTER_RCX, sub),
		vmm_value(HV_X64_REGISTER_RDX, 0),
		vmm_value(HV_X64_REGISTER_RAX, leaf),
	};
	int ret = handlers_make(t, 0);

	ret = ret ?: vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
	ret = ret ?: handlers_next(t, 0);
	if (ret != HANDLER_STOP)
		return ret < 0 ? ret : -EPROTO;
	ret = vmm_get_registers(t->vp[0], 0, regs, 3);
	*ebx = regs[0].value.reg64;
	*ecx = regs[1].value.reg64;
	*edx = regs[2].value.reg64;
	return ret;
}

/* As a VMM that gives its guest everything. */
static int show_all(struct tvm *t, __u32 leaf, __u32 sub)
{
	const struct vmm_cpuid all = {
		.leaf = leaf, .subleaf = sub, .subleaf_specific = true,
		.value = { ~0U, ~0U, ~0U, ~0U }, .mask = { 0, ~0U, ~0U, ~0U },
	};

	return vmm_cpuid(t->vp[0], 0, &all);
}

TEST_F(cpuid, not_what_nothing_does)
{
	__u32 ebx, ecx, edx;

	ASSERT_OK(show_all(&self->t, 1, 0));
	ASSERT_OK(leaf_of(&self->t, 1, 0, &ebx, &ecx, &edx));
	EXPECT_EQ(0, ecx & (HV_BIT(3) | HV_BIT(5) | HV_BIT(24)));	/* MONITOR, VMX, deadline */
	ASSERT_OK(show_all(&self->t, 7, 0));
	ASSERT_OK(leaf_of(&self->t, 7, 0, &ebx, &ecx, &edx));
	EXPECT_EQ(0, ebx & (HV_BIT(11) | HV_BIT(14) | HV_BIT(25)));	/* RTM, MPX, trace */
	/* Shadow stacks, LA57, PKS. */
	EXPECT_EQ(0, ecx & (HV_BIT(7) | HV_BIT(16) | HV_BIT(31)));
	ASSERT_OK(show_all(&self->t, EXTENDED | 1, 0));
	ASSERT_OK(leaf_of(&self->t, EXTENDED | 1, 0, &ebx, &ecx, &edx));
	/* SVM, its APIC, MONITORX. */
	EXPECT_EQ(0, ecx & (HV_BIT(2) | HV_BIT(3) | HV_BIT(29)));
	EXPECT_NE(0, edx & HV_BIT(29));					/* long mode */
	ASSERT_OK(show_all(&self->t, 0xa, 0));
	ASSERT_OK(leaf_of(&self->t, 0xa, 0, &ebx, &ecx, &edx));
	EXPECT_EQ(0, ebx | ecx | edx);
}

TEST_F(cpuid, not_what_the_processor_lacks)
{
	__u32 ebx, ecx, edx;

	/* AVX-512, which no emulated processor has. */
	ASSERT_OK(show_all(&self->t, 7, 0));
	ASSERT_OK(leaf_of(&self->t, 7, 0, &ebx, &ecx, &edx));
	EXPECT_EQ(0, ebx & HV_BIT(16));
}

/* A VMM's values are passed on as they are. */
TEST_F(cpuid, values_of_a_vmm)
{
	__u32 ebx, ecx, edx;

	ASSERT_OK(show_all(&self->t, EXTENDED | 6, 0));
	ASSERT_OK(leaf_of(&self->t, EXTENDED | 6, 0, &ebx, &ecx, &edx));
	EXPECT_EQ(~0U, ebx & ecx & edx);
}

/* ---- hidden ---------------------------------------------------------------------------- */

static int begin(struct tvm *t, const __u8 *code, size_t size, __u32 msr, __u32 value)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RAX, value),
		vmm_value(HV_X64_REGISTER_RCX, msr),
		vmm_value(HV_X64_REGISTER_RDX, 0),
	};
	int ret = handlers_make(t, 0);

	memcpy(t->memory + TVM_CODE, code, size);
	ret = ret ?: vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
	return ret ?: handlers_next(t, 0);
}

static int hide(struct tvm *t, __u32 leaf, __u32 ecx, __u32 edx)
{
	const struct vmm_cpuid hidden = { .leaf = leaf, .mask = { 0, 0, ecx, edx } };

	return vmm_cpuid(t->vp[0], 0, &hidden);
}

TEST_F(cpuid, x2apic_hidden)
{
	ASSERT_OK(hide(&self->t, 1, HV_BIT(21), 0));
	EXPECT_EQ(VECTOR_GP, begin(&self->t, guest_wrmsr, sizeof(guest_wrmsr), MSR_APIC_BASE,
				   X2APIC));
}

TEST_F(cpuid, x2apic_shown)
{
	EXPECT_EQ(HANDLER_STOP, begin(&self->t, guest_wrmsr, sizeof(guest_wrmsr),
				      MSR_APIC_BASE, X2APIC));
}

TEST_F(cpuid, no_execute_hidden)
{
	EXPECT_EQ(HANDLER_STOP, begin(&self->t, guest_wrmsr, sizeof(guest_wrmsr), MSR_EFER,
				      NX_AND_LONG));
	ASSERT_OK(hide(&self->t, EXTENDED | 1, 0, HV_BIT(20)));
	EXPECT_EQ(VECTOR_GP, begin(&self->t, guest_wrmsr, sizeof(guest_wrmsr), MSR_EFER,
				   NX_AND_LONG));
}

TEST_F(cpuid, xsetbv_before_osxsave)
{
	EXPECT_EQ(VECTOR_UD, begin(&self->t, guest_xsetbv, sizeof(guest_xsetbv), 0, 1));
}

TEST_HARNESS_MAIN
