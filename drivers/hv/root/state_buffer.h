/* SPDX-License-Identifier: GPL-2.0 */
/* A program's buffer as pages that the hypervisor accesses; see state_buffer.c. */
#ifndef _MSHV_STATE_BUFFER_H
#define _MSHV_STATE_BUFFER_H

#include <linux/types.h>

struct page;

/* Larger buffers are not needed, whatever the hypervisor claims. */
#define MSHV_STATE_PAGES	16

/**
 * struct mshv_state_buffer - where the hypervisor finds or puts state
 * @user: the program's buffer, aligned to pages
 * @size: bytes that are used of it
 * @write: the hypervisor writes
 * @nr: pages that these are in
 * @copy: pages of the kernel in their place, NULL if they are pinned
 * @pages: those that are pinned
 */
struct mshv_state_buffer {
	void __user *user;
	u32 size;
	bool write;
	unsigned int nr;
	void *copy;
	struct page *pages[MSHV_STATE_PAGES];
};

int mshv_state_buffer_begin(struct mshv_state_buffer *buffer, u64 *pfns);
int mshv_state_buffer_end(struct mshv_state_buffer *buffer, int ret);

#endif
