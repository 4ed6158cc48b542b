// SPDX-License-Identifier: GPL-2.0
/*
 * What is told about a partition and a processor is what is so.
 *
 * Model: claims.c tries whether a number is accepted; here what comes back is compared
 * with another way to know it, or has to change when what it is about does.
 */
#include <cpuid.h>

#include <hyperv/hv_cpuid.h>
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_msr.h>
#include <hyperv/hv_vp.h>

#include "claims.h"
#include "ear.h"

#define OS_ID		0x8100000000000042ULL
#define REG_APIC(n)	(HV_X64_REGISTER_APIC_MSR_OFFSET + 0x800 + (n))
#define APIC_TPR	0x8
#define APIC_PPR	0xa
#define APIC_LDR	0xd
#define APIC_DFR	0xe
#define APIC_SVR	0xf
#define APIC_CMCI	0x2f
#define VENDOR_AMD	0x68747541	/* "Auth", of CPUID leaf 0 */
#define VENDOR_HYGON	0x6f677948
#define MSR_PATCH_LEVEL	0x8b
#define MSR_MTRR_CAP	0xfe
#define MSR_SYSCFG	0xc0010010
#define MSR_HWCR	0xc0010015
#define GP_HANDLER	0x3000
#define GP_VECTOR	13
#define GP_SAYS		0xee
#define FORWARD		1000000000000000ULL
#define SLEEPS		1000
#define GUEST_READS	2		/* in guest_writes, without the write */
#define BYTE_OF(value, n)	((value) >> (8 * (n)) & 0xff)
#define LEGACY_XSAVE	576		/* bytes: x87, SSE and the header */

FIXTURE(values) {
	struct books before;
	struct tvm t;
};

FIXTURE_SETUP(values)
{
	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	ASSERT_OK(claims_start(&self->t, TVM_FLAGS));
}

FIXTURE_TEARDOWN(values)
{
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

static __u64 property(struct tvm *t, __u32 code)
{
	__u64 value;

	return vmm_get_property(t->part, code, &value) ? ~0ULL : value;
}

static __u64 get_of(struct tvm *t, unsigned int vp, __u32 name)
{
	__u64 value;

	return vmm_get_register(t->vp[vp], vp, name, &value) ? ~0ULL : value;
}

static __u64 get(struct tvm *t, __u32 name)
{
	return get_of(t, 0, name);
}

/* Properties that say what the processor can do. */
TEST_F(values, of_the_processor)
{
	unsigned int a, b, c, d;

	__cpuid(1, a, b, c, d);
	EXPECT_EQ(BYTE_OF(b, 1),
		  property(&self->t, HV_PARTITION_PROPERTY_PROCESSOR_CL_FLUSH_SIZE));
	__cpuid(0x80000008, a, b, c, d);
	EXPECT_EQ(BYTE_OF(a, 0),
		  property(&self->t, HV_PARTITION_PROPERTY_PHYSICAL_ADDRESS_WIDTH));
	__cpuid(0, a, b, c, d);
	EXPECT_EQ(b == VENDOR_AMD ? HV_PROCESSOR_VENDOR_AMD :
		  b == VENDOR_HYGON ? HV_PROCESSOR_VENDOR_HYGON : HV_PROCESSOR_VENDOR_INTEL,
		  property(&self->t, HV_PARTITION_PROPERTY_PROCESSOR_VENDOR));
	/* SSE3, which all have; x87 and SSE, and what these take. */
	EXPECT_EQ(1, property(&self->t, HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0) & 1);
	EXPECT_NE(0, property(&self->t, HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1));
	EXPECT_EQ(1, property(&self->t, HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES) & 1);
	EXPECT_EQ(3, property(&self->t, HV_PARTITION_PROPERTY_XSAVE_STATES) & 3);
	EXPECT_LE(LEGACY_XSAVE,
		  property(&self->t, HV_PARTITION_PROPERTY_MAX_XSAVE_DATA_SIZE));
	EXPECT_NE(0, property(&self->t, HV_PARTITION_PROPERTY_COMPATIBILITY_VERSION));
	EXPECT_EQ(get(&self->t, HV_REGISTER_PROCESSOR_CLOCK_FREQUENCY),
		  property(&self->t, HV_PARTITION_PROPERTY_PROCESSOR_CLOCK_FREQUENCY));
	EXPECT_NE(0, get(&self->t, HV_REGISTER_PROCESSOR_CLOCK_FREQUENCY));
}

/* The hypervisor's leaves, the registers that are the same, and the privileges. */
TEST_F(values, of_the_hypervisor)
{
	static const struct {
		__u32 name, leaf;
	} rows[] = {
		{ HV_REGISTER_HYPERVISOR_VERSION, 0x40000002 },
		{ HV_REGISTER_PRIVILEGES_AND_FEATURES_INFO, 0x40000003 },
	};
	struct hv_register_assoc reg = { 0 };
	__u32 leaf[4];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		reg.name = rows[i].name;
		ASSERT_OK(vmm_get_registers(self->t.vp[0], 0, &reg, 1));
		ASSERT_OK(leaf_of(&self->t, rows[i].leaf, 0, leaf));
		EXPECT_NE(0, leaf[0]);
		EXPECT_EQ(0, memcmp(leaf, &reg.value, sizeof(leaf))) {
			TH_LOG("leaf %#x", rows[i].leaf);
		}
	}
	EXPECT_EQ(leaf[0] | (__u64)leaf[1] << 32,
		  property(&self->t, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS));
	/* It is too late for these, whatever the value. */
	EXPECT_EQ(-EBADFD, vmm_set_property(self->t.part,
					    HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, 0));
	ASSERT_OK(leaf_of(&self->t, 0x40000000, 0, leaf));
	EXPECT_EQ(0, memcmp(&leaf[1], "Microsoft Hv", 12));
	ASSERT_OK(leaf_of(&self->t, 0x40000001, 0, leaf));
	EXPECT_EQ(0, memcmp(&leaf[0], "Hv#1", 4));
}

