/* SPDX-License-Identifier: GPL-2.0 */
/* 64-bit guests of clocks.c, which has the meaning of these numbers. */
#include "clocks.h"

	.section .rodata
	.code64

	.macro say value
	movl	$CLOCKS_PORT, %edx
	movb	$\value, %al
	outb	%al, %dx
	.endm

	/* rax: the time stamp counter, read after all preceding instructions. */
	.macro counter
	lfence
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	.endm

	/*
	 * The reading in rdi is the latest, unless there is a later one; clobbers
	 * rax.
	 */
	.macro latest where
	movq	\where, %rax
101:	cmpq	%rdi, %rax
	jae	102f
	lock cmpxchgq %rdi, \where
	jne	101b
102:
	.endm

	/*
	 * Reads the time stamp counter, and then the time, alternately from the MSR
	 * and from the page.  No reading may be earlier than the latest of any
	 * processor when it began.
	 */
	.globl code_clocks, code_clocks_end
code_clocks:
	movl	$CLOCKS_READINGS, %ebx
2:	movq	CLOCKS_COUNTER, %r12
	counter
	cmpq	%r12, %rax
	jb	8f
	movq	%rax, %rdi
	latest	CLOCKS_COUNTER
	movq	CLOCKS_LATEST, %r12
	testl	$1, %ebx
	jz	4f
3:	movl	CLOCKS_PAGE, %r8d
	testl	%r8d, %r8d
	jz	9f
	counter
	mulq	CLOCKS_PAGE + 8
	addq	CLOCKS_PAGE + 16, %rdx
	cmpl	CLOCKS_PAGE, %r8d
	jne	3b
	movq	%rdx, %rdi
	jmp	5f
4:	movl	$CLOCKS_MSR, %ecx
	rdmsr
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, %rdi
5:	cmpq	%r12, %rdi
	jb	8f
	latest	CLOCKS_LATEST
	decl	%ebx
	jnz	2b
	say	CLOCKS_FORWARDS
	hlt
8:	say	CLOCKS_BACKWARDS
	hlt
9:	say	CLOCKS_NO_PAGE
	hlt
code_clocks_end:

	.section .note.GNU-stack, "", @progbits
