// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's CPUID, that hidden features cannot be enabled, and MSRs that are refused.
 */
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_msr.h>
#include <hyperv/hv_register.h>

#include "handlers.h"
#include "harness.h"

#define EXTENDED	0x80000000U
#define VECTOR_UD	6
#define VECTOR_GP	13
#define MSR_APIC_BASE	0x1b
#define MSR_EFER	0xc0000080
#define X2APIC		0xfee00d00	/* on, as an x2APIC, of the first processor */
#define XAPIC		0xfee00900	/* on, of the first processor */
#define NO_APIC		0xfee00100
#define NX_AND_LONG	0xd00
#define EFER_SCE	0x001
#define EFER_LME	0x100
#define EFER_LMA	0x400
#define CR0_REAL_MODE	0x10
#define MAX_RESULTS	2048	/* of a partition */
#define BUCKETS_AT_FIRST	64	/* of the hypervisor's hash tables */
#define NO_LEAF		0x40001000U	/* and those after it: of no hypervisor */

static const __u8 guest_cpuid[] = { 0x0f, 0xa2, STOP };
static const __u8 guest_wrmsr[] = { 0x0f, 0x30, STOP };
static const __u8 guest_rdmsr[] = { 0x0f, 0x32, 0x89, 0xc3, STOP };	/* mov ebx, eax */
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

/* What a VMM registers for a leaf; returns the status. */
static int result_status(struct tvm *t, const struct hv_register_x64_cpuid_result_parameters *p)
{
	struct hv_input_register_intercept_result in = {
		.vp_index = HV_ANY_VP,
		.intercept_type = HV_INTERCEPT_TYPE_X64_CPUID,
		.parameters.cpuid = *p,
	};
	struct vmm_call call = {
		.code = HVCALL_REGISTER_INTERCEPT_RESULT, .in = &in, .in_size = sizeof(in),
	};

	vmm_hvcall(t->part, &call);
	return call.status;
}

/* EBX of one of many leaves, and nothing else. */
static int ebx_status(struct tvm *t, unsigned int leaf, __u32 ebx)
{
	const struct hv_register_x64_cpuid_result_parameters p = {
		.input.eax = NO_LEAF + leaf,
		.result = { .ebx = ebx, .ebx_mask = ~0U },
	};

	return result_status(t, &p);
}

TEST_F(cpuid, results_in_a_wrong_form)
{
	const struct hv_register_x64_cpuid_result_parameters wrong[] = {
		{ .input = { .eax = NO_LEAF, .subleaf_specific = 2 } },
		{ .input = { .eax = NO_LEAF, .always_override = 2 } },
		{ .input = { .eax = NO_LEAF, .padding = 1 } },
	};
	const struct hv_register_x64_cpuid_result_parameters right = {
		.input = { .eax = NO_LEAF, .subleaf_specific = 1, .always_override = 1 },
		.result = { .ebx = 7, .ebx_mask = ~0U },
	};
	__u32 ebx, ecx, edx;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, result_status(&self->t, &wrong[i])) {
			TH_LOG("result %u", i);
		}
	}
	EXPECT_EQ(0, result_status(&self->t, &right));
	ASSERT_OK(leaf_of(&self->t, NO_LEAF, 0, &ebx, &ecx, &edx));
	EXPECT_EQ(7, ebx);
}

/* There is a maximum of results, which leaves all of them as they are. */
TEST_F(cpuid, as_many_results_as_there_can_be)
{
	__u32 ebx, ecx, edx;
	unsigned int i;

	for (i = 0; i < MAX_RESULTS; i++) {
		ASSERT_EQ(0, ebx_status(&self->t, i, i)) {
			TH_LOG("result %u", i);
		}
	}
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, ebx_status(&self->t, i, i));
	/* One that is there can be replaced. */
	EXPECT_EQ(0, ebx_status(&self->t, 1, 0x55));
	ASSERT_OK(leaf_of(&self->t, NO_LEAF + 1, 0, &ebx, &ecx, &edx));
	EXPECT_EQ(0x55, ebx);
	ASSERT_OK(leaf_of(&self->t, NO_LEAF + MAX_RESULTS - 1, 0, &ebx, &ecx, &edx));
	EXPECT_EQ(MAX_RESULTS - 1, ebx);
	ASSERT_OK(leaf_of(&self->t, NO_LEAF + MAX_RESULTS, 0, &ebx, &ecx, &edx));
	EXPECT_EQ(0, ebx);
}

