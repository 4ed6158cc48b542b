// SPDX-License-Identifier: GPL-2.0
/*
 * What of a processor's CPUID is shown to a guest: leaves of all ones, of all
 * zeros, and those of QEMU's models.
 *
 * The expected bits are typed from the processor manuals by number, so that an
 * error in the list is found.  A bit that is missing here must not be shown.
 */
#include <string.h>

#include <hv/cpuid.h>

#include "tap.h"

#define XCR0_ALL	0x2e7ULL
#define X2(n)		(1U << (n))
#define EXTENDED	0x80000000U

struct cpuid_row {
	__u32 leaf, sub;
	__u32 reg[HV_CPUID_REGS];
};

struct cpuid_model {
	const char *name;
	const struct cpuid_row *rows;
	unsigned int count;
};

#define MODEL(rows, name)	{ name, rows, ARRAY_SIZE(rows) }

#include "cpuid-models.h"

/* Every feature that a guest may see, and the state that it depends on. */
static const struct bit {
	__u32 leaf, sub;
	int reg;
	__u8 first, last;	/* bits */
	__u64 needs;
	int own;
} bits[] = {
	{ 1, 0, HV_CPUID_ECX, 0, 1, 0, 0 },
	{ 1, 0, HV_CPUID_ECX, 9, 9, 0, 0 },
	{ 1, 0, HV_CPUID_ECX, 12, 12, 0x4, 0 },
	{ 1, 0, HV_CPUID_ECX, 13, 13, 0, 0 },
	{ 1, 0, HV_CPUID_ECX, 17, 17, 0, 0 },
	{ 1, 0, HV_CPUID_ECX, 19, 20, 0, 0 },
	{ 1, 0, HV_CPUID_ECX, 21, 21, 0, 1 },
	{ 1, 0, HV_CPUID_ECX, 22, 23, 0, 0 },
	{ 1, 0, HV_CPUID_ECX, 25, 25, 0, 0 },
	{ 1, 0, HV_CPUID_ECX, 26, 26, 0x1, 0 },
	{ 1, 0, HV_CPUID_ECX, 27, 27, 0x1, 1 },
	{ 1, 0, HV_CPUID_ECX, 28, 29, 0x4, 0 },
	{ 1, 0, HV_CPUID_ECX, 30, 30, 0, 0 },
	{ 1, 0, HV_CPUID_ECX, 31, 31, 0, 1 },
	{ 1, 0, HV_CPUID_EDX, 0, 8, 0, 0 },
	{ 1, 0, HV_CPUID_EDX, 9, 9, 0, 1 },
	{ 1, 0, HV_CPUID_EDX, 11, 11, 0, 0 },
	{ 1, 0, HV_CPUID_EDX, 12, 12, 0, 1 },
	{ 1, 0, HV_CPUID_EDX, 13, 15, 0, 0 },
	{ 1, 0, HV_CPUID_EDX, 16, 16, 0, 1 },
	{ 1, 0, HV_CPUID_EDX, 17, 17, 0, 0 },
	{ 1, 0, HV_CPUID_EDX, 19, 19, 0, 0 },
	{ 1, 0, HV_CPUID_EDX, 23, 27, 0, 0 },
	{ 1, 0, HV_CPUID_EDX, 28, 28, 0, 1 },
	{ 6, 0, HV_CPUID_EAX, 2, 2, 0, 1 },
	{ 7, 0, HV_CPUID_EBX, 0, 0, 0, 0 },
	{ 7, 0, HV_CPUID_EBX, 1, 1, 0, 1 },
	{ 7, 0, HV_CPUID_EBX, 3, 3, 0, 0 },
	{ 7, 0, HV_CPUID_EBX, 5, 5, 0x4, 0 },
	{ 7, 0, HV_CPUID_EBX, 6, 10, 0, 0 },
	{ 7, 0, HV_CPUID_EBX, 13, 13, 0, 0 },
	{ 7, 0, HV_CPUID_EBX, 16, 17, 0xe0, 0 },
	{ 7, 0, HV_CPUID_EBX, 18, 20, 0, 0 },
	{ 7, 0, HV_CPUID_EBX, 21, 21, 0xe0, 0 },
	{ 7, 0, HV_CPUID_EBX, 23, 24, 0, 0 },
	{ 7, 0, HV_CPUID_EBX, 26, 28, 0xe0, 0 },
	{ 7, 0, HV_CPUID_EBX, 29, 29, 0, 0 },
	{ 7, 0, HV_CPUID_EBX, 30, 31, 0xe0, 0 },
	{ 7, 0, HV_CPUID_ECX, 0, 0, 0, 0 },
	{ 7, 0, HV_CPUID_ECX, 1, 1, 0xe0, 0 },
	{ 7, 0, HV_CPUID_ECX, 2, 2, 0, 0 },
	{ 7, 0, HV_CPUID_ECX, 3, 3, 0x200, 0 },
	{ 7, 0, HV_CPUID_ECX, 4, 4, 0x200, 1 },
	{ 7, 0, HV_CPUID_ECX, 6, 6, 0xe0, 0 },
	{ 7, 0, HV_CPUID_ECX, 8, 8, 0, 0 },
	{ 7, 0, HV_CPUID_ECX, 9, 10, 0x4, 0 },
	{ 7, 0, HV_CPUID_ECX, 11, 12, 0xe0, 0 },
	{ 7, 0, HV_CPUID_ECX, 14, 14, 0xe0, 0 },
	{ 7, 0, HV_CPUID_ECX, 22, 22, 0, 0 },
	{ 7, 0, HV_CPUID_ECX, 25, 25, 0, 0 },
	{ 7, 0, HV_CPUID_ECX, 27, 28, 0, 0 },
	{ 7, 0, HV_CPUID_EDX, 2, 3, 0xe0, 0 },
	{ 7, 0, HV_CPUID_EDX, 4, 4, 0, 0 },
	{ 7, 0, HV_CPUID_EDX, 8, 8, 0xe0, 0 },
	{ 7, 0, HV_CPUID_EDX, 10, 10, 0, 0 },
	{ 7, 0, HV_CPUID_EDX, 14, 14, 0, 0 },
	{ 7, 0, HV_CPUID_EDX, 23, 23, 0xe0, 0 },
	{ 7, 1, HV_CPUID_EAX, 0, 2, 0x4, 0 },
	{ 7, 1, HV_CPUID_EAX, 4, 4, 0x4, 0 },
	{ 7, 1, HV_CPUID_EAX, 5, 5, 0xe0, 0 },
	{ 7, 1, HV_CPUID_EAX, 7, 7, 0, 0 },
	{ 7, 1, HV_CPUID_EAX, 10, 12, 0, 0 },
	{ 7, 1, HV_CPUID_EAX, 23, 23, 0x4, 0 },
	{ 7, 1, HV_CPUID_EDX, 4, 5, 0x4, 0 },
	{ 7, 1, HV_CPUID_EDX, 10, 10, 0x4, 0 },
	{ 7, 1, HV_CPUID_EDX, 14, 14, 0, 0 },
	{ EXTENDED | 1, 0, HV_CPUID_ECX, 0, 0, 0, 0 },
	{ EXTENDED | 1, 0, HV_CPUID_ECX, 1, 1, 0, 1 },
	{ EXTENDED | 1, 0, HV_CPUID_ECX, 4, 8, 0, 0 },
	{ EXTENDED | 1, 0, HV_CPUID_ECX, 11, 11, 0x4, 0 },
	{ EXTENDED | 1, 0, HV_CPUID_ECX, 16, 16, 0x4, 0 },
	{ EXTENDED | 1, 0, HV_CPUID_ECX, 21, 21, 0, 0 },
	{ EXTENDED | 1, 0, HV_CPUID_ECX, 22, 22, 0, 1 },
	{ EXTENDED | 1, 0, HV_CPUID_EDX, 0, 8, 0, 0 },
	{ EXTENDED | 1, 0, HV_CPUID_EDX, 9, 9, 0, 1 },
	{ EXTENDED | 1, 0, HV_CPUID_EDX, 11, 11, 0, 0 },
	{ EXTENDED | 1, 0, HV_CPUID_EDX, 12, 12, 0, 1 },
	{ EXTENDED | 1, 0, HV_CPUID_EDX, 13, 15, 0, 0 },
	{ EXTENDED | 1, 0, HV_CPUID_EDX, 16, 16, 0, 1 },
	{ EXTENDED | 1, 0, HV_CPUID_EDX, 17, 17, 0, 0 },
	{ EXTENDED | 1, 0, HV_CPUID_EDX, 20, 20, 0, 0 },
	{ EXTENDED | 1, 0, HV_CPUID_EDX, 22, 27, 0, 0 },
	{ EXTENDED | 1, 0, HV_CPUID_EDX, 29, 31, 0, 0 },
	{ EXTENDED | 7, 0, HV_CPUID_EDX, 8, 8, 0, 0 },
	{ EXTENDED | 8, 0, HV_CPUID_EBX, 0, 0, 0, 0 },
	{ EXTENDED | 8, 0, HV_CPUID_EBX, 2, 2, 0, 0 },
	{ EXTENDED | 0x21, 0, HV_CPUID_EAX, 0, 2, 0, 0 },
	{ EXTENDED | 0x21, 0, HV_CPUID_EAX, 6, 6, 0, 0 },
	{ EXTENDED | 0x21, 0, HV_CPUID_EAX, 10, 11, 0, 0 },
};

