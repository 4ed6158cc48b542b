/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Logical processors.
 *
 * Model: every LP runs lp_loop(): handle kicks, choose a VP (the LP's root VP, or the
 * child VP that a scheduler has assigned), enter it, handle its exit.  Root VP n
 * always runs on LP n.
 *
 * A child VP can be destroyed by another LP whenever hv_lock is not held.  A pointer to
 * a child VP that was stored before may be stale, even if a VP is at that address now.
 *
 * Words: a *kick* makes another LP leave its guest (by NMI) and check its kick word;
 * the *loaded* VP is the one whose FPU, debug and hidden segment state is in the
 * processor.
 *
 * Locks: one, hv_lock.  It is held whenever hypervisor code runs, and dropped only
 * around VM entry and in host_wait().  It is fair.  The work between two entries is
 * short and bounded, exits are rare compared to the guest's own instructions, and one
 * rule is easier to follow than a lock order.  Fields that are read without it (kick,
 * in_guest, exits) are volatile.
 */
#ifndef _RV_LP_H
#define _RV_LP_H

#include <rv/base.h>
#include <rv/log.h>
#include <rv/timer.h>
#include <rv/trail.h>

#define MAX_LPS		64	/* a bank of the sets in hypercalls */
#define LP_STACK_SIZE	16384ull

#define KICK_RESCHED	BIT(0)	/* check the run queue and interrupts */
#define KICK_TIMER	BIT(1)	/* the earliest deadline has changed */
#define KICK_FLUSH	BIT(2)	/* flush the TLB */
#define KICK_ROOT_NMI	BIT(3)	/* the root's own NMI for this VP */
#define KICK_START	BIT(4)	/* the root has sent INIT or SIPI to it */
#define KICK_LATE	BIT(5)	/* a deadline is long past: was it lost? */
#define KICK_UNLOAD	BIT(6)	/* another LP wants the loaded VP's state */

struct cpu_state;
struct vp;

struct lp {
	struct lp *self;		/* the bottom of the LP's stack points here */
	u32 index;
	u32 apic_id;
	struct vp *root;		/* NULL until it is created */
	struct vp *child;		/* child VP assigned to this LP, or NULL */
	u64 stints;			/* changes of @child; see lp_loop() */
	struct vp *loaded;
	u64 last_child;			/* partition of the last child loaded */
	bool interrupted;		/* a child has left for an interrupt */
	bool online;			/* its host side is set up */
	bool added;			/* by AddLogicalProcessor */
	u32 charged;			/* pages that the root has paid for it */

	volatile u32 kick;		/* KICK_*, set by others */
	volatile u32 nmi_flight;	/* a kick's NMI is in flight */
	volatile u32 nmi_spare;		/* a second one may be: it was sent again */
	volatile u64 nmi_sent;		/* TSC of the last one */
	volatile u32 root_nmi;		/* NMIs that were not kicks */
	volatile bool root_mc;		/* a machine check for its root VP */
	int taken_vector;		/* by the host's gate: cpu/host.c */
	u8 spurious_vector;		/* of the APIC */
	volatile bool in_guest;
	volatile bool idle;		/* in the host's HLT */
	volatile u64 exits;		/* counts VM exits and refused entries */

	struct timer *timers;		/* pending, earliest on top */
	bool timer_owned;		/* the APIC timer is the hypervisor's */
	bool timer_stray;		/* its interrupt may be pending although it is not */
	u64 timer_armed;		/* TSC it was last programmed for, 0 none */
	u64 guest_time;			/* TSC ticks in guests */
	u64 start_tsc;

	/* Only for statistics; times in TSC ticks. */
	u64 idle_time, idle_since;	/* in the host's HLT */
	u64 switches;			/* another VP was loaded */
	u64 ipis_sent, halts;

	struct trail exit_trail, call_trail;

	u8 *in_buf, *out_buf;		/* a page each: hypercall input, output */
	u8 *cpu_page;			/* for the processor's own use, see rv/cpu.h */
};

extern struct lp *lps[MAX_LPS];
extern u32 nr_lps;

