// SPDX-License-Identifier: GPL-2.0
/*
 * Random instructions: see generate.h.
 *
 * Model: the parts of an instruction and the registers are drawn, then whether the
 * access is split is computed from these parts, and only then are they encoded.  An
 * instruction that is split and meant for the processor is drawn again.  split.c
 * verifies the result in another way, from the bytes.
 */
#include <string.h>

#include "array.h"
#include "generate.h"

#define LOGIC	(FLAGS & ~FLAG_AF)
#define BITS	(FLAG_CF | FLAG_ZF | FLAG_DF)

#define BYTE	KIND_BYTE
#define LOCK	KIND_LOCKABLE
#define LOCKED	(KIND_LOCKABLE | KIND_LOCKED)
#define BIT	KIND_BIT
#define STRING	KIND_STRING
#define FULL	IMMEDIATE_FULL

#define K(name_, opcode_, group_, immediate_, flags_, traits_)		\
	{								\
		.name = name_,						\
		.opcode = opcode_,					\
		.opcode_length = sizeof(opcode_) - 1,			\
		.group = group_,					\
		.immediate = immediate_,				\
		.flags = flags_,					\
		.traits = traits_,					\
	}

const struct kind kinds[] = {
	K("mov m8,r", "\x88", -1, 0, FLAGS, BYTE),
	K("mov m,r", "\x89", -1, 0, FLAGS, 0),
	K("mov r8,m", "\x8a", -1, 0, FLAGS, BYTE),
	K("mov r,m", "\x8b", -1, 0, FLAGS, 0),
	K("mov m8,i", "\xc6", 0, 1, FLAGS, BYTE),
	K("mov m,i", "\xc7", 0, FULL, FLAGS, 0),
	K("movnti", "\x0f\xc3", -1, 0, FLAGS, KIND_NO_66),
	K("movzx 8", "\x0f\xb6", -1, 0, FLAGS, BYTE),
	K("movzx 16", "\x0f\xb7", -1, 0, FLAGS, 0),
	K("movsx 8", "\x0f\xbe", -1, 0, FLAGS, BYTE),
	K("movsx 16", "\x0f\xbf", -1, 0, FLAGS, 0),
	K("movsxd", "\x63", -1, 0, FLAGS, 0),
	K("add m8,r", "\x00", -1, 0, FLAGS, BYTE | LOCK),
	K("add m,r", "\x01", -1, 0, FLAGS, LOCK),
	K("add r8,m", "\x02", -1, 0, FLAGS, BYTE),
	K("add r,m", "\x03", -1, 0, FLAGS, 0),
	K("or m,r", "\x09", -1, 0, LOGIC, LOCK),
	K("or r,m", "\x0b", -1, 0, LOGIC, 0),
	K("adc m8,r", "\x10", -1, 0, FLAGS, BYTE | LOCK),
	K("adc m,r", "\x11", -1, 0, FLAGS, LOCK),
	K("adc r,m", "\x13", -1, 0, FLAGS, 0),
	K("sbb m8,r", "\x18", -1, 0, FLAGS, BYTE | LOCK),
	K("sbb m,r", "\x19", -1, 0, FLAGS, LOCK),
	K("sbb r,m", "\x1b", -1, 0, FLAGS, 0),
	K("and m,r", "\x21", -1, 0, LOGIC, LOCK),
	K("and r,m", "\x23", -1, 0, LOGIC, 0),
	K("sub m8,r", "\x28", -1, 0, FLAGS, BYTE | LOCK),
	K("sub m,r", "\x29", -1, 0, FLAGS, LOCK),
	K("sub r,m", "\x2b", -1, 0, FLAGS, 0),
	K("xor m,r", "\x31", -1, 0, LOGIC, LOCK),
	K("xor r8,m", "\x32", -1, 0, LOGIC, BYTE),
	K("cmp m8,r", "\x38", -1, 0, FLAGS, BYTE),
	K("cmp m,r", "\x39", -1, 0, FLAGS, 0),
	K("cmp r8,m", "\x3a", -1, 0, FLAGS, BYTE),
	K("cmp r,m", "\x3b", -1, 0, FLAGS, 0),
	K("add m8,i", "\x80", 0, 1, FLAGS, BYTE | LOCK),
	K("adc m,i", "\x81", 2, FULL, FLAGS, LOCK),
	K("and m,i", "\x81", 4, FULL, LOGIC, LOCK),
	K("sub m,i", "\x81", 5, FULL, FLAGS, LOCK),
	K("or m,i8", "\x83", 1, 1, LOGIC, LOCK),
	K("sbb m,i8", "\x83", 3, 1, FLAGS, LOCK),
	K("cmp m,i8", "\x83", 7, 1, FLAGS, 0),
	K("test m8,r", "\x84", -1, 0, LOGIC, BYTE),
	K("test m,r", "\x85", -1, 0, LOGIC, 0),
	K("test m8,i", "\xf6", 0, 1, LOGIC, BYTE),
	K("test m,i", "\xf7", 0, FULL, LOGIC, 0),
	K("not m8", "\xf6", 2, 0, FLAGS, BYTE | LOCK),
	K("not m", "\xf7", 2, 0, FLAGS, LOCK),
	K("neg m8", "\xf6", 3, 0, FLAGS, BYTE | LOCK),
	K("neg m", "\xf7", 3, 0, FLAGS, LOCK),
	K("inc m8", "\xfe", 0, 0, FLAGS, BYTE | LOCK),
	K("inc m", "\xff", 0, 0, FLAGS, LOCK),
	K("dec m8", "\xfe", 1, 0, FLAGS, BYTE | LOCK),
	K("dec m", "\xff", 1, 0, FLAGS, LOCK),
	K("xchg m8", "\x86", -1, 0, FLAGS, BYTE | LOCKED),
	K("xchg m", "\x87", -1, 0, FLAGS, LOCKED),
	K("cmpxchg m8", "\x0f\xb0", -1, 0, FLAGS, BYTE | LOCK),
	K("cmpxchg m", "\x0f\xb1", -1, 0, FLAGS, LOCK),
	K("xadd m8", "\x0f\xc0", -1, 0, FLAGS, BYTE | LOCK),
	K("xadd m", "\x0f\xc1", -1, 0, FLAGS, LOCK),
	K("bt m,r", "\x0f\xa3", -1, 0, BITS, BIT),
	K("bts m,r", "\x0f\xab", -1, 0, BITS, BIT | LOCK),
	K("btr m,r", "\x0f\xb3", -1, 0, BITS, BIT | LOCK),
	K("btc m,r", "\x0f\xbb", -1, 0, BITS, BIT | LOCK),
	K("bt m,i", "\x0f\xba", 4, 1, BITS, 0),
	K("bts m,i", "\x0f\xba", 5, 1, BITS, LOCK),
	K("btr m,i", "\x0f\xba", 6, 1, BITS, LOCK),
	K("btc m,i", "\x0f\xba", 7, 1, BITS, LOCK),
	K("seto", "\x0f\x90", 0, 0, FLAGS, BYTE),
	K("setae", "\x0f\x93", 0, 0, FLAGS, BYTE),
	K("setbe", "\x0f\x96", 0, 0, FLAGS, BYTE),
	K("setp", "\x0f\x9a", 0, 0, FLAGS, BYTE),
	K("setge", "\x0f\x9d", 0, 0, FLAGS, BYTE),
	K("setg", "\x0f\x9f", 0, 0, FLAGS, BYTE),
	K("cmove", "\x0f\x44", -1, 0, FLAGS, 0),
	K("cmovs", "\x0f\x48", -1, 0, FLAGS, 0),
	K("cmovl", "\x0f\x4c", -1, 0, FLAGS, 0),
	K("cmovle", "\x0f\x4e", -1, 0, FLAGS, 0),
	K("movsb", "\xa4", 0, 0, FLAGS, BYTE | STRING),
	K("movs", "\xa5", 0, 0, FLAGS, STRING),
	K("cmpsb", "\xa6", 0, 0, FLAGS, BYTE | STRING),
	K("cmps", "\xa7", 0, 0, FLAGS, STRING),
	K("stosb", "\xaa", 0, 0, FLAGS, BYTE | STRING),
	K("stos", "\xab", 0, 0, FLAGS, STRING),
	K("lodsb", "\xac", 0, 0, FLAGS, BYTE | STRING),
	K("lods", "\xad", 0, 0, FLAGS, STRING),
	K("scasb", "\xae", 0, 0, FLAGS, BYTE | STRING),
	K("scas", "\xaf", 0, 0, FLAGS, STRING),
};

