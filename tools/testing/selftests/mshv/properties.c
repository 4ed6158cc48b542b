// SPDX-License-Identifier: GPL-2.0
/*
 * Properties of partitions: the form of a result, and that a value has an effect or
 * is refused.
 */
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_msr.h>
#include <hyperv/hv_vp.h>

#include "harness.h"

#define LARGE_ANSWER	4072	/* what clients have room for */

FIXTURE(properties) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(properties)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_open(&self->t));
	self->t.part = vmm_create_v1(self->t.dev, TVM_FLAGS);
	ASSERT_OK(self->t.part);
}

FIXTURE_TEARDOWN(properties)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/* GetPartitionPropertyEx, with the maximum size of output; returns its status. */
static int get_ex(int fd, __u32 code, __u64 *out)
{
	struct hv_input_get_partition_property_ex in = { .property_code = code };
	struct vmm_call call = {
		.code = HVCALL_GET_PARTITION_PROPERTY_EX,
		.in = &in, .in_size = sizeof(in),
		.out = out, .out_size = LARGE_ANSWER,
	};
	int ret;

	memset(out, 0xff, LARGE_ANSWER);
	ret = vmm_hvcall(fd, &call);
	return call.status ? call.status : ret;
}

/* A count of banks, zero, and the banks. */
static int bank0(int fd, __u32 code, __u64 *bank)
{
	__u64 out[LARGE_ANSWER / 8];
	unsigned int i;
	int ret = get_ex(fd, code, out);

	if (ret)
		return ret;
	if (out[0] != 1)
		return -ERANGE;
	*bank = out[1];
	for (i = 2; i < ARRAY_SIZE(out); i++)
		if (out[i])
			return -EPROTO;
	return 0;
}

TEST_F(properties, with_banks)
{
	__u64 features = 0, capabilities = 0, again = 0;

	EXPECT_EQ(0, bank0(self->t.dev,
			   HV_PARTITION_PROPERTY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES,
			   &features));
	EXPECT_EQ(0, bank0(self->t.part,
			   HV_PARTITION_PROPERTY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES,
			   &again));
	EXPECT_EQ(features, again);
	EXPECT_EQ(VMM_SYNTHETIC_FEATURES, features & VMM_SYNTHETIC_FEATURES);
	EXPECT_EQ(0, bank0(self->t.dev, HV_PARTITION_PROPERTY_VMM_CAPABILITIES,
			   &capabilities));
	EXPECT_NE(0, capabilities & HV_VMM_CAP_ASSIGNABLE_SYNTHETIC_FEATURES);
}

TEST_F(properties, plain_by_the_other_call)
{
	__u64 out[LARGE_ANSWER / 8], value = 0;

	ASSERT_OK(vmm_get_property(self->t.part,
				   HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0,
				   &value));
	EXPECT_EQ(0, get_ex(self->t.part, HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0,
			    out));
	EXPECT_EQ(value, out[0]);
	EXPECT_EQ(0, out[1]);
	EXPECT_EQ(HV_STATUS_UNKNOWN_PROPERTY, get_ex(self->t.part, 0xdeadbeef, out));
	/* And those with banks do not fit into 64 bits. */
	EXPECT_NE(0, vmm_get_property(self->t.part,
				      HV_PARTITION_PROPERTY_VMM_CAPABILITIES, &value));
}

/* Features that cannot be assigned are not set afterwards; others are. */
TEST_F(properties, synthetic_features)
{
	__u64 features = 0, value = 0;

	ASSERT_EQ(0, bank0(self->t.dev,
			   HV_PARTITION_PROPERTY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES,
			   &features));
	ASSERT_OK(vmm_set_property(self->t.part,
				   HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES, ~0ULL));
	ASSERT_OK(vmm_get_property(self->t.part,
				   HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
				   &value));
	EXPECT_EQ(features, value);
}

