// SPDX-License-Identifier: GPL-2.0
/*
 * Habits of VMMs: what one of them does that no other test has, and what it counts on.
 */
#include <sys/eventfd.h>

#include <hyperv/hv_intercept.h>
#include <hyperv/hv_msr.h>
#include <hyperv/hv_register.h>

#include "harness.h"
#include "claims.h"
#include "ear.h"
#include "waits.h"

#define V2		HV_BIT64(MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES)
#define NESTED		HV_BIT64(MSHV_PT_BIT_NESTED_VIRTUALIZATION)
#define SVM_ECX		HV_BIT(2)
#define LEAF_SVM	0x8000000a
#define LAST_PAGE	((1ULL << 36) - VMM_PAGE)
#define LARGE_PAGE	0x200000ULL
#define LAST_GSI	2047

FIXTURE(habits) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(habits)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_open(&self->t));
}

FIXTURE_TEARDOWN(habits)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/* A partition with all features of the processor, existing or not. */
static int create_all(struct tvm *t, __u64 flags)
{
	const struct mshv_create_partition_v2 args = {
		.pt_flags = flags | V2, .pt_num_cpu_fbanks = 2,
	};

	t->part = vmm_create_v2(t->dev, &args);
	return t->part < 0 ? t->part : vmm_initialize(t->part);
}

static int start(struct tvm *t, const void *code, size_t size)
{
	int ret = tvm_memory(t);

	ret = ret ?: tvm_vp(t, 0);
	if (ret < 0)
		return ret;
	memcpy(t->memory + TVM_CODE, code, size);
	return tvm_real_mode(t, 0, TVM_CODE);
}

/* Unasked, one asks for partitions that can nest. */
TEST_F(habits, nested_by_default)
{
	struct tvm *t = &self->t;
	__u32 r[4] = { 0 };

	ASSERT_OK(create_all(t, TVM_FLAGS | NESTED));
	ASSERT_OK(start(t, guest_count, sizeof(guest_count)));
	ASSERT_OK(leaf_of(t, 0x80000001, 0, r));
	EXPECT_EQ(0, r[2] & SVM_ECX);
	ASSERT_OK(leaf_of(t, LEAF_SVM, 0, r));
	EXPECT_EQ(0, r[0] | r[1] | r[2] | r[3]);
}

/* And for features that its host does not have. */
TEST_F(habits, absent_features)
{
	static const __u32 codes[] = {
		HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0,
		HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1,
		HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES,
	};
	__u64 host, guest;
	unsigned int i;

	ASSERT_OK(create_all(&self->t, TVM_FLAGS));
	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		ASSERT_OK(vmm_get_property(self->t.dev, codes[i], &host));
		ASSERT_OK(vmm_get_property(self->t.part, codes[i], &guest));
		EXPECT_EQ(host, guest);
	}
}

/* No APIC and no synthetic features; the APIC's base is written nevertheless. */
TEST_F(habits, bare_partition)
{
	static const __u8 code[] = { 0xba, 0xf8, 0x03, 0xb0, 7, OUT_AL, HLT };
	const struct mshv_create_partition_v2 args = { .pt_flags = 0 };
	struct tvm *t = &self->t;
	__u64 value = 0;

	t->part = vmm_create_v2(t->dev, &args);
	ASSERT_OK(t->part);
	ASSERT_OK(vmm_set_property(t->part, HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES, 0));
	ASSERT_OK(vmm_initialize(t->part));
	ASSERT_OK(start(t, code, sizeof(code)));
	ASSERT_OK(vmm_set_register(t->vp[0], 0, HV_X64_REGISTER_APIC_BASE, 0));
	ASSERT_OK(tvm_next_out(t, 0, &value));
	EXPECT_EQ(7, value);
	ASSERT_OK(tvm_run(t, 0));
	EXPECT_EQ(HVMSG_X64_HALT, t->message.header.message_type);
}

