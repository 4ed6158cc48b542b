// SPDX-License-Identifier: GPL-2.0
/*
 * What of the processor's CPUID the root of rootvisor sees.  The bits are typed from the
 * processor manuals by number, so that an error in the list is found.
 */
#include <string.h>

#include "../rootvisor/cpu/root_leaves.c"
#undef ARRAY_SIZE

#include "tap.h"

#define XCR0	0x207ULL	/* x87, SSE, AVX, PKRU */

static const u32 shown[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 9, 0xa, 0xb, 0xd, 0xf, 0x10, 0x15, 0x16, 0x1f,
	0x80000000, 0x80000001, 0x80000002, 0x80000003, 0x80000004, 0x80000005, 0x80000006,
	0x80000007, 0x80000008, 0x80000019, 0x8000001a, 0x8000001b, 0x8000001d, 0x8000001e,
	0x80000020, 0x80000021, 0x80000022, 0x80000026,
};

enum { EAX, EBX, ECX, EDX };

static const struct {
	const char *name;
	u32 leaf, sub, reg, bit;
} hidden[] = {
	{ "MONITOR", 1, 0, ECX, 3 }, { "VMX", 1, 0, ECX, 5 }, { "SMX", 1, 0, ECX, 6 },
	{ "TSC deadline", 1, 0, ECX, 24 }, { "TSC_ADJUST", 7, 0, EBX, 1 },
	{ "SGX", 7, 0, EBX, 2 }, { "processor trace", 7, 0, EBX, 25 },
	{ "WAITPKG", 7, 0, ECX, 5 }, { "shadow stacks", 7, 0, ECX, 7 },
	{ "TME", 7, 0, ECX, 13 }, { "LA57", 7, 0, ECX, 16 }, { "key locker", 7, 0, ECX, 23 },
	{ "ENQCMD", 7, 0, ECX, 29 }, { "SGX launch", 7, 0, ECX, 30 }, { "PKS", 7, 0, ECX, 31 },
	{ "UINTR", 7, 0, EDX, 5 }, { "PCONFIG", 7, 0, EDX, 18 }, { "LBR", 7, 0, EDX, 19 },
	{ "branch tracking", 7, 0, EDX, 20 }, { "AMX-BF16", 7, 0, EDX, 22 },
	{ "AMX-TILE", 7, 0, EDX, 24 }, { "AMX-INT8", 7, 0, EDX, 25 },
	{ "LASS", 7, 1, EAX, 6 }, { "FRED", 7, 1, EAX, 17 }, { "LKGS", 7, 1, EAX, 18 },
	{ "AMX-FP16", 7, 1, EAX, 21 }, { "LAM", 7, 1, EAX, 26 },
	{ "AMX-COMPLEX", 7, 1, EDX, 8 }, { "UIRET", 7, 1, EDX, 17 },
	{ "supervisor shadow stacks", 7, 1, EDX, 18 }, { "APX", 7, 1, EDX, 21 },
	{ "XSAVES", 0xd, 1, EAX, 3 }, { "XFD", 0xd, 1, EAX, 4 },
	{ "SVM", 0x80000001, 0, ECX, 2 }, { "SKINIT", 0x80000001, 0, ECX, 12 },
	{ "LWP", 0x80000001, 0, ECX, 15 }, { "TCE", 0x80000001, 0, ECX, 17 },
	{ "INVLPGB", 0x80000008, 0, EBX, 3 }, { "INVLPGB, nested", 0x80000008, 0, EBX, 21 },
	{ "upper address ignore", 0x80000021, 0, EAX, 7 },
	{ "automatic IBRS", 0x80000021, 0, EAX, 8 }, { "CPUID faulting", 0x80000021, 0, EAX, 17 },
};

static const struct {
	const char *name;
	u32 leaf, sub, reg, bit;
} kept[] = {
	{ "x2APIC", 1, 0, ECX, 21 }, { "XSAVE", 1, 0, ECX, 26 }, { "SMAP", 7, 0, EBX, 20 },
	{ "IBRS", 7, 0, EDX, 26 }, { "XSAVEC", 0xd, 1, EAX, 1 },
	{ "MONITORX", 0x80000001, 0, ECX, 29 }, { "SMCA", 0x80000007, 0, EBX, 3 },
	{ "invariant TSC", 0x80000007, 0, EDX, 8 }, { "IBPB", 0x80000008, 0, EBX, 12 },
	{ "VERW clears", 0x80000021, 0, EAX, 5 }, { "LFENCE", 0x80000021, 0, EAX, 2 },
};

static u32 limited(u32 leaf, u32 sub, u32 reg)
{
	struct cpuid_regs r = { ~0u, ~0u, ~0u, ~0u };
	u32 regs[4];

	root_leaf_limit(leaf, sub, XCR0, &r);
	memcpy(regs, &r, sizeof(regs));
	return regs[reg];
}

static bool is_shown(u32 leaf)
{
	for (u32 i = 0; i < ARRAY_SIZE(shown); i++)
		if (shown[i] == leaf)
			return true;
	return false;
}

static void check_leaves(u32 first, u32 count)
{
	for (u32 leaf = first; leaf < first + count; leaf++) {
		u32 all = 0;

		for (u32 reg = 0; reg < 4; reg++)
			all |= limited(leaf, 0, reg);
		tap_check(!all == !is_shown(leaf), "leaf 0x%x", leaf);
	}
}

static void check_xsave(void)
{
	tap_check(limited(0xd, 0, EAX) == (u32)XCR0, "XCR0");
	tap_check(limited(0xd, 0, EDX) == 0, "its upper half");
	tap_check(limited(0xd, 1, ECX) == 0 && limited(0xd, 1, EDX) == 0, "XSS");
	for (u32 sub = 2; sub < 70; sub++)
		tap_check(!limited(0xd, sub, EAX) == !(sub < 64 && XCR0 >> sub & 1),
			  "component %u", sub);
	tap_group("extended state");
}

int main(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(hidden); i++)
		tap_check(!(limited(hidden[i].leaf, hidden[i].sub, hidden[i].reg) >>
			    hidden[i].bit & 1), "%s", hidden[i].name);
	tap_group("what does not work is hidden");
	for (u32 i = 0; i < ARRAY_SIZE(kept); i++)
		tap_check(limited(kept[i].leaf, kept[i].sub, kept[i].reg) >> kept[i].bit & 1,
			  "%s", kept[i].name);
	tap_group("what works is kept");
	check_leaves(0, 0x40);
	check_leaves(0x80000000, 0x40);
	check_leaves(0x20000000, 4);
	check_leaves(0x80860000, 4);
	check_leaves(0x8fffffff, 2);
	check_leaves(0xc0000000, 4);
	tap_group("leaves that are not known are zero");
	check_xsave();
	return tap_end();
}
