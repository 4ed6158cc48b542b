// SPDX-License-Identifier: GPL-2.0
/*
 * Execution of locked instructions whose operand crosses a cache line.  They cannot
 * be run on the processor, see generate.h; the expected results are in a table.
 */
#include "arena.h"
#include "generate.h"
#include "split.h"
#include "tap.h"

#define FILLER		0x5a
#define R10		5

#define LOGIC		(FLAGS & ~FLAG_AF)
#define CARRY		FLAG_CF

/* Memory, RCX, RAX and flags, before and after. */
struct values {
	__u64 memory;
	__u64 rcx;
	__u64 rax;
	__u64 rflags;
};

/*
 * @distance is from RBX to the operand, which has @size bytes; only the flags in
 * @defined are compared.
 */
struct row {
	const char *name;
	const char *bytes;
	unsigned int length;
	unsigned int size;
	int distance;
	unsigned int defined;
	struct values before;
	struct values after;
};

#define V(memory_, rcx_, rax_, rflags_)					\
	{ .memory = memory_, .rcx = rcx_, .rax = rax_, .rflags = rflags_ }

#define ROW(name_, bytes_, size_, distance_, defined_, before_, after_)	\
	{								\
		.name = name_,						\
		.bytes = bytes_,					\
		.length = sizeof(bytes_) - 1,				\
		.size = size_,						\
		.distance = distance_,					\
		.defined = defined_,					\
		.before = before_,					\
		.after = after_,					\
	}