static const __u32 msrs[] = {
	HV_X64_REGISTER_SYSENTER_CS, HV_X64_REGISTER_SYSENTER_EIP, HV_X64_REGISTER_SYSENTER_ESP,
	HV_X64_REGISTER_DEBUG_CTL, HV_X64_REGISTER_PAT, HV_X64_REGISTER_STAR,
	HV_X64_REGISTER_LSTAR, HV_X64_REGISTER_CSTAR, HV_X64_REGISTER_SFMASK,
	HV_X64_REGISTER_KERNEL_GS_BASE, HV_X64_REGISTER_SPEC_CTRL,
	HV_X64_REGISTER_VIRT_SPEC_CTRL, HV_X64_REGISTER_XSS, HV_X64_REGISTER_XSS + 1,
	HV_X64_REGISTER_XSS + 2, HV_X64_REGISTER_XSS + 3, HV_X64_REGISTER_XSS + 4,
	HV_X64_REGISTER_XSS + 5, HV_X64_REGISTER_XSS + 6, HV_X64_REGISTER_XSS + 7,
	HV_X64_REGISTER_TSC, HV_X64_REGISTER_TSC_ADJUST, HV_X64_REGISTER_TSC_AUX,
	HV_X64_REGISTER_M_COUNT, HV_X64_REGISTER_M_COUNT + 1, HV_X64_REGISTER_TSX_CTRL,
	HV_X64_REGISTER_XFD_ERR - 1, HV_X64_REGISTER_XFD_ERR, HV_X64_REGISTER_TSC_DEADLINE,
	HV_X64_REGISTER_BNDCFGS,
};

#define MTRRS		(1 + 2 * 8 + 11)

/* What can be read can be written back, alone and all at once. */
TEST_F(habits, readable_is_writable)
{
	struct hv_register_assoc regs[ARRAY_SIZE(msrs) + MTRRS];
	struct tvm *t = &self->t;
	unsigned int i, nr = 0;
	__u64 value;

	ASSERT_OK(create_all(t, TVM_FLAGS));
	ASSERT_OK(tvm_vp(t, 0));
	for (i = 0; i < ARRAY_SIZE(msrs); i++) {
		if (vmm_get_register(t->vp[0], 0, msrs[i], &value))
			continue;
		EXPECT_EQ(0, vmm_set_register(t->vp[0], 0, msrs[i], value)) {
			TH_LOG("register %#x: %#llx", msrs[i], value);
		}
		regs[nr++] = vmm_value(msrs[i], 0);
	}
	EXPECT_LE(25, nr);
	regs[nr++] = vmm_value(HV_X64_REGISTER_MSR_MTRR_DEF_TYPE, 0);
	for (i = 0; i < 8; i++) {
		regs[nr++] = vmm_value(HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0 + i, 0);
		regs[nr++] = vmm_value(HV_X64_REGISTER_MSR_MTRR_PHYS_MASK0 + i, 0);
	}
	for (i = 0; i < 11; i++)
		regs[nr++] = vmm_value(HV_X64_REGISTER_MSR_MTRR_FIX64K00000 + i, 0);
	ASSERT_OK(vmm_get_registers(t->vp[0], 0, regs, nr));
	EXPECT_EQ(0, vmm_set_registers(t->vp[0], 0, regs, nr));
}

