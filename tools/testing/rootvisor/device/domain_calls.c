// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls about device domains, and what CPUID and system properties say of them.
 *
 * They are offered where DMA is remapped, unless option "domains=off" hides them; a call
 * that is not offered does not exist.  domain.c has the model.
 *
 * Not offered: stage 1 domains, SOC domains, large pages, read-back, reservations, and
 * pages for other partitions (AttachDevice, DetachDevice).
 */
#include <hyperv/hv_cpuid.h>
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_iommu.h>
#include <hyperv/hv_memory.h>
#include <hyperv/hv_status.h>
#include <rv/call.h>
#include <rv/options.h>
#include <rv/unit.h>
#include "dma.h"
#include "domain.h"
#include "domain_calls.h"
#include "pci.h"
#include "remap.h"

#define PRIVILEGE_CPU		44
#define CREATE_FLAGS		(HV_CREATE_DEVICE_DOMAIN_FORWARD_PROGRESS | \
				 HV_CREATE_DEVICE_DOMAIN_INHERIT_VTL)
#define MAP_FLAGS		(HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)

bool domains_offered(void)
{
	return dma_hw && !options.domains_off;
}

static bool capabilities_offered(void)
{
	return domains_offered() && !(options.domains & DOMAINS_NO_CALL);
}

static u16 check_owner(const struct hv_call *call, u64 partition)
{
	return partition == HV_PARTITION_ID_SELF || partition == call->vp->partition->id ?
		HV_STATUS_SUCCESS : HV_STATUS_INVALID_PARTITION_ID;
}

/* There is one level. */
static bool vtl_ok(u8 vtl)
{
	return !(vtl & HV_INPUT_VTL_RESERVED) && !(vtl & HV_INPUT_VTL_TARGET_MASK);
}

static u16 check_header(const struct hv_call *call, const struct hv_input_device_domain *h,
			u32 *number)
{
	u16 status = check_owner(call, h->partition_id);
	u32 i;

	if (status)
		return status;
	if (!vtl_ok(h->owner_vtl) || (h->domain_id & HV_DEVICE_DOMAIN_RESERVED) ||
	    (h->domain_id & HV_DEVICE_DOMAIN_TYPE_MASK) != HV_DEVICE_DOMAIN_TYPE_S2)
		return HV_STATUS_INVALID_PARAMETER;
	for (i = 0; i < sizeof(h->padding); i++)
		if (h->padding[i])
			return HV_STATUS_INVALID_PARAMETER;
	*number = (u32)(h->domain_id >> HV_DEVICE_DOMAIN_ID_SHIFT);
	return HV_STATUS_SUCCESS;
}

static u16 create(struct hv_call *call)
{
	const struct hv_input_create_device_domain *in = call->in;
	u32 number;
	u16 status = check_header(call, &in->device_domain, &number);

	if (status)
		return status;
	if (in->create_device_domain_flags & ~CREATE_FLAGS)
		return HV_STATUS_INVALID_PARAMETER;
	return domain_create(number);
}

HYPERCALL(create_device_domain, .code = HVCALL_CREATE_DEVICE_DOMAIN,
	  .in = sizeof(struct hv_input_create_device_domain),
	  .privilege = PRIVILEGE_CPU, .offered = domains_offered, .fn = create);

static u16 delete(struct hv_call *call)
{
	const struct hv_input_delete_device_domain *in = call->in;
	u32 number;
	u16 status = check_header(call, &in->device_domain, &number);

	return status ?: domain_delete(number, &call->again);
}

HYPERCALL(delete_device_domain, .code = HVCALL_DELETE_DEVICE_DOMAIN,
	  .in = sizeof(struct hv_input_delete_device_domain),
	  .privilege = PRIVILEGE_CPU, .offered = domains_offered, .fn = delete);

static u16 attach(struct hv_call *call)
{
	const struct hv_input_attach_device_domain *in = call->in;
	u32 number;
	u16 status = check_header(call, &in->device_domain, &number), rid;

	if (status)
		return status;
	if (!pci_device(in->device_id, dma_hw->segment, &rid))
		return HV_STATUS_INVALID_DEVICE_ID;
	return domain_attach(number, rid);
}

HYPERCALL(attach_device_domain, .code = HVCALL_ATTACH_DEVICE_DOMAIN,
	  .in = sizeof(struct hv_input_attach_device_domain),
	  .privilege = PRIVILEGE_CPU, .offered = domains_offered, .fn = attach);

static u16 detach(struct hv_call *call)
{
	const struct hv_input_detach_device_domain *in = call->in;
	u16 status = check_owner(call, in->partition_id), rid;

	if (status)
		return status;
	if (!pci_device(in->device_id, dma_hw->segment, &rid))
		return HV_STATUS_INVALID_DEVICE_ID;
	return domain_detach(rid);
}

HYPERCALL(detach_device_domain, .code = HVCALL_DETACH_DEVICE_DOMAIN,
	  .in = sizeof(struct hv_input_detach_device_domain),
	  .privilege = PRIVILEGE_CPU, .offered = domains_offered, .fn = detach);

