// SPDX-License-Identifier: GPL-2.0
/*
 * The classic scheduler: the hypervisor decides.
 *
 * Model: each LP has a queue of runnable child VPs and its root VP.  The root runs first
 * whenever it has an interrupt, until its EOI; otherwise root and children take turns of
 * one slice, and children have the LP to themselves while the root halts.  The root's HLT
 * is intercepted only while a child is queued, so that an idle machine halts natively.
 *
 * Shares decide which child is next, see rv/share.h.  One that has used up its share and
 * waits is not queued; its timer is armed.
 */
#include "internal.h"

#define SLICES_PER_SECOND	200	/* of 5 ms */
#define IMBALANCE		2	/* VPs that justify a move to another LP */

struct run_queue {
	struct vp *head, *tail;
	u32 nr;
	u64 virtual_time;
	bool root_halted;
	bool child_turn;
	struct timer slice;
};

static struct run_queue queues[MAX_LPS];

static struct run_queue *queue_of(struct lp *lp)
{
	return &queues[lp->index];
}

static bool is_before(struct vp *vp, struct vp *other)
{
	return time_before(child_of(vp)->share.virtual_time,
			   child_of(other)->share.virtual_time);
}

/* After all VPs with the same virtual time. */
static void insert(struct run_queue *queue, struct vp *vp)
{
	struct vp **at = &queue->head;

	if (queue->tail && !is_before(vp, queue->tail))
		at = &child_of(queue->tail)->queue_next;
	while (*at && !is_before(vp, *at))
		at = &child_of(*at)->queue_next;
	child_of(vp)->queue_next = *at;
	*at = vp;
}

static void push(struct lp *lp, struct vp *vp, bool front)
{
	struct run_queue *queue = queue_of(lp);
	struct child *child = child_of(vp);

	child->queued = true;
	if (front) {
		child->queue_next = queue->head;
		queue->head = vp;
	} else {
		insert(queue, vp);
	}
	if (!child->queue_next)
		queue->tail = vp;
	queue->nr++;
}

static struct vp *pop(struct lp *lp)
{
	struct run_queue *queue = queue_of(lp);
	struct vp *vp = queue->head;

	queue->head = child_of(vp)->queue_next;
	if (!queue->head)
		queue->tail = NULL;
	queue->nr--;
	child_of(vp)->queued = false;
	return vp;
}

void classic_remove(struct vp *vp)
{
	struct run_queue *queue = queue_of(vp->lp);
	struct vp *prev = NULL;

	if (!child_of(vp)->queued)
		return;
	for (struct vp *v = queue->head; v; v = child_of(v)->queue_next) {
		if (v == vp) {
			struct vp *next = child_of(v)->queue_next;

			if (prev)
				child_of(prev)->queue_next = next;
			else
				queue->head = next;
			if (!next)
				queue->tail = prev;
			queue->nr--;
			break;
		}
		prev = v;
	}
	child_of(vp)->queued = false;
}

static u32 load_of(struct lp *lp)
{
	return queue_of(lp)->nr + (lp->child ? 1 : 0);
}

/* A root that does not receive messages might never yield its LP, either. */
static bool can_host(struct lp *lp)
{
	return lp->online && lp->root && lp->root->started &&
	       synic_listens(lp->root);
}

/*
 * The current LP if it is free: usually the VMM's thread has woken the VP, is about to
 * sleep, and will be woken here.  Else the LP of the last run, unless another one has
 * clearly less to do.
 */
static struct lp *place(struct vp *vp)
{
	struct lp *best = vp->lp, *here = this_lp();

	if (can_host(here) && !load_of(here))
		return here;
	for (u32 i = 0; i < nr_lps; i++) {
		struct lp *lp = lps[i];

		if (!lp || !can_host(lp))
			continue;
		/* Its root has gone offline, or is about to. */
		if (!can_host(best) || load_of(lp) + IMBALANCE <= load_of(best) ||
		    (load_of(best) && !load_of(lp)))
			best = lp;
	}
	/* If there is none, the root of this one has to do. */
	return can_host(best) ? best : here;
}

static void slice_end(struct timer *timer)
{
	struct run_queue *queue = container_of(timer, struct run_queue, slice);
	struct lp *lp = lps[queue - queues];

	if (lp->child) {
		sched_stop(lp->child, STOP_INTERRUPT);
		queue->child_turn = queue->root_halted;
	} else {
		queue->child_turn = queue->head;
	}
}

static void slice_begin(struct lp *lp)
{
	struct run_queue *queue = queue_of(lp);

	queue->slice.fn = slice_end;
	timer_arm(&queue->slice, lp, tsc_now() + tsc_hz / SLICES_PER_SECOND);
}