/* CPUID for all processors, by the partition, before there are any but the first. */
TEST_F(habits, cpuid_for_all)
{
	struct {
		struct hv_input_register_intercept_result in;
		__u32 padding;
	} input = { .in = {
		.vp_index = HV_ANY_VP, .intercept_type = HV_INTERCEPT_TYPE_X64_CPUID,
		.parameters.cpuid.input = { .eax = 0x40001000, .always_override = 1 },
		.parameters.cpuid.result = { .eax = 0x77, .eax_mask = ~0U },
	} };
	struct vmm_call call = {
		.code = HVCALL_REGISTER_INTERCEPT_RESULT, .in = &input,
		.in_size = sizeof(input),
	};
	static const __u8 code[] = {
		0x66, 0xb8, 0x00, 0x10, 0x00, 0x40, 0x0f, 0xa2,	/* CPUID of the leaf */
		0xba, 0xf8, 0x03, OUT_AL,
	};
	struct tvm *t = &self->t;
	unsigned int vp;
	__u64 value = 0;

	ASSERT_EQ(64, sizeof(input));
	ASSERT_OK(create_all(t, TVM_FLAGS));
	ASSERT_OK(start(t, code, sizeof(code)));
	ASSERT_OK(vmm_hvcall(t->part, &call));
	ASSERT_OK(tvm_vp(t, 1));
	for (vp = 0; vp < 2; vp++) {
		ASSERT_OK(tvm_real_mode(t, vp, TVM_CODE));
		ASSERT_OK(vmm_set_register(t->vp[vp], vp, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0));
		ASSERT_OK(tvm_next_out(t, vp, &value));
		EXPECT_EQ(0x77, value);
	}
}

/* All states are saved, whether the guest has a SynIC or not. */
TEST_F(habits, states_without_a_synic)
{
	struct tvm *t = &self->t;
	__u32 size, type;
	void *page;

	page = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	ASSERT_OK(create_all(t, TVM_FLAGS));
	ASSERT_OK(tvm_vp(t, 0));
	for (type = 0; type < MSHV_VP_STATE_COUNT; type++) {
		size = VMM_PAGE;
		EXPECT_EQ(0, vmm_get_state(t->vp[0], type, page, &size));
		EXPECT_GE(VMM_PAGE, size);
		size = VMM_PAGE;
		EXPECT_EQ(0, vmm_set_state(t->vp[0], type, page, &size)) {
			TH_LOG("state %u", type);
		}
	}
	munmap(page, VMM_PAGE);
}

/* Doorbells first, and then memory. */
TEST_F(habits, doorbell_before_memory)
{
	static const __u8 code[] = {
		0xb8, TVM_HOLE >> 4 & 0xff, TVM_HOLE >> 12, 0x8e, 0xd8,
		0xa2, 0x10, 0x00,		/* mov [0x10], al */
		0xba, 0xf8, 0x03, OUT_AL,
	};
	struct mshv_user_ioeventfd bell = { .addr = TVM_HOLE + 0x10 };
	struct tvm *t = &self->t;
	__u64 value;

	bell.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_LE(0, bell.fd);
	ASSERT_OK(tvm_partition(t));
	ASSERT_EQ(0, ioctl(t->part, MSHV_IOEVENTFD, &bell));
	close(t->dev);
	ASSERT_OK(tvm_start_with_hole(t, code, sizeof(code)));
	ASSERT_OK(tvm_next_out(t, 0, &value));
	EXPECT_TRUE(wait_readable(bell.fd));
	close(bell.fd);
}

/* Of the partition, and written to each processor. */
TEST_F(habits, the_same_on_each_processor)
{
	static const struct {
		__u32 name;
		__u64 value;
	} regs[] = {
		{ HV_REGISTER_GUEST_OS_ID, 0x8100000000000001 },
		{ HV_REGISTER_REFERENCE_TSC, 0x20000 | HV_MSR_PAGE_ENABLE },
		{ HV_X64_REGISTER_HYPERCALL, 0x21000 | HV_MSR_PAGE_ENABLE },
	};
	struct tvm *t = &self->t;
	unsigned int vp, i;
	__u64 value;

	ASSERT_OK(tvm_partition(t));
	ASSERT_OK(tvm_memory(t));
	for (vp = 0; vp < 3; vp++)
		ASSERT_OK(tvm_vp(t, vp));
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		for (vp = 0; vp < 3; vp++)
			ASSERT_OK(vmm_set_register(t->vp[vp], vp, regs[i].name, regs[i].value));
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		ASSERT_OK(vmm_get_register(t->vp[1], 1, regs[i].name, &value));
		EXPECT_EQ(regs[i].value, value);
	}
}

