/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hypercall in progress.
 *
 * Model: the entry code checks the control word, copies the whole input
 * (header, variable header, list) into the LP's private page and calls the
 * handler, which works on copies only; the entry code copies the output back.
 *
 * Rep calls: the handler processes elements [start, reps) and advances @done;
 * it calls rep_more() before each element and stops when that returns false.
 * HV_STATUS_SUCCESS with done < reps means "to be continued": the entry code
 * makes the guest execute the call again with a new start.  After an error
 * @done is the index of the failing element.
 *
 * A long-running call without a list does a part of its work and sets @again.
 */
#ifndef _RV_CALL_H
#define _RV_CALL_H

#include <rv/base.h>
#include <rv/unit.h>
#include <rv/vp.h>

struct hv_call {
	struct vp *vp;
	const struct hypercall_desc *desc;
	u16 code;
	bool fast;
	u16 varhead;		/* qwords */
	u16 reps, start, done;	/* done: total from index 0 */
	u16 limit;		/* rep_more() stops here */
	u16 in_size;		/* bytes in @in: header, var header, list */
	u64 in_gpa, out_gpa;	/* if fast: the input itself */
	void *in;
	void *out;		/* @out_size bytes of zeroes */
	u16 out_size;		/* handler may lower it; bytes copied back */
	bool deferred;		/* set: no completion now (DispatchVp) */
	bool again;		/* set: not complete, the caller executes it again */
};

/* May another element be processed now? */
static inline bool rep_more(const struct hv_call *call)
{
	return call->done < call->limit;
}

/* The variable header; the list, which follows it. */
static inline void *call_var(const struct hv_call *call)
{
	return (u8 *)call->in + call->desc->in;
}

static inline void *call_list(const struct hv_call *call)
{
	return (u8 *)call->in + call->desc->in + 8 * call->varhead;
}

#define VMMCALL_LEN	3

/* Handles the VMMCALL that @vp has just executed. */
void hypercall_enter(struct vp *vp);

/* Completes a deferred call: output, result, RIP. */
void hypercall_complete(struct vp *vp, u64 out_gpa, const void *out,
			u32 out_size, u16 status);

/*
 * Has the VMM of the caller asked for this, HV_INTERCEPT_TYPE_*, or for a call that is
 * not known?  Then it gets a message, and executes the call.
 */
bool hypercall_forward(struct hv_call *call, u32 type);
bool hypercall_forward_unknown(struct hv_call *call);

/* CreateVp on the caller's own partition: a root VP. */
u16 root_create_vp(struct hv_call *call);

/* Elements that a rep call processes before the caller has to continue it. */
extern u16 rep_slice;

#endif
