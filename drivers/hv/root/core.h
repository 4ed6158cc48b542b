/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The objects of the driver: partitions and their virtual processors.
 *
 * Model: /dev/mshv creates partitions, a partition creates VPs; each is a file.  A
 * VP's file holds a reference on its partition.  When the last file is closed the
 * partition is destroyed, which cannot fail for the caller; what the hypervisor
 * refuses is retried later and in the end quarantined.
 *
 * Creation reserves, completes everything that can fail, and publishes last.
 * Interrupt handlers find objects by id under RCU; objects are freed after a grace
 * period and handlers take no reference.
 *
 * Lock order:
 *	vp->lock or partition->lock, never both
 *	  partition->mem_lock
 *	    mmap_lock
 *	      space->lock (region tree)
 *	        region->lock
 *	vp->lock
 *	  events.lock
 *	pool->lock is a leaf that nests inside all of them; vp->fault_lock is one that
 *	is taken with none of them held.
 *
 * With interrupts off: events.acked_lock and the eventfd's lock, see resample.c.
 *
 * Contexts:
 *	process	ioctls, and the workers that tear down and repeat
 *	signal of an eventfd, under its lock with interrupts off:
 *		irqfd.c, what it calls of routing.c and vectors.c
 *	interrupt: synic_isr() and what it calls of run.c, port.c, resample.c and
 *		passthrough.c
 *	process with interrupts off, for a hypercall: run_root.c from the last look for
 *		signals to the dispatch, and what is between mshv_memory_begin() and
 *		mshv_memory_end()
 * Only calls without a pool (calls.h) are made with interrupts off.
 *
 * Nothing is deposited under mmap_lock nor under locks that nest inside it, see
 * hvr_may_deposit().
 */
#ifndef _MSHV_CORE_H
#define _MSHV_CORE_H

#include <linux/cache.h>
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/rcuwait.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <uapi/linux/mshv.h>

#include "calls.h"
#include "event.h"
#include "region.h"

/* Indexes that fit into one bitset message of the root scheduler. */
#define MSHV_MAX_VPS		1024

/* The largest argument that the ioctl table copies in. */
#define MSHV_IOCTL_ARG_MAX	64

/**
 * struct mshv_call_pages - input and output page of a passed-through call
 * @in: input page
 * @out: output page
 * @in_dirty: bytes of @in that may be other than zero
 *
 * They are used under the lock of the object that they belong to.
 */
struct mshv_call_pages {
	void *in;
	void *out;
	unsigned int in_dirty;
};

/**
 * struct mshv_memory_call - a call that lets the hypervisor touch guest memory
 * @call: the call, made by mshv_memory_enter()
 * @partition: whose memory
 */
struct mshv_memory_call {
	struct hvr_call call;
	struct mshv_partition *partition;
};

/**
 * struct mshv_async - a call that the hypervisor completes by a message
 * @state: its progress, see passthrough.c
 * @status: how it ended
 * @done: completed by the message
 */
struct mshv_async {
	atomic_t state;
	u32 status;
	struct completion done;
};

/* The steps that are left to destroy a partition, in this order. */
enum mshv_teardown {
	MSHV_TEARDOWN_EVENTS,
	MSHV_TEARDOWN_STOP,
	MSHV_TEARDOWN_UNMAP_STATE,
	MSHV_TEARDOWN_FINALIZE,
	MSHV_TEARDOWN_RELEASE_MEMORY,
	MSHV_TEARDOWN_WITHDRAW,
	MSHV_TEARDOWN_DELETE,
	MSHV_TEARDOWN_DONE,
};

