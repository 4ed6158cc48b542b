/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A root partition's ways into Microsoft's hypervisor: hypercalls, and deposits.
 *
 * This is all that users of drivers/hv/root/base may use of it: the platform layer
 * in arch/x86/hyperv, the driver in drivers/hv/root, and that in drivers/iommu/hyperv.
 *
 * Model: there are four ways to pass input.
 *   fast	in registers; any context.
 *   small	copied through a page of this processor with interrupts off for
 *		the time of the call; any context but NMI, never allocates.
 *   list	in a page that the caller owns and protects; any context in which
 *		it may, but NMI.  For lists of elements, and for large input.
 *   block	likewise, without a list; for what is called all the time.
 *
 * None of these sleeps, and none deposits.  A call that may need a deposit is
 * described by a struct hvr_call and made by hvr_call(), which sleeps, or by
 * hvr_call_atomic(), which never does.
 *
 * Thus hvr_fast*(), hvr_small*(), hvr_list*(), hvr_block*(), hvr_enter(), hvr_call_atomic() and
 * hvr_deposit_now() may be called with interrupts off.  What deposits otherwise begins
 * with hvr_may_deposit(), which lockdep checks; withdrawing and unmapping begin with
 * might_sleep().
 *
 * Words: a "result" is the hypervisor's result word (status and the number of
 * elements done); a "status" is its low 16 bits.  Functions that do not return a
 * result return 0 or a negative errno, from hvr_errno().  A "pool" is the memory that
 * the hypervisor owns for one partition, together with its accounting.
 *
 * Lock order: a pool's mutex is a leaf; nothing is allocated under it.  For the
 * locks that a deposit excludes, see hvr_may_deposit().
 */
#ifndef _LINUX_HVR_H
#define _LINUX_HVR_H

#include <linux/hvr_glue.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include <hyperv/hv_root.h>

struct hv_input_withdraw_memory;
struct hv_iommu_fault_message;
struct page;
struct seq_file;

/* The largest input or output of a "small" call. */
#define HVR_SMALL_MAX		512

/* How often one operation may be answered "more memory" before it fails. */
#define HVR_DEPOSIT_TRIES	24

/*
 * How often a call on a list may succeed without any progress before that
 * counts as a failure.
 */
#define HVR_IDLE_MAX		16

/*
 * How much to deposit at once.  The first two were measured for a partition and a
 * processor on the hypervisor in the field; too little costs more calls, nothing
 * else.
 */
#define HVR_PAGES_PARTITION	208
#define HVR_PAGES_VP		90
#define HVR_PAGES_MAP		256
#define HVR_PAGES_FEW		1
/* An operation that asks again and again gets no more than this at once. */
#define HVR_PAGES_MORE		64
#define HVR_PAGES_CONTIGUOUS	8

/* Shared pages that are mapped beside each other. */
#define HVR_SHARED_MAX		2

/**
 * struct hvr_pool - memory that the hypervisor owns for one partition
 * @partition_id: the partition
 * @lock: protects the following fields, and the page while a call uses it
 * @head: input of the withdraw call, in the linear mapping
 * @page: list of page numbers that are withdrawn
 * @spare: estimate of deposited pages that are not used yet
 * @vps: processors that have been provided for
 * @deposited: pages deposited so far
 * @withdrawn: pages withdrawn so far
 * @foreign: pages withdrawn that were not deposited by this code
 * @urgent: pages deposited where nothing may sleep, not in @deposited
 */
struct hvr_pool {
	u64 partition_id;
	struct mutex lock; /* see above */
	struct hv_input_withdraw_memory *head;
	void *page;
	long spare;
	unsigned int vps;
	u64 deposited;
	u64 withdrawn;
	u64 foreign;
	atomic64_t urgent;
};

/**
 * struct hvr_retry - progress of one operation that may ask for memory
 * @pages: how many pages to deposit at the next shortage
 * @tries: how often it has asked
 */
struct hvr_retry {
	unsigned int pages;
	unsigned int tries;
};

/**
 * struct hvr_call - a call that may need a deposit
 * @code: call code
 * @varhead: size of the variable header in 8 bytes
 * @reps: elements of the list, 0 if the call does not repeat
 * @done: elements of the list that are done, before and after
 * @in: input: a block, or a page that the caller owns
 * @in_size: size of the block, 0 for a page
 * @out: output, of the same kind as @in, or NULL
 * @out_size: size of the block
 * @enter: makes one attempt and sets @result and @done, or returns a negative
 *	errno that ends the call; NULL for hvr_enter()
 * @pool: the partition that is charged
 * @retry: how much to deposit at the next shortage
 * @result: what the last attempt returned
 */
struct hvr_call {
	u16 code;
	u16 varhead;
	unsigned int reps;
	unsigned int done;
	const void *in;
	size_t in_size;
	void *out;
	size_t out_size;
	int (*enter)(struct hvr_call *call);
	struct hvr_pool *pool;
	struct hvr_retry retry;
	u64 result;
};

/**
 * struct hvr_stock_block - a block to deposit where nothing may sleep
 * @first: the first of contiguous pages
 * @nr: how many are left, at most %HVR_PAGES_CONTIGUOUS
 */
struct hvr_stock_block {
	struct page *first;
	unsigned int nr;
};

/* Blocks in a stock. */
#define HVR_STOCK_BLOCKS	4

