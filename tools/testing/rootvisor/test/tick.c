// SPDX-License-Identifier: GPL-2.0
/*
 * Option tick=US: a periodic hypervisor timer on every processor.  The root
 * then never owns the APIC timer, and all its interrupts pass through the host;
 * a boot with this option tests that path.
 */
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/options.h>
#include <rv/tick.h>
#include <rv/timer.h>
#include <rv/unit.h>
#include <rv/x86.h>

static struct timer ticks[MAX_LPS];
static u64 fired[MAX_LPS];

static void tick(struct timer *timer)
{
	u32 lp = timer->lp->index;

	fired[lp]++;
	timer_arm(timer, timer->lp, rdtsc() + options.tick * (tsc_hz / 1000000));
}

void tick_start(struct lp *lp)
{
	if (!options.tick)
		return;
	ticks[lp->index].fn = tick;
	timer_arm(&ticks[lp->index], lp, rdtsc());
}

static void books(void)
{
	u32 i;

	for (i = 0; options.tick && i < nr_lps; i++)
		log_info("ticks of processor %u: %llu", i, fired[i]);
}

BOOKS_UNIT(books);
