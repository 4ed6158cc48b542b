/* SPDX-License-Identifier: GPL-2.0 */
/* Processor access: one inline function per instruction, and the numbers. */
#ifndef _RV_X86_H
#define _RV_X86_H

#include <rv/base.h>

#define MSR_TSC			0x00000010
#define MSR_APIC_BASE		0x0000001b
#define MSR_SPEC_CTRL		0x00000048
#define MSR_PRED_CMD		0x00000049
#define MSR_TSC_ADJUST		0x0000003b
#define MSR_MTRR_CAP		0x000000fe
#define MSR_SYSENTER_CS		0x00000174
#define MSR_SYSENTER_ESP	0x00000175
#define MSR_SYSENTER_EIP	0x00000176
#define MSR_MCG_CAP		0x00000179
#define MSR_MCG_STATUS		0x0000017a
#define MSR_MISC_ENABLE		0x000001a0
#define MSR_MTRR_PHYS_BASE0	0x00000200
#define MSR_MTRR_FIX64K		0x00000250
#define MSR_MTRR_FIX16K_80000	0x00000258
#define MSR_MTRR_FIX4K_C0000	0x00000268
#define MSR_PAT			0x00000277
#define MSR_MTRR_DEF_TYPE	0x000002ff
#define MSR_TSC_DEADLINE	0x000006e0
#define MSR_XSS			0x00000da0
#define MSR_X2APIC		0x00000800
#define MSR_EFER		0xc0000080
#define MSR_STAR		0xc0000081
#define MSR_LSTAR		0xc0000082
#define MSR_CSTAR		0xc0000083
#define MSR_SFMASK		0xc0000084
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_KERNEL_GS_BASE	0xc0000102
#define MSR_TSC_AUX		0xc0000103
#define MSR_TSC_RATIO		0xc0000104
#define MSR_SYSCFG		0xc0010010
#define MSR_HWCR		0xc0010015
#define MSR_SMM_BASE		0xc0010111	/* and SMM_ADDR */
#define MSR_SMM_MASK		0xc0010113
#define MSR_VM_CR		0xc0010114
#define MSR_VM_HSAVE_PA		0xc0010117
#define MSR_SVM_LAST		0xc0010118	/* SVM_KEY */
#define MSR_AVIC_DOORBELL	0xc001011b
#define MSR_SEV_FIRST		0xc0010130	/* GHCB, SEV_STATUS, RMP */
#define MSR_SEV_LAST		0xc001013f

#define EFER_SCE		BIT(0)
#define EFER_LME		BIT(8)
#define EFER_LMA		BIT(10)
#define EFER_NXE		BIT(11)
#define EFER_SVME		BIT(12)
#define EFER_FFXSR		BIT(14)
#define EFER_AUTOIBRS		BIT(21)

#define APIC_BASE_BSP		BIT(8)
#define APIC_BASE_X2APIC	BIT(10)
#define APIC_BASE_ENABLE	BIT(11)

#define CR0_PE			BIT(0)
#define CR0_MP			BIT(1)
#define CR0_TS			BIT(3)
#define CR0_ET			BIT(4)
#define CR0_NE			BIT(5)
#define CR0_WP			BIT(16)
#define CR0_AM			BIT(18)
#define CR0_NW			BIT(29)
#define CR0_CD			BIT(30)
#define CR0_PG			BIT(31)
#define CR4_VME			BIT(0)
#define CR4_PVI			BIT(1)
#define CR4_TSD			BIT(2)
#define CR4_DE			BIT(3)
#define CR4_PSE			BIT(4)
#define CR4_PAE			BIT(5)
#define CR4_MCE			BIT(6)
#define CR4_PGE			BIT(7)
#define CR4_PCE			BIT(8)
#define CR4_OSFXSR		BIT(9)
#define CR4_OSXMMEXCPT		BIT(10)
#define CR4_UMIP		BIT(11)
#define CR4_LA57		BIT(12)
#define CR4_FSGSBASE		BIT(16)
#define CR4_PCIDE		BIT(17)
#define CR4_OSXSAVE		BIT(18)
#define CR4_SMEP		BIT(20)
#define CR4_SMAP		BIT(21)
#define CR4_PKE			BIT(22)

#define RFLAGS_FIXED		BIT(1)
#define RFLAGS_TF		BIT(8)
#define RFLAGS_IF		BIT(9)
#define RFLAGS_NT		BIT(14)
#define RFLAGS_VM		BIT(17)
#define RFLAGS_LEGACY		0x3f7fd5u	/* all flags of a guest */

#define DR6_BD			BIT(13)	/* a debug register was used, see DR7_GD */
#define DR6_BS			BIT(14)	/* after a single step */
#define DR7_GD			BIT(13)

#define VECTOR_DB		1
#define VECTOR_NMI		2
#define VECTOR_BP		3
#define VECTOR_OF		4
#define VECTOR_UD		6
#define VECTOR_DF		8
#define VECTOR_GP		13
#define VECTOR_PF		14
#define VECTOR_AC		17
#define VECTOR_MC		18
#define VECTOR_SX		30	/* an INIT that was redirected */

