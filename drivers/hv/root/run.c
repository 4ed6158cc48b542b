// SPDX-License-Identifier: GPL-2.0
/*
 * MSHV_RUN_VP: run a VP until its VMM has something to do.
 *
 * Model: a scheduler (sched.h) runs the VP until its message page holds an
 * intercept.  An access to guest memory that only lacks its mapping, a write to a
 * port that has an ioeventfd and the end of an interrupt that has a resamplefd are
 * handled here, and the VP continues; everything else is
 * copied out as it is.
 *
 * An intercept is dismissed by the next run, not by this one, so that nothing is
 * lost when it cannot be delivered: it is still there when RUN_VP is called again.
 *
 * Pending work of this thread ends the run.  A signal gives -EINTR.  Work that is
 * done on the way to user space (task_work, throttling) restarts the system call
 * transparently, with -ERESTARTNOHAND: a handler that runs on that occasion must
 * turn it into -EINTR, or a kick would be lost.
 */
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <linux/task_work.h>
#include <linux/uaccess.h>

#include <hyperv/hv_root.h>

#include "compat.h"
#include "core.h"
#include "log.h"
#include "sched.h"
#include "trace.h"

/*
 * If a fault is repeated this often without anything else in between, and without
 * anything being unmapped, mapping the page does not help.
 */
#define FAULT_REPEATS_MAX	16

const struct mshv_sched *mshv_sched;

/**
 * mshv_sched_init() - query the hypervisor's scheduler type
 *
 * Return: 0 or a negative errno.
 */
int mshv_sched_init(void)
{
	u64 type;
	int ret;

	ret = mshv_call_get_system_property(HV_SYSTEM_PROPERTY_SCHEDULER_TYPE, &type);
	if (ret) {
		pr_err("mshv: the hypervisor does not report its scheduler (%d)\n",
		       ret);
		return ret;
	}
	switch ((u32)type) {
	case HV_SCHEDULER_TYPE_ROOT:
		mshv_sched = &mshv_sched_root;
		mshv_vectors_init();
		return 0;
	case HV_SCHEDULER_TYPE_LP:
	case HV_SCHEDULER_TYPE_LP_SMT:
	case HV_SCHEDULER_TYPE_CORE_SMT:
		mshv_sched = &mshv_sched_classic;
		return 0;
	}
	pr_err("mshv: unknown scheduler type %u\n", (u32)type);
	return -EOPNOTSUPP;
}

/**
 * mshv_run_has_exit_work() - is there work for the way to user space?
 *
 * Return: true if it cannot wait for the end of the run.
 */
bool mshv_run_has_exit_work(void)
{
	return task_work_pending(current) || mshv_over_memcg_high();
}

/**
 * mshv_run_do_work() - do the pending work of this thread
 * @vp: the processor that is being run
 *
 * Return: 0 to go on, or a negative errno to end the run with.
 */
int mshv_run_do_work(struct mshv_vp *vp)
{
	if (signal_pending(current) || mshv_run_cancelled(vp))
		return -EINTR;
	if (mshv_run_must_exit())
		return -ERESTARTNOHAND;
	cond_resched();
	return 0;
}

/* Is this the same page and the same instruction again and again? */
static bool run_fault_is_stuck(struct mshv_vp *vp, u64 gfn, u64 rip)
{
	/* Read before the page is mapped: what is unmapped later then counts. */
	int taken = atomic_read(&vp->partition->space.taken);

	if (vp->fault_gfn != gfn || vp->fault_rip != rip ||
	    vp->fault_taken != taken) {
		vp->fault_gfn = gfn;
		vp->fault_rip = rip;
		vp->fault_taken = taken;
		vp->fault_repeats = 0;
		return false;
	}
	return ++vp->fault_repeats > FAULT_REPEATS_MAX;
}

/*
 * Make the page accessible if that is what the guest lacks.  Returns 1 to repeat
 * the access, 0 if this is for the VMM, or a negative errno.
 */