/* The hash table of results needs a page for the next one, and has none. */
TEST_F(cpuid, results_without_memory)
{
	__u32 ebx, ecx, edx;
	unsigned int i;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	for (i = 0; i < BUCKETS_AT_FIRST; i++)
		ASSERT_EQ(0, ebx_status(&self->t, i, i + 1));
	ASSERT_OK(leaf_of(&self->t, NO_LEAF + i, 0, &ebx, &ecx, &edx));
	ASSERT_EQ(0, rv_dry(tvm_id(&self->t), 1));
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY, ebx_status(&self->t, i, i + 1));
	ASSERT_EQ(0, rv_dry(tvm_id(&self->t), 0));
	ASSERT_OK(leaf_of(&self->t, NO_LEAF + i, 0, &ebx, &ecx, &edx));
	EXPECT_EQ(0, ebx);
	EXPECT_EQ(0, ebx_status(&self->t, i, i + 1));
	for (i = 0; i <= BUCKETS_AT_FIRST; i++) {
		ASSERT_OK(leaf_of(&self->t, NO_LEAF + i, 0, &ebx, &ecx, &edx));
		EXPECT_EQ(i + 1, ebx);
	}
}

/* ---- hidden ---------------------------------------------------------------------------- */

static int begin(struct tvm *t, const __u8 *code, size_t size, __u32 msr, __u64 value)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RAX, (__u32)value),
		vmm_value(HV_X64_REGISTER_RCX, msr),
		vmm_value(HV_X64_REGISTER_RDX, value >> 32),
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

static int wrmsr(struct tvm *t, __u32 msr, __u64 value)
{
	return begin(t, guest_wrmsr, sizeof(guest_wrmsr), msr, value);
}

static int rdmsr(struct tvm *t, __u32 msr)
{
	return begin(t, guest_rdmsr, sizeof(guest_rdmsr), msr, 0);
}

/* Between the modes there is one way: off, xAPIC, x2APIC, off. */
TEST_F(cpuid, modes_of_the_apic)
{
	static const struct {
		__u32 base;
		int expected;
	} rows[] = {
		{ X2APIC, HANDLER_STOP }, { XAPIC, VECTOR_GP }, { NO_APIC, HANDLER_STOP },
		{ X2APIC, VECTOR_GP }, { XAPIC, HANDLER_STOP }, { X2APIC, HANDLER_STOP },
	};
	__u64 base, before = XAPIC;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].expected, wrmsr(&self->t, MSR_APIC_BASE, rows[i].base)) {
			TH_LOG("%u: %#x", i, rows[i].base);
		}
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_BASE, &base));
		if (rows[i].expected == HANDLER_STOP)
			before = rows[i].base;
		EXPECT_EQ(before, base);
	}
}

/* The registers are MSRs in x2APIC mode only, with fewer of them and no reserved bits. */
TEST_F(cpuid, registers_of_the_x2apic)
{
	static const struct {
		__u32 msr;
		bool write;
		__u64 value;
		int expected;
	} rows[] = {
		{ 0x802, true, 0, VECTOR_GP },			/* id */
		{ 0x808, true, 0x20, HANDLER_STOP },		/* TPR */
		{ 0x808, true, 0x120, VECTOR_GP },
		{ 0x808, true, 0x100000020, VECTOR_GP },
		{ 0x808, false, 0x20, HANDLER_STOP },
		{ 0x80b, true, 0, HANDLER_STOP },		/* EOI */
		{ 0x80b, true, 1, VECTOR_GP },
		{ 0x80b, false, 0, VECTOR_GP },
		{ 0x80d, true, 1, VECTOR_GP },			/* LDR */
		{ 0x80d, false, 1, HANDLER_STOP },
		{ 0x80e, true, 0xffffffff, VECTOR_GP },		/* DFR */
		{ 0x80e, false, 0, VECTOR_GP },
		{ 0x80f, true, 0x1ff, HANDLER_STOP },		/* SVR */
		{ 0x80f, true, 0x1000001ff, VECTOR_GP },
		{ 0x828, true, 0, HANDLER_STOP },		/* ESR */
		{ 0x828, true, 1, VECTOR_GP },
		/* ICR: to a processor that there is not. */
		{ 0x830, true, 0x7f00004055, HANDLER_STOP },
		{ 0x830, false, 0x4055, HANDLER_STOP },
		{ 0x831, true, 0, VECTOR_GP },
		{ 0x831, false, 0, VECTOR_GP },
		{ 0x83f, true, 0x40, HANDLER_STOP },		/* self IPI */
		{ 0x83f, true, 0x140, VECTOR_GP },
		{ 0x83f, false, 0, VECTOR_GP },
	};
	__u64 value, high;
	unsigned int i;

	EXPECT_EQ(VECTOR_GP, rdmsr(&self->t, 0x803));
	EXPECT_EQ(VECTOR_GP, wrmsr(&self->t, 0x808, 0x20));
	EXPECT_EQ(HANDLER_STOP, wrmsr(&self->t, MSR_APIC_BASE, X2APIC));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].expected, rows[i].write ?
			  wrmsr(&self->t, rows[i].msr, rows[i].value) :
			  rdmsr(&self->t, rows[i].msr)) {
			TH_LOG("%s of %#x: %#llx", rows[i].write ? "write" : "read",
			       rows[i].msr, rows[i].value);
		}
		if (rows[i].write || rows[i].expected != HANDLER_STOP)
			continue;
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_RBX, &value));
		EXPECT_EQ(rows[i].value, value);
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_RDX, &high));
		EXPECT_EQ(rows[i].msr == 0x830 ? 0x7f : 0, high);
	}
}

