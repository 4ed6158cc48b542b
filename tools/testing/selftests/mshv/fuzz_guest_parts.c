// SPDX-License-Identifier: GPL-2.0
/*
 * The parts of a step of a hostile guest, as bytes of code.
 */
#include "fuzz_guest_parts.h"

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 };

/* --- numbers -------------------------------------------------------------------------- */

__u64 odd_number(void)
{
	static const __u64 odd[] = {
		0, 1, 2, 3, 5, 7, 8, 0xf, 0x10, 0x20, 0xff, 0x100, 0xfff, 0x1000, 0xffff,
		0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffff,
		0x800000000000, 0x7fffffffffffffff, 0x8000000000000000,
		0xffff800000000000, 0xfffffffffffff000, 0xffffffffffffffff,
	};

	switch (BELOW(6)) {
	case 0:
		return rng_next(&rng);
	case 1:	/* features are single bits at the low end */
		return BELOW(1024);
	case 2:
		return 1ULL << BELOW(64) | BELOW(256);
	case 3:	/* a page of its own, and bits below it */
		return base + FG_DATA + BELOW(16) * PAGE + BELOW(4);
	default:
		return PICK(odd);
	}
}

/* An address to read and write. */
__u64 pointer(void)
{
	__u64 window = FG_WINDOW + BELOW(FG_WINDOW_PAGES) * PAGE;

	switch (BELOW(12)) {
	case 0:	/* across the end of a page */
	case 1:
	case 2:
		return window + PAGE - 1 - BELOW(20);
	case 3:
		return window + BELOW(PAGE);
	case 4:
		return FG_APIC + BELOW(0x40) * 0x10;
	case 5:
		return FG_DOORBELL + BELOW(4) * 8 + BELOW(4) * ONE_IN(4);
	case 6:
		return FG_HOLE + BELOW(PAGE);
	case 7:
		return ONE_IN(4) ? odd_number() : base + FG_DATA + BELOW(FG_DATA_SIZE);
	default:
		return (base + FG_DATA + BELOW(FG_DATA_SIZE)) & ~63ULL;
	}
}

static __u32 any_msr(void)
{
	static const struct {
		__u32 first, last;
	} ranges[] = {
		{ 0x00, 0x3f }, { 0x10, 0x10 }, { 0x1b, 0x1b }, { 0x3b, 0x3b },
		{ 0x48, 0x49 }, { 0x79, 0x8b }, { 0xc1, 0xcf }, { 0xe7, 0xe8 },
		{ 0xfe, 0x140 }, { 0x174, 0x19c }, { 0x1a0, 0x1a0 }, { 0x1c4, 0x1de },
		{ 0x200, 0x217 }, { 0x250, 0x26f }, { 0x277, 0x277 }, { 0x2ff, 0x2ff },
		{ 0x400, 0x480 }, { 0x6a0, 0x6ff }, { 0x800, 0x83f }, { 0x800, 0x83f },
		{ 0xd90, 0xda0 }, { 0x40000000, 0x40000003 }, { 0x40000010, 0x40000040 },
		{ 0x40000070, 0x40000073 }, { 0x40000080, 0x40000085 },
		{ 0x40000090, 0x4000009f }, { 0x400000b0, 0x400000b7 },
		{ 0x400000b0, 0x400000b7 }, { 0x400000c0, 0x400000f5 },
		{ 0x40000100, 0x40000118 }, { 0x40001000, 0x4000109f },
		{ 0xc0000080, 0xc0000084 }, { 0xc0000100, 0xc0000104 },
		{ 0xc0010000, 0xc0010064 }, { 0xc0010111, 0xc0010148 },
		{ 0xc0010200, 0xc001020b }, { 0xc0011020, 0xc001102c },
	};
	unsigned int i = BELOW(ARRAY_SIZE(ranges));

	if (ONE_IN(40))
		return odd_number();
	return ranges[i].first + BELOW(ranges[i].last - ranges[i].first + 1);
}

/* --- writing code ------------------------------------------------------------------------ */

void write_number(__u64 bytes, unsigned int nr)
{
	while (nr--) {
		*at++ = bytes;
		bytes >>= 8;
	}
}

