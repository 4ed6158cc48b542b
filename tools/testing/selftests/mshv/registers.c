// SPDX-License-Identifier: GPL-2.0
/*
 * Registers of a virtual processor: by hypercall, and in the register page.
 */
#include <linux/mshv.h>

#include "harness.h"

FIXTURE(registers) {
	struct books before;
	struct tvm t;
	struct hv_vp_register_page *page;
	bool books;
};

FIXTURE_SETUP(registers)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
}

FIXTURE_TEARDOWN(registers)
{
	if (self->page)
		munmap(self->page, VMM_PAGE);
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int roundtrip(struct tvm *t, struct hv_register_assoc reg,
		     struct hv_register_assoc *back)
{
	int ret = vmm_set_registers(t->vp[0], 0, &reg, 1);

	*back = (struct hv_register_assoc){ .name = reg.name };
	return ret ? ret : vmm_get_registers(t->vp[0], 0, back, 1);
}

TEST_F(registers, general)
{
	unsigned int i;
	__u64 value;

	for (i = 0; i < 16; i++)
		ASSERT_OK(vmm_set_register(self->t.vp[0], 0,
					   HV_X64_REGISTER_RAX + i,
					   0x1122334455667700ULL + i));
	for (i = 0; i < 16; i++) {
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0,
					   HV_X64_REGISTER_RAX + i, &value));
		EXPECT_EQ(0x1122334455667700ULL + i, value);
	}
}

TEST_F(registers, segments)
{
	struct hv_register_assoc back;
	unsigned int i;

	for (i = 0; i < 6; i++) {
		ASSERT_OK(roundtrip(&self->t,
				    vmm_segment(HV_X64_REGISTER_ES + i, 0x1230,
						0x12300, 0xffff,
						i == 1 ? 0x9b : 0x93),
				    &back));
		EXPECT_EQ(0x1230, back.value.segment.selector);
		EXPECT_EQ(0x12300, back.value.segment.base);
		EXPECT_EQ(0xffff, back.value.segment.limit);
		EXPECT_EQ(i == 1 ? 0x9b : 0x93,
			  back.value.segment.attributes);
	}
}

TEST_F(registers, tables)
{
	struct hv_register_assoc back;

	ASSERT_OK(roundtrip(&self->t, vmm_table(HV_X64_REGISTER_GDTR, 0x4567,
						0x89), &back));
	EXPECT_EQ(0x4567, back.value.table.base);
	EXPECT_EQ(0x89, back.value.table.limit);
	ASSERT_OK(roundtrip(&self->t, vmm_table(HV_X64_REGISTER_IDTR, 0x9876,
						0xabc), &back));
	EXPECT_EQ(0x9876, back.value.table.base);
	EXPECT_EQ(0xabc, back.value.table.limit);
}

TEST_F(registers, control)
{
	static const struct {
		__u32 name;
		__u64 value;
	} list[] = {
		{ HV_X64_REGISTER_CR0, 0x80000031 },
		{ HV_X64_REGISTER_CR2, 0xdeadbeef000 },
		{ HV_X64_REGISTER_CR3, TVM_TABLES },
		{ HV_X64_REGISTER_CR4, 0x620 },
		{ HV_X64_REGISTER_CR8, 7 },
		{ HV_X64_REGISTER_EFER, 0x500 },
		{ HV_X64_REGISTER_RFLAGS, 0x246 },
		{ HV_X64_REGISTER_XFEM, 3 },
		{ HV_X64_REGISTER_PAT, 0x0007040600070406ULL },
		{ HV_X64_REGISTER_STAR, 0x0023001000000000ULL },
		{ HV_X64_REGISTER_LSTAR, 0xffffffff81000000ULL },
		{ HV_X64_REGISTER_SFMASK, 0x47700 },
		{ HV_X64_REGISTER_KERNEL_GS_BASE, 0x7777000 },
		{ HV_X64_REGISTER_SYSENTER_CS, 0x10 },
		{ HV_X64_REGISTER_SYSENTER_ESP, 0x8000 },
		{ HV_X64_REGISTER_SYSENTER_EIP, 0x9000 },
	};
	struct hv_register_assoc regs[ARRAY_SIZE(list)];
	unsigned int i;
	__u64 value;

	/* Together, so that the state is valid as a whole. */
	for (i = 0; i < ARRAY_SIZE(list); i++)
		regs[i] = vmm_value(list[i].name, list[i].value);
	ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(list)));
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0, list[i].name,
					   &value));
		EXPECT_EQ(list[i].value, value) {
			TH_LOG("register %x", list[i].name);
		}
	}
}

