/* SPDX-License-Identifier: GPL-2.0 */
/* The instruction behind an access to a page without memory, and others. */
#ifndef _RV_VP_MMIO_H
#define _RV_VP_MMIO_H

#include <rv/base.h>

struct vp;

/**
 * struct mmio_device - what lies at a page that has no memory
 * @page: its GPA
 * @read: value of @size bytes; false: not done, nothing has happened
 * @write: likewise
 */
struct mmio_device {
	u64 page;
	bool (*read)(struct vp *vp, u64 gpa, u32 size, u64 *value);
	bool (*write)(struct vp *vp, u64 gpa, u32 size, u64 value);
};

/* Executes the instruction at RIP; false when it could not be, or not quite. */
bool mmio_execute(struct vp *vp, const struct mmio_device *device);

/*
 * Linear address of the operand at @gpa, and whether it is only written, by the
 * instruction in @bytes.
 */
bool mmio_operand(struct vp *vp, const u8 *bytes, u32 count, u64 gpa, u64 *gva,
		  bool *write);

#define MOV_TO_CR	0x22	/* behind 0F */

/*
 * The general register of a MOV from or to control or debug register @number, and its
 * length; false if the instruction is another.
 */
bool special_register(struct vp *vp, u8 opcode, u32 number, u32 *gpr, u32 *len);

/* INT n, or INT3 or INTO, which are exceptions; false for anything else. */
bool software_interrupt(struct vp *vp, u32 *vector, u32 *len, bool *exception);

#endif
