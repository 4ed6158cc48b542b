/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hypercall while it is being served.
 *
 * Model: the entry code checks the control word, copies the whole input
 * (header, variable header, list) into the LP's private page and calls the
 * handler, which works on copies only; output is copied back afterwards.
 *
 * Rep calls: the handler does elements [start, reps) and adds to @done as it
 * goes; it asks rep_more() before each element and stops when told.  Stopping
 * with HV_STATUS_SUCCESS and done < reps means "to be continued": the entry
 * code lets the guest re-execute with a new start.  Stopping with an error
 * leaves @done at the index of the failing element.
 *
 * A call without a list that takes long does a part of it and sets @again.
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
	u64 in_gpa, out_gpa;
	void *in;
	void *out;		/* @out_size bytes of zeroes */
	u16 out_size;		/* handler may lower it; bytes copied back */
	bool deferred;		/* set: no completion now (DispatchVp) */
	bool again;		/* set: not done, the caller executes it once more */
};

/* True while another element may be done now. */
static inline bool rep_more(const struct hv_call *call)
{
	return call->done < call->limit;
}

/* The variable header, and the list behind header and variable header. */
static inline void *call_var(const struct hv_call *call)
{
	return (u8 *)call->in + call->desc->in;
}

static inline void *call_list(const struct hv_call *call)
{
	return (u8 *)call->in + call->desc->in + 8 * call->varhead;
}

/* Serves the VMMCALL that @vp has just executed. */
void hypercall_enter(struct vp *vp);

/* Completes a deferred call: output, RAX, RIP. */
void hypercall_complete(struct vp *vp, u64 out_gpa, const void *out,
			u32 out_size, u16 status);

/* CreateVp on the caller's own partition: a root VP. */
u16 root_create_vp(struct hv_call *call);

/* Elements a rep call does before it hands back control. */
extern u16 rep_slice;

#endif
