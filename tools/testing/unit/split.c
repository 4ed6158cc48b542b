// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions generated for the processor never lock across a cache line.
 *
 * First split_access(), which decides, is checked against a table; then a million
 * instructions with it.  Those for the interpreter prove that the generator would
 * produce split ones if it did not avoid them.
 */
#include <string.h>

#include "arena.h"
#include "generate.h"
#include "split.h"
#include "tap.h"

#define INSTRUCTIONS	1000000

/*
 * RBX is the end of a line less @to_end, R10 is @index, and all other registers,
 * which number bits, are @bit.
 */
struct row {
	const char *name;
	const char *bytes;
	unsigned int length;
	unsigned int to_end;
	__s64 index;
	__s64 bit;
	int split;
};

#define ROW(name_, bytes_, to_end_, index_, bit_, split_)		\
	{								\
		.name = name_,						\
		.bytes = bytes_,					\
		.length = sizeof(bytes_) - 1,				\
		.to_end = to_end_,					\
		.index = index_,					\
		.bit = bit_,						\
		.split = split_,					\
	}

static const struct row rows[] = {
	ROW("lock add [rbx], rax", "\xf0\x48\x01\x03", 8, 0, 0, 0),
	ROW("lock add [rbx], rax", "\xf0\x48\x01\x03", 7, 0, 0, 1),
	ROW("lock add [rbx], rax", "\xf0\x48\x01\x03", 1, 0, 0, 1),
	ROW("lock add [rbx], rax", "\xf0\x48\x01\x03", 64, 0, 0, 0),
	ROW("add [rbx], rax", "\x48\x01\x03", 7, 0, 0, 0),
	ROW("lock add [rbx], eax", "\xf0\x01\x03", 4, 0, 0, 0),
	ROW("lock add [rbx], eax", "\xf0\x01\x03", 3, 0, 0, 1),
	ROW("lock add [rbx], ax", "\xf0\x66\x01\x03", 2, 0, 0, 0),
	ROW("lock add [rbx], ax", "\xf0\x66\x01\x03", 1, 0, 0, 1),
	ROW("lock add [rbx], al", "\xf0\x00\x03", 1, 0, 0, 0),
	ROW("lock inc [rbx+4], 32 bits", "\xf0\xff\x43\x04", 8, 0, 0, 0),
	ROW("lock inc [rbx+4], 32 bits", "\xf0\xff\x43\x04", 7, 0, 0, 1),
	ROW("lock inc [rbx-4], 32 bits", "\xf0\xff\x43\xfc", 64, 0, 0, 0),
	ROW("lock inc [rbx-4], 32 bits", "\xf0\xff\x43\xfc", 63, 0, 0, 1),
	ROW("lock add [rbx+4*r10+0x3b], eax", "\xf0\x42\x01\x44\x93\x3b",
	    64, 0, 0, 0),
	ROW("lock add [rbx+4*r10+0x3b], rax", "\xf0\x4a\x01\x44\x93\x3b",
	    64, 0, 0, 1),
	ROW("lock add [rbx+4*r10+0x3b], rax", "\xf0\x4a\x01\x44\x93\x3b",
	    64, 1, 0, 1),
	ROW("lock add [rbx+4*r10+0x3b], rax", "\xf0\x4a\x01\x44\x93\x3b",
	    64, 2, 0, 0),
	ROW("lock add [rbx+4*r10+0x3b], rax", "\xf0\x4a\x01\x44\x93\x3b",
	    64, -1, 0, 0),
	ROW("xchg [rbx], rax", "\x48\x87\x03", 8, 0, 0, 0),
	ROW("xchg [rbx], rax", "\x48\x87\x03", 7, 0, 0, 1),
	ROW("xchg [rbx], ax", "\x66\x87\x03", 1, 0, 0, 1),
	ROW("xchg [rbx], al", "\x86\x03", 1, 0, 0, 0),
	ROW("cmpxchg [rbx], rcx", "\x48\x0f\xb1\x0b", 7, 0, 0, 0),
	ROW("lock cmpxchg [rbx], rcx", "\xf0\x48\x0f\xb1\x0b", 7, 0, 0, 1),
	ROW("lock cmpxchg [rbx], rcx", "\xf0\x48\x0f\xb1\x0b", 7, 0, 1, 1),
	ROW("xadd [rbx], rcx", "\x48\x0f\xc1\x0b", 7, 0, 0, 0),
	ROW("lock xadd [rbx], rcx", "\xf0\x48\x0f\xc1\x0b", 7, 0, 0, 1),
	ROW("bts [rbx], ecx", "\x0f\xab\x0b", 8, 0, 40, 0),
	ROW("lock bts [rbx], ecx", "\xf0\x0f\xab\x0b", 7, 0, 31, 0),
	ROW("lock bts [rbx], ecx", "\xf0\x0f\xab\x0b", 7, 0, 32, 1),
	ROW("lock bts [rbx], ecx", "\xf0\x0f\xab\x0b", 7, 0, 64, 0),
	ROW("lock btr [rbx], ecx", "\xf0\x0f\xb3\x0b", 3, 0, 0, 1),
	ROW("lock btr [rbx], ecx", "\xf0\x0f\xb3\x0b", 3, 0, -1, 0),
	ROW("lock btr [rbx], ecx", "\xf0\x0f\xb3\x0b", 63, 0, -1, 1),
	ROW("lock btc [rbx], cx", "\xf0\x66\x0f\xbb\x0b", 3, 0, 15, 0),
	ROW("lock btc [rbx], cx", "\xf0\x66\x0f\xbb\x0b", 3, 0, 16, 1),
	/* A number of 16 bits: 0x1ffff is -1. */
	ROW("lock btc [rbx], cx", "\xf0\x66\x0f\xbb\x0b", 63, 0, 0x1ffff, 1),
	ROW("lock btc [rbx], rcx", "\xf0\x48\x0f\xbb\x0b", 15, 0, 63, 0),
	ROW("lock btc [rbx], rcx", "\xf0\x48\x0f\xbb\x0b", 15, 0, 64, 1),
	ROW("lock btc [rbx], rcx", "\xf0\x48\x0f\xbb\x0b", 60, 0, -64, 1),
	/* An immediate number stays within the operand. */
	ROW("lock bts [rbx], 33, 32 bits", "\xf0\x0f\xba\x2b\x21", 7, 0, 0, 0),
	ROW("lock bts [rbx], 1, 32 bits", "\xf0\x0f\xba\x2b\x01", 3, 0, 0, 1),
};

