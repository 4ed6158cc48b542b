// SPDX-License-Identifier: GPL-2.0
/*
 * Extended state that no processor accepts, from the guest and from its VMM.  A
 * hypervisor that loads it unchecked gets an exception.
 *
 * With MSHV_RULES_OFF the hypervisor (rules=off) leaves the check to the processor.
 */
#include <stdlib.h>

#include "harness.h"

#define BIT63		HV_BIT64(63)
#define XSAVE_BV	512
#define NO_COMPONENT	HV_BIT64(40)

/* XSETBV of ESI:EBX; prints 'x' if it was accepted.  No IDT: #GP ends in a message. */
static const __u8 guest[] = {
	0x0f, 0x20, 0xe0,				/* mov rax, cr4 */
	0x0d, 0x00, 0x06, 0x04, 0x00,			/* or eax, OSXSAVE | OSFXSR */
	0x0f, 0x22, 0xe0,				/* mov cr4, rax */
	0x31, 0xc9, 0x89, 0xf2, 0x89, 0xd8,		/* ecx = 0, edx = esi, eax = ebx */
	0x0f, 0x01, 0xd1,				/* xsetbv */
	0x66, 0xba, 0xf8, 0x03, 0xb0, 'x', OUT_AL,	/* mov dx, 0x3f8; out dx, 'x' */
	HLT,
};

static const __u64 bad[] = {
	0, 2, 4, 5, 6,		/* without x87, AVX without SSE */
	9, 0x11, 0xf,		/* half of MPX */
	0x21, 0x27, 0x67, 0xe3,	/* AVX-512: a part, without AVX */
	0x20001, 0x40001,	/* half of AMX */
	0x101, 0x401, 0x80001, 1ULL << 32 | 1, 1ULL << 62 | 1, BIT63 | 1, BIT63 | 3, ~0ULL,
};

FIXTURE(xstate) {
	struct books before;
	struct tvm t;
	bool books, rules_off;
};

FIXTURE_SETUP(xstate)
{
	self->books = !rv_open() && !books_read(&self->before);
	self->rules_off = getenv("MSHV_RULES_OFF");
	ASSERT_OK(tvm_start_long(&self->t, guest, sizeof(guest)));
}

FIXTURE_TEARDOWN(xstate)
{
	if (self->books)
		rv_rules_clear();
	tvm_close(&self->t);
	if (self->books)
		ASSERT_BOOKS(&self->before);
}

static int begin(struct tvm *t, __u64 xcr0)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RBX, (__u32)xcr0),
		vmm_value(HV_X64_REGISTER_RSI, xcr0 >> 32),
	};
	int ret = tvm_long_mode(t, 0, TVM_CODE);

	return ret ?: vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
}

/* Did the guest get past its XSETBV?  Or -errno. */
static int taken(struct tvm *t, __u64 xcr0)
{
	__u64 value;
	int ret = begin(t, xcr0);

	ret = ret ?: tvm_run(t, 0);
	if (ret || t->message.header.message_type == HVMSG_UNRECOVERABLE_EXCEPTION)
		return ret;
	if (t->message.header.message_type != HVMSG_X64_IO_PORT_INTERCEPT)
		return -EPROTO;
	ret = vmm_get_register(t->vp[0], 0, HV_X64_REGISTER_XFEM, &value);
	return ret ?: value == xcr0 ? 1 : -ERANGE;
}

/* Mark components as used that do not exist. */
static int set_component(struct tvm *t, __u8 *page, bool on)
{
	__u64 *bv = (__u64 *)(page + XSAVE_BV);
	__u32 size = VMM_PAGE;

	*bv = on ? *bv | NO_COMPONENT : *bv & ~NO_COMPONENT;
	return vmm_set_state(t->vp[0], MSHV_VP_STATE_XSAVE, page, &size);
}

TEST_F(xstate, guest)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(0, taken(&self->t, bad[i])) {
			TH_LOG("XCR0 %#llx", bad[i]);
		}
		EXPECT_EQ(1, taken(&self->t, 1));
	}
	EXPECT_EQ(1, taken(&self->t, 3));
}

TEST_F(xstate, vmm)
{
	unsigned int i;
	__u64 value;

	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_XFEM, 3));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_XFEM,
						    bad[i])) {
			TH_LOG("XCR0 %#llx", bad[i]);
		}
		ASSERT_OK(vmm_get_register(self->t.vp[0], 0, HV_X64_REGISTER_XFEM, &value));
		EXPECT_EQ(3, value);
	}
	EXPECT_EQ(1, taken(&self->t, 1));
}