TEST_F(registers, vectors)
{
	struct hv_register_assoc reg = { 0 }, back;
	unsigned int i;

	for (i = 0; i < 16; i++) {
		reg.name = HV_X64_REGISTER_XMM0 + i;
		reg.value.reg128.low_part = 0x1111111111111111ULL * i;
		reg.value.reg128.high_part = ~reg.value.reg128.low_part;
		ASSERT_OK(roundtrip(&self->t, reg, &back));
		EXPECT_EQ(reg.value.reg128.low_part,
			  back.value.reg128.low_part);
		EXPECT_EQ(reg.value.reg128.high_part,
			  back.value.reg128.high_part);
	}
	reg = (struct hv_register_assoc){
		.name = HV_X64_REGISTER_FP_CONTROL_STATUS,
	};
	reg.value.fp_control_status.fp_control = 0x37f;
	ASSERT_OK(roundtrip(&self->t, reg, &back));
	EXPECT_EQ(0x37f, back.value.fp_control_status.fp_control);
	reg = (struct hv_register_assoc){
		.name = HV_X64_REGISTER_XMM_CONTROL_STATUS,
	};
	reg.value.xmm_control_status.xmm_status_control = 0x1f80;
	reg.value.xmm_control_status.xmm_status_control_mask = 0xffff;
	ASSERT_OK(roundtrip(&self->t, reg, &back));
	EXPECT_EQ(0x1f80, back.value.xmm_control_status.xmm_status_control);
}

static int set_status(struct tvm *t, const struct hv_register_assoc *reg)
{
	struct {
		struct hv_input_set_vp_registers head;
		struct hv_register_assoc reg;
	} in = { .reg = *reg };
	struct vmm_call call = {
		.code = HVCALL_SET_VP_REGISTERS, .reps = 1, .in = &in, .in_size = sizeof(in),
	};

	vmm_hvcall(t->vp[0], &call);
	return call.status;
}

#define EVENT(type, vector)						\
	(HV_PENDING_INTERRUPTION_PENDING |				\
	 (__u64)(type) << HV_PENDING_INTERRUPTION_TYPE_SHIFT |		\
	 (__u64)(vector) << HV_PENDING_INTERRUPTION_VECTOR_SHIFT)

