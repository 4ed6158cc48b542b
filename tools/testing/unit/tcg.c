// SPDX-License-Identifier: GPL-2.0
/* Which defects of QEMU rootvisor works around, both ways, and what the pure parts do. */
#include "../rootvisor/cpu/tcg.c"
#undef ARRAY_SIZE

#include "tap.h"

struct options options;
enum log_level log_level;

void log_line(enum log_level level, const char *format, ...)
{
	printf("# %u: %s\n", level, format);
}

static const struct cpuid_regs tcg = { 0x40000001, 0x54474354, 0x43544743, 0x47435447 };
static const struct cpuid_regs others[] = {
	{ 0 },						/* AMD's processors */
	{ 0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d },	/* KVM */
	{ 0x4000000b, 0x7263694d, 0x666f736f, 0x76482074 },	/* Hyper-V */
	{ 0x40000001, 0x54474354, 0x43544743, 0 },
	{ 0x40000001, 0x54474354, 0, 0x47435447 },
	{ 0x40000001, 0, 0x43544743, 0x47435447 },
};

static u32 chosen(enum tcg_option option, bool icount, const struct cpuid_regs *leaf)
{
	const struct options o = { .tcg = option, .icount = icount, .tcg_some = 0xf0000005 };

	return tcg_choose(&o, leaf);
}

static void check_choice(void)
{
	const u32 all = TCG_DEFECTS, one_thread = TCG_DEFECTS & ~TCG_LOSES_INTERRUPTS;

	tap_check(chosen(TCG_AUTO, false, &tcg) == all, "auto, TCG");
	tap_check(chosen(TCG_AUTO, true, &tcg) == one_thread, "auto, icount");
	tap_check(chosen(TCG_OFF, false, &tcg) == 0, "off, TCG");
	tap_check(chosen(TCG_OFF, true, &tcg) == 0, "off, icount");
	tap_check(chosen(TCG_ON, false, &tcg) == all, "on, TCG");
	tap_check(chosen(TCG_SOME, true, &tcg) == 5, "some, TCG");
	for (u32 i = 0; i < ARRAY_SIZE(others); i++) {
		tap_check(!chosen(TCG_AUTO, false, &others[i]), "auto, other %u", i);
		tap_check(!chosen(TCG_OFF, false, &others[i]), "off, other %u", i);
		tap_check(chosen(TCG_ON, false, &others[i]) == all, "on, other %u", i);
		tap_check(chosen(TCG_ON, true, &others[i]) == one_thread,
			  "on, icount, other %u", i);
		tap_check(chosen(TCG_SOME, false, &others[i]) == 5, "some, other %u", i);
	}
	tap_group("which defects are worked around");
}

/* Each combination of the entry, with the defects and without. */
static void check_virtual(void)
{
	for (u32 n = 0; n < 5 * 3 * 2 * 2; n++) {
		bool take = n & 1, defect = n >> 1 & 1;
		const struct cpu_entry entry = {
			.event.type = n / 4 % 5, .event.vector = 0x40, .window = n / 20,
		};
		bool want = defect && take && entry.event.type == EVENT_INTERRUPT &&
			    entry.window == WINDOW_NONE;

		tcg_defects = defect ? TCG_INJECTS_TWICE : ~TCG_INJECTS_TWICE;
		tap_check(tcg_virtual(&entry, take) == want, "event %u, window %u, take %u, %u",
			  entry.event.type, entry.window, take, defect);
	}
	tap_group("which interrupts are virtual ones");
}

static void check_types(void)
{
	for (u32 vector = 0; vector < 256; vector++)
		for (u8 type = EVENT_NONE; type <= EVENT_SOFTWARE; type++) {
			bool mistake = type == EVENT_EXCEPTION && vector >= 32;

			tcg_defects = TCG_MISTAKES_TYPE;
			tap_check(tcg_event_type(type, vector) ==
				  (mistake ? EVENT_INTERRUPT : type),
				  "TCG, type %u, vector %u", type, vector);
			tcg_defects = ~TCG_MISTAKES_TYPE;
			tap_check(tcg_event_type(type, vector) == type,
				  "elsewhere, type %u, vector %u", type, vector);
		}
	tap_group("types of interrupted events");
}

static void check_breakpoints(void)
{
	static const struct {
		u64 dr7, data;
	} rows[] = {
		{ 0x400, 0 }, { 0x401, 0 }, { 0x402, 0 },	/* on instructions */
		{ 0x10401, 0x1 }, { 0x30402, 0x2 }, { 0x10403, 0x3 },
		{ 0x20403, 0 },					/* on a port */
		{ 0x100404, 0x4 }, { 0x1000430, 0x30 }, { 0x100004c0, 0xc0 },
		{ 0x100014d5, 0xc0 },
		{ 0x10000400, 0 },				/* not enabled */
		{ 0x111107ff, 0xff },
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++)
		tap_check(tcg_data_breakpoints(rows[i].dr7) == rows[i].data, "DR7 0x%llx",
			  (unsigned long long)rows[i].dr7);
	tap_group("data breakpoints");
}

int main(void)
{
	check_choice();
	check_virtual();
	check_types();
	check_breakpoints();
	return tap_end();
}
