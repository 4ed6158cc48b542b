// SPDX-License-Identifier: GPL-2.0
/*
 * Execution of instructions: each is also run by this machine's processor, and
 * registers, flags and memory must come out the same.
 *
 * Model: RBX points into the middle of the arena, RSI and RDI to places around.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "arena.h"
#include "tap.h"

#define MIDDLE		(ARENA / 2)
#define ROUNDS		400

#define FLAG_CF		0x001
#define FLAG_PF		0x004
#define FLAG_AF		0x010
#define FLAG_ZF		0x040
#define FLAG_SF		0x080
#define FLAG_DF		0x400
#define FLAG_OF		0x800
#define FLAGS		(FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | \
			 FLAG_DF | FLAG_OF)

static __u32 seed = 1;

/* Registers as the generated code loads and stores them. */
struct context {
	__u64 gpr[16];
	__u64 rflags;
};

static __u64 random_next(void)
{
	__u64 value = 0;
	int i;

	for (i = 0; i < 4; i++) {
		seed = seed * 1664525 + 1013904223;
		value = value << 16 | seed >> 16;
	}
	/* Small values and edges are where flags are interesting. */
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

struct code {
	__u8 *page;
	unsigned int size;
};

static void emit(struct code *code, const char *bytes, unsigned int count)
{
	memcpy(code->page + code->size, bytes, count);
	code->size += count;
}

static void emit_byte(struct code *code, unsigned int byte)
{
	code->page[code->size++] = byte;
}

/* mov between a register and [rdi + 8 * register] */
static void emit_move(struct code *code, unsigned int opcode, unsigned int gpr)
{
	emit_byte(code, gpr & 8 ? 0x4c : 0x48);
	emit_byte(code, opcode);
	emit_byte(code, 0x87 | (gpr & 7) << 3);
	emit_byte(code, 8 * gpr);
	emit(code, "\0\0", 3);
}

/* void f(struct context *): load all, run the instruction, store all. */
static void emit_function(struct code *code, const __u8 *insn,
			  unsigned int length)
{
	unsigned int i;

	code->size = 0;
	emit(code, "\x53\x55\x41\x54\x41\x55\x41\x56\x41\x57", 10);
	emit(code, "\x57", 1);				/* push rdi */
	emit(code, "\xff\xb7\x80\0\0\0\x9d", 7);	/* push flags; popf */
	for (i = 0; i < 16; i++)
		if (i != HV_INSN_RSP && i != HV_INSN_RDI)
			emit_move(code, 0x8b, i);
	emit_move(code, 0x8b, HV_INSN_RDI);
	emit(code, (const char *)insn, length);
	emit(code, "\x48\x87\x3c\x24", 4);		/* xchg rdi, [rsp] */
	for (i = 0; i < 16; i++)
		if (i != HV_INSN_RSP && i != HV_INSN_RDI)
			emit_move(code, 0x89, i);
	emit(code, "\x9c\x58\xfc", 3);			/* pushf; pop rax; cld */
	emit(code, "\x48\x89\x87\x80\0\0\0", 7);	/* mov [flags], rax */
	emit(code, "\x58", 1);				/* pop rax */
	emit_move(code, 0x89, HV_INSN_RAX);
	/* RAX has been stored; this slot is RDI's. */
	code->page[code->size - 4] = 8 * HV_INSN_RDI;
	emit(code, "\x41\x5f\x41\x5e\x41\x5d\x41\x5c\x5d\x5b\xc3", 11);
}

__attribute__((no_sanitize("address", "undefined")))
static void run_native(const struct code *code, struct context *context)
{
	void (*function)(struct context *context);

	memcpy(&function, &code->page, sizeof(function));
	function(context);
}

struct kind {
	const char *name;
	const char *opcode;		/* opcode bytes in front of ModRM */
	unsigned int opcode_length;
	int group;			/* ModRM.reg, -1: any register */
	unsigned int immediate;		/* bytes, 9: as long as the operand */
	unsigned int flags;		/* that the processor defines */
	int lock;			/* may have the prefix; -1: nor 66 */
};

#define K(name_, opcode_, group_, immediate_, flags_, lock_)		\
	{ name_, opcode_, sizeof(opcode_) - 1, group_, immediate_, flags_, \
	  lock_ }
#define LOGIC	(FLAGS & ~FLAG_AF)
#define BITS	(FLAG_CF | FLAG_ZF | FLAG_DF)

static const struct kind kinds[] = {
	K("mov m8,r", "\x88", -1, 0, FLAGS, 0),
	K("mov m,r", "\x89", -1, 0, FLAGS, 0),
	K("mov r8,m", "\x8a", -1, 0, FLAGS, 0),
	K("mov r,m", "\x8b", -1, 0, FLAGS, 0),
	K("mov m8,i", "\xc6", 0, 1, FLAGS, 0),
	K("mov m,i", "\xc7", 0, 9, FLAGS, 0),
	K("movnti", "\x0f\xc3", -1, 0, FLAGS, -1),
	K("movzx 8", "\x0f\xb6", -1, 0, FLAGS, 0),
	K("movzx 16", "\x0f\xb7", -1, 0, FLAGS, 0),
	K("movsx 8", "\x0f\xbe", -1, 0, FLAGS, 0),
	K("movsx 16", "\x0f\xbf", -1, 0, FLAGS, 0),
	K("movsxd", "\x63", -1, 0, FLAGS, 0),
	K("add m8,r", "\x00", -1, 0, FLAGS, 1),
	K("add m,r", "\x01", -1, 0, FLAGS, 1),
	K("add r8,m", "\x02", -1, 0, FLAGS, 0),
	K("add r,m", "\x03", -1, 0, FLAGS, 0),
	K("or m,r", "\x09", -1, 0, LOGIC, 1),
	K("or r,m", "\x0b", -1, 0, LOGIC, 0),
	K("adc m8,r", "\x10", -1, 0, FLAGS, 1),
	K("adc m,r", "\x11", -1, 0, FLAGS, 1),
	K("adc r,m", "\x13", -1, 0, FLAGS, 0),
	K("sbb m8,r", "\x18", -1, 0, FLAGS, 1),
	K("sbb m,r", "\x19", -1, 0, FLAGS, 1),
	K("sbb r,m", "\x1b", -1, 0, FLAGS, 0),
	K("and m,r", "\x21", -1, 0, LOGIC, 1),
	K("and r,m", "\x23", -1, 0, LOGIC, 0),
	K("sub m8,r", "\x28", -1, 0, FLAGS, 1),
	K("sub m,r", "\x29", -1, 0, FLAGS, 1),
	K("sub r,m", "\x2b", -1, 0, FLAGS, 0),
	K("xor m,r", "\x31", -1, 0, LOGIC, 1),
	K("xor r8,m", "\x32", -1, 0, LOGIC, 0),
	K("cmp m8,r", "\x38", -1, 0, FLAGS, 0),
	K("cmp m,r", "\x39", -1, 0, FLAGS, 0),
	K("cmp r8,m", "\x3a", -1, 0, FLAGS, 0),
	K("cmp r,m", "\x3b", -1, 0, FLAGS, 0),
	K("add m8,i", "\x80", 0, 1, FLAGS, 1),
	K("adc m,i", "\x81", 2, 9, FLAGS, 1),
	K("and m,i", "\x81", 4, 9, LOGIC, 1),
	K("sub m,i", "\x81", 5, 9, FLAGS, 1),
	K("or m,i8", "\x83", 1, 1, LOGIC, 1),
	K("sbb m,i8", "\x83", 3, 1, FLAGS, 1),
	K("cmp m,i8", "\x83", 7, 1, FLAGS, 0),
	K("test m8,r", "\x84", -1, 0, LOGIC, 0),
	K("test m,r", "\x85", -1, 0, LOGIC, 0),
	K("test m8,i", "\xf6", 0, 1, LOGIC, 0),
	K("test m,i", "\xf7", 0, 9, LOGIC, 0),
	K("not m8", "\xf6", 2, 0, FLAGS, 1),
	K("not m", "\xf7", 2, 0, FLAGS, 1),
	K("neg m8", "\xf6", 3, 0, FLAGS, 1),
	K("neg m", "\xf7", 3, 0, FLAGS, 1),
	K("inc m8", "\xfe", 0, 0, FLAGS, 1),
	K("inc m", "\xff", 0, 0, FLAGS, 1),
	K("dec m8", "\xfe", 1, 0, FLAGS, 1),
	K("dec m", "\xff", 1, 0, FLAGS, 1),
	K("xchg m8", "\x86", -1, 0, FLAGS, 1),
	K("xchg m", "\x87", -1, 0, FLAGS, 1),
	K("cmpxchg m8", "\x0f\xb0", -1, 0, FLAGS, 1),
	K("cmpxchg m", "\x0f\xb1", -1, 0, FLAGS, 1),
	K("xadd m8", "\x0f\xc0", -1, 0, FLAGS, 1),
	K("xadd m", "\x0f\xc1", -1, 0, FLAGS, 1),
	K("bt m,r", "\x0f\xa3", -1, 0, BITS, 0),
	K("bts m,r", "\x0f\xab", -1, 0, BITS, 1),
	K("btr m,r", "\x0f\xb3", -1, 0, BITS, 1),
	K("btc m,r", "\x0f\xbb", -1, 0, BITS, 1),
	K("bt m,i", "\x0f\xba", 4, 1, BITS, 0),
	K("bts m,i", "\x0f\xba", 5, 1, BITS, 1),
	K("btr m,i", "\x0f\xba", 6, 1, BITS, 1),
	K("btc m,i", "\x0f\xba", 7, 1, BITS, 1),
	K("seto", "\x0f\x90", 0, 0, FLAGS, 0),
	K("setae", "\x0f\x93", 0, 0, FLAGS, 0),
	K("setbe", "\x0f\x96", 0, 0, FLAGS, 0),
	K("setp", "\x0f\x9a", 0, 0, FLAGS, 0),
	K("setge", "\x0f\x9d", 0, 0, FLAGS, 0),
	K("setg", "\x0f\x9f", 0, 0, FLAGS, 0),
	K("cmove", "\x0f\x44", -1, 0, FLAGS, 0),
	K("cmovs", "\x0f\x48", -1, 0, FLAGS, 0),
	K("cmovl", "\x0f\x4c", -1, 0, FLAGS, 0),
	K("cmovle", "\x0f\x4e", -1, 0, FLAGS, 0),
};

static const struct kind strings[] = {
	K("movsb", "\xa4", 0, 0, FLAGS, 0),
	K("movs", "\xa5", 0, 0, FLAGS, 0),
	K("cmpsb", "\xa6", 0, 0, FLAGS, 0),
	K("cmps", "\xa7", 0, 0, FLAGS, 0),
	K("stosb", "\xaa", 0, 0, FLAGS, 0),
	K("stos", "\xab", 0, 0, FLAGS, 0),
	K("lodsb", "\xac", 0, 0, FLAGS, 0),
	K("lods", "\xad", 0, 0, FLAGS, 0),
	K("scasb", "\xae", 0, 0, FLAGS, 0),
	K("scas", "\xaf", 0, 0, FLAGS, 0),
};

/* ModRM and what follows, of an address around [rbx]. */
static unsigned int make_operand(__u8 *at, unsigned int reg)
{
	__u32 displacement = random_next() % 512 - 256;

	switch (random_next() % 4) {
	case 0:
		at[0] = reg << 3 | HV_INSN_RBX;
		return 1;
	case 1:
		at[0] = 0x40 | reg << 3 | HV_INSN_RBX;
		at[1] = displacement;
		return 2;
	case 2:
		at[0] = 0x80 | reg << 3 | HV_INSN_RBX;
		memcpy(at + 1, &displacement, 4);
		return 5;
	default:
		/* [rbx + r10 * scale + displacement] needs REX.X */
		at[0] = 0x40 | reg << 3 | HV_INSN_RSP;
		at[1] = (random_next() & 3) << 6 | 2 << 3 | HV_INSN_RBX;
		at[2] = displacement;
		return 3;
	}
}

static unsigned int make_insn(const struct kind *kind, int is_string, __u8 *at)
{
	unsigned int rex = 0x40 | (random_next() & 8), n = 0, reg, size = 4;
	__u64 immediate = random_next();
	int rex_given;

	if (is_string && random_next() & 1)
		at[n++] = random_next() & 1 ? 0xf2 : 0xf3;
	if (kind->lock > 0 && random_next() & 1)
		at[n++] = 0xf0;
	if (kind->lock >= 0 && !(random_next() % 4)) {
		at[n++] = 0x66;
		size = 2;
	}
	if (rex & 8)
		size = 8;

	/* Not the stack, nor the pointer: it is no number of a bit either. */
	do {
		reg = random_next() & 15;
	} while (reg == HV_INSN_RSP || reg == HV_INSN_RBX);
	if (kind->group >= 0)
		reg = kind->group;
	/* REX.X only ever makes index 2 to 10 here. */
	rex |= (reg & 8) >> 1 | 2;
	rex_given = is_string ? rex & 8 : 1;
	/* Without REX the second bytes of registers can be named. */
	if (!is_string && size != 8 && !(random_next() % 4) && reg < 8) {
		rex_given = 0;
		if (kind->group < 0)
			reg = reg % 3;
		if (kind->group < 0 && !(kind->opcode[0] & 1) &&
		    kind->opcode_length == 1 && random_next() & 1)
			reg |= 4;
	}
	if (rex_given)
		at[n++] = rex;
	memcpy(at + n, kind->opcode, kind->opcode_length);
	n += kind->opcode_length;
	if (is_string)
		return n;

	if (rex_given) {
		n += make_operand(at + n, reg & 7);
	} else {
		at[n++] = 0x40 | reg << 3 | HV_INSN_RBX;
		at[n++] = random_next();
	}
	if (kind->immediate) {
		if (kind->immediate == 9)
			size = size == 8 ? 4 : size;
		else
			size = 1;
		memcpy(at + n, &immediate, size);
		n += size;
	}
	return n;
}

static void make_context(struct context *c, int is_string, int bit_test)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		c->gpr[i] = random_next();
	if (bit_test)
		for (i = 0; i < 16; i++)
			c->gpr[i] = random_next() % 4000 - 2000;
	c->gpr[HV_INSN_RBX] = (__u64)native + MIDDLE;
	c->gpr[10] = random_next() % 64 - 32;
	if (is_string) {
		c->gpr[HV_INSN_RSI] = (__u64)native + MIDDLE +
				      random_next() % 64;
		c->gpr[HV_INSN_RDI] = (__u64)native + MIDDLE -
				      random_next() % 64;
		c->gpr[HV_INSN_RCX] = random_next() % 20;
	}
	c->rflags = (random_next() & FLAGS & ~FLAG_DF) | 2;
	if (is_string && random_next() & 1)
		c->rflags |= FLAG_DF;
}

