/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The synthetic interrupt controller of one VP, root or child.
 *
 * Model: sixteen SINTs.  A message goes into the SINT's slot of the message page if
 * that is free; otherwise it waits in a bounded queue and the slot's pending flag is
 * set; EOM takes the next one.  The end of a child's queue is reserved for messages of
 * the hypervisor, of which one can wait for each SINT.  The port of a doorbell of the
 * root appears in the event ring.
 */
#ifndef _RV_SYNIC_H
#define _RV_SYNIC_H

#include <rv/base.h>

#define SYNIC_SINTS		16
#define SYNIC_QUEUE_PAGES	16	/* of 15 messages each, shared by SINTs */
#define SYNIC_CHILD_PAGES	3	/* of these, for a child VP */

struct lp;
struct slot;
struct vp;

struct synic {
	u64 scontrol, simp, siefp, sirbp;
	u64 sint[SYNIC_SINTS];
	u8 *message_page, *event_page, *ring_page;	/* NULL: not enabled */
	u8 ring_producer[SYNIC_SINTS];
	u16 reported;			/* SINTs with a queued SINT intercept */
	u32 queued;			/* messages waiting */
	u64 interrupts;			/* sent, for statistics */
	void *queue[SYNIC_QUEUE_PAGES];
	u16 queue_head[SYNIC_SINTS];	/* index into the queue pages + 1 */
	u16 queue_tail[SYNIC_SINTS];
	u16 queue_free;
	struct slot *deferred[SYNIC_SINTS];	/* doorbells that found the ring full */
};

/* Reset state: all SINTs masked, pages disabled. */
void synic_reset(struct vp *vp);

/*
 * Post a message (@type, @sender, @payload of @len bytes) to a SINT.
 * HV_STATUS_SUCCESS also when it was queued; INSUFFICIENT_BUFFERS when the
 * queue is full (counted), INVALID_SYNIC_STATE when the SynIC is off.
 */
u16 synic_post(struct vp *vp, u32 sint, u32 type, u64 sender,
	       const void *payload, u32 len);

/* Put a port id in the event ring of a SINT and signal as needed. */
u16 synic_ring(struct vp *vp, u32 sint, u32 port_id);

/* Sets an event flag; *newly: it was clear before. */
u16 synic_signal(struct vp *vp, u32 sint, u32 flag, bool *newly);

/* Would a root VP receive a message of the hypervisor? */
bool synic_listens(const struct vp *root);

/* The root VP of @lp, or another one if that is offline or not set up. */
struct vp *synic_listener(struct lp *lp);

void synic_eom(struct vp *vp);

/* The VP is being destroyed; drops what is queued. */
void synic_free(struct vp *vp);

bool synic_sint_ready(struct vp *vp, u32 sint);
/* Is the slot free for a message?  If not, marks in it that one is pending. */
bool synic_claim(struct vp *vp, u32 sint);

/*
 * The payload of the last message that waits for a SINT's slot if it is of this type,
 * else NULL: another event of this type may be merged into it.
 */
void *synic_last_queued(struct vp *vp, u32 sint, u32 type);

/* The root has emptied an event ring that was full. */
u16 synic_ring_empty(struct vp *vp, u32 sint);

#endif