/* Registers of the local APIC by x2APIC number (MSR 0x800 + number). */
#define X2APIC_ID		0x802
#define X2APIC_VERSION		0x803
#define X2APIC_TPR		0x808
#define X2APIC_PPR		0x80a
#define X2APIC_EOI		0x80b
#define X2APIC_SVR		0x80f
#define X2APIC_ISR		0x810
#define X2APIC_IRR		0x820
#define X2APIC_ICR		0x830
#define X2APIC_LVT_TIMER	0x832
#define X2APIC_LVT_THERMAL	0x833
#define X2APIC_LVT_COUNTER	0x834
#define X2APIC_LVT_LINT0	0x835
#define X2APIC_LVT_LINT1	0x836
#define X2APIC_LVT_ERROR	0x837
#define X2APIC_INITIAL_COUNT	0x838
#define X2APIC_CURRENT_COUNT	0x839
#define X2APIC_DIVIDE		0x83e
#define X2APIC_SELF_IPI		0x83f

#define APIC_DM_FIXED		0
#define APIC_DM_LOWEST		1
#define APIC_DM_SMI		2
#define APIC_DM_NMI		4
#define APIC_DM_INIT		5
#define APIC_DM_SIPI		6
#define APIC_DM_EXTINT		7
#define APIC_LVT_MASKED		BIT(16)
#define APIC_LVT_PERIODIC	BIT(17)
#define APIC_LVT_MODE_MASK	(3u << 17)

struct cpuid_regs {
	u32 eax, ebx, ecx, edx;
};

static inline struct cpuid_regs cpuid(u32 leaf, u32 sub)
{
	struct cpuid_regs r;

	__asm__ __volatile__("cpuid"
			     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			     : "0"(leaf), "2"(sub));
	return r;
}

static inline u64 rdmsr(u32 msr)
{
	u32 lo, hi;

	__asm__ __volatile__("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return (u64)hi << 32 | lo;
}

/* Its low half. */
static inline u32 rdmsr32(u32 msr)
{
	u32 lo, hi;

	__asm__ __volatile__("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return lo;
}

static inline void wrmsr(u32 msr, u64 value)
{
	__asm__ __volatile__("wrmsr" :: "c"(msr), "a"((u32)value),
			     "d"((u32)(value >> 32)) : "memory");
}

/* As above, for numbers that a guest chooses: false if the processor faults. */
bool rdmsr_safe(u32 msr, u64 *value);
bool wrmsr_safe(u32 msr, u64 value);

/*
 * Likewise, for other state that a guest chooses.  If a processor has a rule that
 * rootvisor does not know, the state is refused, instead of crashing.
 */
bool xsetbv_safe(u64 value);
bool xrstor_safe(const u8 *area);

static inline void outb(u16 port, u8 v)
{
	__asm__ __volatile__("outb %0, %1" :: "a"(v), "Nd"(port) : "memory");
}

static inline void outw(u16 port, u16 v)
{
	__asm__ __volatile__("outw %0, %1" :: "a"(v), "Nd"(port) : "memory");
}

static inline void outl(u16 port, u32 v)
{
	__asm__ __volatile__("outl %0, %1" :: "a"(v), "Nd"(port) : "memory");
}

static inline u8 inb(u16 port)
{
	u8 v;

	__asm__ __volatile__("inb %1, %0" : "=a"(v) : "Nd"(port) : "memory");
	return v;
}

static inline u16 inw(u16 port)
{
	u16 v;

	__asm__ __volatile__("inw %1, %0" : "=a"(v) : "Nd"(port) : "memory");
	return v;
}

static inline u32 inl(u16 port)
{
	u32 v;

	__asm__ __volatile__("inl %1, %0" : "=a"(v) : "Nd"(port) : "memory");
	return v;
}

static inline u64 rdtsc(void)
{
	u32 lo, hi;

	__asm__ __volatile__("rdtsc" : "=a"(lo), "=d"(hi) :: "memory");
	return (u64)hi << 32 | lo;
}

/* TSC_AUX, without an access to the MSR. */
static inline u32 rdtscp_aux(void)
{
	u32 lo, hi, aux;

	__asm__ __volatile__("rdtscp" : "=a"(lo), "=d"(hi), "=c"(aux) :: "memory");
	return aux;
}

static inline void cpu_relax(void)
{
	__asm__ __volatile__("pause" ::: "memory");
}

static inline void xsetbv(u32 index, u64 value)
{
	__asm__ __volatile__("xsetbv" :: "c"(index), "a"((u32)value),
			     "d"((u32)(value >> 32)));
}

static inline u64 xgetbv(u32 index)
{
	u32 lo, hi;

	__asm__ __volatile__("xgetbv" : "=a"(lo), "=d"(hi) : "c"(index));
	return (u64)hi << 32 | lo;
}

#define READ_CR(n)	({ u64 __v; \
	__asm__ __volatile__("mov %%cr" #n ", %0" : "=r"(__v)); __v; })
#define WRITE_CR(n, v)	\
	__asm__ __volatile__("mov %0, %%cr" #n :: "r"((u64)(v)) : "memory")
#define READ_DR(n)	({ u64 __v; \
	__asm__ __volatile__("mov %%db" #n ", %0" : "=r"(__v)); __v; })
#define WRITE_DR(n, v)	\
	__asm__ __volatile__("mov %0, %%db" #n :: "r"((u64)(v)))

#endif
