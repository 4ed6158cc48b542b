// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_ROOT_HVCALL: its format and results.
 */
#include "harness.h"

FIXTURE(passthrough) {
	struct books before;
	struct tvm t;
	bool books;
};

FIXTURE_SETUP(passthrough)
{
	self->books = !rv_open() && !books_read(&self->before);
	ASSERT_OK(tvm_start(&self->t, guest_count, sizeof(guest_count)));
}

FIXTURE_TEARDOWN(passthrough)
{
	if (self->books) {
		rv_rules_clear();
		rv_memory_status(0);
	}
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int hvcall(int fd, struct mshv_root_hvcall *args)
{
	return ioctl(fd, MSHV_ROOT_HVCALL, args) ? -errno : 0;
}

/* A call that works: reads the processor's current RIP. */
struct get_one {
	struct {
		__u64 partition;
		__u32 index, vtl;
		__u32 name, pad;
	} in;
	__u64 out[2];
	struct mshv_root_hvcall args;
};

static struct get_one *get_one(struct get_one *g)
{
	memset(g, 0, sizeof(*g));
	g->in.name = HV_X64_REGISTER_RIP;
	g->args.code = HVCALL_GET_VP_REGISTERS;
	g->args.reps = 1;
	g->args.in_sz = 20;
	g->args.out_sz = 16;
	g->args.in_ptr = (unsigned long)&g->in;
	g->args.out_ptr = (unsigned long)g->out;
	return g;
}

TEST_F(passthrough, works)
{
	struct get_one g;

	ASSERT_EQ(0, hvcall(self->t.vp[0], &get_one(&g)->args));
	EXPECT_EQ(TVM_CODE, g.out[0]);
	EXPECT_EQ(0, g.out[1]);
	EXPECT_EQ(1, g.args.reps);
	EXPECT_EQ(0, g.args.status);
	ASSERT_EQ(0, hvcall(self->t.part, &get_one(&g)->args));
	EXPECT_EQ(TVM_CODE, g.out[0]);
}

/* The partition does not depend on what the caller writes. */
TEST_F(passthrough, partition_is_the_descriptors)
{
	static const __u64 ids[] = { 0, 1, 2, 3, 0x1234, ~0ULL };
	struct get_one g;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		get_one(&g)->in.partition = ids[i];
		ASSERT_EQ(0, hvcall(self->t.vp[0], &g.args));
		EXPECT_EQ(TVM_CODE, g.out[0]);
		/* The caller's memory is read, not written. */
		EXPECT_EQ(ids[i], g.in.partition);
	}
}

TEST_F(passthrough, status_must_be_zero)
{
	struct get_one g;

	get_one(&g)->args.status = 1;
	EXPECT_EQ(-EINVAL, hvcall(self->t.vp[0], &g.args));
	get_one(&g)->args.status = 0xffff;
	EXPECT_EQ(-EINVAL, hvcall(self->t.vp[0], &g.args));
}

TEST_F(passthrough, reserved_must_be_zero)
{
	struct get_one g;
	unsigned int i;

	for (i = 0; i < sizeof(g.args.rsvd); i++) {
		get_one(&g)->args.rsvd[i] = 1;
		EXPECT_EQ(-EINVAL, hvcall(self->t.vp[0], &g.args));
	}
}

TEST_F(passthrough, input_sizes)
{
	static const __u16 bad[] = { 0, 1, 7, 4097, 0x8000, 0xffff };
	struct get_one g;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		get_one(&g)->args.in_sz = bad[i];
		EXPECT_EQ(-EINVAL, hvcall(self->t.vp[0], &g.args)) {
			TH_LOG("in_sz %u", bad[i]);
		}
	}
}

TEST_F(passthrough, output_sizes)
{
	static const __u16 bad[] = { 0, 4097, 0x8000, 0xffff };
	struct get_one g;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		get_one(&g)->args.out_sz = bad[i];
		EXPECT_EQ(-EINVAL, hvcall(self->t.vp[0], &g.args)) {
			TH_LOG("out_sz %u", bad[i]);
		}
	}
	get_one(&g)->args.out_ptr = 0;
	EXPECT_EQ(-EINVAL, hvcall(self->t.vp[0], &g.args));
}