/* Bytes in the order in which they are written here. */
void write_bytes(__u64 bytes, unsigned int nr)
{
	while (nr--)
		*at++ = bytes >> (8 * nr);
}

static void load(unsigned int reg, __u64 value)
{
	write_number(0x48 | (reg >= R8), 1);
	write_number(0xb8 | (reg & 7), 1);
	write_number(value, 8);
}

static void random_bytes(unsigned int nr)
{
	while (nr--)
		write_number(rng_next(&rng), 1);
}

/* An instruction that reads or writes [rsi], of any size, locked or repeated. */
static void access(void)
{
	static const struct {
		__u32 bytes;
		__u8 nr;
	} kinds[] = {
		{ 0x8a06, 2 },		{ 0x668b06, 3 },	{ 0x8b06, 2 },
		{ 0x488b06, 3 },	{ 0x8806, 2 },		{ 0x668906, 3 },
		{ 0x8906, 2 },		{ 0x488906, 3 },	{ 0xc60655, 3 },
		{ 0xf0ff06, 3 },	{ 0xf0480106, 4 },	{ 0x8706, 2 },
		{ 0x0fb606, 3 },	{ 0x480fbe06, 4 },	{ 0x480fc70e, 4 },
		{ 0x0f1006, 3 },	{ 0x0f1106, 3 },	{ 0x660f6f06, 4 },
		{ 0xdd1e, 2 },		{ 0x0fae06, 3 },	{ 0x0fae0e, 3 },
		{ 0x0fae26, 3 },	{ 0x0fae2e, 3 },	{ 0x0fc726, 3 },
		{ 0x0fc71e, 3 },	{ 0xf3a4, 2 },		{ 0xf348ab, 3 },
		{ 0xf3a7, 2 },		{ 0xff36, 2 },		{ 0x8f06, 2 },
		{ 0x0fba2e05, 4 },	{ 0x0fb136, 3 },	{ 0x0fc306, 3 },
		{ 0x0f1806, 3 },	{ 0x0fae3e, 3 },	{ 0xff16, 2 },
		{ 0x0f0106, 3 },	{ 0x0f010e, 3 },	{ 0x0f0136, 3 },
		{ 0x0f013e, 3 },
	};
	unsigned int i = BELOW(ARRAY_SIZE(kinds));

	if (kinds[i].bytes >> 8 == 0xf3 || kinds[i].bytes >> 16 == 0xf3)
		load(RCX, ONE_IN(8) ? odd_number() : BELOW(40));
	write_bytes(kinds[i].bytes, kinds[i].nr);
}

/* --- the parts of a step -------------------------------------------------------------------- */

static void part_msr(void)
{
	__u32 msr = any_msr();

	load(RCX, msr);
	switch (BELOW(3)) {
	case 0:
		write_bytes(0x0f32, 2);
		break;
	case 1:	/* another bit */
		write_bytes(0x0f32, 2);
		write_bytes(0x0fbbf8 | BELOW(2) << 1, 3);	/* btc eax or edx, edi */
		write_bytes(0x0f30, 2);
		break;
	default:
		load(RAX, odd_number());
		load(RDX, ONE_IN(2) ? 0 : odd_number());
		write_bytes(0x0f30, 2);
	}
}

/*
 * CR0.PE stays: in real mode QEMU 10 crashes when it translates MOV to segment register
 * 6 or 7, which are a processor's #UD, and what is executed there is mostly data.
 */
static void part_control(void)
{
	static const __u8 numbers[] = { 0, 0, 2, 3, 4, 4, 8, 8, 1, 15 };
	__u8 reg = PICK(numbers), rex = 0x48 | (reg >> 3) << 2;

	switch (BELOW(6)) {
	case 0:	/* clts; smsw, lmsw */
		write_bytes(0x0f06, 2);
		write_bytes(0x0f01e0 | BELOW(2) << 4, 3);
		return;
	case 1:	/* CR8 in its other way */
		load(RAX, BELOW(18));
		write_bytes(0xf00f22c0, 4);
		return;
	case 2:
		load(RAX, reg == 8 ? BELOW(18) : odd_number());
		break;
	default:
		write_bytes((__u64)rex << 24 | 0x0f20c0 | (reg & 7) << 3, 4);
		write_bytes(0x480fbaf8, 4);		/* btc rax, a bit */
		write_number(BELOW(ONE_IN(4) ? 64 : 32), 1);
	}
	if (!reg)
		write_bytes(0x0c01, 2);			/* or al, 1 */
	write_bytes((__u64)rex << 24 | 0x0f22c0 | (reg & 7) << 3, 4);
	if (ONE_IN(2))
		access();
}