static int set_status(int part, __u32 code, __u64 value)
{
	struct hv_input_set_partition_property in = {
		.property_code = code, .property_value = value,
	};
	struct vmm_call call = {
		.code = HVCALL_SET_PARTITION_PROPERTY,
		.in = &in, .in_size = sizeof(in),
	};

	vmm_hvcall(part, &call);
	return call.status;
}

#define DEFAULT_HZ	200000000ULL
#define APIC_ON		0x1ff
#define BY_ONE		0xb		/* of the divide register */
#define COUNT		0xffffffffULL
#define SPAN		10000000ULL	/* a second, of partition time */

/* How far the APIC's timer has come in a span, by that span. */
static __u64 timer_hz(struct tvm *t)
{
	const struct hv_register_assoc start[] = {
		vmm_value(HV_X64_REGISTER_APIC_SPURIOUS, APIC_ON),
		vmm_value(HV_X64_REGISTER_APIC_DIVIDE, BY_ONE),
		vmm_value(HV_X64_REGISTER_APIC_INIT_COUNT, COUNT),
	};
	__u64 begin = 0, end = 0, left = 0;

	vmm_get_property(t->part, HV_PARTITION_PROPERTY_REFERENCE_TIME, &begin);
	vmm_set_registers(t->vp[0], 0, start, ARRAY_SIZE(start));
	wait_until(vmm_get_property(t->part, HV_PARTITION_PROPERTY_REFERENCE_TIME,
				    &end) || end > begin + SPAN);
	vmm_get_register(t->vp[0], 0, HV_X64_REGISTER_APIC_CURRENT_COUNT, &left);
	vmm_get_property(t->part, HV_PARTITION_PROPERTY_REFERENCE_TIME, &end);
	return (COUNT - left) * 10000000ULL / (end - begin);
}

TEST_F(properties, apic_frequency)
{
	struct tvm *t = &self->t;
	__u64 value = 0, hz;

	ASSERT_OK(vmm_initialize(t->part));
	ASSERT_OK(vmm_get_property(t->part, HV_PARTITION_PROPERTY_APIC_FREQUENCY,
				   &value));
	EXPECT_EQ(DEFAULT_HZ, value);
	EXPECT_EQ(HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE,
		  set_status(t->part, HV_PARTITION_PROPERTY_APIC_FREQUENCY, 0));
	EXPECT_EQ(HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE,
		  set_status(t->part, HV_PARTITION_PROPERTY_APIC_FREQUENCY, ~0ULL));
	ASSERT_EQ(0, set_status(t->part, HV_PARTITION_PROPERTY_APIC_FREQUENCY,
				DEFAULT_HZ / 4));
	ASSERT_OK(tvm_memory(t));
	ASSERT_OK(tvm_vp(t, 0));
	/* Its timer may be running already. */
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE,
		  set_status(t->part, HV_PARTITION_PROPERTY_APIC_FREQUENCY,
			     DEFAULT_HZ));
	ASSERT_OK(vmm_get_register(t->vp[0], 0,
				   HV_REGISTER_INTERRUPT_CLOCK_FREQUENCY, &value));
	EXPECT_EQ(DEFAULT_HZ / 4, value);
	hz = timer_hz(t);
	EXPECT_LT(DEFAULT_HZ / 8, hz);
	EXPECT_GT(DEFAULT_HZ / 2, hz);
}

