// SPDX-License-Identifier: GPL-2.0
/*
 * Extended state (x87 to PKRU) of a VP, saved in standard format in one page; TSC_AUX.
 *
 * Only features whose standard-format state ends within the page are offered
 * (host_xcr0); on processors with larger state the others are hidden.  XCR0 is host_xcr0
 * while no VP is loaded.
 */
#include <hv/xcr0.h>
#include <rv/log.h>
#include <rv/vp.h>
#include "fpu.h"

#define XFEATURES_BASIC		3ull
#define CPUID_EXTENDED		0x80000001
#define CPUID_EXTENDED_RDTSCP	BIT(27)		/* EDX */

u64 host_xcr0;
static bool has_rdtscp;

void fpu_init(void)
{
	struct cpuid_regs leaf = cpuid(0xd, 0);
	u64 offered = (u64)leaf.edx << 32 | leaf.eax;
	u32 i;

	has_rdtscp = cpuid(CPUID_EXTENDED, 0).edx & CPUID_EXTENDED_RDTSCP;
	host_xcr0 = XFEATURES_BASIC;
	for (i = 2; i < 63; i++) {
		struct cpuid_regs f;

		if (!(offered & BIT_ULL(i)))
			continue;
		f = cpuid(0xd, i);
		if (f.eax + f.ebx <= PAGE_SIZE)
			host_xcr0 |= BIT_ULL(i);
	}
	host_xcr0 = hv_xcr0_offer(host_xcr0);
}

void fpu_cpu_init(void)
{
	xsetbv(0, host_xcr0);
}

bool fpu_takes_xcr0(u64 value)
{
	u64 present = xgetbv(0);
	bool taken = xsetbv_safe(value);

	xsetbv(0, present);
	return taken;
}

/* Guests write it natively.  RDTSCP reads it without an exit to an outer hypervisor. */
static void tsc_aux_save(struct vp *vp)
{
	if (has_rdtscp)
		vp->tsc_aux = rdtscp_aux();
}

static void tsc_aux_restore(struct vp *vp)
{
	if (has_rdtscp && rdtscp_aux() != vp->tsc_aux)
		wrmsr(MSR_TSC_AUX, vp->tsc_aux);
}

/* XSETBV always exits to an outer hypervisor, XGETBV does not. */
void fpu_save(struct vp *vp)
{
	tsc_aux_save(vp);
	vp->xcr0 = xgetbv(0);
	if (vp->xcr0 != host_xcr0)
		xsetbv(0, host_xcr0);
	__asm__ __volatile__("xsave64 %0" : "+m"(*vp->xsave)
			     : "a"(0xffffffff), "d"(0xffffffff) : "memory");
}

bool fpu_restore(struct vp *vp)
{
	tsc_aux_restore(vp);
	return xrstor_safe(vp->xsave) &&
	       (vp->xcr0 == host_xcr0 || xsetbv_safe(vp->xcr0));
}
