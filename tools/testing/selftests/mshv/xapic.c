// SPDX-License-Identifier: GPL-2.0
/*
 * The page of the local APIC in xAPIC mode, which is no memory: the hypervisor executes
 * instructions that access it.
 */
#include <hyperv/hv_register.h>

#include "handlers.h"
#include "harness.h"
#include "probe.h"

#define VECTOR_PF	14
#define ON		0x900		/* of the first processor */
#define REG_ID		0x20
#define REG_VERSION	0x30
#define REG_TPR		0x80
#define VERSION		0x00050014
#define MEMORY		0xa000
#define NO_MEMORY	0x20000000	/* not mapped by the VMM */
#define NO_PAGE		0x80000000	/* not in the guest's page tables */

FIXTURE(xapic) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(xapic)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(probe_start(&self->t));
	ASSERT_OK(tvm_vp(&self->t, 1));
	ASSERT_OK(tvm_long_mode(&self->t, 1, TVM_CODE));
	ASSERT_OK(vmm_set_register(self->t.vp[1], 1, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_BASE,
				   PROBE_GPA | ON));
	ASSERT_OK(vmm_set_register(self->t.vp[1], 1, HV_X64_REGISTER_APIC_BASE,
				   PROBE_GPA | 0x800));
}

FIXTURE_TEARDOWN(xapic)
{
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static __u64 get(struct tvm *t, __u32 name)
{
	__u64 value;

	return vmm_get_register(t->vp[0], 0, name, &value) ? ~0ULL : value;
}

/* Registers are read by bytes, too; between them there is nothing. */
TEST_F(xapic, bytes)
{
	static const struct {
		__u32 offset;
		__u8 expected;
	} rows[] = {
		{ REG_ID + 3, 1 }, { REG_ID, 0 }, { REG_ID + 4, 0 },
		{ REG_VERSION, 0x14 }, { REG_VERSION + 1, 0 }, { REG_VERSION + 2, 5 },
		{ REG_VERSION + 4, 0 }, { REG_VERSION + 0xf, 0 }, { 0x10, 0 }, { 0xff0, 0 },
		{ REG_TPR, 0x5e },
	};
	unsigned int i;
	__u8 byte;

	ASSERT_OK(vmm_set_register(self->t.vp[1], 1, HV_X64_REGISTER_APIC_TPR, 0x5e));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		byte = ~rows[i].expected;
		EXPECT_EQ(0, probe_read(&self->t, 1, PROBE_GPA + rows[i].offset, &byte));
		EXPECT_EQ(rows[i].expected, byte) {
			TH_LOG("offset %#x", rows[i].offset);
		}
	}
}

/* Only whole registers are written. */
TEST_F(xapic, not_by_bytes)
{
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_TPR, 0x5e));
	EXPECT_EQ(0, probe_write(&self->t, 0, PROBE_GPA + REG_TPR, 0x20));
	EXPECT_EQ(0, probe_write(&self->t, 0, PROBE_GPA + REG_TPR + 4, 0x20));
	EXPECT_EQ(0x5e, get(&self->t, HV_X64_REGISTER_APIC_TPR));
}

/* Beside the page, and while the APIC is off, there is nothing. */
TEST_F(xapic, only_there)
{
	EXPECT_REFUSED(PROBE_GPA + VMM_PAGE);
	EXPECT_REFUSED(PROBE_GPA - 1);
	EXPECT_BYTE(0x14, PROBE_GPA + REG_VERSION);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_BASE,
				   PROBE_GPA | ON | 0x400));
	EXPECT_REFUSED(PROBE_GPA + REG_VERSION);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_APIC_BASE,
				   PROBE_GPA | (ON & ~0x800)));
	EXPECT_REFUSED(PROBE_GPA + REG_VERSION);
}