TEST_F(passthrough, bad_pointers)
{
	struct get_one g;

	EXPECT_EQ(-EFAULT, hvcall(self->t.vp[0], NULL));
	get_one(&g)->args.in_ptr = 0;
	EXPECT_EQ(-EFAULT, hvcall(self->t.vp[0], &g.args));
	get_one(&g)->args.in_ptr = 0xffff888000000000ULL;
	EXPECT_EQ(-EFAULT, hvcall(self->t.vp[0], &g.args));
	get_one(&g)->args.out_ptr = 8;
	EXPECT_EQ(-EFAULT, hvcall(self->t.vp[0], &g.args));
	get_one(&g)->args.out_ptr = 0xffff888000000000ULL;
	EXPECT_EQ(-EFAULT, hvcall(self->t.vp[0], &g.args));
}

/* Status and count cannot be returned, which is no more important than another error. */
TEST_F(passthrough, read_only_argument)
{
	struct get_one *g = mmap(NULL, VMM_PAGE, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	__u64 out[2] = { };

	ASSERT_NE(MAP_FAILED, g);
	get_one(g)->args.out_ptr = (unsigned long)out;
	ASSERT_EQ(0, mprotect(g, VMM_PAGE, PROT_READ));
	EXPECT_EQ(-EFAULT, hvcall(self->t.vp[0], &g->args));
	EXPECT_EQ(TVM_CODE, out[0]);

	ASSERT_EQ(0, mprotect(g, VMM_PAGE, PROT_READ | PROT_WRITE));
	g->in.index = 9;
	ASSERT_EQ(0, mprotect(g, VMM_PAGE, PROT_READ));
	EXPECT_EQ(-EINVAL, hvcall(self->t.vp[0], &g->args));
	munmap(g, VMM_PAGE);
}

/* Of an argument in two pages either may be the one that cannot be written. */
TEST_F(passthrough, half_of_the_argument_read_only)
{
	__u8 *pages = mmap(NULL, 2 * VMM_PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mshv_root_hvcall *args;
	struct get_one g;
	int i;

	ASSERT_NE(MAP_FAILED, pages);
	args = (void *)(pages + VMM_PAGE - offsetof(struct mshv_root_hvcall, status));
	*args = get_one(&g)->args;
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, mprotect(pages + i * VMM_PAGE, VMM_PAGE, PROT_READ));
		EXPECT_EQ(-EFAULT, hvcall(self->t.vp[0], args));
		EXPECT_EQ(TVM_CODE, g.out[0]);
		g.out[0] = 0;
		ASSERT_EQ(0, mprotect(pages, 2 * VMM_PAGE, PROT_READ | PROT_WRITE));
	}
	munmap(pages, 2 * VMM_PAGE);
}

/* A rep count larger than the input must not reach what is behind it. */
TEST_F(passthrough, pitfall_16_more_reps_than_input)
{
	struct {
		__u64 partition;
		__u32 index, vtl;
		struct hv_register_assoc reg;
	} in = { .reg = { .name = HV_X64_REGISTER_RBX } };
	struct mshv_root_hvcall args = {
		.code = HVCALL_SET_VP_REGISTERS,
		.in_ptr = (unsigned long)&in,
		.in_sz = sizeof(in),
	};
	__u64 before[16], after;
	unsigned int i;

	in.reg.value.reg64 = 0x77;
	for (i = 0; i < 16; i++)
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0,
					   HV_X64_REGISTER_RAX + i,
					   &before[i]));
	for (i = 2; i <= 127; i += 25) {
		args.reps = i;
		args.status = 0;
		/* Zeroed elements behind ours name "explicit suspend". */
		hvcall(self->t.vp[0], &args);
		EXPECT_GE(i, args.reps);
	}
	for (i = 0; i < 16; i++) {
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0,
					   HV_X64_REGISTER_RAX + i, &after));
		if (i != HV_X64_REGISTER_RBX - HV_X64_REGISTER_RAX)
			EXPECT_EQ(before[i], after);
	}
}

/* What the hypervisor did not write is zero, not old memory. */
TEST_F(passthrough, pitfall_U14_output_is_zeroed)
{
	static __u8 out[4096];
	struct get_one g;
	unsigned int round, i;

	for (round = 0; round < 32; round++) {
		memset(out, 0xff, sizeof(out));
		get_one(&g)->args.out_sz = sizeof(out);
		g.args.out_ptr = (unsigned long)out;
		ASSERT_EQ(0, hvcall(self->t.vp[0], &g.args));
		EXPECT_EQ(TVM_CODE, *(__u64 *)out);
		for (i = 16; i < sizeof(out); i++)
			ASSERT_EQ(0, out[i]);
	}
}