TEST_F(cpuid, no_execute_hidden)
{
	EXPECT_EQ(HANDLER_STOP, begin(&self->t, guest_wrmsr, sizeof(guest_wrmsr), MSR_EFER,
				      NX_AND_LONG));
	ASSERT_OK(hide(&self->t, EXTENDED | 1, 0, HV_BIT(20)));
	EXPECT_EQ(VECTOR_GP, begin(&self->t, guest_wrmsr, sizeof(guest_wrmsr), MSR_EFER,
				   NX_AND_LONG));
}

/* The same in real mode, in which long mode is not enabled yet. */
static int efer_in_real_mode(struct tvm *t, __u32 value)
{
	static const __u8 says[] = { 0xb0, VECTOR_GP, 0xe6, HANDLER_PORT };
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_CR0, CR0_REAL_MODE),
		vmm_value(HV_X64_REGISTER_EFER, 0),
		vmm_table(HV_X64_REGISTER_IDTR, 0, 0x3ff),
		vmm_value(HV_X64_REGISTER_RAX, value),
		vmm_value(HV_X64_REGISTER_RCX, MSR_EFER),
		vmm_value(HV_X64_REGISTER_RDX, 0),
	};
	const __u32 entry = HANDLER_CODE;
	int ret = tvm_real_mode(t, 0, TVM_CODE);

	memcpy(t->memory + TVM_CODE, guest_wrmsr, sizeof(guest_wrmsr));
	memcpy(t->memory + HANDLER_CODE, says, sizeof(says));
	memcpy(t->memory + VECTOR_GP * sizeof(entry), &entry, sizeof(entry));
	ret = ret ?: vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
	return ret ?: handlers_next(t, 0);
}

TEST_F(cpuid, syscall_and_long_mode_hidden)
{
	static const __u32 bits[] = { EFER_SCE, EFER_LME };
	static const __u32 features[] = { HV_BIT(11), HV_BIT(29) };
	unsigned int i;
	__u64 value;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		EXPECT_EQ(HANDLER_STOP, efer_in_real_mode(&self->t, bits[i]));
		ASSERT_OK(hide(&self->t, EXTENDED | 1, 0, features[i]));
		EXPECT_EQ(VECTOR_GP, efer_in_real_mode(&self->t, bits[i])) {
			TH_LOG("EFER %#x", bits[i]);
		}
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_EFER, &value));
		EXPECT_EQ(0, value);
	}
}

/* Long mode is left by CR0.PG only. */
TEST_F(cpuid, long_mode_in_use)
{
	EXPECT_EQ(VECTOR_GP, begin(&self->t, guest_wrmsr, sizeof(guest_wrmsr), MSR_EFER,
				   EFER_LMA));
	EXPECT_EQ(HANDLER_STOP, begin(&self->t, guest_wrmsr, sizeof(guest_wrmsr), MSR_EFER,
				      EFER_LME | EFER_LMA));
}

