/* SPDX-License-Identifier: GPL-2.0 */
/* Entries of exceptions and interrupts, and code of cases; trap.c has the rest. */

	.macro	stub vector, error
	.if	!\error
	pushl	$0
	.endif
	pushl	$\vector
	jmp	common
	.balign	16
	.endm

	.text
	.globl	stubs
	.balign	16
stubs:
	.set	vector, 0
	.rept	48
	.if	vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21
	stub	vector, 1
	.else
	stub	vector, 0
	.endif
	.set	vector, vector + 1
	.endr

common:
	pushal
	pushl	%esp
	call	trap_entry
	addl	$4, %esp
	popal
	addl	$8, %esp
	iretl

	/* A pending interrupt comes after the instruction that follows STI. */
	.globl	shadow_sti, behind_sti, shadow_sti_hlt, behind_sti_hlt
shadow_sti:
	sti
	nop
behind_sti:
	nop
	cli
	ret

shadow_sti_hlt:
	sti
	hlt
behind_sti_hlt:
	cli
	ret

	.section .note.GNU-stack, "", @progbits