/* The first call filled the page with names; the second must not see them. */
TEST_F(passthrough, pitfall_U14_input_is_zeroed)
{
	static __u8 full[4096];
	struct get_one g;
	__u64 out[4] = { 0 };
	unsigned int i;

	memset(full, 0, sizeof(full));
	for (i = 16; i < sizeof(full); i += 4)
		*(__u32 *)(full + i) = HV_X64_REGISTER_RIP;
	get_one(&g)->args.in_ptr = (unsigned long)full;
	g.args.in_sz = sizeof(full);
	ASSERT_EQ(0, hvcall(self->t.vp[0], &g.args));
	/* Two names requested, one given: the second is read as name 0. */
	get_one(&g)->args.reps = 2;
	g.args.out_sz = 32;
	g.args.out_ptr = (unsigned long)out;
	if (!hvcall(self->t.vp[0], &g.args))
		EXPECT_NE(TVM_CODE, out[2]);
}

/* Refused by the hypervisor: the status is returned, the output is not touched. */
TEST_F(passthrough, failure_tells_the_status)
{
	struct get_one g;

	get_one(&g)->in.index = 9;
	g.out[0] = 0x55;
	EXPECT_EQ(-EINVAL, hvcall(self->t.vp[0], &g.args));
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX, g.args.status);
	EXPECT_EQ(0, g.args.reps);
	EXPECT_EQ(0x55, g.out[0]);
}

/* A call that runs out of memory halfway is completed in one ioctl. */
TEST_F(passthrough, pitfall_A5_memory_in_the_middle)
{
	struct hv_register_assoc regs[16];
	unsigned int i;
	__u64 hits = 0;
	__u32 rule;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	for (i = 0; i < 16; i++)
		regs[i] = vmm_value(HV_X64_REGISTER_RAX + i, 0x100 + i);
	ASSERT_EQ(0, rv_rep_stop(HVCALL_SET_VP_REGISTERS,
				 HV_STATUS_INSUFFICIENT_MEMORY, 5, 2, &rule));
	EXPECT_EQ(0, vmm_set_registers(self->t.vp[0], 0, regs, 16));
	ASSERT_EQ(0, rv_rule_hits(rule, &hits));
	EXPECT_EQ(2, hits);
	ASSERT_EQ(0, rv_rules_clear());
	ASSERT_EQ(0, rv_rep_stop(HVCALL_GET_VP_REGISTERS,
				 HV_STATUS_INSUFFICIENT_MEMORY, 5, 2, &rule));
	for (i = 0; i < 16; i++)
		regs[i].value.reg64 = 0;
	EXPECT_EQ(0, vmm_get_registers(self->t.vp[0], 0, regs, 16));
	for (i = 0; i < 16; i++)
		EXPECT_EQ(0x100 + i, regs[i].value.reg64);
}

/* Success with fewer elements than requested: the kernel continues. */
TEST_F(passthrough, short_success)
{
	struct hv_register_assoc regs[16];
	unsigned int i;
	__u32 rule;

	if (rv_open())
		SKIP(return, NO_ROOTVISOR);
	for (i = 0; i < 16; i++)
		regs[i] = vmm_value(HV_X64_REGISTER_RAX + i, 0x200 + i);
	ASSERT_EQ(0, rv_rep_stop(HVCALL_SET_VP_REGISTERS, 0, 3, 1, &rule));
	EXPECT_EQ(0, vmm_set_registers(self->t.vp[0], 0, regs, 16));
	ASSERT_EQ(0, rv_rules_clear());
	for (i = 0; i < 16; i++)
		regs[i].value.reg64 = 0;
	EXPECT_EQ(0, vmm_get_registers(self->t.vp[0], 0, regs, 16));
	for (i = 0; i < 16; i++)
		EXPECT_EQ(0x200 + i, regs[i].value.reg64);
}

