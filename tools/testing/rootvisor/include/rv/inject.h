/* SPDX-License-Identifier: GPL-2.0 */
/* Fault injection by the control port: test/inject.c, answer.c, late.c. */
#ifndef _RV_INJECT_H
#define _RV_INJECT_H

#include <rv/base.h>

struct hv_call;
struct hv_message;
struct vp;

/* Is there a rule for hypercalls?  If not, the next four do nothing. */
extern bool inject_calls;

/* For the next hypercalls. */
bool inject_status(struct vp *vp, u16 code, u64 partition, u16 *status);
void inject_reps(u16 code, u16 reps, u16 *stop, u16 *status);
void inject_answer(struct hv_call *call, u16 *status);
/* Has the call to wait?  Then the caller executes it again. */
bool inject_late(const struct hv_call *call);

/* How many copies of a message to send: 1, or 0 or 2 if a rule matches. */
u32 inject_message(struct vp *to, u32 sint, const struct hv_message *message);

/* Writes to a page that is being deposited; was a page taken from the root by TAKE? */
void inject_page_write(u64 pfn);
bool inject_touched(u64 pfn);

#endif
