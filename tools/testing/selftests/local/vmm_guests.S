/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests for mshvrun: 64-bit code at a Linux kernel's entry.  RSI holds
 * boot_params, the first 4 GiB are mapped one to one.  They are position
 * independent, because mshvrun decides where they are loaded.
 *
 * Words: a guest "ends" through the power block's sleep control register.
 */
#include "guests.inc"

#define LINE_STATUS	(SERIAL + 5)
#define RESET		0x602
#define IOAPIC		0xfec00000
#define NOWHERE		0xd0000000
#define BUFFER		0x100000	/* below the kernel */

	/* Print the string at RSI. */
	.macro print
	movl	$SERIAL, %edx
	cld
2:	lodsb
	testb	%al, %al
	jz	3f
	outb	%al, %dx
	jmp	2b
3:
	.endm

	/* Print Y if the last comparison was equal, else N; then end. */
	.macro verdict
	movb	$'Y', %al
	je	4f
	movb	$'N', %al
4:	movl	$SERIAL, %edx
	outb	%al, %dx
	off
	.endm

	guest hello
	leaq	5f(%rip), %rsi
	print
	put	CARRY, 7
	off
5:	.asciz	"hello\n"
	done hello

	guest cmdline
	movl	0x228(%rsi), %esi
	print
	off
	done cmdline

	guest fault
	ud2
	done fault

	guest reset
	put	RESET, 1
	hlt
	done reset

	guest spin
	put	SERIAL, 's'
1:	pause
	jmp	1b
	done spin

	guest halt
	put	SERIAL, 'h'
	cli
1:	hlt
	jmp	1b
	done halt

	guest echo
	/* Print the successor of each byte received, until a full stop. */
1:	movl	$LINE_STATUS, %edx
	inb	%dx, %al
	testb	$1, %al
	jz	1b
	movl	$SERIAL, %edx
	inb	%dx, %al
	cmpb	$'.', %al
	je	2f
	incb	%al
	outb	%al, %dx
	jmp	1b
2:	off
	done echo

	guest strings
	/* 1000 bytes are written and read with one instruction each. */
	put	SCRATCH, 0x5a
	movl	$SCRATCH, %edx
	movl	$BUFFER, %edi
	movl	$1000, %ecx
	cld
	rep insb
	movl	$BUFFER, %edi
	movl	$1000, %ecx
	movb	$0x5a, %al
	repe scasb
	jne	6f
	movl	$SERIAL, %edx
	movl	$BUFFER, %esi
	movl	$1000, %ecx
	rep outsb
	cmpl	$BUFFER + 1000, %esi
	jne	6f
	testl	%ecx, %ecx
6:	verdict
	done strings

	guest words
	/* Two ports at once, backwards, without REP, with a 32-bit index. */
	movl	$SERIAL, %edx
	movl	$BUFFER, %esi
	movw	$0x0341, (%rsi)		/* 'A', and IER := 3 */
	std
	outsw
	cld
	cmpl	$BUFFER - 2, %esi
	jne	6f
	movl	$SERIAL + 1, %edx
	inb	%dx, %al
	cmpb	$3, %al
6:	verdict
	done words

	guest ioapic
	movl	$IOAPIC, %ebx
	movl	$1, (%rbx)
	cmpl	$0x00170020, 0x10(%rbx)
	jne	6f
	/* Reads, changes and writes back what is at the window. */
	movl	$0x3e, (%rbx)
	orl	$0x40, 0x10(%rbx)
	movl	0x10(%rbx), %eax
	cmpl	$0x00010040, %eax
	jne	6f
	movb	(%rbx), %cl
	cmpb	$0x3e, %cl
6:	verdict
	done ioapic

	guest unclaimed
	/* Unclaimed ports and memory read as all ones. */
	movl	$0x1234, %edx
	inl	%dx, %eax
	cmpl	$-1, %eax
	jne	6f
	inw	$0x80, %ax
	cmpw	$-1, %ax
	jne	6f
	movl	$NOWHERE, %ebx
	movl	$0, (%rbx)
	cmpq	$-1, (%rbx)
	jne	6f
	cmpb	$-1, 7(%rbx)
6:	verdict
	done unclaimed

	guest nowhere
	movl	$NOWHERE, %eax
	jmp	*%rax
	done nowhere

	guest topology
	/* Two processors: APIC id, x2APIC, levels. */
	movl	$1, %eax
	xorl	%ecx, %ecx
	cpuid
	shrl	$16, %ebx
	cmpl	$2, %ebx
	jne	6f
	notl	%ecx
	testl	$(1 << 21 | 1 << 31), %ecx
	jne	6f
	movl	$0xb, %eax
	movl	$1, %ecx
	cpuid
	cmpl	$1, %eax
	jne	6f
	cmpw	$2, %bx
	jne	6f
	testl	%edx, %edx
6:	verdict
	done topology

	guest memory
	/* The memory map ends where "--mem 32M" does. */
	movzbl	0x1e8(%rsi), %ecx
	cmpl	$3, %ecx
	jne	6f
	movq	0x2d0 + 40(%rsi), %rax
	addq	0x2d0 + 48(%rsi), %rax
	cmpq	$(32 << 20), %rax
	jne	6f
	/* The last byte can be used. */
	movb	$0x77, -1(%rax)
	cmpb	$0x77, -1(%rax)
6:	verdict
	done memory

	guest initrd
	movl	0x218(%rsi), %ebx
	cmpl	$12, 0x21c(%rsi)
	jne	6f
	movq	$0x6c616974696e6921, %rax	/* "!initial" */
	cmpq	%rax, (%rbx)
6:	verdict
	done initrd

	.section .note.GNU-stack, "", @progbits