/**
 * struct mshv_partition - a child partition
 * @id: partition id
 * @ref: held by the partition's file and those of its processors
 * @lock: serialises the ioctls of the partition's file
 * @mem_lock: serialises changes to the guest's memory map
 * @pool: memory deposited for it
 * @creation_flags: what the hypervisor was asked for
 * @initialized: INITIALIZE_PARTITION has succeeded
 * @broken: its memory is not under control: its guest may not run, and the
 *	hypervisor may not touch its memory for us, see mshv_memory_begin()
 * @finalized: FINALIZE_PARTITION has succeeded, nothing is mapped any more
 * @states_mapped: state pages of its processors that are mapped, or will be at once
 * @call: pages for passed-through calls, under @lock
 * @async: the one asynchronous call that may be in flight
 * @xsave_size: size of the XSAVE state, 0 until it is needed
 * @xsave_states: what it contains
 * @vps: processors by index; entries are published last and erased first
 * @space: guest memory
 * @events: interrupts and doorbells
 * @stats_dir: its folder in debugfs
 * @stats_vps: that of its processors
 * @drain_deadline: when to stop waiting for the last signals, in jiffies
 * @teardown: next step of its destruction
 * @teardown_tries: how often that step was refused
 * @teardown_work: retries
 * @quarantine_node: in the list of those that could not be destroyed
 * @rcu: frees it
 */
struct mshv_partition {
	u64 id;
	struct kref ref;
	struct mutex lock; /* see above */
	struct mutex mem_lock; /* see above */
	struct hvr_pool *pool;
	u64 creation_flags;
	bool initialized;
	bool broken;
	bool finalized;
	atomic_t states_mapped;
	struct mshv_call_pages call;
	struct mshv_async async;
	u64 xsave_size;
	u64 xsave_states;
	struct xarray vps;
	struct mshv_space space;
	struct mshv_events events;
	struct dentry *stats_dir;
	struct dentry *stats_vps;
	unsigned long drain_deadline;
	enum mshv_teardown teardown;
	unsigned int teardown_tries;
	struct delayed_work teardown_work;
	struct list_head quarantine_node;
	struct rcu_head rcu;
};

/**
 * enum mshv_vector_stage - what to do with an interrupt for a VP, see vectors.c
 * @MSHV_VECTORS_PARKED: it waits in the register page until the VP is run
 * @MSHV_VECTORS_ASLEEP: likewise, and the thread that runs the VP is to be woken
 * @MSHV_VECTORS_RUNNING: the VP is being dispatched
 */
enum mshv_vector_stage {
	MSHV_VECTORS_PARKED,
	MSHV_VECTORS_ASLEEP,
	MSHV_VECTORS_RUNNING,
};

/**
 * struct mshv_resume - the call that resumes a processor
 * @head: which processor
 * @elements: the registers that stop it
 */
struct mshv_resume {
	struct hv_input_set_vp_registers head;
	struct hv_register_assoc elements[2];
} __packed;

/**
 * union mshv_run_input - input of the call that runs a processor
 * @dispatch: root scheduler
 * @resume: hypervisor's scheduler
 *
 * It is made once, with the processor.  Its alignment keeps it within a page.
 */
union mshv_run_input {
	struct hv_input_dispatch_vp dispatch;
	struct mshv_resume resume;
} __aligned(128);
static_assert(sizeof(union mshv_run_input) == 128);

/**
 * struct mshv_sleep - when the thread that runs a processor has to look for itself
 * @timer: fires now and then
 * @since: when it went to sleep, in jiffies
 * @sleeping: it sleeps
 * @overdue: it has slept for too long
 *
 * See sleep.c.
 */
struct mshv_sleep {
	struct timer_list timer;
	unsigned long since;
	bool sleeping;
	bool overdue;
};

