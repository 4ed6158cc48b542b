// SPDX-License-Identifier: GPL-2.0
/*
 * The physical timer of an LP, shared by the root and the hypervisor.  See rv/timer.h for
 * the model.
 *
 * The root's timer is kept as it was written (LVT, count, divide) and as a deadline.
 * Native: the same values are in the hardware.  Owned: the hardware has
 * HOST_TIMER_VECTOR, and when the root's timer expires it gets a self IPI, so that
 * in-service bit and EOI are real ones.
 */
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/options.h>
#include <rv/timer.h>
#include <rv/vp.h>
#include "../device/stray.h"
#include "host.h"
#include "tcg.h"
#include "timer.h"

#define DIVIDE_1	0xb
#define LEAST_COUNT	1ull
#define MAX_AT_ONCE	32	/* timers to run before the guest continues */
#define LATE_PER_SECOND	10	/* late: by more than a tenth of a second */
#define ICOUNT_SLACK	1000	/* instructions from reading the clock to the write */

static u64 apic_to_tsc(u64 ticks)
{
	return mul_div(ticks, tsc_hz, apic_hz);
}

static u64 tsc_to_apic(u64 ticks)
{
	return mul_div(ticks, apic_hz, tsc_hz);
}

static u32 divide_value(u64 reg)
{
	u32 shift = (reg & 3) | (reg >> 1 & 4);

	return shift == 7 ? 1 : 2u << shift;
}

void timer_cancel(struct timer *timer)
{
	rv_assert_locked();
	if (!timer->deadline)
		return;
	timer_heap_del(&timer->lp->timers, timer);
	timer->deadline = 0;
}

/* The boot processor is never taken offline; others can be. */
static struct lp *alive(struct lp *lp)
{
	return lp->root && lp->root->started ? lp : lps[0];
}

void timer_arm(struct timer *timer, struct lp *lp, u64 deadline)
{
	timer_cancel(timer);
	if (deadline == NEVER)
		return;
	lp = alive(lp);
	timer->lp = lp;
	timer->deadline = deadline ?: 1;
	timer_heap_add(&lp->timers, timer);
	if (lp->timers == timer && lp != this_lp())
		lp_kick(lp, KICK_TIMER);
}

/* It may have fired: its interrupt is then pending, and not the root's. */
static void release(struct lp *lp)
{
	lp->timer_stray |= lp->timer_owned;
	lp->timer_owned = false;
	lp->timer_armed = 0;
}

void lp_timers_leave(struct lp *lp)
{
	while (lp->timers)
		timer_arm(lp->timers, lp, lp->timers->deadline);
	release(lp);
}

static bool root_periodic(struct vp *root)
{
	return (root->lvt_timer & APIC_LVT_MODE_MASK) == APIC_LVT_PERIODIC;
}

/* Sends the root's timer interrupt: a self IPI. */
static void root_timer_interrupt(const struct vp *root)
{
	if (!(root->lvt_timer & APIC_LVT_MASKED) && (root->lvt_timer & 0xff) >= 16)
		wrmsr(X2APIC_SELF_IPI, root->lvt_timer & 0xff);
}

static void root_timer_due(struct lp *lp, u64 now)
{
	struct vp *root = lp->root;

	if (!root || !root->root_deadline || root->root_deadline > now)
		return;
	root_timer_interrupt(root);
	if (root_periodic(root)) {
		u64 period = apic_to_tsc(root->timer_count * divide_value(root->timer_divide));

		root->root_deadline = time_next(root->root_deadline, MAX(period, 1ull), now);
	} else {
		root->root_deadline = 0;
	}
}

static __noinline void run_due(struct lp *lp, u64 now)
{
	u32 n;

	/* The others are still due after the processor's next exit. */
	for (n = 0; n < MAX_AT_ONCE && lp->timers && lp->timers->deadline <= now; n++) {
		struct timer *t = lp->timers;

		timer_cancel(t);
		t->fn(t);
	}
	if (lp->timer_owned)
		root_timer_due(lp, now);
}

void lp_timer_run(struct lp *lp)
{
	if (lp->timers || lp->timer_owned)
		run_due(lp, rdtsc());
}

/*
 * Has the root's timer fired in the hardware?  With icount QEMU cannot read the count
 * ("Bad icount read", and it ends); then the clock decides.  Shortly after the deadline
 * that is not certain: the timer is assumed to be running, and the root may get one
 * interrupt too many.
 */
static bool fired_natively(struct vp *root)
{
	if (options.icount)
		return rdtsc() > root->root_deadline + ICOUNT_SLACK;
	/*
	 * A count of zero means that the time has elapsed, not that the interrupt has
	 * been sent: an emulator does that later, and never if it is masked now.  It is
	 * certain only if it is pending in the IRR.  In doubt the root gets one interrupt
	 * too many; after one too few it would get no more.
	 */
	if (rdmsr(X2APIC_CURRENT_COUNT))
		return false;
	return (root->lvt_timer & APIC_LVT_MASKED) || apic_irr((u8)root->lvt_timer);
}

/* Emulates a slow machine, for tests. */
static void lag(void)
{
	u64 since = rdtsc();

	while (rdtsc() - since < options.lag * (tsc_hz / 1000000))
		cpu_relax();
}

