// SPDX-License-Identifier: GPL-2.0
/*
 * Local APICs: which processors an interrupt is for, what their pins do, and errors.
 */
#include <hyperv/hv_register.h>

#include "harness.h"
#include "apics.h"

FIXTURE(apic) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(apic)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_open(&self->t));
	close(self->t.dev);
	self->t.dev = -1;
}

FIXTURE_TEARDOWN(apic)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

#define VECTOR		0x40
#define VECTOR_NMI	2

/* ---- destinations ------------------------------------------------------------ */

#define APIC_DFR	0xe
#define APIC_ESR	0x28
#define APIC_LINT0	0x35
#define APIC_LINT1	0x36
#define APIC_LVT_ERROR	0x37
#define APIC_SELF_IPI	0x3f
#define LVT_MASKED	0x10000
#define FLAT		0xffffffff
#define CLUSTERS	0x0fffffff
#define DM_NMI		(HV_X64_INTERRUPT_TYPE_NMI << 8)
#define DM_EXTINT	(HV_X64_INTERRUPT_TYPE_EXTINT << 8)

/* What a processor is found to have got. */
#define GOT_NOTHING	0
#define GOT_VECTOR	1
#define GOT_NMI		2
#define GOT_INIT	3

/* Real-mode code at TVM_CODE, with a handler for the vector and for NMIs. */
static int start_handled(struct tvm *t, const void *code, size_t size)
{
	int ret = tvm_start(t, code, size);

	if (ret)
		return ret;
	tvm_handle(t, VECTOR);
	tvm_handle(t, VECTOR_NMI);
	return 0;
}

/* Processors 0 to 2, or 0 and 2. */
static int start_processors(struct tvm *t, bool all)
{
	int ret = start_handled(t, guest_count, sizeof(guest_count));

	if (!ret && all)
		ret = tvm_vp(t, 1);
	return ret < 0 ? ret : tvm_vp(t, 2);
}

/* A processor with an x2APIC and no NMI in service, which can run. */
static int ready(struct tvm *t, unsigned int vp)
{
	int ret = apic_on(t, vp, APIC_X2APIC);

	ret = ret ?: tvm_real_mode(t, vp, TVM_CODE);
	ret = ret ?: apic_set(t, vp, HV_REGISTER_INTERRUPT_STATE, 0);
	return ret ?: apic_set(t, vp, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0);
}