/**
 * struct mshv_vp - a virtual processor
 * @partition: partition; the VP's files hold the reference
 * @index: its index in the partition
 * @lock: serialises the ioctls of the processor's file
 * @run_input: input of the call that runs it, under @lock
 * @call: pages for passed-through calls, and for what a dispatch returns, under @lock
 * @retry: memory that a dispatch has asked for; outlives a run, because one that
 *	is restarted unseen would begin to count anew (root scheduler)
 * @state_pages: bits by type: state pages that the hypervisor has mapped
 * @message: the hypervisor writes intercepts here
 * @message_pfn: its page number, for mappings, which do not take @lock
 * @registers: register page, NULL if there is none
 * @registers_pfn: its page number
 * @registers_error: why not
 * @control: control page of the VMM, NULL until it is mapped
 * @ran: it has run at least once
 * @resume: it is in an intercept that the next run has to dismiss
 * @undelivered: @message holds an intercept that has not been delivered
 * @in_flight: stopped while an intercept was on its way (hypervisor's scheduler)
 * @absent_gfn: a page that no region had
 * @absent_inserted: the space's count of insertions at that time
 * @fault_gfn: last page that was made accessible
 * @fault_rip: instruction that needed it
 * @fault_repeats: how often in a row
 * @fault_taken: the space's count of pages taken at that time
 * @fault_lock: protects @fault_task
 * @fault_task: thread that may be waiting for a page of the guest
 * @halted: explicitly suspended while in flight (hypervisor's scheduler)
 * @cancel: the run, or the next one, is to end with -EINTR
 * @cpu: where it is being dispatched, -1: nowhere (root scheduler)
 * @kicked: set by the interrupt handler, cleared by the run loop
 * @vector_stage: what to do with an interrupt; set by the run loop (root scheduler)
 * @apic_id: id of its local APIC, if there are vectors in the register page
 * @ends: enum mshv_end of each vector; under the partition's events.acked_lock
 * @signals: signals for it from the hypervisor
 * @wait: the run loop sleeps here
 * @sleep: how long
 * @rcu: frees it
 */
struct mshv_vp {
	struct mshv_partition *partition;
	u32 index;
	struct mutex lock; /* see above */
	union mshv_run_input run_input;
	struct mshv_call_pages call;
	struct hvr_retry retry;
	u8 state_pages;
	struct hv_message *message;
	unsigned long message_pfn;
	struct hv_vp_register_page *registers;
	unsigned long registers_pfn;
	int registers_error;
	struct mshv_vp_control *control;
	bool ran;
	bool resume;
	bool undelivered;
	bool in_flight;
	u64 absent_gfn;
	unsigned long absent_inserted;
	u64 fault_gfn;
	u64 fault_rip;
	unsigned int fault_repeats;
	int fault_taken;
	spinlock_t fault_lock; /* see above */
	struct task_struct *fault_task;
	bool halted;
	int cancel;
	int cpu;
	enum mshv_vector_stage vector_stage;
	u32 apic_id;
	struct mshv_sleep sleep;
	struct rcu_head rcu;

	/* Written from interrupts. */
	int kicked ____cacheline_aligned_in_smp;
	u8 ends[MSHV_NR_VECTORS];
	atomic64_t signals;
	struct rcuwait wait;
};

/**
 * enum mshv_ioctl_flags - what the dispatcher does before the handler runs
 * @MSHV_IOCTL_LOCK: take the object's mutex, killable
 */
enum mshv_ioctl_flags {
	MSHV_IOCTL_LOCK = BIT(0),
};

/**
 * struct mshv_ioctl - one entry of an ioctl table
 * @cmd: full command number
 * @size: bytes to copy in before the handler is called; it copies the rest
 * @flags: enum mshv_ioctl_flags
 * @handler: gets the object, the copied argument and its user address
 */
struct mshv_ioctl {
	unsigned int cmd;
	unsigned short size;
	unsigned short flags;
	long (*handler)(void *object, void *arg, void __user *uarg);
};

/* main.c */
u64 mshv_self_pages(void);
long mshv_dispatch_ioctl(const struct mshv_ioctl *table, unsigned int nr,
			 void *object, struct mutex *lock, unsigned int cmd,
			 unsigned long arg);

/* partition.c */
extern struct workqueue_struct *mshv_teardown_wq;
struct mshv_partition *mshv_partition_find(u64 id);
long mshv_partition_create(const struct mshv_create_partition *arg,
			   void __user *uarg);
