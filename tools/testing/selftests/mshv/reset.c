// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_RESET_VP: a processor that has been used has the state of a new one.
 */
#include <hyperv/hv_vp.h>

#include "harness.h"
#include "ear.h"

FIXTURE(reset) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(reset)
{
	if (!own_driver())
		SKIP(return, NOT_THIS_DRIVER "resets");
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
}

FIXTURE_TEARDOWN(reset)
{
	if (self->books)
		rv_rules_clear();
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static const __u32 names[] = {
	HV_REGISTER_EXPLICIT_SUSPEND, HV_REGISTER_INTERCEPT_SUSPEND,
	HV_REGISTER_INTERNAL_ACTIVITY_STATE,
	HV_REGISTER_PENDING_INTERRUPTION, HV_REGISTER_INTERRUPT_STATE,
	HV_X64_REGISTER_RAX, HV_X64_REGISTER_RCX, HV_X64_REGISTER_RDX,
	HV_X64_REGISTER_RBX, HV_X64_REGISTER_RSP, HV_X64_REGISTER_RBP,
	HV_X64_REGISTER_RSI, HV_X64_REGISTER_RDI, HV_X64_REGISTER_R8,
	HV_X64_REGISTER_R15, HV_X64_REGISTER_RIP, HV_X64_REGISTER_RFLAGS,
	HV_X64_REGISTER_CR0, HV_X64_REGISTER_CR2, HV_X64_REGISTER_CR3,
	HV_X64_REGISTER_CR4, HV_X64_REGISTER_CR8, HV_X64_REGISTER_XFEM,
	HV_X64_REGISTER_DR0, HV_X64_REGISTER_DR3, HV_X64_REGISTER_DR6,
	HV_X64_REGISTER_DR7, HV_X64_REGISTER_ES, HV_X64_REGISTER_CS,
	HV_X64_REGISTER_SS, HV_X64_REGISTER_DS, HV_X64_REGISTER_FS,
	HV_X64_REGISTER_GS, HV_X64_REGISTER_LDTR, HV_X64_REGISTER_TR,
	HV_X64_REGISTER_IDTR, HV_X64_REGISTER_GDTR, HV_X64_REGISTER_EFER,
	HV_X64_REGISTER_KERNEL_GS_BASE, HV_X64_REGISTER_PAT,
	HV_X64_REGISTER_SYSENTER_CS, HV_X64_REGISTER_SYSENTER_EIP,
	HV_X64_REGISTER_STAR, HV_X64_REGISTER_LSTAR, HV_X64_REGISTER_SFMASK,
	HV_X64_REGISTER_APIC_BASE, HV_REGISTER_SINT0, HV_REGISTER_SINT15,
	HV_REGISTER_SCONTROL, HV_REGISTER_SIMP, HV_REGISTER_SIEFP,
};

static int read_all(int vp, unsigned int index, struct hv_register_assoc *regs)
{
	unsigned int i;

	memset(regs, 0, ARRAY_SIZE(names) * sizeof(*regs));
	for (i = 0; i < ARRAY_SIZE(names); i++)
		regs[i].name = names[i];
	return vmm_get_registers(vp, index, regs, ARRAY_SIZE(names));
}

/* Registers that a guest in long mode, or its VMM, has set. */
static int use_up(struct tvm *t, unsigned int index)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RAX, 0x1111),
		vmm_value(HV_X64_REGISTER_R15, 0x2222),
		vmm_value(HV_X64_REGISTER_CR2, 0x3000),
		vmm_value(HV_X64_REGISTER_DR0, 0x4000),
		vmm_value(HV_X64_REGISTER_DR7, 0x401),
		vmm_value(HV_X64_REGISTER_LSTAR, 0x5000),
		vmm_value(HV_X64_REGISTER_SYSENTER_EIP, 0x6000),
		vmm_value(HV_X64_REGISTER_KERNEL_GS_BASE, 0x7000),
		vmm_value(HV_X64_REGISTER_PAT, 0),
		vmm_value(HV_X64_REGISTER_APIC_BASE, 0xfee00c00 |
			  (index ? 0 : 0x100)),
		vmm_value(HV_REGISTER_SINT0 + 2, 0x55),
		vmm_value(HV_REGISTER_SCONTROL, 1),
		vmm_value(HV_REGISTER_INTERRUPT_STATE, 3),
	};
	int ret = tvm_long_mode(t, index, TVM_CODE);

	return ret ? ret : vmm_set_registers(t->vp[index], index, regs,
					     ARRAY_SIZE(regs));
}

