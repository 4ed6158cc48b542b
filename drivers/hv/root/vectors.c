// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts for a VP that is not running, without a hypercall (root scheduler).
 *
 * Model: the register page has room for a few vectors, which a dispatch delivers if
 * a flag asks it to.  While a VP is not in a dispatch an irqfd adds its vector to
 * that page, and the next dispatch, which is needed anyway, delivers it.  A thread
 * that sleeps because the guest is idle is woken.  An interrupt for a VP that is in
 * a dispatch is asserted by hypercall.
 *
 * Nothing is locked.  A thread marks the VP as running before it looks at the page;
 * an irqfd adds its vector before it looks whether the VP runs.  So at least one of
 * them sees what the other has done, and an irqfd that does takes the vectors out of
 * the page again and asserts them.  The page is only ever emptied with an exchange, by
 * the hypervisor as well: each vector is taken once.
 *
 * Vectors that wait belong to the local APIC's state.  Whatever reads or sets that
 * state asserts them first, see mshv_vectors_flush().
 *
 * This is for plain interrupts only: edge triggered, for one local APIC, by its id.
 * Logical ids are the guest's to change, and nothing tells when it does.  An irqfd
 * asks the hypervisor once whose APIC that is, and again after a VMM has set anything
 * that may change the answer.  User space can write the page, too; that affects its
 * own guest only.
 *
 * The hypervisor unmaps the page of a partition without irqfds, or of a broken one.
 * An irqfd checks for the latter with interrupts off, see mshv_memory_begin().
 */
#include <linux/atomic.h>

#include <hyperv/hv_root.h>

#include "compat.h"
#include "core.h"
#include "irqfd.h"
#include "sched.h"
#include "trace.h"
#include "vector_list.h"

/* In xAPIC mode this is all processors. */
#define APIC_BROADCAST		0xff

/* Does the hypervisor take vectors from the register page? */
bool mshv_vectors_offered;

/**
 * mshv_vectors_init() - check whether the hypervisor takes vectors from the page
 */
void mshv_vectors_init(void)
{
	mshv_vectors_offered = mshv_sched == &mshv_sched_root &&
			       cpuid_ecx(HYPERV_CPUID_FEATURES) &
				       HV_VP_DISPATCH_INTERRUPT_INJECTION_AVAILABLE;
}

/* Take what is in the page, and assert it. */
static void vectors_assert(struct mshv_vp *vp)
{
	u32 apic_id = READ_ONCE(vp->apic_id);
	union hv_vp_register_page_interrupt_vectors v;
	unsigned int i;
	int ret;

	v.as_uint64 = xchg(&vp->registers->interrupt_vectors.as_uint64, 0);
	for (i = 0; i < min_t(unsigned int, v.vector_count,
			      HV_VP_REGISTER_PAGE_MAX_VECTOR_COUNT); i++) {
		ret = mshv_call_assert_interrupt(vp->partition->id,
						 HV_X64_INTERRUPT_TYPE_FIXED, 0,
						 apic_id, v.vector[i]);
		trace_mshv_inject(vp->partition->id, apic_id, v.vector[i], ret);
	}
}

/**
 * mshv_vectors_flush() - leave nothing in the page
 * @vp: the processor
 *
 * To be called before the state of its local APIC is read or set.
 *
 * Context: under vp->lock, or with a reference on the partition; any but NMI.
 */
void mshv_vectors_flush(struct mshv_vp *vp)
{
	unsigned long flags;

	if (!READ_ONCE(vp->partition->events.had_irqfds) ||
	    !mshv_memory_begin(vp->partition, &flags))
		return;
	if (mshv_vectors_waiting(vp))
		vectors_assert(vp);
	mshv_memory_end(flags);
}

/**
 * mshv_vectors_forget() - a local APIC is new, or may have another id now
 * @partition: the partition
 *
 * To be called afterwards.
 *
 * Context: any.
 */
void mshv_vectors_forget(struct mshv_partition *partition)
{
	/* What has been asked for meanwhile is asked for again. */
	smp_mb__before_atomic();
	atomic_inc(&partition->events.apic_epoch);
}

/* Ask the hypervisor which processor has a local APIC. */
static void vectors_learn(struct mshv_partition *partition, u32 epoch, u32 id,
			  struct mshv_apic *apic)
{
	u32 index;

	apic->epoch = epoch;
	apic->id = id;
	apic->vp = mshv_call_vp_of_apic(partition->id, id, &index) ? NULL :
		   mshv_vp_find(partition, index);
}

static bool vectors_add(u64 *page, u8 vector)
{
	u64 old, list;

	do {
		old = READ_ONCE(*page);
		if (!vector_list_add(old, vector, &list))
			return false;
		/* Also if it is there already: the barrier is needed. */
	} while (cmpxchg(page, old, list) != old);
	return true;
}

static bool vectors_put(struct mshv_vp *vp, u32 apic_id, u8 vector)
{
	struct hv_vp_register_page *page = vp->registers;

	if (!page || READ_ONCE(vp->vector_stage) == MSHV_VECTORS_RUNNING)
		return false;
	if (READ_ONCE(vp->apic_id) != apic_id)
		WRITE_ONCE(vp->apic_id, apic_id);
	/* Pairs with root_dispatch(): page, then stage. */
	if (!vectors_add(&page->interrupt_vectors.as_uint64, vector))
		return false;
	switch (READ_ONCE(vp->vector_stage)) {
	case MSHV_VECTORS_PARKED:
		break;
	case MSHV_VECTORS_ASLEEP:
		mshv_vp_kick(vp);
		break;
	case MSHV_VECTORS_RUNNING:
		vectors_assert(vp);
		break;
	}
	return true;
}

/**
 * mshv_vectors_post() - an interrupt for a processor that may not be running
 * @partition: the partition
 * @route: the interrupt
 * @apic: what its irqfd knows of the local APIC
 *
 * Context: interrupts are off; vectors in the register page are offered.
 * Return: false if it has to be asserted by hypercall.
 */
bool mshv_vectors_post(struct mshv_partition *partition,
		       const struct mshv_route *route, struct mshv_apic *apic)
{
	u32 epoch, id = route->destination;

	lockdep_assert_irqs_disabled();
	/* To one local APIC, lowest priority is the same as fixed. */
	if (route->level || route->logical ||
	    route->type > HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY ||
	    id == APIC_BROADCAST)
		return false;
	/* Pairs with mshv_partition_stop(), which waits for this. */
	if (READ_ONCE(partition->broken))
		return false;
	epoch = atomic_read_acquire(&partition->events.apic_epoch);
	if (apic->epoch != epoch || apic->id != id)
		vectors_learn(partition, epoch, id, apic);
	return apic->vp && vectors_put(apic->vp, id, route->vector);
}
