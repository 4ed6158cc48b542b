/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all guests of mshvrun need, for the assembler: where a guest begins and
 * ends, and how it ends.
 */
#define SERIAL		0x3f8
#define SCRATCH		(SERIAL + 7)
#define SLEEP_CONTROL	0x600
#define CARRY		0x603
#define OFF		0x34		/* sleep enable, type 5 */

	.section .rodata
	.code64

	.macro guest name
	.globl code_\name, code_\name\()_end
	.balign 16
code_\name:
	.endm

	.macro done name
code_\name\()_end:
	.endm

	.macro put port, value
	movl	$\port, %edx
	movb	$\value, %al
	outb	%al, %dx
	.endm

	.macro off
	put	SLEEP_CONTROL, OFF
1:	hlt
	jmp	1b
	.endm
