// SPDX-License-Identifier: GPL-2.0
/*
 * The loop of a logical processor.  See rv/lp.h for the model and the lock.
 *
 * One iteration: handle kicks and due timers, let the scheduler choose, load the
 * chosen VP's state, program the timer, prepare the entry, enter.
 */
#include <rv/count.h>
#include <rv/cpu.h>
#include <rv/delivery.h>
#include <rv/log.h>
#include <rv/sched.h>
#include <rv/vp.h>
#include "../device/stray.h"
#include "fpu.h"
#include "guard.h"
#include "host.h"
#include "lp.h"
#include "root.h"
#include "tcg.h"
#include "timer.h"

#define NMI_RESENDS_PER_SECOND	100
/* Bits of apic_irr_top(): of a vector; of it and those below. */
#define TOP_BIT(vector)		BIT((vector) % 32)
#define TOP_MASK(vector)	((2u << (vector) % 32) - 1)

struct spinlock hv_lock;
struct lp *hv_owner;

static void send_nmi(struct lp *lp)
{
	lp->nmi_sent = rdtsc();
	apic_send(lp->apic_id, APIC_DM_NMI << 8 | BIT(14));
}

void lp_kick(struct lp *lp, u32 reason)
{
	__atomic_fetch_or(&lp->kick, reason, __ATOMIC_SEQ_CST);
	if (lp == this_lp())
		return;
	if (READ_ONCE(lp->idle)) {
		this_lp()->ipis_sent++;
		apic_send(lp->apic_id, APIC_DM_FIXED << 8 | BIT(14) | HOST_WAKE_VECTOR);
		return;
	}
	if (__atomic_exchange_n(&lp->nmi_flight, 1, __ATOMIC_SEQ_CST)) {
		if (!tcg_has(TCG_LOSES_INTERRUPTS) ||
		    rdtsc() - lp->nmi_sent < tsc_hz / NMI_RESENDS_PER_SECOND)
			return;
		/* Lost; if it is only late, it is the spare one. */
		lp->nmi_spare = 1;
	}
	count(RV_COUNT_KICKS);
	this_lp()->ipis_sent++;
	send_nmi(lp);
}

/*
 * The target leaves its guest without taking a lock, so waiting for it here is
 * safe; it then waits for hv_lock and enters nothing before this LP is done.  The
 * kick is repeated, since an NMI can be lost under QEMU.
 */
static void force_exit(struct lp *lp)
{
	u64 exits = lp->exits;

	smp_mb();
	while (READ_ONCE(lp->in_guest) && READ_ONCE(lp->exits) == exits) {
		lp_kick(lp, KICK_FLUSH);
		cpu_relax();
	}
}

void lp_flush(struct partition *p)
{
	struct lp *me = this_lp();
	u32 i;

	rv_assert_locked();
	p->flushes++;
	for (i = 0; i < nr_lps; i++) {
		struct lp *lp = lps[i];
		struct vp *vp = lp->loaded;

		if (!lp->online || !vp || vp->partition != p)
			continue;
		vp->flush = true;
		if (lp != me)
			force_exit(lp);
	}
	/* VPs that are not loaded compare the number when they are. */
}

static __noinline void unload(struct lp *lp)
{
	struct vp *vp = lp->loaded;

	if (!vp)
		return;
	cpu_ops->unload(vp);
	fpu_save(vp);
	vp->holder = NULL;
	/* From here on the VP may be destroyed. */
	WRITE_ONCE(lp->loaded, NULL);
}

/* False if the processor refuses the VP's state. */
static bool load(struct lp *lp, struct vp *vp)
{
	if (lp->loaded == vp)
		return true;
	unload(lp);
	/* A child that moves is unloaded from its old processor first. */
	if (vp->holder)
		vp_unload(vp);
	guard_switch(lp, vp);
	if (!cpu_ops->load(vp) || !fpu_restore(vp))
		return false;
	if (vp->flushes != vp->partition->flushes)
		vp->flush = true;
	vp->flushes = vp->partition->flushes;
	vp->lp = lp;
	vp->holder = lp;
	lp->switches++;
	lp->loaded = vp;
	return true;
}

/*
 * Only the LP on which a VP is loaded can unload it.  It is asked to by a kick;
 * it may be in the root's guest, but the NMI makes it exit at once, and it
 * unloads the VP before it takes hv_lock.
 */
