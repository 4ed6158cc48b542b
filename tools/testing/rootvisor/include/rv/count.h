/* SPDX-License-Identifier: GPL-2.0 */
/* Counters behind the control port's COUNT commands, and the books. */
#ifndef _RV_COUNT_H
#define _RV_COUNT_H

#include <rv/base.h>
#include <rootvisor/control.h>

extern u64 counts[RV_COUNT_NR];
extern u64 book_faults, book_unknown_calls, book_overflows, book_calls;
extern u64 book_ports, book_state_pages;
extern u64 book_irte_faults, book_irtes, book_dma_faults;

static inline void count(u32 what)
{
	counts[what]++;
}

void count_call(u16 code);
u64 count_calls(u32 code);	/* RV_ANY_CODE: all */
void count_mark(void);

/* One item of the books, RV_BOOKS_*: of one child, or of all if @id is 0. */
u64 books_value(u32 what, u64 id);
void books_print(void);

#endif