/* Elements that fail after others were done: the count shows which. */
TEST_F(passthrough, failure_in_the_middle)
{
	struct hv_register_assoc regs[8];
	struct {
		__u64 partition;
		__u32 index, vtl;
		struct hv_register_assoc regs[8];
	} in = { 0 };
	struct mshv_root_hvcall args = {
		.code = HVCALL_SET_VP_REGISTERS,
		.reps = 8,
		.in_ptr = (unsigned long)&in,
		.in_sz = sizeof(in),
	};
	unsigned int i;

	for (i = 0; i < 8; i++)
		in.regs[i] = vmm_value(HV_X64_REGISTER_R8 + i, 0x300 + i);
	in.regs[5].name = 0x87654321;
	EXPECT_EQ(-EINVAL, hvcall(self->t.vp[0], &args));
	EXPECT_EQ(5, args.reps);
	EXPECT_NE(0, args.status);
	for (i = 0; i < 8; i++)
		regs[i] = vmm_value(HV_X64_REGISTER_R8 + i, 0);
	ASSERT_OK(vmm_get_registers(self->t.vp[0], 0, regs, 8));
	for (i = 0; i < 5; i++)
		EXPECT_EQ(0x300 + i, regs[i].value.reg64);
	EXPECT_NE(0x306, regs[6].value.reg64);
}

/* There is no trust level but the first; the bytes behind it are reserved. */
TEST_F(passthrough, reserved_input_of_registers)
{
	static const __u16 codes[] = { HVCALL_GET_VP_REGISTERS, HVCALL_SET_VP_REGISTERS };
	struct {
		__u64 partition;
		__u32 index;
		__u8 rest[4];
		struct hv_register_assoc reg;
	} in;
	union hv_register_value out;
	unsigned int i, byte;
	__u64 value;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		for (byte = 0; byte < sizeof(in.rest); byte++) {
			struct vmm_call call = {
				.code = codes[i], .reps = 1, .in = &in, .in_size = sizeof(in),
				.out = i ? NULL : &out, .out_size = i ? 0 : sizeof(out),
			};

			memset(&in, 0, sizeof(in));
			in.reg = vmm_value(HV_X64_REGISTER_RBX, 0x77);
			in.rest[byte] = 1;
			EXPECT_EQ(-EINVAL, vmm_hvcall(self->t.vp[0], &call));
			EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, call.status) {
				TH_LOG("call %#x, byte %u", codes[i], byte);
			}
		}
	}
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_RBX, &value));
	EXPECT_NE(0x77, value);
}

static int assert_status(struct tvm *t, __u32 type, __u64 destination, __u32 vector)
{
	struct hv_input_assert_virtual_interrupt in = {
		.control.interrupt_type = type, .dest_addr = destination, .vector = vector,
	};
	struct vmm_call call = {
		.code = HVCALL_ASSERT_VIRTUAL_INTERRUPT, .in = &in, .in_size = sizeof(in),
	};
	int ret = vmm_hvcall(t->part, &call);

	return call.status ? call.status : ret;
}

/* A vector has eight bits, but for ~0, which withdraws an interrupt. */
TEST_F(passthrough, vectors_of_interrupts)
{
	static const struct {
		__u32 type, vector, status;
	} rows[] = {
		{ HV_X64_INTERRUPT_TYPE_FIXED, 0xf, HV_STATUS_INVALID_PARAMETER },
		{ HV_X64_INTERRUPT_TYPE_FIXED, 0x100, HV_STATUS_INVALID_PARAMETER },
		{ HV_X64_INTERRUPT_TYPE_SIPI, 0x100, HV_STATUS_INVALID_PARAMETER },
		{ HV_X64_INTERRUPT_TYPE_EXTINT, 0x100, HV_STATUS_INVALID_PARAMETER },
		{ 3, 0x40, HV_STATUS_INVALID_PARAMETER },
		{ HV_X64_INTERRUPT_TYPE_FIXED, HV_INTERRUPT_VECTOR_NONE, 0 },
		{ HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY, HV_INTERRUPT_VECTOR_NONE, 0 },
		{ HV_X64_INTERRUPT_TYPE_EXTINT, HV_INTERRUPT_VECTOR_NONE, 0 },
		{ HV_X64_INTERRUPT_TYPE_LOCALINT0, HV_INTERRUPT_VECTOR_NONE, 0 },
		{ HV_X64_INTERRUPT_TYPE_LOCALINT1, HV_INTERRUPT_VECTOR_NONE, 0 },
	};
	unsigned int i;
	__u64 value;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].status, assert_status(&self->t, rows[i].type, 0,
							rows[i].vector)) {
			TH_LOG("type %u, vector %#x", rows[i].type, rows[i].vector);
		}
	}
	/* What is withdrawn does not arrive. */
	ASSERT_EQ(0, assert_status(&self->t, HV_X64_INTERRUPT_TYPE_EXTINT, 0, 0x30));
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_REGISTER_PENDING_EVENT0, &value));
	EXPECT_EQ(HV_PENDING_EVENT_PENDING |
		  HV_X64_PENDING_EVENT_EXT_INT << HV_PENDING_EVENT_TYPE_SHIFT |
		  0x30 << HV_PENDING_EXT_INT_VECTOR_SHIFT, value);
	ASSERT_EQ(0, assert_status(&self->t, HV_X64_INTERRUPT_TYPE_EXTINT, 0,
				   HV_INTERRUPT_VECTOR_NONE));
	ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_REGISTER_PENDING_EVENT0, &value));
	EXPECT_EQ(0, value);
	/* The 8259's line is the first processor's. */
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX,
		  assert_status(&self->t, HV_X64_INTERRUPT_TYPE_EXTINT, 1, 0x30));
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX,
		  assert_status(&self->t, HV_X64_INTERRUPT_TYPE_LOCALINT0, 1, 0x30));
}

