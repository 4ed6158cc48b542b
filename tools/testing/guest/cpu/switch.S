/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Code that runs in tasks of its own, see task.c.
 *
 * Model: a task records what it finds and leaves, at the same place each time.
 * When it is switched to again it continues behind that place, which is why a jump
 * to its beginning follows.
 */
#include "layout.h"

	.text
	/* The stack pointer, what it points to, flags and the task register, at the beginning. */
	.macro	note
	movl	%esp, seen_esp
	movl	(%esp), %eax
	movl	%eax, seen_top
	pushfl
	popl	seen_eflags
	xorl	%eax, %eax
	str	%ax
	movl	%eax, seen_tr
	movl	%cr0, %eax
	movl	%eax, seen_cr0
	movl	%db7, %eax
	movl	%eax, seen_dr7
	call	task_seen
	.endm

	.globl	task_begin, task_leave
task_begin:
	note
	movl	$task_stack_top, %esp
task_leave:
	iretl
	jmp	task_begin

	/* Entered by JMP, left so. */
	.globl	jump_begin
jump_begin:
	note
	movl	$task_stack_top, %esp
	ljmp	$SEL_MAIN, $0
	jmp	jump_begin

	/* For what went wrong in a switch, and for exceptions. */
	.globl	catch_begin
catch_begin:
	note
	call	task_caught
	movl	$catch_stack_top, %esp
	ljmp	$SEL_MAIN, $0
	jmp	catch_begin

	/* void far_call_SELECTOR(void), and jumps; the registers are preserved. */
	.macro	far name, instruction:vararg
	.globl	\name
\name:
	pushal
	\instruction
	popal
	ret
	.endm
	far	call_task, lcall $SEL_TASK, $0
	far	call_gate, lcall $SEL_GATE, $0
	far	call_absent, lcall $SEL_ABSENT, $0
	far	call_short, lcall $SEL_SHORT, $0
	far	jump_task, ljmp $SEL_TASK, $0
	far	int_task, int $INT_TASK

	/* IRET with NT: to the task that the link of the current one names. */
	.globl	iret_nested, behind_iret_nested
iret_nested:
	pushal
	pushfl
	orl	$0x4000, (%esp)
	popfl
	iretl
behind_iret_nested:
	popal
	ret

	/* Returns where the exception's handler sends it. */
	.globl	bad_selector, behind_bad_selector
bad_selector:
	pushal
	movl	$SEL_BEYOND, %eax
	movw	%ax, %fs
behind_bad_selector:
	popal
	ret

	.data
	.globl	seen_esp, seen_top, seen_eflags, seen_tr, seen_cr0, seen_dr7
seen_esp:	.long 0
seen_top:	.long 0
seen_eflags:	.long 0
seen_tr:	.long 0
seen_cr0:	.long 0
seen_dr7:	.long 0

	.bss
	.balign	16
	.space	4096
	.globl	task_stack_top, catch_stack_top
task_stack_top:
	.space	16
	.space	4096
catch_stack_top:
	.space	16

	.section .note.GNU-stack, "", @progbits