/* Values that no processor could have: an entry with some of them would fail. */
TEST_F(registers, refused_values)
{
	static const struct {
		__u32 name;
		__u64 value;
	} rows[] = {
		/* Only an intercept suspends. */
		{ HV_REGISTER_INTERCEPT_SUSPEND, HV_SUSPENDED },
		{ HV_REGISTER_EXPLICIT_SUSPEND, 2 },
		{ HV_REGISTER_INTERNAL_ACTIVITY_STATE, 8 },
		{ HV_REGISTER_INTERRUPT_STATE, 4 },
		{ HV_X64_REGISTER_PENDING_DEBUG_EXCEPTION, 1 },
		{ HV_X64_REGISTER_DELIVERABILITY_NOTIFICATIONS, HV_BIT64(6) },
		/* An interrupt vector has eight bits, an exception is not an NMI. */
		{ HV_REGISTER_PENDING_INTERRUPTION, EVENT(HV_X64_PENDING_INTERRUPT, 0x100) },
		{ HV_REGISTER_PENDING_INTERRUPTION, EVENT(HV_X64_PENDING_EXCEPTION, 2) },
		{ HV_REGISTER_PENDING_INTERRUPTION, EVENT(HV_X64_PENDING_EXCEPTION, 32) },
		{ HV_REGISTER_PENDING_INTERRUPTION, EVENT(1, 0x40) },
		{ HV_REGISTER_PENDING_INTERRUPTION, EVENT(7, 0x40) },
		{ HV_REGISTER_PENDING_EVENT0, EVENT(HV_X64_PENDING_EVENT_EXCEPTION, 2) },
		{ HV_REGISTER_PENDING_EVENT0, EVENT(HV_X64_PENDING_EVENT_EXCEPTION, 32) },
		{ HV_REGISTER_PENDING_EVENT0, EVENT(HV_X64_PENDING_EVENT_SHADOW_IPT, 3) },
		{ HV_REGISTER_PENDING_EVENT1, EVENT(HV_X64_PENDING_EVENT_EXCEPTION, 3) },
		/* Undefined, not write-through without cache disable, paging in real mode. */
		{ HV_X64_REGISTER_CR0, 0x50 },
		{ HV_X64_REGISTER_CR0, 0x20000010 },
		{ HV_X64_REGISTER_CR0, 0x80000010 },
		{ HV_X64_REGISTER_CR4, HV_BIT64(31) },
		{ HV_X64_REGISTER_CR8, 16 },
		{ HV_X64_REGISTER_DR6, HV_BIT64(32) },
		{ HV_X64_REGISTER_DR7, HV_BIT64(32) },
		/* SVM is not for guests, bit 1 is reserved. */
		{ HV_X64_REGISTER_EFER, 0x1000 },
		{ HV_X64_REGISTER_EFER, 2 },
		/* Not canonical. */
		{ HV_X64_REGISTER_LSTAR, HV_BIT64(47) },
		{ HV_X64_REGISTER_CSTAR, HV_BIT64(63) },
		{ HV_X64_REGISTER_KERNEL_GS_BASE, HV_BIT64(47) },
		{ HV_X64_REGISTER_TSC_AUX, HV_BIT64(32) },
		/* Memory types: 2 and 3 are reserved, 7 is of the PAT only. */
		{ HV_X64_REGISTER_PAT, 0x0007040600070402 },
		{ HV_X64_REGISTER_PAT, 0x0307040600070406 },
		{ HV_X64_REGISTER_PAT, 0x0007080600070406 },
		{ HV_X64_REGISTER_MSR_MTRR_DEF_TYPE, 2 },
		{ HV_X64_REGISTER_MSR_MTRR_DEF_TYPE, 3 },
		{ HV_X64_REGISTER_MSR_MTRR_DEF_TYPE, 7 },
		{ HV_X64_REGISTER_MSR_MTRR_DEF_TYPE, 0x106 },
		{ HV_X64_REGISTER_MSR_MTRR_FIX64K00000, 0x0606060606060602 },
		{ HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0, 2 },
		{ HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0, 3 },
		{ HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0, 8 },
		{ HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0, 0x106 },
		{ HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0, HV_BIT64(52) },
		{ HV_X64_REGISTER_MSR_MTRR_PHYS_MASK0, 1 },
	};
	struct hv_register_assoc cs = { .name = HV_X64_REGISTER_CS }, bad;
	__u64 before, after;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		bad = vmm_value(rows[i].name, rows[i].value);
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0, rows[i].name, &before));
		EXPECT_EQ(HV_STATUS_INVALID_REGISTER_VALUE, set_status(&self->t, &bad)) {
			TH_LOG("register %#x: %#llx", rows[i].name, rows[i].value);
		}
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0, rows[i].name, &after));
		EXPECT_EQ(before, after) {
			TH_LOG("register %#x: %#llx", rows[i].name, rows[i].value);
		}
	}
	bad = vmm_segment(HV_X64_REGISTER_CS, 0x1230, 0x12300, 0xffff, 0x9b | 0x400);
	EXPECT_EQ(HV_STATUS_INVALID_REGISTER_VALUE, set_status(&self->t, &bad));
	ASSERT_OK(vmm_get_registers(self->t.vp[0], 0, &cs, 1));
	EXPECT_EQ(0, cs.value.segment.base);
	/* Of MXCSR: an entry would load it. */
	bad = (struct hv_register_assoc){ .name = HV_X64_REGISTER_XMM_CONTROL_STATUS };
	bad.value.xmm_control_status.xmm_status_control = 0x11f80;
	EXPECT_EQ(HV_STATUS_INVALID_REGISTER_VALUE, set_status(&self->t, &bad));
	ASSERT_OK(vmm_get_registers(self->t.vp[0], 0, &bad, 1));
	EXPECT_EQ(0x1f80, bad.value.xmm_control_status.xmm_status_control);
}

