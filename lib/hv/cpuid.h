/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What CPUID may show to a guest.
 *
 * Model: a list of the bits and values that the hypervisor supports.  A feature of
 * the processor is shown if it is in the list and works for a guest without help, a
 * feature of the hypervisor if it is in the list.  What is not in the list is zero,
 * whatever the processor or a VMM says, so that an unknown feature never reaches a
 * guest.
 *
 * Words: a *feature* is a bit; *data* is any other value (a name, a cache's size),
 * which cannot be wrong.
 */
#ifndef _LIB_HV_CPUID_H
#define _LIB_HV_CPUID_H

#include <linux/types.h>

#include "xcr0.h"

enum { HV_CPUID_EAX, HV_CPUID_EBX, HV_CPUID_ECX, HV_CPUID_EDX, HV_CPUID_REGS };

/* The components of extended state that are switched completely. */
#define HV_CPUID_XCR0	(HV_XCR0_X87 | HV_XCR0_SSE | HV_XCR0_AVX | HV_XCR0_AVX512 | \
			 HV_XCR0_PKRU)

/**
 * struct hv_cpuid_source - source of a guest's CPUID
 * @processor: the processor's own answer
 * @context: for @processor
 * @xcr0: the components offered to this guest, of HV_CPUID_XCR0; 0: no XSAVE
 * @xcr0_now: the components enabled now
 */
struct hv_cpuid_source {
	void (*processor)(const void *context, __u32 leaf, __u32 sub, __u32 *r);
	const void *context;
	__u64 xcr0, xcr0_now;
};

/* What of the processor's leaf may be shown to a guest. */
void hv_cpuid_offer(const struct hv_cpuid_source *s, __u32 leaf, __u32 sub, __u32 *r);

/* Remove from a VMM's leaf what must not be shown to a guest. */
void hv_cpuid_limit(const struct hv_cpuid_source *s, __u32 leaf, __u32 sub, __u32 *r);

#endif
