/* SPDX-License-Identifier: GPL-2.0 */
/* Side channels between partitions; see guard.c for the model. */
#ifndef _RV_CPU_GUARD_H
#define _RV_CPU_GUARD_H

#include <rv/base.h>

struct lp;
struct vp;

/* What the processor offers and needs, by CPUID. */
struct guard_leaves {
	u32 leaf_7_edx;
	u32 size_ebx;		/* 0x80000008 */
	u32 more_eax, more_ecx;	/* 0x80000021 */
};

struct guard {
	bool barrier;		/* IBPB exists */
	bool clear;		/* VERW clears buffers that leak */
	bool host_ibrs;		/* automatic IBRS exists */
};

extern struct guard guard;

struct guard guard_choose(const struct guard_leaves *leaves);

void guard_start(void);
/* On each processor. */
void guard_cpu_init(void);
/* A VP is about to be loaded. */
void guard_switch(struct lp *lp, struct vp *vp);

/* Right before a child is entered. */
static inline void guard_enter(void)
{
	const u16 selector = 0x10;	/* the host's data segment */

	if (guard.clear)
		__asm__ __volatile__("verw %0" :: "m"(selector) : "cc");
}

#endif
