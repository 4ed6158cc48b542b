// SPDX-License-Identifier: GPL-2.0
/*
 * Rights of guest memory: accesses to what is not mapped, and accesses that a mapping
 * does not allow.
 */
#include "harness.h"
#include "probe.h"

FIXTURE(rights) {
	struct books before;
	struct tvm t;
	__u8 *spare;
	bool books;
};

FIXTURE_SETUP(rights)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_partition(&self->t));
	self->spare = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->spare);
}

FIXTURE_TEARDOWN(rights)
{
	tvm_close(&self->t);
	munmap(self->spare, VMM_PAGE);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

/* mov ds, the hole; mov byte [0], 0x5a; something to the probe port. */
static const __u8 guest_write_hole[] = {
	0xb8, 0x00, 0x40, 0x8e, 0xd8,
	0xc6, 0x06, 0x00, 0x00, 0x5a,
	0xba, 0xf8, 0x03, OUT_AL, HLT,
};

static const __u8 guest_jump_hole[] = {
	0xea, 0x00, 0x00, 0x00, 0x40,	/* jmp 0x4000:0 */
};

TEST_F(rights, write_to_nothing)
{
	const struct hv_x64_memory_intercept_message *m = tvm_mem(&self->t);

	ASSERT_OK(tvm_start_with_hole(&self->t, guest_write_hole,
				      sizeof(guest_write_hole)));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_TRUE(tvm_is_mem(&self->t));
	EXPECT_EQ(TVM_HOLE, m->guest_physical_address);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_WRITE, m->header.intercept_access_type);
	EXPECT_EQ(0, m->header.vp_index);
	EXPECT_EQ(TVM_CODE + 5, m->header.rip);
	EXPECT_GE(16, m->instruction_byte_count);
	if (m->instruction_byte_count)
		EXPECT_EQ(0, memcmp(m->instruction_bytes, guest_write_hole + 5,
				    m->instruction_byte_count < 5 ?
				    m->instruction_byte_count : 5));
	if (m->memory_access_info & HV_MEMORY_ACCESS_GVA_VALID)
		EXPECT_EQ(TVM_HOLE, m->guest_virtual_address);
}

TEST_F(rights, read_from_nothing)
{
	const struct hv_x64_memory_intercept_message *m = tvm_mem(&self->t);

	ASSERT_OK(tvm_start_with_hole(&self->t, guest_read_hole,
				      sizeof(guest_read_hole)));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_TRUE(tvm_is_mem(&self->t));
	EXPECT_EQ(TVM_HOLE, m->guest_physical_address);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_READ, m->header.intercept_access_type);
	EXPECT_EQ(TVM_CODE + 5, m->header.rip);
}

TEST_F(rights, execute_nothing)
{
	const struct hv_x64_memory_intercept_message *m = tvm_mem(&self->t);

	ASSERT_OK(tvm_start_with_hole(&self->t, guest_jump_hole,
				      sizeof(guest_jump_hole)));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_TRUE(tvm_is_mem(&self->t));
	EXPECT_EQ(TVM_HOLE, m->guest_physical_address);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_EXECUTE,
		  m->header.intercept_access_type);
	EXPECT_EQ(0x4000, m->header.cs_segment.selector);
	EXPECT_EQ(0, m->header.rip);
}

TEST_F(rights, read_only)
{
	const struct hv_x64_memory_intercept_message *m = tvm_mem(&self->t);
	__u64 value;

	self->spare[0] = 0x77;
	ASSERT_OK(tvm_start_with_hole(&self->t, guest_read_hole,
				      sizeof(guest_read_hole)));
	ASSERT_OK(vmm_map(self->t.part, TVM_HOLE, VMM_PAGE, self->spare, 0));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x77, value);

	memcpy(self->t.memory + TVM_CODE, guest_write_hole,
	       sizeof(guest_write_hole));
	ASSERT_OK(tvm_real_mode(&self->t, 0, TVM_CODE));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_TRUE(tvm_is_mem(&self->t));
	EXPECT_EQ(TVM_HOLE, m->guest_physical_address);
	EXPECT_EQ(HV_INTERCEPT_ACCESS_WRITE, m->header.intercept_access_type);
	EXPECT_EQ(0x77, self->spare[0]);
}

/* Read-only for the guest, and for the VMM as well: a ROM's file. */
TEST_F(rights, pitfall_U21_read_only_mapping)
{
	__u64 value;

	self->spare[0] = 0x66;
	ASSERT_EQ(0, mprotect(self->spare, VMM_PAGE, PROT_READ));
	ASSERT_OK(tvm_start_with_hole(&self->t, guest_read_hole,
				      sizeof(guest_read_hole)));
	ASSERT_OK(vmm_map(self->t.part, TVM_HOLE, VMM_PAGE, self->spare, 0));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x66, value);
}

