// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection: wrong answers.
 *
 * Model: the hypercall is executed normally.  Then its status is replaced, or
 * the first quadword of its output.
 */
#include <hyperv/hv_status.h>
#include <rv/call.h>
#include <rv/inject.h>
#include <rv/vp.h>
#include "inject.h"

#define MAX_ANSWERS	8
#define FOR_EVER	0xffffffffu

struct answer {
	u32 code, times;
	u16 status;
	bool lie;
	u64 value;
};

static struct answer answers[MAX_ANSWERS];
static u32 nr_answers;

bool inject_answer_rule(u32 code, u32 times, u16 status, bool lie, u64 value)
{
	if (nr_answers == MAX_ANSWERS)
		return false;
	inject_calls = true;
	answers[nr_answers++] = (struct answer){
		.code = code, .times = times ?: FOR_EVER, .status = status,
		.lie = lie, .value = value,
	};
	return true;
}

void inject_answer_clear(void)
{
	nr_answers = 0;
}

void inject_answer(struct hv_call *call, u16 *status)
{
	for (u32 i = 0; i < nr_answers; i++) {
		struct answer *a = &answers[i];

		if (!a->times || a->code != call->code || call->reps)
			continue;
		if (a->times != FOR_EVER)
			a->times--;
		if (a->lie && !*status && call->out_size >= sizeof(u64))
			memcpy(call->out, &a->value, sizeof(u64));
		if (a->status)
			*status = a->status;
		return;
	}
}
