// SPDX-License-Identifier: GPL-2.0
/*
 * Stray interrupts of the root are dropped.
 *
 * Model: remapping hardware blocks every interrupt without an entry, which includes all
 * in the ordinary format.  QEMU's lets these through (seen with 10.0).  So with such
 * hardware the host takes each interrupt of the root first, and drops it unless its
 * source is known: a mapping of its vector there, or one that has just been removed; a
 * processor that sends it, or whose timer does; or the APIC itself.
 *
 * This does not detect an ordinary MSI whose vector is mapped, or used between
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
 * Vectors sent between processors, or by a timer, since boot.  One that is pending in the
 * APIC stays pending if its timer gets another vector, and after INIT.
 */
static bool sent[VECTORS];

void interrupt_sent(u8 vector)
{
	sent[vector] = true;
}

/* Local sources, except the timer, which is shared. */
static bool is_local(u8 vector)
{
	/*
	 * Only those of QEMU's APIC: accessing others would be an error that the root
	 * sees.
	 */
	static const u32 lvts[] = { X2APIC_LVT_THERMAL, X2APIC_LVT_COUNTER,
				    X2APIC_LVT_LINT0, X2APIC_LVT_LINT1, X2APIC_LVT_ERROR };
	u64 value;
	u32 i;

	if (vector == this_lp()->spurious_vector)
		return true;
	for (i = 0; i < ARRAY_SIZE(lvts); i++) {
		if (!rdmsr_safe(lvts[i], &value) || (value & APIC_LVT_MASKED))
			continue;
		/* The old interrupt controller supplies the vector itself. */
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
