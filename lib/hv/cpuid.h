/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a guest may be told by CPUID.
 *
 * Model: a list of the bits and numbers that the hypervisor stands for.  A feature of
 * the processor is shown when it is in the list and works for a guest without help, one
 * of the hypervisor's own when it is in the list.  What is not in the list is zero,
 * whatever the processor or a VMM says, so that a feature which nothing here knows of
 * never reaches a guest.
 *
 * Words: a *feature* is a bit; *data* is any other value (a name, a cache's size), which
 * nothing can be wrong with.
 */
#ifndef _LIB_HV_CPUID_H
#define _LIB_HV_CPUID_H

#include <linux/types.h>

#include "xcr0.h"

enum { HV_CPUID_EAX, HV_CPUID_EBX, HV_CPUID_ECX, HV_CPUID_EDX, HV_CPUID_REGS };

/* The components of extended state that are switched whole, with all that goes with them. */
#define HV_CPUID_XCR0	(HV_XCR0_X87 | HV_XCR0_SSE | HV_XCR0_AVX | HV_XCR0_AVX512 | \
			 HV_XCR0_PKRU)

/**
 * struct hv_cpuid_source - where a guest's CPUID comes from
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

/* What the processor's leaf has that a guest may be told of. */
void hv_cpuid_offer(const struct hv_cpuid_source *s, __u32 leaf, __u32 sub, __u32 *r);

/* Takes out of a VMM's leaf what a guest must not be told. */
void hv_cpuid_limit(const struct hv_cpuid_source *s, __u32 leaf, __u32 sub, __u32 *r);

#endif