TEST_F(reset, looks_like_new)
{
	struct hv_register_assoc fresh[ARRAY_SIZE(names)];
	struct hv_register_assoc used[ARRAY_SIZE(names)];
	__u8 *page = mmap(NULL, 4 * VMM_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct tvm *t = &self->t, other;
	unsigned int index, i;
	__u32 size;

	ASSERT_NE(MAP_FAILED, page);
	ASSERT_LT(0, ioctl(t->dev, MSHV_CHECK_EXTENSION,
			   &(__u32){ MSHV_EXTENSION_RESET_VP }));
	ASSERT_OK(tvm_vp(t, 1));
	ASSERT_OK(tvm_partition(&other));
	ASSERT_OK(tvm_vp(&other, 0));
	ASSERT_OK(tvm_vp(&other, 1));
	for (index = 0; index < 2; index++) {
		ASSERT_OK(read_all(other.vp[index], index, fresh));
		ASSERT_OK(use_up(t, index));
		ASSERT_OK(read_all(t->vp[index], index, used));
		ASSERT_NE(0, memcmp(fresh, used, sizeof(fresh)));
		ASSERT_EQ(0, ioctl(t->vp[index], MSHV_RESET_VP)) {
			TH_LOG("%s", strerror(errno));
		}
		ASSERT_OK(read_all(t->vp[index], index, used));
		for (i = 0; i < ARRAY_SIZE(names); i++) {
			EXPECT_EQ(0, memcmp(&fresh[i], &used[i],
					    sizeof(fresh[i]))) {
				TH_LOG("VP %u, register %#x: %#llx, not %#llx",
				       index, names[i],
				       used[i].value.reg64,
				       fresh[i].value.reg64);
			}
		}
		size = 2 * VMM_PAGE;
		ASSERT_OK(vmm_get_state(other.vp[index], MSHV_VP_STATE_LAPIC,
					page, &size));
		size = 2 * VMM_PAGE;
		ASSERT_OK(vmm_get_state(t->vp[index], MSHV_VP_STATE_LAPIC,
					page + 2 * VMM_PAGE, &size));
		EXPECT_EQ(0, memcmp(page, page + 2 * VMM_PAGE,
				    sizeof(struct hv_local_interrupt_controller_state)));
	}
	tvm_close(&other);
	munmap(page, 4 * VMM_PAGE);
}

/* Ranges of registers; which of these exist is found out. */
static const struct {
	__u32 first, last;
} ranges[] = {
	{ 0x00000, 0x0000f }, { 0x00100, 0x00100 }, { 0x00200, 0x0027f },
	{ 0x10000, 0x1000f }, { 0x20000, 0x2001f }, { 0x30000, 0x3001f },
	{ 0x40000, 0x4000f }, { 0x41000, 0x41004 }, { 0x50000, 0x5000f },
	{ 0x60000, 0x60007 }, { 0x70000, 0x70001 }, { 0x80000, 0x800bf },
	{ 0x81000, 0x81008 }, { 0x82000, 0x82003 }, { 0x84800, 0x8483f },
	{ 0x90000, 0x9004f }, { 0x91003, 0x91003 }, { 0xa0000, 0xa001f },
	{ 0xb0000, 0xb0007 }, { 0xb0100, 0xb0101 }, { 0xe0000, 0xe0003 },
};

/* A command and not state, a time, the partition's, or what makes the VP run. */
static bool is_no_state(__u32 name)
{
	static const __u32 list[] = {
		HV_REGISTER_EXPLICIT_SUSPEND, HV_REGISTER_INTERCEPT_SUSPEND,
		HV_X64_REGISTER_EOI, HV_X64_REGISTER_ICR,
		HV_X64_REGISTER_APIC_EOI, HV_X64_REGISTER_APIC_ICR,
		HV_X64_REGISTER_APIC_SELF_IPI, HV_REGISTER_EOM,
		HV_X64_REGISTER_PRED_CMD,
		HV_X64_REGISTER_TSC, HV_X64_REGISTER_TSC_VIRTUAL_OFFSET,
		HV_X64_REGISTER_APIC_CURRENT_COUNT, HV_REGISTER_VP_RUNTIME,
		HV_REGISTER_TIME_REF_COUNT, HV_REGISTER_VP_ROOT_SIGNAL_COUNT,
		HV_REGISTER_GUEST_OS_ID, HV_X64_REGISTER_HYPERCALL,
		HV_REGISTER_REFERENCE_TSC, HV_REGISTER_GUEST_CRASH_CTL,
		HV_X64_REGISTER_INITIAL_APIC_ID,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(list); i++)
		if (list[i] == name)
			return true;
	return false;
}

static bool read_one(int vp, __u32 name, struct hv_register_assoc *reg)
{
	*reg = (struct hv_register_assoc){ .name = name };
	return !vmm_get_registers(vp, 0, reg, 1);
}

/* Change its value; false if it accepts no other. */
static bool change(int vp, const struct hv_register_assoc *fresh)
{
	const __u64 old = fresh->value.reg64;
	const __u64 values[] = {
		old ^ 1, old ^ 2, 0, 1, 6, 0x55, 0x1001, 0x3000, old | 0x10,
		old ^ 0x400, 0x0606060606060606, 0xffffff000,
	};
	struct hv_register_assoc now;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		struct hv_register_assoc reg = *fresh;

		reg.value.reg64 = values[i];
		if (values[i] == old || vmm_set_registers(vp, 0, &reg, 1))
			continue;
		if (read_one(vp, fresh->name, &now) &&
		    memcmp(&now.value, &fresh->value, sizeof(now.value)))
			return true;
	}
	return false;
}

