// SPDX-License-Identifier: GPL-2.0
/*
 * rootvisor's table of what it accepts, row by row; nothing is accepted that has no
 * row.
 *
 * Model: the table comes from the hypervisor itself.  Each kind has a test that
 * tries all numbers of the kind, with or without a row.  Other programs test the
 * effects; those that do not fit elsewhere are in effects.c.
 */
#include <hyperv/hv_cpuid.h>
#include <hyperv/hv_intercept.h>
#include <hyperv/hv_msr.h>
#include <hyperv/hv_vp.h>

#include "claims.h"

#define MAX_ROWS	512
#define CLAIM_WORDS	5
#define GP_VECTOR	13
#define GP_SAYS		0xee

struct row {
	__u32 kind, first, last, state, status;
};

FIXTURE(claims) {
	struct row rows[MAX_ROWS];
	struct books before;
	struct tvm t;
	unsigned int nr;
};

FIXTURE_SETUP(claims)
{
	int ret = rv_open();

	if (ret)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_EQ(0, books_read(&self->before));
	while (!ret) {
		ASSERT_GT(MAX_ROWS, self->nr);
		ret = rv_call(RV_CMD_CLAIM, &(__u32){ self->nr }, 1,
			      (__u32 *)&self->rows[self->nr], CLAIM_WORDS);
		self->nr += !ret;
	}
	ASSERT_EQ(-ENOENT, ret);
	ASSERT_LT(100, self->nr);
	ASSERT_OK(claims_start(&self->t, TVM_FLAGS));
}

FIXTURE_TEARDOWN(claims)
{
	tvm_close(&self->t);
	ASSERT_BOOKS(&self->before);
}

/* NULL for a number that the table does not have. */
static const struct row *row_of(const struct row *rows, unsigned int nr, __u32 kind,
				__u32 number)
{
	for (; nr; nr--, rows++)
		if (rows->kind == kind && number >= rows->first &&
		    number <= rows->last)
			return rows;
	return NULL;
}

#define ROW(kind, number)	row_of(self->rows, self->nr, kind, number)

static bool unknown(const struct row *row)
{
	return !row || row->state == RV_CLAIM_IS_UNKNOWN;
}

static bool accepted(const struct row *row)
{
	return row && row->state != RV_CLAIM_IS_UNKNOWN &&
	       row->state != RV_CLAIM_IS_REFUSED;
}

/* Numbers that may mean something, by kind. */
static const struct {
	__u32 kind, first, last;
} ranges[] = {
	{ RV_CLAIM_PROPERTY, 0x00000, 0x0000f }, { RV_CLAIM_PROPERTY, 0x10000, 0x1000f },
	{ RV_CLAIM_PROPERTY, 0x20000, 0x2000f }, { RV_CLAIM_PROPERTY, 0x30000, 0x3000f },
	{ RV_CLAIM_PROPERTY, 0x40000, 0x4000f }, { RV_CLAIM_PROPERTY, 0x50000, 0x5003f },
	{ RV_CLAIM_PROPERTY, 0x60000, 0x6001f }, { RV_CLAIM_PROPERTY, 0x70000, 0x7000f },
	{ RV_CLAIM_PROPERTY, 0x80000, 0x8001f }, { RV_CLAIM_PROPERTY, 0x90000, 0x9001f },
	{ RV_CLAIM_PROPERTY, 0x10001000, 0x10001003 },
	{ RV_CLAIM_REGISTER, 0x00000, 0x0000f }, { RV_CLAIM_REGISTER, 0x00100, 0x0010f },
	{ RV_CLAIM_REGISTER, 0x00200, 0x0027f }, { RV_CLAIM_REGISTER, 0x10000, 0x1000f },
	{ RV_CLAIM_REGISTER, 0x20000, 0x2001f }, { RV_CLAIM_REGISTER, 0x30000, 0x3001f },
	{ RV_CLAIM_REGISTER, 0x40000, 0x4000f }, { RV_CLAIM_REGISTER, 0x41000, 0x4100f },
	{ RV_CLAIM_REGISTER, 0x50000, 0x5000f }, { RV_CLAIM_REGISTER, 0x60000, 0x6000f },
	{ RV_CLAIM_REGISTER, 0x70000, 0x7000f }, { RV_CLAIM_REGISTER, 0x80000, 0x800ff },
	{ RV_CLAIM_REGISTER, 0x81000, 0x8100f }, { RV_CLAIM_REGISTER, 0x82000, 0x8200f },
	{ RV_CLAIM_REGISTER, 0x84800, 0x8484f }, { RV_CLAIM_REGISTER, 0x90000, 0x9004f },
	{ RV_CLAIM_REGISTER, 0x91000, 0x9100f }, { RV_CLAIM_REGISTER, 0xa0000, 0xa001f },
	{ RV_CLAIM_REGISTER, 0xa1000, 0xa101f }, { RV_CLAIM_REGISTER, 0xb0000, 0xb000f },
	{ RV_CLAIM_REGISTER, 0xb0100, 0xb010f }, { RV_CLAIM_REGISTER, 0xd0000, 0xd002f },
	{ RV_CLAIM_REGISTER, 0xd0100, 0xd0100 }, { RV_CLAIM_REGISTER, 0xe0000, 0xe000f },
	{ RV_CLAIM_MSR, 0x40000000, 0x4000011f }, { RV_CLAIM_MSR, 0x40001000, 0x400010af },
	{ RV_CLAIM_CPUID, 0x40000000, 0x4000000f }, { RV_CLAIM_CPUID, 0x40000080, 0x4000008f },
};

