/* SPDX-License-Identifier: GPL-2.0 */
/* Decoding the instruction at a VP's RIP.  All read it from the guest's memory. */
#ifndef _RV_VP_INSN_H
#define _RV_VP_INSN_H

#include <rv/base.h>

struct hv_insn;
struct vp;

/* HV_INSN_MODE_* of the VP. */
u32 insn_mode(struct vp *vp);

/* False if it cannot be read, or is unknown to hv/decode.h. */
bool insn_decode(struct vp *vp, struct hv_insn *insn);

/*
 * For an instruction that has caused an exit and cannot be decoded.  If not all of it can
 * be read, its memory has been taken away since the exit, or its translation is stale: the
 * processor executes it again, which reports that.  Otherwise it is #UD.
 */
void insn_unknown(struct vp *vp);

/* Opcodes after 0F. */
#define MOV_FROM_DR	0x21
#define MOV_TO_CR	0x22
#define MOV_TO_DR	0x23

/*
 * Decodes a MOV from or to control or debug register @number: its general register
 * and its length; false for other instructions.
 */
bool special_register(struct vp *vp, u8 opcode, u32 number, u32 *gpr, u32 *len);

/* Decodes INT n, or INT3 and INTO, which are exceptions; false for others. */
bool software_interrupt(struct vp *vp, u32 *vector, u32 *len, bool *exception);

#endif
