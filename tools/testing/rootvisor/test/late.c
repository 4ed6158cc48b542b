// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection: hypercalls of the root that take long.
 *
 * Model: a call that a rule matches is executed again and again, without effect, until its
 * time has come; so its processor takes interrupts meanwhile, and others go on.  A rep call
 * is late once, before its first element.
 */
#include <rv/call.h>
#include <rv/inject.h>
#include <rv/lp.h>
#include "inject.h"

static u32 code, times, delay_us;

/* The call of a processor that is late, by its place; 0: none. */
static struct {
	u64 rip, until;
	u16 code;
} late[MAX_LPS];

void inject_late_rule(u32 of, u32 count, u32 us)
{
	code = of;
	times = count;
	delay_us = us;
	if (count)
		inject_calls = true;
}

bool inject_late(const struct hv_call *call)
{
	struct vp *vp = call->vp;
	u32 lp = vp->lp->index;

	if (call->start)
		return false;
	if (late[lp].rip == vp->cpu->rip && late[lp].code == call->code) {
		if (tsc_now() < late[lp].until)
			return true;
		late[lp].rip = 0;
		return false;
	}
	if (!times || code != call->code)
		return false;
	times--;
	late[lp].rip = vp->cpu->rip;
	late[lp].code = call->code;
	late[lp].until = tsc_now() + delay_us * (tsc_hz / 1000000);
	return true;
}
