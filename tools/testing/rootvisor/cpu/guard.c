// SPDX-License-Identifier: GPL-2.0
/*
 * Side channels between partitions, as far as a processor has what prevents them.
 *
 * Model: predictions that one guest has trained must not steer another one, so an LP that
 * runs a child of another partition than the last child there does a barrier (IBPB).
 * Buffers that a guest could sample are cleared before each entry of a child, by VERW,
 * where CPUID says that they leak and that VERW clears them (TSA).  The host's own
 * indirect branches are protected by automatic IBRS, where it exists.
 *
 * The root is trusted: there is no barrier between it and its children, as there is none
 * between a kernel with KVM and its guests.  SPEC_CTRL is the root's: what it sets also
 * holds while its children run there.  Children are not offered it, and what they write is
 * kept without effect.
 *
 * The unit test tools/testing/unit/guard.c includes this file.
 */
#include <rv/lp.h>
#include <rv/vp.h>
#include <rv/x86.h>
#include "guard.h"

#define BARRIER_INTEL		BIT(26)	/* leaf 7, EDX */
#define BARRIER_AMD		BIT(12)	/* leaf 0x80000008, EBX */
#define VERW_CLEARS		BIT(5)	/* leaf 0x80000021, EAX */
#define AUTOMATIC_IBRS		BIT(8)
#define NO_LEAK			(BIT(1) | BIT(2))	/* ECX: of store queue, L1 cache */
#define PRED_CMD_IBPB		1

struct guard guard;

struct guard guard_choose(const struct guard_leaves *l)
{
	return (struct guard){
		.barrier = (l->size_ebx & BARRIER_AMD) || (l->leaf_7_edx & BARRIER_INTEL),
		.clear = (l->more_eax & VERW_CLEARS) && (l->more_ecx & NO_LEAK) != NO_LEAK,
		.host_ibrs = l->more_eax & AUTOMATIC_IBRS,
	};
}

static struct cpuid_regs extended(u32 leaf)
{
	return leaf <= cpuid(0x80000000, 0).eax ? cpuid(leaf, 0) : (struct cpuid_regs){};
}

void guard_start(void)
{
	struct cpuid_regs more = extended(0x80000021);
	const struct guard_leaves leaves = {
		.leaf_7_edx = cpuid(0, 0).eax >= 7 ? cpuid(7, 0).edx : 0,
		.size_ebx = extended(0x80000008).ebx,
		.more_eax = more.eax,
		.more_ecx = more.ecx,
	};

	guard = guard_choose(&leaves);
}

void guard_cpu_init(void)
{
	if (guard.host_ibrs)
		wrmsr_safe(MSR_EFER, rdmsr(MSR_EFER) | EFER_AUTOIBRS);
}

void guard_switch(struct lp *lp, struct vp *vp)
{
	u64 id = vp->partition->id;

	if (vp_is_root(vp) || lp->last_child == id)
		return;
	lp->last_child = id;
	if (guard.barrier)
		wrmsr_safe(MSR_PRED_CMD, PRED_CMD_IBPB);
}
