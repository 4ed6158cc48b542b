/* SPDX-License-Identifier: GPL-2.0 */
/* Messages to the root of what a child VP did. */
#ifndef _RV_VP_INTERCEPT_H
#define _RV_VP_INTERCEPT_H

#include <rv/base.h>

struct cpu_segment;
struct hv_x64_segment_register;
struct vp;

/* Tells the root: @payload begins with the intercept header, filled here. */
void intercept_send(struct vp *vp, u32 type, void *payload, u32 len, u8 access,
		    u8 insn_len);

void intercept_send_raw(struct vp *vp, u32 type, const void *payload, u32 len);

/* A segment in the state and in a register. */
void segment_get(const struct cpu_segment *seg, struct hv_x64_segment_register *to);
void segment_set(struct cpu_segment *seg, const struct hv_x64_segment_register *from);

bool task_valid(const struct hv_x64_segment_register *tr);

#endif
