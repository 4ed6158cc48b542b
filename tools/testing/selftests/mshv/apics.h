/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Local APICs of a few processors: their registers, and what they request.
 *
 * Model: an APIC is switched on by its VMM, and receives interrupts while its processor
 * does not run; what it has got is what it requests.
 */
#ifndef _MSHV_TEST_APICS_H
#define _MSHV_TEST_APICS_H

#include <hyperv/hv_register.h>

#include "testvm.h"

#define APIC_XAPIC	0xfee00800
#define APIC_X2APIC	0xfee00c00
#define APIC_BSP	0x100
#define REG_APIC(n)	(HV_X64_REGISTER_APIC_MSR_OFFSET + 0x800 + (n))
#define APIC_LDR	0xd
#define APIC_SVR	0xf
#define DM_INIT		(HV_X64_INTERRUPT_TYPE_INIT << 8)
#define VPS		3

static inline __u64 apic_get(struct tvm *t, unsigned int vp, __u32 name)
{
	__u64 value;

	return vmm_get_register(t->vp[vp], vp, name, &value) ? ~0ULL : value;
}

static inline int apic_set(struct tvm *t, unsigned int vp, __u32 name, __u64 value)
{
	return vmm_set_register(t->vp[vp], vp, name, value);
}

/* An APIC that is on, in the mode that this base says, and requests nothing. */
static inline int apic_on(struct tvm *t, unsigned int vp, __u64 base)
{
	int ret;

	base |= vp ? 0 : APIC_BSP;
	ret = apic_set(t, vp, HV_X64_REGISTER_APIC_BASE, base & APIC_BSP);
	ret = ret ?: apic_set(t, vp, HV_X64_REGISTER_APIC_BASE, base);
	return ret ?: apic_set(t, vp, REG_APIC(APIC_SVR), 0x1ff);
}

/* The set of processors that request this vector. */
static inline unsigned int requested(struct tvm *t, __u32 vector)
{
	unsigned int vp, set = 0;

	for (vp = 0; vp < VPS; vp++)
		if (t->vp[vp] >= 0 && (apic_get(t, vp, HV_X64_REGISTER_APIC_IRR0 + vector / 32) &
				       HV_BIT(vector % 32)))
			set |= HV_BIT(vp);
	return set;
}

/* Writes EDX:EAX to the MSR, and reports that. */
static const __u8 guest_wrmsr[] = {
	0x0f, 0x30, 0xba, 0xf8, 0x03, 0xb0, 0x01, OUT_AL,
};

/* Processor 0 writes its x2APIC's ICR, and must go on. */
static inline int apic_send(struct tvm *t, __u64 icr)
{
	const struct hv_register_assoc regs[] = {
		vmm_value(HV_X64_REGISTER_RCX, 0x830),
		vmm_value(HV_X64_REGISTER_RAX, (__u32)icr),
		vmm_value(HV_X64_REGISTER_RDX, icr >> 32),
	};
	__u64 value = 0;
	int ret;

	memcpy(t->memory + TVM_CODE, guest_wrmsr, sizeof(guest_wrmsr));
	ret = tvm_real_mode(t, 0, TVM_CODE);
	ret = ret ?: vmm_set_registers(t->vp[0], 0, regs, ARRAY_SIZE(regs));
	ret = ret ?: tvm_next_out(t, 0, &value);
	return ret ?: value == 1 ? 0 : -ERANGE;
}

#endif