/* The domain of a call that maps or unmaps; the fixed ones cannot be changed. */
static struct domain *changeable(u32 number, u16 *status)
{
	struct domain *d = domain_find(number);

	if (!d)
		*status = domain_is_fixed(number) ? HV_STATUS_OPERATION_DENIED :
						    HV_STATUS_INVALID_PARAMETER;
	return d;
}

static u64 rights_of(u32 flags)
{
	return (flags & HV_MAP_GPA_READABLE ? IOPT_READ : 0) |
	       (flags & HV_MAP_GPA_WRITABLE ? IOPT_WRITE : 0);
}

static u16 check_map(const struct hv_input_map_device_gpa_pages *in)
{
	if (!vtl_ok(in->target_vtl) || in->padding[0] || in->padding[1] || in->padding[2] ||
	    (in->map_flags & ~MAP_FLAGS) || !(in->map_flags & MAP_FLAGS) ||
	    (in->target_device_va_base & ~PAGE_MASK))
		return HV_STATUS_INVALID_PARAMETER;
	return HV_STATUS_SUCCESS;
}

static u16 map(struct hv_call *call)
{
	const struct hv_input_map_device_gpa_pages *in = call->in;
	const u64 *list = call_list(call);
	struct domain *d;
	u32 number;
	u16 status = check_header(call, &in->device_domain, &number) ?: check_map(in);

	if (status)
		return status;
	d = changeable(number, &status);
	if (!d)
		return status;
	for (; rep_more(call); call->done++) {
		status = domain_map(d, (in->target_device_va_base >> PAGE_SHIFT) + call->done,
				    list[call->done], rights_of(in->map_flags));
		if (status)
			break;
	}
	domain_settle(d);
	return status;
}

HYPERCALL(map_device_gpa_pages, .code = HVCALL_MAP_DEVICE_GPA_PAGES, .flags = CALL_REP,
	  .in = sizeof(struct hv_input_map_device_gpa_pages), .rep_in = 8,
	  .privilege = PRIVILEGE_CPU, .offered = domains_offered, .fn = map);

static u16 unmap(struct hv_call *call)
{
	const struct hv_input_unmap_device_gpa_pages *in = call->in;
	struct domain *d;
	u32 number;
	u16 status = check_header(call, &in->device_domain, &number);

	if (status)
		return status;
	if (in->target_device_va_base & ~PAGE_MASK)
		return HV_STATUS_INVALID_PARAMETER;
	d = changeable(number, &status);
	if (!d)
		return status;
	for (; rep_more(call); call->done++) {
		status = domain_unmap(d, (in->target_device_va_base >> PAGE_SHIFT) + call->done);
		if (status)
			break;
	}
	domain_settle(d);
	return status;
}

HYPERCALL(unmap_device_gpa_pages, .code = HVCALL_UNMAP_DEVICE_GPA_PAGES, .flags = CALL_REP,
	  .in = sizeof(struct hv_input_unmap_device_gpa_pages),
	  .privilege = PRIVILEGE_CPU, .offered = domains_offered, .fn = unmap);

static u16 capabilities(struct hv_call *call)
{
	const struct hv_input_get_iommu_capabilities *in = call->in;
	struct hv_output_get_iommu_capabilities *out = call->out;
	u16 status = check_owner(call, in->partition_id);

	if (status)
		return status;
	if (in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	out->size = sizeof(*out);
	out->max_iova_width = (u8)dma_hw->width;
	out->iommu_cap = HV_IOMMU_CAP_PRESENT | HV_IOMMU_CAP_S2;
	out->pgsize_bitmap = PAGE_SIZE;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(get_iommu_capabilities, .code = HVCALL_GET_IOMMU_CAPABILITIES,
	  .in = sizeof(struct hv_input_get_iommu_capabilities),
	  .out = sizeof(struct hv_output_get_iommu_capabilities),
	  .privilege = PRIVILEGE_CPU, .offered = capabilities_offered, .fn = capabilities);

static void features(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	if (domains_offered())
		r->edx |= HV_DEVICE_DOMAIN_AVAILABLE;
}

CPUID_UNIT(domain_features, .first = HYPERV_CPUID_FEATURES, .last = HYPERV_CPUID_FEATURES,
	   .who = MSR_ROOT, .fill = features);

static void hardware(struct vp *vp, u32 leaf, u32 sub, struct cpuid_regs *r)
{
	if (remap_active())
		r->eax |= HV_HW_INTERRUPT_REMAPPING;
	if (dma_hw)
		r->eax |= HV_HW_DMA_REMAPPING | HV_HW_DMA_PROTECTION;
	if (domains_offered())
		r->ebx |= dma_hw->width;
}

CPUID_UNIT(domain_hardware, .first = HYPERV_CPUID_HARDWARE_FEATURES,
	   .last = HYPERV_CPUID_HARDWARE_FEATURES, .who = MSR_ROOT, .fill = hardware);
