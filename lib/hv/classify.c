// SPDX-License-Identifier: GPL-2.0
/*
 * The meaning of a decoded instruction: op, sizes, and how it uses its operands.
 *
 * Model: one function for each opcode map, called when the length is known.
 * An opcode that is not mentioned stays HV_INSN_OTHER.
 */
#include "decode-internal.h"

/* Set the meaning of the instruction; @size is that of both operands. */
static void hv_insn_is(struct hv_insn *insn, enum hv_insn_op op,
		       unsigned int size, __u32 flags)
{
	insn->op = op;
	insn->operand_size = size;
	insn->memory_size = insn->flags & HV_INSN_MEMORY ? size : 0;
	insn->flags |= flags;
}

/* The same, and ModRM.reg names a general register of that size. */
static void hv_insn_is_reg(struct hv_insn *insn, enum hv_insn_op op,
			   unsigned int size, __u32 flags)
{
	hv_insn_is(insn, op, size, flags);
	/* Without REX, byte registers 4 to 7 are the second bytes of 0 to 3. */
	if (size == 1 && !insn->rex && insn->reg >= 4) {
		insn->reg -= 4;
		insn->flags |= HV_INSN_HIGH_BYTE;
	}
}

static void hv_insn_is_imm(struct hv_insn *insn, enum hv_insn_op op,
			   unsigned int size, __u32 flags)
{
	hv_insn_is(insn, op, size, flags | HV_INSN_IMMEDIATE);
}

/* Odd opcodes work on the operand size, even ones on bytes. */
static unsigned int hv_insn_width(const struct hv_insn *insn)
{
	return insn->opcode & 1 ? insn->operand_size : 1;
}

static void hv_insn_is_string(struct hv_insn *insn, enum hv_insn_op op,
			      __u32 flags)
{
	insn->flags |= HV_INSN_MEMORY | HV_INSN_STRING;
	hv_insn_is(insn, op, hv_insn_width(insn), flags);
	insn->reg = HV_INSN_RAX;
	switch (op) {
	case HV_INSN_STOS:
	case HV_INSN_SCAS:
	case HV_INSN_INS:
		/* The destination's segment cannot be overridden. */
		insn->segment = HV_INSN_ES;
		insn->base = HV_INSN_RDI;
		break;
	default:
		insn->base = HV_INSN_RSI;
		break;
	}
}

static void hv_insn_is_io(struct hv_insn *insn, enum hv_insn_op op)
{
	unsigned int size = hv_insn_width(insn);

	/* There are no ports of eight bytes. */
	if (size == 8)
		size = 4;
	if (op == HV_INSN_INS || op == HV_INSN_OUTS) {
		hv_insn_is_string(insn, op, op == HV_INSN_INS ?
				  HV_INSN_WRITES : HV_INSN_READS);
		insn->operand_size = size;
		insn->memory_size = size;
		return;
	}
	hv_insn_is(insn, op, size, 0);
	insn->reg = HV_INSN_RAX;
	if (insn->opcode < 0xe8) {
		insn->immediate &= 0xff;
		insn->flags |= HV_INSN_IMMEDIATE;
	}
}

static unsigned int hv_insn_stack_width(const struct hv_insn *insn)
{
	if (insn->mode == HV_INSN_MODE_64)
		return insn->flags & HV_INSN_DATA_PREFIX ? 2 : 8;
	return insn->operand_size;
}

static void hv_insn_alu(struct hv_insn *insn, enum hv_insn_op op, __u32 flags)
{
	flags |= HV_INSN_READS;
	if (op != HV_INSN_CMP && !(flags & HV_INSN_TO_REGISTER))
		flags |= HV_INSN_WRITES;
	if (flags & HV_INSN_IMMEDIATE)
		hv_insn_is_imm(insn, op, hv_insn_width(insn), flags);
	else
		hv_insn_is_reg(insn, op, hv_insn_width(insn), flags);
}

static int hv_insn_group3(struct hv_insn *insn)
{
	const __u32 both = HV_INSN_READS | HV_INSN_WRITES;
	unsigned int size = hv_insn_width(insn);

	switch (HV_INSN_GROUP(insn)) {
	case 0:
	case 1:
		hv_insn_is_imm(insn, HV_INSN_TEST, size, HV_INSN_READS);
		break;
	case 2:
		hv_insn_is(insn, HV_INSN_NOT, size, both);
		break;
	case 3:
		hv_insn_is(insn, HV_INSN_NEG, size, both);
		break;
	default:
		hv_insn_is(insn, HV_INSN_OTHER, size, HV_INSN_READS);
		break;
	}
	return HV_INSN_OK;
}

