/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VM entry, and the host's interrupt gates.
 *
 * The host runs with IF=0.  GIF is cleared right before VMRUN so that a kick's
 * NMI either arrives before the last look at the kick word or makes VMRUN exit
 * at once.  IF is set during VMRUN because a child's V_INTR_MASKING uses the
 * host's IF to decide on INTR exits.
 */

	.text
/* void vm_enter(u64 vmcb, u64 *gpr): GIF is clear, and set again on return. */
	.globl vm_enter
vm_enter:
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
	stgi
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

/*
 * Gates: every vector pushes (error code or 0) and its number, then saves the
 * caller-saved registers; C gets a pointer to the frame.
 */
	.globl host_gates
	.balign 16
host_gates:
	.set	vector, 0
	.rept	256
	.balign	16
	.set	coded, (vector == 8) || (vector >= 10 && vector <= 14)
	.if	coded || vector == 17 || vector == 21 || vector == 29 || vector == 30
	.else
	pushq	$0
	.endif
	pushq	$vector
	jmp	gate_common
	.set	vector, vector + 1
	.endr

gate_common:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbp
	movq	%rsp, %rdi
	movq	%rsp, %rbp
	andq	$-16, %rsp
	cld
	call	host_gate
	movq	%rbp, %rsp
	popq	%rbp
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$16, %rsp
	iretq

/* bool rdmsr_safe(u32 msr, u64 *value) */
	.globl rdmsr_safe
rdmsr_safe:
	movl	%edi, %ecx
1:	rdmsr
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, (%rsi)
	movl	$1, %eax
	ret
2:	xorl	%eax, %eax
	ret
	.section .rv.fixups, "a"
	.quad	1b, 2b
	.text

/* bool wrmsr_safe(u32 msr, u64 value) */
	.globl wrmsr_safe
wrmsr_safe:
	movl	%edi, %ecx
	movl	%esi, %eax
	movq	%rsi, %rdx
	shrq	$32, %rdx
3:	wrmsr
	movl	$1, %eax
	ret
4:	xorl	%eax, %eax
	ret
	.section .rv.fixups, "a"
	.quad	3b, 4b
	.text

/* bool xsetbv_safe(u64 value): into XCR0 */
	.globl xsetbv_safe
xsetbv_safe:
	xorl	%ecx, %ecx
	movl	%edi, %eax
	movq	%rdi, %rdx
	shrq	$32, %rdx
5:	xsetbv
	movl	$1, %eax
	ret

/* bool xrstor_safe(const u8 *area): all components */
	.globl xrstor_safe
xrstor_safe:
	movl	$-1, %eax
	movl	$-1, %edx
6:	xrstor64 (%rdi)
	movl	$1, %eax
	ret

/* bool vmload_safe(u64 vmcb) */
	.globl vmload_safe
vmload_safe:
	movq	%rdi, %rax
7:	vmload	%rax
	movl	$1, %eax
	ret

8:	xorl	%eax, %eax
	ret
	.section .rv.fixups, "a"
	.quad	5b, 8b
	.quad	6b, 8b
	.quad	7b, 8b
	.section .note.GNU-stack, "", @progbits
