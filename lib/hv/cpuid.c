// SPDX-License-Identifier: GPL-2.0
#include "cpuid.h"

#define BIT(n)		(1U << (n))
#define ALL		(~0U)

#define LEAF_BASIC	0
#define LEAF_FEATURES	7
#define LEAF_XSAVE	0xd
#define LEAF_EXTENDED	0x80000000
#define LEAF_SIZES	0x80000008

/* Leaves, and subleaves of 7, above these are of no use to a guest. */
#define LAST_BASIC	0x1fU
#define LAST_FEATURES	1U
#define LAST_EXTENDED	0x80000021U

#define LINEAR_BITS_SHIFT 8
#define LINEAR_BITS_MASK  0xff00U
#define LINEAR_BITS_MAX	  48U

#define FIRST_COMPONENT	2
#define NR_COMPONENTS	63
#define XSAVE_LEGACY	576U
#define COMPONENT_ALIGN	64U
#define COMPONENT_ALIGNED BIT(1)	/* of a component's ECX */
/* Subleaf 1, EAX; XSAVES needs supervisor state, which is not switched. */
#define XSAVEOPT	BIT(0)
#define XSAVEC		BIT(1)
#define XGETBV_1	BIT(2)

/* Features of one register. */
struct feature_row {
	__u32 leaf, sub;
	__u8 reg;
	__u32 native;		/* features that the processor must have */
	__u32 own;		/* features that need nothing of the processor */
	__u64 needs;		/* components that the native features depend on */
};

/* Those that leaf 0x80000001 repeats from EDX of leaf 1. */
#define BASIC_EDX							\
	(BIT(0) | BIT(1) | BIT(2) | BIT(3) |	/* x87, VME, DE, PSE */	\
	 BIT(4) | BIT(5) | BIT(6) |		/* TSC, MSR, PAE */	\
	 BIT(7) | BIT(8) |			/* MCE, CMPXCHG8B */	\
	 BIT(13) | BIT(14) | BIT(15) |		/* PGE, MCA, CMOV */	\
	 BIT(17) | BIT(23) | BIT(24))		/* PSE36, MMX, FXSR */
#define BASIC_EDX_OWN	(BIT(9) | BIT(12) | BIT(16))	/* APIC, MTRR, PAT */

/*
 * Left out, because something of them is not virtualised:
 *   MONITOR, MONITORX, WAITPKG			intercepted, or an MSR of their own
 *   VMX, SVM, SMX, SKINIT, SGX			nested and measured guests
 *   TSC deadline, RDPRU			no such MSR
 *   performance counters, trace, LBR, IBS, LWP
 *   ExtApicSpace				no such registers in the local APIC
 *   SMCA, MCA overflow recovery		no banks
 *   TCE, upper address ignore, automatic IBRS	bits of EFER that are refused
 *   LA57, LASS, LAM, FRED			bits of CR4 that a walk here does not know
 *   PKS, shadow stacks, branch tracking, UINTR, ENQCMD, XFD	supervisor state
 *   MPX, AMX					state that is not switched whole
 *   HLE, RTM, TSXLDTRK				their control MSR
 *   IBRS, IBPB, STIBP, SSBD and their kin, ARCH_CAPABILITIES
 *						the MSR is kept but not loaded
 *   WBNOINVD, INVLPGB				a length that is not known, an intercept
 *   memory encryption, cache allocation, PSN, thermal and power management
 */