static void turn_due(struct timer *timer)
{
	struct child *child = container_of(timer, struct child, slice);

	if (sched_running(child->vp))
		sched_stop(child->vp, STOP_INTERRUPT);
	else if (sched_runnable(child->vp))
		sched_wake(child->vp);
	else
		share_give_up(&child->share);
}

static void arm_turn(struct vp *vp, u64 deadline)
{
	child_of(vp)->slice.fn = turn_due;
	timer_arm(&child_of(vp)->slice, vp->lp, deadline);
}

/* True if the VP has used up its share; a timer will wake it. */
static bool must_wait(struct vp *vp)
{
	struct share *share = &child_of(vp)->share;
	u64 now = tsc_now();

	share_charge(share, vp->partition, vp->runtime, now);
	if (!share_spent(share, vp->partition))
		return false;
	arm_turn(vp, share_wait(share, vp->partition, now));
	return true;
}

void classic_wake(struct vp *vp)
{
	struct child *child = child_of(vp);
	struct lp *lp;

	if (child->queued || timer_pending(&child->slice) || must_wait(vp))
		return;
	lp = place(vp);
	share_join(&child->share, queue_of(vp->lp)->virtual_time, queue_of(lp)->virtual_time);
	vp->lp = lp;
	push(lp, vp, false);
	/* Its root may be in a native HLT, or run without a slice timer. */
	if (lp != this_lp() && !lp->child)
		lp_kick(lp, KICK_RESCHED);
}

void classic_stopped(struct vp *vp, struct lp *lp, enum stop_reason why)
{
	struct run_queue *queue = queue_of(lp);
	bool yields = child_of(vp)->preempted;

	if (why != STOP_INTERRUPT || !sched_runnable(vp) || must_wait(vp))
		return;
	if (yields && queue->head && is_before(vp, queue->head))
		child_of(vp)->share.virtual_time =
			child_of(queue->head)->share.virtual_time;
	/* Preempted by the root: continues first, not at the end of the queue. */
	push(lp, vp, timer_pending(&queue->slice) && !yields);
}

void sched_cap_changed(struct partition *p)
{
	for (u32 i = 0; !sched_is_root && i < p->max_vp_index; i++) {
		struct vp *vp = vp_find(p, i);

		if (!vp || sched_running(vp))
			continue;
		timer_cancel(&child_of(vp)->slice);
		share_give_up(&child_of(vp)->share);
		sched_wake(vp);
	}
}

static void start(struct lp *lp, struct vp *vp)
{
	struct run_queue *queue = queue_of(lp);
	struct share *share = &child_of(vp)->share;
	/*
	 * A preempted one continues first, even if others are behind it in virtual time.
	 */
	u64 least = queue->head && is_before(queue->head, vp) ?
		    child_of(queue->head)->share.virtual_time : share->virtual_time;

	if (time_before(queue->virtual_time, least))
		queue->virtual_time = least;
	sched_start(lp, vp);
	arm_turn(vp, share_end(share, vp->partition, tsc_now()));
}

void classic_pick(struct lp *lp)
{
	struct run_queue *queue = queue_of(lp);

	while (queue->head && !sched_runnable(queue->head))
		pop(lp);
	if (!queue->head) {
		/*
		 * A running slice timer may fire without effect: stopping and restarting
		 * it around each intercept would cost far more.
		 */
		queue->child_turn = false;
		/* A root that has halted must be entered to halt natively. */
		queue->root_halted = false;
		return;
	}
	/* The APIC is asked only if it matters. */
	if ((queue->root_halted || queue->child_turn) && lp_root_interrupt_pending(lp)) {
		queue->root_halted = false;
		queue->child_turn = false;
	}
	/*
	 * A root that handles an interrupt goes on until its EOI.  The APIC holds back what
	 * does not have a higher priority, and that may be the hypervisor's timer: then
	 * nothing would take the LP from the child again.
	 */
	if (queue->root_halted || (queue->child_turn && !lp_root_in_interrupt())) {
		queue->child_turn = false;
		start(lp, pop(lp));
		/* VPs that come and go share a slice: timers are expensive. */
		if (!timer_pending(&queue->slice))
			slice_begin(lp);
	} else if (!timer_pending(&queue->slice)) {
		slice_begin(lp);
	}
}

void sched_root_deaf(struct lp *lp)
{
	u32 n = queue_of(lp)->nr;

	/* Counted, because they return to this queue if no root VP receives messages. */
	while (n--)
		classic_wake(pop(lp));
}

void sched_root_halt(struct lp *lp)
{
	if (!sched_is_root)
		queue_of(lp)->root_halted = true;
}

bool classic_wants_root_halt(struct lp *lp)
{
	return queue_of(lp)->head;
}

void sched_root_awake(struct lp *lp)
{
	queue_of(lp)->root_halted = false;
}
