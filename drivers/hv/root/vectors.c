// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts for a sleeping VP without a hypercall (root scheduler).
 *
 * Model: the register page has room for a few vectors, which a dispatch delivers if
 * a flag asks it to.  While a VP's thread sleeps, because the guest is idle, an
 * interrupt is added to that page and the thread is woken; the dispatch that
 * follows anyway delivers it.  At all other times interrupts are asserted by
 * hypercall.
 *
 * A VP is "open" from before its thread sleeps until after it has woken; vectors
 * are only added while it is open, under a lock, hence before the thread checks for
 * any.  If a run ends for another reason, what it leaves is asserted by hypercall,
 * so that the page is empty whenever others can see the VP's state.
 *
 * This is for plain interrupts only: fixed, edge triggered, for one local APIC.
 * A VMM may have chosen another APIC id, so the hypervisor is asked once whether a
 * VP's id is its index, and again after its local APIC has been set; a VP with another
 * one gets its interrupts by hypercall.  User space can write the page, too; that
 * affects its own guest only.
 *
 * Lock order: eventfd's lock > vp->vector_lock.
 */
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include <hyperv/hv_root.h>

#include "compat.h"
#include "core.h"
#include "sched.h"
#include "trace.h"
#include "vector_list.h"

/* In xAPIC mode this is all processors. */
#define APIC_BROADCAST		0xff

static bool offered;

/**
 * mshv_vectors_init() - check whether the hypervisor takes vectors from the page
 */
void mshv_vectors_init(void)
{
	offered = mshv_sched == &mshv_sched_root &&
		  cpuid_ecx(HYPERV_CPUID_FEATURES) &
			  HV_VP_DISPATCH_INTERRUPT_INJECTION_AVAILABLE;
}

/* Ask the hypervisor; may sleep. */
static enum mshv_vector_use vectors_learn(struct mshv_vp *vp)
{
	u32 index;

	if (mshv_call_vp_of_apic(vp->partition->id, vp->index, &index) ||
	    index != vp->index || !vp->registers)
		return MSHV_VECTORS_NO;
	return MSHV_VECTORS_YES;
}

/**
 * mshv_vectors_open() - the thread is going to sleep
 * @vp: its processor
 */
void mshv_vectors_open(struct mshv_vp *vp)
{
	enum mshv_vector_use use = READ_ONCE(vp->vector_use);

	if (!offered || use == MSHV_VECTORS_NO ||
	    !READ_ONCE(vp->partition->events.had_irqfds))
		return;
	if (use == MSHV_VECTORS_UNKNOWN) {
		use = vectors_learn(vp);
		WRITE_ONCE(vp->vector_use, use);
		if (use != MSHV_VECTORS_YES)
			return;
	}
	spin_lock_irq(&vp->vector_lock);
	WRITE_ONCE(vp->vectors_open, vp->vector_use == MSHV_VECTORS_YES);
	spin_unlock_irq(&vp->vector_lock);
}

/**
 * mshv_vectors_close() - the thread has woken
 * @vp: its processor
 */
void mshv_vectors_close(struct mshv_vp *vp)
{
	if (!offered)
		return;
	spin_lock_irq(&vp->vector_lock);
	WRITE_ONCE(vp->vectors_open, false);
	spin_unlock_irq(&vp->vector_lock);
}

/**
 * mshv_vectors_waiting() - should the next dispatch look at the page?
 * @vp: its processor
 *
 * Return: true if there are vectors.
 */
bool mshv_vectors_waiting(struct mshv_vp *vp)
{
	const struct hv_vp_register_page *page = vp->registers;

	return offered && page && READ_ONCE(page->interrupt_vectors.as_uint64);
}

/**
 * mshv_vectors_flush() - the run ends: leave nothing in the page
 * @vp: its processor, not open
 */
void mshv_vectors_flush(struct mshv_vp *vp)
{
	union hv_vp_register_page_interrupt_vectors v;
	unsigned int i;
	int ret;

	if (!mshv_vectors_waiting(vp))
		return;
	v.as_uint64 = xchg(&vp->registers->interrupt_vectors.as_uint64, 0);
	for (i = 0; i < min_t(unsigned int, v.vector_count,
			      HV_VP_REGISTER_PAGE_MAX_VECTOR_COUNT); i++) {
		ret = mshv_call_assert_interrupt(vp->partition->id,
						 HV_X64_INTERRUPT_TYPE_FIXED, 0,
						 vp->index, v.vector[i]);
		trace_mshv_inject(vp->partition->id, vp->index, v.vector[i],
				  ret);
	}
}

/**
 * mshv_vectors_forget() - its local APIC may have another id now
 * @vp: the processor
 *
 * Context: under rcu_read_lock() or with a reference; any.
 */
void mshv_vectors_forget(struct mshv_vp *vp)
{
	unsigned long flags;

	spin_lock_irqsave(&vp->vector_lock, flags);
	WRITE_ONCE(vp->vectors_open, false);
	/* "No" has other reasons as well, which do not change. */
	if (vp->vector_use == MSHV_VECTORS_YES)
		WRITE_ONCE(vp->vector_use, MSHV_VECTORS_UNKNOWN);
	spin_unlock_irqrestore(&vp->vector_lock, flags);
}

static bool vectors_add(struct mshv_vp *vp, u8 vector)
{
	u64 *page = &vp->registers->interrupt_vectors.as_uint64, old, list;

	do {
		old = READ_ONCE(*page);
		if (!vector_list_add(old, vector, &list))
			return false;
		/* It may be there already. */
	} while (list != old && cmpxchg(page, old, list) != old);
	return true;
}

/**
 * mshv_vectors_post() - an interrupt for a processor that may be asleep
 * @partition: the partition
 * @route: the interrupt
 *
 * Context: any but NMI.
 * Return: false if it has to be asserted by hypercall.
 */
bool mshv_vectors_post(struct mshv_partition *partition,
		       const struct mshv_route *route)
{
	unsigned long flags;
	struct mshv_vp *vp;
	bool done = false;

	if (!offered || route->level || route->logical ||
	    route->type != HV_X64_INTERRUPT_TYPE_FIXED ||
	    route->destination == APIC_BROADCAST)
		return false;
	rcu_read_lock();
	vp = mshv_vp_find(partition, route->destination);
	if (vp && READ_ONCE(vp->vectors_open)) {
		spin_lock_irqsave(&vp->vector_lock, flags);
		done = vp->vectors_open && vectors_add(vp, route->vector);
		spin_unlock_irqrestore(&vp->vector_lock, flags);
		if (done)
			mshv_vp_kick(vp);
	}
	rcu_read_unlock();
	return done;
}
