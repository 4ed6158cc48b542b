// SPDX-License-Identifier: GPL-2.0
/* The control port; rootvisor/control.h has the contract. */
#include <hyperv/hv_status.h>
#include <rootvisor/control.h>
#include <rv/call.h>
#include <rv/count.h>
#include <rv/options.h>
#include <rv/page.h>
#include <rv/unit.h>
#include <rv/vp.h>
#include "../device/interrupt.h"
#include "../partition/pool.h"
#include "../vp/child.h"
#include "claims.h"
#include "control.h"
#include "inject.h"

#define DEFAULT_REP_SLICE	64
#define MAX_MESSAGE		240

struct command {
	u32 code, args;
	u32 (*fn)(struct vp *vp, const u32 *args, u32 nr);
};

void control_result(struct vp *vp, u32 value)
{
	if (vp->ctl_nr_results < ARRAY_SIZE(vp->ctl_results))
		vp->ctl_results[vp->ctl_nr_results++] = value;
}

void control_result64(struct vp *vp, u64 value)
{
	control_result(vp, (u32)value);
	control_result(vp, (u32)(value >> 32));
}

static u32 do_mark(struct vp *vp, const u32 *args, u32 nr)
{
	count_mark();
	return RV_E_OK;
}

static u32 do_count_call(struct vp *vp, const u32 *args, u32 nr)
{
	control_result64(vp, count_calls(args[0]));
	return RV_E_OK;
}

static u32 do_count(struct vp *vp, const u32 *args, u32 nr)
{
	if (args[0] >= RV_COUNT_NR)
		return RV_E_ARGUMENT;
	control_result64(vp, counts[args[0]]);
	return RV_E_OK;
}

static u32 do_books(struct vp *vp, const u32 *args, u32 nr)
{
	u64 id = arg64(&args[1]);

	if (args[0] >= RV_BOOKS_NR)
		return RV_E_ARGUMENT;
	if (id && !partition_find(id))
		return RV_E_NOENT;
	control_result64(vp, books_value(args[0], id));
	return RV_E_OK;
}

static u32 rule_result(struct vp *vp, int rule)
{
	if (rule < 0)
		return RV_E_FULL;
	control_result(vp, (u32)rule);
	return RV_E_OK;
}

static u32 do_fail(struct vp *vp, const u32 *args, u32 nr)
{
	return rule_result(vp, inject_add_status(args[0], (u16)args[1], args[2], args[3],
						 args[4], arg64(&args[5])));
}

static u32 do_rep_stop(struct vp *vp, const u32 *args, u32 nr)
{
	return rule_result(vp, inject_add_reps(args[0], (u16)args[1], (u16)args[2],
					       args[3]));
}

static u32 do_rule_hits(struct vp *vp, const u32 *args, u32 nr)
{
	u64 hits;

	if (!inject_hits(args[0], &hits))
		return RV_E_NOENT;
	control_result64(vp, hits);
	return RV_E_OK;
}

static u32 do_rules_clear(struct vp *vp, const u32 *args, u32 nr)
{
	inject_clear();
	return RV_E_OK;
}

static struct vp *root_on(u32 lp)
{
	return lp < nr_lps ? lps[lp]->root : NULL;
}

static u32 do_times(struct vp *vp, const u32 *args, u32 nr)
{
	const struct vp *root = root_on(args[0]);

	if (!root)
		return RV_E_NOENT;
	control_result64(vp, root->runtime);
	control_result64(vp, root->lp->guest_time - root->runtime);
	return RV_E_OK;
}

static u32 do_message(struct vp *vp, const u32 *args, u32 nr)
{
	struct vp *to = root_on(args[0]);
	u32 len = args[5];

	if (!to)
		return RV_E_NOENT;
	if (args[1] >= SYNIC_SINTS || len > MAX_MESSAGE || len > (nr - 6) * 4)
		return RV_E_ARGUMENT;
	return synic_post(to, args[1], args[2], arg64(&args[3]), &args[6], len) ?
		RV_E_FULL : RV_E_OK;
}

static u32 do_message_drop(struct vp *vp, const u32 *args, u32 nr)
{
	return inject_message_rule(args[0], args[1], INJECT_LOSE) ? RV_E_OK : RV_E_FULL;
}

static u32 do_message_dup(struct vp *vp, const u32 *args, u32 nr)
{
	return inject_message_rule(args[0], args[1], INJECT_TWICE) ? RV_E_OK : RV_E_FULL;
}

