/* SPDX-License-Identifier: GPL-2.0 */
/* Intercept messages to the root. */
#ifndef _RV_VP_INTERCEPT_H
#define _RV_VP_INTERCEPT_H

#include <rv/base.h>

struct cpu_segment;
struct hv_x64_segment_register;
struct vp;

/* Sends a message; fills in the intercept header, with which @payload begins. */
void intercept_send(struct vp *vp, u32 type, void *payload, u32 len, u8 access,
		    u8 insn_len);

void intercept_send_raw(struct vp *vp, u32 type, const void *payload, u32 len);

/* Converts a segment between state and register. */
void segment_get(const struct cpu_segment *seg, struct hv_x64_segment_register *to);
void segment_set(struct cpu_segment *seg, const struct hv_x64_segment_register *from);

bool task_valid(const struct hv_x64_segment_register *tr);

#endif
