/* SPDX-License-Identifier: GPL-2.0 */
/* Root VPs, within cpu/. */
#ifndef _RV_ROOT_H
#define _RV_ROOT_H

#include <rv/vp.h>

/*
 * What a root may do: VP runtime, reference counter, SynIC, APIC MSRs,
 * hypercall, VP index, reset, reference TSC, frequencies; partitions, memory,
 * ports, statistics, processors.
 */
#define ROOT_PRIVILEGES_LOW	0x00000af7ull
#define ROOT_PRIVILEGES_HIGH	0x000011f7ull
#define ROOT_PRIVILEGES		(ROOT_PRIVILEGES_HIGH << 32 | ROOT_PRIVILEGES_LOW)
#define ROOT_FEATURES_EDX	0x00000500ull	/* frequency MSRs, crash MSRs */
#define ROOT_HINTS		0x00000220ull	/* relaxed timing, no AutoEOI */

void root_cpuid(struct vp *vp);
void root_msr(struct vp *vp);
bool port_is_acpi(u16 port);
void root_watch_self_ipi(void);		/* before the first root VP runs */

#endif