/* For each number of a kind that may mean something. */
#define FOR_EACH(of, number)						\
	for (unsigned int r_ = 0; r_ < ARRAY_SIZE(ranges); r_++)	\
		for (__u32 number = ranges[r_].first;			\
		     ranges[r_].kind == (of) && number <= ranges[r_].last; \
		     number++)

/* ---- properties ------------------------------------------------------------ */

static int get_status(int part, __u16 code, __u32 property, __u64 *value)
{
	struct hv_input_get_partition_property_ex in = { .property_code = property };
	__u64 out[16] = { 0 };
	struct vmm_call call = {
		.code = code,
		.in = &in,
		.in_size = code == HVCALL_GET_PARTITION_PROPERTY ?
			sizeof(struct hv_input_get_partition_property) : sizeof(in),
		.out = out,
		.out_size = code == HVCALL_GET_PARTITION_PROPERTY ? 8 : sizeof(out),
	};

	vmm_hvcall(part, &call);
	*value = out[0];
	return call.status;
}

static int set_status(int part, __u32 property, __u64 value)
{
	struct hv_input_set_partition_property in = {
		.property_code = property, .property_value = value,
	};
	struct vmm_call call = {
		.code = HVCALL_SET_PARTITION_PROPERTY,
		.in = &in, .in_size = sizeof(in),
	};

	vmm_hvcall(part, &call);
	return call.status;
}

TEST_F(claims, properties)
{
	int part = self->t.part;

	FOR_EACH(RV_CLAIM_PROPERTY, code) {
		const struct row *row = ROW(RV_CLAIM_PROPERTY, code);
		__u64 value = 0, again = 0, banks;
		int plain = get_status(part, HVCALL_GET_PARTITION_PROPERTY, code, &value);
		int ex = get_status(part, HVCALL_GET_PARTITION_PROPERTY_EX, code, &banks);
		int set = set_status(part, code, value);

		if (unknown(row)) {
			EXPECT_EQ(HV_STATUS_UNKNOWN_PROPERTY, plain);
			EXPECT_EQ(HV_STATUS_UNKNOWN_PROPERTY, ex);
			EXPECT_EQ(HV_STATUS_UNKNOWN_PROPERTY, set);
		} else if (row->state == RV_CLAIM_IS_REFUSED) {
			EXPECT_EQ(row->status, set);
			EXPECT_EQ(row->status, set_status(part, code, value + 1));
		} else {
			EXPECT_EQ(0, ex);
		}
		if (row && row->state == RV_CLAIM_IS_KEPT) {
			value++;
			EXPECT_EQ(0, set_status(part, code, value));
			EXPECT_EQ(0, get_status(part, HVCALL_GET_PARTITION_PROPERTY,
						code, &again));
			EXPECT_EQ(value, again);
		}
		ASSERT_EQ(0, _metadata->exit_code) {
			TH_LOG("property %#x: get %#x, %#x, set %#x", code, plain, ex,
			       set);
		}
	}
}

/* ---- intercepts ------------------------------------------------------------ */

#define TYPES	0x20

TEST_F(claims, intercepts)
{
	__u32 type;

	for (type = 0; type < TYPES; type++) {
		const struct row *row = ROW(RV_CLAIM_INTERCEPT, type);
		int status = intercept_status(self->t.part, type,
					      HV_INTERCEPT_ACCESS_MASK_EXECUTE, 0);

		EXPECT_EQ(!row ? HV_STATUS_INVALID_PARAMETER :
			  accepted(row) ? 0 : row->status, status) {
			TH_LOG("intercept %#x", type);
		}
		EXPECT_EQ(status, intercept_status(self->t.part, type, 0, 0));
	}
}

/* ---- flags ------------------------------------------------------------ */

static __u32 flags_status(__u64 flags)
{
	const __u32 args[] = { flags, flags >> 32 };
	__u32 status = ~0U;

	rv_call(RV_CMD_CREATE_FLAGS, args, ARRAY_SIZE(args), &status, 1);
	return status;
}