/* Who is meant by an address depends on the mode of each processor. */
TEST_F(apic, destinations)
{
	static const __u64 modes[][VPS] = {
		{ APIC_X2APIC, APIC_X2APIC, APIC_X2APIC },
		{ APIC_XAPIC, APIC_XAPIC, APIC_XAPIC },
		{ APIC_XAPIC, APIC_XAPIC, APIC_X2APIC },
		{ APIC_XAPIC, 0, APIC_XAPIC },
	};
	static const __u32 flat[] = { 0x01000000, 0x02000000, 0x04000000 };
	static const __u32 clusters[] = { 0x11000000, 0x12000000, 0x21000000 };
	static const __u32 priorities[] = { 0x30, 0x20, 0x50 };
	static const struct {
		__u8 mode;		/* of modes[] */
		bool lowest, logical;
		__u32 dfr;
		__u64 destination;
		__u32 expected;
	} rows[] = {
		{ 0, false, false, FLAT, 1, 2 },
		{ 0, false, false, FLAT, 0xff, 0 },
		{ 0, false, false, FLAT, 0xffffffff, 7 },
		{ 0, false, true, FLAT, 6, 6 },
		{ 0, false, true, FLAT, 0x10001, 0 },
		{ 0, false, true, FLAT, 0xffffffff, 7 },
		{ 0, true, true, FLAT, 7, 2 },
		{ 0, true, true, FLAT, 5, 1 },
		{ 1, false, false, FLAT, 2, 4 },
		{ 1, false, false, FLAT, 0xff, 7 },
		{ 1, true, false, FLAT, 0xff, 2 },
		{ 1, false, true, FLAT, 5, 5 },
		{ 1, false, true, FLAT, 8, 0 },
		{ 1, true, true, FLAT, 5, 1 },
		{ 1, false, true, CLUSTERS, 0x13, 3 },
		{ 1, false, true, CLUSTERS, 0x12, 2 },
		{ 1, false, true, CLUSTERS, 0x23, 4 },
		{ 1, false, true, CLUSTERS, 0x31, 0 },
		{ 2, false, false, FLAT, 0xff, 3 },
		{ 2, true, false, FLAT, 0xff, 2 },
		{ 2, false, true, FLAT, 4, 4 },
		{ 2, false, true, CLUSTERS, 0x12, 2 },
		{ 3, false, false, FLAT, 1, 0 },
		{ 3, false, false, FLAT, 0xff, 5 },
		{ 3, true, false, FLAT, 0xff, 1 },
	};
	unsigned int i, vp;

	ASSERT_OK(start_processors(&self->t, true));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const __u64 *mode = modes[rows[i].mode];
		int ret;

		for (vp = 0; vp < VPS; vp++) {
			ASSERT_OK(apic_on(&self->t, vp, mode[vp]));
			ASSERT_OK(apic_set(&self->t, vp, HV_X64_REGISTER_APIC_TPR, priorities[vp]));
			if (mode[vp] == APIC_X2APIC)
				continue;
			ASSERT_OK(apic_set(&self->t, vp, REG_APIC(APIC_DFR), rows[i].dfr));
			ASSERT_OK(apic_set(&self->t, vp, REG_APIC(APIC_LDR),
					   rows[i].dfr == FLAT ? flat[vp] : clusters[vp]));
		}
		ret = vmm_assert(self->t.part, rows[i].lowest ?
				 HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY :
				 HV_X64_INTERRUPT_TYPE_FIXED, false, rows[i].logical,
				 rows[i].destination, VECTOR);
		EXPECT_EQ(rows[i].expected ? 0 : -EINVAL, ret);
		EXPECT_EQ(rows[i].expected, requested(&self->t, VECTOR)) {
			TH_LOG("row %u: %s %#llx", i, rows[i].logical ? "logical" : "physical",
			       rows[i].destination);
		}
	}
}

/* One that is enabled by its base, but not by its own register, does not compete. */
TEST_F(apic, lowest_priority_without_one_that_is_off)
{
	static const __u32 tpr[] = { 0x30, 0x20, 0x50 };
	unsigned int vp;

	ASSERT_OK(start_processors(&self->t, true));
	for (vp = 0; vp < VPS; vp++) {
		ASSERT_OK(apic_on(&self->t, vp, APIC_XAPIC));
		ASSERT_OK(apic_set(&self->t, vp, HV_X64_REGISTER_APIC_TPR, tpr[vp]));
	}
	ASSERT_OK(apic_set(&self->t, 1, REG_APIC(APIC_SVR), 0xff));
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY, false, false,
			     0xff, VECTOR));
	EXPECT_EQ(1, requested(&self->t, VECTOR));
}

/* What has come to a processor, which then runs. */
static int arrived(struct tvm *t, unsigned int vp, __u32 vector)
{
	__u64 value = 0;

	if (apic_get(t, vp, HV_X64_REGISTER_RIP) == 0xfff0)
		return GOT_INIT;
	if (apic_get(t, vp, HV_X64_REGISTER_APIC_IRR0 + vector / 32) & HV_BIT(vector % 32))
		return GOT_VECTOR;
	memcpy(t->memory + TVM_CODE, guest_count, sizeof(guest_count));
	if (tvm_real_mode(t, vp, TVM_CODE) || tvm_next_out(t, vp, &value))
		return -EIO;
	return value == 2 ? GOT_NMI : value ? -ERANGE : GOT_NOTHING;
}

#define TO_SELF		0x40000
#define TO_ALL		0x80000
#define TO_OTHERS	0xc0000

