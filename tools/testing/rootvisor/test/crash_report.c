// SPDX-License-Identifier: GPL-2.0
/*
 * The report of a crash: registers, the stack, and what each LP has done last.
 *
 * Model: there are no frame pointers.  Each word of the stack that is an address behind a
 * call instruction is taken for a return address; one that a function has left behind in
 * a slot that it does not use any more may be among them.
 *
 * All lines begin with "crash:"; scripts/decode-crash adds lines of the sources.
 */
#include <rv/cpu.h>
#include <rv/cpu_state.h>
#include <rv/crash.h>
#include <rv/log.h>
#include <rv/lp.h>
#include <rv/trail.h>
#include <rv/vp.h>
#include "symbols.h"

#define LINES_MAX	32
#define CALL_NEAR	0xe8	/* call rel32 */
#define CALL_INDIRECT	0xff	/* call r/m, with 2 in the reg field */

const struct host_regs *crash_regs;

extern u8 cpu_stacks[], _image_end[];

static void print_place(const char *what, u64 address)
{
	u64 offset;
	const char *name = symbol_name(address, &offset);

	if (name)
		log_error("crash: %s 0x%llx %s+0x%llx", what, address, name, offset);
	else
		log_error("crash: %s 0x%llx", what, address);
}

static void print_registers(const struct host_regs *r)
{
	print_place("rip", r->rip);
	log_error("crash: rax %016llx rbx %016llx rcx %016llx rdx %016llx",
		  r->rax, r->rbx, r->rcx, r->rdx);
	log_error("crash: rsi %016llx rdi %016llx rbp %016llx rsp %016llx",
		  r->rsi, r->rdi, r->rbp, r->rsp);
	log_error("crash: r8  %016llx r9  %016llx r10 %016llx r11 %016llx",
		  r->r8, r->r9, r->r10, r->r11);
	log_error("crash: r12 %016llx r13 %016llx r14 %016llx r15 %016llx",
		  r->r12, r->r13, r->r14, r->r15);
	log_error("crash: rflags %08llx cs %04llx vector %llu error 0x%llx",
		  r->rflags, r->cs, r->vector, r->error);
}

/* Is the instruction before this address a call? */
static bool behind_call(u64 address)
{
	const u8 *b = pa_ptr(address);
	u64 offset;
	u32 n;

	if (!symbol_name(address, &offset) || !symbol_name(address - 7, &offset))
		return false;
	if (b[-5] == CALL_NEAR)
		return true;
	for (n = 2; n <= 7; n++)
		if (b[-(int)n] == CALL_INDIRECT && (b[1 - (int)n] >> 3 & 7) == 2)
			return true;
	return false;
}

static void print_stack(u64 sp)
{
	u64 end = (sp & ~(LP_STACK_SIZE - 1)) + LP_STACK_SIZE;
	u32 lines = 0;

	if (sp < ptr_pa(cpu_stacks) || end > ptr_pa(_image_end)) {
		log_error("crash: there is no stack at 0x%llx", sp);
		return;
	}
	for (sp = (sp + 7) & ~7ull; sp < end && lines < LINES_MAX; sp += 8) {
		u64 word = *(u64 *)sp;

		if (!behind_call(word))
			continue;
		print_place("stack", word);
		lines++;
	}
}

static void print_guest(const struct lp *lp)
{
	const struct vp *vp = lp->loaded;

	if (!vp)
		return;
	log_error("crash: loaded: VP %u of partition %llu, rip 0x%llx, cr3 0x%llx",
		  vp->index, vp->partition->id, vp->cpu->rip, vp->cpu->cr3);
}

void crash_report(void)
{
	const struct lp *lp = this_lp();

	log_error("crash: LP %u, cr0 0x%llx cr2 0x%llx cr3 0x%llx cr4 0x%llx",
		  lp ? lp->index : 0, READ_CR(0), READ_CR(2), READ_CR(3), READ_CR(4));
	if (crash_regs)
		print_registers(crash_regs);
	print_stack(crash_regs ? crash_regs->rsp : (u64)__builtin_frame_address(0));
	crash_regs = NULL;
	if (lp)
		print_guest(lp);
	trails_print();
}
