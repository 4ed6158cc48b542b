// SPDX-License-Identifier: GPL-2.0
/*
 * Linear addresses of a VP: translation for the hypervisor's own reads, instruction
 * bytes, and the VMM's translation hypercalls.
 */
#include <hv/pagewalk.h>
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_memory.h>
#include <hyperv/hv_status.h>
#include <hyperv/hv_vp.h>
#include <rv/call.h>
#include <rv/unit.h>
#include "child.h"
#include "gva.h"

#define PA_BITS_LEAF	0x80000008u

static int read_entry(void *opaque, u64 gpa, u32 size, u64 *entry)
{
	struct partition *p = opaque;
	u64 leaf;
	int level;

	*entry = 0;
	if (gpa_read(p, gpa, entry, size))
		return 0;
	return npt_lookup(p, gpa >> PAGE_SHIFT, &leaf, &level) ?
		HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS : HV_TRANSLATE_GVA_GPA_UNMAPPED;
}

static int exchange_entry(void *opaque, u64 gpa, u32 size, u64 old, u64 new)
{
	struct partition *p = opaque;
	u8 *page = gpa_page(p, gpa >> PAGE_SHIFT, true);
	void *at = page + (gpa & ~PAGE_MASK);
	bool done;

	if (!page)
		return HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS;
	if (size == 4) {
		u32 expected = old;

		done = __atomic_compare_exchange_n((u32 *)at, &expected, (u32)new,
						   false, __ATOMIC_SEQ_CST,
						   __ATOMIC_SEQ_CST);
	} else {
		done = __atomic_compare_exchange_n((u64 *)at, &old, new, false,
						   __ATOMIC_SEQ_CST,
						   __ATOMIC_SEQ_CST);
	}
	return done ? 0 : HV_WALK_CHANGED;
}

static void walk(struct vp *vp, u64 gva, u32 access, struct hv_walk_result *result)
{
	struct cpu_state *cpu = vp->cpu;
	struct hv_walk w = {
		.cr0 = cpu->cr0,
		.cr3 = cpu->cr3,
		.cr4 = cpu->cr4,
		.efer = cpu->efer,
		.rflags = cpu->rflags,
		.physical_bits = cpuid(PA_BITS_LEAF, 0).eax & 0xff,
		.read = read_entry,
		.exchange = exchange_entry,
		.opaque = vp->partition,
	};

	hv_walk(&w, gva, access, result);
}

bool gva_translate(struct vp *vp, u64 gva, u32 access, u64 *gpa, struct gva_fault *fault)
{
	struct hv_walk_result result;
	u32 how = vp->cpu->cpl == 3 ? HV_WALK_USER : 0;

	if (access & GVA_SYSTEM)
		how = HV_WALK_IMPLICIT;
	if (access & GVA_WRITE)
		how |= HV_WALK_WRITE;
	if (access & GVA_FETCH)
		how |= HV_WALK_FETCH;
	if (access & GVA_MARK)
		how |= HV_WALK_SET_BITS;
	walk(vp, gva, how, &result);
	*gpa = result.gpa;
	*fault = (struct gva_fault){ result.vector, result.error_code, gva };
	return result.code == HV_TRANSLATE_GVA_SUCCESS;
}

bool gva_to_gpa(struct vp *vp, u64 gva, u32 access, u64 *gpa)
{
	struct gva_fault fault;

	return gva_translate(vp, gva, access, gpa, &fault);
}

u32 gva_read(struct vp *vp, u64 gva, void *to, u32 len, u32 access)
{
	u32 done = 0;

	while (done < len) {
		u32 part = MIN((u64)(len - done), PAGE_SIZE - (gva & ~PAGE_MASK));
		u64 gpa;

		if (!gva_to_gpa(vp, gva, access, &gpa) ||
		    !gpa_read(vp->partition, gpa, (u8 *)to + done, part))
			break;
		done += part;
		gva += part;
	}
	return done;
}

u32 insn_fetch(struct vp *vp, u8 *bytes)
{
	struct cpu_state *cpu = vp->cpu;
	u64 gva = cpu->rip;

	/* Outside 64-bit mode the code segment has a base and wraps at 4 GiB. */
	if (!(cpu->efer & EFER_LMA) || !(cpu->cs.attrib & 0x200))
		gva = (u32)(gva + cpu->cs.base);
	return gva_read(vp, gva, bytes, MAX_INSN_BYTES, GVA_FETCH);
}

/* ---- the VMM's hypercalls ------------------------------------------------------- */

static u8 cache_type(const struct hv_walk_result *result)
{
	if (result->cache_bits & 2)
		return HV_CACHE_TYPE_UNCACHED;
	return result->cache_bits & 1 ? HV_CACHE_TYPE_WRITE_THROUGH :
					HV_CACHE_TYPE_WRITE_BACK;
}

