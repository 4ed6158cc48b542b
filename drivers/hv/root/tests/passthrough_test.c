// SPDX-License-Identifier: GPL-2.0
/*
 * The hypercalls that user space may make.
 */
#include <kunit/test.h>

#include "passthrough_table.h"

/* By the numbers of the interface; a call that is not here is not allowed. */
static const struct {
	u16 code;
	struct passthrough_call call;
} allowed[] = {
	{ 0x44, { ON_ALL, .out = 8 } },
	{ 0x45, { ON_PARTITION, .async = true } },
	{ 0x4d, { ON_CHILD } },
	{ 0x50, { ON_CHILD, true, .names_vp = true, .head = 16, .in = 4, .out = 16 } },
	{ 0x51, { ON_CHILD, true, .resumes = true, .names_vp = true, .head = 16, .in = 32 } },
	{ 0x52, { ON_CHILD, .memory = true, .names_vp = true, .out = 16 } },
	{ 0x56, { ON_CHILD } },
	{ 0x91, { ON_CHILD, .names_vp = true } },
	{ 0x94, { ON_CHILD } },
	{ 0xc0, { ON_CHILD, .memory = true, .names_vp = true, .out = 8 } },
	{ 0xc1, { ON_CHILD, .memory = true, .names_vp = true } },
	{ 0xc9, { ON_CHILD, true, .head = 24, .out = 1 } },
	{ 0xf4, { ON_CHILD, true, .names_vp = true, .head = 24, .in = 24, .out = 16 } },
	{ 0x101, { ON_ALL, .out = 4096 } },
};

static const struct passthrough_call *find_allowed(unsigned int code)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(allowed); i++)
		if (allowed[i].code == code)
			return &allowed[i].call;
	return NULL;
}

static void passthrough_calls_allowed(struct kunit *test)
{
	unsigned int code, file;

	for (code = 0; code < 0x10000; code++) {
		const struct passthrough_call *wanted = find_allowed(code);
		struct mshv_root_hvcall arg = { .code = code };

		for (file = ON_DEVICE; file <= ON_VP; file <<= 1)
			KUNIT_ASSERT_EQ_MSG(test, !passthrough_find(&arg, file),
					    !wanted || !(wanted->files & file),
					    "call 0x%x, file %u", code, file);
	}
}

static void passthrough_parts(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(allowed); i++) {
		const struct passthrough_call *wanted = &allowed[i].call, *call;
		struct mshv_root_hvcall arg = { .code = allowed[i].code };

		call = passthrough_find(&arg, ON_ALL);
		KUNIT_ASSERT_NOT_NULL_MSG(test, call, "call 0x%x", arg.code);
		KUNIT_EXPECT_EQ_MSG(test, call->is_rep, wanted->is_rep, "call 0x%x",
				    arg.code);
		KUNIT_EXPECT_EQ_MSG(test, call->async, wanted->async, "call 0x%x",
				    arg.code);
		KUNIT_EXPECT_EQ_MSG(test, call->resumes, wanted->resumes, "call 0x%x",
				    arg.code);
		KUNIT_EXPECT_EQ_MSG(test, call->memory, wanted->memory, "call 0x%x",
				    arg.code);
		KUNIT_EXPECT_EQ_MSG(test, call->names_vp, wanted->names_vp, "call 0x%x",
				    arg.code);
		KUNIT_EXPECT_EQ_MSG(test, call->head, wanted->head, "call 0x%x",
				    arg.code);
		KUNIT_EXPECT_EQ_MSG(test, call->in, wanted->in, "call 0x%x", arg.code);
		KUNIT_EXPECT_EQ_MSG(test, call->out, wanted->out, "call 0x%x", arg.code);
	}
}

