// SPDX-License-Identifier: GPL-2.0
/*
 * Option park=first: the firmware's first processor runs no guest.
 *
 * Model: the first processor boots as far as it takes to start the next one, which
 * does the rest in its place and is LP 0.  The first then halts for good, and takes no
 * interrupt and no NMI.  It is sent none: it is no LP, and the root's tables do not have
 * it.  LP 0 gets what firmware gives to the first processor alone, the pins LINT0, with
 * the old interrupt controller behind it, and LINT1.  That it calls itself the first in
 * APIC_BASE is made up, see cpu/root_msr.c.
 *
 * Why one would want this is in rootvisor.rst, "Threads".
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
	/* Off, so that it drops what the root sends to all. */
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