/* A name that the guest, or its VMM, has given to its system. */
TEST_F(values, of_the_system)
{
	EXPECT_EQ(0, property(&self->t, HV_PARTITION_PROPERTY_GUEST_OS_ID));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_GUEST_OS_ID, OS_ID));
	EXPECT_EQ(OS_ID, property(&self->t, HV_PARTITION_PROPERTY_GUEST_OS_ID));
	EXPECT_EQ(OS_ID, get(&self->t, HV_REGISTER_GUEST_OS_ID));
}

TEST_F(values, of_the_apic)
{
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, REG_APIC(APIC_TPR), 0x50));
	EXPECT_EQ(0x50, get(&self->t, REG_APIC(APIC_TPR)));
	EXPECT_EQ(0x50, get(&self->t, REG_APIC(APIC_PPR)));
	EXPECT_EQ(5, get(&self->t, HV_X64_REGISTER_CR8));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, REG_APIC(APIC_SVR), 0x1f3));
	EXPECT_EQ(0x1f3, get(&self->t, REG_APIC(APIC_SVR)));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, REG_APIC(APIC_CMCI), 0x10055));
	EXPECT_EQ(0x10055, get(&self->t, REG_APIC(APIC_CMCI)));
}

/* A VMM may switch between the modes, which have logical ids of their own. */
TEST_F(values, of_the_apic_mode)
{
	int vp;

	ASSERT_OK(tvm_vp(&self->t, 1));
	vp = self->t.vp[1];
	EXPECT_EQ(-EINVAL, vmm_set_register(vp, 1, HV_X64_REGISTER_APIC_BASE, 0xfee00400));
	EXPECT_EQ(-EINVAL, vmm_set_register(vp, 1, HV_X64_REGISTER_APIC_BASE, 0xfee00802));
	ASSERT_OK(vmm_set_register(vp, 1, REG_APIC(APIC_LDR), 0x04000000));
	ASSERT_OK(vmm_set_register(vp, 1, REG_APIC(APIC_DFR), 0x0fffffff));
	EXPECT_EQ(0x04000000, get_of(&self->t, 1, REG_APIC(APIC_LDR)));
	ASSERT_OK(vmm_set_register(vp, 1, HV_X64_REGISTER_APIC_BASE, 0xfee00c00));
	EXPECT_EQ(2, get_of(&self->t, 1, REG_APIC(APIC_LDR)));
	EXPECT_EQ(~0ULL, get_of(&self->t, 1, REG_APIC(APIC_DFR)));
	ASSERT_OK(vmm_set_register(vp, 1, HV_X64_REGISTER_APIC_BASE, 0xfee00800));
	EXPECT_EQ(0, get_of(&self->t, 1, REG_APIC(APIC_LDR)));
	EXPECT_EQ(0xffffffff, get_of(&self->t, 1, REG_APIC(APIC_DFR)));
}

