/* SPDX-License-Identifier: GPL-2.0 */
/* Intercept messages to the root. */
#ifndef _RV_VP_INTERCEPT_H
#define _RV_VP_INTERCEPT_H

#include <hyperv/hv_register.h>
#include <rv/cpu_state.h>

struct vp;

/* Sends a message; fills in the intercept header, with which @payload begins. */
void intercept_send(struct vp *vp, u32 type, void *payload, u32 len, u8 access,
		    u8 insn_len);

void intercept_send_raw(struct vp *vp, u32 type, const void *payload, u32 len);

/* Converts the state's 12 attribute bits to the register's 16, and back. */
static inline void segment_get(const struct cpu_segment *seg, struct hv_x64_segment_register *to)
{
	to->base = seg->base;
	to->limit = seg->limit;
	to->selector = seg->selector;
	to->attributes = (seg->attrib & 0xff) | (seg->attrib & 0xf00) << 4;
}

static inline void segment_set(struct cpu_segment *seg,
			       const struct hv_x64_segment_register *from)
{
	seg->base = from->base;
	seg->limit = from->limit;
	seg->selector = from->selector;
	seg->attrib = (from->attributes & 0xff) | ((from->attributes >> 4) & 0xf00);
}

bool task_valid(const struct hv_x64_segment_register *tr);

#endif