static void part_debug(void)
{
	unsigned int reg = BELOW(8);

	load(RAX, reg < 4 ? pointer() : odd_number());
	write_bytes(0x0f23c0 | reg << 3, 3);
	if (ONE_IN(2)) {
		load(RAX, 0x400 | BELOW(0x10000) << 16 | BELOW(256) | BELOW(2) << 13);
		write_bytes(0x0f23f8, 3);
		access();
	}
	write_bytes(0x0f21c0 | BELOW(8) << 3, 3);
}

static void part_xsetbv(void)
{
	load(RCX, ONE_IN(8) ? odd_number() : 0);
	load(RAX, ONE_IN(4) ? odd_number() : BELOW(1024) | 1);
	load(RDX, ONE_IN(8) ? odd_number() : 0);
	write_bytes(0x0f01d1, 3);
	write_bytes(0x0f01d0, 3);
	if (ONE_IN(2)) {
		load(RAX, ~0ULL);
		load(RDX, ~0ULL);
		write_bytes(ONE_IN(2) ? 0x0fae26 : 0x0fae2e, 3);	/* xsave, xrstor [rsi] */
	}
}

static void part_odd(void)
{
	static const struct {
		__u32 bytes;
		__u8 nr;
	} kinds[] = {
		{ 0x0f01d8, 3 }, { 0x0f01d9, 3 }, { 0x0f01da, 3 }, { 0x0f01db, 3 },
		{ 0x0f01dc, 3 }, { 0x0f01dd, 3 }, { 0x0f01de, 3 }, { 0x0f01df, 3 },
		{ 0x0f01c1, 3 }, { 0x0f01c2, 3 }, { 0x0f01c8, 3 }, { 0x0f01c9, 3 },
		{ 0x0f01ca, 3 }, { 0x0f01cb, 3 }, { 0x0f01f8, 3 }, { 0x0f01f9, 3 },
		{ 0x0f01fa, 3 }, { 0x0f01fc, 3 }, { 0x0f01fd, 3 }, { 0x0f01ee, 3 },
		{ 0x0f01ef, 3 }, { 0x0f0b, 2 }, { 0x0fb9c0, 3 }, { 0x0f08, 2 },
		{ 0x0f09, 2 }, { 0x0f33, 2 }, { 0x0f31, 2 }, { 0x0faa, 2 }, { 0x0f37, 2 },
		{ 0x0fc7f0, 3 }, { 0x0fc7f8, 3 }, { 0x0f05, 2 }, { 0x0f07, 2 },
		{ 0x0f34, 2 }, { 0x0f35, 2 }, { 0xf390, 2 }, { 0x0f013e, 3 },
		{ 0x660f3882, 4 }, { 0x0f00d0, 3 }, { 0x0f00c0, 3 },
		{ 0x0f00e0, 3 }, { 0x8ed0, 2 }, { 0x8ed8, 2 }, { 0x8ee0, 2 }, { 0xcc, 1 },
		{ 0xf1, 1 }, { 0xce, 1 }, { 0x48cf, 2 }, { 0x48cb, 2 }, { 0x9d, 1 },
		{ 0xfb, 1 }, { 0xfa, 1 }, { 0x0f02c1, 3 }, { 0x0f03c1, 3 }, { 0x0f01e0, 3 },
		{ 0xf30fc7f8, 4 }, { 0xf30fae00, 4 }, { 0xf30fae18, 4 }, { 0x9b, 1 },
		{ 0xf30f1e, 3 }, { 0x0f77, 2 }, { 0xdbe3, 2 }, { 0xd9e8, 2 },
	};
	unsigned int i = BELOW(ARRAY_SIZE(kinds));

	if (ONE_IN(3))
		load(RAX, ONE_IN(2) ? pointer() : odd_number());
	if (ONE_IN(6)) {
		write_bytes(0xcd, 1);			/* int n */
		write_number(BELOW(256), 1);
		return;
	}
	if (kinds[i].bytes == 0x9d)
		write_bytes(0x68, 1), write_number(BELOW(1 << 22), 4);	/* popf of anything */
	write_bytes(kinds[i].bytes, kinds[i].nr);
	if (ONE_IN(8))
		write_bytes(0xf4, 1);			/* hlt */
}

