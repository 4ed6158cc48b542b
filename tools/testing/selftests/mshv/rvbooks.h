/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rootvisor's books: what is outstanding in the hypervisor.
 *
 * Model: books are read before and after a test; they must agree.
 */
#ifndef _MSHV_RVBOOKS_H
#define _MSHV_RVBOOKS_H

#include <linux/types.h>

#include <rootvisor/rvctl.h>

/**
 * struct books - what is outstanding in the hypervisor
 * @value: by RV_BOOKS_*
 */
struct books {
	__u64 value[RV_BOOKS_NR];
};

int books_read(struct books *books);
__u64 books_value(unsigned int what);
const char *books_differ(const struct books *before);

#endif