/*
 * A ticket lock: a guest's exits can follow each other so closely that another
 * processor would hardly ever find a simple lock free.  An emulator with one thread
 * for all processors runs the next one at PAUSE.
 *
 * One with a thread for each may have preempted the first waiter.  A waiter that finds
 * the lock free SPIN_PATIENCE times in a row takes it out of turn, and its ticket is
 * *passed over* when its turn comes.  A waiter SPIN_NUMBERS or more behind the first
 * never does.  Only the holder changes @serving and @passed.
 */
#define SPIN_PATIENCE	100
#define SPIN_NUMBERS	256

struct spinlock {
	u32 held;
	u32 next;		/* next free ticket */
	u32 serving;		/* ticket whose turn is next */
	u8 passed[SPIN_NUMBERS];
};

struct spin {
	u32 number, looks;
};

static inline struct spin spin_queue(struct spinlock *lock)
{
	return (struct spin){ __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED), 0 };
}

/* One attempt; true: the lock is taken. */
static inline bool spin_look(struct spinlock *lock, struct spin *me)
{
	u32 ahead;

	if (READ_ONCE(lock->held)) {
		me->looks = 0;
		return false;
	}
	ahead = me->number - READ_ONCE(lock->serving);
	if (ahead && (me->looks++ < SPIN_PATIENCE || ahead >= SPIN_NUMBERS))
		return false;
	if (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE))
		return false;
	/* Its turn may have come meanwhile. */
	if (me->number != lock->serving) {
		lock->passed[me->number % SPIN_NUMBERS] = 1;
		return true;
	}
	WRITE_ONCE(lock->serving, lock->serving + 1);
	while (lock->passed[lock->serving % SPIN_NUMBERS]) {
		lock->passed[lock->serving % SPIN_NUMBERS] = 0;
		WRITE_ONCE(lock->serving, lock->serving + 1);
	}
	return true;
}

static inline void spin_lock(struct spinlock *lock)
{
	struct spin me = spin_queue(lock);

	while (!spin_look(lock, &me))
		__asm__ __volatile__("pause" ::: "memory");
}

static inline void spin_unlock(struct spinlock *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}

extern struct spinlock hv_lock;

static inline struct lp *this_lp(void)
{
	u64 sp;

	__asm__("mov %%rsp, %0" : "=r"(sp));
	return *(struct lp **)(sp & ~(LP_STACK_SIZE - 1));
}

/* The LP that has hv_lock. */
extern struct lp *hv_owner;

void hv_unlock(void);

/* For functions that must be called with hv_lock held. */
#define rv_assert_locked()	rv_assert_locked_at(__func__)

static inline void rv_assert_locked_at(const char *function)
{
	if (hv_owner != this_lp())
		panic("%s() without hv_lock", function);
}

void lp_loop(struct lp *lp) __noreturn;

/* Makes @lp leave its guest and check @reason; does no harm on this_lp(). */
void lp_kick(struct lp *lp, u32 reason);

/*
 * Forces every LP that may run a VP of @p out of its guest once, so that no stale
 * translation is in use when this returns.  Does not drop hv_lock.
 */
struct partition;
void lp_flush(struct partition *p);

/*
 * Has a child just left its guest for a physical interrupt of the root, or is an NMI of
 * the root pending?  An interrupt that arrives later makes the child leave again.
 */
bool lp_root_interrupted(struct lp *lp);

/* Is one pending on this_lp()?  Asks the APIC. */
bool lp_root_interrupt_pending(struct lp *lp);

/* Does the root VP of this_lp() handle an interrupt, or is it about to? */
bool lp_root_in_interrupt(void);

/* Sends a fixed interrupt to the root VP of @lp, natively delivered. */
void lp_interrupt_root(struct lp *lp, u8 vector);

/* The VP's state, made current in memory; it must not be in its guest elsewhere. */
struct cpu_state *vp_state(struct vp *vp);

/* Saves the VP's state (FPU, DRs, hidden segments) to memory, wherever it runs. */
void vp_unload(struct vp *vp);

#endif
