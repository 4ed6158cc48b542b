// SPDX-License-Identifier: GPL-2.0
/*
 * CPUID, MSRs and exceptions of a guest: what it gets as it is registered, and what the VMM
 * has asked for.
 */
#include <hyperv/hv_intercept.h>

#include "harness.h"

#define MSR_PAT	0x277
#define NO_MSR	0x0badf00d

FIXTURE(intercepts) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(intercepts)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_open(&self->t));
	close(self->t.dev);
	self->t.dev = -1;
}

FIXTURE_TEARDOWN(intercepts)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

TEST_F(intercepts, cpuid_as_registered)
{
	static const __u8 code[] = {
		0x66, 0xb8, 0x34, 0x12, 0x00, 0x40, /* mov eax, 0x40001234 */
		0x66, 0x31, 0xc9,		/* xor ecx, ecx */
		0x0f, 0xa2,			/* cpuid */
		0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
		0x66, 0xef,			/* out dx, eax */
		0x66, 0x89, 0xd8, 0x66, 0xef,	/* mov eax, ebx; out */
		0x66, 0x89, 0xc8, 0x66, 0xef,	/* mov eax, ecx; out */
		HLT,
	};
	const struct vmm_cpuid cpuid = {
		.leaf = 0x40001234,
		.value = { 0x11111111, 0x22222222, 0x33333333, 0x44444444 },
		.mask = { ~0U, ~0U, ~0U, ~0U },
	};
	__u64 value = 0;

	ASSERT_OK(tvm_start(&self->t, code, sizeof(code)));
	ASSERT_OK(vmm_cpuid(self->t.vp[0], 0, &cpuid));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x11111111, value);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x22222222, value);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x33333333, value);
}

/* xor of leaf 1 without and with one bit inverted. */
TEST_F(intercepts, cpuid_masks)
{
	static const __u8 code[] = {
		0x66, 0xb8, 0x01, 0, 0, 0,	/* mov eax, 1 */
		0x66, 0x31, 0xc9,
		0x0f, 0xa2,
		0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
		0x66, 0x89, 0xc8, 0x66, 0xef,	/* mov eax, ecx; out */
		0xeb, 0xeb,			/* again */
	};
	struct vmm_cpuid cpuid = { .leaf = 1, .mask = { 0, 0, 1U << 9, 0 } };
	__u64 before = 0, after = 0;

	ASSERT_OK(tvm_start(&self->t, code, sizeof(code)));
	ASSERT_OK(tvm_next_out(&self->t, 0, &before));
	cpuid.value[2] = ~before & cpuid.mask[2];
	ASSERT_OK(vmm_cpuid(self->t.vp[0], 0, &cpuid));
	ASSERT_OK(tvm_next_out(&self->t, 0, &after));
	EXPECT_EQ(1U << 9, before ^ after);
}

TEST_F(intercepts, hypervisor_leaves)
{
	static const __u8 code[] = {
		0x66, 0xb8, 0, 0, 0, 0x40,	/* mov eax, 0x40000000 */
		0x66, 0x31, 0xc9,
		0x0f, 0xa2,
		0xba, 0xf8, 0x03,	/* mov dx, 0x3f8 */
		0x66, 0x89, 0xd8, 0x66, 0xef,	/* mov eax, ebx; out */
		HLT,
	};
	__u64 value = 0;

	ASSERT_OK(tvm_start(&self->t, code, sizeof(code)));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x7263694d, value);	/* "Micr" */
}

static const __u8 guest_rdmsr[] = {
	0xb9, 0x0d, 0xf0, 0xad, 0x0b,	/* mov ecx, 0x0badf00d */
	0xb8, 0xff, 0xff, 0, 0,		/* mov eax, 0xffff */
	0x0f, 0x32,			/* rdmsr */
	0xba, 0xf8, 0x03, 0, 0, 0xef, HLT,
};

TEST_F(intercepts, unknown_msr_faults)
{
	ASSERT_OK(tvm_start_long(&self->t, guest_rdmsr, sizeof(guest_rdmsr)));
	ASSERT_OK(tvm_run(&self->t, 0));
	EXPECT_EQ(HVMSG_UNRECOVERABLE_EXCEPTION,
		  self->t.message.header.message_type);
}

TEST_F(intercepts, unknown_msr_ignored)
{
	__u64 value = 1;

	ASSERT_OK(tvm_start_long(&self->t, guest_rdmsr, sizeof(guest_rdmsr)));
	ASSERT_OK(vmm_set_property(self->t.part,
				   HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
				   HV_UNIMPLEMENTED_MSR_ACTION_IGNORE_WRITE_READ_ZERO));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0, value);
}

