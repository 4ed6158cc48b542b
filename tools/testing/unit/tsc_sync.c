// SPDX-License-Identifier: GPL-2.0
/* rootvisor's comparison of time stamp counters, and the rate of the APIC timer. */
#include <stdlib.h>

#include "../rootvisor/cpu/tsc_sync.c"
#include "../rootvisor/cpu/clock.c"
#undef ARRAY_SIZE

#include "tap.h"

struct options options;
struct fadt_facts fadt;
enum log_level log_level;
u32 tcg_defects;
u32 nr_lps;

bool tcg_signature(const struct cpuid_regs *leaf)
{
	return leaf->ebx == 0x54474354;
}

void panic(const char *format, ...)
{
	puts(format);
	abort();
}

void log_line(enum log_level level, const char *format, ...)
{
	printf("# %u: %s\n", level, format);
}

static void check_apart(void)
{
	static const struct {
		u64 before, theirs, after;
		s64 apart;
	} rows[] = {
		{ 100, 150, 200, 0 }, { 100, 100, 200, 0 }, { 100, 200, 200, 0 },
		{ 100, 99, 200, -1 }, { 100, 201, 200, 1 }, { 1000, 0, 1100, -1000 },
		{ 0, 1ULL << 40, 10, (1LL << 40) - 10 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++)
		tap_check(tsc_sync_apart(rows[i].before, rows[i].theirs, rows[i].after) ==
			  rows[i].apart, "row %u", i);
	tap_group("how far a counter is apart");
}

static void check_rate(void)
{
	static const struct cpuid_regs none, tcg = { 0, 0x54474354, 0x43544743, 0x47435447 },
		kvm = { 0, 0x4b4d564b, 0x564b4d56, 0x4d };

	tap_check(clock_apic_hz(&none, 99998123) == 99998123, "a PC: as measured");
	tap_check(clock_apic_hz(&none, 100400000) == 100400000, "not rounded");
	tap_check(clock_apic_hz(&tcg, 1006000123) == 1000000000, "TCG");
	tap_check(clock_apic_hz(&kvm, 994000321) == 1000000000, "KVM");
	tap_group("the rate of the APIC timer");
}

int main(void)
{
	check_apart();
	check_rate();
	return tap_end();
}
