// SPDX-License-Identifier: GPL-2.0
/*
 * Decodes instructions that have caused an exit: see insn.h.
 */
#include <hv/decode.h>
#include <rv/vp.h>
#include "gva.h"
#include "insn.h"

#define PREFIX_LOCK	0xf0
#define PREFIX_REX	0x40
#define REX_R		BIT(2)
#define REX_B		BIT(0)

u32 insn_mode(struct vp *vp)
{
	struct cpu_state *v = vp->cpu;
	u32 attributes = (v->cs.attrib & 0xff) | (v->cs.attrib & 0xf00) << 4;

	return hv_insn_mode(v->cr0, v->efer, v->rflags, attributes);
}

bool insn_decode(struct vp *vp, struct hv_insn *insn)
{
	u8 bytes[16];
	u32 count = insn_fetch(vp, bytes);

	return hv_insn_decode(insn, bytes, count, insn_mode(vp)) == HV_INSN_OK;
}

bool software_interrupt(struct vp *vp, u32 *vector, u32 *len, bool *exception)
{
	struct hv_insn insn;

	if (!insn_decode(vp, &insn))
		return false;
	*len = insn.length;
	*exception = insn.op != HV_INSN_INT;
	switch (insn.op) {
	case HV_INSN_INT3:
		*vector = 3;
		return true;
	case HV_INSN_INTO:
		*vector = 4;
		return true;
	case HV_INSN_INT:
		*vector = (u8)insn.immediate;
		return true;
	}
	return false;
}

static bool is_prefix(u8 byte)
{
	static const u8 prefixes[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67,
				       PREFIX_LOCK, 0xf2, 0xf3 };

	for (u32 i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (byte == prefixes[i])
			return true;
	return false;
}

bool special_register(struct vp *vp, u8 opcode, u32 number, u32 *gpr, u32 *len)
{
	u8 bytes[16], rex = 0, reg;
	u32 count = insn_fetch(vp, bytes), at = 0;
	bool lock = false;

	while (at < count && is_prefix(bytes[at]))
		lock |= bytes[at++] == PREFIX_LOCK;
	if (at < count && insn_mode(vp) == HV_INSN_MODE_64 && (bytes[at] & 0xf0) == PREFIX_REX)
		rex = bytes[at++];
	if (at + 3 > count || bytes[at] != 0x0f || bytes[at + 1] != opcode)
		return false;
	reg = (bytes[at + 2] >> 3 & 7) | (rex & REX_R ? 8 : 0);
	/* CR0 with LOCK is another encoding of CR8, in all modes. */
	if (opcode == MOV_TO_CR && lock && !reg)
		reg = 8;
	if (reg != number)
		return false;
	*gpr = (bytes[at + 2] & 7) | (rex & REX_B ? 8 : 0);
	*len = at + 3;
	return true;
}

void insn_unknown(struct vp *vp)
{
	u8 bytes[16];

	if (insn_fetch(vp, bytes) < MAX_INSN_BYTES)
		vp->flush = true;
	else
		vp_ud(vp);
}
