/* SPDX-License-Identifier: GPL-2.0 */
/* Root VPs, within cpu/. */
#ifndef _RV_CPU_ROOT_H
#define _RV_CPU_ROOT_H

#include <rv/vp.h>

/*
 * Privileges of a root: VP runtime, reference counter, SynIC, APIC MSRs,
 * hypercall, VP index, reset, reference TSC, frequencies; partitions, memory,
 * ports, statistics, processors.
 */
#define ROOT_PRIVILEGES_LOW	0x00000af7ull
#define ROOT_PRIVILEGES_HIGH	0x000011f7ull
#define ROOT_PRIVILEGES		(ROOT_PRIVILEGES_HIGH << 32 | ROOT_PRIVILEGES_LOW)
#define ROOT_FEATURES_EDX	0x00000500ull	/* frequency MSRs, crash MSRs */
#define ROOT_HINTS		0x00000220ull	/* relaxed timing, no AutoEOI */

struct vp *root_vp_create(struct lp *lp);
void root_vp_reset(struct vp *vp);

/* Before an entry; after an exit. */
void root_prepare(struct vp *vp);
void root_exit(struct vp *vp);

#endif