#define MAX_NAMES	1024
#define LEAST_CHANGED	150	/* or something is wrong with this test */

TEST_F(reset, every_register)
{
	static struct hv_register_assoc fresh[MAX_NAMES];
	struct hv_register_assoc now;
	unsigned int i, nr = 0, changed = 0;
	struct tvm t;
	__u32 name;
	int vp;

	ASSERT_OK(tvm_partition(&t));
	ASSERT_OK(tvm_vp(&t, 0));
	vp = t.vp[0];
	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		for (name = ranges[i].first; name <= ranges[i].last; name++)
			if (!is_no_state(name) && read_one(vp, name, &fresh[nr]))
				ASSERT_GT(MAX_NAMES, ++nr);
	for (i = 0; i < nr; i++)
		changed += change(vp, &fresh[i]);
	EXPECT_LT(LEAST_CHANGED, changed);
	TH_LOG("%u registers, %u of them changed", nr, changed);
	ASSERT_EQ(0, ioctl(vp, MSHV_RESET_VP));
	for (i = 0; i < nr; i++) {
		EXPECT_TRUE(read_one(vp, fresh[i].name, &now));
		EXPECT_EQ(0, memcmp(&now.value, &fresh[i].value,
				    sizeof(now.value))) {
			TH_LOG("register %#x: %#llx, not %#llx", fresh[i].name,
			       now.value.reg64, fresh[i].value.reg64);
		}
	}
	tvm_close(&t);
}

/* From within an intercept, again and again, and from the beginning each time. */
TEST_F(reset, runs_again)
{
	struct tvm *t = &self->t;
	unsigned int i, j;
	__u64 value;

	for (i = 0; i < 3; i++) {
		for (j = 0; j < 4; j++) {
			ASSERT_OK(tvm_next_out(t, 0, &value));
			EXPECT_EQ(j, value);
		}
		/* Stopped, and its message not yet dismissed. */
		ASSERT_OK(tvm_run(t, 0));
		ASSERT_EQ(0, ioctl(t->vp[0], MSHV_RESET_VP));
		ASSERT_OK(tvm_real_mode(t, 0, TVM_CODE));
	}
}

/* A crash report stays when a processor other than the first is reset. */
TEST_F(reset, of_a_crash_report)
{
	struct tvm t;
	__u64 value;

	ASSERT_OK(tvm_partition(&t));
	ASSERT_OK(tvm_vp(&t, 0));
	ASSERT_OK(tvm_vp(&t, 1));
	ASSERT_OK(vmm_set_register(t.vp[0], 0, HV_REGISTER_GUEST_CRASH_P4, 9));
	ASSERT_EQ(0, ioctl(t.vp[1], MSHV_RESET_VP));
	ASSERT_OK(vmm_get_register(t.vp[0], 0, HV_REGISTER_GUEST_CRASH_P4,
				   &value));
	EXPECT_EQ(9, value);
	ASSERT_EQ(0, ioctl(t.vp[0], MSHV_RESET_VP));
	ASSERT_OK(vmm_get_register(t.vp[0], 0, HV_REGISTER_GUEST_CRASH_P4,
				   &value));
	EXPECT_EQ(0, value);
	tvm_close(&t);
}