static int run_handle_fault(struct mshv_vp *vp)
{
	struct mshv_space *space = &vp->partition->space;
	/* The page is shared with user space: read everything once. */
	const struct hv_x64_memory_intercept_message *m =
		(const void *)vp->message->u.payload;
	u64 gfn = READ_ONCE(m->guest_physical_address) >> HV_HYP_PAGE_SHIFT;
	u8 access = READ_ONCE(m->header.intercept_access_type);
	u64 rip = READ_ONCE(m->header.rip);
	/* Read before the page is looked up. */
	unsigned long inserted = READ_ONCE(space->inserted);
	int ret;

	/* A device is accessed again and again. */
	if (gfn == vp->absent_gfn && inserted == vp->absent_inserted)
		return 0;
	if (run_fault_is_stuck(vp, gfn, rip)) {
		vp->fault_repeats = 0;
		return 0;
	}
	mshv_fault_begin(vp);
	ret = mshv_space_fault(vp->partition, gfn, access, vp->call.out);
	mshv_fault_end(vp);
	if (ret == -ENOENT) {
		vp->absent_gfn = gfn;
		vp->absent_inserted = inserted;
		ret = 0;
	}
	trace_mshv_fault(vp->partition->id, gfn, access, ret);
	return ret;
}

/* Returns 1 if a resamplefd has been signalled, 0 to report it to the VMM. */
static int run_handle_eoi(struct mshv_vp *vp)
{
	const struct hv_x64_apic_eoi_message *m =
		(const void *)vp->message->u.payload;

	return mshv_irq_resampled(vp, READ_ONCE(m->interrupt_vector));
}

/* Returns 1 if the VP goes on, 0 if this is for the VMM, or a negative errno. */
static int run_handle_intercept(struct mshv_vp *vp, u32 type)
{
	switch (type) {
	case HVMSG_UNMAPPED_GPA:
	case HVMSG_GPA_INTERCEPT:
		return run_handle_fault(vp);
	case HVMSG_X64_IO_PORT_INTERCEPT:
		return xa_empty(&vp->partition->events.ioports) ?
		       0 : mshv_ioport_write(vp);
	case HVMSG_X64_APIC_EOI:
		return run_handle_eoi(vp);
	}
	return 0;
}

/* How much of a message there is, of the most frequent ones. */
static size_t run_message_size(u32 type)
{
	switch (type) {
	case HVMSG_UNMAPPED_GPA:
	case HVMSG_GPA_INTERCEPT:
		return offsetof(struct hv_message, u.payload) +
		       sizeof(struct hv_x64_memory_intercept_message);
	case HVMSG_X64_IO_PORT_INTERCEPT:
		return offsetof(struct hv_message, u.payload) +
		       sizeof(struct hv_x64_io_port_intercept_message);
	}
	return sizeof(struct hv_message);
}

/* It is a few words, for which copy_to_user() is slow. */
static int run_deliver(struct mshv_vp *vp, u32 type, void __user *uarg)
{
	const u64 *from = (const u64 *)vp->message;
	size_t i, size = run_message_size(type);
	u64 __user *to = uarg;

	might_fault();
	if (!user_write_access_begin(to, size))
		return -EFAULT;
	for (i = 0; i < size / sizeof(*from); i++)
		unsafe_put_user(from[i], to + i, fault);
	user_write_access_end();
	return 0;
fault:
	user_write_access_end();
	return -EFAULT;
}

/**
 * mshv_run() - MSHV_RUN_VP
 * @vp: the processor
 * @uarg: struct mshv_run_vp to be written
 *
 * Context: process context, under vp->lock.
 * Return: 0 or a negative errno.
 */
long mshv_run(struct mshv_vp *vp, void __user *uarg)
{
	u32 type;
	int ret;

	lockdep_assert_held(&vp->lock);
	for (;;) {
		if (READ_ONCE(vp->partition->broken))
			return -EIO;
		if (!vp->undelivered) {
			ret = mshv_sched->run(vp);
			/* A kick is consumed by the run that it has ended. */
			if (ret == -EINTR)
				xchg(&vp->cancel, 0);
			/*
			 * Makes the exit path check, which then finds no signal.
			 * Not before: a run that ends with a fault after all
			 * continues, and would take it for one.
			 */
			if (ret == -ERESTARTNOHAND)
				set_thread_flag(TIF_SIGPENDING);
			if (ret)
				return ret;
			vp->undelivered = true;
		}
		type = READ_ONCE(vp->message->header.message_type);
		ret = run_handle_intercept(vp, type);
		if (ret == -EINTR)
			xchg(&vp->cancel, 0);
		if (ret < 0)
			return ret;
		if (!ret)
			break;
		vp->undelivered = false;
	}

	trace_mshv_exit(vp->partition->id, vp->index, type, ret);
	/* The page may have been unmapped with the partition. */
	if (READ_ONCE(vp->partition->broken))
		return -EIO;
	if (run_deliver(vp, type, uarg))
		return -EFAULT;
	vp->undelivered = false;
	vp->fault_repeats = 0;
	return 0;
}

static void run_nothing(void *unused)
{
}

