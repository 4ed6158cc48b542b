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
	.long 0x1badb002
	.long 3				/* page-aligned modules, memory map */
	.long -(0x1badb002 + 3)

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
 * Copied to AP_TRAMPOLINE.  It accesses only its own data, by offsets from
 * there; ap_stack is set before each SIPI.
 */
	.code16
	.globl ap_start, ap_end, ap_stack
ap_start:
	cli
	cld
	xorw	%ax, %ax
	movw	%ax, %ds
	lgdtl	AP_TRAMPOLINE + (ap_gdt_ptr - ap_start)
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
	ljmpl	$0x08, $(AP_TRAMPOLINE + (ap_long - ap_start))
	.code64
ap_long:
	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	xorl	%eax, %eax
	movw	%ax, %fs
	movw	%ax, %gs
	movq	AP_TRAMPOLINE + (ap_stack - ap_start), %rsp
	xorl	%ebp, %ebp
	movq	$ap_main, %rax
	call	*%rax
	hlt
	.balign 8
ap_stack:
	.quad	0
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