/* Events and suspensions that a VMM saves of one guest and restores in another. */
TEST_F(registers, events)
{
	static const struct {
		__u32 name;
		__u64 value;
	} rows[] = {
		{ HV_REGISTER_PENDING_INTERRUPTION, EVENT(HV_X64_PENDING_INTERRUPT, 0x40) },
		{ HV_REGISTER_PENDING_INTERRUPTION, EVENT(HV_X64_PENDING_NMI, 2) },
		{ HV_REGISTER_PENDING_INTERRUPTION,
		  EVENT(HV_X64_PENDING_SOFTWARE_INTERRUPT, 0x80) },
		{ HV_REGISTER_PENDING_INTERRUPTION,
		  EVENT(HV_X64_PENDING_EXCEPTION, 14) |
		  HV_PENDING_INTERRUPTION_DELIVER_ERROR |
		  5ULL << HV_PENDING_INTERRUPTION_ERROR_SHIFT },
		{ HV_REGISTER_PENDING_INTERRUPTION, 0 },
		{ HV_REGISTER_PENDING_EVENT0, EVENT(HV_X64_PENDING_EVENT_EXCEPTION, 13) },
		{ HV_REGISTER_PENDING_EVENT0, 0 },
		{ HV_REGISTER_PENDING_EVENT0,
		  HV_PENDING_EVENT_PENDING |
		  HV_X64_PENDING_EVENT_EXT_INT << HV_PENDING_EVENT_TYPE_SHIFT |
		  0x30 << HV_PENDING_EXT_INT_VECTOR_SHIFT },
		{ HV_REGISTER_PENDING_EVENT0, 0 },
		{ HV_X64_REGISTER_PENDING_DEBUG_EXCEPTION, HV_BIT64(14) },
		{ HV_X64_REGISTER_PENDING_DEBUG_EXCEPTION, 0 },
		{ HV_X64_REGISTER_DELIVERABILITY_NOTIFICATIONS,
		  HV_DELIVERABILITY_NMI | HV_DELIVERABILITY_INTERRUPT |
		  HV_DELIVERABILITY_PRIORITY_MASK | HV_DELIVERABILITY_SINTS_MASK },
		{ HV_REGISTER_INTERRUPT_STATE,
		  HV_INTERRUPT_STATE_SHADOW | HV_INTERRUPT_STATE_NMI_MASKED },
		{ HV_REGISTER_INTERNAL_ACTIVITY_STATE, HV_ACTIVITY_HALT_SUSPEND },
		{ HV_REGISTER_INTERNAL_ACTIVITY_STATE, HV_ACTIVITY_STARTUP_SUSPEND },
		{ HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0 },
	};
	struct hv_register_assoc back;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_OK(roundtrip(&self->t, vmm_value(rows[i].name, rows[i].value), &back));
		EXPECT_EQ(rows[i].value, back.value.reg64) {
			TH_LOG("register %#x: %#llx", rows[i].name, rows[i].value);
		}
	}
	/* An exception, whatever has raised it. */
	for (i = HV_X64_PENDING_PRIVILEGED_SOFTWARE_EXCEPTION;
	     i <= HV_X64_PENDING_SOFTWARE_EXCEPTION; i++) {
		ASSERT_OK(roundtrip(&self->t, vmm_value(HV_REGISTER_PENDING_INTERRUPTION,
							EVENT(i, 1)), &back));
		EXPECT_EQ(EVENT(HV_X64_PENDING_EXCEPTION, 1), back.value.reg64);
	}
	/* What is idle is halted. */
	ASSERT_OK(roundtrip(&self->t, vmm_value(HV_REGISTER_INTERNAL_ACTIVITY_STATE,
						HV_ACTIVITY_IDLE_SUSPEND), &back));
	EXPECT_EQ(HV_ACTIVITY_HALT_SUSPEND | HV_ACTIVITY_IDLE_SUSPEND, back.value.reg64);
}