TEST_F(intercepts, exception_intercept)
{
	static const __u8 code[] = { 0x0f, 0x0b };	/* ud2 */
	const struct hv_x64_exception_intercept_message *e =
		(const void *)self->t.message.u.bytes;

	ASSERT_OK(tvm_start_long(&self->t, code, sizeof(code)));
	ASSERT_OK(vmm_intercept(self->t.part, HV_INTERCEPT_TYPE_EXCEPTION,
				HV_INTERCEPT_ACCESS_MASK_EXECUTE, 6));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_EQ(HVMSG_X64_EXCEPTION_INTERCEPT,
		  self->t.message.header.message_type);
	EXPECT_EQ(6, e->exception_vector);
	EXPECT_EQ(TVM_CODE, e->header.rip);
	EXPECT_EQ(0, e->exception_info & HV_EXCEPTION_ERROR_CODE_VALID);
}

/* As the guest's handler would get them: error code, and the address of a page fault. */
TEST_F(intercepts, exceptions_with_an_error_code)
{
	static const __u8 code[] = {
		0xa0, 0x34, 0x12, 0, 0x40, 0, 0, 0, 0,	/* mov al, [1 GiB + 0x1234] */
		0xb8, 0x48, 0, 0, 0,			/* mov eax, 0x48 */
		0x8e, 0xd8,				/* mov ds, eax */
	};
	const struct hv_x64_exception_intercept_message *e =
		(const void *)self->t.message.u.bytes;
	unsigned int i;

	ASSERT_OK(tvm_start_long(&self->t, code, sizeof(code)));
	for (i = 13; i <= 14; i++)
		ASSERT_OK(vmm_intercept(self->t.part, HV_INTERCEPT_TYPE_EXCEPTION,
					HV_INTERCEPT_ACCESS_MASK_EXECUTE, i));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_EQ(HVMSG_X64_EXCEPTION_INTERCEPT, self->t.message.header.message_type);
	EXPECT_EQ(14, e->exception_vector);
	EXPECT_EQ(HV_EXCEPTION_ERROR_CODE_VALID,
		  e->exception_info & HV_EXCEPTION_ERROR_CODE_VALID);
	EXPECT_EQ(0, e->error_code);
	EXPECT_EQ(0x40001234, e->exception_parameter);
	EXPECT_EQ(TVM_CODE, e->header.rip);
	/* Beyond the end of the GDT, and thus its selector. */
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_RIP, TVM_CODE + 9));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_EQ(HVMSG_X64_EXCEPTION_INTERCEPT, self->t.message.header.message_type);
	EXPECT_EQ(13, e->exception_vector);
	EXPECT_EQ(HV_EXCEPTION_ERROR_CODE_VALID,
		  e->exception_info & HV_EXCEPTION_ERROR_CODE_VALID);
	EXPECT_EQ(0x48, e->error_code);
	EXPECT_EQ(0, e->exception_parameter);
	EXPECT_EQ(TVM_CODE + 14, e->header.rip);
}

/* INT3 and INTO raise exceptions, INT with the same number does not. */
TEST_F(intercepts, software_exceptions)
{
	static const __u8 code[] = {
		0xcd, 0x04,			/* int 4 */
		0xcc,				/* int3 */
		0xb0, 0x7f, 0x04, 0x01,		/* mov al, 0x7f; add al, 1 */
		0xce,				/* into */
	};
	static const __u8 handler[] = { 0xba, 0xf8, 0x03, 0xb0, 0x44, OUT_AL, 0xcf };
	static const struct {
		__u32 vector, at;
	} told[] = { { 3, 2 }, { 4, 7 } };
	const struct hv_x64_exception_intercept_message *e =
		(const void *)self->t.message.u.bytes;
	const __u32 entry = 0x3000;
	__u64 value = 0;
	unsigned int i;

	ASSERT_OK(tvm_start(&self->t, code, sizeof(code)));
	memcpy(self->t.memory + entry, handler, sizeof(handler));
	memcpy(self->t.memory + 4 * 4, &entry, sizeof(entry));
	for (i = 0; i < ARRAY_SIZE(told); i++)
		ASSERT_OK(vmm_intercept(self->t.part, HV_INTERCEPT_TYPE_EXCEPTION,
					HV_INTERCEPT_ACCESS_MASK_EXECUTE, told[i].vector));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x44, value);
	for (i = 0; i < ARRAY_SIZE(told); i++) {
		ASSERT_OK(tvm_run(&self->t, 0));
		ASSERT_EQ(HVMSG_X64_EXCEPTION_INTERCEPT,
			  self->t.message.header.message_type);
		EXPECT_EQ(told[i].vector, e->exception_vector);
		EXPECT_EQ(TVM_CODE + told[i].at, e->header.rip);
		ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_RIP,
					   TVM_CODE + told[i].at + 1));
	}
}

