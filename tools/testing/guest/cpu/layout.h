/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses and selectors, for C and assembly. */
#ifndef _GUEST_CPU_LAYOUT_H
#define _GUEST_CPU_LAYOUT_H

#define SECTOR_AT	0x7c00		/* where a BIOS puts a boot sector */
#define TRAMPOLINE	0x8000		/* where other processors begin */
#define BASE		0x200000	/* of the program */
#define MEMORY		0x200000	/* that it has */

#define STACK_SIZE	4096		/* of each other processor */

#define SEL_CODE	0x08
#define SEL_DATA	0x10
/* Of the cases about tasks. */
#define SEL_MAIN	0x18		/* the task that everything else runs in */
#define SEL_TASK	0x20
#define SEL_CATCH	0x28
#define SEL_GATE	0x30		/* a task gate to SEL_TASK */
#define SEL_ABSENT	0x38		/* SEL_TASK's, not present */
#define SEL_SHORT	0x40		/* SEL_TASK's, one byte short */
#define SEL_NO_DATA	0x48		/* a data segment that is not present */
#define SEL_WRONG	0x50		/* catches the other exceptions */
#define SEL_LDT		0x58
#define SEL_CONFORMING	0x60		/* readable code */
#define SEL_USER	0x68		/* data for ring 3 */
#define SEL_FRESH	0x70		/* data, not accessed */
#define SEL_EXECUTE	0x78		/* code that cannot be read */
#define SEL_LOCAL	0x0c		/* data, in the LDT */
#define SEL_BEYOND	0x1f0		/* beyond the table */
#define INT_TASK	0x22

#define GDT_CODE	0x00cf9b000000ffff
#define GDT_DATA	0x00cf93000000ffff

#endif