/*
 * Registers that hold values and not features: if the VMM registers them, else
 * always.
 */
static const struct values {
	__u32 leaf, sub;
	__u8 registers;		/* a bit for each */
	__u8 of_vmm;		/* not the processor's own */
} values[] = {
	{ 0, 0, 0xf, 0 }, { 1, 0, 0x3, 0 }, { 2, 0, 0xf, 0 }, { 4, 0, 0xf, 0 },
	{ 4, 1, 0xf, 0 }, { 7, 0, 0x1, 0 }, { 0xb, 0, 0xf, 1 }, { 0xb, 1, 0xf, 1 },
	{ 0x15, 0, 0xf, 1 }, { 0x16, 0, 0xf, 1 }, { 0x1f, 0, 0xf, 1 }, { 0x1f, 1, 0xf, 1 },
	{ EXTENDED, 0, 0xf, 0 }, { EXTENDED | 1, 0, 0x3, 0 },
	{ EXTENDED | 2, 0, 0xf, 0 }, { EXTENDED | 3, 0, 0xf, 0 },
	{ EXTENDED | 4, 0, 0xf, 0 }, { EXTENDED | 5, 0, 0xf, 0 },
	{ EXTENDED | 6, 0, 0xf, 0 }, { EXTENDED | 8, 0, 0x5, 0 },
	{ EXTENDED | 0x19, 0, 0x3, 0 }, { EXTENDED | 0x1a, 0, 0x1, 0 },
	{ EXTENDED | 0x1d, 0, 0xf, 1 }, { EXTENDED | 0x1d, 1, 0xf, 1 },
	{ EXTENDED | 0x1e, 0, 0x7, 1 }, { EXTENDED | 0x26, 0, 0xf, 1 },
	{ EXTENDED | 0x26, 1, 0xf, 1 },
};