/* A VP that has not used its x87 has the initial state of it. */
TEST_F(registers, x87_that_is_not_used)
{
	struct hv_register_assoc reg = { .name = HV_X64_REGISTER_XMM_CONTROL_STATUS }, back;
	struct hv_register_assoc st = { .name = HV_X64_REGISTER_FP_MMX0 + 3 };
	struct hv_register_assoc control = { .name = HV_X64_REGISTER_FP_CONTROL_STATUS };

	ASSERT_OK(vmm_get_registers(self->t.vp[0], 0, &st, 1));
	EXPECT_EQ(0, st.value.reg128.low_part | st.value.reg128.high_part);
	ASSERT_OK(vmm_get_registers(self->t.vp[0], 0, &control, 1));
	EXPECT_EQ(0x37f, control.value.fp_control_status.fp_control);
	/* MXCSR is not part of it, the last operand is. */
	reg.value.xmm_control_status.xmm_status_control = 0x1fa0;
	ASSERT_OK(roundtrip(&self->t, reg, &back));
	EXPECT_EQ(0, back.value.xmm_control_status.last_fp_rdp);
	EXPECT_EQ(0x1fa0, back.value.xmm_control_status.xmm_status_control);
	reg.value.xmm_control_status.last_fp_rdp = 0x123456;
	ASSERT_OK(roundtrip(&self->t, reg, &back));
	EXPECT_EQ(0x123456, back.value.xmm_control_status.last_fp_rdp);
	reg.value.xmm_control_status.last_fp_rdp = 0;
	ASSERT_OK(roundtrip(&self->t, reg, &back));
	EXPECT_EQ(0, back.value.xmm_control_status.last_fp_rdp);
}

/* One call with the MSRs that QEMU writes before a guest starts. */
TEST_F(registers, the_list_of_qemu)
{
	static const __u32 zero[] = {
		0x80001, 0x80005, 0x80007, 0x80006, 0x80008, 0x80009, 0x8000a,
		0x8000b, 0x80002, 0x80000, 0x8007b, 0x90001, 0x90002, 0x90017,
		0xa0010, 0xa0012, 0xa0013, 0x8000e,
		0x80010, 0x80011, 0x80012, 0x80013, 0x80014, 0x80015, 0x80016,
		0x80017, 0x80040, 0x80041, 0x80042, 0x80043, 0x80044, 0x80045,
		0x80046, 0x80047, 0x80070, 0x80071, 0x80072, 0x80073, 0x80074,
		0x80075, 0x80076, 0x80077, 0x80078, 0x80079, 0x8007a,
	};
	struct hv_register_assoc regs[ARRAY_SIZE(zero) + 1];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(zero); i++)
		regs[i] = vmm_value(zero[i], 0);
	regs[i] = vmm_value(HV_X64_REGISTER_PAT, 0x0007040600070406ULL);
	ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(regs)));
	ASSERT_OK(vmm_get_registers(self->t.vp[0], 0, regs, ARRAY_SIZE(regs)));
}

TEST_F(registers, mtrr)
{
	__u64 value;

	ASSERT_OK(vmm_set_register(self->t.vp[0], 0,
				   HV_X64_REGISTER_MSR_MTRR_DEF_TYPE, 0x806));
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0,
				   HV_X64_REGISTER_MSR_MTRR_DEF_TYPE, &value));
	EXPECT_EQ(0x806, value);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0,
				   HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0,
				   0xc0000000));
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0,
				   HV_X64_REGISTER_MSR_MTRR_PHYS_BASE0,
				   &value));
	EXPECT_EQ(0xc0000000, value);
}

/* With the partition's descriptor, too, where the index matters. */
TEST_F(registers, through_the_partition)
{
	__u64 value = 0;

	ASSERT_OK(tvm_vp(&self->t, 1));
	ASSERT_OK(vmm_set_register(self->t.part, 0, HV_X64_REGISTER_RBX, 1));
	ASSERT_OK(vmm_set_register(self->t.part, 1, HV_X64_REGISTER_RBX, 2));
	ASSERT_OK(vmm_get_register(self->t.part, 0, HV_X64_REGISTER_RBX,
				   &value));
	EXPECT_EQ(1, value);
	ASSERT_OK(vmm_get_register(self->t.part, 1, HV_X64_REGISTER_RBX,
				   &value));
	EXPECT_EQ(2, value);
}

static int get_two(struct tvm *t, __u32 index, __u32 first, __u32 second,
		   struct vmm_call *call, union hv_register_value *values)
{
	struct {
		__u64 partition;
		__u32 index, vtl;
		__u32 names[2];
	} in = { 0, index, 0, { first, second } };

