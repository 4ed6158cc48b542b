// SPDX-License-Identifier: GPL-2.0
/*
 * DR7 of a child under QEMU, which data breakpoints can crash.
 *
 * Model: QEMU also checks data breakpoints when it pushes onto the stack of a handler,
 * and if one hits it leaves with a lock held that it then takes again.  So data
 * breakpoints are not loaded: they are *hidden* while the guest runs, and visible at all
 * other times.  Such a breakpoint has no effect; those on instructions and ports work.
 */
#include <rv/vp.h>
#include "svm.h"
#include "vmcb.h"

#define LEAF_HYPERVISOR	0x40000000
#define SIGNATURE_EBX	0x54474354	/* "TCGTCGTCGTCG" */
#define SIGNATURE_ECX	0x43544743
#define SIGNATURE_EDX	0x47435447

#define NR_BREAKPOINTS	4
/* Bits of breakpoint @i: it is enabled; it is for data. */
#define DR7_ON(i)	(3ull << 2 * (i))
#define DR7_DATA(i)	(1ull << (16 + 4 * (i)))

static bool host_is_qemu;

void svm_dr7_start(void)
{
	struct cpuid_regs r = cpuid(LEAF_HYPERVISOR, 0);

	host_is_qemu = r.ebx == SIGNATURE_EBX && r.ecx == SIGNATURE_ECX &&
		       r.edx == SIGNATURE_EDX;
}

static u64 data_breakpoints(u64 dr7)
{
	u64 bits = 0;

	for (u32 i = 0; i < NR_BREAKPOINTS; i++)
		if (dr7 & DR7_DATA(i))
			bits |= dr7 & DR7_ON(i);
	return bits;
}

void svm_dr7_hide(struct vp *vp)
{
	struct vmcb *c = vmcb_of(vp->cpu);
	u64 bits;

	if (!host_is_qemu)
		return;
	bits = data_breakpoints(vp->cpu->dr7);
	vp->dr7_hidden = bits;
	vp->cpu->dr7 &= ~bits;
	c->intercept_dr_write = VMCB_DR7;
	c->intercept_dr_read = bits ? VMCB_DR7 : 0;
}

void svm_dr7_show(struct vp *vp)
{
	vp->cpu->dr7 |= vp->dr7_hidden;
	vp->dr7_hidden = 0;
}
