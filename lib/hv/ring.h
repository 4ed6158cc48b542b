/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The consumer of an event ring.
 *
 * Model: the hypervisor fills empty slots one after the other, on any processor and
 * at any time; 0 means an empty slot.  The consumer empties them in the same order,
 * from its tail on.  The includer provides READ_ONCE(), WRITE_ONCE() and smp_rmb().
 */
#ifndef _LIB_HV_RING_H
#define _LIB_HV_RING_H

#include <hyperv/hv_root.h>

/**
 * hv_ring_find() - the slot that was filled first
 * @ring: the ring
 * @tail: the next slot, if nothing is lost
 *
 * Normally that is the tail.  After loading, or after another driver has used the
 * ring, it is not, and has to be searched for.
 *
 * Slots are filled during the search.  One that was empty when it was checked, with
 * a filled one behind it, has been filled since: it comes before the other.
 *
 * Return: the slot, or @tail if all are empty.
 */
static inline unsigned int hv_ring_find(const struct hv_synic_event_ring *ring,
					unsigned int tail)
{
	const unsigned int count = HV_SYNIC_EVENT_RING_MESSAGE_COUNT;
	unsigned int i = 0;

	if (READ_ONCE(ring->data[tail]))
		return tail;
	while (!READ_ONCE(ring->data[(tail + i) % count]))
		if (++i == count)
			return tail;
	/* First find a filled slot, then check those before it. */
	smp_rmb();
	while (i && READ_ONCE(ring->data[(tail + i - 1) % count]))
		i--;
	return (tail + i) % count;
}

/**
 * hv_ring_take() - empty the next slot
 * @ring: the ring
 * @tail: its number, which is advanced
 *
 * Return: its content, or 0.
 */
static inline __u32 hv_ring_take(struct hv_synic_event_ring *ring,
				 unsigned int *tail)
{
	__u32 port_id = READ_ONCE(ring->data[*tail]);

	if (!port_id)
		return 0;
	WRITE_ONCE(ring->data[*tail], 0);
	if (++*tail == HV_SYNIC_EVENT_RING_MESSAGE_COUNT)
		*tail = 0;
	return port_id;
}

#endif
