/* SPDX-License-Identifier: GPL-2.0 */
/* A VM exit that QEMU has undone. */
#ifndef _RV_CPU_UNDONE_H
#define _RV_CPU_UNDONE_H

#include <rv/base.h>

struct cpu_state;

/* After a nested page fault; for an unexpected interrupt. */
void undone_check(struct cpu_state *cpu);
void undone_interrupt(u64 vector, u64 rip) __noreturn;

#endif