/* What a guest sends to more than one processor, of 0 to 2 or of 0 and 2. */
TEST_F(apic, shorthands)
{
	static const struct {
		bool all;
		__u64 icr;
		int expected[VPS];
	} rows[] = {
		{ true, TO_SELF | VECTOR, { GOT_VECTOR, GOT_NOTHING, GOT_NOTHING } },
		{ true, TO_SELF | DM_NMI, { GOT_NOTHING, GOT_NOTHING, GOT_NOTHING } },
		{ true, TO_ALL | VECTOR, { GOT_VECTOR, GOT_VECTOR, GOT_VECTOR } },
		{ true, TO_ALL | DM_NMI, { GOT_NOTHING, GOT_NMI, GOT_NMI } },
		{ true, TO_OTHERS | VECTOR, { GOT_NOTHING, GOT_VECTOR, GOT_VECTOR } },
		{ true, TO_OTHERS | DM_NMI, { GOT_NOTHING, GOT_NMI, GOT_NMI } },
		{ true, 0xffffffffULL << 32 | VECTOR, { GOT_VECTOR, GOT_VECTOR, GOT_VECTOR } },
		{ true, 0xffffffffULL << 32 | DM_INIT, { GOT_NOTHING, GOT_INIT, GOT_INIT } },
		{ false, TO_ALL | VECTOR, { GOT_VECTOR, GOT_NOTHING, GOT_VECTOR } },
		{ false, TO_OTHERS | VECTOR, { GOT_NOTHING, GOT_NOTHING, GOT_VECTOR } },
		{ false, TO_OTHERS | DM_NMI, { GOT_NOTHING, GOT_NOTHING, GOT_NMI } },
	};
	unsigned int i, vp;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_OK(start_processors(&self->t, rows[i].all));
		for (vp = 0; vp < VPS; vp++)
			if (self->t.vp[vp] >= 0)
				ASSERT_OK(ready(&self->t, vp));
		ASSERT_OK(apic_send(&self->t, rows[i].icr));
		for (vp = 0; vp < VPS; vp++) {
			if (self->t.vp[vp] < 0)
				continue;
			EXPECT_EQ(rows[i].expected[vp], arrived(&self->t, vp, VECTOR)) {
				TH_LOG("row %u, processor %u", i, vp);
			}
		}
		tvm_close(&self->t);
	}
}

/* ---- errors, and pins ------------------------------------------------------------ */

#define ILLEGAL		5		/* a vector */
#define SEND_ILLEGAL	0x20
#define RECEIVED_ILLEGAL 0x40

static __u64 errors(struct tvm *t)
{
	return apic_set(t, 0, REG_APIC(APIC_ESR), 0) ? ~0ULL : apic_get(t, 0, REG_APIC(APIC_ESR));
}

/* An error interrupts once, until the guest has read the register. */
TEST_F(apic, illegal_vectors)
{
	ASSERT_OK(start_processors(&self->t, true));
	ASSERT_OK(apic_on(&self->t, 0, APIC_X2APIC));
	/* Masked, or with a vector that is illegal itself. */
	ASSERT_OK(apic_set(&self->t, 0, REG_APIC(APIC_LVT_ERROR), LVT_MASKED | VECTOR));
	ASSERT_OK(apic_send(&self->t, ILLEGAL));
	ASSERT_OK(apic_set(&self->t, 0, REG_APIC(APIC_LVT_ERROR), ILLEGAL - 2));
	EXPECT_EQ(0, requested(&self->t, VECTOR));
	EXPECT_EQ(SEND_ILLEGAL, errors(&self->t));
	EXPECT_EQ(0, errors(&self->t));
	ASSERT_OK(apic_send(&self->t, ILLEGAL));
	EXPECT_EQ(0, requested(&self->t, ILLEGAL - 2));

	/* The same error as one that has not been read. */
	ASSERT_OK(apic_set(&self->t, 0, REG_APIC(APIC_LVT_ERROR), VECTOR));
	ASSERT_OK(apic_send(&self->t, ILLEGAL));
	EXPECT_EQ(0, requested(&self->t, VECTOR));
	EXPECT_EQ(SEND_ILLEGAL, errors(&self->t));
	ASSERT_OK(apic_send(&self->t, ILLEGAL));
	EXPECT_EQ(1, requested(&self->t, VECTOR));
	EXPECT_EQ(SEND_ILLEGAL, errors(&self->t));
	ASSERT_OK(apic_set(&self->t, 0, REG_APIC(APIC_SELF_IPI), ILLEGAL));
	EXPECT_EQ(0, requested(&self->t, ILLEGAL));
	EXPECT_EQ(RECEIVED_ILLEGAL, errors(&self->t));
}

