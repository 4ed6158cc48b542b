// SPDX-License-Identifier: GPL-2.0
/*
 * The platform glue on a kernel that has booted as root partition.
 *
 * See glue.h for the model.  Include nothing from <hyperv/...> here.
 */
#include <linux/cpufeature.h>
#include <linux/hvr_glue.h>
#include <linux/kprobes.h>
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

const char *hvr_why_not_root(void)
{
	if (!hypervisor_is_type(X86_HYPER_MS_HYPERV))
		return "no Microsoft hypervisor underneath";
	if (!(ms_hyperv.priv_high & GLUE_EBX_CREATE_PARTITIONS))
		return "no right to create partitions (CPUID 0x40000003 EBX bit 0)";
	if (!(ms_hyperv.priv_high & GLUE_EBX_CPU_MANAGEMENT))
		return "not the root partition (CPUID 0x40000003 EBX bit 12)";
	if (!COMPAT_CAN_BE_ROOT)
		return "this kernel cannot be a root partition, CONFIG_MSHV_ROOT is off";
	if (!hv_is_hyperv_initialized())
		return "the kernel has not set up hypercalls";
	if (!(ms_hyperv.priv_high & GLUE_EBX_MEMORY_POOL))
		return "no right to deposit memory (CPUID 0x40000003 EBX bit 2)";
	if (!(ms_hyperv.features & GLUE_EAX_SYNIC))
		return "no synthetic interrupt controller (CPUID 0x40000003 EAX bit 2)";
	if (!compat_hv_root())
		return "the kernel did not boot as root partition";
	/* It has not been tried, and VMBus uses the slot of a kernel that has only one. */
	if (compat_hv_nested())
		return "a root partition nested in another one is not supported";
	return NULL;
}
EXPORT_SYMBOL_NS_GPL(hvr_why_not_root, HVR_NS);

/* RCU may not be watching, see hvr_block_guest(). */
u64 notrace hvr_glue_hypercall(u64 control, const void *input, void *output)
{
	return hv_do_hypercall(control, (void *)input, output);
}
EXPORT_SYMBOL_NS_GPL(hvr_glue_hypercall, HVR_NS);
NOKPROBE_SYMBOL(hvr_glue_hypercall);

u64 hvr_glue_hypercall_fast8(u16 code, u64 input)
{
	return hv_do_fast_hypercall8(code, input);
}
EXPORT_SYMBOL_NS_GPL(hvr_glue_hypercall_fast8, HVR_NS);

u64 hvr_glue_hypercall_fast16(u16 code, u64 input1, u64 input2)
{
	return hv_do_fast_hypercall16(code, input1, input2);
}
EXPORT_SYMBOL_NS_GPL(hvr_glue_hypercall_fast16, HVR_NS);

u8 hvr_callback_vector(void)
{
	return HYPERVISOR_CALLBACK_VECTOR;
}
EXPORT_SYMBOL_NS_GPL(hvr_callback_vector, HVR_NS);

u64 hvr_partition_id(void)
{
	return hv_current_partition_id;
}
EXPORT_SYMBOL_NS_GPL(hvr_partition_id, HVR_NS);

u32 hvr_vp_index(unsigned int cpu)
{
	return hv_vp_index[cpu];
}
EXPORT_SYMBOL_NS_GPL(hvr_vp_index, HVR_NS);
