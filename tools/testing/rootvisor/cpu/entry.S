/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host's interrupt gates, and instructions that may fault.
 */

	.text
/*
 * Gates: every vector pushes (error code or 0) and its number, then saves all
 * registers; C gets a pointer to them, struct host_regs.
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
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, %rdi
	movq	%rsp, %rbp
	andq	$-16, %rsp
	cld
	call	host_gate
	movq	%rbp, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
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

7:	xorl	%eax, %eax
	ret
	.section .rv.fixups, "a"
	.quad	5b, 7b
	.quad	6b, 7b
	.section .note.GNU-stack, "", @progbits