/* A page of the window gets another address or other rights. */
static void part_tables(void)
{
	__u64 *pt = (__u64 *)(base + FG_TABLES + 7 * PAGE), *entry;
	__u64 *pd = pt - 512;

	entry = ONE_IN(8) ? &pd[0] : &pt[BELOW(FG_WINDOW_PAGES)];
	load(RBX, (__u64)entry);
	load(RSI, FG_WINDOW + BELOW(FG_WINDOW_PAGES) * PAGE + BELOW(PAGE));
	if (ONE_IN(2)) {
		write_bytes(0x480fba3b, 4);		/* btc [rbx], a bit */
		write_number(BELOW(64), 1);
	} else {
		load(RAX, (odd_number() & ~(PAGE - 1)) | BELOW(PAGE));
		write_bytes(0x488903, 3);
	}
	if (ONE_IN(2))
		write_bytes(0x0f013e, 3);		/* invlpg [rsi] */
	access();
}

static void part_apic(void)
{
	static const __u32 low[] = { 0x500, 0x600, 0x4400, 0x4500, 0x8500, 0x4000, 0xc500 };
	__u32 vector = BELOW(256);

	switch (BELOW(4)) {
	case 0:	/* xAPIC: any register, any access */
		load(RSI, FG_APIC + BELOW(0x40) * 0x10 + (ONE_IN(8) ? BELOW(16) : 0));
		load(RAX, odd_number());
		access();
		return;
	case 1:	/* ICR, by memory */
		load(RSI, FG_APIC + 0x300);
		load(RAX, PICK(low) | BELOW(4) << 18 | vector);
		write_bytes(0x8906, 2);
		return;
	case 2:	/* another mode, or place */
		load(RCX, 0x1b);
		write_bytes(0x0f32, 2);
		write_bytes(0x0fbaf8, 3);
		write_number(8 + BELOW(ONE_IN(4) ? 24 : 4), 1);
		write_bytes(0x0f30, 2);
		return;
	default:
		load(RCX, 0x800 + BELOW(0x40));
		load(RAX, ONE_IN(2) ? odd_number() : PICK(low) | BELOW(4) << 18 | vector);
		load(RDX, ONE_IN(4) ? odd_number() : BELOW(3));
		write_bytes(0x0f30, 2);
	}
}

static void part_hypercall(void)
{
	static const __u16 codes[] = {
		0x02, 0x03, 0x08, 0x0b, 0x13, 0x14, 0x15, 0x46, 0x50, 0x51, 0x52, 0x5c,
		0x5d, 0x99, 0x9a, 0xac, 0xaf, 0xb0, 0x106, 0x107, 0x8001, 0x8002,
	};
	__u64 control = ONE_IN(4) ? BELOW(0x140) : PICK(codes), input, word;
	__u64 *data = (__u64 *)(base + FG_DATA);
	unsigned int i;

	if (ONE_IN(2))
		control |= 1 << 16;
	if (ONE_IN(4))
		control |= BELOW(4) << 17;
	if (ONE_IN(2))
		control |= BELOW(ONE_IN(4) ? 4096 : 8) << 32;
	if (ONE_IN(8))
		control |= BELOW(ONE_IN(4) ? 4096 : 8) << 48;
	if (ONE_IN(16))
		control ^= 1ULL << BELOW(64);
	for (i = 0; i < 24; i++) {
		word = ONE_IN(3) ? odd_number() : BELOW(4);
		data[i] = ONE_IN(6) ? ~0ULL : word | (ONE_IN(4) ? BELOW(4) << 32 : 0);
	}
	input = ONE_IN(6) ? odd_number() : base + FG_DATA;
	load(RCX, control);
	load(RDX, input);
	load(R8, ONE_IN(4) ? odd_number() : base + FG_DATA + PAGE * BELOW(4));
	write_bytes(0x0f01d9, 3);
}

