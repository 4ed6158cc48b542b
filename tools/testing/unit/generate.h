/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random instructions with an operand in memory, each with its initial registers.
 *
 * Model: RBX points to the middle of an arena, and no operand is farther from there
 * than GENERATE_REACH bytes.  R10 is the only index.  RSP is never used.
 *
 * Words: an access is *split* if it is locked and crosses a cache line.  Some
 * machines trap that, and some hosts then never complete the instruction, so what
 * is generated for the processor is free of it.  What is generated for the
 * interpreter is not.
 */
#ifndef _UNIT_GENERATE_H
#define _UNIT_GENERATE_H

#include <hv/decode.h>

#define CACHE_LINE	64
#define GENERATE_REACH	1024

#define FLAG_CF		0x001
#define FLAG_PF		0x004
#define FLAG_AF		0x010
#define FLAG_ZF		0x040
#define FLAG_SF		0x080
#define FLAG_DF		0x400
#define FLAG_OF		0x800
#define FLAGS		(FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | \
			 FLAG_DF | FLAG_OF)

/* Registers as the code around an instruction loads and stores them. */
struct context {
	__u64 gpr[HV_INSN_GPRS];
	__u64 rflags;
};

/* traits of a kind */
#define KIND_BYTE	HV_BIT(0)	/* the operand in memory is a byte */
#define KIND_LOCKABLE	HV_BIT(1)	/* may have the prefix */
#define KIND_LOCKED	HV_BIT(2)	/* locks without the prefix as well */
#define KIND_BIT	HV_BIT(3)	/* a register has the number of a bit */
#define KIND_NO_66	HV_BIT(4)	/* may not have the prefix 66 */
#define KIND_STRING	HV_BIT(5)

/* immediate of a kind: as long as the operand, but for eight bytes */
#define IMMEDIATE_FULL	9
/* group of a kind: none, ModRM.reg is any register */
#define GROUP_NONE	(-1)

struct kind {
	const char *name;
	const char *opcode;		/* opcode bytes in front of ModRM */
	unsigned int opcode_length;
	int group;			/* ModRM.reg, or GROUP_NONE */
	unsigned int immediate;		/* bytes, or IMMEDIATE_FULL */
	unsigned int flags;		/* that the processor defines */
	unsigned int traits;
};

extern const struct kind kinds[];
extern const unsigned int kind_count;

enum meant_for {
	FOR_PROCESSOR,			/* never split */
	FOR_INTERPRETER,
};

struct generated {
	__u8 bytes[HV_INSN_MAX_LENGTH];
	unsigned int length;
	struct context context;
};

__u64 random_next(void);
void generate(struct generated *g, const struct kind *kind, __u64 middle,
	      enum meant_for meant_for);

#endif
