// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection: hypercalls that return a status without effect, rep calls that
 * stop early, messages that are dropped, duplicated, or held until they are
 * released.
 */
#include <hyperv/hv_message.h>
#include <rootvisor/control.h>
#include <rv/call.h>
#include <rv/inject.h>
#include <rv/lp.h>
#include <rv/page.h>
#include <rv/root_map.h>
#include <rv/synic.h>
#include "inject.h"

#define MAX_RULES	32
#define MAX_MESSAGE_RULES 8
#define MAX_HELD	64
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
	enum inject_message what;
};

/* A held message, in the order of sending. */
struct held {
	struct vp *to;
	u32 sint;
	struct hv_message message;
};

static struct rule rules[MAX_RULES];
static u32 nr_rules;		/* indexes in use are below this */
bool inject_calls;
static struct message_rule message_rules[MAX_MESSAGE_RULES];
static struct held held[MAX_HELD];
static u32 nr_held;

static u64 deposit_write;

void inject_deposit_write(u64 value)
{
	deposit_write = value;
}

/* What a processor of the root with a stale translation can do. */
void inject_page_write(u64 pfn)
{
	u64 *page = pa_ptr(pfn << PAGE_SHIFT);
	u32 i;

	for (i = 0; deposit_write && i < PAGE_SIZE / sizeof(*page); i++)
		page[i] = deposit_write;
}

static u64 taken;

bool inject_take(u64 pfn)
{
	if (taken || page_state(pfn) != PAGE_ROOT || !root_map_page(pfn, false))
		return false;
	taken = pfn;
	lp_flush(&root_partition);
	return true;
}

/* Is it this page?  If so, the root owns it again. */
bool inject_touched(u64 pfn)
{
	if (!taken || pfn != taken)
		return false;
	root_map_page(pfn, true);
	taken = 0;
	return true;
}

static int add(const struct rule *rule)
{
	u32 i;

	for (i = 0; i < MAX_RULES; i++)
		if (!rules[i].used) {
			rules[i] = *rule;
			rules[i].used = true;
			nr_rules = MAX(nr_rules, i + 1);
			inject_calls = true;
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
	nr_rules = 0;
	inject_answer_clear();
	inject_late_rule(0, 0, 0);
	inject_calls = false;
	memset(message_rules, 0, sizeof(message_rules));
	nr_held = 0;
	deposit_write = 0;
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

	for (i = 0; i < nr_rules; i++) {
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

	for (i = 0; i < nr_rules; i++) {
		struct rule *r = &rules[i];

		if (!matches(r, code) || !r->reps_rule || r->reps >= reps)
			continue;
		strike(r);
		*stop = r->reps;
		*status = r->status;
		return;
	}
}

bool inject_message_rule(u32 type, u32 times, enum inject_message what)
{
	u32 i;

	for (i = 0; i < MAX_MESSAGE_RULES; i++)
		if (!message_rules[i].times) {
			message_rules[i] = (struct message_rule){ type, times, what };
			return true;
		}
	return false;
}

/* How often to send this message now. */
u32 inject_message(struct vp *to, u32 sint, const struct hv_message *message)
{
	u32 i;

	for (i = 0; i < MAX_MESSAGE_RULES; i++) {
		struct message_rule *r = &message_rules[i];

		if (!r->times || r->type != message->header.message_type)
			continue;
		if (r->what == INJECT_HOLD) {
			if (nr_held == MAX_HELD)
				return 1;
			held[nr_held++] = (struct held){ to, sint, *message };
		}
		r->times--;
		return r->what == INJECT_TWICE ? 2 : 0;
	}
	return 1;
}

u32 inject_release(void)
{
	u32 i, n = nr_held;

	/* Remaining rules must not apply to them again. */
	memset(message_rules, 0, sizeof(message_rules));
	nr_held = 0;
	for (i = 0; i < n; i++)
		synic_post(held[i].to, held[i].sint,
			   held[i].message.header.message_type,
			   held[i].message.header.sender,
			   held[i].message.u.bytes,
			   held[i].message.header.payload_size);
	return n;
}