static int has_sub(__u32 leaf)
{
	return leaf == 4 || leaf == 7 || leaf == 0xb || leaf == 0x1f ||
	       leaf == (EXTENDED | 0x1d) || leaf == (EXTENDED | 0x26);
}

static int same(__u32 leaf, __u32 sub, __u32 of_leaf, __u32 of_sub)
{
	return leaf == of_leaf && (sub == of_sub || !has_sub(leaf));
}

static __u32 values_mask(__u32 leaf, int reg)
{
	if (leaf == (EXTENDED | 8))
		return reg == HV_CPUID_EAX ? 0xffff : 0xf0ff;
	return leaf == (EXTENDED | 0x1a) ? 7 : ~0U;
}

/* What may be shown: with @vmm of a VMM's leaf, else of the processor's. */
static __u32 allowed(__u32 leaf, __u32 sub, int reg, __u64 xcr0, int vmm, __u32 native)
{
	__u32 mask = 0, n, span;

	for (n = 0; n < ARRAY_SIZE(bits); n++) {
		const struct bit *b = &bits[n];

		if (!same(leaf, sub, b->leaf, b->sub) || b->reg != reg ||
		    (xcr0 & b->needs) != b->needs)
			continue;
		span = (~0U >> (31 - b->last)) & (~0U << b->first);
		if (b->own)
			mask |= vmm ? span : 0;
		else
			mask |= span & native;
	}
	for (n = 0; n < ARRAY_SIZE(values); n++)
		if (same(leaf, sub, values[n].leaf, values[n].sub) &&
		    (values[n].registers >> reg & 1) && (vmm || !values[n].of_vmm))
			mask = values_mask(leaf, reg);
	return mask;
}

