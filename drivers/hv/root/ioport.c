// SPDX-License-Identifier: GPL-2.0
/*
 * ioeventfds at I/O ports: a port write of the guest becomes a signal.
 *
 * Model: the hypervisor has no doorbells for ports, so the write is an intercept
 * like any other.  If it matches, it is handled here: the guest's instruction is
 * skipped, the eventfds are signalled, and the VP continues without its VMM.
 * Anything but a plain write (string instructions, a guest that is single-stepped)
 * is left to the VMM.
 *
 * An array indexed by port has the first ioeventfd of each port; those at the same
 * port are chained.  Changes are serialised by events->lock, readers hold RCU.
 */
#include <linux/rcupdate.h>
#include <linux/xarray.h>
#include <asm/processor-flags.h>

#include <hyperv/hv_root.h>

#include "core.h"
#include "event.h"
#include "doorbell_rules.h"

/**
 * mshv_ioport_add() - signal an eventfd on a port write
 * @partition: the partition
 * @p: the ioeventfd
 *
 * Return: 0 or -ENOMEM.
 */
int mshv_ioport_add(struct mshv_partition *partition, struct mshv_ioeventfd *p)
{
	struct xarray *ioports = &partition->events.ioports;

	lockdep_assert_held(&partition->events.lock);
	rcu_assign_pointer(p->next, xa_load(ioports, p->addr));
	return xa_err(xa_store(ioports, p->addr, p, GFP_KERNEL_ACCOUNT));
}

static struct mshv_ioeventfd *ioport_next(struct mshv_partition *partition,
					  struct mshv_ioeventfd *p)
{
	return rcu_dereference_protected(p->next,
					 lockdep_is_held(&partition->events.lock));
}

/**
 * mshv_ioport_remove() - stop signalling an eventfd
 * @partition: the partition
 * @p: the ioeventfd, which is freed after a grace period
 */
void mshv_ioport_remove(struct mshv_partition *partition,
			struct mshv_ioeventfd *p)
{
	struct xarray *ioports = &partition->events.ioports;
	struct mshv_ioeventfd *at = xa_load(ioports, p->addr);
	struct mshv_ioeventfd *next = ioport_next(partition, p);

	lockdep_assert_held(&partition->events.lock);
	if (at == p) {
		/* Replacing an entry needs no memory. */
		xa_store(ioports, p->addr, next, 0);
		return;
	}
	for (; at; at = ioport_next(partition, at)) {
		if (rcu_access_pointer(at->next) == p) {
			rcu_assign_pointer(at->next, next);
			return;
		}
	}
}

/* Does a write match any?  With @signal the eventfds are signalled. */
static bool ioport_find(struct mshv_partition *partition, u16 port, u32 size, u32 value,
			bool signal)
{
	struct mshv_ioeventfd *p;
	bool found = false;

	rcu_read_lock();
	for (p = xa_load(&partition->events.ioports, port); p;
	     p = rcu_dereference(p->next)) {
		if (!doorbell_matches(p, size, value))
			continue;
		found = true;
		if (!signal)
			break;
		mshv_ioeventfd_signal(p);
	}
	rcu_read_unlock();
	return found;
}

/**
 * mshv_ioport_write() - the guest has used a port
 * @vp: its processor, which is in the intercept
 *
 * Context: process context; sleeps.
 * Return: 1 if the guest can go on, 0 if this is for the VMM, or a negative
 * errno.
 */
int mshv_ioport_write(struct mshv_vp *vp)
{
	static const u32 name = HV_X64_REGISTER_RIP;
	/* The page is shared with user space: read everything once. */
	const struct hv_x64_io_port_intercept_message *m =
		(const void *)vp->message->u.payload;
	u8 info = READ_ONCE(m->access_info);
	u8 size = info & HV_IO_PORT_ACCESS_SIZE_MASK;
	u16 port = READ_ONCE(m->port_number);
	u32 value = READ_ONCE(m->rax);
	u8 length = READ_ONCE(*hv_intercept_length_cr8(&m->header)) &
		    HV_X64_INTERCEPT_LENGTH_MASK;
	u64 rip;
	int ret;

	lockdep_assert_held(&vp->lock);
	if (xa_empty(&vp->partition->events.ioports))
		return 0;
	if (READ_ONCE(m->header.intercept_access_type) !=
		    HV_INTERCEPT_ACCESS_WRITE ||
	    info & (HV_IO_PORT_ACCESS_STRING | HV_IO_PORT_ACCESS_REP) ||
	    (size != 1 && size != 2 && size != 4) || !length ||
	    READ_ONCE(m->header.rflags) & X86_EFLAGS_TF ||
	    !ioport_find(vp->partition, port, size, value, false))
		return 0;
	/* What can fail comes first: no signal for a write that will be repeated. */
	rip = READ_ONCE(m->header.rip) + length;
	ret = mshv_call_set_registers(vp->partition->id, vp->index, 1, &name, &rip);
	if (ret)
		return ret;
	ioport_find(vp->partition, port, size, value, true);
	return 1;
}
