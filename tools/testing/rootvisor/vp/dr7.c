// SPDX-License-Identifier: GPL-2.0
/*
 * MOV from and to DR7 of a guest, where they exit: the guest reads what it has written,
 * not what it is run with.
 */
#include "child.h"
#include "dr7.h"
#include "insn.h"
#include "report.h"
#include "rules.h"

#define DR7_NUMBER	7
#define DR7_FIXED	BIT(10)

/* With DR7.GD set, any access is an exception. */
static bool guarded(struct vp *vp)
{
	struct cpu_state *v = vp->cpu;

	if (!(v->dr7 & DR7_GD))
		return false;
	v->dr6 |= DR6_BD;
	if (exception_wanted(vp->partition, VECTOR_DB)) {
		report_exception(vp, VECTOR_DB);
		return true;
	}
	v->dr7 &= ~(u64)DR7_GD;
	vp_exception(vp, VECTOR_DB, false, 0);
	return true;
}

static bool dr7_begin(struct vp *vp, u8 opcode, u32 *gpr, u32 *len)
{
	if (!special_register(vp, opcode, DR7_NUMBER, gpr, len)) {
		insn_unknown(vp);
		return false;
	}
	if (vp->cpu->cpl) {
		vp_gp(vp);
		return false;
	}
	return !guarded(vp);
}

void exit_dr7_read(struct vp *vp)
{
	u32 gpr, len;

	if (!dr7_begin(vp, MOV_FROM_DR, &gpr, &len))
		return;
	vp->gpr[gpr] = vp->cpu->dr7;
	vp_skip(vp, len);
}

void exit_dr7_write(struct vp *vp)
{
	u32 gpr, len;
	u64 value;

	if (!dr7_begin(vp, MOV_TO_DR, &gpr, &len))
		return;
	value = vp->gpr[gpr];
	if (!vp_is_64bit(vp))
		value = (u32)value;
	if (value >> 32) {
		vp_gp(vp);
		return;
	}
	vp->cpu->dr7 = value | DR7_FIXED;
	vp_skip(vp, len);
}