/* ---- processors -------------------------------------------------------------------- */

static void all_ones(const void *context, __u32 leaf, __u32 sub, __u32 *r)
{
	(void)context;
	(void)leaf;
	(void)sub;
	memset(r, 0xff, HV_CPUID_REGS * sizeof(*r));
}

static void all_zeros(const void *context, __u32 leaf, __u32 sub, __u32 *r)
{
	(void)context;
	(void)leaf;
	(void)sub;
	memset(r, 0, HV_CPUID_REGS * sizeof(*r));
}

static void recorded(const void *context, __u32 leaf, __u32 sub, __u32 *r)
{
	const struct cpuid_model *m = context;

	memset(r, 0, HV_CPUID_REGS * sizeof(*r));
	for (unsigned int i = 0; i < m->count; i++)
		if (m->rows[i].leaf == leaf && m->rows[i].sub == sub)
			memcpy(r, m->rows[i].reg, sizeof(m->rows[i].reg));
}

/* ---- tests ---------------------------------------------------------------------------- */

/* Values that are limited. */
static int clipped(__u32 leaf, __u32 sub, int reg)
{
	return reg == HV_CPUID_EAX && (leaf == 0 || leaf == EXTENDED ||
				       leaf == (EXTENDED | 8) || (leaf == 7 && !sub));
}

/* No bits but those of the tables; and all of these, if the processor has them. */
static void check_leaf(const struct hv_cpuid_source *s, __u32 leaf, __u32 sub)
{
	__u32 native[HV_CPUID_REGS], r[HV_CPUID_REGS], want;

	if (leaf == 0xd)
		return;
	s->processor(s->context, leaf, sub, native);
	hv_cpuid_offer(s, leaf, sub, r);
	for (int i = 0; i < HV_CPUID_REGS; i++) {
		want = native[i] & allowed(leaf, sub, i, s->xcr0, 0, native[i]);
		tap_check(r[i] == want || (clipped(leaf, sub, i) && r[i] < want),
			  "leaf %#x.%u register %d: %#x and not %#x", leaf, sub, i, r[i], want);
	}
	/* A VMM that registers everything. */
	memset(r, 0xff, sizeof(r));
	hv_cpuid_limit(s, leaf, sub, r);
	for (int i = 0; i < HV_CPUID_REGS; i++) {
		want = allowed(leaf, sub, i, s->xcr0, 1, native[i]);
		tap_check(r[i] == want || (clipped(leaf, sub, i) && r[i] < want),
			  "leaf %#x.%u register %d of a VMM: %#x and not %#x", leaf, sub, i,
			  r[i], want);
	}
	/* And one that registers nothing. */
	memset(r, 0, sizeof(r));
	hv_cpuid_limit(s, leaf, sub, r);
	for (int i = 0; i < HV_CPUID_REGS; i++)
		tap_check(!r[i], "leaf %#x.%u register %d: %#x out of nothing", leaf, sub, i,
			  r[i]);
}