void mshv_partition_get(struct mshv_partition *partition);
void mshv_partition_put(struct mshv_partition *partition);
void mshv_partition_unpublish(struct mshv_partition *partition);
bool mshv_partition_none(void);
void mshv_partition_kick_all(void);
int mshv_partition_leave_cpu(unsigned int cpu);
void mshv_partition_stop_all(void);
void mshv_partition_free(struct mshv_partition *partition);
int mshv_partition_init(void);
void mshv_partition_exit(void);

/* teardown.c */
void mshv_teardown(struct mshv_partition *partition);
void mshv_teardown_work(struct work_struct *work);
u64 mshv_quarantined_pages(void);
unsigned int mshv_quarantined_partitions(void);

/* vp.c */
long mshv_vp_create(void *object, void *arg, void __user *uarg);
struct mshv_vp *mshv_vp_find(struct mshv_partition *partition, u32 index);
void mshv_vp_kick(struct mshv_vp *vp);
int mshv_vp_unmap_state(struct mshv_vp *vp);
void mshv_vp_close_states(void);
unsigned int mshv_vp_states_mapped(void);
void mshv_vp_forget_states(struct mshv_partition *partition);
void mshv_vp_free(struct mshv_vp *vp);

/* run.c */
void mshv_partition_break(struct mshv_partition *partition, int err);
void mshv_partition_end(struct mshv_vp *vp, int err);
void mshv_partition_stop(struct mshv_partition *partition);
bool mshv_memory_begin(struct mshv_partition *partition, unsigned long *flags);
void mshv_memory_end(unsigned long flags);
int mshv_memory_enter(struct hvr_call *call);
long mshv_run(struct mshv_vp *vp, void __user *uarg);
long mshv_kick(void *object, void *arg, void __user *uarg);

/* fault.c */
void mshv_fault_begin(struct mshv_vp *vp);
void mshv_fault_end(struct mshv_vp *vp);
void mshv_fault_kick(struct mshv_vp *vp);

/* vectors.c */
extern bool mshv_vectors_offered;
void mshv_vectors_init(void);
void mshv_vectors_flush(struct mshv_vp *vp);
void mshv_vectors_forget(struct mshv_partition *partition);
bool mshv_vectors_post(struct mshv_partition *partition,
		       const struct mshv_route *route, struct mshv_apic *apic);

/* Should the next dispatch look at the register page? */
static inline bool mshv_vectors_waiting(struct mshv_vp *vp)
{
	const struct hv_vp_register_page *page = vp->registers;

	return mshv_vectors_offered && page &&
	       READ_ONCE(page->interrupt_vectors.as_uint64);
}

/* passthrough.c */
int mshv_call_pages_alloc(struct mshv_call_pages *pages);
void mshv_call_pages_free(struct mshv_call_pages *pages);
long mshv_passthrough_device(void *object, void *arg, void __user *uarg);
long mshv_passthrough_partition(void *object, void *arg, void __user *uarg);
long mshv_passthrough_vp(void *object, void *arg, void __user *uarg);
bool mshv_async_complete(u64 partition_id, u32 status);

/* translate.c */
bool mshv_translate_fault_in(struct mshv_partition *partition,
			     const struct hv_input_translate_virtual_address *in,
			     const struct hv_output_translate_virtual_address *out);
long mshv_translate_address(void *object, void *arg, void __user *uarg);
long mshv_translate_gva(void *object, void *arg, void __user *uarg);

/* dirty.c */
long mshv_get_access_bitmap(void *object, void *arg, void __user *uarg);

/* state.c */
long mshv_get_vp_state(void *object, void *arg, void __user *uarg);
long mshv_set_vp_state(void *object, void *arg, void __user *uarg);
int mshv_reset_state(struct mshv_vp *vp);

/* reset.c */
long mshv_reset_vp(void *object, void *arg, void __user *uarg);

#endif
