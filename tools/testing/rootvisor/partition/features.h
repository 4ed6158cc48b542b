/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processor feature banks (HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0 and 1) and
 * synthetic features (..._SYNTHETIC_PROC_FEATURES); TLFS, "Partition Properties".
 */
#ifndef _RV_FEATURES_H
#define _RV_FEATURES_H

#include <rv/base.h>

/*
 * A bit is set if the host has the feature and can offer it to a child that may enable
 * these states, of XCR0.
 */
u64 host_features(u32 bank, u64 states);
u64 host_xsave_features(u64 states);
u64 host_xsave_size(u64 states);	/* of the compacted area with these */

/* Available synthetic features; the same as CPUID 0x40000003 EBX:EAX. */
u64 assignable_features(void);
u64 synthetic_privileges(u64 features);

#endif
