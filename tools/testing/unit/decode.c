// SPDX-License-Identifier: GPL-2.0
/*
 * Instruction decoder: a table of instructions, each also truncated, and random
 * bytes at the very end of a buffer.
 */
#include <stdlib.h>
#include <string.h>

#include <hv/decode.h>

#include "tap.h"

struct row {
	unsigned int mode;
	const char *text;
	const char *bytes;
	unsigned int length;
	unsigned int op;
	unsigned int operand_size;
	unsigned int memory_size;
	const char *flags;
	__u64 address;
};

#include "decode-rows.h"

#define NR_RANDOM	400000

static const struct hv_insn_state state = {
	.gpr = {
		0x1000, 0x2000, 0x3000, 0x4000, 0x5000, 0x6000, 0x7000, 0x8000,
		0x9000, 0xa000, 0xb000, 0xc000, 0xd000, 0xe000, 0xf000, 0x10000,
	},
	.rip = 0x100000,
	.segment_base = {
		0x10000000, 0x20000000, 0x30000000, 0x40000000, 0x50000000,
		0x60000000,
	},
	.stack_size = 4,
};

static const struct {
	char letter;
	__u32 flag;
} letters[] = {
	{ 'M', HV_INSN_MEMORY }, { 'R', HV_INSN_READS },
	{ 'W', HV_INSN_WRITES }, { 'T', HV_INSN_TO_REGISTER },
	{ 'I', HV_INSN_IMMEDIATE }, { 'S', HV_INSN_STRING },
	{ 'H', HV_INSN_HIGH_BYTE },
};

/* Decode from a buffer that ends where the bytes end. */
static int decode_exactly(struct hv_insn *insn, const void *bytes,
			  unsigned int count, unsigned int mode)
{
	__u8 *copy = malloc(count ? count : 1);
	int ret;

	memcpy(copy, bytes, count);
	ret = hv_insn_decode(insn, copy, count, mode);
	free(copy);
	return ret;
}

static void check_row(const struct row *r)
{
	struct hv_insn insn;
	unsigned int i;
	int ret;

	ret = decode_exactly(&insn, r->bytes, r->length, r->mode);
	if (!tap_check(!ret, "%s: answer %d", r->text, ret))
		return;
	tap_check(insn.length == r->length, "%s: length %u, not %u", r->text,
		  insn.length, r->length);
	tap_check(insn.op == r->op, "%s: op %u, not %u", r->text, insn.op,
		  r->op);
	tap_check(insn.memory_size == r->memory_size,
		  "%s: memory size %u, not %u", r->text, insn.memory_size,
		  r->memory_size);
	if (r->op != HV_INSN_OTHER)
		tap_check(insn.operand_size == r->operand_size,
			  "%s: operand size %u, not %u", r->text,
			  insn.operand_size, r->operand_size);
	for (i = 0; i < ARRAY_SIZE(letters); i++)
		tap_check(!(insn.flags & letters[i].flag) ==
			  !strchr(r->flags, letters[i].letter),
			  "%s: flag %c", r->text, letters[i].letter);
	if (insn.flags & HV_INSN_MEMORY)
		tap_check(hv_insn_address(&insn, &state) == r->address,
			  "%s: address 0x%llx, not 0x%llx", r->text,
			  (unsigned long long)hv_insn_address(&insn, &state),
			  (unsigned long long)r->address);
}

static void check_truncated(const struct row *r)
{
	struct hv_insn insn;
	unsigned int count;
	int ret;

	for (count = 0; count < r->length; count++) {
		ret = decode_exactly(&insn, r->bytes, count, r->mode);
		tap_check(ret == HV_INSN_TRUNCATED, "%s cut to %u: answer %d",
			  r->text, count, ret);
	}
}