static void check_rows(void)
{
	struct context context;
	const struct row *row;
	unsigned int i;
	int ret;

	for (row = rows; row < rows + ARRAY_SIZE(rows); row++) {
		for (i = 0; i < HV_INSN_GPRS; i++)
			context.gpr[i] = row->bit;
		context.gpr[HV_INSN_RBX] = 0x10000 - row->to_end;
		context.gpr[10] = row->index;
		context.rflags = 2;
		ret = split_access((const __u8 *)row->bytes, row->length,
				   &context);
		tap_check(ret == row->split, "%s, row %td: %d", row->name,
			  row - rows, ret);
	}
	tap_group("split accesses are told from others");
}

/* Returns how many are split; reports the first if there should be none. */
static unsigned int count_split(enum meant_for meant_for)
{
	unsigned int i, split = 0;
	const struct kind *kind;
	struct generated g;
	int ret;

	for (i = 0; i < INSTRUCTIONS; i++) {
		kind = &kinds[i % kind_count];
		generate(&g, kind, (__u64)native + MIDDLE, meant_for);
		ret = split_access(g.bytes, g.length, &g.context);
		if (!tap_check(ret >= 0, "%s: answer %d", kind->name, ret))
			break;
		if (ret && !split++ && meant_for == FOR_PROCESSOR)
			printf("# the first: %s\n", kind->name);
	}
	return split;
}

int main(void)
{
	unsigned int split;

	check_rows();
	split = count_split(FOR_PROCESSOR);
	tap_check(!split, "%u are split", split);
	tap_group("none for the processor is split");
	/*
	 * About six in a thousand: few are locked, fewer are long and at the end of
	 * a line.
	 */
	split = count_split(FOR_INTERPRETER);
	tap_check(split > INSTRUCTIONS / 250, "%u are split", split);
	tap_group("some for the interpreter are split");
	return tap_end();
}
