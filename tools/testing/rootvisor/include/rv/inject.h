/* SPDX-License-Identifier: GPL-2.0 */
/* Faults that the control port has asked for; test/inject.c, test/answer.c. */
#ifndef _RV_INJECT_H
#define _RV_INJECT_H

#include <rv/base.h>

struct hv_call;
struct hv_message;
struct vp;

/* Of the next hypercalls. */
bool inject_status(struct vp *vp, u16 code, u64 partition, u16 *status);
void inject_reps(u16 code, u16 reps, u16 *stop, u16 *status);
/* How many copies of a message go out now: 1, or 0 or 2 by a rule. */
u32 inject_message(struct vp *to, u32 sint, const struct hv_message *message);
void inject_answer(struct hv_call *call, u16 *status);

/* A page that is deposited is written; the root has touched one that was taken from it. */
void inject_page_write(u64 pfn);
bool inject_touched(u64 pfn);

#endif