/* Of all processors: there need not be a second one. */
TEST_F(intercepts, exception_intercept_of_some_processors)
{
	static const __u8 code[] = { 0x0f, 0x0b };	/* ud2 */
	static const unsigned int indexes[] = { 0, 2 };
	const struct hv_x64_exception_intercept_message *e =
		(const void *)self->t.message.u.bytes;
	unsigned int i, index;

	ASSERT_OK(tvm_start(&self->t, code, sizeof(code)));
	ASSERT_OK(tvm_vp(&self->t, 2));
	ASSERT_OK(vmm_intercept(self->t.part, HV_INTERCEPT_TYPE_EXCEPTION,
				HV_INTERCEPT_ACCESS_MASK_EXECUTE, 6));
	for (i = 0; i < ARRAY_SIZE(indexes); i++) {
		index = indexes[i];
		/* Not by an INIT, which would reset it. */
		ASSERT_OK(tvm_real_mode(&self->t, index, TVM_CODE));
		ASSERT_OK(vmm_set_register(self->t.vp[index], index,
					   HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0));
		ASSERT_OK(tvm_run(&self->t, index));
		ASSERT_EQ(HVMSG_X64_EXCEPTION_INTERCEPT,
			  self->t.message.header.message_type);
		EXPECT_EQ(6, e->exception_vector);
		EXPECT_EQ(index, e->header.vp_index);
	}
}

static int msr_result_status(struct tvm *t, __u32 access, __u32 action)
{
	struct hv_input_register_intercept_result in = {
		.vp_index = HV_ANY_VP,
		.intercept_type = HV_INTERCEPT_TYPE_X64_MSR,
		.parameters.msr = { NO_MSR, access, action },
	};
	struct vmm_call call = {
		.code = HVCALL_REGISTER_INTERCEPT_RESULT, .in = &in, .in_size = sizeof(in),
	};

	vmm_hvcall(t->part, &call);
	return call.status;
}

/* What is registered for writes is not for reads. */
TEST_F(intercepts, msr_as_registered)
{
	const __u32 ignore = HV_MSR_RESULT_ACTION_IGNORE_WRITE_READ_ZERO;
	__u64 value = 1;

	ASSERT_OK(tvm_start_long(&self->t, guest_rdmsr, sizeof(guest_rdmsr)));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, msr_result_status(&self->t, 0, ignore));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  msr_result_status(&self->t, HV_INTERCEPT_ACCESS_MASK_EXECUTE, ignore));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  msr_result_status(&self->t, HV_INTERCEPT_ACCESS_MASK_READ, ignore + 1));
	ASSERT_EQ(0, msr_result_status(&self->t, HV_INTERCEPT_ACCESS_MASK_WRITE, ignore));
	ASSERT_OK(tvm_run(&self->t, 0));
	EXPECT_EQ(HVMSG_UNRECOVERABLE_EXCEPTION, self->t.message.header.message_type);
	ASSERT_EQ(0, msr_result_status(&self->t, HV_INTERCEPT_ACCESS_MASK_READ, ignore));
	ASSERT_OK(tvm_long_mode(&self->t, 0, TVM_CODE));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0, value);
}

/* One kind of access to an MSR, the other is done. */
TEST_F(intercepts, msr_intercept_of_one_access)
{
	static const __u8 code[] = {
		0xb9, 0x77, 0x02, 0, 0,		/* mov ecx, PAT */
		0x0f, 0x32,			/* rdmsr */
		0x0f, 0x30,			/* wrmsr */
		0x0f, 0x32,			/* rdmsr */
	};
	static const struct {
		__u32 mask, access, at;
	} rows[] = {
		{ HV_INTERCEPT_ACCESS_MASK_WRITE, HV_INTERCEPT_ACCESS_WRITE, 7 },
		{ HV_INTERCEPT_ACCESS_MASK_READ, HV_INTERCEPT_ACCESS_READ, 9 },
	};
	const struct hv_x64_msr_intercept_message *m =
		(const void *)self->t.message.u.bytes;
	unsigned int i;

	ASSERT_OK(tvm_start_long(&self->t, code, sizeof(code)));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_OK(vmm_intercept(self->t.part, HV_INTERCEPT_TYPE_X64_MSR_INDEX,
					rows[i].mask, MSR_PAT));
		ASSERT_OK(tvm_run(&self->t, 0));
		ASSERT_EQ(HVMSG_X64_MSR_INTERCEPT, self->t.message.header.message_type);
		EXPECT_EQ(MSR_PAT, m->msr_number);
		EXPECT_EQ(rows[i].access, m->header.intercept_access_type);
		EXPECT_EQ(TVM_CODE + rows[i].at, m->header.rip);
	}
}

TEST_F(intercepts, msr_intercept)
{
	const struct hv_x64_msr_intercept_message *m =
		(const void *)self->t.message.u.bytes;

	ASSERT_OK(tvm_start_long(&self->t, guest_rdmsr, sizeof(guest_rdmsr)));
	ASSERT_OK(vmm_intercept(self->t.part, HV_INTERCEPT_TYPE_X64_MSR,
				HV_INTERCEPT_ACCESS_MASK_READ |
				HV_INTERCEPT_ACCESS_MASK_WRITE, 0));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_EQ(HVMSG_X64_MSR_INTERCEPT,
		  self->t.message.header.message_type);
	EXPECT_EQ(0x0badf00d, m->msr_number);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_READ, m->header.intercept_access_type);
	EXPECT_EQ(TVM_CODE + 10, m->header.rip);
}

TEST_HARNESS_MAIN
