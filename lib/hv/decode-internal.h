/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the decoder have in common.
 *
 * Model: decode.c finds the length and the form of the operands, classify.c the
 * meaning; only the latter knows opcodes by name.
 */
#ifndef _LIB_HV_DECODE_INTERNAL_H
#define _LIB_HV_DECODE_INTERNAL_H

#include "decode.h"

/* Condition of Jcc, SETcc and CMOVcc: low four bits of the opcode. */
#define HV_INSN_CONDITION(insn)	((insn)->opcode & 0x0f)

/* The field of ModRM that distinguishes members of a group. */
#define HV_INSN_GROUP(insn)	((insn)->modrm >> 3 & 7)

int hv_insn_classify(struct hv_insn *insn);

#endif
