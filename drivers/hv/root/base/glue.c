// SPDX-License-Identifier: GPL-2.0
/*
 * The platform glue on a stock kernel that has booted as root partition.
 *
 * See glue.h for the model.  Include nothing from <hyperv/...> here.
 */
#include <linux/cpufeature.h>
#include <linux/export.h>
#include <asm/hypervisor.h>
#include <asm/irq_vectors.h>
#include <asm/mshyperv.h>

#include "compat.h"
#include "glue.h"

/* Privileges of CPUID leaf 0x40000003; some kernels lack names for them. */
#define GLUE_EAX_SYNIC			BIT(2)
#define GLUE_EBX_CREATE_PARTITIONS	BIT(0)
#define GLUE_EBX_MEMORY_POOL		BIT(2)
#define GLUE_EBX_CPU_MANAGEMENT		BIT(12)

const char *glue_why_not_root(void)
{
	if (!hypervisor_is_type(X86_HYPER_MS_HYPERV))
		return "no Microsoft hypervisor underneath";
	if (!hv_is_hyperv_initialized())
		return "the kernel has not set up hypercalls";
	if (!(ms_hyperv.priv_high & GLUE_EBX_CREATE_PARTITIONS))
		return "no right to create partitions (CPUID 0x40000003 EBX bit 0)";
	if (!(ms_hyperv.priv_high & GLUE_EBX_CPU_MANAGEMENT))
		return "not the root partition (CPUID 0x40000003 EBX bit 12)";
	if (!(ms_hyperv.priv_high & GLUE_EBX_MEMORY_POOL))
		return "no right to deposit memory (CPUID 0x40000003 EBX bit 2)";
	if (!(ms_hyperv.features & GLUE_EAX_SYNIC))
		return "no synthetic interrupt controller (CPUID 0x40000003 EAX bit 2)";
	if (!hv_root_partition)
		return "the kernel did not boot as root partition";
	/* VMBus holds the only callback slot then. */
	if (compat_hv_nested())
		return "a root partition nested in another one is not supported";
	return NULL;
}
EXPORT_SYMBOL_GPL(glue_why_not_root);

u64 glue_hypercall(u64 control, void *input, void *output)
{
	return hv_do_hypercall(control, input, output);
}
EXPORT_SYMBOL_GPL(glue_hypercall);

u64 glue_hypercall_fast8(u16 code, u64 input)
{
	return hv_do_fast_hypercall8(code, input);
}
EXPORT_SYMBOL_GPL(glue_hypercall_fast8);

u64 glue_hypercall_fast16(u16 code, u64 input1, u64 input2)
{
	return hv_do_fast_hypercall16(code, input1, input2);
}
EXPORT_SYMBOL_GPL(glue_hypercall_fast16);

u8 glue_callback_vector(void)
{
	return HYPERVISOR_CALLBACK_VECTOR;
}
EXPORT_SYMBOL_GPL(glue_callback_vector);

u64 glue_partition_id(void)
{
	return hv_current_partition_id;
}
EXPORT_SYMBOL_GPL(glue_partition_id);

u32 glue_vp_index(unsigned int cpu)
{
	return hv_vp_index[cpu];
}
