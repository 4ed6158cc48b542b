/* SPDX-License-Identifier: GPL-2.0 */
/* A crash of the hypervisor: on request, see test/crash.c, or by a panic. */
#ifndef _RV_CRASH_H
#define _RV_CRASH_H

#include <rv/base.h>

/* What a gate of the host saves, lowest address first. */
struct host_regs {
	u64 r15, r14, r13, r12, rbx;
	u64 rbp, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax;
	u64 vector, error;
	u64 rip, cs, rflags, rsp, ss;
};

extern bool crashed;

u64 crash_area_pfn(void);
void crash_now(void);

/* The exception that the next panic on this LP is about. */
extern const struct host_regs *crash_regs;

/* Writes to the log where this LP is, and what all of them have done last. */
void crash_report(void);

#endif
