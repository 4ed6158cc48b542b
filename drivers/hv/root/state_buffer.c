// SPDX-License-Identifier: GPL-2.0
/*
 * State of a processor that is too large for the call's own pages.
 *
 * Model: the call names pages, and the hypervisor accesses them.  They are those of the
 * program's buffer, pinned as for direct I/O for as long as the call takes: nothing is
 * allocated, cleared or copied.  What the program does to its memory meanwhile is between
 * it and the content: the pages stay, and this kernel does not look at it.  Whether it is
 * a state is for the hypervisor to check, which trusts no memory of a root.
 *
 * Only pages that state is in are named, and they need be writable only where the
 * hypervisor writes.  It may write all of the last one.
 *
 * Some memory can be accessed but not pinned: mappings of devices, of processors'
 * shared pages, and what memfd_secret() makes.  That of persistent memory can, but is
 * none that the hypervisor takes.  All of these are copied, by way of the kernel's pages.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/math.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <hyperv/hv_root.h>

#include "state_buffer.h"

static bool buffer_is_memory(const struct mshv_state_buffer *buffer)
{
	unsigned int i;

	for (i = 0; i < buffer->nr; i++)
		if (is_zone_device_page(buffer->pages[i]))
			return false;
	return true;
}

static bool buffer_pin(struct mshv_state_buffer *buffer, u64 *pfns)
{
	unsigned int i;
	int nr;

	nr = pin_user_pages_fast((unsigned long)buffer->user, buffer->nr,
				 buffer->write ? FOLL_WRITE : 0, buffer->pages);
	if (nr == buffer->nr && buffer_is_memory(buffer)) {
		for (i = 0; i < nr; i++)
			pfns[i] = page_to_pfn(buffer->pages[i]);
		return true;
	}
	if (nr > 0)
		unpin_user_pages(buffer->pages, nr);
	return false;
}

/* What the program provides is followed by zeroes. */
static int buffer_copy(struct mshv_state_buffer *buffer, u64 *pfns)
{
	unsigned int i;

	buffer->copy = alloc_pages_exact(buffer->nr * HV_HYP_PAGE_SIZE,
					 GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!buffer->copy)
		return -ENOMEM;
	if (!buffer->write && copy_from_user(buffer->copy, buffer->user, buffer->size)) {
		free_pages_exact(buffer->copy, buffer->nr * HV_HYP_PAGE_SIZE);
		return -EFAULT;
	}
	for (i = 0; i < buffer->nr; i++)
		pfns[i] = (virt_to_phys(buffer->copy) >> HV_HYP_PAGE_SHIFT) + i;
	return 0;
}

/**
 * mshv_state_buffer_begin() - let the hypervisor access the buffer
 * @buffer: what it is
 * @pfns: where to put the pages' numbers, room for %MSHV_STATE_PAGES
 *
 * Context: process context; sleeps.
 * Return: how many pages there are, or a negative errno.
 */
int mshv_state_buffer_begin(struct mshv_state_buffer *buffer, u64 *pfns)
{
	int ret = 0;

	buffer->nr = DIV_ROUND_UP(buffer->size, HV_HYP_PAGE_SIZE);
	buffer->copy = NULL;
	if (!buffer_pin(buffer, pfns))
		ret = buffer_copy(buffer, pfns);
	return ret ? ret : buffer->nr;
}

/**
 * mshv_state_buffer_end() - let it go
 * @buffer: the buffer, after mshv_state_buffer_begin()
 * @ret: what came of the call, 0 or a negative errno
 *
 * Context: process context; sleeps.
 * Return: @ret, or -EFAULT.
 */
int mshv_state_buffer_end(struct mshv_state_buffer *buffer, int ret)
{
	if (!buffer->copy) {
		/* Written or not, after a failure as well. */
		unpin_user_pages_dirty_lock(buffer->pages, buffer->nr, buffer->write);
		return ret;
	}
	if (!ret && buffer->write && copy_to_user(buffer->user, buffer->copy, buffer->size))
		ret = -EFAULT;
	free_pages_exact(buffer->copy, buffer->nr * HV_HYP_PAGE_SIZE);
	return ret;
}
