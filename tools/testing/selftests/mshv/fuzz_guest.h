/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What fuzz_guest.c and the guest that it runs (fuzz_guest_main.c) agree on.
 *
 * Model: each processor has a copy of everything in a region of its own: the program,
 * which runs wherever it is put, its tables, stacks and data.  A step is a few random
 * instructions that the program writes down and jumps to.  All of it follows from the
 * seed, the processor and the step's number alone, so that a step is the same whatever
 * became of those before it.  When one ends in an exception the program puts its own
 * registers right and goes on; when the guest can do nothing any more the VMM makes the
 * region anew and starts it with the next step.
 */
#ifndef _MSHV_FUZZ_GUEST_H
#define _MSHV_FUZZ_GUEST_H

#define FG_REGION	0x100000	/* of a processor, at (1 + index) * FG_REGION */
#define FG_MEMORY	0x400000	/* of the guest */

/* In a region: */
#define FG_IMAGE	0x00000
#define FG_MAILBOX	0x10000		/* struct fg */
#define FG_IDT		0x18000
#define FG_GDT		0x19000
#define FG_TSS		0x19800
#define FG_TABLES	0x20000		/* PML4, PDPT, 4 PDs; PD and PT of the window */
#define FG_ANEW		0x30000		/* so much is made anew */
#define FG_CODE		0x40000		/* what a step executes */
#define FG_DATA		0x60000		/* what it reads and writes */
#define FG_DATA_SIZE	0x20000
#define FG_STACK	0xa0000		/* its stack's end */
#define FG_CALLS	0xb0000		/* the program's stack's end */
#define FG_EXCEPTIONS	0xc0000		/* the end of the handlers' stack */

/* Of 4 KiB pages, each of another kind: pages and what is behind them. */
#define FG_WINDOW	0x140000000
#define FG_WINDOW_PAGES	16
#define FG_HOLE		0x30000000	/* no memory */
#define FG_DOORBELL	0x40000000	/* writes here are events */
#define FG_DOORBELL_PORT 0x510
#define FG_APIC		0xfee00000

/* Where the program says that its steps are done. */
#define FG_DONE_PORT	0x3f8
/* Where it stops before each step, if it is to tell them. */
#define FG_TELL_PORT	0x3f9

#define FG_CODE64	0x10
#define FG_DATA64	0x18
#define FG_CODE32	0x20
#define FG_TASK		0x30
#define FG_GDT_LIMIT	0x3f

/* Offsets in struct fg, for the assembler. */
#define FG_GPRS		0
#define FG_RSP		128
#define FG_TARGET	136
#define FG_COUNTS	144
#define FG_INTERRUPTS	272

#define FG_VECTORS	32
#define FG_TEXT		48

#ifndef __ASSEMBLER__

#include <linux/types.h>

/**
 * struct fg - what a processor and the VMM tell each other
 * @gpr: what a step begins with, in the processor's order
 * @rsp: the program's own stack pointer, while a step runs
 * @target: where a step begins
 * @exceptions: so many were caught, by vector
 * @interrupts: so many were taken
 * @seed: the round's
 * @vp: which processor this is
 * @first: the next step
 * @count: how many from there
 * @step: the present one
 * @done: all are
 * @tell: stop before each step
 * @cr0: what the program needs
 * @cr3: likewise
 * @cr4: likewise
 * @efer: likewise
 * @length: of @code
 * @code: the first bytes of the present step
 */
struct fg {
	__u64 gpr[16];
	__u64 rsp, target;
	__u32 exceptions[FG_VECTORS];
	__u32 interrupts, done;
	__u64 seed;
	__u32 vp, first, count, step;
	__u64 cr0, cr3, cr4, efer;
	__u32 tell, length;
	__u8 code[FG_TEXT];
};

/* The program, as it is linked. */
extern const __u8 fuzz_guest_image[], fuzz_guest_image_end[];

_Static_assert(__builtin_offsetof(struct fg, rsp) == FG_RSP &&
	       __builtin_offsetof(struct fg, target) == FG_TARGET &&
	       __builtin_offsetof(struct fg, exceptions) == FG_COUNTS &&
	       __builtin_offsetof(struct fg, interrupts) == FG_INTERRUPTS,
	       "the assembler knows where they are");

#endif
#endif
