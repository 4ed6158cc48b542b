// SPDX-License-Identifier: GPL-2.0
/*
 * Synthetic interrupt controllers of root and child VPs.
 *
 * Model: see rv/synic.h.  The root's pages are window pages, at addresses that the
 * hypervisor chooses; a child places its pages over its own GPAs.  A message that finds
 * its slot in use waits in a queue of pages that are allocated on demand, a child's from
 * what was reserved with the VP, and are freed with the VP.
 *
 * Words: a SINT "as intercept" has no messages or flags of its own; its events are
 * messages to SINT 0 that say which SINT it was.
 */
#include <hyperv/hv_message.h>
#include <hyperv/hv_msr.h>
#include <hyperv/hv_status.h>
#include <hyperv/hv_synic.h>
#include <rv/call.h>
#include <rv/count.h>
#include <rv/doorbell.h>
#include <rv/inject.h>
#include <rv/page.h>
#include "child.h"
#include "pending.h"

#define QUEUE_PER_PAGE		15

/* Entry 0 of the page contains the links of the others. */
struct queue_page {
	u16 next[128];
	struct hv_message message[QUEUE_PER_PAGE];
};

static_assert(sizeof(struct queue_page) == 4096, "");

static struct hv_message *queue_message(struct synic *s, u16 index)
{
	struct queue_page *page = s->queue[(index - 1) / QUEUE_PER_PAGE];

	return &page->message[(index - 1) % QUEUE_PER_PAGE];
}

static u16 *queue_next(struct synic *s, u16 index)
{
	struct queue_page *page = s->queue[(index - 1) / QUEUE_PER_PAGE];

	return &page->next[(index - 1) % QUEUE_PER_PAGE];
}

static u32 queue_pages(const struct vp *vp)
{
	return vp_is_root(vp) ? SYNIC_QUEUE_PAGES : SYNIC_CHILD_PAGES;
}

static bool queue_grow(struct vp *vp)
{
	struct synic *s = &vp->synic;

	for (u32 i = 0; i < queue_pages(vp); i++) {
		if (s->queue[i])
			continue;
		/* The hypervisor's own messages to the root need no deposit. */
		s->queue[i] = vp_is_root(vp) ? reserve_alloc(1) :
					       pool_alloc_reserved(vp->partition);
		if (!s->queue[i])
			return false;
		for (u32 n = 0; n < QUEUE_PER_PAGE; n++) {
			u16 index = i * QUEUE_PER_PAGE + n + 1;

			*queue_next(s, index) = s->queue_free;
			s->queue_free = index;
		}
		return true;
	}
	return false;
}

static struct hv_message *queue_add(struct vp *vp, u32 sint)
{
	struct synic *s = &vp->synic;
	u16 index;

	if (!s->queue_free && !queue_grow(vp))
		return NULL;
	index = s->queue_free;
	s->queue_free = *queue_next(s, index);
	*queue_next(s, index) = 0;
	if (s->queue_head[sint])
		*queue_next(s, s->queue_tail[sint]) = index;
	else
		s->queue_head[sint] = index;
	s->queue_tail[sint] = index;
	s->queued++;
	return queue_message(s, index);
}

static void queue_drop(struct vp *vp, u32 sint)
{
	struct synic *s = &vp->synic;
	u16 index = s->queue_head[sint];

	s->queue_head[sint] = *queue_next(s, index);
	*queue_next(s, index) = s->queue_free;
	s->queue_free = index;
	s->queued--;
}

void *synic_last_queued(struct vp *vp, u32 sint, u32 type)
{
	struct synic *s = &vp->synic;
	struct hv_message *message;

	if (!s->queue_head[sint])
		return NULL;
	message = queue_message(s, s->queue_tail[sint]);
	return message->header.message_type == type ? message->u.bytes : NULL;
}

/* ---- slots ------------------------------------------------------------------- */

static struct hv_message *slot_of(struct vp *vp, u32 sint)
{
	struct hv_message_page *page = (void *)vp->synic.message_page;

	return &page->sint_message[sint];
}

static bool synic_on(const struct vp *vp)
{
	return vp->synic.scontrol & HV_SYNIC_CONTROL_ENABLE;
}

static bool slot_free(struct vp *vp, u32 sint)
{
	return READ_ONCE(slot_of(vp, sint)->header.message_type) == HVMSG_NONE;
}

/*
 * May a message be put into the slot now?  If not, sets the flag that one is pending:
 * without it the consumer does not report that the slot is free again.
 */
static bool slot_claim(struct vp *vp, u32 sint)
{
	if (slot_free(vp, sint))
		return true;
	slot_of(vp, sint)->header.message_flags |= HV_MESSAGE_FLAG_PENDING;
	smp_mb();
	/* The consumer may just have missed the flag. */
	return slot_free(vp, sint);
}

bool synic_claim(struct vp *vp, u32 sint)
{
	return synic_on(vp) && vp->synic.message_page &&
	       !vp->synic.queue_head[sint] && slot_claim(vp, sint);
}