static const struct feature_row features[] = {
	{ 1, 0, HV_CPUID_ECX,
	  BIT(0) | BIT(1) | BIT(9) |		/* SSE3, PCLMULQDQ, SSSE3 */
	  BIT(13) | BIT(17) |			/* CMPXCHG16B, PCID */
	  BIT(19) | BIT(20) | BIT(22) |		/* SSE4.1, SSE4.2, MOVBE */
	  BIT(23) | BIT(25) | BIT(30),		/* POPCNT, AES, RDRAND */
	  BIT(21) | BIT(31), 0 },		/* x2APIC, a hypervisor */
	{ 1, 0, HV_CPUID_ECX, BIT(26), BIT(27), HV_XCR0_X87 },	/* XSAVE, OSXSAVE */
	{ 1, 0, HV_CPUID_ECX,
	  BIT(12) | BIT(28) | BIT(29), 0, HV_XCR0_AVX },	/* FMA, AVX, F16C */
	{ 1, 0, HV_CPUID_EDX,
	  BASIC_EDX | BIT(11) | BIT(19) |	/* SYSENTER, CLFLUSH */
	  BIT(25) | BIT(26) | BIT(27),		/* SSE, SSE2, self snoop */
	  BASIC_EDX_OWN | BIT(28), 0 },		/* several processors */
	{ 6, 0, HV_CPUID_EAX, 0, BIT(2), 0 },	/* the APIC timer always runs */
	{ 7, 0, HV_CPUID_EBX,
	  BIT(0) | BIT(3) | BIT(6) |		/* FSGSBASE, BMI1, x87 data pointer */
	  BIT(7) | BIT(8) | BIT(9) |		/* SMEP, BMI2, ERMS */
	  BIT(10) | BIT(13) |			/* INVPCID, x87 selectors */
	  BIT(18) | BIT(19) | BIT(20) |		/* RDSEED, ADX, SMAP */
	  BIT(23) | BIT(24) | BIT(29),		/* CLFLUSHOPT, CLWB, SHA */
	  BIT(1), 0 },				/* TSC_ADJUST */
	{ 7, 0, HV_CPUID_EBX, BIT(5), 0, HV_XCR0_AVX },		/* AVX2 */
	{ 7, 0, HV_CPUID_EBX,
	  BIT(16) | BIT(17) | BIT(21) |		/* AVX-512 F, DQ, IFMA */
	  BIT(26) | BIT(27) | BIT(28) |		/* PF, ER, CD */
	  BIT(30) | BIT(31), 0, HV_XCR0_AVX512 },		/* BW, VL */
	{ 7, 0, HV_CPUID_ECX,
	  BIT(0) | BIT(2) | BIT(8) |		/* PREFETCHWT1, UMIP, GFNI */
	  BIT(22) | BIT(25) |			/* RDPID, CLDEMOTE */
	  BIT(27) | BIT(28), 0, 0 },		/* MOVDIRI, MOVDIR64B */
	{ 7, 0, HV_CPUID_ECX, BIT(3), BIT(4), HV_XCR0_PKRU },	/* PKU, OSPKE */
	{ 7, 0, HV_CPUID_ECX,
	  BIT(9) | BIT(10), 0, HV_XCR0_AVX },	/* VAES, VPCLMULQDQ */
	{ 7, 0, HV_CPUID_ECX,
	  BIT(1) | BIT(6) | BIT(11) |		/* VBMI, VBMI2, VNNI */
	  BIT(12) | BIT(14), 0, HV_XCR0_AVX512 },		/* BITALG, VPOPCNTDQ */
	{ 7, 0, HV_CPUID_EDX,
	  BIT(4) | BIT(10) | BIT(14), 0, 0 },	/* FSRM, MD_CLEAR, SERIALIZE */
	{ 7, 0, HV_CPUID_EDX,
	  BIT(2) | BIT(3) | BIT(8) | BIT(23), 0, HV_XCR0_AVX512 },
	{ 7, 1, HV_CPUID_EAX,
	  BIT(7) | BIT(10) | BIT(11) | BIT(12), 0, 0 },	/* CMPCCXADD, fast strings */
	{ 7, 1, HV_CPUID_EAX,
	  BIT(0) | BIT(1) | BIT(2) |		/* SHA512, SM3, SM4 */
	  BIT(4) | BIT(23), 0, HV_XCR0_AVX },	/* AVX-VNNI, AVX-IFMA */
	{ 7, 1, HV_CPUID_EAX, BIT(5), 0, HV_XCR0_AVX512 },	/* BF16 */
	{ 7, 1, HV_CPUID_EDX, BIT(14), 0, 0 },	/* PREFETCHI */
	{ 7, 1, HV_CPUID_EDX,
	  BIT(4) | BIT(5) | BIT(10), 0, HV_XCR0_AVX },	/* AVX-VNNI 8, 16, NE-CONVERT */
	{ 0x80000001, 0, HV_CPUID_ECX,
	  BIT(0) | BIT(4) | BIT(5) |		/* LAHF, another MOV to CR8, LZCNT */
	  BIT(6) | BIT(7) |			/* SSE4A, misaligned SSE */
	  BIT(8) | BIT(21),			/* PREFETCHW, TBM */
	  BIT(1) | BIT(22), 0 },		/* several are cores, with leaves for that */
	{ 0x80000001, 0, HV_CPUID_ECX,
	  BIT(11) | BIT(16), 0, HV_XCR0_AVX },	/* XOP, FMA4 */
	{ 0x80000001, 0, HV_CPUID_EDX,
	  BASIC_EDX | BIT(11) | BIT(20) |	/* SYSCALL, NX */
	  BIT(22) | BIT(25) |			/* more of MMX, FFXSR */
	  BIT(26) | BIT(27) | BIT(29) |		/* 1 GiB pages, RDTSCP, long mode */
	  BIT(30) | BIT(31),			/* 3DNow */
	  BASIC_EDX_OWN, 0 },
	{ 0x80000007, 0, HV_CPUID_EDX, BIT(8), 0, 0 },		/* invariant TSC */
	{ LEAF_SIZES, 0, HV_CPUID_EBX,
	  BIT(0) | BIT(2), 0, 0 },		/* CLZERO, error pointers of XSAVE */
	{ 0x80000021, 0, HV_CPUID_EAX,
	  BIT(0) | BIT(1) | BIT(2) |		/* breakpoints, WRMSR, LFENCE */
	  BIT(6) | BIT(10) | BIT(11), 0, 0 },	/* null selectors, fast strings */
};