/* What follows an instruction does not matter. */
static void check_tail(const struct row *r)
{
	struct hv_insn exact, longer;
	__u8 bytes[HV_INSN_MAX_LENGTH + 16];

	memset(bytes, 0xff, sizeof(bytes));
	memcpy(bytes, r->bytes, r->length);
	decode_exactly(&exact, r->bytes, r->length, r->mode);
	decode_exactly(&longer, bytes, sizeof(bytes), r->mode);
	tap_check(longer.length == exact.length && longer.op == exact.op &&
		  longer.flags == exact.flags &&
		  longer.displacement == exact.displacement &&
		  longer.immediate == exact.immediate, "%s with a tail",
		  r->text);
}

static void check_answer(const char *what, const char *bytes,
			 unsigned int count, unsigned int mode, int want)
{
	struct hv_insn insn;
	int ret = decode_exactly(&insn, bytes, count, mode);

	tap_check(ret == want, "%s: answer %d, not %d", what, ret, want);
}

static void check_refused(void)
{
	check_answer("15 prefixes and an opcode",
		     "\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x90",
		     16, HV_INSN_MODE_64, HV_INSN_INVALID);
	check_answer("14 prefixes and an opcode",
		     "\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x90",
		     15, HV_INSN_MODE_64, HV_INSN_OK);
	check_answer("push es in 64-bit mode", "\x06", 1, HV_INSN_MODE_64,
		     HV_INSN_INVALID);
	check_answer("push es in 32-bit mode", "\x06", 1, HV_INSN_MODE_32,
		     HV_INSN_OK);
	check_answer("vmovaps", "\xc5\xf8\x28\x07", 4, HV_INSN_MODE_64,
		     HV_INSN_UNSUPPORTED);
	check_answer("vmovaps in 32-bit mode", "\xc5\xf8\x28\x07", 4,
		     HV_INSN_MODE_32, HV_INSN_UNSUPPORTED);
	check_answer("lds in 32-bit mode", "\xc5\x07", 2, HV_INSN_MODE_32,
		     HV_INSN_OK);
	check_answer("evex", "\x62\xf1\x7c\x48\x28\x07", 6, HV_INSN_MODE_64,
		     HV_INSN_UNSUPPORTED);
	check_answer("xop", "\x8f\xe8\x78\xc0\xc1\x05", 6, HV_INSN_MODE_64,
		     HV_INSN_UNSUPPORTED);
	check_answer("no such bit test", "\x0f\xba\x07\x01", 4,
		     HV_INSN_MODE_64, HV_INSN_INVALID);
	check_answer("no such member of group 5", "\xff\x3f", 2,
		     HV_INSN_MODE_64, HV_INSN_INVALID);
	check_answer("no such member of group 4", "\xfe\x17", 2,
		     HV_INSN_MODE_64, HV_INSN_INVALID);
	check_answer("movnti of a word", "\x66\x0f\xc3\x07", 4,
		     HV_INSN_MODE_64, HV_INSN_INVALID);
	check_answer("movnti to a register", "\x0f\xc3\xc0", 3,
		     HV_INSN_MODE_64, HV_INSN_INVALID);
	check_answer("xabort", "\xc6\xf8\x01", 3, HV_INSN_MODE_64,
		     HV_INSN_UNSUPPORTED);
	tap_group("instructions that are refused");
}

static void check_mode(void)
{
	tap_check(hv_insn_mode(0, 0, 0, 0x4000) == HV_INSN_MODE_16, "real");
	tap_check(hv_insn_mode(1, 0, 0, 0) == HV_INSN_MODE_16, "protected 16");
	tap_check(hv_insn_mode(1, 0, 0, 0x4000) == HV_INSN_MODE_32,
		  "protected 32");
	tap_check(hv_insn_mode(1, 0, 1 << 17, 0x4000) == HV_INSN_MODE_16,
		  "virtual 8086");
	tap_check(hv_insn_mode(1, 1 << 10, 0, 0x2000) == HV_INSN_MODE_64,
		  "64-bit");
	tap_check(hv_insn_mode(1, 1 << 10, 0, 0x4000) == HV_INSN_MODE_32,
		  "compatibility 32");
	tap_check(hv_insn_mode(1, 1 << 10, 0, 0) == HV_INSN_MODE_16,
		  "compatibility 16");
	tap_group("modes");
}

