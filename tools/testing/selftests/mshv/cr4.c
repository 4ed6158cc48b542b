// SPDX-License-Identifier: GPL-2.0
/*
 * CR4: a guest can set what belongs to a feature that it is shown, and nothing else.
 */
#include <hyperv/hv_register.h>

#include "handlers.h"
#include "harness.h"

#define VECTOR_GP	13
#define VECTOR_PF	14
#define ALIAS		0x200000	/* of the first 2 MiB */
#define MOV_AT		(TVM_CODE + 6)
#define PAE		HV_BIT64(5)
#define PGE		HV_BIT64(7)
#define PCIDE		HV_BIT64(17)
#define DR7_RESET	0x400
#define DR7_LE		0x100
#define HIGH_HALF	0xffffffff00000000ULL
/* A page of the tables, and the lowest PCID. */
#define CR3_WITH_PCID	(TVM_TABLES | 1)

static const __u8 guest[] = {
	0x0f, 0x20, 0xe0,		/* mov rax, cr4 */
	0x48, 0x31, 0xd8,		/* xor rax, rbx */
	0x0f, 0x22, 0xe0,		/* mov cr4, rax */
	STOP,
};

FIXTURE(cr4) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(cr4)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start_long(&self->t, guest, sizeof(guest)));
}

FIXTURE_TEARDOWN(cr4)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static __u64 get(struct tvm *t, __u32 name)
{
	__u64 value = 0;

	vmm_get_register(t->vp[0], 0, name, &value);
	return value;
}

/* The guest changes these bits; what comes of it. */
static int change(struct tvm *t, __u64 bits, __u64 cr3)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RBX, bits),
		vmm_value(HV_X64_REGISTER_CR3, cr3),
		vmm_value(HV_X64_REGISTER_CR4, PAE),
	};
	int ret = handlers_make(t, 0);

	if (!ret)
		ret = vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
	return ret ?: handlers_next(t, 0);
}

static const struct handler_frame *frame_with_error(struct tvm *t)
{
	return (const void *)((const __u64 *)handlers_frame(t, 0) + 1);
}

#define EXPECT_REFUSED(bits, cr3) do {					\
	EXPECT_EQ(VECTOR_GP, change(&self->t, bits, cr3)) {		\
		TH_LOG("%#llx: %s", (__u64)(bits), vmm_error());	\
	}								\
	EXPECT_EQ(MOV_AT, frame_with_error(&self->t)->rip);		\
	EXPECT_EQ(PAE, get(&self->t, HV_X64_REGISTER_CR4));		\
} while (0)

#define EXPECT_TAKEN(bits, cr3) do {					\
	EXPECT_EQ(HANDLER_STOP, change(&self->t, bits, cr3)) {		\
		TH_LOG("%#llx: %s", (__u64)(bits), vmm_error());	\
	}								\
	EXPECT_EQ(PAE ^ (bits), get(&self->t, HV_X64_REGISTER_CR4));	\
} while (0)

/* Bits of features that no guest is shown, and of none. */
TEST_F(cr4, reserved)
{
	static const __u8 low[] = { 13, 14, 15, 19 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(low); i++)
		EXPECT_REFUSED(HV_BIT64(low[i]), TVM_TABLES);
	for (i = 23; i < 64; i++)
		EXPECT_REFUSED(HV_BIT64(i), TVM_TABLES);
}

/* TSD, DE, PSE, MCE, PGE, PCE, OSFXSR, OSXMMEXCPT: each processor has these. */
TEST_F(cr4, taken)
{
	static const __u8 bits[] = { 2, 3, 4, 6, 7, 8, 9, 10 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bits); i++)
		EXPECT_TAKEN(HV_BIT64(bits[i]), TVM_TABLES);
}