static int hv_insn_group5(struct hv_insn *insn)
{
	const __u32 both = HV_INSN_READS | HV_INSN_WRITES;
	unsigned int group = HV_INSN_GROUP(insn);

	if (group > 1 && !(insn->opcode & 1))
		return HV_INSN_INVALID;

	switch (group) {
	case 0:
		hv_insn_is(insn, HV_INSN_INC, hv_insn_width(insn), both);
		break;
	case 1:
		hv_insn_is(insn, HV_INSN_DEC, hv_insn_width(insn), both);
		break;
	case 2:
	case 4:
		hv_insn_is(insn, HV_INSN_OTHER, hv_insn_stack_width(insn),
			   HV_INSN_READS);
		break;
	case 6:
		hv_insn_is(insn, HV_INSN_PUSH, hv_insn_stack_width(insn),
			   HV_INSN_READS);
		break;
	case 7:
		return HV_INSN_INVALID;
	default:
		insn->flags |= HV_INSN_READS;
		break;
	}
	return HV_INSN_OK;
}

static int hv_insn_classify0(struct hv_insn *insn)
{
	const __u32 both = HV_INSN_READS | HV_INSN_WRITES;
	unsigned int width = hv_insn_width(insn);
	__u8 opcode = insn->opcode;

	if (opcode < 0x40) {
		if ((opcode & 7) < 4)
			hv_insn_alu(insn, opcode >> 3,
				    opcode & 2 ? HV_INSN_TO_REGISTER : 0);
		return HV_INSN_OK;
	}

	switch (opcode) {
	case 0x63:
		if (insn->mode != HV_INSN_MODE_64)
			break;
		hv_insn_is(insn, HV_INSN_MOVSX, insn->operand_size,
			   HV_INSN_READS | HV_INSN_TO_REGISTER);
		if (insn->memory_size == 8)
			insn->memory_size = 4;
		break;
	case 0x69:
	case 0x6b:
		hv_insn_is(insn, HV_INSN_OTHER, insn->operand_size,
			   HV_INSN_READS);
		break;
	case 0x6c:
	case 0x6d:
		hv_insn_is_io(insn, HV_INSN_INS);
		break;
	case 0x6e:
	case 0x6f:
		hv_insn_is_io(insn, HV_INSN_OUTS);
		break;
	case 0x80:
	case 0x81:
	case 0x82:
		hv_insn_alu(insn, HV_INSN_GROUP(insn), HV_INSN_IMMEDIATE);
		break;
	case 0x83:
		hv_insn_alu(insn, HV_INSN_GROUP(insn), HV_INSN_IMMEDIATE);
		break;
	case 0x84:
	case 0x85:
		hv_insn_is_reg(insn, HV_INSN_TEST, width, HV_INSN_READS);
		break;
	case 0x86:
	case 0x87:
		hv_insn_is_reg(insn, HV_INSN_XCHG, width, both);
		break;
	case 0x88:
	case 0x89:
		hv_insn_is_reg(insn, HV_INSN_MOV, width, HV_INSN_WRITES);
		break;
	case 0x8a:
	case 0x8b:
		hv_insn_is_reg(insn, HV_INSN_MOV, width,
			       HV_INSN_READS | HV_INSN_TO_REGISTER);
		break;
	case 0x8c:
		hv_insn_is(insn, HV_INSN_OTHER, 2, HV_INSN_WRITES);
		break;
	case 0x8d:
		/* LEA only computes the address. */
		insn->flags &= ~HV_INSN_MEMORY;
		break;
	case 0x8e:
		hv_insn_is(insn, HV_INSN_OTHER, 2, HV_INSN_READS);
		break;
	case 0x8f:
		hv_insn_is(insn, HV_INSN_POP, hv_insn_stack_width(insn),
			   HV_INSN_WRITES);
		break;
	case 0x90:
		if (insn->flags & HV_INSN_REP)
			insn->op = HV_INSN_PAUSE;
		else if (!(insn->rex & 1))
			insn->op = HV_INSN_NOP;
		break;
	case 0xa0:
	case 0xa1:
		hv_insn_is(insn, HV_INSN_MOV, width,
			   HV_INSN_READS | HV_INSN_TO_REGISTER);
		insn->reg = HV_INSN_RAX;
		break;
	case 0xa2:
	case 0xa3:
		hv_insn_is(insn, HV_INSN_MOV, width, HV_INSN_WRITES);
		insn->reg = HV_INSN_RAX;
		break;
	case 0xa4:
	case 0xa5:
		hv_insn_is_string(insn, HV_INSN_MOVS, both);
		break;
	case 0xa6:
	case 0xa7:
		hv_insn_is_string(insn, HV_INSN_CMPS, HV_INSN_READS);
		break;
	case 0xaa:
	case 0xab:
		hv_insn_is_string(insn, HV_INSN_STOS, HV_INSN_WRITES);
		break;
	case 0xac:
	case 0xad:
		hv_insn_is_string(insn, HV_INSN_LODS, HV_INSN_READS |
				  HV_INSN_TO_REGISTER);
		break;
	case 0xae:
	case 0xaf:
		hv_insn_is_string(insn, HV_INSN_SCAS, HV_INSN_READS);
		break;
	case 0xc0:
	case 0xc1:
	case 0xd0:
	case 0xd1:
	case 0xd2:
	case 0xd3:
		hv_insn_is(insn, HV_INSN_OTHER, width, both);
		break;
	case 0xc6:
	case 0xc7:
		if (HV_INSN_GROUP(insn))
			return HV_INSN_UNSUPPORTED;
		hv_insn_is_imm(insn, HV_INSN_MOV, width, HV_INSN_WRITES);
		break;
	case 0xcc:
		insn->op = HV_INSN_INT3;
		break;
	case 0xcd:
		insn->op = HV_INSN_INT;
		insn->immediate &= 0xff;
		break;
	case 0xce:
		insn->op = HV_INSN_INTO;
		break;
	case 0xcf:
		insn->op = HV_INSN_IRET;
		break;
	case 0xe4:
	case 0xe5:
	case 0xec:
	case 0xed:
		hv_insn_is_io(insn, HV_INSN_IN);
		break;
	case 0xe6:
	case 0xe7:
	case 0xee:
	case 0xef:
		hv_insn_is_io(insn, HV_INSN_OUT);
		break;
	case 0xf1:
		insn->op = HV_INSN_INT1;
		break;
	case 0xf4:
		insn->op = HV_INSN_HLT;
		break;
	case 0xf6:
	case 0xf7:
		return hv_insn_group3(insn);
	case 0xfe:
	case 0xff:
		return hv_insn_group5(insn);
	default:
		break;
	}
	return HV_INSN_OK;
}