/* Values of a leaf that are not features. */
static const struct data_row {
	__u32 leaf;
	__u32 mask[HV_CPUID_REGS];	/* by register */
	__u8 absent;	/* the values describe the real processor: show only a VMM's */
} data[] = {
	{ LEAF_BASIC, { ALL, ALL, ALL, ALL }, 0 },
	{ 1, { ALL, ALL, 0, 0 }, 0 },
	{ 2, { ALL, ALL, ALL, ALL }, 0 },			/* caches */
	{ 4, { ALL, ALL, ALL, ALL }, 0 },
	{ LEAF_FEATURES, { ALL, 0, 0, 0 }, 0 },
	{ 0xb, { ALL, ALL, ALL, ALL }, 1 },			/* topology */
	{ 0x15, { ALL, ALL, ALL, ALL }, 1 },			/* clock rates */
	{ 0x16, { ALL, ALL, ALL, ALL }, 1 },
	{ 0x1f, { ALL, ALL, ALL, ALL }, 1 },			/* topology */
	{ LEAF_EXTENDED, { ALL, ALL, ALL, ALL }, 0 },
	{ 0x80000001, { ALL, ALL, 0, 0 }, 0 },
	{ 0x80000002, { ALL, ALL, ALL, ALL }, 0 },		/* name */
	{ 0x80000003, { ALL, ALL, ALL, ALL }, 0 },
	{ 0x80000004, { ALL, ALL, ALL, ALL }, 0 },
	{ 0x80000005, { ALL, ALL, ALL, ALL }, 0 },		/* caches and TLBs */
	{ 0x80000006, { ALL, ALL, ALL, ALL }, 0 },
	{ LEAF_SIZES, { 0xffff, 0, 0xf0ff, 0 }, 0 },		/* addresses, processors */
	{ 0x80000019, { ALL, ALL, 0, 0 }, 0 },		/* TLBs */
	{ 0x8000001a, { 0x7, 0, 0, 0 }, 0 },			/* widths of units */
	{ 0x8000001d, { ALL, ALL, ALL, ALL }, 1 },		/* caches with topology */
	{ 0x8000001e, { ALL, ALL, ALL, 0 }, 1 },		/* topology */
	{ 0x80000026, { ALL, ALL, ALL, ALL }, 1 },
};

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static __u32 at_most(__u32 value, __u32 limit)
{
	return value < limit ? value : limit;
}

static int has_subleaves(__u32 leaf)
{
	return leaf == LEAF_FEATURES;
}

static void zero(__u32 *r)
{
	for (unsigned int i = 0; i < HV_CPUID_REGS; i++)
		r[i] = 0;
}

/* ---- features and data ----------------------------------------------------------- */

static void features_of(const struct hv_cpuid_source *s, __u32 leaf, __u32 sub,
			__u32 *native, __u32 *own)
{
	zero(native);
	zero(own);
	for (unsigned int i = 0; i < ARRAY_SIZE(features); i++) {
		const struct feature_row *row = &features[i];

		if (row->leaf != leaf || (has_subleaves(leaf) && row->sub != sub) ||
		    (s->xcr0 & row->needs) != row->needs)
			continue;
		native[row->reg] |= row->native;
		own[row->reg] |= row->own;
	}
}

static void data_of(__u32 leaf, __u32 sub, int vmm, __u32 *mask)
{
	zero(mask);
	if (has_subleaves(leaf) && sub)
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(data); i++)
		if (data[i].leaf == leaf && (vmm || !data[i].absent))
			for (unsigned int n = 0; n < HV_CPUID_REGS; n++)
				mask[n] = data[i].mask[n];
}

/* Limit values to what a guest can use. */
static void clip(__u32 leaf, __u32 sub, __u32 *r)
{
	__u32 bits;

	switch (leaf) {
	case LEAF_BASIC:
		r[HV_CPUID_EAX] = at_most(r[HV_CPUID_EAX], LAST_BASIC);
		break;
	case LEAF_FEATURES:
		if (!sub)
			r[HV_CPUID_EAX] = at_most(r[HV_CPUID_EAX], LAST_FEATURES);
		break;
	case LEAF_EXTENDED:
		r[HV_CPUID_EAX] = at_most(r[HV_CPUID_EAX], LAST_EXTENDED);
		break;
	case LEAF_SIZES:
		bits = (r[HV_CPUID_EAX] & LINEAR_BITS_MASK) >> LINEAR_BITS_SHIFT;
		r[HV_CPUID_EAX] &= ~LINEAR_BITS_MASK;
		r[HV_CPUID_EAX] |= at_most(bits, LINEAR_BITS_MAX) << LINEAR_BITS_SHIFT;
		break;
	}
}

