// SPDX-License-Identifier: GPL-2.0
/*
 * Option park=first: the firmware's first processor runs no guest.
 *
 * Model: the first processor boots far enough to start the next one, which continues in
 * its place and becomes LP 0.  The first one then halts for good, with interrupts and
 * NMIs blocked.  It is not sent any: it is not an LP, and the root's tables do not list
 * it.  LP 0 takes over what firmware assigns to the first processor only: the pins
 * LINT0, for the old interrupt controller, and LINT1.  Its flag in APIC_BASE that says
 * that it is the bootstrap processor is emulated, see cpu/root_msr.c.
 *
 * For the reason see rootvisor.rst, "Threads".
 */
#include <rv/cpu.h>
#include <rv/log.h>
#include <rv/x86.h>
#include "../cpu/host.h"
#include "park.h"

static u64 lint0, lint1;
static bool parked;

void park(void)
{
	lint0 = rdmsr(X2APIC_LVT_LINT0);
	lint1 = rdmsr(X2APIC_LVT_LINT1);
	apic_reset();
	/* Disabled, so that it drops what the root broadcasts. */
	wrmsr(X2APIC_SVR, 0xff);
	WRITE_ONCE(parked, true);
	cpu_ops->park();
}

void park_take_over(void)
{
	while (!READ_ONCE(parked))
		cpu_relax();
	wrmsr(X2APIC_LVT_LINT0, lint0);
	wrmsr(X2APIC_LVT_LINT1, lint1);
	log_info("the first processor is parked");
}