/* What kernels read on AMD's processors to find nothing, and Intel's, which are not there. */
TEST_F(cpuid, msrs_of_the_platform)
{
	static const struct {
		__u32 msr;
		bool always;
	} rows[] = {
		{ 0x17b, true }, { 0x1db, true }, { 0x400, true }, { 0xc0010000, true },
		{ 0xc001001a, true }, { 0xc001001f, true }, { 0xc0010020, true },
		{ 0xc0010055, true }, { 0xc0010061, true }, { 0xc0010064, true },
		{ 0xc0010071, true }, { 0xc0010112, true }, { 0xc0010140, true },
		{ 0xc0010200, true }, { 0xc0011022, true }, { 0xc0011029, true },
		{ 0x17, false }, { 0xce, false }, { 0x1ad, false }, { 0x606, false },
		{ 0xc0010299, false }, { 0xc0011005, false },
	};
	unsigned int i, action;
	int expected;
	__u64 rbx;

	for (action = 0; action < 2; action++) {
		ASSERT_OK(vmm_set_property(self->t.part,
					   HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION, action));
		for (i = 0; i < ARRAY_SIZE(rows); i++) {
			expected = rows[i].always || action ? HANDLER_STOP : VECTOR_GP;
			EXPECT_EQ(expected, begin(&self->t, guest_wrmsr, sizeof(guest_wrmsr),
						  rows[i].msr, 0)) {
				TH_LOG("write of MSR %#x", rows[i].msr);
			}
			EXPECT_EQ(expected, begin(&self->t, guest_rdmsr, sizeof(guest_rdmsr),
						  rows[i].msr, ~0ULL)) {
				TH_LOG("read of MSR %#x", rows[i].msr);
			}
			if (expected == VECTOR_GP)
				continue;
			ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_RBX, &rbx));
			EXPECT_EQ(0, rbx);
		}
	}
}

#define NO_MSR		0x12345

/* There is none of this number, or it can be accessed in one way only, or not like that. */
TEST_F(cpuid, msrs_that_are_refused)
{
	static const struct {
		__u32 msr;
		bool write;
		__u64 value;
		int expected;
	} rows[] = {
		{ NO_MSR, false, 0, VECTOR_GP },
		{ NO_MSR, true, 0, VECTOR_GP },
		{ HV_X64_MSR_TIME_REF_COUNT, false, 0, HANDLER_STOP },
		{ HV_X64_MSR_TIME_REF_COUNT, true, 0, VECTOR_GP },
		{ HV_X64_MSR_EOI, false, 0, VECTOR_GP },
		{ HV_X64_MSR_EOI, true, 0, HANDLER_STOP },
		{ HV_X64_MSR_SVERSION, false, 0, HANDLER_STOP },
		{ HV_X64_MSR_SVERSION, true, 1, VECTOR_GP },
		{ HV_X64_MSR_SIMP, true, 0x6001, HANDLER_STOP },
		{ HV_X64_MSR_SIMP, true, 0x6003, VECTOR_GP },
		{ HV_X64_MSR_SIMP, true, 1ULL << 48 | 1, VECTOR_GP },
		{ HV_X64_MSR_SIEFP, true, 1ULL << 48 | 1, VECTOR_GP },
		{ HV_X64_MSR_SIRBP, true, 0x7001, VECTOR_GP },
		{ HV_X64_MSR_SIRBP, false, 0, VECTOR_GP },
	};
	__u64 value;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].expected, rows[i].write ?
			  wrmsr(&self->t, rows[i].msr, rows[i].value) :
			  rdmsr(&self->t, rows[i].msr)) {
			TH_LOG("%s of %#x: %#llx", rows[i].write ? "write" : "read",
			       rows[i].msr, rows[i].value);
		}
	}
	/* What was refused has changed nothing. */
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_REGISTER_SIMP, &value));
	EXPECT_EQ(0x6001, value);
}

TEST_F(cpuid, msrs_without_features)
{
	static const __u32 msrs[] = {
		HV_X64_MSR_GUEST_OS_ID, HV_X64_MSR_VP_INDEX, HV_X64_MSR_TIME_REF_COUNT,
		HV_X64_MSR_SCONTROL, HV_X64_MSR_STIMER0_CONFIG,
	};
	unsigned int i;
	struct tvm t;

	ASSERT_OK(tvm_open(&t));
	t.part = vmm_create_v1(t.dev, TVM_FLAGS);
	ASSERT_OK(t.part);
	ASSERT_OK(vmm_set_property(t.part, HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES, 0));
	ASSERT_OK(vmm_initialize(t.part));
	ASSERT_OK(tvm_memory(&t));
	ASSERT_OK(tvm_vp(&t, 0));
	for (i = 0; i < ARRAY_SIZE(msrs); i++) {
		EXPECT_EQ(VECTOR_GP, rdmsr(&t, msrs[i])) {
			TH_LOG("read of %#x", msrs[i]);
		}
		EXPECT_EQ(VECTOR_GP, wrmsr(&t, msrs[i], 0)) {
			TH_LOG("write of %#x", msrs[i]);
		}
	}
	tvm_close(&t);
}