/* 0F 01: memory forms by ModRM.reg, the others by the whole byte. */
static void hv_insn_group7(struct hv_insn *insn)
{
	unsigned int group = HV_INSN_GROUP(insn);

	if (group == 4) {
		insn->op = HV_INSN_SMSW;
		insn->flags |= HV_INSN_WRITES;
		insn->memory_size = 2;
		return;
	}
	if (group == 6) {
		insn->op = HV_INSN_LMSW;
		insn->flags |= HV_INSN_READS;
		insn->memory_size = 2;
		return;
	}
	if (insn->flags & HV_INSN_MEMORY) {
		if (group == 7)
			insn->op = HV_INSN_INVLPG;
		else
			insn->flags |= group < 2 ? HV_INSN_WRITES :
						   HV_INSN_READS;
		return;
	}

	switch (insn->modrm) {
	case 0xc1:
		insn->op = HV_INSN_VMCALL;
		break;
	case 0xc8:
	case 0xfa:
		insn->op = HV_INSN_MONITOR;
		break;
	case 0xc9:
	case 0xfb:
		insn->op = HV_INSN_MWAIT;
		break;
	case 0xd1:
		insn->op = HV_INSN_XSETBV;
		break;
	case 0xd9:
		insn->op = HV_INSN_VMMCALL;
		break;
	case 0xd8:
	case 0xda:
	case 0xdb:
	case 0xdc:
	case 0xdd:
	case 0xde:
	case 0xdf:
		insn->op = HV_INSN_SVM;
		break;
	case 0xf9:
		insn->op = HV_INSN_RDTSCP;
		break;
	default:
		break;
	}
}

static void hv_insn_move_control(struct hv_insn *insn)
{
	static const __u8 op[4] = {
		HV_INSN_MOV_FROM_CR, HV_INSN_MOV_FROM_DR,
		HV_INSN_MOV_TO_CR, HV_INSN_MOV_TO_DR,
	};

	insn->op = op[insn->opcode & 3];
	insn->operand_size = insn->mode == HV_INSN_MODE_64 ? 8 : 4;
	/* How CR8 is encoded outside 64-bit mode. */
	if (!(insn->opcode & 1) && insn->flags & HV_INSN_LOCK)
		insn->reg |= 8;
}

static int hv_insn_bit_test(struct hv_insn *insn, unsigned int which,
			    __u32 flags)
{
	static const __u8 op[4] = {
		HV_INSN_BT, HV_INSN_BTS, HV_INSN_BTR, HV_INSN_BTC,
	};

	flags |= HV_INSN_READS;
	if (which)
		flags |= HV_INSN_WRITES;
	hv_insn_is(insn, op[which], insn->operand_size, flags);
	return HV_INSN_OK;
}