/* There are sixteen SINTs with 2048 flags each. */
TEST_F(passthrough, events_of_no_source)
{
	static const struct {
		__u8 vtl, sint;
		__u16 flag;
	} rows[] = { { 1, 2, 0 }, { 0, 16, 0 }, { 0, 2, 2048 } };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct hv_input_signal_event_direct in = {
			.target_vtl = rows[i].vtl, .target_sint = rows[i].sint,
			.flag_number = rows[i].flag,
		};
		struct hv_output_signal_event_direct out = { 0 };
		struct vmm_call call = {
			.code = HVCALL_SIGNAL_EVENT_DIRECT, .in = &in, .in_size = sizeof(in),
			.out = &out, .out_size = sizeof(out),
		};

		EXPECT_EQ(-EINVAL, vmm_hvcall(self->t.part, &call));
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, call.status) {
			TH_LOG("SINT %u, flag %u", rows[i].sint, rows[i].flag);
		}
	}
}

TEST_F(passthrough, properties_of_the_root)
{
	__u64 value = 0;

	EXPECT_EQ(0, vmm_get_property(self->t.dev,
				      HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0,
				      &value));
	EXPECT_NE(0, value);
	EXPECT_EQ(-EINVAL, vmm_get_property(self->t.dev, 0xdeadbeef, &value));
}

/* A program must not learn addresses of the kernel's memory. */
TEST_F(passthrough, host_addresses_are_not_told)
{
	struct hv_register_assoc regs[] = {
		{ .name = HV_X64_REGISTER_RIP },
		{ .name = HV_X64_REGISTER_REG_PAGE },
	};
	__u64 value = 0;
	void *page;

	/* So that there is one to read. */
	page = vmm_map_page(self->t.vp[0], MSHV_VP_MMAP_OFFSET_REGISTERS);
	ASSERT_NE(NULL, page);
	EXPECT_EQ(-EACCES, vmm_get_register(self->t.vp[0], 0,
					    HV_X64_REGISTER_REG_PAGE, &value));
	EXPECT_EQ(-EACCES, vmm_get_register(self->t.part, 0,
					    HV_X64_REGISTER_REG_PAGE, &value));
	EXPECT_EQ(0, value);
	EXPECT_EQ(-EACCES, vmm_set_register(self->t.vp[0], 0,
					    HV_X64_REGISTER_REG_PAGE, 0x1001));
	/* Not among others either, none of which is read then. */
	EXPECT_EQ(-EACCES, vmm_get_registers(self->t.vp[0], 0, regs,
					     ARRAY_SIZE(regs)));
	EXPECT_EQ(0, vmm_get_registers(self->t.vp[0], 0, regs, 1));
	munmap(page, VMM_PAGE);
}

TEST_F(passthrough, unknown_property)
{
	struct hv_input_get_partition_property in = {
		.property_code = 0xdeadbeef,
	};
	__u64 out = 0;
	struct vmm_call call = {
		.code = HVCALL_GET_PARTITION_PROPERTY,
		.in = &in, .in_size = sizeof(in),
		.out = &out, .out_size = sizeof(out),
	};

	EXPECT_EQ(-EINVAL, vmm_hvcall(self->t.part, &call));
	EXPECT_EQ(HV_STATUS_UNKNOWN_PROPERTY, call.status);
}

TEST_HARNESS_MAIN
