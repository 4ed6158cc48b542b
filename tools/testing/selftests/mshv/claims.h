/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs about the table of claims share. */
#ifndef _MSHV_TEST_CLAIMS_H
#define _MSHV_TEST_CLAIMS_H

#include <hyperv/hv_intercept.h>
#include <hyperv/hv_vp.h>

#include "harness.h"

/* A partition with all synthetic features that exist, and a processor. */
static inline int claims_start(struct tvm *t, __u64 flags)
{
	int ret = tvm_create(t, flags);

	if (!ret)
		ret = vmm_set_property(t->part,
				       HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES, ~0ULL);
	if (!ret)
		ret = vmm_initialize(t->part);
	if (!ret)
		ret = tvm_memory(t);
	return ret ? ret : tvm_vp(t, 0);
}

static inline int intercept_status(int part, __u32 type, __u32 access, __u64 parameter)
{
	struct hv_input_install_intercept in = {
		.access_type = access, .intercept_type = type,
		.intercept_parameter.as_uint64 = parameter,
	};
	struct vmm_call call = {
		.code = HVCALL_INSTALL_INTERCEPT, .in = &in, .in_size = sizeof(in),
	};

	vmm_hvcall(part, &call);
	return call.status;
}

static inline int leaf_of(struct tvm *t, __u32 leaf, __u32 sub, __u32 *regs)
{
	struct {
		struct hv_input_get_vp_cpuid_values head;
		struct hv_cpuid_leaf_info info;
	} in = { .info = { .eax = leaf, .ecx = sub, .xfem = 1 } };
	struct vmm_call call = {
		.code = HVCALL_GET_VP_CPUID_VALUES, .reps = 1,
		.in = &in, .in_size = sizeof(in), .out = regs, .out_size = 16,
	};

	return vmm_hvcall(t->vp[0], &call);
}

/* Reads the MSR in ecx and writes to a port. */
static const __u8 guest_reads[] = {
	0x0f, 0x32,			/* rdmsr */
	0xba, 0xf8, 0x03,		/* mov dx, 0x3f8 */
	0xb0, 0x01, OUT_AL,
	0xeb, 0xfe,
};

#endif