const unsigned int kind_count = ARRAY_SIZE(kinds);

enum operand_form {
	OPERAND_BASE,			/* [rbx] */
	OPERAND_DISP8,			/* [rbx + displacement] */
	OPERAND_DISP32,
	OPERAND_INDEX,			/* [rbx + r10 * scale + displacement] */
	OPERAND_FORMS,
};

/* An instruction, before it is encoded. */
struct parts {
	const struct kind *kind;
	__u8 repeat;			/* prefix F2 or F3, or 0 */
	int lock;
	int operand_prefix;
	__u8 rex;			/* or 0 */
	unsigned int reg;		/* ModRM.reg and REX.R */
	unsigned int size;		/* of the operand */
	enum operand_form form;
	__s32 displacement;
	unsigned int scale;
	__u64 immediate;
};

static __u32 seed = 1;

__u64 random_next(void)
{
	__u64 value = 0;
	int i;

	for (i = 0; i < 4; i++) {
		seed = seed * 1664525 + 1013904223;
		value = value << 16 | seed >> 16;
	}
	/* Small and extreme values are interesting for flags. */
	switch (seed >> 8 & 7) {
	case 0:
		return value & 0xf;
	case 1:
		return ~(value & 0xf);
	case 2:
		return 1ULL << (value & 63);
	default:
		return value;
	}
}