/* Shares of a processor: what is set can be read, within its bounds. */
TEST_F(properties, shares)
{
	static const struct {
		__u32 code;
		__u64 first, least, most;
	} rows[] = {
		{ HV_PARTITION_PROPERTY_CPU_RESERVE, HV_CPU_RESERVE_DEFAULT, 0,
		  0x10000 },
		{ HV_PARTITION_PROPERTY_CPU_CAP, HV_CPU_CAP_DEFAULT, 1, 0x10000 },
		{ HV_PARTITION_PROPERTY_CPU_WEIGHT, HV_CPU_WEIGHT_DEFAULT, 1, 10000 },
	};
	int part = self->t.part;
	unsigned int i;
	__u64 value;

	ASSERT_OK(vmm_initialize(part));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_OK(vmm_get_property(part, rows[i].code, &value));
		EXPECT_EQ(rows[i].first, value);
		EXPECT_EQ(0, set_status(part, rows[i].code, rows[i].least));
		ASSERT_OK(vmm_get_property(part, rows[i].code, &value));
		EXPECT_EQ(rows[i].least, value);
		EXPECT_EQ(0, set_status(part, rows[i].code, rows[i].most));
		EXPECT_EQ(HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE,
			  set_status(part, rows[i].code, rows[i].most + 1));
		EXPECT_EQ(HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE,
			  set_status(part, rows[i].code, ~0ULL));
		if (rows[i].least)
			EXPECT_EQ(HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE,
				  set_status(part, rows[i].code, 0));
		ASSERT_OK(vmm_get_property(part, rows[i].code, &value));
		EXPECT_EQ(rows[i].most, value);
	}
}

/* What would never be reported cannot be requested. */
TEST_F(properties, intercepts)
{
	static const __u32 refused[] = {
		HV_INTERCEPT_TYPE_RESERVED0, HV_INTERCEPT_TYPE_X64_APIC_SMI,
		HV_INTERCEPT_TYPE_X64_APIC_INIT_SIPI,
		HV_INTERCEPT_TYPE_X64_MC_UPDATE_PATCH_LEVEL_MSR_READ,
		HV_INTERCEPT_TYPE_X64_APIC_WRITE,
		HV_INTERCEPT_TYPE_X64_EXCEPTION_TRAP, HV_INTERCEPT_TYPE_REGISTER,
		HV_INTERCEPT_TYPE_SYSTEM_RESET, HV_INTERCEPT_TYPE_SYSTEM_RESET + 1,
	};
	unsigned int i;

	ASSERT_OK(vmm_initialize(self->t.part));
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		EXPECT_EQ(-EINVAL, vmm_intercept(self->t.part, refused[i],
						 HV_INTERCEPT_ACCESS_MASK_WRITE, 0)) {
			TH_LOG("type %#x", refused[i]);
		}
	}
}

/* A leaf has 32 bits, a port 16, as the ends of a range. */
TEST_F(properties, intercepts_of_what_there_is_not)
{
	const __u32 x = HV_INTERCEPT_ACCESS_MASK_EXECUTE, w = HV_INTERCEPT_ACCESS_MASK_WRITE;
	const struct {
		__u32 type, access;
		__u64 good, bad;
	} rows[] = {
		{ HV_INTERCEPT_TYPE_X64_CPUID, x, 0xffffffff, HV_BIT64(32) },
		{ HV_INTERCEPT_TYPE_X64_IO_PORT, w, 0xffff, 0x10000 },
		{ HV_INTERCEPT_TYPE_X64_IO_PORT_RANGE, w, 0x50003, HV_BIT64(32) | 0x50003 },
		{ HV_INTERCEPT_TYPE_X64_IO_PORT_RANGE, w, 0x30003, 0x20003 },
		{ HV_INTERCEPT_TYPE_X64_MSR_INDEX, w, 0xffffffff, HV_BIT64(32) },
		{ HV_INTERCEPT_TYPE_EXCEPTION, x, 31, 32 },
		{ HV_INTERCEPT_TYPE_EXCEPTION, x, 3, 2 },
	};
	unsigned int i;

	ASSERT_OK(vmm_initialize(self->t.part));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(0, vmm_intercept(self->t.part, rows[i].type, rows[i].access,
					   rows[i].good)) {
			TH_LOG("type %#x: %#llx", rows[i].type, rows[i].good);
		}
		EXPECT_EQ(-EINVAL, vmm_intercept(self->t.part, rows[i].type, rows[i].access,
						 rows[i].bad)) {
			TH_LOG("type %#x: %#llx", rows[i].type, rows[i].bad);
		}
	}
	/* A leaf is executed, and not written. */
	EXPECT_EQ(-EINVAL, vmm_intercept(self->t.part, HV_INTERCEPT_TYPE_X64_CPUID, w, 1));
}