static int hv_insn_classify1(struct hv_insn *insn)
{
	const __u32 both = HV_INSN_READS | HV_INSN_WRITES;
	const __u32 load = HV_INSN_READS | HV_INSN_TO_REGISTER;
	unsigned int width = hv_insn_width(insn);
	__u8 opcode = insn->opcode;

	if ((opcode & 0xf0) == 0x40) {
		hv_insn_is(insn, HV_INSN_CMOVCC, insn->operand_size, load);
		return HV_INSN_OK;
	}
	if ((opcode & 0xf0) == 0x90) {
		hv_insn_is(insn, HV_INSN_SETCC, 1, HV_INSN_WRITES);
		return HV_INSN_OK;
	}

	switch (opcode) {
	case 0x01:
		hv_insn_group7(insn);
		break;
	case 0x06:
		insn->op = HV_INSN_CLTS;
		break;
	case 0x08:
		insn->op = HV_INSN_INVD;
		break;
	case 0x09:
		insn->op = HV_INSN_WBINVD;
		break;
	case 0x0d:
	case 0x18:
	case 0x19:
	case 0x1c:
	case 0x1d:
	case 0x1f:
		insn->op = HV_INSN_NOP;
		break;
	case 0x20:
	case 0x21:
	case 0x22:
	case 0x23:
		hv_insn_move_control(insn);
		break;
	case 0x30:
		insn->op = HV_INSN_WRMSR;
		break;
	case 0x31:
		insn->op = HV_INSN_RDTSC;
		break;
	case 0x32:
		insn->op = HV_INSN_RDMSR;
		break;
	case 0x33:
		insn->op = HV_INSN_RDPMC;
		break;
	case 0xa2:
		insn->op = HV_INSN_CPUID;
		break;
	case 0xa3:
	case 0xab:
	case 0xb3:
	case 0xbb:
		return hv_insn_bit_test(insn, opcode >> 3 & 3, 0);
	case 0xae:
		if (!(insn->flags & HV_INSN_MEMORY))
			break;
		/* CLFLUSH, CLFLUSHOPT; CLWB. */
		if (HV_INSN_GROUP(insn) == 7 ||
		    (HV_INSN_GROUP(insn) == 6 &&
		     insn->flags & HV_INSN_DATA_PREFIX))
			insn->op = HV_INSN_NOP;
		break;
	case 0xaf:
		hv_insn_is(insn, HV_INSN_OTHER, insn->operand_size,
			   HV_INSN_READS);
		break;
	case 0xb0:
	case 0xb1:
		hv_insn_is_reg(insn, HV_INSN_CMPXCHG, width, both);
		break;
	case 0xb6:
	case 0xbe:
		hv_insn_is(insn, opcode & 8 ? HV_INSN_MOVSX : HV_INSN_MOVZX,
			   insn->operand_size, load);
		insn->memory_size = insn->flags & HV_INSN_MEMORY ? 1 : 0;
		break;
	case 0xb7:
	case 0xbf:
		hv_insn_is(insn, opcode & 8 ? HV_INSN_MOVSX : HV_INSN_MOVZX,
			   insn->operand_size, load);
		insn->memory_size = insn->flags & HV_INSN_MEMORY ? 2 : 0;
		break;
	case 0xba:
		if (HV_INSN_GROUP(insn) < 4)
			return HV_INSN_INVALID;
		return hv_insn_bit_test(insn, HV_INSN_GROUP(insn) & 3,
					HV_INSN_IMMEDIATE);
	case 0xc0:
	case 0xc1:
		hv_insn_is_reg(insn, HV_INSN_XADD, width, both);
		break;
	case 0xc3:
		if (!(insn->flags & HV_INSN_MEMORY) ||
		    insn->flags & HV_INSN_DATA_PREFIX)
			return HV_INSN_INVALID;
		hv_insn_is(insn, HV_INSN_MOV, insn->operand_size,
			   HV_INSN_WRITES);
		break;
	default:
		break;
	}
	return HV_INSN_OK;
}

int hv_insn_classify(struct hv_insn *insn)
{
	int ret = HV_INSN_OK;

	if (insn->map == 0)
		ret = hv_insn_classify0(insn);
	else if (insn->map == 1)
		ret = hv_insn_classify1(insn);

	/* The same opcodes also work on registers alone. */
	if (!(insn->flags & HV_INSN_MEMORY))
		insn->flags &= ~(HV_INSN_READS | HV_INSN_WRITES);
	return ret;
}
