// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection from below: hypercalls that answer a status undone, rep calls
 * that stop early, messages that are lost or sent twice.
 */
#include <rv/call.h>
#include <rv/lp.h>
#include <rv/synic.h>
#include "inject.h"
#include <rootvisor/control.h>

#define MAX_RULES	32
#define MAX_MESSAGE_RULES 8
#define FOR_EVER	0xffffffffu

struct rule {
	bool used, reps_rule;
	u32 code;
	u16 status, reps;
	u32 skip, times, lp;
	u64 partition, hits;
};

struct message_rule {
	u32 type, times;
	bool twice;
};

static struct rule rules[MAX_RULES];
static struct message_rule message_rules[MAX_MESSAGE_RULES];

static int add(const struct rule *rule)
{
	u32 i;

	for (i = 0; i < MAX_RULES; i++)
		if (!rules[i].used) {
			rules[i] = *rule;
			rules[i].used = true;
			return (int)i;
		}
	return -1;
}

int inject_add_status(u32 code, u16 status, u32 skip, u32 times, u32 lp, u64 partition)
{
	struct rule r = { .code = code, .status = status, .skip = skip,
			  .times = times ?: FOR_EVER, .lp = lp, .partition = partition };

	return add(&r);
}

int inject_add_reps(u32 code, u16 status, u16 reps, u32 times)
{
	struct rule r = { .code = code, .status = status, .reps = reps,
			  .reps_rule = true, .times = times ?: FOR_EVER };

	return add(&r);
}

bool inject_hits(u32 rule, u64 *hits)
{
	if (rule >= MAX_RULES || !rules[rule].used)
		return false;
	*hits = rules[rule].hits;
	return true;
}

void inject_clear(void)
{
	memset(rules, 0, sizeof(rules));
	memset(message_rules, 0, sizeof(message_rules));
}

static bool matches(const struct rule *r, u16 code)
{
	return r->used && r->times && (r->code == RV_ANY_CODE || r->code == code);
}

static void strike(struct rule *r)
{
	r->hits++;
	if (r->times != FOR_EVER)
		r->times--;
}

bool inject_status(struct vp *vp, u16 code, u64 partition, u16 *status)
{
	u32 i;

	for (i = 0; i < MAX_RULES; i++) {
		struct rule *r = &rules[i];

		if (!matches(r, code) || r->reps_rule ||
		    (r->lp != RV_ANY_LP && r->lp != vp->lp->index) ||
		    (r->partition && r->partition != partition))
			continue;
		if (r->skip) {
			r->skip--;
			continue;
		}
		strike(r);
		*status = r->status;
		return true;
	}
	return false;
}

void inject_reps(u16 code, u16 reps, u16 *stop, u16 *status)
{
	u32 i;

	for (i = 0; i < MAX_RULES; i++) {
		struct rule *r = &rules[i];

		if (!matches(r, code) || !r->reps_rule || r->reps >= reps)
			continue;
		strike(r);
		*stop = r->reps;
		*status = r->status;
		return;
	}
}

bool inject_message_rule(u32 type, u32 times, bool twice)
{
	u32 i;

	for (i = 0; i < MAX_MESSAGE_RULES; i++)
		if (!message_rules[i].times) {
			message_rules[i] = (struct message_rule){ type, times, twice };
			return true;
		}
	return false;
}

bool inject_message(u32 type, u32 *copies)
{
	u32 i;

	*copies = 1;
	for (i = 0; i < MAX_MESSAGE_RULES; i++)
		if (message_rules[i].times && message_rules[i].type == type) {
			message_rules[i].times--;
			*copies = message_rules[i].twice ? 2 : 0;
			return true;
		}
	return false;
}