/**
 * struct hvr_stock - blocks that are ready to be deposited, see base/stock.c
 * @lock: protects the following fields
 * @nr: how many there are
 * @out: how many have been taken and may come back
 * @blocks: the blocks
 * @work: fills it
 */
struct hvr_stock {
	raw_spinlock_t lock; /* see above */
	unsigned int nr;
	unsigned int out;
	struct hvr_stock_block blocks[HVR_STOCK_BLOCKS];
	struct work_struct work;
};

/**
 * struct hvr_held - held pages, and their cost
 * @guards: guards that are kept back now
 * @pairs: times a page got a guard of its own, for lack of a block
 * @singles: pages that were collected one by one, for lack of a pair
 * @splits: leaves of the direct map that were split
 * @cycles: of the time stamp counter, spent on changing the direct map
 * @chunks: leaves of the direct map that are out of it now
 */
struct hvr_held {
	u64 guards;
	u64 pairs;
	u64 singles;
	u64 splits;
	u64 cycles;
	u64 chunks;
};

static inline u16 hvr_status(u64 result)
{
	return result & HV_HYPERCALL_RESULT_MASK;
}

static inline unsigned int hvr_reps(u64 result)
{
	return (result & HV_HYPERCALL_REP_COMP_MASK) >>
	       HV_HYPERCALL_REP_COMP_OFFSET;
}

/*
 * For everything that may deposit, also if it does not this time.  A deposit waits
 * for readers of /proc/kcore, which may be faulting in their buffers: so lockdep
 * has to find that mmap_lock, and all locks that nest inside it, are not held.
 * That is what it checks before a fault.
 */
static inline void hvr_may_deposit(void)
{
	might_fault();
}

/* status.c */
int hvr_errno_of(u64 result);
const char *hvr_status_name(u16 status);
bool hvr_failed_for_memory(u64 result);

/* The errno of a result word: 0, or a negative one; -EIO for an unknown status. */
static inline int hvr_errno(u64 result)
{
	return hvr_status(result) == HV_STATUS_SUCCESS ? 0 : hvr_errno_of(result);
}

/* Should the call be repeated after a deposit? */
static inline bool hvr_wants_memory(u64 result)
{
	return hvr_status(result) != HV_STATUS_SUCCESS && hvr_failed_for_memory(result);
}

/* hypercall.c */
int hvr_init(void);
void hvr_exit(void);
u64 hvr_fast8(u16 code, u64 input);
u64 hvr_fast16(u16 code, u64 input1, u64 input2);
u64 hvr_small(u16 code, unsigned int reps, const void *in, size_t in_size,
	      void *out, size_t out_size);
u64 hvr_small_var(u16 code, unsigned int varhead, const void *in, size_t in_size,
		  void *out, size_t out_size);
void *hvr_small_begin(unsigned long *flags);
u64 hvr_small_end(u16 code, const void *in, unsigned long flags);
u64 hvr_list(u16 code, unsigned int reps, unsigned int start, const void *in,
	     void *out);
u64 hvr_block(u16 code, const void *in, void *out);
u64 hvr_block_guest(u16 code, const void *in, void *out);
u64 hvr_block_var(u16 code, unsigned int varhead, const void *in, void *out);
u64 hvr_list_rest(u16 code, unsigned int reps, unsigned int *done,
		  const void *in, void *out);

/* call.c */
int hvr_enter(struct hvr_call *call);
int hvr_call(struct hvr_call *call);

/* pool.c */
extern struct hvr_pool *hvr_self_pool;
struct hvr_pool *hvr_pool_create(u64 partition_id);
void hvr_pool_destroy(struct hvr_pool *pool);
s64 hvr_outstanding(void);
u64 hvr_pool_given(struct hvr_pool *pool);
u64 hvr_pool_outstanding(struct hvr_pool *pool);
bool hvr_shares(const struct hvr_pool *pool, u64 pfn);
void *hvr_map_shared(const u64 *pfns, unsigned int nr);
void hvr_unmap_shared(const void *address);

/* deposit.c */
int hvr_deposit(struct hvr_pool *pool, unsigned int nr);
int hvr_deposit_for(struct hvr_pool *pool, struct hvr_retry *retry, u64 result);
int hvr_reserve_vp(struct hvr_pool *pool);
u64 hvr_refused(void);

/* urgent.c */
int hvr_call_atomic(struct hvr_call *call, int (*more)(void));
int hvr_stock_get(struct hvr_stock_block *block);
void hvr_stock_put(struct hvr_stock_block *block);
int hvr_deposit_now(struct hvr_pool *pool, struct hvr_stock_block *block);

/* stock.c */
void hvr_stock_init(struct hvr_stock *stock);
void hvr_stock_fill(struct hvr_stock *stock);
int hvr_stock_deposit(struct hvr_stock *stock);

/* dma_fault.c */
void hvr_set_dma_fault_handler(void (*handler)(const struct hv_iommu_fault_message *message));
bool hvr_has_dma_fault_handler(void);
bool hvr_dma_fault(const struct hv_iommu_fault_message *message);

/* withdraw.c */
int hvr_withdraw_all(struct hvr_pool *pool);

/* held.c */
void hvr_held_counters(struct hvr_held *held);
void hvr_held_show(struct seq_file *m);

#endif
