// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_ROOT_HVCALL: hypercalls that user space may make.
 *
 * Model: a table says which calls are allowed, on which kind of file, and how large
 * their parts are.  The partition id, which comes first in every input, is filled
 * in here, so that a program reaches its own partition and no other.
 *
 * Every object has its own pages, so nothing is allocated for a call.  The hypervisor
 * reads nothing but what this program put there, and the program reads nothing but what
 * the hypervisor put there: the rest of the input, and of the output, is zero.
 *
 * What the call needs is deposited here, and the rest of a list is continued; the
 * program sees one call that is done or not.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "core.h"
#include "passthrough_table.h"
#include "trace.h"

/* How long the hypervisor may take to complete an asynchronous call. */
#define ASYNC_TIMEOUT	(10 * HZ)

/* Input and output page are allocated as one. */
#define CALL_ORDER	1

/* The states of an asynchronous call, in mshv_async.state. */
enum {
	ASYNC_IDLE,
	ASYNC_CALLING,		/* a thread waits, or will */
	ASYNC_COMPLETED,	/* the message has come */
	ASYNC_ABANDONED,	/* no thread waits any more */
};

/**
 * mshv_call_pages_alloc() - pages for the calls of one object, if it has none yet
 * @pages: where to put them; zeroes, or what this has put there
 *
 * They are not zeroed: each call clears what it shows of them, and most processors
 * make none of those that have to.
 *
 * Return: 0 or -ENOMEM.
 */
int mshv_call_pages_alloc(struct mshv_call_pages *pages)
{
	if (pages->in)
		return 0;
	pages->in = (void *)__get_free_pages(GFP_KERNEL_ACCOUNT, CALL_ORDER);
	if (!pages->in)
		return -ENOMEM;
	pages->out = pages->in + PAGE_SIZE;
	pages->in_dirty = PAGE_SIZE;
	return 0;
}

/**
 * mshv_call_pages_free() - free them
 * @pages: the pages, or none
 */
void mshv_call_pages_free(struct mshv_call_pages *pages)
{
	free_pages((unsigned long)pages->in, CALL_ORDER);
	pages->in = NULL;
	pages->out = NULL;
}

/**
 * mshv_async_complete() - the hypervisor has finished an asynchronous call
 * @partition_id: the partition
 * @status: how it ended
 *
 * Context: interrupt, under rcu_read_lock().
 * Return: false if no such call is outstanding.
 */
bool mshv_async_complete(u64 partition_id, u32 status)
{
	struct mshv_partition *partition = mshv_partition_find(partition_id);
	struct mshv_async *async;

	if (!partition)
		return false;
	async = &partition->async;
	switch (atomic_read(&async->state)) {
	case ASYNC_CALLING:
		WRITE_ONCE(async->status, status);
		if (atomic_cmpxchg(&async->state, ASYNC_CALLING,
				   ASYNC_COMPLETED) == ASYNC_CALLING) {
			complete(&async->done);
			return true;
		}
		fallthrough;
	case ASYNC_ABANDONED:
		return atomic_cmpxchg(&async->state, ASYNC_ABANDONED,
				      ASYNC_IDLE) == ASYNC_ABANDONED;
	}
	return false;
}

/* Wait for the message, with a limit, and killable. */
static int passthrough_async_wait(struct mshv_async *async, u64 *result)
{
	long left = wait_for_completion_killable_timeout(&async->done,
							 ASYNC_TIMEOUT);

	if (left <= 0 && atomic_cmpxchg(&async->state, ASYNC_CALLING,
					ASYNC_ABANDONED) == ASYNC_CALLING)
		return left ? -EINTR : -ETIMEDOUT;
	/* Completed at the last moment: the handler is about to report it. */
	if (left <= 0)
		wait_for_completion(&async->done);
	*result = READ_ONCE(async->status) & HV_HYPERCALL_RESULT_MASK;
	return 0;
}

/**
 * struct entry - a call of user space in progress
 * @call: the call as the hypervisor gets it
 * @partition: its partition, or NULL
 * @async: its asynchronous completion
 * @kind: its entry in the table
 */
struct entry {
	struct hvr_call call;
	struct mshv_partition *partition;
	struct mshv_async *async;
	const struct passthrough_call *kind;
};

static int passthrough_enter_async(struct entry *entry)
{
	struct mshv_async *async = entry->async;
	struct hvr_call *call = &entry->call;
	int ret = 0;

	/* An earlier call that was abandoned may still complete. */
	if (atomic_cmpxchg(&async->state, ASYNC_IDLE, ASYNC_CALLING) !=
	    ASYNC_IDLE)
		return -EPERM;
	reinit_completion(&async->done);
	call->result = hvr_block(call->code, call->in, call->out);
	if (hvr_status(call->result) == HV_STATUS_CALL_PENDING)
		ret = passthrough_async_wait(async, &call->result);
	if (!ret)
		atomic_set(&async->state, ASYNC_IDLE);
	return ret;
}

