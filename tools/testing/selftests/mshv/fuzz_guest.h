/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Definitions for fuzz_guest.c and its guest (fuzz_guest_main.c).
 *
 * Model: each processor has a copy of everything in a region of its own: the
 * program, which is position independent, its tables, stacks and data.  A step is a
 * few random instructions that the program generates and jumps to.  They are
 * determined by the seed, the processor and the step's number alone, so that a step
 * is the same whatever happened before it.  When one ends in an exception the
 * program restores its own registers and continues; when the guest cannot continue,
 * the VMM rebuilds the region and restarts it with the next step.
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
#define FG_ANEW		0x30000		/* the part that is rebuilt */
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

/* The program writes here when its steps are done. */
#define FG_DONE_PORT	0x3f8
/* It stops here before each step, if it is to report them. */
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
 * struct fg - mailbox of a processor and the VMM
 * @gpr: initial registers of a step, in the processor's order
 * @rsp: the program's own stack pointer, while a step runs
 * @target: address of a step
 * @exceptions: exceptions caught, by vector
 * @interrupts: interrupts taken
 * @seed: the round's
 * @vp: index of this processor
 * @first: the next step
 * @count: number of steps from there
 * @step: current step
 * @done: all steps are done
 * @tell: stop before each step
 * @cr0: value that the program needs
 * @cr3: likewise
 * @cr4: likewise
 * @efer: likewise
 * @length: length of @code
 * @code: the first bytes of the current step
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