static u16 translate(struct hv_call *call, struct hv_walk_result *result)
{
	struct hv_input_translate_virtual_address *in = call->in;
	u64 flags = in->control_flags;
	struct vp *vp;
	u64 entry;
	int level;
	u16 status;

	vp = child_target(call, in->partition_id, in->vp_index, &status);
	if (!vp)
		return status;
	if (flags >> HV_TRANSLATE_GVA_INPUT_VTL_SHIFT & HV_INPUT_VTL_TARGET_MASK)
		return HV_STATUS_INVALID_VTL_STATE;
	flags &= ~(0x1full << HV_TRANSLATE_GVA_INPUT_VTL_SHIFT);
	if ((flags & ~HV_TRANSLATE_GVA_DEFINED_MASK) ||
	    !(flags & HV_TRANSLATE_GVA_ACCESS_MASK))
		return HV_STATUS_INVALID_PARAMETER;
	vp_state(vp);
	walk(vp, in->gva_page << PAGE_SHIFT,
	     hv_walk_access_from_control(flags, vp->cpu->cpl), result);
	if (result->code != HV_TRANSLATE_GVA_SUCCESS)
		return HV_STATUS_SUCCESS;
	if (!npt_lookup(vp->partition, result->gpa >> PAGE_SHIFT, &entry, &level))
		result->code = HV_TRANSLATE_GVA_GPA_UNMAPPED;
	else if (!npt_present(entry))
		result->code = HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS;
	else if ((flags & HV_TRANSLATE_GVA_VALIDATE_WRITE) && !npt_writable(entry))
		result->code = HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS;
	return HV_STATUS_SUCCESS;
}

static u16 translate_va(struct hv_call *call)
{
	struct hv_output_translate_virtual_address *out = call->out;
	struct hv_walk_result result = {};
	u16 status = translate(call, &result);

	if (status)
		return status;
	out->result_code = result.code;
	out->cache_type = cache_type(&result);
	if (result.code == HV_TRANSLATE_GVA_SUCCESS)
		out->gpa_page = result.gpa >> PAGE_SHIFT;
	return HV_STATUS_SUCCESS;
}

HYPERCALL(translate_virtual_address, .code = HVCALL_TRANSLATE_VIRTUAL_ADDRESS,
	  .in = sizeof(struct hv_input_translate_virtual_address),
	  .out = sizeof(struct hv_output_translate_virtual_address),
	  .privilege = -1, .fn = translate_va);

static u16 translate_va_ex(struct hv_call *call)
{
	struct hv_output_translate_virtual_address_ex *out = call->out;
	struct hv_walk_result result = {};
	u16 status = translate(call, &result);
	u64 *event = (u64 *)out->event_info;

	if (status)
		return status;
	out->result_code = result.code;
	out->cache_type = cache_type(&result);
	if (result.code == HV_TRANSLATE_GVA_SUCCESS) {
		out->gpa_page = result.gpa >> PAGE_SHIFT;
	} else if (result.vector) {
		struct hv_input_translate_virtual_address *in = call->in;

		event[0] = HV_PENDING_EVENT_PENDING |
			   HV_PENDING_EXCEPTION_DELIVER_ERROR |
			   (u64)result.vector << HV_PENDING_EXCEPTION_VECTOR_SHIFT |
			   (u64)result.error_code << HV_PENDING_EXCEPTION_ERROR_SHIFT;
		event[1] = in->gva_page << PAGE_SHIFT;
	}
	return HV_STATUS_SUCCESS;
}

HYPERCALL(translate_virtual_address_ex,
	  .code = HVCALL_TRANSLATE_VIRTUAL_ADDRESS_EX,
	  .in = sizeof(struct hv_input_translate_virtual_address),
	  .out = sizeof(struct hv_output_translate_virtual_address_ex),
	  .privilege = -1, .fn = translate_va_ex);

static u16 access_gpa(struct hv_call *call, struct hv_input_read_gpa *in,
		      void *data, bool write, u32 *code)
{
	struct partition *p;
	struct vp *vp;
	u64 entry;
	int level;
	u16 status;

	vp = child_target(call, in->partition_id, in->vp_index, &status);
	if (!vp)
		return status;
	if (!in->byte_count || in->byte_count > HV_READ_WRITE_GPA_MAX_BYTES ||
	    (in->base_gpa & ~PAGE_MASK) + in->byte_count > PAGE_SIZE ||
	    in->control_flags >> 8)
		return HV_STATUS_INVALID_PARAMETER;
	p = vp->partition;
	*code = HV_ACCESS_GPA_UNMAPPED;
	if (!npt_lookup(p, in->base_gpa >> PAGE_SHIFT, &entry, &level))
		return HV_STATUS_SUCCESS;
	*code = write ? HV_ACCESS_GPA_WRITE_INTERCEPT :
			HV_ACCESS_GPA_READ_INTERCEPT;
	if (write ? gpa_write(p, in->base_gpa, data, in->byte_count) :
		    gpa_read(p, in->base_gpa, data, in->byte_count))
		*code = HV_ACCESS_GPA_SUCCESS;
	return HV_STATUS_SUCCESS;
}

static u16 read_gpa(struct hv_call *call)
{
	struct hv_output_read_gpa *out = call->out;

	return access_gpa(call, call->in, out->data, false, &out->result_code);
}

HYPERCALL(read_gpa, .code = HVCALL_READ_GPA,
	  .in = sizeof(struct hv_input_read_gpa),
	  .out = sizeof(struct hv_output_read_gpa), .privilege = -1,
	  .fn = read_gpa);

static u16 write_gpa(struct hv_call *call)
{
	struct hv_input_write_gpa *in = call->in;
	struct hv_output_write_gpa *out = call->out;

	return access_gpa(call, call->in, in->data, true, &out->result_code);
}

HYPERCALL(write_gpa, .code = HVCALL_WRITE_GPA,
	  .in = sizeof(struct hv_input_write_gpa),
	  .out = sizeof(struct hv_output_write_gpa), .privilege = -1,
	  .fn = write_gpa);