/* The same pinned, when it is not even readable through a copy of its own. */
TEST_F(rights, pinned_read_only_mapping)
{
	int pinned = pin_memory(true), ret;
	__u64 value;

	if (pinned < 0)
		SKIP(return, NOT_THIS_DRIVER "pinned memory");
	pin_memory(pinned);
	self->spare[0] = 0x66;
	ASSERT_EQ(0, mprotect(self->spare, VMM_PAGE, PROT_READ));
	ASSERT_OK(tvm_start_with_hole(&self->t, guest_read_hole,
				      sizeof(guest_read_hole)));
	pin_memory(true);
	EXPECT_EQ(-EFAULT, vmm_map(self->t.part, TVM_HOLE, VMM_PAGE, self->spare, MEM_WRITE));
	ret = vmm_map(self->t.part, TVM_HOLE, VMM_PAGE, self->spare, 0);
	pin_memory(pinned);
	ASSERT_OK(ret);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x66, value);
	memcpy(self->t.memory + TVM_CODE, guest_write_hole, sizeof(guest_write_hole));
	ASSERT_OK(tvm_real_mode(&self->t, 0, TVM_CODE));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_TRUE(tvm_is_mem(&self->t));
	EXPECT_EQ(HV_INTERCEPT_ACCESS_WRITE, tvm_header(&self->t)->intercept_access_type);
	EXPECT_EQ(0x66, self->spare[0]);
}

TEST_F(rights, execute_rights)
{
	static const __u8 there[] = { 0xba, 0xf8, 0x03, 0xb0, 0x21, OUT_AL, HLT };
	const struct hv_x64_memory_intercept_message *m = tvm_mem(&self->t);
	__u64 value;

	memcpy(self->spare, there, sizeof(there));
	ASSERT_OK(tvm_start_with_hole(&self->t, guest_jump_hole,
				      sizeof(guest_jump_hole)));
	ASSERT_OK(vmm_map(self->t.part, TVM_HOLE, VMM_PAGE, self->spare, MEM_WRITE));
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_TRUE(tvm_is_mem(&self->t));
	EXPECT_EQ(HV_INTERCEPT_ACCESS_EXECUTE,
		  m->header.intercept_access_type);
	EXPECT_EQ(TVM_HOLE, m->guest_physical_address);

	ASSERT_OK(vmm_unmap(self->t.part, TVM_HOLE, VMM_PAGE, self->spare));
	ASSERT_OK(vmm_map(self->t.part, TVM_HOLE, VMM_PAGE, self->spare, MEM_EXEC));
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(0x21, value);
}

/* Which operand of a string instruction it was, if both are in one page. */
TEST_F(rights, operands_in_one_page)
{
	static const struct {
		__u8 opcode, access;
		__u64 gva;
	} cases[] = {
		{ 0xac, HV_INTERCEPT_ACCESS_READ, TVM_HOLE + 0x100 },	/* lodsb */
		{ 0xa4, HV_INTERCEPT_ACCESS_READ, TVM_HOLE + 0x100 },	/* movsb */
		{ 0xaa, HV_INTERCEPT_ACCESS_WRITE, TVM_HOLE + 0x200 },	/* stosb */
		{ 0xae, HV_INTERCEPT_ACCESS_READ, TVM_HOLE + 0x200 },	/* scasb */
	};
	const struct hv_register_assoc regs[] = {
		vmm_segment(HV_X64_REGISTER_DS, TVM_HOLE >> 4, TVM_HOLE, 0xffff, 0x93),
		vmm_segment(HV_X64_REGISTER_ES, TVM_HOLE >> 4, TVM_HOLE, 0xffff, 0x93),
		vmm_value(HV_X64_REGISTER_RSI, 0x100),
		vmm_value(HV_X64_REGISTER_RDI, 0x200),
		vmm_value(HV_X64_REGISTER_RIP, TVM_CODE),
	};
	unsigned int i;

	ASSERT_OK(tvm_start_with_hole(&self->t, guest_read_hole, sizeof(guest_read_hole)));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		self->t.memory[TVM_CODE] = cases[i].opcode;
		ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(regs)));
		ASSERT_OK(tvm_run(&self->t, 0));
		ASSERT_TRUE(tvm_is_mem(&self->t));
		EXPECT_EQ(cases[i].gva, tvm_mem(&self->t)->guest_virtual_address);
		EXPECT_EQ(cases[i].gva, tvm_mem(&self->t)->guest_physical_address);
		EXPECT_EQ(cases[i].access, tvm_header(&self->t)->intercept_access_type);
	}
}

TEST_HARNESS_MAIN