/* A guest has no more than its CPUID shows. */
TEST_F(xstate, not_in_cpuid)
{
	struct vmm_cpuid leaf = { .leaf = 0xd, .subleaf_specific = true, .value = { 3 },
				  .mask = { ~0U, 0, 0, ~0U } };

	if (self->rules_off)
		return;		/* the processor does not know the guest's CPUID */
	ASSERT_OK(vmm_cpuid(self->t.vp[0], 0, &leaf));
	EXPECT_EQ(0, taken(&self->t, 7));
	EXPECT_EQ(-EINVAL, vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_XFEM, 0x1b));
	EXPECT_EQ(1, taken(&self->t, 3));
}

/* A component that is in use has a place in the layout. */
TEST_F(xstate, component_without_a_place)
{
	static __u8 page[VMM_PAGE] __attribute__((aligned(VMM_PAGE)));
	__u64 *bv = (__u64 *)(page + XSAVE_BV), *layout = bv + 1;
	__u32 size = sizeof(page);

	if (self->rules_off)
		return;		/* not checked */
	ASSERT_OK(vmm_set_register(self->t.vp[0], 0, HV_X64_REGISTER_XFEM, 7));
	ASSERT_OK(vmm_get_state(self->t.vp[0], MSHV_VP_STATE_XSAVE, page, &size));
	*bv = 7;
	*layout = BIT63 | 3;
	size = sizeof(page);
	EXPECT_EQ(-EINVAL, vmm_set_state(self->t.vp[0], MSHV_VP_STATE_XSAVE, page, &size));
	*layout = BIT63 | 7;
	size = sizeof(page);
	EXPECT_EQ(0, vmm_set_state(self->t.vp[0], MSHV_VP_STATE_XSAVE, page, &size));
}

/*
 * What the hypervisor does not check, the processor refuses: the VP stops, and can
 * continue.
 */
TEST_F(xstate, components)
{
	static __u8 page[VMM_PAGE] __attribute__((aligned(VMM_PAGE)));
	__u32 size = sizeof(page);

	ASSERT_OK(begin(&self->t, 1));
	ASSERT_OK(vmm_get_state(self->t.vp[0], MSHV_VP_STATE_XSAVE, page, &size));
	if (self->rules_off) {
		ASSERT_OK(set_component(&self->t, page, true));
		ASSERT_OK(tvm_run(&self->t, 0));
		EXPECT_EQ(HVMSG_INVALID_VP_REGISTER_VALUE,
			  self->t.message.header.message_type);
	} else {
		EXPECT_NE(0, set_component(&self->t, page, true));
	}
	ASSERT_OK(set_component(&self->t, page, false));
	EXPECT_EQ(1, taken(&self->t, 1));
}

static int get_xsave(struct tvm *t, __u8 *page)
{
	__u32 size = VMM_PAGE;

	return vmm_get_state(t->vp[0], MSHV_VP_STATE_XSAVE, page, &size);
}

/*
 * A hypervisor that requires the format to be explicit has refused the call once.  This
 * stays so until the driver is loaded again, hence it is the last test of all.
 */
TEST_F(xstate, explicit_format)
{
	static __u8 implied[VMM_PAGE] __attribute__((aligned(VMM_PAGE)));
	static __u8 page[VMM_PAGE] __attribute__((aligned(VMM_PAGE)));
	__u64 calls;
	__u32 rule;

	if (!self->books)
		SKIP(return, NO_ROOTVISOR);
	ASSERT_OK(get_xsave(&self->t, implied));
	ASSERT_EQ(0, rv_mark());
	ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_STATE, HV_STATUS_INVALID_PARAMETER, 0, 1,
			     &rule));
	EXPECT_EQ(0, get_xsave(&self->t, page));
	EXPECT_EQ(0, memcmp(implied, page, sizeof(page)));
	ASSERT_EQ(0, rv_count_call(HVCALL_GET_VP_STATE, &calls));
	EXPECT_EQ(2, calls);
	/* Now it is explicit from the start, and the same refusal means something else. */
	ASSERT_EQ(0, rv_fail(HVCALL_GET_VP_STATE, HV_STATUS_INVALID_PARAMETER, 0, 1,
			     &rule));
	EXPECT_EQ(-EINVAL, get_xsave(&self->t, page));
	EXPECT_EQ(0, get_xsave(&self->t, page));
	EXPECT_EQ(0, memcmp(implied, page, sizeof(page)));
}

TEST_HARNESS_MAIN
