// SPDX-License-Identifier: GPL-2.0
/*
 * Calls that may need a deposit: make the call, deposit what it asks for, and
 * repeat it until it is done or has failed.
 *
 * A caller that has to release something between the attempts, so that the deposit
 * may sleep, makes them itself and uses hvr_deposit_for().
 */
#include <linux/hvr.h>

#include "call.h"
#include "compat.h"

/**
 * hvr_enter() - one attempt, without a deposit
 * @call: the call; its result and what is done of its list are set
 *
 * Context: any but NMI, and any in which the owner of a page may be.
 * Return: 0, whatever the result.
 */
int hvr_enter(struct hvr_call *call)
{
	if (call->in_size) {
		call->result = call->varhead ?
			hvr_small_var(call->code, call->varhead, call->in,
				      call->in_size, call->out, call->out_size) :
			hvr_small(call->code, call->reps, call->in,
				  call->in_size, call->out, call->out_size);
		call->done = min(hvr_reps(call->result), call->reps);
	} else if (call->reps) {
		call->result = hvr_list_rest(call->code, call->reps, &call->done,
					     call->in, call->out);
	} else {
		call->result = hvr_block_var(call->code, call->varhead, call->in,
					     call->out);
	}
	return 0;
}
EXPORT_SYMBOL_NS_GPL(hvr_enter, HVR_NS);

/* One attempt; progress with its list makes it worth as many again. */
int hvr_call_attempt(struct hvr_call *call)
{
	unsigned int before = call->done;
	int ret = call->enter ? call->enter(call) : hvr_enter(call);

	/* It has used what was deposited, and may need more. */
	if (call->done > before)
		call->retry.tries = 0;
	return ret;
}

/**
 * hvr_call() - make a call, and deposit what it needs
 * @call: the call
 *
 * Context: process context; sleeps.
 * Return: 0 when all is done, or a negative errno.
 */
int hvr_call(struct hvr_call *call)
{
	unsigned int before, idle = 0;
	int ret;

	hvr_may_deposit();
	for (;;) {
		before = call->done;
		ret = hvr_call_attempt(call);
		if (ret)
			return ret;
		if (hvr_wants_memory(call->result)) {
			ret = hvr_deposit_for(call->pool, &call->retry, call->result);
			if (ret)
				return ret;
			continue;
		}
		ret = hvr_errno(call->result);
		if (ret || call->done >= call->reps)
			return ret;
		/* Success, but not all of it: there must be progress. */
		if (call->done == before && ++idle > HVR_IDLE_MAX)
			return -EIO;
	}
}
EXPORT_SYMBOL_NS_GPL(hvr_call, HVR_NS);
