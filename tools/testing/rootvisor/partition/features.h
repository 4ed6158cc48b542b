/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processor feature banks (HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0 and 1) and
 * synthetic features (..._SYNTHETIC_PROC_FEATURES); TLFS, "Partition Properties".
 */
#ifndef _RV_FEATURES_H
#define _RV_FEATURES_H

#include <rv/base.h>

/* A bit is set if the host has the feature and can offer it to a child. */
u64 host_features(u32 bank);
u64 host_xsave_features(void);
u64 host_xsave_states(void);	/* XCR0 bits */
u64 host_xsave_size(void);	/* size of the compacted area with all of them */

/* Available synthetic features; the same as CPUID 0x40000003 EBX:EAX. */
u64 assignable_features(void);
u64 synthetic_privileges(u64 features);

#endif
