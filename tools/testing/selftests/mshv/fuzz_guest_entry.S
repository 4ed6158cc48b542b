/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entry of fuzz_guest.c's guest, and how it enters and leaves a step.  Everything
 * is relative to RIP: the program does not know its address.
 */
#include "fuzz_guest.h"

	.section .text.entry, "ax"
	.code64
	.globl start
start:
	leaq	start + FG_CALLS(%rip), %rsp
	leaq	start + FG_MAILBOX(%rip), %rdi
	call	fg_main
1:	hlt
	jmp	1b

/* void fg_run(struct fg *fg, u64 code) */
	.globl fg_run
fg_run:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, FG_RSP(%rdi)
	movq	%rsi, FG_TARGET(%rdi)
	movq	FG_GPRS + 0 * 8(%rdi), %rax
	movq	FG_GPRS + 1 * 8(%rdi), %rcx
	movq	FG_GPRS + 2 * 8(%rdi), %rdx
	movq	FG_GPRS + 3 * 8(%rdi), %rbx
	movq	FG_GPRS + 5 * 8(%rdi), %rbp
	movq	FG_GPRS + 6 * 8(%rdi), %rsi
	movq	FG_GPRS + 8 * 8(%rdi), %r8
	movq	FG_GPRS + 9 * 8(%rdi), %r9
	movq	FG_GPRS + 10 * 8(%rdi), %r10
	movq	FG_GPRS + 11 * 8(%rdi), %r11
	movq	FG_GPRS + 12 * 8(%rdi), %r12
	movq	FG_GPRS + 13 * 8(%rdi), %r13
	movq	FG_GPRS + 14 * 8(%rdi), %r14
	movq	FG_GPRS + 15 * 8(%rdi), %r15
	movq	FG_GPRS + 7 * 8(%rdi), %rdi
	leaq	start + FG_STACK(%rip), %rsp
	jmp	*start + FG_MAILBOX + FG_TARGET(%rip)

/* The end of a step that reaches it. */
	.globl fg_back
fg_back:
	leaq	start + FG_MAILBOX(%rip), %rdi
fg_return:
	movq	FG_RSP(%rdi), %rsp
	cld
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

/* The handlers, 16 bytes each.  What is on their stack does not matter. */
	.balign 16
	.globl fg_handlers
fg_handlers:
	vector = 0
	.rept	256
	.balign 16
	pushq	$vector
	.if	vector == 2
	jmp	fg_nmi
	.elseif	vector < FG_VECTORS
	jmp	fg_exception
	.else
	jmp	fg_interrupt
	.endif
	vector = vector + 1
	.endr

	.balign 16
fg_exception:
	xorl	%eax, %eax
	movq	%rax, %dr7
	popq	%rsi
	leaq	start + FG_MAILBOX(%rip), %rdi
	andl	$FG_VECTORS - 1, %esi
	incl	FG_COUNTS(%rdi, %rsi, 4)
	jmp	fg_return

/* These return to where they came from. */
fg_interrupt:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	incl	start + FG_MAILBOX + FG_INTERRUPTS(%rip)
	movl	$0x40000070, %ecx	/* EOI, in any mode of the APIC */
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	popq	%rdx
	popq	%rcx
	popq	%rax
fg_nmi:
	addq	$8, %rsp
	iretq

	.section .note.GNU-stack, "", @progbits
