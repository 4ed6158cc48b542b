// SPDX-License-Identifier: GPL-2.0
/*
 * Extended state that no processor accepts, from the guest and from its VMM.  A
 * hypervisor that loads it unchecked gets an exception.
 *
 * With MSHV_RULES_OFF the hypervisor (rules=off) leaves the check to the processor.
 */
#include <stdlib.h>

#include "harness.h"
#include "claims.h"

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

/* ---- what is disabled for a partition ---------------------------------------------- */

enum { EAX, EBX, ECX, EDX, REGS };

#define XSAVE		0
#define AVX		2
#define OF_CLOUDS	0x181fULL	/* what VMMs leave: AVX2 and FMA, not AVX-512 */

/* Bits of pt_disabled_xsave, and where a guest sees them. */
static const struct {
	__u8 bit;
	bool needs_avx;
	__u32 leaf, sub;
	__u8 reg, at;
	bool told;		/* by the property, too */
} features[] = {
	{ 0, false, 1, 0, ECX, 26, true }, { 1, false, 0xd, 1, EAX, 0, true },
	{ 2, true, 1, 0, ECX, 28, true }, { 3, true, 7, 0, EBX, 5, true },
	{ 4, true, 1, 0, ECX, 12, true }, { 6, true, 7, 0, EBX, 16, false },
	{ 11, false, 0xd, 1, EAX, 1, true }, { 12, false, 0xd, 1, EAX, 3, false },
	{ 19, false, 7, 0, ECX, 8, true }, { 20, true, 7, 0, ECX, 9, true },
	{ 22, true, 7, 0, ECX, 10, true }, { 23, true, 7, 1, EAX, 5, false },
	{ 30, true, 7, 1, EAX, 4, false }, { 31, true, 7, 1, EAX, 23, false },
	{ 33, true, 7, 1, EDX, 4, false },
};

static int start_masked(struct tvm *t, __u64 allowed)
{
	const struct mshv_create_partition_v2 args = {
		.pt_flags = TVM_FLAGS | HV_BIT64(MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES),
		.pt_num_cpu_fbanks = 2,
		.pt_disabled_xsave = ~allowed,
	};
	int ret = tvm_open(t);

	if (ret)
		return ret;
	t->part = vmm_create_v2(t->dev, &args);
	if (t->part < 0)
		return t->part;
	ret = vmm_initialize(t->part);
	ret = ret ?: tvm_memory(t);
	if (ret)
		return ret;
	memcpy(t->memory + TVM_CODE, guest, sizeof(guest));
	return tvm_vp(t, 0);
}

static bool is_shown(struct tvm *t, unsigned int i)
{
	__u32 r[REGS] = { 0 };

	return !leaf_of(t, features[i].leaf, features[i].sub, r) &&
	       r[features[i].reg] >> features[i].at & 1;
}

static __u64 property(struct tvm *t, __u32 code)
{
	__u64 value = ~0ULL;

	vmm_get_property(t->part, code, &value);
	return value;
}

/* CPUID, the partition's properties and what the guest can enable are of one mind. */
TEST_F(xstate, masks)
{
	static const __u64 allowed[] = {
		~0ULL, OF_CLOUDS, 0x1807, 0x1803, HV_BIT64(XSAVE), 0,
		~HV_BIT64(AVX), ~HV_BIT64(XSAVE), ~HV_BIT64(4),
	};
	bool host[ARRAY_SIZE(features)], avx, xsave, shown;
	struct tvm *t = &self->t;
	unsigned int i, row;
	__u64 told, states;

	for (row = 0; row < ARRAY_SIZE(allowed); row++) {
		tvm_close(t);
		ASSERT_OK(start_masked(t, allowed[row]));
		told = property(t, HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES);
		states = property(t, HV_PARTITION_PROPERTY_XSAVE_STATES);
		xsave = allowed[row] & HV_BIT64(XSAVE);
		avx = xsave && allowed[row] & HV_BIT64(AVX);
		EXPECT_EQ(0, told & ~allowed[row]);
		for (i = 0; i < ARRAY_SIZE(features); i++) {
			shown = is_shown(t, i);
			if (!row)
				host[i] = shown;
			EXPECT_EQ(host[i] && (allowed[row] >> features[i].bit & 1) &&
				  (avx || !features[i].needs_avx) &&
				  (xsave || features[i].leaf != 0xd), shown) {
				TH_LOG("allowed %#llx, feature %u", allowed[row], features[i].bit);
			}
			if (features[i].told)
				EXPECT_EQ(shown, told >> features[i].bit & 1) {
					TH_LOG("allowed %#llx, feature %u is told", allowed[row],
					       features[i].bit);
				}
		}
		EXPECT_EQ(3, states & 3);
		EXPECT_EQ(host[AVX] && allowed[row] & HV_BIT64(AVX) ? 4 : 0, states & 4);
		if (!self->rules_off)
			EXPECT_EQ(avx && host[AVX], taken(t, 7));
	}
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
