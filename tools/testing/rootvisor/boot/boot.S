/* SPDX-License-Identifier: GPL-2.0 */
/*
 * First instructions: the multiboot entry of the boot processor in 32-bit mode,
 * and the real-mode trampoline of the others.  Both end in 64-bit mode with an
 * identity map of the first 512 GiB in 1 GiB pages.
 */
#include "layout.h"

	.set CR0_LONG, 0x80010033	/* PG WP NE ET MP PE */
	.set CR4_LONG, 0x620		/* OSXMMEXCPT OSFXSR PAE */
	.set MSR_EFER, 0xc0000080
	.set EFER_LONG, 0x0900		/* NXE LME */

	.section .multiboot, "a"
	.balign 4
	.long MULTIBOOT1_HEADER
	.long 3				/* page-aligned modules, memory map */
	.long -(MULTIBOOT1_HEADER + 3)

/*
 * Version 2: tags with type, flags (1: the loader may ignore it) and size.  Without the
 * one about UEFI's boot services the loader ends them.
 */
	.balign 8
header2:
	.long MULTIBOOT2_HEADER
	.long 0				/* for 32-bit protected mode */
	.long header2_end - header2
	.long -(MULTIBOOT2_HEADER + 0 + (header2_end - header2))
	.balign 8
	.short 1, 0			/* needed: the memory map */
	.long 12
	.long 6
	.balign 8
	.short 1, 1			/* used: command line, modules, screen, UEFI, RSDP */
	.long 40
	.long 1, 3, 8, 11, 12, 14, 15, 17
	.balign 8
	.short 4, 1			/* a screen with text will do */
	.long 12
	.long 2
	.balign 8
	.short 5, 1			/* or one with pixels, of any size and depth */
	.long 20
	.long 0, 0, 0
	.balign 8
	.short 6, 0			/* page-aligned modules */
	.long 8
	.balign 8
	.short 0, 0			/* the end */
	.long 8
header2_end:

	.section .text.boot, "ax"
	.code32
	.globl _start
_start:
	cli
	cld
	movl	%eax, %esi		/* magic */
	movl	%ebx, %edi		/* multiboot information */

	/* What the code below needs; hv_main() checks the rest. */
	movl	$0x80000001, %eax
	cpuid
	movl	$no_long_text, %ebp
	testl	$(1 << 29), %edx
	jz	refuse
	movl	$no_nx_text, %ebp
	testl	$(1 << 20), %edx
	jz	refuse
	movl	$no_1g_text, %ebp
	testl	$(1 << 26), %edx
	jz	refuse
	movl	$hv_pml4, %eax
	movl	$hv_pdpt, %ebx
	movl	%ebx, %ecx
	orl	$3, %ecx
	movl	%ecx, (%eax)
	xorl	%ecx, %ecx
1:	movl	%ecx, %eax
	shll	$30, %eax
	orl	$0x83, %eax		/* large, writable, present */
	movl	%eax, (%ebx,%ecx,8)
	movl	%ecx, %eax
	shrl	$2, %eax
	movl	%eax, 4(%ebx,%ecx,8)
	incl	%ecx
	cmpl	$512, %ecx
	jne	1b

	movl	$CR4_LONG, %eax
	movl	%eax, %cr4
	movl	$hv_pml4, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$0x900, %eax
	wrmsr
	movl	$CR0_LONG, %eax
	movl	%eax, %cr0
	lgdt	hv_gdt_ptr
	ljmp	$0x08, $1f
	.code64
1:	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	xorl	%eax, %eax
	movw	%ax, %fs
	movw	%ax, %gs
	leaq	cpu_stacks + LP_STACK_BYTES, %rsp
	movl	%esi, %eax
	movl	%edi, %esi
	movl	%eax, %edi
	xorl	%ebp, %ebp
	call	hv_main
	hlt

	.code32
refuse:	movl	%ebp, %esi
1:	lodsb
	testb	%al, %al
	jz	2f
	outb	%al, $0xe9
	jmp	1b
2:	movl	$0x7f, %eax
	outl	%eax, $0xf4
	hlt
	jmp	2b

/*
 * Copied to a page below 1 MiB, whose address is CS here.  It accesses only its own data;
 * ap_target and ap_stack are set before each SIPI.
 */
	.code16
	.globl ap_start, ap_end, ap_long, ap_target, ap_stack
ap_start:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	ap_gdt_ptr - ap_start
	movl	$CR4_LONG, %eax
	movl	%eax, %cr4
	movl	$hv_pml4, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LONG, %eax
	wrmsr
	movl	$CR0_LONG, %eax
	movl	%eax, %cr0
	ljmpl	*(ap_target - ap_start)
	.code64
ap_long:
	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	xorl	%eax, %eax
	movw	%ax, %fs
	movw	%ax, %gs
	movq	ap_stack(%rip), %rsp
	xorl	%ebp, %ebp
	movq	$ap_main, %rax
	call	*%rax
	hlt
	.balign 8
ap_stack:
	.quad	0
ap_target:
	.long	0			/* of ap_long in the copy */
	.word	0x08
ap_gdt_ptr:
	.word	hv_gdt_end - hv_gdt - 1
	.long	hv_gdt
ap_end:

	.section .rodata
no_long_text:
	.asciz	"rootvisor: panic: this processor has no 64-bit mode\n"
no_nx_text:
	.asciz	"rootvisor: panic: this processor has no NX\n"
no_1g_text:
	.asciz	"rootvisor: panic: this processor has no 1 GiB pages (QEMU needs -cpu max)\n"

	.data
	.balign 8
	.globl hv_gdt, hv_gdt_end
hv_gdt:	.quad	0
	.quad	0x00af9b000000ffff	/* 0x08: 64-bit code */
	.quad	0x00cf93000000ffff	/* 0x10: data */
hv_gdt_end:
hv_gdt_ptr:
	.word	hv_gdt_end - hv_gdt - 1
	.quad	hv_gdt

	.bss
	.balign 4096
	.globl hv_pml4
hv_pml4: .skip	4096
hv_pdpt: .skip	4096
	.balign	LP_STACK_BYTES
	.globl cpu_stacks
cpu_stacks: .skip LP_STACK_BYTES * MAX_CPUS_ASM
	.section .note.GNU-stack, "", @progbits
