/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The synthetic interrupt controller of one VP, root or child.
 *
 * Model: sixteen SINTs.  A message goes into the SINT's slot of the message
 * page when it is free, otherwise it waits in a bounded queue and the slot's
 * pending flag is set; EOM takes the next.  The end of a child's queue is kept for the
 * hypervisor's own messages, of which one can wait for each SINT.  A port of the root's doorbells
 * appears in the event ring.
 */
#ifndef _RV_SYNIC_H
#define _RV_SYNIC_H

#include <rv/base.h>

#define SYNIC_SINTS		16
#define SYNIC_QUEUE_PAGES	16	/* of 15 messages each, shared by SINTs */
#define SYNIC_CHILD_PAGES	3	/* of these, that a child VP has */

struct lp;
struct slot;
struct vp;

struct synic {
	u64 scontrol, simp, siefp, sirbp;
	u64 sint[SYNIC_SINTS];
	u8 *message_page, *event_page, *ring_page;	/* NULL: not enabled */
	u8 ring_producer[SYNIC_SINTS];
	u16 told;			/* SINTs with a queued SINT intercept */
	u32 queued;			/* messages waiting */
	void *queue[SYNIC_QUEUE_PAGES];
	u16 queue_head[SYNIC_SINTS];	/* index into the queue pages + 1 */
	u16 queue_tail[SYNIC_SINTS];
	u16 queue_free;
	struct slot *owed[SYNIC_SINTS];	/* doorbells that found the ring full */
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

/* Set an event flag; *newly tells whether it was clear before. */
u16 synic_signal(struct vp *vp, u32 sint, u32 flag, bool *newly);

/* Would a root VP hear a message of the hypervisor's? */
bool synic_listens(const struct vp *root);

/* The root VP of @lp, or another one while that is offline or not set up. */
struct vp *synic_listener(struct lp *lp);

void synic_eom(struct vp *vp);

/* A VP goes, with what waits. */
void synic_free(struct vp *vp);

bool synic_sint_ready(struct vp *vp, u32 sint);
/* The slot is free for a message; if not, the guest is told that one waits. */
bool synic_claim(struct vp *vp, u32 sint);

/*
 * The payload of the last message that waits for a SINT's slot if it is of this
 * type, else NULL: more news of the same kind may be added to it.
 */
void *synic_last_queued(struct vp *vp, u32 sint, u32 type);

/* The root consumer says that it has emptied a ring that was full. */
u16 synic_ring_empty(struct vp *vp, u32 sint);

#endif