void vp_unload(struct vp *vp)
{
	struct lp *lp = READ_ONCE(vp->holder);

	rv_assert_locked();
	if (!lp)
		return;
	if (lp == this_lp()) {
		unload(lp);
		return;
	}
	while (READ_ONCE(lp->loaded) == vp) {
		lp_kick(lp, KICK_UNLOAD);
		cpu_relax();
	}
}

struct cpu_state *vp_state(struct vp *vp)
{
	vp_unload(vp);
	return vp->cpu;
}

/* Called without hv_lock, which the requesting LP holds. */
static void settle_unload(struct lp *lp)
{
	if (lp->kick & KICK_UNLOAD) {
		__atomic_fetch_and(&lp->kick, ~KICK_UNLOAD, __ATOMIC_SEQ_CST);
		unload(lp);
	}
}

static u64 turns;	/* acquisitions of hv_lock by lock_answering() */

static __noinline void wait_answering(struct lp *lp, struct spin me)
{
	u64 before = READ_ONCE(turns);

	do {
		settle_unload(lp);
		cpu_relax();
	} while (!spin_look(&hv_lock, &me));
	counts[RV_COUNT_OVERTAKEN] = MAX(counts[RV_COUNT_OVERTAKEN], turns - before);
}

static void lock_answering(struct lp *lp)
{
	struct spin me = spin_queue(&hv_lock);

	if (!spin_look(&hv_lock, &me))
		wait_answering(lp, me);
	WRITE_ONCE(turns, turns + 1);
	hv_owner = lp;
	settle_unload(lp);
}

void hv_unlock(void)
{
	rv_assert_locked();
	hv_owner = NULL;
	spin_unlock(&hv_lock);
}

static void settle_kicks(struct lp *lp)
{
	if (lp->kick || lp->root_nmi) {
		u32 kick = __atomic_exchange_n(&lp->kick, 0, __ATOMIC_SEQ_CST);
		u32 nmis = __atomic_exchange_n(&lp->root_nmi, 0, __ATOMIC_SEQ_CST);

		if (kick & KICK_UNLOAD)
			unload(lp);
		if (kick & KICK_LATE)
			lp_timer_late(lp);
		if (lp->root && ((kick & KICK_ROOT_NMI) || nmis))
			lp->root->nmi_pending = 1;
	}
	if (lp->root && lp->root->wait_sipi && lp->root->sipi_vector)
		root_vp_reset(lp->root);
}

/*
 * Nothing to run.  Kicks to an idle LP are a fixed interrupt, because STI; HLT is
 * atomic with respect to these, but STGI; HLT not with respect to an NMI.  All
 * kickers hold hv_lock, so none is in flight once it is held here again; those
 * that have arrived must not be left for the root.  A root that took the
 * processor offline has disabled its APIC, which would not accept them, hence
 * apic_reset().
 */
static void host_wait(struct lp *lp)
{
	lp_timers_leave(lp);
	apic_reset();
	lp->idle_since = tsc_now();
	WRITE_ONCE(lp->idle, true);
	hv_unlock();
	smp_mb();
	if (!READ_ONCE(lp->kick) && !READ_ONCE(lp->root_nmi)) {
		lp->halts++;
		host_idle(lp);
	}
	lock_answering(lp);
	WRITE_ONCE(lp->idle, false);
	lp->idle_time += tsc_now() - lp->idle_since;
	while (apic_irr(HOST_WAKE_VECTOR) && host_take_interrupt() >= 0)
		wrmsr(X2APIC_EOI, 0);
}

void lp_end_guest(struct lp *lp)
{
	if (__atomic_exchange_n(&lp->nmi_flight, 1, __ATOMIC_SEQ_CST))
		lp->nmi_spare = 1;
	send_nmi(lp);
}