/* ---- extended state ---------------------------------------------------------------- */

/*
 * Size in bytes of an area with these components, in the format of XSAVE or of
 * XSAVEC.
 */
static __u32 area_size(const struct hv_cpuid_source *s, __u64 components, int compact)
{
	__u32 size = XSAVE_LEGACY, end, r[HV_CPUID_REGS];

	for (unsigned int i = FIRST_COMPONENT; i < NR_COMPONENTS; i++) {
		if (!(components >> i & 1))
			continue;
		s->processor(s->context, LEAF_XSAVE, i, r);
		if (compact && (r[HV_CPUID_ECX] & COMPONENT_ALIGNED))
			size = (size + COMPONENT_ALIGN - 1) & ~(COMPONENT_ALIGN - 1);
		end = compact ? size + r[HV_CPUID_EAX] :
				r[HV_CPUID_EBX] + r[HV_CPUID_EAX];
		size = end > size ? end : size;
	}
	return size;
}

static void xsave_sizes(const struct hv_cpuid_source *s, __u64 components, __u32 *r)
{
	r[HV_CPUID_EAX] = (__u32)components;
	r[HV_CPUID_EBX] = area_size(s, s->xcr0_now & components, 0);
	r[HV_CPUID_ECX] = area_size(s, components, 0);
	r[HV_CPUID_EDX] = components >> 32;
}

/* The leaf, as far as it was requested: what it says of components is always correct. */
static void xsave_leaf(const struct hv_cpuid_source *s, __u32 sub, const __u32 *asked,
		       __u32 *r)
{
	__u64 components = s->xcr0;

	zero(r);
	if (sub >= NR_COMPONENTS || !components)
		return;
	if (!sub) {
		components &= (__u64)asked[HV_CPUID_EDX] << 32 | asked[HV_CPUID_EAX];
		xsave_sizes(s, components, r);
		return;
	}
	if (sub != 1 && !(components >> sub & 1))
		return;
	s->processor(s->context, LEAF_XSAVE, sub, r);
	r[HV_CPUID_EDX] = 0;
	if (sub != 1) {
		r[HV_CPUID_ECX] &= COMPONENT_ALIGNED;
		return;
	}
	r[HV_CPUID_EAX] &= asked[HV_CPUID_EAX] & (XSAVEOPT | XSAVEC | XGETBV_1);
	r[HV_CPUID_EBX] = r[HV_CPUID_EAX] & XSAVEC ?
			  area_size(s, s->xcr0_now & components, 1) : 0;
	r[HV_CPUID_ECX] = 0;
}

/* ---- all ------------------------------------------------------------------------------ */

void hv_cpuid_offer(const struct hv_cpuid_source *s, __u32 leaf, __u32 sub, __u32 *r)
{
	static const __u32 everything[HV_CPUID_REGS] = { ALL, ALL, ALL, ALL };
	__u32 native[HV_CPUID_REGS], own[HV_CPUID_REGS], values[HV_CPUID_REGS];

	if (leaf == LEAF_XSAVE) {
		xsave_leaf(s, sub, everything, r);
		return;
	}
	s->processor(s->context, leaf, sub, r);
	features_of(s, leaf, sub, native, own);
	data_of(leaf, sub, 0, values);
	for (unsigned int i = 0; i < HV_CPUID_REGS; i++)
		r[i] &= native[i] | values[i];
	clip(leaf, sub, r);
}

void hv_cpuid_limit(const struct hv_cpuid_source *s, __u32 leaf, __u32 sub, __u32 *r)
{
	__u32 native[HV_CPUID_REGS], own[HV_CPUID_REGS], values[HV_CPUID_REGS];
	__u32 processor[HV_CPUID_REGS], asked[HV_CPUID_REGS];

	if (leaf == LEAF_XSAVE) {
		for (unsigned int i = 0; i < HV_CPUID_REGS; i++)
			asked[i] = r[i];
		xsave_leaf(s, sub, asked, r);
		return;
	}
	s->processor(s->context, leaf, sub, processor);
	features_of(s, leaf, sub, native, own);
	data_of(leaf, sub, 1, values);
	for (unsigned int i = 0; i < HV_CPUID_REGS; i++)
		r[i] &= (native[i] & processor[i]) | own[i] | values[i];
	clip(leaf, sub, r);
}