	memset(values, 0xaa, 2 * sizeof(*values));
	*call = (struct vmm_call){
		.code = HVCALL_GET_VP_REGISTERS,
		.reps = 2,
		.in = &in, .in_size = sizeof(in),
		.out = values, .out_size = 2 * sizeof(*values),
	};
	return vmm_hvcall(t->vp[0], call);
}

TEST_F(registers, unknown_name)
{
	union hv_register_value values[2], poison;
	struct vmm_call call;

	memset(&poison, 0xaa, sizeof(poison));
	EXPECT_EQ(-EINVAL, get_two(&self->t, 0, HV_X64_REGISTER_RIP,
				   0x12345678, &call, values));
	EXPECT_TRUE(call.status == HV_STATUS_UNKNOWN_REGISTER_NAME ||
		    call.status == HV_STATUS_INVALID_PARAMETER) {
		TH_LOG("status %x", call.status);
	}
	EXPECT_EQ(1, call.reps);
	/* Output is copied on success only. */
	EXPECT_EQ(0, memcmp(&values[0], &poison, sizeof(poison)));
	EXPECT_EQ(-EINVAL, get_two(&self->t, 0, 0x12345678,
				   HV_X64_REGISTER_RIP, &call, values));
	EXPECT_EQ(0, call.reps);
}

TEST_F(registers, unknown_processor)
{
	union hv_register_value values[2];
	struct vmm_call call;

	EXPECT_EQ(-EINVAL, get_two(&self->t, 7, HV_X64_REGISTER_RIP,
				   HV_X64_REGISTER_RAX, &call, values));
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX, call.status);
}

TEST_F(registers, read_only)
{
	EXPECT_EQ(-EINVAL, vmm_set_register(self->t.vp[0], 0,
					    HV_REGISTER_VP_INDEX, 1));
	EXPECT_EQ(-EINVAL, vmm_set_register(self->t.vp[0], 0,
					    HV_REGISTER_TIME_REF_COUNT, 1));
}

/* As many as fit into a page each way. */
TEST_F(registers, full_pages)
{
	struct hv_register_assoc regs[256];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(regs); i++)
		regs[i] = vmm_value(HV_X64_REGISTER_RAX + i % 16, i % 16);
	ASSERT_OK(vmm_set_registers(self->t.vp[0], 0, regs, 127));
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		regs[i].value.reg64 = ~0ULL;
	ASSERT_OK(vmm_get_registers(self->t.vp[0], 0, regs, 256));
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		ASSERT_EQ(i % 16, regs[i].value.reg64);
}

/* The hypervisor may do a few elements at a time; the caller sees one call. */
TEST_F(registers, continued_calls)
{
	struct hv_register_assoc regs[64];
	unsigned int i;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		regs[i] = vmm_value(HV_X64_REGISTER_RAX + i % 16, 100 + i % 16);
	ASSERT_EQ(0, rv_rep_slice(3));
	EXPECT_EQ(0, vmm_set_registers(self->t.vp[0], 0, regs, 64));
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		regs[i].value.reg64 = 0;
	EXPECT_EQ(0, vmm_get_registers(self->t.vp[0], 0, regs, 64));
	ASSERT_EQ(0, rv_rep_slice(0));
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		EXPECT_EQ(100 + i % 16, regs[i].value.reg64);
}

TEST_F(registers, translate)
{
	__u64 *pdpt = (__u64 *)(self->t.memory + TVM_TABLES + VMM_PAGE);
	__u64 gpa = 0;
	__u32 result = ~0U;

	ASSERT_OK(tvm_long_mode(&self->t, 0, TVM_CODE));
	pdpt[1] = 0x80000000ULL | 0x83;
	ASSERT_OK(vmm_translate(self->t.vp[0], 0, 0x12345,
				HV_TRANSLATE_GVA_VALIDATE_READ, &gpa,
				&result));
	EXPECT_EQ(HV_TRANSLATE_GVA_SUCCESS, result);
	EXPECT_EQ(0x12345, gpa);
	ASSERT_OK(vmm_translate(self->t.vp[0], 0, 0x8000000000ULL,
				HV_TRANSLATE_GVA_VALIDATE_READ, &gpa,
				&result));
	EXPECT_EQ(HV_TRANSLATE_GVA_PAGE_NOT_PRESENT, result);
	/* Neither reading nor writing nor executing is invalid. */
	EXPECT_EQ(-EINVAL, vmm_translate(self->t.vp[0], 0, 0x12345, 0, &gpa,
					 &result));
}

