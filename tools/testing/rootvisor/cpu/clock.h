/* SPDX-License-Identifier: GPL-2.0 */
/* Clock rates. */
#ifndef _RV_CPU_CLOCK_H
#define _RV_CPU_CLOCK_H

#include <rv/base.h>

struct cpuid_regs;

void clock_init(void);

/* The APIC timer's rate; @leaf: CPUID 0x40000000. */
u64 clock_apic_hz(const struct cpuid_regs *leaf, u64 measured);

#endif
