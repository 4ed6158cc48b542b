/* SPDX-License-Identifier: GPL-2.0 */
/* Instructions that access a page without memory. */
#ifndef _RV_VP_MMIO_H
#define _RV_VP_MMIO_H

#include <rv/base.h>

struct vp;

/**
 * struct mmio_device - a page without memory
 * @page: its GPA
 * @read: reads @size bytes; false: not done, without side effects
 * @write: likewise
 */
struct mmio_device {
	u64 page;
	bool (*read)(struct vp *vp, u64 gpa, u32 size, u64 *value);
	bool (*write)(struct vp *vp, u64 gpa, u32 size, u64 value);
};

/* Executes the instruction at RIP; false if that was not possible, or only in part. */
bool mmio_execute(struct vp *vp, const struct mmio_device *device);

/*
 * The linear address of the operand at @gpa of the instruction in @bytes, and whether
 * it is only written.
 */
bool mmio_operand(struct vp *vp, const u8 *bytes, u32 count, u64 gpa, u64 *gva,
		  bool *write);

#endif