static void check_range(const struct hv_cpuid_source *s, __u32 first, __u32 count)
{
	for (__u32 leaf = first; leaf < first + count; leaf++)
		for (__u32 sub = 0; sub < (has_sub(leaf) ? 2 : 1); sub++)
			check_leaf(s, leaf, sub);
	check_leaf(s, 7, 2);
}

static void check_all(const struct hv_cpuid_source *s)
{
	check_range(s, 0, 0x40);
	check_range(s, EXTENDED, 0x40);
	check_range(s, 0x80860000, 8);
	check_range(s, 0xc0000000, 8);
}

static void test_extremes(void)
{
	static const __u64 xcr0[] = { 0, 1, 3, 7, 0xe7, 0x203, XCR0_ALL };
	struct hv_cpuid_source s = { .processor = all_ones };
	__u32 r[HV_CPUID_REGS];

	for (unsigned int i = 0; i < ARRAY_SIZE(xcr0); i++) {
		s.xcr0 = xcr0[i];
		check_all(&s);
	}
	hv_cpuid_offer(&s, EXTENDED | 1, 0, r);
	tap_check(!(r[HV_CPUID_ECX] & X2(29)), "MONITORX");
	tap_check(!(r[HV_CPUID_ECX] & X2(3)), "ExtApicSpace");
	memset(r, 0xff, sizeof(r));
	hv_cpuid_limit(&s, 7, 0, r);
	tap_check(!(r[HV_CPUID_ECX] & X2(31)), "PKS of a VMM");
	hv_cpuid_offer(&s, 0, 0, r);
	tap_check(r[HV_CPUID_EAX] == 0x1f, "last leaf %#x", r[HV_CPUID_EAX]);
	hv_cpuid_offer(&s, EXTENDED, 0, r);
	tap_check(r[HV_CPUID_EAX] == 0x80000021, "last leaf %#x", r[HV_CPUID_EAX]);
	hv_cpuid_offer(&s, EXTENDED | 8, 0, r);
	tap_check(r[HV_CPUID_EAX] == 0x30ff, "addresses %#x", r[HV_CPUID_EAX]);
	tap_group("leaves of all ones");

	s.processor = all_zeros;
	for (unsigned int i = 0; i < ARRAY_SIZE(xcr0); i++) {
		s.xcr0 = xcr0[i];
		check_all(&s);
	}
	tap_group("leaves of all zeros");
}

/* Components 2, 5 to 7 and 9 with sizes of a real processor; 6 is aligned. */
static void components(const void *context, __u32 leaf, __u32 sub, __u32 *r)
{
	static const struct cpuid_row rows[] = {
		{ 0xd, 0, { ~0U, 1, 2, ~0U } },
		{ 0xd, 1, { ~0U, 0, ~0U, ~0U } },
		{ 0xd, 2, { 256, 576, 4, 5 } },
		{ 0xd, 5, { 64, 1088, 0, 0 } },
		{ 0xd, 6, { 512, 1152, 6, 0 } },
		{ 0xd, 7, { 1024, 1664, 0, 0 } },
		{ 0xd, 9, { 8, 2688, 0, 0 } },
		{ 0xd, 11, { 16, 0, 1, 0 } },
	};
	const struct cpuid_model m = { "", rows, ARRAY_SIZE(rows) };

	(void)context;
	recorded(&m, leaf, sub, r);
}