static u32 do_message_hold(struct vp *vp, const u32 *args, u32 nr)
{
	return inject_message_rule(args[0], args[1], INJECT_HOLD) ? RV_E_OK : RV_E_FULL;
}

static u32 do_message_release(struct vp *vp, const u32 *args, u32 nr)
{
	control_result(vp, inject_release());
	return RV_E_OK;
}

static u32 do_doorbell(struct vp *vp, const u32 *args, u32 nr)
{
	struct vp *to = root_on(args[0]);

	if (!to)
		return RV_E_NOENT;
	return synic_ring(to, 5, args[1]) ? RV_E_FULL : RV_E_OK;
}

static u32 do_vp_stall(struct vp *vp, const u32 *args, u32 nr)
{
	struct partition *p = partition_find(arg64(args));
	struct vp *child = p ? vp_find(p, args[2]) : NULL;

	if (!child || vp_is_root(child))
		return RV_E_NOENT;
	child_stall(child, args[3]);
	return RV_E_OK;
}

static u32 do_memory_status(struct vp *vp, const u32 *args, u32 nr)
{
	switch (args[0]) {
	case 0:
	case HV_STATUS_INSUFFICIENT_MEMORY:
	case HV_STATUS_INSUFFICIENT_ROOT_MEMORY:
	case HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY:
	case HV_STATUS_INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY:
		pool_status_override = (u16)args[0];
		return RV_E_OK;
	}
	return RV_E_ARGUMENT;
}

static u32 do_rep_slice(struct vp *vp, const u32 *args, u32 nr)
{
	if (args[0] > 4095)
		return RV_E_ARGUMENT;
	rep_slice = args[0] ? (u16)args[0] : DEFAULT_REP_SLICE;
	return RV_E_OK;
}

static u32 do_answer(struct vp *vp, const u32 *args, u32 nr)
{
	return inject_answer_rule(args[0], args[1], (u16)args[2], args[3],
				  arg64(&args[4])) ? RV_E_OK : RV_E_FULL;
}

static u32 do_late(struct vp *vp, const u32 *args, u32 nr)
{
	inject_late_rule(args[0], args[1], args[2]);
	return RV_E_OK;
}

static u32 do_device_interrupts(struct vp *vp, const u32 *args, u32 nr)
{
	u64 taken;

	if (!device_interrupts(arg64(args), &taken))
		return RV_E_NOENT;
	control_result64(vp, taken);
	return RV_E_OK;
}

static u32 do_page(struct vp *vp, const u32 *args, u32 nr)
{
	u64 pfn = arg64(args);

	control_result(vp, page_state(pfn) == PAGE_ROOT);
	control_result(vp, page_maps(pfn));
	return RV_E_OK;
}

static u32 do_deposit_write(struct vp *vp, const u32 *args, u32 nr)
{
	inject_deposit_write(arg64(args));
	return RV_E_OK;
}

static u32 do_take(struct vp *vp, const u32 *args, u32 nr)
{
	return inject_take(arg64(args)) ? RV_E_OK : RV_E_NOENT;
}

static u32 do_no_access(struct vp *vp, const u32 *args, u32 nr)
{
	struct partition *p = partition_find(arg64(args));

	if (!p || p->is_root || p->state != PT_ACTIVE)
		return RV_E_NOENT;
	return gpa_map_no_access(p, arg64(&args[2])) ? RV_E_FULL : RV_E_OK;
}

static u32 do_dry(struct vp *vp, const u32 *args, u32 nr)
{
	struct partition *p = partition_find(arg64(args));

	if (!p)
		return RV_E_NOENT;
	p->pool.is_dry = args[2];
	return RV_E_OK;
}

static u32 do_claim(struct vp *vp, const u32 *args, u32 nr)
{
	const struct claim *claim = claim_at(args[0]);

	if (!claim)
		return RV_E_NOENT;
	control_result(vp, claim->kind);
	control_result(vp, claim->first);
	control_result(vp, claim->last);
	control_result(vp, claim->state);
	control_result(vp, claim->status);
	return RV_E_OK;
}

static u32 do_create_flags(struct vp *vp, const u32 *args, u32 nr)
{
	control_result(vp, create_flags_status(arg64(args)));
	return RV_E_OK;
}

static u32 do_host_trap(struct vp *vp, const u32 *args, u32 nr)
{
	__asm__ __volatile__("pushfq; orq %0, (%%rsp); popfq; nop; nop"
			     :: "i"(RFLAGS_TF) : "memory", "cc");
	return RV_E_OK;
}

