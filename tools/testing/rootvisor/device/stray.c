// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts of a root VP that nothing explains are not for it.
 *
 * Model: remapping hardware blocks every interrupt that has no entry, and those in
 * the ordinary format, which have none, before all others.  QEMU's lets these
 * through (seen with 10.0).  So while there is such hardware, each interrupt of the
 * root is taken by the host first, and dropped unless it is explained: by a mapping
 * of its vector there, or one that has just ended; by a processor, which sends it, or
 * whose timer does; or by the APIC itself.
 *
 * What this cannot tell is an ordinary MSI whose vector is mapped, or used between
 * processors.
 */
#include <rv/count.h>
#include <rv/log.h>
#include <rv/options.h>
#include <rv/vp.h>
#include "interrupt.h"
#include "remap.h"
#include "stray.h"

#define VECTORS			256
#define STRAYS_LOGGED		32
#define LVT_MODE(v)		((v) >> 8 & 7)
#define LVT_EXTINT		7

/*
 * Between processors, or by a timer: it stays what it once was.  One that waits in the
 * APIC survives that its timer gets another vector, and the INIT of its processor.
 */
static bool sent[VECTORS];

bool interrupts_watched(void)
{
	return options.count_interrupts || remap_active();
}

void interrupt_sent(u8 vector)
{
	sent[vector] = true;
}

/* Local sources, apart from the timer, which is shared. */
static bool is_local(u8 vector)
{
	/* Only what QEMU's APIC has: another one would be an error, which the root sees. */
	static const u32 lvts[] = { X2APIC_LVT_THERMAL, X2APIC_LVT_COUNTER,
				    X2APIC_LVT_LINT0, X2APIC_LVT_LINT1, X2APIC_LVT_ERROR };
	u64 value;
	u32 i;

	if (vector == (rdmsr(X2APIC_SVR) & 0xff))
		return true;
	for (i = 0; i < ARRAY_SIZE(lvts); i++) {
		if (!rdmsr_safe(lvts[i], &value) || (value & APIC_LVT_MASKED))
			continue;
		/* The vector of an old interrupt controller is its own. */
		if ((value & 0xff) == vector || LVT_MODE(value) == LVT_EXTINT)
			return true;
	}
	return false;
}

bool interrupt_passes(struct lp *lp, u8 vector)
{
	bool mapped = device_interrupt_taken(lp, vector);

	if (!remap_active() || mapped || sent[vector] || is_local(vector))
		return true;
	book_irte_faults++;
	if (book_irte_faults <= STRAYS_LOGGED)
		log_error("interrupt blocked: vector 0x%x of processor %u, which is not mapped",
			  vector, lp->index);
	return false;
}