static const struct row rows[] = {
	ROW("lock add [rbx], rax", "\xf0\x48\x01\x03", 8, 0, FLAGS,
	    V(0xffffffff, 0, 1, 0),
	    V(0x100000000, 0, 1, 0x014)),
	ROW("lock add [rbx], eax", "\xf0\x01\x03", 4, 0, FLAGS,
	    V(0xffffffff, 0, 0x700000001, 0),
	    V(0, 0, 0x700000001, 0x055)),
	ROW("lock add [rbx], ax", "\xf0\x66\x01\x03", 2, 0, FLAGS,
	    V(0x7fff, 0, 0x70001, 0),
	    V(0x8000, 0, 0x70001, 0x894)),
	ROW("lock add [rbx+4*r10+0x3b], rax", "\xf0\x4a\x01\x44\x93\x3b", 8,
	    79, FLAGS,
	    V(0x1122334455667788, 0, 0x1111111111111111, 0x8d5),
	    V(0x2233445566778899, 0, 0x1111111111111111, 0x004)),
	ROW("lock add dword [rbx], 127", "\xf0\x83\x03\x7f", 4, 0, FLAGS,
	    V(1, 0, 0, 0),
	    V(0x80, 0, 0, 0x010)),
	ROW("lock or [rbx], ecx", "\xf0\x09\x0b", 4, 0, LOGIC,
	    V(0x80000000, 1, 0, 0x801),
	    V(0x80000001, 1, 0, 0x080)),
	ROW("lock or word [rbx], -1", "\xf0\x66\x83\x0b\xff", 2, 0, LOGIC,
	    V(0x0f00, 0, 0, 0),
	    V(0xffff, 0, 0, 0x084)),
	ROW("lock adc [rbx], rcx", "\xf0\x48\x11\x0b", 8, 0, FLAGS,
	    V(0xffffffffffffffff, 0, 0, CARRY),
	    V(0, 0, 0, 0x055)),
	ROW("lock adc [rbx], cx", "\xf0\x66\x11\x0b", 2, 0, FLAGS,
	    V(0x1234, 0x1111, 0, 0),
	    V(0x2345, 0x1111, 0, 0)),
	ROW("lock sbb [rbx], ecx", "\xf0\x19\x0b", 4, 0, FLAGS,
	    V(0x80000000, 0, 0, CARRY),
	    V(0x7fffffff, 0, 0, 0x814)),
	ROW("lock sbb qword [rbx], -1", "\xf0\x48\x83\x1b\xff", 8, 0, FLAGS,
	    V(5, 0, 0, 0),
	    V(6, 0, 0, 0x015)),
	ROW("lock and [rbx], rcx", "\xf0\x48\x21\x0b", 8, 0, LOGIC,
	    V(0xff00ff00ff00ff00, 0x0ff00ff00ff00ff0, 0, CARRY),
	    V(0x0f000f000f000f00, 0x0ff00ff00ff00ff0, 0, 0x004)),
	ROW("lock and dword [rbx], 0xf0f0f0f0",
	    "\xf0\x81\x23\xf0\xf0\xf0\xf0", 4, 0, LOGIC,
	    V(0x12345678, 0, 0, 0),
	    V(0x10305070, 0, 0, 0)),
	ROW("lock sub [rbx], ecx", "\xf0\x29\x0b", 4, 0, FLAGS,
	    V(1, 2, 0, 0),
	    V(0xffffffff, 2, 0, 0x095)),
	ROW("lock sub word [rbx], 0x1234", "\xf0\x66\x81\x2b\x34\x12", 2, 0,
	    FLAGS,
	    V(0x1234, 0, 0, 0x881),
	    V(0, 0, 0, 0x044)),
	ROW("lock xor [rbx], rcx", "\xf0\x48\x31\x0b", 8, 0, LOGIC,
	    V(0x1122334455667788, 0x1122334455667788, 0, 0),
	    V(0, 0x1122334455667788, 0, 0x044)),
	ROW("lock xor [rbx], cx", "\xf0\x66\x31\x0b", 2, 0, LOGIC,
	    V(0xffff, 0x00ff, 0, 0),
	    V(0xff00, 0x00ff, 0, 0x084)),
	ROW("lock inc dword [rbx]", "\xf0\xff\x03", 4, 0, FLAGS,
	    V(0x7fffffff, 0, 0, CARRY),
	    V(0x80000000, 0, 0, 0x895)),
	ROW("lock inc word [rbx]", "\xf0\x66\xff\x03", 2, 0, FLAGS,
	    V(0xffff, 0, 0, 0),
	    V(0, 0, 0, 0x054)),
	ROW("lock dec qword [rbx]", "\xf0\x48\xff\x0b", 8, 0, FLAGS,
	    V(0, 0, 0, CARRY),
	    V(0xffffffffffffffff, 0, 0, 0x095)),
	ROW("lock dec word [rbx]", "\xf0\x66\xff\x0b", 2, 0, FLAGS,
	    V(0x8000, 0, 0, 0),
	    V(0x7fff, 0, 0, 0x814)),
	ROW("lock not dword [rbx]", "\xf0\xf7\x13", 4, 0, FLAGS,
	    V(0x0f0f0f0f, 0, 0, 0x8d5),
	    V(0xf0f0f0f0, 0, 0, 0x8d5)),
	ROW("lock not qword [rbx]", "\xf0\x48\xf7\x13", 8, 0, FLAGS,
	    V(0x00ff00ff12345678, 0, 0, 0),
	    V(0xff00ff00edcba987, 0, 0, 0)),
	ROW("lock neg dword [rbx]", "\xf0\xf7\x1b", 4, 0, FLAGS,
	    V(1, 0, 0, 0),
	    V(0xffffffff, 0, 0, 0x095)),
	ROW("lock neg qword [rbx]", "\xf0\x48\xf7\x1b", 8, 0, FLAGS,
	    V(0x8000000000000000, 0, 0, 0),
	    V(0x8000000000000000, 0, 0, 0x885)),
	ROW("lock neg word [rbx]", "\xf0\x66\xf7\x1b", 2, 0, FLAGS,
	    V(0, 0, 0, CARRY),
	    V(0, 0, 0, 0x044)),
	ROW("xchg [rbx], rcx", "\x48\x87\x0b", 8, 0, FLAGS,
	    V(0x1122334455667788, 0x8877665544332211, 0, 0x8d5),
	    V(0x8877665544332211, 0x1122334455667788, 0, 0x8d5)),
	ROW("xchg [rbx], ecx", "\x87\x0b", 4, 0, FLAGS,
	    V(0x55667788, 0x8877665544332211, 0, 0),
	    V(0x44332211, 0x0000000055667788, 0, 0)),
	ROW("lock xchg [rbx], cx", "\xf0\x66\x87\x0b", 2, 0, FLAGS,
	    V(0x7788, 0x8877665544332211, 0, 0),
	    V(0x2211, 0x8877665544337788, 0, 0)),
	ROW("lock cmpxchg [rbx], rcx, equal", "\xf0\x48\x0f\xb1\x0b", 8, 0,
	    FLAGS,
	    V(0x1122334455667788, 9, 0x1122334455667788, 0x891),
	    V(9, 9, 0x1122334455667788, 0x044)),
	ROW("lock cmpxchg [rbx], rcx, unequal", "\xf0\x48\x0f\xb1\x0b", 8, 0,
	    FLAGS,
	    V(2, 9, 1, 0),
	    V(2, 9, 2, 0x095)),
	ROW("lock cmpxchg [rbx], ecx, equal", "\xf0\x0f\xb1\x0b", 4, 0, FLAGS,
	    V(3, 0x900000009, 0xffffffff00000003, 0),
	    V(9, 0x900000009, 0xffffffff00000003, 0x044)),
	ROW("lock cmpxchg [rbx], ecx, unequal", "\xf0\x0f\xb1\x0b", 4, 0,
	    FLAGS,
	    V(1, 9, 0xffffffff00000003, 0),
	    V(1, 9, 1, 0)),
	ROW("lock cmpxchg [rbx], cx, equal", "\xf0\x66\x0f\xb1\x0b", 2, 0,
	    FLAGS,
	    V(0x1111, 0x2222, 0xabcd1111, 0),
	    V(0x2222, 0x2222, 0xabcd1111, 0x044)),
	ROW("lock cmpxchg [rbx], cx, unequal", "\xf0\x66\x0f\xb1\x0b", 2, 0,
	    FLAGS,
	    V(0x1111, 0x2222, 0xabcd1112, 0),
	    V(0x1111, 0x2222, 0xabcd1111, 0)),
	ROW("lock xadd [rbx], rcx", "\xf0\x48\x0f\xc1\x0b", 8, 0, FLAGS,
	    V(5, 7, 0, 0),
	    V(12, 5, 0, 0x004)),
	ROW("lock xadd [rbx], ecx", "\xf0\x0f\xc1\x0b", 4, 0, FLAGS,
	    V(0xffffffff, 0xffffffff00000001, 0, 0),
	    V(0, 0x00000000ffffffff, 0, 0x055)),
	ROW("lock xadd [rbx], cx", "\xf0\x66\x0f\xc1\x0b", 2, 0, FLAGS,
	    V(0x00ff, 0xaaaaaaaaaaaa0001, 0, 0),
	    V(0x0100, 0xaaaaaaaaaaaa00ff, 0, 0x014)),
	ROW("lock bts [rbx], ecx", "\xf0\x0f\xab\x0b", 4, 4, CARRY,
	    V(0, 37, 0, CARRY),
	    V(0x20, 37, 0, 0)),
	ROW("lock bts [rbx], ecx, backwards", "\xf0\x0f\xab\x0b", 4, -4, CARRY,
	    V(0x80000000, 0xffffffff, 0, 0),
	    V(0x80000000, 0xffffffff, 0, CARRY)),
	ROW("lock bts dword [rbx], 35", "\xf0\x0f\xba\x2b\x23", 4, 0, CARRY,
	    V(0, 0, 0, CARRY),
	    V(8, 0, 0, 0)),
	ROW("lock btr [rbx], rcx", "\xf0\x48\x0f\xb3\x0b", 8, -16, CARRY,
	    V(0xffffffffffffffff, -65ULL, 0, 0),
	    V(0x7fffffffffffffff, -65ULL, 0, CARRY)),
	ROW("lock btr [rbx], cx", "\xf0\x66\x0f\xb3\x0b", 2, -4, CARRY,
	    V(0x8001, 0x1ffef, 0, 0),
	    V(0x0001, 0x1ffef, 0, CARRY)),
	ROW("lock btr qword [rbx], 63", "\xf0\x48\x0f\xba\x33\x3f", 8, 0,
	    CARRY,
	    V(0x8000000000000000, 0, 0, 0),
	    V(0, 0, 0, CARRY)),
	ROW("lock btc [rbx], rcx", "\xf0\x48\x0f\xbb\x0b", 8, 16, CARRY,
	    V(1, 128, 0, 0),
	    V(0, 128, 0, CARRY)),
	ROW("lock btc [rbx], cx", "\xf0\x66\x0f\xbb\x0b", 2, 2, CARRY,
	    V(0, 16, 0, 0),
	    V(1, 16, 0, 0)),
	ROW("lock btc word [rbx], 15", "\xf0\x66\x0f\xba\x3b\x0f", 2, 0, CARRY,
	    V(0x8000, 0, 0, 0),
	    V(0, 0, 0, CARRY)),
};

