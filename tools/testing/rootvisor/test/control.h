/* SPDX-License-Identifier: GPL-2.0 */
/* The control port: commands that are not in control.c, and accesses made in other ways. */
#ifndef _RV_TEST_CONTROL_H
#define _RV_TEST_CONTROL_H

#include <rv/vp.h>

static inline u64 arg64(const u32 *args)
{
	return args[0] | (u64)args[1] << 32;
}

void control_result(struct vp *vp, u32 value);
void control_result64(struct vp *vp, u64 value);

u32 control_log(struct vp *vp, const u32 *args, u32 nr);
u32 control_exit(struct vp *vp, const u32 *args, u32 nr);
u32 control_log_read(struct vp *vp, const u32 *args, u32 nr);
u32 control_crash(struct vp *vp, const u32 *args, u32 nr);
u32 control_device_domain(struct vp *vp, const u32 *args, u32 nr);
u32 control_dma_faults(struct vp *vp, const u32 *args, u32 nr);
u32 control_panic(struct vp *vp, const u32 *args, u32 nr);

/* One access of @vp; false if it is the machine's. */
bool control_write(struct vp *vp, u16 port, u32 size, u32 value);
bool control_read(struct vp *vp, u16 port, u32 size, u32 *value);

#endif