static void draw_operand(struct parts *p)
{
	p->form = p->rex ? random_next() % OPERAND_FORMS : OPERAND_DISP8;
	switch (p->form) {
	case OPERAND_DISP8:
		p->displacement = (__s8)random_next();
		break;
	case OPERAND_DISP32:
		p->displacement = (__s32)(random_next() % 512) - 256;
		break;
	case OPERAND_INDEX:
		p->displacement = (__s8)random_next();
		p->scale = random_next() & 3;
		break;
	default:
		break;
	}
}

/* Without REX the second bytes of registers can be used. */
static void leave_rex_out(struct parts *p)
{
	p->rex = 0;
	if (p->kind->group != GROUP_NONE)
		return;
	p->reg %= 3;
	if (p->kind->traits & KIND_BYTE && p->kind->opcode_length == 1 &&
	    random_next() & 1)
		p->reg |= 4;
}

static void draw_parts(struct parts *p, const struct kind *kind)
{
	int is_string = kind->traits & KIND_STRING;

	*p = (struct parts){
		.kind = kind,
		.rex = 0x40 | (random_next() & 8),
		.size = 4,
		.immediate = random_next(),
	};
	if (is_string && random_next() & 1)
		p->repeat = random_next() & 1 ? 0xf2 : 0xf3;
	if (kind->traits & KIND_LOCKABLE && random_next() & 1)
		p->lock = 1;
	if (!(kind->traits & KIND_NO_66) && !(random_next() % 4)) {
		p->operand_prefix = 1;
		p->size = 2;
	}
	if (p->rex & 8)
		p->size = 8;
	if (is_string) {
		if (p->size != 8)
			p->rex = 0;
		return;
	}

	/* Not the stack, nor the pointer, which is not the number of a bit either. */
	do {
		p->reg = random_next() & 15;
	} while (p->reg == HV_INSN_RSP || p->reg == HV_INSN_RBX);
	if (kind->group != GROUP_NONE)
		p->reg = kind->group;
	/* REX.X only makes index 2 to 10 here. */
	p->rex |= (p->reg & 8) >> 1 | 2;
	if (p->size != 8 && !(random_next() % 4) && p->reg < 8)
		leave_rex_out(p);
	draw_operand(p);
}