/* One entry into the hypervisor, until it is complete. */
static int passthrough_enter(struct hvr_call *call)
{
	struct entry *entry = container_of(call, struct entry, call);
	unsigned int before = call->done;
	unsigned long flags;

	if (entry->kind->async)
		return passthrough_enter_async(entry);
	if (entry->kind->memory && !mshv_memory_begin(entry->partition, &flags))
		return -EIO;
	call->result = hvr_list(call->code, call->reps, before, call->in, call->out);
	if (entry->kind->memory)
		mshv_memory_end(flags);
	if (hvr_status(call->result) == HV_STATUS_CALL_PENDING)
		return -EBADFD;
	if (call->reps)
		call->done = clamp(hvr_reps(call->result), before, call->reps);
	return 0;
}

/* Enter as often as needed; @done counts elements of a list that are done. */
static int passthrough_complete(struct mshv_partition *partition,
				struct mshv_async *async,
				const struct passthrough_call *kind,
				struct mshv_call_pages *pages,
				const struct mshv_root_hvcall *arg,
				unsigned int *done, u64 *result)
{
	struct entry entry = {
		.call = {
			.code = arg->code,
			.reps = arg->reps, .done = *done,
			.in = pages->in,
			.out = kind->out ? pages->out : NULL,
			.enter = passthrough_enter,
			.pool = partition ? partition->pool : hvr_self_pool,
			.retry.pages = HVR_PAGES_FEW,
		},
		.partition = partition,
		.async = async,
		.kind = kind,
	};
	int ret = hvr_call(&entry.call);

	*done = entry.call.done;
	*result = entry.call.result;
	return ret;
}

/*
 * Copy the program's input into the page, and zero the rest.  Of a list, which is there
 * as a whole, the hypervisor does not read any.
 */
static int passthrough_copy_input(struct mshv_call_pages *pages,
				  const struct passthrough_call *call,
				  const struct mshv_root_hvcall *arg, u64 partition_id)
{
	unsigned int stale = max_t(unsigned int, pages->in_dirty, arg->in_sz);

	pages->in_dirty = stale;
	if (copy_from_user(pages->in, u64_to_user_ptr(arg->in_ptr),
			   arg->in_sz))
		return -EFAULT;
	if (!call->is_rep) {
		memset(pages->in + arg->in_sz, 0, stale - arg->in_sz);
		pages->in_dirty = arg->in_sz;
	}
	*(u64 *)pages->in = partition_id;
	return 0;
}

/*
 * Registers show and change the state of the local APIC, to which interrupts belong that
 * wait elsewhere.
 */
static void passthrough_flush_vectors(struct mshv_partition *partition,
				      const struct mshv_root_hvcall *arg,
				      const struct hv_input_get_vp_registers *in)
{
	struct mshv_vp *vp;

	if (!READ_ONCE(partition->events.had_irqfds) ||
	    (arg->code != HVCALL_GET_VP_REGISTERS && arg->code != HVCALL_SET_VP_REGISTERS))
		return;
	vp = mshv_vp_find(partition, in->vp_index);
	if (vp)
		mshv_vectors_flush(vp);
}

/*
 * Does the program set what decides where a local APIC's interrupts go?  Only irqfds ask the
 * hypervisor for it.  Who finds none here has set it before the first one asks.
 */
static void passthrough_look_for_apic(struct mshv_partition *partition,
				      const struct hv_input_set_vp_registers *in,
				      unsigned int reps)
{
	unsigned int i;

	if (!READ_ONCE(partition->events.had_irqfds))
		return;
	for (i = 0; i < reps; i++) {
		/* Most are below all of these. */
		if (in->elements[i].name < HV_X64_REGISTER_APIC_BASE)
			continue;
		switch (in->elements[i].name) {
		case HV_X64_REGISTER_APIC_BASE:
		case HV_X64_REGISTER_INITIAL_APIC_ID:
		case HV_X64_REGISTER_APIC_ID:
			mshv_vectors_forget(partition);
			return;
		}
	}
}

/* Does the program switch access tracking on or off? */
static bool passthrough_sets_tracking(const struct mshv_root_hvcall *arg,
				      const struct hv_input_set_partition_property *in)
{
	return arg->code == HVCALL_SET_PARTITION_PROPERTY &&
	       in->property_code == HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING;
}

/* The hypervisor forgets pages that are unmapped; track.c does not. */
static int passthrough_complete_tracking(struct mshv_partition *partition,
					 const struct passthrough_call *call,
					 const struct mshv_root_hvcall *arg,
					 unsigned int *done, u64 *result)
{
	const struct hv_input_set_partition_property *in = partition->call.in;
	int ret = 0;

	if (in->property_value)
		ret = mshv_track_start(partition);
	if (ret)
		return ret;
	ret = passthrough_complete(partition, &partition->async, call,
				   &partition->call, arg, done, result);
	/* After a failure it may have been done, or be done later. */
	if (!ret && !in->property_value)
		mshv_track_stop(partition);
	return ret;
}