/* What a guest is not shown it cannot switch on.  Not every processor has UMIP. */
TEST_F(cr4, hidden)
{
	static const struct {
		__u8 bit;
		struct vmm_cpuid cpuid;
	} rows[] = {
		{ 18, { .leaf = 1, .mask = { 0, 0, HV_BIT64(26), 0 } } },	/* OSXSAVE */
		{ 3, { .leaf = 1, .mask = { 0, 0, 0, HV_BIT64(2) } } },		/* DE */
		{ 16, { .leaf = 7, .mask = { 0, HV_BIT64(0), 0, 0 } } },	/* FSGSBASE */
		{ 11, { .leaf = 7, .mask = { 0, 0, HV_BIT64(2), 0 } } },	/* UMIP */
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].bit == 11 && change(&self->t, HV_BIT64(11), TVM_TABLES) == VECTOR_GP)
			continue;
		EXPECT_TAKEN(HV_BIT64(rows[i].bit), TVM_TABLES);
		ASSERT_OK(vmm_cpuid(self->t.vp[0], 0, &rows[i].cpuid));
		EXPECT_REFUSED(HV_BIT64(rows[i].bit), TVM_TABLES);
	}
}

/* Code of 32 bits writes 32 bits, whatever the rest of the register is. */
TEST_F(cr4, in_compatibility_mode)
{
	static const __u8 narrow[] = {
		0x0f, 0x22, 0xe0,	/* mov cr4, eax */
		0x0f, 0x23, 0xfb,	/* mov dr7, ebx */
		STOP,
	};
	const struct hv_register_assoc regs[] = {
		vmm_segment(HV_X64_REGISTER_CS, 0x10, 0, 0xffffffff, 0xc09b),
		vmm_value(HV_X64_REGISTER_RAX, HIGH_HALF | PAE | PGE),
		vmm_value(HV_X64_REGISTER_RBX, HIGH_HALF | DR7_RESET | DR7_LE),
	};

	memcpy(self->t.memory + TVM_CODE, narrow, sizeof(narrow));
	ASSERT_OK(handlers_make(&self->t, 0));
	ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(regs)));
	EXPECT_EQ(HANDLER_STOP, handlers_next(&self->t, 0));
	EXPECT_EQ(PAE | PGE, get(&self->t, HV_X64_REGISTER_CR4));
	EXPECT_EQ(DR7_RESET | DR7_LE, get(&self->t, HV_X64_REGISTER_DR7));
}

/* In 64-bit mode PAE stays. */
TEST_F(cr4, without_pae)
{
	EXPECT_REFUSED(PAE, TVM_TABLES);
}

/* PCIDs begin with 0. */
TEST_F(cr4, pcid)
{
	const struct vmm_cpuid hidden = {
		.leaf = 1, .mask = { 0, 0, HV_BIT64(17), 0 },
	};

	EXPECT_REFUSED(PCIDE, CR3_WITH_PCID);
	if (change(&self->t, PCIDE, TVM_TABLES) == VECTOR_GP)
		SKIP(return, "the processor has no PCIDs");
	EXPECT_TAKEN(PCIDE, TVM_TABLES);
	ASSERT_OK(vmm_cpuid(self->t.vp[0], 0, &hidden));
	EXPECT_REFUSED(PCIDE, TVM_TABLES);
}

/* The page with the instruction is gone from the tables: only a TLB has it. */
TEST_F(cr4, in_code_that_is_not_mapped_any_more)
{
	static const __u8 code[] = {
		0x0f, 0x20, 0xe0,		/* mov rax, cr4 */
		0x48, 0xc7, 0x03, 0, 0, 0, 0,	/* mov qword [rbx], 0 */
		0x0f, 0x22, 0xe0,		/* mov cr4, rax */
		STOP,
	};
	__u64 *pd = (__u64 *)(self->t.memory + TVM_TABLES + 2 * VMM_PAGE);
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RIP, ALIAS + TVM_CODE),
		vmm_value(HV_X64_REGISTER_RBX, TVM_TABLES + 2 * VMM_PAGE + 8),
	};

	memcpy(self->t.memory + TVM_CODE, code, sizeof(code));
	ASSERT_OK(handlers_make(&self->t, 0));
	pd[1] = pd[0];
	ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(regs)));
	EXPECT_EQ(VECTOR_PF, handlers_next(&self->t, 0));
}

TEST_HARNESS_MAIN