#define OS_ID		0x8100000000000001ULL
#define PAGE_OF(n)	((0x20000 + (n) * 0x1000) | HV_MSR_PAGE_ENABLE)

/* What a guest has set up is removed when the VMM clears its guest OS id. */
TEST_F(properties, without_a_system)
{
	static const struct {
		__u32 name;
		__u64 value, after;
	} rows[] = {
		{ HV_REGISTER_GUEST_OS_ID, OS_ID, 0 },
		{ HV_X64_REGISTER_HYPERCALL, PAGE_OF(0), 0 },
		{ HV_REGISTER_REFERENCE_TSC, PAGE_OF(1), 0 },
		{ HV_REGISTER_VP_ASSIST_PAGE, PAGE_OF(2), 0 },
		{ HV_REGISTER_SIMP, PAGE_OF(3), 0 },
		{ HV_REGISTER_SIEFP, PAGE_OF(4), 0 },
		{ HV_REGISTER_SCONTROL, 1, 0 },
		{ HV_REGISTER_SINT0 + 2, 0x55, HV_SYNIC_SINT_MASKED },
		{ HV_REGISTER_STIMER0_CONFIG, 0x20000, 0 },
		{ HV_REGISTER_STIMER0_COUNT, ~0ULL >> 1, 0 },
	};
	struct tvm *t = &self->t;
	unsigned int i, index;
	__u64 value;

	ASSERT_OK(vmm_set_property(t->part,
				   HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
				   VMM_SYNTHETIC_FEATURES));
	ASSERT_OK(vmm_initialize(t->part));
	ASSERT_OK(tvm_memory(t));
	ASSERT_OK(tvm_vp(t, 0));
	ASSERT_OK(tvm_vp(t, 1));
	for (index = 0; index < 2; index++) {
		/* Pages of the second processor are elsewhere. */
		for (i = 0; i < ARRAY_SIZE(rows); i++) {
			value = rows[i].value;
			if (index && i >= 3 && i <= 5)
				value += 0x10000;
			ASSERT_OK(vmm_set_register(t->vp[index], index,
						   rows[i].name, value));
			ASSERT_OK(vmm_get_register(t->vp[index], index,
						   rows[i].name, &value));
			ASSERT_NE(rows[i].after, value);
		}
	}
	/* Writing the same id again removes nothing. */
	ASSERT_OK(vmm_set_register(t->vp[1], 1, HV_REGISTER_GUEST_OS_ID, OS_ID));
	ASSERT_OK(vmm_get_register(t->vp[0], 0, HV_REGISTER_SCONTROL, &value));
	EXPECT_EQ(1, value);
	ASSERT_OK(vmm_set_register(t->vp[1], 1, HV_REGISTER_GUEST_OS_ID, 0));
	for (index = 0; index < 2; index++) {
		for (i = 0; i < ARRAY_SIZE(rows); i++) {
			ASSERT_OK(vmm_get_register(t->vp[index], index,
						   rows[i].name, &value));
			EXPECT_EQ(rows[i].after, value) {
				TH_LOG("VP %u, register %#x", index, rows[i].name);
			}
		}
	}
	/* A guest without an id can have the rest, and keeps it. */
	ASSERT_OK(vmm_set_register(t->vp[0], 0, HV_REGISTER_SCONTROL, 1));
	ASSERT_OK(vmm_set_register(t->vp[1], 1, HV_REGISTER_GUEST_OS_ID, 0));
	ASSERT_OK(vmm_get_register(t->vp[0], 0, HV_REGISTER_SCONTROL, &value));
	EXPECT_EQ(1, value);
}

TEST_HARNESS_MAIN
