// SPDX-License-Identifier: GPL-2.0
/* What rootvisor does about side channels, by the CPUID of processors. */
#include "../rootvisor/cpu/guard.c"
#undef ARRAY_SIZE

#include "tap.h"

bool wrmsr_safe(u32 msr, u64 value)
{
	return msr + value == 0;
}

static const struct {
	const char *name;
	struct guard_leaves leaves;
	struct guard want;
} rows[] = {
	{ "TCG, -cpu max", { 0x10, 0x205, 0, 0 }, { 0 } },
	{ "TCG, EPYC-Rome", { 0, 0x205, 0, 0 }, { 0 } },
	{ "Zen 2", { 0, 0x18cf757, 0, 0 }, { .barrier = true } },
	{ "Zen 3 that leaks, and whose VERW clears", { 0, 0x111ef657, 0x20, 0 },
	  { .barrier = true, .clear = true } },
	{ "Zen 4", { 0, 0x791ef257, 0x62fcf | 0x20, 0 },
	  { .barrier = true, .clear = true, .host_ibrs = true } },
	{ "one part leaks", { 0, 0x1000, 0x20, 0x2 }, { .barrier = true, .clear = true } },
	{ "the other one", { 0, 0x1000, 0x20, 0x4 }, { .barrier = true, .clear = true } },
	{ "no part leaks", { 0, 0x1000, 0x20, 0x6 }, { .barrier = true } },
	{ "VERW does not clear", { 0, 0x1000, 0, 0 }, { .barrier = true } },
	{ "the barrier by leaf 7", { 1u << 26, 0, 0, 0 }, { .barrier = true } },
	{ "automatic IBRS", { 0, 0, 0x100, 0 }, { .host_ibrs = true } },
};

int main(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct guard got = guard_choose(&rows[i].leaves), *want = &rows[i].want;

		tap_ok(got.barrier == want->barrier && got.clear == want->clear &&
		       got.host_ibrs == want->host_ibrs, "%s", rows[i].name);
	}
	return tap_end();
}