static void check_destination(void)
{
	struct hv_insn insn;

	decode_exactly(&insn, "\x65\xa4", 2, HV_INSN_MODE_32);
	tap_check(hv_insn_address(&insn, &state) == 0x60007000,
		  "source of movs");
	tap_check(hv_insn_destination(&insn, &state) == 0x10008000,
		  "destination of movs");
	decode_exactly(&insn, "\x65\xaa", 2, HV_INSN_MODE_32);
	tap_check(hv_insn_address(&insn, &state) == 0x10008000 &&
		  hv_insn_destination(&insn, &state) == 0x10008000,
		  "stos has no other");
	tap_group("operands of strings");
}

/* A prefix in front of REX, and REX in front of a prefix, which makes it void. */
static void check_rex(void)
{
	struct hv_insn insn;

	decode_exactly(&insn, "\x66\x48\x89\x07", 4, HV_INSN_MODE_64);
	tap_check(insn.operand_size == 8 && insn.length == 4, "66 48 89 07");
	decode_exactly(&insn, "\x48\x66\x89\x07", 4, HV_INSN_MODE_64);
	tap_check(insn.operand_size == 2 && insn.length == 4, "48 66 89 07");
	decode_exactly(&insn, "\x40\x88\x27", 3, HV_INSN_MODE_64);
	tap_check(insn.reg == 4 && !(insn.flags & HV_INSN_HIGH_BYTE),
		  "spl with REX");
	decode_exactly(&insn, "\x88\x27", 2, HV_INSN_MODE_64);
	tap_check(insn.reg == 0 && insn.flags & HV_INSN_HIGH_BYTE,
		  "ah without REX");
	/* MOV CR uses the register fields only, whatever mod is. */
	decode_exactly(&insn, "\x0f\x20\x05", 3, HV_INSN_MODE_64);
	tap_check(insn.length == 3 && insn.rm == 5, "mov from cr0, mod 0");
	decode_exactly(&insn, "\x41\x90", 2, HV_INSN_MODE_64);
	tap_check(insn.op == HV_INSN_OTHER, "xchg r8, rax is no nop");
	decode_exactly(&insn, "\x42\x90", 2, HV_INSN_MODE_64);
	tap_check(insn.op == HV_INSN_NOP, "nop with a needless REX");
	decode_exactly(&insn, "\xf0\x0f\x22\xc0", 4, HV_INSN_MODE_32);
	tap_check(insn.reg == 8, "lock mov to cr0 is cr8");
	tap_group("prefixes and registers");
}

static __u32 random_next(__u32 *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void check_random(void)
{
	static const unsigned int modes[] = {
		HV_INSN_MODE_16, HV_INSN_MODE_32, HV_INSN_MODE_64,
	};
	__u8 bytes[HV_INSN_MAX_LENGTH + 1];
	struct hv_insn insn;
	__u32 seed = 1;
	unsigned int i, j, count;
	int ret;

	for (i = 0; i < NR_RANDOM; i++) {
		count = random_next(&seed) % (sizeof(bytes) + 1);
		for (j = 0; j < count; j++)
			bytes[j] = random_next(&seed);
		if (count && i % 2)
			bytes[0] = 0x0f;
		ret = decode_exactly(&insn, bytes, count, modes[i % 3]);
		tap_check(ret <= 0 && ret >= HV_INSN_UNSUPPORTED &&
			  (ret || (insn.length && insn.length <= count &&
				   insn.length <= HV_INSN_MAX_LENGTH)),
			  "random bytes %u: answer %d, length %u of %u", i, ret,
			  insn.length, count);
		if (!ret && insn.flags & HV_INSN_MEMORY)
			hv_insn_address(&insn, &state);
	}
	tap_group("random bytes");
}

int main(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
	tap_group("instructions");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_truncated(&rows[i]);
	tap_group("instructions cut short");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_tail(&rows[i]);
	tap_group("instructions with something behind them");
	check_refused();
	check_mode();
	check_rex();
	check_destination();
	check_random();
	return tap_end();
}