/* Writes EDX:EAX to the MSR, and reads it into other registers. */
static const __u8 guest_writes[] = {
	0x0f, 0x30,			/* wrmsr */
	0x66, 0x31, 0xc0,		/* xor eax, eax */
	0x66, 0x31, 0xd2,		/* xor edx, edx */
	0x0f, 0x32,			/* rdmsr */
	0x66, 0x89, 0xc3,		/* mov ebx, eax */
	0x66, 0x89, 0xd6,		/* mov esi, edx */
	0xba, 0xf8, 0x03, 0xb0, 0x01, OUT_AL,
	0xeb, 0xfe,
};

/* What the guest writes it reads again, and the VMM sees it by the register's name. */
TEST_F(values, of_synthetic_msrs)
{
	static const struct {
		__u32 msr, name;
		__u64 value;
	} rows[] = {
		{ HV_X64_MSR_GUEST_OS_ID, HV_REGISTER_GUEST_OS_ID, OS_ID },
		/* To a VP that there is not. */
		{ HV_X64_MSR_ICR, HV_X64_REGISTER_ICR, 0x7f00000000004055 },
		{ HV_X64_MSR_TPR, HV_X64_REGISTER_TPR, 0x30 },
		{ HV_X64_MSR_VP_ASSIST_PAGE, HV_REGISTER_VP_ASSIST_PAGE, 0x7001 },
		{ HV_X64_MSR_SCONTROL, HV_REGISTER_SCONTROL, 1 },
		{ HV_X64_MSR_SINT0 + 2, HV_REGISTER_SINT0 + 2, 0x10000 | 0x35 },
		{ HV_X64_MSR_SINT0 + 15, HV_REGISTER_SINT0 + 15, 0x20000 | 0x36 },
		{ HV_X64_MSR_SIEFP, HV_REGISTER_SIEFP, 0x5001 },
		{ HV_X64_MSR_SIMP, HV_REGISTER_SIMP, 0x6001 },
		{ HV_X64_MSR_STIMER0_CONFIG, HV_REGISTER_STIMER0_CONFIG, 0x20000 },
		{ HV_X64_MSR_STIMER0_COUNT, HV_REGISTER_STIMER0_COUNT, 0x123456789 },
		{ HV_X64_MSR_CRASH_P0, HV_REGISTER_GUEST_CRASH_P0, 0x1122334455667788 },
		{ HV_X64_MSR_CRASH_P0 + 4, HV_REGISTER_GUEST_CRASH_P0 + 4, 0x99 },
	};
	unsigned int i;
	__u64 told;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct hv_register_assoc regs[] = {
			vmm_value(HV_X64_REGISTER_RCX, rows[i].msr),
			vmm_value(HV_X64_REGISTER_RAX, (__u32)rows[i].value),
			vmm_value(HV_X64_REGISTER_RDX, rows[i].value >> 32),
		};

		memcpy(self->t.memory + TVM_CODE, guest_writes, sizeof(guest_writes));
		ASSERT_OK(tvm_real_mode(&self->t, 0, TVM_CODE));
		ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(regs)));
		ASSERT_EQ(0, tvm_next_out(&self->t, 0, &told)) {
			TH_LOG("MSR %#x", rows[i].msr);
		}
		EXPECT_EQ(rows[i].value, get(&self->t, HV_X64_REGISTER_RBX) |
			  get(&self->t, HV_X64_REGISTER_RSI) << 32) {
			TH_LOG("MSR %#x", rows[i].msr);
		}
		EXPECT_EQ(rows[i].value, get(&self->t, rows[i].name)) {
			TH_LOG("MSR %#x", rows[i].msr);
		}
	}
	/* It has run for some time by now. */
	EXPECT_LT(0, get(&self->t, HV_REGISTER_VP_RUNTIME));
	EXPECT_LT(0, get(&self->t, HV_REGISTER_TIME_REF_COUNT));
}

/* Says that its write of an MSR was refused. */
static const __u8 guest_gp[] = {
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xb0, GP_SAYS, OUT_AL,
	0xeb, 0xfe,
};