static void passthrough_sizes(struct kunit *test)
{
	static const struct {
		struct mshv_root_hvcall arg;
		bool valid;
	} rows[] = {
		/* No list: a partition id at least. */
		{ { .code = 0x44, .in_sz = 8 }, true },
		{ { .code = 0x44, .in_sz = 7 }, false },
		{ { .code = 0x44, .in_sz = 4096 }, true },
		{ { .code = 0x44, .in_sz = 4097 }, false },
		{ { .code = 0x44, .in_sz = 8, .reps = 1 }, false },
		/* An output has a place and a size, or neither. */
		{ { .code = 0x44, .in_sz = 8, .out_sz = 8, .out_ptr = 1 }, true },
		{ { .code = 0x44, .in_sz = 8, .out_sz = 8 }, false },
		{ { .code = 0x44, .in_sz = 8, .out_ptr = 1 }, false },
		{ { .code = 0x44, .in_sz = 8, .out_sz = 4096, .out_ptr = 1 }, true },
		{ { .code = 0x44, .in_sz = 8, .out_sz = 4097, .out_ptr = 1 }, false },
		/* A list of registers: 16 bytes and 4 for each; 256 fill the output. */
		{ { .code = 0x50, .in_sz = 20, .reps = 1 }, true },
		{ { .code = 0x50, .in_sz = 19, .reps = 1 }, false },
		{ { .code = 0x50, .in_sz = 20, .reps = 0 }, false },
		{ { .code = 0x50, .in_sz = 16 + 4 * 256, .reps = 256 }, true },
		{ { .code = 0x50, .in_sz = 16 + 4 * 257, .reps = 257 }, false },
		/* 16 bytes and 32 for each. */
		{ { .code = 0x51, .in_sz = 16 + 32 * 127, .reps = 127 }, true },
		{ { .code = 0x51, .in_sz = 4096, .reps = 128 }, false },
		/* Nothing for each, and a byte of output. */
		{ { .code = 0xc9, .in_sz = 24, .reps = 4095 }, true },
		{ { .code = 0xc9, .in_sz = 24, .reps = 4096 }, false },
		{ { .code = 0xc9, .in_sz = 23, .reps = 1 }, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct passthrough_call *call = find_allowed(rows[i].arg.code);

		KUNIT_ASSERT_NOT_NULL(test, call);
		KUNIT_EXPECT_EQ_MSG(test, passthrough_sizes_valid(call, &rows[i].arg),
				    rows[i].valid, "row %u", i);
	}
}

/* The register page has an address of the host's; its place in a list is no excuse. */
static void passthrough_registers(struct kunit *test)
{
	static const u32 names[] = { 0x00020000, HV_X64_REGISTER_REG_PAGE, 0x00020001 };
	struct mshv_root_hvcall get = { .code = 0x50 }, set = { .code = 0x51 };
	struct mshv_root_hvcall other = { .code = 0xc9 };
	u8 *page = kunit_kzalloc(test, HV_HYP_PAGE_SIZE, GFP_KERNEL);
	struct hv_input_get_vp_registers *in = (void *)page;
	struct hv_input_set_vp_registers *in_set = (void *)page;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		in->names[i] = names[i];
	for (i = 0; i <= ARRAY_SIZE(names); i++) {
		get.reps = i;
		other.reps = i;
		KUNIT_EXPECT_EQ(test, passthrough_registers_allowed(&get, page), i < 2);
		KUNIT_EXPECT_TRUE(test, passthrough_registers_allowed(&other, page));
	}
	for (i = 0; i < ARRAY_SIZE(names); i++)
		in_set->elements[i].name = names[i];
	for (i = 0; i <= ARRAY_SIZE(names); i++) {
		set.reps = i;
		KUNIT_EXPECT_EQ(test, passthrough_registers_allowed(&set, page), i < 2);
	}
}

/* What is wrong, by the status that the hypervisor would have for it. */
static void passthrough_reasons(struct kunit *test)
{
	static const struct {
		struct mshv_root_hvcall arg;
		unsigned int file;
		u16 status;
	} rows[] = {
		{ { .code = 0x44, .in_sz = 8 }, ON_DEVICE, 0 },
		{ { .code = 0x45, .in_sz = 8 }, ON_VP, 0x02 },
		{ { .code = 0x40, .in_sz = 8 }, ON_VP, 0x02 },
		{ { .code = 0x44, .in_sz = 7 }, ON_DEVICE, 0x03 },
		{ { .code = 0x50, .in_sz = 20 }, ON_VP, 0x03 },
		{ { .code = 0x44, .in_sz = 8, .status = 1 }, ON_DEVICE, 0x05 },
		{ { .code = 0x44, .in_sz = 8, .rsvd[5] = 1 }, ON_DEVICE, 0x05 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct passthrough_call *call =
			passthrough_find(&rows[i].arg, rows[i].file);

		KUNIT_EXPECT_EQ_MSG(test, passthrough_argument(call, &rows[i].arg),
				    rows[i].status, "row %u", i);
	}
}

/* On a processor's file calls are for that one, on a partition's for any. */
static void passthrough_processors(struct kunit *test)
{
	struct mshv_root_hvcall get = { .code = 0x50 }, assert = { .code = 0x94 };
	u8 *page = kunit_kzalloc(test, HV_HYP_PAGE_SIZE, GFP_KERNEL);
	struct hv_input_get_vp_registers *in = (void *)page;

	KUNIT_ASSERT_NOT_NULL(test, page);
	in->vp_index = 3;
	KUNIT_EXPECT_EQ(test, passthrough_input(find_allowed(0x50), &get, page, 3), 0);
	KUNIT_EXPECT_EQ(test, passthrough_input(find_allowed(0x50), &get, page, HV_ANY_VP), 0);
	KUNIT_EXPECT_EQ(test, passthrough_input(find_allowed(0x50), &get, page, 2), 0x0e);
	KUNIT_EXPECT_EQ(test, passthrough_input(find_allowed(0x94), &assert, page, 2), 0);
	get.reps = 1;
	in->names[0] = HV_X64_REGISTER_REG_PAGE;
	KUNIT_EXPECT_EQ(test, passthrough_input(find_allowed(0x50), &get, page, 3), 0x06);
}

static struct kunit_case passthrough_cases[] = {
	KUNIT_CASE(passthrough_calls_allowed),
	KUNIT_CASE(passthrough_parts),
	KUNIT_CASE(passthrough_sizes),
	KUNIT_CASE(passthrough_registers),
	KUNIT_CASE(passthrough_reasons),
	KUNIT_CASE(passthrough_processors),
	{ }
};

static struct kunit_suite passthrough_suite = {
	.name = "mshv_passthrough",
	.test_cases = passthrough_cases,
};

kunit_test_suite(passthrough_suite);
