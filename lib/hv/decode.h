/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Decoder of x86 instructions, and execution of those that access memory.
 *
 * Model: hv_insn_decode() finds the length of nearly every instruction without a
 * VEX, EVEX or XOP prefix, and describes the memory operand.  What the instruction
 * does is known (op is not HV_INSN_OTHER) for those that a guest uses on device
 * memory, and for those that a hypervisor intercepts. hv_insn_execute() performs
 * the former on a copy of the registers, with the caller's functions for memory.
 *
 * Words: an address is linear unless said otherwise: segment base included, paging
 * not.  Segment limits and rights are not checked, because the processor has
 * already done so before a nested page fault.
 */
#ifndef _LIB_HV_DECODE_H
#define _LIB_HV_DECODE_H

#include <hyperv/hv_types.h>

#define HV_INSN_MAX_LENGTH	15

/* Return values of the functions below. */
#define HV_INSN_OK		0
#define HV_INSN_TRUNCATED	(-1)	/* more bytes are needed */
#define HV_INSN_INVALID		(-2)	/* the processor would refuse it */
#define HV_INSN_UNSUPPORTED	(-3)	/* this code cannot do it */

/* Default sizes from the code segment and the mode. */
#define HV_INSN_MODE_16		2
#define HV_INSN_MODE_32		4
#define HV_INSN_MODE_64		8

/* The first eight are in the order of their opcodes. */
enum hv_insn_op {
	HV_INSN_ADD,
	HV_INSN_OR,
	HV_INSN_ADC,
	HV_INSN_SBB,
	HV_INSN_AND,
	HV_INSN_SUB,
	HV_INSN_XOR,
	HV_INSN_CMP,

	HV_INSN_OTHER,		/* known length, unknown effect */
	HV_INSN_NOP,		/* cache hints too */
	HV_INSN_MOV,
	HV_INSN_MOVZX,
	HV_INSN_MOVSX,
	HV_INSN_MOVS,
	HV_INSN_STOS,
	HV_INSN_LODS,
	HV_INSN_CMPS,
	HV_INSN_SCAS,
	HV_INSN_TEST,
	HV_INSN_XCHG,
	HV_INSN_CMPXCHG,
	HV_INSN_XADD,
	HV_INSN_INC,
	HV_INSN_DEC,
	HV_INSN_NOT,
	HV_INSN_NEG,
	HV_INSN_BT,
	HV_INSN_BTS,
	HV_INSN_BTR,
	HV_INSN_BTC,
	HV_INSN_PUSH,
	HV_INSN_POP,
	HV_INSN_SETCC,
	HV_INSN_CMOVCC,

	/* Not executed here, but distinguished. */
	HV_INSN_IN,
	HV_INSN_OUT,
	HV_INSN_INS,
	HV_INSN_OUTS,
	HV_INSN_CPUID,
	HV_INSN_RDMSR,
	HV_INSN_WRMSR,
	HV_INSN_RDTSC,
	HV_INSN_RDTSCP,
	HV_INSN_RDPMC,
	HV_INSN_HLT,
	HV_INSN_PAUSE,
	HV_INSN_VMCALL,
	HV_INSN_VMMCALL,
	HV_INSN_XSETBV,
	HV_INSN_INVD,
	HV_INSN_WBINVD,
	HV_INSN_INVLPG,
	HV_INSN_MONITOR,
	HV_INSN_MWAIT,
	HV_INSN_MOV_TO_CR,
	HV_INSN_MOV_FROM_CR,
	HV_INSN_MOV_TO_DR,
	HV_INSN_MOV_FROM_DR,
	HV_INSN_CLTS,
	HV_INSN_LMSW,
	HV_INSN_SMSW,
	HV_INSN_INT,
	HV_INSN_INT3,
	HV_INSN_INTO,
	HV_INSN_INT1,
	HV_INSN_IRET,
	HV_INSN_SVM,		/* VMRUN, STGI and the like */
};

/* Segment registers, as the instruction set numbers them. */
#define HV_INSN_ES		0
#define HV_INSN_CS		1
#define HV_INSN_SS		2
#define HV_INSN_DS		3
#define HV_INSN_FS		4
#define HV_INSN_GS		5
#define HV_INSN_SEGMENTS	6

/* General registers, likewise; also the order of HV_X64_REGISTER_RAX.. */
#define HV_INSN_RAX		0
#define HV_INSN_RCX		1
#define HV_INSN_RDX		2
#define HV_INSN_RBX		3
#define HV_INSN_RSP		4
#define HV_INSN_RBP		5
#define HV_INSN_RSI		6
#define HV_INSN_RDI		7
#define HV_INSN_GPRS		16
#define HV_INSN_NO_REGISTER	0xff

