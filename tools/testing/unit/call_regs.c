// SPDX-License-Identifier: GPL-2.0
/* In which registers a hypercall's values are, in 64-bit mode and in any other. */
#include <string.h>

#include "../rootvisor/hypercall/regs.h"
#undef ARRAY_SIZE

#include "tap.h"

#define CONTROL	0x0012009600000045ULL
#define FIRST	0x1111111122222222ULL
#define SECOND	0x3333333344444444ULL
#define JUNK	0xdeadbeef00000000ULL
#define NEW	0x0052000055555555ULL

static u64 gpr[NR_GPRS];

/* Each register has a value of its own. */
static void fill(void)
{
	for (u32 i = 0; i < NR_GPRS; i++)
		gpr[i] = JUNK | (0x100 + i);
}

static void check_regs(const char *mode, bool is_64bit)
{
	struct call_regs regs = call_regs_get(gpr, is_64bit);

	tap_check(regs.control == CONTROL, "%s: control %#llx", mode, regs.control);
	tap_check(regs.first == FIRST, "%s: first %#llx", mode, regs.first);
	tap_check(regs.second == SECOND, "%s: second %#llx", mode, regs.second);
}

/* All registers but those in @changed are what they were. */
static void check_others(const char *mode, const u64 *before, u32 changed)
{
	for (u32 i = 0; i < NR_GPRS; i++)
		tap_check(changed >> i & 1 || gpr[i] == before[i], "%s: register %u", mode, i);
}

static void check_64(void)
{
	u64 before[NR_GPRS];

	fill();
	gpr[GPR_RCX] = CONTROL;
	gpr[GPR_RDX] = FIRST;
	gpr[GPR_R8] = SECOND;
	check_regs("64 bits", true);
	memcpy(before, gpr, sizeof(gpr));
	call_set_control(gpr, true, NEW);
	tap_check(gpr[GPR_RCX] == NEW, "control");
	call_set_result(gpr, true, NEW);
	tap_check(gpr[GPR_RAX] == NEW, "result");
	check_others("64 bits", before, BIT(GPR_RCX) | BIT(GPR_RAX));
	tap_group("64-bit mode");
}

static void check_32(void)
{
	u64 before[NR_GPRS];

	fill();
	gpr[GPR_RDX] = JUNK | CONTROL >> 32;
	gpr[GPR_RAX] = JUNK | (u32)CONTROL;
	gpr[GPR_RBX] = JUNK | FIRST >> 32;
	gpr[GPR_RCX] = JUNK | (u32)FIRST;
	gpr[GPR_RDI] = JUNK | SECOND >> 32;
	gpr[GPR_RSI] = JUNK | (u32)SECOND;
	check_regs("32 bits", false);
	memcpy(before, gpr, sizeof(gpr));
	call_set_control(gpr, false, NEW);
	tap_check(gpr[GPR_RDX] == NEW >> 32 && gpr[GPR_RAX] == (u32)NEW, "control");
	call_set_result(gpr, false, CONTROL);
	tap_check(gpr[GPR_RDX] == CONTROL >> 32 && gpr[GPR_RAX] == (u32)CONTROL, "result");
	check_others("32 bits", before, BIT(GPR_RDX) | BIT(GPR_RAX));
	tap_group("any other mode");
}

int main(void)
{
	check_64();
	check_32();
	return tap_end();
}