static void check_once(struct code *code, const struct kind *kind,
		       int is_string)
{
	struct hv_insn_state state = { .rip = 0x1000 };
	int bit_test = strchr("\xa3\xab\xb3\xbb", kind->opcode[1]) &&
		       kind->opcode_length == 2;
	struct context context;
	struct hv_insn insn;
	__u8 bytes[16];
	unsigned int i, n;
	int ret;

	n = make_insn(kind, is_string, bytes);
	make_context(&context, is_string, bit_test);
	for (i = 0; i < ARENA; i++)
		native[i] = random_next() % 3 ? random_next() : 0;
	/* Equal operands happen too rarely by chance. */
	if (random_next() & 1)
		memset(native + MIDDLE - 300, context.gpr[HV_INSN_RAX] & 0xff,
		       600);
	if (!bit_test && random_next() & 1)
		context.gpr[HV_INSN_RAX] = native[MIDDLE] * 0x0101010101010101ULL;
	memcpy(copy, native, ARENA);
	memcpy(state.gpr, context.gpr, sizeof(state.gpr));
	state.rflags = context.rflags;

	ret = hv_insn_decode(&insn, bytes, n, HV_INSN_MODE_64);
	if (!tap_check(!ret && insn.length == n, "%s: answer %d, length %u of %u",
		       kind->name, ret, insn.length, n))
		return;
	ret = hv_insn_execute(&insn, &state, &bus);
	if (!tap_check(!ret && state.rip == 0x1000 + n, "%s: answer %d",
		       kind->name, ret))
		return;

	emit_function(code, bytes, n);
	run_native(code, &context);
	tap_check(!memcmp(native, copy, ARENA), "%s: memory", kind->name);
	for (i = 0; i < 16; i++)
		tap_check(i == HV_INSN_RSP || state.gpr[i] == context.gpr[i],
			  "%s: register %u is 0x%llx, not 0x%llx", kind->name,
			  i, (unsigned long long)state.gpr[i],
			  (unsigned long long)context.gpr[i]);
	tap_check(!((state.rflags ^ context.rflags) & kind->flags),
		  "%s: flags are 0x%llx, not 0x%llx", kind->name,
		  (unsigned long long)state.rflags & kind->flags,
		  (unsigned long long)context.rflags & kind->flags);
}

static void check_native(struct code *code, const struct kind *list,
			 unsigned int count, int is_string, const char *name)
{
	unsigned int i, round;

	for (i = 0; i < count; i++)
		for (round = 0; round < ROUNDS; round++)
			check_once(code, &list[i], is_string);
	tap_group(name);
}

int main(void)
{
	struct code code;

	code.page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#ifdef __x86_64__
	if (code.page != MAP_FAILED) {
		check_native(&code, kinds, ARRAY_SIZE(kinds), 0,
			     "as this processor does it");
		check_native(&code, strings, ARRAY_SIZE(strings), 1,
			     "strings as this processor does them");
	} else {
		tap_ok(1, "as this processor does it # SKIP no such memory");
	}
#else
	tap_ok(1, "as this processor does it # SKIP not x86-64");
#endif
	return tap_end();
}