static void part_port(void)
{
	static const __u16 kinds[] = { 0xec, 0x66ed, 0xed, 0xee, 0x66ef, 0xef };
	static const __u16 strings[] = { 0x6c, 0x6d, 0x6e, 0x6f, 0x666d, 0x666f };
	__u16 kind;

	load(RDX, ONE_IN(2) ? FG_DOORBELL_PORT + BELOW(8) : odd_number() & 0xffff);
	load(RAX, ONE_IN(2) ? BELOW(4) : odd_number());
	if (ONE_IN(3)) {
		load(RCX, ONE_IN(8) ? odd_number() : BELOW(20));
		if (ONE_IN(2))
			write_bytes(0xf3, 1);
		kind = PICK(strings);
	} else {
		kind = PICK(kinds);
	}
	write_bytes(kind, kind > 0xff ? 2 : 1);
}

static void part_doorbell(void)
{
	load(RSI, FG_DOORBELL + BELOW(4) * 8 + (ONE_IN(8) ? BELOW(8) : 0));
	load(RDI, FG_DOORBELL + BELOW(4) * 8);
	load(RAX, BELOW(4));
	access();
}

static void part_cpuid(void)
{
	static const __u32 leaves[] = { 0, 0x40000000, 0x80000000 };

	load(RAX, ONE_IN(8) ? odd_number() : PICK(leaves) + BELOW(0x20));
	load(RCX, ONE_IN(4) ? odd_number() : BELOW(8));
	write_bytes(0x0fa2, 2);
}

/* A timer, and sleep until it comes. */
static void part_sleep(void)
{
	load(RCX, 0x40000000 + 0xb1);
	load(RAX, 1 + BELOW(1000));
	load(RDX, 0);
	write_bytes(0x0f30, 2);
	load(RCX, 0x40000000 + 0xb0);
	load(RAX, 0x1003 + (0x20 + BELOW(0xd0)) * 16);
	write_bytes(0x0f30, 2);
	write_bytes(0xfbf4, 2);
}

/* Any bytes, and 32-bit code. */
static void part_bytes(void)
{
	__u32 there;

	if (ONE_IN(2)) {
		random_bytes(1 + BELOW(15));
		return;
	}
	there = (__u32)(__u64)at + 12;
	write_bytes(0x68, 1);
	write_number(FG_CODE32, 4);
	write_bytes(0x68, 1);
	write_number(there, 4);
	write_bytes(0x48cb, 2);			/* far return */
	if (ONE_IN(2))
		access();
	random_bytes(BELOW(12));
	write_bytes(0xea, 1);				/* and back */
	write_number((__u32)(__u64)at + 6, 4);
	write_number(FG_CODE64, 2);
}

/*
 * What no step has, because it ends QEMU 10: MOV to a segment register with REX.R, which
 * a processor ignores, or with number 6 or 7, which is #UD, and LTR, which accepts a null
 * selector.
 */
void spare_emulator(__u8 *from)
{
	write_bytes(0x9090, 2);		/* it looks at three bytes */
	for (; from < at - 2; from++) {
		if ((from[0] & 0xf4) == 0x44 && from[1] == 0x8e)
			from[1] = 0x90;
		if (from[0] == 0x8e && (from[1] & 0x30) == 0x30)
			from[1] ^= 0x10;			/* fs, gs */
		if (from[0] == 0x0f && !from[1] && (from[2] & 0x38) == 0x18)
			from[2] ^= 0x08;			/* lldt */
	}
}

void write_part(void)
{
	if (ONE_IN(2))
		load(RSI, pointer());
	if (ONE_IN(4))
		load(RDI, pointer());
	switch (BELOW(20)) {
	case 0 ... 3:
		part_msr();
		break;
	case 4:
	case 5:
		part_control();
		break;
	case 6:
		part_debug();
		break;
	case 7:
		part_xsetbv();
		break;
	case 8:
	case 9:
		part_odd();
		break;
	case 10:
		access();
		break;
	case 11:
		part_tables();
		break;
	case 12:
	case 13:
		part_apic();
		break;
	case 14:
	case 15:
		part_hypercall();
		break;
	case 16:
		part_port();
		break;
	case 17:
		part_doorbell();
		break;
	case 18:
		part_bytes();
		break;
	default:
		if (ONE_IN(4))
			part_sleep();
		else
			part_cpuid();
	}
}