/* A pin does what its entry of the vector table says. */
TEST_F(apic, pins)
{
	static const struct {
		__u32 type, reg;
	} lints[] = {
		{ HV_X64_INTERRUPT_TYPE_LOCALINT0, REG_APIC(APIC_LINT0) },
		{ HV_X64_INTERRUPT_TYPE_LOCALINT1, REG_APIC(APIC_LINT1) },
	};
	static const struct {
		__u32 entry, vector;
		int expected;
	} rows[] = {
		{ VECTOR, 1, GOT_VECTOR },
		{ VECTOR, HV_INTERRUPT_VECTOR_NONE, GOT_NOTHING },
		{ LVT_MASKED | VECTOR, 1, GOT_NOTHING },
		{ DM_NMI, 1, GOT_NMI },
		{ LVT_MASKED | DM_NMI, 1, GOT_NOTHING },
		{ DM_EXTINT | VECTOR, 1, GOT_NOTHING },
		{ DM_INIT, 1, GOT_INIT },
	};
	unsigned int lint, i;

	ASSERT_OK(start_processors(&self->t, true));
	for (i = 0; i < ARRAY_SIZE(rows) * ARRAY_SIZE(lints); i++) {
		lint = i % ARRAY_SIZE(lints);
		ASSERT_OK(ready(&self->t, 2));
		ASSERT_OK(apic_set(&self->t, 2, lints[lint].reg, rows[i / 2].entry));
		ASSERT_OK(vmm_assert(self->t.part, lints[lint].type, false, false, 2,
				     rows[i / 2].vector));
		EXPECT_EQ(rows[i / 2].expected, arrived(&self->t, 2, VECTOR)) {
			TH_LOG("LINT%u: %#x", lint, rows[i / 2].entry);
		}
	}
}

/* The 8259's interrupt passes an APIC whose LINT0 is for it, and no other. */
TEST_F(apic, external)
{
	static const __u8 guest[] = {
		0xba, 0xf8, 0x03, 0xfb, 0x90,	/* mov dx, 0x3f8; sti; nop */
		0xb0, 1, OUT_AL, 0xeb, 0xfb,
	};
	static const struct {
		__u32 svr, lint0;
		__u64 expected;
	} rows[] = {
		{ 0x1ff, LVT_MASKED | DM_EXTINT, 1 },
		{ 0x1ff, DM_NMI, 1 },
		{ 0x1ff, DM_EXTINT, 2 },
		{ 0xff, LVT_MASKED | DM_EXTINT, 2 },
	};
	struct hv_input_clear_virtual_interrupt in = { 0 };
	struct vmm_call call = {
		.code = HVCALL_CLEAR_VIRTUAL_INTERRUPT, .in = &in, .in_size = sizeof(in),
	};
	unsigned int i;
	__u64 value;

	ASSERT_OK(start_handled(&self->t, guest, sizeof(guest)));
	ASSERT_OK(apic_on(&self->t, 0, APIC_XAPIC));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_OK(tvm_real_mode(&self->t, 0, TVM_CODE));
		ASSERT_OK(apic_set(&self->t, 0, REG_APIC(APIC_SVR), rows[i].svr));
		ASSERT_OK(apic_set(&self->t, 0, REG_APIC(APIC_LINT0), rows[i].lint0));
		ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_EXTINT, false,
				     false, 0, VECTOR));
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		EXPECT_EQ(rows[i].expected, value) {
			TH_LOG("LINT0 %#x", rows[i].lint0);
		}
		if (value == 2)
			ASSERT_OK(vmm_hvcall(self->t.part, &call));
	}
}

TEST_HARNESS_MAIN