/* Has the guest write an MSR; what it says then, or -errno. */
static int guest_writes_msr(struct tvm *t, __u32 msr, __u64 value)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RCX, msr),
		vmm_value(HV_X64_REGISTER_RAX, (__u32)value),
		vmm_value(HV_X64_REGISTER_RDX, value >> 32),
	};
	const __u32 entry = GP_HANDLER;
	__u64 told = 0;
	int ret;

	memcpy(t->memory + TVM_CODE, guest_writes, sizeof(guest_writes));
	memcpy(t->memory + GP_HANDLER, guest_gp, sizeof(guest_gp));
	memcpy(t->memory + GP_VECTOR * 4, &entry, sizeof(entry));
	ret = tvm_real_mode(t, 0, TVM_CODE);
	if (!ret)
		ret = vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
	if (!ret)
		ret = tvm_next_out(t, 0, &told);
	return ret ? ret : (int)told;
}

/* What an MSR cannot have is #GP for the guest, and the value remains. */
TEST_F(values, refused_by_msrs)
{
	static const struct {
		__u32 msr, name;
		__u64 good, bad;
	} rows[] = {
		/* Pages beyond all addresses. */
		{ HV_X64_MSR_HYPERCALL, HV_X64_REGISTER_HYPERCALL, 0x4001, HV_BIT64(48) | 1 },
		{ HV_X64_MSR_REFERENCE_TSC, HV_REGISTER_REFERENCE_TSC, 0x5001,
		  HV_BIT64(48) | 1 },
		{ HV_X64_MSR_VP_ASSIST_PAGE, HV_REGISTER_VP_ASSIST_PAGE, 0x7001,
		  HV_BIT64(48) | 1 },
		{ HV_X64_MSR_SIMP, HV_REGISTER_SIMP, 0x8001, HV_BIT64(48) | 1 },
		{ HV_X64_MSR_SIEFP, HV_REGISTER_SIEFP, 0x9001, HV_BIT64(48) | 1 },
		/* Bits that are reserved. */
		{ HV_X64_MSR_VP_ASSIST_PAGE, HV_REGISTER_VP_ASSIST_PAGE, 0xa001, 0xa801 },
		{ HV_X64_MSR_SIMP, HV_REGISTER_SIMP, 0xb001, 0xb003 },
		{ HV_X64_MSR_SCONTROL, HV_REGISTER_SCONTROL, 1, 2 },
		{ HV_X64_MSR_TPR, HV_X64_REGISTER_TPR, 0x30, 0x100 },
	};
	unsigned int i;

	ASSERT_EQ(1, guest_writes_msr(&self->t, HV_X64_MSR_GUEST_OS_ID, OS_ID));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(1, guest_writes_msr(&self->t, rows[i].msr, rows[i].good)) {
			TH_LOG("MSR %#x: %#llx", rows[i].msr, rows[i].good);
		}
		EXPECT_EQ(GP_SAYS, guest_writes_msr(&self->t, rows[i].msr, rows[i].bad)) {
			TH_LOG("MSR %#x: %#llx", rows[i].msr, rows[i].bad);
		}
		EXPECT_EQ(rows[i].good, get(&self->t, rows[i].name)) {
			TH_LOG("MSR %#x", rows[i].msr);
		}
	}
	/* It can be read only. */
	EXPECT_EQ(GP_SAYS, guest_writes_msr(&self->t, MSR_MTRR_CAP, 0));
}

/* Has the guest read an MSR, from its own registers then. */
static int guest_reads_msr(struct tvm *t, __u32 msr, __u64 *value)
{
	__u64 told;
	int ret;

	memcpy(t->memory + TVM_CODE, guest_writes, sizeof(guest_writes));
	ret = tvm_real_mode(t, 0, TVM_CODE + GUEST_READS);
	if (!ret)
		ret = vmm_set_register(t->vp[0], 0, HV_X64_REGISTER_RCX, msr);
	if (!ret)
		ret = tvm_next_out(t, 0, &told);
	*value = get(t, HV_X64_REGISTER_RBX) | get(t, HV_X64_REGISTER_RSI) << 32;
	return ret;
}

