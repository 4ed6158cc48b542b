/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions of the kernel, in the form in which the driver uses them.  The base layer
 * has its own.
 */
#ifndef _MSHV_COMPAT_H
#define _MSHV_COMPAT_H

#include <linux/eventfd.h>
#include <linux/mm.h>
#include <linux/rcuwait.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <asm/msr.h>

#include "base/compat.h"

#if COMPAT_BEFORE(6, 16)
#include <asm/processor.h> /* cpuid_eax() and others */

#define rdmsrq(msr, value)	rdmsrl(msr, value)
#define rdmsrq_safe(msr, value)	rdmsrl_safe(msr, value)
#define wrmsrq(msr, value)	wrmsrl(msr, value)
#else
#include <asm/cpuid/api.h>
#endif

#if COMPAT_BEFORE(6, 17)
/* That a queue is not WQ_UNBOUND was not to be said. */
#define WQ_PERCPU	0
#endif

#if COMPAT_BEFORE(6, 17)
/* All waiters of this kind were exclusive. */
static inline int add_wait_queue_priority_exclusive(struct wait_queue_head *wqh,
						    struct wait_queue_entry *wait)
{
	add_wait_queue_priority(wqh, wait);
	return 0;
}
#endif

#if COMPAT_BEFORE(6, 8)
#define eventfd_signal(ctx)	eventfd_signal(ctx, 1)
#endif

#if COMPAT_BEFORE(6, 7)
#define rcuwait_wait_event_timeout(w, condition, state, timeout)	\
({									\
	struct rcuwait *__w = (w);					\
	unsigned int __state = (state);					\
	long __left = (timeout);					\
	bool __done;							\
									\
	prepare_to_rcuwait(__w);					\
	for (;;) {							\
		set_current_state(__state);				\
		__done = (condition);					\
		if (__done || !__left ||				\
		    signal_pending_state(__state, current))		\
			break;						\
		__left = schedule_timeout(__left);			\
	}								\
	finish_rcuwait(__w);						\
	__done && !__left ? 1 : __left;					\
})
#endif

/* Has this task charged more than its group's high limit? */
static inline bool mshv_over_memcg_high(void)
{
#ifdef CONFIG_MEMCG
	return current->memcg_nr_pages_over_high;
#else
	return false;
#endif
}

/* Pin one page of another address space for reading. */
static inline long mshv_pin_remote(struct mm_struct *mm, unsigned long address,
				   struct page **page)
{
	int locked = 1;
	long ret;

	mmap_read_lock(mm);
#if COMPAT_BEFORE(6, 5)
	ret = pin_user_pages_remote(mm, address, 1, 0, page, NULL, &locked);
#else
	ret = pin_user_pages_remote(mm, address, 1, 0, page, &locked);
#endif
	if (locked)
		mmap_read_unlock(mm);
	return ret;
}

/* The page number in a mapping without pages. */
static inline int mshv_follow_pfnmap(struct vm_area_struct *vma, unsigned long address,
				     unsigned long *pfn, bool *writable)
{
#if COMPAT_BEFORE(6, 12)
	spinlock_t *lock; /* of the page table */
	pte_t *pte;
	int ret;

	mmap_assert_locked(vma->vm_mm);
	ret = follow_pte(vma->vm_mm, address, &pte, &lock);
	if (ret)
		return ret;
	*pfn = pte_pfn(*pte);
	*writable = pte_write(*pte);
	pte_unmap_unlock(pte, lock);
	return 0;
#else
	struct follow_pfnmap_args args = { .vma = vma, .address = address };
	int ret = follow_pfnmap_start(&args);

	if (ret)
		return ret;
	*pfn = args.pfn;
	*writable = args.writable;
	follow_pfnmap_end(&args);
	return 0;
#endif
}

#if COMPAT_BEFORE(6, 3)
static inline void vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
	vma->vm_flags |= flags;
}
#endif

#endif