static void draw_context(struct context *c, const struct kind *kind,
			 __u64 middle)
{
	unsigned int i;

	for (i = 0; i < HV_INSN_GPRS; i++)
		c->gpr[i] = random_next();
	if (kind->traits & KIND_BIT)
		for (i = 0; i < HV_INSN_GPRS; i++)
			c->gpr[i] = random_next() % 4000 - 2000;
	c->gpr[HV_INSN_RBX] = middle;
	c->gpr[10] = random_next() % 64 - 32;
	c->rflags = (random_next() & FLAGS & ~FLAG_DF) | 2;
	if (!(kind->traits & KIND_STRING))
		return;
	c->gpr[HV_INSN_RSI] = middle + random_next() % 64;
	c->gpr[HV_INSN_RDI] = middle - random_next() % 64;
	c->gpr[HV_INSN_RCX] = random_next() % 20;
	if (random_next() & 1)
		c->rflags |= FLAG_DF;
}

/* The distance from the operand to the bytes that have the bit of this number. */
static __s64 bit_distance(__u64 number, unsigned int size)
{
	switch (size) {
	case 2:
		return ((__s16)number >> 4) * 2;
	case 4:
		return ((__s32)number >> 5) * 4;
	default:
		return ((__s64)number >> 6) * 8;
	}
}

static int is_split(const struct parts *p, const struct context *c)
{
	unsigned int traits = p->kind->traits;
	__u64 address = c->gpr[HV_INSN_RBX] + p->displacement;

	if (!p->lock && !(traits & KIND_LOCKED))
		return 0;
	if (traits & KIND_BYTE)
		return 0;
	if (p->form == OPERAND_INDEX)
		address += c->gpr[10] << p->scale;
	if (traits & KIND_BIT)
		address += bit_distance(c->gpr[p->reg], p->size);
	return address % CACHE_LINE + p->size > CACHE_LINE;
}

/* ModRM and what follows, for an address around [rbx]. */
static unsigned int put_operand(__u8 *at, const struct parts *p)
{
	unsigned int reg = (p->reg & 7) << 3;

	switch (p->form) {
	case OPERAND_BASE:
		at[0] = reg | HV_INSN_RBX;
		return 1;
	case OPERAND_DISP8:
		at[0] = 0x40 | reg | HV_INSN_RBX;
		at[1] = p->displacement;
		return 2;
	case OPERAND_DISP32:
		at[0] = 0x80 | reg | HV_INSN_RBX;
		memcpy(at + 1, &p->displacement, 4);
		return 5;
	default:
		/* Index 2 is R10 by REX.X. */
		at[0] = 0x40 | reg | HV_INSN_RSP;
		at[1] = p->scale << 6 | 2 << 3 | HV_INSN_RBX;
		at[2] = p->displacement;
		return 3;
	}
}

static unsigned int immediate_size(const struct parts *p)
{
	if (p->kind->immediate != IMMEDIATE_FULL)
		return p->kind->immediate;
	return p->size == 8 ? 4 : p->size;
}

static unsigned int put_insn(__u8 *at, const struct parts *p)
{
	const struct kind *kind = p->kind;
	unsigned int n = 0;

	if (p->repeat)
		at[n++] = p->repeat;
	if (p->lock)
		at[n++] = 0xf0;
	if (p->operand_prefix)
		at[n++] = 0x66;
	if (p->rex)
		at[n++] = p->rex;
	memcpy(at + n, kind->opcode, kind->opcode_length);
	n += kind->opcode_length;
	if (kind->traits & KIND_STRING)
		return n;

	n += put_operand(at + n, p);
	memcpy(at + n, &p->immediate, immediate_size(p));
	return n + immediate_size(p);
}

/**
 * generate() - draw an instruction of a kind, and its registers
 * @g: where to put them
 * @kind: one of kinds[]
 * @middle: address of the middle of the arena, what RBX is to be
 * @meant_for: may the access be split?
 */
void generate(struct generated *g, const struct kind *kind, __u64 middle,
	      enum meant_for meant_for)
{
	struct parts parts;

	do {
		draw_parts(&parts, kind);
		draw_context(&g->context, kind, middle);
	} while (meant_for == FOR_PROCESSOR && is_split(&parts, &g->context));

	g->length = put_insn(g->bytes, &parts);
}