/* After a triple fault the VP can be reset. */
TEST_F(reset, after_a_triple_fault)
{
	static const __u8 guest[] = { 0x0f, 0x0b };	/* ud2 */
	struct tvm *t = &self->t, other;
	__u64 value;

	ASSERT_OK(tvm_start_long(&other, guest, sizeof(guest)));
	ASSERT_OK(tvm_run(&other, 0));
	EXPECT_EQ(HVMSG_UNRECOVERABLE_EXCEPTION,
		  other.message.header.message_type);
	ASSERT_EQ(0, ioctl(other.vp[0], MSHV_RESET_VP));
	memcpy(other.memory + TVM_CODE, guest_count, sizeof(guest_count));
	ASSERT_OK(tvm_real_mode(&other, 0, TVM_CODE));
	ASSERT_OK(tvm_next_out(&other, 0, &value));
	EXPECT_EQ(0, value);
	tvm_close(&other);
	ASSERT_OK(tvm_next_out(t, 0, &value));
}

/* A pending interrupt is not pending any more. */
TEST_F(reset, no_old_interrupt)
{
	struct ear ear;

	tvm_close(&self->t);
	ASSERT_OK(sleeper_start(&self->t));
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_FIXED, false,
			     false, 0, 0x45));
	ASSERT_EQ(0, ioctl(self->t.vp[0], MSHV_RESET_VP));
	ASSERT_OK(tvm_real_mode(&self->t, 0, TVM_CODE));
	ASSERT_OK(ear_open(&ear, self->t.vp[0], 0));
	ASSERT_TRUE(ear_wait(&ear, EAR_READY, 1));
	ASSERT_OK(vmm_assert(self->t.part, HV_X64_INTERRUPT_TYPE_FIXED, false,
			     false, 0, EAR_LAST));
	EXPECT_TRUE(ear_wait(&ear, EAR_LAST, 1));
	EXPECT_EQ(0, ear_heard(&ear, 0x45));
	ear_close(&ear);
}

/* If the hypervisor refuses, the error is returned, and a retry works. */
TEST_F(reset, calls_fail)
{
	static const struct {
		__u16 code, skip;
	} calls[] = {
		/* First, as it is called once in the life of a partition. */
		{ HVCALL_GET_PARTITION_PROPERTY, 0 },
		/* Those after 0, 2 and 3 suspend it, set its local APIC, and the rest. */
		{ HVCALL_SET_VP_REGISTERS, 0 }, { HVCALL_SET_VP_REGISTERS, 2 },
		{ HVCALL_SET_VP_REGISTERS, 3 },
		{ HVCALL_GET_VP_STATE, 0 }, { HVCALL_SET_VP_STATE, 0 },
		{ HVCALL_SET_VP_STATE, 1 }, { HVCALL_SET_VP_STATE, 2 },
	};
	unsigned int i;
	__u64 value;
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		ASSERT_EQ(0, rv_fail(calls[i].code, HV_STATUS_OPERATION_FAILED,
				     calls[i].skip, 1, &rule));
		EXPECT_EQ(-1, ioctl(self->t.vp[0], MSHV_RESET_VP));
		EXPECT_EQ(EIO, errno);
		ASSERT_EQ(0, ioctl(self->t.vp[0], MSHV_RESET_VP));
		ASSERT_OK(tvm_real_mode(&self->t, 0, TVM_CODE));
		ASSERT_OK(tvm_next_out(&self->t, 0, &value));
		EXPECT_EQ(0, value);
		ASSERT_EQ(0, rv_rules_clear());
	}
}

/* A list of two registers is continued where the hypervisor has stopped, if it goes on. */
TEST_F(reset, list_is_cut_short)
{
	__u64 value, hits;
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_EQ(0, rv_rep_stop(HVCALL_SET_VP_REGISTERS, HV_STATUS_SUCCESS, 1, 1,
				 &rule));
	EXPECT_EQ(0, ioctl(self->t.vp[0], MSHV_RESET_VP));
	ASSERT_EQ(0, rv_rule_hits(rule, &hits));
	EXPECT_EQ(1, hits);
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_REGISTER_INTERCEPT_SUSPEND,
				   &value));
	EXPECT_EQ(0, value & 1);
	ASSERT_EQ(0, rv_rep_stop(HVCALL_SET_VP_REGISTERS, HV_STATUS_SUCCESS, 0, 0,
				 &rule));
	EXPECT_EQ(-1, ioctl(self->t.vp[0], MSHV_RESET_VP));
	EXPECT_EQ(EIO, errno);
	ASSERT_EQ(0, rv_rules_clear());
	EXPECT_EQ(0, ioctl(self->t.vp[0], MSHV_RESET_VP));
}

TEST_HARNESS_MAIN