/* MSRs of AMD's processors that are kept, each for itself. */
TEST_F(values, of_amd_msrs)
{
	static const __u32 msrs[] = { MSR_SYSCFG, MSR_HWCR };
	unsigned int i;
	__u64 told;

	for (i = 0; i < ARRAY_SIZE(msrs); i++) {
		EXPECT_EQ(1, guest_writes_msr(&self->t, msrs[i], 0x123400 + i));
		EXPECT_EQ(0x123400 + i, get(&self->t, HV_X64_REGISTER_RBX));
	}
	for (i = 0; i < ARRAY_SIZE(msrs); i++) {
		ASSERT_OK(guest_reads_msr(&self->t, msrs[i], &told));
		EXPECT_EQ(0x123400 + i, told);
	}
}

/* Sets a flag of the guest's. */
static int signal_flag(struct tvm *t, __u8 sint, bool *newly)
{
	struct hv_input_signal_event_direct in = { .target_sint = sint, .flag_number = 70 };
	struct hv_output_signal_event_direct out = { .newly_signaled = 0xee };
	struct vmm_call call = {
		.code = HVCALL_SIGNAL_EVENT_DIRECT, .in = &in, .in_size = sizeof(in),
		.out = &out, .out_size = sizeof(out),
	};

	vmm_hvcall(t->part, &call);
	*newly = out.newly_signaled;
	return call.status;
}

#define FLAGS_WORD	(HV_EVENT_FLAGS_COUNT / 64)

TEST_F(values, of_event_flags)
{
	struct hv_message *slot;
	__u32 size = VMM_PAGE;
	__u8 *page;
	bool newly;

	page = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	EXPECT_EQ(HV_STATUS_INVALID_SYNIC_STATE, signal_flag(&self->t, 2, &newly));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_SCONTROL, 1));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, REG_APIC(APIC_SVR), 0x1ff));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_SINT0 + 2, 0x45));
	EXPECT_EQ(HV_STATUS_INVALID_SYNIC_STATE, signal_flag(&self->t, 2, &newly));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_SIEFP, 0x5001));
	/* SINT 1 is masked, as it is from the start. */
	EXPECT_EQ(HV_STATUS_INVALID_SYNIC_STATE, signal_flag(&self->t, 1, &newly));
	EXPECT_EQ(0, signal_flag(&self->t, 2, &newly));
	EXPECT_TRUE(newly);
	EXPECT_EQ(HV_BIT(5), get(&self->t, HV_X64_REGISTER_APIC_IRR0 + 2));
	EXPECT_EQ(0, signal_flag(&self->t, 2, &newly));
	EXPECT_FALSE(newly);
	ASSERT_OK(vmm_get_state(self->t.vp[0], MSHV_VP_STATE_SIEFP, page, &size));
	EXPECT_EQ(HV_BIT64(6), ((__u64 *)page)[2 * FLAGS_WORD + 1]);

	/* As an intercept: SINT 0 gets a message that says so. */
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_SIMP, 0x6001));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_SINT0, 0x46));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_REGISTER_SINT0 + 3,
				   HV_SYNIC_SINT_AS_INTERCEPT | 0x47));
	EXPECT_EQ(0, signal_flag(&self->t, 3, &newly));
	EXPECT_TRUE(newly);
	EXPECT_EQ(HV_BIT(5) | HV_BIT(6), get(&self->t, HV_X64_REGISTER_APIC_IRR0 + 2));
	size = VMM_PAGE;
	ASSERT_OK(vmm_get_state(self->t.vp[0], MSHV_VP_STATE_SIMP, page, &size));
	slot = (void *)page;
	EXPECT_EQ(HVMSG_SYNIC_SINT_INTERCEPT, slot->header.message_type);
	EXPECT_EQ(3, slot->u.bytes[0]);
	munmap(page, VMM_PAGE);
}

/* The time that a VP has run, for the guest as for its VMM. */
TEST_F(values, of_the_runtime)
{
	__u64 first, second;

	ASSERT_OK(guest_reads_msr(&self->t, HV_X64_MSR_VP_RUNTIME, &first));
	ASSERT_OK(guest_reads_msr(&self->t, HV_X64_MSR_VP_RUNTIME, &second));
	EXPECT_LT(first, second);
	EXPECT_LE(second, get(&self->t, HV_REGISTER_VP_RUNTIME));
	EXPECT_GT(get(&self->t, HV_REGISTER_TIME_REF_COUNT), second);
}

