// SPDX-License-Identifier: GPL-2.0
/*
 * Execution of instructions: what cannot be run on the processor (other modes,
 * failing accesses) is checked against tables; execute_native.c has the rest.
 */
#include "arena.h"
#include "tap.h"

static int execute(struct hv_insn_state *state, unsigned int mode,
		   const char *bytes, unsigned int count)
{
	struct hv_insn insn;
	int ret = hv_insn_decode(&insn, (const __u8 *)bytes, count, mode);

	return ret ? ret : hv_insn_execute(&insn, state, &bus);
}

#define EXECUTE(state, mode, bytes) \
	execute(state, HV_INSN_MODE_##mode, bytes, sizeof(bytes) - 1)

static __u64 copy_at(unsigned int offset, unsigned int size)
{
	__u64 value = 0;

	memcpy(&value, copy + offset, size);
	return value;
}

static void check_stack(void)
{
	struct hv_insn_state s = { .rip = 0x100, .stack_size = 4 };

	memset(copy, 0, ARENA);
	copy[8] = 0x5a;
	s.gpr[HV_INSN_RBX] = (__u64)native;
	s.gpr[HV_INSN_RSP] = (__u64)native + 0x100;
	tap_check(!EXECUTE(&s, 64, "\xff\x73\x08"), "push");
	tap_check(s.gpr[HV_INSN_RSP] == (__u64)native + 0xf8, "rsp");
	tap_check(copy_at(0xf8, 8) == 0x5a && s.rip == 0x103, "pushed");
	tap_check(!EXECUTE(&s, 64, "\x66\xff\x73\x08"), "push word");
	tap_check(s.gpr[HV_INSN_RSP] == (__u64)native + 0xf6, "rsp after word");
	s.gpr[HV_INSN_RSP] = (__u64)native + 0xf8;
	tap_check(!EXECUTE(&s, 64, "\x8f\x04\x24"), "pop to [rsp]");
	tap_check(s.gpr[HV_INSN_RSP] == (__u64)native + 0x100, "rsp after pop");
	tap_check(copy_at(0x100, 8) == 0x5a, "pop used rsp after increment");
	/* A pop that cannot write can be repeated. */
	s.gpr[HV_INSN_RBX] = 0;
	s.rip = 0x100;
	tap_check(EXECUTE(&s, 64, "\x8f\x03") == 99 && s.rip == 0x100 &&
		  s.gpr[HV_INSN_RSP] == (__u64)native + 0x100, "failing pop");

	s = (struct hv_insn_state){ .rip = 0x100, .stack_size = 2 };
	low_base = (__u64)native;
	s.gpr[HV_INSN_RSP] = 0xabcd0002;
	s.gpr[HV_INSN_RBX] = 8;
	s.segment_base[HV_INSN_SS] = 0x20;
	tap_check(!EXECUTE(&s, 32, "\x66\xff\x33"), "push with 16-bit stack");
	tap_check(s.gpr[HV_INSN_RSP] == 0xabcd0000 && copy_at(0x20, 2) == 0x5a,
		  "sp alone counts and changes");
	s.stack_size = 4;
	s.gpr[HV_INSN_RSP] = 0x40;
	tap_check(!EXECUTE(&s, 32, "\xff\x33") && copy_at(0x5c, 4) == 0x5a &&
		  s.gpr[HV_INSN_RSP] == 0x3c, "push with 32-bit stack");
	low_base = 0;
	tap_group("stack");
}

/* A bus that ends the repetition after some calls. */
static int go_on(void *left)
{
	return (*(int *)left)--;
}

static void check_patience(void)
{
	struct hv_insn_state s = { .rip = 0x100 };
	struct hv_insn_bus impatient = bus;
	struct hv_insn insn;
	int left = 3;

	impatient.go_on = go_on;
	impatient.opaque = &left;
	memset(copy, 0, ARENA);
	s.gpr[HV_INSN_RAX] = 0xaa;
	s.gpr[HV_INSN_RDI] = (__u64)native;
	s.gpr[HV_INSN_RCX] = 10;
	tap_check(!hv_insn_decode(&insn, (const __u8 *)"\xf3\xaa", 2, HV_INSN_MODE_64),
		  "decoded");
	tap_check(!hv_insn_execute(&insn, &s, &impatient), "first part");
	tap_check(s.rip == 0x100 && s.gpr[HV_INSN_RCX] == 6 && copy[3] && !copy[4],
		  "so many and the first");
	/* There is one element at least each time. */
	left = 0;
	tap_check(!hv_insn_execute(&insn, &s, &impatient) && s.gpr[HV_INSN_RCX] == 5,
		  "one");
	left = 5;
	tap_check(!hv_insn_execute(&insn, &s, &impatient) && s.rip == 0x102 &&
		  !s.gpr[HV_INSN_RCX] && left == 1, "the end is not asked for");
	tap_group("the bus ends a repetition");
}

static void check_repeat(void)
{
	struct hv_insn_state s = { .rip = 0x100 };

	/* 1000 bytes of stosb: two executions. */
	memset(copy, 0, ARENA);
	s.gpr[HV_INSN_RAX] = 0xaa;
	s.gpr[HV_INSN_RDI] = (__u64)native;
	s.gpr[HV_INSN_RCX] = 1000;
	tap_check(!EXECUTE(&s, 64, "\xf3\xaa"), "first part");
	tap_check(s.rip == 0x100 && s.gpr[HV_INSN_RCX] ==
		  1000 - HV_INSN_MAX_ITERATIONS, "rip stays");
	tap_check(!EXECUTE(&s, 64, "\xf3\xaa"), "second part");
	tap_check(s.rip == 0x102 && !s.gpr[HV_INSN_RCX] &&
		  s.gpr[HV_INSN_RDI] == (__u64)native + 1000, "end");
	tap_check(copy[999] == 0xaa && !copy[1000], "bytes");

	/* It runs out of the arena: what is done stays done. */
	s.rip = 0x100;
	s.gpr[HV_INSN_RDI] = (__u64)native + ARENA - 4;
	s.gpr[HV_INSN_RCX] = 10;
	tap_check(EXECUTE(&s, 64, "\xf3\xaa") == 99, "out of the arena");
	tap_check(s.rip == 0x100 && s.gpr[HV_INSN_RCX] == 6 &&
		  s.gpr[HV_INSN_RDI] == (__u64)native + ARENA, "can go on");

	s.gpr[HV_INSN_RCX] = 0;
	tap_check(!EXECUTE(&s, 64, "\xf3\xaa") && s.rip == 0x102,
		  "no iteration at all");
	tap_group("repeated strings");
}

/* Addresses of 16 and 32 bits: the arena is behind a segment base. */
static void check_other_modes(void)
{
	struct hv_insn_state s = { .rip = 0xfffffffe, .stack_size = 2 };
	struct hv_insn insn;

	memset(copy, 0, ARENA);
	hv_insn_decode(&insn, (const __u8 *)"\x67\xf3\xab", 3, HV_INSN_MODE_32);
	tap_check(insn.address_size == 2 && insn.operand_size == 4, "sizes");
	s.gpr[HV_INSN_RCX] = 0x10000;
	tap_check(!hv_insn_execute(&insn, &s, &bus) && s.rip == 1 &&
		  s.gpr[HV_INSN_RCX] == 0x10000, "cx is 0, ecx is not");

	s.gpr[HV_INSN_RSI] = 0x1ffff;
	s.segment_base[HV_INSN_DS] = 0xffff0000;
	hv_insn_decode(&insn, (const __u8 *)"\xac", 1, HV_INSN_MODE_16);
	tap_check(hv_insn_address(&insn, &s) == 0xffffffff, "16-bit address");
	hv_insn_decode(&insn, (const __u8 *)"\x67\xac", 2, HV_INSN_MODE_16);
	tap_check(hv_insn_address(&insn, &s) == 0xffff, "32-bit address wraps");
	hv_insn_decode(&insn, (const __u8 *)"\x8b\x42\xff", 3, HV_INSN_MODE_16);
	s.gpr[HV_INSN_RBP] = 0;
	s.gpr[HV_INSN_RSI] = 0;
	s.segment_base[HV_INSN_SS] = 0x10;
	tap_check(hv_insn_address(&insn, &s) == 0x1000f, "[bp+si-1] wraps");
	tap_group("other modes");
}

static void check_failures(void)
{
	struct hv_insn_state s = { .rip = 0x100 }, before;

	s.gpr[HV_INSN_RAX] = 0x1234;
	s.gpr[HV_INSN_RBX] = 8;
	before = s;
	tap_check(EXECUTE(&s, 64, "\x0f\xc1\x03") == 99, "xadd");
	tap_check(EXECUTE(&s, 64, "\x03\x03") == 99, "add");
	tap_check(EXECUTE(&s, 64, "\x89\x03") == 99, "mov");
	tap_check(EXECUTE(&s, 64, "\x0f\xb1\x03") == 99, "cmpxchg");
	tap_check(EXECUTE(&s, 64, "\x0f\xab\x03") == 99, "bts");
	tap_check(EXECUTE(&s, 64, "\xff\x33") == 99, "push");
	tap_check(EXECUTE(&s, 64, "\x8f\x03") == 99, "pop");
	tap_check(EXECUTE(&s, 64, "\xac") == 99, "lodsb");
	tap_check(EXECUTE(&s, 64, "\xae") == 99, "scasb");
	tap_check(EXECUTE(&s, 64, "\xf7\x33") == HV_INSN_UNSUPPORTED, "div");
	tap_check(EXECUTE(&s, 64, "\x0f\x28\x03") == HV_INSN_UNSUPPORTED,
		  "movaps");
	tap_check(EXECUTE(&s, 64, "\x89\xc3") == HV_INSN_UNSUPPORTED,
		  "registers only");
	tap_check(EXECUTE(&s, 64, "\x6c") == HV_INSN_UNSUPPORTED, "ins");
	tap_check(EXECUTE(&s, 64, "\x0f\x01\x3b") == HV_INSN_UNSUPPORTED,
		  "invlpg");
	tap_check(!memcmp(&s, &before, sizeof(s)), "nothing has changed");
	tap_check(!EXECUTE(&s, 64, "\x0f\xae\x3b") && s.rip == 0x103,
		  "clflush of a device is nothing");
	tap_group("failures");
}

static int refuse(void *opaque, __u64 address, unsigned int size, __u64 value)
{
	(void)opaque;
	(void)address;
	(void)size;
	(void)value;
	return 99;
}

/* The operand can be read, and then the result cannot be written. */
static void check_failing_writes(void)
{
	static const struct {
		const char *name;
		__u8 bytes[4];
		unsigned int count;
	} list[] = {
		{ "add", "\x01\x03", 2 },
		{ "xadd", "\x0f\xc1\x03", 3 },
		{ "xchg", "\x87\x03", 2 },
		{ "neg", "\xf7\x1b", 2 },
		{ "cmpxchg", "\x0f\xb1\x03", 3 },
		{ "bts", "\x0f\xab\x03", 3 },
		{ "push", "\xff\x33", 2 },
		{ "movs", "\xa4", 1 },
	};
	struct hv_insn_state s = { .rip = 0x100, .rflags = 2 }, before;
	struct hv_insn_bus read_only = bus;
	struct hv_insn insn;
	unsigned int i;

	read_only.write = refuse;
	/* Equal, as cmpxchg wants them; and other than 0, for the flags. */
	memset(copy, 0, ARENA);
	copy[0] = 0x5a;
	s.gpr[HV_INSN_RAX] = 0x5a;
	s.gpr[HV_INSN_RBX] = (__u64)native;
	s.gpr[HV_INSN_RSI] = (__u64)native;
	s.gpr[HV_INSN_RDI] = (__u64)native;
	s.gpr[HV_INSN_RSP] = (__u64)native + 0x100;
	before = s;
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		tap_check(!hv_insn_decode(&insn, list[i].bytes, list[i].count, HV_INSN_MODE_64) &&
			  hv_insn_execute(&insn, &s, &read_only) == 99, "%s", list[i].name);
		tap_check(!memcmp(&s, &before, sizeof(s)), "%s has changed", list[i].name);
		s = before;
	}
	tap_group("failing writes");
}

int main(void)
{
	check_stack();
	check_repeat();
	check_patience();
	check_other_modes();
	check_failures();
	check_failing_writes();
	return tap_end();
}
