// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercall entry: the calling conventions (TLFS, "Hypercall Interface").
 *
 * The whole input is copied once into a private page of the LP, so later
 * changes by the caller have no effect; output is built in another private page
 * and copied back at the end.  RIP is not advanced before a call is complete,
 * so a call that returns early is executed again.
 *
 * find() looks a code up.  Each call is registered by HYPERCALL(), beside the function
 * that implements it.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_status.h>
#include <rv/call.h>
#include <rv/control.h>
#include <rv/count.h>
#include <rv/crash.h>
#include <rv/inject.h>
#include <rv/log.h>
#include <rv/page.h>
#include <rv/unit.h>
#include "../vp/report.h"
#include "regs.h"

#define CONTROL_FAST		BIT_ULL(16)
#define CONTROL_NESTED		BIT_ULL(31)
#define CONTROL_RESERVED	(0xfull << 27 | 0xfull << 44 | 0xfull << 60)
#define CONTROL_REPS(c)		((u16)((c) >> 32 & 0xfff))
#define CONTROL_START(c)	((u16)((c) >> 48 & 0xfff))
#define CONTROL_VARHEAD(c)	((u16)((c) >> 17 & 0x3ff))
#define RESULT(status, done)	((u64)(status) | (u64)(done) << 32)
#define FAST_BYTES		16
#define MAX_CODE		0x1ff

u16 rep_slice = 64;

/* Index by code: positions in the linker's table, starting at 1; 0: none. */
static u8 by_code[MAX_CODE + 1];

static void index_calls(void)
{
	const struct hypercall_desc *d;

	if (__calls_end - __calls_start > 0xff)
		panic("too many hypercalls for their index");
	for (d = __calls_start; d < __calls_end; d++) {
		if (d->code > MAX_CODE)
			panic("hypercall 0x%x is beyond the index", d->code);
		by_code[d->code] = (u8)(d - __calls_start + 1);
	}
}

INIT_UNIT(index_calls);

static const struct hypercall_desc *find(u16 code)
{
	const struct hypercall_desc *d;

	if (code > MAX_CODE || !by_code[code])
		return NULL;
	d = &__calls_start[by_code[code] - 1];
	return d->offered && !d->offered() ? NULL : d;
}

static void finish(struct vp *vp, u16 status, u16 done)
{
	call_set_result(vp->gpr, vp_is_64bit(vp), RESULT(status, done));
	vp_skip(vp, VMMCALL_LEN);
}

/* A block of the caller's memory: aligned, within a page, in its GPA space. */
static inline bool block_ok(struct vp *vp, u64 gpa, u32 size)
{
	if (!size)
		return true;
	if ((gpa & 7) || (gpa & ~PAGE_MASK) + size > PAGE_SIZE)
		return false;
	return vp_is_root(vp) ? root_ram_page(gpa >> PAGE_SHIFT) : gpa >> PAGE_SHIFT < GPN_LIMIT;
}

/*
 * Is the page of a block there?  A child does not know that the root has taken it away:
 * the root gets the same message as for an access, and the call is made again when the
 * child continues.
 */
static bool block_there(struct hv_call *call, u64 gpa, u32 size, bool write)
{
	struct vp *vp = call->vp;

	if (!size || vp_is_root(vp) || gpa_page(vp->partition, gpa >> PAGE_SHIFT, write))
		return true;
	report_access(vp, gpa, write);
	call->again = true;
	return false;
}

static bool block_read(struct vp *vp, u64 gpa, void *to, u32 size)
{
	if (!vp_is_root(vp))
		return gpa_read(vp->partition, gpa, to, size);
	memcpy(to, pa_ptr(gpa), size);
	return true;
}

static bool block_write(struct vp *vp, u64 gpa, const void *from, u32 size)
{
	if (!vp_is_root(vp))
		return gpa_write(vp->partition, gpa, from, size);
	if (!root_ram_page(gpa >> PAGE_SHIFT))
		return false;
	memcpy(pa_ptr(gpa), from, size);
	return true;
}

static void fetch_input(struct hv_call *call)
{
	u64 *in = call->in;

	if (call->fast) {
		in[0] = call->in_gpa;
		in[1] = call->out_gpa;
	} else if (call->in_size) {
		block_read(call->vp, call->in_gpa, call->in, call->in_size);
	}
}

static u16 check_control(struct hv_call *call, u64 control)
{
	const struct hypercall_desc *d = call->desc;
	u32 in, out;

	if ((control & CONTROL_RESERVED) || (control & CONTROL_NESTED))
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	if (call->varhead && !(d->flags & CALL_VAR))
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	if (d->flags & CALL_REP) {
		if (!call->reps || call->start >= call->reps)
			return HV_STATUS_INVALID_HYPERCALL_INPUT;
	} else if (call->reps || call->start) {
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	}
	in = d->in + 8u * call->varhead + (u32)d->rep_in * call->reps;
	out = d->out + (u32)d->rep_out * call->reps;
	if (in > PAGE_SIZE || out > PAGE_SIZE)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	if (call->fast && (out || in > FAST_BYTES))
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	call->in_size = (u16)in;
	call->out_size = (u16)out;
	return HV_STATUS_SUCCESS;
}

static bool overlaps(const struct hv_call *call)
{
	return call->in_size && call->out_size &&
	       call->in_gpa < call->out_gpa + call->out_size &&
	       call->out_gpa < call->in_gpa + call->in_size;
}

static u16 check_blocks(const struct hv_call *call)
{
	if (call->fast ||
	    (block_ok(call->vp, call->in_gpa, call->in_size) &&
	     block_ok(call->vp, call->out_gpa, call->out_size) && !overlaps(call)))
		return HV_STATUS_SUCCESS;
	return HV_STATUS_INVALID_ALIGNMENT;
}