/* The revision of the processor's microcode. */
TEST_F(values, of_the_microcode)
{
	__u64 value;

	ASSERT_OK(guest_reads_msr(&self->t, MSR_PATCH_LEVEL, &value));
	EXPECT_EQ(value, get(&self->t, HV_X64_REGISTER_MSR_MC_UPDATE_PATCH_LEVEL));
}

/* An offset moves the time stamp counter. */
TEST_F(values, of_the_tsc)
{
	__u64 before = get(&self->t, HV_X64_REGISTER_TSC);
	__u64 offset = get(&self->t, HV_X64_REGISTER_TSC_VIRTUAL_OFFSET);
	__u64 after;

	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_TSC_VIRTUAL_OFFSET,
				   offset + FORWARD));
	after = get(&self->t, HV_X64_REGISTER_TSC);
	EXPECT_EQ(offset + FORWARD, get(&self->t, HV_X64_REGISTER_TSC_VIRTUAL_OFFSET));
	EXPECT_LE(FORWARD, after - before);
}

/* The root scheduler is signalled when a VP that sleeps is to run; no other is. */
TEST_F(values, of_signals)
{
	__u64 count = 0;
	unsigned int i;
	struct tvm t;
	struct ear ear;

	ASSERT_OK(sleeper_start(&t));
	EXPECT_EQ(0, get(&t, HV_REGISTER_VP_ROOT_SIGNAL_COUNT));
	/* It may not sleep yet when the interrupt comes. */
	for (i = 0; i < SLEEPS && !count; i++) {
		ASSERT_OK(ear_open(&ear, t.vp[0], 0));
		if (!i)
			EXPECT_TRUE(ear_wait(&ear, EAR_READY, 1));
		EXPECT_EQ(0, vmm_assert(t.part, HV_X64_INTERRUPT_TYPE_FIXED, false, false,
					0, EAR_FIRST + 1));
		EXPECT_TRUE(ear_wait(&ear, EAR_FIRST + 1, 1));
		ear_close(&ear);
		count = get(&t, HV_REGISTER_VP_ROOT_SIGNAL_COUNT);
		if (!tvm_root_scheduler(&t))
			break;
	}
	EXPECT_EQ(tvm_root_scheduler(&t), count != 0);
	tvm_close(&t);
}

/* Frequencies, for the guest as for its VMM. */
TEST_F(values, of_frequencies)
{
	static const struct {
		__u32 msr, name;
	} rows[] = {
		{ HV_X64_MSR_TSC_FREQUENCY, HV_REGISTER_PROCESSOR_CLOCK_FREQUENCY },
		{ HV_X64_MSR_APIC_FREQUENCY, HV_REGISTER_INTERRUPT_CLOCK_FREQUENCY },
	};
	unsigned int i;
	__u64 value;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_OK(guest_reads_msr(&self->t, rows[i].msr, &value));
		EXPECT_LT(1000000, value);
		EXPECT_EQ(get(&self->t, rows[i].name), value) {
			TH_LOG("MSR %#x", rows[i].msr);
		}
	}
}

/* The other names of control registers. */
TEST_F(values, of_intermediate_registers)
{
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_CR3, 0x7000));
	EXPECT_EQ(0x7000, get(&self->t, HV_X64_REGISTER_INTERMEDIATE_CR3));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_INTERMEDIATE_CR4,
				   0x20));
	EXPECT_EQ(0x20, get(&self->t, HV_X64_REGISTER_CR4));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_INTERMEDIATE_CR0,
				   0x60000030));
	EXPECT_EQ(0x60000030, get(&self->t, HV_X64_REGISTER_CR0));
	EXPECT_EQ(0x60000030, get(&self->t, HV_X64_REGISTER_INTERMEDIATE_CR0));
}

/* The second processor is number 1, for itself and for its VMM. */
TEST_F(values, of_another_processor)
{
	__u64 value = 0;

	ASSERT_OK(tvm_vp(&self->t, 1));
	ASSERT_OK(vmm_get_register(self->t.vp[1], 1, HV_REGISTER_VP_INDEX, &value));
	EXPECT_EQ(1, value);
	EXPECT_EQ(0, get(&self->t, HV_REGISTER_VP_INDEX));
}

TEST_HARNESS_MAIN