/* Code there, and instructions that the hypervisor does not know, are the VMM's. */
TEST_F(xapic, not_executed)
{
	static const __u8 fst[] = { 0xd9, 0x13 };	/* fst dword [rbx] */

	EXPECT_EQ(PROBE_REFUSED, probe_call(&self->t, 0, PROBE_GPA + REG_VERSION));
	EXPECT_EQ(HVMSG_UNMAPPED_GPA, self->t.message.header.message_type);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_EXECUTE, tvm_header(&self->t)->intercept_access_type);
	EXPECT_EQ(PROBE_GPA + REG_VERSION, tvm_mem(&self->t)->guest_physical_address);

	memcpy(self->t.memory + TVM_CODE, fst, sizeof(fst));
	ASSERT_OK(tvm_long_mode(&self->t, 0, TVM_CODE));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_RBX, PROBE_GPA + REG_TPR));
	ASSERT_OK(tvm_run(&self->t, 0));
	EXPECT_EQ(HVMSG_UNMAPPED_GPA, self->t.message.header.message_type);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_WRITE, tvm_header(&self->t)->intercept_access_type);
	EXPECT_EQ(PROBE_GPA + REG_TPR, tvm_mem(&self->t)->guest_physical_address);
	EXPECT_EQ(TVM_CODE, tvm_header(&self->t)->rip);
}

/* One string instruction, up to its end or an exception. */
static int string(struct tvm *t, __u8 opcode, __u64 rsi, __u64 rdi)
{
	const __u8 code[] = { opcode, STOP };
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RSI, rsi),
		vmm_value(HV_X64_REGISTER_RDI, rdi),
	};
	int ret = handlers_make(t, 0);

	memcpy(t->memory + TVM_CODE, code, sizeof(code));
	ret = ret ?: vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
	return ret ?: handlers_next(t, 0);
}

#define MOVSD	0xa5
#define CMPSD	0xa7

TEST_F(xapic, string_with_memory)
{
	__u32 *memory = (__u32 *)(self->t.memory + MEMORY);
	__u32 crossing;

	EXPECT_EQ(HANDLER_STOP, string(&self->t, MOVSD, PROBE_GPA + REG_VERSION, MEMORY));
	EXPECT_EQ(VERSION, memory[0]);
	EXPECT_EQ(MEMORY + 4, get(&self->t, HV_X64_REGISTER_RDI));
	memory[0] = 0x60;
	EXPECT_EQ(HANDLER_STOP, string(&self->t, MOVSD, MEMORY, PROBE_GPA + REG_TPR));
	EXPECT_EQ(0x60, get(&self->t, HV_X64_REGISTER_APIC_TPR));
	EXPECT_EQ(HANDLER_STOP, string(&self->t, MOVSD, PROBE_GPA + REG_VERSION,
				       PROBE_GPA + REG_TPR));
	EXPECT_EQ(VERSION & 0xff, get(&self->t, HV_X64_REGISTER_APIC_TPR));
	/* Over the end of a page. */
	EXPECT_EQ(HANDLER_STOP, string(&self->t, MOVSD, PROBE_GPA + REG_VERSION, MEMORY - 2));
	memcpy(&crossing, self->t.memory + MEMORY - 2, sizeof(crossing));
	EXPECT_EQ(VERSION, crossing);
}

/* The other end is not mapped, by the guest or by its VMM. */
TEST_F(xapic, string_without_memory)
{
	static const __u8 opcodes[] = { MOVSD, CMPSD };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		EXPECT_EQ(VECTOR_PF, string(&self->t, opcodes[i], PROBE_GPA + REG_VERSION,
					    NO_PAGE));
		EXPECT_EQ(NO_PAGE, get(&self->t, HV_X64_REGISTER_CR2));
		EXPECT_EQ(PROBE_GPA + REG_VERSION, get(&self->t, HV_X64_REGISTER_RSI));
		EXPECT_EQ(-EPROTO, string(&self->t, opcodes[i], PROBE_GPA + REG_VERSION,
					  NO_MEMORY));
		EXPECT_EQ(HVMSG_UNMAPPED_GPA, self->t.message.header.message_type);
		EXPECT_EQ(opcodes[i] == MOVSD ? HV_INTERCEPT_ACCESS_WRITE :
			  HV_INTERCEPT_ACCESS_READ,
			  tvm_header(&self->t)->intercept_access_type);
		EXPECT_EQ(NO_MEMORY, tvm_mem(&self->t)->guest_physical_address);
		EXPECT_EQ(TVM_CODE, tvm_header(&self->t)->rip);
	}
}

TEST_HARNESS_MAIN