static void own(struct lp *lp)
{
	struct vp *root = lp->root;

	lag();
	wrmsr(X2APIC_LVT_TIMER, APIC_LVT_MASKED);
	/* A periodic timer continues from its deadline, past or future. */
	if (root && root->root_deadline && !root_periodic(root) && fired_natively(root))
		root->root_deadline = 0;
	lp->timer_owned = true;
	lp->timer_armed = 0;
	if (!root || root->timer_divide != DIVIDE_1)
		wrmsr(X2APIC_DIVIDE, DIVIDE_1);
	wrmsr(X2APIC_LVT_TIMER, HOST_TIMER_VECTOR);
}

static __noinline void disown(struct lp *lp)
{
	struct vp *root = lp->root;
	u64 now = rdtsc(), count;

	release(lp);
	wrmsr(X2APIC_INITIAL_COUNT, 0);
	if (!root)
		return;
	if (root->timer_divide != DIVIDE_1)
		wrmsr(X2APIC_DIVIDE, root->timer_divide);
	wrmsr(X2APIC_LVT_TIMER, root->lvt_timer);
	if (!root->root_deadline)
		return;
	count = root->root_deadline > now ? root->root_deadline - now : 0;
	count = tsc_to_apic(count) / divide_value(root->timer_divide);
	wrmsr(X2APIC_INITIAL_COUNT, MIN(MAX(count, LEAST_COUNT), 0xffffffffull));
}

/* @deadline: the first one of the hypervisor's own, 0 if it has none. */
static __noinline void program(struct lp *lp, u64 deadline)
{
	struct vp *root = lp->root;
	u64 now, count;

	if (!lp->timer_owned)
		own(lp);
	if (root && root->root_deadline && (!deadline || root->root_deadline < deadline))
		deadline = root->root_deadline;
	if (deadline == lp->timer_armed)
		return;
	now = rdtsc();
	count = deadline > now ? tsc_to_apic(MIN(deadline - now, tsc_hz)) : 0;
	lp->timer_armed = deadline;
	wrmsr(X2APIC_INITIAL_COUNT, MAX(count, LEAST_COUNT));
}

void lp_timer_update(struct lp *lp)
{
	struct vp *root = lp->root;

	if (lp->timers)
		program(lp, lp->timers->deadline);
	else if (root && root->root_deadline && root_periodic(root))
		program(lp, 0);
	else if (lp->timer_owned)
		disown(lp);
}

bool lp_timer_strays(struct lp *lp)
{
	lp->timer_stray = apic_irr(HOST_TIMER_VECTOR);
	return lp->timer_stray;
}

/*
 * An interrupt can be lost in QEMU, see TCG_LOSES_INTERRUPTS, and a processor that halts in
 * the root's guest then sleeps past its deadline until something else wakes it.
 * Processors that are awake check the others.  A native deadline that was met cannot be
 * distinguished from a lost one: then the root gets one timer interrupt too many, once.
 */
static bool is_late(struct lp *lp, u64 now)
{
	u64 deadline = lp->timer_owned ? lp->timer_armed :
		       lp->root ? lp->root->root_deadline : 0;

	return deadline && now > deadline + tsc_hz / LATE_PER_SECOND;
}

void lp_timer_watch(struct lp *lp)
{
	static u64 last;
	u64 now = rdtsc();
	u32 i;

	if (now - last < tsc_hz / LATE_PER_SECOND)
		return;
	last = now;
	for (i = 0; i < nr_lps; i++)
		if (lps[i] != lp && lps[i]->in_guest && is_late(lps[i], now))
			lp_kick(lps[i], KICK_LATE);
}

void lp_timer_late(struct lp *lp)
{
	struct vp *root = lp->root;

	if (!is_late(lp, rdtsc()))
		return;
	if (lp->timer_owned) {
		lp->timer_armed = 0;
		return;
	}
	root->root_deadline = 0;
	root_timer_interrupt(root);
}

static u64 remaining(struct vp *vp)
{
	u64 now = rdtsc();

	if (!vp->root_deadline || vp->root_deadline <= now)
		return 0;
	return tsc_to_apic(vp->root_deadline - now) / divide_value(vp->timer_divide);
}

u64 root_timer_read(struct vp *vp, u32 msr)
{
	switch (msr) {
	case X2APIC_LVT_TIMER:
		return vp->lvt_timer;
	case X2APIC_INITIAL_COUNT:
		return vp->timer_count;
	case X2APIC_CURRENT_COUNT:
		return remaining(vp);
	default:
		return vp->timer_divide;
	}
}

bool root_timer_write(struct vp *vp, u32 msr, u64 value)
{
	struct lp *lp = vp->lp;

	switch (msr) {
	case X2APIC_LVT_TIMER:
		/* TSC-deadline mode is not offered; bits 31:20 are reserved. */
		if (value & ~0x710ffull & ~0x700ull || (value & APIC_LVT_MODE_MASK) == 2u << 17)
			return false;
		vp->lvt_timer = value;
		interrupt_sent((u8)value);
		break;
	case X2APIC_INITIAL_COUNT:
		if (value >> 32)
			return false;
		vp->timer_count = value;
		vp->root_deadline = value ? rdtsc() +
			apic_to_tsc(value * divide_value(vp->timer_divide)) : 0;
		break;
	case X2APIC_DIVIDE:
		if (value & ~0xbull)
			return false;
		vp->timer_divide = value;
		break;
	default:
		return false;
	}
	if (!lp->timer_owned)
		wrmsr(msr, value);
	return true;
}