static bool blocks_there(struct hv_call *call)
{
	return call->fast || (block_there(call, call->in_gpa, call->in_size, false) &&
			      block_there(call, call->out_gpa, call->out_size, true));
}

/* The partition id that rules match: the first qword of the input. */
static u64 subject(const struct hv_call *call)
{
	return call->in_size >= 8 ? *(u64 *)call->in : 0;
}

/* Clears what the handler may write: all, or the elements that it may process now. */
static void clear_output(const struct hv_call *call)
{
	const struct hypercall_desc *d = call->desc;
	u32 from = 0, to = call->out_size;

	if (d->flags & CALL_REP) {
		from = call->start ? d->out + (u32)d->rep_out * call->start : 0;
		to = d->out + (u32)d->rep_out * call->limit;
	}
	memset((u8 *)call->out + from, 0, to - from);
}

static u16 serve(struct hv_call *call, u64 control)
{
	struct vp *vp = call->vp;
	u16 status;

	call->desc = find(call->code);
	if (!call->desc || (!vp_is_root(vp) && !(call->desc->flags & CALL_CHILD))) {
		if (hypercall_forward_unknown(call))
			return HV_STATUS_SUCCESS;
		book_unknown_calls += vp_is_root(vp);
		log_debug("%s VP %u: unknown hypercall 0x%x",
			  vp_is_root(vp) ? "root" : "child", vp->index, call->code);
		return HV_STATUS_INVALID_HYPERCALL_CODE;
	}
	status = check_control(call, control);
	if (status)
		return status;
	if (call->desc->privilege >= 0 &&
	    !(vp->partition->privileges >> call->desc->privilege & 1))
		return HV_STATUS_ACCESS_DENIED;
	status = check_blocks(call);
	if (status)
		return status;
	if (!blocks_there(call))
		return HV_STATUS_SUCCESS;
	fetch_input(call);

	call->done = call->start;
	if (inject_calls && vp_is_root(vp)) {
		call->again = inject_late(call);
		if (call->again)
			return HV_STATUS_SUCCESS;
		if (inject_status(vp, call->code, subject(call), &status))
			return status;
	}
	if (call->desc->flags & CALL_REP) {
		u16 stop = call->reps, injected = HV_STATUS_SUCCESS;

		/* A continued call gets the same number again. */
		stop -= call->start;
		if (inject_calls)
			inject_reps(call->code, stop, &stop, &injected);
		stop += call->start;
		call->limit = MIN(stop, (u16)MIN(call->start + rep_slice, 0xfff));
		clear_output(call);
		status = call->desc->fn(call);
		if (!status && call->done == stop && stop < call->reps) {
			/* An injected stop: the call completes early. */
			call->reps = stop;
			return injected;
		}
		return status;
	}
	clear_output(call);
	return call->desc->fn(call);
}

static void write_output(struct hv_call *call, u16 status)
{
	const struct hypercall_desc *d = call->desc;
	u32 from = 0, to = call->out_size;

	if (d->flags & CALL_REP) {
		/*
		 * Only the elements of this entry: the caller may have reused
		 * the others.
		 */
		from = d->out + (u32)d->rep_out * call->start;
		to = d->out + (u32)d->rep_out * call->done;
	} else if (status && status != HV_STATUS_CALL_PENDING) {
		return;
	}
	if (to > from)
		block_write(call->vp, call->out_gpa + from, (u8 *)call->out + from,
			    to - from);
}

void hypercall_enter(struct vp *vp)
{
	struct lp *lp = vp->lp;
	struct call_regs regs = call_regs_get(vp->gpr, vp_is_64bit(vp));
	u64 control = regs.control;
	struct hv_call call = {
		.vp = vp,
		.code = (u16)control,
		.fast = control & CONTROL_FAST,
		.varhead = CONTROL_VARHEAD(control),
		.reps = CONTROL_REPS(control),
		.start = CONTROL_START(control),
		.in_gpa = regs.first,
		.out_gpa = regs.second,
		.in = lp->in_buf,
		.out = lp->out_buf,
	};
	u16 status;

	if (vp->cpu->cpl || !(vp->cpu->cr0 & CR0_PE)) {
		if (!vp_is_root(vp) || !control_call(vp))
			vp_ud(vp);
		return;
	}
	if (!vp->partition->guest_os_id || crashed) {
		finish(vp, HV_STATUS_OPERATION_DENIED, 0);
		return;
	}
	if (vp_is_root(vp)) {
		book_calls++;
		count_call(call.code);
	}
	trail_add(&lp->call_trail, (struct trail_entry){
		.where = control, .what = HV_STATUS_CALL_PENDING,
		.vp = vp->index, .partition = (u32)vp->partition->id });
	status = serve(&call, control);
	trail_status(&lp->call_trail, status);
	log_trace("%s VP %u: call 0x%x reps %u/%u -> 0x%x",
		  vp_is_root(vp) ? "root" : "child", vp->index, call.code,
		  call.done, call.reps, status);
	if (call.deferred || call.again)
		return;
	if (inject_calls && vp_is_root(vp))
		inject_answer(&call, &status);
	if (call.desc && call.out_size)
		write_output(&call, status);
	if (call.desc && (call.desc->flags & CALL_REP) && !status &&
	    call.done < call.reps) {
		call_set_control(vp->gpr, vp_is_64bit(vp),
				 (control & ~(0xfffull << 48)) | (u64)call.done << 48);
		return;
	}
	finish(vp, status, call.done);
}

void hypercall_complete(struct vp *vp, u64 out_gpa, const void *out,
			u32 out_size, u16 status)
{
	if (!status && out_size)
		block_write(vp, out_gpa, out, out_size);
	finish(vp, status, 0);
}