bool synic_sint_ready(struct vp *vp, u32 sint)
{
	return synic_on(vp) && vp->synic.message_page &&
	       !vp->synic.queue_head[sint] && slot_free(vp, sint);
}

static void interrupt(struct vp *vp, u32 sint)
{
	u64 value = vp->synic.sint[sint];
	u8 vector = value & HV_SYNIC_SINT_VECTOR_MASK;

	if (value & (HV_SYNIC_SINT_MASKED | HV_SYNIC_SINT_POLLING))
		return;
	vp->synic.interrupts++;
	if (vp_is_root(vp))
		lp_interrupt_root(vp->lp, vector);
	else if (value & HV_SYNIC_SINT_AUTO_EOI)
		vapic_accept_auto_eoi(vp, vector);
	else
		vapic_accept(vp, vector, false);
}

static bool more_waits(struct vp *vp, u32 sint)
{
	return vp->synic.queue_head[sint] ||
	       (!vp_is_root(vp) && (stimer_waits(vp, sint) || pending_wants_sint(vp, sint)));
}

/* The type is written last: until then the consumer ignores the slot. */
static void slot_fill(struct vp *vp, u32 sint, const struct hv_message *from)
{
	struct hv_message *slot = slot_of(vp, sint);

	memcpy((u8 *)slot + 4, (const u8 *)from + 4, sizeof(*slot) - 4);
	slot->header.message_flags = more_waits(vp, sint) ? HV_MESSAGE_FLAG_PENDING : 0;
	smp_mb();
	WRITE_ONCE(slot->header.message_type, from->header.message_type);
	if (vp_is_root(vp))
		count(RV_COUNT_MESSAGES);
}

/* Can another message be queued? */
static bool has_room(const struct vp *vp, const struct hv_message *message)
{
	u32 room = queue_pages(vp) * QUEUE_PER_PAGE;

	if (!vp_is_root(vp) && !(message->header.message_type & HV_MESSAGE_TYPE_HYPERVISOR))
		room -= SYNIC_SINTS;
	return vp->synic.queued < room;
}

/* Moves the head of a queue into its slot; true if it was moved. */
static bool slot_refill(struct vp *vp, u32 sint)
{
	struct synic *s = &vp->synic;
	struct hv_message message;

	if (!s->queue_head[sint] || !s->message_page)
		return false;
	if (!slot_claim(vp, sint))
		return false;
	message = *queue_message(s, s->queue_head[sint]);
	queue_drop(vp, sint);
	if (message.header.message_type == HVMSG_SYNIC_SINT_INTERCEPT)
		s->reported &= ~BIT((u32)message.u.payload[0] & 15);
	slot_fill(vp, sint, &message);
	interrupt(vp, sint);
	return true;
}

static u16 post_once(struct vp *vp, u32 sint, const struct hv_message *message)
{
	struct hv_message *queued;

	queued = has_room(vp, message) ? queue_add(vp, sint) : NULL;
	if (!queued) {
		book_overflows++;
		return HV_STATUS_INSUFFICIENT_BUFFERS;
	}
	*queued = *message;
	if (!slot_refill(vp, sint) && vp_is_root(vp))
		count(RV_COUNT_MESSAGES_QUEUED);
	return HV_STATUS_SUCCESS;
}

u16 synic_post(struct vp *vp, u32 sint, u32 type, u64 sender,
	       const void *payload, u32 len)
{
	struct hv_message message = {
		.header.message_type = type,
		.header.payload_size = len,
		.header.sender = sender,
	};
	u16 status = HV_STATUS_SUCCESS;
	u32 copies = 1;

	if (!synic_on(vp) || !vp->synic.message_page ||
	    (vp->synic.sint[sint] & HV_SYNIC_SINT_MASKED))
		return HV_STATUS_INVALID_SYNIC_STATE;
	memcpy(message.u.bytes, payload,
	       MIN(len, (u32)HV_MESSAGE_PAYLOAD_BYTE_COUNT));
	if (vp_is_root(vp))
		copies = inject_message(vp, sint, &message);
	while (copies-- && status == HV_STATUS_SUCCESS)
		status = post_once(vp, sint, &message);
	return status;
}

bool synic_listens(const struct vp *root)
{
	return synic_on(root) && root->synic.message_page &&
	       !(root->synic.sint[HV_SYNIC_INTERCEPTION_SINT_INDEX] &
		 HV_SYNIC_SINT_MASKED);
}

struct vp *synic_listener(struct lp *lp)
{
	u32 i;

	if (!lp->root || synic_listens(lp->root))
		return lp->root;
	for (i = 0; i < nr_lps; i++)
		if (lps[i] && lps[i]->root && synic_listens(lps[i]->root))
			return lps[i]->root;
	return lp->root;
}

void synic_eom(struct vp *vp)
{
	if (vp_is_root(vp))
		count(RV_COUNT_EOM);
	for (u32 i = 0; i < SYNIC_SINTS; i++)
		slot_refill(vp, i);
	if (!vp_is_root(vp))
		stimer_eom(vp);
}

