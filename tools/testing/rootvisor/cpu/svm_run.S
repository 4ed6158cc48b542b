/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VMRUN and VMLOAD.
 *
 * The host runs with IF=0.  GIF is cleared right before VMRUN so that a kick's
 * NMI either arrives before the last check of the kick word or makes VMRUN exit
 * at once.  IF is set during VMRUN because with V_INTR_MASKING of a child the
 * host's IF decides about INTR exits.
 *
 * QEMU does not always restore CR0 at the exit, see TCG_KEEPS_CR0 in tcg.h.  Memory is
 * mapped one to one, so this code runs without paging, too; an interrupt or NMI would be
 * delivered as in real mode.
 */
#define CR0_PG_BIT	31
#define TCG_KEEPS_CR0	0x20	/* as in tcg.h */

	.text
/* void vmrun(u64 vmcb, u64 *gpr): GIF is clear, and set again on return. */
	.globl vmrun
vmrun:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rsi
	movq	%rdi, %rax
	movq	8*1(%rsi), %rcx
	movq	8*2(%rsi), %rdx
	movq	8*3(%rsi), %rbx
	movq	8*5(%rsi), %rbp
	movq	8*7(%rsi), %rdi
	movq	8*8(%rsi), %r8
	movq	8*9(%rsi), %r9
	movq	8*10(%rsi), %r10
	movq	8*11(%rsi), %r11
	movq	8*12(%rsi), %r12
	movq	8*13(%rsi), %r13
	movq	8*14(%rsi), %r14
	movq	8*15(%rsi), %r15
	movq	8*6(%rsi), %rsi
	sti
	nop
	vmrun	%rax
	.globl vmrun_next
vmrun_next:
	cli
	pushq	%rsi
	movq	8(%rsp), %rsi
	movq	%rcx, 8*1(%rsi)
	movq	%rdx, 8*2(%rsi)
	movq	%rbx, 8*3(%rsi)
	movq	%rbp, 8*5(%rsi)
	movq	%rdi, 8*7(%rsi)
	movq	%r8, 8*8(%rsi)
	movq	%r9, 8*9(%rsi)
	movq	%r10, 8*10(%rsi)
	movq	%r11, 8*11(%rsi)
	movq	%r12, 8*12(%rsi)
	movq	%r13, 8*13(%rsi)
	movq	%r14, 8*14(%rsi)
	movq	%r15, 8*15(%rsi)
	popq	%rax
	movq	%rax, 8*6(%rsi)
	addq	$8, %rsp
	cld
	testl	$TCG_KEEPS_CR0, tcg_defects(%rip)
	jz	1f
	movq	%cr0, %rax
	btl	$CR0_PG_BIT, %eax
	jc	1f
	movq	svm_host_cr0(%rip), %rax
	movq	%rax, %cr0
1:	stgi
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

/* bool vmload_safe(u64 vmcb) */
	.globl vmload_safe
vmload_safe:
	movq	%rdi, %rax
1:	vmload	%rax
	movl	$1, %eax
	ret
2:	xorl	%eax, %eax
	ret
	.section .rv.fixups, "a"
	.quad	1b, 2b
	.section .note.GNU-stack, "", @progbits