static int unknown_msr(struct tvm *t, __u32 msr, __u32 access, __u32 action)
{
	struct hv_input_register_intercept_result in = {
		.intercept_type = HV_INTERCEPT_TYPE_X64_MSR,
		.parameters.msr = {
			.msr_index = msr, .access_type = access, .action = action,
		},
	};
	struct vmm_call call = {
		.code = HVCALL_REGISTER_INTERCEPT_RESULT, .in = &in, .in_size = sizeof(in),
	};

	return vmm_hvcall(t->vp[0], &call);
}

/* The VMM has said what becomes of an access to this one, which goes before the rest. */
TEST_F(cpuid, msrs_as_registered)
{
	__u64 value = 1;

	ASSERT_OK(unknown_msr(&self->t, NO_MSR, HV_INTERCEPT_ACCESS_MASK_READ,
			      HV_MSR_RESULT_ACTION_IGNORE_WRITE_READ_ZERO));
	EXPECT_EQ(HANDLER_STOP, rdmsr(&self->t, NO_MSR));
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_RBX, &value));
	EXPECT_EQ(0, value);
	EXPECT_EQ(VECTOR_GP, wrmsr(&self->t, NO_MSR, 0));
	EXPECT_EQ(VECTOR_GP, rdmsr(&self->t, NO_MSR + 1));
	ASSERT_OK(vmm_set_property(self->t.part, HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
				   HV_UNIMPLEMENTED_MSR_ACTION_IGNORE_WRITE_READ_ZERO));
	ASSERT_OK(unknown_msr(&self->t, NO_MSR, HV_INTERCEPT_ACCESS_MASK_READ |
			      HV_INTERCEPT_ACCESS_MASK_WRITE, HV_MSR_RESULT_ACTION_FAULT));
	EXPECT_EQ(VECTOR_GP, rdmsr(&self->t, NO_MSR));
	EXPECT_EQ(VECTOR_GP, wrmsr(&self->t, NO_MSR, 0));
	EXPECT_EQ(HANDLER_STOP, rdmsr(&self->t, NO_MSR + 1));
}

#define CR4_OSXSAVE	0x40020		/* with PAE */
#define STACK_OF_USER	0x6000

/* There is XCR0 only, x87 is always in it, and it is not a user's. */
TEST_F(cpuid, xsetbv)
{
	static const struct {
		__u32 number, value;
		bool user;
		int expected;
	} rows[] = {
		{ 0, 3, false, HANDLER_STOP }, { 1, 3, false, VECTOR_GP },
		{ 0, 2, false, VECTOR_GP }, { 0, 3, true, VECTOR_GP },
	};
	const struct hv_register_assoc user[] = {
		vmm_segment(HV_X64_REGISTER_CS, 0x13, 0, 0xffffffff, 0xa0fb),
		vmm_segment(HV_X64_REGISTER_SS, 0x1b, 0, 0xffffffff, 0xc0f3),
	};
	unsigned int i;

	memcpy(self->t.memory + TVM_CODE, guest_xsetbv, sizeof(guest_xsetbv));
	/* The task's state lies at 0. */
	*(__u64 *)(self->t.memory + 4) = STACK_OF_USER;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct hv_register_assoc regs[] = {
			vmm_value(HV_X64_REGISTER_CR4, CR4_OSXSAVE),
			vmm_value(HV_X64_REGISTER_RAX, rows[i].value),
			vmm_value(HV_X64_REGISTER_RCX, rows[i].number),
			vmm_value(HV_X64_REGISTER_RDX, 0),
		};

		ASSERT_OK(handlers_make(&self->t, 0));
		ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(regs)));
		if (rows[i].user)
			ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, user, ARRAY_SIZE(user)));
		EXPECT_EQ(rows[i].expected, handlers_next(&self->t, 0)) {
			TH_LOG("XCR%u = %#x", rows[i].number, rows[i].value);
		}
		/* Above the error code; a user cannot reach the port either. */
		if (rows[i].expected == VECTOR_GP)
			EXPECT_EQ(TVM_CODE, ((const __u64 *)handlers_frame(&self->t, 0))[1]);
	}
}

TEST_F(cpuid, xsetbv_before_osxsave)
{
	EXPECT_EQ(VECTOR_UD, begin(&self->t, guest_xsetbv, sizeof(guest_xsetbv), 0, 1));
}

TEST_HARNESS_MAIN
