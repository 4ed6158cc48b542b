// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile guest: the program that runs in it.  fuzz_guest.h has the model.
 *
 * Everything here is relative to RIP and nothing is called through a pointer, so
 * that the program is position independent.  It uses general registers only.
 */
#include <stdbool.h>

#include "fuzz_guest_parts.h"

#define PARTS_MAX	4	/* of a step */
#define CODE_MAX	200
#define MSR_EFER	0xc0000080
#define MSR_OS_ID	0x40000000
#define OS_ID		0x8100000000000000ULL
#define STEPS_MAX	0x100000000ULL
#define TSS_IST1	0x24
#define FRAME		0x000ffffffffff000ULL
#define LARGE		0x80
#define GATE_IST1	0x8e0100000000ULL

struct rng rng;
__u8 *at;
__u64 base;

static struct fg *g;

/* --- this processor ---------------------------------------------------------------- */

static inline __u64 rdmsr(__u32 msr)
{
	__u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (__u64)high << 32 | low;
}

static inline void wrmsr(__u32 msr, __u64 value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((__u32)value), "d"((__u32)(value >> 32)));
}

#define READ_CR(n) ({							\
	__u64 value_;							\
									\
	__asm__ volatile("mov %%cr" #n ", %0" : "=r"(value_));		\
	value_;								\
})

#define WRITE_CR(n, value)						\
	__asm__ volatile("mov %0, %%cr" #n : : "r"((__u64)(value)) : "memory")

struct table {
	__u16 limit;
	__u64 base;
} __packed;

/* Restore what the program depends on. */
static void restore(void)
{
	const struct table gdt = { FG_GDT_LIMIT, base + FG_GDT };
	const struct table idt = { PAGE - 1, base + FG_IDT };
	__u8 *busy = (__u8 *)(base + FG_GDT + FG_TASK + 5);

	__asm__ volatile("mov %0, %%dr7" : : "r"(0x400ULL));
	__asm__ volatile("lgdt %0; lidt %1" : : "m"(gdt), "m"(idt));
	__asm__ volatile("push %0; popfq" : : "r"(2ULL) : "memory", "cc");
	if (READ_CR(0) != g->cr0)
		WRITE_CR(0, g->cr0);
	if (READ_CR(4) != g->cr4)
		WRITE_CR(4, g->cr4);
	WRITE_CR(3, g->cr3);
	if (rdmsr(MSR_EFER) != g->efer)
		wrmsr(MSR_EFER, g->efer);
	*busy = 0x89;
	__asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%ss; ltr %1"
			 : : "r"(FG_DATA64), "r"((__u16)FG_TASK));
	if (ONE_IN(4))
		WRITE_CR(8, 0);
}

/*
 * Is the window's beginning where it was?  QEMU 10 hangs if code is in one of the page
 * tables that it is fetched through: it locks the page while it translates the code, and
 * again to set an accessed bit there.
 */
static bool window_is_right(void)
{
	__u64 *pt = (__u64 *)(base + FG_TABLES + 7 * PAGE), *pd = pt - 512;

	return (pd[0] & FRAME) == (__u64)pt && !(pd[0] & LARGE) &&
	       (pt[0] & FRAME) == base + FG_DATA;
}

/*
 * Where the code is: on its page, or across the end of one, before another kind of
 * page.
 */
static __u64 placed(unsigned int length)
{
	__u8 *from = (__u8 *)(base + FG_CODE), *to;
	unsigned int i, over;

	if (!ONE_IN(8))
		return (__u64)from;
	over = BELOW(length + 1);
	to = (__u8 *)(base + FG_DATA + PAGE - length + over);
	for (i = 0; i < length; i++)
		to[i] = from[i];
	if (ONE_IN(2) || !window_is_right())
		return (__u64)to;
	return FG_WINDOW + PAGE - length + over;
}

static void step(__u32 number)
{
	unsigned int parts = 1 + BELOW(PARTS_MAX), i;
	__u8 *from = (__u8 *)(base + FG_CODE);

	at = from;
	for (i = 0; i < 16; i++)
		g->gpr[i] = ONE_IN(2) ? pointer() : odd_number();
	for (i = 0; i < parts && at < from + CODE_MAX; i++)
		write_part();
	spare_emulator(from);
	write_bytes(0xff2500000000, 6);		/* jmp to the address behind it */
	write_number((__u64)fg_back, 8);
	g->length = at - from;
	for (i = 0; i < FG_TEXT; i++)
		g->code[i] = i < g->length ? from[i] : 0;
	g->step = number;
	if (g->tell)
		__asm__ volatile("outb %%al, %w0" : : "d"(FG_TELL_PORT), "a"(0) : "memory");
	fg_run(g, placed(g->length));
	restore();
}

static void make_tables(void)
{
	__u64 *gdt = (__u64 *)(base + FG_GDT), *idt = (__u64 *)(base + FG_IDT);
	__u64 tss = base + FG_TSS, handler;
	unsigned int i;

	gdt[FG_CODE64 / 8] = 0x00af9b000000ffff;
	gdt[FG_DATA64 / 8] = 0x00cf93000000ffff;
	gdt[FG_CODE32 / 8] = 0x00cf9b000000ffff;
	gdt[FG_TASK / 8] = 0x0000890000000067 | tss << 16;
	gdt[FG_TASK / 8 + 1] = 0;
	*(__u64 *)(tss + TSS_IST1) = base + FG_EXCEPTIONS;
	for (i = 0; i < 256; i++) {
		handler = (__u64)fg_handlers + 16 * i;
		idt[2 * i] = (handler & 0xffff) | FG_CODE64 << 16 | GATE_IST1 |
			     (handler >> 16 & 0xffff) << 48;
		idt[2 * i + 1] = 0;
	}
}

void fg_main(struct fg *fg)
{
	g = fg;
	base = (__u64)start;
	make_tables();
	restore();
	wrmsr(MSR_OS_ID, OS_ID);
	for (;;) {
		while (g->count) {
			rng.state = (g->seed * 2 + g->vp) * STEPS_MAX + g->first;
			g->count--;
			step(g->first++);
		}
		g->done = 1;
		__asm__ volatile("outb %%al, %w0"
				 : : "d"(FG_DONE_PORT), "a"(0) : "memory");
	}
}