/* ---- flags and rings ------------------------------------------------------------ */

/* An event of a SINT, reported in SINT 0 if it is "as intercept". */
static void sint_event(struct vp *vp, u32 sint)
{
	u32 payload = sint;
	struct synic *s = &vp->synic;

	if (!(s->sint[sint] & HV_SYNIC_SINT_AS_INTERCEPT)) {
		interrupt(vp, sint);
		return;
	}
	/* A message that still waits for the slot reports this event as well. */
	if (s->reported & BIT(sint))
		return;
	s->reported |= BIT(sint);
	if (synic_post(vp, 0, HVMSG_SYNIC_SINT_INTERCEPT, ROOT_PARTITION_ID,
		       &payload, sizeof(payload)) != HV_STATUS_SUCCESS)
		s->reported &= ~BIT(sint);
	if (!s->queue_head[0])
		s->reported &= ~BIT(sint);
}

u16 synic_signal(struct vp *vp, u32 sint, u32 flag, bool *newly)
{
	struct hv_synic_event_flags_page *page = (void *)vp->synic.event_page;
	u64 *word, bit = BIT_ULL(flag % 64);

	if (!synic_on(vp) || !page ||
	    (vp->synic.sint[sint] & HV_SYNIC_SINT_MASKED))
		return HV_STATUS_INVALID_SYNIC_STATE;
	word = (u64 *)page + sint * (HV_EVENT_FLAGS_COUNT / 64) + flag / 64;
	*newly = !(__atomic_fetch_or(word, bit, __ATOMIC_SEQ_CST) & bit);
	if (*newly)
		sint_event(vp, sint);
	return HV_STATUS_SUCCESS;
}

u16 synic_ring(struct vp *vp, u32 sint, u32 port_id)
{
	struct hv_synic_event_ring_page *page = (void *)vp->synic.ring_page;
	struct synic *s = &vp->synic;
	struct hv_synic_event_ring *ring;
	u16 status = HV_STATUS_SUCCESS;
	u32 at = s->ring_producer[sint];

	if (!synic_on(vp) || !page || (s->sint[sint] & HV_SYNIC_SINT_MASKED))
		return HV_STATUS_INVALID_SYNIC_STATE;
	ring = &page->sint_event_ring[sint];
	if (READ_ONCE(ring->data[at])) {
		WRITE_ONCE(ring->ring_full, 1);
		smp_mb();
		/*
		 * The flag stays even if the slot has been emptied meanwhile: it
		 * represents all deferred doorbells.
		 */
		if (READ_ONCE(ring->data[at]))
			status = HV_STATUS_INSUFFICIENT_BUFFERS;
	}
	if (!status) {
		WRITE_ONCE(ring->data[at], port_id);
		s->ring_producer[sint] =
			(at + 1) % HV_SYNIC_EVENT_RING_MESSAGE_COUNT;
		count(RV_COUNT_DOORBELLS);
	}
	smp_mb();
	if (!READ_ONCE(ring->signal_masked))
		sint_event(vp, sint);
	return status;
}

u16 synic_ring_empty(struct vp *vp, u32 sint)
{
	if (sint >= SYNIC_SINTS)
		return HV_STATUS_INVALID_PARAMETER;
	if (!synic_on(vp) || !vp->synic.ring_page)
		return HV_STATUS_INVALID_SYNIC_STATE;
	ports_retry(vp, sint);
	return HV_STATUS_SUCCESS;
}

/* ---- life cycle ------------------------------------------------------------------- */

void synic_reset(struct vp *vp)
{
	struct synic *s = &vp->synic;

	synic_free(vp);
	s->scontrol = 0;
	for (u32 i = 0; i < SYNIC_SINTS; i++)
		s->sint[i] = HV_SYNIC_SINT_MASKED;
	s->message_page = NULL;
	s->event_page = NULL;
	s->ring_page = NULL;
	memset(s->ring_producer, 0, sizeof(s->ring_producer));
	s->reported = 0;
	if (vp_is_root(vp)) {
		/* The addresses of the pages survive a reset. */
		s->simp &= HV_MSR_PAGE_ADDRESS_MASK;
		s->siefp &= HV_MSR_PAGE_ADDRESS_MASK;
		s->sirbp &= HV_MSR_PAGE_ADDRESS_MASK;
	}
}

void synic_free(struct vp *vp)
{
	struct synic *s = &vp->synic;

	for (u32 i = 0; i < SYNIC_QUEUE_PAGES; i++) {
		if (s->queue[i] && vp_is_root(vp))
			reserve_free(s->queue[i]);
		else if (s->queue[i])
			pool_free_reserved(vp->partition, s->queue[i]);
		s->queue[i] = NULL;
	}
	memset(s->queue_head, 0, sizeof(s->queue_head));
	memset(s->queue_tail, 0, sizeof(s->queue_tail));
	s->queue_free = 0;
	s->queued = 0;
}
