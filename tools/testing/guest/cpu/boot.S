/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The entries: a floppy disk's boot sector, and the 64-bit entry of a Linux kernel.
 *
 * Model: one file is both.  Its first sector is a boot sector, and has, behind its
 * code, the header that makes the file a bzImage.  Either way leads to start32:
 * 32-bit protected mode, no paging, flat segments, all of the file except the first
 * two sectors at BASE.
 */
#include "layout.h"

#define HEADER		0x1f1
#define HEADER_END	0x268
#define SETUP_SECTORS	1
#define FIRST_SECTOR	(SETUP_SECTORS + 1)
#define SECTORS_A_TRACK	18
#define LOADED		0x10000		/* by the BIOS, below 640 KiB */
#define CR0_PE		1
#define CR0_PG_BIT	31
#define MSR_EFER	0xc0000080
#define EFER_LME_BIT	8

/* ---- a boot sector ---------------------------------------------------------------- */

	.section .boot, "ax"
	.code16
sector:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$SECTOR_AT, %sp
	ljmp	$0, $SECTOR_AT + 1f - sector
1:	sti
	movb	%dl, SECTOR_AT + drive - sector
	inb	$0x92, %al			/* A20 */
	orb	$2, %al
	andb	$0xfe, %al
	outb	%al, $0x92
	movw	$FIRST_SECTOR, %si
	movw	$LOADED / 16, %di
2:	movw	%si, %ax			/* sector, head, cylinder */
	xorw	%dx, %dx
	movw	$SECTORS_A_TRACK, %bx
	divw	%bx
	movb	%dl, %cl
	incb	%cl
	movb	%al, %dh
	andb	$1, %dh
	shrw	$1, %ax
	movb	%al, %ch
	movb	SECTOR_AT + drive - sector, %dl
	movw	%di, %es
	xorw	%bx, %bx
	movw	$0x0201, %ax			/* read one */
	int	$0x13
	jc	2b
	addw	$512 / 16, %di
	incw	%si
	cmpw	$payload_sectors + FIRST_SECTOR, %si
	jb	2b
	cli
	lgdtl	SECTOR_AT + sector_gdtr - sector
	movl	%cr0, %eax
	orb	$CR0_PE, %al
	movl	%eax, %cr0
	ljmpl	$SEL_CODE, $SECTOR_AT + 3f - sector

	.code32
3:	movw	$SEL_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$LOADED, %esi
	movl	$BASE, %edi
	movl	$payload_longs, %ecx
	cld
	rep movsl
	movl	$BASE, %eax
	jmp	*%eax

drive:	.byte	0
	.balign	8
sector_gdt:
	.quad	0, GDT_CODE, GDT_DATA
sector_gdtr:
	.word	. - sector_gdt - 1
	.long	SECTOR_AT + sector_gdt - sector

/* ---- the header of a bzImage ------------------------------------------------------ */

	.org	HEADER
	.byte	SETUP_SECTORS
	.org	0x1fe
	.word	0xaa55
	.byte	0xeb, HEADER_END - 0x202
	.ascii	"HdrS"
	.word	0x020f				/* version */
	.org	0x22c
	.long	0x7fffffff			/* an initrd's last address */
	.long	BASE				/* alignment */
	.byte	0, 0				/* not relocatable */
	.word	1				/* has a 64-bit entry */
	.long	255				/* of a command line */
	.org	0x258
	.quad	BASE
	.long	MEMORY
	.org	(SETUP_SECTORS + 1) * 512

/* ---- entries ---------------------------------------------------------------------- */

	.section .head, "ax"
	.code32
	.globl	start32
start32:
	cli
	lgdt	boot_gdtr
	ljmp	$SEL_CODE, $1f
1:	movw	$SEL_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ss
	movl	$stack_top, %esp
	pushl	$0
	popfl
	xorl	%eax, %eax
	movl	$__bss_start, %edi
	movl	$__bss_end, %ecx
	subl	%edi, %ecx
	rep stosb
	call	main
2:	hlt
	jmp	2b

	.org	0x200
	.code64
start64:
	cli
	lgdt	boot_gdtr64(%rip)
	pushq	$SEL_CODE
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
	.code32
1:	movw	$SEL_DATA, %ax
	movw	%ax, %ss
	movl	%cr0, %eax
	btrl	$CR0_PG_BIT, %eax
	movl	%eax, %cr0
	movl	$MSR_EFER, %ecx
	rdmsr
	btrl	$EFER_LME_BIT, %eax
	wrmsr
	xorl	%eax, %eax
	movl	%eax, %cr4
	jmp	start32

/* ---- other processors ------------------------------------------------------------- */

	.globl	trampoline, trampoline_end
	.code16
trampoline:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	lgdtl	TRAMPOLINE + trampoline_gdtr - trampoline
	movl	%cr0, %eax
	orb	$CR0_PE, %al
	movl	%eax, %cr0
	ljmpl	$SEL_CODE, $other32
	.balign	8
trampoline_gdtr:
	.word	3 * 8 - 1
	.long	boot_gdt
trampoline_end:

	.code32
other32:
	movw	$SEL_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	/* What INIT sets. */
	movl	%cr0, %eax
	andl	$~0x60000000, %eax
	movl	%eax, %cr0
	movl	$STACK_SIZE, %eax
	lock xaddl %eax, other_stack
	movl	%eax, %esp
	call	other_main
1:	hlt
	jmp	1b

	.balign	8
	.globl	boot_gdt
boot_gdt:
	.quad	0, GDT_CODE, GDT_DATA
boot_gdtr:
	.word	3 * 8 - 1
	.long	boot_gdt
boot_gdtr64:
	.word	3 * 8 - 1
	.long	boot_gdt, 0

	.bss
	.balign	16
	.space	16384
stack_top:

	.section .note.GNU-stack, "", @progbits