TEST_F(claims, flags)
{
	const __u64 least = HV_PARTITION_CREATION_FLAG_EXO_PARTITION;
	unsigned int bit;

	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, flags_status(0));
	EXPECT_EQ(0, flags_status(least));
	for (bit = 0; bit < 64; bit++) {
		const struct row *row = ROW(RV_CLAIM_FLAG, bit);

		EXPECT_EQ(!row ? HV_STATUS_INVALID_PARAMETER :
			  accepted(row) ? 0 : row->status,
			  flags_status(least | HV_BIT64(bit))) {
			TH_LOG("flag %u", bit);
		}
	}
}

/* ---- registers ------------------------------------------------------------ */

/* Commands, which cannot be read, and registers that the driver does not expose. */
static bool is_not_read(__u32 name)
{
	return name == HV_X64_REGISTER_APIC_EOI ||
	       name == HV_X64_REGISTER_APIC_SELF_IPI ||
	       name == HV_X64_REGISTER_REG_PAGE;
}

static int register_status(int vp, __u16 code, __u32 name, __u64 *value)
{
	struct {
		__u64 partition;
		__u32 index, vtl;
		struct hv_register_assoc reg;
	} in = { .reg.name = name, .reg.value.reg64 = *value };
	bool get = code == HVCALL_GET_VP_REGISTERS;
	union hv_register_value out = { 0 };
	struct vmm_call call = {
		.code = code, .reps = 1, .in = &in,
		.in_size = get ? 20 : sizeof(in),
		.out = get ? &out : NULL, .out_size = get ? sizeof(out) : 0,
	};
	int ret = vmm_hvcall(vp, &call);

	*value = out.reg64;
	return call.status ? call.status : ret;
}

TEST_F(claims, registers)
{
	int vp = self->t.vp[0];

	FOR_EACH(RV_CLAIM_REGISTER, name) {
		const struct row *row = ROW(RV_CLAIM_REGISTER, name);
		__u64 value = 0, one = 1, zero = 0;
		int status;

		if (is_not_read(name))
			continue;
		status = register_status(vp, HVCALL_GET_VP_REGISTERS, name, &value);
		EXPECT_EQ(unknown(row) ? HV_STATUS_UNKNOWN_REGISTER_NAME :
			  accepted(row) ? 0 : row->status, status);
		if (row && row->state == RV_CLAIM_IS_ALWAYS) {
			/* A constant register is always zero. */
			EXPECT_EQ(0, value);
			status = register_status(vp, HVCALL_SET_VP_REGISTERS, name,
						 &one);
			EXPECT_TRUE(status == HV_STATUS_INVALID_PARAMETER ||
				    status == HV_STATUS_INVALID_REGISTER_VALUE);
		} else if (unknown(row)) {
			EXPECT_EQ(HV_STATUS_UNKNOWN_REGISTER_NAME,
				  register_status(vp, HVCALL_SET_VP_REGISTERS, name,
						  &zero));
		}
		ASSERT_EQ(0, _metadata->exit_code) {
			TH_LOG("register %#x: status %#x", name, status);
		}
	}
}

/* ---- MSRs ------------------------------------------------------------ */

static const __u8 guest_gp[] = {
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xb0, GP_SAYS, OUT_AL,
	0xeb, 0xfe,
};

/* True if the guest can read it. */
static bool can_read(struct tvm *t, __u32 msr)
{
	__u64 value = 0;

	memcpy(t->memory + TVM_CODE, guest_reads, sizeof(guest_reads));
	tvm_handle_by(t, GP_VECTOR, guest_gp, sizeof(guest_gp));
	if (tvm_real_mode(t, 0, TVM_CODE) ||
	    vmm_set_register(t->vp[0], 0, HV_X64_REGISTER_RCX, msr) ||
	    tvm_next_out(t, 0, &value))
		return false;
	return value == 1;
}

TEST_F(claims, msrs)
{
	FOR_EACH(RV_CLAIM_MSR, msr) {
		const struct row *row = ROW(RV_CLAIM_MSR, msr);
		/* This one would sleep. */
		bool idle = msr == HV_X64_MSR_GUEST_IDLE;

		if (idle)
			continue;
		EXPECT_EQ(accepted(row) && msr != HV_X64_MSR_EOI,
			  can_read(&self->t, msr)) {
			TH_LOG("MSR %#x", msr);
		}
	}
}

/* ---- CPUID ------------------------------------------------------------ */

TEST_F(claims, leaves)
{
	static const __u32 none[4];
	__u32 regs[4];

	FOR_EACH(RV_CLAIM_CPUID, leaf) {
		const struct row *row = ROW(RV_CLAIM_CPUID, leaf);

		ASSERT_OK(leaf_of(&self->t, leaf, 0, regs));
		EXPECT_EQ(accepted(row), !!memcmp(regs, none, sizeof(regs))) {
			TH_LOG("leaf %#x", leaf);
		}
	}
}

TEST_HARNESS_MAIN