static void check_xsave(__u64 offered, __u64 now, __u32 ask, const __u32 *sizes)
{
	struct hv_cpuid_source s = { components, NULL, offered, now };
	__u32 r[HV_CPUID_REGS] = { ask, ~0U, ~0U, ~0U };

	hv_cpuid_limit(&s, 0xd, 0, r);
	tap_check(r[0] == (ask & offered) && r[1] == sizes[0] && r[2] == sizes[1] && !r[3],
		  "%#llx of %#llx: %#x, sizes %u %u", now, offered, r[0], r[1], r[2]);
	memset(r, 0xff, sizeof(r));
	hv_cpuid_limit(&s, 0xd, 1, r);
	tap_check(r[0] == 7 && r[1] == sizes[2] && !r[2] && !r[3],
		  "%#llx of %#llx, compact: %#x, size %u", now, offered, r[0], r[1]);
}

static void test_xsave(void)
{
	struct hv_cpuid_source s = { components, NULL, XCR0_ALL, 1 };
	__u32 r[HV_CPUID_REGS];

	check_xsave(3, 1, ~0U, (__u32[]){ 576, 576, 576 });
	check_xsave(7, 3, ~0U, (__u32[]){ 576, 832, 576 });
	check_xsave(7, 7, ~0U, (__u32[]){ 832, 832, 832 });
	check_xsave(XCR0_ALL, 7, ~0U, (__u32[]){ 832, 2696, 832 });
	check_xsave(XCR0_ALL, XCR0_ALL, ~0U,
		    (__u32[]){ 2696, 2696, 576 + 256 + 64 + 512 + 1024 + 8 });
	/* AVX, masks, PKRU: in the compact area nothing lies between them. */
	check_xsave(XCR0_ALL, 0x203, ~0U, (__u32[]){ 2696, 2696, 584 });
	/* A VMM may leave out some. */
	check_xsave(XCR0_ALL, 3, 7, (__u32[]){ 576, 832, 576 });
	hv_cpuid_offer(&s, 0xd, 2, r);
	tap_check(r[0] == 256 && r[1] == 576 && !r[2] && !r[3], "component 2");
	hv_cpuid_offer(&s, 0xd, 6, r);
	tap_check(r[0] == 512 && r[1] == 1152 && r[2] == 2 && !r[3], "component 6");
	hv_cpuid_offer(&s, 0xd, 11, r);
	tap_check(!(r[0] | r[1] | r[2] | r[3]), "supervisor state");
	memset(r, 0, sizeof(r));
	hv_cpuid_limit(&s, 0xd, 1, r);
	tap_check(!(r[0] | r[1] | r[2] | r[3]), "no XSAVEC, no size");
	s.xcr0 = 0;
	for (unsigned int sub = 0; sub < 64; sub++) {
		hv_cpuid_offer(&s, 0xd, sub, r);
		tap_check(!(r[0] | r[1] | r[2] | r[3]), "no XSAVE, subleaf %u", sub);
	}
	tap_group("extended state");
}

static int has(const struct hv_cpuid_source *s, __u32 leaf, int reg, int bit)
{
	__u32 r[HV_CPUID_REGS];

	hv_cpuid_offer(s, leaf, 0, r);
	return r[reg] >> bit & 1;
}

static void test_models(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(models); i++) {
		struct hv_cpuid_source s = { recorded, &models[i], 0, 1 };
		__u32 r[HV_CPUID_REGS];

		recorded(&models[i], 0xd, 0, r);
		s.xcr0 = hv_xcr0_offer((((__u64)r[3] << 32) | r[0]) & HV_CPUID_XCR0);
		check_all(&s);
		tap_check(has(&s, EXTENDED | 1, HV_CPUID_EDX, 29), "long mode");
		tap_check(has(&s, 1, HV_CPUID_ECX, 28) <= has(&s, 1, HV_CPUID_ECX, 26),
			  "AVX without XSAVE");
		hv_cpuid_offer(&s, 0xd, 1, r);
		tap_check(!(r[0] & 2) || r[1] >= 576, "XSAVEC with a size of %u", r[1]);
		tap_group(models[i].name);
	}
}

int main(void)
{
	test_extremes();
	test_xsave();
	test_models();
	return tap_end();
}