/* Progress and status are told also on failure; that is no more important than @ret. */
static long passthrough_answer(struct mshv_root_hvcall *arg, void __user *uarg,
			       u16 status, unsigned int done, int ret)
{
	struct mshv_root_hvcall __user *told = uarg;

	arg->status = status;
	arg->reps = done;
	if ((put_user(arg->status, &told->status) || put_user(arg->reps, &told->reps)) &&
	    !ret)
		ret = -EFAULT;
	return ret;
}

static long passthrough_ioctl(struct mshv_partition *partition, struct mshv_vp *vp,
			      struct mshv_call_pages *pages,
			      struct mshv_root_hvcall *arg, void __user *uarg)
{
	unsigned int file = vp ? ON_VP : partition ? ON_PARTITION : ON_DEVICE;
	struct mshv_async *async = file == ON_PARTITION ? &partition->async : NULL;
	struct hvr_pool *pool = partition ? partition->pool : hvr_self_pool;
	const struct passthrough_call *call = passthrough_find(arg, file);
	u16 status = passthrough_argument(call, arg);
	unsigned int done = 0;
	u64 result = 0;
	int ret;

	if (status)
		return passthrough_answer(arg, uarg, status, 0, hvr_errno(status));
	/* Few are made on files other than a processor's. */
	ret = mshv_call_pages_alloc(pages);
	if (ret)
		return ret;
	if (partition && call->resumes && READ_ONCE(partition->broken))
		return -EIO;
	ret = passthrough_copy_input(pages, call, arg, pool->partition_id);
	if (ret)
		return ret;
	status = passthrough_input(call, arg, pages->in, vp ? vp->index : HV_ANY_VP);
	if (status)
		return passthrough_answer(arg, uarg, status, 0, hvr_errno(status));
	/* Of a list all that is done has been written. */
	if (!call->is_rep)
		memset(pages->out, 0, max_t(unsigned int, arg->out_sz, call->out));

	if (partition)
		passthrough_flush_vectors(partition, arg, pages->in);
	if (partition && passthrough_sets_tracking(arg, pages->in))
		ret = passthrough_complete_tracking(partition, call, arg, &done, &result);
	else
		ret = passthrough_complete(partition, async, call, pages, arg, &done,
					   &result);
	if (!ret && arg->code == HVCALL_GET_GPA_PAGES_ACCESS_STATES) {
		const struct hv_input_get_gpa_pages_access_state *in = pages->in;

		mshv_track_states(partition, in->hv_gpa_page_number, done,
				  hv_access_state_flags(in), pages->out);
	}
	if (!ret && arg->code == HVCALL_TRANSLATE_VIRTUAL_ADDRESS &&
	    mshv_translate_fault_in(partition, pages->in, pages->out))
		ret = passthrough_complete(partition, async, call, pages, arg, &done,
					   &result);
	if (partition && call->resumes) {
		passthrough_look_for_apic(partition, pages->in, arg->reps);
		/* Pairs with mshv_partition_break(): flag, then stop. */
		smp_mb();
		if (READ_ONCE(partition->broken)) {
			mshv_partition_stop(partition);
			ret = -EIO;
		}
	}

	if (call->is_rep && arg->out_sz > done * call->out)
		memset(pages->out + done * call->out, 0,
		       arg->out_sz - done * call->out);
	if (!ret && arg->out_ptr &&
	    copy_to_user(u64_to_user_ptr(arg->out_ptr), pages->out,
			 arg->out_sz))
		ret = -EFAULT;
	ret = passthrough_answer(arg, uarg, hvr_status(result), done, ret);
	trace_mshv_passthrough(pool->partition_id, arg->code, done,
			       arg->status, ret);
	return ret;
}

/**
 * mshv_passthrough_device() - MSHV_ROOT_HVCALL on /dev/mshv
 * @object: struct mshv_call_pages of the file, locked
 * @arg: struct mshv_root_hvcall
 * @uarg: where it came from
 *
 * Return: 0 or a negative errno.
 */
long mshv_passthrough_device(void *object, void *arg, void __user *uarg)
{
	return passthrough_ioctl(NULL, NULL, object, arg, uarg);
}

/**
 * mshv_passthrough_partition() - MSHV_ROOT_HVCALL on a partition
 * @object: the partition
 * @arg: struct mshv_root_hvcall
 * @uarg: where it came from
 *
 * Return: 0 or a negative errno.
 */
long mshv_passthrough_partition(void *object, void *arg, void __user *uarg)
{
	struct mshv_partition *partition = object;

	lockdep_assert_held(&partition->lock);
	return passthrough_ioctl(partition, NULL, &partition->call, arg, uarg);
}

/**
 * mshv_passthrough_vp() - MSHV_ROOT_HVCALL on a virtual processor
 * @object: the processor
 * @arg: struct mshv_root_hvcall
 * @uarg: where it came from
 *
 * Return: 0 or a negative errno.
 */
long mshv_passthrough_vp(void *object, void *arg, void __user *uarg)
{
	struct mshv_vp *vp = object;

	lockdep_assert_held(&vp->lock);
	return passthrough_ioctl(vp->partition, vp, &vp->call, arg, uarg);
}
