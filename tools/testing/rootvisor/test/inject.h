/* SPDX-License-Identifier: GPL-2.0 */
/* Fault rules: set by the control port, checked by the hypercall entry. */
#ifndef _RV_TEST_INJECT_H
#define _RV_TEST_INJECT_H

#include <rv/base.h>

int inject_add_status(u32 code, u16 status, u32 skip, u32 times, u32 lp, u64 partition);
int inject_add_reps(u32 code, u16 status, u16 reps, u32 times);
bool inject_hits(u32 rule, u64 *hits);
void inject_clear(void);

/* Fills pages with a value while they are being deposited, 0: does not. */
void inject_deposit_write(u64 value);

/* Takes a page from the root until it is touched; false: it is not the root's. */
bool inject_take(u64 pfn);

enum inject_message { INJECT_LOSE, INJECT_TWICE, INJECT_HOLD };

bool inject_message_rule(u32 type, u32 times, enum inject_message what);
/* Sends held messages, removes all rules for messages; returns their number. */
u32 inject_release(void);
void inject_late_rule(u32 of, u32 count, u32 us);
bool inject_answer_rule(u32 code, u32 times, u16 status, bool lie, u64 value);
void inject_answer_clear(void);

#endif