/**
 * mshv_partition_stop() - stop the processors of a broken partition
 * @partition: the partition
 *
 * Context: process context; sleeps.
 */
void mshv_partition_stop(struct mshv_partition *partition)
{
	struct mshv_vp *vp;
	unsigned long index;

	xa_for_each(&partition->vps, index, vp)
		mshv_sched->stop(vp);
	/*
	 * A dispatch ends with an interrupt, and checks the flag next.  So does
	 * code between mshv_memory_begin() and mshv_memory_end().
	 */
	smp_call_function(run_nothing, NULL, 1);
}

/**
 * mshv_memory_begin() - before a call that lets the hypervisor touch guest memory
 * @partition: the partition
 * @flags: for mshv_memory_end()
 *
 * While interrupts are off mshv_partition_stop() waits.
 *
 * Context: any but NMI; interrupts are off afterwards, unless it fails.
 * Return: false if the memory may have another owner.
 */
bool mshv_memory_begin(struct mshv_partition *partition, unsigned long *flags)
{
	local_irq_save(*flags);
	if (!READ_ONCE(partition->broken))
		return true;
	local_irq_restore(*flags);
	return false;
}

/**
 * mshv_memory_end() - after that call
 * @flags: from mshv_memory_begin()
 */
void mshv_memory_end(unsigned long flags)
{
	lockdep_assert_irqs_disabled();
	local_irq_restore(flags);
}

/**
 * mshv_memory_enter() - hvr_enter() for a call that lets the hypervisor touch guest memory
 * @call: the call, of a struct mshv_memory_call
 *
 * Context: any but NMI.
 * Return: 0, or -EIO if the memory may have another owner.
 */
int mshv_memory_enter(struct hvr_call *call)
{
	struct mshv_memory_call *memory =
		container_of(call, struct mshv_memory_call, call);
	unsigned long flags;

	if (!mshv_memory_begin(memory->partition, &flags))
		return -EIO;
	hvr_enter(call);
	mshv_memory_end(flags);
	return 0;
}

/**
 * mshv_partition_break() - stop a guest for good
 * @partition: the partition
 * @err: why its memory could not be unmapped
 *
 * The kernel takes a page back that the hypervisor does not unmap; the guest would
 * write to memory with another owner.
 *
 * Context: process context, under region->lock; sleeps.
 */
void mshv_partition_break(struct mshv_partition *partition, int err)
{
	if (xchg(&partition->broken, true))
		return;
	/* At its end everything is unmapped at once, or the quarantine is reported. */
	if (READ_ONCE(partition->teardown) < MSHV_TEARDOWN_FINALIZE)
		hvr_err("partition %#llx: guest memory could not be unmapped (%d), its processors are stopped\n",
			partition->id, err);
	mshv_partition_stop(partition);
}

/**
 * mshv_partition_end() - finalize a partition whose processor cannot be stopped
 * @vp: the processor
 * @err: why
 *
 * No processor and no mapping is left of a partition that has been finalized.
 *
 * Context: process context, under region->lock; sleeps.
 */
void mshv_partition_end(struct mshv_vp *vp, int err)
{
	struct mshv_partition *partition = vp->partition;
	int ret;

	if (READ_ONCE(partition->finalized))
		return;
	ret = mshv_call_finalize_partition(partition->id);
	if (!ret) {
		WRITE_ONCE(partition->finalized, true);
		mshv_vp_forget_states(partition);
		hvr_err("partition %#llx has been finalized, because processor %u could not be stopped (%d)\n",
			partition->id, vp->index, err);
		return;
	}
	pr_emerg("mshv: partition %#llx: processor %u cannot be stopped (%d), nor its partition finalized (%d); it may write to all memory that was its guest's\n",
		 partition->id, vp->index, err, ret);
}

/**
 * mshv_kick() - MSHV_KICK_VP
 * @object: the processor, not locked
 * @arg: nothing
 * @uarg: nothing
 *
 * Return: 0.
 */
long mshv_kick(void *object, void *arg, void __user *uarg)
{
	struct mshv_vp *vp = object;
	int cpu;

	/*
	 * Full barrier: the run loop sets vp->cpu and then checks this flag; here
	 * the flag is set and then vp->cpu checked.
	 */
	xchg(&vp->cancel, 1);
	cpu = READ_ONCE(vp->cpu);
	/* A dispatch ends with an interrupt. */
	if (cpu >= 0)
		smp_call_function_single(cpu, run_nothing, NULL, 0);
	rcuwait_wake_up(&vp->wait);
	mshv_fault_kick(vp);
	return 0;
}
