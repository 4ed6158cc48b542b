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

	/*
	 * Reads the time by turns from the MSR and from the page.  No reading may be
	 * before the latest that any processor had made when it began.
	 */
	.globl code_clocks, code_clocks_end
code_clocks:
	movl	$CLOCKS_READINGS, %ebx
2:	movq	CLOCKS_LATEST, %r12
	testl	$1, %ebx
	jz	4f
3:	movl	CLOCKS_PAGE, %r8d
	testl	%r8d, %r8d
	jz	9f
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
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
	movq	CLOCKS_LATEST, %rax
6:	cmpq	%rdi, %rax
	jae	7f
	lock cmpxchgq %rdi, CLOCKS_LATEST
	jne	6b
7:	decl	%ebx
	jnz	2b
	say	CLOCKS_FORWARDS
	hlt
8:	say	CLOCKS_BACKWARDS
	hlt
9:	say	CLOCKS_NO_PAGE
	hlt
code_clocks_end:

	.section .note.GNU-stack, "", @progbits
