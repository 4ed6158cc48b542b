// SPDX-License-Identifier: GPL-2.0
/*
 * Processor features that the host can offer, in the hypervisor's two banks.
 *
 * Each bit of a bank is a CPUID bit.  Bits for other vendors' processors, and
 * those that CPUID does not report, are missing.
 */
#include <hv/cpuid.h>
#include <hyperv/hv_property.h>
#include <rv/x86.h>
#include "../cpu/fpu.h"
#include "features.h"

enum reg { EAX, EBX, ECX, EDX };

static_assert((int)EDX == HV_CPUID_EDX, "the order of registers");

struct feature {
	u8 bit;
	u32 leaf, sub;
	enum reg reg;
	u8 at;
};

static const struct feature bank0[] = {
	{ 0, 1, 0, ECX, 0 },		/* SSE3 */
	{ 1, 0x80000001, 0, ECX, 0 },	/* LAHF */
	{ 2, 1, 0, ECX, 9 },		/* SSSE3 */
	{ 3, 1, 0, ECX, 19 },		/* SSE4.1 */
	{ 4, 1, 0, ECX, 20 },		/* SSE4.2 */
	{ 5, 0x80000001, 0, ECX, 6 },	/* SSE4A */
	{ 6, 0x80000001, 0, ECX, 11 },	/* XOP */
	{ 7, 1, 0, ECX, 23 },		/* POPCNT */
	{ 8, 1, 0, ECX, 13 },		/* CMPXCHG16B */
	{ 9, 0x80000001, 0, ECX, 4 },	/* ALTMOVCR8 */
	{ 10, 0x80000001, 0, ECX, 5 },	/* LZCNT */
	{ 11, 0x80000001, 0, ECX, 7 },	/* misaligned SSE */
	{ 12, 0x80000001, 0, EDX, 22 },	/* MMX extensions */
	{ 13, 0x80000001, 0, EDX, 31 },	/* 3DNow */
	{ 14, 0x80000001, 0, EDX, 30 },	/* extended 3DNow */
	{ 15, 0x80000001, 0, EDX, 26 },	/* 1 GiB pages */
	{ 16, 1, 0, ECX, 25 },		/* AES */
	{ 17, 1, 0, ECX, 1 },		/* PCLMULQDQ */
	{ 18, 1, 0, ECX, 17 },		/* PCID */
	{ 19, 0x80000001, 0, ECX, 16 },	/* FMA4 */
	{ 20, 1, 0, ECX, 29 },		/* F16C */
	{ 21, 1, 0, ECX, 30 },		/* RDRAND */
	{ 22, 7, 0, EBX, 0 },		/* FSGSBASE */
	{ 23, 7, 0, EBX, 7 },		/* SMEP */
	{ 24, 7, 0, EBX, 9 },		/* ERMS */
	{ 25, 7, 0, EBX, 3 },		/* BMI1 */
	{ 26, 7, 0, EBX, 8 },		/* BMI2 */
	{ 29, 1, 0, ECX, 22 },		/* MOVBE */
	{ 32, 7, 0, EBX, 18 },		/* RDSEED */
	{ 33, 7, 0, EBX, 19 },		/* ADX */
	{ 34, 0x80000001, 0, ECX, 8 },	/* prefetch */
	{ 35, 7, 0, EBX, 20 },		/* SMAP */
	{ 38, 0x80000001, 0, EDX, 27 },	/* RDTSCP */
	{ 39, 7, 0, EBX, 23 },		/* CLFLUSHOPT */
	{ 40, 7, 0, EBX, 24 },		/* CLWB */
	{ 41, 7, 0, EBX, 29 },		/* SHA */
	{ 43, 7, 0, EBX, 10 },		/* INVPCID */
	{ 49, 7, 0, EDX, 4 },		/* FSRM */
	{ 57, 7, 0, ECX, 22 },		/* RDPID */
	{ 58, 7, 0, ECX, 2 },		/* UMIP */
};

static const struct feature bank1[] = {
	{ 1, 0x80000007, 0, EDX, 8 },	/* invariant TSC */
	{ 2, 0x80000008, 0, EBX, 0 },	/* CLZERO */
	{ 13, 7, 0, ECX, 27 },		/* MOVDIRI */
	{ 14, 7, 0, ECX, 28 },		/* MOVDIR64B */
	{ 19, 7, 1, EAX, 10 },		/* FZRM */
	{ 20, 7, 1, EAX, 11 },		/* FSRS */
	{ 21, 7, 1, EAX, 12 },		/* FSRC */
};