static void enter(struct lp *lp, struct vp *vp)
{
	bool flush = vp->flush;

	vp->flush = false;
	cpu_ops->prepare(vp, flush);
	lp->in_guest = true;
	hv_unlock();
	cpu_ops->run(vp);
	if (vp->exit.reason == EXIT_KICKED)
		vp->flush |= flush;
	else if (vp->exit.undelivered.type)
		vp->entry.event = delivery_back(&vp->entry.event, &vp->exit.undelivered);
	else
		vp->entry.event.type = EVENT_NONE;
	lp->exits++;
	trail_add(&lp->exit_trail, (struct trail_entry){
		.where = vp->cpu->rip, .what = vp->exit.reason, .number = vp->exit.number,
		.vp = vp->index, .partition = (u32)vp->partition->id });
	lp->in_guest = false;
	lock_answering(lp);
}

bool lp_root_interrupted(struct lp *lp)
{
	bool interrupted = lp->interrupted;

	lp->interrupted = false;
	/* Under QEMU asking costs less than an exit. */
	if (tcg_defects)
		return lp_root_interrupt_pending(lp);
	return interrupted || lp->root_nmi || (lp->root && lp->root->nmi_pending);
}

bool lp_root_interrupt_pending(struct lp *lp)
{
	return apic_pending_vector() >= 0 || lp->root_nmi || lp->root_mc ||
	       (lp->root && lp->root->nmi_pending);
}

bool lp_root_in_interrupt(void)
{
	return apic_in_service();
}

/*
 * A child has left its guest because of a physical interrupt.  If it is only the
 * hypervisor's timer, it is taken here and the child may continue.  If left
 * pending, it would make the guest exit again before its first instruction,
 * forever.  A lower interrupt behind it makes the guest exit once more; to look for one
 * would take up to nine accesses to the APIC, each an exit to an outer hypervisor.
 */
static bool only_host_timer(struct lp *lp)
{
	u32 pending = apic_irr_top() & ~TOP_BIT(HOST_WAKE_VECTOR);
	int vector;

	lp->interrupted = true;
	if (!(pending & TOP_BIT(HOST_TIMER_VECTOR)) || pending > TOP_MASK(HOST_TIMER_VECTOR))
		return false;
	vector = host_take_interrupt();
	if (vector >= 0)
		wrmsr(X2APIC_EOI, 0);
	if (vector < 0 || vector == HOST_TIMER_VECTOR) {
		lp->interrupted = false;
		if (vector >= 0)
			lp->timer_armed = 0;
		return true;
	}
	/* An interrupt for the root has come in between: make it pending again. */
	if (vector != HOST_WAKE_VECTOR)
		wrmsr(X2APIC_SELF_IPI, (u64)vector);
	return false;
}

void lp_loop(struct lp *lp)
{
	struct vp *vp;
	u64 stints;

	lp->start_tsc = rdtsc();
	fpu_cpu_init();
	lock_answering(lp);
	for (;;) {
		settle_kicks(lp);
		if (tcg_has(TCG_LOSES_INTERRUPTS))
			lp_timer_watch(lp);
		lp_timer_run(lp);
		sched_pick(lp);
		vp = lp->child ?: lp->root;
		if (!vp || (vp == lp->root && !vp->started)) {
			host_wait(lp);
			continue;
		}
		if (!load(lp, vp)) {
			if (vp == lp->root)
				panic("the state of root VP %u is refused", vp->index);
			child_refused(vp);
			continue;
		}
		lp_timer_update(lp);
		if (vp == lp->root)
			root_prepare(vp);
		else
			child_prepare(vp);
		/* Preparing may have found that the VP cannot run. */
		if (vp != (lp->child ?: lp->root))
			continue;
		stints = lp->stints;
		enter(lp, vp);
		if (vp == lp->root) {
			lp->interrupted = false;
			count(RV_COUNT_ROOT_EXITS);
			root_exit(vp);
		} else if (lp->stints != stints) {
			/*
			 * Another LP has removed it meanwhile, and may have
			 * destroyed it.
			 */
			continue;
		} else if (vp->exit.reason == EXIT_KICKED) {
			continue;
		} else {
			count(RV_COUNT_CHILD_EXITS);
			if (vp->exit.reason == EXIT_INTERRUPT && only_host_timer(lp) &&
			    !vp->entry.event.type)
				continue;
			child_exit(vp);
		}
	}
}

void lp_interrupt_root(struct lp *lp, u8 vector)
{
	count(RV_COUNT_ROOT_INTERRUPTS);
	interrupt_sent(vector);
	apic_send(lp->apic_id, APIC_DM_FIXED << 8 | BIT(14) | vector);
}
