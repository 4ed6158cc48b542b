// SPDX-License-Identifier: GPL-2.0
/*
 * The classic scheduler: the hypervisor decides.
 *
 * Model: each LP has a queue of runnable child VPs and its root VP.  The root
 * runs first whenever an interrupt is due to it; otherwise root and children
 * take turns of one slice, and children have the LP to themselves while the
 * root halts.  The root's HLT is intercepted only while a child is queued, so
 * that an idle machine halts natively.
 */
#include "internal.h"

#define SLICES_PER_SECOND	200	/* of 5 ms */
#define IMBALANCE		2	/* VPs that justify a move to another LP */

struct run_queue {
	struct vp *head, *tail;
	u32 nr;
	bool root_halted;
	bool child_turn;
	struct timer slice;
};

static struct run_queue queues[MAX_LPS];

static struct run_queue *queue_of(struct lp *lp)
{
	return &queues[lp->index];
}

static void push(struct lp *lp, struct vp *vp, bool front)
{
	struct run_queue *queue = queue_of(lp);
	struct child *child = child_of(vp);

	child->queued = true;
	vp->lp = lp;
	child->queue_next = NULL;
	if (!queue->head) {
		queue->head = vp;
		queue->tail = vp;
	} else if (front) {
		child->queue_next = queue->head;
		queue->head = vp;
	} else {
		child_of(queue->tail)->queue_next = vp;
		queue->tail = vp;
	}
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

/* A root that does not listen may also never let its LP go to others. */
static bool can_host(struct lp *lp)
{
	return lp->online && lp->root && lp->root->started &&
	       synic_listens(lp->root);
}

/*
 * The LP where somebody has just done something for the VP: its VMM's thread
 * is there, is about to sleep, and will be woken there.  Else the LP of the last
 * run, unless another has clearly less to do.
 */
static struct lp *place(struct vp *vp)
{
	struct lp *best = vp->lp, *here = this_lp();

	if (can_host(here) && !load_of(here))
		return here;
	/* Its root has gone offline since. */
	if (!can_host(best))
		best = here;
	for (u32 i = 0; i < nr_lps; i++) {
		struct lp *lp = lps[i];

		if (!lp || !can_host(lp))
			continue;
		if (load_of(lp) + IMBALANCE <= load_of(best) ||
		    (load_of(best) && !load_of(lp)))
			best = lp;
	}
	return best;
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

void classic_wake(struct vp *vp)
{
	struct lp *lp;

	if (child_of(vp)->queued)
		return;
	lp = place(vp);
	push(lp, vp, false);
	/* Its root may sleep in a native HLT or run without a slice's end. */
	if (lp != this_lp() && !lp->child)
		lp_kick(lp, KICK_RESCHED);
}

void classic_stopped(struct vp *vp, struct lp *lp, enum stop_reason why)
{
	struct run_queue *queue = queue_of(lp);

	if (why != STOP_INTERRUPT || !sched_runnable(vp))
		return;
	/* Interrupted for the root: goes on where it was, not at the end. */
	push(lp, vp, timer_pending(&queue->slice) && !child_of(vp)->preempted);
}

void classic_pick(struct lp *lp)
{
	struct run_queue *queue = queue_of(lp);

	if (lp_root_interrupt_pending(lp)) {
		queue->root_halted = false;
		queue->child_turn = false;
	}
	while (queue->head && !sched_runnable(queue->head))
		pop(lp);
	if (!queue->head) {
		/*
		 * A slice that has begun may end for nobody: to stop and start
		 * the timer around each intercept would cost far more.
		 */
		queue->child_turn = false;
		/* A root that has halted must be entered to halt natively. */
		queue->root_halted = false;
		return;
	}
	if (queue->root_halted || queue->child_turn) {
		queue->child_turn = false;
		sched_start(lp, pop(lp));
		/* Who comes and goes shares a slice: timers are expensive. */
		if (!timer_pending(&queue->slice))
			slice_begin(lp);
	} else if (!timer_pending(&queue->slice)) {
		slice_begin(lp);
	}
}

void sched_root_deaf(struct lp *lp)
{
	u32 n = queue_of(lp)->nr;

	/* Counted: when nobody listens any more they come back here. */
	while (n--)
		classic_wake(pop(lp));
}

void sched_root_halt(struct lp *lp)
{
	if (!sched_is_root)
		queue_of(lp)->root_halted = true;
}

bool sched_wants_root_halt(struct lp *lp)
{
	return !sched_is_root && queue_of(lp)->head;
}

void sched_root_awake(struct lp *lp)
{
	queue_of(lp)->root_halted = false;
}