static const struct feature xsave[] = {
	{ 0, 1, 0, ECX, 26 },		/* XSAVE */
	{ 1, 0xd, 1, EAX, 0 },		/* XSAVEOPT */
	{ 2, 1, 0, ECX, 28 },		/* AVX */
	{ 3, 7, 0, EBX, 5 },		/* AVX2 */
	{ 4, 1, 0, ECX, 12 },		/* FMA */
	{ 11, 0xd, 1, EAX, 1 },		/* XSAVEC */
	{ 19, 7, 0, ECX, 8 },		/* GFNI */
	{ 20, 7, 0, ECX, 9 },		/* VAES */
	{ 22, 7, 0, ECX, 10 },		/* VPCLMULQDQ */
};

static void processor(const void *context, u32 leaf, u32 sub, u32 *reg)
{
	struct cpuid_regs r = cpuid(leaf, sub);

	memcpy(reg, &r, sizeof(r));
}

static u64 collect(const struct feature *f, u32 n, u64 states)
{
	const struct hv_cpuid_source host = {
		.processor = processor,
		.xcr0 = states,
	};
	u64 bits = 0;

	for (; n; n--, f++) {
		struct cpuid_regs r = cpuid(f->leaf & 0x80000000, 0);
		u32 reg[HV_CPUID_REGS];

		if (f->leaf > r.eax)
			continue;
		hv_cpuid_offer(&host, f->leaf, f->sub, reg);
		if (reg[f->reg] & BIT(f->at))
			bits |= BIT_ULL(f->bit);
	}
	return bits;
}

u64 host_features(u32 bank, u64 states)
{
	return bank ? collect(bank1, ARRAY_SIZE(bank1), states) :
		      collect(bank0, ARRAY_SIZE(bank0), states);
}

u64 host_xsave_features(u64 states)
{
	return collect(xsave, ARRAY_SIZE(xsave), states);
}

u64 host_xsave_size(u64 states)
{
	u64 size = 512 + 64;
	u32 i;

	for (i = 2; i < 63; i++)
		if (states & BIT_ULL(i)) {
			struct cpuid_regs r = cpuid(0xd, i);

			if (r.ecx & BIT(1))
				size = (size + 63) & ~63ull;
			size += r.eax;
		}
	return size;
}

/* Features of SYNTHETIC_PROC_FEATURES that a partition can have. */
u64 assignable_features(void)
{
	return HV_SYNTHETIC_HYPERVISOR_PRESENT | HV_SYNTHETIC_HV1 |
	       HV_SYNTHETIC_ACCESS_VP_RUN_TIME_REG |
	       HV_SYNTHETIC_ACCESS_PARTITION_REFERENCE_COUNTER |
	       HV_SYNTHETIC_ACCESS_SYNIC_REGS |
	       HV_SYNTHETIC_ACCESS_SYNTHETIC_TIMER_REGS |
	       HV_SYNTHETIC_ACCESS_INTR_CTRL_REGS |
	       HV_SYNTHETIC_ACCESS_HYPERCALL_REGS |
	       HV_SYNTHETIC_ACCESS_VP_INDEX |
	       HV_SYNTHETIC_ACCESS_PARTITION_REFERENCE_TSC |
	       HV_SYNTHETIC_ACCESS_GUEST_IDLE_REG |
	       HV_SYNTHETIC_ACCESS_FREQUENCY_REGS |
	       HV_SYNTHETIC_START_VIRTUAL_PROCESSOR |
	       HV_SYNTHETIC_DIRECT_SYNTHETIC_TIMERS |
	       HV_SYNTHETIC_EXTENDED_PROCESSOR_MASKS |
	       HV_SYNTHETIC_TB_FLUSH_HYPERCALLS |
	       HV_SYNTHETIC_CLUSTER_IPI |
	       HV_SYNTHETIC_NOTIFY_LONG_SPIN_WAIT |
	       HV_SYNTHETIC_SIGNAL_EVENTS |
	       HV_SYNTHETIC_ACCESS_VP_REGS;
}

u64 synthetic_privileges(u64 features)
{
	/* Synthetic feature bits 2..11 are the privileges 0..., in another order. */
	static const struct {
		u8 feature, privilege;
	} map[] = {
		{ 2, 0 }, { 3, 1 }, { 4, 2 }, { 5, 3 }, { 6, 4 }, { 7, 5 }, { 8, 6 },
		{ 9, 9 }, { 10, 10 }, { 11, 11 }, { 20, 53 },
		{ 29, 36 }, { 29, 37 },	/* messages have no feature of their own */
		{ 38, 49 },
	};
	u64 bits = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(map); i++)
		if (features & BIT_ULL(map[i].feature))
			bits |= BIT_ULL(map[i].privilege);
	return bits;
}
