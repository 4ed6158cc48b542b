// SPDX-License-Identifier: GPL-2.0
/*
 * Intercept messages to the root.
 *
 * Model: the message goes into the VP's intercept page, and the VP is suspended until the
 * root resumes it.  Under the classic scheduler an opaque message tells the root VP of
 * the current LP to check the page; without intercept pages the message itself is sent.
 */
#include <hyperv/hv_hypercall.h>
#include <hyperv/hv_message.h>
#include <hyperv/hv_partition.h>
#include <hyperv/hv_register.h>
#include <hyperv/hv_status.h>
#include <hyperv/hv_vp.h>
#include <rv/count.h>
#include <rv/sched.h>
#include "child.h"
#include "intercept.h"
#include "step.h"

/* Without a task QEMU crashes when its stack is needed; processors always have one. */
bool task_valid(const struct hv_x64_segment_register *tr)
{
	return tr->attributes & HV_X64_SEGMENT_PRESENT;
}

static void fill_header(struct vp *vp, struct hv_x64_intercept_message_header *h,
			u8 access, u8 insn_len)
{
	struct cpu_state *cpu = vp->cpu;
	u16 state = cpu->cpl;

	if (cpu->cr0 & CR0_PE)
		state |= HV_X64_EXECUTION_CR0_PE;
	if (cpu->cr0 & CR0_AM)
		state |= HV_X64_EXECUTION_CR0_AM;
	if (cpu->efer & EFER_LMA)
		state |= HV_X64_EXECUTION_EFER_LMA;
	if (cpu->dr7 & 0xff)
		state |= HV_X64_EXECUTION_DEBUG_ACTIVE;
	if (vp->entry.event.type)
		state |= HV_X64_EXECUTION_INTERRUPTION_PENDING;
	if (cpu->shadow & 1)
		state |= HV_X64_EXECUTION_INTERRUPT_SHADOW;
	h->vp_index = vp->index;
	h->instruction_length_cr8 = (insn_len & HV_X64_INTERCEPT_LENGTH_MASK) |
		(child_of(vp)->vapic.tpr >> 4) << HV_X64_INTERCEPT_CR8_SHIFT;
	h->intercept_access_type = access;
	h->execution_state = state;
	segment_get(&cpu->cs, &h->cs_segment);
	h->rip = cpu->rip;
	h->rflags = cpu->rflags;
}

static bool uses_page(struct partition *p)
{
	return p->flags & HV_PARTITION_CREATION_FLAG_INTERCEPT_MESSAGE_PAGE_ENABLED;
}

static void report_to_root(struct vp *vp, const struct hv_message *message)
{
	struct hv_opaque_intercept_message opaque = { .vp_index = vp->index };
	struct vp *root = synic_listener(vp->lp);
	u64 id = vp->partition->id;

	if (uses_page(vp->partition)) {
		if (!sched_is_root)
			synic_post(root, HV_SYNIC_INTERCEPTION_SINT_INDEX,
				   HVMSG_OPAQUE_INTERCEPT, id, &opaque,
				   sizeof(opaque));
		return;
	}
	synic_post(root, HV_SYNIC_INTERCEPTION_SINT_INDEX,
		   message->header.message_type, id, message->u.bytes,
		   message->header.payload_size);
}

void intercept_send_raw(struct vp *vp, u32 type, const void *payload, u32 len)
{
	struct child *child = child_of(vp);
	struct hv_message *message = (void *)child->intercept_page;

	message->header = (struct hv_message_header){
		.message_type = HVMSG_NONE,
		.payload_size = len,
		.sender = vp->partition->id,
	};
	memcpy(message->u.bytes, payload, len);
	memset(message->u.bytes + len, 0, sizeof(message->u) - len);
	smp_mb();
	WRITE_ONCE(message->header.message_type, type);
	child->intercept_suspend = true;
	count(RV_COUNT_CHILD_INTERCEPTS);
	child->messages++;
	log_trace("child %llu VP %u: message 0x%x at rip 0x%llx",
		  (unsigned long long)vp->partition->id, vp->index, type,
		  (unsigned long long)vp->cpu->rip);
	sched_stop(vp, STOP_INTERCEPT);
	report_to_root(vp, message);
}

static bool executed_by_vmm(u32 type)
{
	return type == HVMSG_X64_IO_PORT_INTERCEPT || type == HVMSG_X64_MSR_INTERCEPT ||
	       type == HVMSG_X64_CPUID_INTERCEPT || type == HVMSG_UNMAPPED_GPA ||
	       type == HVMSG_GPA_INTERCEPT || type == HVMSG_HYPERCALL_INTERCEPT;
}

void intercept_send(struct vp *vp, u32 type, void *payload, u32 len, u8 access,
		    u8 insn_len)
{
	fill_header(vp, payload, access, insn_len);
	if (executed_by_vmm(type))
		step_reported(vp);
	intercept_send_raw(vp, type, payload, len);
}