TEST_F(registers, register_page)
{
	const struct hv_vp_register_page *page;
	__u64 value;

	page = vmm_map_page(self->t.vp[0], MSHV_VP_MMAP_OFFSET_REGISTERS);
	self->page = (void *)page;
	ASSERT_NE(NULL, page);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_RBX,
				   0xb0b0));
	ASSERT_OK(tvm_run(&self->t, 0));
	if (!page->isvalid)
		SKIP(return, "the hypervisor does not fill the register page");
	EXPECT_EQ(1, page->version);
	EXPECT_EQ(tvm_header(&self->t)->rip, page->rip);
	EXPECT_EQ(tvm_header(&self->t)->rflags, page->rflags);
	EXPECT_EQ(PROBE_PORT, page->rdx & 0xffff);
	EXPECT_EQ(0xb0b0, page->rbx);
	EXPECT_EQ(TVM_STACK, page->rsp);
	EXPECT_EQ(0, page->cs.selector);
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_CR0,
				   &value));
	EXPECT_EQ(value, page->cr0);
}

TEST_F(registers, pitfall_A20_write_by_the_page)
{
	struct hv_register_assoc xmm = { .name = HV_X64_REGISTER_XMM0 + 3 };
	struct hv_vp_register_page *page;
	__u64 value = 0;

	page = vmm_map_page(self->t.vp[0], MSHV_VP_MMAP_OFFSET_REGISTERS);
	self->page = (void *)page;
	ASSERT_NE(NULL, page);
	ASSERT_OK(tvm_run(&self->t, 0));
	if (!page->isvalid)
		SKIP(return, "the hypervisor does not fill the register page");
	page->rip += tvm_header(&self->t)->instruction_length_cr8 & 0xf;
	page->rax = 41;	/* the guest adds one and reports it */
	page->xmm[3].low_part = 0x1234;
	page->xmm[3].high_part = 0x5678;
	page->dirty = HV_BIT(HV_X64_REGISTER_CLASS_GENERAL) |
		      HV_BIT(HV_X64_REGISTER_CLASS_IP) |
		      HV_BIT(HV_X64_REGISTER_CLASS_XMM);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(42, value);
	ASSERT_OK(vmm_get_registers(self->t.vp[0], 0, &xmm, 1));
	EXPECT_EQ(0x1234, xmm.value.reg128.low_part);
	EXPECT_EQ(0x5678, xmm.value.reg128.high_part);
}

/* What the page and the hypercalls know of each other, and whose value counts. */
TEST_F(registers, page_beside_hypercalls)
{
	struct hv_vp_register_page *page;
	__u64 value = 0;

	page = vmm_map_page(self->t.vp[0], MSHV_VP_MMAP_OFFSET_REGISTERS);
	self->page = page;
	ASSERT_NE(NULL, page);
	if (!page->isvalid)
		SKIP(return, "the hypervisor does not fill the register page");
	/* What was set by a hypercall shows. */
	EXPECT_EQ(TVM_CODE, page->rip);
	ASSERT_OK(tvm_run(&self->t, 0));
	ASSERT_OK(tvm_skip(&self->t, 0));
	/* But not in a group that is dirty, and a hypercall does not see that. */
	page->rax = 41;
	page->dirty = HV_BIT(HV_X64_REGISTER_CLASS_GENERAL);
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_RAX, 11));
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_RBX, 0xb0b0));
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_RAX, &value));
	EXPECT_EQ(11, value);
	EXPECT_EQ(41, page->rax);
	EXPECT_NE(0xb0b0, page->rbx);
	/* The page wins, with its whole group; the guest adds one. */
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(42, value);
	EXPECT_EQ(0, page->dirty);
	EXPECT_NE(0xb0b0, page->rbx);
	/* What is not dirty does not count. */
	page->rax = 100;
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_RBX, 0xb1b1));
	EXPECT_EQ(0xb1b1, page->rbx);
	EXPECT_NE(100, page->rax);
	page->rax = 100;
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_RAX, 6));
	EXPECT_EQ(6, page->rax);
	ASSERT_OK(tvm_next_out(&self->t, 0, &value));
	EXPECT_EQ(7, value);
	EXPECT_EQ(7, page->rax);
}

TEST_HARNESS_MAIN
