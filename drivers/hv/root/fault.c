// SPDX-License-Identifier: GPL-2.0
/*
 * Faulting in a page of the process for its guest.
 *
 * Model: this may wait, for a disk or for a program behind a userfaultfd that never
 * supplies the page.  Unlike fixup_user_fault(), which checks for fatal signals
 * only, it ends with any signal.  A kick acts like one: it marks the waiting thread
 * as if it had a signal; the mark disappears when the thread returns to user space.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "core.h"
#include "region.h"

static bool fault_permitted(const struct vm_area_struct *vma, bool write)
{
	return vma->vm_flags & (write ? VM_WRITE : VM_READ);
}

/**
 * mshv_fault_in() - fault in a page of a process
 * @mm: its memory
 * @address: address in the page
 * @write: for writing
 *
 * Context: under mmap_lock, which may be released in between.
 * Return: -EBUSY to look again, -EINTR if a signal came before the page, or another
 * negative errno.
 */
int mshv_fault_in(struct mm_struct *mm, unsigned long address, bool write)
{
	unsigned int flags = FAULT_FLAG_REMOTE | FAULT_FLAG_ALLOW_RETRY |
			     FAULT_FLAG_KILLABLE | FAULT_FLAG_INTERRUPTIBLE;
	struct vm_area_struct *vma = vma_lookup(mm, address);
	vm_fault_t fault;

	mmap_assert_locked(mm);
	if (!vma || !fault_permitted(vma, write))
		return -EFAULT;
	if (write)
		flags |= FAULT_FLAG_WRITE;
	fault = handle_mm_fault(vma, address, flags, NULL);
	/* In these cases the lock has been released. */
	if (fault & (VM_FAULT_RETRY | VM_FAULT_COMPLETED))
		mmap_read_lock(mm);
	if (fault & VM_FAULT_RETRY)
		return signal_pending(current) ? -EINTR : -EBUSY;
	if (fault & VM_FAULT_ERROR)
		return vm_fault_to_errno(fault, 0);
	return -EBUSY;
}

/**
 * mshv_fault_begin() - this thread may wait for a page of the guest
 * @vp: the processor that it runs
 */
void mshv_fault_begin(struct mshv_vp *vp)
{
	spin_lock(&vp->fault_lock);
	vp->fault_task = current;
	spin_unlock(&vp->fault_lock);
}

/**
 * mshv_fault_end() - this thread does not wait for a page any more
 * @vp: the processor that it runs
 */
void mshv_fault_end(struct mshv_vp *vp)
{
	spin_lock(&vp->fault_lock);
	vp->fault_task = NULL;
	spin_unlock(&vp->fault_lock);
}

/**
 * mshv_fault_kick() - end the wait of a thread for a page
 * @vp: the processor that it runs
 *
 * A thread that does not sleep yet finds the mark when it tries to.
 */
void mshv_fault_kick(struct mshv_vp *vp)
{
	spin_lock(&vp->fault_lock);
	if (vp->fault_task) {
		/* As set_notify_signal() does, part of which is not for modules. */
		set_tsk_thread_flag(vp->fault_task, TIF_NOTIFY_SIGNAL);
		wake_up_process(vp->fault_task);
	}
	spin_unlock(&vp->fault_lock);
}