/* Memory at the end of 36 bits. */
TEST_F(habits, last_page)
{
	static const __u8 code[] = {
		0xa0, 0x08, 0xf0, 0xff, 0xff, 0x0f, 0, 0, 0,	/* mov al, [LAST_PAGE + 8] */
		0xba, 0xf8, 0x03, 0, 0, OUT_AL,
	};
	struct tvm *t = &self->t;
	__u64 value = 0, *tables;
	__u8 *page;

	page = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	page[8] = 0x66;
	close(t->dev);
	ASSERT_OK(tvm_start_long(t, code, sizeof(code)));
	tables = (__u64 *)(t->memory + TVM_TABLES);
	tables[512 + (LAST_PAGE >> 30)] = (TVM_TABLES + 3 * VMM_PAGE) | 7;
	tables[3 * 512 + 511] = (LAST_PAGE & ~(LARGE_PAGE - 1)) | 0x87;
	ASSERT_OK(vmm_map(t->part, LAST_PAGE, VMM_PAGE, page, MEM_RWX));
	ASSERT_OK(tvm_next_out(t, 0, &value));
	EXPECT_EQ(0x66, value);
	munmap(page, VMM_PAGE);
}

/* The whole table is written again for each change, beside eventfds that are in use. */
TEST_F(habits, whole_table_again)
{
	static struct mshv_user_irq_entry entries[LAST_GSI + 1];
	struct tvm *t = &self->t;
	unsigned int i, round;
	struct ear ear;
	int event;

	close(t->dev);
	ASSERT_OK(sleeper_start(t));
	for (i = 0; i <= LAST_GSI; i++)
		entries[i] = (struct mshv_user_irq_entry){
			.gsi = i, .address_lo = 0xfee00000, .data = EAR_FIRST,
		};
	ASSERT_OK(vmm_route(t->part, entries, LAST_GSI + 1));
	event = eventfd(0, EFD_CLOEXEC);
	ASSERT_LE(0, event);
	ASSERT_EQ(0, irqfd(t->part, event, LAST_GSI, 0));
	ASSERT_OK(ear_open(&ear, t->vp[0], 0));
	ASSERT_TRUE(ear_wait(&ear, EAR_READY, 1));
	for (round = 0; round < 4; round++) {
		entries[LAST_GSI].data = EAR_FIRST + round;
		ASSERT_OK(vmm_route(t->part, entries, LAST_GSI + 1));
		ASSERT_EQ(0, ring(event));
		EXPECT_TRUE(ear_wait(&ear, EAR_FIRST + round, 1));
	}
	ear_close(&ear);
	close(event);
}

/* Devices and encrypted guests, and a reset that only one kernel has: not there. */
TEST_F(habits, ioctls_that_there_are_not)
{
	static const struct {
		__u32 number;
		bool vp;
	} rows[] = {
		{ 0xc00cb808, false }, { 0x4018b800, false }, { 0x4018b801, false },
		{ 0x4018b802, false }, { 0x4010b809, false }, { 0x4010b80a, false },
		{ 0x4d06b8f4, false }, { 0x4010b8f5, false }, { 0x4010b8f6, false },
		{ 0x0000008d, false }, { 0xc020b8f5, true }, { 0x4020b8f6, true },
	};
	static __u8 argument[VMM_PAGE];
	struct tvm *t = &self->t;
	unsigned int i;

	ASSERT_OK(create_all(t, TVM_FLAGS));
	ASSERT_OK(tvm_vp(t, 0));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(-1, ioctl(rows[i].vp ? t->vp[0] : t->part, rows[i].number, argument));
		EXPECT_EQ(ENOTTY, errno) {
			TH_LOG("ioctl %#x", rows[i].number);
		}
	}
}

TEST_HARNESS_MAIN
