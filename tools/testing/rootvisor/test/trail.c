// SPDX-License-Identifier: GPL-2.0
/* Prints the last exits and hypercalls of each LP, oldest first. */
#include <rv/cpu.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/trail.h>
#include <rv/unit.h>

static const char *const reasons[] = {
	[EXIT_UNKNOWN] = "unknown",
	[EXIT_KICKED] = "kick",
	[EXIT_REFUSED] = "refused state",
	[EXIT_INTERRUPT] = "interrupt",
	[EXIT_NMI] = "NMI",
	[EXIT_SMI] = "SMI",
	[EXIT_WINDOW] = "window",
	[EXIT_EXCEPTION] = "exception",
	[EXIT_MEMORY] = "memory",
	[EXIT_TRIPLE_FAULT] = "triple fault",
	[EXIT_CPUID] = "CPUID",
	[EXIT_MSR] = "MSR",
	[EXIT_PORT] = "port",
	[EXIT_HYPERCALL] = "hypercall",
	[EXIT_HLT] = "HLT",
};

static const char *reason_name(u32 reason)
{
	return reason < ARRAY_SIZE(reasons) && reasons[reason] ? reasons[reason] : "other";
}

static const char *call_name(u16 code)
{
	const struct hypercall_desc *d;

	for (d = __calls_start; d < __calls_end; d++)
		if (d->code == code)
			return d->name;
	return "unknown";
}

static void print_exits(u32 lp, const struct trail *t)
{
	u32 i;

	for (i = t->nr > TRAIL_LENGTH ? t->nr - TRAIL_LENGTH : 0; i < t->nr; i++) {
		const struct trail_entry *at = &t->at[i % TRAIL_LENGTH];

		log_error("crash: LP %u exit: %s (0x%x), VP %u of partition %u, rip 0x%llx", lp,
			  reason_name(at->what), at->number, at->vp, at->partition, at->where);
	}
}

static void print_calls(u32 lp, const struct trail *t)
{
	u32 i;

	for (i = t->nr > TRAIL_LENGTH ? t->nr - TRAIL_LENGTH : 0; i < t->nr; i++) {
		const struct trail_entry *at = &t->at[i % TRAIL_LENGTH];

		log_error("crash: LP %u call: %s (0x%llx) -> 0x%x, VP %u of partition %u", lp,
			  call_name((u16)at->where), at->where, at->what, at->vp,
			  at->partition);
	}
}

void trails_print(void)
{
	u32 i;

	for (i = 0; i < nr_lps; i++) {
		print_exits(i, &lps[i]->exit_trail);
		print_calls(i, &lps[i]->call_trail);
	}
}
