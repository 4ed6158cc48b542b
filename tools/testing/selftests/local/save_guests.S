/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests for mshvrun that are saved and restored: see vmm_guests.S for their
 * addresses.  They request it through the power block, and the same port has the
 * number of restores.
 */
#include "guests.inc"

#define SAVE		0x604
#define MSR_LSTAR	0xc0000082
#define MARK		0x1122334455667788
#define FAR		0xfff000	/* the last page of 16 MiB */

	/* Be saved, then print the number of restores. */
	.macro save_me
	put	SAVE, 1
	inb	%dx, %al
	addb	$'0', %al
	movl	$SERIAL, %edx
	outb	%al, %dx
	.endm

	guest once
	put	SERIAL, 'a'
	put	CARRY, 9
	save_me
	off
	done once

	guest twice
	put	SERIAL, 'a'
	save_me
	save_me
	off
	done twice

	/* Report that it runs, then count for ever. */
	guest busy
	put	SERIAL, 's'
2:	incq	%rbx
	jmp	2b
	done busy

	/* The same, asleep. */
	guest asleep
	put	SERIAL, 's'
2:	cli
	hlt
	jmp	2b
	done asleep

	/*
	 * All state that exists without an interrupt: general registers, flags,
	 * SSE, x87, debug registers, an MSR, CR2, the serial port, memory at both
	 * ends.  Y if all of it is as it was.
	 */
	guest state
	movl	$SCRATCH, %edx
	movb	$0x5a, %al
	outb	%al, %dx
	movabsq	$MARK, %rax
	movq	%rax, FAR
	movq	%rax, %dr0
	movq	%rax, %cr2
	movq	%cr4, %rax
	orl	$0x600, %eax
	movq	%rax, %cr4
	movabsq	$MARK, %r15
	movq	%r15, %xmm7
	fninit
	fldpi
	movl	$MSR_LSTAR, %ecx
	movl	$0x1234, %eax
	xorl	%edx, %edx
	wrmsr
	leaq	1(%r15), %rbx
	leaq	2(%r15), %rsi
	leaq	3(%r15), %rbp
	leaq	4(%r15), %r8
	leaq	5(%r15), %r14
	stc
	movl	$SAVE, %edx
	movb	$1, %al
	outb	%al, %dx
	jnc	9f
	movabsq	$MARK, %rax
	cmpq	%rax, %r15
	jne	9f
	leaq	1(%r15), %rax
	cmpq	%rax, %rbx
	jne	9f
	leaq	2(%r15), %rax
	cmpq	%rax, %rsi
	jne	9f
	leaq	3(%r15), %rax
	cmpq	%rax, %rbp
	jne	9f
	leaq	4(%r15), %rax
	cmpq	%rax, %r8
	jne	9f
	leaq	5(%r15), %rax
	cmpq	%rax, %r14
	jne	9f
	cmpq	%r15, FAR
	jne	9f
	movq	%dr0, %rax
	cmpq	%rax, %r15
	jne	9f
	movq	%cr2, %rax
	cmpq	%rax, %r15
	jne	9f
	movq	%xmm7, %rax
	cmpq	%rax, %r15
	jne	9f
	fldpi
	fcomip	%st(1), %st
	jne	9f
	movl	$MSR_LSTAR, %ecx
	rdmsr
	cmpl	$0x1234, %eax
	jne	9f
	movl	$SCRATCH, %edx
	inb	%dx, %al
	cmpb	$0x5a, %al
	jne	9f
	put	SERIAL, 'Y'
	off
9:	put	SERIAL, 'N'
	off
	done state

	.section .note.GNU-stack, "", @progbits
