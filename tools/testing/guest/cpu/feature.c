// SPDX-License-Identifier: GPL-2.0
/*
 * Cases about CPUID: what it shows works, what it hides is refused.
 *
 * Model: an instruction is executed only to see whether it is #UD.
 */
#include "cpu.h"

#define LEAF_XSAVE	0xd
#define LEAF_AMD	0x80000001
#define LEAF_AMD_MAX	0x80000000
#define CR4_OSXSAVE	BIT(18)
#define APIC_BASE_MSR	0x1b
#define APIC_BASE_X2	BIT(10)
#define APIC_VERSION	0x30
#define XSAVE_LEGACY	576		/* with its header */
#define XCR0_X87	1

static unsigned int vector_seen;
static uint32_t resume_at;

static void refused_hook(struct frame *frame)
{
	vector_seen = frame->vector;
	frame->eip = resume_at;
}

/* The result of an instruction: the vector of its exception, or -1. */
#define TRY(instruction, ...) ({					\
	vector_seen = -1;						\
	trap_hook = refused_hook;					\
	asm volatile("movl $1f, %0\n"					\
		     instruction "\n"					\
		     "1:"						\
		     : "=m"(resume_at) : __VA_ARGS__ : "memory");	\
	vector_seen;							\
})

static bool shown(uint32_t leaf, unsigned int sub, unsigned int reg, unsigned int bit)
{
	struct cpuid r;

	if (cpuid(leaf & LEAF_AMD_MAX, 0).eax < leaf)
		return false;
	r = cpuid(leaf, sub);
	return (reg == 1 ? r.ebx : reg == 2 ? r.ecx : r.edx) >> bit & 1;
}

#define EBX 1
#define ECX 2
#define EDX 3

static enum verdict monitor_as_shown(void)
{
	static uint8_t line[64];
	bool has = shown(1, 0, ECX, 3);
	uint32_t seen = TRY("monitor", "a"(line), "c"(0), "d"(0));

	EXPECT_EQ(has ? (uint32_t)-1 : VECTOR_UD, seen);
	return OK;
}

static enum verdict monitorx_as_shown(void)
{
	static uint8_t line[64];
	bool has = shown(LEAF_AMD, 0, ECX, 29);
	uint32_t seen = TRY(".byte 0x0f, 0x01, 0xfa", "a"(line), "c"(0), "d"(0));

	EXPECT_EQ(has ? (uint32_t)-1 : VECTOR_UD, seen);
	return OK;
}

static enum verdict xsetbv_without_osxsave(void)
{
	write_cr4(read_cr4() & ~CR4_OSXSAVE);
	EXPECT_EQ(VECTOR_UD, TRY("xsetbv", "a"(XCR0_X87), "c"(0), "d"(0)));
	return OK;
}

static enum verdict xsave_sizes(void)
{
	struct cpuid all, compact;
	uint32_t seen;

	if (!shown(1, 0, ECX, 26))
		return skipped("no XSAVE");
	write_cr4(read_cr4() | CR4_OSXSAVE);
	EXPECT(shown(1, 0, ECX, 27));
	seen = TRY("xsetbv", "a"(XCR0_X87), "c"(0), "d"(0));
	EXPECT_EQ((uint32_t)-1, seen);
	all = cpuid(LEAF_XSAVE, 0);
	compact = cpuid(LEAF_XSAVE, 1);
	EXPECT_EQ(XSAVE_LEGACY, all.ebx);
	EXPECT(all.ecx >= all.ebx);
	if (compact.eax & BIT(1))
		EXPECT_EQ(XSAVE_LEGACY, compact.ebx);
	write_cr4(read_cr4() & ~CR4_OSXSAVE);
	EXPECT(!shown(1, 0, ECX, 27));
	return OK;
}

static enum verdict xsetbv_of_what_is_hidden(void)
{
	struct cpuid r;
	uint32_t seen;

	if (!shown(1, 0, ECX, 26))
		return skipped("no XSAVE");
	write_cr4(read_cr4() | CR4_OSXSAVE);
	r = cpuid(LEAF_XSAVE, 0);
	seen = TRY("xsetbv", "a"(r.eax | 1), "c"(0), "d"(r.edx | BIT(29)));
	write_cr4(read_cr4() & ~CR4_OSXSAVE);
	EXPECT_EQ(VECTOR_GP, seen);
	return OK;
}

static enum verdict x2apic_as_shown(void)
{
	uint64_t base = rdmsr(APIC_BASE_MSR);
	uint32_t seen;

	if (shown(1, 0, ECX, 21))
		return skipped("it is shown");
	seen = TRY("wrmsr", "a"((uint32_t)base | APIC_BASE_X2), "c"(APIC_BASE_MSR), "d"(0));
	EXPECT_EQ(VECTOR_GP, seen);
	EXPECT(rdmsr(APIC_BASE_MSR) == base);
	return OK;
}

/* The extended space of AMD's local APIC: its bit is in two places. */
static enum verdict extended_apic(void)
{
	if (!apic_init())
		return skipped("no local APIC");
	EXPECT_EQ(shown(LEAF_AMD, 0, ECX, 3), apic_read(APIC_VERSION) >> 31);
	return OK;
}

static enum verdict svm_as_shown(void)
{
	if (shown(LEAF_AMD, 0, ECX, 2))
		return skipped("it is shown");
	EXPECT_EQ(VECTOR_UD, TRY(".byte 0x0f, 0x01, 0xdc", "i"(0)));	/* STGI */
	return OK;
}

const struct test feature_tests[] = {
	{ "MONITOR as shown", monitor_as_shown },
	{ "MONITORX as shown", monitorx_as_shown },
	{ "XSETBV without CR4.OSXSAVE", xsetbv_without_osxsave },
	{ "sizes of XSAVE's areas", xsave_sizes },
	{ "XSETBV of what is hidden", xsetbv_of_what_is_hidden },
	{ "x2APIC as shown", x2apic_as_shown },
	{ "extended space of the APIC", extended_apic },
	{ "SVM as shown", svm_as_shown },
	{ }
};