static void check_row(const struct row *row, unsigned int offset)
{
	static __u8 expected[ARENA];
	struct hv_insn_state state = { .rip = 0x1000 };
	struct context context = { .rflags = row->before.rflags };
	struct hv_insn insn;
	int ret;

	context.gpr[HV_INSN_RBX] = (__u64)native + offset - row->distance;
	context.gpr[HV_INSN_RCX] = row->before.rcx;
	context.gpr[HV_INSN_RAX] = row->before.rax;
	context.gpr[10] = R10;
	if (!tap_check(split_access((const __u8 *)row->bytes, row->length,
				    &context) == 1,
		       "%s at %u: not split", row->name, offset))
		return;

	memset(copy, FILLER, ARENA);
	memcpy(copy + offset, &row->before.memory, row->size);
	memset(expected, FILLER, ARENA);
	memcpy(expected + offset, &row->after.memory, row->size);
	memcpy(state.gpr, context.gpr, sizeof(state.gpr));
	state.rflags = context.rflags;
	context.gpr[HV_INSN_RCX] = row->after.rcx;
	context.gpr[HV_INSN_RAX] = row->after.rax;

	ret = hv_insn_decode(&insn, (const __u8 *)row->bytes, row->length,
			     HV_INSN_MODE_64);
	if (!ret)
		ret = hv_insn_execute(&insn, &state, &bus);
	tap_check(!ret && state.rip == 0x1000 + row->length, "%s: answer %d",
		  row->name, ret);
	tap_check(!memcmp(copy, expected, ARENA), "%s at %u: memory",
		  row->name, offset);
	tap_check(!memcmp(state.gpr, context.gpr, sizeof(state.gpr)),
		  "%s at %u: rcx 0x%llx, rax 0x%llx", row->name, offset,
		  (unsigned long long)state.gpr[HV_INSN_RCX],
		  (unsigned long long)state.gpr[HV_INSN_RAX]);
	tap_check(!((state.rflags ^ row->after.rflags) & row->defined),
		  "%s at %u: flags are 0x%llx", row->name, offset,
		  (unsigned long long)state.rflags);
}

int main(void)
{
	unsigned int before_end;
	const struct row *row;

	/* Every position of a line's end within the operand. */
	for (row = rows; row < rows + ARRAY_SIZE(rows); row++)
		for (before_end = 1; before_end < row->size; before_end++)
			check_row(row, MIDDLE - before_end);
	tap_group("locked operands that cross a line");
	return tap_end();
}
