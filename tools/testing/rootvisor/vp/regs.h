/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registers of a VP by name.
 *
 * Model: a table entry covers a range of names.  Getters and setters work on a
 * VP that does not run and whose state is all in memory.
 */
#ifndef _RV_VP_REGS_H
#define _RV_VP_REGS_H

#include <hyperv/hv_register.h>
#include <hyperv/hv_status.h>
#include "child.h"

#define REG_READ_ONLY	BIT(0)
#define REG_SUSPEND	BIT(1)	/* writing it does not revive a broken VP */

struct reg {
	u32 first, last;
	u32 flags;
	u16 (*get)(struct vp *vp, u32 name, union hv_register_value *value);
	u16 (*set)(struct vp *vp, u32 name, const union hv_register_value *value);
};

extern const struct reg basic_regs[], fpu_regs[], msr_regs[], synthetic_regs[];
extern const u32 nr_basic_regs, nr_fpu_regs, nr_msr_regs, nr_synthetic_regs;

#define REG_OK		HV_STATUS_SUCCESS
#define REG_BAD		HV_STATUS_INVALID_REGISTER_VALUE

static inline u16 reg_result(bool ok)
{
	return ok ? REG_OK : REG_BAD;
}

#endif