static const struct command commands[] = {
	{ RV_CMD_LOG, 1, control_log },
	{ RV_CMD_EXIT, 1, control_exit },
	{ RV_CMD_MARK, 0, do_mark },
	{ RV_CMD_COUNT_CALL, 1, do_count_call },
	{ RV_CMD_COUNT, 1, do_count },
	{ RV_CMD_TIMES, 1, do_times },
	{ RV_CMD_BOOKS, 3, do_books },
	{ RV_CMD_FAIL, 7, do_fail },
	{ RV_CMD_REP_STOP, 4, do_rep_stop },
	{ RV_CMD_RULE_HITS, 1, do_rule_hits },
	{ RV_CMD_RULES_CLEAR, 0, do_rules_clear },
	{ RV_CMD_MESSAGE, 6, do_message },
	{ RV_CMD_MESSAGE_DROP, 2, do_message_drop },
	{ RV_CMD_MESSAGE_DUP, 2, do_message_dup },
	{ RV_CMD_DOORBELL, 2, do_doorbell },
	{ RV_CMD_VP_STALL, 4, do_vp_stall },
	{ RV_CMD_MEMORY_STATUS, 1, do_memory_status },
	{ RV_CMD_REP_SLICE, 1, do_rep_slice },
	{ RV_CMD_MESSAGE_HOLD, 2, do_message_hold },
	{ RV_CMD_MESSAGE_RELEASE, 0, do_message_release },
	{ RV_CMD_CRASH, 0, control_crash },
	{ RV_CMD_PANIC, 1, control_panic },
	{ RV_CMD_ANSWER, 6, do_answer },
	{ RV_CMD_LATE, 3, do_late },
	{ RV_CMD_PAGE, 2, do_page },
	{ RV_CMD_NO_ACCESS, 4, do_no_access },
	{ RV_CMD_DRY, 3, do_dry },
	{ RV_CMD_TAKE, 2, do_take },
	{ RV_CMD_CLAIM, 1, do_claim },
	{ RV_CMD_CREATE_FLAGS, 2, do_create_flags },
	{ RV_CMD_HOST_TRAP, 0, do_host_trap },
	{ RV_CMD_DEPOSIT_WRITE, 2, do_deposit_write },
	{ RV_CMD_LOG_READ, 2, control_log_read },
	{ RV_CMD_DEVICE_INTERRUPTS, 2, do_device_interrupts },
	{ RV_CMD_DEVICE_DOMAIN, 2, control_device_domain },
	{ RV_CMD_DMA_FAULTS, 2, control_dma_faults },
};

static u32 run(struct vp *vp, u32 code)
{
	u32 i;

	vp->ctl_nr_results = 0;
	vp->ctl_next_result = 0;
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].code == code) {
			if (vp->ctl_nr_args < commands[i].args)
				return RV_E_ARGUMENT;
			return commands[i].fn(vp, vp->ctl_args, vp->ctl_nr_args);
		}
	return RV_E_COMMAND;
}

bool control_write(struct vp *vp, u16 port, u32 size, u32 value)
{
	if (!options.control || size != 4)
		return false;
	switch (port) {
	case RV_PORT_COMMAND:
		vp->ctl_error = run(vp, value);
		vp->ctl_nr_args = 0;
		return true;
	case RV_PORT_DATA:
		if (vp->ctl_nr_args < ARRAY_SIZE(vp->ctl_args))
			vp->ctl_args[vp->ctl_nr_args++] = value;
		return true;
	case RV_PORT_RESET:
		vp->ctl_nr_args = 0;
		vp->ctl_nr_results = 0;
		vp->ctl_next_result = 0;
		return true;
	}
	return false;
}

bool control_read(struct vp *vp, u16 port, u32 size, u32 *value)
{
	if (!options.control || size != 4)
		return false;
	switch (port) {
	case RV_PORT_COMMAND:
		*value = vp->ctl_error;
		return true;
	case RV_PORT_DATA:
		*value = vp->ctl_next_result < vp->ctl_nr_results ?
			 vp->ctl_results[vp->ctl_next_result++] : 0;
		return true;
	case RV_PORT_RESET:
		*value = RV_MAGIC;
		return true;
	}
	return false;
}

PORT_UNIT(control, .first = RV_PORT_COMMAND, .count = RV_PORT_COUNT,
	  .read = control_read, .write = control_write);
