/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hypercalls: one typed wrapper per call, and the memory they charge.
 *
 * Model: there are three ways to hand over input.
 *   fast	in registers; any context.
 *   small	copied through a page of this processor with interrupts off for
 *		the time of the call; any context but NMI, never allocates.
 *   list	in a page that the caller owns and protects; for repeated calls.
 *
 * Words: a "result" is the hypervisor's result word (status and the number of
 * elements done); a "status" is its low 16 bits.  Wrappers return 0 or a
 * negative errno that is made in one place, hvr_errno().
 *
 * A "pool" is the memory that the hypervisor holds for one partition, together
 * with our books about it.  Wrappers that take a pool deposit into it when the
 * hypervisor asks, and hence may sleep; the others never do.
 *
 * Lock order: a pool's mutex is a leaf; nothing is allocated under it.  For who
 * deposits, see hvr_may_deposit().
 */
#ifndef _MSHV_HYPERCALL_H
#define _MSHV_HYPERCALL_H

#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_partition.h>
#include <hyperv/hv_stats.h>
#include <hyperv/hv_status.h>
#include <hyperv/hv_synic.h>
#include <hyperv/hv_system.h>
#include <hyperv/hv_types.h>
#include <hyperv/hv_vp.h>

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
 * How much to deposit at once.  The first two were found by trying what a
 * partition and a processor take on the hypervisor in the field; too little
 * costs more calls, nothing else.
 */
#define HVR_PAGES_PARTITION	208
#define HVR_PAGES_VP		90
#define HVR_PAGES_MAP		256
#define HVR_PAGES_FEW		1
/* An operation that asks again and again gets no more than this at once. */
#define HVR_PAGES_MORE		64
#define HVR_PAGES_CONTIGUOUS	8

/**
 * struct hvr_pool - what the hypervisor holds for one partition
 * @partition_id: whose it is
 * @lock: protects what follows, and the page while a call uses it
 * @head: input of the withdraw call, in the linear mapping
 * @page: list of page numbers that come back
 * @spare: pages given beyond what was needed so far, as far as we can know
 * @vp_batch: processors to provide for at the next shortage
 * @deposited: pages given since the beginning
 * @withdrawn: pages got back
 * @foreign: pages that came back although we never gave them
 * @urgent: pages given where nothing may sleep, on top of @deposited
 */
struct hvr_pool {
	u64 partition_id;
	struct mutex lock; /* see above */
	struct hv_input_withdraw_memory *head;
	void *page;
	long spare;
	unsigned int vp_batch;
	u64 deposited;
	u64 withdrawn;
	u64 foreign;
	atomic64_t urgent;
};

/**
 * struct hvr_stock_block - pages at hand for where nothing may sleep
 * @first: the first; they follow each other
 * @nr: how many are left, at most %HVR_PAGES_CONTIGUOUS
 */
struct hvr_stock_block {
	struct page *first;
	unsigned int nr;
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
 * Said by whatever may deposit, also when it need not this time.  A deposit waits for
 * readers of /proc/kcore, and these may be faulting in their buffers: so lockdep has
 * to find mmap_lock, and all that is taken below it, free.  That is what it checks
 * before a fault.
 */
static inline void hvr_may_deposit(void)
{
	might_fault();
}

/* status.c */
int hvr_errno(u64 result);
const char *hvr_status_name(u16 status);
bool hvr_wants_memory(u64 result);

/* hypercall.c */
int hvr_init(void);
void hvr_exit(void);
u64 hvr_fast8(u16 code, u64 input);
u64 hvr_fast16(u16 code, u64 input1, u64 input2);
u64 hvr_small(u16 code, unsigned int reps, const void *in, size_t in_size,
	      void *out, size_t out_size);
u64 hvr_small_var(u16 code, unsigned int varhead, const void *in, size_t in_size,
		  void *out, size_t out_size);
u64 hvr_list(u16 code, unsigned int reps, unsigned int start,
	     unsigned int varhead, void *in, void *out);
u64 hvr_list_rest(u16 code, unsigned int reps, unsigned int *done, void *in,
		  void *out);

/* pool.c */
extern struct hvr_pool *hvr_self_pool;
struct hvr_pool *hvr_pool_create(u64 partition_id);
void hvr_pool_destroy(struct hvr_pool *pool);
void hvr_count_outstanding(s64 pages);
s64 hvr_outstanding(void);
u64 hvr_pool_given(struct hvr_pool *pool);
u64 hvr_pool_outstanding(struct hvr_pool *pool);
void *hvr_lend(struct hvr_pool *pool, u64 pfn);
void hvr_unlend(const void *address);

/* deposit.c */
int hvr_deposit(struct hvr_pool *pool, unsigned int nr);
int hvr_stock_get(struct hvr_stock_block *block);
void hvr_stock_put(struct hvr_stock_block *block);
int hvr_deposit_now(struct hvr_pool *pool, struct hvr_stock_block *block);
int hvr_deposit_for(struct hvr_pool *pool, struct hvr_retry *retry, u64 result);
int hvr_reserve_vp(struct hvr_pool *pool);
u64 hvr_refused(void);

/* withdraw.c */
int hvr_withdraw_all(struct hvr_pool *pool);

/* calls.c: partitions */
int hvr_create_partition(const struct hv_input_create_partition *in, u64 *id);
int hvr_initialize_partition(struct hvr_pool *pool);
int hvr_finalize_partition(u64 partition_id);
int hvr_delete_partition(u64 partition_id);
int hvr_get_partition_property(u64 partition_id, u32 code, u64 *value);
int hvr_get_system_property(u32 property, u64 *value);

/* calls.c: virtual processors */
int hvr_create_vp(struct hvr_pool *pool, u32 vp_index);
int hvr_delete_vp(u64 partition_id, u32 vp_index);
int hvr_get_register(u64 partition_id, u32 vp_index, u32 name, u64 *value);
int hvr_set_registers(u64 partition_id, u32 vp_index, unsigned int nr,
		      const u32 *names, const u64 *values);
int hvr_vp_of_apic(u64 partition_id, u32 apic_id, u32 *vp_index);
int hvr_map_vp_state_page(struct hvr_pool *pool, u32 vp_index, u16 type,
			  u64 *pfn);
int hvr_unmap_vp_state_page(u64 partition_id, u32 vp_index, u16 type);

/* calls.c: interrupts, ports */
int hvr_assert_interrupt(u64 partition_id, u32 type, u32 flags, u64 destination,
			 u32 vector);
int hvr_clear_interrupt(u64 partition_id);
int hvr_create_doorbell(struct hvr_pool *pool, u32 port_id, u64 gpa,
			u64 datamatch, u64 flags, u32 vp);
int hvr_disconnect_doorbell(u64 partition_id, u32 port_id);
int hvr_delete_port(u32 port_id);
void hvr_notify_ring_empty(u32 sint);

/* calls.c: statistics */
int hvr_map_stats_page(struct hvr_pool *pool, u32 type,
		       const union hv_stats_object_identity *identity,
		       u64 *pfn);
int hvr_unmap_stats_page(u32 type,
			 const union hv_stats_object_identity *identity);

#endif