/* flags of struct hv_insn */
#define HV_INSN_MEMORY		HV_BIT(0)	/* has a memory operand */
#define HV_INSN_READS		HV_BIT(1)	/* and reads it, */
#define HV_INSN_WRITES		HV_BIT(2)	/* and writes it */
#define HV_INSN_TO_REGISTER	HV_BIT(3)	/* the result goes to reg */
#define HV_INSN_IMMEDIATE	HV_BIT(4)	/* the source is the immediate */
#define HV_INSN_RIP_RELATIVE	HV_BIT(5)
#define HV_INSN_HIGH_BYTE	HV_BIT(6)	/* reg is AH, CH, DH or BH */
#define HV_INSN_REP		HV_BIT(7)	/* prefix F3 */
#define HV_INSN_REPNE		HV_BIT(8)	/* prefix F2 */
#define HV_INSN_LOCK		HV_BIT(9)
#define HV_INSN_MODRM		HV_BIT(10)
#define HV_INSN_STRING		HV_BIT(11)
#define HV_INSN_DATA_PREFIX	HV_BIT(12)	/* prefix 66 */

/**
 * struct hv_insn - a decoded instruction
 * @op: one of enum hv_insn_op
 * @length: bytes
 * @mode: HV_INSN_MODE_*
 * @map: 0 for one-byte opcodes, 1 for 0F, 2 for 0F 38, 3 for 0F 3A
 * @opcode: last byte of the opcode
 * @modrm: ModRM byte, with %HV_INSN_MODRM
 * @rex: REX prefix or 0
 * @operand_size: of the instruction: 1, 2, 4 or 8
 * @memory_size: bytes of the memory operand that are accessed (of each element
 *	of a string), 0 if not known
 * @address_size: 2, 4 or 8
 * @segment: effective segment of the memory operand; of the source for strings
 * @reg: register operand; the one from ModRM.reg, or implied
 * @rm: register in ModRM.rm when there is no memory operand
 * @base: base register or %HV_INSN_NO_REGISTER
 * @index: index register or %HV_INSN_NO_REGISTER
 * @scale: shift of the index
 * @displacement: sign extended
 * @immediate: sign extended
 * @flags: HV_INSN_* bits; for %HV_INSN_OTHER, reads and writes may be missing
 */
struct hv_insn {
	__u8 op;
	__u8 length;
	__u8 mode;
	__u8 map;
	__u8 opcode;
	__u8 modrm;
	__u8 rex;
	__u8 operand_size;
	__u8 memory_size;
	__u8 address_size;
	__u8 segment;
	__u8 reg;
	__u8 rm;
	__u8 base;
	__u8 index;
	__u8 scale;
	__s64 displacement;
	__s64 immediate;
	__u32 flags;
};

/**
 * struct hv_insn_state - the registers that instructions work on
 * @gpr: general registers, HV_INSN_RAX..
 * @rip: address of the instruction; after execution, of the next one
 * @rflags: flags
 * @segment_base: base addresses, HV_INSN_ES..
 * @stack_size: 2 or 4: stack pointer in 16 and 32-bit mode (SS.B)
 */
struct hv_insn_state {
	__u64 gpr[HV_INSN_GPRS];
	__u64 rip;
	__u64 rflags;
	__u64 segment_base[HV_INSN_SEGMENTS];
	__u8 stack_size;
};

/**
 * struct hv_insn_bus - the caller's memory
 * @read: read @size bytes (1 to 8) at a linear address into @value, extended by
 *	zeros.  Anything but 0 ends the execution and is returned
 * @write: write @size bytes; likewise
 * @go_on: called before each element of a repeated string instruction but the first;
 *	0 ends the execution there.  NULL: only %HV_INSN_MAX_ITERATIONS does
 * @opaque: for all of them
 *
 * The functions are called for every operand in memory, thus for ordinary
 * memory as well: a MOVS from a device to RAM reads one and writes the other.
 */
struct hv_insn_bus {
	int (*read)(void *opaque, __u64 address, unsigned int size,
		    __u64 *value);
	int (*write)(void *opaque, __u64 address, unsigned int size,
		     __u64 value);
	int (*go_on)(void *opaque);
	void *opaque;
};

/* Iterations of a REP string instruction in one execution. */
#define HV_INSN_MAX_ITERATIONS	512

unsigned int hv_insn_mode(__u64 cr0, __u64 efer, __u64 rflags,
			  unsigned int cs_attributes);
int hv_insn_decode(struct hv_insn *insn, const __u8 *bytes, unsigned int count,
		   unsigned int mode);
__u64 hv_insn_address(const struct hv_insn *insn,
		      const struct hv_insn_state *state);
__u64 hv_insn_destination(const struct hv_insn *insn,
			  const struct hv_insn_state *state);
int hv_insn_execute(const struct hv_insn *insn, struct hv_insn_state *state,
		    const struct hv_insn_bus *bus);

#endif
